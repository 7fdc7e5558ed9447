/*
 * config.c - the configuration file and --set.
 *
 *   input: the file, then (each behind a NUL) assignments as of --set
 *
 * What was accepted is printed, read again, and must be accepted and printed the same.
 */
#include "config/config.h"
#include "fuzz/fuzz.h"

#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

static struct fuzz_file file;

void
fuzz_target_init(void)
{
    fuzz_file_open(&file);
}

static char *
print(const struct hf_config *config, size_t *length)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);
    HF_ASSERT("there is memory", stream != NULL);
    hf_config_print(config, stream);
    (void)fclose(stream);
    return text;
}

/** Every assignment behind the file's NUL. */
static void
set_all(struct hf_config *config, const uint8_t *bytes, size_t count)
{
    char assignment[512];
    while (count > 0) {
        size_t length = strnlen((const char *)bytes, count);
        size_t kept = length < sizeof(assignment) - 1 ? length : sizeof(assignment) - 1;
        memcpy(assignment, bytes, kept);
        assignment[kept] = '\0';
        hf_config_set(config, assignment);
        size_t passed = length < count ? length + 1 : count;
        bytes += passed;
        count -= passed;
    }
}

static void
walk_admins(const struct hf_config *config)
{
    char name[HF_NAME_BYTES];
    const char *rest = config->instance_admin;
    size_t total = 0;
    for (size_t length; (length = hf_config_next_admin(&rest, name)) > 0; total += length) {
        FUZZ_CHECK("names of administrators end", total < HF_CONFIG_STRING_BYTES);
    }
}

static void
print_and_read_again(const struct hf_config *config)
{
    struct hf_config again;
    size_t length = 0;
    size_t length_again = 0;
    char *text = print(config, &length);
    fuzz_file_store(&file, text, length);
    HF_ASSERT("there is memory", hf_config_init(&again) == HF_OK);
    hf_config_load(&again, file.path);
    FUZZ_CHECK("what was printed is accepted", hf_config_check(&again));
    char *text_again = print(&again, &length_again);
    FUZZ_CHECK("what was printed says all",
               length == length_again && memcmp(text, text_again, length) == 0);
    free(text);
    free(text_again);
    hf_config_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct hf_config config;
    size_t length = count == 0 ? 0 : strnlen((const char *)bytes, count);
    fuzz_file_store(&file, bytes, length);
    HF_ASSERT("there is memory", hf_config_init(&config) == HF_OK);
    hf_config_load(&config, file.path);
    set_all(&config, bytes + length, count - length);
    bool good = hf_config_check(&config);
    FUZZ_CHECK("an error is in words", good == (config.error_count == 0));
    FUZZ_CHECK("words end", strnlen(config.errors, sizeof(config.errors)) < sizeof(config.errors));
    if (good) {
        walk_admins(&config);
        print_and_read_again(&config);
    }
    hf_config_free(&config);
    return 0;
}

/** A line of every parameter by itself: the whole file is longer than an input. */
static void
seed_lines(const char *text)
{
    char section[64] = "";
    while (*text != '\0') {
        int length = (int)strcspn(text, "\n");
        if (*text == '[') {
            (void)snprintf(section, sizeof(section), "%.*s", length, text);
        } else if (*text != '#' && *text != ';' && length > 0) {
            char seed[512];
            (void)snprintf(seed, sizeof(seed), "%s\n%.*s\n", section, length, text);
            fuzz_seed_text(seed);
        }
        text += length + (text[length] == '\n');
    }
}

void
fuzz_target_seeds(void)
{
    struct hf_config config;
    size_t length = 0;
    HF_ASSERT("there is memory", hf_config_init(&config) == HF_OK);
    HF_ASSERT("the defaults are good", hf_config_check(&config));
    char *text = print(&config, &length);
    seed_lines(text);
    static const char two[] = "[instrument.A]\ntick = 5\nlot = 10\n\n# more\n[instrument.B]\n"
                              "price_min = -100\nprice_max: 100\n[instance]\nadmin = a, b\n"
                              "\0limits.orders_max=64\0instrument.C.quantity_max=9";
    fuzz_seed(two, sizeof(two) - 1);
    free(text);
    hf_config_free(&config);
}
