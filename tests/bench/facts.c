/* facts.c - host, build and the time of a report (facts.h). */
#include "facts.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static double
load_now(void)
{
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : -1;
}

/** The eighth number of the first line of /proc/stat, in ticks. */
static double
steal_now(void)
{
    unsigned long long steal = 0;
    FILE *file = fopen("/proc/stat", "r");
    if (file != NULL) {
        if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal) != 1) {
            steal = 0;
        }
        (void)fclose(file);
    }
    return (double)steal / (double)sysconf(_SC_CLK_TCK);
}

void
bench_facts_begin(struct bench_facts *facts)
{
    facts->load_before = load_now();
    facts->steal_before = steal_now();
    facts->begin_ns = hf_clock_wall_ns();
}

void
bench_facts_end(struct bench_facts *facts)
{
    facts->load_after = load_now();
    facts->steal_after = steal_now();
    facts->end_ns = hf_clock_wall_ns();
}

/** What stands behind "KEY" and a colon in a file of such lines, or behind nothing in its first line. */
static void
read_line(const char *path, const char *key, char *text, size_t bytes)
{
    char line[512];
    FILE *file = fopen(path, "r");
    (void)snprintf(text, bytes, "unknown");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) {
            const char *value = strchr(line, ':');
            value = key[0] == '\0' || value == NULL ? line : value + 1;
            (void)snprintf(text, bytes, "%s", value + strspn(value, " \t"));
            text[strcspn(text, "\n")] = '\0';
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

/** File system and device of a directory: the longest mount point that it is below. */
static void
find_mount(const char *directory, char *text, size_t bytes)
{
    char real[4096];
    char line[1024];
    size_t longest = 0;
    (void)snprintf(text, bytes, "unknown");
    FILE *file = realpath(directory, real) == NULL ? NULL : fopen("/proc/self/mounts", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        char device[256];
        char point[256];
        char type[64];
        if (sscanf(line, "%255s %255s %63s", device, point, type) != 3) {
            continue;
        }
        size_t length = strlen(point);
        bool below = strncmp(real, point, length) == 0 &&
                     (real[length] == '/' || real[length] == '\0' || point[length - 1] == '/');
        if (below && length >= longest) {
            longest = length;
            (void)snprintf(text, bytes, "%s on %s", type, device);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void
write_noise(const struct bench_facts *facts, FILE *out)
{
    double seconds = (double)(facts->end_ns - facts->begin_ns) / 1e9;
    double steal = facts->steal_after - facts->steal_before;
    (void)fprintf(out, "| load of the last minute | %.2f before, %.2f after |\n",
                  facts->load_before, facts->load_after);
    (void)fprintf(out, "| taken by the hypervisor | %.1f s of %.0f s |\n", steal, seconds);
    if (facts->load_before > 0.5) {
        (void)fputs(
            "\n**Something else ran on this host when the measuring began: absolute figures are "
            "worth little, ratios somewhat more.**\n",
            out);
    }
}

void
bench_facts_write(const struct bench_facts *facts, const struct bench_options *options, FILE *out)
{
    struct utsname host;
    char text[512];
    char when[64];
    time_t begin = (time_t)(facts->begin_ns / 1000000000u);
    struct tm utc;
    (void)uname(&host);
    (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", gmtime_r(&begin, &utc));
    (void)fprintf(out, "\n## Host\n\n| | |\n|---|---|\n| measured | %s |\n", when);
    (void)fprintf(out, "| Holdfast | %s, compiled by %s |\n", HF_VERSION, BENCH_COMPILER);
    (void)fprintf(out, "| kernel | %s %s %s |\n", host.sysname, host.release, host.machine);
    read_line("/proc/cpuinfo", "model name", text, sizeof(text));
    (void)fprintf(out, "| CPU | %s, %ld online; pinned to %d and %d |\n", text,
                  sysconf(_SC_NPROCESSORS_ONLN), options->cpus[0], options->cpus[1]);
    read_line("/proc/meminfo", "MemTotal", text, sizeof(text));
    (void)fprintf(out, "| memory | %s |\n", text);
    read_line("/sys/kernel/mm/transparent_hugepage/enabled", "", text, sizeof(text));
    (void)fprintf(out, "| transparent huge pages | %s |\n", text);
    find_mount(options->directory, text, sizeof(text));
    (void)fprintf(out, "| logs and stores | %s |\n", text);
    write_noise(facts, out);
}
