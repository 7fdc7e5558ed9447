/* test_witness.c - how far a log was used, stored in turns. */
#include "wal/witness.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];
static char path[128];

static void
begin(void)
{
    snprintf(directory, sizeof(directory), "/tmp/hf_witness_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    cr_assert_eq(hf_witness_path(path, sizeof(path), directory), 0);
}

static void
end(void)
{
    unlink(path);
    rmdir(directory);
}

TestSuite(witness, .init = begin, .fini = end);

static void
store(uint64_t segment)
{
    const struct hf_witness witness = {
        .instance_id = 4711, .epoch = 3, .segment = segment, .durable_lsn = segment * 100};
    int fd = hf_witness_open(directory);
    cr_assert_geq(fd, 0);
    cr_assert_eq(hf_witness_store(fd, &witness), 0);
    close(fd);
}

/** One byte of the record of this turn. */
static void
flip(unsigned turn, size_t at)
{
    unsigned char byte;
    int fd = open(path, O_RDWR);
    off_t offset = (off_t)(turn * HF_WITNESS_STRIDE + at);
    cr_assert_eq(pread(fd, &byte, 1, offset), 1);
    byte ^= 0x10;
    cr_assert_eq(pwrite(fd, &byte, 1, offset), 1);
    close(fd);
}

Test(witness, nothing_is_said_by_a_missing_or_an_empty_file)
{
    struct hf_witness witness;
    cr_expect_eq(hf_witness_load(directory, &witness), 0);
    close(hf_witness_open(directory));
    cr_expect_eq(hf_witness_load(directory, &witness), 0);
    cr_expect_eq(witness.segment, 0);
}

Test(witness, the_last_one_stored_is_read_for_ever)
{
    for (uint64_t segment = 1; segment < 10; segment++) {
        struct hf_witness witness;
        struct stat status;
        store(segment);
        cr_assert_eq(hf_witness_load(directory, &witness), 1);
        cr_expect_eq(witness.segment, segment);
        cr_expect_eq(witness.durable_lsn, segment * 100);
        cr_expect_eq(witness.instance_id, 4711);
        cr_expect_eq(witness.epoch, 3);
        cr_assert_eq(stat(path, &status), 0);
        cr_expect_eq(status.st_size, 2 * HF_WITNESS_STRIDE, "it does not grow");
    }
}

Test(witness, any_flipped_bit_of_the_last_one_leaves_the_one_before)
{
    struct hf_witness witness;
    store(1);
    store(2); /* sequence 2: turn 0 */
    for (size_t at = 0; at < sizeof(witness); at++) {
        flip(0, at);
        cr_assert_eq(hf_witness_load(directory, &witness), 1);
        cr_expect_eq(witness.segment, 1, "byte %zu", at);
        flip(0, at);
    }
    flip(0, 40);
    flip(1, 40);
    cr_expect_eq(hf_witness_load(directory, &witness), -EBADMSG);
    int fd = hf_witness_open(directory);
    cr_expect_eq(hf_witness_store(fd, &witness), -EBADMSG, "nothing is written over damage");
    close(fd);
}

Test(witness, the_first_one_torn_says_nothing)
{
    struct hf_witness witness;
    store(1);
    flip(1, 20);
    cr_expect_eq(hf_witness_load(directory, &witness), 0);
    store(5);
    cr_expect_eq(hf_witness_load(directory, &witness), 1);
    cr_expect_eq(witness.segment, 5);
}
