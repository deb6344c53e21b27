// SPDX-License-Identifier: Apache-2.0
//
// What a place has is what root servers answer over: one of a family is enough, refusals of a
// server are answers, and who may not be asked counts for nothing.

#include "check/checker.h"
#include "check/names_shared.h"
#include "fake_dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SIX  8 // root servers: 2001:db8::1 to ::8
#define FOUR 3 // 192.0.2.1 to .3

struct place {
    struct checker checker;
    struct names_shared shared;
    struct resolver resolver;
    unsigned told;
};

// The vantage point tells the resolver; none of it is asked here.
void __wrap_resolver_use(struct resolver *r, unsigned families);
void __wrap_resolver_use(struct resolver *r, unsigned families)
{
    (void)r;
    check_expected(families);
}

static void known(void *arg)
{
    struct place *p = arg;
    p->told++;
    events_stop(p->checker.events);
}

static void hint_add(struct root_hints *h, const char *text)
{
    struct range r;
    assert_true(range_parse(slice_of(text), &r));
    h->at[h->count++] = (struct root_hint){{1, {0}}, r.family, r.first};
}

static void place_make(struct place *p)
{
    char text[40];
    *p = (struct place){0};
    p->checker.names = &p->shared;
    p->checker.resolver = &p->resolver;
    p->checker.random = 1;
    for (unsigned i = 1; i <= SIX; i++) {
        snprintf(text, sizeof text, "2001:db8::%u", i);
        hint_add(&p->shared.hints, text);
    }
    for (unsigned i = 1; i <= FOUR; i++) {
        snprintf(text, sizeof text, "192.0.2.%u", i);
        hint_add(&p->shared.hints, text);
    }
    assert_int_equal(events_new(&fake_clock, &p->checker.events, NULL), 0);
    assert_int_equal(guard_load(&p->checker.guard, NULL), 0);
}

static void place_drop(struct place *p)
{
    guard_done(&p->checker.guard);
    events_free(&p->checker.events);
}

// How many of the addresses of a family are asked.
static unsigned asked_of(const struct fake *f, const char *format, unsigned count)
{
    unsigned asked = 0;
    char text[40];
    for (unsigned i = 1; i <= count; i++) {
        snprintf(text, sizeof text, format, i);
        asked += fake_asked(f, text, NULL) > 0;
    }
    return asked;
}

struct world {
    const char *lines[16];
    const char *allow[2];
    unsigned here, six_asked, four_asked;
};

static void expect_world(const struct world *w)
{
    struct place p;
    place_make(&p);
    for (int i = 0; i < 2 && w->allow[i]; i++)
        assert_int_equal(guard_allow(&p.checker.guard, w->allow[i], NULL), 0);
    struct fake *fake = fake_new(p.checker.events, w->lines);
    p.checker.dns = fake_client(fake);
    expect_value(__wrap_resolver_use, families, w->here);
    vantage_find(&p.checker, known, &p);
    assert_int_equal(p.told, 0); // never from inside
    assert_int_equal(events_run(p.checker.events, NULL), 0);
    assert_int_equal(p.told, 1);
    assert_int_equal(p.checker.ipv6_here, (w->here & RESOLVE_IPV6) != 0);
    assert_int_equal(p.checker.ipv4_here, (w->here & RESOLVE_IPV4) != 0);
    assert_int_equal(asked_of(fake, "2001:db8::%u", SIX), w->six_asked);
    assert_int_equal(asked_of(fake, "192.0.2.%u", FOUR), w->four_asked);
    assert_null(p.shared.vantage);
    fake_free(fake);
    place_drop(&p);
}

#define ALL_SIX_BUT_7                                                                              \
    "2001:db8::1 ! silent", "2001:db8::2 ! silent", "2001:db8::3 ! silent",                        \
        "2001:db8::4 ! noroute", "2001:db8::5 ! noroute", "2001:db8::6 ! silent",                  \
        "2001:db8::8 ! closed"
#define BOTH_ALLOWED                                                                               \
    {                                                                                              \
        "2001:db8::/32", "192.0.2.0/24"                                                            \
    }

static void families_are_what_is_answered_over(void **state)
{
    (void)state;
    static const struct world worlds[] = {
        {{"2001:db8::1 ! refused", NULL}, BOTH_ALLOWED, RESOLVE_BOTH, 4, 3},
        // all are asked before a family is given up, and a single one is enough
        {{ALL_SIX_BUT_7, "2001:db8::7 . . SOA", NULL}, BOTH_ALLOWED, RESOLVE_BOTH, 8, 3},
        {{ALL_SIX_BUT_7, "2001:db8::7 ! silent", NULL}, BOTH_ALLOWED, RESOLVE_IPV4, 8, 3},
        {{"192.0.2.1 ! silent", "192.0.2.2 ! noroute", "192.0.2.3 ! silent", NULL},
         BOTH_ALLOWED,
         RESOLVE_IPV6,
         4,
         3},
        {{ALL_SIX_BUT_7, "2001:db8::7 ! silent", "192.0.2.1 ! silent", "192.0.2.2 ! silent",
          "192.0.2.3 ! noroute", NULL},
         BOTH_ALLOWED,
         0,
         8,
         3},
        // what the guard keeps is not asked
        {{NULL}, {"192.0.2.0/24"}, RESOLVE_IPV4, 0, 3},
        {{NULL}, {"2001:db8::7"}, RESOLVE_IPV6, 1, 0},
        {{NULL}, {NULL}, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        expect_world(&worlds[i]);
}

static void it_can_be_given_up(void **state)
{
    (void)state;
    static const char *const nobody[] = {NULL};
    struct place p;
    place_make(&p);
    struct fake *fake = fake_new(p.checker.events, nobody);
    p.checker.dns = fake_client(fake);
    vantage_find(&p.checker, known, &p);
    vantage_find(&p.checker, known, &p); // in place of the first
    vantage_free(p.shared.vantage);
    fake_free(fake);
    place_drop(&p);
    assert_int_equal(p.told, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_are_what_is_answered_over),
        cmocka_unit_test(it_can_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
