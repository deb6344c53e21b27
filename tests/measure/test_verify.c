// SPDX-License-Identifier: Apache-2.0
//
// Exported tables: written and read back they are the same, changed cells are found, damaged files
// are refused with a sentence.

#include "base/table_write.h"
#include "measure/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static const char *const texts[] = {"Kenya", "a,b",        "say \"so\"", "",       "two\nlines",
                                    "كينيا", "\"quoted\"", " blank ",    "a\r\nb", "肯尼亚"};

static struct table *random_table(size_t rows)
{
    struct table *t;
    assert_int_equal(table_new("sample", &t), 0);
    table_column(t, &(struct column){"key", "Key", COLUMN_TEXT, "", ""});
    table_column(t, &(struct column){"text", "Text", COLUMN_TEXT, "", ""});
    table_column(t, &(struct column){"count", "Count", COLUMN_COUNT, "", ""});
    table_column(t, &(struct column){"space", "Space", COLUMN_FRACTION, "", "", .shift = 96});
    table_column(t, &(struct column){"real", "Real", COLUMN_REAL, "", ""});
    table_column(t, &(struct column){"date", "Date", COLUMN_DATE, "", ""});
    for (size_t i = 0; i < rows; i++) {
        size_t row = table_row(t);
        table_set_text(t, row, 0, arena_format(&t->arena, "k%zu", i % 7));
        if (pick(3))
            table_set_text(t, row, 1, texts[pick(sizeof texts / sizeof *texts)]);
        if (pick(3))
            table_set_count(t, row, 2, (u128)1 << pick(128));
        if (pick(3))
            table_set_count(t, row, 3, (u128)(pick(1000) + 1) << pick(100));
        if (pick(3))
            table_set_real(t, row, 4, (double)pick(1000000) / 7.0);
        if (pick(3))
            table_set_date(t, row, 5, (date)pick(20000));
    }
    t->basis.command = "pace";
    t->basis.known_on = "2024-01-05";
    t->basis.revision = 5;
    table_basis_parameter(t, "by", "economy");
    table_basis_input(t, "00", "here", "apnic extended 2024-01-05");
    return t;
}

static struct slice slice_of_buffer(const struct buffer *b)
{
    return (struct slice){b->at, b->length};
}

static struct exports read_csv(const struct table *t)
{
    struct buffer csv = {0}, basis = {0};
    struct exports x = {0};
    struct err e = {0};
    table_write_csv(t, &csv);
    basis_write_json(t, &basis);
    int code = export_read_csv("f.csv", slice_of_buffer(&csv), slice_of_buffer(&basis), &x, &e);
    assert_string_equal(e.text, "");
    assert_int_equal(code, 0);
    buffer_done(&csv);
    buffer_done(&basis);
    return x;
}

static struct exports read_json(const struct table *t)
{
    struct buffer json = {0};
    struct exports x = {0};
    struct err e = {0};
    table_write_json(t, &json);
    assert_int_equal(export_read_json("f.json", slice_of_buffer(&json), &x, &e), 0);
    buffer_done(&json);
    return x;
}

struct found {
    size_t count;
    char row[64], column[64];
};

static int find(const struct export_difference *d, void *arg)
{
    struct found *f = arg;
    f->count++;
    snprintf(f->row, sizeof f->row, "%s", d->row);
    snprintf(f->column, sizeof f->column, "%s", d->column);
    return 0;
}

static struct found compare(const struct exports *a, const struct exports *b)
{
    static const char *const names[] = {"key", NULL};
    struct found f = {0};
    assert_int_equal(export_compare(&a->at[0], &b->at[0], names, find, &f, NULL), 0);
    return f;
}

static void a_basis_is_read_back(void **state)
{
    (void)state;
    struct table *t = random_table(3);
    for (int json = 0; json < 2; json++) {
        struct exports x = json ? read_json(t) : read_csv(t);
        assert_int_equal(x.count, 1);
        assert_string_equal(x.at[0].command, "pace");
        assert_string_equal(x.at[0].table, "sample");
        assert_string_equal(x.at[0].known_on, "2024-01-05");
        assert_int_equal(x.at[0].revision, 5);
        assert_string_equal(export_parameter(&x.at[0], "by"), "economy");
        assert_null(export_parameter(&x.at[0], "on"));
        assert_int_equal(x.at[0].input_count, 1);
        assert_string_equal(x.at[0].inputs[0].label, "apnic extended 2024-01-05");
        exports_done(&x);
    }
    table_free(&t);
}

static void the_same_table_is_identical_in_every_form(void **state)
{
    (void)state;
    seed = 11;
    for (int round = 0; round < 300; round++) {
        struct table *t = random_table(pick(30));
        struct exports a = read_csv(t), b = read_csv(t), c = read_json(t), d = read_json(t);
        assert_int_equal(a.at[0].row_count, t->row_count);
        assert_int_equal(c.at[0].row_count, t->row_count);
        assert_int_equal(compare(&a, &b).count, 0);
        assert_int_equal(compare(&c, &d).count, 0);
        exports_done(&a);
        exports_done(&b);
        exports_done(&c);
        exports_done(&d);
        table_free(&t);
    }
}

static void one_changed_cell_is_one_difference(void **state)
{
    (void)state;
    seed = 12;
    for (int round = 0; round < 300; round++) {
        struct table *t = random_table(1 + pick(30));
        size_t row = pick((unsigned)t->row_count), column = 1 + pick(5);
        struct exports a = round % 2 ? read_csv(t) : read_json(t);
        if (column == 1)
            table_set_text(t, row, column, "another");
        else if (column < 4)
            table_set_count(t, row, column, table_cell(t, row, column)->count + 1);
        else if (column == 4)
            table_set_real(t, row, column, table_cell(t, row, column)->real + 0.5);
        else
            table_set_date(t, row, column, 30000);
        struct exports b = round % 2 ? read_csv(t) : read_json(t);
        struct found f = compare(&a, &b);
        assert_int_equal(f.count, 1);
        assert_string_equal(f.column, t->columns[column].key);
        assert_string_equal(f.row, table_cell(t, row, 0)->text);
        exports_done(&a);
        exports_done(&b);
        table_free(&t);
    }
}

static void rows_that_came_or_went_are_one_difference_each(void **state)
{
    (void)state;
    seed = 13;
    struct table *t = random_table(5);
    struct exports a = read_csv(t);
    size_t row = table_row(t);
    table_set_text(t, row, 0, "k9");
    struct exports b = read_csv(t);
    struct found f = compare(&a, &b);
    assert_int_equal(f.count, 1);
    assert_string_equal(f.row, "k9");
    assert_string_equal(f.column, "");
    assert_int_equal(compare(&b, &a).count, 1);
    exports_done(&a);
    exports_done(&b);
    table_free(&t);
}

static void another_order_is_a_difference(void **state)
{
    (void)state;
    const char *basis = "{\"command\":\"pace\",\"revision\":1,\"parameters\":{},\"inputs\":[]}";
    struct exports a, b;
    assert_int_equal(export_read_csv("a", slice_of("key,n\nx,1\ny,2\n"), slice_of(basis), &a, NULL),
                     0);
    assert_int_equal(
        export_read_csv("b", slice_of("key,n\r\ny,2\r\nx,1\r\n"), slice_of(basis), &b, NULL), 0);
    assert_int_equal(compare(&a, &b).count, 1);
    assert_int_equal(compare(&a, &a).count, 0);
    exports_done(&a);
    exports_done(&b);
}

#define BASIS "{\"command\":\"pace\",\"revision\":1,\"parameters\":{},\"inputs\":[]}"

static void damaged_csv_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *csv, *basis, *sentence;
    } cases[] = {
        {"", BASIS, "f.csv:1: the last line is cut"},
        {"a,b\n1\n", BASIS, "f.csv:2: the line has not as many fields as the heading"},
        {"a,b\n1,2,3\n", BASIS, "f.csv:2: the line has not as many fields as the heading"},
        {"a,b\n1,2", BASIS, "f.csv:2: the last line is cut"},
        {"a,b\n1,\"2\n", BASIS, "f.csv:2: a quoted field has no end"},
        {"a,b\n1,\"2\"x\n", BASIS, "f.csv:2: a comma or the line's end is wanted after a field"},
        {"a,b\n1,2\"\n", BASIS, "f.csv:2: a quote inside a field"},
        {"a,,b\n1,2,3\n", BASIS, "f.csv:1: a column has no key"},
        {"a\n1\n", "{", NULL},
        {"a\n1\n", "[]", NULL},
        {"a\n1\n", "{\"command\":\"pace\",\"revision\":1,\"inputs\":[]}", NULL},
        {"a\n1\n", "{\"command\":7,\"revision\":1,\"parameters\":{},\"inputs\":[]}", NULL},
        {"a\n1\n", "{\"command\":\"pace\",\"parameters\":{},\"inputs\":[]}", NULL},
        {"a\n1\n", "{\"command\":\"pace\",\"revision\":1,\"parameters\":{},\"inputs\":[1]}", NULL},
        {"a\n1\n", "{\"command\":\"pace\",\"revision\":1,\"parameters\":{\"by\":1},\"inputs\":[]}",
         NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exports x = {0};
        struct err e = {0};
        assert_int_equal(
            export_read_csv("f.csv", slice_of(cases[i].csv), slice_of(cases[i].basis), &x, &e),
            ERR_INPUT);
        if (cases[i].sentence)
            assert_string_equal(e.text, cases[i].sentence);
        else
            assert_memory_equal(e.text, "f.csv.basis.json:", 17);
        assert_int_equal(x.count, 0);
    }
}

static void damaged_json_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "{}",
        "[]",
        "7",
        "{\"tables\":[]}",
        "{\"tables\":[{}]}",
        "{\"basis\":" BASIS "}",
        "{\"basis\":" BASIS ",\"columns\":[]}",
        "{\"basis\":" BASIS ",\"columns\":[{\"key\":\"a\"}]}",
        "{\"basis\":" BASIS ",\"columns\":[{\"key\":\"a\"}],\"rows\":[1]}",
        "{\"basis\":" BASIS ",\"columns\":[{\"key\":\"a\"}],\"rows\":[{\"b\":1}]}",
        "{\"basis\":" BASIS ",\"columns\":[{\"key\":\"a\"}],\"rows\":[{\"a\":[]}]}",
        "{\"basis\":" BASIS ",\"columns\":[{\"key\":\"a\"}],\"rows\":[{\"a\":1,\"a\":1}]}",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exports x = {0};
        struct err e = {0};
        assert_int_equal(export_read_json("f", slice_of(cases[i]), &x, &e), ERR_INPUT);
        assert_memory_equal(e.text, "f:", 2);
    }
}

static void too_many_columns_are_refused(void **state)
{
    (void)state;
    struct buffer csv = {0};
    struct exports x = {0};
    for (int i = 0; i < 300; i++)
        buffer_format(&csv, "%sc%d", i ? "," : "", i);
    buffer_char(&csv, '\n');
    assert_int_equal(export_read_csv("f", slice_of_buffer(&csv), slice_of(BASIS), &x, NULL),
                     ERR_LIMIT);
    buffer_done(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_basis_is_read_back),
        cmocka_unit_test(the_same_table_is_identical_in_every_form),
        cmocka_unit_test(one_changed_cell_is_one_difference),
        cmocka_unit_test(rows_that_came_or_went_are_one_difference_each),
        cmocka_unit_test(another_order_is_a_difference),
        cmocka_unit_test(damaged_csv_is_refused_with_its_place),
        cmocka_unit_test(damaged_json_is_refused),
        cmocka_unit_test(too_many_columns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
