// SPDX-License-Identifier: Apache-2.0
//
// Economies, regions, groups and the world side by side: the pace of each as one column of a table
// with a row a year.

#ifndef SITE_COMPARISON_H
#define SITE_COMPARISON_H

#include "site/layout.h"

#define COMPARED_MAX 8

struct compared {
    const char *text; // as it was asked for: "region:africa"
    enum by by;
    const char *key, *name;
    const struct table *pace; // of the comparison's tables, or borrowed
};

struct comparison {
    struct page *page;
    const char *figure; // the key of a column of the pace
    struct compared members[COMPARED_MAX];
    size_t count;
    struct measure_tables tables[COMPARED_MAX];
};

// Adds the members of a list: "KE,region:africa,group:ldc,world". One that is there already stays
// once. ERR_USAGE says what is wanted.
int comparison_add(struct comparison *c, const char *list, struct err *e);

// Of the members whose pace is not set. Takes known-on from the request.
int comparison_measure(struct comparison *c, struct err *e);

// The one that the request's `of` names, the world by default, as `by` and `only` of the query.
int comparison_subject(struct comparison *c, struct query *q, struct err *e);

// After the measuring. The table's columns have the members' texts as keys; to be freed.
int comparison_table(const struct comparison *c, struct table **ret, struct err *e);

// "KE region:africa": the columns of that table.
const char *comparison_columns(const struct comparison *c);

// <option>s: the world, each region and group, each economy, with what comparison_add takes.
void comparison_options(struct page *p, const char *chosen);

// Links to the pages on what else is known of one: "KE", "region:africa".
void comparison_links(struct page *p, const char *text);

void comparison_done(struct comparison *c);

#endif
