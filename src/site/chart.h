// SPDX-License-Identifier: Apache-2.0
//
// A page's chart as a picture: the same table, the same columns, the same words as the script draws
// in the page, with title, unit, date and source in the picture.

#ifndef SITE_CHART_H
#define SITE_CHART_H

#include "site/picture.h"
#include "site/table_html.h"

// What of the page's address asks for a chart: /en/chart/economy/KE/pace.svg?y=slash32&scale=log
struct chart_order {
    const char *name; // of the chart: "pace"
    const char *page; // the page's own address, "/en/economy/KE"
    bool drawn;
    struct picture picture;
};

// Draws the chart into the visit's order, where it is the one that is wanted.
void chart_answer(struct page *p, const struct table *t, const struct table_chart *c);

#endif
