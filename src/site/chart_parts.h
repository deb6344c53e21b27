// SPDX-License-Identifier: Apache-2.0
//
// What the kinds of charts share. Private to src/site.

#ifndef SITE_CHART_PARTS_H
#define SITE_CHART_PARTS_H

#include "site/axis.h"
#include "site/chart.h"

#define CHART_MARGIN      24.0
#define CHART_SERIES_MAX  8
#define CHART_SHADE_COUNT 5
#define CHART_BARS_MAX    20
#define CHART_ORDERED_MAX 60   // where the rows have an order of their own: each prefix length
#define CHART_POINTS_MAX  8000 // of one line: a value a day for twenty years

struct chart {
    struct page *page;
    const struct table *table;
    const struct table_chart *view;
    struct picture *picture;
    size_t columns[CHART_SERIES_MAX]; // drawn, or the one that is
    size_t column_count;
    bool logarithmic, rtl;
    double y; // what is above is drawn
};

extern const char *const chart_series[CHART_SERIES_MAX];
extern const char *const chart_shades[CHART_SHADE_COUNT];
#define CHART_LINE  "#d5d5cd"
#define CHART_INK   "#1d2124"
#define CHART_QUIET "#565c62"

// Each draws from c->y downwards and moves it; false where there is nothing to draw.
bool chart_draw_line(struct chart *c);
bool chart_draw_lorenz(struct chart *c);
bool chart_draw_bar(struct chart *c);
bool chart_draw_map(struct chart *c);
bool chart_draw_range(struct chart *c);

// False where the cell is empty or no number, and in a row of sums.
bool chart_value(const struct chart *c, size_t row, size_t column, double *ret);
bool chart_is_sum(const struct chart *c, size_t row);

// A period's or date's first day as a year with its part: 2024.25. False for other texts.
bool chart_time(const struct chart *c, size_t row, size_t column, double *ret);

const char *chart_text(const struct chart *c, size_t row, size_t column); // as the page has it
const char *chart_heading(const struct chart *c, size_t column);          // in the language
const char *chart_number(const struct chart *c, double value, unsigned decimals);

struct chart_entry {
    const char *colour, *name;
    bool bordered;
};
void chart_legend(struct chart *c, const struct chart_entry *entries, size_t count);

// Lines of letters, from the side where reading begins; of `like` the size and the look count.
void chart_write(struct chart *c, const char *text, const struct lettering *like);

#endif
