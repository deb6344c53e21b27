// SPDX-License-Identifier: Apache-2.0
//
// A view: the part of the archive that one query is about, in arrays. The measures compute from a
// view alone, so that a test can build one by hand.

#ifndef MEASURE_VIEW_H
#define MEASURE_VIEW_H

#include "measure/measure.h"

struct view {
    const struct world *world;
    struct snapshot_list snapshots;
    const struct snapshot *known[REGISTRY_COUNT]; // of the query's family; NULL where not used
    date known_on;                                // the newest of them
    unsigned registries;                          // bits of those used
    struct lifetime *at; // selected: statuses, lengths, registries, and in standing views the day
    size_t count;
    bool has_holders;     // an input of those used states holders
    struct series people; // the population of economies
};

// Which registries a query is about, given what the archive has: those asked for; else the RIRs
// that have a snapshot; else a range table. ERR_NOT_FOUND where nothing is left.
int view_registries(const struct query *q, const struct snapshot_list *l, unsigned *ret,
                    struct err *e);

// What stands in the snapshots known on q->known_on.
int view_load_standing(const struct measure *m, const struct query *q, struct view *ret,
                       struct err *e);

// Every lifetime that began by q->known_on.
int view_load_history(const struct measure *m, const struct query *q, struct view *ret,
                      struct err *e);

void view_done(struct view *v);

// The basis of a table: parameters, the snapshots in v->known, the archive's revision. One more
// input (a population series, the IPv4 snapshots) is added with basis_add_snapshot.
int view_basis(const struct measure *m, const struct query *q, const struct view *v,
               const char *command, struct table *t, struct err *e);

#endif
