/*
 * error.c - codes and reasons in words, from the tables of holdfast/error.h.
 */
#include <holdfast/error.h>

#define HF_TEXT_CASE(number, name, text)                                                           \
    case number:                                                                                   \
        return text;
#define HF_NAME_CASE(number, name, text)                                                           \
    case number:                                                                                   \
        return #name;

const char *
hf_strerror(int code)
{
    switch (code) {
        HF_ERRORS(HF_TEXT_CASE)
    default:
        return "unknown error";
    }
}

const char *
hf_error_name(int code)
{
    switch (code) {
        HF_ERRORS(HF_NAME_CASE)
    default:
        return "unknown error";
    }
}

bool
hf_error_is_retriable(int code)
{
    switch (code) {
    case HF_AGAIN:
    case HF_TIMEOUT:
    case HF_GAP:
    case HF_E_BUSY:
    case HF_E_NO_DAEMON:
    case HF_E_STUCK:
        return true;
    default:
        return false;
    }
}

const char *
hf_reason_text(uint32_t reason)
{
    switch (reason) {
        HF_REASONS(HF_TEXT_CASE)
    default:
        return "unknown reason";
    }
}

const char *
hf_reason_name(uint32_t reason)
{
    switch (reason) {
        HF_REASONS(HF_NAME_CASE)
    default:
        return "unknown reason";
    }
}
