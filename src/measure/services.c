// SPDX-License-Identifier: Apache-2.0
//
// Readiness of public services: by economy, region, group or sector through the campaigns, by test,
// as a league table, what changed, and one domain.

#include "measure/services.h"

#include "measure/dated.h"
#include "measure/figures.h"
#include "measure/services_tables.h"
#include "measure/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTORS_MAX 1000 // more are one row, "others"
#define OTHERS      "(others)"

// ---- counting

static struct services_count *count_economy(struct services_tally *t, economy e)
{
    for (size_t i = 0; i < t->economies.count; i++)
        if (t->economies.at[i].economy == e)
            return &t->economies.at[i].count;
    struct services_economy *added = ARRAY_ADD(&t->economies);
    if (!added)
        return NULL;
    added->economy = e;
    return &added->count;
}

static struct services_count *count_sector(struct services *s, struct services_tally *t,
                                           const char *name)
{
    for (size_t i = 0; i < t->sectors.count; i++)
        if (strcmp(t->sectors.at[i].name, name) == 0)
            return &t->sectors.at[i].count;
    if (t->sectors.count >= SECTORS_MAX && strcmp(name, OTHERS) != 0)
        return count_sector(s, t, OTHERS);
    struct services_sector *added = ARRAY_ADD(&t->sectors);
    if (!added || !(added->name = arena_text(&s->arena, name, strlen(name))))
        return NULL;
    return &added->count;
}

static int count_domain(struct services_report *r, size_t campaign, const struct services_domain *d)
{
    struct services_tally *t = &r->tallies[campaign];
    struct services_count *by_economy = count_economy(t, d->economy);
    struct services_count *by_sector = count_sector(&r->s, t, d->sector);
    if (!by_economy || !by_sector)
        return err_memory(r->s.e);
    by_economy->stages[d->stage]++;
    by_sector->stages[d->stage]++;
    for (size_t i = 0; i < r->s.tests.count; i++)
        if (d->verdict[i] != SERVICES_NO_TEST)
            t->tests[i][d->verdict[i]]++;
    return 0;
}

static int keep_league(struct services_report *r, const char *name, const struct services_domain *d)
{
    struct services_place *p = ARRAY_ADD(&r->league);
    struct arena *a = &r->s.arena;
    if (!p)
        return err_memory(r->s.e);
    *p = (struct services_place){.domain = arena_text(a, name, strlen(name)),
                                 .organisation =
                                     arena_text(a, d->organisation, strlen(d->organisation)),
                                 .sector = arena_text(a, d->sector, strlen(d->sector)),
                                 .economy = d->economy,
                                 .stage = d->stage,
                                 .places = d->places,
                                 .web = d->web,
                                 .mail = d->mail,
                                 .china = d->china};
    for (size_t i = 0; i < r->s.tests.count; i++)
        if (d->verdict[i] != SERVICES_NO_TEST)
            p->verdicts[d->verdict[i]]++;
    return p->domain && p->organisation && p->sector ? 0 : err_memory(r->s.e);
}

static int keep_change(struct services_report *r, const char **domain, const char *name,
                       const char *item, const char *before, const char *after, int better)
{
    r->changed++;
    if (r->changes.count >= PACE_ROWS_MAX)
        return 0;
    if (!*domain)
        *domain = arena_text(&r->s.arena, name, strlen(name));
    struct services_change *c = ARRAY_ADD(&r->changes);
    if (!c || !*domain)
        return err_memory(r->s.e);
    *c = (struct services_change){*domain, item, before, after, better};
    return 0;
}

static int keep_changes(struct services_report *r, const char *name,
                        const struct services_domain *was, const struct services_domain *is)
{
    const char *domain = NULL;
    int code = 0;
    r->better += is->stage > was->stage && was->stage != CHECKED_UNKNOWN;
    r->worse += is->stage < was->stage && is->stage != CHECKED_UNKNOWN;
    if (is->stage != was->stage)
        code = keep_change(r, &domain, name, "stage", checked_stage_name(was->stage),
                           checked_stage_name(is->stage),
                           was->stage == CHECKED_UNKNOWN || is->stage == CHECKED_UNKNOWN ? 0
                           : is->stage > was->stage                                      ? 1
                                                                                         : -1);
    for (size_t t = 0; t < r->s.tests.count && !code; t++) {
        unsigned a = was->verdict[t], b = is->verdict[t];
        // What could not be tried says nothing.
        if (a == b || a >= CHECKED_NOT_TESTABLE || b >= CHECKED_NOT_TESTABLE)
            continue;
        int better = !services_judged(a) || !services_judged(b)    ? 0
                     : services_severity(b) < services_severity(a) ? 1
                                                                   : -1;
        code = keep_change(r, &domain, name, r->s.tests.at[t],
                           checked_verdict_name((enum checked_verdict)a),
                           checked_verdict_name((enum checked_verdict)b), better);
    }
    return code;
}

static int on_domain(const char *name, const struct services_domain *by, void *arg)
{
    struct services_report *r = arg;
    const struct services *s = &r->s;
    int code = 0;
    for (size_t c = 0; c < s->campaigns.count && !code; c++)
        if (by[c].places > 0 && s->campaigns.at[c].shown)
            code = count_domain(r, c, &by[c]);
    if (!code && by[s->current].places > 0)
        code = keep_league(r, name, &by[s->current]);
    if (!code && s->before != SIZE_MAX && by[s->current].places > 0 && by[s->before].places > 0)
        code = keep_changes(r, name, &by[s->before], &by[s->current]);
    return code;
}

// ---- the tables

typedef int make_table(struct services_report *r, struct table **ret);

static int make_tables(struct services_report *r, struct measure_tables *ret)
{
    static make_table *const all[] = {services_readiness, services_sectors, services_tests,
                                      services_league,    services_changes, services_runs};
    static make_table *const one[] = {services_domain_history, services_domain_tests,
                                      services_domain_changes};
    bool domain = r->s.query->domain[0] != '\0';
    size_t count = domain ? sizeof one / sizeof *one : sizeof all / sizeof *all;
    int code = 0;
    for (size_t i = 0; i < count && !code; i++) {
        code = (domain ? one : all)[i](r, &ret->at[ret->count]);
        ret->count += code == 0;
        if (!code && ret->at[i]->failed)
            code = err_memory(r->s.e);
    }
    return code;
}

static int add_basis(struct services_report *r, const struct measure *m, const struct query *q,
                     struct measure_tables *tables)
{
    struct dated_inputs inputs = {0};
    char label[192];
    int code = 0;
    for (size_t i = 0; i < r->s.stored.count && !code; i++) {
        const struct service_campaign *c = &r->s.stored.at[i];
        snprintf(label, sizeof label, "%s%s%s", c->name, c->vantage[0] ? " from " : "", c->vantage);
        code = dated_inputs_add_one(&inputs, c->input, label, r->s.e);
    }
    if (!code)
        code = dated_basis(m, q, "services", &inputs, tables, r->s.e);
    dated_inputs_done(&inputs);
    return code;
}

static void report_done(struct services_report *r)
{
    for (size_t i = 0; r->tallies && i < r->s.campaigns.count; i++) {
        free(r->tallies[i].economies.at);
        free(r->tallies[i].sectors.at);
    }
    free(r->tallies);
    free(r->league.at);
    free(r->changes.at);
    services_close(&r->s);
}

int measure_services(const struct measure *m, const struct query *q, struct measure_tables *ret,
                     struct err *e)
{
    struct services_report r = {0};
    struct measure_tables tables = {0};
    int code = services_open(&r.s, m, q, e);
    if (!code && !(r.tallies = calloc(r.s.campaigns.count, sizeof *r.tallies)))
        code = err_memory(e);
    if (!code)
        code = services_each(&r.s, on_domain, &r);
    if (!code)
        code = make_tables(&r, &tables);
    if (!code)
        code = add_basis(&r, m, q, &tables);
    report_done(&r);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
