// SPDX-License-Identifier: Apache-2.0
//
// Where networks are at home: the economy and the registry of an AS number.

#ifndef MEASURE_HOMES_H
#define MEASURE_HOMES_H

#include "base/array.h"
#include "measure/view.h"

struct home {
    economy economy;
    uint8_t registry; // REGISTRY_NRO, which is never that of a record: not known
    bool known;
};

// AS numbers below HOMES_NEAR are looked up in a table, where they come in blocks of fewer than
// HOMES_BLOCK, as nearly all do; the others in ranges.
#define HOMES_NEAR  ((uint32_t)1 << 20)
#define HOMES_BLOCK 4096

struct homes {
    struct home *near; // [HOMES_NEAR]
    struct far_home {
        uint32_t first, last;
        struct home home;
    } * far; // by first
    size_t far_count;
};

// From delegations of AS numbers.
int homes_make(struct homes *h, const struct lifetime *rows, size_t count, struct err *e);
void homes_done(struct homes *h);

struct home home_find(const struct homes *h, uint32_t as);

#endif
