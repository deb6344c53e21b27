// SPDX-License-Identifier: Apache-2.0
//
// Dates against the C library's calendar, and against their own rules.

#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void test_calendar(void **state)
{
    (void)state;
    struct tm first = {.tm_year = 1 - 1900, .tm_mday = 1},
              last = {.tm_year = 9999 - 1900, .tm_mon = 11, .tm_mday = 31};
    time_t end = timegm(&last);
    for (time_t t = timegm(&first); t <= end; t += 86400) {
        struct tm tm;
        gmtime_r(&t, &tm);
        date d = (date)(t / 86400);
        struct civil c = date_civil(d);
        if (c.year != tm.tm_year + 1900 || (int)c.month != tm.tm_mon + 1 ||
            (int)c.day != tm.tm_mday || date_of(c.year, c.month, c.day) != d ||
            !date_valid(c.year, c.month, c.day))
            fail_msg("day %d: wanted %d-%d-%d, seen %d-%u-%u", d, tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, c.year, c.month, c.day);
    }
}

static void test_valid(void **state)
{
    (void)state;
    for (int year = 1; year < 2500; year += 7)
        for (int month = 0; month <= 13; month++)
            for (int day = 0; day <= 32; day++) {
                struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
                timegm(&tm);
                bool same =
                    tm.tm_year == year - 1900 && tm.tm_mon == month - 1 && tm.tm_mday == day;
                assert_int_equal(date_valid(year, (unsigned)month, (unsigned)day), same);
            }
    assert_false(date_valid(0, 1, 1));
    assert_false(date_valid(10000, 1, 1));
}

static void test_parse(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2024",        "2024-02-30", "20240230",
                                      "2023-02-29", "2024-2-29",   "2024/02/29", "2024-02-29 ",
                                      " 2024-02-2", "-024-02-01",  "2024-0x-01", "202402291",
                                      "0000-01-01", "2024-02-291", "2024-13-01", "00000000"};
    date d = 77;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(date_parse(slice_of(bad[i]), &d));
    assert_int_equal(d, 77);
    assert_true(date_parse(slice_of("2024-02-29"), &d));
    assert_int_equal(d, date_of(2024, 2, 29));
    assert_true(date_parse(slice_of("19990801"), &d));
    assert_int_equal(d, date_of(1999, 8, 1));
}

static void test_format(void **state)
{
    (void)state;
    char text[DATE_TEXT_MAX];
    srand(2);
    for (int i = 0; i < 20000; i++) {
        date d = date_of(1, 1, 1) + rand() % 3652059, seen = 0;
        assert_true(date_parse(slice_of(date_format(d, text)), &seen));
        assert_int_equal(seen, d);
    }
    assert_string_equal(date_format(DATE_NONE, text), "");
}

static void test_periods(void **state)
{
    (void)state;
    static const enum period periods[] = {PERIOD_YEAR, PERIOD_QUARTER, PERIOD_MONTH, PERIOD_DAY};
    for (date d = date_of(1999, 1, 1); d < date_of(2030, 1, 1); d++)
        for (size_t i = 0; i < 4; i++) {
            date first = period_first(periods[i], d), next = period_next(periods[i], first);
            assert_true(first <= d && d < next);
            assert_int_equal(period_first(periods[i], next), next);
            assert_int_equal(period_first(periods[i], next - 1), first);
        }
    char text[DATE_TEXT_MAX];
    date d = date_of(2024, 5, 17);
    assert_string_equal(period_format(PERIOD_YEAR, d, text), "2024");
    assert_string_equal(period_format(PERIOD_QUARTER, d, text), "2024-Q2");
    assert_string_equal(period_format(PERIOD_MONTH, d, text), "2024-05");
    assert_string_equal(period_format(PERIOD_DAY, d, text), "2024-05-17");
    enum period p;
    assert_true(period_parse(slice_of("quarter"), &p) && p == PERIOD_QUARTER);
    assert_false(period_parse(slice_of("week"), &p));
}

static void test_today(void **state)
{
    (void)state;
    setenv("SOURCE_DATE_EPOCH", "1709164800", 1);
    assert_int_equal(date_today(), date_of(2024, 2, 29));
    setenv("SOURCE_DATE_EPOCH", "nonsense", 1);
    assert_true(date_today() > date_of(2024, 1, 1));
    unsetenv("SOURCE_DATE_EPOCH");
    assert_int_equal(date_today(), (date)(time(NULL) / 86400));
}

// As `date -u -d @SECONDS +%FT%TZ` prints them.
static void test_instants(void **state)
{
    (void)state;
    char text[INSTANT_TEXT_MAX];
    assert_string_equal(instant_format(0, text), "1970-01-01T00:00:00Z");
    assert_string_equal(instant_format(1709211909, text), "2024-02-29T13:05:09Z");
    assert_string_equal(instant_format(-1, text), "1969-12-31T23:59:59Z");
    assert_string_equal(instant_format(253402300799, text), "9999-12-31T23:59:59Z");
    assert_string_equal(instant_format(253402300800, text), "");
    assert_string_equal(instant_format(INT64_MAX, text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_valid),
        cmocka_unit_test(test_parse),    cmocka_unit_test(test_format),
        cmocka_unit_test(test_periods),  cmocka_unit_test(test_today),
        cmocka_unit_test(test_instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
