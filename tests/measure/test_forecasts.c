// SPDX-License-Identifier: Apache-2.0
//
// Forecasts asked of an archive: steps out of days, keys, tables, and what is refused.

#include "archive.h"
#include "base/buffer.h"
#include "measure/forecast_series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

static void check_steps(enum period step, bool stock, const double *want, size_t count,
                        size_t filled)
{
    static const int months[] = {0, 0, 1, 4, 5};
    static const double values[] = {1, 3, 4, 10, 12};
    struct point points[5];
    struct steps s;
    struct err e;
    for (size_t i = 0; i < 5; i++)
        points[i] =
            (struct point){date_of(2020, 1 + (unsigned)months[i], i == 1 ? 20 : 10), values[i]};
    assert_int_equal(steps_make(points, 5, step, stock, &s, &e), 0);
    assert_int_equal(s.count, count);
    assert_int_equal(s.filled, filled);
    for (size_t i = 0; i < count; i++)
        assert_true(fabs(s.values[i] - want[i]) < 1e-12);
    assert_int_equal(steps_first(&s, 0), date_of(2020, 1, 1));
    assert_int_equal(steps_last(&s, s.count),
                     step == PERIOD_MONTH ? date_of(2020, 7, 31) : date_of(2020, 9, 30));
    free(s.values);
}

static void days_become_steps(void **state)
{
    (void)state;
    check_steps(PERIOD_MONTH, false, (double[]){2, 4, 6, 8, 10, 12}, 6, 2);
    check_steps(PERIOD_MONTH, true, (double[]){3, 4, 6, 8, 10, 12}, 6, 2);
    check_steps(PERIOD_QUARTER, true, (double[]){4, 12}, 2, 0);
    check_steps(PERIOD_QUARTER, false, (double[]){8.0 / 3, 11}, 2, 0);
}

static void the_step_suits_the_days(void **state)
{
    (void)state;
    struct point points[60];
    for (size_t i = 0; i < 60; i++)
        points[i].date = date_of(2000 + (int)i / 12, 1 + (unsigned)i % 12, 5);
    assert_int_equal(steps_suited(points, 60), PERIOD_MONTH);
    for (size_t i = 0; i < 60; i++)
        points[i].date = date_of(2000 + (int)i / 4, 1 + 3 * ((unsigned)i % 4), 5);
    assert_int_equal(steps_suited(points, 60), PERIOD_QUARTER);
    for (size_t i = 0; i < 30; i++)
        points[i].date = date_of(2000 + (int)i, 1, 1);
    assert_int_equal(steps_suited(points, 30), PERIOD_YEAR);
}

// Monthly from 2015: the world and two economies, one of which has ten months only.
static void add_shares(struct archive *a)
{
    struct buffer b = {0};
    buffer_text(&b, "# name: shares\n# unit: %\n# title: Users of Example\n# source: Example\n"
                    "date,economy,value\n");
    for (unsigned i = 0; i < 60; i++) {
        int year = 2015 + (int)i / 12;
        unsigned month = 1 + i % 12;
        double share = 3 + 0.5 * i + (i * 7 % 5) * 0.1;
        buffer_format(&b, "%d-%02u-15,WORLD,%.2f\n%d-%02u-15,KE,%.2f\n", year, month, share, year,
                      month, share / 2);
        if (i >= 50)
            buffer_format(&b, "%d-%02u-15,UG,%.2f\n", year, month, share / 3);
    }
    archive_add(a, "shares.csv", b.at);
    buffer_done(&b);
}

static const struct cell *at(const struct table *t, size_t row, const char *key)
{
    size_t column = table_find_column(t, key);
    assert_true(column != SIZE_MAX && row < t->row_count);
    return table_cell(t, row, column);
}

static void a_series_of_shares_is_forecast(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    add_shares(&a);
    struct measure_tables tables =
        archive_ask(&a, "forecast", "series=adoption:shares", "horizon=2022", "target=40", NULL);
    assert_int_equal(tables.count, 4);
    const struct table *t = tables.at[0];
    assert_int_equal(t->row_count, 5 + 3); // years known, years ahead
    assert_int_equal(at(t, 4, "date")->date, date_of(2019, 12, 31));
    assert_true(at(t, 4, "median")->kind == CELL_EMPTY && at(t, 4, "value")->kind == CELL_REAL);
    for (size_t row = 5; row < 8; row++) {
        double low = at(t, row, "low90")->real, high = at(t, row, "high90")->real;
        double truth = 3 + 0.5 * (59 + 12 * (double)(row - 4));
        assert_true(low <= truth && truth <= high && at(t, row, "value")->kind == CELL_EMPTY);
        assert_true(low <= at(t, row, "low50")->real && at(t, row, "high50")->real <= high);
    }
    assert_int_equal(tables.at[2]->row_count, FORECAST_MODELS);
    assert_true(at(tables.at[3], 0, "date50")->date > date_of(2020, 6, 1));
    assert_true(at(tables.at[3], 0, "date50")->date < date_of(2021, 12, 31));
    assert_int_equal(t->basis.input_count, 1);
    measure_tables_free(&tables);
    archive_close(&a);
}

static void what_is_known_later_is_not_used(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    add_shares(&a);
    struct measure_tables before =
        archive_ask(&a, "forecast", "series=shares", "to=2018", "horizon=2020", NULL);
    archive_add(&a, "later.csv",
                "# name: shares\n# unit: %\n# title: Users of Example\n# source: Example\n"
                "date,economy,value\n2020-06-15,WORLD,99\n");
    struct measure_tables after =
        archive_ask(&a, "forecast", "series=shares", "to=2018", "horizon=2020", NULL);
    for (size_t row = 0; row < before.at[0]->row_count; row++)
        for (size_t c = 0; c < before.at[0]->column_count; c++) {
            const struct cell *x = table_cell(before.at[0], row, c),
                              *y = table_cell(after.at[0], row, c);
            assert_int_equal(x->kind, y->kind);
            if (x->kind == CELL_REAL)
                assert_true(x->real == y->real);
        }
    assert_string_equal(before.at[0]->basis.inputs_sha256, after.at[0]->basis.inputs_sha256);
    measure_tables_free(&before);
    measure_tables_free(&after);
    archive_close(&a);
}

static void a_short_history_is_said_to_be_short(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    add_shares(&a);
    struct measure_tables tables =
        archive_ask(&a, "forecast", "series=shares", "by=economy", "horizon=2022", NULL);
    const struct table *test = tables.at[1];
    assert_int_equal(test->row_count, 2);
    assert_string_equal(at(test, 1, "key")->text, "UG");
    assert_non_null(strstr(at(test, 1, "verdict")->text, "10 steps is too short"));
    assert_true(at(test, 1, "coverage90")->kind == CELL_EMPTY);
    assert_int_equal(tables.at[0]->row_count, 8);
    measure_tables_free(&tables);
    archive_close(&a);
}

static void check_refused(struct archive *a, const char *series, const char *by, int code,
                          const char *part)
{
    struct measure m = archive_measure(a);
    struct measure_tables tables = {0};
    struct query q;
    struct err e = {0};
    query_init(&q);
    if (series)
        assert_int_equal(query_set(&q, "series", series, &e), 0);
    assert_int_equal(query_set(&q, "by", by, &e), 0);
    assert_int_equal(measure_forecast(&m, &q, &tables, &e), code);
    if (!strstr(e.text, part))
        fail_msg("%s", e.text);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    check_refused(&a, "shares", "world", ERR_NOT_FOUND, "the archive has none");
    add_shares(&a);
    check_refused(&a, NULL, "world", ERR_USAGE, "which series");
    check_refused(&a, "share", "world", ERR_NOT_FOUND, "the archive has shares");
    check_refused(&a, "shares", "region", ERR_USAGE, "do not add up");
    check_refused(&a, "shares", "registry", ERR_USAGE, "of economies");
    check_refused(&a, "announced", "region", ERR_USAGE, "of the world");
    check_refused(&a, "announced", "world", ERR_NOT_FOUND, "no value");
    check_refused(&a, "delegations", "world", ERR_NOT_FOUND, "");
    archive_close(&a);
}

// One delegation more each month, and each of a new holder.
static void registers_are_counted_by_quarters(void **state)
{
    (void)state;
    struct archive a;
    struct buffer b = {0};
    archive_open(&a);
    buffer_text(&b,
                "2.3|afrinic|20200105|96|20120101|20200105|+0000\nafrinic|*|ipv6|*|96|summary\n");
    for (unsigned i = 0; i < 96; i++)
        buffer_format(&b, "afrinic|%s|ipv6|3fff:%x::|32|%u%02u03|allocated|h-%u\n",
                      i % 2 ? "KE" : "UG", i, 2012 + i / 12, 1 + i % 12, i);
    archive_add(&a, "delegated-afrinic-extended-20200105", b.at);
    buffer_done(&b);
    static const char *const series[] = {"series=delegations", "series=holders"};
    for (size_t i = 0; i < 2; i++) {
        struct measure_tables tables = archive_ask(&a, "forecast", series[i], "horizon=2021", NULL);
        const struct table *t = tables.at[0];
        assert_int_equal(t->row_count, 8 + 2);
        assert_true(at(t, 7, "value")->real == 96 && at(t, 0, "value")->real == 12);
        if (fabs(at(t, 9, "median")->real - 120) > 6)
            fail_msg("%g", at(t, 9, "median")->real);
        assert_true(at(t, 9, "low90")->real <= 120 && at(t, 9, "high90")->real >= 120);
        assert_int_equal(at(tables.at[1], 0, "steps")->count, 32);
        measure_tables_free(&tables);
    }
    struct measure_tables tables =
        archive_ask(&a, "forecast", series[0], "by=economy", "only=KE", "horizon=2021", NULL);
    assert_true(at(tables.at[0], 7, "value")->real == 48);
    measure_tables_free(&tables);
    archive_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_become_steps),
        cmocka_unit_test(the_step_suits_the_days),
        cmocka_unit_test(a_series_of_shares_is_forecast),
        cmocka_unit_test(what_is_known_later_is_not_used),
        cmocka_unit_test(a_short_history_is_said_to_be_short),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(registers_are_counted_by_quarters),
    };
    return cmocka_run_group_tests_name("forecasts", tests, NULL, NULL);
}
