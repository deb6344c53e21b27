// SPDX-License-Identifier: Apache-2.0

#include "measure/services_tables.h"

#include "measure/figures.h"
#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.95

size_t services_add_text(struct table *t, const char *key, const char *heading,
                         const char *description)
{
    return figures_add_text(t, key, heading, description, false);
}

static int new_table(struct services_report *r, const char *name, struct table **ret)
{
    return table_new(name, ret) ? err_memory(r->s.e) : 0;
}

static const struct services_campaign *current(const struct services_report *r)
{
    return &r->s.campaigns.at[r->s.current];
}

// ---- readiness

struct count_columns {
    size_t date, domains, tested, stages[CHECKED_STAGES], named, working, complete, low, high;
};

static struct count_columns add_counts(struct table *t)
{
    struct count_columns c;
    c.date = table_column(t, &(struct column){.key = "date",
                                              .heading = "Began",
                                              .type = COLUMN_DATE,
                                              .unit = "",
                                              .description = "The campaign's first day."});
    c.domains = figures_add_count(t, "domains", "Domains", "Domains of the list.", false);
    c.tested = figures_add_count(t, "tested", "Tested",
                                 "Domains that could be tested from somewhere.", false);
    c.complete = figures_add_percent(
        t, "complete_share", "Complete",
        "Share of the tested domains where nothing that a user needs is left on IPv4 alone.");
    c.low = figures_add_percent(t, "complete_low", "From",
                                "Where that share lies at least, at 95 % (Wilson).");
    c.high = figures_add_percent(t, "complete_high", "To",
                                 "Where that share lies at most, at 95 % (Wilson).");
    c.working = figures_add_percent(t, "working_share", "Working or complete",
                                    "Share of the tested domains where every service that has an "
                                    "IPv6 address works as over IPv4.");
    c.named = figures_add_percent(t, "named_share", "With IPv6 at all",
                                  "Share of the tested domains with an IPv6 address somewhere.");
    c.stages[CHECKED_NOTHING] =
        figures_add_count(t, "none", "None", "Domains without any IPv6 address.", false);
    c.stages[CHECKED_NAMED] = figures_add_count(
        t, "named", "Named", "Domains of which some services have an address and none answers.",
        false);
    c.stages[CHECKED_REACHABLE] =
        figures_add_count(t, "reachable", "Reachable",
                          "Domains of which one answers, and something is broken.", false);
    c.stages[CHECKED_WORKING] = figures_add_count(
        t, "working", "Working",
        "Domains where what has an address works, and something is left on IPv4 alone.", false);
    c.stages[CHECKED_COMPLETE] =
        figures_add_count(t, "complete", "Complete", "Domains with nothing left on IPv4.", false);
    c.stages[CHECKED_UNKNOWN] =
        figures_add_count(t, "unknown", "Not testable", "Domains that could not be tested.", false);
    return c;
}

static void set_counts(struct table *t, size_t row, const struct count_columns *c, date day,
                       const struct services_count *n)
{
    uint64_t all = 0, at_least[CHECKED_STAGES + 1] = {0};
    for (unsigned i = 0; i < CHECKED_STAGES; i++) {
        all += n->stages[i];
        table_set_count(t, row, c->stages[i], n->stages[i]);
    }
    for (unsigned i = CHECKED_STAGES; i-- > 0;)
        at_least[i] = at_least[i + 1] + n->stages[i];
    uint64_t tested = at_least[CHECKED_NOTHING], complete = at_least[CHECKED_COMPLETE];
    table_set_date(t, row, c->date, day);
    table_set_count(t, row, c->domains, all);
    table_set_count(t, row, c->tested, tested);
    table_set_real(t, row, c->named, figures_percent(at_least[CHECKED_NAMED], tested));
    table_set_real(t, row, c->working, figures_percent(at_least[CHECKED_WORKING], tested));
    table_set_real(t, row, c->complete, figures_percent(complete, tested));
    if (tested == 0)
        return;
    struct interval in = interval_wilson((double)complete / (double)tested, (double)tested, LEVEL);
    table_set_real(t, row, c->low, 100.0 * in.low);
    table_set_real(t, row, c->high, 100.0 * in.high);
}

static void add(struct services_count *to, const struct services_count *n)
{
    for (unsigned i = 0; i < CHECKED_STAGES; i++)
        to->stages[i] += n->stages[i];
}

static bool is_empty(const struct services_count *n)
{
    for (unsigned i = 0; i < CHECKED_STAGES; i++)
        if (n->stages[i])
            return false;
    return true;
}

static int find_keys(struct services_report *r, struct keys *k)
{
    const struct query *q = r->s.query;
    size_t most = 1, count = 0;
    for (size_t c = 0; c < r->s.campaigns.count; c++)
        most += r->tallies[c].economies.count;
    economy *used = calloc(most, sizeof *used);
    if (!used)
        return err_memory(r->s.e);
    for (size_t c = 0; c < r->s.campaigns.count; c++)
        for (size_t i = 0; i < r->tallies[c].economies.count; i++)
            used[count++] = r->tallies[c].economies.at[i].economy;
    int code = keys_init(k, q->by, q->only, r->s.measure->world, used, count, 0, r->s.e);
    free(used);
    return code;
}

static void readiness_row(struct services_report *r, const struct keys *k, size_t key, size_t at,
                          struct table *t, size_t campaign, struct key_columns columns,
                          const struct count_columns *counts)
{
    const struct services_campaign *c = &r->s.campaigns.at[at];
    const struct services_tally *tally = &r->tallies[at];
    struct services_count n = {0};
    for (size_t i = 0; i < tally->economies.count; i++)
        if (keys_has(k, key, REGISTRY_COUNT, tally->economies.at[i].economy, c->day))
            add(&n, &tally->economies.at[i].count);
    if (is_empty(&n))
        return;
    size_t row = table_row(t);
    table_set_text(t, row, campaign, c->name);
    keys_set_cells(k, key, columns, t, row);
    set_counts(t, row, counts, c->day, &n);
}

int services_readiness(struct services_report *r, struct table **ret)
{
    struct table *t = NULL;
    struct keys k = {0};
    int code = find_keys(r, &k);
    if (!code)
        code = new_table(r, "services", &t);
    if (code) {
        keys_done(&k);
        return code;
    }
    table_title(t, "Public services over IPv6 by campaign%s%s", k.by == BY_WORLD ? "" : " and ",
                k.by == BY_WORLD ? "" : by_title(k.by));
    size_t campaign = services_add_text(t, "campaign", "Campaign", "The campaign's name.");
    struct key_columns columns = keys_add_columns(&k, t);
    t->key_columns = k.by == BY_WORLD ? 1 : 2;
    struct count_columns counts = add_counts(t);
    for (size_t key = 0; key < k.count; key++)
        for (size_t c = 0; c < r->s.campaigns.count && k.shown[key]; c++)
            if (r->s.campaigns.at[c].shown)
                readiness_row(r, &k, key, c, t, campaign, columns, &counts);
    table_note(t, "Where several places took part, a domain counts once, with what they say "
                  "together; the intervals are those of a sample as large as the list.");
    keys_note(&k, t);
    keys_done(&k);
    *ret = t;
    return 0;
}

static int sector_order(const void *a, const void *b)
{
    const struct services_sector *x = a, *y = b;
    return strcmp(x->name, y->name);
}

int services_sectors(struct services_report *r, struct table **ret)
{
    struct table *t;
    int code = new_table(r, "sectors", &t);
    if (code)
        return code;
    table_title(t, "Public services over IPv6 by campaign and sector");
    size_t sector = services_add_text(t, "sector", "Sector", "As the list says; empty: nothing.");
    size_t campaign = services_add_text(t, "campaign", "Campaign", "The campaign's name.");
    t->key_columns = 2;
    struct count_columns counts = add_counts(t);
    for (size_t c = 0; c < r->s.campaigns.count; c++) {
        struct services_tally *tally = &r->tallies[c];
        if (tally->sectors.count)
            qsort(tally->sectors.at, tally->sectors.count, sizeof *tally->sectors.at, sector_order);
        for (size_t i = 0; i < tally->sectors.count; i++) {
            size_t row = table_row(t);
            table_set_text(t, row, sector, tally->sectors.at[i].name);
            table_set_text(t, row, campaign, r->s.campaigns.at[c].name);
            set_counts(t, row, &counts, r->s.campaigns.at[c].day, &tally->sectors.at[i].count);
        }
    }
    *ret = t;
    return 0;
}

// ---- tests

static const char *const verdict_headings[CHECKED_VERDICTS] = {
    "Pass", "Partial", "Fail", "None", "Not applicable", "Not testable"};
static const char *const verdict_keys[CHECKED_VERDICTS] = {
    "pass", "partial", "fail", "none", "not_applicable", "not_testable"};

static void add_verdicts(struct table *t, size_t ret[CHECKED_VERDICTS], const char *of)
{
    static const char *const says[CHECKED_VERDICTS] = {
        "that pass",
        "of which some of what should have it has it",
        "that are there and broken",
        "that are there without IPv6",
        "of no such service, by intention or by nature",
        "that could not be tried",
    };
    for (unsigned v = 0; v < CHECKED_VERDICTS; v++) {
        const char *description = arena_format(&t->arena, "%s %s.", of, says[v]);
        ret[v] = figures_add_count(t, verdict_keys[v], verdict_headings[v],
                                   description ? description : "", false);
    }
}

static void test_row(struct table *t, const char *test, const struct services_campaign *c,
                     const uint64_t n[CHECKED_VERDICTS], const size_t columns[6],
                     const size_t verdicts[CHECKED_VERDICTS])
{
    uint64_t judged = n[CHECKED_PASS] + n[CHECKED_PARTIAL] + n[CHECKED_FAIL] + n[CHECKED_NONE];
    size_t row = table_row(t);
    table_set_text(t, row, columns[0], test);
    table_set_text(t, row, columns[1], c->name);
    table_set_date(t, row, columns[2], c->day);
    table_set_real(t, row, columns[3], figures_percent(n[CHECKED_PASS], judged));
    for (unsigned v = 0; v < CHECKED_VERDICTS; v++)
        table_set_count(t, row, verdicts[v], n[v]);
    if (judged == 0)
        return;
    struct interval in =
        interval_wilson((double)n[CHECKED_PASS] / (double)judged, (double)judged, LEVEL);
    table_set_real(t, row, columns[4], 100.0 * in.low);
    table_set_real(t, row, columns[5], 100.0 * in.high);
}

int services_tests(struct services_report *r, struct table **ret)
{
    struct table *t;
    size_t columns[6], verdicts[CHECKED_VERDICTS];
    int code = new_table(r, "tests", &t);
    if (code)
        return code;
    table_title(t, "Tests of public services, by campaign");
    columns[0] = services_add_text(t, "test", "Test", "The test's name.");
    columns[1] = services_add_text(t, "campaign", "Campaign", "The campaign's name.");
    t->key_columns = 2;
    columns[2] = table_column(t, &(struct column){.key = "date",
                                                  .heading = "Began",
                                                  .type = COLUMN_DATE,
                                                  .unit = "",
                                                  .description = "The campaign's first day."});
    columns[3] = figures_add_percent(t, "pass_share", "Share that passes",
                                     "Share of the domains that pass, are partial, fail or have "
                                     "the service without IPv6.");
    columns[4] = figures_add_percent(t, "pass_low", "From",
                                     "Where that share lies at least, at 95 % (Wilson).");
    columns[5] = figures_add_percent(t, "pass_high", "To",
                                     "Where that share lies at most, at 95 % (Wilson).");
    add_verdicts(t, verdicts, "Domains");
    for (size_t i = 0; i < r->s.tests.count; i++)
        for (size_t c = 0; c < r->s.campaigns.count; c++) {
            const uint64_t *n = r->tallies[c].tests[i];
            if (n[0] + n[1] + n[2] + n[3] + n[4] + n[5] > 0)
                test_row(t, r->s.tests.at[i], &r->s.campaigns.at[c], n, columns, verdicts);
        }
    *ret = t;
    return 0;
}

// ---- the league table

static double passed(const struct services_place *p)
{
    unsigned judged = p->verdicts[CHECKED_PASS] + p->verdicts[CHECKED_PARTIAL] +
                      p->verdicts[CHECKED_FAIL] + p->verdicts[CHECKED_NONE];
    return judged ? (double)p->verdicts[CHECKED_PASS] / judged : 0.0;
}

static int league_rank(const struct services_place *a, const struct services_place *b)
{
    if (a->stage != b->stage)
        return a->stage > b->stage ? -1 : 1;
    double x = passed(a), y = passed(b);
    return x > y ? -1 : x < y;
}

static int league_order(const void *a, const void *b)
{
    const struct services_place *x = a, *y = b;
    int order = league_rank(x, y);
    return order ? order : strcmp(x->domain, y->domain);
}

struct league_columns {
    size_t domain, rank, organisation, economy, sector, stage, share, places, web, mail, china;
    size_t verdicts[CHECKED_VERDICTS];
};

static struct league_columns add_league(struct table *t)
{
    struct league_columns c;
    c.domain = services_add_text(t, "domain", "Domain", "The domain.");
    c.rank = figures_add_count(t, "rank", "Rank", "By stage, then by the share of tests.", false);
    c.organisation = services_add_text(t, "organisation", "Organisation", "Whose it is.");
    c.economy = services_add_text(t, "economy", "Economy", "Its code.");
    c.sector = services_add_text(t, "sector", "Sector", "As the list says.");
    c.stage = services_add_text(t, "stage", "Stage", "How far it is.");
    c.share = figures_add_percent(t, "pass_share", "Share that passes",
                                  "Share of its tests that pass, of those that apply and could be "
                                  "tried.");
    add_verdicts(t, c.verdicts, "Tests");
    c.web = figures_add_percent(t, "internetnl_web", "internet.nl web",
                                "Score of the website by internet.nl's definition.");
    c.mail = figures_add_percent(t, "internetnl_mail", "internet.nl mail",
                                 "Score of the mail by internet.nl's definition.");
    c.china = figures_add_real(t, "china", "Website score of 100",
                               "Score of the website by the seven-item definition.", 1);
    c.places = figures_add_count(t, "places", "Places", "Places from which it was tested.", false);
    return c;
}

static void league_row(struct table *t, const struct league_columns *c,
                       const struct services_place *p, size_t rank)
{
    char code[8];
    size_t row = table_row(t);
    table_set_text(t, row, c->domain, p->domain);
    table_set_count(t, row, c->rank, rank);
    table_set_text(t, row, c->organisation, p->organisation);
    if (p->economy != ECONOMY_NONE)
        table_set_text(t, row, c->economy, economy_format(p->economy, code));
    table_set_text(t, row, c->sector, p->sector);
    table_set_text(t, row, c->stage, checked_stage_name(p->stage));
    table_set_real(t, row, c->share, 100.0 * passed(p));
    for (unsigned v = 0; v < CHECKED_VERDICTS; v++)
        table_set_count(t, row, c->verdicts[v], p->verdicts[v]);
    table_set_real(t, row, c->web, p->web);
    table_set_real(t, row, c->mail, p->mail);
    table_set_real(t, row, c->china, p->china);
    table_set_count(t, row, c->places, p->places);
}

static size_t rows_of(const struct services_report *r, size_t all)
{
    size_t top = r->s.query->top ? r->s.query->top : PACE_ROWS_MAX;
    return all < top ? all : top;
}

int services_league(struct services_report *r, struct table **ret)
{
    struct table *t;
    int code = new_table(r, "league", &t);
    if (code)
        return code;
    table_title(t, "Domains of the campaign %s, from the readiest on", current(r)->name);
    struct league_columns c = add_league(t);
    size_t rank = 1, count = rows_of(r, r->league.count);
    if (r->league.count > 1)
        qsort(r->league.at, r->league.count, sizeof *r->league.at, league_order);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && league_rank(&r->league.at[i - 1], &r->league.at[i]) != 0)
            rank = i + 1;
        league_row(t, &c, &r->league.at[i], rank);
    }
    if (count < r->league.count)
        table_note(t, "The first %zu of %zu domains.", count, r->league.count);
    *ret = t;
    return 0;
}

// ---- changes

static int change_order(const void *a, const void *b)
{
    const struct services_change *x = a, *y = b;
    int order = strcmp(x->domain, y->domain);
    return order ? order : x < y ? -1 : x > y;
}

static void change_row(struct table *t, const struct services_change *c)
{
    size_t row = table_row(t);
    const char *const cells[] = {c->domain, c->item,
                                 c->better > 0   ? "better"
                                 : c->better < 0 ? "worse"
                                                 : "different",
                                 c->before, c->after};
    for (size_t i = 0; i < 5; i++)
        table_set_text(t, row, i, cells[i]);
}

int services_changes(struct services_report *r, struct table **ret)
{
    struct table *t;
    int code = new_table(r, "changes", &t);
    if (code)
        return code;
    services_add_text(t, "domain", "Domain", "The domain.");
    services_add_text(t, "item", "What", "The stage, or a test.");
    t->key_columns = 2;
    services_add_text(t, "change", "Change", "better, worse or different.");
    services_add_text(t, "before", "Before", "In the earlier campaign.");
    services_add_text(t, "after", "After", "In the later one.");
    *ret = t;
    if (r->s.before == SIZE_MAX) {
        table_title(t, "What changed between two campaigns");
        table_note(t, "There is no campaign before %s.", current(r)->name);
        return 0;
    }
    table_title(t, "What changed from the campaign %s to %s", r->s.campaigns.at[r->s.before].name,
                current(r)->name);
    size_t count = rows_of(r, r->changes.count);
    if (r->changes.count > 1)
        qsort(r->changes.at, r->changes.count, sizeof *r->changes.at, change_order);
    for (size_t i = 0; i < count; i++)
        change_row(t, &r->changes.at[i]);
    table_note(t, "Stages of domains that were tested both times: %llu rose, %llu fell.",
               (unsigned long long)r->better, (unsigned long long)r->worse);
    if (count < r->changed)
        table_note(t, "The first %zu of %llu changes.", count, (unsigned long long)r->changed);
    return 0;
}

// ---- runs

int services_runs(struct services_report *r, struct table **ret)
{
    struct table *t;
    int code = new_table(r, "campaigns", &t);
    if (code)
        return code;
    table_title(t, "Campaigns, and the places from which they were run");
    services_add_text(t, "campaign", "Campaign", "The campaign's name.");
    services_add_text(t, "vantage", "Place", "From where it was run.");
    t->key_columns = 2;
    static const struct column dates[] = {
        {"began", "Began", COLUMN_DATE, "", "Its first day."},
        {"ended", "Ended", COLUMN_DATE, "", "Its last day; empty: the list has not ended."}};
    table_column(t, &dates[0]);
    table_column(t, &dates[1]);
    figures_add_count(t, "domains", "Domains", "Domains with a result.", false);
    figures_add_text(t, "list", "List", "SHA-256 of the list.", true);
    figures_add_text(t, "options", "Options", "What was asked for.", true);
    figures_add_text(t, "signer", "Signed by", "The public key that signed it; empty: none.", true);
    figures_add_text(t, "version", "Version", "Of the program that asked.", true);
    for (size_t i = 0; i < r->s.stored.count; i++) {
        const struct service_campaign *c = &r->s.stored.at[i];
        size_t row = table_row(t);
        table_set_text(t, row, 0, c->name);
        table_set_text(t, row, 1, c->vantage);
        table_set_date(t, row, 2, service_day(c->began));
        table_set_date(t, row, 3, c->ended ? service_day(c->ended) : DATE_NONE);
        table_set_count(t, row, 4, c->results);
        table_set_text(t, row, 5, c->list);
        table_set_text(t, row, 6, c->options);
        table_set_text(t, row, 7, c->signer);
        table_set_text(t, row, 8, c->version);
    }
    *ret = t;
    return 0;
}
