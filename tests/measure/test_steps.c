// SPDX-License-Identifier: Apache-2.0
//
// Steps: each day's changes are those that the comparison of that day with the day before has, and
// a day without a step has none.

#include "archive.h"
#include "measure/changes.h"
#include "measure/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAYS   8
#define ROUNDS 25
#define MOST   30

// Days in any order, some of a registry missing.
static date import_days(struct archive *a)
{
    struct state days[DAYS];
    struct buffer text = {0};
    unsigned order[DAYS * 3];
    date first = date_of(2023, 12, 27);
    state_fill(&days[0]);
    for (unsigned d = 1; d < DAYS; d++) {
        days[d] = days[d - 1];
        state_change(&days[d]);
    }
    for (unsigned i = 0; i < DAYS * 3; i++) {
        unsigned k = pick(i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    for (unsigned i = 0; i < DAYS * 3; i++) {
        unsigned day = order[i] / 3;
        if (day > 0 && pick(4) == 0)
            continue;
        state_write(&days[day], order[i] % 3, first + (date)day, &text);
        archive_add(a, "sample", text.at);
    }
    buffer_done(&text);
    return first;
}

struct sum {
    uint64_t changes, records;
};

static struct sum compared(const struct archive *a, date on, const char *only)
{
    char from[32], to[32], text[DATE_TEXT_MAX];
    snprintf(from, sizeof from, "from=%s", date_format(on - 1, text));
    snprintf(to, sizeof to, "to=%s", date_format(on, text));
    struct measure_tables t = archive_ask(a, "changes", from, to, only, NULL);
    const struct table *rows = t.at[0], *sums = t.at[1];
    struct sum s = {.records = rows->row_count};
    s.changes =
        (uint64_t)table_cell(sums, sums->row_count - 1, table_find_column(sums, "changes"))->count;
    measure_tables_free(&t);
    return s;
}

static struct sum found(const struct change_steps *steps, date on, const struct economy_set *only)
{
    struct sum s = {0};
    for (size_t i = 0; i < steps->count; i++) {
        const struct difference *d = &steps->at[i].difference;
        for (size_t n = 0; n < d->change_count && steps->at[i].on == on; n++) {
            const struct change *c = &d->changes[n];
            if (!change_touches(d, c, only))
                continue;
            s.changes++;
            s.records += c->removed + c->added;
        }
    }
    return s;
}

static void check_steps(const struct archive *a, date first, const char *only)
{
    struct economy_set set;
    struct change_steps steps;
    struct err e = {0};
    struct measure m = archive_measure(a);
    assert_int_equal(economy_set_parse(&set, only ? strchr(only, '=') + 1 : "", a->world, &e), 0);
    if (change_steps_find(&m, &set, MOST, &steps, &e) != 0)
        fail_msg("%s", e.text);
    for (date on = first + 1; on < first + DAYS; on++) {
        struct sum wanted = compared(a, on, only), is = found(&steps, on, &set);
        assert_int_equal(is.changes, wanted.changes);
        assert_int_equal(is.records, wanted.records);
    }
    for (size_t i = 0; i < steps.count; i++) {
        assert_in_range(steps.at[i].on, first + 1, first + DAYS - 1);
        assert_true(i == 0 || steps.at[i].on < steps.at[i - 1].on);
        assert_true(found(&steps, steps.at[i].on, &set).changes > 0);
    }
    change_steps_done(&steps);
}

static void each_day_is_the_comparison_with_the_day_before(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct archive a;
        random_seed = 4290 + round;
        archive_open(&a);
        date first = import_days(&a);
        check_steps(&a, first, NULL);
        check_steps(&a, first, "only=KE");
        check_steps(&a, first, "only=TZ,UG");
        archive_close(&a);
    }
}

// Eleven days of 300 records, on the sixth three of them: a dip that is back at once.
static void a_suspect_snapshot_changes_nothing(void **state)
{
    (void)state;
    struct archive a;
    struct buffer text = {0};
    struct change_steps steps;
    struct economy_set all = {0};
    struct err e = {0};
    archive_open(&a);
    for (unsigned day = 1; day <= 11; day++) {
        unsigned count = day == 6 ? 3 : 300;
        text.length = 0;
        buffer_format(&text, "2|apnic|202401%02u|%u|19850101|202401%02u|+1000\n", day, count, day);
        buffer_format(&text, "apnic|*|ipv6|*|%u|summary\n", count);
        for (unsigned i = 0; i < count; i++)
            buffer_format(&text, "apnic|FJ|ipv6|2001:db8:%x::|48|20200101|allocated|h\n", i);
        archive_add(&a, "sample", text.at);
    }
    struct measure m = archive_measure(&a);
    assert_int_equal(change_steps_find(&m, &all, MOST, &steps, &e), 0);
    assert_int_equal(steps.count, 0);
    assert_int_equal(steps.until, date_of(2024, 1, 11));
    change_steps_done(&steps);
    buffer_done(&text);
    archive_close(&a);
}

static void without_a_registry_there_are_none(void **state)
{
    (void)state;
    struct archive a;
    struct change_steps steps;
    struct economy_set all = {0};
    struct err e = {0};
    archive_open(&a);
    struct measure m = archive_measure(&a);
    assert_int_equal(change_steps_find(&m, &all, MOST, &steps, &e), ERR_NOT_FOUND);
    archive_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_day_is_the_comparison_with_the_day_before),
        cmocka_unit_test(a_suspect_snapshot_changes_nothing),
        cmocka_unit_test(without_a_registry_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
