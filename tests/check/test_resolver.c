// SPDX-License-Identifier: Apache-2.0
//
// The resolver against a made-up Internet: a root, the zone test, and zones below it that are sound
// or broken.

#include "check/dns_cache.h"
#include "check/dns_resolver.h"
#include "check/opt_out.h"
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
    ROOT " . test NS ns.test",
    ROOT " . ns.test AAAA " TLD,
    ROOT " . other NS ns.other",
    ROOT " . ns.other AAAA 2001:db8::3",
    ROOT " . ns.other A 192.0.2.3",
    TLD " test test SOA",
    TLD " test plain.test NS ns.plain.test",
    TLD " test ns.plain.test AAAA 2001:db8:1::1",
    "2001:db8:1::1 plain.test plain.test SOA",
    "2001:db8:1::1 plain.test plain.test MX 10 mail.plain.test",
    "2001:db8:1::1 plain.test plain.test MX 20 .",
    "2001:db8:1::1 plain.test www.plain.test AAAA 2001:db8:80::1",
    "2001:db8:1::1 plain.test www.plain.test AAAA 2001:db8:80::2",
    "2001:db8:1::1 plain.test alias.plain.test CNAME www.plain.test",
    "2001:db8:1::1 plain.test far.plain.test CNAME www.far.test",
    "2001:db8:1::1 plain.test round.plain.test CNAME around.plain.test",
    "2001:db8:1::1 plain.test around.plain.test CNAME round.plain.test",
    "2001:db8:1::1 plain.test circle.plain.test CNAME circle.far.test",
    "2001:db8:1::1 plain.test long.plain.test TXT 3000",
    "2001:db8:1::1 plain.test dname.plain.test DNAME www.plain.test",
    // its servers' names lie elsewhere; the zone above has an address for one that it has no say in
    TLD " test far.test NS ns.helper.other",
    TLD " test ns.helper.other AAAA 2001:db8:bad::1",
    "2001:db8::3 other other SOA",
    "192.0.2.3 other other SOA",
    "192.0.2.3 other helper.other NS ns.helper.other",
    "192.0.2.3 other ns.helper.other AAAA 2001:db8:2::1",
    "2001:db8::3 other helper.other NS ns.helper.other",
    "2001:db8::3 other ns.helper.other AAAA 2001:db8:2::1",
    "2001:db8:2::1 helper.other helper.other SOA",
    "2001:db8:2::1 helper.other ns.helper.other AAAA 2001:db8:2::1",
    "2001:db8:2::1 far.test far.test SOA",
    "2001:db8:2::1 far.test www.far.test AAAA 2001:db8:80::3",
    "2001:db8:2::1 far.test circle.far.test CNAME circle.plain.test",
    // only IPv4
    TLD " test four.test NS ns.four.test",
    TLD " test ns.four.test A 192.0.2.4",
    "192.0.2.4 four.test four.test SOA",
    "192.0.2.4 four.test www.four.test AAAA 2001:db8:80::4",
    // one of each kind of bad server, and a good one
    TLD " test mixed.test NS ns1.mixed.test",
    TLD " test mixed.test NS ns2.mixed.test",
    TLD " test mixed.test NS ns3.mixed.test",
    TLD " test mixed.test NS ns4.mixed.test",
    TLD " test mixed.test NS ns5.mixed.test",
    TLD " test ns1.mixed.test AAAA 2001:db8:3::1",
    TLD " test ns2.mixed.test AAAA 2001:db8:3::2",
    TLD " test ns3.mixed.test AAAA 2001:db8:3::3",
    TLD " test ns4.mixed.test AAAA 2001:db8:3::4",
    TLD " test ns5.mixed.test AAAA 2001:db8:3::5",
    "2001:db8:3::1 ! silent",
    "2001:db8:3::2 ! refused",
    "2001:db8:3::3 ! servfail",
    "2001:db8:3::4 ! recursive",
    "2001:db8:3::4 mixed.test mixed.test SOA",
    "2001:db8:3::4 mixed.test www.mixed.test AAAA 2001:db8:bad::2",
    "2001:db8:3::5 ! formerr",
    "2001:db8:3::5 mixed.test mixed.test SOA",
    "2001:db8:3::5 mixed.test www.mixed.test AAAA 2001:db8:80::5",
    // nobody answers
    TLD " test dead.test NS ns1.dead.test",
    TLD " test dead.test NS ns2.dead.test",
    TLD " test ns1.dead.test AAAA 2001:db8:4::1",
    TLD " test ns2.dead.test AAAA 2001:db8:4::2",
    "2001:db8:4::1 ! silent",
    "2001:db8:4::2 ! silent",
    // a server of something else; one that points back up
    TLD " test lame.test NS ns.lame.test",
    TLD " test ns.lame.test AAAA 2001:db8:5::1",
    "2001:db8:5::1 . . SOA",
    "2001:db8:5::1 . test NS ns.test",
    "2001:db8:5::1 . ns.test AAAA " TLD,
    // one server denies all, the other one knows better
    TLD " test liar.test NS ns1.liar.test",
    TLD " test liar.test NS ns2.liar.test",
    TLD " test ns1.liar.test AAAA 2001:db8:6::1",
    TLD " test ns2.liar.test AAAA 2001:db8:6::2",
    "2001:db8:6::1 ! denies",
    "2001:db8:6::1 liar.test liar.test SOA",
    "2001:db8:6::2 liar.test liar.test SOA",
    "2001:db8:6::2 liar.test liar.test AAAA 2001:db8:80::6",
    "2001:db8:6::2 liar.test www.liar.test AAAA 2001:db8:80::6",
    "2001:db8:6::2 liar.test ns1.liar.test AAAA 2001:db8:6::1",
    // nobody knows the zone that was delegated
    TLD " test lies.test NS ns1.lies.test",
    TLD " test ns1.lies.test AAAA 2001:db8:6::3",
    "2001:db8:6::3 ! denies",
    "2001:db8:6::3 lies.test lies.test SOA",
    // each needs the other
    TLD " test egg.test NS ns.hen.test",
    TLD " test hen.test NS ns.egg.test",
    NULL,
};

struct place {
    struct events *events;
    struct fake *fake;
    struct root_hints hints;
    struct resolver *resolver;
    unsigned left;
};

struct told {
    struct place *place;
    unsigned calls;
    enum lookup_status status;
    size_t count, chain_count;
    u128 first;
    uint16_t preference;
    char name[80], chain[80], why[200], by[ENDPOINT_TEXT_MAX];
    uint32_t took, length;
    bool by_timeout, opted_out;
};

static void place_make_without(struct place *p, const char *const *lines, struct opt_out *out)
{
    struct err e;
    *p = (struct place){.hints.count = 1};
    assert_int_equal(events_new(&fake_clock, &p->events, &e), 0);
    p->fake = fake_new(p->events, lines);
    p->hints.at[0].name = (struct dns_name){1, {0}};
    p->hints.at[0].family = FAMILY_IPV6;
    assert_true(ipv6_parse(slice_of(ROOT), &p->hints.at[0].address));
    struct resolver_options o = {
        .events = p->events, .client = fake_client(p->fake), .hints = &p->hints, .opt_out = out};
    assert_int_equal(resolver_new(&o, &p->resolver, &e), 0);
}

static void place_make(struct place *p, const char *const *lines)
{
    place_make_without(p, lines, NULL);
}

static void place_drop(struct place *p)
{
    resolver_free(&p->resolver);
    fake_free(p->fake);
    events_free(&p->events);
}

static void tell(void *arg, const struct lookup *l)
{
    struct told *t = arg;
    t->calls++;
    t->status = l->status;
    t->count = l->count;
    t->took = l->took;
    t->by_timeout = l->by_timeout;
    t->opted_out = l->opted_out;
    t->chain_count = l->chain_count;
    snprintf(t->why, sizeof t->why, "%s", l->why);
    snprintf(t->by, sizeof t->by, "%s", l->by);
    if (l->count > 0) {
        t->first = l->data[0].address;
        t->preference = l->data[0].preference;
        t->length = l->data[0].length;
        snprintf(t->name, sizeof t->name, "%s", l->data[0].name ? l->data[0].name : "");
    }
    if (l->chain_count > 0)
        snprintf(t->chain, sizeof t->chain, "%s", l->chain[l->chain_count - 1]);
    if (--t->place->left == 0)
        events_stop(t->place->events);
}

static void run(struct place *p, unsigned callbacks)
{
    struct err e;
    p->left = callbacks;
    assert_int_equal(events_run(p->events, &e), 0);
    assert_int_equal(p->left, 0);
}

static struct told look(struct place *p, const char *name, uint16_t type, unsigned families)
{
    struct told t = {.place = p};
    resolver_ask(p->resolver, name, type, families, false, tell, &t);
    assert_int_equal(t.calls, 0); // never from inside
    run(p, 1);
    assert_int_equal(t.calls, 1);
    return t;
}

static struct told aaaa(struct place *p, const char *name)
{
    return look(p, name, DNS_TYPE_AAAA, RESOLVE_BOTH);
}

static void test_plain(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, world);
    struct told t = aaaa(&p, "WWW.plain.test");
    assert_true(t.status == LOOKUP_FOUND && t.count == 2 && (uint16_t)t.first == 1 && t.took > 0);
    assert_string_equal(t.by, "[2001:db8:1::1]:53");
    assert_int_equal(fake_asked(p.fake, NULL, NULL), 3);
    t = aaaa(&p, "www.plain.test.");
    assert_true(t.status == LOOKUP_FOUND && t.took == 0);
    assert_int_equal(fake_asked(p.fake, NULL, NULL), 3);
    t = look(&p, "plain.test", DNS_TYPE_MX, RESOLVE_BOTH); // the delegation is known
    assert_true(t.count == 2 && t.preference == 10);
    assert_string_equal(t.name, "mail.plain.test");
    assert_int_equal(fake_asked(p.fake, NULL, NULL), 4);
    assert_int_equal(look(&p, "www.plain.test", DNS_TYPE_A, RESOLVE_BOTH).status, LOOKUP_NO_DATA);
    assert_int_equal(aaaa(&p, "nobody.plain.test").status, LOOKUP_NO_NAME);
    assert_int_equal(aaaa(&p, "nobody.test").status, LOOKUP_NO_NAME);
    t = look(&p, "plain.test", DNS_TYPE_SOA, RESOLVE_BOTH);
    assert_true(t.status == LOOKUP_FOUND && t.length == 22);
    t = look(&p, "plain.test", DNS_TYPE_DS, RESOLVE_BOTH); // asked of the zone above
    assert_int_equal(t.status, LOOKUP_NO_DATA);
    assert_string_equal(t.by, "[2001:db8::2]:53");
    t = look(&p, "long.plain.test", DNS_TYPE_TXT, RESOLVE_BOTH); // over TCP
    assert_true(t.status == LOOKUP_FOUND && t.length == 3015);
    t = aaaa(&p, "a..b");
    assert_int_equal(t.status, LOOKUP_FAILED);
    assert_string_equal(t.why, "it is no name");
    place_drop(&p);
}

static void test_aliases(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, world);
    struct told t = aaaa(&p, "alias.plain.test");
    assert_true(t.status == LOOKUP_FOUND && t.count == 2 && t.chain_count == 1);
    assert_string_equal(t.chain, "www.plain.test");
    t = look(&p, "alias.plain.test", DNS_TYPE_A, RESOLVE_BOTH);
    assert_true(t.status == LOOKUP_NO_DATA && t.chain_count == 1);
    t = look(&p, "alias.plain.test", DNS_TYPE_CNAME, RESOLVE_BOTH);
    assert_true(t.status == LOOKUP_FOUND && t.chain_count == 0);
    assert_string_equal(t.name, "www.plain.test");
    t = aaaa(&p, "far.plain.test");
    assert_true(t.status == LOOKUP_FOUND && t.chain_count == 1 && (uint16_t)t.first == 3);
    assert_string_equal(t.by, "[2001:db8:2::1]:53");
    assert_int_equal(aaaa(&p, "round.plain.test").status, LOOKUP_BROKEN);
    t = aaaa(&p, "circle.plain.test");
    assert_int_equal(t.status, LOOKUP_BROKEN);
    assert_string_equal(t.why, "its aliases (CNAME) lead round in a circle");
    t = aaaa(&p, "x.dname.plain.test");
    assert_int_equal(t.status, LOOKUP_NO_NAME); // the made-up server knows no DNAME
    place_drop(&p);
}

static void test_denials(void **state)
{
    (void)state;
    struct place p;
    for (int i = 0; i < 20; i++) { // whichever is asked first
        place_make(&p, world);
        assert_int_equal(aaaa(&p, "ns1.liar.test").status, LOOKUP_FOUND);
        assert_int_equal(aaaa(&p, "liar.test").status, LOOKUP_FOUND);
        place_drop(&p);
    }
    place_make(&p, world);
    while (fake_asked(p.fake, "2001:db8:6::1", NULL) == 0) { // it lies about the top
        place_drop(&p);
        place_make(&p, world);
        assert_int_equal(aaaa(&p, "liar.test").status, LOOKUP_FOUND);
    }
    assert_int_equal(aaaa(&p, "www.liar.test").status, LOOKUP_FOUND); // and is believed no more
    assert_int_equal(aaaa(&p, "nobody.liar.test").status, LOOKUP_NO_NAME);
    assert_int_equal(aaaa(&p, "ns1.lies.test").status, LOOKUP_NO_NAME);
    struct told t = aaaa(&p, "lies.test");
    assert_int_equal(t.status, LOOKUP_FAILED);
    assert_string_equal(t.why, "the servers of lies.test say NXDOMAIN");
    place_drop(&p);
}

static void alias_chain(unsigned length, enum lookup_status wanted)
{
    struct place p;
    static char text[64][120];
    static const char *lines[80];
    size_t n = 0;
    for (; world[n] && n < 12; n++)
        lines[n] = world[n];
    for (unsigned i = 0; i < length; i++) {
        snprintf(text[i], sizeof text[i],
                 "2001:db8:1::1 plain.test c%u.plain.test CNAME c%u.plain.test", i, i + 1);
        lines[n++] = text[i];
    }
    snprintf(text[length], sizeof text[length],
             "2001:db8:1::1 plain.test c%u.plain.test AAAA 2001:db8:80::9", length);
    lines[n++] = text[length];
    lines[n] = NULL;
    place_make(&p, lines);
    struct told t = aaaa(&p, "c0.plain.test");
    assert_int_equal(t.status, wanted);
    if (wanted == LOOKUP_FOUND)
        assert_int_equal(t.chain_count, length);
    place_drop(&p);
}

static void test_alias_length(void **state)
{
    (void)state;
    alias_chain(1, LOOKUP_FOUND);
    alias_chain(LOOKUP_CHAIN_MAX, LOOKUP_FOUND);
    alias_chain(LOOKUP_CHAIN_MAX + 1, LOOKUP_BROKEN);
    alias_chain(40, LOOKUP_BROKEN);
}

static void test_servers_elsewhere(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, world);
    assert_int_equal(aaaa(&p, "www.far.test").status, LOOKUP_FOUND);
    // an address that was not the zone's to give was not believed
    assert_int_equal(fake_asked(p.fake, "2001:db8:bad::1", NULL), 0);
    place_drop(&p);
}

// Whoever is on the list is not asked, nor is anything asked of a server with such a name.
static void test_opted_out(void **state)
{
    (void)state;
    static const struct {
        const char *listed;
        bool subtree;
        const char *name, *not_asked; // NULL: all is asked, and the name is found
    } cases[] = {{"plain.test", false, "www.plain.test", NULL},
                 {"plain.test", true, "www.plain.test", TLD},
                 {"www.plain.test", false, "www.plain.test", TLD},
                 {"ns.plain.test", false, "www.plain.test", "2001:db8:1::1"},
                 {"other", true, "www.far.test", "2001:db8:2::1"},
                 {"ns.helper.other", false, "www.far.test", "2001:db8:2::1"},
                 {"www.far.test", false, "far.plain.test", "2001:db8:2::1"},
                 {"www.plain.test", false, "alias.plain.test", "2001:db8:2::1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct place p;
        struct opt_out *list = NULL;
        bool found = !cases[i].not_asked;
        assert_int_equal(opt_out_new(&list, NULL), 0);
        assert_int_equal(opt_out_add_name(list, cases[i].listed, cases[i].subtree, NULL), 0);
        place_make_without(&p, world, list);
        struct told t = aaaa(&p, cases[i].name);
        assert_int_equal(t.opted_out, !found);
        if (found)
            assert_true(t.status == LOOKUP_FOUND || t.status == LOOKUP_NO_DATA);
        else {
            assert_int_equal(t.status, LOOKUP_FAILED);
            assert_non_null(strstr(t.why, cases[i].listed));
            assert_int_equal(fake_asked(p.fake, cases[i].not_asked, NULL), 0);
        }
        place_drop(&p);
        opt_out_free(&list);
    }
}

// The zone's server is known by IPv6 and answers; its IPv4 addresses, more than one datagram holds,
// come when nobody waits for them any more.
static void test_late_addresses(void **state)
{
    (void)state;
    static char text[100][80];
    static const char *lines[120];
    static const char *const rest[] = {TLD " test test SOA",
                                       TLD " test half.test NS ns.wide.other",
                                       "2001:db8::3 other other SOA",
                                       "2001:db8::3 other ns.wide.other AAAA 2001:db8:7::1",
                                       "2001:db8:7::1 half.test half.test SOA",
                                       "2001:db8:7::1 half.test www.half.test AAAA 2001:db8:80::7"};
    size_t n = 0;
    for (; n < 5; n++)
        lines[n] = world[n];
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        lines[n++] = rest[i];
    for (unsigned i = 0; i < 100; i++) {
        snprintf(text[i], sizeof text[i], "2001:db8::3 other ns.wide.other A 192.0.2.%u", i);
        lines[n++] = text[i];
    }
    lines[n] = NULL;
    struct place p;
    place_make(&p, lines);
    assert_int_equal(aaaa(&p, "ns.wide.other").status, LOOKUP_FOUND);
    struct told t = aaaa(&p, "www.half.test");
    assert_true(t.status == LOOKUP_FOUND && t.took == 3 * FAKE_DELAY);
    unsigned before = fake_asked(p.fake, NULL, NULL);
    assert_int_equal(look(&p, "ns.wide.other", DNS_TYPE_A, RESOLVE_BOTH).count, 100);
    assert_int_equal(fake_asked(p.fake, NULL, NULL), before); // was on its way
    place_drop(&p);
}

static void test_families(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, world);
    assert_int_equal(aaaa(&p, "www.four.test").status, LOOKUP_FOUND);
    struct told t = look(&p, "www.four.test", DNS_TYPE_AAAA, RESOLVE_IPV6);
    assert_int_equal(t.status, LOOKUP_FAILED); // though the answer was known by way of IPv4
    assert_string_equal(t.why, "no server of four.test has an address over IPv6");
    assert_false(t.by_timeout);
    assert_int_equal(look(&p, "www.plain.test", DNS_TYPE_AAAA, RESOLVE_IPV6).status, LOOKUP_FOUND);
    t = look(&p, "www.plain.test", DNS_TYPE_AAAA, RESOLVE_IPV4);
    assert_int_equal(t.status, LOOKUP_FAILED);
    assert_string_equal(t.why, "no server of . has an address over IPv4");
    resolver_use(p.resolver, RESOLVE_IPV6);
    assert_int_equal(aaaa(&p, "www.four.test").status, LOOKUP_FAILED);
    place_drop(&p);
}

static void test_bad_servers(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) { // whoever comes first by chance
        struct place p;
        place_make(&p, world);
        struct told t = aaaa(&p, "www.mixed.test");
        assert_true(t.status == LOOKUP_FOUND && (uint16_t)t.first == 5);
        t = aaaa(&p, "www.dead.test");
        assert_true(t.status == LOOKUP_FAILED && t.by_timeout);
        assert_string_equal(t.why, "no server of dead.test answers");
        assert_true(fake_asked(p.fake, "2001:db8:4::1", NULL) >= 2);
        t = aaaa(&p, "www.lame.test");
        assert_true(t.status == LOOKUP_FAILED && !t.by_timeout);
        assert_string_equal(t.why, "the servers of lame.test do not know it");
        place_drop(&p);
    }
}

// Silent servers are left alone for a while: the next names ask each once at most.
static void test_dead_are_left(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, world);
    for (int i = 0; i < 3; i++) {
        char name[40];
        snprintf(name, sizeof name, "n%d.dead.test", i);
        assert_int_equal(aaaa(&p, name).status, LOOKUP_FAILED);
    }
    unsigned before = fake_asked(p.fake, "2001:db8:4::1", NULL);
    assert_int_equal(aaaa(&p, "last.dead.test").status, LOOKUP_FAILED);
    assert_true(fake_asked(p.fake, "2001:db8:4::1", NULL) - before <= 1);
    place_drop(&p);
}

static void test_circles(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, world);
    struct told t = aaaa(&p, "www.egg.test");
    assert_int_equal(t.status, LOOKUP_FAILED);
    assert_string_equal(t.why, "no server of egg.test has an address");
    assert_true(t.took < LOOKUP_TIME_MAX / 10);
    place_drop(&p);
    // both at once: none waits for ever for the other
    place_make(&p, world);
    struct told a = {.place = &p}, b = {.place = &p};
    resolver_ask(p.resolver, "www.egg.test", 28, RESOLVE_BOTH, false, tell, &a);
    resolver_ask(p.resolver, "www.hen.test", 28, RESOLVE_BOTH, false, tell, &b);
    run(&p, 2);
    assert_true(a.status == LOOKUP_FAILED && b.status == LOOKUP_FAILED);
    assert_true(a.took < LOOKUP_TIME_MAX / 10 && b.took < LOOKUP_TIME_MAX / 10);
    place_drop(&p);
}

// Each zone has sixteen servers with names in sixteen further zones: the work ends.
static void test_work_is_bounded(void **state)
{
    (void)state;
    static char text[4000][100];
    static const char *lines[4001];
    size_t n = 0;
    for (; n < 7; n++)
        lines[n] = world[n];
    for (unsigned zone = 0; zone < 200; zone++)
        for (unsigned s = 0; s < 16; s++, n++) {
            snprintf(text[n], sizeof text[n], TLD " test z%u.test NS ns%u.z%u.test", zone, s,
                     (zone * 16 + s + 1) % 200);
            lines[n] = text[n];
        }
    lines[n] = NULL;
    struct place p;
    place_make(&p, lines);
    assert_int_equal(aaaa(&p, "www.z0.test").status, LOOKUP_FAILED);
    assert_true(fake_asked(p.fake, NULL, NULL) <= LOOKUP_WORK_MAX);
    assert_true(fake_asked(p.fake, NULL, NULL) > 10);
    place_drop(&p);
}

static void test_together(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, world);
    struct told t[3] = {{.place = &p}, {.place = &p}, {.place = &p}};
    for (int i = 0; i < 3; i++)
        resolver_ask(p.resolver, "www.plain.test", 28, RESOLVE_BOTH, false, tell, &t[i]);
    resolver_forget(p.resolver, &t[1]);
    run(&p, 2);
    assert_true(t[0].calls == 1 && t[1].calls == 0 && t[2].calls == 1);
    assert_int_equal(fake_asked(p.fake, NULL, NULL), 3);
    resolver_ask(p.resolver, "www.plain.test", 28, RESOLVE_BOTH, false, tell, &t[1]);
    resolver_forget(p.resolver, &t[1]); // while the answer waits to be told
    assert_int_equal(aaaa(&p, "www.far.test").status, LOOKUP_FOUND);
    assert_int_equal(t[1].calls, 0);
    resolver_ask(p.resolver, "www.four.test", 28, RESOLVE_BOTH, false, tell, &t[1]);
    place_drop(&p); // with one under way
    assert_int_equal(t[1].calls, 0);
}

// ---- the cache

struct kept {
    struct dns_entry entry;
    uint8_t key[4];
};

static struct kept *kept_new(uint32_t number)
{
    struct kept *k = calloc(1, sizeof *k);
    assert_non_null(k);
    memcpy(k->key, &number, 4);
    k->entry = (struct dns_entry){.key = k->key, .key_length = 4, .size = 100};
    return k;
}

static bool is_kept(struct dns_cache *c, uint32_t number)
{
    return dns_cache_find(c, (const uint8_t *)&number, 4);
}

static void test_cache(void **state)
{
    (void)state;
    struct dns_cache c;
    assert_true(dns_cache_make(&c, 1000 * 100));
    struct kept *pinned = kept_new(5);
    dns_entry_pin(&pinned->entry);
    for (uint32_t i = 0; i < 5000; i++) {
        dns_cache_put(&c, i == 5 ? &pinned->entry : &kept_new(i)->entry);
        assert_true(c.bytes <= 1000 * 100);
        if (i >= 7)
            assert_true(is_kept(&c, 7)); // used all the time
    }
    assert_true(c.count == 1000 && is_kept(&c, 4999) && is_kept(&c, 4001) && !is_kept(&c, 4000));
    assert_false(is_kept(&c, 5));
    assert_int_equal(pinned->key[0], 5); // its memory is there as long as it is pinned
    dns_entry_unpin(&pinned->entry);
    dns_cache_put(&c, &kept_new(4999)->entry);
    assert_int_equal(c.count, 1000);
    dns_cache_drop(&c);
}

static void test_hints(void **state)
{
    (void)state;
    struct root_hints h;
    struct err e;
    assert_int_equal(root_hints_read(NULL, &h, &e), 0);
    assert_int_equal(h.count, 26);
    char path[] = "/tmp/hints-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    fputs("; roots\n. 3600 IN NS a.root.test.\na.root.test. 3600 IN AAAA 2001:db8::1 ; one\n"
          "b.root.test,192.0.2.1\r\n",
          f);
    fclose(f);
    assert_int_equal(root_hints_read(path, &h, &e), 0);
    assert_true(h.count == 2 && h.at[0].family == FAMILY_IPV6 && h.at[1].address == 0xc0000201);
    f = fopen(path, "w");
    fputs("nothing\n", f);
    fclose(f);
    assert_int_equal(root_hints_read(path, &h, &e), ERR_INPUT);
    remove(path);
    assert_int_equal(root_hints_read(path, &h, &e), ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_alias_length),
        cmocka_unit_test(test_denials),
        cmocka_unit_test(test_servers_elsewhere),
        cmocka_unit_test(test_opted_out),
        cmocka_unit_test(test_late_addresses),
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_bad_servers),
        cmocka_unit_test(test_dead_are_left),
        cmocka_unit_test(test_circles),
        cmocka_unit_test(test_work_is_bounded),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
