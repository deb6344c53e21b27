// SPDX-License-Identifier: Apache-2.0

#include "check/score.h"
#include "check/check.h"

#include <math.h>
#include <string.h>

static enum verdict verdict_of(const struct result *r, enum test_kind k, const char *subject)
{
    const struct test *t = result_find(r, k, subject);
    return t ? t->verdict : VERDICT_NOT_TESTABLE;
}

// ---- internet.nl

// Ten for a server whose addresses all answer, two where some do. With two servers that have IPv6
// the others are left out; a single server gets a half at most.
static double name_server_points(const struct nist_count *n)
{
    unsigned points = 10 * n->operational + 2 * n->partly;
    unsigned counted = n->with_aaaa > 1 ? n->with_aaaa : n->interfaces;
    if (counted <= 1)
        return points < 5 ? points : 5;
    return points < 10 * counted ? points / counted : 10;
}

static bool holds(enum verdict v)
{
    return v == VERDICT_PASS || v == VERDICT_NOT_APPLICABLE;
}

static double web_points(const struct result *r)
{
    if (verdict_of(r, TEST_WEB_AAAA, r->domain) != VERDICT_PASS)
        return 0;
    bool whole = holds(verdict_of(r, TEST_WEB_ADDRESSES, r->domain)) &&
                 holds(verdict_of(r, TEST_WEB_TCP80, r->domain)) &&
                 holds(verdict_of(r, TEST_WEB_TCP443, r->domain));
    return whole ? 10 : 2;
}

static bool has_no_web(const struct result *r, const char *host)
{
    enum verdict v = verdict_of(r, TEST_WEB_AAAA, host);
    return v == VERDICT_NOT_TESTABLE || v == VERDICT_NOT_APPLICABLE;
}

static double internetnl_web(const struct result *r)
{
    if (!(r->level & LEVEL_WEB) || !(r->level & LEVEL_NAMES) || !r->ipv6_here ||
        has_no_web(r, r->domain))
        return NAN;
    double same = verdict_of(r, TEST_WEB_SAME, r->domain) == VERDICT_PASS ? 2 : 0;
    return floor(100.0 / 22 * (name_server_points(&r->scores.dns) + web_points(r) + same));
}

// Ten for a mail server whose IPv6 addresses all open, two where some do: their mean. Where no MX
// record names any, none is counted, and that is the full number.
static double mail_points(const struct result *r)
{
    const struct nist_count *n = &r->scores.mail;
    if (n->implied || verdict_of(r, TEST_MAIL_MX, NULL) == VERDICT_NOT_APPLICABLE)
        return 10;
    unsigned points = 10 * (n->reached - n->partly) + 2 * n->partly;
    return n->interfaces > 0 ? points / n->interfaces : 0;
}

static double internetnl_mail(const struct result *r)
{
    enum verdict mx = verdict_of(r, TEST_MAIL_MX, NULL);
    if (!(r->level & LEVEL_MAIL) || !(r->level & LEVEL_NAMES) || !r->ipv6_here ||
        mx == VERDICT_NOT_TESTABLE ||
        verdict_of(r, TEST_NAMES_RESOLVES, NULL) == VERDICT_FAIL) // it takes no such name
        return NAN;
    return floor(100.0 / 20 * (name_server_points(&r->scores.dns) + mail_points(r)));
}

// ---- China

static void item_add(double value, double *sum, unsigned *count)
{
    if (!isnan(value)) {
        *sum += value;
        (*count)++;
    }
}

static double passed(const struct result *r, enum test_kind k, const char *subject)
{
    switch (verdict_of(r, k, subject)) {
    case VERDICT_PASS:
    case VERDICT_NOT_APPLICABLE:
        return 1;
    case VERDICT_NOT_TESTABLE:
        return NAN;
    default:
        return 0;
    }
}

// The host whose home page is judged: with "www." where only that has a page.
static const char *home_of(const struct result *r)
{
    if (verdict_of(r, TEST_WEB_HTTP, r->domain) != VERDICT_NOT_APPLICABLE)
        return r->domain;
    for (size_t i = 0; i < r->tests.count; i++)
        if (r->tests.at[i].kind == TEST_WEB_HTTP &&
            r->tests.at[i].verdict != VERDICT_NOT_APPLICABLE)
            return r->tests.at[i].subject;
    return r->domain;
}

// The share of internal links of a level that come over IPv6: the value of its test.
static double link_share(const struct result *r, const char *host, unsigned level)
{
    const struct test *t = NULL;
    for (size_t i = 0; !t && i < r->tests.count; i++) {
        const struct test *at = &r->tests.at[i];
        size_t length = strlen(host);
        if (at->kind == TEST_WEB_LINKS && strncmp(at->subject, host, length) == 0 &&
            at->subject[length] == ' ' &&
            at->subject[strlen(at->subject) - 1] == (char)('0' + level))
            t = at;
    }
    return t && !isnan(t->value) ? t->value : NAN;
}

static double china(const struct result *r)
{
    double sum = 0;
    unsigned count = 0;
    const char *home = home_of(r);
    const struct test *repeated = result_find(r, TEST_WEB_REPEATED, home);
    if (!(r->level & LEVEL_WEB) || !r->ipv6_here || has_no_web(r, home))
        return NAN;
    item_add(passed(r, TEST_WEB_AAAA, home), &sum, &count);
    item_add(passed(r, TEST_WEB_HTTP, home), &sum, &count);
    item_add(repeated ? passed(r, TEST_WEB_REPEATED, home) : NAN, &sum, &count);
    item_add(passed(r, TEST_NAMES_DELEGATION, NULL), &sum, &count);
    item_add(passed(r, TEST_WEB_SAME, home), &sum, &count);
    item_add(link_share(r, home, 2), &sum, &count);
    item_add(link_share(r, home, 3), &sum, &count);
    return count ? 100 * sum / count : NAN;
}

// ---- the stage

struct tally {
    unsigned named, answers, broken, without, untested;
};

static bool is_service(enum test_kind k)
{
    return k == TEST_WEB_AAAA || k == TEST_MAIL_AAAA;
}

static bool is_answer(enum test_kind k)
{
    return k == TEST_WEB_TCP80 || k == TEST_WEB_TCP443 || k == TEST_MAIL_GREETING;
}

static void tally_test(struct tally *n, const struct test *t)
{
    bool some = t->verdict == VERDICT_PASS || t->verdict == VERDICT_PARTIAL;
    n->named += is_service(t->kind) && some;
    n->answers += is_answer(t->kind) && some;
    n->broken += t->verdict == VERDICT_FAIL || t->verdict == VERDICT_PARTIAL;
    n->without += t->verdict == VERDICT_NONE;
    n->untested += t->verdict == VERDICT_NOT_TESTABLE;
}

// Complete needs everything asked and everything there; what could not be tested keeps it from
// being more than working.
static enum stage stage_of(const struct result *r)
{
    struct tally n = {0};
    if (!r->ipv6_here)
        return STAGE_UNKNOWN;
    for (size_t i = 0; i < r->tests.count; i++)
        tally_test(&n, &r->tests.at[i]);
    if (n.named == 0)
        return n.without > 0 ? STAGE_NONE : STAGE_UNKNOWN;
    if (n.answers == 0)
        return STAGE_NAMED;
    if (n.broken > 0)
        return STAGE_REACHABLE;
    bool whole = (r->level & LEVEL_FULL) == LEVEL_FULL && n.without == 0 && n.untested == 0;
    return whole ? STAGE_COMPLETE : STAGE_WORKING;
}

void scores_compute(struct result *r)
{
    r->scores.internetnl_web = internetnl_web(r);
    r->scores.internetnl_mail = internetnl_mail(r);
    r->scores.china = china(r);
    r->scores.stage = stage_of(r);
}
