// SPDX-License-Identifier: Apache-2.0
//
// A table of figures as HTML: caption, headings with units, cells by the custom of the language,
// and under it what it rests on: date, inputs, notes, its CSV and JSON, definition, citation.
//
// For the script (web/README.md): <th data-column="slash32">, <tr data-key="KE">, and data-value on
// a cell whose text is not the exact number.

#ifndef SITE_TABLE_HTML_H
#define SITE_TABLE_HTML_H

#include "site/layout.h"

struct table_view {
    const char *id;        // of the element: "pace"
    const char *caption;   // in the language, with dates
    const char *leave_out; // keys of columns with a comma after each: "first_delegation,"; NULL
    const char *part;      // what a row's key is a page of: "economy", or "scope": what its cell
                           // says; NULL: rows are no links
    size_t rows;           // only the first; 0: all
    bool total;            // also the last row, where `rows` cuts
    const char *query;     // what the address of its CSV has besides its basis: "table=holders"
    bool bare;             // without what stands under a table
};

void table_html(struct page *p, const struct table *t, const struct table_view *v);

// One cell as people read it, in the request's arena; "" where it is empty.
const char *table_html_text(struct page *p, const struct table *t, size_t row, const char *key);

// What stands under a table, for one that was not computed by a measure alone.
void table_html_foot(struct page *p, const struct table *t, const struct table_view *v);

// "Known on 5 January 2024; computed from 5 inputs, SHA-256 1234abcd…"; "" where nothing is stated.
const char *table_html_basis(struct page *p, const struct basis *b);

// A figure with its pictures and links, in which the script draws a chart of the table `id`: kind
// is "line", "bar", "map" or "lorenz"; x and y (several, with blanks) are keys of columns.
struct table_chart {
    const char *kind, *id, *x, *y, *caption;
    const char *series; // the column that names a line; NULL: there is one line
    const char *name;   // the column that names a bar or a place; NULL: "name"
    const char *file;   // of its picture, "map" for map.svg; NULL: id
    const char *foot;   // the table under which its evidence is; NULL: id
    const char *query;  // as that of a table_view
    // Pairs of columns with an area between them, and the percentage of the interval that it is:
    // "low90:high90:90 low50:high50:50". NULL: none.
    const char *bands;
    bool together;    // each of y is a line
    bool logarithmic; // to begin with
    bool ordered;     // bars in the order of the rows, not of their figures
};
void table_html_chart(struct page *p, const struct table *t, const struct table_chart *c);
const char *table_html_chart_name(const struct table_chart *c);
const char *table_html_band(struct page *p, struct slice percentage); // "90 % interval"

// <dt> and <dd> of what a column is.
void table_html_column(struct page *p, const struct column *c);

// The address of the table in the API: "/api/v1/pace?by=region&format=csv".
const char *table_html_address(struct page *p, const struct table *t, const char *query,
                               const char *format);

#endif
