// SPDX-License-Identifier: Apache-2.0
//
// Public services over IPv6: all of them through the campaigns, and one domain with what is wrong.

#include "check/check.h"
#include "site/pages.h"
#include "site/section.h"
#include "site/service_html.h"
#include "store/services.h"

#include <string.h>

#define FOLDED      20
#define LEAGUE_MOST 500
#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct section overview[] = {
    {.table = "services",
     .heading = say_later("Through the campaigns"),
     .text = say_later("A domain is complete where nothing that a user needs is left on IPv4 "
                       "alone; working where all that has an IPv6 address works as over IPv4. The "
                       "shares are of the domains that could be tested."),
     .caption = say_later("{1}: public services over IPv6, by campaign"),
     .leave_out = "name,",
     .kind = "line",
     .x = "date",
     .y = "complete_share working_share named_share",
     .together = true},
};

static const struct section beside[] = {
    {.table = "services",
     .id = "economies",
     .heading = say_later("Economies"),
     .caption = say_later("Public services over IPv6, by economy and campaign"),
     .part = "economy",
     .rows = FOLDED,
     .kind = "map",
     .y = "complete_share working_share named_share tested"},
};

static const struct section details[] = {
    {.table = "sectors",
     .heading = say_later("Sectors"),
     .caption = say_later("Public services over IPv6, by sector and campaign"),
     .rows = FOLDED},
    {.table = "tests",
     .heading = say_later("Tests"),
     .text = say_later("The share is of the domains that pass, pass in part, fail, or have the "
                       "service without IPv6."),
     .caption = say_later("Tests of public services, by campaign"),
     .rows = FOLDED},
    {.table = "league",
     .heading = say_later("League table"),
     .text = say_later("By stage, then by the share of the tests that pass."),
     .caption = say_later("Domains from the readiest on"),
     .part = "services",
     .rows = FOLDED,
     .most = LEAGUE_MOST},
    {.table = "changes",
     .heading = say_later("What changed"),
     .caption = say_later("Changes from one campaign to the next"),
     .part = "services",
     .rows = FOLDED,
     .most = LEAGUE_MOST},
    {.table = "campaigns",
     .heading = say_later("Campaigns"),
     .caption = say_later("Campaigns, and the places from which they were run")},
};

struct services_page {
    struct page p;
    struct query query;
    struct measure_tables tables, economies;
    struct service_campaigns campaigns;
};

// ---- the overview

static void write_form(struct services_page *s)
{
    struct page *p = &s->p;
    const char *chosen = page_value(p, "campaign"), *last = "";
    page_form(p, "services");
    page_select(p, "campaign", say(p->words, "Campaign"));
    page_option(p, "", say(p->words, "All"), !chosen);
    for (size_t i = 0; i < s->campaigns.count; i++) {
        const char *name = s->campaigns.at[i].name;
        if (strcmp(name, last) != 0)
            page_option(p, name, name, chosen && strcmp(chosen, name) == 0);
        last = name;
    }
    page_select_end(p);
    page_input(p, "sector", "text", say(p->words, "Sector"), page_value(p, "sector"));
    page_form_end(p, say(p->words, "Show"));
    page_form(p, "services");
    page_input(p, "for", "search", say(p->words, "Domain"), NULL);
    page_form_end(p, say(p->words, "Look up"));
}

// Of all domains the rows are in order of time.
static size_t newest_tested(const struct table *t)
{
    size_t column = table_find_column(t, "complete_share");
    for (size_t row = t->row_count; row-- > 0;)
        if (table_cell(t, row, column)->kind == CELL_REAL)
            return row;
    return SIZE_MAX;
}

static void write_headline(struct services_page *s)
{
    struct page *p = &s->p;
    const struct table *t = sections_find(&s->tables, "services");
    size_t row = t ? newest_tested(t) : SIZE_MAX;
    if (row == SIZE_MAX)
        return;
    const char *low = table_html_text(p, t, row, "complete_low"),
               *high = table_html_text(p, t, row, "complete_high");
    page_figures(p);
    page_figure(p, say(p->words, "Complete over IPv6"),
                page_say(p, "{1} %", table_html_text(p, t, row, "complete_share"), NULL),
                page_say(p, "{1} % to {2} %", low, high, NULL));
    page_figure(p, say(p->words, "Working or complete"),
                page_say(p, "{1} %", table_html_text(p, t, row, "working_share"), NULL), NULL);
    page_figure(p, say(p->words, "Domains tested"), table_html_text(p, t, row, "tested"),
                table_html_text(p, t, row, "campaign"));
    html_close(&p->h);
}

// Of the map the newest campaign alone.
static int collect(struct services_page *s, struct err *e)
{
    struct visit *v = s->p.visit;
    query_init(&s->query);
    int code = visit_query(v, &s->query, e, "campaign", "sector", "from", "to", "only", NULL);
    if (code == 0)
        code = store_service_campaigns(v->measure.store, &s->campaigns, e);
    if (code || s->campaigns.count == 0)
        return code;
    s->query.top = LEAGUE_MOST;
    if (s->query.only[0])
        s->query.by = BY_ECONOMY;
    code = visit_measure(v, "services", &s->query, &s->tables, e);
    if (code)
        return code;
    struct query by = s->query;
    by.by = BY_ECONOMY;
    if (!by.campaign[0])
        code = query_set(&by, "campaign", s->campaigns.at[s->campaigns.count - 1].name, e);
    if (code == 0)
        code = visit_measure(v, "services", &by, &s->economies, e);
    return code == ERR_NOT_FOUND ? 0 : code; // the newest is not of the days asked for
}

static int write_overview(struct services_page *s, struct response *ret, struct err *e)
{
    struct page *p = &s->p;
    const char *feed = s->tables.count ? page_feed_address(p->visit, "services", NULL) : NULL;
    page_begin(p, p->visit, ret,
               &(struct page_head){.title = say(p->words, "Public services"),
                                   .part = "services",
                                   .charts = true,
                                   .feed = feed});
    html_element(&p->h, "p",
                 say(p->words, "Whether websites, name servers and mail of public services can be "
                               "used over IPv6: each domain asked, each verdict with its "
                               "evidence."),
                 "class", "lead", NULL);
    if (s->tables.count == 0) {
        page_paragraph(p, "The archive has no results of checks.");
        return page_end(p, e);
    }
    const char *all = say(p->words, "All domains");
    write_form(s);
    write_headline(s);
    sections_write(p, &s->tables, overview, COUNT(overview), all);
    sections_write(p, &s->economies, beside, COUNT(beside), all);
    sections_write(p, &s->tables, details, COUNT(details), all);
    page_feed_link(p, feed);
    return page_end(p, e);
}

// ---- a domain

static const struct section of_domain[] = {
    {.table = "domain",
     .heading = say_later("Through time"),
     .caption = say_later("{1}: each time it was tested, from each place")},
    {.table = "changes",
     .heading = say_later("What changed"),
     .caption = say_later("{1}: changes from one campaign to the next")},
    {.table = "domain-tests",
     .heading = say_later("From each place"),
     .caption = say_later("{1}: tests of the newest campaign, from each place"),
     .rows = FOLDED},
};

struct newest {
    const struct service_campaigns *campaigns;
    int64_t domain, campaign, began;
    const char *name;
    struct arena *arena;
};

static int keep_newest(const struct service_result *r, void *arg)
{
    struct newest *n = arg;
    if (r->began < n->began)
        return 0;
    n->began = r->began;
    n->domain = r->domain_id;
    n->campaign = r->campaign;
    return 0;
}

static int read_newest(struct services_page *s, const char *domain, struct result *ret,
                       bool *ret_has, struct err *e)
{
    struct store *store = s->p.visit->measure.store;
    struct newest n = {.began = -1};
    struct buffer json = {0};
    int code =
        store_service_scan(store, &(struct service_scan){.domain = domain}, keep_newest, &n, e);
    *ret_has = false;
    if (code || n.began < 0)
        return code;
    code = store_service_evidence(store, n.domain, n.campaign, &json, e);
    if (code == 0)
        code = result_read_json((struct slice){json.at, json.length}, domain, ret, e);
    *ret_has = code == 0;
    buffer_done(&json);
    // Without evidence there are the verdicts still.
    return code == ERR_NOT_FOUND || code == ERR_INPUT ? 0 : code;
}

static int write_domain(struct services_page *s, const char *domain, struct response *ret,
                        struct err *e)
{
    struct page *p = &s->p;
    struct result newest = {0};
    bool has = false;
    int code = read_newest(s, domain, &newest, &has, e);
    if (code)
        return code;
    const char *feed = page_feed_address(p->visit, "services", domain);
    page_begin(
        p, p->visit, ret,
        &(struct page_head){.title = domain, .part = "services", .language = "en", .feed = feed});
    html_open(&p->h, "p", NULL);
    page_link(p, "services", NULL, say(p->words, "All public services"));
    html_close(&p->h);
    if (has)
        service_html(&p->h, p->words, &newest, "result");
    else
        page_paragraph(p, "The evidence of the newest result is not kept in this archive.");
    sections_write(p, &s->tables, of_domain, COUNT(of_domain), domain);
    page_feed_link(p, feed);
    result_done(&newest);
    return page_end(p, e);
}

static int show_domain(struct services_page *s, struct response *ret, struct err *e)
{
    char domain[CHECK_DOMAIN_MAX + 1];
    query_init(&s->query);
    int code = check_domain_name(slice_of(s->p.visit->rest), domain, e);
    if (code == 0)
        code = query_set(&s->query, "domain", domain, e);
    if (code == 0)
        code = visit_measure(s->p.visit, "services", &s->query, &s->tables, e);
    return code ? code : write_domain(s, domain, ret, e);
}

static int redirect(struct visit *v, struct response *ret, const char *asked, struct err *e)
{
    struct buffer b = {0};
    char domain[CHECK_DOMAIN_MAX + 1];
    int code = check_domain_name(slice_of(asked), domain, e);
    if (code)
        return code;
    buffer_format(&b, "/%s/services/", language_code(v->language));
    url_add(&b, domain);
    const char *to = b.failed ? NULL : arena_text(&v->request->arena, b.at, b.length);
    buffer_done(&b);
    return visit_redirect(v, ret, to, e);
}

int page_services(struct visit *v, struct response *ret, struct err *e)
{
    struct services_page s = {
        .p = {
            .visit = v, .words = v->words, .arena = &v->request->arena, .h = {.out = &ret->body}}};
    const char *asked = request_value(v->request, "for");
    int code;
    if (asked && *asked)
        return redirect(v, ret, asked, e);
    if (*v->rest) {
        code = show_domain(&s, ret, e);
    } else {
        code = collect(&s, e);
        if (code == 0)
            code = write_overview(&s, ret, e);
    }
    measure_tables_free(&s.tables);
    measure_tables_free(&s.economies);
    service_campaigns_free(&s.campaigns);
    return code;
}
