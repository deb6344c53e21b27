// SPDX-License-Identifier: Apache-2.0
//
// Putting a snapshot of routes into its series, and taking it out again. Private to src/store.
//
// A snapshot of day D goes between its neighbours P and N, as in state.h; what becomes of a route's
// lifetimes follows from whether it stands in P, in D and in N. One walk over the series' runs and
// the snapshot's routes, both sorted, does it; only the pieces that change are written again.

#ifndef STORE_ROUTES_EDIT_H
#define STORE_ROUTES_EDIT_H

#include "store/routes_pack.h"
#include "store/sql.h"

struct route_series {
    int64_t id;
    enum route_kind kind;
    enum family family;
};

struct route_edit {
    bool remove; // take the day out; else put it in
    date day, previous, next;
    const struct route *routes; // of the day, sorted by route_compare, each once
    size_t count;
    uint64_t appeared, gone; // counted: in D and not in P, in P and not in D
};

// By start, length, origin, level.
int route_compare(const struct route *a, const struct route *b);

// ERR_STORE where a piece is damaged. Inside of a transaction of the caller.
int routes_apply(struct store *s, const struct route_series *series, struct route_edit *edit,
                 struct err *e);

// routes_check.c: are the packed routes what their snapshots say? As store_check; counts into
// *found.
int routes_check(struct store *s, void (*problem)(const char *text, void *arg), void *arg,
                 uint64_t *found, struct err *e);

// The key of a route as the pieces' index has it: bytes that sort as route_compare does.
#define ROUTE_KEY_BYTES 22
void route_key(const struct route *r, uint8_t ret[ROUTE_KEY_BYTES]);

#endif
