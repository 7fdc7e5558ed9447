/* doctor_print.c - the doctor's findings, for readers and for scripts (doctor.h). */
#include "cli/doctor.h"

#include "config/wrap.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define WIDTH 79
#define INDENT "                         "

static const char *const WORDS[] = {"fine", "note", "unknown", "SLOW", "UNSAFE"};
static const char *const JSON_WORDS[] = {"fine", "note", "unknown", "slow", "unsafe"};

struct hf_finding *
hf_doctor_find(struct hf_doctor *doctor, const char *check, enum hf_verdict verdict)
{
    /* The last place takes what is too much: a host with more disks than anybody wants to read of. */
    unsigned place = doctor->finding_count < HF_DOCTOR_FINDINGS_MAX ? doctor->finding_count++
                                                                    : HF_DOCTOR_FINDINGS_MAX - 1;
    doctor->findings[place] = (struct hf_finding){.check = check, .verdict = verdict};
    return &doctor->findings[place];
}

void
hf_doctor_say(char text[HF_DOCTOR_TEXT_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, HF_DOCTOR_TEXT_BYTES, format, arguments);
    va_end(arguments);
}

enum hf_verdict
hf_doctor_worst(const struct hf_doctor *doctor)
{
    enum hf_verdict worst = HF_VERDICT_FINE;
    for (unsigned i = 0; i < doctor->finding_count; i++) {
        worst = doctor->findings[i].verdict > worst ? doctor->findings[i].verdict : worst;
    }
    return worst;
}

static unsigned
count_of(const struct hf_doctor *doctor, enum hf_verdict verdict)
{
    unsigned count = 0;
    for (unsigned i = 0; i < doctor->finding_count; i++) {
        count += doctor->findings[i].verdict == verdict;
    }
    return count;
}

/* Text */

static void
print_finding(FILE *out, const struct hf_finding *finding)
{
    char *text = NULL;
    size_t len = 0;
    FILE *wrapped = open_memstream(&text, &len);
    if (wrapped == NULL) {
        return;
    }
    hf_print_wrapped(wrapped, INDENT, WIDTH, finding->what);
    (void)fclose(wrapped);
    (void)fprintf(out, "%-8s %-15s %s", WORDS[finding->verdict], finding->check,
                  len > strlen(INDENT) ? text + strlen(INDENT) : "\n");
    free(text);
    if (finding->effect[0] != '\0') {
        hf_print_wrapped(out, INDENT, WIDTH, finding->effect);
    }
    if (finding->mend[0] != '\0') { /* whole, to be copied */
        (void)fprintf(out, "%s-> %s\n", INDENT, finding->mend);
    }
}

static void
print_head(const struct hf_doctor *doctor, FILE *out)
{
    const struct hf_subject *subject = &doctor->subject;
    struct utsname host;
    if (doctor->host.root[0] != '\0') {
        (void)fprintf(out, "host below %s\n", doctor->host.root);
    } else if (uname(&host) == 0) {
        (void)fprintf(out, "host %s, Linux %s, %s\n", host.nodename, host.release, host.machine);
    }
    if (subject->pid != 0) {
        (void)fprintf(out, "instance '%s', running as process %llu, ", subject->name,
                      (unsigned long long)subject->pid);
    } else if (subject->name[0] != '\0') {
        (void)fprintf(out, "instance '%s', as configured, ", subject->name);
    }
    (void)fprintf(out, "log in %s\n\n",
                  subject->directory[0] != '\0' ? subject->directory : "a directory not known");
}

void
hf_doctor_print(const struct hf_doctor *doctor, FILE *out)
{
    print_head(doctor, out);
    for (int verdict = HF_VERDICT_UNSAFE; verdict >= HF_VERDICT_FINE; verdict--) {
        for (unsigned i = 0; i < doctor->finding_count; i++) {
            if ((int)doctor->findings[i].verdict == verdict) {
                print_finding(out, &doctor->findings[i]);
            }
        }
    }
    (void)fprintf(out, "\n%u endanger safety, %u cost latency, %u to know, %u unknown, %u fine\n",
                  count_of(doctor, HF_VERDICT_UNSAFE), count_of(doctor, HF_VERDICT_SLOW),
                  count_of(doctor, HF_VERDICT_NOTE), count_of(doctor, HF_VERDICT_UNKNOWN),
                  count_of(doctor, HF_VERDICT_FINE));
}

/* JSON */

static void
set_number(json_t *object, const char *name, uint64_t value)
{
    (void)json_object_set_new(object, name, json_integer((json_int_t)value));
}

static void
set_text(json_t *object, const char *name, const char *value)
{
    (void)json_object_set_new(object, name, value[0] != '\0' ? json_string(value) : json_null());
}

static json_t *
measured_json(const struct hf_measured *m)
{
    json_t *object = json_object();
    if (m->flush) {
        set_number(object, "flushes", m->flushes);
        set_number(object, "flush_p50_ns", m->flush_p50_ns);
        set_number(object, "flush_p99_ns", m->flush_p99_ns);
        set_number(object, "flush_max_ns", m->flush_max_ns);
    }
    if (m->noise) {
        set_number(object, "noise_cpu", (uint64_t)m->noise_cpu);
        set_number(object, "noise_ns", m->noise_ns);
        set_number(object, "noise_lost_ns", m->lost_ns);
        set_number(object, "noise_longest_ns", m->longest_ns);
        set_number(object, "noise_pauses", m->pauses);
        set_number(object, "noise_interrupts", m->interrupts);
        set_number(object, "stolen_ms", m->stolen_ms);
    }
    if (m->clock) {
        (void)json_object_set_new(object, "clock_ns", json_real(m->clock_ns));
    }
    if (m->pages) {
        (void)json_object_set_new(object, "small_page_ns", json_real(m->small_ns));
        (void)json_object_set_new(object, "huge_page_ns", json_real(m->huge_ns));
    }
    return object;
}

void
hf_doctor_print_json(const struct hf_doctor *doctor, FILE *out)
{
    json_t *top = json_object();
    json_t *list = json_array();
    set_text(top, "instance", doctor->subject.name);
    set_number(top, "pid", doctor->subject.pid);
    set_text(top, "directory", doctor->subject.directory);
    set_text(top, "worst", JSON_WORDS[hf_doctor_worst(doctor)]);
    (void)json_object_set_new(top, "measured", measured_json(&doctor->measured));
    for (unsigned i = 0; i < doctor->finding_count; i++) {
        const struct hf_finding *finding = &doctor->findings[i];
        json_t *object = json_object();
        set_text(object, "check", finding->check);
        set_text(object, "verdict", JSON_WORDS[finding->verdict]);
        set_text(object, "what", finding->what);
        set_text(object, "effect", finding->effect);
        set_text(object, "mend", finding->mend);
        (void)json_array_append_new(list, object);
    }
    (void)json_object_set_new(top, "findings", list);
    (void)json_dumpf(top, out, JSON_INDENT(2));
    (void)fputc('\n', out);
    json_decref(top);
}
