/* begin.c - where records and state begin (begin.h). */
#include "recover/begin.h"

#include "recover/tool.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>

static void
on_refused(void *context, const char *text)
{
    const struct hf_begin *begin = context;
    (void)fprintf(stderr, "holdfast-recover %s: %s\n", begin->command, text);
}

int
hf_begin(struct hf_begin *begin, const char *directory, struct hf_replay *replay)
{
    struct hf_restore restore = {.directory = directory,
                                 .lsn_max = begin->lsn_max,
                                 .oldest = begin->oldest,
                                 .refused = on_refused,
                                 .context = begin};
    begin->snapshot_lsn = 0;
    int code = hf_beginning(directory, &begin->log);
    if (code != HF_OK) {
        return hf_recover_fail(begin->command, code, "%s", begin->log.text);
    }
    if (!hf_begin_short(begin)) {
        return hf_recover_exit_code(HF_OK);
    }
    code = hf_restore(&restore, replay);
    begin->position = restore.position;
    begin->snapshot_lsn = restore.position.lsn;
    return code == HF_OK ? hf_recover_exit_code(HF_OK)
                         : hf_recover_fail(begin->command, code, "%s", replay->text);
}

int
hf_begin_needs(const struct hf_begin *begin, const char *directory)
{
    char bound[64] = "";
    if (!hf_begin_short(begin) || begin->snapshot_lsn != 0) {
        return hf_recover_exit_code(HF_OK);
    }
    if (begin->lsn_max != 0) {
        (void)snprintf(bound, sizeof(bound), " of LSN %" PRIu64 " or before", begin->lsn_max);
    }
    return hf_recover_fail(begin->command, HF_E_UNKNOWN,
                           "the log in %s begins with LSN %" PRIu64 " (segment %" PRIu64
                           "), what was before is gone, and there is no snapshot%s to begin with",
                           directory, begin->log.position.lsn + 1, begin->log.segment, bound);
}

void
hf_begin_print_words(const struct hf_begin *begin, const char *what)
{
    (void)printf("The log begins with LSN %" PRIu64 " (segment %" PRIu64
                 "); what was before is gone. ",
                 begin->log.position.lsn + 1, begin->log.segment);
    if (begin->snapshot_lsn != 0) {
        (void)printf("Up to LSN %" PRIu64 ", where a snapshot stands, %s not known\n",
                     begin->snapshot_lsn, what);
    } else {
        (void)printf("There is no snapshot: %s not known\n", what);
    }
}

json_t *
hf_begin_json(const struct hf_begin *begin, const char *key)
{
    const json_int_t lsn = (json_int_t)begin->log.position.lsn;
    json_t *object =
        json_pack("{s:s, s:I, s:I, s:I}", key, "beginning", "first_lsn", lsn + 1, "segment",
                  (json_int_t)begin->log.segment, "snapshot_lsn", (json_int_t)begin->snapshot_lsn);
    if (begin->snapshot_lsn == 0) {
        (void)json_object_set_new(object, "snapshot_lsn", json_null());
    }
    return object;
}
