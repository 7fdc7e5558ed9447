/*
 * test_options.c - a command line read by its table; each mistake is said, and ends the program.
 */
#include "recover/options.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define WORDS_MAX 8

struct arguments {
    const char *from;
    uint64_t id;
    const char *to;
    uint64_t count;
    bool json;
    bool all;
};

static const struct hf_recover_option options[] = {
    {.argument = "FROM", .at = offsetof(struct arguments, from), .needed = true},
    {.argument = "ID", .kind = HF_OPTION_NUMBER, .at = offsetof(struct arguments, id), .least = 1},
    {"to", 0, "TO", "where to", HF_OPTION_TEXT, .at = offsetof(struct arguments, to),
     .needed = true},
    {"count", 'n', "N", "how many", HF_OPTION_NUMBER, .at = offsetof(struct arguments, count),
     .least = 2, .most = 9},
    {"json", 'j', NULL, "as JSON", HF_OPTION_FLAG, .at = offsetof(struct arguments, json)},
    {"all", 0, NULL, "all of it", HF_OPTION_FLAG, .at = offsetof(struct arguments, all)}};

static const char *
check(const void *context)
{
    const struct arguments *arguments = context;
    return arguments->all && arguments->json ? "--all or --json, not both" : NULL;
}

static const struct hf_recover_usage usage = {.operands = "FROM [ID] --to TO",
                                              .doc = "Test.",
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0]),
                                              .check = check};

static void
parse(const char *const words[WORDS_MAX], struct arguments *arguments)
{
    char *argv[WORDS_MAX + 2] = {(char *)"test"};
    int argc = 1;
    while (argc <= WORDS_MAX && words[argc - 1] != NULL) {
        argv[argc] = (char *)words[argc - 1];
        argc++;
    }
    hf_recover_parse(&usage, argc, argv, arguments);
}

Test(options, operands_and_options_come_in_any_order)
{
    static const char *const lines[][WORDS_MAX] = {
        {"here", "17", "--to", "there", "-n", "3", "-j"},
        {"--json", "--to=there", "here", "--count", "3", "17"},
        {"-jn3", "here", "17", "--to", "there"},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct arguments arguments = {.count = 5};
        parse(lines[i], &arguments);
        cr_expect_str_eq(arguments.from, "here");
        cr_expect_eq(arguments.id, 17);
        cr_expect_str_eq(arguments.to, "there");
        cr_expect_eq(arguments.count, 3);
        cr_expect(arguments.json);
        cr_expect_not(arguments.all);
    }
}

Test(options, what_is_not_said_stays)
{
    struct arguments arguments = {.count = 5, .id = 4};
    static const char *const line[WORDS_MAX] = {"here", "--to", "there"};
    parse(line, &arguments);
    cr_expect_eq(arguments.id, 4);
    cr_expect_eq(arguments.count, 5);
    cr_expect_not(arguments.json);
}

/** Parse in a process of its own. @param text  receives what it says. @return its exit code */
static int
exit_code_of(const char *const words[WORDS_MAX], char *text, size_t bytes)
{
    int ends[2];
    int status = 0;
    size_t used = 0;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct arguments arguments = {.count = 5};
        dup2(ends[1], STDERR_FILENO);
        parse(words, &arguments);
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t got = 1; got > 0 && used<bytes - 1; used += got> 0 ? (size_t)got : 0) {
        got = read(ends[0], text + used, bytes - 1 - used);
    }
    text[used] = '\0';
    close(ends[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(options, each_mistake_is_said_and_ends_the_program)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *text;
    } cases[] = {
        {{NULL}, "FROM is missing"},
        {{"here"}, "--to TO is missing"},
        {{"here", "17", "more", "--to", "there"}, "'more' is one argument too many"},
        {{"here", "x", "--to", "there"}, "ID 'x' is not a whole number from 1 on"},
        {{"here", "0", "--to", "there"}, "ID '0' is not a whole number from 1 on"},
        {{"here", "--to", "there", "-n", "1"}, "--count '1' is not a whole number from 2 on"},
        {{"here", "--to", "there", "-n", "-5"}, "--count '-5' is not a whole number"},
        {{"here", "--to", "there", "-n", "3x"}, "--count '3x' is not a whole number"},
        {{"here", "--to", "there", "-n", ""}, "--count '' is not a whole number"},
        {{"here", "--to", "there", "-n", "99999999999999999999"}, "is not a whole number"},
        {{"here", "--to", "there", "-n", "10"}, "--count is at most 9"},
        {{"here", "--to", "there", "--all", "-j"}, "--all or --json, not both"},
        {{"here", "--to", "there", "--none"}, "unrecognized option"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1024];
        cr_expect_eq(exit_code_of(cases[i].words, text, sizeof(text)), EX_USAGE, "%s",
                     cases[i].text);
        cr_expect_not_null(strstr(text, cases[i].text), "'%s' is not in: %s", cases[i].text, text);
    }
}
