// SPDX-License-Identifier: Apache-2.0
//
// Tables: golden texts, exact fractions against the C library's long double, random hostile cells.

#include "base/table_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct table *sample(void)
{
    static const char *const names[] = {"Kenya", "中国", "مصر", "Bolivia (Plurinational State of)"};
    struct table *t;
    assert_int_equal(table_new("geography", &t), 0);
    table_title(t, "IPv6 space by economy, known on %s", "2024-01-05");
    size_t key = table_column(t, &(struct column){"key", "Economy", COLUMN_TEXT, "", "Code."});
    size_t name = table_column(t, &(struct column){"name", "Name", COLUMN_TEXT, "", "Name."});
    size_t space = table_column(t, &(struct column){.key = "slash32",
                                                    .heading = "Space",
                                                    .type = COLUMN_FRACTION,
                                                    .unit = "/32s",
                                                    .description = "Space.",
                                                    .decimals = 1,
                                                    .shift = 32});
    size_t exact = table_column(t, &(struct column){.key = "slash64",
                                                    .heading = "Space",
                                                    .type = COLUMN_COUNT,
                                                    .unit = "/64s",
                                                    .description = "Exact.",
                                                    .machine_only = true});
    size_t share =
        table_column(t, &(struct column){"share", "Share", COLUMN_PERCENT, "%", "S.", 1});
    size_t first = table_column(t, &(struct column){"first", "First", COLUMN_DATE, "", "First."});
    for (size_t i = 0; i < 4; i++) {
        size_t row = table_row(t);
        u128 count = (u128)i << 41 | (i == 1 ? 1u << 31 : 0);
        table_set_text(t, row, key, i == 2 ? "a,\"b\"\n|" : "KE");
        table_set_text(t, row, name, names[i]);
        table_set_count(t, row, space, count);
        table_set_count(t, row, exact, i == 3 ? (u128)1 << 90 : count);
        if (i > 0)
            table_set_real(t, row, share, (double)i * 12.5);
        table_set_date(t, row, first, i == 3 ? DATE_NONE : date_of(2000, 1, (unsigned)i + 1));
    }
    table_note(t, "Space that two records show is counted once.");
    t->basis.command = "geography";
    t->basis.known_on = "2024-01-05";
    t->basis.inputs_sha256 = "1234abcd5678";
    table_basis_parameter(t, "by", "economy");
    table_basis_input(t, "00ff", "a.txt", "apnic 2024-01-05");
    assert_false(t->failed);
    return t;
}

static void check_text(unsigned width, const char *wanted)
{
    struct table *t = sample();
    struct buffer b = {0};
    table_write_text(t, &(struct table_style){.width = width}, &b);
    assert_false(b.failed);
    assert_string_equal(b.at, wanted);
    buffer_done(&b);
    table_free(&t);
}

static void test_text_wide(void **state)
{
    (void)state;
    check_text(80, "IPv6 space by economy, known on 2024-01-05\n"
                   "=====================================================================\n"
                   "Economy  Name                                Space  Share  First\n"
                   "                                              /32s      %\n"
                   "-------  --------------------------------  -------  -----  ----------\n"
                   "KE       Kenya                                 0.0         2000-01-01\n"
                   "KE       中国                                512.5   12.5  2000-01-02\n"
                   "a,\"b\" |  \u2068مصر\u2069                               1,024.0   25.0  "
                   "2000-01-03\n"
                   "KE       Bolivia (Plurinational State of)  1,536.0   37.5\n"
                   "\n"
                   "Space that two records show is counted once.\n"
                   "Known on 2024-01-05; 1 input, sha256 1234abcd…; sextant " SEXTANT_VERSION "\n");
}

static void test_text_wrapped(void **state)
{
    (void)state;
    check_text(62, "IPv6 space by economy, known on 2024-01-05\n"
                   "==============================================================\n"
                   "Economy  Name                         Space  Share  First\n"
                   "                                       /32s      %\n"
                   "-------  -------------------------  -------  -----  ----------\n"
                   "KE       Kenya                          0.0         2000-01-01\n"
                   "KE       中国                         512.5   12.5  2000-01-02\n"
                   "a,\"b\" |  \u2068مصر\u2069                        1,024.0   25.0  2000-01-03\n"
                   "KE       Bolivia (Plurinational     1,536.0   37.5\n"
                   "         State of)\n"
                   "\n"
                   "Space that two records show is counted once.\n"
                   "Known on 2024-01-05; 1 input, sha256 1234abcd…; sextant " SEXTANT_VERSION "\n");
}

static void write_comma(const void *words, const char *english, struct buffer *out)
{
    (void)words;
    for (; *english; english++)
        buffer_char(out, *english == '.' ? ',' : *english);
}

static void write_end(const void *words, const char *english, struct buffer *out)
{
    assert_non_null(strstr(english, "sextant " SEXTANT_VERSION));
    buffer_text(out, words);
}

// Chinese has no blanks: the heading's characters do not stand one below the other.
static void test_text_of_another_language(void **state)
{
    (void)state;
    const struct table_tongue tongue = {"完", write_comma, write_end};
    const struct table_style style = {.tongue = &tongue, .width = 30};
    struct table *t;
    struct buffer b = {0};
    assert_int_equal(table_new("t", &t), 0);
    table_column(t, &(struct column){"a", "持有者", COLUMN_COUNT, "", ""});
    table_column(t, &(struct column){"b", "国际电联区域", COLUMN_REAL, "%", "", .decimals = 1});
    table_column(t, &(struct column){"c", "In 50", COLUMN_COUNT, "", ""});
    table_set_count(t, table_row(t), 0, 3);
    table_set_real(t, 0, 1, 1.5);
    table_set_count(t, 0, 2, 7);
    table_write_text(t, &style, &b);
    assert_string_equal(b.at, "        国际电联  In\n"
                              "持有者      区域  50\n"
                              "               %\n"
                              "------  --------  --\n"
                              "     3       1,5   7\n"
                              "\n"
                              "完\n");
    b.length = 0;
    table_write_markdown(t, &tongue, &b);
    assert_non_null(strstr(b.at, "| 3 | 1,5 | 7 |\n"));
    buffer_done(&b);
    table_free(&t);
}

static void test_text_blocks(void **state)
{
    (void)state;
    check_text(40, "IPv6 space by economy, known on\n"
                   "2024-01-05\n"
                   "========================================\n"
                   "Economy  Name\n"
                   "-------  ------------------------\n"
                   "KE       Kenya\n"
                   "KE       中国\n"
                   "a,\"b\" |  \u2068مصر\u2069\n"
                   "KE       Bolivia (Plurinational\n"
                   "         State of)\n"
                   "\n"
                   "Economy    Space  Share  First\n"
                   "            /32s      %\n"
                   "-------  -------  -----  ----------\n"
                   "KE           0.0         2000-01-01\n"
                   "KE         512.5   12.5  2000-01-02\n"
                   "a,\"b\" |  1,024.0   25.0  2000-01-03\n"
                   "KE       1,536.0   37.5\n"
                   "\n"
                   "Space that two records show is counted\n"
                   "  once.\n"
                   "Known on 2024-01-05; 1 input, sha256\n"
                   "  1234abcd…; sextant " SEXTANT_VERSION "\n");
}

// What a stranger wrote is not computed by a spreadsheet; what this program says stays as it is.
static void test_csv_formula(void **state)
{
    (void)state;
    struct table *t;
    struct buffer b = {0};
    assert_int_equal(table_new("t", &t), 0);
    table_column(t, &(struct column){.key = "who", .type = COLUMN_TEXT, .foreign = true});
    table_column(t, &(struct column){.key = "sign", .type = COLUMN_TEXT});
    static const char *const names[] = {"=1+1", "@x", "+x", "-x", "\tx", "x=1", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t row = table_row(t);
        table_set_text(t, row, 0, names[i]);
        table_set_text(t, row, 1, "-");
    }
    table_write_csv(t, &b);
    assert_string_equal(b.at, "who,sign\n'=1+1,-\n'@x,-\n'+x,-\n'-x,-\n'\tx,-\nx=1,-\n,-\n");
    buffer_done(&b);
    table_free(&t);
}

static void test_csv(void **state)
{
    (void)state;
    struct table *t = sample();
    struct buffer b = {0};
    table_write_csv(t, &b);
    assert_string_equal(b.at, "key,name,slash32,slash64,share,first\n"
                              "KE,Kenya,0,0,,2000-01-01\n"
                              "KE,中国,512.5,2201170739200,12.5,2000-01-02\n"
                              "\"a,\"\"b\"\"\n|\",مصر,1024,4398046511104,25,2000-01-03\n"
                              "KE,Bolivia (Plurinational State of),1536,"
                              "1237940039285380274899124224,37.5,\n");
    buffer_done(&b);
    table_free(&t);
}

static void test_json(void **state)
{
    (void)state;
    struct table *t = sample();
    struct buffer b = {0};
    table_write_json(t, &b);
    assert_non_null(strstr(b.at, "{\n  \"table\": \"geography\",\n  \"title\": \"IPv6 space"));
    assert_non_null(strstr(b.at, "\"parameters\": {\n      \"by\": \"economy\"\n    },\n"));
    assert_non_null(strstr(b.at, "\"type\": \"fraction\",\n      \"unit\": \"/32s\""));
    assert_non_null(strstr(b.at, "    {\"key\": \"KE\", \"name\": \"Kenya\", \"slash32\": 0, "
                                 "\"slash64\": 0, \"share\": null, \"first\": \"2000-01-01\"},\n"));
    assert_non_null(strstr(b.at, "\"slash64\": \"1237940039285380274899124224\", \"share\": 37.5, "
                                 "\"first\": null}\n  ],\n"));
    b.length = 0;
    basis_write_json(t, &b);
    assert_string_equal(b.at, "{\n  \"version\": \"" SEXTANT_VERSION "\",\n"
                              "  \"command\": \"geography\",\n"
                              "  \"table\": \"geography\",\n"
                              "  \"parameters\": {\n    \"by\": \"economy\"\n  },\n"
                              "  \"known_on\": \"2024-01-05\",\n  \"revision\": 0,\n"
                              "  \"inputs_sha256\": \"1234abcd5678\",\n  \"inputs\": [\n    {\n"
                              "      \"sha256\": \"00ff\",\n      \"source\": \"a.txt\",\n"
                              "      \"label\": \"apnic 2024-01-05\"\n    }\n  ]\n}\n");
    buffer_done(&b);
    table_free(&t);
}

static void test_markdown(void **state)
{
    (void)state;
    struct table *t = sample();
    struct buffer b = {0};
    table_write_markdown(t, NULL, &b);
    assert_non_null(strstr(b.at, "**IPv6 space by economy, known on 2024-01-05**\n\n"
                                 "| Economy | Name | Space, /32s | Share, % | First |\n"
                                 "| --- | --- | ---: | ---: | --- |\n"
                                 "| KE | Kenya | 0.0 |  | 2000-01-01 |\n"));
    assert_non_null(strstr(b.at, "| a,\"b\" \\| | مصر | 1,024.0 | 25.0 | 2000-01-03 |\n"));
    buffer_done(&b);
    table_free(&t);
}

static const char *cell_text(const struct column *c, const struct cell *cell,
                             enum table_format format, struct buffer *b)
{
    b->length = 0;
    cell_format(c, cell, format, b);
    return b->at;
}

static void without_commas(const char *text, char *out)
{
    for (; *text; text++)
        if (*text != ',')
            *out++ = *text;
    *out = '\0';
}

static void without_final_zeros(char *text)
{
    size_t length = strlen(text);
    while (strchr(text, '.') && length > 0 &&
           (text[length - 1] == '0' || text[length - 1] == '.')) {
        bool point = text[length - 1] == '.';
        text[--length] = '\0';
        if (point)
            break;
    }
}

static void test_fractions(void **state)
{
    (void)state;
    struct buffer b = {0};
    srand(6);
    for (int i = 0; i < 50000; i++) {
        uint64_t count =
            ((uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand()) >> (rand() % 64);
        struct column c = {.type = COLUMN_FRACTION,
                           .shift = (unsigned)rand() % 64,
                           .decimals = (unsigned)rand() % 8};
        if (rand() % 4 == 0) // many ties
            count = (uint64_t)rand() % 4096, c.shift = (unsigned)rand() % 12;
        struct cell cell = {.kind = CELL_COUNT, .count = count};
        long double value = (long double)count / (long double)((u128)1 << c.shift);
        char wanted[200], seen[200];
        snprintf(wanted, sizeof wanted, "%.*Lf", (int)c.decimals, value);
        without_commas(cell_text(&c, &cell, TABLE_TEXT, &b), seen);
        assert_string_equal(seen, wanted);
        snprintf(wanted, sizeof wanted, "%.*Lf", (int)c.shift, value);
        without_final_zeros(wanted);
        assert_string_equal(cell_text(&c, &cell, TABLE_CSV, &b), wanted);
    }
    buffer_done(&b);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        unsigned decimals;
        const char *wanted;
    } reals[] = {{0, 1, "0.0"},          {-0.04, 1, "0.0"},
                 {-1234.5, 0, "-1,234"}, {999999.96, 1, "1,000,000.0"},
                 {-123, 0, "-123"},      {1e21, 0, "1,000,000,000,000,000,000,000"}};
    struct buffer b = {0};
    struct column count = {.type = COLUMN_COUNT}, most = {.type = COLUMN_FRACTION, .shift = 124};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        struct column c = {.type = COLUMN_REAL, .decimals = reals[i].decimals};
        struct cell cell = {.kind = CELL_REAL, .real = reals[i].value};
        assert_string_equal(cell_text(&c, &cell, TABLE_TEXT, &b), reals[i].wanted);
    }
    struct cell cell = {.kind = CELL_COUNT, .count = ~(u128)0};
    assert_string_equal(cell_text(&count, &cell, TABLE_TEXT, &b),
                        "340,282,366,920,938,463,463,374,607,431,768,211,455");
    assert_string_equal(cell_text(&most, &cell, TABLE_TEXT, &b), "16");
    cell.count = 999;
    assert_string_equal(cell_text(&count, &cell, TABLE_TEXT, &b), "999");
    buffer_done(&b);
}

// Bytes of all kinds; a few letters between.
static void random_text(char *text, size_t max)
{
    size_t length = (size_t)rand() % max;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(rand() % 2 ? 'a' + rand() % 26 : 1 + rand() % 255);
    text[length] = '\0';
}

static struct table *random_table(void)
{
    struct table *t;
    assert_int_equal(table_new("random", &t), 0);
    size_t columns = 1 + (size_t)rand() % 8, rows = (size_t)rand() % 6;
    for (size_t i = 0; i < columns; i++)
        table_column(t, &(struct column){"key", i % 2 ? "Some heading" : "Name",
                                         i % 3 == 0 ? COLUMN_TEXT : COLUMN_COUNT,
                                         i % 4 == 1 ? "/32s" : "", "What."});
    for (size_t r = 0; r < rows; r++) {
        char text[60];
        table_row(t);
        for (size_t i = 0; i < columns; i++) {
            random_text(text, sizeof text);
            if (i % 3 == 0)
                table_set_text(t, r, i, text);
            else
                table_set_count(t, r, i, (u128)rand());
        }
    }
    table_note(t, "A note.");
    return t;
}

static void assert_screen_safe(const struct buffer *b, unsigned width)
{
    struct slice rest = {b->at, b->length};
    while (rest.length > 0) {
        struct slice line = slice_cut(&rest, '\n'), all = line;
        while (line.length > 0) {
            const char *at = line.at;
            uint32_t c = utf8_next(&line);
            assert_false(utf8_is_control(c));
            assert_false(c == UTF8_BAD && line.at == at + 1);
        }
        if (width > 0 && slice_width(all) > width)
            fail_msg("%u columns, wanted at most %u: %.*s", slice_width(all), width,
                     SLICE_ARG(all));
    }
}

static void test_hostile_cells(void **state)
{
    (void)state;
    srand(7);
    for (int i = 0; i < 1500; i++) {
        struct table *t = random_table();
        struct buffer b = {0};
        unsigned width = 60 + (unsigned)rand() % 60;
        table_write_text(t, &(struct table_style){.width = width, .repeat = (size_t)rand() % 3},
                         &b);
        assert_screen_safe(&b, width);
        b.length = 0;
        table_write_markdown(t, NULL, &b);
        assert_screen_safe(&b, 0);
        b.length = 0;
        table_write_json(t, &b);
        assert_screen_safe(&b, 0);
        assert_false(b.failed);
        buffer_done(&b);
        table_free(&t);
    }
}

// RFC 4180, read back by a reader of its own.
static size_t csv_cell(const char *at, char *out)
{
    const char *start = at;
    bool quoted = *at == '"';
    at += quoted;
    while (*at && (quoted || (*at != ',' && *at != '\n'))) {
        if (quoted && *at == '"') {
            if (at[1] != '"')
                break;
            at++;
        }
        *out++ = *at++;
    }
    *out = '\0';
    return (size_t)(at - start) + quoted + 1;
}

static void test_csv_reads_back(void **state)
{
    (void)state;
    static const char letters[] = "ab,\"\n é;";
    srand(8);
    for (int i = 0; i < 2000; i++) {
        struct table *t;
        struct buffer b = {0};
        char seen[64];
        assert_int_equal(table_new("t", &t), 0);
        for (int c = 0; c < 3; c++)
            table_column(t, &(struct column){"k", "K", COLUMN_TEXT, "", ""});
        table_row(t);
        for (size_t c = 0; c < 3; c++) {
            char text[16];
            size_t length = (size_t)rand() % sizeof text;
            for (size_t j = 0; j < length; j++)
                text[j] = letters[rand() % 6];
            text[length] = '\0';
            table_set_text(t, 0, c, text);
        }
        table_write_csv(t, &b);
        const char *at = b.at + strlen("k,k,k\n");
        for (size_t c = 0; c < 3; c++) {
            at += csv_cell(at, seen);
            assert_string_equal(seen, table_cell(t, 0, c)->text);
        }
        assert_string_equal(at, "");
        buffer_done(&b);
        table_free(&t);
    }
}

static void test_misuse(void **state)
{
    (void)state;
    struct table *t;
    assert_int_equal(table_new("t", &t), 0);
    assert_int_equal(table_row(t), SIZE_MAX);
    assert_true(t->failed);
    table_free(&t);
    assert_int_equal(table_new("t", &t), 0);
    table_column(t, &(struct column){"k", "K", COLUMN_TEXT, "", ""});
    table_set_text(t, table_row(t), 1, "x");
    assert_true(t->failed);
    assert_int_equal(table_cell(t, 5, 5)->kind, CELL_EMPTY);
    assert_int_equal(table_find_column(t, "k"), 0);
    assert_int_equal(table_find_column(t, "x"), SIZE_MAX);
    struct buffer b = {0};
    table_write_text(t, &(struct table_style){.width = 80}, &b);
    assert_true(b.failed);
    buffer_done(&b);
    table_free(&t);
    table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_wide),
        cmocka_unit_test(test_text_wrapped),
        cmocka_unit_test(test_text_blocks),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_csv_formula),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_text_of_another_language),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_fractions),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_hostile_cells),
        cmocka_unit_test(test_csv_reads_back),
        cmocka_unit_test(test_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
