// SPDX-License-Identifier: Apache-2.0
//
// Economies, regions and groups side by side: one row a year, one column each. The choice lives in
// the address: with=KE,region:africa,group:ldc.

#include "site/pages.h"
#include "site/table_html.h"
#include "site/terms.h"

#include <stdio.h>

#define COMPARED_MAX 8

struct member {
    const char *text; // "region:africa"
    enum by by;
    const char *key, *name;
    struct table *pace;
};

struct compare {
    struct page p;
    struct member members[COMPARED_MAX];
    size_t count;
    struct measure_tables tables[COMPARED_MAX];
    const char *figure; // key of a column of the pace
};

static const struct {
    const char *key, *name;
} figures[] = {
    {"cumulative_delegations", say_later("IPv6 delegations, all")},
    {"cumulative_slash32", say_later("IPv6 space, all, in /32s")},
    {"delegations", say_later("New IPv6 delegations")},
    {"slash32", say_later("New IPv6 space, in /32s")},
    {"growth", say_later("Growth of the number of delegations, in %")},
};
#define FIGURE_COUNT (sizeof figures / sizeof *figures)

// ---- who is compared

static bool parse_key(const struct world *w, const char *kind, struct slice key, struct member *m)
{
    static const struct {
        const char *name;
        enum by by;
        enum grouping grouping;
    } kinds[] = {{"region", BY_REGION, GROUPING_REGION},
                 {"region", BY_SUBREGION, GROUPING_SUBREGION},
                 {"subregion", BY_SUBREGION, GROUPING_SUBREGION},
                 {"itu-region", BY_ITU_REGION, GROUPING_ITU_REGION},
                 {"group", BY_GROUP, GROUPING_GROUP}};
    size_t at;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kind, kinds[i].name) != 0 || !world_find_group(w, kinds[i].grouping, key, &at))
            continue;
        m->by = kinds[i].by;
        m->key = world_group_key(w, kinds[i].grouping, at);
        m->name = world_group_name(w, kinds[i].grouping, at);
        return true;
    }
    return false;
}

static bool parse_registry(struct slice key, struct member *m)
{
    enum registry r;
    if (!registry_parse(key, &r) || r >= REGISTRY_RIR_COUNT)
        return false;
    m->by = BY_REGISTRY;
    m->key = registry_name(r);
    m->name = term_label(m->key);
    return true;
}

static bool parse_economy(struct compare *c, struct slice s, struct member *m)
{
    char code[8];
    const struct world *w = c->p.visit->world;
    economy e = world_find(w, s);
    if (e == ECONOMY_NONE)
        return false;
    economy_format(e, code);
    m->by = BY_ECONOMY;
    m->key = arena_text(c->p.arena, code, strlen(code));
    m->name = world_name(w, e);
    return m->key != NULL;
}

static bool parse_member(struct compare *c, struct slice s, struct member *m)
{
    const char *colon = memchr(s.at, ':', s.length);
    m->text = arena_text(c->p.arena, s.at, s.length);
    if (!m->text)
        return false;
    if (slice_is(s, "world")) {
        m->by = BY_WORLD;
        m->key = "";
        m->name = say(c->p.words, "World");
        return true;
    }
    if (!colon)
        return parse_economy(c, s, m);
    size_t length = (size_t)(colon - s.at);
    struct slice key = {colon + 1, s.length - length - 1};
    const char *kind = arena_text(c->p.arena, s.at, length);
    if (kind && strcmp(kind, "registry") == 0)
        return parse_registry(key, m);
    return kind && parse_key(c->p.visit->world, kind, key, m);
}

static bool has_member(const struct compare *c, const struct member *m)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->members[i].by == m->by && strcmp(c->members[i].key, m->key) == 0)
            return true;
    return false;
}

static int parse_members(struct compare *c, const char *list, struct err *e)
{
    for (struct slice rest = slice_of(list); rest.at;) {
        struct slice part = slice_trim(slice_cut(&rest, ','));
        struct member m = {0};
        if (part.length == 0)
            continue;
        if (!parse_member(c, part, &m))
            return err_set(e, ERR_USAGE,
                           "with: \"%.*s\" is no economy, region or group; wanted is one as KE, "
                           "region:africa, itu-region:arab-states, group:ldc, registry:apnic, "
                           "world",
                           part.length > 64 ? 64 : (int)part.length, part.at);
        if (has_member(c, &m))
            continue;
        if (c->count == COMPARED_MAX)
            return err_set(e, ERR_USAGE, "with: at most %d can be compared", COMPARED_MAX);
        c->members[c->count++] = m;
    }
    return 0;
}

// ---- the figures

static int measure_member(struct compare *c, size_t i, struct err *e)
{
    struct query q;
    struct member *m = &c->members[i];
    query_init(&q);
    q.by = m->by;
    int code = visit_query(c->p.visit, &q, e, "known-on", NULL);
    if (code == 0 && *m->key)
        code = query_set(&q, "only", m->key, e);
    if (code == 0)
        code = visit_measure(c->p.visit, "pace", &q, &c->tables[i], e);
    if (code == 0)
        m->pace = c->tables[i].at[0];
    return code;
}

// The row of a year; SIZE_MAX where the table has none.
static size_t find_year(const struct table *t, const char *year)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (strcmp(table_cell(t, row, 0)->text, year) == 0)
            return row;
    return SIZE_MAX;
}

static void copy_cell(struct table *to, size_t row, size_t column, const struct cell *from)
{
    if (from->kind == CELL_COUNT)
        table_set_count(to, row, column, from->count);
    else if (from->kind == CELL_REAL)
        table_set_real(to, row, column, from->real);
}

static void add_columns(const struct compare *c, struct table *t)
{
    table_column(t, &c->members[0].pace->columns[0]);
    for (size_t i = 0; i < c->count; i++) {
        size_t from = table_find_column(c->members[i].pace, c->figure);
        struct column column = c->members[i].pace->columns[from];
        column.key = c->members[i].text;
        column.heading = c->members[i].name;
        column.unit = "";
        table_column(t, &column);
    }
}

static void add_year(const struct compare *c, struct table *t, const char *year)
{
    size_t row = table_row(t);
    table_set_text(t, row, 0, year);
    for (size_t i = 0; i < c->count; i++) {
        const struct table *pace = c->members[i].pace;
        size_t at = find_year(pace, year);
        if (at != SIZE_MAX)
            copy_cell(t, row, i + 1, table_cell(pace, at, table_find_column(pace, c->figure)));
    }
}

static int merge(const struct compare *c, struct table **ret, struct err *e)
{
    int first = 9999, last = 0;
    struct table *t;
    if (table_new("pace", &t) != 0)
        return err_memory(e);
    add_columns(c, t);
    for (size_t i = 0; i < c->count; i++)
        for (size_t row = 0; row < c->members[i].pace->row_count; row++) {
            uint64_t year;
            if (!slice_u64(slice_of(table_cell(c->members[i].pace, row, 0)->text), 9999, &year))
                continue;
            first = (int)year < first ? (int)year : first;
            last = (int)year > last ? (int)year : last;
        }
    for (int year = first; year <= last; year++) {
        char text[16];
        snprintf(text, sizeof text, "%d", year);
        add_year(c, t, text);
    }
    if (t->failed) {
        table_free(&t);
        return err_memory(e);
    }
    *ret = t;
    return 0;
}

// ---- the page

static const char *list_without(const struct compare *c, size_t left_out)
{
    const char *text = "";
    for (size_t i = 0; i < c->count && text; i++)
        if (i != left_out)
            text = arena_format(c->p.arena, "%s%s%s", text, *text ? "," : "", c->members[i].text);
    return text ? text : "";
}

static void write_options(struct page *p)
{
    static const char *const prefixes[GROUPING_COUNT] = {"region", "subregion", "itu-region",
                                                         "group"};
    const struct world *w = p->visit->world;
    page_option(p, "", say(p->words, "Choose"), true);
    page_option(p, "world", say(p->words, "World"), false);
    for (unsigned g = 0; g < GROUPING_COUNT; g++) {
        html_open(&p->h, "optgroup", "label", say(p->words, term_label(prefixes[g])), NULL);
        for (size_t i = 0; i < world_group_count(w, (enum grouping)g); i++) {
            const char *value = arena_format(p->arena, "%s:%s", prefixes[g],
                                             world_group_key(w, (enum grouping)g, i));
            page_option(p, value ? value : "", world_group_name(w, (enum grouping)g, i), false);
        }
        html_close(&p->h);
    }
    html_open(&p->h, "optgroup", "label", say(p->words, "Economies"), NULL);
    for (size_t i = 0; i < world_count(w); i++) {
        char code[8];
        economy e = world_economy(w, i);
        page_option(p, economy_format(e, code), world_name(w, e), false);
    }
    html_close(&p->h);
}

static void write_form(struct compare *c)
{
    struct page *p = &c->p;
    page_form(p, "compare");
    html_void(&p->h, "input", "type", "hidden", "name", "with", "value", list_without(c, SIZE_MAX),
              NULL);
    page_select(p, "add", say(p->words, "Add"));
    write_options(p);
    page_select_end(p);
    page_select(p, "figure", say(p->words, "Figure"));
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        page_option(p, figures[i].key, say(p->words, figures[i].name),
                    strcmp(figures[i].key, c->figure) == 0);
    page_select_end(p);
    page_input(p, "known-on", "date", say(p->words, "As known on"), page_value(p, "known-on"));
    page_form_end(p, say(p->words, "Show"));
}

static void write_members(struct compare *c)
{
    struct page *p = &c->p;
    html_open(&p->h, "ul", "class", "links", NULL);
    for (size_t i = 0; i < c->count; i++) {
        const char *to =
            arena_format(p->arena, "%s?with=%s&figure=%s", page_address_of(p, "compare", NULL),
                         list_without(c, i), c->figure);
        html_open(&p->h, "li", NULL);
        html_element(&p->h, "a", page_say(p, "Remove {1}", say(p->words, c->members[i].name), NULL),
                     "href", to ? to : "#", NULL);
        html_close(&p->h);
    }
    html_close(&p->h);
}

static const char *columns_text(const struct compare *c)
{
    const char *text = "";
    for (size_t i = 0; i < c->count && text; i++)
        text = arena_format(c->p.arena, "%s%s%s", text, i ? " " : "", c->members[i].text);
    return text ? text : "";
}

static void write_sources(struct compare *c)
{
    struct page *p = &c->p;
    for (size_t i = 0; i < c->count; i++) {
        struct table_view v = {.id = "compare", .caption = say(p->words, c->members[i].name)};
        html_element(&p->h, "h3", v.caption, NULL);
        table_html_foot(p, c->members[i].pace, &v);
    }
}

static const char *figure_name(const struct compare *c)
{
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        if (strcmp(figures[i].key, c->figure) == 0)
            return say(c->p.words, figures[i].name);
    return "";
}

static int write_figures(struct compare *c, struct err *e)
{
    struct page *p = &c->p;
    struct table *t;
    int code = merge(c, &t, e);
    if (code)
        return code;
    const char *day = page_iso_date(p, c->members[0].pace->basis.known_on);
    const char *caption = page_say(p, "{1}, by year, known on {2}", figure_name(c), day, NULL);
    write_members(c);
    table_html_chart(p, &(struct table_chart){.kind = "line",
                                              .id = "compare",
                                              .x = "period",
                                              .y = columns_text(c),
                                              .together = true,
                                              .caption = caption});
    table_html(p, t, &(struct table_view){.id = "compare", .caption = caption, .bare = true});
    page_heading(p, "h2", "sources", "Sources");
    write_sources(c);
    table_free(&t);
    return 0;
}

static int write_page(struct visit *v, struct response *ret, struct compare *c, struct err *e)
{
    int code = 0;
    page_begin(&c->p, v, ret,
               &(struct page_head){
                   .title = say(v->words, "Compare"), .part = "compare", .charts = c->count > 0});
    page_paragraph(&c->p,
                   "Economies, regions and groups on one chart and in one table. The address "
                   "of this page holds the choice: who opens it sees the same.");
    write_form(c);
    if (c->count)
        code = write_figures(c, e);
    return code ? code : page_end(&c->p, e);
}

static const char *chosen_figure(const struct visit *v)
{
    const char *asked = request_value(v->request, "figure");
    for (size_t i = 0; asked && i < FIGURE_COUNT; i++)
        if (strcmp(figures[i].key, asked) == 0)
            return figures[i].key;
    return figures[0].key;
}

// What was added becomes part of the choice, so that one address stands for one view.
static int redirect(struct compare *c, struct response *ret, struct err *e)
{
    struct visit *v = c->p.visit;
    const char *known_on = page_value(&c->p, "known-on");
    struct buffer b = {0};
    buffer_format(&b, "%s?with=%s&figure=%s", page_address_of(&c->p, "compare", NULL),
                  list_without(c, SIZE_MAX), c->figure);
    if (known_on) {
        buffer_text(&b, "&known-on=");
        url_add(&b, known_on);
    }
    const char *to = b.failed ? NULL : arena_text(c->p.arena, b.at, b.length);
    buffer_done(&b);
    return visit_redirect(v, ret, to, e);
}

int page_compare(struct visit *v, struct response *ret, struct err *e)
{
    struct compare c = {
        .p = {.visit = v, .words = v->words, .arena = &v->request->arena, .h = {.out = &ret->body}},
        .figure = chosen_figure(v)};
    const char *with = page_value(&c.p, "with"), *add = page_value(&c.p, "add");
    int code = with ? parse_members(&c, with, e) : 0;
    if (code == 0 && add) {
        code = parse_members(&c, add, e);
        return code ? code : redirect(&c, ret, e);
    }
    for (size_t i = 0; i < c.count && code == 0; i++)
        code = measure_member(&c, i, e);
    if (code == 0)
        code = write_page(v, ret, &c, e);
    for (size_t i = 0; i < COMPARED_MAX; i++)
        measure_tables_free(&c.tables[i]);
    return code;
}
