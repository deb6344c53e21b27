// SPDX-License-Identifier: Apache-2.0
//
// What the archive holds, as tables: snapshots with their gaps and suspects, series, inputs with
// what became of their lines, and what is registered at an address.

#ifndef MEASURE_HOLDINGS_H
#define MEASURE_HOLDINGS_H

#include "measure/measure.h"

enum holdings_part {
    HOLDINGS_SERIES = 1,    // one row for each registry and family
    HOLDINGS_GAPS = 2,      // one row for each gap
    HOLDINGS_SUSPECTS = 4,  // one row for each suspect snapshot
    HOLDINGS_SNAPSHOTS = 8, // one row for each snapshot
    HOLDINGS_ROUTES = 16,   // one row for each series of routes
    HOLDINGS_FIGURES = 32,  // one row for each dated series of economies
};
#define HOLDINGS_ALL 63u

// The parts asked for, in that order. A gap: two neighbours more than a day apart.
int measure_holdings(const struct measure *m, unsigned parts, struct measure_tables *ret,
                     struct err *e);

// The newest `top` inputs (0: all), the newest first.
int measure_inputs(const struct measure *m, size_t top, struct measure_tables *ret, struct err *e);

// One input: what it is, its lines by fate, its findings, its snapshots. `key` as in
// store_find_input.
int measure_input(const struct measure *m, const char *key, struct measure_tables *ret,
                  struct err *e);

// What is and was registered in a range, the most covering first: IANA's block, then the
// registries' records, each with the first and last snapshot that shows it. known_on: DATE_MAX for
// the whole history, else only what stood on that day. At most `most` rows (0: all; a note tells
// when there are more). No row: nothing is registered there.
#define LOOKUP_ROWS_MAX 1000000
int measure_lookup(const struct measure *m, const struct range *range, date known_on, size_t most,
                   struct measure_tables *ret, struct err *e);

#endif
