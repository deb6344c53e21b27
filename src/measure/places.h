// SPDX-License-Identifier: Apache-2.0
//
// Items (delegations, networks, announcements) that each belong to an economy in a registry, added
// up by the keys of --by and written as the rows of a table: the largest first, and the total.

#ifndef MEASURE_PLACES_H
#define MEASURE_PLACES_H

#include "base/array.h"
#include "measure/keys.h"
#include "measure/view.h"

// An economy in a registry, as a number; CELL_NOWHERE: the item is not counted.
#define CELLS        (((size_t)UINT16_MAX + 1) * REGISTRY_COUNT)
#define CELL_NOWHERE UINT32_MAX
static inline uint32_t cell_number(economy e, enum registry r)
{
    return (uint32_t)e * REGISTRY_COUNT + r;
}

struct cell_items {
    economy economy;
    enum registry registry;
    size_t begin, end; // in cells.items
};

struct cells {
    ARRAY(struct cell_items) list;
    uint32_t *items; // by cell
};

// `cell`: by item.
int cells_make(struct cells *c, const uint32_t *cell, size_t count, struct err *e);
void cells_done(struct cells *c);

// What a measure shows of a key. A place is `size` bytes, zeroed and begun; items are added to it.
struct place_kind {
    size_t size;
    void (*begin)(void *place, const void *arg); // NULL: nothing to do
    void (*add)(void *place, uint32_t item, uint32_t mark, const void *arg);
    u128 (*weight)(const void *place); // by which rows are ordered; 0: a key of nothing
    void (*set)(const void *place, const void *total, size_t row, struct table *t, const void *arg);
};

// `mark` of place_kind.add is another number for each key, from 1, so that what is in a key several
// times can be counted once.
struct places {
    const struct query *query;
    const struct cells *cells;
    const struct keys *keys;
    struct key_columns columns;
    const struct place_kind *kind;
    const void *arg;
    date day; // of memberships
};

// The keys for the economies that have items.
int places_keys(const struct query *q, const struct view *v, const struct cells *c,
                struct keys *ret, struct err *e);

// Which items are in a key that is shown.
void places_shown(const struct keys *k, const struct cells *c, date day, bool *ret);

// Writes the rows and what is to be noted about them.
int places_write(const struct places *p, struct table *t, struct err *e);

#endif
