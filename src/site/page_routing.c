// SPDX-License-Identifier: Apache-2.0
//
// From allocation to routing: what of the delegations is announced, by which networks, how finely,
// and what origin validation says.

#include "site/comparison.h"
#include "site/pages.h"
#include "site/section.h"

#define FOLDED     20
#define BOGONS_MAX 20

static const struct section visible[] = {
    {.table = "visibility",
     .heading = say_later("Announced delegations"),
     .text = say_later("A delegation is announced when an address of it stands in the routing "
                       "table: by a prefix equal to it, inside a larger one, or by smaller ones "
                       "in it. An announcement counts when enough peers of the collector see it."),
     .caption = say_later("IPv6 delegations that are announced, known on {2}"),
     .rows = FOLDED,
     .y = "announced_share announced space_share holders_share"},
    {.table = "kinds",
     .heading = say_later("How they are announced"),
     .caption = say_later("IPv6 delegations by how they are announced, known on {2}")},
    {.table = "announced",
     .heading = say_later("What is announced"),
     .text =
         say_later("Seen from the other side: of the prefixes in the routing table, whose space "
                   "they are. What no registry has delegated to anybody should not be there."),
     .caption = say_later("IPv6 prefixes announced, by whose space they are, known on {2}")},
    {.table = "bogons",
     .caption = say_later("IPv6 prefixes announced but not delegated, known on {2}: the first 20"),
     .most = BOGONS_MAX},
    {.table = "abroad",
     .heading = say_later("Announced from other economies"),
     .text = say_later("The network that announces a prefix can be registered in another economy "
                       "than the block: a provider abroad, a holder with networks in several."),
     .caption = say_later("IPv6 announcements by networks of other economies, known on {2}"),
     .rows = FOLDED,
     .kind = "bar",
     .y = "abroad abroad_share"},
};

static const struct section networked[] = {
    {.table = "networks",
     .heading = say_later("Networks"),
     .text = say_later("A network is an AS number that originates a prefix. It belongs to the "
                       "economy to which the number is delegated."),
     .caption = say_later("Networks with IPv4, IPv6 and both, known on {2}"),
     .rows = FOLDED,
     .kind = "bar",
     .y = "both ipv6_share networks"},
    {.table = "lengths",
     .heading = say_later("How finely space is announced"),
     .caption = say_later("IPv6 prefixes announced, by length, known on {2}"),
     .kind = "bar",
     .name = "length",
     .y = "prefixes more_specific",
     .ordered = true},
    {.table = "validity",
     .heading = say_later("Origin validation"),
     .text = say_later("Holders sign which network may announce their blocks (RPKI). An "
                       "announcement is valid where a payload covers it and names its origin, "
                       "invalid where payloads cover it and none does (RFC 6811)."),
     .caption = say_later("IPv6 announcements by the state of their origin, known on {2}"),
     .rows = FOLDED,
     .kind = "bar",
     .y = "covered_share valid_share invalid_share"},
    {.table = "payloads",
     .caption = say_later("IPv6 delegations that validated payloads cover, known on {2}"),
     .rows = FOLDED},
};

// Columns that are in the CSV alone where rows are many.
#define DETAILS                                                                                    \
    "exact,covered,inside,slash32,announced_slash32,covered_slash32,holders,announced_holders,"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void write_form(struct page *p, const struct query *q)
{
    static const char *const names[BY_COUNT] = {
        [BY_WORLD] = say_later("World"),          [BY_REGISTRY] = say_later("Registry"),
        [BY_ECONOMY] = say_later("Economies"),    [BY_REGION] = say_later("Region"),
        [BY_SUBREGION] = say_later("Sub-region"), [BY_ITU_REGION] = say_later("ITU region"),
        [BY_GROUP] = say_later("Groups"),
    };
    page_form(p, "routing");
    page_select(p, "by", say(p->words, "By"));
    for (unsigned i = 0; i < BY_COUNT; i++)
        page_option(p, by_name((enum by)i), say(p->words, names[i]), q->by == (enum by)i);
    page_select_end(p);
    page_input(p, "known-on", "date", say(p->words, "As known on"), page_value(p, "known-on"));
    page_form_end(p, say(p->words, "Show"));
}

// Of the last row, which is the sum of all.
static void write_headline(struct page *p, const struct measure_tables *visibility,
                           const struct measure_tables *networks)
{
    static const struct {
        const char *table, *key, *label;
    } figures[] = {
        {"visibility", "announced_share", say_later("Delegations that are announced")},
        {"visibility", "space_share", say_later("Their space that is announced")},
        {"networks", "ipv6_share", say_later("Networks with IPv6")},
        {"validity", "valid_share", say_later("Announcements with a valid origin")},
    };
    page_figures(p);
    for (size_t i = 0; i < COUNT(figures); i++) {
        const struct table *t = sections_find(i < 2 ? visibility : networks, figures[i].table);
        const char *figure =
            t && t->row_count ? table_html_text(p, t, t->row_count - 1, figures[i].key) : "";
        if (*figure)
            page_figure(p, say(p->words, figures[i].label), page_say(p, "{1} %", figure, NULL),
                        page_say(p, "known on {1}", page_iso_date(p, t->basis.known_on), NULL));
    }
    html_close(&p->h);
}

// Where a row's name leads.
static const char *part_of(enum by by)
{
    return by == BY_WORLD ? NULL : by == BY_SUBREGION ? "region" : by_name(by);
}

static void write_sections(struct page *p, enum by by, const struct measure_tables *tables,
                           const struct section *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct section s = list[i];
        const struct table *t = sections_find(tables, s.table);
        bool keyed = t && table_find_column(t, "key") != SIZE_MAX && s.rows;
        s.part = keyed ? part_of(by) : NULL;
        s.leave_out = by == BY_ECONOMY ? DETAILS : NULL;
        if (keyed && by == BY_WORLD)
            s.kind = NULL;
        else if (i == 0 && list == visible)
            s.kind = by == BY_ECONOMY ? "map" : "bar";
        sections_write(p, tables, &s, 1, "");
    }
}

static int run(struct visit *v, const char *name, const struct query *q, struct measure_tables *ret,
               struct err *e)
{
    int code = visit_measure(v, name, q, ret, e);
    return code == ERR_NOT_FOUND ? 0 : code;
}

static int write_page(struct visit *v, struct response *ret, const struct query *q,
                      enum by networks_by, const struct measure_tables *visibility,
                      const struct measure_tables *networks, struct err *e)
{
    struct page p;
    page_begin(
        &p, v, ret,
        &(struct page_head){.title = say(v->words, "Routing"), .part = "routing", .charts = true});
    html_element(&p.h, "p",
                 say(v->words, "What of the delegations is announced, by which networks, and "
                               "whether their origin is validated."),
                 "class", "lead", NULL);
    write_form(&p, q);
    if (visibility->count + networks->count == 0)
        page_paragraph(&p, "The archive has no routing table of that day or before.");
    else
        write_headline(&p, visibility, networks);
    write_sections(&p, q->by, visibility, visible, COUNT(visible));
    write_sections(&p, networks_by, networks, networked, COUNT(networked));
    return page_end(&p, e);
}

// One economy, region or group alone, where `of` names it.
static int choose_subject(struct visit *v, struct response *ret, struct query *q, struct err *e)
{
    struct page p = {
        .visit = v, .words = v->words, .arena = &v->request->arena, .h = {.out = &ret->body}};
    struct comparison c = {.page = &p};
    return page_value(&p, "of") ? comparison_subject(&c, q, e) : 0;
}

// The map needs every economy; networks are shown by region where nothing else is asked for.
int page_routing(struct visit *v, struct response *ret, struct err *e)
{
    struct measure_tables visibility = {0}, networks = {0};
    struct query q;
    query_init(&q);
    q.by = BY_ECONOMY;
    int code = choose_subject(v, ret, &q, e);
    if (code == 0)
        code = visit_query(v, &q, e, "by", "known-on", "collector", "peers", NULL);
    struct query others = q;
    if (!request_value(v->request, "by") && !q.only[0])
        others.by = BY_REGION;
    if (code == 0)
        code = run(v, "visibility", &q, &visibility, e);
    if (code == 0)
        code = run(v, "networks", &others, &networks, e);
    if (code == 0)
        code = write_page(v, ret, &q, others.by, &visibility, &networks, e);
    measure_tables_free(&visibility);
    measure_tables_free(&networks);
    return code;
}
