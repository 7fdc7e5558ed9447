/*
 * check_log.c - an uninterrupted run of a log: what does it say that each session must have seen?
 *
 *   check_log DIRECTORY SESSION=INDEX=COUNT... [others] [low]
 *   check_log DIRECTORY SESSION...
 *
 * others: there are other sessions too; low: space was low at times, and orders refused for that.
 *
 * Replays the log from its first record into a fresh state machine and checks that each session's
 * commands are exactly the first COUNT of its flow, in order, once each. Prints for every session
 * "SESSION reports=N hash=H" as the producer does, then the depth of instruments 1 and 2 as `book` lines.
 *
 * Of a session without INDEX and COUNT nothing is known beforehand: its line is as the traders print it,
 * "SESSION commands=N hash=H reports=N hash=H". (A refused command is not in the log as it was.)
 */
#include "flow.h"
#include "recovery/replay.h"
#include "recovery/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS_MAX 64

struct expected {
    char name[HF_NAME_BYTES];
    uint32_t index;
    uint64_t count;
    bool known; /**< index and count are given */
    uint64_t commands;
    uint64_t command_hash;
    uint64_t reports;
    uint64_t hash;
};

struct check {
    struct hf_replay replay;
    struct expected expected[SESSIONS_MAX];
    int expected_count;
    bool others; /**< commands of other sessions are no violation */
    bool low;    /**< nor are refusals for want of space */
    struct expected *by_slot[SESSIONS_MAX + 1];
    uint64_t violations;
};

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct check *check = context;
    struct expected *expected = check->by_slot[session];
    if (expected == NULL) {
        return;
    }
    for (unsigned i = 0; i < report->slots; i++) {
        expected->hash = flow_hash(expected->hash, &report[i]);
    }
    expected->reports += report->slots;
}

static void
on_open(struct check *check, const struct hf_record *record)
{
    check->by_slot[record->session] = NULL;
    for (int i = 0; i < check->expected_count; i++) {
        if (strcmp(check->expected[i].name, record->open.name) == 0) {
            check->by_slot[record->session] = &check->expected[i];
        }
    }
}

static void
violation(struct check *check, const struct hf_record *record, const char *what)
{
    if (check->violations++ < 10) {
        printf("violation at LSN %llu: %s\n", (unsigned long long)record->lsn, what);
    }
}

/** As it was in the ring: with its number, and without what sequencing added. */
static void
hash_command(struct expected *expected, const struct hf_record *record,
             const struct hf_record *more)
{
    uint64_t slot[8] = {expected->commands};
    memcpy(&slot[3], (const char *)record + 24, 40);
    expected->command_hash = flow_hash(expected->command_hash, slot);
    if (more != NULL) {
        slot[0] = ++expected->commands;
        memcpy(&slot[3], (const char *)more + 24, 40);
        expected->command_hash = flow_hash(expected->command_hash, slot);
    }
}

static bool
is_refusal_due(const struct check *check, const struct hf_record *record,
               const struct hf_command *command)
{
    return record->refused.reason == hf_command_check(command) ||
           (check->low && record->refused.reason == HF_REASON_DISK_LOW);
}

static void
check_command(struct check *check, const struct hf_record *record, const struct hf_record *more)
{
    struct expected *expected = check->by_slot[record->session];
    struct hf_command command;
    if (expected == NULL) {
        if (!check->others) {
            violation(check, record, "command of an unexpected session");
        }
        return;
    }
    ++expected->commands;
    if (!expected->known) {
        hash_command(expected, record, more);
        return;
    }
    flow_command(&command, expected->index, expected->commands);
    bool same = record->type == HF_RECORD_REFUSED
                    ? is_refusal_due(check, record, &command)
                    : memcmp((const char *)record + 24, (const char *)&command + 24, 40) == 0;
    if (!same) {
        violation(check, record, "not the session's next command");
    }
}

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct check *check = context;
    if (record->type == HF_RECORD_OPEN) {
        on_open(check, record);
    } else if (record->session != 0 &&
               (record->type < HF_RECORD_GENESIS || record->type == HF_RECORD_REFUSED)) {
        check_command(check, record, more);
    }
    return hf_replay_record(&check->replay, record, more, file, offset);
}

static void
print_side(const struct check *check, uint32_t instrument, enum hf_side side, const char *name)
{
    struct hf_depth_level levels[64];
    size_t count = hf_core_depth(check->replay.core, instrument, side, levels, 64);
    for (size_t i = 0; i < count; i++) {
        printf("book %u %s %lld %llu %u\n", instrument, name, (long long)levels[i].price,
               (unsigned long long)levels[i].quantity, levels[i].orders);
    }
}

static void
parse(struct check *check, char *text)
{
    if (strcmp(text, "others") == 0) {
        check->others = true;
        return;
    }
    if (strcmp(text, "low") == 0) {
        check->low = true;
        return;
    }
    struct expected *expected = &check->expected[check->expected_count++];
    char *index = strchr(text, '=');
    char *count = index == NULL ? NULL : strchr(index + 1, '=');
    expected->known = index != NULL;
    if (index != NULL && count == NULL) {
        fprintf(stderr, "check_log: '%s' is not SESSION=INDEX=COUNT\n", text);
        exit(2);
    }
    if (index != NULL && count != NULL) {
        *index = '\0';
        expected->index = (uint32_t)atoi(index + 1);
        expected->count = strtoull(count + 1, NULL, 10);
    }
    snprintf(expected->name, sizeof(expected->name), "%s", text);
}

static void
print_sessions(struct check *check)
{
    for (int i = 0; i < check->expected_count; i++) {
        const struct expected *expected = &check->expected[i];
        printf("%s ", expected->name);
        if (!expected->known) {
            printf("commands=%llu hash=%016llx ", (unsigned long long)expected->commands,
                   (unsigned long long)expected->command_hash);
        }
        printf("reports=%llu hash=%016llx\n", (unsigned long long)expected->reports,
               (unsigned long long)expected->hash);
        if (expected->known && expected->commands != expected->count) {
            printf("violation: %s has %llu commands in the log, not %llu\n", expected->name,
                   (unsigned long long)expected->commands, (unsigned long long)expected->count);
            check->violations++;
        }
    }
}

int
main(int argc, char **argv)
{
    static struct check check;
    static struct hf_scan_result result;
    if (argc < 3 || argc - 2 > SESSIONS_MAX) {
        fprintf(stderr, "usage: check_log DIRECTORY SESSION[=INDEX=COUNT]... [others] [low]\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        parse(&check, argv[i]);
    }
    check.replay.sink = (struct hf_core_sink){.context = &check, .report = on_report};
    check.replay.numa_node = -1;
    int code = hf_scan(argv[1], 0, on_record, &check, &result);
    if (code != HF_OK) {
        printf("violation: %s\n", check.replay.text[0] != '\0' ? check.replay.text : result.text);
        return 1;
    }
    print_sessions(&check);
    for (uint32_t instrument = 1; instrument <= 2; instrument++) {
        print_side(&check, instrument, HF_BUY, "bid");
        print_side(&check, instrument, HF_SELL, "ask");
    }
    printf("log: %llu records, epoch %llu, %llu violations\n", (unsigned long long)result.end_lsn,
           (unsigned long long)hf_core_epoch(check.replay.core),
           (unsigned long long)check.violations);
    hf_replay_free(&check.replay);
    return check.violations == 0 ? 0 : 1;
}
