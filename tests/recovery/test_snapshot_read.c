/*
 * test_snapshot_read.c - every damage of a snapshot is found and named; forgeries do not get out of bounds.
 */
#include "snapshot_fixture.h"

static struct snap snap;
static struct snap_file file;

static void
begin(void)
{
    snap_begin(&snap, &fixture_limits);
    snap_write(&snap);
    file = snap_load_file(&snap);
}

static void
end(void)
{
    free(file.bytes);
    snap_end(&snap);
}

TestSuite(snapshot_read, .init = begin, .fini = end);

static void
expect_refused(int other_code, size_t at)
{
    struct hf_snapshot snapshot;
    int code = hf_snapshot_verify(snap.directory, snap_lsn(&snap), &snapshot);
    cr_assert(code == HF_E_CORRUPT || code == other_code, "byte %zu: code %d %s", at, code,
              snapshot.text);
    cr_assert_not_null(strstr(snapshot.text, ".snap: offset "), "%s", snapshot.text);
}

Test(snapshot_read, every_flipped_bit_is_found)
{
    int fd = open(file.path, O_WRONLY);
    for (size_t at = 0; at < file.count; at++) {
        /* A wrong version is called that. */
        int other_code = at >= 8 && at < 12 ? HF_E_VERSION : HF_E_CORRUPT;
        for (unsigned bit = 0; bit < 8; bit++) {
            unsigned char changed = file.bytes[at] ^ (unsigned char)(1u << bit);
            cr_assert_eq(pwrite(fd, &changed, 1, (off_t)at), 1);
            expect_refused(other_code, at);
        }
        cr_assert_eq(pwrite(fd, &file.bytes[at], 1, (off_t)at), 1);
    }
    close(fd);
    struct hf_snapshot snapshot;
    cr_expect_eq(hf_snapshot_verify(snap.directory, snap_lsn(&snap), &snapshot), HF_OK, "%s",
                 snapshot.text);
}

Test(snapshot_read, every_truncation_is_found)
{
    for (size_t count = file.count; count-- > 0;) {
        cr_assert_eq(truncate(file.path, (off_t)count), 0);
        expect_refused(HF_E_CORRUPT, count);
    }
}

Test(snapshot_read, what_follows_the_footer_is_found)
{
    file.bytes = realloc(file.bytes, file.count + 64);
    memset(file.bytes + file.count, 0, 64);
    snap_store_bytes(&file, file.count + 64);
    expect_refused(HF_E_CORRUPT, file.count);
}

Test(snapshot_read, a_file_that_is_not_there_is_unknown)
{
    struct hf_snapshot snapshot;
    cr_expect_eq(snap_read(&snap, 4711, &snapshot), HF_E_UNKNOWN);
    cr_expect_not_null(strstr(snapshot.text, "00000000000000004711.snap"), "%s", snapshot.text);
}

Test(snapshot_read, a_file_under_another_name_is_found)
{
    char path[128];
    struct hf_snapshot snapshot;
    cr_assert_eq(hf_snapshot_path(path, sizeof(path), snap.directory, 4711), 0);
    cr_assert_eq(rename(file.path, path), 0);
    cr_expect_eq(snap_read(&snap, 4711, &snapshot), HF_E_CORRUPT);
    cr_expect_not_null(strstr(snapshot.text, "another LSN than the name"), "%s", snapshot.text);
}

Test(snapshot_read, a_block_of_another_snapshot_is_found)
{
    /* Same state, same place, another day: only the seed differs. */
    struct snap_file other = file;
    other.bytes = malloc(file.count);
    memcpy(other.bytes, file.bytes, file.count);
    snap_header(&other)->created_ns++;
    snap_seal(&other);
    memcpy(file.bytes + HF_SNAPSHOT_HEADER_BYTES, other.bytes + HF_SNAPSHOT_HEADER_BYTES,
           file.count - HF_SNAPSHOT_HEADER_BYTES - sizeof(struct hf_snapshot_footer));
    snap_store_file(&file);
    snap_expect_refusal(&snap, HF_E_CORRUPT, "checksum of a block");
    free(other.bytes);
}

Test(snapshot_read, a_newer_format_is_refused_as_such)
{
    snap_header(&file)->version = HF_SNAPSHOT_VERSION + 1;
    snap_seal(&file);
    snap_store_file(&file);
    snap_expect_refusal(&snap, HF_E_VERSION, "format version 2, but this program reads version 1");
}

Test(snapshot_read, another_layout_is_refused_but_can_be_verified)
{
    struct hf_snapshot snapshot;
    snap_header(&file)->layout++;
    snap_seal(&file);
    snap_store_file(&file);
    snap_expect_refusal(&snap, HF_E_VERSION, "lays its state out in another way");
    cr_expect_eq(hf_snapshot_verify(snap.directory, snap_lsn(&snap), &snapshot), HF_OK, "%s",
                 snapshot.text);
}

Test(snapshot_read, other_rules_are_refused)
{
    snap_header(&file)->rules_version = HF_RULES_VERSION + 1;
    snap_seal(&file);
    snap_store_file(&file);
    snap_expect_refusal(&snap, HF_E_VERSION, "rules version");
}

/* Forgeries: all checksums are right. */

static struct hf_snapshot_block
first_block(void)
{
    struct hf_snapshot_block block;
    memcpy(&block, file.bytes + HF_SNAPSHOT_HEADER_BYTES, sizeof(block));
    return block;
}

static void
expect_forgery(const char *part)
{
    snap_seal(&file);
    snap_store_file(&file);
    snap_expect_refusal(&snap, HF_E_CORRUPT, part);
}

Test(snapshot_read, capacities_that_do_not_give_the_length_are_refused)
{
    snap_header(&file)->orders_max++;
    expect_forgery("impossible capacities");
    snap_header(&file)->orders_max = UINT32_MAX;
    expect_forgery("impossible capacities");
    snap_header(&file)->orders_max = fixture_limits.orders_max;
    snap_header(&file)->core_bytes += 64;
    expect_forgery("impossible capacities");
}

Test(snapshot_read, a_state_with_other_capacities_is_refused)
{
    snap_header(&file)->hash_seed++;
    expect_forgery("other capacities");
}

Test(snapshot_read, a_state_that_is_not_the_one_of_the_header_is_refused)
{
    struct hf_snapshot_header *header = snap_header(&file);
    uint64_t *const WORDS[] = {&header->time_ns, &header->digest, &header->epoch,
                               &header->history, &header->boot,   &header->market_number};
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        ++*WORDS[i];
        expect_forgery("not the one that the header names");
        --*WORDS[i];
    }
}

Test(snapshot_read, lengths_of_the_header_must_be_ours)
{
    snap_header(&file)->block_bytes = 4096;
    expect_forgery("impossible lengths");
    snap_header(&file)->block_bytes = HF_SNAPSHOT_BLOCK_BYTES;
    snap_header(&file)->header_bytes = 0;
    expect_forgery("impossible lengths");
}

static void
forge_block(uint32_t index, uint32_t flags, uint32_t stored_bytes)
{
    struct hf_snapshot_block block = first_block();
    block.index = index;
    block.flags = flags;
    block.stored_bytes = stored_bytes;
    memcpy(file.bytes + HF_SNAPSHOT_HEADER_BYTES, &block, sizeof(block));
}

Test(snapshot_read, a_block_outside_of_the_state_is_refused)
{
    const struct hf_snapshot_block block = first_block();
    forge_block(1000, block.flags, block.stored_bytes);
    expect_forgery("an index that cannot be there");
    forge_block(UINT32_MAX, block.flags, block.stored_bytes);
    expect_forgery("an index that cannot be there");
}

/** With a length that leads out of the file the seal cannot follow: only this block's own sum. */
static void
expect_bad_length(uint32_t flags, uint32_t stored_bytes)
{
    forge_block(0, flags, stored_bytes);
    snap_store_file(&file);
    snap_expect_refusal(&snap, HF_E_CORRUPT, "impossible length");
}

Test(snapshot_read, a_block_of_impossible_length_is_refused)
{
    expect_bad_length(0, 100);                        /* plain, and not a whole piece */
    expect_bad_length(HF_SNAPSHOT_ZSTD, 65536);       /* a frame that saves nothing */
    expect_bad_length(HF_SNAPSHOT_ZSTD, UINT32_MAX);  /* out of all bounds */
    expect_bad_length(HF_SNAPSHOT_ZSTD, 60000);       /* out of the file */
    expect_bad_length(2, first_block().stored_bytes); /* no such flag */
}

Test(snapshot_read, a_frame_that_is_none_is_refused)
{
    memset(file.bytes + HF_SNAPSHOT_HEADER_BYTES + sizeof(struct hf_snapshot_block), 0x55, 64);
    expect_forgery("does not decompress");
}

Test(snapshot_read, a_block_that_is_left_out_is_found)
{
    struct hf_snapshot_block block = first_block();
    size_t bytes = sizeof(block) + block.stored_bytes;
    size_t begin = HF_SNAPSHOT_HEADER_BYTES;
    memmove(file.bytes + begin, file.bytes + begin + bytes, file.count - begin - bytes);
    file.count -= bytes;
    struct hf_snapshot_footer footer;
    memcpy(&footer, snap_footer(&file), sizeof(footer));
    footer.stored_bytes -= bytes;
    footer.footer_crc = hf_snapshot_footer_crc(&footer, snap_header(&file)->header_crc);
    memcpy(snap_footer(&file), &footer, sizeof(footer));
    snap_store_file(&file);
    snap_expect_refusal(&snap, HF_E_CORRUPT, "not those that the footer counts");
}
