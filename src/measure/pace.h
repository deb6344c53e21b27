// SPDX-License-Identifier: Apache-2.0
//
// Pace: what was delegated in each period, and what stood at its end.
//
// Both ways of counting, by record dates and by observation, make *flows*: at a date, in an economy
// and a registry, so many delegations and so much space came or went. Flows are then folded into
// periods, key by key.

#ifndef MEASURE_PACE_H
#define MEASURE_PACE_H

#include "base/array.h"
#include "measure/figures.h"
#include "measure/keys.h"

enum flow_kind {
    FLOW_ADDED,
    FLOW_REMOVED,
    FLOW_OPENED,    // in a registry's first snapshot
    FLOW_RECUT_IN,  // a block made of space that was delegated before
    FLOW_RECUT_OUT, // a block whose space stays delegated in other blocks
    FLOW_MOVED_IN,  // from another economy or registry
    FLOW_MOVED_OUT,
    FLOW_SEEN, // a holder is seen, and nothing comes or goes
};
#define FLOW_KIND_COUNT 8

struct flow {
    u128 space;
    date date;
    uint32_t holder; // 0: none
    uint32_t delegations;
    economy economy;
    uint8_t registry, kind;
};

struct flows {
    ARRAY(struct flow) list;
    size_t undated, later; // delegations in no period: without a date, dated after the snapshot
    date first;            // the earliest date of all; DATE_MAX: there is none
};

int flows_from_records(const struct query *q, const struct view *v, const struct holders *h,
                       struct flows *ret, struct err *e);
int flows_from_observation(const struct query *q, const struct view *v, const struct holders *h,
                           struct flows *ret, struct err *e);

// What one key shows in one period.
struct pace_row {
    uint64_t count[FLOW_KIND_COUNT];
    u128 space[FLOW_KIND_COUNT];
    uint64_t holders, new_holders;
    bool holders_unknown; // an added delegation states none
    uint64_t standing;    // delegations at the end of the period
    u128 standing_space;
};

// The periods shown: row 0 is all that was before the first of them.
struct span {
    enum period every;
    date first, last; // days shown
    size_t count;     // of periods
};
// How many periods the days from first to last touch; 0 where first is later.
size_t span_periods(enum period every, date first, date last);
size_t span_row(const struct span *s, date d);      // 0, 1 .. count; SIZE_MAX: later
date span_period(const struct span *s, size_t row); // the first day of the period
date span_end(const struct span *s, size_t row);    // the last day of it that is shown

// Folds the flows into rows and hands them out key by key, in order: rows[0 .. span->count].
int flows_fold(const struct flows *f, const struct holders *h, const struct keys *k,
               const struct span *s, int (*row)(size_t key, const struct pace_row *rows, void *arg),
               void *arg, struct err *e);

// The table, without its basis.
int pace_table(const struct query *q, const struct view *v, struct table **ret, struct err *e);

#endif
