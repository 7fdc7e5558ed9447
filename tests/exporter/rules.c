/* rules.c - whether a text keeps to Prometheus's exposition format. */
#include "rules.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 128
#define LINE_BYTES 1024
#define METRICS_MAX 256
#define SAMPLES_MAX 8192

struct metric {
    char name[NAME_BYTES];
    char type[16];
    bool helped;
    bool closed; /**< another one has begun since */
};

struct rules {
    struct metric metrics[METRICS_MAX];
    size_t metric_count;
    struct metric *now; /**< whose block this is */
    char *samples[SAMPLES_MAX];
    size_t sample_count;
    /* of the histogram at hand */
    double le;
    double bucket;
    double infinite; /**< < 0: no +Inf bucket so far */
};

static size_t
name_length(const char *text)
{
    size_t len = 0;
    while (isalnum((unsigned char)text[len]) || text[len] == '_' || text[len] == ':') {
        len++;
    }
    return len > 0 && isdigit((unsigned char)text[0]) ? 0 : len;
}

static struct metric *
find_metric(struct rules *rules, const char *name)
{
    for (size_t i = 0; i < rules->metric_count; i++) {
        if (strcmp(rules->metrics[i].name, name) == 0) {
            return &rules->metrics[i];
        }
    }
    return NULL;
}

/** @return NULL, or the fault */
static const char *
help_line(struct rules *rules, const char *line)
{
    size_t len = name_length(line);
    char name[NAME_BYTES];
    if (len == 0 || len >= NAME_BYTES || line[len] != ' ' || line[len + 1] == '\0') {
        return "HELP without a name or a text";
    }
    memcpy(name, line, len);
    name[len] = '\0';
    if (find_metric(rules, name) != NULL) {
        return "HELP comes twice, or behind samples";
    }
    if (rules->metric_count == METRICS_MAX) {
        return "more metrics than this checker counts";
    }
    if (rules->now != NULL) {
        rules->now->closed = true;
    }
    rules->now = &rules->metrics[rules->metric_count++];
    *rules->now = (struct metric){.helped = true};
    memcpy(rules->now->name, name, len + 1);
    return NULL;
}

static const char *
type_line(struct rules *rules, const char *line)
{
    static const char *const types[] = {"counter", "gauge", "histogram", "summary", "untyped"};
    size_t len = name_length(line);
    if (rules->now == NULL || strlen(rules->now->name) != len ||
        strncmp(rules->now->name, line, len) != 0) {
        return "TYPE is not right behind its HELP";
    }
    if (rules->now->type[0] != '\0') {
        return "TYPE comes twice";
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(line + len + 1, types[i]) == 0) {
            (void)snprintf(rules->now->type, sizeof(rules->now->type), "%s", types[i]);
        }
    }
    if (rules->now->type[0] == '\0') {
        return "an unknown TYPE";
    }
    bool is_counter = strcmp(rules->now->type, "counter") == 0;
    bool is_total = len > 6 && strcmp(rules->now->name + len - 6, "_total") == 0;
    rules->le = -INFINITY;
    rules->bucket = 0;
    rules->infinite = -1;
    return is_counter == is_total ? NULL : "a counter's name ends in _total, and no other's does";
}

/** Step over {name="value",...}. @return behind it, or NULL: malformed */
static const char *
skip_labels(const char *at)
{
    if (*at != '{') {
        return at;
    }
    at++;
    while (*at != '}') {
        size_t len = name_length(at);
        if (len == 0 || at[len] != '=' || at[len + 1] != '"') {
            return NULL;
        }
        at += len + 2;
        for (; *at != '"'; at++) {
            if (*at == '\0' || (*at == '\\' && strchr("\\\"n", at[1]) == NULL)) {
                return NULL;
            }
            at += *at == '\\';
        }
        at++;
        if (*at == ',') {
            at++;
        } else if (*at != '}') {
            return NULL;
        }
    }
    return at + 1;
}

/** X3. @param end  of the name and its labels */
static const char *
histogram_sample(struct rules *rules, const char *line, size_t len, double value)
{
    const char *suffix = line + strlen(rules->now->name);
    if (strncmp(suffix, "_bucket{le=\"", 12) == 0) {
        double le = strtod(suffix + 12, NULL);
        if (le <= rules->le || value < rules->bucket) {
            return "buckets do not grow";
        }
        rules->le = le;
        rules->bucket = value;
        rules->infinite = isinf(le) ? value : rules->infinite;
        return NULL;
    }
    if (len == strlen(rules->now->name) + 6 && strncmp(suffix, "_count", 6) == 0) {
        return value == rules->infinite ? NULL : "_count is not that of the bucket +Inf";
    }
    return strncmp(suffix, "_sum", 4) == 0 ? NULL
                                           : "a histogram has _bucket, _sum and _count alone";
}

static const char *
remember_sample(struct rules *rules, const char *line, size_t key_len)
{
    for (size_t i = 0; i < rules->sample_count; i++) {
        if (strlen(rules->samples[i]) == key_len && memcmp(rules->samples[i], line, key_len) == 0) {
            return "a sample comes twice";
        }
    }
    if (rules->sample_count == SAMPLES_MAX) {
        return "more samples than this checker counts";
    }
    rules->samples[rules->sample_count++] = strndup(line, key_len);
    return NULL;
}

static const char *
sample_line(struct rules *rules, const char *line)
{
    size_t len = name_length(line);
    const char *behind = len == 0 ? NULL : skip_labels(line + len);
    char *end = NULL;
    if (behind == NULL || *behind != ' ') {
        return "neither a comment nor a sample";
    }
    double value = strtod(behind + 1, &end);
    if (end == behind + 1 || *end != '\0') {
        return "the value is not a number";
    }
    if (rules->now == NULL || rules->now->type[0] == '\0') {
        return "a sample without HELP and TYPE before it";
    }
    size_t own = strlen(rules->now->name);
    bool is_histogram = strcmp(rules->now->type, "histogram") == 0;
    if (strncmp(line, rules->now->name, own) != 0 || (!is_histogram && len != own)) {
        return "a sample outside of its metric's block";
    }
    if (strcmp(rules->now->type, "counter") == 0 && !(value >= 0)) {
        return "a counter below zero";
    }
    const char *fault = is_histogram ? histogram_sample(rules, line, len, value) : NULL;
    return fault != NULL ? fault : remember_sample(rules, line, (size_t)(behind - line));
}

static const char *
one_line(struct rules *rules, const char *line)
{
    if (strncmp(line, "# HELP ", 7) == 0) {
        return help_line(rules, line + 7);
    }
    if (strncmp(line, "# TYPE ", 7) == 0) {
        return type_line(rules, line + 7);
    }
    return line[0] == '#' || line[0] == '\0' ? NULL : sample_line(rules, line);
}

bool
rules_keep(const char *text, char why[RULES_TEXT_BYTES])
{
    struct rules *rules = calloc(1, sizeof(*rules));
    const char *fault = *text == '\0' ? "there is nothing" : NULL;
    char line[LINE_BYTES] = "";
    while (fault == NULL && *text != '\0') {
        size_t len = strcspn(text, "\n");
        if (text[len] != '\n' || len >= sizeof(line)) {
            fault = "a line has no end, or is too long";
            break;
        }
        memcpy(line, text, len);
        line[len] = '\0';
        fault = one_line(rules, line);
        text += len + 1;
    }
    (void)snprintf(why, RULES_TEXT_BYTES, "%s: %.300s", fault == NULL ? "" : fault, line);
    for (size_t i = 0; i < rules->sample_count; i++) {
        free(rules->samples[i]);
    }
    free(rules);
    return fault == NULL;
}

/** The next line that begins a sample behind `at`. */
static const char *
next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end == NULL ? at + strlen(at) : end + 1;
}

bool
rules_have(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = text; *at != '\0'; at = next_line(at)) {
        if (strncmp(at, name, len) == 0 && (at[len] == ' ' || at[len] == '{')) {
            return true;
        }
    }
    return false;
}

double
rules_value(const char *text, const char *beginning)
{
    size_t len = strlen(beginning);
    for (const char *at = text; *at != '\0'; at = next_line(at)) {
        if (strncmp(at, beginning, len) == 0) {
            const char *behind = skip_labels(at + name_length(at));
            return behind == NULL ? -1 : strtod(behind, NULL);
        }
    }
    return -1;
}
