// SPDX-License-Identifier: Apache-2.0
//
// Changes between the states that were known on two days, as they come from the archive; shared by
// the measures `changes` and `economy`.

#ifndef MEASURE_CHANGES_H
#define MEASURE_CHANGES_H

#include "measure/difference.h"
#include "measure/economies.h"
#include "measure/measure.h"

// Space in the hands of holders, and space that the registries still have: compared apart, so that
// a block handed out of the stock is new here and drawn there.
enum space { SPACE_DELEGATED, SPACE_STOCK };
#define SPACE_COUNT 2
const char *space_name(enum space s);

struct changes {
    struct snapshot_list snapshots;
    const struct snapshot *before[REGISTRY_COUNT], *after[REGISTRY_COUNT]; // NULL: not compared
    unsigned left_out; // bits: registries known on the later day only
    struct difference spaces[SPACE_COUNT];
};

// Compares the state known on q->from with that known on q->to (both set). ERR_NOT_FOUND where no
// registry is known on both days.
int changes_find(const struct measure *m, const struct query *q, struct changes *ret,
                 struct err *e);
void changes_done(struct changes *c);

// Is one of the change's records of these economies?
bool change_touches(const struct difference *d, const struct change *c,
                    const struct economy_set *only);

date changes_year_before(date d); // of 29 February: 28 February

struct change_sum {
    uint64_t changes, removed, added;
    u128 removed_space, added_space; // addresses or numbers, as records; saturated
};

// Sums by kind. With `only`, of the changes that have a record of these economies, and of the
// records only theirs.
void changes_sum(const struct difference *d, const struct economy_set *only,
                 struct change_sum sums[CHANGE_KIND_COUNT]);

// A table of the sums: columns and rows; `brief` leaves out kinds without a change.
void changes_fill_sums(struct table *t, const struct query *q, const struct changes *c,
                       const struct economy_set *only, bool brief);

// Notes on registries that are left out or were known by one snapshot only.
void changes_note(struct table *t, const struct query *q, const struct changes *c);

// Both states' snapshots as the basis of a table.
int changes_basis(const struct measure *m, const struct query *q, const char *command,
                  const struct changes *c, struct table *t, struct err *e);

#endif
