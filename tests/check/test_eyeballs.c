// SPDX-License-Identifier: Apache-2.0
//
// RFC 8305 by hand: races whose end can be worked out on paper.

#include "check/eyeballs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS(n) ((n)*1000u)

static const struct eyeball fast4 = {FAMILY_IPV4, TCP_OPEN, MS(20)};

static struct eyeballs against_four(enum tcp_outcome outcome, uint32_t took)
{
    struct eyeball all[] = {{FAMILY_IPV6, outcome, took}, fast4};
    return eyeballs_race(all, 2);
}

static void test_one_of_each(void **state)
{
    (void)state;
    struct eyeballs e = against_four(TCP_OPEN, MS(15));
    assert_true(e.connects && e.winner == 0 && e.delay == 0 && e.attempts == 1);
    e = against_four(TCP_OPEN, MS(70)); // slower, and within the step
    assert_true(e.winner == 0 && e.delay == MS(50) && e.attempts == 1);
    e = against_four(TCP_REFUSED, MS(10)); // IPv4 begins at once
    assert_true(e.winner == 1 && e.connected == MS(30) && e.delay == MS(10));
    e = against_four(TCP_SILENT, MS(4000)); // IPv4 begins after a step
    assert_true(e.winner == 1 && e.connected == MS(270) && e.delay == MS(250));
    e = against_four(TCP_OPEN, MS(260)); // IPv4 has begun, and loses by 10 ms
    assert_true(e.winner == 0 && e.connected == MS(260) && e.attempts == 2);
    e = against_four(TCP_OPEN, MS(280)); // IPv4 has begun, and wins
    assert_true(e.winner == 1 && e.delay == MS(250));
    e = against_four(TCP_UNREACHABLE, MS(3000)); // an error that comes late
    assert_true(e.winner == 1 && e.connected == MS(270));
}

static void test_several(void **state)
{
    (void)state;
    // v6 silent, v4 refused after 5 ms, v6 open: 250 + 5 + 30.
    struct eyeball a[] = {{FAMILY_IPV6, TCP_SILENT, MS(4000)},
                          {FAMILY_IPV6, TCP_OPEN, MS(30)},
                          {FAMILY_IPV4, TCP_REFUSED, MS(5)}};
    struct eyeballs e = eyeballs_race(a, 3);
    assert_true(e.winner == 1 && e.connected == MS(285) && e.delay == 0 && !e.alone);
    struct eyeball dead[] = {{FAMILY_IPV6, TCP_SILENT, MS(4000)},
                             {FAMILY_IPV4, TCP_SILENT, MS(4000)}};
    assert_false(eyeballs_race(dead, 2).connects);
    assert_false(eyeballs_race(NULL, 0).connects);
    struct eyeball many[EYEBALLS_MAX + 8];
    for (size_t i = 0; i < EYEBALLS_MAX + 8; i++)
        many[i] = (struct eyeball){FAMILY_IPV6, TCP_REFUSED, MS(1)};
    assert_int_equal(eyeballs_race(many, EYEBALLS_MAX + 8).attempts, EYEBALLS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_of_each),
                                       cmocka_unit_test(test_several)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
