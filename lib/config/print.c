/* print.c - the configuration for readers: the commented file, and the list of --help-config. */
#include "config/table.h"

#include "config/wrap.h"

#include <string.h>

#define WIDTH 100
#define HELP_WIDTH 79
#define VALUE_BYTES (HF_CONFIG_STRING_BYTES + 8)

static const char WHEN[] = "A changed value takes effect when the word behind its default says: "
                           "reload: at SIGHUP, while the daemon runs; restart: at the next start; "
                           "log: never for a log that is begun, it stands in its first record.";

static const char INSTRUMENTS[] = "Instruments seed an empty log; afterwards the log wins. Prices "
                                  "and quantities are whole numbers in the instrument's own units: "
                                  "a price is a multiple of tick from price_min to price_max, a "
                                  "quantity a multiple of lot up to quantity_max.";

/** "us, 1 to 10000000; default: 10000; reload" */
static void
facts(const struct hf_param *param, char *text, size_t len_bytes)
{
    char range[VALUE_BYTES];
    char value[VALUE_BYTES];
    hf_param_range(param, range, sizeof(range));
    hf_param_default(param, value, sizeof(value));
    snprintf(text, len_bytes, "%s; default: %s; %s", range, value, hf_param_when_name(param->when));
}

static bool
begins_section(size_t i)
{
    return i == 0 || strcmp(hf_params[i].section, hf_params[i - 1].section) != 0;
}

/* The file */

/** As it was set: a name that follows from the file's, or a path from the name, would stay behind when the
 *  file is copied under another name. */
static bool
follows_from_name(const struct hf_config *config, enum hf_param_index i)
{
    return (i == HF_PARAM_instance_name || i == HF_PARAM_instance_socket ||
            i == HF_PARAM_instance_directory) &&
           config->places[i].path == NULL;
}

static void
print_value(const struct hf_config *config, enum hf_param_index i, FILE *out)
{
    char value[VALUE_BYTES];
    hf_param_value(&hf_params[i], config, value, sizeof(value));
    if (follows_from_name(config, i)) {
        value[0] = '\0';
    }
    fprintf(out, "%s =%s%s\n", hf_params[i].name, value[0] != '\0' ? " " : "", value);
}

void
hf_config_print(const struct hf_config *config, FILE *out)
{
    char text[2 * VALUE_BYTES + 1024];
    char about[2 * VALUE_BYTES + 64];
    hf_print_wrapped(out, "# ", WIDTH,
                     "Configuration of a Holdfast instance. Every parameter is listed.");
    hf_print_wrapped(out, "# ", WIDTH, WHEN);
    for (enum hf_param_index i = 0; i < HF_PARAM_COUNT; i++) {
        const struct hf_param *param = &hf_params[i];
        if (begins_section(i)) {
            fprintf(out, "\n[%s]\n", param->section);
        }
        facts(param, about, sizeof(about));
        snprintf(text, sizeof(text), "%s (%s)", param->text, about);
        fputc('\n', out);
        hf_print_wrapped(out, "# ", WIDTH, text);
        print_value(config, i, out);
    }
    fputc('\n', out);
    hf_print_wrapped(out, "# ", WIDTH, INSTRUMENTS);
    for (size_t i = 0; i < config->instrument_count; i++) {
        const struct hf_instrument_info *info = &config->instruments[i];
        fprintf(out, "\n[instrument.%s]\n", info->symbol);
        for (size_t k = 0; k < HF_INSTRUMENT_PARAM_COUNT; k++) {
            int64_t number;
            memcpy(&number, (const char *)info + hf_instrument_params[k].offset, sizeof(number));
            fprintf(out, "%s = %lld\n", hf_instrument_params[k].name, (long long)number);
        }
    }
}

/* The list */

void
hf_config_print_help(FILE *out)
{
    char about[2 * VALUE_BYTES + 64];
    hf_print_wrapped(
        out, "", HELP_WIDTH,
        "Parameters: in a file [section] and name = value, or --set section.name=value.");
    hf_print_wrapped(out, "", HELP_WIDTH, WHEN);
    for (size_t i = 0; i < HF_PARAM_COUNT; i++) {
        const struct hf_param *param = &hf_params[i];
        if (begins_section(i)) {
            fprintf(out, "\n[%s]\n", param->section);
        }
        facts(param, about, sizeof(about));
        fprintf(out, "  %s  (%s)\n", param->name, about);
        hf_print_wrapped(out, "      ", HELP_WIDTH, param->text);
    }
    fprintf(out, "\n[instrument.SYMBOL]\n");
    hf_print_wrapped(out, "  ", HELP_WIDTH, INSTRUMENTS);
    for (size_t i = 0; i < HF_INSTRUMENT_PARAM_COUNT; i++) {
        const struct hf_instrument_param *param = &hf_instrument_params[i];
        fprintf(out, "  %s  (default: %lld; log)\n      %s\n", param->name,
                (long long)param->default_number, param->text);
    }
}
