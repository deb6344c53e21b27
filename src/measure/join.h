// SPDX-License-Identifier: Apache-2.0
//
// Joining what is announced with what is delegated: both lie in order, so one sweep along the
// number line answers for every block and every prefix.
//
// Prefixes nest or lie apart. Delegations nest too, as far as the registries keep order; IPv4
// blocks need not be prefixes, and two registries may state overlapping ones: each answers for
// itself.

#ifndef MEASURE_JOIN_H
#define MEASURE_JOIN_H

#include "measure/routing.h"

struct delegated {
    u128 first, last;
    uint32_t row; // of the view
};

// Blocks by first address, of those with the same first the largest first, then by row. `rows` may
// come in any order; runs that are in order already, as the archive has them, are merged.
int delegated_sort(const struct lifetime *rows, size_t count, struct delegated **ret,
                   struct err *e);

// Of one block.
struct seen {
    u128 space;      // addresses of it that are announced, by whatever prefix
    uint32_t inside; // prefixes that begin in it and are neither it nor around it
    bool exact;      // a prefix equal to it is announced
    bool covered;    // a larger one around it is announced
};

// Of one prefix: the block around it that begins last, of those the smallest; or that there is
// none.
#define COVER_NONE UINT32_MAX       // nothing of it is delegated
#define COVER_PART (UINT32_MAX - 1) // some of it is, or all of it but in several blocks

struct join {
    struct seen *blocks; // by place among the blocks
    uint32_t *cover;     // by prefix: the place of a block, COVER_NONE or COVER_PART
};

int join(const struct routing *r, const struct delegated *blocks, size_t count, struct join *ret,
         struct err *e);
void join_done(struct join *j);

#endif
