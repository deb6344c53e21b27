// SPDX-License-Identifier: Apache-2.0
//
// Sections of a page: for each table of a measure a heading, a sentence on what it is, a chart and
// the table, as a list says.

#ifndef SITE_SECTION_H
#define SITE_SECTION_H

#include "site/table_html.h"

struct section {
    const char *table;   // its name in the measure
    const char *id;      // of the element; NULL: the table's name
    const char *heading; // NULL: it goes on under the one before
    const char *text;    // a paragraph; NULL: none
    const char *caption; // {1}: the subject, {2}: the day known on, {3}: a year before
    const char *leave_out, *part;
    size_t rows; // more are folded away; 0: all are shown
    size_t most; // of rows on the page; 0: all
    // The chart, where `kind` is set.
    const char *kind, *x, *y, *name, *series, *file, *bands;
    bool together, logarithmic, ordered;
};

// Writes those of the tables that the list has, in the list's order. A table without rows is said
// to have none. `subject`: "Kenya".
void sections_write(struct page *p, const struct measure_tables *tables, const struct section *list,
                    size_t count, const char *subject);

const struct table *sections_find(const struct measure_tables *tables, const char *name); // NULL

#endif
