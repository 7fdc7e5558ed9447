/*
 * snapshot.c - a snapshot file.
 *
 *   input: how (1 byte), then
 *     how even: | header, 256 bytes | blocks and footer, as they are |
 *     how odd:  patches of a good core's bytes, or of its header: what is behind the checksums
 *
 * With the bit RIGHT all checksums are made right before the file is written. Whoever reads it gets a core
 * whose facts may be asked for, or a refusal in words; what can be read can be verified.
 */
#include "base/crc32c.h"
#include "base/numa.h"
#include "core/core.h"
#include "fuzz/fuzz.h"
#include "recovery/snapshot_internal.h"

#include <fcntl.h>
#include <holdfast/error.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX (3 * HF_SNAPSHOT_BLOCK_BYTES)
#define CORE_BYTES_MAX ((size_t)1 << 20) /* capacities are what a header says */
#define LSN 7u

/** Bits of `how`. */
enum how {
    PATCHES = 1,     /**< else the bytes of the input */
    RIGHT = 2,       /**< checksums */
    IN_HEADER = 4,   /**< patches are of the header, too */
    RIGHT_NAMES = 8, /**< magic, version, lengths, layout */
};

static const struct hf_engine_limits LIMITS = {.sessions_max = 2,
                                               .instruments_max = 2,
                                               .orders_max = 8,
                                               .levels_max = 4,
                                               .session_orders_max = 8,
                                               .extras_max = 4,
                                               .accounts_max = 2,
                                               .entitlements_max = 2,
                                               .events_max = 64};

static char directory[64];
static char path[PATH_MAX];
static pid_t owner;
static struct hf_core *good_core;
static size_t good_bytes;

static uint64_t accepted; /**< files that were read */

/** A file while it is put together. */
struct image {
    unsigned char bytes[FILE_BYTES_MAX];
    size_t count;
};

static void
remove_directory(void)
{
    if (getpid() == owner) {
        (void)unlink(path);
        (void)rmdir(directory);
    }
}

static void
apply(struct hf_record record, const struct hf_record *second)
{
    struct hf_record more = second == NULL ? (struct hf_record){0} : *second;
    record.lsn = hf_core_lsn(good_core) + 1;
    record.time_ns = 1000 + record.lsn;
    record.slots = second == NULL ? 1 : 2;
    more.lsn = record.lsn + 1;
    more.time_ns = record.time_ns;
    more.type = HF_RECORD_MORE;
    more.slots = 1;
    const struct hf_record *more_or_null = second == NULL ? NULL : &more;
    HF_ASSERT("a good record", hf_core_check(good_core, &record, more_or_null) == NULL);
    hf_core_apply(good_core, &record, more_or_null, NULL);
}

/** LSN 7, with one order that rests. */
static void
make_good_core(void)
{
    struct hf_record record = {.type = HF_RECORD_GENESIS};
    struct hf_record more = {0};
    record.genesis.rules_version = HF_RULES_VERSION;
    record.genesis.sessions_max = LIMITS.sessions_max;
    record.genesis.instruments_max = LIMITS.instruments_max;
    record.genesis.orders_max = LIMITS.orders_max;
    record.genesis.levels_max = LIMITS.levels_max;
    record.genesis.session_orders_max = LIMITS.session_orders_max;
    more.genesis_more.extras_max = LIMITS.extras_max;
    more.genesis_more.accounts_max = LIMITS.accounts_max;
    more.genesis_more.entitlements_max = LIMITS.entitlements_max;
    more.genesis_more.events_max = LIMITS.events_max;
    apply(record, &more);
    record = (struct hf_record){.type = HF_COMMAND_INSTRUMENT_ADD};
    memset(&more, 0, sizeof(more));
    memcpy(record.instrument_add.symbol, "ONE", 4);
    record.instrument_add.tick = 1;
    more.instrument_more.lot = 1;
    more.instrument_more.price_min = 1;
    more.instrument_more.price_max = 1000;
    more.instrument_more.quantity_max = 1000;
    apply(record, &more);
    record = (struct hf_record){.type = HF_RECORD_EPOCH};
    record.epoch.epoch = 1;
    record.epoch.history = 1;
    record.epoch.rules_version = HF_RULES_VERSION;
    apply(record, NULL);
    record = (struct hf_record){.type = HF_RECORD_OPEN, .session = 1};
    memcpy(record.open.name, "ann", 4);
    apply(record, NULL);
    apply((struct hf_record){.type = HF_COMMAND_NEW,
                             .session = 1,
                             .side = HF_BUY,
                             .order_type = HF_LIMIT,
                             .time_in_force = HF_GTC,
                             .instrument = 1,
                             .client_order_id = 1,
                             .price = 100,
                             .quantity = 5},
          NULL);
    HF_ASSERT("the LSN that the file is named after", hf_core_lsn(good_core) == LSN);
}

void
fuzz_target_init(void)
{
    (void)snprintf(directory, sizeof(directory), "/dev/shm/hf_fuzz_XXXXXX");
    HF_ASSERT("there is a directory", mkdtemp(directory) != NULL);
    owner = getpid();
    (void)atexit(remove_directory);
    HF_ASSERT("a path", hf_snapshot_path(path, sizeof(path), directory, LSN) == 0);
    good_bytes = hf_core_footprint(&LIMITS);
    good_core = hf_core_new(calloc(1, good_bytes), &LIMITS);
    make_good_core();
}

/* Putting a file together */

static struct hf_snapshot_header
good_header(void)
{
    return (struct hf_snapshot_header){
        .magic = HF_SNAPSHOT_MAGIC,
        .version = HF_SNAPSHOT_VERSION,
        .header_bytes = HF_SNAPSHOT_HEADER_BYTES,
        .rules_version = HF_RULES_VERSION,
        .block_bytes = HF_SNAPSHOT_BLOCK_BYTES,
        .layout = hf_core_layout(),
        .history = hf_core_history(good_core),
        .epoch = hf_core_epoch(good_core),
        .boot = hf_core_boot(good_core),
        .lsn = LSN,
        .time_ns = hf_core_time(good_core),
        .digest = hf_core_digest(good_core),
        .market_number = hf_core_market_number(good_core),
        .core_bytes = hf_core_image_bytes(&LIMITS),
        .sessions_max = LIMITS.sessions_max,
        .instruments_max = LIMITS.instruments_max,
        .orders_max = LIMITS.orders_max,
        .levels_max = LIMITS.levels_max,
        .session_orders_max = LIMITS.session_orders_max,
        .extras_max = LIMITS.extras_max,
        .accounts_max = LIMITS.accounts_max,
        .entitlements_max = LIMITS.entitlements_max,
        .events_max = LIMITS.events_max,
    };
}

static void
put(struct image *image, const void *bytes, size_t count)
{
    size_t room = sizeof(image->bytes) - image->count;
    count = count < room ? count : room;
    memcpy(image->bytes + image->count, bytes, count);
    image->count += count;
}

static void
put_header(struct image *image, const struct hf_snapshot_header *header)
{
    memset(image->bytes, 0, HF_SNAPSHOT_HEADER_BYTES);
    memcpy(image->bytes, header, sizeof(*header));
    image->count = HF_SNAPSHOT_HEADER_BYTES;
}

static void
put_core(struct image *image, const unsigned char *core)
{
    for (uint64_t i = 0; i < hf_snapshot_pieces(good_bytes); i++) {
        const struct hf_snapshot_block block = {
            .index = (uint32_t)i, .stored_bytes = (uint32_t)hf_snapshot_piece_bytes(good_bytes, i)};
        put(image, &block, sizeof(block));
        put(image, core + i * HF_SNAPSHOT_BLOCK_BYTES, block.stored_bytes);
    }
    const struct hf_snapshot_footer footer = {.magic = HF_SNAPSHOT_FOOTER_MAGIC};
    put(image, &footer, sizeof(footer));
}

/** A good core with other bytes here and there. */
static void
put_patched(struct image *image, unsigned how, struct fuzz_input *input)
{
    static unsigned char core[CORE_BYTES_MAX];
    struct hf_snapshot_header header = good_header();
    memcpy(core, good_core, good_bytes);
    if ((how & IN_HEADER) != 0) {
        fuzz_patch(input, &header, sizeof(header), 1);
    }
    fuzz_patch(input, core, good_bytes, 4);
    put_header(image, &header);
    put_core(image, core);
}

static void
put_names(struct hf_snapshot_header *header)
{
    const struct hf_snapshot_header good = good_header();
    header->magic = good.magic;
    header->version = good.version;
    header->header_bytes = good.header_bytes;
    header->block_bytes = good.block_bytes;
    header->rules_version = good.rules_version;
    header->layout = good.layout;
    header->lsn = good.lsn;
}

static void
put_bytes(struct image *image, unsigned how, struct fuzz_input *input)
{
    struct hf_snapshot_header header;
    fuzz_take(input, &header, sizeof(header));
    if ((how & RIGHT_NAMES) != 0) {
        put_names(&header);
    }
    put_header(image, &header);
    put(image, input->bytes, input->left);
}

/* Making checksums right */

/** The block at a place, as far as it is one. @return where it ends; 0: nowhere */
static size_t
right_block(struct image *image, size_t at, size_t end, struct hf_snapshot_footer *footer,
            uint32_t header_crc)
{
    struct hf_snapshot_block block;
    if (end - at < sizeof(block)) {
        return 0;
    }
    memcpy(&block, image->bytes + at, sizeof(block));
    if (block.stored_bytes > end - at - sizeof(block)) {
        return 0;
    }
    block.crc = hf_snapshot_block_crc(&block, image->bytes + at + sizeof(block), header_crc);
    memcpy(image->bytes + at, &block, sizeof(block));
    footer->blocks++;
    footer->blocks_crc = hf_crc32c(footer->blocks_crc, &block.crc, sizeof(block.crc));
    return at + sizeof(block) + block.stored_bytes;
}

static void
make_right(struct image *image)
{
    struct hf_snapshot_header *header = (struct hf_snapshot_header *)(void *)image->bytes;
    struct hf_snapshot_footer footer = {.magic = HF_SNAPSHOT_FOOTER_MAGIC};
    if (image->count < HF_SNAPSHOT_HEADER_BYTES + sizeof(footer)) {
        return;
    }
    size_t end = image->count - sizeof(footer);
    header->header_crc = hf_snapshot_header_crc(header);
    footer.blocks_crc = header->header_crc;
    footer.stored_bytes = end - HF_SNAPSHOT_HEADER_BYTES;
    for (size_t at = HF_SNAPSHOT_HEADER_BYTES; at != 0 && at < end;) {
        at = right_block(image, at, end, &footer, header->header_crc);
    }
    footer.footer_crc = hf_snapshot_footer_crc(&footer, header->header_crc);
    memcpy(image->bytes + end, &footer, sizeof(footer));
}

/* Reading it */

static void
store(const struct image *image)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    HF_ASSERT("the file is stored",
              fd >= 0 && write(fd, image->bytes, image->count) == (ssize_t)image->count &&
                  close(fd) == 0);
}

static void
check_refusal(const struct hf_snapshot *snapshot, int code)
{
    FUZZ_CHECK("a refusal has words", (code != HF_OK) == (snapshot->text[0] != '\0'));
    FUZZ_CHECK("a file is refused for what is in it",
               code == HF_OK || code == HF_E_CORRUPT || code == HF_E_VERSION);
}

static void
ask_core(const struct hf_core *core)
{
    FUZZ_CHECK("the LSN of the name", hf_core_lsn(core) == LSN);
    FUZZ_CHECK("capacities that are possible", hf_core_footprint(hf_core_limits(core)) != 0);
    FUZZ_CHECK("instruments within them",
               hf_core_instruments(core) <= hf_core_limits(core)->instruments_max);
    for (uint32_t slot = 0; slot <= hf_core_limits(core)->sessions_max + 1; slot++) {
        (void)hf_core_session(core, slot);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static struct image image;
    struct fuzz_input input = {bytes, count};
    struct hf_snapshot verified;
    struct hf_snapshot snapshot;
    struct hf_engine_limits limits;
    unsigned how = fuzz_byte(&input);
    if ((how & PATCHES) != 0) {
        put_patched(&image, how, &input);
    } else {
        put_bytes(&image, how, &input);
    }
    if ((how & RIGHT) != 0) {
        make_right(&image);
    }
    store(&image);
    int code = hf_snapshot_verify(directory, LSN, &verified);
    check_refusal(&verified, code);
    hf_snapshot_limits(&verified.header, &limits);
    if (hf_core_footprint(&limits) > CORE_BYTES_MAX) {
        return 0;
    }
    int read_code = hf_snapshot_read(directory, LSN, -1, true, &snapshot);
    check_refusal(&snapshot, read_code);
    if (read_code == HF_OK) {
        FUZZ_CHECK("what can be read can be verified", code == HF_OK);
        ask_core(snapshot.core);
        accepted++;
    }
    hf_memory_free(snapshot.core, snapshot.core_bytes);
    return 0;
}

/* Seeds */

/** A file of the project's own writer. */
static void
seed_written(unsigned how)
{
    static struct fuzz_bytes seed;
    static unsigned char bytes[FILE_BYTES_MAX];
    char text[HF_SNAPSHOT_TEXT_BYTES];
    const struct hf_log_position position = {
        .instance_id = 1, .epoch = 1, .lsn = LSN, .segment = 1, .offset = 4096 + 9 * 64};
    const struct hf_snapshot_order order = {
        .directory = directory, .core = good_core, .position = &position};
    HF_ASSERT("a snapshot is written", hf_snapshot_write(&order, text) == HF_OK);
    FILE *file = fopen(path, "rb");
    HF_ASSERT("it is there", file != NULL);
    size_t count = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    HF_ASSERT("it is small",
              count > HF_SNAPSHOT_HEADER_BYTES && count < 2 * HF_SNAPSHOT_HEADER_BYTES);
    seed.count = 0;
    fuzz_put_byte(&seed, how);
    fuzz_put(&seed, bytes, sizeof(struct hf_snapshot_header));
    fuzz_put(&seed, bytes + HF_SNAPSHOT_HEADER_BYTES, count - HF_SNAPSHOT_HEADER_BYTES);
    fuzz_seed(seed.bytes, seed.count);
}

static void
seed_patches(unsigned how)
{
    struct fuzz_bytes seed = {.count = 0};
    fuzz_put_byte(&seed, how);
    for (unsigned i = 0; i < 2; i++) {
        fuzz_put_byte(&seed, 1);
        fuzz_put_word(&seed, 16);
        fuzz_put_byte(&seed, 4);
        fuzz_put(&seed, "\1\2\3\4", 4);
    }
    fuzz_seed(seed.bytes, seed.count);
}

void
fuzz_target_seeds(void)
{
    seed_written(0);
    seed_written(RIGHT);
    seed_written(RIGHT | RIGHT_NAMES);
    seed_patches(PATCHES | RIGHT);
    seed_patches(PATCHES | RIGHT | IN_HEADER);
    fuzz_seed("\3", 1); /* nothing but the good core */
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"\3", 1);
    HF_ASSERT("a good core is read", accepted == 1);
}
