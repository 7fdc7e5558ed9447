/*
 * format.c - the header of a segment: seal and check (format.h: F1, F2).
 */
#include "wal/format.h"

#include "base/crc32c.h"
#include "base/planted.h"

#include <string.h>

static uint32_t
header_crc(const struct hf_segment_header *header)
{
    struct hf_segment_header copy = *header;
    copy.header_crc = 0;
    return hf_crc32c(0, &copy, sizeof(copy));
}

void
hf_segment_header_seal(struct hf_segment_header *header)
{
    header->header_crc = header_crc(header);
}

static bool
all_zero(const unsigned char *bytes, size_t len_bytes)
{
    return len_bytes == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len_bytes - 1) == 0);
}

/** What is wrong with a header of our version; NULL: nothing. */
static const char *
header_fault(const struct hf_segment_header *header)
{
    if (header->header_crc != header_crc(header)) {
        return "the checksum of the segment header does not match";
    }
    if (header->header_bytes != HF_SEGMENT_HEADER_BYTES) {
        return "the segment header has another length";
    }
    if (header->number == 0 || header->epoch == 0 || header->base_lsn == 0) {
        return "the segment header has number, epoch or LSN 0";
    }
    if (header->segment_bytes < HF_SEGMENT_BYTES_MIN ||
        header->segment_bytes % HF_SEGMENT_HEADER_BYTES != 0) {
        return "the segment header states an impossible segment length";
    }
    return NULL;
}

enum hf_header_verdict
hf_segment_header_check(const void *page, const char **why)
{
    const unsigned char *bytes = (const unsigned char *)page;
    struct hf_segment_header header;
    *why = NULL;
    memcpy(&header, page, sizeof(header));
    if (all_zero(bytes, HF_SEGMENT_HEADER_BYTES)) {
        return HF_HEADER_UNUSED;
    }
    if (header.magic != HF_SEGMENT_MAGIC) {
        *why = "the segment header does not begin with the magic number";
        return HF_HEADER_BAD;
    }
    /* Before the checksum: another version may keep it elsewhere, and is refused, never cut. No version
     * is 0: that is a torn header, whose first word alone has reached the medium. */
    if (header.version != HF_SEGMENT_VERSION &&
        (header.version != 0 || HF_PLANTED(TORN_HEADER_REFUSED))) {
        *why = "the segment has another format version";
        return HF_HEADER_VERSION;
    }
    *why = header_fault(&header);
    if (*why == NULL &&
        !all_zero(bytes + sizeof(header), HF_SEGMENT_HEADER_BYTES - sizeof(header))) {
        *why = "the rest of the header page is not zero";
    }
    return *why == NULL ? HF_HEADER_GOOD : HF_HEADER_BAD;
}
