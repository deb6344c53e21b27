// SPDX-License-Identifier: Apache-2.0
//
// Special-purpose address space: what no registry delegates (data/iana/special-purpose.csv).

#ifndef MEASURE_SPECIAL_H
#define MEASURE_SPECIAL_H

#include "base/arena.h"
#include "base/array.h"
#include "base/err.h"
#include "net/net.h"

struct special {
    struct arena arena;
    ARRAY(struct special_block {
        struct range range;
        const char *name;
    })
    list;
};

int special_load(struct special *s, struct err *e);
void special_done(struct special *s);

// What the space is for; NULL where it is not special, or only in part.
const char *special_find(const struct special *s, const struct range *r);

#endif
