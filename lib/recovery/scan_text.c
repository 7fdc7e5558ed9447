/*
 * scan_text.c - what a scan says when it refuses a log: file, offset, LSN, what, and what to do.
 */
#include "recovery/scan_internal.h"
#include "wal/segment.h"

#include <errno.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
hf_scan_fail(struct hf_scan_work *scan, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(scan->result->text, sizeof(scan->result->text), format, arguments);
    va_end(arguments);
    scan->result->code = code;
    return code;
}

int
hf_scan_failed_io(struct hf_scan_work *scan, uint64_t offset, int error)
{
    if (error == EBADMSG) {
        return hf_scan_fail(
            scan, HF_E_CORRUPT,
            "%s: the archive is damaged: it does not decompress to what was put in. "
            "Restore this file from a copy of the log",
            scan->reader.path);
    }
    return hf_scan_fail(scan, hf_segment_error(error),
                        "%s: offset %" PRIu64 ": cannot be read: %s (errno %d)", scan->reader.path,
                        offset, strerror(error), error);
}

int
hf_scan_damage(struct hf_scan_work *scan, uint64_t offset, const char *what)
{
    return hf_scan_fail(scan, HF_E_CORRUPT,
                        "%s: offset %" PRIu64 ", LSN %" PRIu64
                        ": %s. This is damage and no torn tail; "
                        "nothing was changed. Restore this file from a copy of the log",
                        scan->reader.path, offset, scan->result->end_lsn + 1, what);
}

int
hf_scan_foreign(struct hf_scan_work *scan, const char *what)
{
    return hf_scan_fail(
        scan, HF_E_CORRUPT,
        "%s: %s: no file that this log has made, whatever crash it went through. "
        "Nothing was changed. The log ends with LSN %" PRIu64 " in segment %" PRIu64
        ": if that is right, move this file away; if it stands for a segment that the "
        "log has had, restore that from a copy",
        scan->reader.path, what, scan->result->end_lsn, scan->result->end_segment);
}

int
hf_scan_damage_below_floor(struct hf_scan_work *scan)
{
    char path[PATH_MAX];
    (void)hf_segment_path(path, sizeof(path), scan->directory, scan->stop_number);
    return hf_scan_fail(
        scan, HF_E_CORRUPT,
        "%s: offset %" PRIu64 ", LSN %" PRIu64 ": %s, but LSN %" PRIu64
        " was durable. This is damage and no torn tail; nothing was changed. Restore "
        "this file from a copy of the log",
        path, scan->stop_offset, scan->result->end_lsn + 1, scan->stop_what,
        scan->result->floor_lsn);
}

int
hf_scan_damage_below_epoch(struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    char path[PATH_MAX];
    (void)hf_segment_path(path, sizeof(path), scan->directory, scan->stop_number);
    return hf_scan_fail(scan, HF_E_CORRUPT,
                        "%s: offset %" PRIu64 ", LSN %" PRIu64 ": %s, but segment %" PRIu64
                        " begins a new epoch at LSN %" PRIu64
                        ". This is damage and no torn tail; nothing was changed. Restore this file "
                        "from a copy of the log",
                        path, scan->stop_offset, scan->result->end_lsn + 1, scan->stop_what,
                        header->number, header->base_lsn);
}
