// SPDX-License-Identifier: Apache-2.0
//
// How many times as long something takes over IPv6 as over IPv4, from pairs of measurements: the
// geometric mean of the ratios, with Student's interval of their logarithms. Pure.

#ifndef CHECK_RATIO_H
#define CHECK_RATIO_H

#include <stddef.h>
#include <stdint.h>

#define RATIO_PAIRS_MIN 3  // below, an interval says nothing: it is not given
#define RATIO_PAIRS_MAX 20 // CHECK_REPEATS_MAX

struct ratio {
    size_t pairs;
    double value, low, high; // 95 %; NaN where there are too few pairs
};

// Pairs of which one is 0 (not measured) are left out.
struct ratio ratio_of(const uint32_t *six, const uint32_t *four, size_t count);

#endif
