// SPDX-License-Identifier: Apache-2.0
//
// The names area as a whole against a made-up Internet: each domain is sound or broken in one way,
// and the verdict of each test is known.

#include "check/checker.h"
#include "check/names_shared.h"
#include "fake_dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOT "2001:db8::1"
#define TLD  "2001:db8::2"

static const char *const world[] = {
    ROOT " . . SOA",
    ROOT " . . NS a.root-servers.net",
    ROOT " . a.root-servers.net AAAA " ROOT,
    ROOT " . test NS ns.test",
    ROOT " . ns.test AAAA " TLD,
    TLD " test test SOA",
    TLD " test test NS ns.test",
    TLD " test ns.test AAAA " TLD,
    NULL,
};

// ---- worlds are made of one pattern: a zone, its servers, what they hold

#define LINES_MAX 200
#define LINE_ROOM 120

struct world {
    char text[LINES_MAX][LINE_ROOM];
    const char *lines[LINES_MAX + 1];
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void add(struct world *w, const char *format, ...)
{
    va_list args;
    assert_true(w->count < LINES_MAX);
    va_start(args, format);
    vsnprintf(w->text[w->count], LINE_ROOM, format, args);
    va_end(args);
    w->lines[w->count] = w->text[w->count];
    w->lines[++w->count] = NULL;
}

static void world_make(struct world *w)
{
    *w = (struct world){0};
    for (size_t i = 0; i < 8; i++)
        add(w, "%s", world[i]);
}

static void delegate(struct world *w, const char *server, const char *glue6, const char *glue4)
{
    add(w, TLD " test z.test NS %s", server);
    if (glue6)
        add(w, TLD " test %s AAAA %s", server, glue6);
    if (glue4)
        add(w, TLD " test %s A %s", server, glue4);
}

// What a server holds of z.test: two name servers with the addresses of their numbers.
static void holds_but(struct world *w, const char *at, unsigned serial, const char *aaaa)
{
    add(w, "%s z.test z.test SOA %u", at, serial);
    add(w, "%s z.test z.test AAAA %s", at, aaaa);
    add(w, "%s z.test z.test A 192.0.2.80", at);
    add(w, "%s z.test z.test MX 10 mail.z.test", at);
    add(w, "%s z.test z.test TXT 300", at);
    add(w, "%s z.test z.test DNSKEY 1600", at);
    add(w, "%s z.test z.test NS ns1.z.test", at);
    add(w, "%s z.test z.test NS ns2.z.test", at);
    for (unsigned i = 1; i <= 2; i++) {
        add(w, "%s z.test ns%u.z.test AAAA 2001:db8:1::%u", at, i, i);
        add(w, "%s z.test ns%u.z.test A 192.0.2.%u", at, i, i);
    }
}

static void holds(struct world *w, const char *at)
{
    holds_but(w, at, 7, "2001:db8:80::1");
}

static const char *const four_servers[] = {"2001:db8:1::1", "2001:db8:1::2", "192.0.2.1",
                                           "192.0.2.2"};

static void world_sound(struct world *w)
{
    world_make(w);
    delegate(w, "ns1.z.test", "2001:db8:1::1", "192.0.2.1");
    delegate(w, "ns2.z.test", "2001:db8:1::2", "192.0.2.2");
    for (int i = 0; i < 4; i++)
        holds(w, four_servers[i]);
}

// ---- a run of the part

struct run {
    struct checker checker;
    struct check_options options;
    struct names_shared shared;
    struct domain domain;
    struct fake *fake;
    void *state;
    bool done;
};

static void finished(void *arg)
{
    struct run *r = arg;
    r->done = true;
    events_stop(r->checker.events);
}

static void run_begin(struct run *r, const char *const *lines, const char *name, unsigned here)
{
    struct err e;
    static const struct gate_limits limits = {8, 128, 0};
    *r = (struct run){.shared.hints.count = 1};
    struct checker *c = &r->checker;
    c->options = &r->options;
    c->level = LEVEL_NAMES;
    c->timeout = 4000000;
    c->ipv6_here = here & RESOLVE_IPV6;
    c->ipv4_here = here & RESOLVE_IPV4;
    c->random = 1;
    assert_int_equal(events_new(&fake_clock, &c->events, &e), 0);
    assert_int_equal(gate_new(c->events, &limits, &c->gate, &e), 0);
    assert_int_equal(guard_load(&c->guard, &e), 0);
    assert_int_equal(guard_allow(&c->guard, "2001:db8::/32", &e), 0);
    assert_int_equal(guard_allow(&c->guard, "192.0.2.0/24", &e), 0);
    r->fake = fake_new(c->events, lines);
    c->dns = fake_client(r->fake);
    c->names = &r->shared;
    assert_true(dns_cache_make(&r->shared.levels, NAMES_LEVELS_MAX));
    r->shared.hints.at[0].name = (struct dns_name){1, {0}};
    r->shared.hints.at[0].family = FAMILY_IPV6;
    assert_true(ipv6_parse(slice_of(ROOT), &r->shared.hints.at[0].address));
    struct resolver_options o = {
        .events = c->events, .client = c->dns, .guard = &c->guard, .hints = &r->shared.hints};
    assert_int_equal(resolver_new(&o, &c->resolver, &e), 0);
    resolver_use(c->resolver, here);
    r->domain = (struct domain){.checker = c, .name = name, .parts_left = 1};
    r->domain.result.domain = name;
    r->domain.finish = (struct event_task){.run = finished, .arg = r};
}

static void run_part(struct run *r)
{
    struct err e;
    assert_int_equal(part_names.start(&r->domain, &r->state, &e), 0);
    assert_false(r->done);
    assert_int_equal(events_run(r->checker.events, &e), 0);
    assert_true(r->done);
    assert_false(r->domain.result.failed);
}

static void run_end(struct run *r)
{
    part_names.drop(&r->domain, r->state);
    result_done(&r->domain.result);
    resolver_free(&r->checker.resolver);
    dns_cache_drop(&r->shared.levels);
    fake_free(r->fake);
    gate_free(&r->checker.gate);
    guard_done(&r->checker.guard);
    events_free(&r->checker.events);
}

// ---- what is expected: a letter a test, in their order from resolves to ipv6-only
// (p)ass, p(a)rtial, (f)ail, (n)one, not a(x)pplicable, not (t)estable

static const char letters[VERDICT_COUNT] = {'p', 'a', 'f', 'n', 'x', 't'};

static void verdicts(const struct result *r, char ret[10])
{
    memset(ret, '-', 9);
    ret[9] = 0;
    for (size_t i = 0; i < r->tests.count; i++)
        if (r->tests.at[i].kind <= TEST_NAMES_IPV6_ONLY)
            ret[r->tests.at[i].kind] = letters[r->tests.at[i].verdict];
}

static const char *reason(const struct result *r, enum test_kind k)
{
    const struct test *t = result_find(r, k, NULL);
    return t && t->reason ? t->reason->key : "";
}

static void expect_here(struct world *w, const char *name, unsigned here, const char *wanted,
                        enum test_kind k, const char *why)
{
    static struct run r;
    char got[10];
    run_begin(&r, w->lines, name, here);
    run_part(&r);
    verdicts(&r.domain.result, got);
    assert_string_equal(got, wanted);
    assert_string_equal(reason(&r.domain.result, k), why);
    run_end(&r);
}

static void expect(struct world *w, const char *wanted, enum test_kind k, const char *why)
{
    expect_here(w, "z.test", RESOLVE_BOTH, wanted, k, why);
}

static struct world w;

//                          resolves delegation aaaa glue udp tcp edns same ipv6-only
static void test_sound(void **state)
{
    (void)state;
    world_sound(&w);
    expect(&w, "ppppppppp", TEST_NAMES_UDP, "");
    static struct run r;
    run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
    run_part(&r);
    const struct nist_count *n = &r.domain.result.scores.dns;
    assert_true(n->interfaces == 2 && n->with_aaaa == 2 && n->reached == 2 && n->operational == 2);
    const struct test *t = result_find(&r.domain.result, TEST_NAMES_UDP, "z.test");
    assert_true(t && t->evidence.count == 4);
    assert_string_equal(t->evidence.at[0].asked, "SOA, UDP");
    run_end(&r);
}

static void test_other_places(void **state)
{
    (void)state;
    world_sound(&w);
    expect_here(&w, "z.test", RESOLVE_IPV6, "ppppppptp", TEST_NAMES_SAME, "any-no-ipv4-here");
    expect_here(&w, "nobody.test", RESOLVE_BOTH, "fxxxxxxxx", TEST_NAMES_RESOLVES,
                "names-not-there");
    // a name inside a zone, not at its top
    for (int i = 0; i < 4; i++)
        add(&w, "%s z.test www.z.test AAAA 2001:db8:80::1", four_servers[i]);
    expect_here(&w, "www.z.test", RESOLVE_BOTH, "ppppppppp", TEST_NAMES_UDP, "");
}

static void test_without_ipv6_here(void **state)
{
    (void)state;
    world_sound(&w);
    add(&w, ROOT " . a.root-servers.net A 192.0.2.101");
    add(&w, ROOT " . ns.test A 192.0.2.102");
    static struct run r;
    char got[10];
    run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
    r.checker.ipv6_here = false;
    run_part(&r);
    verdicts(&r.domain.result, got);
    assert_string_equal(got, "ppptttttt"); // nor was there a way to the zone above
    assert_string_equal(reason(&r.domain.result, TEST_NAMES_UDP), "any-no-ipv6-here");
    run_end(&r);
}

static void test_ipv4_only(void **state)
{
    (void)state;
    world_make(&w);
    delegate(&w, "ns1.z.test", NULL, "192.0.2.1");
    delegate(&w, "ns2.z.test", NULL, "192.0.2.2");
    for (int i = 2; i < 4; i++) {
        add(&w, "%s z.test z.test SOA 7", four_servers[i]);
        add(&w, "%s z.test z.test NS ns1.z.test", four_servers[i]);
        add(&w, "%s z.test z.test NS ns2.z.test", four_servers[i]);
        add(&w, "%s z.test ns1.z.test A 192.0.2.1", four_servers[i]);
        add(&w, "%s z.test ns2.z.test A 192.0.2.2", four_servers[i]);
    }
    expect(&w, "pnnnnnnnn", TEST_NAMES_AAAA, "names-none-aaaa");
}

static void test_servers_broken(void **state)
{
    (void)state;
    world_sound(&w); // one of two is silent over IPv6
    add(&w, "2001:db8:1::2 ! silent");
    expect(&w, "ppppaappp", TEST_NAMES_UDP, "names-udp");
    add(&w, "2001:db8:1::1 ! silent"); // both, while IPv4 answers
    expect(&w, "ppppffttf", TEST_NAMES_UDP, "names-udp");
    add(&w, "192.0.2.1 ! silent");
    add(&w, "192.0.2.2 ! silent"); // nobody at all
    expect(&w, "tpptttttt", TEST_NAMES_UDP, "any-silent");
}

static void test_one_sided(void **state)
{
    (void)state;
    world_make(&w); // the zone above does not name the second server
    delegate(&w, "ns1.z.test", "2001:db8:1::1", "192.0.2.1");
    for (int i = 0; i < 4; i++)
        holds(&w, four_servers[i]);
    expect(&w, "pappppppp", TEST_NAMES_DELEGATION, "names-delegation-differs");
    world_sound(&w); // it names a third one
    delegate(&w, "ns3.z.test", "2001:db8:1::2", "192.0.2.2");
    expect(&w, "paaappppp", TEST_NAMES_DELEGATION, "names-delegation-differs");
}

// A server of the zone above that only the root names, and one that only the zone itself does: the
// evidence says so, and the domain is not to blame.
static void test_one_sided_above(void **state)
{
    (void)state;
    static struct run r;
    for (int odd = 0; odd < 2; odd++) {
        world_sound(&w);
        if (odd) {
            add(&w, ROOT " . test NS old.test");
            add(&w, ROOT " . old.test AAAA " TLD);
            add(&w, TLD " test test NS new.test");
            add(&w, TLD " test new.test AAAA " TLD);
            add(&w, TLD " test old.test AAAA " TLD);
        }
        run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
        run_part(&r);
        const struct test *t = result_find(&r.domain.result, TEST_NAMES_DELEGATION, NULL);
        assert_int_equal(t->verdict, VERDICT_PASS);
        assert_string_equal(t->evidence.at[0].whom, ".");
        assert_null(strstr(t->evidence.at[0].answer, "only"));
        assert_string_equal(t->evidence.at[1].whom, "test");
        assert_string_equal(t->evidence.at[1].answer,
                            odd ? "2 name servers, 2 with IPv6; only it or only the zone above "
                                  "names old.test, new.test"
                                : "1 name servers, 1 with IPv6");
        run_end(&r);
    }
}

// RFC 2181, 10.3: whoever heeds it does not ask the second server.
static void test_server_is_alias(void **state)
{
    (void)state;
    world_make(&w);
    delegate(&w, "ns1.z.test", "2001:db8:1::1", "192.0.2.1");
    delegate(&w, "also.z.test", NULL, NULL);
    for (int i = 0; i < 4; i++) {
        add(&w, "%s z.test z.test SOA 7", four_servers[i]);
        add(&w, "%s z.test z.test AAAA 2001:db8:80::1", four_servers[i]);
        add(&w, "%s z.test z.test NS ns1.z.test", four_servers[i]);
        add(&w, "%s z.test z.test NS also.z.test", four_servers[i]);
        add(&w, "%s z.test also.z.test CNAME ns2.z.test", four_servers[i]);
        add(&w, "%s z.test ns1.z.test AAAA 2001:db8:1::1", four_servers[i]);
        add(&w, "%s z.test ns2.z.test AAAA 2001:db8:1::2", four_servers[i]);
    }
    static struct run r;
    run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
    run_part(&r);
    const struct test *t = result_find(&r.domain.result, TEST_NAMES_AAAA, "z.test");
    assert_true(t && t->verdict == VERDICT_PARTIAL);
    assert_string_equal(t->reason->key, "names-server-alias");
    assert_string_equal(t->details[0], "also.z.test");
    run_end(&r);
}

// What lies beyond the limits is not asked: the fifth address of a server is silent, or the 17th
// server.
static void test_left_out(void **state)
{
    (void)state;
    static struct run r;
    world_sound(&w);
    static const char *const more[] = {"2001:db8:1::11", "2001:db8:1::12", "2001:db8:1::13"};
    for (size_t a = 0; a < 3; a++) {
        add(&w, TLD " test ns1.z.test AAAA %s", more[a]);
        holds(&w, more[a]);
    }
    for (int i = 0; i < 7; i++)
        for (size_t a = 0; a < 3; a++)
            add(&w, "%s z.test ns1.z.test AAAA %s", i < 4 ? four_servers[i] : more[i - 4], more[a]);
    expect(&w, "ppppppppp", TEST_NAMES_UDP, ""); // four are asked
    for (int i = 0; i < 7; i++)
        add(&w, "%s z.test ns1.z.test AAAA 2001:db8:1::14", i < 4 ? four_servers[i] : more[i - 4]);
    run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
    run_part(&r);
    static const enum test_kind of_all[] = {TEST_NAMES_AAAA, TEST_NAMES_GLUE, TEST_NAMES_UDP,
                                            TEST_NAMES_TCP,  TEST_NAMES_EDNS, TEST_NAMES_SAME};
    for (size_t i = 0; i < sizeof of_all / sizeof *of_all; i++) {
        const struct test *t = result_find(&r.domain.result, of_all[i], "z.test");
        assert_int_equal(t->verdict, VERDICT_NOT_TESTABLE);
        assert_string_equal(t->reason->key, "names-left-out");
        assert_string_equal(t->details[0], "ns1.z.test");
        const struct evidence *last = &t->evidence.at[t->evidence.count - 1];
        assert_string_equal(last->whom, "ns1.z.test");
        assert_non_null(strstr(last->answer, "more than 4 addresses"));
    }
    assert_int_equal(fake_asked(r.fake, "2001:db8:1::14", NULL), 0);
    run_end(&r);
}

static void test_servers_left_out(void **state)
{
    (void)state;
    world_sound(&w);
    for (unsigned i = 3; i <= 17; i++) {
        add(&w, TLD " test z.test NS ns%u.z.test", i);
        add(&w, TLD " test ns%u.z.test AAAA 2001:db8:1::1", i);
        add(&w, "2001:db8:1::1 z.test z.test NS ns%u.z.test", i);
        add(&w, "2001:db8:1::1 z.test ns%u.z.test AAAA 2001:db8:1::1", i);
    }
    static struct run r;
    run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
    run_part(&r);
    const struct test *t = result_find(&r.domain.result, TEST_NAMES_UDP, "z.test");
    assert_int_equal(t->verdict, VERDICT_NOT_TESTABLE);
    assert_string_equal(t->reason->key, "names-left-out");
    assert_string_equal(t->details[0], "z.test");
    run_end(&r);
}

static void test_one_address_broken(void **state)
{
    (void)state;
    static struct run r;
    world_sound(&w);
    add(&w, TLD " test ns1.z.test AAAA 2001:db8:1::9");
    for (int i = 0; i < 4; i++)
        add(&w, "%s z.test ns1.z.test AAAA 2001:db8:1::9", four_servers[i]);
    add(&w, "2001:db8:1::9 ! silent");
    run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
    run_part(&r);
    const struct nist_count *n = &r.domain.result.scores.dns;
    assert_true(n->with_aaaa == 2 && n->operational == 1 && n->partly == 1);
    const struct test *t = result_find(&r.domain.result, TEST_NAMES_UDP, "z.test");
    assert_true(t && t->verdict == VERDICT_PARTIAL);
    run_end(&r);
}

static void test_one_kind_broken(void **state)
{
    (void)state;
    world_sound(&w);
    add(&w, "2001:db8:1::2 ! refused");
    expect(&w, "ppppaappp", TEST_NAMES_UDP, "names-lame");
    world_sound(&w);
    add(&w, "2001:db8:1::1 ! udp-only");
    add(&w, "2001:db8:1::2 ! udp-only");
    expect(&w, "pppppffpp", TEST_NAMES_TCP, "names-tcp");
    world_sound(&w);
    add(&w, "2001:db8:1::1 ! black-hole");
    expect(&w, "ppppppapp", TEST_NAMES_EDNS, "names-large");
    add(&w, "2001:db8:1::2 ! black-hole");
    expect(&w, "ppppppfpp", TEST_NAMES_EDNS, "names-large");
    world_sound(&w); // no EDNS: long answers come over TCP, which is all right
    add(&w, "2001:db8:1::1 ! truncating");
    expect(&w, "ppppppppp", TEST_NAMES_EDNS, "");
}

static void test_edns(void **state)
{
    (void)state;
    world_sound(&w); // old servers: all comes without EDNS
    for (int i = 0; i < 4; i++)
        add(&w, "%s ! formerr", four_servers[i]);
    expect(&w, "ppppppppp", TEST_NAMES_EDNS, "");
    world_sound(&w);
    add(&w, "2001:db8:1::1 ! edns-silent");
    expect(&w, "ppppaaapp", TEST_NAMES_EDNS, "names-udp");
    add(&w, "2001:db8:1::2 ! edns-silent");
    expect(&w, "ppppfffpf", TEST_NAMES_UDP, "names-udp");
}

// A zone of a small key and small texts, whose servers lose answers to a long name.
static void test_long_name(void **state)
{
    (void)state;
    world_sound(&w);
    for (size_t i = 0; i < w.count; i++) {
        char *key = strstr(w.text[i], "DNSKEY 1600");
        if (key)
            memcpy(key, "DNSKEY 0200", 11);
    }
    expect(&w, "ppppppppp", TEST_NAMES_EDNS, "");
    add(&w, "2001:db8:1::1 ! long-lost");
    add(&w, "2001:db8:1::2 ! long-lost");
    expect(&w, "ppppppfpp", TEST_NAMES_EDNS, "names-large");
    add(&w, "192.0.2.1 ! long-lost"); // over IPv4 as well: it is the name that is minded
    add(&w, "192.0.2.2 ! long-lost");
    expect(&w, "ppppppppp", TEST_NAMES_EDNS, "");
}

// Over IPv6 the servers deny all, the zone itself and their own names too.
static void test_denial(void **state)
{
    (void)state;
    world_sound(&w);
    add(&w, "2001:db8:1::1 ! denies");
    add(&w, "2001:db8:1::2 ! denies");
    expect(&w, "ppppffpff", TEST_NAMES_SAME, "names-families-differ");
    expect(&w, "ppppffpff", TEST_NAMES_UDP, "names-lame");
    add(&w, "192.0.2.1 ! denies"); // over both: delegated, and nobody serves it
    add(&w, "192.0.2.2 ! denies");
    expect(&w, "fpptffppf", TEST_NAMES_RESOLVES, "names-failed");
}

static void test_glue(void **state)
{
    (void)state;
    for (int both = 0; both < 2; both++) {
        world_make(&w);
        delegate(&w, "ns1.z.test", both ? NULL : "2001:db8:1::1", "192.0.2.1");
        delegate(&w, "ns2.z.test", NULL, "192.0.2.2");
        for (int i = 0; i < 4; i++)
            holds(&w, four_servers[i]);
        expect(&w, both ? "pppfppppf" : "pppappppp", TEST_NAMES_GLUE, "names-glue-missing");
    }
    world_make(&w); // an old address, where nobody is any more
    delegate(&w, "ns1.z.test", "2001:db8:1::9", "192.0.2.1");
    delegate(&w, "ns2.z.test", "2001:db8:1::2", "192.0.2.2");
    for (int i = 0; i < 4; i++)
        holds(&w, four_servers[i]);
    add(&w, "2001:db8:1::9 ! silent");
    expect(&w, "pppaaappp", TEST_NAMES_GLUE, "names-glue-differs");
}

static void test_different_answers(void **state)
{
    (void)state;
    world_sound(&w);
    w.count -= 10; // the last server again, with an older version
    holds_but(&w, "192.0.2.2", 6, "2001:db8:80::1");
    expect(&w, "pppppppap", TEST_NAMES_SAME, "names-servers-differ");
    world_make(&w);
    delegate(&w, "ns1.z.test", "2001:db8:1::1", "192.0.2.1");
    delegate(&w, "ns2.z.test", "2001:db8:1::2", "192.0.2.2");
    for (int i = 0; i < 4; i++)
        holds_but(&w, four_servers[i], 7, i < 2 ? "2001:db8:80::1" : "2001:db8:80::2");
    expect(&w, "pppppppfp", TEST_NAMES_SAME, "names-families-differ");
}

// The servers have IPv6 addresses, and the zone that these stand in has none.
static void test_only_ipv6_fails(void **state)
{
    (void)state;
    world_make(&w);
    add(&w, TLD " test z.test NS ns.far.test");
    add(&w, TLD " test far.test NS ns4.far.test");
    add(&w, TLD " test ns4.far.test A 192.0.2.44");
    add(&w, "192.0.2.44 far.test far.test SOA");
    add(&w, "192.0.2.44 far.test far.test NS ns4.far.test");
    add(&w, "192.0.2.44 far.test ns4.far.test A 192.0.2.44");
    add(&w, "192.0.2.44 far.test ns.far.test AAAA 2001:db8:1::1");
    add(&w, "2001:db8:1::1 z.test z.test SOA");
    add(&w, "2001:db8:1::1 z.test z.test NS ns.far.test");
    add(&w, "2001:db8:1::1 z.test z.test AAAA 2001:db8:80::1");
    expect(&w, "pppxppppf", TEST_NAMES_IPV6_ONLY, "names-ipv6-only");
}

static void test_odd_addresses(void **state)
{
    (void)state;
    world_make(&w);
    delegate(&w, "ns1.z.test", "::1", "192.0.2.1");
    add(&w, "192.0.2.1 z.test z.test SOA 7");
    add(&w, "192.0.2.1 z.test z.test NS ns1.z.test");
    add(&w, "192.0.2.1 z.test ns1.z.test AAAA ::1");
    add(&w, "192.0.2.1 z.test ns1.z.test A 192.0.2.1");
    expect(&w, "pnfpffnnf", TEST_NAMES_AAAA, "names-odd-address");
}

static void test_patience(void **state)
{
    (void)state;
    static struct run r;
    char got[10];
    world_sound(&w);
    for (int steps = 0; steps < 60; steps += 3) { // over at any moment
        struct err e;
        struct event_timer over = {.due = finished, .arg = &r};
        run_begin(&r, w.lines, "z.test", RESOLVE_BOTH);
        assert_int_equal(part_names.start(&r.domain, &r.state, &e), 0);
        events_after(r.checker.events, &over, steps * 5000);
        assert_int_equal(events_run(r.checker.events, &e), 0);
        if (!r.domain.part_done[0])
            part_names.stop(&r.domain, r.state);
        verdicts(&r.domain.result, got);
        assert_int_equal(strspn(got, "pt"), 9); // never a red one
        events_cancel(r.checker.events, &over);
        run_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_other_places),
        cmocka_unit_test(test_without_ipv6_here),
        cmocka_unit_test(test_ipv4_only),
        cmocka_unit_test(test_servers_broken),
        cmocka_unit_test(test_one_sided),
        cmocka_unit_test(test_one_sided_above),
        cmocka_unit_test(test_server_is_alias),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_servers_left_out),
        cmocka_unit_test(test_one_address_broken),
        cmocka_unit_test(test_one_kind_broken),
        cmocka_unit_test(test_edns),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_denial),
        cmocka_unit_test(test_glue),
        cmocka_unit_test(test_different_answers),
        cmocka_unit_test(test_only_ipv6_fails),
        cmocka_unit_test(test_odd_addresses),
        cmocka_unit_test(test_patience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
