// SPDX-License-Identifier: Apache-2.0

#include "site/comparison.h"

#include "site/terms.h"

#include <stdio.h>

// ---- who is compared

static bool parse_key(const struct world *w, const char *kind, struct slice key, struct compared *m)
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

static bool parse_registry(struct slice key, struct compared *m)
{
    enum registry r;
    if (!registry_parse(key, &r) || r >= REGISTRY_RIR_COUNT)
        return false;
    m->by = BY_REGISTRY;
    m->key = registry_name(r);
    m->name = term_label(m->key);
    return true;
}

static bool parse_economy(struct comparison *c, struct slice s, struct compared *m)
{
    char code[8];
    const struct world *w = c->page->visit->world;
    economy e = world_find(w, s);
    if (e == ECONOMY_NONE)
        return false;
    economy_format(e, code);
    m->by = BY_ECONOMY;
    m->key = arena_text(c->page->arena, code, strlen(code));
    m->name = world_name(w, e);
    return m->key != NULL;
}

static bool parse_member(struct comparison *c, struct slice s, struct compared *m)
{
    const char *colon = memchr(s.at, ':', s.length);
    m->text = arena_text(c->page->arena, s.at, s.length);
    if (!m->text)
        return false;
    if (slice_is(s, "world")) {
        m->by = BY_WORLD;
        m->key = "";
        m->name = say(c->page->words, "World");
        return true;
    }
    if (!colon)
        return parse_economy(c, s, m);
    size_t length = (size_t)(colon - s.at);
    struct slice key = {colon + 1, s.length - length - 1};
    const char *kind = arena_text(c->page->arena, s.at, length);
    if (kind && strcmp(kind, "registry") == 0)
        return parse_registry(key, m);
    return kind && parse_key(c->page->visit->world, kind, key, m);
}

static bool has_member(const struct comparison *c, const struct compared *m)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->members[i].by == m->by && strcmp(c->members[i].key, m->key) == 0)
            return true;
    return false;
}

int comparison_add(struct comparison *c, const char *list, struct err *e)
{
    for (struct slice rest = slice_of(list); rest.at;) {
        struct slice part = slice_trim(slice_cut(&rest, ','));
        struct compared m = {0};
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

static int measure_member(struct comparison *c, size_t i, struct err *e)
{
    struct query q;
    struct compared *m = &c->members[i];
    query_init(&q);
    q.by = m->by;
    int code = visit_query(c->page->visit, &q, e, "known-on", NULL);
    if (code == 0 && *m->key)
        code = query_set(&q, "only", m->key, e);
    if (code == 0)
        code = visit_measure(c->page->visit, "pace", &q, &c->tables[i], e);
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

static void add_columns(const struct comparison *c, struct table *t)
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

static void add_year(const struct comparison *c, struct table *t, const char *year)
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

// One basis where all have the same; else only the day is known of the whole.
static void take_basis(const struct comparison *c, struct table *t)
{
    const struct basis *first = &c->members[0].pace->basis;
    bool same = true;
    for (size_t i = 1; i < c->count; i++)
        same = same && strcmp(first->inputs_sha256, c->members[i].pace->basis.inputs_sha256) == 0;
    t->basis.known_on = first->known_on;
    t->basis.inputs_sha256 = same ? first->inputs_sha256 : "";
    for (size_t i = 0; same && i < first->input_count; i++)
        table_basis_input(t, first->inputs[i].sha256, first->inputs[i].source,
                          first->inputs[i].label);
}

static void find_years(const struct comparison *c, int *ret_first, int *ret_last)
{
    int first = 9999, last = 0;
    for (size_t i = 0; i < c->count; i++)
        for (size_t row = 0; row < c->members[i].pace->row_count; row++) {
            uint64_t year;
            if (!slice_u64(slice_of(table_cell(c->members[i].pace, row, 0)->text), 9999, &year))
                continue;
            first = (int)year < first ? (int)year : first;
            last = (int)year > last ? (int)year : last;
        }
    *ret_first = first;
    *ret_last = last;
}

int comparison_table(const struct comparison *c, struct table **ret, struct err *e)
{
    int first, last;
    struct table *t;
    if (table_new("pace", &t) != 0)
        return err_memory(e);
    add_columns(c, t);
    take_basis(c, t);
    find_years(c, &first, &last);
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

int comparison_measure(struct comparison *c, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < c->count && code == 0; i++)
        if (!c->members[i].pace)
            code = measure_member(c, i, e);
    return code;
}

const char *comparison_columns(const struct comparison *c)
{
    const char *text = "";
    for (size_t i = 0; i < c->count && text; i++)
        text = arena_format(c->page->arena, "%s%s%s", text, i ? " " : "", c->members[i].text);
    return text ? text : "";
}

void comparison_done(struct comparison *c)
{
    for (size_t i = 0; i < COMPARED_MAX; i++)
        measure_tables_free(&c->tables[i]);
}

// ---- a choice

int comparison_subject(struct comparison *c, struct query *q, struct err *e)
{
    const char *of = page_value(c->page, "of");
    int code = comparison_add(c, of ? of : "world", e);
    if (code)
        return code;
    if (c->count != 1)
        return err_set(e, ERR_USAGE, "of: one economy, region or group is wanted");
    q->by = c->members[0].by;
    return *c->members[0].key ? query_set(q, "only", c->members[0].key, e) : 0;
}

static void write_group(struct page *p, enum grouping g, const char *prefix, const char *chosen)
{
    const struct world *w = p->visit->world;
    html_open(&p->h, "optgroup", "label", say(p->words, term_label(prefix)), NULL);
    for (size_t i = 0; i < world_group_count(w, g); i++) {
        const char *value = arena_format(p->arena, "%s:%s", prefix, world_group_key(w, g, i));
        if (value)
            page_option(p, value, world_group_name(w, g, i), strcmp(value, chosen) == 0);
    }
    html_close(&p->h);
}

void comparison_options(struct page *p, const char *chosen)
{
    static const char *const prefixes[GROUPING_COUNT] = {"region", "subregion", "itu-region",
                                                         "group"};
    const struct world *w = p->visit->world;
    page_option(p, "world", say(p->words, "World"), strcmp(chosen, "world") == 0);
    for (unsigned g = 0; g < GROUPING_COUNT; g++)
        write_group(p, (enum grouping)g, prefixes[g], chosen);
    html_open(&p->h, "optgroup", "label", say(p->words, "Economies"), NULL);
    for (size_t i = 0; i < world_count(w); i++) {
        char code[8];
        economy e = world_economy(w, i);
        economy_format(e, code);
        page_option(p, code, world_name(w, e), strcmp(code, chosen) == 0);
    }
    html_close(&p->h);
}

void comparison_links(struct page *p, const char *text)
{
    static const struct {
        const char *path, *name;
    } others[] = {{"holders", say_later("Holders through time")},
                  {"routing", say_later("What of it is announced")},
                  {"users", say_later("Users of IPv6, by source")},
                  {"name-servers", say_later("Name servers of country-code domains")},
                  {"forecast", say_later("Forecast of its delegations")}};
    page_heading(p, "h2", "more", "From allocation to use");
    html_open(&p->h, "ul", NULL);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *to =
            arena_format(p->arena, "%s?of=%s", page_address_of(p, others[i].path, NULL), text);
        html_open(&p->h, "li", NULL);
        html_element(&p->h, "a", say(p->words, others[i].name), "href", to ? to : "#", NULL);
        html_close(&p->h);
    }
    html_close(&p->h);
}
