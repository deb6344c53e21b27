// SPDX-License-Identifier: Apache-2.0
//
// Where the world stands: headline figures, map, pace, ranking of economies, concentration.

#include "site/pages.h"
#include "site/table_html.h"

#define RANKING_SHOWN 20

struct world_page {
    struct page p;
    struct measure_tables pace, ranking, concentration;
    date known_on;
};

static size_t economies_with(const struct world_page *w)
{
    const struct table *t = w->ranking.at[0];
    size_t key = table_find_column(t, "key"), count = 0;
    for (size_t row = 0; row < t->row_count; row++) {
        const char *text = table_cell(t, row, key)->text;
        count += strlen(text) == 2 && world_has(w->p.visit->world, economy_of(text[0], text[1]));
    }
    return count;
}

// The row of the last year that the snapshots cover whole; SIZE_MAX where there is none.
static size_t last_full_year(const struct table *pace, date known_on)
{
    for (size_t row = pace->row_count; row-- > 0;) {
        uint64_t year;
        const char *text = table_cell(pace, row, 0)->text;
        if (slice_u64(slice_of(text), 9999, &year) && date_of((int)year, 12, 31) <= known_on)
            return row;
    }
    return SIZE_MAX;
}

static void write_headline(struct world_page *w)
{
    struct page *p = &w->p;
    const struct table *pace = w->pace.at[0];
    size_t last = pace->row_count - 1, full = last_full_year(pace, w->known_on);
    page_figures(p);
    page_figure(p, say(p->words, "IPv6 delegations"),
                table_html_text(p, pace, last, "cumulative_delegations"), NULL);
    page_figure(p, say(p->words, "IPv6 space delegated"),
                table_html_text(p, pace, last, "cumulative_slash32"), say(p->words, "/32s"));
    page_figure(p, say(p->words, "Economies with IPv6"), page_count(p, economies_with(w)),
                page_say(p, "of {1}", page_count(p, world_count(p->visit->world)), NULL));
    if (full != SIZE_MAX && table_cell(pace, full, table_find_column(pace, "growth"))->kind)
        page_figure(
            p, say(p->words, "Growth of the last full year"),
            page_say(p, "{1} %", table_html_text(p, pace, full, "growth"), NULL),
            page_say(p, "number of delegations, {1}", table_cell(pace, full, 0)->text, NULL));
    html_close(&p->h);
}

static void write_controls(struct page *p)
{
    const char *measure = page_value(p, "measure");
    bool delegations = measure && strcmp(measure, "delegations") == 0;
    page_form(p, "");
    page_select(p, "measure", say(p->words, "Shown on the map"));
    page_option(p, "space", say(p->words, "IPv6 space"), !delegations);
    page_option(p, "delegations", say(p->words, "Number of delegations"), delegations);
    page_select_end(p);
    page_input(p, "known-on", "date", say(p->words, "As known on"), page_value(p, "known-on"));
    page_form_end(p, say(p->words, "Show"));
}

static void write_map(struct world_page *w, const char *day)
{
    struct page *p = &w->p;
    const char *measure = page_value(p, "measure");
    bool delegations = measure && strcmp(measure, "delegations") == 0;
    page_heading(p, "h2", "map", "Map");
    write_controls(p);
    table_html_chart(
        p, w->ranking.at[0],
        &(struct table_chart){
            .kind = "map",
            .id = "ranking",
            .file = "map",
            .foot = "top",
            .y = delegations ? "delegations slash32 share" : "slash32 delegations share",
            .caption = page_say(p, "IPv6 delegated, by economy, known on {1}", day, NULL)});
    html_element(&p->h, "p",
                 say(p->words,
                     "The designations employed and the presentation of material on this map do "
                     "not imply the expression of any opinion whatsoever on the part of the "
                     "Secretariat of the United Nations concerning the legal status of any "
                     "country, territory, city or area or of its authorities, or concerning the "
                     "delimitation of its frontiers or boundaries."),
                 "class", "note", NULL);
}

static void write_pace(struct world_page *w, const char *day)
{
    struct page *p = &w->p;
    const char *caption =
        page_say(p, "New IPv6 delegations by year, world, known on {1}", day, NULL);
    page_heading(p, "h2", "pace-heading", "Pace");
    table_html_chart(
        p, w->pace.at[0],
        &(struct table_chart){.kind = "line",
                              .id = "pace",
                              .x = "period",
                              .y = "cumulative_delegations cumulative_slash32 delegations slash32",
                              .caption = caption});
    table_html(p, w->pace.at[0],
               &(struct table_view){.id = "pace", .caption = caption, .leave_out = "name,"});
}

static void write_ranking(struct world_page *w, const char *day)
{
    struct page *p = &w->p;
    const struct table *t = w->ranking.at[0];
    struct table_view top = {
        .id = "top",
        .part = "economy",
        .rows = RANKING_SHOWN,
        .total = true,
        .caption = page_say(p, "The {1} economies with the most IPv6 space, known on {2}",
                            page_count(p, RANKING_SHOWN), day, NULL)};
    struct table_view all = {
        .id = "ranking",
        .part = "economy",
        .bare = true,
        .leave_out = "cumulative_share,first_delegation,ipv4_share,ipv4_rank,",
        .caption = page_say(p, "All economies by IPv6 space, known on {1}", day, NULL)};
    page_heading(p, "h2", "ranking-heading", "Ranking");
    table_html(p, t, &top);
    html_open(&p->h, "details", NULL);
    html_element(&p->h, "summary", all.caption, NULL);
    table_html(p, t, &all);
    html_close(&p->h);
}

static void write_concentration(struct world_page *w, const char *day)
{
    struct page *p = &w->p;
    const struct measure_tables *t = &w->concentration;
    const char *caption = page_say(p, "Concentration of IPv6 space, known on {1}", day, NULL);
    const char *curve = page_say(p, "Lorenz curve of IPv6 space, known on {1}", day, NULL);
    if (t->count < 2)
        return;
    page_heading(p, "h2", "concentration-heading", "Concentration");
    table_html(p, t->at[0],
               &(struct table_view){
                   .id = "concentration", .caption = caption, .query = "table=concentration"});
    table_html_chart(p, t->at[1],
                     &(struct table_chart){.kind = "lorenz",
                                           .query = "table=lorenz",
                                           .id = "lorenz",
                                           .x = "members_share",
                                           .y = "economies holders",
                                           .caption = curve});
    table_html(p, t->at[1],
               &(struct table_view){.id = "lorenz", .caption = curve, .query = "table=lorenz"});
}

static void write_groups(struct page *p)
{
    static const char *const paths[GROUPING_COUNT] = {"region", "region", "itu-region", "group"};
    const struct world *w = p->visit->world;
    page_heading(p, "h2", "groups", "Regions and groups");
    html_open(&p->h, "ul", "class", "columns", NULL);
    for (unsigned g = 0; g < GROUPING_COUNT; g++)
        for (size_t i = 0; i < world_group_count(w, (enum grouping)g); i++) {
            html_open(&p->h, "li", NULL);
            page_link(p, paths[g], world_group_key(w, (enum grouping)g, i),
                      world_group_name(w, (enum grouping)g, i));
            if (g == GROUPING_ITU_REGION)
                html_format(&p->h, " (%s)", say(p->words, "ITU region"));
            html_close(&p->h);
        }
    html_close(&p->h);
}

static int collect(struct visit *v, struct world_page *w, struct err *e)
{
    struct query q;
    query_init(&q);
    int code = visit_query(v, &q, e, "known-on", NULL);
    if (code == 0)
        code = visit_measure(v, "pace", &q, &w->pace, e);
    if (code == 0)
        code = visit_measure(v, "concentration", &q, &w->concentration, e);
    q.by = BY_ECONOMY;
    if (code == 0)
        code = visit_measure(v, "geography", &q, &w->ranking, e);
    if (code == 0 && w->pace.at[0]->row_count == 0)
        code = err_set(e, ERR_NOT_FOUND, "no IPv6 delegation is known on that day");
    return code;
}

static int write_page(struct visit *v, struct response *ret, struct world_page *w, struct err *e)
{
    struct page *p = &w->p;
    page_begin(p, v, ret,
               &(struct page_head){
                   .title = say(v->words, "IPv6 in the world"),
                   .description =
                       say(v->words, "Delegations of IPv6 address space to all economies: pace, "
                                     "map and ranking, with evidence."),
                   .part = "",
                   .charts = true});
    const char *iso = w->pace.at[0]->basis.known_on, *day = page_iso_date(p, iso);
    w->known_on = DATE_NONE;
    date_parse(slice_of(iso), &w->known_on);
    html_element(&p->h, "p",
                 page_say(p, "What the registries have delegated, as known on {1}.", day, NULL),
                 "class", "lead", NULL);
    write_headline(w);
    write_map(w, day);
    write_pace(w, day);
    write_ranking(w, day);
    write_concentration(w, day);
    write_groups(p);
    return page_end(p, e);
}

int page_world(struct visit *v, struct response *ret, struct err *e)
{
    struct world_page w = {0};
    int code = collect(v, &w, e);
    if (code == 0)
        code = write_page(v, ret, &w, e);
    measure_tables_free(&w.pace);
    measure_tables_free(&w.ranking);
    measure_tables_free(&w.concentration);
    return code;
}
