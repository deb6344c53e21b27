// SPDX-License-Identifier: Apache-2.0
//
// Ratios and their interval; that of the second case is worked out from a table of
// Student's t.

#include "check/ratio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

static void near(double a, double b)
{
    if (fabs(a - b) > 1e-4 * fabs(b))
        fail_msg("%.9g, wanted %.9g", a, b);
}

static void test_same(void **state)
{
    (void)state;
    uint32_t times[] = {100, 200, 300, 400};
    struct ratio r = ratio_of(times, times, 4);
    near(r.value, 1);
    near(r.low, 1);
    near(r.high, 1);
}

static void test_interval(void **state)
{
    (void)state;
    // logs: ln 2, ln 4, ln 2, ln 4, ln 2: mean 1.4 ln 2, s = ln 2 * 0.5477226, t(4) = 2.7764451
    uint32_t six[] = {200, 400, 20, 4000, 2}, four[] = {100, 100, 10, 1000, 1};
    struct ratio r = ratio_of(six, four, 5);
    assert_int_equal(r.pairs, 5);
    near(r.value, pow(2, 1.4));
    near(r.low, pow(2, 1.4 - 2.7764451 * 0.5477226 / sqrt(5)));
    near(r.high, pow(2, 1.4 + 2.7764451 * 0.5477226 / sqrt(5)));
}

static void test_few(void **state)
{
    (void)state;
    uint32_t six[] = {200, 0, 400, 7}, four[] = {100, 50, 200, 0};
    struct ratio r = ratio_of(six, four, 4);
    assert_int_equal(r.pairs, 2);
    near(r.value, 2);
    assert_true(isnan(r.low) && isnan(r.high));
    r = ratio_of(six, four, 0);
    assert_true(r.pairs == 0 && isnan(r.value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same), cmocka_unit_test(test_interval),
                                       cmocka_unit_test(test_few)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
