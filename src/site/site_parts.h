// SPDX-License-Identifier: Apache-2.0
//
// What stands behind struct site. Private to src/site.

#ifndef SITE_SITE_PARTS_H
#define SITE_SITE_PARTS_H

#include "site/cache.h"
#include "site/metrics.h"
#include "site/site.h"
#include "site/words.h"

struct site {
    struct site_options options;
    struct store *store;
    struct world *worlds[LANGUAGE_COUNT];
    struct words *words[LANGUAGE_COUNT];
    struct catalogue *catalogue; // laboratories and courses
    struct cache *cache;
    struct metrics *metrics, own_metrics;
    struct store_state state; // as of `checked`, monotonic nanoseconds; 0: not yet
    int64_t checked;
    uint64_t build;                            // of the program and its reference tables
    int64_t built;                             // the newest of them, seconds since 1970
    bool has_map, has_letters[LANGUAGE_COUNT]; // for pictures
};

#endif
