// SPDX-License-Identifier: Apache-2.0
//
// Connections that come and go at random, against counts kept in plain arrays; which addresses are
// one, and which are not counted.

#include "site/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#define ADDRESSES 40
#define STEPS     200000

static struct crowd_key key_of(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return crowd_key_of((const struct sockaddr *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return crowd_key_of((const struct sockaddr *)&six);
}

static bool same(const char *a, const char *b)
{
    struct crowd_key x = key_of(a), y = key_of(b);
    return x.high == y.high && x.low == y.low;
}

static bool is_own(const char *text)
{
    struct crowd_key k = key_of(text);
    return k.high == 0 && k.low == 0;
}

static void test_keys(void **state)
{
    (void)state;
    assert_true(is_own("127.0.0.1") && is_own("127.1.2.3") && is_own("::1"));
    assert_true(is_own("::ffff:127.0.0.1"));
    assert_false(is_own("192.0.2.1") || is_own("2001:db8::1") || is_own("::2"));
    assert_true(same("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"));
    assert_false(same("2001:db8:0:1::1", "2001:db8:0:2::1"));
    assert_false(same("192.0.2.1", "192.0.2.2"));
    assert_true(same("192.0.2.1", "::ffff:192.0.2.1"));
    assert_true(crowd_key_of(&(struct sockaddr){.sa_family = AF_UNIX}).low == 0);
}

static unsigned pick(unsigned below)
{
    static uint64_t seed = 826404;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void test_counts(void **state)
{
    (void)state;
    const struct crowd_limits limits = {.all = 300, .each = 10, .told_all = 30, .told_of_each = 3};
    unsigned counts[ADDRESSES] = {0}, size = 0;
    struct crowd *c = NULL;
    assert_int_equal(crowd_new(&limits, &c), 0);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned a = pick(ADDRESSES);
        struct crowd_key key = {a, a ? 2 : 0}; // the first is this machine's own
        if (pick(100) < 45 && counts[a] > 0) {
            crowd_leave(c, key);
            counts[a]--;
            size--;
            continue;
        }
        bool room = size < 330 && (a == 0 || counts[a] < 13);
        assert_int_equal(crowd_has_room(c, key), room);
        if (!room)
            continue;
        enum crowd_place place = size >= 300            ? CROWD_ALL_TAKEN
                                 : a && counts[a] >= 10 ? CROWD_OWN_TAKEN
                                                        : CROWD_SERVED;
        assert_int_equal(crowd_enter(c, key), place);
        counts[a]++;
        size++;
        assert_int_equal(crowd_size(c), size);
    }
    crowd_free(&c);
}

static void test_without_a_limit_for_one(void **state)
{
    (void)state;
    struct crowd *c = NULL;
    assert_int_equal(crowd_new(&(struct crowd_limits){.all = 100}, &c), 0);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(crowd_enter(c, key_of("192.0.2.1")), CROWD_SERVED);
    assert_false(crowd_has_room(c, key_of("192.0.2.1")));
    crowd_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_without_a_limit_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
