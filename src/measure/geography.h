// SPDX-License-Identifier: Apache-2.0
//
// Geography: who has how much, on a day.

#ifndef MEASURE_GEOGRAPHY_H
#define MEASURE_GEOGRAPHY_H

#include "measure/figures.h"
#include "measure/keys.h"

// Addresses of IPv4 by economy and registry, to stand beside IPv6.
struct ipv4_space {
    uint64_t *addresses; // [IPV4_CELLS]: economy * REGISTRY_COUNT + registry
};
#define IPV4_CELLS (((size_t)UINT16_MAX + 1) * REGISTRY_COUNT)

// The table, without its basis. `beside`: NULL where there is none.
int geography_table(const struct query *q, const struct view *v, const struct series *people,
                    const struct ipv4_space *beside, struct table **ret, struct err *e);

#endif
