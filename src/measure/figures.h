// SPDX-License-Identifier: Apache-2.0
//
// Columns that several tables have: exact space in the units of its family, counts, shares.

#ifndef MEASURE_FIGURES_H
#define MEASURE_FIGURES_H

#include "measure/view.h"

// Sums of space. 2^128 addresses, all there are, are written as U128_MAX, and sums stay there.
u128 space_add(u128 a, u128 b);
u128 space_subtract(u128 a, u128 b); // not below 0

// The columns that show space. IPv6: "slash32" and its exact twin "slash64"; IPv4: "addresses"; AS
// numbers: "as_numbers".
struct space_columns {
    size_t shown, twin; // twin: SIZE_MAX where there is none
};

// `prefix` begins the keys ("cumulative_"), `heading` the headings (NULL: the unit alone);
// `description` is what follows "Space" in the description: "of the delegations in the row".
struct space_columns figures_add_space(struct table *t, enum family f, const char *prefix,
                                       const char *heading, const char *description,
                                       bool machine_only);
void figures_set_space(struct table *t, size_t row, struct space_columns c, u128 space);

size_t figures_add_count(struct table *t, const char *key, const char *heading,
                         const char *description, bool machine_only);
size_t figures_add_percent(struct table *t, const char *key, const char *heading,
                           const char *description);

size_t figures_add_text(struct table *t, const char *key, const char *heading,
                        const char *description, bool machine_only);
size_t figures_add_real(struct table *t, const char *key, const char *heading,
                        const char *description, unsigned decimals);

// 100 * part / whole; NaN where the whole is 0.
double figures_percent(u128 part, u128 whole);

// "IPv6", "IPv4", "AS number".
const char *family_title(enum family f);

// The end of a title: what of "known on" applies, and the selection that is not the default.
const char *figures_scope(const struct query *q, const struct view *v, struct table *t);

// Notes that every table over a view has: registries that are missing, snapshots of different days,
// records left out by `on`, a range table in the registries' place.
void figures_note(const struct query *q, const struct view *v, struct table *t);

// Numbers holders from 1 without gaps; a holder is one of one registry. 0 stays 0.
struct holders {
    uint32_t *number; // by row of the view
    uint32_t count;   // the highest number
    size_t unstated;  // rows that state none
};
int holders_number(struct holders *h, const struct lifetime *rows, size_t count, struct err *e);
void holders_done(struct holders *h);

// A note where some rows state no holder.
void holders_note(const struct holders *h, size_t rows, struct table *t);

#endif
