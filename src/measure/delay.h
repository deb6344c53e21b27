// SPDX-License-Identifier: Apache-2.0
//
// Delay: how long it takes from a delegation to its first announcement.
//
// Delegations are put together by the period of their own date. Whoever is not announced by the day
// of the newest table may be later: such a delegation is *censored*. Shares and quantiles are those
// of Kaplan and Meier (1958), which count it as long as it was watched.

#ifndef MEASURE_DELAY_H
#define MEASURE_DELAY_H

#include "base/array.h"
#include "measure/join.h"
#include "measure/view.h"

// Prefixes with the days on which they were announced.
struct presence {
    date first, last;
};

struct announced_days {
    enum family family;
    unsigned level;
    ARRAY(struct prefix) at; // `origins` is the first of its spans; and one more that closes
    size_t prefixes;
    ARRAY(struct presence) spans; // of each prefix in order, apart
};

void announced_days_init(struct announced_days *a, enum family f, uint32_t peers);
void announced_days_done(struct announced_days *a);

// Lifetimes must come by start, length, origin; those of few peers and of all space are left out.
bool announced_days_add(struct announced_days *a, const struct route_life *l);
bool announced_days_end(struct announced_days *a);

// By block: the first day from the block's own date on which an address of it was announced;
// DATE_MAX: never. Blocks without a date have none.
int delay_find(const struct announced_days *a, const struct view *v, date *ret, struct err *e);

// One delegation that is watched from its date on.
struct wait {
    size_t group;
    int32_t days;   // until it was announced, or the watch ended
    bool announced; // false: censored
};

// Kaplan and Meier's share in percent of those announced within so many days; NaN where the watch
// was shorter and some were still waiting. `waits` by days, the announced first.
double delay_share(const struct wait *waits, size_t count, int32_t days);

// Days until this share was announced; NaN: it was not.
double delay_quantile(const struct wait *waits, size_t count, double percent);

#endif
