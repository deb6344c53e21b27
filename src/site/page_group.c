// SPDX-License-Identifier: Apache-2.0
//
// A region, a development group, an ITU region or a registry: its pace, and its members ranked.

#include "read/formats.h"
#include "site/comparison.h"
#include "site/pages.h"
#include "site/table_html.h"
#include "site/terms.h"

#include <stdio.h>

struct subject {
    enum by by;
    enum grouping grouping; // not of a registry
    size_t group;
    const char *key, *name;
    unsigned registry; // bit; 0: none
};

// The keys of its members, "KE,TZ,...", as `only` takes them.
static void list_members(const struct visit *v, const struct subject *s, date on, char *ret,
                         size_t size)
{
    const struct world *w = v->world;
    size_t length = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < world_count(w); i++) {
        economy e = world_economy(w, i);
        char code[8];
        if (!world_is_member(w, s->grouping, s->group, e, on) || length + 4 > size)
            continue;
        length += (size_t)snprintf(ret + length, size - length, "%s%s", length ? "," : "",
                                   economy_format(e, code));
    }
}

static int run(struct visit *v, const struct subject *s, struct measure_tables *pace,
               struct measure_tables *members, struct err *e)
{
    struct query q;
    date known_on = DATE_NONE;
    query_init(&q);
    q.by = s->by;
    int code = visit_query(v, &q, e, "known-on", NULL);
    if (code == 0)
        code = query_set(&q, "only", s->key, e);
    if (code == 0)
        code = visit_measure(v, "pace", &q, pace, e);
    if (code)
        return code;
    date_parse(slice_of(pace->at[0]->basis.known_on), &known_on);
    q.by = BY_ECONOMY;
    q.only[0] = '\0';
    q.registries = s->registry;
    if (!s->registry)
        list_members(v, s, known_on, q.only, sizeof q.only);
    return visit_measure(v, "geography", &q, members, e);
}

// As the pages of comparisons call it: "region:africa".
static const char *text_of(struct page *p, const struct subject *s)
{
    const char *kind = s->by == BY_SUBREGION ? "region" : by_name(s->by);
    const char *text = arena_format(p->arena, "%s:%s", kind, s->key);
    return text ? text : "";
}

static void write_comparison(struct page *p, const struct subject *s)
{
    const char *to = arena_format(p->arena, "%s?with=%s,world", page_address_of(p, "compare", NULL),
                                  text_of(p, s));
    html_open(&p->h, "p", NULL);
    html_element(&p->h, "a", say(p->words, "Compare its pace with that of the world"), "href",
                 to ? to : "#", NULL);
    html_close(&p->h);
    comparison_links(p, text_of(p, s));
}

// Registries have none: what moves between them would be new at one and gone at the other.
static const char *feed_address(struct visit *v, const struct subject *s)
{
    const char *kind = s->by == BY_SUBREGION ? "region" : by_name(s->by);
    return s->registry ? NULL : page_feed_address(v, kind, s->key);
}

static int write_group(struct visit *v, struct response *ret, const struct subject *s,
                       const struct table *pace, const struct table *members, struct err *e)
{
    struct page p;
    const char *name = say(v->words, s->name);
    const char *feed = feed_address(v, s);
    page_begin(&p, v, ret, &(struct page_head){.title = name, .charts = true, .feed = feed});
    const char *day = page_iso_date(&p, pace->basis.known_on);
    const char *caption =
        page_say(&p, "{1}: new IPv6 delegations by year, known on {2}", name, day, NULL);
    const char *ranked =
        page_say(&p, "{1}: economies by IPv6 space, known on {2}", name, day, NULL);
    page_heading(&p, "h2", "pace-heading", "Pace");
    table_html_chart(
        &p, pace,
        &(struct table_chart){.kind = "line",
                              .id = "pace",
                              .x = "period",
                              .y = "cumulative_delegations cumulative_slash32 delegations slash32",
                              .caption = caption});
    table_html(&p, pace,
               &(struct table_view){.id = "pace", .caption = caption, .leave_out = "name,"});
    write_comparison(&p, s);
    page_heading(&p, "h2", "members-heading", s->registry ? "Economies" : "Members");
    table_html_chart(
        &p, members,
        &(struct table_chart){
            .kind = "bar", .id = "members", .y = "slash32 delegations", .caption = ranked});
    table_html(&p, members,
               &(struct table_view){.id = "members", .caption = ranked, .part = "economy"});
    page_feed_link(&p, feed);
    return page_end(&p, e);
}

static int show(struct visit *v, struct response *ret, const struct subject *s, struct err *e)
{
    struct measure_tables pace = {0}, members = {0};
    int code = run(v, s, &pace, &members, e);
    if (code == 0)
        code = write_group(v, ret, s, pace.at[0], members.at[0], e);
    measure_tables_free(&pace);
    measure_tables_free(&members);
    return code;
}

static bool find(const struct visit *v, enum by by, enum grouping g, struct subject *s)
{
    *s = (struct subject){.by = by, .grouping = g};
    if (!world_find_group(v->world, g, slice_of(v->rest), &s->group))
        return false;
    s->key = world_group_key(v->world, g, s->group);
    s->name = world_group_name(v->world, g, s->group);
    return true;
}

static int unknown(const struct visit *v, const char *what, struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, "no %s is called \"%.64s\"", what, v->rest);
}

int page_region(struct visit *v, struct response *ret, struct err *e)
{
    struct subject s;
    if (find(v, BY_REGION, GROUPING_REGION, &s) || find(v, BY_SUBREGION, GROUPING_SUBREGION, &s))
        return show(v, ret, &s, e);
    return unknown(v, "region", e);
}

int page_group(struct visit *v, struct response *ret, struct err *e)
{
    struct subject s;
    return find(v, BY_GROUP, GROUPING_GROUP, &s) ? show(v, ret, &s, e) : unknown(v, "group", e);
}

int page_itu_region(struct visit *v, struct response *ret, struct err *e)
{
    struct subject s;
    return find(v, BY_ITU_REGION, GROUPING_ITU_REGION, &s) ? show(v, ret, &s, e)
                                                           : unknown(v, "ITU region", e);
}

int page_registry(struct visit *v, struct response *ret, struct err *e)
{
    enum registry r;
    if (!registry_parse(slice_of(v->rest), &r) || r >= REGISTRY_RIR_COUNT)
        return unknown(v, "registry", e);
    struct subject s = {.by = BY_REGISTRY,
                        .key = registry_name(r),
                        .name = term_label(registry_name(r)),
                        .registry = REGISTRY_BIT(r)};
    return show(v, ret, &s, e);
}
