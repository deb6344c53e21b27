// SPDX-License-Identifier: Apache-2.0
//
// Concentration: how unevenly space is spread among economies and among holders.

#ifndef MEASURE_CONCENTRATION_H
#define MEASURE_CONCENTRATION_H

#include "measure/figures.h"

struct concentration {
    size_t members;
    u128 total;
    double gini;                // 0: all have the same, near 1: one has all. NaN without members
    double hhi;                 // sum of squared shares in percent: 10,000 where one has all
    double top1, top10, top100; // share of the largest, percent
};

// `values` must be in ascending order. Gini after the sorted form G = 2 sum(i x_i) / (n sum(x_i)) -
// (n + 1) / n with i from 1.
struct concentration concentration_of(const u128 *values, size_t count);

// The Lorenz curve: the share in percent that the least `percent` of the members have. Between two
// members the curve is a straight line.
double lorenz_share(const u128 *values, size_t count, double percent);

int concentration_tables(const struct query *q, const struct view *v, struct measure_tables *ret,
                         struct err *e);

#endif
