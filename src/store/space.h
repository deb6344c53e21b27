// SPDX-License-Identifier: Apache-2.0
//
// The space that IANA gave to each registry. Private to src/store.

#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include "store/store.h"

struct space;

// Reads IANA's assignments from the reference tables (data/iana).
int space_load(struct space **ret, struct err *e);
void space_free(struct space **s);

// Did IANA give the block to that registry? IPv6: a block assigned to it covers it. IPv4 moves
// between the registries all the time: any block that is in use will do. AS numbers: always.
bool space_holds(const struct space *s, enum registry r, const struct block *b);

#endif
