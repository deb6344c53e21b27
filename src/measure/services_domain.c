// SPDX-License-Identifier: Apache-2.0
//
// One domain through time, and from each place.

#include "measure/services_tables.h"

#include "measure/figures.h"

#include <math.h>
#include <string.h>

struct history {
    struct services_report *r;
    struct table *table;
    bool tests;
    unsigned rows;
};

static const struct service_campaign *stored(const struct services *s, int64_t id)
{
    for (size_t i = 0; i < s->stored.count; i++)
        if (s->stored.at[i].id == id)
            return &s->stored.at[i];
    return NULL;
}

static bool is_current(const struct services *s, const struct service_campaign *c)
{
    return strcmp(c->name, s->campaigns.at[s->current].name) == 0;
}

// ---- history

static void history_row(struct history *h, const struct service_result *r,
                        const struct service_campaign *c)
{
    unsigned verdicts[CHECKED_VERDICTS] = {0};
    struct table *t = h->table;
    size_t row = table_row(t);
    for (size_t i = 0; i < r->test_count; i++)
        verdicts[r->tests[i].verdict]++;
    table_set_text(t, row, 0, c->name);
    table_set_text(t, row, 1, c->vantage);
    table_set_date(t, row, 2, service_day(r->began));
    table_set_text(t, row, 3, checked_stage_name(r->stage));
    for (unsigned v = 0; v < CHECKED_VERDICTS; v++)
        table_set_count(t, row, 4 + v, verdicts[v]);
    table_set_real(t, row, 10, r->internetnl_web);
    table_set_real(t, row, 11, r->internetnl_mail);
    table_set_real(t, row, 12, r->china);
    table_set_text(t, row, 13, r->ipv6_here ? "yes" : "no");
}

static const char *subject_name(enum checked_subject s)
{
    static const char *const names[CHECKED_SUBJECTS] = {"the domain itself", "its www", "others"};
    return names[s];
}

static void test_rows(struct history *h, const struct service_result *r,
                      const struct service_campaign *c)
{
    for (size_t i = 0; i < r->test_count; i++) {
        struct table *t = h->table;
        size_t row = table_row(t);
        table_set_text(t, row, 0, r->tests[i].name);
        table_set_text(t, row, 1, subject_name(r->tests[i].subject));
        table_set_text(t, row, 2, c->vantage);
        table_set_text(t, row, 3, checked_verdict_name(r->tests[i].verdict));
        table_set_text(t, row, 4, r->tests[i].reason);
    }
}

static int on_result(const struct service_result *r, void *arg)
{
    struct history *h = arg;
    const struct service_campaign *c = stored(&h->r->s, r->campaign);
    if (!c)
        return 0;
    h->rows++;
    if (!h->tests)
        history_row(h, r, c);
    else if (is_current(&h->r->s, c))
        test_rows(h, r, c);
    return 0;
}

static int fill(struct services_report *r, struct table *t, bool tests)
{
    struct history h = {r, t, tests, 0};
    const char *domain = r->s.query->domain;
    int code = store_service_scan(r->s.measure->store, &(struct service_scan){.domain = domain},
                                  on_result, &h, r->s.e);
    if (!code && h.rows == 0)
        code = err_set(r->s.e, ERR_NOT_FOUND, "the archive has no result of %s", domain);
    return code;
}

static int give(struct services_report *r, struct table *t, bool tests, struct table **ret)
{
    int code = fill(r, t, tests);
    if (code)
        table_free(&t);
    else
        *ret = t;
    return code;
}

int services_domain_history(struct services_report *r, struct table **ret)
{
    static const char *const verdicts[CHECKED_VERDICTS][2] = {{"pass", "Pass"},
                                                              {"partial", "Partial"},
                                                              {"fail", "Fail"},
                                                              {"none", "None"},
                                                              {"not_applicable", "Not applicable"},
                                                              {"not_testable", "Not testable"}};
    struct table *t;
    if (table_new("domain", &t))
        return err_memory(r->s.e);
    table_title(t, "%s through time, from each place", r->s.query->domain);
    services_add_text(t, "campaign", "Campaign", "The campaign's name.");
    services_add_text(t, "vantage", "Place", "From where it was tested.");
    t->key_columns = 2;
    table_column(t, &(struct column){.key = "date",
                                     .heading = "Date",
                                     .type = COLUMN_DATE,
                                     .unit = "",
                                     .description = "The day on which it was tested."});
    services_add_text(t, "stage", "Stage", "How far it is.");
    for (unsigned v = 0; v < CHECKED_VERDICTS; v++)
        figures_add_count(t, verdicts[v][0], verdicts[v][1], "Tests with that verdict.", false);
    figures_add_percent(t, "internetnl_web", "internet.nl web",
                        "Score of the website by internet.nl's definition.");
    figures_add_percent(t, "internetnl_mail", "internet.nl mail",
                        "Score of the mail by internet.nl's definition.");
    figures_add_real(t, "china", "Website score of 100",
                     "Score of the website by the seven-item definition.", 1);
    figures_add_text(t, "ipv6_here", "IPv6 there", "Has the place IPv6?", true);
    return give(r, t, false, ret);
}

int services_domain_tests(struct services_report *r, struct table **ret)
{
    struct table *t;
    if (table_new("domain-tests", &t))
        return err_memory(r->s.e);
    table_title(t, "Tests of %s in the campaign %s", r->s.query->domain,
                r->s.campaigns.at[r->s.current].name);
    services_add_text(t, "test", "Test", "The test's name.");
    services_add_text(t, "subject", "Of",
                      "The domain, its www, or others (name and mail servers).");
    services_add_text(t, "vantage", "Place", "From where it was tested.");
    t->key_columns = 3;
    services_add_text(t, "verdict", "Verdict", "What came of it.");
    services_add_text(t, "reason", "Reason", "Why; empty where it passed.");
    return give(r, t, true, ret);
}

int services_domain_changes(struct services_report *r, struct table **ret)
{
    return services_changes(r, ret);
}
