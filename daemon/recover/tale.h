/*
 * tale.h - one thing that happened in the life of an order, as a line of words or as one JSON object.
 */
#ifndef HF_RECOVER_TALE_H
#define HF_RECOVER_TALE_H

#include <holdfast/units.h>
#include <stdbool.h>
#include <stdint.h>

enum hf_tale_event {
    HF_TALE_ENTERED,  /**< the command that entered it */
    HF_TALE_RETURNED, /**< that command, refused before it was judged */
    HF_TALE_FOUND,    /**< in the snapshot with which the log begins */
    HF_TALE_MET,   /**< the other side of the book, as it came in; a stop, what is to trigger it */
    HF_TALE_ASKED, /**< a command about it */
    HF_TALE_ACCEPTED,
    HF_TALE_REJECTED, /**< it, or a command about it */
    HF_TALE_TRADED,
    HF_TALE_BUSTED,
    HF_TALE_REPLACED,
    HF_TALE_REDUCED,
    HF_TALE_TRIGGERED,
    HF_TALE_CANCELLED,
    HF_TALE_RESTS, /**< its place in the queue */
    HF_TALE_WAITS, /**< the same, of a stop */
    HF_TALE_ENDED, /**< the sum */
    HF_TALE_OPEN,  /**< the sum, of one that is open when the log ends */
};

/** Which fields an event has is up to its printer; those that it has not are 0. */
struct hf_tale {
    enum hf_tale_event event;
    uint64_t lsn;
    uint64_t time_ns;
    uint64_t order;
    const char *session;
    uint64_t client_order_id;
    uint32_t account;
    char symbol[HF_SYMBOL_BYTES];
    uint8_t side;
    uint8_t order_type;
    uint8_t time_in_force;
    bool post_only;
    int64_t price;
    int64_t stop_price;
    uint64_t quantity; /**< of the order, of a trade; open, of all that change it */
    uint64_t display;
    uint64_t leaves;
    uint8_t command;   /**< ASKED: enum hf_command_type */
    uint32_t reason;   /**< REJECTED, CANCELLED */
    const char *means; /**< TRADED: "taking", "resting" or "in the auction" */
    uint64_t trade_lsn;
    uint32_t trade_index;
    uint64_t other_order;      /**< TRADED: on its other side */
    const char *other_session; /**< NULL: not known */
    uint64_t other_client_order_id;
    uint32_t phase;      /**< MET: of the instrument; 0: there is no such instrument */
    uint32_t orders;     /**< MET: at the best opposite price; 0: there is none */
    bool waits;          /**< MET: a stop that is not triggered, by its stop price */
    bool has_last_price; /**< MET, of a stop: there is a last price */
    int64_t last_price;  /**< and which */
    uint64_t away; /**< MET: ticks' worth between it and the order's own price; 0: it may trade */
    uint32_t orders_before; /**< RESTS, WAITS */
    uint64_t quantity_before;
    uint64_t traded;        /**< ENDED, OPEN, FOUND: in all */
    uint64_t trades;        /**< ENDED, OPEN: that were told */
    uint64_t traded_before; /**< ENDED, OPEN: of that, before the log begins */
};

void hf_tale_print_words(const struct hf_tale *tale);
void hf_tale_print_json(const struct hf_tale *tale);

#endif
