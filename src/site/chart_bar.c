// SPDX-License-Identifier: Apache-2.0
//
// A ranking: who has most. Where one reads from the right, bars grow from the right.

#include "site/chart_parts.h"

#include "base/terminal.h"

#include <math.h>
#include <stdlib.h>

#define BAR_STEP    24.0
#define NAME_SHARE  0.4 // of the width, at most
#define LETTER_SIZE 13.0

struct bar {
    size_t row;
    double value;
};

static int bar_order(const void *left, const void *right)
{
    const struct bar *a = left, *b = right;
    if (a->value != b->value)
        return a->value < b->value ? 1 : -1;
    return (a->row > b->row) - (a->row < b->row);
}

static size_t collect(const struct chart *c, struct bar **ret)
{
    struct bar *bars = arena_alloc(c->page->arena, (c->table->row_count + 1) * sizeof *bars);
    size_t count = 0;
    for (size_t row = 0; bars && row < c->table->row_count; row++)
        if (chart_value(c, row, c->columns[0], &bars[count].value))
            bars[count++].row = row;
    if (count > 1 && !c->view->ordered)
        qsort(bars, count, sizeof *bars, bar_order);
    *ret = bars;
    size_t most = c->view->ordered ? CHART_ORDERED_MAX : CHART_BARS_MAX;
    return count < most ? count : most;
}

static const char *shortened(const struct chart *c, const char *name, double width)
{
    struct slice rest = slice_of(name);
    unsigned columns = (unsigned)(width / picture_text_width("0", LETTER_SIZE));
    if (text_width(name) <= columns)
        return name;
    struct slice line = text_line(&rest, columns - 1);
    const char *text = arena_format(c->page->arena, "%.*s\xE2\x80\xA6", SLICE_ARG(line));
    return text ? text : "";
}

struct sides {
    double name, figure; // how wide
};

static void draw_bar(struct chart *c, const struct bar *b, const struct sides *s, size_t name,
                     double most)
{
    struct picture *p = c->picture;
    double room = p->width - 2 * CHART_MARGIN - s->name - s->figure;
    double length = most > 0 ? fmax(b->value, 0) / most * room : 0;
    double from = c->rtl ? p->width - CHART_MARGIN - s->name : CHART_MARGIN + s->name;
    double to = c->rtl ? from - length : from + length, base = c->y + BAR_STEP * 0.68;
    const char *text = shortened(c, chart_text(c, b->row, name), s->name - 8);
    const char *figure = chart_text(c, b->row, c->columns[0]);
    const char *title = arena_format(c->page->arena, "%s: %s", chart_text(c, b->row, name), figure);
    picture_rectangle(p, (struct point){fmin(from, to), c->y + 3}, length, BAR_STEP - 6,
                      &(struct ink){.fill = chart_series[0]}, title);
    picture_text(p, &(struct lettering){.x = from + (c->rtl ? 8 : -8),
                                        .y = base,
                                        .size = LETTER_SIZE,
                                        .anchor = c->rtl ? ANCHOR_LEFT : ANCHOR_RIGHT,
                                        .rtl = c->rtl,
                                        .text = text});
    picture_text(p, &(struct lettering){.x = to + (c->rtl ? -6 : 6),
                                        .y = base,
                                        .size = LETTER_SIZE,
                                        .anchor = c->rtl ? ANCHOR_RIGHT : ANCHOR_LEFT,
                                        .text = figure});
    c->y += BAR_STEP;
}

bool chart_draw_bar(struct chart *c)
{
    struct bar *bars;
    struct sides s = {0};
    const char *names = c->view->name ? c->view->name : "name";
    size_t count = collect(c, &bars), name = table_find_column(c->table, names);
    if (count == 0 || name == SIZE_MAX)
        return false;
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        most = fmax(most, bars[i].value);
        s.name = fmax(s.name, picture_text_width(chart_text(c, bars[i].row, name), LETTER_SIZE));
        s.figure = fmax(s.figure,
                        picture_text_width(chart_text(c, bars[i].row, c->columns[0]), LETTER_SIZE));
    }
    s.name = fmin(s.name, c->picture->width * NAME_SHARE) + 12;
    s.figure += 10;
    c->y += 12;
    for (size_t i = 0; i < count; i++)
        draw_bar(c, &bars[i], &s, name, most);
    return true;
}
