// SPDX-License-Identifier: Apache-2.0
//
// The judges of the web, from facts made by hand: a sound host, and what each single fault makes of
// it. No network.

#include "check/web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOST  "www.example.org"
#define TIMES 5

// ---- a sound host: two IPv6 addresses and one of IPv4, HTTPS with HTTP/2

struct host {
    struct web_facts f;
    struct web_visit visits[WEB_FAMILIES][WEB_ADDRESSES_MAX][WEB_PORTS];
    struct page page, other_page;
    struct web_load fronts[WEB_ADDRESSES_MAX];
    struct result r;
};

static struct web_visit page_visit(struct endpoint from, int port)
{
    from.port = port == WEB_443 ? 443 : 80;
    return (struct web_visit){.outcome = WEB_ANSWERED,
                              .why = "",
                              .url = port == WEB_443 ? "https://" HOST "/" : "http://" HOST "/",
                              .from = from,
                              .status = 200,
                              .version = port == WEB_443 ? 20 : 11,
                              .secured = port == WEB_443,
                              .certificate = {.shown = port == WEB_443, .valid = true},
                              .connected = 20000,
                              .whole = 60000,
                              .at = 1,
                              .bytes = 5000,
                              .path = {.known = true, .segment_in = 1440, .bytes_in = 9000},
                              .attempts = 1};
}

static void address_add(struct host *h, enum family family, u128 address)
{
    struct web_names *n = &h->f.names[family];
    struct web_address *a = &n->addresses[n->count];
    *a = (struct web_address){.at = {family, 0, address}};
    for (int port = 0; port < WEB_PORTS; port++) {
        a->knocks[port] = (struct web_knock){true, TCP_OPEN, 20000, 1, 1};
        h->visits[family][n->count][port] = page_visit(a->at, port);
        a->visits[port] = &h->visits[family][n->count][port];
    }
    n->count++;
}

static void host_make(struct host *h)
{
    *h = (struct host){.f = {.host = HOST,
                             .level = LEVEL_FULL,
                             .depth = 2,
                             .ipv4_here = true,
                             .ipv6_here = true,
                             .connected = true,
                             .visited = true,
                             .repeated = true,
                             .looked_at_parts = true,
                             .looked_at_links = true}};
    assert_int_equal(page_read(slice_of("<title>T</title><p>one two three"), "https://" HOST "/",
                               NULL, &h->page, NULL),
                     0);
    for (int family = 0; family < WEB_FAMILIES; family++) {
        struct web_names *n = &h->f.names[family];
        n->known = true;
        n->why = n->by = n->chain = "";
        n->at = 1;
    }
    u128 six = (u128)0x20010db8 << 96;
    address_add(h, FAMILY_IPV6, six | 1);
    address_add(h, FAMILY_IPV6, six | 2);
    address_add(h, FAMILY_IPV4, 0xc0000201);
    for (int family = 0; family < WEB_FAMILIES; family++) {
        for (int port = 0; port < WEB_PORTS; port++)
            h->f.walks[family][port] = (struct web_walk){.tried = true,
                                                         .end = END_PAGE,
                                                         .last = h->visits[family][0][port],
                                                         .final_url = "https://" HOST "/",
                                                         .leads_to = ""};
        struct web_rounds *rounds = &h->f.rounds[family];
        *rounds = (struct web_rounds){.attempts = TIMES, .answered = TIMES, .url = "https://" HOST};
        rounds->from = h->visits[family][0][WEB_443].from;
        for (unsigned i = 0; i < TIMES; i++)
            rounds->whole[i] = 60000 + 1000 * i;
        for (size_t i = 0; i < 2; i++)
            h->f.loads[family][h->f.load_count[family]++].load =
                (struct load){.status = 200,
                              .final_url = "https://" HOST "/",
                              .type = "text/html",
                              .page = &h->page,
                              .has_page = true};
    }
}

static void host_judge(struct host *h)
{
    web_judge(&h->r, &h->f);
    assert_false(h->r.failed);
}

static void host_done(struct host *h)
{
    page_done(&h->page);
    page_done(&h->other_page);
    result_done(&h->r);
}

static void expect(struct host *h, enum test_kind k, enum verdict v, const char *reason)
{
    const struct test *t = result_find(&h->r, k, k == TEST_WEB_LINKS ? HOST " depth 2" : HOST);
    if (!t)
        fail_msg("%s: absent", test_name(k));
    const char *got = t->reason ? t->reason->key : "";
    if (t->verdict != v || strcmp(got, reason ? reason : "") != 0)
        fail_msg("%s: %s %s, wanted %s %s", test_name(k), verdict_name(t->verdict), got,
                 verdict_name(v), reason ? reason : "");
}

static void test_sound(void **state)
{
    (void)state;
    struct host h;
    host_make(&h);
    host_judge(&h);
    for (int k = TEST_WEB_AAAA; k <= TEST_WEB_EYEBALLS; k++)
        if (k == TEST_WEB_RESOURCES)
            expect(&h, k, VERDICT_NOT_APPLICABLE, "web-parts-none");
        else if (k == TEST_WEB_LINKS)
            expect(&h, k, VERDICT_NOT_APPLICABLE, "web-links-none");
        else
            expect(&h, k, VERDICT_PASS, NULL);
    struct nist_count n = {0};
    web_count(&n, &h.f);
    assert_true(n.interfaces == 1 && n.with_aaaa == 1 && n.reached == 1 && n.operational == 1);
    host_done(&h);
}

static bool says(const struct test *t, const char *words)
{
    for (size_t i = 0; i < t->evidence.count; i++)
        if (strstr(t->evidence.at[i].answer, words))
            return true;
    return false;
}

static void test_more_addresses_than_are_tried(void **state)
{
    (void)state;
    struct host h;
    host_make(&h);
    h.f.names[FAMILY_IPV6].left_out = 3;
    host_judge(&h);
    assert_true(says(result_find(&h.r, TEST_WEB_ADDRESSES, HOST), "and 3 more that are not tried"));
    host_done(&h);
}

// ---- one fault each

typedef void spoil(struct host *h);

static void no_aaaa(struct host *h)
{
    h->f.names[FAMILY_IPV6].count = 0;
    h->f.names[FAMILY_IPV6].status = LOOKUP_NO_DATA;
}

static void no_name(struct host *h)
{
    no_aaaa(h);
    h->f.names[FAMILY_IPV6].status = h->f.names[FAMILY_IPV4].status = LOOKUP_NO_NAME;
    h->f.names[FAMILY_IPV4].count = 0;
}

static void no_ipv6_here(struct host *h)
{
    h->f.ipv6_here = false;
}

static void six_door(struct host *h, size_t i, enum tcp_outcome o)
{
    for (int port = 0; port < WEB_PORTS; port++) {
        h->f.names[FAMILY_IPV6].addresses[i].knocks[port].outcome = o;
        h->f.names[FAMILY_IPV6].addresses[i].visits[port] = NULL;
    }
}

static void all_refuse(struct host *h)
{
    six_door(h, 0, TCP_REFUSED);
    six_door(h, 1, TCP_REFUSED);
    h->f.walks[FAMILY_IPV6][WEB_80] = h->f.walks[FAMILY_IPV6][WEB_443] = (struct web_walk){0};
    h->f.load_count[FAMILY_IPV6] = 0;
    h->f.rounds[FAMILY_IPV6].answered = 0;
}

static void all_silent(struct host *h)
{
    all_refuse(h);
    six_door(h, 0, TCP_SILENT);
    six_door(h, 1, TCP_SILENT);
}

static void four_door(struct host *h, enum tcp_outcome o)
{
    for (int port = 0; port < WEB_PORTS; port++)
        h->f.names[FAMILY_IPV4].addresses[0].knocks[port].outcome = o;
}

static void both_silent(struct host *h)
{
    all_silent(h);
    four_door(h, TCP_SILENT);
}

static void both_refuse(struct host *h)
{
    all_silent(h);
    four_door(h, TCP_REFUSED);
}

static void one_refuses(struct host *h)
{
    six_door(h, 1, TCP_REFUSED);
}

static void one_odd(struct host *h)
{
    six_door(h, 1, TCP_REFUSED);
    h->f.names[FAMILY_IPV6].addresses[1].oddity = ODDITY_UNIQUE_LOCAL;
    h->f.names[FAMILY_IPV6].addresses[1].knocks[0].tried = false;
    h->f.names[FAMILY_IPV6].addresses[1].knocks[1].tried = false;
}

static void certificate_six(struct host *h)
{
    for (int i = 0; i < 2; i++)
        h->visits[FAMILY_IPV6][i][WEB_443].certificate.valid = false;
}

static void certificate_one(struct host *h)
{
    h->visits[FAMILY_IPV6][1][WEB_443].certificate.valid = false;
}

static void certificate_both(struct host *h)
{
    certificate_six(h);
    h->visits[FAMILY_IPV4][0][WEB_443].certificate.valid = false;
}

static void fronts(struct host *h)
{
    for (int i = 0; i < 2; i++) {
        h->fronts[i].load = h->f.loads[FAMILY_IPV6][0].load;
        h->f.names[FAMILY_IPV6].addresses[i].front = &h->fronts[i];
    }
}

static void other_front(struct host *h)
{
    fronts(h);
    assert_int_equal(page_read(slice_of("<title>Shoes</title><p>four five six"),
                               "https://" HOST "/", NULL, &h->other_page, NULL),
                     0);
    h->fronts[1].load.page = &h->other_page;
}

static void other_lead(struct host *h)
{
    fronts(h);
    h->visits[FAMILY_IPV6][1][WEB_443].status = 302;
    h->visits[FAMILY_IPV6][1][WEB_443].leads_to = "elsewhere.example.org";
}

static void all_lead(struct host *h)
{
    other_lead(h);
    h->visits[FAMILY_IPV6][0][WEB_443].leads_to = "elsewhere.example.org";
    h->visits[FAMILY_IPV4][0][WEB_443].leads_to = "elsewhere.example.org";
}

static void error_at_one(struct host *h)
{
    h->visits[FAMILY_IPV6][1][WEB_443].status = 404;
}

static void http2_four(struct host *h)
{
    for (int i = 0; i < 2; i++)
        h->visits[FAMILY_IPV6][i][WEB_443].version = 11;
}

static void http2_none(struct host *h)
{
    http2_four(h);
    h->visits[FAMILY_IPV4][0][WEB_443].version = 11;
}

static void status_six(struct host *h)
{
    h->f.walks[FAMILY_IPV6][WEB_443].last.status = 403;
    h->f.loads[FAMILY_IPV6][0].load.status = h->f.loads[FAMILY_IPV6][1].load.status = 403;
}

static void status_same(struct host *h)
{
    status_six(h);
    h->f.walks[FAMILY_IPV4][WEB_443].last.status = 403;
    h->f.loads[FAMILY_IPV4][0].load.status = h->f.loads[FAMILY_IPV4][1].load.status = 403;
}

static void status_500(struct host *h)
{
    h->f.walks[FAMILY_IPV6][WEB_443].last.status = 500;
    h->f.walks[FAMILY_IPV4][WEB_443].last.status = 500;
}

static void plain_redirects(struct host *h)
{
    h->f.walks[FAMILY_IPV6][WEB_80].end = END_NO_ADDRESS;
}

static void downgraded(struct host *h)
{
    h->f.walks[FAMILY_IPV6][WEB_443].downgraded = true;
}

static void sometimes(struct host *h)
{
    h->f.rounds[FAMILY_IPV6].answered = 4;
    h->f.rounds[FAMILY_IPV6].whole[2] = 0;
}

static void slow(struct host *h)
{
    for (unsigned i = 0; i < TIMES; i++)
        h->f.rounds[FAMILY_IPV6].whole[i] = 180000 + 1000 * i;
}

static void slow_unnoticed(struct host *h)
{
    for (unsigned i = 0; i < TIMES; i++) {
        h->f.rounds[FAMILY_IPV6].whole[i] = 3000;
        h->f.rounds[FAMILY_IPV4].whole[i] = 1000;
    }
}

static void black_hole(struct host *h)
{
    for (int port = 0; port < WEB_PORTS; port++)
        for (int i = 0; i < 2; i++) {
            struct web_visit *v = &h->visits[FAMILY_IPV6][i][port];
            v->outcome = WEB_STALLED;
            v->path.bytes_in = 0;
        }
    for (int port = 0; port < WEB_PORTS; port++) {
        h->f.walks[FAMILY_IPV6][port].end = END_FAILED;
        h->f.walks[FAMILY_IPV6][port].last = h->visits[FAMILY_IPV6][0][port];
    }
    h->f.stalled = h->visits[FAMILY_IPV6][0][WEB_443];
    h->f.clamped = h->f.stalled;
    h->f.clamped.outcome = WEB_ANSWERED;
    h->f.was_clamped = true;
}

static void stalls_anyway(struct host *h)
{
    black_hole(h);
    h->f.clamped.outcome = WEB_STALLED;
}

static void small(struct host *h)
{
    for (int port = 0; port < WEB_PORTS; port++) {
        h->f.walks[FAMILY_IPV6][port].last.path.bytes_in = 900;
        for (int i = 0; i < 2; i++)
            h->visits[FAMILY_IPV6][i][port].path.bytes_in = 900;
    }
}

static void one_late(struct host *h)
{
    h->f.names[FAMILY_IPV6].addresses[0].knocks[WEB_443].took = 180000;
}

static void late_connection(struct host *h)
{
    struct web_names *n = &h->f.names[FAMILY_IPV6];
    for (size_t i = 0; i < n->count; i++)
        for (int port = 0; port < WEB_PORTS; port++)
            n->addresses[i].knocks[port].took = h->visits[FAMILY_IPV6][i][port].connected = 180000;
    h->f.rounds[FAMILY_IPV6].connected = 180000;
}

static void late_by_the_rounds_not(struct host *h)
{
    late_connection(h);
    h->f.rounds[FAMILY_IPV6].connected = 21000;
}

static void late_and_stopped(struct host *h)
{
    late_connection(h);
    h->f.rounds[FAMILY_IPV6] = (struct web_rounds){0};
    h->f.stopped = true;
}

// Every third connection: a refusal, and then it opens.
static void refused_at_times(struct host *h)
{
    for (size_t i = 0; i < h->f.names[FAMILY_IPV6].count; i++) {
        struct web_knock *k = &h->f.names[FAMILY_IPV6].addresses[i].knocks[WEB_443];
        k->attempts = 2;
        k->refusals = 1;
    }
}

// The visit got no handshake, the walk did.
static void walk_shook_hands(struct host *h)
{
    struct web_visit *v = &h->visits[FAMILY_IPV6][0][WEB_443];
    v->outcome = WEB_TLS_STALLED;
    v->secured = false;
    h->f.walks[FAMILY_IPV6][WEB_443].end = END_FAILED;
    h->f.walks[FAMILY_IPV6][WEB_443].last.outcome = WEB_NO_ANSWER;
}

static void stopped_before_visits(struct host *h)
{
    h->f.stopped = true;
    for (size_t i = 0; i < h->f.names[FAMILY_IPV6].count; i++)
        h->f.names[FAMILY_IPV6].addresses[i].visits[WEB_443] = NULL;
    h->f.walks[FAMILY_IPV6][WEB_443].last = (struct web_visit){0};
}

// As measured on a busy machine, with half a second more over IPv6.
static void slow_and_noisy(struct host *h)
{
    static const uint32_t six[TIMES] = {1077000, 1416300, 1918400, 1882000, 1541600};
    static const uint32_t four[TIMES] = {1077600, 717100, 903800, 1087500, 854300};
    for (unsigned i = 0; i < TIMES; i++) {
        h->f.rounds[FAMILY_IPV6].whole[i] = six[i];
        h->f.rounds[FAMILY_IPV4].whole[i] = four[i];
    }
}

static void noisy(struct host *h)
{
    static const uint32_t six[TIMES] = {860000, 1416300, 1318400, 1882000, 941600};
    static const uint32_t four[TIMES] = {1077600, 777100, 803800, 1087500, 854300};
    for (unsigned i = 0; i < TIMES; i++) {
        h->f.rounds[FAMILY_IPV6].whole[i] = six[i];
        h->f.rounds[FAMILY_IPV4].whole[i] = four[i];
    }
}

static void two_rounds(struct host *h)
{
    h->f.stopped = true;
    h->f.rounds[FAMILY_IPV6].attempts = h->f.rounds[FAMILY_IPV6].answered = 2;
}

static void not_in_time(struct host *h)
{
    h->f.stopped = true;
    h->f.visited = false;
    memset(h->f.walks, 0, sizeof h->f.walks);
    h->f.load_count[0] = h->f.load_count[1] = 0;
}

static void servfail(struct host *h)
{
    no_aaaa(h);
    h->f.names[FAMILY_IPV6].status = LOOKUP_FAILED;
}

static void timeouts(struct host *h)
{
    servfail(h);
    h->f.names[FAMILY_IPV6].by_timeout = true;
}

static const struct {
    spoil *spoil;
    enum test_kind kind;
    enum verdict verdict;
    const char *reason;
} faults[] = {
    {no_aaaa, TEST_WEB_AAAA, VERDICT_NONE, "web-no-aaaa"},
    {no_aaaa, TEST_WEB_HTTP, VERDICT_NONE, "web-no-aaaa"},
    {no_aaaa, TEST_WEB_EYEBALLS, VERDICT_NONE, "web-no-aaaa"},
    {no_name, TEST_WEB_AAAA, VERDICT_NOT_APPLICABLE, "web-no-host"},
    {no_name, TEST_WEB_SAME, VERDICT_NOT_APPLICABLE, "web-no-host"},
    {no_ipv6_here, TEST_WEB_AAAA, VERDICT_PASS, NULL},
    {no_ipv6_here, TEST_WEB_TCP443, VERDICT_NOT_TESTABLE, "any-no-ipv6-here"},
    {all_refuse, TEST_WEB_AAAA, VERDICT_PASS, NULL},
    {all_refuse, TEST_WEB_TCP80, VERDICT_FAIL, "web-port-refused"},
    {all_refuse, TEST_WEB_TLS, VERDICT_FAIL, "web-not-reached"},
    {all_refuse, TEST_WEB_HTTP, VERDICT_FAIL, "web-not-reached"},
    {all_refuse, TEST_WEB_SAME, VERDICT_FAIL, "web-not-reached"},
    {all_refuse, TEST_WEB_REPEATED, VERDICT_FAIL, "web-repeated-none"},
    {all_refuse, TEST_WEB_MTU, VERDICT_NOT_TESTABLE, "web-no-page"},
    {all_refuse, TEST_WEB_EYEBALLS, VERDICT_FAIL, "web-eyeballs-fallback"},
    {all_silent, TEST_WEB_TCP443, VERDICT_FAIL, "web-port-silent"},
    {both_silent, TEST_WEB_TCP443, VERDICT_NOT_TESTABLE, "any-silent"},
    {both_silent, TEST_WEB_HTTP, VERDICT_NOT_TESTABLE, "any-silent"},
    {both_refuse, TEST_WEB_HTTP, VERDICT_NOT_APPLICABLE, "web-no-service"},
    {one_refuses, TEST_WEB_TCP443, VERDICT_PARTIAL, "web-port-some"},
    {one_refuses, TEST_WEB_HTTP, VERDICT_PARTIAL, "web-page-some"},
    {one_odd, TEST_WEB_ADDRESSES, VERDICT_PARTIAL, "web-some-odd"},
    {one_odd, TEST_WEB_TCP443, VERDICT_PASS, NULL},
    {one_odd, TEST_WEB_HTTP, VERDICT_PASS, NULL},
    {certificate_six, TEST_WEB_TLS, VERDICT_FAIL, "web-certificate-six"},
    {certificate_one, TEST_WEB_TLS, VERDICT_PARTIAL, "web-tls-some"},
    {fronts, TEST_WEB_SAME, VERDICT_PASS, NULL},
    {other_front, TEST_WEB_SAME, VERDICT_PARTIAL, "web-same-addresses"},
    {other_lead, TEST_WEB_SAME, VERDICT_PARTIAL, "web-same-addresses"},
    {all_lead, TEST_WEB_SAME, VERDICT_PASS, NULL},
    {error_at_one, TEST_WEB_HTTP, VERDICT_PARTIAL, "web-page-some"},
    {certificate_both, TEST_WEB_TLS, VERDICT_FAIL, "web-certificate-both"},
    {http2_four, TEST_WEB_HTTP2, VERDICT_FAIL, "web-http2-four"},
    {http2_none, TEST_WEB_HTTP2, VERDICT_NOT_APPLICABLE, "web-no-http2"},
    {status_six, TEST_WEB_HTTP, VERDICT_FAIL, "web-status"},
    {status_six, TEST_WEB_SAME, VERDICT_FAIL, "web-other-status"},
    {status_same, TEST_WEB_HTTP, VERDICT_PASS, NULL},
    {status_same, TEST_WEB_SAME, VERDICT_PASS, NULL},
    {status_500, TEST_WEB_HTTP, VERDICT_FAIL, "web-status-both"},
    {plain_redirects, TEST_WEB_HTTP, VERDICT_PARTIAL, "web-redirect-four"},
    {downgraded, TEST_WEB_HTTP, VERDICT_FAIL, "web-downgrade"},
    {sometimes, TEST_WEB_REPEATED, VERDICT_PARTIAL, "web-repeated-some"},
    {slow, TEST_WEB_REPEATED, VERDICT_PARTIAL, "web-slow"},
    {slow_unnoticed, TEST_WEB_REPEATED, VERDICT_PASS, NULL},
    {black_hole, TEST_WEB_MTU, VERDICT_FAIL, "web-black-hole"},
    {black_hole, TEST_WEB_HTTP, VERDICT_FAIL, "web-page-failed"},
    {black_hole, TEST_WEB_EYEBALLS, VERDICT_FAIL, "web-eyeballs-hang"},
    {stalls_anyway, TEST_WEB_MTU, VERDICT_NOT_TESTABLE, "web-no-page"},
    {small, TEST_WEB_MTU, VERDICT_NOT_APPLICABLE, "web-small-answers"},
    {late_connection, TEST_WEB_EYEBALLS, VERDICT_PARTIAL, "web-eyeballs-delay"},
    {one_late, TEST_WEB_EYEBALLS, VERDICT_PASS, NULL},
    {late_by_the_rounds_not, TEST_WEB_EYEBALLS, VERDICT_PASS, NULL},
    {late_and_stopped, TEST_WEB_EYEBALLS, VERDICT_NOT_TESTABLE, "any-no-patience"},
    {refused_at_times, TEST_WEB_TCP443, VERDICT_PARTIAL, "web-repeated-some"},
    {refused_at_times, TEST_WEB_TCP80, VERDICT_PASS, NULL},
    {walk_shook_hands, TEST_WEB_TLS, VERDICT_PASS, NULL},
    {walk_shook_hands, TEST_WEB_HTTP, VERDICT_FAIL, "web-page-failed"},
    {stopped_before_visits, TEST_WEB_TLS, VERDICT_NOT_TESTABLE, "any-no-patience"},
    {slow_and_noisy, TEST_WEB_REPEATED, VERDICT_PARTIAL, "web-slow"},
    {noisy, TEST_WEB_REPEATED, VERDICT_PASS, NULL},
    {two_rounds, TEST_WEB_REPEATED, VERDICT_NOT_TESTABLE, "any-no-patience"},
    {not_in_time, TEST_WEB_TCP443, VERDICT_PASS, NULL},
    {not_in_time, TEST_WEB_HTTP, VERDICT_NOT_TESTABLE, "any-no-patience"},
    {not_in_time, TEST_WEB_SAME, VERDICT_NOT_TESTABLE, "any-no-patience"},
    {servfail, TEST_WEB_AAAA, VERDICT_FAIL, "web-aaaa-unanswered"},
    {servfail, TEST_WEB_HTTP, VERDICT_NOT_TESTABLE, "any-unresolved"},
    {timeouts, TEST_WEB_AAAA, VERDICT_NOT_TESTABLE, "any-unresolved"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct host h;
        host_make(&h);
        faults[i].spoil(&h);
        host_judge(&h);
        expect(&h, faults[i].kind, faults[i].verdict, faults[i].reason);
        host_done(&h);
    }
}

// ---- parts and links

static struct web_origin origin(const char *host, bool aaaa, enum tcp_outcome six,
                                enum tcp_outcome four)
{
    struct web_origin o = {.host = host, .url = "https://cdn.example/x", .by = "img", .port = 443};
    o.addresses[FAMILY_IPV6] = o.usable[FAMILY_IPV6] = aaaa;
    o.addresses[FAMILY_IPV4] = o.usable[FAMILY_IPV4] = 1;
    o.known[FAMILY_IPV6] = o.known[FAMILY_IPV4] = true;
    o.six[0].knock = (struct web_knock){.tried = aaaa, .outcome = six, .took = 10, .attempts = 1};
    o.four.knock = (struct web_knock){.tried = true, .outcome = four, .took = 10, .attempts = 1};
    return o;
}

static void test_parts(void **state)
{
    (void)state;
    struct web_origin good = origin("good.example", true, TCP_OPEN, TCP_OPEN);
    struct web_origin lacks = origin("lacks.example", false, TCP_OPEN, TCP_OPEN);
    struct web_origin shut = origin("shut.example", true, TCP_SILENT, TCP_OPEN);
    struct web_origin gone = origin("gone.example", false, TCP_OPEN, TCP_REFUSED);
    struct web_origin half = good, out = good, second = good;
    half.usable[FAMILY_IPV6] = second.usable[FAMILY_IPV6] = 2;
    half.six[1].knock = (struct web_knock){.tried = true, .outcome = TCP_REFUSED};
    out.opted_out = true;
    struct {
        struct web_origin origins[2];
        enum verdict verdict;
        const char *reason;
        bool stopped;
        size_t left_out;
    } cases[] = {{{good, half}, VERDICT_PARTIAL, "web-parts-addresses"},
                 {{half, half}, VERDICT_PARTIAL, "web-parts-addresses"},
                 {{lacks, half}, VERDICT_PARTIAL, "web-parts-some"},
                 {{good, out}, VERDICT_NOT_TESTABLE, "any-opted-out"},
                 {{out, gone}, VERDICT_NOT_TESTABLE, "any-opted-out"},
                 {{lacks, out}, VERDICT_FAIL, "web-parts-all"},
                 {{good, second}, VERDICT_NOT_TESTABLE, "any-no-patience", .stopped = true},
                 {{good, good}, VERDICT_PASS, NULL, .stopped = true},
                 {{good, good}, VERDICT_NOT_TESTABLE, "web-parts-left-out", .left_out = 1},
                 {{good, good}, VERDICT_PASS, NULL},
                 {{good, lacks}, VERDICT_PARTIAL, "web-parts-some"},
                 {{good, shut}, VERDICT_PARTIAL, "web-parts-some"},
                 {{lacks, shut}, VERDICT_FAIL, "web-parts-all"},
                 {{good, gone}, VERDICT_PASS, NULL},
                 {{gone, gone}, VERDICT_NOT_APPLICABLE, "web-parts-none"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct host h;
        host_make(&h);
        h.f.origins = cases[i].origins;
        h.f.origin_count = 2;
        h.f.stopped = cases[i].stopped;
        h.f.origins_left_out = cases[i].left_out;
        host_judge(&h);
        expect(&h, TEST_WEB_RESOURCES, cases[i].verdict, cases[i].reason);
        host_done(&h);
    }
}

static struct web_linked linked(int six, int four)
{
    struct web_linked l = {.url = "https://" HOST "/a", .depth = 2, .tried = {true, true}};
    l.status[FAMILY_IPV6] = six;
    l.status[FAMILY_IPV4] = four;
    l.outcome[FAMILY_IPV6] = six ? WEB_ANSWERED : WEB_STALLED;
    l.outcome[FAMILY_IPV4] = four ? WEB_ANSWERED : WEB_STALLED;
    return l;
}

static void test_links(void **state)
{
    (void)state;
    struct web_linked forbidden = {.url = "https://" HOST "/b", .depth = 2, .forbidden = true};
    struct {
        struct web_linked links[2];
        enum verdict verdict;
        const char *reason;
        double share;
    } cases[] = {{{linked(200, 200), linked(301, 301)}, VERDICT_PASS, NULL, 1},
                 {{linked(200, 200), linked(404, 404)}, VERDICT_PASS, NULL, 1},
                 {{linked(200, 200), linked(404, 200)}, VERDICT_PARTIAL, "web-links-some", 0.5},
                 {{linked(0, 200), linked(503, 200)}, VERDICT_FAIL, "web-links-all", 0},
                 {{forbidden, forbidden}, VERDICT_NOT_APPLICABLE, "web-links-robots", NAN},
                 {{forbidden, linked(200, 200)}, VERDICT_PASS, NULL, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct host h;
        host_make(&h);
        h.f.linked = cases[i].links;
        h.f.linked_count = 2;
        host_judge(&h);
        expect(&h, TEST_WEB_LINKS, cases[i].verdict, cases[i].reason);
        double value = result_find(&h.r, TEST_WEB_LINKS, NULL)->value;
        assert_true(isnan(cases[i].share) ? isnan(value) : value == cases[i].share);
        host_done(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound), cmocka_unit_test(test_more_addresses_than_are_tried),
        cmocka_unit_test(test_faults), cmocka_unit_test(test_parts), cmocka_unit_test(test_links)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
