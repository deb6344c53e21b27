// SPDX-License-Identifier: Apache-2.0
//
// Adoption: the share of users that have IPv6, by everyone who measures it, side by side.
//
// A *source* is a dated series of shares of economies' users. Economies are weighted by their
// Internet users; where these are not known, the figure stays empty and says why. Beside the
// sources stands the share of users on networks that announce IPv6, which can be no more than an
// upper bound.

#ifndef MEASURE_ADOPTION_H
#define MEASURE_ADOPTION_H

#include "measure/dated.h"
#include "measure/keys.h"
#include "measure/routed.h"

#define ADOPTION_AGE_MAX     400  // days: an older value says nothing of today
#define ADOPTION_SOURCES_MAX 32   // series of shares
#define ADOPTION_LEVEL       0.95 // of intervals from samples
#define ADOPTION_NETWORKS    "networks"

// Users of networks, and which of these announce IPv6.
struct network_users {
    uint32_t as;
    economy economy;
    double users;
    bool announces;
};

struct networks_seen {
    ARRAY(struct network_users) list;
    date users_date, routes_date; // DATE_NONE: not known
    int64_t users_input, routes_input;
    char label[128];
    char reason[256]; // why there is no figure; "" where there is one
};

struct adoption {
    const struct world *world;
    const struct query *query;
    struct dated sources[ADOPTION_SOURCES_MAX];
    size_t source_count;
    struct users users;
    struct networks_seen networks;
    struct keys keys;
    date on;
};

// What one source says of one key.
struct adoption_figure {
    double value, low, high, samples,
        covered;          // NaN: not known; covered: of the key's users, percent
    date date;            // of the newest value in it
    size_t economies;     // with a value
    const char *interval; // "stated", "samples" or ""
    const char *reason;   // why there is no value; "" where there is
};

struct adoption_figure adoption_stated(const struct adoption *a, const struct dated *d, size_t key);
struct adoption_figure adoption_weighted(const struct adoption *a, const struct dated *d,
                                         size_t key);
struct adoption_figure adoption_networks(const struct adoption *a, size_t key);

// The tables, without their basis.
int adoption_tables(const struct adoption *a, struct measure_tables *ret, struct err *e);

#endif
