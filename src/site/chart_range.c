// SPDX-License-Identifier: Apache-2.0
//
// Ranges: for each row its figures as dots on one line, from the least to the most.

#include "site/chart_parts.h"

#include "base/terminal.h"

#include <math.h>
#include <stdlib.h>

#define ROW_STEP    24.0
#define NAME_SHARE  0.4 // of the width, at most
#define LETTER_SIZE 13.0

struct range_row {
    size_t row;
    double low, high;
};

static bool find_range(const struct chart *c, size_t row, struct range_row *ret)
{
    double value;
    bool found = false;
    for (size_t i = 0; i < c->column_count; i++) {
        if (!chart_value(c, row, c->columns[i], &value))
            continue;
        ret->low = found ? fmin(ret->low, value) : value;
        ret->high = found ? fmax(ret->high, value) : value;
        found = true;
    }
    ret->row = row;
    return found;
}

static int range_order(const void *left, const void *right)
{
    const struct range_row *a = left, *b = right;
    if (a->high != b->high)
        return a->high < b->high ? 1 : -1;
    return (a->row > b->row) - (a->row < b->row);
}

static size_t collect(const struct chart *c, struct range_row **ret)
{
    size_t count = 0, most = c->view->ordered ? CHART_ORDERED_MAX : CHART_BARS_MAX;
    struct range_row *rows = arena_alloc(c->page->arena, (c->table->row_count + 1) * sizeof *rows);
    for (size_t row = 0; rows && row < c->table->row_count; row++)
        count += find_range(c, row, &rows[count]);
    if (count > 1 && !c->view->ordered)
        qsort(rows, count, sizeof *rows, range_order);
    *ret = rows;
    return count < most ? count : most;
}

static void draw_figures(struct chart *c, const struct range_row *r, const struct axis *x, double y,
                         const char *name)
{
    double value;
    const struct ink line = {.stroke = chart_series[0], .width = 2};
    picture_line(c->picture,
                 (struct point[2]){{axis_place(x, r->low), y}, {axis_place(x, r->high), y}}, 2,
                 &line);
    for (size_t i = 0; i < c->column_count; i++) {
        if (!chart_value(c, r->row, c->columns[i], &value))
            continue;
        const char *title =
            arena_format(c->page->arena, "%s, %s: %s", name, chart_heading(c, c->columns[i]),
                         chart_text(c, r->row, c->columns[i]));
        picture_circle(c->picture, (struct point){axis_place(x, value), y}, 4,
                       &(struct ink){.fill = chart_series[0]}, title);
    }
}

static void draw_axis(struct chart *c, const struct axis *x, double top, double bottom)
{
    for (size_t i = 0; i < x->mark_count; i++) {
        double at = axis_place(x, x->marks[i]);
        picture_line(c->picture, (struct point[2]){{at, top}, {at, bottom}}, 2,
                     &(struct ink){.stroke = CHART_LINE, .width = 1});
        picture_text(c->picture,
                     &(struct lettering){.x = at,
                                         .y = bottom + 18,
                                         .size = LETTER_SIZE,
                                         .anchor = ANCHOR_MIDDLE,
                                         .text = chart_number(c, x->marks[i], x->decimals)});
    }
}

bool chart_draw_range(struct chart *c)
{
    struct range_row *rows;
    struct axis x = {0};
    double width = 0, side;
    const char *names = c->view->name ? c->view->name : "name";
    size_t count = collect(c, &rows), name = table_find_column(c->table, names);
    if (count == 0 || name == SIZE_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        width = fmax(width, picture_text_width(chart_text(c, rows[i].row, name), LETTER_SIZE));
        x.low = fmin(x.low, rows[i].low);
        x.high = fmax(x.high, rows[i].high);
    }
    side = CHART_MARGIN + fmin(width, c->picture->width * NAME_SHARE) + 14;
    x.start = c->rtl ? c->picture->width - side : side;
    x.end = c->rtl ? CHART_MARGIN + 20 : c->picture->width - CHART_MARGIN - 20;
    axis_round(&x, 6);
    c->y += 14;
    double bottom = c->y + (double)count * ROW_STEP;
    draw_axis(c, &x, c->y, bottom);
    for (size_t i = 0; i < count; i++) {
        double y = c->y + ((double)i + 0.5) * ROW_STEP;
        const char *text = chart_text(c, rows[i].row, name);
        picture_text(c->picture, &(struct lettering){.x = x.start + (c->rtl ? 10 : -10),
                                                     .y = y + 4,
                                                     .size = LETTER_SIZE,
                                                     .anchor = c->rtl ? ANCHOR_LEFT : ANCHOR_RIGHT,
                                                     .rtl = c->rtl,
                                                     .text = text});
        draw_figures(c, &rows[i], &x, y, text);
    }
    c->y = bottom + 24;
    return true;
}
