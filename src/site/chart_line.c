// SPDX-License-Identifier: Apache-2.0
//
// Lines: figures by period, a line for each column or each economy, region, group; and the Lorenz
// curve.

#include "site/chart_parts.h"

#include <math.h>
#include <stdlib.h>

struct line {
    const char *name, *colour,
        *key; // key: the row's text in the column that names lines; NULL: all
    size_t column;
};

struct plot {
    struct chart *chart;
    struct axis x, y;
    size_t x_column, name_column;
    bool (*x_value)(const struct chart *c, size_t row, size_t column, double *ret);
    struct line lines[CHART_SERIES_MAX];
    size_t line_count;
    const char *(*x_text)(struct plot *p, double value);
};

static bool point_of(const struct plot *p, const struct line *l, size_t row, double *x, double *y)
{
    const struct chart *c = p->chart;
    if (l->key && strcmp(chart_text(c, row, p->name_column), l->key) != 0)
        return false;
    return p->x_value(c, row, p->x_column, x) && chart_value(c, row, l->column, y) &&
           (!c->logarithmic || *y > 0);
}

static void add_line(struct plot *p, size_t column, const char *name, const char *key)
{
    if (p->line_count == CHART_SERIES_MAX)
        return;
    p->lines[p->line_count] = (struct line){name, chart_series[p->line_count], key, column};
    p->line_count++;
}

static bool has_line(const struct plot *p, const char *key)
{
    for (size_t i = 0; i < p->line_count; i++)
        if (strcmp(p->lines[i].key, key) == 0)
            return true;
    return false;
}

static void find_lines(struct plot *p)
{
    struct chart *c = p->chart;
    p->name_column = c->view->series ? table_find_column(c->table, c->view->series) : SIZE_MAX;
    for (size_t row = 0; p->name_column != SIZE_MAX && row < c->table->row_count; row++) {
        const char *key = chart_text(c, row, p->name_column);
        if (!has_line(p, key))
            add_line(p, c->columns[0], key, key);
    }
    for (size_t i = 0; p->name_column == SIZE_MAX && i < c->column_count; i++)
        add_line(p, c->columns[i], chart_heading(c, c->columns[i]), NULL);
}

static bool find_bounds(struct plot *p)
{
    double x, y;
    bool found = false;
    for (size_t i = 0; i < p->line_count; i++)
        for (size_t row = 0; row < p->chart->table->row_count; row++) {
            if (!point_of(p, &p->lines[i], row, &x, &y))
                continue;
            p->x.low = found ? fmin(p->x.low, x) : x;
            p->x.high = found ? fmax(p->x.high, x) : x;
            p->y.low = found ? fmin(p->y.low, y) : y;
            p->y.high = found ? fmax(p->y.high, y) : y;
            found = true;
        }
    if (found && !p->chart->logarithmic)
        p->y.low = fmin(p->y.low, 0);
    return found;
}

// ---- axes

static const char *year_text(struct plot *p, double value)
{
    int year = (int)floor(value + 1e-6);
    int month = (int)((value - year) * 12 + 0.5);
    const char *text = p->x.decimals == 0
                           ? arena_format(p->chart->page->arena, "%d", year)
                           : arena_format(p->chart->page->arena, "%d-%02d", year, month + 1);
    return text ? text : "";
}

static void mark_years(struct axis *a)
{
    static const double steps[] = {1.0 / 12, 0.25, 0.5, 1, 2, 5, 10, 20};
    size_t i = 0;
    while (i + 1 < sizeof steps / sizeof *steps && (a->high - a->low) / steps[i] > 9)
        i++;
    axis_mark(a, steps[i]);
    a->decimals = steps[i] < 1 ? 2 : 0;
}

static const char *percent_text(struct plot *p, double value)
{
    const char *text = arena_format(p->chart->page->arena, "%.0f\xE2\x80\xAF%%", value);
    return text ? text : "";
}

static void draw_x_axis(struct plot *p)
{
    struct picture *to = p->chart->picture;
    for (size_t i = 0; i < p->x.mark_count; i++) {
        double x = axis_place(&p->x, p->x.marks[i]);
        picture_line(to, (struct point[2]){{x, p->y.start}, {x, p->y.start + 5}}, 2,
                     &(struct ink){.stroke = CHART_INK, .width = 1});
        picture_text(to, &(struct lettering){.x = x,
                                             .y = p->y.start + 20,
                                             .size = 13,
                                             .anchor = ANCHOR_MIDDLE,
                                             .text = p->x_text(p, p->x.marks[i])});
    }
}

static void draw_y_axis(struct plot *p, bool percent)
{
    struct picture *to = p->chart->picture;
    bool mirrored = p->x.end < p->x.start;
    for (size_t i = 0; i < p->y.mark_count; i++) {
        double value = p->y.marks[i], y = axis_place(&p->y, value);
        unsigned decimals = p->y.logarithmic && value >= 1 ? 0 : p->y.decimals;
        picture_line(to, (struct point[2]){{p->x.start, y}, {p->x.end, y}}, 2,
                     &(struct ink){.stroke = value == 0 ? CHART_INK : CHART_LINE, .width = 1});
        picture_text(
            to, &(struct lettering){.x = p->x.start + (mirrored ? 8 : -8),
                                    .y = y + 4,
                                    .size = 13,
                                    .anchor = mirrored ? ANCHOR_LEFT : ANCHOR_RIGHT,
                                    .text = percent ? percent_text(p, value)
                                                    : chart_number(p->chart, value, decimals)});
    }
}

// Room for the widest figure.
static double axis_width(const struct plot *p)
{
    double most = 0;
    for (size_t i = 0; i < p->y.mark_count; i++)
        most = fmax(most,
                    picture_text_width(chart_number(p->chart, p->y.marks[i], p->y.decimals), 13));
    return most + 10;
}

// ---- lines

static const char *point_name(struct plot *p, const struct line *l, size_t row)
{
    struct chart *c = p->chart;
    const char *text = arena_format(c->page->arena, "%s%s%s: %s", p->line_count > 1 ? l->name : "",
                                    p->line_count > 1 ? ", " : "", chart_text(c, row, p->x_column),
                                    chart_text(c, row, l->column));
    return text ? text : "";
}

static void draw_run(struct plot *p, const struct line *l, const struct point *at, size_t count)
{
    if (count > 1)
        picture_line(p->chart->picture, at, count, &(struct ink){.stroke = l->colour, .width = 2});
}

// An empty cell interrupts the line.
static void draw_line(struct plot *p, const struct line *l, bool dots)
{
    struct chart *c = p->chart;
    struct point *at = arena_alloc(c->page->arena, CHART_POINTS_MAX * sizeof *at);
    size_t count = 0;
    double x, y;
    for (size_t row = 0; at && row < c->table->row_count; row++) {
        if (l->key && strcmp(chart_text(c, row, p->name_column), l->key) != 0)
            continue;
        bool there = point_of(p, l, row, &x, &y) && count < CHART_POINTS_MAX;
        if (!there) {
            draw_run(p, l, at, count);
            count = 0;
            continue;
        }
        at[count++] = (struct point){axis_place(&p->x, x), axis_place(&p->y, y)};
        if (dots)
            picture_circle(c->picture, at[count - 1], 3, &(struct ink){.fill = l->colour},
                           point_name(p, l, row));
    }
    if (at)
        draw_run(p, l, at, count);
}

// ---- intervals

struct band {
    size_t low, high; // columns
    const char *name;
};

#define BANDS_MAX   4
#define BAND_COLOUR chart_series[1] // that of the line that they are of

static size_t find_bands(const struct chart *c, struct band bands[BANDS_MAX])
{
    size_t count = 0;
    for (struct slice rest = slice_of(c->view->bands ? c->view->bands : "");
         rest.at && rest.length && count < BANDS_MAX;) {
        struct slice part = slice_cut(&rest, ' '), low = slice_cut(&part, ':');
        struct slice high = slice_cut(&part, ':');
        const char *keys[2] = {arena_text(c->page->arena, low.at, low.length),
                               arena_text(c->page->arena, high.at, high.length)};
        if (!keys[0] || !keys[1])
            break;
        bands[count] =
            (struct band){table_find_column(c->table, keys[0]),
                          table_find_column(c->table, keys[1]), table_html_band(c->page, part)};
        count += bands[count].low != SIZE_MAX && bands[count].high != SIZE_MAX;
    }
    return count;
}

// The lower edge forwards, the upper one back.
static void draw_band(struct plot *p, const struct band *b)
{
    struct chart *c = p->chart;
    struct point *at = arena_alloc(c->page->arena, 2 * CHART_POINTS_MAX * sizeof *at);
    size_t count = 0;
    double x, low, high;
    for (size_t row = 0; at && row < c->table->row_count && count < CHART_POINTS_MAX; row++)
        if (p->x_value(c, row, p->x_column, &x) && chart_value(c, row, b->low, &low) &&
            chart_value(c, row, b->high, &high) && (!c->logarithmic || low > 0)) {
            at[count] = (struct point){axis_place(&p->x, x), axis_place(&p->y, low)};
            at[2 * CHART_POINTS_MAX - ++count] =
                (struct point){axis_place(&p->x, x), axis_place(&p->y, high)};
        }
    if (count < 2)
        return;
    memmove(at + count, at + 2 * CHART_POINTS_MAX - count, count * sizeof *at);
    picture_area(c->picture, at, 2 * count, &(struct ink){.fill = BAND_COLOUR, .opacity = 0.2});
}

static void widen_by_bands(struct plot *p, const struct band *bands, size_t count)
{
    double value;
    for (size_t i = 0; i < count; i++)
        for (size_t row = 0; row < p->chart->table->row_count; row++) {
            if (chart_value(p->chart, row, bands[i].low, &value) &&
                (!p->chart->logarithmic || value > 0))
                p->y.low = fmin(p->y.low, value);
            if (chart_value(p->chart, row, bands[i].high, &value))
                p->y.high = fmax(p->y.high, value);
        }
}

static void draw_lines(struct plot *p)
{
    bool dots = p->chart->table->row_count <= 80 * p->line_count;
    for (size_t i = 0; i < p->line_count; i++)
        draw_line(p, &p->lines[i], dots);
}

static void draw_names(struct plot *p, const char *reference, const struct band *bands,
                       size_t band_count)
{
    struct chart_entry entries[CHART_SERIES_MAX + BANDS_MAX + 1];
    size_t count = 0;
    for (; count < p->line_count; count++)
        entries[count] = (struct chart_entry){p->lines[count].colour, p->lines[count].name, false};
    for (size_t i = 0; i < band_count; i++) // the inner one lies on the outer one
        entries[count++] =
            (struct chart_entry){i == 0 ? "#f1dcce" : "#e4b593", bands[i].name, false};
    if (reference)
        entries[count++] = (struct chart_entry){CHART_QUIET, reference, false};
    if (count > 1)
        chart_legend(p->chart, entries, count);
}

// ---- the two kinds

#define LINE_HEIGHT 320.0

bool chart_draw_line(struct chart *c)
{
    struct plot p = {.chart = c,
                     .x_value = chart_time,
                     .x_text = year_text,
                     .x_column = table_find_column(c->table, c->view->x),
                     .y.logarithmic = c->logarithmic};
    struct band bands[BANDS_MAX];
    if (p.x_column == SIZE_MAX)
        return false;
    find_lines(&p);
    if (!find_bounds(&p))
        return false;
    size_t band_count = find_bands(c, bands);
    widen_by_bands(&p, bands, band_count);
    axis_round(&p.y, 5);
    mark_years(&p.x);
    double side = axis_width(&p), width = c->picture->width;
    p.x.start = c->rtl ? width - CHART_MARGIN - side : CHART_MARGIN + side;
    p.x.end = c->rtl ? CHART_MARGIN + 12 : width - CHART_MARGIN - 12;
    p.y.end = c->y + 20;
    p.y.start = p.y.end + LINE_HEIGHT;
    draw_y_axis(&p, false);
    draw_x_axis(&p);
    for (size_t i = 0; i < band_count; i++)
        draw_band(&p, &bands[i]);
    draw_lines(&p);
    c->y = p.y.start + 26;
    draw_names(&p, NULL, bands, band_count);
    return true;
}

#define LORENZ_SIDE 420.0

// Read from the left in every language.
bool chart_draw_lorenz(struct chart *c)
{
    struct plot p = {.chart = c,
                     .x_value = chart_value,
                     .x_text = percent_text,
                     .x_column = table_find_column(c->table, c->view->x),
                     .x.high = 100,
                     .y.high = 100};
    if (p.x_column == SIZE_MAX)
        return false;
    c->logarithmic = false;
    find_lines(&p);
    axis_mark(&p.x, 20);
    axis_mark(&p.y, 20);
    double left = c->rtl ? c->picture->width - CHART_MARGIN - LORENZ_SIDE : CHART_MARGIN + 52;
    p.x.start = left;
    p.x.end = left + LORENZ_SIDE;
    p.y.end = c->y + 20;
    p.y.start = p.y.end + LORENZ_SIDE;
    draw_y_axis(&p, true);
    draw_x_axis(&p);
    picture_line(c->picture, (struct point[2]){{p.x.start, p.y.start}, {p.x.end, p.y.end}}, 2,
                 &(struct ink){.stroke = CHART_QUIET, .width = 1, .dashed = true});
    draw_lines(&p);
    c->y = p.y.start + 26;
    draw_names(&p, say(c->page->words, "All equal"), NULL, 0);
    return true;
}
