// SPDX-License-Identifier: Apache-2.0
//
// What each day's snapshots changed, the newest first: for those who follow an economy.
//
// A step is one day and one family: the changes between the state known on the day before and the
// state known on that day, so that `changes` from the day before to that day says the same.

#ifndef MEASURE_STEPS_H
#define MEASURE_STEPS_H

#include "measure/difference.h"
#include "measure/economies.h"
#include "measure/measure.h"

struct change_step {
    date on;
    enum family family;
    struct difference difference; // of delegated space; also changes of other economies that day
};

#define CHANGE_STEPS_MAX 100

struct change_steps {
    struct change_step at[CHANGE_STEPS_MAX];
    size_t count;
    date since, until; // steps after `since` were looked for; `until` is the newest snapshot
};

// At most `most` steps of the year before the newest snapshot in which a record of these economies
// changed. ERR_NOT_FOUND where the archive has no registry's snapshot.
int change_steps_find(const struct measure *m, const struct economy_set *only, size_t most,
                      struct change_steps *ret, struct err *e);
void change_steps_done(struct change_steps *s);

#endif
