// SPDX-License-Identifier: Apache-2.0
//
// Counts of what was answered, for Prometheus. Several threads count into the same ones.

#ifndef SITE_METRICS_H
#define SITE_METRICS_H

#include "base/buffer.h"

#include <stdatomic.h>
#include <stdint.h>

enum route_class { ROUTE_PAGE, ROUTE_API, ROUTE_STATIC, ROUTE_FEED, ROUTE_STATE, ROUTE_NONE };
#define ROUTE_CLASS_COUNT 6

#define METRICS_BUCKETS 6

struct metrics {
    // [.][status / 100]; 0: what is none of 1xx..5xx
    atomic_uint_fast64_t answers[ROUTE_CLASS_COUNT][6];
    atomic_uint_fast64_t nanoseconds[ROUTE_CLASS_COUNT];
    atomic_uint_fast64_t within[ROUTE_CLASS_COUNT][METRICS_BUCKETS];
    atomic_uint_fast64_t cache_hits, cache_misses, bytes;
    atomic_uint_fast64_t refused; // connections that were told that there is no place
};

void metrics_count(struct metrics *m, enum route_class c, unsigned status, uint64_t nanoseconds,
                   size_t bytes);

// The text format 0.0.4.
void metrics_write(const struct metrics *m, int64_t revision, struct buffer *out);

#endif
