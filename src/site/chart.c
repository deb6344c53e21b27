// SPDX-License-Identifier: Apache-2.0
//
// The frame of a chart: its title and unit above, its legend and source below.

#include "site/chart_parts.h"

#include "base/terminal.h"

#include <math.h>
#include <stdio.h>

const char *const chart_series[CHART_SERIES_MAX] = {"#0b5c9e", "#b8500c", "#1b7f5c", "#8a4a9c",
                                                    "#8f6b00", "#a3304a", "#3d7a8c", "#5f5f5f"};
const char *const chart_shades[CHART_SHADE_COUNT] = {"#cfe3c4", "#97c8b0", "#5ba8a8", "#2a7495",
                                                     "#173d6d"};

// ---- figures

bool chart_is_sum(const struct chart *c, size_t row)
{
    const struct cell *key = table_cell(c->table, row, table_find_column(c->table, "key"));
    return key->kind == CELL_TEXT && strcmp(key->text, "total") == 0;
}

bool chart_value(const struct chart *c, size_t row, size_t column, double *ret)
{
    const struct cell *cell = table_cell(c->table, row, column);
    if (chart_is_sum(c, row))
        return false;
    if (cell->kind == CELL_COUNT)
        *ret = ldexp((double)cell->count, -(int)c->table->columns[column].shift);
    else if (cell->kind == CELL_REAL && isfinite(cell->real))
        *ret = cell->real;
    else
        return false;
    return true;
}

// "2024", "2024-Q3", "2024-05" or "2024-05-17".
static date first_day(struct slice s)
{
    char text[DATE_TEXT_MAX];
    date d = DATE_NONE;
    uint64_t quarter;
    if (s.length == 7 && s.at[5] == 'Q' && slice_u64((struct slice){s.at + 6, 1}, 4, &quarter))
        snprintf(text, sizeof text, "%.4s-%02u-01", s.at, 3 * ((unsigned)quarter + 3) % 12 + 1);
    else if (s.length == 4 || s.length == 7)
        snprintf(text, sizeof text, "%.*s%s", SLICE_ARG(s), s.length == 4 ? "-01-01" : "-01");
    else
        snprintf(text, sizeof text, "%.*s", (int)(s.length < 11 ? s.length : 11), s.at);
    date_parse(slice_of(text), &d);
    return d;
}

bool chart_time(const struct chart *c, size_t row, size_t column, double *ret)
{
    const struct cell *cell = table_cell(c->table, row, column);
    date d = cell->kind == CELL_DATE   ? cell->date
             : cell->kind == CELL_TEXT ? first_day(slice_of(cell->text))
                                       : DATE_NONE;
    if (d == DATE_NONE || d == DATE_MAX)
        return false;
    struct civil day = date_civil(d);
    *ret = day.year + (d - date_of(day.year, 1, 1)) / 365.25;
    return true;
}

const char *chart_text(const struct chart *c, size_t row, size_t column)
{
    return table_html_text(c->page, c->table, row, c->table->columns[column].key);
}

const char *chart_heading(const struct chart *c, size_t column)
{
    const struct column *of = &c->table->columns[column];
    const struct words *w = c->page->words;
    const char *text = say(w, of->heading);
    if (*of->unit)
        text = arena_format(c->page->arena, "%s (%s)", text, say(w, of->unit));
    return text ? text : "";
}

const char *chart_number(const struct chart *c, double value, unsigned decimals)
{
    char text[WORDS_TEXT_MAX];
    words_number(c->page->words, value, decimals, text);
    const char *kept = arena_text(c->page->arena, text, strlen(text));
    return kept ? kept : "";
}

// ---- letters around the plot

void chart_write(struct chart *c, const char *text, const struct lettering *like)
{
    struct picture *p = c->picture;
    double column = picture_text_width("0", like->size);
    for (struct slice rest = slice_of(text); rest.length > 0;) {
        struct lettering l = *like;
        struct slice line = text_line(&rest, (unsigned)((p->width - 2 * CHART_MARGIN) / column));
        l.text = arena_text(c->page->arena, line.at, line.length);
        c->y += l.size * 1.4;
        l.x = c->rtl ? p->width - CHART_MARGIN : CHART_MARGIN;
        l.y = c->y;
        l.anchor = c->rtl ? ANCHOR_RIGHT : ANCHOR_LEFT;
        if (l.text)
            picture_text(p, &l);
    }
}

#define SWATCH 22.0

void chart_legend(struct chart *c, const struct chart_entry *entries, size_t count)
{
    struct picture *p = c->picture;
    double at = CHART_MARGIN;
    c->y += 22;
    for (size_t i = 0; i < count; i++) {
        double width = SWATCH + 8 + picture_text_width(entries[i].name, 13);
        if (at > CHART_MARGIN && at + width > p->width - CHART_MARGIN) {
            at = CHART_MARGIN;
            c->y += 20;
        }
        double left = c->rtl ? p->width - at - SWATCH : at;
        picture_rectangle(p, (struct point){left, c->y - 11}, SWATCH, 13,
                          &(struct ink){.fill = entries[i].colour,
                                        .stroke = entries[i].bordered ? CHART_LINE : NULL,
                                        .width = 1},
                          NULL);
        picture_text(p, &(struct lettering){.x = c->rtl ? left - 8 : left + SWATCH + 8,
                                            .y = c->y,
                                            .size = 13,
                                            .anchor = c->rtl ? ANCHOR_RIGHT : ANCHOR_LEFT,
                                            .rtl = c->rtl,
                                            .text = entries[i].name});
        at += width + 20;
    }
}

static void write_source(struct chart *c)
{
    struct page *p = c->page;
    const struct basis *b = &c->table->basis;
    const struct lettering said = {.size = 12, .quiet = true, .rtl = c->rtl};
    const struct lettering address = {.size = 12, .quiet = true};
    c->y += 14;
    chart_write(c, table_html_basis(p, b), &said);
    const char *from = arena_format(p->arena, "Sextant %s, %s%s", b->version, p->visit->base_url,
                                    p->visit->chart->page);
    chart_write(c, from ? from : "", &address);
}

// ---- what is drawn

static void add_column(struct chart *c, struct slice key)
{
    for (size_t i = 0; i < c->table->column_count; i++)
        if (slice_is(key, c->table->columns[i].key) && c->column_count < CHART_SERIES_MAX)
            c->columns[c->column_count++] = i;
}

// The column that is asked for, else the first of them; all where they are drawn together.
static void choose_columns(struct chart *c, const char *asked)
{
    for (struct slice rest = slice_of(c->view->y); rest.at;)
        add_column(c, slice_cut(&rest, ' '));
    if (c->view->together || strcmp(c->view->kind, "lorenz") == 0 || c->column_count == 0)
        return;
    size_t wanted = 0;
    for (size_t i = 0; asked && i < c->column_count; i++)
        wanted = strcmp(asked, c->table->columns[c->columns[i]].key) == 0 ? i : wanted;
    c->columns[0] = c->columns[wanted];
    c->column_count = 1;
}

// The caption, and what the one column is: "Space (/32s). IPv6 space delegated, in /32s."
static void write_title(struct chart *c)
{
    const struct words *w = c->page->words;
    const struct column *of = &c->table->columns[c->columns[0]];
    chart_write(c, c->view->caption, &(struct lettering){.size = 17, .bold = true, .rtl = c->rtl});
    if (c->column_count > 1 || c->view->together) {
        chart_write(c, say(w, of->unit), &(struct lettering){.size = 13, .quiet = true});
        return;
    }
    const char *text = arena_format(c->page->arena, "%s. %s", chart_heading(c, c->columns[0]),
                                    say(w, of->description));
    chart_write(c, text ? text : "", &(struct lettering){.size = 13, .quiet = true, .rtl = c->rtl});
}

static bool draw_kind(struct chart *c)
{
    static const struct {
        const char *kind;
        bool (*draw)(struct chart *);
    } kinds[] = {{"line", chart_draw_line},
                 {"bar", chart_draw_bar},
                 {"map", chart_draw_map},
                 {"range", chart_draw_range},
                 {"lorenz", chart_draw_lorenz}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, c->view->kind) == 0)
            return kinds[i].draw(c);
    return false;
}

void chart_answer(struct page *p, const struct table *t, const struct table_chart *view)
{
    struct chart_order *order = p->visit->chart;
    const char *scale = page_value(p, "scale");
    if (strcmp(order->name, table_html_chart_name(view)) != 0)
        return;
    order->picture = (struct picture){.arena = p->arena,
                                      .language = p->visit->language,
                                      .width = PICTURE_WIDTH,
                                      .title = view->caption};
    struct chart c = {.page = p,
                      .table = t,
                      .view = view,
                      .picture = &order->picture,
                      .logarithmic = scale ? strcmp(scale, "log") == 0 : view->logarithmic,
                      .rtl = strcmp(words_direction(p->visit->language), "rtl") == 0,
                      .y = CHART_MARGIN - 6};
    choose_columns(&c, page_value(p, "y"));
    if (c.column_count == 0)
        return;
    write_title(&c);
    order->drawn = draw_kind(&c);
    write_source(&c);
    order->picture.description = say(p->words, "The figures are in the table of the page.");
    order->picture.height = c.y + CHART_MARGIN - 8;
    order->picture.failed |= order->picture.height > PICTURE_HEIGHT_MAX;
}
