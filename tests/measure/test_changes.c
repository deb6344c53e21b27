// SPDX-License-Identifier: Apache-2.0
//
// Changes between two days of an archive: the table applied to the first state gives the second,
// whatever was imported in which order.

#include "archive.h"
#include "measure/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAYS 5

static char texts[4 * STATE_MAX][RECORD_TEXT_MAX];

struct records {
    char (*at)[RECORD_TEXT_MAX];
    size_t count;
};

static bool records_take(struct records *r, const char *text)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->at[i], text) == 0) {
            memmove(r->at[i], r->at[--r->count], RECORD_TEXT_MAX);
            return true;
        }
    return false;
}

static const char *text_at(const struct table *t, size_t row, const char *column)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, column));
    return c->kind == CELL_TEXT ? c->text : "";
}

static void format_row(const struct table *t, size_t row, char text[RECORD_TEXT_MAX])
{
    char day[DATE_TEXT_MAX] = "";
    const struct cell *dated = table_cell(t, row, table_find_column(t, "date"));
    const struct cell *value = table_cell(t, row, table_find_column(t, "value"));
    if (dated->kind == CELL_DATE)
        date_format(dated->date, day);
    snprintf(text, RECORD_TEXT_MAX, "%s,%s,%s,%s,%u,%s,%s,%s", text_at(t, row, "registry"),
             text_at(t, row, "economy"), text_at(t, row, "family"), text_at(t, row, "start"),
             (unsigned)value->count, day, text_at(t, row, "status"), text_at(t, row, "holder"));
}

// The rows of one side, as they stand in the table.
static void apply(const struct table *t, struct records *state, const char *side)
{
    char text[RECORD_TEXT_MAX];
    for (size_t row = 0; row < t->row_count; row++) {
        if (strcmp(text_at(t, row, "side"), side) != 0)
            continue;
        format_row(t, row, text);
        if (*side == '+')
            memcpy(state->at[state->count++], text, sizeof text);
        else
            assert_true(records_take(state, text));
    }
}

// An archive of some days of which the registries have each other ones.
struct history {
    struct state days[DAYS];
    bool held[DAYS][3];
    date first;
};

static void import_history(struct archive *a, struct history *h)
{
    struct buffer text = {0};
    unsigned order[DAYS * 3];
    state_fill(&h->days[0]);
    for (unsigned d = 1; d < DAYS; d++) {
        h->days[d] = h->days[d - 1];
        state_change(&h->days[d]);
    }
    for (unsigned i = 0; i < DAYS * 3; i++) {
        unsigned k = pick(i + 1);
        order[i] = order[k];
        order[k] = i;
        h->held[i / 3][i % 3] = i < 3 || pick(3);
    }
    for (unsigned i = 0; i < DAYS * 3; i++) {
        unsigned day = order[i] / 3, registry = order[i] % 3;
        if (!h->held[day][registry])
            continue;
        state_write(&h->days[day], registry, h->first + (date)day, &text);
        archive_add(a, "sample", text.at);
    }
    buffer_done(&text);
}

// What is known on a day: of each registry the newest state held by then.
static struct records known(const struct history *h, unsigned day, char (*at)[RECORD_TEXT_MAX])
{
    struct records r = {at, 0};
    for (unsigned registry = 0; registry < 3; registry++) {
        unsigned d = day;
        while (!h->held[d][registry])
            d--;
        for (size_t i = 0; i < h->days[d].count; i++)
            if (h->days[d].at[i].registry == registry)
                state_record_format(&h->days[d].at[i], r.at[r.count++]);
    }
    return r;
}

static struct measure_tables ask(const struct archive *a, const struct history *h, unsigned from,
                                 unsigned to, const char *more)
{
    char first[32], last[32], text[DATE_TEXT_MAX];
    snprintf(first, sizeof first, "from=%s", date_format(h->first + (date)from, text));
    snprintf(last, sizeof last, "to=%s", date_format(h->first + (date)to, text));
    return archive_ask(a, "changes", first, last, "status=all", more, NULL);
}

static void the_table_turns_the_first_state_into_the_second(void **state)
{
    (void)state;
    static char now_texts[STATE_MAX * 3][RECORD_TEXT_MAX];
    random_seed = 42;
    for (int round = 0; round < 25; round++) {
        struct archive a;
        struct history h = {.first = date_of(2020, 5, 1)};
        archive_open(&a);
        import_history(&a, &h);
        for (unsigned from = 0; from < DAYS; from++)
            for (unsigned to = from; to < DAYS; to++) {
                struct measure_tables t = ask(&a, &h, from, to, NULL);
                struct records was = known(&h, from, texts), now = known(&h, to, now_texts);
                apply(t.at[0], &was, "-");
                apply(t.at[0], &was, "+");
                assert_int_equal(was.count, now.count);
                for (size_t i = 0; i < was.count; i++)
                    assert_true(records_take(&now, was.at[i]));
                measure_tables_free(&t);
            }
        archive_close(&a);
    }
}

static u128 count_at(const struct table *t, size_t row, const char *column)
{
    return table_cell(t, row, table_find_column(t, column))->count;
}

static void the_sums_are_those_of_the_rows(void **state)
{
    (void)state;
    random_seed = 43;
    struct archive a;
    struct history h = {.first = date_of(2020, 5, 1)};
    archive_open(&a);
    import_history(&a, &h);
    struct measure_tables t = ask(&a, &h, 0, DAYS - 1, NULL);
    u128 removed = 0, added = 0, changes = 0;
    for (size_t i = 0; i < t.at[0]->row_count; i++) {
        removed += *text_at(t.at[0], i, "side") == '-';
        added += *text_at(t.at[0], i, "side") == '+';
        changes = count_at(t.at[0], i, "change");
    }
    u128 sums[3] = {0};
    for (size_t i = 0; i < t.at[1]->row_count; i++)
        if (strcmp(text_at(t.at[1], i, "kind"), "all") == 0) {
            sums[0] += count_at(t.at[1], i, "changes");
            sums[1] += count_at(t.at[1], i, "removed");
            sums[2] += count_at(t.at[1], i, "added");
        }
    assert_true(sums[0] == changes && sums[1] == removed && sums[2] == added);
    assert_true(changes > 0);
    measure_tables_free(&t);
    archive_close(&a);
}

static void only_shows_whole_changes_that_touch_the_economy(void **state)
{
    (void)state;
    random_seed = 44;
    struct archive a;
    struct history h = {.first = date_of(2020, 5, 1)};
    archive_open(&a);
    import_history(&a, &h);
    struct measure_tables all = ask(&a, &h, 0, DAYS - 1, NULL);
    struct measure_tables some = ask(&a, &h, 0, DAYS - 1, "only=KE");
    size_t row = 0;
    for (size_t i = 0; i < all.at[0]->row_count;) {
        size_t end = i;
        bool touches = false;
        u128 number = count_at(all.at[0], i, "change");
        for (; end < all.at[0]->row_count && count_at(all.at[0], end, "change") == number; end++)
            touches = touches || strcmp(text_at(all.at[0], end, "economy"), "KE") == 0;
        for (; touches && i < end; i++, row++)
            assert_string_equal(text_at(some.at[0], row, "start"), text_at(all.at[0], i, "start"));
        i = end;
    }
    assert_int_equal(row, some.at[0]->row_count);
    assert_true(row > 0 && row < all.at[0]->row_count);
    measure_tables_free(&all);
    measure_tables_free(&some);
    archive_close(&a);
}

static void a_registry_without_a_first_state_is_left_out(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    archive_add(&a, "one",
                "2|apnic|20200101|1|20000101|20200101|+0000\n"
                "apnic|JP|ipv6|2001:db8::|32|20100101|allocated\n");
    archive_add(&a, "two",
                "2|apnic|20210101|1|20000101|20210101|+0000\n"
                "apnic|JP|ipv6|2001:db8::|31|20100101|allocated\n");
    archive_add(&a, "three",
                "2|ripencc|20210101|1|20000101|20210101|+0000\n"
                "ripencc|NL|ipv6|3fff::|32|20100101|allocated\n");
    struct measure_tables t = archive_ask(&a, "changes", NULL);
    assert_int_equal(t.at[0]->row_count, 2);
    assert_string_equal(text_at(t.at[0], 0, "kind"), "grown");
    assert_int_equal(t.at[1]->note_count, 1);
    assert_non_null(strstr(t.at[1]->notes[0], "ripencc is left out"));
    assert_string_equal(t.at[0]->basis.parameter_names[1], "from");
    assert_string_equal(t.at[0]->basis.parameter_values[1], "2020-01-01");
    measure_tables_free(&t);
    archive_close(&a);
}

static void wrong_periods_are_refused(void **state)
{
    (void)state;
    struct archive a;
    struct query q;
    struct err e = {0};
    struct measure_tables t = {0};
    archive_open(&a);
    struct measure m = archive_measure(&a);
    query_init(&q);
    assert_int_equal(measure_changes(&m, &q, &t, &e), ERR_NOT_FOUND);
    archive_add(&a, "one",
                "2|apnic|20200101|1|20000101|20200101|+0000\n"
                "apnic|JP|ipv6|2001:db8::|32|20100101|allocated\n");
    q.from = date_of(2020, 2, 1);
    q.to = date_of(2020, 1, 1);
    assert_int_equal(measure_changes(&m, &q, &t, &e), ERR_USAGE);
    q.from = date_of(2019, 1, 1);
    assert_int_equal(measure_changes(&m, &q, &t, &e), ERR_NOT_FOUND);
    assert_int_equal(t.count, 0);
    archive_close(&a);
}

static void a_year_before_29_february_is_the_28th(void **state)
{
    (void)state;
    assert_int_equal(changes_year_before(date_of(2024, 2, 29)), date_of(2023, 2, 28));
    assert_int_equal(changes_year_before(date_of(2024, 3, 1)), date_of(2023, 3, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_turns_the_first_state_into_the_second),
        cmocka_unit_test(the_sums_are_those_of_the_rows),
        cmocka_unit_test(only_shows_whole_changes_that_touch_the_economy),
        cmocka_unit_test(a_registry_without_a_first_state_is_left_out),
        cmocka_unit_test(wrong_periods_are_refused),
        cmocka_unit_test(a_year_before_29_february_is_the_28th),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
