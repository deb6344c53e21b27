// SPDX-License-Identifier: Apache-2.0
//
// A table as HTML, and what stands under it.

#include "site/table_html.h"

#include "base/table_write.h"
#include "site/chart.h"
#include "site/site_parts.h"
#include "site/table_words.h"
#include "site/terms.h"

// ---- which columns and rows

static bool is_left_out(const struct table_view *v, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = v->leave_out; at && *at;) {
        size_t part = strcspn(at, ",");
        if (part == length && strncmp(at, key, length) == 0)
            return true;
        at += part + (at[part] == ',');
    }
    return false;
}

static bool is_empty(const struct table *t, size_t column)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (table_cell(t, row, column)->kind != CELL_EMPTY)
            return false;
    return true;
}

// A row's key stands in its attribute and in the link of its name.
static bool is_shown(const struct table *t, const struct table_view *v, size_t column)
{
    const struct column *c = &t->columns[column];
    bool key = strcmp(c->key, "key") == 0 && table_find_column(t, "name") != SIZE_MAX;
    return !c->machine_only && !key && !is_left_out(v, c->key) && !is_empty(t, column);
}

static bool is_number(const struct column *c)
{
    return c->type != COLUMN_TEXT && c->type != COLUMN_DATE;
}

static size_t head_column(const struct table *t, const struct table_view *v)
{
    size_t name = table_find_column(t, "name");
    if (name != SIZE_MAX && is_shown(t, v, name))
        return name;
    for (size_t i = 0; i < t->column_count; i++)
        if (is_shown(t, v, i))
            return i;
    return SIZE_MAX;
}

// ---- cells

static const char *text_of(const struct column *c, const struct cell *cell,
                           enum table_format format, struct buffer *b)
{
    b->length = 0;
    buffer_text(b, "");
    cell_format(c, cell, format, b);
    return b->at ? b->at : "";
}

static void write_text(struct page *p, const struct column *c, const char *text)
{
    if (table_words_is_name(c))
        html_isolated(&p->h, text);
    else
        html_text(&p->h, say(p->words, term_label(text)));
}

static void write_content(struct page *p, const struct column *c, const struct cell *cell,
                          const char *link)
{
    struct buffer b = {0};
    char figure[WORDS_TEXT_MAX];
    const char *text = text_of(c, cell, TABLE_TEXT, &b);
    if (link)
        html_open(&p->h, "a", "href", link, NULL);
    if (is_number(c)) {
        words_figure(p->words, text, figure);
        html_text(&p->h, figure);
    } else if (c->type == COLUMN_DATE && *text) {
        html_element(&p->h, "time", text, "dir", "ltr", NULL);
    } else {
        write_text(p, c, text);
    }
    if (link)
        html_close(&p->h);
    buffer_done(&b);
}

// The exact value, where the text is not it.
static const char *exact(struct page *p, const struct column *c, const struct cell *cell)
{
    struct buffer csv = {0}, text = {0};
    char figure[WORDS_TEXT_MAX];
    const char *value = text_of(c, cell, TABLE_CSV, &csv);
    words_figure(p->words, text_of(c, cell, TABLE_TEXT, &text), figure);
    value = strcmp(value, figure) == 0 ? NULL : arena_text(p->arena, value, strlen(value));
    buffer_done(&csv);
    buffer_done(&text);
    return value;
}

static void write_cell(struct page *p, const struct table *t, size_t row, size_t column, bool head,
                       const char *link)
{
    const struct column *c = &t->columns[column];
    const struct cell *cell = table_cell(t, row, column);
    const char *element = head ? "th" : "td";
    const char *value = is_number(c) && cell->kind != CELL_EMPTY ? exact(p, c, cell) : NULL;
    if (head)
        html_open(&p->h, element, "scope", "row", is_number(c) ? "class" : NULL, "number", NULL);
    else if (is_number(c))
        html_open(&p->h, element, "class", "number", value ? "data-value" : NULL, value, NULL);
    else
        html_open(&p->h, element, NULL);
    if (cell->kind != CELL_EMPTY)
        write_content(p, c, cell, link);
    html_close(&p->h);
}

static const char *key_of(const struct table *t, size_t row)
{
    size_t column = table_find_column(t, "key");
    if (column == SIZE_MAX)
        column = table_find_column(t, "domain");
    const struct cell *cell = table_cell(t, row, column);
    return cell->kind == CELL_TEXT ? cell->text : NULL;
}

static const char *part_of(const struct table *t, size_t row, const struct table_view *v)
{
    const struct cell *scope = table_cell(t, row, table_find_column(t, "scope"));
    if (!v->part || strcmp(v->part, "scope") != 0)
        return v->part;
    if (scope->kind != CELL_TEXT || strcmp(scope->text, "world") == 0)
        return NULL;
    return strcmp(scope->text, "subregion") == 0 ? "region" : scope->text;
}

// Not each key is a page: "total", "none", "EU".
static const char *link_of(struct page *p, const char *part, const char *key)
{
    if (!part || !key || strcmp(key, "total") == 0 || strcmp(key, "none") == 0)
        return NULL;
    if (strcmp(part, "economy") == 0 &&
        (strlen(key) != 2 || !world_has(p->visit->world, economy_of(key[0], key[1]))))
        return NULL;
    return page_address_of(p, part, key);
}

static void write_row(struct page *p, const struct table *t, const struct table_view *v, size_t row,
                      size_t head)
{
    const char *key = key_of(t, row), *link = link_of(p, part_of(t, row, v), key);
    bool total = key && strcmp(key, "total") == 0;
    html_open(&p->h, "tr", total ? "class" : key ? "data-key" : NULL, total ? "total" : key, NULL);
    for (size_t i = 0; i < t->column_count; i++)
        if (is_shown(t, v, i))
            write_cell(p, t, row, i, i == head, i == head ? link : NULL);
    html_close(&p->h);
}

// ---- the table

static const char *caption_id(struct page *p, const struct table_view *v)
{
    const char *id = arena_format(p->arena, "%s-caption", v->id);
    return id ? id : "";
}

static void write_heading(struct page *p, const struct column *c)
{
    struct html *h = &p->h;
    html_open(h, "th", "scope", "col", "data-column", c->key, is_number(c) ? "class" : NULL,
              "number", NULL);
    html_text(h, say(p->words, c->heading));
    if (*c->unit) {
        html_text(h, " ");
        html_open(h, "bdi", "class", "unit", NULL);
        html_text(h, say(p->words, c->unit));
        html_close(h);
    }
    html_close(h);
}

static void write_table(struct page *p, const struct table *t, const struct table_view *v)
{
    struct html *h = &p->h;
    size_t head = head_column(t, v), last = t->row_count;
    size_t rows = v->rows && v->rows < last ? v->rows : last;
    html_open(h, "table", "id", v->id, NULL);
    html_element(h, "caption", v->caption, "id", caption_id(p, v), NULL);
    html_open(h, "thead", NULL);
    html_open(h, "tr", NULL);
    for (size_t i = 0; i < t->column_count; i++)
        if (is_shown(t, v, i))
            write_heading(p, &t->columns[i]);
    html_close(h);
    html_close(h);
    html_open(h, "tbody", NULL);
    for (size_t row = 0; row < rows; row++)
        write_row(p, t, v, row, head);
    if (v->total && rows < last)
        write_row(p, t, v, last - 1, head);
    html_close(h);
    html_close(h);
}

void table_html(struct page *p, const struct table *t, const struct table_view *v)
{
    html_open(&p->h, "section", "class", "scroll", "tabindex", "0", "aria-labelledby",
              caption_id(p, v), NULL);
    write_table(p, t, v);
    html_close(&p->h);
    if (!v->bare)
        table_html_foot(p, t, v);
}

const char *table_html_text(struct page *p, const struct table *t, size_t row, const char *key)
{
    struct buffer b = {0};
    char figure[WORDS_TEXT_MAX];
    size_t column = table_find_column(t, key);
    if (column == SIZE_MAX)
        return "";
    const struct column *c = &t->columns[column];
    const char *text = text_of(c, table_cell(t, row, column), TABLE_TEXT, &b);
    if (is_number(c)) {
        words_figure(p->words, text, figure);
        text = figure;
    } else if (c->type == COLUMN_TEXT && !table_words_is_name(c)) {
        text = say(p->words, term_label(text));
    }
    text = arena_text(p->arena, text, strlen(text));
    buffer_done(&b);
    return text ? text : "";
}

// ---- under it

static void write_note(struct page *p, const char *note)
{
    struct buffer b = {0};
    if (say_pattern(p->words, &b, note))
        html_element(&p->h, "p", b.at ? b.at : "", NULL);
    else
        html_element(&p->h, "p", note, "lang", "en", "dir", "ltr", NULL);
    buffer_done(&b);
}

const char *table_html_address(struct page *p, const struct table *t, const char *query,
                               const char *format)
{
    struct buffer b = {0};
    buffer_format(&b, "/api/v1/%s?", t->basis.command);
    for (size_t i = 0; i < t->basis.parameter_count; i++) {
        const char *name = t->basis.parameter_names[i];
        buffer_format(&b, "%s=", strcmp(name, "range") == 0 ? "resource" : name);
        url_add(&b, t->basis.parameter_values[i]);
        buffer_text(&b, "&");
    }
    if (query)
        buffer_format(&b, "%s&", query);
    buffer_format(&b, "format=%s", format);
    const char *text = b.failed ? NULL : arena_text(p->arena, b.at, b.length);
    buffer_done(&b);
    return text ? text : "#";
}

static void write_link(struct page *p, const char *href, const char *text)
{
    html_open(&p->h, "li", NULL);
    html_element(&p->h, "a", text, "href", href, NULL);
    html_close(&p->h);
}

// The page of methods describes the columns of these; what else is computed is dear.
static bool is_in_methods(const struct table *t)
{
    static const char *const commands[] = {"pace",    "geography", "concentration",
                                           "changes", "economy",   "lookup"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(t->basis.command, commands[i]) == 0)
            return true;
    return false;
}

static const char *definition_of(struct page *p, const struct table *t, const char *id)
{
    const char *to = is_in_methods(t) ? arena_format(p->arena, "%s#%s",
                                                     page_address_of(p, "methods", NULL), t->name)
                                      : arena_format(p->arena, "#%s-columns", id);
    return to ? to : "#";
}

static void write_sources(struct page *p, const struct table *t, const char *query)
{
    write_link(p, table_html_address(p, t, query, "csv"), "CSV");
    write_link(p, table_html_address(p, t, query, "json"), "JSON");
}

static void write_definition(struct page *p, const struct table *t, const char *id)
{
    write_link(p, definition_of(p, t, id), say(p->words, "Definitions"));
}

void table_html_column(struct page *p, const struct column *c)
{
    html_open(&p->h, "dt", NULL);
    html_text(&p->h, say(p->words, c->heading));
    if (*c->unit) {
        html_text(&p->h, " ");
        html_isolated(&p->h, say(p->words, c->unit));
    }
    html_text(&p->h, " ");
    html_element(&p->h, "code", c->key, NULL);
    html_close(&p->h);
    html_element(&p->h, "dd", say(p->words, c->description), NULL);
}

static void write_definitions(struct page *p, const struct table *t, const struct table_view *v)
{
    const char *id = arena_format(p->arena, "%s-columns", v->id);
    html_open(&p->h, "details", "id", id ? id : "", NULL);
    html_element(&p->h, "summary", say(p->words, "Definitions"), NULL);
    html_open(&p->h, "dl", NULL);
    for (size_t i = 0; i < t->column_count; i++)
        if (is_shown(t, v, i))
            table_html_column(p, &t->columns[i]);
    html_close(&p->h);
    html_close(&p->h);
}

static void write_input(struct page *p, const struct basis_input *i)
{
    html_open(&p->h, "li", NULL);
    html_isolated(&p->h, i->label);
    html_text(&p->h, " ");
    html_open(&p->h, "a", "href", page_address_of(p, "data", i->sha256), NULL);
    html_open(&p->h, "code", NULL);
    html_format(&p->h, "%.16s", i->sha256);
    html_close(&p->h);
    html_close(&p->h);
    html_close(&p->h);
}

// Of a table that is of no one day.
static void write_undated_citation(struct page *p, const struct table *t,
                                   const struct table_view *v, const char *where)
{
    html_open(&p->h, "p", NULL);
    html_say(&p->h, p->words, "To cite: Sextant {1}, \"{2}\", inputs SHA-256 {3}, {4}",
             t->basis.version, v->caption, arena_format(p->arena, "%.16s", t->basis.inputs_sha256),
             where, NULL);
    html_close(&p->h);
}

static void write_citation(struct page *p, const struct table *t, const struct table_view *v)
{
    const struct request *r = p->visit->request;
    const char *where = arena_format(p->arena, "%s%s#%s", r->host ? r->host : "",
                                     r->target ? r->target : "", v->id);
    if (!*t->basis.known_on) {
        write_undated_citation(p, t, v, where ? where : "");
        return;
    }
    html_open(&p->h, "p", NULL);
    html_say(&p->h, p->words,
             "To cite: Sextant {1}, \"{2}\", known on {3}, inputs SHA-256 {4}, {5}",
             t->basis.version, v->caption, t->basis.known_on,
             arena_format(p->arena, "%.16s", t->basis.inputs_sha256), where ? where : "", NULL);
    html_close(&p->h);
}

static void write_evidence(struct page *p, const struct table *t, const struct table_view *v)
{
    const char *id = arena_format(p->arena, "%s-evidence", v->id);
    html_open(&p->h, "details", "id", id ? id : "", NULL);
    html_element(&p->h, "summary", say(p->words, "Evidence and citation"), NULL);
    if (t->basis.input_count) {
        html_open(&p->h, "ul", NULL);
        for (size_t i = 0; i < t->basis.input_count; i++)
            write_input(p, &t->basis.inputs[i]);
        html_close(&p->h);
    }
    write_citation(p, t, v);
    html_close(&p->h);
}

const char *table_html_basis(struct page *p, const struct basis *b)
{
    const char *day = page_iso_date(p, b->known_on), *count = page_count(p, b->input_count);
    const char *hash = arena_format(p->arena, "%.8s\xE2\x80\xA6", b->inputs_sha256);
    if (b->input_count == 0)
        return *day ? page_say(p, "Known on {1}.", day, NULL) : "";
    if (!*day)
        return page_say(p, "Computed from {1} inputs, SHA-256 {2}.", count, hash, NULL);
    return page_say(p, "Known on {1}; computed from {2} inputs, SHA-256 {3}.", day, count, hash,
                    NULL);
}

void table_html_foot(struct page *p, const struct table *t, const struct table_view *v)
{
    const char *basis = table_html_basis(p, &t->basis);
    html_open(&p->h, "div", "class", "aside", NULL);
    for (size_t i = 0; i < t->note_count; i++)
        write_note(p, t->notes[i]);
    if (*basis)
        html_element(&p->h, "p", basis, "class", "basis", NULL);
    html_open(&p->h, "ul", "class", "links", NULL);
    write_sources(p, t, v->query);
    if (is_in_methods(t))
        write_definition(p, t, v->id);
    html_close(&p->h);
    if (*t->basis.command && !is_in_methods(t))
        write_definitions(p, t, v);
    if (*basis)
        write_evidence(p, t, v);
    html_close(&p->h);
}

// ---- charts

const char *table_html_band(struct page *p, struct slice percentage)
{
    return page_say(p, "{1} % interval", arena_format(p->arena, "%.*s", SLICE_ARG(percentage)),
                    NULL);
}

const char *table_html_chart_name(const struct table_chart *c)
{
    return c->file ? c->file : c->id;
}

// Where this page's chart is as a picture.
static const char *picture_address(struct page *p, const struct table_chart *c, const char *form)
{
    const struct request *r = p->visit->request;
    struct buffer b = {0};
    const char *path = strlen(r->path) > 3 ? r->path + 3 : "/";
    size_t length = strlen(path);
    const char *whole = arena_text(p->arena, path, length - (path[length - 1] == '/'));
    buffer_format(&b, "/%s/chart", language_code(p->visit->language));
    url_add(&b, whole ? whole : "");
    buffer_format(&b, "/%s.%s", table_html_chart_name(c), form);
    for (size_t i = 0; i < r->parameter_count; i++) {
        buffer_char(&b, i ? '&' : '?');
        url_add(&b, r->parameters[i].name);
        buffer_char(&b, '=');
        url_add(&b, r->parameters[i].value);
    }
    const char *text = b.failed ? NULL : arena_text(p->arena, b.at, b.length);
    buffer_done(&b);
    return text ? text : "#";
}

static bool has_picture(const struct page *p, const struct table_chart *c)
{
    return strcmp(c->kind, "map") != 0 || p->visit->site->has_map;
}

// Readers without the script see the picture.
static void write_picture(struct page *p, const struct table_chart *c)
{
    html_open(&p->h, "noscript", NULL);
    html_void(&p->h, "img", "src", picture_address(p, c, "svg"), "alt", c->caption, "width", "800",
              "loading", "lazy", NULL);
    html_close(&p->h);
}

static void write_picture_link(struct page *p, const struct table_chart *c, const char *form,
                               const char *text)
{
    html_open(&p->h, "li", NULL);
    html_element(&p->h, "a", text, "href", picture_address(p, c, form), "data-picture", NULL, NULL);
    html_close(&p->h);
}

static void write_chart_links(struct page *p, const struct table *t, const struct table_chart *c)
{
    html_open(&p->h, "ul", "class", "links", NULL);
    if (has_picture(p, c))
        write_picture_link(p, c, "svg", "SVG");
    if (has_picture(p, c) && p->visit->site->has_letters[p->visit->language])
        write_picture_link(p, c, "png", "PNG");
    if (*t->basis.command) {
        write_sources(p, t, c->query);
        write_definition(p, t, c->foot ? c->foot : c->id);
    }
    const char *evidence = arena_format(p->arena, "#%s-evidence", c->foot ? c->foot : c->id);
    write_link(p, evidence ? evidence : "#", say(p->words, "Evidence and citation"));
    html_close(&p->h);
}

// Of the keys those whose columns have figures.
static const char *filled_columns(struct page *p, const struct table *t, const char *keys)
{
    const char *text = "";
    for (struct slice rest = slice_of(keys); rest.at && text;) {
        struct slice part = slice_cut(&rest, ' ');
        const char *key = arena_text(p->arena, part.at, part.length);
        size_t column = key ? table_find_column(t, key) : SIZE_MAX;
        if (column != SIZE_MAX && !is_empty(t, column))
            text = arena_format(p->arena, "%s%s%s", text, *text ? " " : "", key);
    }
    return text ? text : "";
}

// "low90:high90:90 % interval;low50:high50:50 % interval", as the script takes them.
static const char *named_bands(struct page *p, const char *bands)
{
    const char *text = "";
    for (struct slice rest = slice_of(bands ? bands : ""); rest.at && rest.length && text;) {
        struct slice part = slice_cut(&rest, ' '), low = slice_cut(&part, ':');
        struct slice high = slice_cut(&part, ':');
        text = arena_format(p->arena, "%s%s%.*s:%.*s:%s", text, *text ? ";" : "", SLICE_ARG(low),
                            SLICE_ARG(high), table_html_band(p, part));
    }
    return text ? text : "";
}

static void write_figure(struct page *p, const struct table *t, const struct table_chart *c)
{
    struct html *h = &p->h;
    const char *source = arena_format(p->arena, "#%s", c->id);
    html_open(h, "figure", "class", "chart", "data-scale", c->logarithmic ? "log" : "linear",
              "data-chart", c->kind, "data-source", source ? source : "#", "data-y", c->y, "data-x",
              c->x ? c->x : "", "data-series", c->series ? c->series : "", "data-name",
              c->name ? c->name : "name", "data-bands", named_bands(p, c->bands),
              c->together  ? "data-together"
              : c->ordered ? "data-ordered"
                           : NULL,
              NULL, c->together && c->ordered ? "data-ordered" : NULL, NULL, NULL);
    html_element(h, "figcaption", c->caption, NULL);
    if (has_picture(p, c))
        write_picture(p, c);
    write_chart_links(p, t, c);
    html_close(h);
}

void table_html_chart(struct page *p, const struct table *t, const struct table_chart *c)
{
    struct table_chart filled = *c;
    filled.y = filled_columns(p, t, c->y);
    if (!*filled.y)
        return;
    if (p->visit->chart)
        chart_answer(p, t, &filled);
    else
        write_figure(p, t, &filled);
}
