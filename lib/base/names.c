/*
 * names.c - the enumerations of the public headers in words: for logs, tables and tools.
 */
#include <holdfast/command.h>
#include <holdfast/market.h>
#include <holdfast/record.h>
#include <holdfast/report.h>

static const char *
name_in(const char *const *names, size_t count, uint32_t index)
{
    return index < count && names[index] != NULL ? names[index] : "?";
}

const char *
hf_side_name(uint32_t side)
{
    return side == HF_BUY ? "buy" : side == HF_SELL ? "sell" : "?";
}

const char *
hf_report_type_name(uint32_t type)
{
    static const char *const names[] = {
        [HF_REPORT_ACCEPTED] = "accepted",   [HF_REPORT_REJECTED] = "rejected",
        [HF_REPORT_FILL] = "fill",           [HF_REPORT_CANCELLED] = "cancelled",
        [HF_REPORT_REPLACED] = "replaced",   [HF_REPORT_REDUCED] = "reduced",
        [HF_REPORT_TRIGGERED] = "triggered", [HF_REPORT_ORDER] = "order",
        [HF_REPORT_DONE] = "done",           [HF_REPORT_BUSTED] = "busted"};
    return name_in(names, sizeof(names) / sizeof(names[0]), type);
}

const char *
hf_command_type_name(uint32_t type)
{
    static const char *const names[] = {[HF_COMMAND_NEW] = "new",
                                        [HF_COMMAND_CANCEL] = "cancel",
                                        [HF_COMMAND_REPLACE] = "replace",
                                        [HF_COMMAND_REDUCE] = "reduce",
                                        [HF_COMMAND_MASS_CANCEL] = "mass cancel",
                                        [HF_COMMAND_OPEN_ORDERS] = "open orders",
                                        [HF_COMMAND_INSTRUMENT_ADD] = "instrument add",
                                        [HF_COMMAND_INSTRUMENT_CHANGE] = "instrument change",
                                        [HF_COMMAND_INSTRUMENT_REMOVE] = "instrument remove",
                                        [HF_COMMAND_INSTRUMENT_LIMITS] = "instrument limits",
                                        [HF_COMMAND_PHASE] = "phase",
                                        [HF_COMMAND_ACCOUNT] = "account",
                                        [HF_COMMAND_SESSION_LIMITS] = "session limits",
                                        [HF_COMMAND_ENTITLE] = "entitle",
                                        [HF_COMMAND_SESSION_END] = "end of day",
                                        [HF_COMMAND_BUST] = "bust",
                                        [HF_COMMAND_REFERENCE] = "reference",
                                        [HF_RECORD_LOST] = "reports lost"};
    return name_in(names, sizeof(names) / sizeof(names[0]), type);
}

const char *
hf_market_type_name(uint32_t type)
{
    static const char *const names[] = {[HF_MARKET_ADD] = "add",
                                        [HF_MARKET_EXECUTE] = "execute",
                                        [HF_MARKET_REDUCE] = "reduce",
                                        [HF_MARKET_CANCEL] = "cancel",
                                        [HF_MARKET_PHASE] = "phase",
                                        [HF_MARKET_UNCROSS] = "uncross",
                                        [HF_MARKET_BUST] = "bust",
                                        [HF_MARKET_INSTRUMENT] = "instrument",
                                        [HF_MARKET_REFERENCE] = "reference"};
    return name_in(names, sizeof(names) / sizeof(names[0]), type);
}
