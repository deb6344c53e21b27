// SPDX-License-Identifier: Apache-2.0
//
// What is registered in a range, against a walk over all states; what the archive says that it
// holds.

#include "archive.h"
#include "measure/holdings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAYS 6

static const char *text_at(const struct table *t, size_t row, const char *column)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, column));
    return c->kind == CELL_TEXT ? c->text : "";
}

static date date_at(const struct table *t, size_t row, const char *column)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, column));
    return c->kind == CELL_DATE ? c->date : DATE_NONE;
}

static struct range range_of(const char *text)
{
    struct range r;
    assert_true(range_parse(slice_of(text), &r));
    return r;
}

static struct table *look(const struct archive *a, const struct range *r, date known_on,
                          struct measure_tables *tables)
{
    struct err e = {0};
    struct measure m = archive_measure(a);
    if (measure_lookup(&m, r, known_on, 0, tables, &e) != 0)
        fail_msg("%s", e.text);
    return tables->at[0];
}

// "first,last,block,registry,economy,status,date,holder" of a run of days.
#define RUN_TEXT_MAX 200

static void format_run(const struct state_record *r, date first, date last, char text[RUN_TEXT_MAX])
{
    char a[DATE_TEXT_MAX], b[DATE_TEXT_MAX], record[RECORD_TEXT_MAX];
    snprintf(text, RUN_TEXT_MAX, "%s,%s,%s", date_format(first, a), date_format(last, b),
             state_record_format(r, record));
}

static void format_row(const struct table *t, size_t row, char text[RUN_TEXT_MAX])
{
    char a[DATE_TEXT_MAX], b[DATE_TEXT_MAX], c[DATE_TEXT_MAX], start[64];
    const char *block = text_at(t, row, "block"), *slash = strchr(block, '/');
    snprintf(start, sizeof start, "%.*s", (int)(slash - block), block);
    snprintf(text, RUN_TEXT_MAX, "%s,%s,%s,%s,ipv6,%s,%s,%s,%s,%s",
             date_format(date_at(t, row, "first_seen"), a),
             date_format(date_at(t, row, "last_seen"), b), text_at(t, row, "registry"),
             text_at(t, row, "economy"), start, slash + 1, date_format(date_at(t, row, "date"), c),
             text_at(t, row, "status"), text_at(t, row, "holder"));
}

static bool overlaps(const struct state_record *r, const struct range *range)
{
    struct block b = {FAMILY_IPV6, (u128)0x3fff << 112 | (u128)r->first << 96, r->length};
    struct range own = block_range(&b);
    return range_overlaps(&own, range);
}

// All runs of records in the range, one text each.
static size_t naive_runs(const struct state *days, date first, const struct range *range,
                         char (*ret)[RUN_TEXT_MAX])
{
    size_t count = 0;
    for (int d = 0; d < DAYS; d++)
        for (size_t i = 0; i < days[d].count; i++) {
            const struct state_record *r = &days[d].at[i];
            int end = d;
            if (!overlaps(r, range) || (d > 0 && state_has(&days[d - 1], r)))
                continue;
            while (end + 1 < DAYS && state_has(&days[end + 1], r))
                end++;
            format_run(r, first + d, first + end, ret[count++]);
        }
    return count;
}

static int text_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void check_against_naive(const struct archive *a, const struct state *days, date first)
{
    static char want[DAYS * STATE_MAX][RUN_TEXT_MAX], got[DAYS * STATE_MAX][RUN_TEXT_MAX];
    struct measure_tables tables = {0};
    struct block b = {FAMILY_IPV6, (u128)0x3fff << 112, 26 + pick(8)};
    b.start |= (u128)(pick(64) & ~0u << (b.value < 32 ? 32 - b.value : 0)) << 96;
    struct range r = block_range(&b);
    size_t count = naive_runs(days, first, &r, want);
    struct table *t = look(a, &r, DATE_MAX, &tables);
    assert_int_equal(t->row_count, count);
    for (size_t i = 0; i < count; i++)
        format_row(t, i, got[i]);
    qsort(want, count, sizeof want[0], text_order);
    qsort(got, count, sizeof got[0], text_order);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(got[i], want[i]);
    measure_tables_free(&tables);
}

static void every_record_and_run_is_found(void **state)
{
    (void)state;
    random_seed = 51;
    for (int round = 0; round < 10; round++) {
        struct archive a;
        struct state days[DAYS];
        struct buffer text = {0};
        date first = date_of(2021, 3, 1);
        archive_open(&a);
        for (int d = 0; d < DAYS; d++) {
            if (d == 0)
                state_fill(&days[0]);
            else
                days[d] = days[d - 1];
            state_change(&days[d]);
            for (unsigned registry = 0; registry < 3; registry++) {
                state_write(&days[d], registry, first + d, &text);
                archive_add(&a, "sample", text.at);
            }
        }
        for (int i = 0; i < 40; i++)
            check_against_naive(&a, days, first);
        buffer_done(&text);
        archive_close(&a);
    }
}

static void sample(struct archive *a)
{
    archive_open(a);
    archive_add(a, "first",
                "2.3|apnic|20200101|6|20000101|20200101|+0000\n"
                "apnic|JP|ipv6|3fff::|20|20100101|allocated|big\n"
                "apnic|JP|ipv6|3fff:100::|32|20110101|assigned|small\n"
                "apnic|JP|ipv6|3fff:200::|32|20110101|assigned|other\n"
                "apnic|JP|ipv4|192.0.2.0|131|20110101|assigned|odd\n"
                "apnic|JP|asn|64496|16|20110101|allocated|numbers\n"
                "apnic|JP|asn|65536|1|20110101|allocated|numbers\n");
    archive_add(a, "second",
                "2.3|apnic|20200105|4|20000101|20200105|+0000\n"
                "apnic|JP|ipv6|3fff::|20|20100101|allocated|big\n"
                "apnic|JP|ipv6|3fff:200::|32|20110101|assigned|other\n"
                "apnic|JP|ipv4|192.0.2.0|131|20110101|assigned|odd\n"
                "apnic|JP|asn|64496|16|20110101|allocated|numbers\n"
                "bad line\n");
}

static void the_most_covering_comes_first_and_history_is_told(void **state)
{
    (void)state;
    struct archive a;
    struct measure_tables tables = {0};
    sample(&a);
    struct range r = range_of("3fff:100::1");
    struct table *t = look(&a, &r, DATE_MAX, &tables);
    assert_int_equal(t->row_count, 2);
    assert_string_equal(text_at(t, 0, "block"), "3fff::/20");
    assert_string_equal(text_at(t, 0, "relation"), "covers");
    assert_string_equal(text_at(t, 0, "stands"), "stands");
    assert_string_equal(text_at(t, 1, "block"), "3fff:100::/32");
    assert_string_equal(text_at(t, 1, "stands"), "gone");
    assert_int_equal(date_at(t, 1, "last_seen"), date_of(2020, 1, 1));
    measure_tables_free(&tables);
    t = look(&a, &r, date_of(2020, 1, 5), &tables);
    assert_int_equal(t->row_count, 1);
    measure_tables_free(&tables);
    r = range_of("3fff::/16");
    t = look(&a, &r, date_of(2020, 1, 1), &tables);
    assert_int_equal(t->row_count, 3);
    assert_string_equal(text_at(t, 0, "relation"), "within");
    measure_tables_free(&tables);
    struct measure m = archive_measure(&a);
    assert_int_equal(measure_lookup(&m, &r, date_of(2020, 1, 1), 2, &tables, NULL), 0);
    assert_int_equal(tables.at[0]->row_count, 2);
    assert_string_equal(tables.at[0]->notes[0], "3 records in all; the first 2 are shown.");
    measure_tables_free(&tables);
    archive_close(&a);
}

static void blocks_that_are_no_prefix_are_found(void **state)
{
    (void)state;
    struct archive a;
    struct measure_tables tables = {0};
    sample(&a);
    static const struct {
        const char *asked;
        size_t rows;
        const char *relation;
    } cases[] = {{"192.0.2.130", 1, "covers"},      {"192.0.2.131", 0, ""},
                 {"192.0.2.0/24", 1, "within"},     {"192.0.2.128/25", 1, "overlaps"},
                 {"AS64511", 1, "covers"},          {"AS64512", 0, ""},
                 {"AS64500-AS70000", 2, "overlaps"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct range r = range_of(cases[i].asked);
        struct table *t = look(&a, &r, DATE_MAX, &tables);
        assert_int_equal(t->row_count, cases[i].rows);
        if (cases[i].rows)
            assert_string_equal(text_at(t, 0, "relation"), cases[i].relation);
        measure_tables_free(&tables);
    }
    archive_close(&a);
}

static void a_block_of_everything_is_found(void **state)
{
    (void)state;
    struct archive a;
    struct measure_tables tables = {0};
    archive_open(&a);
    archive_add(&a, "all",
                "2|apnic|20200101|2|20000101|20200101|+0000\n"
                "apnic||ipv6|::|0||available\n"
                "apnic|JP|ipv6|3fff::|20|20100101|allocated\n");
    struct range r = range_of("3fff::1");
    struct table *t = look(&a, &r, DATE_MAX, &tables);
    assert_int_equal(t->row_count, 2);
    assert_string_equal(text_at(t, 0, "block"), "::/0");
    measure_tables_free(&tables);
    archive_close(&a);
}

static u128 count_at(const struct table *t, size_t row, const char *column)
{
    return table_cell(t, row, table_find_column(t, column))->count;
}

static void gaps_are_known(void **state)
{
    (void)state;
    struct archive a;
    struct measure_tables t = {0};
    sample(&a);
    struct measure m = archive_measure(&a);
    assert_int_equal(measure_holdings(&m, HOLDINGS_SERIES | HOLDINGS_GAPS, &t, NULL), 0);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.at[0]->row_count, 3);
    assert_true(count_at(t.at[0], 0, "snapshots") == 2);
    assert_true(count_at(t.at[0], 0, "missing") == 3);
    assert_true(count_at(t.at[0], 0, "longest") == 3);
    assert_int_equal(t.at[1]->row_count, 3);
    assert_int_equal(date_at(t.at[1], 0, "from"), date_of(2020, 1, 2));
    assert_int_equal(date_at(t.at[1], 0, "to"), date_of(2020, 1, 4));
    measure_tables_free(&t);
    archive_close(&a);
}

static void the_lines_of_an_input_sum(void **state)
{
    (void)state;
    struct archive a;
    struct measure_tables t = {0};
    struct err e = {0};
    sample(&a);
    struct measure m = archive_measure(&a);
    assert_int_equal(measure_input(&m, "second", &t, NULL), 0);
    assert_int_equal(t.count, 4);
    const struct table *lines = t.at[1];
    u128 sum = 0;
    for (size_t i = 0; i + 1 < lines->row_count; i++)
        sum += count_at(lines, i, "count");
    assert_true(sum == 6 && count_at(lines, lines->row_count - 1, "count") == 6);
    assert_string_equal(lines->notes[0], "4 used + 1 ignored + 1 rejected = 6 lines.");
    assert_true(count_at(t.at[2], 0, "line") == 6);
    assert_int_equal(t.at[3]->row_count, 3);
    measure_tables_free(&t);
    assert_int_equal(measure_inputs(&m, 1, &t, NULL), 0);
    assert_int_equal(t.at[0]->row_count, 1);
    assert_string_equal(text_at(t.at[0], 0, "name"), "second");
    measure_tables_free(&t);
    assert_int_equal(measure_input(&m, "nothing", &t, &e), ERR_NOT_FOUND);
    archive_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_and_run_is_found),
        cmocka_unit_test(the_most_covering_comes_first_and_history_is_told),
        cmocka_unit_test(blocks_that_are_no_prefix_are_found),
        cmocka_unit_test(a_block_of_everything_is_found),
        cmocka_unit_test(gaps_are_known),
        cmocka_unit_test(the_lines_of_an_input_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
