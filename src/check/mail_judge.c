// SPDX-License-Identifier: Apache-2.0
//
// From what was seen of each exchanger to the tests of the domain. The exchangers stand in the
// order of their preference.

#include "check/mail_judge.h"

#include <string.h>

// ---- one exchanger

struct mail_tally mail_tally(const struct mail_host *h, enum family f, enum smtp_greeting good)
{
    struct mail_tally t = {0};
    for (size_t i = 0; i < h->count; i++) {
        const struct mail_address *a = &h->addresses[i];
        enum smtp_greeting g = a->report.seen.greeting;
        if (a->at.family != f)
            continue;
        t.published++;
        if (a->oddity != ODDITY_NONE) {
            t.odd++;
            t.first_odd = t.first_odd ? t.first_odd : a;
        }
        if (a->attempts == 0)
            continue;
        t.tried++;
        t.best = g > t.best ? g : t.best;
        t.good += g >= good;
        t.bad = t.bad || g >= good ? t.bad : a;
    }
    return t;
}

static bool exists(const struct mail_host *h)
{
    return !mail_has_no_record(&h->lookups[FAMILY_IPV6]) ||
           !mail_has_no_record(&h->lookups[FAMILY_IPV4]) || !h->lookups[FAMILY_IPV6].done ||
           !h->lookups[FAMILY_IPV4].done;
}

static bool usable(const struct mail_exchanger *x)
{
    return x->kind == EXCHANGER_HOST && x->host && exists(x->host);
}

// Of one that is not complete: was every address visited as often as it will be?
static bool visits_over(const struct mail_host *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (!h->addresses[i].settled)
            return false;
    return h->known && (!h->tlsa_asked || h->tlsa.done);
}

bool mail_host_decided(const struct mail_facts *f, const struct mail_host *h, bool visited,
                       struct mail_state *ret)
{
    const struct mail_lookup *l = &h->lookups[FAMILY_IPV6];
    struct mail_tally t = mail_tally(h, FAMILY_IPV6, SMTP_OPEN);
    *ret = mail_state(VERDICT_NOT_TESTABLE, "any-no-patience", "", "");
    if (!l->done)
        return true;
    if (mail_lookup_failed(l))
        *ret = mail_unresolved(l, h->name);
    else if (mail_has_no_record(l))
        *ret = mail_state(VERDICT_NONE, "mail-no-ipv6", h->name, "");
    else if (h->known && visited && t.odd == t.published && t.odd > 0)
        *ret = mail_state(VERDICT_NOT_TESTABLE, "any-private", h->name,
                          oddity_name(t.first_odd->oddity));
    else if (visited && !f->ipv6_here)
        *ret = mail_state(VERDICT_NOT_TESTABLE, "any-no-ipv6-here", "", "");
    else
        return visited && !h->complete && !visits_over(h);
    return true;
}

static struct mail_state judge_aaaa(const struct mail_facts *f, const struct mail_host *h)
{
    struct mail_state s;
    if (mail_host_decided(f, h, false, &s))
        return s;
    return mail_state(VERDICT_PASS, NULL, "", "");
}

static struct mail_state judge_addresses(const struct mail_facts *f, const struct mail_host *h)
{
    struct mail_state s;
    if (mail_host_decided(f, h, false, &s))
        return s;
    struct mail_tally t = mail_tally(h, FAMILY_IPV6, SMTP_OPEN);
    if (t.published == 0)
        return mail_state(VERDICT_NOT_TESTABLE, "any-no-patience", "", "");
    if (t.odd == 0)
        return mail_state(VERDICT_PASS, NULL, "", "");
    return mail_state(t.odd < t.published ? VERDICT_PARTIAL : VERDICT_FAIL, "mail-odd-address",
                      h->name, oddity_name(t.first_odd->oddity));
}

// ---- all of them

static bool is_reason(const struct mail_state *s, const char *key)
{
    return s->reason && strcmp(s->reason, key) == 0;
}

struct combined {
    struct mail_state state[MAIL_MX_MAX];
    uint16_t preference[MAIL_MX_MAX];
    size_t count, verdicts[VERDICT_COUNT];
};

static const struct mail_state *first_of(const struct combined *c, enum verdict v)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->state[i].verdict == v)
            return &c->state[i];
    return NULL;
}

// Do all of the most preferred work, so that only a backup has no IPv6?
static bool only_backups_lack(const struct combined *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->preference[i] == c->preference[0] && c->state[i].verdict != VERDICT_PASS)
            return false;
    return true;
}

// Some work over IPv6: what is to be said of the others? One without IPv6 matters to TEST_MAIL_AAAA
// alone, one that does not greet to TEST_MAIL_GREETING.
static struct mail_state combine_some(const struct combined *c, enum test_kind k)
{
    const struct mail_state *worst = first_of(c, VERDICT_FAIL);
    if (!worst && k == TEST_MAIL_AAAA && (worst = first_of(c, VERDICT_NONE)))
        return mail_state(VERDICT_PARTIAL,
                          only_backups_lack(c) ? "mail-backup-no-ipv6" : "mail-some-no-ipv6",
                          worst->detail1, "");
    if (!worst)
        worst = first_of(c, VERDICT_PARTIAL);
    if (worst)
        return mail_state(VERDICT_PARTIAL, worst->reason, worst->detail1, worst->detail2);
    for (size_t i = 0; i < c->count; i++)
        if (is_reason(&c->state[i], "any-silent")) // while another answers from here
            return mail_state(VERDICT_PARTIAL, "mail-one-dead", c->state[i].detail1, "");
    for (size_t i = 0; i < c->count; i++)
        if (c->state[i].verdict == VERDICT_NOT_TESTABLE &&
            !is_reason(&c->state[i], "mail-not-greeted"))
            return c->state[i];
    return mail_state(VERDICT_PASS, NULL, "", "");
}

static struct mail_state combine(const struct combined *c, enum test_kind k)
{
    static const enum verdict order[] = {VERDICT_FAIL, VERDICT_NOT_TESTABLE, VERDICT_NONE,
                                         VERDICT_NOT_APPLICABLE};
    if (c->verdicts[VERDICT_PASS] + c->verdicts[VERDICT_PARTIAL] > 0)
        return combine_some(c, k);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (c->verdicts[order[i]] > 0)
            return *first_of(c, order[i]);
    return mail_state(VERDICT_NOT_APPLICABLE, "mail-no-server", "", "");
}

static struct test *judge_all(const struct mail_facts *f, struct result *r, enum test_kind k,
                              mail_judge_host *judge)
{
    struct test *t = result_test(r, k, f->domain);
    struct combined c = {.count = 0};
    for (size_t i = 0; i < f->count; i++) {
        if (!usable(&f->exchangers[i]))
            continue;
        c.preference[c.count] = f->exchangers[i].preference;
        c.state[c.count] = judge(f, f->exchangers[i].host);
        c.verdicts[c.state[c.count++].verdict]++;
    }
    struct mail_state s = combine(&c, k);
    test_decide(r, t, s.verdict, s.reason, s.detail1, s.detail2);
    return t;
}

// ---- MX

static struct mail_state judge_exchanger(const struct mail_exchanger *x)
{
    if (x->kind == EXCHANGER_LITERAL)
        return mail_state(VERDICT_FAIL, "mail-mx-literal", x->name, "");
    if (x->kind == EXCHANGER_ROOT)
        return mail_state(VERDICT_FAIL, "mail-null-mx-among", "", "");
    if (!x->host)
        return mail_state(VERDICT_NOT_TESTABLE, "any-no-patience", "", "");
    if (!exists(x->host))
        return mail_state(VERDICT_FAIL, "mail-mx-nowhere", x->name, "");
    if (x->host->alias[0])
        return mail_state(VERDICT_PARTIAL, "mail-mx-alias", x->name, x->host->alias);
    return mail_state(VERDICT_PASS, NULL, "", "");
}

static void judge_mx(const struct mail_facts *f, struct result *r)
{
    struct test *t = result_test(r, TEST_MAIL_MX, f->domain);
    struct combined c = {.count = f->count};
    mail_evidence_lookup(r, t, "MX", f->domain, &f->mx);
    for (size_t i = 0; i < f->count; i++) {
        const struct mail_exchanger *x = &f->exchangers[i];
        c.state[i] = judge_exchanger(x);
        // Its own name may be an alias: there is no MX that could be wrong.
        if (f->implicit && c.state[i].verdict == VERDICT_PARTIAL)
            c.state[i] = mail_state(VERDICT_PASS, NULL, "", "");
        c.verdicts[c.state[i].verdict]++;
        if (x->kind != EXCHANGER_HOST || !x->host)
            continue;
        mail_evidence_lookup(r, t, "AAAA", x->name, &x->host->lookups[FAMILY_IPV6]);
        mail_evidence_lookup(r, t, "A", x->name, &x->host->lookups[FAMILY_IPV4]);
    }
    struct mail_state s = combine(&c, TEST_MAIL_MX);
    test_decide(r, t, s.verdict, s.reason, s.detail1, s.detail2);
}

// ---- the domain

static bool nobody_listens(const struct mail_host *h)
{
    bool refused = false;
    for (size_t i = 0; i < h->count; i++) {
        enum smtp_greeting g = h->addresses[i].report.seen.greeting;
        if (g >= SMTP_OPEN)
            return false;
        refused |= g == SMTP_REFUSED;
    }
    return refused;
}

// Where the domain has no MX, its addresses may be anything but a mail server's.
static bool implicit_decided(const struct mail_facts *f, struct mail_state *ret)
{
    const struct mail_host *h = f->count > 0 ? f->exchangers[0].host : NULL;
    if (!f->implicit || !h)
        return false;
    if (!exists(h))
        *ret = mail_state(VERDICT_NOT_APPLICABLE, "mail-no-mx", f->domain, "");
    else if (h->complete && nobody_listens(h))
        *ret = mail_state(VERDICT_NOT_APPLICABLE, "mail-no-service", f->domain, "");
    else
        return false;
    return true;
}

static bool domain_decided(const struct mail_facts *f, struct mail_state *ret)
{
    if (!f->mx.done)
        *ret = mail_state(VERDICT_NOT_TESTABLE, "any-no-patience", "", "");
    else if (f->mx.status == LOOKUP_NO_NAME)
        *ret = mail_state(VERDICT_NOT_APPLICABLE, "mail-no-name", f->domain, "");
    else if (mail_lookup_failed(&f->mx))
        *ret = mail_unresolved(&f->mx, f->domain);
    else if (f->count == 1 && f->left_out == 0 && f->exchangers[0].kind == EXCHANGER_ROOT)
        *ret = mail_state(VERDICT_NOT_APPLICABLE, "mail-null-mx", f->domain, "");
    else
        return implicit_decided(f, ret);
    return true;
}

static bool level_has(const struct mail_facts *f, enum test_kind k)
{
    return k <= TEST_MAIL_GREETING || (f->level & LEVEL_MAIL);
}

static void judge_nothing(const struct mail_facts *f, struct result *r, const struct mail_state *s)
{
    for (enum test_kind k = TEST_MAIL_MX; k <= TEST_MAIL_DANE; k++) {
        if (!level_has(f, k))
            continue;
        struct test *t = result_test(r, k, f->domain);
        test_decide(r, t, s->verdict, s->reason, s->detail1, s->detail2);
        if (k == TEST_MAIL_MX)
            mail_evidence_lookup(r, t, "MX", f->domain, &f->mx);
        if (k == TEST_MAIL_GREETING && f->count > 0 && f->exchangers[0].host)
            mail_evidence_visits(r, t, f->exchangers[0].host);
    }
}

static void count_nist(const struct mail_facts *f, struct nist_count *n)
{
    n->intended = true;
    n->implied = f->implicit;
    for (size_t i = 0; i < f->count; i++) {
        if (!usable(&f->exchangers[i]))
            continue;
        struct mail_tally t = mail_tally(f->exchangers[i].host, FAMILY_IPV6, SMTP_OPEN);
        n->interfaces++;
        n->with_aaaa += f->exchangers[i].host->lookups[FAMILY_IPV6].status == LOOKUP_FOUND &&
                        f->exchangers[i].host->lookups[FAMILY_IPV6].done;
        n->reached += t.best >= SMTP_OPEN;
        n->partly += t.best >= SMTP_OPEN && t.good < t.published;
        n->operational += t.best == SMTP_GREETED;
    }
}

typedef void evidence_of_host(struct result *r, struct test *t, const struct mail_host *h);

static void evidence_all(const struct mail_facts *f, struct result *r, struct test *t,
                         evidence_of_host *add)
{
    for (size_t i = 0; i < f->count; i++)
        if (usable(&f->exchangers[i]))
            add(r, t, f->exchangers[i].host);
}

static void evidence_aaaa(struct result *r, struct test *t, const struct mail_host *h)
{
    mail_evidence_lookup(r, t, "AAAA", h->name, &h->lookups[FAMILY_IPV6]);
}

static void evidence_dane(struct result *r, struct test *t, const struct mail_host *h)
{
    const char *name = arena_format(&r->arena, "_25._tcp.%s", h->name);
    mail_evidence_lookup(r, t, "TLSA", name ? name : h->name, &h->tlsa);
    if (h->dane.count > 0)
        mail_evidence_certificates(r, t, h);
}

static void evidence_odd(struct result *r, struct test *t, const struct mail_host *h)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct mail_address *a = &h->addresses[i];
        if (a->at.family != FAMILY_IPV6)
            continue;
        char text[ADDRESS_TEXT_MAX];
        const struct mail_lookup *l = &h->lookups[FAMILY_IPV6];
        struct evidence ev = {.family = FAMILY_IPV6, .at = l->at, .whom = l->by};
        ev.asked = arena_format(&r->arena, "AAAA %s", h->name);
        ev.answer =
            arena_format(&r->arena, "%s, %s", address_format(FAMILY_IPV6, a->at.address, text),
                         a->oddity == ODDITY_NONE ? "public" : oddity_name(a->oddity));
        test_evidence(r, t, &ev);
    }
}

void mail_judge(const struct mail_facts *f, struct result *r)
{
    static const struct {
        enum test_kind kind;
        mail_judge_host *judge;
        evidence_of_host *evidence;
    } tests[] = {
        {TEST_MAIL_AAAA, judge_aaaa, evidence_aaaa},
        {TEST_MAIL_ADDRESSES, judge_addresses, evidence_odd},
        {TEST_MAIL_GREETING, mail_judge_greeting, mail_evidence_visits},
        {TEST_MAIL_STARTTLS, mail_judge_starttls, mail_evidence_certificates},
        {TEST_MAIL_PTR, mail_judge_pointer, mail_evidence_pointers},
        {TEST_MAIL_DANE, mail_judge_dane, evidence_dane},
    };
    struct mail_state s;
    if (domain_decided(f, &s)) {
        judge_nothing(f, r, &s);
        return;
    }
    judge_mx(f, r);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (level_has(f, tests[i].kind))
            evidence_all(f, r, judge_all(f, r, tests[i].kind, tests[i].judge), tests[i].evidence);
    if (level_has(f, TEST_MAIL_SPF)) {
        struct test *t = result_test(r, TEST_MAIL_SPF, f->domain);
        s = mail_judge_spf(f);
        test_decide(r, t, s.verdict, s.reason, s.detail1, s.detail2);
        mail_evidence_spf(r, t, f);
    }
    count_nist(f, &r->scores.mail);
}
