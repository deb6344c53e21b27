// SPDX-License-Identifier: Apache-2.0
//
// Pages of one measure each: of the world, an economy, a region or a group, and of the world also
// its regions or economies beside each other.

#include "site/comparison.h"
#include "site/pages.h"
#include "site/section.h"

#define FOLDED    20
#define RANKS_MAX 1000 // four indices of 249 economies

struct measured {
    const char *path, *measure, *title, *lead;
    const struct section *sections;
    size_t count;
    enum by beside_by; // of the second run, for the world
    const struct section *beside;
    size_t beside_count;
    bool whole;       // always all economies
    const char *none; // what is missing where the measure has nothing
    void (*headline)(struct page *p, const struct measure_tables *tables);
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

// ---- users

static const struct section users[] = {
    {.table = "adoption",
     .heading = say_later("What each source says"),
     .text = say_later("Each source counts other people in another way: users of one company's "
                       "services, or those who are shown advertisements; who has IPv6, or who uses "
                       "it first. None of them is the figure. A source without a figure says why."),
     .caption = say_later("{1}: users that have IPv6, by source"),
     .leave_out = "name,",
     .kind = "range",
     .name = "source",
     .y = "low value high",
     .together = true,
     .ordered = true},
    {.table = "history",
     .heading = say_later("Through time"),
     .caption = say_later("{1}: users that have IPv6, by year and source"),
     .leave_out = "name,",
     .kind = "line",
     .x = "period",
     .y = "value",
     .series = "source"},
    {.table = "sources",
     .heading = say_later("Who measures"),
     .caption = say_later("Sources of figures on users")},
};

static const struct section users_beside[] = {
    {.table = "reconciliation",
     .heading = say_later("Economies, from the lowest figure to the highest"),
     .caption = say_later("Users that have IPv6: what the sources span, by economy"),
     .part = "economy",
     .rows = FOLDED,
     .kind = "range",
     .y = "lowest highest",
     .together = true},
};

// The range, never one number of it.
static void write_span(struct page *p, const struct measure_tables *tables)
{
    const struct table *t = sections_find(tables, "reconciliation");
    if (!t || t->row_count == 0)
        return;
    const char *low = table_html_text(p, t, 0, "lowest"),
               *high = table_html_text(p, t, 0, "highest");
    const char *bound = table_html_text(p, t, 0, "networks");
    page_figures(p);
    if (*low && strcmp(low, high) == 0)
        page_figure(p, say(p->words, "Users that have IPv6"), page_say(p, "{1} %", low, NULL),
                    page_say(p, "{1} ({2})", table_html_text(p, t, 0, "lowest_source"),
                             table_html_text(p, t, 0, "lowest_method"), NULL));
    else if (*low)
        page_figure(p, say(p->words, "Users that have IPv6"),
                    page_say(p, "{1} % to {2} %", low, high, NULL),
                    page_say(p, "{1} ({2}) and {3} ({4})",
                             table_html_text(p, t, 0, "lowest_source"),
                             table_html_text(p, t, 0, "lowest_method"),
                             table_html_text(p, t, 0, "highest_source"),
                             table_html_text(p, t, 0, "highest_method"), NULL));
    if (*bound)
        page_figure(p, say(p->words, "Users on networks with IPv6"),
                    page_say(p, "{1} %", bound, NULL), say(p->words, "an upper bound"));
    html_close(&p->h);
}

// ---- name servers

static const struct section name_servers[] = {
    {.table = "nameservers",
     .heading = say_later("Through time"),
     .text = say_later("Whoever has IPv6 alone reaches a country's domains only where their name "
                       "servers have IPv6. Counted is what the root zone says of the name servers "
                       "of each country-code domain."),
     .caption = say_later("{1}: country-code domains whose name servers have IPv6"),
     .leave_out = "name,",
     .kind = "line",
     .x = "period",
     .y = "share servers_share servers servers_ipv6"},
};

static const struct section name_servers_beside[] = {
    {.table = "nameservers",
     .id = "regions",
     .heading = say_later("Regions"),
     .caption = say_later("Country-code domains whose name servers have IPv6, by region"),
     .part = "region",
     .rows = FOLDED,
     .kind = "line",
     .x = "period",
     .y = "servers_share share",
     .series = "name"},
};

// ---- holders

static const struct section holders[] = {
    {.table = "holders",
     .heading = say_later("Delegations and holders"),
     .text =
         say_later("Some holders have several first allocations, so that a count of delegations "
                   "says more of them than of the rest. Without those further ones each holder "
                   "counts with its first allocation and what is smaller."),
     .caption = say_later("{1}: holders, and delegations without further first allocations, known "
                          "on {2}"),
     .leave_out = "name,"},
    {.table = "new-holders",
     .heading = say_later("New and old holders"),
     .caption = say_later("{1}: delegations by year, to new holders and to old ones, known on {2}"),
     .kind = "line",
     .x = "period",
     .y = "new_holders old_holders",
     .together = true},
    {.table = "holder-concentration",
     .heading = say_later("Concentration among holders"),
     .caption = say_later("{1}: how evenly the holders have the space, by year, known on {2}"),
     .kind = "line",
     .x = "period",
     .y = "gini hhi top1 top10 top100 holders"},
};

static const struct section holders_beside[] = {
    {.table = "holders",
     .id = "regions",
     .heading = say_later("Regions"),
     .caption = say_later("Holders, and delegations without further first allocations, by region, "
                          "known on {2}"),
     .part = "region",
     .kind = "bar",
     .y = "holders delegations adjusted"},
};

// ---- indices

static const struct section indices[] = {
    {.table = "indices",
     .heading = say_later("Indices and their parts"),
     .text = say_later("Each index is computed from its published definition. Where a part is not "
                       "known the index is empty, never zero. They do not measure the same, so "
                       "they stand side by side and are not added up."),
     .caption = say_later("Indices of the transition, by economy"),
     .part = "economy",
     .rows = FOLDED,
     .kind = "map",
     .y = "early 6lab 6lab_relative holding announcing networks users content transit"},
    {.table = "ranks",
     .heading = say_later("Ranks, and how sure they are"),
     .text = say_later("Somebody chose the weights of an index. Drawn anew around those of the "
                       "definition, they give other ranks: 90 % of these lie in the interval."),
     .caption = say_later("Ranks by the indices as their weights vary"),
     .part = "economy",
     .rows = FOLDED,
     .most = RANKS_MAX},
    {.table = "ripeness",
     .heading = say_later("Holders by their stars"),
     .caption = say_later("Holders by their stars (RIPEness), by economy"),
     .part = "economy",
     .rows = FOLDED,
     .kind = "bar",
     .y = "star1_share star2_share holders"},
    {.table = "hd-ratio",
     .heading = say_later("When a block counts as used"),
     .caption = say_later("Host-density ratio: /56s to be assigned until a block counts as used"),
     .rows = FOLDED},
};

static const struct measured pages[] = {
    {.path = "users",
     .measure = "adoption",
     .title = say_later("Users"),
     .lead = say_later("Who uses IPv6: every source beside the others, and the range they span."),
     .sections = users,
     .count = COUNT(users),
     .beside_by = BY_ECONOMY,
     .beside = users_beside,
     .beside_count = COUNT(users_beside),
     .none = say_later("The archive has no figures on users."),
     .headline = write_span},
    {.path = "name-servers",
     .measure = "nameservers",
     .title = say_later("Name servers"),
     .lead = say_later("Country-code domains that can be asked over IPv6."),
     .sections = name_servers,
     .count = COUNT(name_servers),
     .beside_by = BY_REGION,
     .beside = name_servers_beside,
     .beside_count = COUNT(name_servers_beside),
     .none = say_later("The archive has no root zone.")},
    {.path = "holders",
     .measure = "holders",
     .title = say_later("Holders"),
     .lead = say_later("How many have IPv6 space, who is new, and how evenly it is spread."),
     .sections = holders,
     .count = COUNT(holders),
     .beside_by = BY_REGION,
     .beside = holders_beside,
     .beside_count = COUNT(holders_beside),
     .none = say_later("The archive has no registry's snapshot of that day or before.")},
    {.path = "indices",
     .measure = "indices",
     .title = say_later("Indices"),
     .lead = say_later("Published indices of the transition side by side, and how sure their ranks "
                       "are."),
     .sections = indices,
     .count = COUNT(indices),
     .whole = true,
     .none = say_later("The archive has no registry's snapshot of that day or before.")},
};

// ---- the page

struct measured_page {
    struct page p;
    const struct measured *is;
    struct comparison of;
    struct measure_tables tables, beside;
    struct query query;
};

static void write_form(struct measured_page *m)
{
    struct page *p = &m->p;
    bool dated = m->is->whole || strcmp(m->is->measure, "holders") == 0;
    page_form(p, m->is->path);
    if (!m->is->whole) {
        page_select(p, "of", say(p->words, "Of"));
        comparison_options(p, m->of.members[0].text);
        page_select_end(p);
    }
    page_input(p, dated ? "known-on" : "on", "date", say(p->words, "As known on"),
               page_value(p, dated ? "known-on" : "on"));
    page_form_end(p, say(p->words, "Show"));
}

static int run(struct measured_page *m, const struct query *q, struct measure_tables *ret,
               struct err *e)
{
    int code = visit_measure(m->p.visit, m->is->measure, q, ret, e);
    return code == ERR_NOT_FOUND ? 0 : code;
}

static int collect(struct measured_page *m, struct err *e)
{
    query_init(&m->query);
    int code = m->is->whole ? comparison_add(&m->of, "world", e)
                            : comparison_subject(&m->of, &m->query, e);
    if (code == 0)
        code = visit_query(m->p.visit, &m->query, e, "known-on", "on", "series", NULL);
    if (code == 0)
        code = run(m, &m->query, &m->tables, e);
    if (code || m->query.by != BY_WORLD || !m->is->beside)
        return code;
    struct query beside = m->query;
    beside.by = m->is->beside_by;
    return run(m, &beside, &m->beside, e);
}

static int write_page(struct measured_page *m, struct response *ret, struct err *e)
{
    struct page *p = &m->p;
    const struct measured *is = m->is;
    page_begin(
        p, p->visit, ret,
        &(struct page_head){.title = say(p->words, is->title), .part = is->path, .charts = true});
    html_element(&p->h, "p", say(p->words, is->lead), "class", "lead", NULL);
    write_form(m);
    if (m->tables.count == 0)
        page_paragraph(p, is->none);
    else if (is->headline)
        is->headline(p, &m->tables);
    const char *subject = say(p->words, m->of.members[0].name);
    sections_write(p, &m->tables, is->sections, is->count, subject);
    sections_write(p, &m->beside, is->beside, is->beside_count, subject);
    return page_end(p, e);
}

static int show(struct visit *v, struct response *ret, const char *path, struct err *e)
{
    struct measured_page m = {
        .p = {
            .visit = v, .words = v->words, .arena = &v->request->arena, .h = {.out = &ret->body}}};
    m.of.page = &m.p;
    for (size_t i = 0; i < COUNT(pages); i++)
        if (strcmp(pages[i].path, path) == 0)
            m.is = &pages[i];
    int code = collect(&m, e);
    if (code == 0)
        code = write_page(&m, ret, e);
    measure_tables_free(&m.tables);
    measure_tables_free(&m.beside);
    return code;
}

int page_users(struct visit *v, struct response *ret, struct err *e)
{
    return show(v, ret, "users", e);
}

int page_name_servers(struct visit *v, struct response *ret, struct err *e)
{
    return show(v, ret, "name-servers", e);
}

int page_holders(struct visit *v, struct response *ret, struct err *e)
{
    return show(v, ret, "holders", e);
}

int page_indices(struct visit *v, struct response *ret, struct err *e)
{
    return show(v, ret, "indices", e);
}
