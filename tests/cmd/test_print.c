// SPDX-License-Identifier: Apache-2.0
//
// Results on standard output and in files; help, manual pages and completion of the sample
// commands.

#include "sample.h"

#include "base/file.h"
#include "base/terminal.h"
#include "cmd/guide.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "test-print-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    setenv("HOME", "/home/a", 1);
    unsetenv("COLUMNS");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink("out");
    unlink("out.basis.json");
    return chdir("..") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static struct table *sample_table(const char *name)
{
    struct table *t;
    assert_int_equal(table_new(name, &t), 0);
    table_title(t, "%s", "A title");
    table_column(t, &(struct column){"n", "Number", COLUMN_COUNT, "", "A number."});
    table_set_count(t, table_row(t), 0, 1234);
    t->basis.command = name;
    return t;
}

static int print(const char *format, const char *table, size_t count, struct err *e)
{
    struct table *tables[] = {sample_table("one"), sample_table("two")};
    const char *argv[] = {"sextant", "pace", "-oout", "--format", format, table ? "--table" : NULL,
                          table,     NULL};
    struct invocation inv;
    unlink("out");
    unlink("out.basis.json");
    assert_int_equal(parse_words(argv, &inv, e), 0);
    int code = invocation_print(&inv, tables, count, e);
    invocation_done(&inv);
    table_free(&tables[0]);
    table_free(&tables[1]);
    return code;
}

static void check_file(const char *path, const char *wanted)
{
    struct buffer b = {0};
    struct err e = {0};
    if (file_read(path, 1 << 20, &b, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(b.at, wanted);
    buffer_done(&b);
}

static void test_formats(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(print("csv", NULL, 1, &e), 0);
    check_file("out", "n\n1234\n");
    assert_int_equal(access("out.basis.json", R_OK), 0);
    assert_int_equal(print("csv", "two", 2, &e), 0);
    check_file("out", "n\n1234\n");
    assert_int_equal(print("table", NULL, 2, &e), 0);
    check_file("out",
               "A title\n=======\nNumber\n------\n 1,234\n\nsextant " SEXTANT_VERSION
               "\n\nA title\n=======\nNumber\n------\n 1,234\n\nsextant " SEXTANT_VERSION "\n");
    assert_int_not_equal(access("out.basis.json", R_OK), 0);
    struct buffer b = {0};
    assert_int_equal(print("json", NULL, 2, &e), 0);
    assert_int_equal(file_read("out", 1 << 20, &b, &e), 0);
    assert_int_equal(strncmp(b.at, "{\n  \"tables\": [\n    {\n      \"table\": \"one\"", 40), 0);
    buffer_done(&b);
    assert_int_equal(print("json", "two", 2, &e), 0);
    assert_int_equal(file_read("out", 1 << 20, &b, &e), 0);
    assert_int_equal(strncmp(b.at, "{\n  \"table\": \"two\"", 18), 0);
    buffer_done(&b);
}

static void test_words(void **state)
{
    (void)state;
    const char *argv[] = {"sextant", "pace", NULL};
    const struct words *first = NULL, *again = NULL;
    struct invocation inv;
    struct err e = {0};
    assert_int_equal(parse_words(argv, &inv, &e), 0);
    assert_int_equal(invocation_words(&inv, &first, &e), 0);
    assert_int_equal(invocation_words(&inv, &again, &e), 0);
    assert_non_null(first);
    assert_ptr_equal(first, again);
    invocation_done(&inv);
}

static void test_refusals(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(print("csv", NULL, 2, &e), ERR_USAGE);
    assert_string_equal(e.text, "a CSV file holds one table; choose it with --table: one, two");
    assert_int_equal(print("json", "three", 2, &e), ERR_USAGE);
    assert_string_equal(e.text, "--table: there is no \"three\" here; valid: one, two");
    assert_int_not_equal(access("out", F_OK), 0);
}

// Runs invocation_write with another standard output.
static int write_to(int fd, struct err *e)
{
    struct invocation inv = {0};
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    dup2(fd, STDOUT_FILENO);
    int code = invocation_write(&inv, "text\n", 5, e);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    return code;
}

static void test_full_disk(void **state)
{
    (void)state;
    struct err e = {0};
    int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    assert_int_equal(write_to(full, &e), ERR_SYSTEM);
    assert_non_null(strstr(e.text, "standard output"));
    close(full);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(write_to(ends[1], &e), ERR_STOPPED);
    close(ends[1]);
    assert_int_equal(err_exit_status(ERR_SYSTEM), 4);
}

static void test_columns(void **state)
{
    (void)state;
    setenv("COLUMNS", "132", 1);
    assert_int_equal(terminal_columns(), 132);
    setenv("COLUMNS", "3", 1);
    assert_int_equal(terminal_columns(), 40);
    setenv("COLUMNS", "many", 1);
    int null = open("/dev/null", O_WRONLY), kept = dup(STDOUT_FILENO);
    dup2(null, STDOUT_FILENO);
    unsigned columns = terminal_columns();
    dup2(kept, STDOUT_FILENO);
    assert_int_equal(columns, 80);
    unsetenv("COLUMNS");
}

static void test_family(void **state)
{
    (void)state;
    struct buffer b = {0};
    assert_false(help_write_family("pace", 80, &b));
    assert_false(help_write_family("fetc", 80, &b));
    assert_false(help_write_family("", 80, &b));
    assert_int_equal(b.length, 0);
    assert_true(help_write_family("fetch", 80, &b));
    assert_non_null(strstr(b.at, "\n  fetch iana "));
    assert_null(strstr(b.at, "import"));
    buffer_done(&b);
}

static void check_lines(const struct buffer *b, unsigned width)
{
    struct slice rest = {b->at, b->length};
    while (rest.length > 0) {
        struct slice line = slice_cut(&rest, '\n');
        if (slice_width(line) > width)
            fail_msg("%u columns: %.*s", slice_width(line), SLICE_ARG(line));
    }
}

static void test_help(void **state)
{
    (void)state;
    struct buffer b = {0};
    for (unsigned width = 40; width <= 120; width += 20) {
        b.length = 0;
        help_write_overview(width, &b);
        for (size_t i = 0; commands[i]; i++) {
            assert_non_null(strstr(b.at, commands[i]->name));
            help_write_command(commands[i], width, &b);
        }
        assert_false(b.failed);
        check_lines(&b, width);
    }
    b.length = 0;
    help_write_command(commands[3], 80, &b);
    assert_non_null(strstr(b.at, "Usage: sextant pace [OPTIONS]\n       sextant pace --dry-run\n"));
    assert_non_null(strstr(b.at, "  -e, --every PERIOD    Length of a period; year by default. One "
                                 "of: year,\n                        quarter, month, day.\n"));
    buffer_done(&b);
}

static void test_man(void **state)
{
    (void)state;
    struct buffer b = {0};
    man_write(commands[3], &b);
    assert_non_null(strstr(b.at, ".TH \"SEXTANT-PACE\" 1 \"\" \"sextant"));
    assert_non_null(strstr(b.at, "\n\\&.Not a request.\n"));
    assert_non_null(strstr(b.at, "\n\\&'Quoted' first \\[u2013] and a dash.\n"));
    assert_non_null(strstr(b.at, "a \\ebackslash."));
    assert_non_null(strstr(b.at, ".B \"sextant pace | grep \\(dq2024\\e|2025\\(dq\"\n"));
    assert_non_null(strstr(b.at, "\\fB\\-e\\fR, \\fB\\-\\-every\\fR \\fIPERIOD\\fR\n"));
    b.length = 0;
    man_write(NULL, &b);
    assert_non_null(strstr(b.at, "\n.B \"fetch rir\"\n"));
    buffer_done(&b);
}

static void test_completion(void **state)
{
    (void)state;
    struct buffer b = {0};
    completion_write_bash(&b);
    assert_non_null(strstr(b.at, "echo \"import fetch pace help \"\n"));
    assert_non_null(
        strstr(b.at, "\"pace --every\" | \"pace -e\") echo \"year quarter month day\" ;;"));
    assert_non_null(strstr(b.at, "\"pace --store\" | \"pace -s\") echo \"@file\" ;;"));
    assert_non_null(strstr(b.at, "\"fetch\") echo \"rir iana \" ;;"));
    assert_non_null(strstr(b.at, "\"fetch rir\") echo \"apnic arin\" ;;"));
    buffer_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_columns),    cmocka_unit_test(test_family),
        cmocka_unit_test(test_help),       cmocka_unit_test(test_man),
        cmocka_unit_test(test_completion),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
