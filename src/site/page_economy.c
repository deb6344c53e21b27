// SPDX-License-Identifier: Apache-2.0
//
// One economy: what it holds, its place, pace, holders and changes. And the list of all.

#include "site/comparison.h"
#include "site/pages.h"
#include "site/section.h"

#include <stdio.h>

#define LINES "cumulative_delegations cumulative_slash32 delegations slash32"

static const struct section first[] = {
    {.table = "holdings",
     .heading = say_later("Resources"),
     .caption = say_later("{1}: resources registered, known on {2}")},
    {.table = "ranks",
     .heading = say_later("Place among others"),
     .caption = say_later("{1} among others, known on {2}"),
     .part = "scope"},
    {.table = "pace",
     .heading = say_later("Pace"),
     .caption = say_later("{1}: new IPv6 delegations by year, known on {2}"),
     .kind = "line",
     .x = "period",
     .y = LINES},
};

static const struct section then[] = {
    {.table = "holders",
     .heading = say_later("Holders"),
     .caption = say_later("{1}: the largest holders by IPv6 space, known on {2}")},
    {.table = "changes-ipv6",
     .heading = say_later("Changes of the last year"),
     .caption = say_later("{1}: changes in IPv6 records from {3} to {2}")},
    {.table = "changes-ipv4", .caption = say_later("{1}: changes in IPv4 records from {3} to {2}")},
    {.table = "changes-asn",
     .caption = say_later("{1}: changes in AS number records from {3} to {2}")},
};
#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *group_text(struct page *p, enum grouping g, economy e, bool keys)
{
    static const char *const prefixes[] = {"region", "region", "itu-region", "group"};
    const struct world *w = p->visit->world;
    uint64_t of = world_memberships(w, g, e, date_today());
    const char *text = "";
    for (size_t i = 0; i < world_group_count(w, g) && text; i++)
        if (of >> i & 1)
            text = keys ? arena_format(p->arena, "%s,%s:%s", text, prefixes[g],
                                       world_group_key(w, g, i))
                        : arena_format(p->arena, "%s%s%s", text, *text ? "; " : "",
                                       world_group_name(w, g, i));
    return text ? text : "";
}

static void write_membership(struct page *p, economy e)
{
    static const char *const names[GROUPING_COUNT] = {say_later("Region"), say_later("Sub-region"),
                                                      say_later("ITU region"), say_later("Groups")};
    html_open(&p->h, "dl", "class", "facts", NULL);
    for (unsigned g = 0; g < GROUPING_COUNT; g++) {
        const char *text = group_text(p, (enum grouping)g, e, false);
        if (!*text)
            continue;
        html_element(&p->h, "dt", say(p->words, names[g]), NULL);
        html_element(&p->h, "dd", text, NULL);
    }
    html_close(&p->h);
}

static void write_compared(struct page *p, const struct comparison *c, const struct table *t,
                           const char *name)
{
    const char *caption =
        page_say(p, "{1}: all IPv6 delegations by year, beside its region and groups, known on {2}",
                 name, page_iso_date(p, t->basis.known_on), NULL);
    page_heading(p, "h2", "comparison-heading", "Beside its region and groups");
    table_html_chart(p, t,
                     &(struct table_chart){.kind = "line",
                                           .id = "comparison",
                                           .foot = "pace",
                                           .x = "period",
                                           .y = comparison_columns(c),
                                           .together = true,
                                           .logarithmic = true,
                                           .caption = caption});
    table_html(p, t, &(struct table_view){.id = "comparison", .caption = caption, .bare = true});
}

// The economy, its region, and the groups that it belongs to.
static int write_comparison(struct page *p, economy e, const char *code, const struct table *pace,
                            struct err *err)
{
    struct comparison c = {.page = p, .figure = "cumulative_delegations"};
    struct table *t = NULL;
    const char *list =
        arena_format(p->arena, "%s%s%s", code, group_text(p, GROUPING_REGION, e, true),
                     group_text(p, GROUPING_GROUP, e, true));
    const char *to =
        arena_format(p->arena, "%s?with=%s", page_address_of(p, "compare", NULL), list ? list : "");
    int failure = list ? comparison_add(&c, list, err) : err_memory(err);
    c.members[0].pace = pace;
    if (failure == 0)
        failure = comparison_measure(&c, err);
    if (failure == 0)
        failure = comparison_table(&c, &t, err);
    if (failure == 0)
        write_compared(p, &c, t, world_name(p->visit->world, e));
    table_free(&t);
    comparison_done(&c);
    html_open(&p->h, "p", NULL);
    html_element(&p->h, "a", say(p->words, "Compare other figures, or with others"), "href",
                 to ? to : "#", NULL);
    html_close(&p->h);
    return failure;
}

static int write_economy(struct visit *v, struct response *ret, economy e,
                         const struct measure_tables *tables, struct err *err)
{
    struct page p;
    char code[8];
    const char *name = world_name(v->world, e);
    economy_format(e, code);
    const char *feed = page_feed_address(v, "economy", code);
    page_begin(&p, v, ret,
               &(struct page_head){.title = name, .part = "economy", .charts = true, .feed = feed});
    html_element(&p.h, "p", page_say(&p, "IPv6 in this economy ({1})", code, NULL), "class", "lead",
                 NULL);
    write_membership(&p, e);
    if (tables->count == 0)
        page_paragraph(&p, "No registry states a record of this economy on that day.");
    sections_write(&p, tables, first, COUNT(first), name);
    const struct table *pace = sections_find(tables, "pace");
    int failure = pace && pace->row_count ? write_comparison(&p, e, code, pace, err) : 0;
    comparison_links(&p, code);
    sections_write(&p, tables, then, COUNT(then), name);
    page_feed_link(&p, feed);
    return failure ? failure : page_end(&p, err);
}

static int list_economies(struct visit *v, struct response *ret, struct err *e)
{
    struct page p;
    page_begin(&p, v, ret,
               &(struct page_head){.title = say(v->words, "Economies"), .part = "economy"});
    page_paragraph(&p, "An economy is a country or area with a code in ISO 3166-1, as the "
                       "registries state it.");
    page_economies(&p);
    return page_end(&p, e);
}

int page_economy(struct visit *v, struct response *ret, struct err *e)
{
    struct measure_tables tables = {0};
    struct query q;
    char text[8], target[32];
    if (!*v->rest)
        return list_economies(v, ret, e);
    economy found = world_find(v->world, slice_of(v->rest));
    if (found == ECONOMY_NONE)
        return err_set(e, ERR_NOT_FOUND, "no economy has the code \"%.32s\"", v->rest);
    if (strcmp(economy_format(found, text), v->rest) != 0) {
        snprintf(target, sizeof target, "/%s/economy/%s", language_code(v->language), text);
        return visit_redirect(v, ret, target, e);
    }
    query_init(&q);
    q.economy = found;
    int code = visit_query(v, &q, e, "known-on", "top", NULL);
    if (code == 0)
        code = visit_measure(v, "economy", &q, &tables, e);
    if (code == 0 || code == ERR_NOT_FOUND)
        code = write_economy(v, ret, found, &tables, e);
    measure_tables_free(&tables);
    return code;
}
