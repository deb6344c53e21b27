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
    unsigned statuses;                            // bits of those loaded
    struct lifetime *at; // what the query selects, see the two ways to load
    size_t count;
    const struct series *people; // used beside; borrowed; NULL where it is not
    size_t undated_left_out;     // by `on`: a record without a date is neither before nor after
};

// Which registries a query is about, given what is known on its day: those asked for; else the RIRs
// that have a snapshot; else a range table. ERR_NOT_FOUND where nothing is left.
int view_registries(const struct query *q, const struct snapshot *const known[REGISTRY_COUNT],
                    unsigned *ret, struct err *e);

// What stands in the snapshots known on q->known_on: of the statuses, lengths and registries asked
// for, dated by q->on.
int view_load_standing(const struct measure *m, const struct query *q, struct view *ret,
                       struct err *e);

// Every lifetime that began by q->known_on, of the lengths asked for; of all RIRs when some of them
// are asked for, and of allocated and assigned records when one of the two is: what moves between
// them is not new.
int view_load_history(const struct measure *m, const struct query *q, struct view *ret,
                      struct err *e);

void view_done(struct view *v);

// "apnic extended 2024-01-05".
#define SNAPSHOT_TEXT_MAX 48
char *snapshot_format(const struct snapshot *s, char text[SNAPSHOT_TEXT_MAX]);

// What a table is computed from beside the snapshots of its view; a zeroed one is nothing.
struct beside_input {
    int64_t input;
    const char *label; // "rrc00 ipv6 2024-01-05"
};
struct beside {
    const struct view *view; // its v->known; NULL: none
    const struct beside_input *inputs;
    size_t count;
};

// The basis of a table: command, parameters, the archive's revision, and the inputs: the snapshots
// in v->known, what is `beside` (NULL: nothing), and v->people; with `history` all snapshots in
// v->snapshots that they follow, of which at most BASIS_INPUTS_MAX are named.
#define BASIS_INPUTS_MAX 16
int view_basis(const struct measure *m, const struct query *q, const char *command,
               const struct view *v, const struct beside *beside, bool history, struct table *t,
               struct err *e);

#endif
