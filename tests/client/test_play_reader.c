/*
 * test_play_reader.c - files of cases: what is read from them, and every way in which they can be wrong,
 * with the words that say so.
 */
#include "client/temporary_files.h"

#include "cli/play_case.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>

TestSuite(play_reader, .init = make_directory, .fini = remove_directory, .timeout = 60);

#define HEAD "{\"case\": \"c\"}\n"
#define NEW                                                                                        \
    "{\"op\": \"new\", \"id\": \"a\", \"side\": \"B\", \"type\": \"limit\", \"tif\": \"GTC\", "

/** Read all cases of a file; the last one stays in `play_case`. @return how many, or the error's code */
static int
read_all(const char *path, struct hf_play_case *play_case, char *error)
{
    struct hf_play_reader *reader;
    struct hf_play_case next = {0};
    int count = 0;
    int code = hf_play_reader_open(&reader, path);
    *play_case = (struct hf_play_case){0};
    while (code >= 0 && (code = hf_play_reader_next(reader, &next)) == 1) {
        hf_play_case_free(play_case);
        *play_case = next;
        count++;
    }
    hf_play_case_free(&next); /* begun, but in error or at the end */
    if (code < 0) {
        cr_expect_eq(hf_play_reader_next(reader, &next), code, "an error stays");
        strcpy(error, hf_play_reader_error(reader));
    }
    hf_play_reader_close(reader);
    return code < 0 ? code : count;
}

Test(play_reader, every_malformed_line_is_refused_with_its_number_and_what_is_wrong)
{
    static const struct {
        const char *text;
        const char *words;
    } bad[] = {
        {"", NULL}, /* no case at all is a file without cases */
        {"\n", NULL},
        {"\n{,", "line 2: not JSON: "}, /* the line before has no bytes to keep */
        {"{\"case\": \"c\"", "line 1: not JSON: "},
        {"[]", "line 1: not a JSON object"},
        {"{\"op\": \"cancel\", \"id\": \"a\"}", "line 1: 'case' is missing"},
        {"{\"case\": 7}", "line 1: 'case' is not a string"},
        {HEAD "{}",
         "line 2: neither a command (op), nor an expectation (exp), nor a header (case)"},
        {HEAD "\n\n{\"op\": 1}", "line 4: 'op' is not a string"},
        {HEAD "{\"op\": \"buy\"}", "line 2: 'op' cannot be 'buy'"},
        {HEAD "{\"op\": \"cancel\"}", "line 2: 'id' is missing"},
        {HEAD "{\"op\": \"cancel\", \"id\": 1.5}", "line 2: id: a name is a string or an integer"},
        {HEAD "{\"op\": \"cancel\", \"id\": 1, \"id\": 2}",
         "line 2: not JSON: duplicate object key"},
        {HEAD "{\"op\": \"cancel\", \"id\": 1, \"qty\": 2}", "line 2: 'qty' is no field of this"},
        {HEAD NEW "\"px\": 1}", "line 2: 'qty' is missing"},
        {HEAD NEW "\"qty\": 1}", "line 2: 'px' is missing"},
        {HEAD NEW "\"px\": 1.0, \"qty\": 1}", "line 2: 'px' is not an integer"},
        {HEAD NEW "\"px\": \"1\", \"qty\": 1}", "line 2: 'px' is not an integer"},
        {HEAD NEW "\"px\": 9223372036854775808, \"qty\": 1}", "line 2: not JSON: too big integer"},
        {HEAD NEW "\"px\": 1, \"qty\": 1, \"post_only\": 1}",
         "line 2: 'post_only' is neither true nor false"},
        {HEAD NEW "\"px\": 1, \"qty\": 1, \"quantity\": 1}",
         "line 2: 'quantity' is no field of this (allowed: op id owner"},
        {HEAD "{\"op\": \"new\", \"id\": 1, \"side\": \"X\"}", "line 2: 'side' cannot be 'X'"},
        {HEAD "{\"op\": \"replace\", \"id\": 1, \"qty\": 1, \"qty_delta\": 1}",
         "line 2: 'qty' and 'qty_delta' exclude each other"},
        {HEAD "{\"op\": \"replace\", \"id\": 1, \"qty\": 1, \"qty_is\": \"total\"}",
         "line 2: 'qty_is' cannot be 'total'"},
        {HEAD "{\"op\": \"reduce\", \"id\": 1, \"qty\": -1}", "line 2: 'qty' is less than 0"},
        {HEAD "{\"op\": \"resize\", \"id\": 1, \"qty\": -1}", "line 2: 'qty' is less than 0"},
        {HEAD "{\"op\": \"replace\", \"id\": 1, \"qty\": -1}", "line 2: 'qty' is less than 0"},
        {HEAD "{\"op\": \"limits\"}", "line 2: no limit is given"},
        {HEAD "{\"op\": \"session\", \"orders\": 4294967296}",
         "line 2: 'orders' is more than 4294967295"},
        {HEAD "{\"op\": \"time\", \"to\": -1}", "line 2: 'to' is less than 0"},
        {HEAD "{\"op\": \"new\", \"id\": 1, \"side\": \"B\", \"type\": \"limit\", "
              "\"tif\": \"GTD\", \"px\": 1, \"qty\": 1}",
         "line 2: 'expires' is missing"},
        {HEAD "{\"op\": \"group\", \"owner\": 1, \"group\": -1}", "line 2: 'group' is less than 0"},
        {HEAD "{\"case\": \"x\", \"out_of_scope\": \"AON\"}",
         "line 2: 'out_of_scope' is not a list"},
        {"{\"case\": \"x\", \"out_of_scope\": [1]}",
         "line 1: 'out_of_scope': an entry is not a string"},
        {"{\"case\": \"x\", \"depends\": [\"replace\"]}",
         "line 1: 'depends' is no object of rules by their names"},
        {"{\"case\": \"x\", \"depends\": {\"replace\": 7}}",
         "line 1: 'depends': rule 'replace' is neither a string, nor true nor false"},
        {HEAD "{\"exp\": \"trades\"}", "line 2: 'trades' is not a list"},
        {HEAD "{\"exp\": \"trades\", \"list\": [[1, 2, 3]]}",
         "line 2: 'trades': an entry is no list of 4 elements"},
        {HEAD "{\"exp\": \"trades\", \"list\": [[1, 2, 3, \"4\"]]}",
         "line 2: trades: a price or quantity is no integer"},
        {HEAD "{\"exp\": \"trades\", \"list\": [7]}",
         "line 2: 'trades': an entry is no list of 4 elements"},
        {HEAD "{\"exp\": \"trades\", \"list\": [], \"unorderd\": true}",
         "line 2: 'unorderd' is no field of this"},
        {HEAD "{\"exp\": \"book\", \"by\": \"order\", \"bids\": []}",
         "line 2: 'asks' is not a list"},
        {HEAD "{\"exp\": \"book\", \"by\": \"owner\", \"bids\": [], \"asks\": []}",
         "line 2: 'by' cannot be 'owner'"},
        {HEAD "{\"exp\": \"top\", \"bids\": [[1]], \"asks\": []}",
         "line 2: 'bids': an entry is no list of 2 elements"},
        {HEAD "{\"exp\": \"event\", \"id\": 1}", "line 2: 'ev' is missing"},
        {HEAD "{\"exp\": \"event\", \"id\": 1, \"ev\": \"filled\"}",
         "line 2: 'ev' cannot be 'filled'"},
        {HEAD "{\"exp\": \"totals\", \"bid\": 1}", "line 2: 'what' is missing"},
        {HEAD "{\"exp\": \"last_px\"}", "line 2: 'px' is missing"},
        {HEAD "{\"exp\": \"last_px\", \"px\": \"1\"}", "line 2: 'px' is not an integer"},
        {"{\"case\": \"s\", \"cmds\": {}}", "line 1: 'cmds' is not a list"},
        {"{\"case\": \"s\", \"cmds\": [1]}", "line 1: command 1 is not an object"},
        {"{\"case\": \"s\", \"cmds\": [{\"op\": \"cancel\"}]}",
         "line 1: command 1: 'id' is missing"},
        {"{\"case\": \"s\", \"cmds\": [], \"trades\": [[]]}",
         "line 1: 'trades' has not one list for each command"},
        {"{\"case\": \"s\", \"cmds\": [{\"op\": \"cancel\", \"id\": 1}], \"trades\": [3]}",
         "line 1: 'trades' is not a list"},
        {"{\"case\": \"s\", \"cmds\": [], \"bids\": []}", "line 1: 'asks' is not a list"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct hf_play_case play_case;
        char error[1024] = "";
        int result = read_all(write_text("bad.jsonl", bad[i].text), &play_case, error);
        hf_play_case_free(&play_case);
        if (bad[i].words == NULL) {
            cr_expect_eq(result, 0, "%s", bad[i].text);
            continue;
        }
        cr_expect_eq(result, HF_E_CORRUPT, "%s", bad[i].text);
        const char *place = strstr(error, "bad.jsonl: ");
        cr_expect(place != NULL && strncmp(place + strlen("bad.jsonl: "), bad[i].words,
                                           strlen(bad[i].words)) == 0,
                  "%s\nsays: %s", bad[i].text, error);
    }
}

Test(play_reader, a_file_may_hold_several_cases_in_any_packing)
{
    static const char text[] = HEAD "{\"op\": \"cancel\", \"id\": 7}\r\n"
                                    "\n"
                                    "{\"case\": \"d\"}\n" NEW "\"px\": -5, \"qty\": 3}\n"
                                    "{\"exp\": \"order\", \"id\": \"7\", \"live\": false}";
    for (enum packing packing = PLAIN; packing < PACKINGS; packing++) {
        struct hf_play_case play_case;
        char error[1024] = "";
        const char *path = write_packed("two.jsonl", packing, text, strlen(text));
        cr_assert_eq(read_all(path, &play_case, error), 2, "%s", error);
        cr_assert_str_eq(play_case.name, "d");
        cr_assert_eq(play_case.step_count, 2);
        cr_expect_eq(play_case.steps[0].line, 5);
        cr_expect(play_case.steps[0].is_command);
        cr_expect_eq(play_case.steps[0].command.price, -5);
        cr_expect_eq(play_case.steps[0].command.quantity, 3);
        cr_expect_eq(play_case.steps[1].expectation.kind, HF_PLAY_ORDER);
        cr_expect_eq(play_case.new_count, 1);
        hf_play_case_free(&play_case);
    }
}

Test(play_reader, a_stream_becomes_commands_each_with_its_trades_and_a_book_at_the_end)
{
    static const char text[] =
        "{\"case\": \"s\", \"cmds\": [" NEW "\"px\": 5, \"qty\": 3}, {\"op\": \"replace\", \"id\": "
        "\"a\", \"px\": 6, \"qty\": 2}], \"trades\": [[], [[\"a\", 9, 6, 1]]], \"bids\": [[\"a\", "
        "6, "
        "1]], \"asks\": []}\n";
    struct hf_play_case play_case;
    char error[1024] = "";
    cr_assert_eq(read_all(write_text("s.jsonl", text), &play_case, error), 1, "%s", error);
    cr_expect(play_case.is_stream && play_case.has_replace);
    cr_assert_eq(play_case.step_count, 5);
    static const bool commands[] = {true, false, true, false, false};
    static const uint64_t numbers[] = {1, 1, 2, 2, 2};
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(play_case.steps[i].is_command, commands[i], "step %zu", i);
        cr_expect_eq(play_case.steps[i].line, numbers[i], "step %zu", i);
    }
    cr_expect_eq(play_case.steps[3].expectation.rows.count, 1);
    cr_expect_eq(play_case.steps[4].expectation.kind, HF_PLAY_BOOK);
    hf_play_case_free(&play_case);
}

Test(play_reader, what_a_case_needs_of_its_engine_is_known_before_it_is_played)
{
    static const struct {
        const char *text;
        bool fresh, admin, alone, inexpressible;
    } needs[] = {
        {HEAD NEW "\"px\": 1, \"qty\": 1}", false, false, false, false},
        {HEAD "{\"op\": \"new\", \"id\": 1, \"side\": \"B\", \"type\": \"stop\", \"tif\": \"GTC\", "
              "\"qty\": 1, \"stop_px\": 1}",
         true, false, false, false},
        {HEAD NEW "\"px\": 1, \"qty\": 1}\n" NEW "\"px\": 2, \"qty\": 1}", false, false, false,
         false},
        {HEAD NEW
         "\"px\": 1, \"qty\": 1}\n" /* both sides: it may trade */
         "{\"op\": \"new\", \"id\": 1, \"side\": \"S\", \"type\": \"limit\", \"tif\": \"GTC\", "
         "\"qty\": 1, \"px\": 2}",
         true, false, false, false},
        {HEAD "{\"exp\": \"last_px\", \"px\": null}", true, false, false, false},
        {HEAD "{\"op\": \"set_last\", \"px\": 1}", true, true, false, false},
        {HEAD "{\"op\": \"phase\", \"phase\": \"halted\"}", true, true, false, false},
        {HEAD "{\"op\": \"session_end\"}", false, true, true, false},
        {HEAD "{\"op\": \"group\", \"owner\": 1, \"group\": 1, \"self_trade\": \"decrement\"}",
         false, true, true, false},
        {HEAD
         "{\"op\": \"new\", \"id\": 1, \"side\": \"B\", \"type\": \"limit\", \"tif\": \"AON\", "
         "\"qty\": 1, \"px\": 1}",
         false, false, false, true},
    };
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        struct hf_play_case play_case;
        char error[1024] = "";
        cr_assert_eq(read_all(write_text("n.jsonl", needs[i].text), &play_case, error), 1, "%s",
                     error);
        cr_expect_eq(play_case.needs_fresh, needs[i].fresh, "%s", needs[i].text);
        cr_expect_eq(play_case.needs_admin, needs[i].admin, "%s", needs[i].text);
        cr_expect_eq(play_case.needs_alone, needs[i].alone, "%s", needs[i].text);
        cr_expect_eq(play_case.inexpressible != NULL, needs[i].inexpressible, "%s", needs[i].text);
        hf_play_case_free(&play_case);
    }
}

Test(play_reader, a_missing_file_and_a_line_without_bounds_are_errors_too)
{
    struct hf_play_case play_case;
    char error[1024] = "";
    cr_expect_eq(read_all(path_of("absent"), &play_case, error), HF_E_IO);
    cr_expect(strstr(error, "absent: cannot be opened") != NULL, "%s", error);
    hf_play_case_free(&play_case);
    size_t length = ((size_t)1 << 26) + 1;
    char *spaces = malloc(length);
    cr_assert_not_null(spaces);
    memset(spaces, ' ', length);
    cr_expect_eq(read_all(write_packed("long", GZIP, spaces, length), &play_case, error),
                 HF_E_CORRUPT);
    cr_expect(strstr(error, "line is too long") != NULL, "%s", error);
    hf_play_case_free(&play_case);
    free(spaces);
}
