// SPDX-License-Identifier: Apache-2.0

#include "cmd/check_tables.h"

#include "base/date.h"
#include "site/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void check_reason(const struct test *t, const struct words *w, enum reason_part part,
                  struct buffer *out)
{
    if (!t->reason)
        return;
    const char *text = part == REASON_SAYS   ? t->reason->says
                       : part == REASON_HARM ? t->reason->harm
                                             : t->reason->mend;
    if (text[0])
        say_with(w, out, text, t->details[0], t->details[1], NULL);
}

static const struct column readiness_columns[] = {
    {.key = "domain", .heading = "Domain", .unit = "", .description = "The domain."},
    {.key = "stage",
     .heading = "Stage",
     .unit = "",
     .description = "unknown, none, named, reachable, working or complete."},
    {.key = "names",
     .heading = "Names",
     .unit = "",
     .description = "Tests of the DNS that passed."},
    {.key = "web", .heading = "Web", .unit = "", .description = "Tests of the web that passed."},
    {.key = "mail", .heading = "Mail", .unit = "", .description = "Tests of mail that passed."},
    {.key = "seconds",
     .heading = "Time",
     .type = COLUMN_REAL,
     .decimals = 1,
     .unit = "s",
     .description = "How long the check took."},
};

static const struct column score_columns[] = {
    {.key = "domain", .heading = "Domain", .unit = "", .description = "The domain."},
    {.key = "internetnl_web",
     .heading = "internet.nl web",
     .type = COLUMN_PERCENT,
     .unit = "%",
     .description = "The IPv6 category of internet.nl's website test."},
    {.key = "internetnl_mail",
     .heading = "internet.nl mail",
     .type = COLUMN_PERCENT,
     .unit = "%",
     .description = "The IPv6 category of internet.nl's mail test."},
    {.key = "nist_dns",
     .heading = "NIST DNS",
     .unit = "",
     .description = "Name servers: all/with AAAA/reached/operational."},
    {.key = "nist_web", .heading = "NIST web", .unit = "", .description = "The same of web hosts."},
    {.key = "nist_mail",
     .heading = "NIST mail",
     .unit = "",
     .description = "The same of mail servers."},
    {.key = "china",
     .heading = "Seven items",
     .type = COLUMN_REAL,
     .decimals = 1,
     .unit = "of 100",
     .description = "The seven items of China's website score, each counted the same."},
};

// For people three columns fit a terminal: what is at the subject says whose it is.
static const struct column wrong_columns[] = {
    {.key = "domain",
     .heading = "Domain",
     .unit = "",
     .description = "The domain.",
     .machine_only = true},
    {.key = "subject", .heading = "At", .unit = "", .description = "The host, zone or server."},
    {.key = "verdict",
     .heading = "Verdict",
     .unit = "",
     .description = "Of the test.",
     .machine_only = true},
    {.key = "wrong", .heading = "What is wrong", .unit = "", .description = "In a sentence."},
    {.key = "harm",
     .heading = "Why it matters",
     .unit = "",
     .description = "To whom it does harm.",
     .machine_only = true},
    {.key = "mend", .heading = "How to mend it", .unit = "", .description = "What to do."},
};

static const struct column test_columns[] = {
    {.key = "domain", .heading = "Domain", .unit = "", .description = "The domain."},
    {.key = "test", .heading = "Test", .unit = "", .description = "Its name."},
    {.key = "subject", .heading = "At", .unit = "", .description = "The host, zone or server."},
    {.key = "verdict",
     .heading = "Verdict",
     .unit = "",
     .description = "pass, partial, fail, none, not-applicable or not-testable."},
    {.key = "reason", .heading = "Reason", .unit = "", .description = "The key of the reason."},
    {.key = "value",
     .heading = "Value",
     .type = COLUMN_REAL,
     .decimals = 2,
     .unit = "",
     .description = "A figure that the test measured."},
};

static const struct column evidence_columns[] = {
    {.key = "domain", .heading = "Domain", .unit = "", .description = "The domain."},
    {.key = "test", .heading = "Test", .unit = "", .description = "Its name."},
    {.key = "subject", .heading = "At", .unit = "", .description = "The host, zone or server."},
    {.key = "time", .heading = "When", .unit = "UTC", .description = "When it was asked."},
    {.key = "family", .heading = "Family", .unit = "", .description = "ipv6 or ipv4."},
    {.key = "asked", .heading = "Asked", .unit = "", .description = "What was asked."},
    {.key = "whom", .heading = "Of", .unit = "", .description = "Whom."},
    {.key = "answer", .heading = "Answer", .unit = "", .description = "What came back."},
    {.key = "took",
     .heading = "Took",
     .type = COLUMN_REAL,
     .decimals = 1,
     .unit = "ms",
     .description = "How long the answer took."},
};

static struct table *table_of(const char *name, const struct column *columns, size_t count)
{
    struct table *t = NULL;
    if (table_new(name, &t))
        return NULL;
    for (size_t i = 0; i < count; i++)
        table_column(t, &columns[i]);
    return t;
}

#define TABLE_OF(name, columns) table_of(name, columns, sizeof(columns) / sizeof *(columns))

static void set_count(struct table *t, size_t row, size_t column, const struct nist_count *n)
{
    char text[64];
    snprintf(text, sizeof text, "%u/%u/%u/%u", n->interfaces, n->with_aaaa, n->reached,
             n->operational);
    if (n->interfaces > 0)
        table_set_text(t, row, column, text);
    else if (!n->intended)
        table_set_text(t, row, column, "-");
}

static void set_area(struct table *t, size_t row, size_t column, const struct result *r,
                     enum test_area area)
{
    unsigned passed = 0, all = 0;
    char text[32];
    for (size_t i = 0; i < r->tests.count; i++) {
        const struct test *test = &r->tests.at[i];
        if (test_area(test->kind) != area || test->verdict == VERDICT_NOT_APPLICABLE)
            continue;
        all++;
        passed += test->verdict == VERDICT_PASS;
    }
    snprintf(text, sizeof text, "%u/%u", passed, all);
    table_set_text(t, row, column, text);
}

static void add_readiness(struct table *t, const struct result *r)
{
    size_t row = table_row(t);
    table_set_text(t, row, 0, r->domain);
    table_set_text(t, row, 1, stage_name(r->scores.stage));
    for (size_t a = 0; a < AREA_COUNT; a++)
        set_area(t, row, 2 + a, r, (enum test_area)a);
    table_set_real(t, row, 5, r->took / 1000.0);
}

static void add_scores(struct table *t, const struct result *r)
{
    size_t row = table_row(t);
    const struct scores *s = &r->scores;
    table_set_text(t, row, 0, r->domain);
    table_set_real(t, row, 1, s->internetnl_web);
    table_set_real(t, row, 2, s->internetnl_mail);
    set_count(t, row, 3, &s->dns);
    set_count(t, row, 4, &s->web);
    set_count(t, row, 5, &s->mail);
    table_set_real(t, row, 6, s->china);
}

static void set_reason(struct table *table, size_t row, size_t column, const struct test *t,
                       const struct words *w, enum reason_part part)
{
    struct buffer text = {0};
    check_reason(t, w, part, &text);
    table_set_text(table, row, column, text.at ? text.at : "");
    buffer_done(&text);
}

// One cause may fail several tests: it is told once.
static bool was_told(const struct result *r, const struct test *t)
{
    for (const struct test *before = r->tests.at; before < t; before++)
        if (before->reason == t->reason && strcmp(before->subject, t->subject) == 0 &&
            strcmp(before->details[0], t->details[0]) == 0 &&
            strcmp(before->details[1], t->details[1]) == 0)
            return true;
    return false;
}

static void add_wrong(struct table *table, const struct result *r, const struct test *t,
                      const struct words *w)
{
    if (t->verdict == VERDICT_PASS || t->verdict == VERDICT_NOT_APPLICABLE || !t->reason ||
        was_told(r, t))
        return;
    size_t row = table_row(table);
    table_set_text(table, row, 0, r->domain);
    table_set_text(table, row, 1, t->subject);
    table_set_text(table, row, 2, verdict_name(t->verdict));
    set_reason(table, row, 3, t, w, REASON_SAYS);
    set_reason(table, row, 4, t, w, REASON_HARM);
    set_reason(table, row, 5, t, w, REASON_MEND);
}

static void add_test(struct table *table, const struct result *r, const struct test *t)
{
    size_t row = table_row(table);
    table_set_text(table, row, 0, r->domain);
    table_set_text(table, row, 1, test_name(t->kind));
    table_set_text(table, row, 2, t->subject);
    table_set_text(table, row, 3, verdict_name(t->verdict));
    if (t->reason)
        table_set_text(table, row, 4, t->reason->key);
    table_set_real(table, row, 5, t->value);
}

static void add_evidence(struct table *table, const struct result *r, const struct test *t)
{
    for (size_t i = 0; i < t->evidence.count; i++) {
        const struct evidence *ev = &t->evidence.at[i];
        size_t row = table_row(table);
        char when[INSTANT_TEXT_MAX];
        table_set_text(table, row, 0, r->domain);
        table_set_text(table, row, 1, test_name(t->kind));
        table_set_text(table, row, 2, t->subject);
        table_set_text(table, row, 3, instant_format(ev->at / 1000, when));
        if (ev->family != FAMILY_ASN)
            table_set_text(table, row, 4, family_name(ev->family));
        table_set_text(table, row, 5, ev->asked);
        table_set_text(table, row, 6, ev->whom);
        table_set_text(table, row, 7, ev->answer);
        if (ev->took > 0)
            table_set_real(table, row, 8, ev->took / 1000.0);
    }
}

static void say_titles(const struct check_results *r, struct table *t[CHECK_TABLES])
{
    const struct result *first = r->list.count > 0 ? &r->list.at[0] : NULL;
    const char *from = first && first->vantage[0] ? first->vantage : "here";
    char when[INSTANT_TEXT_MAX];
    table_title(t[0], "Readiness for IPv6 of %zu %s, asked from %s, %.10s", r->list.count,
                r->list.count == 1 ? "domain" : "domains", from,
                first ? instant_format(first->began / 1000, when) : "");
    table_title(t[1], "What is wrong, and how to mend it");
    table_title(t[2], "Scores by published definitions");
    table_title(t[3], "Tests");
    table_title(t[4], "Evidence");
    if (first && !first->ipv6_here)
        table_note(t[0], "This place has no IPv6: what needs it could not be tested.");
    if (first && !first->ipv4_here)
        table_note(t[0], "This place has no IPv4: nothing could be compared with it.");
}

static void fill(const struct check_results *r, const struct words *w,
                 struct table *t[CHECK_TABLES])
{
    for (size_t i = 0; i < r->list.count; i++) {
        const struct result *one = &r->list.at[i];
        add_readiness(t[0], one);
        add_scores(t[2], one);
        for (size_t k = 0; k < one->tests.count; k++) {
            add_wrong(t[1], one, &one->tests.at[k], w);
            add_test(t[3], one, &one->tests.at[k]);
            add_evidence(t[4], one, &one->tests.at[k]);
        }
    }
}

int check_tables(const struct check_results *r, const struct words *w,
                 struct table *ret[CHECK_TABLES], struct err *e)
{
    struct table *t[CHECK_TABLES] = {
        TABLE_OF("readiness", readiness_columns), TABLE_OF("wrong", wrong_columns),
        TABLE_OF("scores", score_columns), TABLE_OF("tests", test_columns),
        TABLE_OF("evidence", evidence_columns)};
    bool failed = false;
    for (size_t i = 0; i < CHECK_TABLES; i++)
        failed |= !t[i];
    if (!failed) {
        say_titles(r, t);
        fill(r, w, t);
    }
    for (size_t i = 0; i < CHECK_TABLES; i++)
        failed |= t[i] && t[i]->failed;
    for (size_t i = 0; i < CHECK_TABLES; i++) {
        if (failed)
            table_free(&t[i]);
        else
            ret[i] = t[i];
    }
    return failed ? err_memory(e) : 0;
}
