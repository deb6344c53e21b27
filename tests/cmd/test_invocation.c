// SPDX-License-Identifier: Apache-2.0
//
// The command line: what is taken, and what is refused with which sentence.

#include "sample.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_options(void **state)
{
    (void)state;
    struct invocation inv;
    struct err e = {0};
    assert_int_equal(PARSE(&inv, &e, "pace", "--every", "month", "--by=economy", "--store=a b",
                           "--quiet", "-fcsv", "-o", "x.csv", "--lang", "zh"),
                     0);
    assert_string_equal(inv.command->name, "pace");
    assert_string_equal(invocation_option(&inv, "every"), "month");
    assert_string_equal(invocation_option(&inv, "by"), "economy");
    assert_null(invocation_option(&inv, "bridge"));
    assert_false(invocation_flag(&inv, "dry-run"));
    assert_string_equal(inv.store, "a b");
    assert_string_equal(inv.output, "x.csv");
    assert_int_equal(inv.format, TABLE_CSV);
    assert_int_equal(inv.language, LANGUAGE_ZH);
    assert_true(inv.quiet);
    invocation_done(&inv);
    assert_int_equal(PARSE(&inv, &e, "pace", "-nqe", "day", "-e=month", "-eyear", "-o-"),
                     ERR_USAGE);
    assert_int_equal(PARSE(&inv, &e, "pace", "-nqe", "day", "-eyear", "-o-"), 0);
    assert_string_equal(invocation_option(&inv, "every"), "year");
    assert_true(invocation_flag(&inv, "dry-run"));
    assert_null(inv.output);
    invocation_done(&inv);
}

static void test_arguments(void **state)
{
    (void)state;
    struct invocation inv;
    struct err e = {0};
    assert_int_equal(PARSE(&inv, &e, "import", "a", "--quiet", "-", "--", "--quiet", "--"), 0);
    static const char *const wanted[] = {"a", "-", "--quiet", "--"};
    assert_int_equal(inv.argument_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(inv.arguments[i], wanted[i]);
    invocation_done(&inv);
    assert_int_equal(PARSE(&inv, &e, "fetch", "rir", "arin", "apnic"), 0);
    assert_string_equal(inv.command->name, "fetch rir");
    assert_int_equal(inv.argument_count, 2);
    invocation_done(&inv);
    assert_int_equal(PARSE(&inv, &e, "import", "--help"), 0);
    assert_true(inv.help);
    invocation_done(&inv);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        const char *sentence;
    } cases[] = {
        {{"pcae"}, "\"pcae\" is no command; did you mean pace? Valid: import, fetch, pace, help"},
        {{"zzzzzz"}, "\"zzzzzz\" is no command; valid: import, fetch, pace, help"},
        {{""}, "\"\" is no command; valid: import, fetch, pace, help"},
        {{"fetch"}, "fetch needs one more word; valid: rir, iana"},
        {{"fetch", "rri"}, "fetch: no \"rri\" there; did you mean rir? Valid: rir, iana"},
        {{"--quiet", "pace"}, "--quiet: first comes the command, then its options"},
        {{"fetch", "iana", "--qiet"},
         "fetch iana: unknown option --qiet; did you mean --quiet? Valid: --quiet, --help"},
        {{"fetch", "iana", "-z"}, "fetch iana: unknown option -z; valid: --quiet, --help"},
        {{"fetch", "iana", "--=x"}, "fetch iana: unknown option --; valid: --quiet, --help"},
        {{"fetch", "iana", "x"}, "fetch iana takes no arguments, but \"x\" was given"},
        {{"fetch", "rir", "arinn"},
         "fetch rir: \"arinn\" is not possible; did you mean arin? Valid: apnic, arin"},
        {{"fetch", "rir", "arin", "arin", "x"},
         "fetch rir takes at most 2 NAME; \"x\" is one too many"},
        {{"pace", "--every", "yaer"},
         "--every: \"yaer\" is not possible; did you mean year? "
         "Valid: year, quarter, month, day"},
        {{"pace", "--every="}, "--every: \"\" is not possible; valid: year, quarter, month, day"},
        {{"pace", "--every"}, "--every needs PERIOD; valid: year, quarter, month, day"},
        {{"pace", "--bridge"}, "--bridge needs DAYS. Days that a record may be gone."},
        {{"pace", "--quiet=1"}, "--quiet takes no value, but \"1\" was given"},
        {{"pace", "--every", "day", "-e"},
         "--every needs PERIOD; valid: year, quarter, month, day"},
        {{"pace", "--store="}, "--store needs the name of a file"},
        {{"import"}, "import needs PATH: files and folders"},
        {{"import", "--by", "world"}, "import: unknown option --by; valid: --quiet, --help"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *argv[8] = {"sextant"};
        for (size_t w = 0; w < 6 && cases[i].words[w]; w++)
            argv[w + 1] = cases[i].words[w];
        struct invocation inv;
        struct err e = {0};
        assert_int_equal(parse_words(argv, &inv, &e), ERR_USAGE);
        assert_string_equal(e.text, cases[i].sentence);
    }
}

static void test_store_places(void **state)
{
    (void)state;
    struct invocation inv;
    struct err e = {0};
    static const struct {
        const char *chosen, *data, *home, *wanted;
    } cases[] = {
        {"s.sextant", "/data", "/home/a", "s.sextant"},
        {NULL, "/data", "/home/a", "/data/sextant/archive.sextant"},
        {"", "/data", "/home/a", "/data/sextant/archive.sextant"},
        {NULL, "relative", "/home/a", "/home/a/.local/share/sextant/archive.sextant"},
        {NULL, NULL, "/home/a", "/home/a/.local/share/sextant/archive.sextant"},
        {NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clearenv();
        if (cases[i].chosen)
            setenv("SEXTANT_STORE", cases[i].chosen, 1);
        if (cases[i].data)
            setenv("XDG_DATA_HOME", cases[i].data, 1);
        if (cases[i].home)
            setenv("HOME", cases[i].home, 1);
        int code = PARSE(&inv, &e, "pace");
        assert_int_equal(code, cases[i].wanted ? 0 : ERR_USAGE);
        if (code < 0)
            continue;
        assert_string_equal(inv.store, cases[i].wanted);
        invocation_done(&inv);
    }
    assert_int_equal(PARSE(&inv, &e, "pace", "--help"), 0);
    invocation_done(&inv);
}

static void test_languages(void **state)
{
    (void)state;
    static const struct {
        const char *all, *messages, *lang;
        enum language wanted;
    } cases[] = {
        {NULL, NULL, NULL, LANGUAGE_EN},       {NULL, NULL, "fr_FR.UTF-8", LANGUAGE_FR},
        {NULL, "ru_RU", "fr_FR", LANGUAGE_RU}, {"ar_EG.UTF-8", "ru_RU", "fr", LANGUAGE_AR},
        {"C", "ru_RU", "fr_FR", LANGUAGE_EN},  {"", NULL, "es_BO", LANGUAGE_ES},
        {NULL, NULL, "xx_YY", LANGUAGE_EN},
    };
    setenv("HOME", "/home/a", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct invocation inv;
        clearenv();
        if (cases[i].all)
            setenv("LC_ALL", cases[i].all, 1);
        if (cases[i].messages)
            setenv("LC_MESSAGES", cases[i].messages, 1);
        if (cases[i].lang)
            setenv("LANG", cases[i].lang, 1);
        assert_int_equal(PARSE(&inv, NULL, "pace", "--store", "s"), 0);
        assert_int_equal(inv.language, cases[i].wanted);
        invocation_done(&inv);
    }
}

static void check_date(const char *value, bool last, date wanted)
{
    struct invocation inv;
    struct err e = {0};
    date seen = 7;
    assert_int_equal(PARSE(&inv, &e, "pace", "--store=s", "--from", value), 0);
    int code = invocation_date(&inv, "from", last, &seen, &e);
    assert_int_equal(code, wanted == 7 ? ERR_USAGE : 0);
    assert_int_equal(seen, wanted);
    assert_int_equal(invocation_date(&inv, "to", last, &seen, &e), 0);
    assert_int_equal(seen, wanted);
    invocation_done(&inv);
}

static void test_dates(void **state)
{
    (void)state;
    check_date("2024-02-29", false, date_of(2024, 2, 29));
    check_date("20240229", true, date_of(2024, 2, 29));
    check_date("2024", false, date_of(2024, 1, 1));
    check_date("2024", true, date_of(2024, 12, 31));
    check_date("2024-02", true, date_of(2024, 2, 29));
    check_date("2024-Q2", false, date_of(2024, 4, 1));
    check_date("2024-Q4", true, date_of(2024, 12, 31));
    static const char *const bad[] = {"",        "2024-",   "24",         "2024-00", "2024-13",
                                      "2024-Q0", "2024-Q5", "2023-02-29", "2024-Q",  "2024-1",
                                      "0000",    "2024-Qx", "yesterday",  "2024-01-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_date(bad[i], false, 7);
}

static void test_numbers(void **state)
{
    (void)state;
    struct invocation inv;
    struct err e = {0};
    uint64_t seen = 7;
    assert_int_equal(PARSE(&inv, &e, "pace", "--store=s", "--bridge", "31"), 0);
    assert_int_equal(invocation_number(&inv, "bridge", 30, &seen, &e), ERR_USAGE);
    assert_string_equal(e.text, "--bridge: \"31\" is no whole number from 0 to 30");
    assert_int_equal(seen, 7);
    assert_int_equal(invocation_number(&inv, "bridge", 31, &seen, &e), 0);
    assert_int_equal(seen, 31);
    invocation_done(&inv);
}

// Any words: taken or refused as wrong usage, nothing else.
static void test_random_words(void **state)
{
    (void)state;
    static const char *const words[] = {"pace",       "fetch", "rir", "iana",   "import", "--by",
                                        "--by=world", "world", "-o",  "-",      "--",     "-q",
                                        "-nq",        "-e",    "day", "--from", "2024",   "",
                                        "=",          "--=",   "-h",  "--help"};
    srand(9);
    setenv("HOME", "/home/a", 1);
    unsigned taken = 0;
    for (int i = 0; i < 50000; i++) {
        const char *argv[10] = {"sextant"};
        size_t count = 1 + (size_t)rand() % 8;
        for (size_t w = 1; w <= count; w++)
            argv[w] = words[(size_t)rand() % (sizeof words / sizeof *words)];
        struct invocation inv;
        struct err e = {0};
        int code = parse_words(argv, &inv, &e);
        assert_true(code == 0 || (code == ERR_USAGE && e.text[0]));
        taken += code == 0;
        if (code == 0)
            invocation_done(&inv);
    }
    assert_true(taken > 100);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"geography", "pace", "concentration", NULL};
    assert_string_equal(nearest_word("geografy", words), "geography");
    assert_string_equal(nearest_word("geo", words), "geography");
    assert_string_equal(nearest_word("pcae", words), "pace");
    assert_string_equal(nearest_word("pace", words), "pace");
    assert_null(nearest_word("verify", words));
    assert_null(nearest_word("", words));
    assert_null(nearest_word("a very long word that is like no other one", words));
}

static void options_file(const char *path, const char *text)
{
    struct err e = {0};
    assert_int_equal(file_publish(path, text, strlen(text), &e), 0);
}

static void test_file(void **state)
{
    (void)state;
    char path[] = "/tmp/options-XXXXXX";
    int fd = mkstemp(path);
    struct invocation inv;
    struct err e = {0};
    assert_true(fd >= 0);
    close(fd);
    options_file(path, "# a year\n\nfrom  2024-01 \n  to 2024-05\r\nquiet\n");
    assert_int_equal(PARSE(&inv, &e, "fetch", "rir", "--to", "2024-03", "--options", path), 0);
    assert_string_equal(invocation_option(&inv, "from"), "2024-01");
    assert_string_equal(invocation_option(&inv, "to"), "2024-03");
    assert_true(inv.quiet);
    invocation_done(&inv);
    static const char *const wrong[][2] = {
        {"from 2024\nfrm 2024\n", ":2: fetch rir: unknown option --frm; did you mean --from?"},
        {"\nfrom\n", ":2: --from needs DATE"},
        {"options x", ":1: fetch rir: unknown option --options"},
        {"quiet yes", ":1: --quiet takes no value"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options_file(path, wrong[i][0]);
        assert_int_equal(PARSE(&inv, &e, "fetch", "rir", "--options", path), ERR_USAGE);
        assert_non_null(strstr(e.text, wrong[i][1]));
    }
    unlink(path);
    assert_int_equal(PARSE(&inv, &e, "fetch", "rir", "--options", path), ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),   cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_store_places),
        cmocka_unit_test(test_languages), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_random_words),
        cmocka_unit_test(test_nearest),   cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
