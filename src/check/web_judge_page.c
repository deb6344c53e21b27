// SPDX-License-Identifier: Apache-2.0
//
// The parts and links of a page, its times, large packets, and what a browser makes of it.

#include "check/ratio.h"
#include "check/web_judges.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SLOW_RATIO 1.5    // so many times as long,
#define SLOW_SURE  1.1    // by the lower end of the interval still so many times,
#define SLOW_LEAST 100000 // and the fastest by so many microseconds: below, nobody notices

// ---- parts

enum part_verdict {
    PART_FINE,
    PART_LACKS,
    PART_BROKEN,
    PART_GONE,
    PART_OPTED_OUT,
    PART_SOME,    // of its IPv6 addresses
    PART_UNTRIED, // the patience was over
};

struct part_doors {
    unsigned tried, open;
};

static struct part_doors part_doors(const struct web_origin *o)
{
    struct part_doors d = {0};
    for (size_t i = 0; i < WEB_ADDRESSES_MAX; i++) {
        d.tried += o->six[i].knock.tried;
        d.open += o->six[i].knock.tried && o->six[i].knock.outcome == TCP_OPEN;
    }
    return d;
}

static bool is_untried(const struct web_facts *f, const struct web_origin *o, unsigned tried)
{
    unsigned usable = o->usable[FAMILY_IPV6];
    bool known = o->known[FAMILY_IPV6] && o->known[FAMILY_IPV4];
    bool all = tried == (usable < WEB_ADDRESSES_MAX ? usable : WEB_ADDRESSES_MAX);
    return f->stopped && o->host[0] != '[' && !(known && all);
}

// What cannot be had over IPv4 either is no matter of IPv6.
static enum part_verdict part_of(const struct web_facts *f, const struct web_origin *o)
{
    const struct part_doors six = part_doors(o);
    const struct web_knock *four = &o->four.knock;
    if (o->opted_out)
        return PART_OPTED_OUT;
    if (is_untried(f, o, six.tried))
        return PART_UNTRIED;
    if (six.open > 0)
        return six.open == six.tried ? PART_FINE : PART_SOME;
    if (o->usable[FAMILY_IPV4] == 0 && o->usable[FAMILY_IPV6] == 0 &&
        o->addresses[FAMILY_IPV6] == 0 && o->host[0] != '[')
        return PART_GONE;
    if (four->tried && four->outcome != TCP_OPEN)
        return PART_GONE;
    if (!f->ipv4_here && six.tried > 0)
        return PART_BROKEN;
    return o->addresses[FAMILY_IPV6] > 0 ? PART_BROKEN : PART_LACKS;
}

static void judge_place(const struct judge *j, struct test *t, const struct web_origin *o,
                        const struct web_place *p, const char *answer)
{
    char whom[ENDPOINT_TEXT_MAX], asked[JUDGE_TEXT_MAX];
    snprintf(asked, sizeof asked, "%s of %.300s", o->by, o->url);
    test_evidence(j->r, t,
                  &(struct evidence){.family = p->at.family,
                                     .at = p->knock.at,
                                     .took = p->knock.took,
                                     .asked = asked,
                                     .whom = p->knock.tried ? endpoint_text(&p->at, whom) : o->host,
                                     .answer = answer});
}

static void judge_origin(const struct judge *j, struct test *t, const struct web_origin *o,
                         enum part_verdict v)
{
    static const char *const says[] = {
        [PART_FINE] = "connected over IPv6",
        [PART_LACKS] = "no AAAA record",
        [PART_BROKEN] = "IPv6 address, no connection",
        [PART_GONE] = "not there over IPv4 either",
        [PART_OPTED_OUT] = "not asked: it does not want to be",
        [PART_UNTRIED] = "not tried: the time was over",
        [PART_SOME] = "IPv6 address, no connection",
    };
    for (size_t i = 0; i < WEB_ADDRESSES_MAX && (v == PART_SOME || v == PART_BROKEN); i++)
        if (o->six[i].knock.tried && o->six[i].knock.outcome != TCP_OPEN)
            judge_place(j, t, o, &o->six[i], says[v]);
    if (v == PART_FINE || (v == PART_BROKEN && !o->six[0].knock.tried))
        judge_place(j, t, o, &o->six[0], says[v]);
    if (v == PART_LACKS || v == PART_GONE || v == PART_OPTED_OUT || v == PART_UNTRIED)
        judge_place(j, t, o, &o->four, says[v]);
}

static void names_add(char text[JUDGE_TEXT_MAX], const char *host)
{
    size_t at = strlen(text);
    if (at + strlen(host) + 3 < 190)
        snprintf(text + at, JUDGE_TEXT_MAX - at, "%s%s", at ? ", " : "", host);
}

struct parts {
    size_t all, fine, some, untried;
    const char *opted_out;
    char lack[JUDGE_TEXT_MAX], half[JUDGE_TEXT_MAX]; // hosts
};

static void parts_count(const struct judge *j, struct test *t, struct parts *n)
{
    const struct web_facts *f = j->f;
    for (size_t i = 0; i < f->origin_count; i++) {
        const struct web_origin *o = &f->origins[i];
        enum part_verdict v = part_of(f, o);
        judge_origin(j, t, o, v);
        n->fine += v == PART_FINE;
        n->some += v == PART_SOME;
        n->untried += v == PART_UNTRIED;
        n->all += v != PART_GONE && v != PART_OPTED_OUT && v != PART_UNTRIED;
        if (v == PART_OPTED_OUT)
            n->opted_out = o->host;
        if (v == PART_LACKS || v == PART_BROKEN)
            names_add(n->lack, o->host);
        if (v == PART_SOME)
            names_add(n->half, o->host);
    }
}

static void decide_parts(const struct judge *j, struct test *t, const struct parts *n)
{
    const struct web_facts *f = j->f;
    size_t lack = n->all - n->fine - n->some;
    char share[32];
    if (lack > 0)
        test_decide(j->r, t, lack < n->all ? VERDICT_PARTIAL : VERDICT_FAIL,
                    lack < n->all ? "web-parts-some" : "web-parts-all",
                    share_text(share, lack, n->all), n->lack);
    else if (n->some > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-parts-addresses", n->half, NULL);
    else if (n->untried > 0)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (n->opted_out)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-opted-out", n->opted_out, NULL);
    else if (f->origins_left_out > 0)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "web-parts-left-out",
                    share_text(share, f->origin_count, f->origin_count + f->origins_left_out),
                    NULL);
    else if (n->all == 0)
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-parts-none", f->host, NULL);
    else
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
}

void judge_parts(const struct judge *j)
{
    const struct web_facts *f = j->f;
    struct test *t = judge_begin(j, TEST_WEB_RESOURCES);
    struct parts n = {0};
    if (!t)
        return;
    parts_count(j, t, &n);
    if (n.all > 0)
        t->value = (double)n.fine / (double)n.all;
    if (f->looked_at_parts)
        decide_parts(j, t, &n);
    else
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, f->stopped ? "any-no-patience" : "web-no-page",
                    f->host, NULL);
}

// ---- links

static bool link_fine(const struct web_linked *l, enum family family)
{
    return l->tried[family] && l->outcome[family] == WEB_ANSWERED && l->status[family] < 400;
}

static void judge_link(const struct judge *j, struct test *t, const struct web_linked *l)
{
    char asked[JUDGE_TEXT_MAX], answer[JUDGE_TEXT_MAX], parts[WEB_FAMILIES][64];
    for (int f = 0; f < WEB_FAMILIES; f++)
        if (!l->tried[f])
            snprintf(parts[f], sizeof parts[f], "not asked");
        else if (l->outcome[f] == WEB_ANSWERED)
            snprintf(parts[f], sizeof parts[f], "HTTP %d", l->status[f]);
        else
            snprintf(parts[f], sizeof parts[f], "%s", web_outcome_text(l->outcome[f]));
    snprintf(asked, sizeof asked, "GET %.300s", l->url);
    snprintf(answer, sizeof answer, "%s; over IPv4: %s", parts[FAMILY_IPV6], parts[FAMILY_IPV4]);
    test_evidence(j->r, t,
                  &(struct evidence){.family = FAMILY_IPV6,
                                     .at = l->at,
                                     .took = l->took[FAMILY_IPV6],
                                     .asked = asked,
                                     .whom = j->f->host,
                                     .answer = answer});
}

struct links {
    size_t all, fine, forbidden, untried;
    const struct web_linked *wrong;
};

static struct links links_of(const struct judge *j, struct test *t, unsigned depth)
{
    struct links n = {0};
    for (size_t i = 0; i < j->f->linked_count; i++) {
        const struct web_linked *l = &j->f->linked[i];
        if (l->depth != depth)
            continue;
        n.forbidden += l->forbidden;
        bool tried = l->tried[FAMILY_IPV6] || l->tried[FAMILY_IPV4];
        n.untried += !l->forbidden && !tried;
        if (!tried)
            continue;
        judge_link(j, t, l);
        // A page that is gone over both families is no matter of IPv6.
        bool four = link_fine(l, FAMILY_IPV4), six = link_fine(l, FAMILY_IPV6);
        bool gone = l->tried[FAMILY_IPV4] && !four && !six;
        n.all += !gone;
        n.fine += six;
        if (!gone && !six && !n.wrong)
            n.wrong = l;
    }
    return n;
}

void judge_links(const struct judge *j, unsigned depth)
{
    const struct web_facts *f = j->f;
    struct test *t = judge_begin(j, TEST_WEB_LINKS);
    // Also where it is decided: the depth stands in the subject.
    struct test *last = j->r->tests.count ? &j->r->tests.at[j->r->tests.count - 1] : NULL;
    const char *subject = arena_format(&j->r->arena, "%s depth %u", f->host, depth);
    char share[32];
    if (!subject)
        j->r->failed = true;
    else if (last && last->kind == TEST_WEB_LINKS)
        last->subject = subject;
    if (!t)
        return;
    struct links n = links_of(j, t, depth);
    if (n.all > 0)
        t->value = (double)n.fine / (double)n.all;
    if (!f->looked_at_links || (n.all == 0 && n.untried > 0))
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, f->stopped ? "any-no-patience" : "web-no-page",
                    f->host, NULL);
    else if (n.all == 0 && n.forbidden > 0)
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-links-robots", f->host, NULL);
    else if (n.all == 0)
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-links-none", f->host, NULL);
    else if (n.fine == n.all)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else
        test_decide(j->r, t, n.fine > 0 ? VERDICT_PARTIAL : VERDICT_FAIL,
                    n.fine > 0 ? "web-links-some" : "web-links-all",
                    share_text(share, n.all - n.fine, n.all), n.wrong->url);
}

// ---- again and again

static void judge_rounds(const struct judge *j, struct test *t, enum family family)
{
    const struct web_rounds *n = &j->f->rounds[family];
    char asked[JUDGE_TEXT_MAX], whom[ENDPOINT_TEXT_MAX], answer[JUDGE_TEXT_MAX];
    if (n->attempts == 0)
        return;
    int at = snprintf(answer, sizeof answer, "%u of %u answered; ms:", n->answered, n->attempts);
    for (unsigned i = 0; i < n->attempts && at > 0 && (size_t)at < sizeof answer; i++)
        at += snprintf(answer + at, sizeof answer - (size_t)at, n->whole[i] ? " %.1f" : " -",
                       n->whole[i] / 1000.0);
    snprintf(asked, sizeof asked, "GET %.300s", n->url);
    test_evidence(j->r, t,
                  &(struct evidence){.family = family,
                                     .at = n->at,
                                     .asked = asked,
                                     .whom = endpoint_text(&n->from, whom),
                                     .answer = answer});
}

// What the path takes: all that a busy machine does makes a time longer, never shorter.
static double fastest(const struct web_rounds *n)
{
    double least = NAN;
    for (unsigned i = 0; i < n->attempts; i++)
        least = n->whole[i] ? fmin(least, n->whole[i]) : least;
    return least;
}

void judge_repeated(const struct judge *j)
{
    const struct web_rounds *six = &j->f->rounds[FAMILY_IPV6], *four = &j->f->rounds[FAMILY_IPV4];
    struct test *t = judge_begin(j, TEST_WEB_REPEATED);
    char share[32], times[32];
    if (!t)
        return;
    judge_rounds(j, t, FAMILY_IPV6);
    judge_rounds(j, t, FAMILY_IPV4);
    unsigned pairs = six->attempts < four->attempts ? six->attempts : four->attempts;
    struct ratio r = ratio_of(six->whole, four->whole, pairs);
    t->value = r.value;
    t->value_low = r.low;
    t->value_high = r.high;
    if (r.pairs < RATIO_PAIRS_MIN)
        test_evidence(j->r, t,
                      &(struct evidence){.family = FAMILY_ASN,
                                         .at = six->at,
                                         .asked = "interval of the ratio of times",
                                         .whom = "",
                                         .answer = "too few pairs of answers"});
    share_text(share, six->answered, six->attempts);
    snprintf(times, sizeof times, "%.1f", r.value);
    bool uneven = (six->cut > 0) != (four->cut > 0) && four->answered > 0;
    bool slow =
        r.value > SLOW_RATIO && r.low > SLOW_SURE && fastest(six) - fastest(four) > SLOW_LEAST;
    bool too_early = j->f->stopped && six->attempts < 2; // no more than the walk's own
    if (six->attempts == 0 || too_early)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE,
                    j->f->stopped ? "any-no-patience" : "web-no-page", j->f->host, NULL);
    else if (six->answered == 0)
        test_decide(j->r, t, VERDICT_FAIL, "web-repeated-none", share, NULL);
    else if (six->answered < six->attempts)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-repeated-some", share, NULL);
    else if (uneven)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "web-repeated-cut", j->f->host, NULL);
    else if (slow)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-slow", times, NULL);
    else if (j->f->stopped && r.pairs < RATIO_PAIRS_MIN)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
}

// ---- large packets

// The largest answer over IPv6 that came whole.
static void largest_of(const struct web_visit *v, const struct web_visit **best)
{
    if (v && v->url && v->outcome == WEB_ANSWERED && v->path.known &&
        (!*best || v->path.bytes_in > (*best)->path.bytes_in))
        *best = v;
}

static void judge_path(const struct judge *j, struct test *t, const struct web_visit *v,
                       const char *asked)
{
    char whom[ENDPOINT_TEXT_MAX], answer[JUDGE_TEXT_MAX];
    snprintf(answer, sizeof answer,
             "%s; %llu octets came, in segments of up to %u; %u retransmissions",
             web_outcome_text(v->outcome), (unsigned long long)v->path.bytes_in, v->path.segment_in,
             v->path.retransmits);
    test_evidence(j->r, t,
                  &(struct evidence){.family = FAMILY_IPV6,
                                     .at = v->at,
                                     .took = v->whole,
                                     .asked = asked,
                                     .whom = endpoint_text(&v->from, whom),
                                     .answer = answer});
}

void judge_mtu(const struct judge *j)
{
    const struct web_facts *f = j->f;
    const struct web_names *n = &f->names[FAMILY_IPV6];
    const struct web_visit *best = NULL;
    struct test *t = judge_begin(j, TEST_WEB_MTU);
    char address[ADDRESS_TEXT_MAX];
    if (!t)
        return;
    for (int port = 0; port < WEB_PORTS; port++) {
        largest_of(&f->walks[FAMILY_IPV6][port].last, &best);
        for (size_t i = 0; i < n->count; i++)
            largest_of(n->addresses[i].visits[port], &best);
    }
    if (best)
        judge_path(j, t, best, "GET");
    if (f->stalled.url)
        judge_path(j, t, &f->stalled, "GET");
    if (f->was_clamped)
        judge_path(j, t, &f->clamped, "GET, segments of 1220 octets announced");
    if (f->was_clamped && f->clamped.outcome == WEB_ANSWERED &&
        (!best || best->path.bytes_in < WEB_LARGE))
        test_decide(j->r, t, VERDICT_FAIL, "web-black-hole",
                    address_format(FAMILY_IPV6, f->stalled.from.address, address), NULL);
    else if (f->was_clamped && f->clamped.outcome == WEB_ANSWERED && f->stalled.attempts > 1)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-black-hole",
                    address_format(FAMILY_IPV6, f->stalled.from.address, address), NULL);
    else if (best && best->path.bytes_in >= WEB_LARGE)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (best)
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-small-answers", f->host, NULL);
    else
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, f->stopped ? "any-no-patience" : "web-no-page",
                    f->host, NULL);
}

// ---- Happy Eyeballs

static void quicker(uint32_t took, uint32_t *best)
{
    if (took > 0 && (*best == 0 || took < *best))
        *best = took;
}

// The shortest of all connections that were made there: a single one may tell of a busy machine.
static uint32_t quickest(const struct web_facts *f, const struct web_address *a)
{
    const struct web_rounds *n = &f->rounds[a->at.family];
    uint32_t best = 0;
    for (int port = 0; port < WEB_PORTS; port++) {
        const struct web_knock *k = &a->knocks[port];
        if (k->tried && k->outcome == TCP_OPEN)
            quicker(k->attempts > k->refusals + 1 ? 1000000 + k->took : k->took, &best);
        if (a->visits[port])
            quicker(a->visits[port]->connected, &best);
    }
    if (n->attempts > 0 && n->from.address == a->at.address)
        quicker(n->connected, &best);
    return best;
}

static size_t eyeballs_of(const struct web_facts *f, struct eyeball ret[EYEBALLS_MAX])
{
    size_t count = 0;
    int port = web_main_port(f);
    for (int family = 0; family < WEB_FAMILIES; family++)
        for (size_t i = 0; i < f->names[family].count && count < EYEBALLS_MAX; i++) {
            const struct web_address *a = &f->names[family].addresses[i];
            const struct web_knock *k = &a->knocks[port];
            if (k->tried)
                ret[count++] = (struct eyeball){(enum family)family, k->outcome,
                                                k->outcome == TCP_OPEN ? quickest(f, a) : k->took};
        }
    return count;
}

void judge_eyeballs(const struct judge *j)
{
    struct eyeball addresses[EYEBALLS_MAX];
    struct test *t = judge_begin(j, TEST_WEB_EYEBALLS);
    char answer[JUDGE_TEXT_MAX], delay[32];
    if (!t)
        return;
    size_t count = eyeballs_of(j->f, addresses);
    struct eyeballs e = eyeballs_race(addresses, count);
    bool six_wins = e.connects && addresses[e.winner].family == FAMILY_IPV6;
    const struct web_walk *w = &j->f->walks[FAMILY_IPV6][web_main_port(j->f)];
    snprintf(delay, sizeof delay, "%.0f", e.delay / 1000.0);
    snprintf(answer, sizeof answer,
             "%s after %.1f ms, %.1f ms later than without IPv6; %u attempts",
             !e.connects ? "no connection"
             : six_wins  ? "IPv6"
                         : "IPv4",
             e.connected / 1000.0, e.delay / 1000.0, e.attempts);
    test_evidence(
        j->r, t,
        &(struct evidence){.family = FAMILY_ASN,
                           .at = j->f->names[FAMILY_IPV6].at,
                           .asked = "RFC 8305, computed from the times of the connections",
                           .whom = j->f->host,
                           .answer = answer});
    t->value = e.delay / 1000.0;
    bool costs = e.connects && e.delay > EYEBALLS_NOTICE;
    const struct web_rounds *rounds = &j->f->rounds[FAMILY_IPV6];
    if (costs && j->f->stopped && (rounds->connected == 0 || rounds->attempts < 2) &&
        web_is_open(&j->f->names[FAMILY_IPV6], web_main_port(j->f)))
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (six_wins && walk_is_over(w) && w->end == END_FAILED && w->last.connected > 0)
        test_decide(j->r, t, VERDICT_FAIL, "web-eyeballs-hang", NULL, NULL);
    else if (six_wins && costs)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-eyeballs-delay", delay, NULL);
    else if (six_wins)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (web_is_open(&j->f->names[FAMILY_IPV6], web_main_port(j->f)))
        test_decide(j->r, t, VERDICT_PARTIAL, "web-eyeballs-late", delay, NULL);
    else if (e.connects)
        test_decide(j->r, t, VERDICT_FAIL, "web-eyeballs-fallback", delay, NULL);
    else
        test_decide(j->r, t, VERDICT_FAIL, "web-not-reached", j->f->host, NULL);
}
