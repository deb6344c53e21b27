// SPDX-License-Identifier: Apache-2.0
//
// A result as one line of JSON.

#include "base/json.h"
#include "check/result.h"

#include <math.h>

static void write_real(struct json *j, const char *key, double value)
{
    if (!isnan(value))
        json_real(j, key, value);
}

static void write_evidence(struct json *j, const struct evidence *ev)
{
    json_open(j, NULL, '{');
    if (ev->family != FAMILY_ASN)
        json_text(j, "family", family_name(ev->family));
    json_integer(j, "at", ev->at);
    if (ev->took > 0)
        json_integer(j, "took", ev->took);
    json_text(j, "asked", ev->asked);
    json_text(j, "whom", ev->whom);
    json_text(j, "answer", ev->answer);
    json_close(j);
}

static void write_reason(const struct test *t, struct json *j)
{
    if (!t->reason)
        return;
    json_text(j, "reason", t->reason->key);
    json_open(j, "details", '[');
    for (size_t i = 0; i < DETAILS_MAX && t->details[i][0]; i++)
        json_text(j, NULL, t->details[i]);
    json_close(j);
}

static void write_test(struct json *j, const struct test *t)
{
    json_open(j, NULL, '{');
    json_text(j, "test", test_name(t->kind));
    json_text(j, "subject", t->subject);
    json_text(j, "verdict", verdict_name(t->verdict));
    write_reason(t, j);
    write_real(j, "value", t->value);
    write_real(j, "low", t->value_low);
    write_real(j, "high", t->value_high);
    json_open(j, "evidence", '[');
    for (size_t i = 0; i < t->evidence.count; i++)
        write_evidence(j, &t->evidence.at[i]);
    json_close(j);
    if (t->evidence_left_out > 0)
        json_integer(j, "left-out", t->evidence_left_out);
    json_close(j);
}

static void write_count(struct json *j, const char *key, const struct nist_count *n)
{
    json_open(j, key, '{');
    json_integer(j, "interfaces", n->interfaces);
    json_integer(j, "with-aaaa", n->with_aaaa);
    json_integer(j, "reached", n->reached);
    json_integer(j, "operational", n->operational);
    json_bool(j, "intended", n->intended);
    json_close(j);
}

static void write_scores(struct json *j, const struct scores *s)
{
    json_open(j, "scores", '{');
    write_real(j, "internetnl-web", s->internetnl_web);
    write_real(j, "internetnl-mail", s->internetnl_mail);
    write_real(j, "china", s->china);
    write_count(j, "dns", &s->dns);
    write_count(j, "web", &s->web);
    write_count(j, "mail", &s->mail);
    json_close(j);
}

void result_write_json(const struct result *r, struct json *j)
{
    json_open(j, NULL, '{');
    json_integer(j, "format", RESULT_FORMAT);
    json_text(j, "domain", r->domain);
    json_text(j, "vantage", r->vantage);
    json_text(j, "version", r->version);
    json_integer(j, "began", r->began);
    json_integer(j, "took", r->took);
    json_integer(j, "level", r->level);
    json_bool(j, "ipv4", r->ipv4_here);
    json_bool(j, "ipv6", r->ipv6_here);
    json_text(j, "stage", stage_name(r->scores.stage));
    write_scores(j, &r->scores);
    json_open(j, "tests", '[');
    for (size_t i = 0; i < r->tests.count; i++)
        write_test(j, &r->tests.at[i]);
    json_close(j);
    json_close(j);
}
