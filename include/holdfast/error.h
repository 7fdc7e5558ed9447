/*
 * error.h - result codes of calls, and reason codes inside reports.
 *
 * Calls return 0 (or a count) on success and one of the negative codes below otherwise. Reasons are
 * what the engine answers: they come in the `reason` field of HF_REPORT_REJECTED and
 * HF_REPORT_CANCELLED, never as the result of a call.
 */
#ifndef HOLDFAST_ERROR_H
#define HOLDFAST_ERROR_H

#include <holdfast/units.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Number, name, text: one table, from which the enum and hf_strerror() are made. */
#define HF_ERRORS(X)                                                                               \
    X(0, HF_OK, "success")                                                                         \
    X(-1, HF_AGAIN, "no room or nothing there now; try again")                                     \
    X(-2, HF_TIMEOUT, "the time given has passed")                                                 \
    X(-3, HF_E_ARGUMENT, "an argument is out of its range")                                        \
    X(-4, HF_E_VERSION, "the other side speaks another protocol version")                          \
    X(-5, HF_E_DENIED, "this user is not allowed to do that")                                      \
    X(-6, HF_E_BUSY, "somebody else holds it and is alive")                                        \
    X(-7, HF_E_NO_DAEMON, "no daemon answers for this instance")                                   \
    X(-8, HF_E_STUCK, "the daemon is alive but its heartbeat has stopped")                         \
    X(-9, HF_E_HALTED, "the daemon has halted; its status says why")                               \
    X(-10, HF_E_HISTORY, "a tail of the log was lost; positions from before are void")             \
    X(-11, HF_E_SESSION, "the session was closed or taken away")                                   \
    X(-12, HF_E_CORRUPT, "damaged data")                                                           \
    X(-13, HF_E_IO, "input/output error")                                                          \
    X(-14, HF_E_NO_SPACE, "no space left on the medium")                                           \
    X(-15, HF_E_MEMORY, "not enough memory")                                                       \
    X(-16, HF_E_FULL, "a configured capacity is used up")                                          \
    X(-17, HF_E_UNKNOWN, "no such name")                                                           \
    X(-18, HF_E_PROTOCOL, "the other side sent something malformed")                               \
    X(-19, HF_E_SYSTEM, "a system call failed; errno tells which way")                             \
    X(-20, HF_LOST, "reports were lost because the reader fell behind the bound")                  \
    X(-21, HF_GAP, "reports are missing and are being fetched")                                    \
    X(-22, HF_LAPPED, "the reader fell behind the ring; rejoin from a snapshot")

enum hf_error {
#define HF_ERROR_ENTRY(number, name, text) name = number, /* NOLINT(bugprone-macro-parentheses) */
    HF_ERRORS(HF_ERROR_ENTRY)
#undef HF_ERROR_ENTRY
};

#define HF_REASONS(X)                                                                              \
    X(0, HF_REASON_NONE, "none")                                                                   \
    X(1, HF_REASON_MALFORMED_TYPE, "unknown command type")                                         \
    X(2, HF_REASON_MALFORMED_FIELD, "a field holds a value outside its enumeration")               \
    X(3, HF_REASON_MALFORMED_RESERVED, "reserved bytes are not zero")                              \
    X(4, HF_REASON_MALFORMED_SLOTS, "wrong number of slots for this command type")                 \
    X(5, HF_REASON_MALFORMED_ID, "client order id 0 is not allowed")                               \
    X(6, HF_REASON_MALFORMED_COMBINATION, "these fields contradict each other")                    \
    X(10, HF_REASON_UNKNOWN_INSTRUMENT, "unknown instrument")                                      \
    X(11, HF_REASON_PRICE_OFF_TICK, "price is not a multiple of the tick")                         \
    X(12, HF_REASON_PRICE_OUT_OF_BAND, "price is outside the instrument's band")                   \
    X(13, HF_REASON_QUANTITY_ZERO, "quantity is zero")                                             \
    X(14, HF_REASON_QUANTITY_OFF_LOT, "quantity is not a multiple of the lot")                     \
    X(15, HF_REASON_QUANTITY_TOO_LARGE, "quantity is above the instrument's maximum")              \
    X(16, HF_REASON_DUPLICATE_ID, "client order id is that of a live order of the session")        \
    X(17, HF_REASON_UNKNOWN_ORDER, "no live order has this id")                                    \
    X(18, HF_REASON_POST_ONLY, "a post-only order would have traded")                              \
    X(19, HF_REASON_QUANTITY_EXECUTED, "new total quantity does not exceed what has traded")       \
    X(20, HF_REASON_PHASE, "the instrument's phase does not allow this now")                       \
    X(21, HF_REASON_COLLAR, "price is too far from the last trade's")                              \
    X(22, HF_REASON_NOTIONAL, "price times quantity is above the instrument's limit")              \
    X(23, HF_REASON_ACCOUNT_NOTIONAL, "the account's open notional would be above its limit")      \
    X(24, HF_REASON_RATE, "more messages per second than the session may send")                    \
    X(25, HF_REASON_KILLED_SESSION, "the session's kill switch is on")                             \
    X(26, HF_REASON_KILLED_ACCOUNT, "the account's kill switch is on")                             \
    X(27, HF_REASON_NOT_ADMIN, "this session has no admin rights")                                 \
    X(28, HF_REASON_NOT_ENTITLED_ACCOUNT, "this session may not use this account")                 \
    X(29, HF_REASON_NOT_ENTITLED_INSTRUMENT, "this session may not use this instrument")           \
    X(30, HF_REASON_ORDERS_FULL, "the order pool is full")                                         \
    X(31, HF_REASON_LEVELS_FULL, "the pool of price levels is full")                               \
    X(32, HF_REASON_SESSION_ORDERS, "the session has too many open orders")                        \
    X(33, HF_REASON_DISK_LOW, "log space is low: new orders are refused, cancels are not")         \
    X(34, HF_REASON_EXTRAS_FULL, "the pool of icebergs, stops and GTD orders is full")             \
    X(35, HF_REASON_ACCOUNTS_FULL, "the table of accounts is full")                                \
    X(36, HF_REASON_ENTITLEMENTS_FULL, "the table of entitlements is full")                        \
    X(37, HF_REASON_INSTRUMENTS_FULL, "the table of instruments is full")                          \
    X(38, HF_REASON_SYMBOL_IN_USE, "another instrument has this symbol")                           \
    X(39, HF_REASON_BAD_INSTRUMENT,                                                                \
      "an instrument's symbol, tick, lot, band or maximum is impossible, or its tick would "       \
      "change under open orders")                                                                  \
    X(40, HF_REASON_UNKNOWN_SESSION, "no session has this name or id")                             \
    X(41, HF_REASON_EXPIRED_ALREADY, "the expiry time has passed")                                 \
    X(42, HF_REASON_DISPLAY, "the displayed quantity must be below the total, and a lot multiple") \
    X(43, HF_REASON_MINIMUM, "the minimum quantity must not exceed the total")                     \
    X(44, HF_REASON_PEAKS, "the total is more than 1000 times the displayed quantity")             \
    X(45, HF_REASON_LIMITS_FULL, "the table of names with limits is full")                         \
    X(46, HF_REASON_UNKNOWN_TRADE, "no trade so far can have this id")                             \
    X(50, HF_REASON_REQUESTED, "cancelled as the client asked")                                    \
    X(51, HF_REASON_MARKET_REMAINDER, "the rest of a market order never rests")                    \
    X(52, HF_REASON_IOC_REMAINDER, "the rest of an immediate-or-cancel order")                     \
    X(53, HF_REASON_FOK_UNFILLED, "a fill-or-kill order could not trade all at once")              \
    X(54, HF_REASON_REPLACED_FULLY_EXECUTED, "a replace found nothing left to execute")            \
    X(55, HF_REASON_DISCONNECTED, "the session disconnected and asked for this")                   \
    X(56, HF_REASON_MASS_CANCELLED, "cancelled by a mass cancel")                                  \
    X(57, HF_REASON_EXPIRED, "its day or its time is over")                                        \
    X(58, HF_REASON_SELF_TRADE, "it would have traded within its account group")                   \
    X(59, HF_REASON_MINIMUM_UNFILLED, "less than the minimum quantity could trade on entry")       \
    X(60, HF_REASON_KILLED, "cancelled by a kill switch")                                          \
    X(61, HF_REASON_REMOVED, "its instrument was removed")                                         \
    X(62, HF_REASON_NO_LIQUIDITY, "a market-to-limit order found no opposite price")               \
    X(63, HF_REASON_REFUSED_AFTER_TRIGGER, "a triggered stop order could not enter the book")      \
    X(64, HF_REASON_CLOSED, "the session was closed")

enum hf_reason {
#define HF_REASON_ENTRY(number, name, text) name = number, /* NOLINT(bugprone-macro-parentheses) */
    HF_REASONS(HF_REASON_ENTRY)
#undef HF_REASON_ENTRY
};

/**
 * Say an error code in words.
 *
 * @param code  a result of a holdfast call
 * @return a static English text, never NULL; "unknown error" for numbers that are no code
 * Errors: none   Thread: any, no state   Lifetime: for ever
 */
const char *hf_strerror(int code);

/** The name of an error code ("HF_E_BUSY"); as hf_strerror() otherwise. */
const char *hf_error_name(int code);

/**
 * Whether the same call may go well later although the caller does nothing about it: HF_AGAIN, HF_TIMEOUT,
 * HF_GAP, HF_E_BUSY, HF_E_NO_DAEMON, HF_E_STUCK. Of the rest, HF_LOST, HF_LAPPED and HF_E_HISTORY ask the
 * application to take note and go on; all others end what it was doing.
 */
bool hf_error_is_retriable(int code);

/** Say the reason of a reject or cancel in words; as hf_strerror() otherwise. */
const char *hf_reason_text(uint32_t reason);

/** The name of a reason ("HF_REASON_POST_ONLY"); as hf_strerror() otherwise. */
const char *hf_reason_name(uint32_t reason);

#ifdef __cplusplus
}
#endif

#endif
