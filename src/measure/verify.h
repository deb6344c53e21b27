// SPDX-License-Identifier: Apache-2.0
//
// Computing an exported table again, and saying whether it is the same.
//
// The basis in the file names the measure and its parameters; the archive computes it anew; both
// tables take the same written form and are compared cell by cell. Rows are matched by the columns
// that name them, so that one row more or less is one difference.

#ifndef MEASURE_VERIFY_H
#define MEASURE_VERIFY_H

#include "base/table.h"
#include "measure/export.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

#define VERIFY_SHOWN_MAX 20 // differences that are listed for a table; all are counted

struct verification {
    struct table *tables[3]; // what was verified, differing cells, inputs; owned
    size_t file_count;       // tables verified
    uint64_t differing;      // cells and rows
    struct world *world;     // of the language of the table verified last
    enum language language;
};

int verification_init(struct verification *v); // ERR_MEMORY
void verification_done(struct verification *v);

// Verifies all tables of a file and adds to v's tables. ERR_INPUT: damaged, or no table that a
// measure of this program computes. Differences are no failure. For FILE.csv.basis.json the CSV
// file is taken.
int verify_file(struct verification *v, struct store *store, const char *path, struct err *e);

// The differences of two written forms. `names`, ended with NULL: the columns that name a row.
struct export_difference {
    const char *row, *column; // borrowed; column "": the whole row
    const char *exported, *now;
};
int export_compare(const struct export *exported, const struct export *now,
                   const char *const *names,
                   int (*each)(const struct export_difference *d, void *arg), void *arg,
                   struct err *e);

#endif
