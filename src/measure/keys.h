// SPDX-License-Identifier: Apache-2.0
//
// The rows of --by: which keys there are, what they are called, and what belongs to them on a date.
//
// Nothing is dropped: a code that is no economy (EU, ZZ, none) is a key of its own among economies,
// and in regions and groups it falls under "none", so that the keys of a partition sum to the
// world.

#ifndef MEASURE_KEYS_H
#define MEASURE_KEYS_H

#include "measure/measure.h"

struct keys {
    enum by by;
    const struct world *world;
    economy *economies; // BY_ECONOMY: sorted
    size_t count;       // of keys, in the order in which they are shown
    bool *shown;        // by key
};

// The keys that a query asks for. `used`: the economies that have something to show, in any order
// and number; `registries`: bits of those that a row can be about. ERR_USAGE where `only` names
// what is no key; the sentence lists what is valid.
int keys_init(struct keys *k, enum by by, const char *only, const struct world *w,
              const economy *used, size_t used_count, unsigned registries, struct err *e);
void keys_done(struct keys *k);

#define KEY_TEXT_MAX 32
const char *keys_key(const struct keys *k, size_t key, char text[KEY_TEXT_MAX]);
const char *keys_name(const struct keys *k, size_t key);

// The key of what belongs to no region or group; SIZE_MAX where there is none.
size_t keys_none(const struct keys *k);

// Does a delegation belong to the key on a date?
bool keys_has(const struct keys *k, size_t key, enum registry r, economy e, date on);

// BY_ECONOMY: the key of an economy; SIZE_MAX where it is none.
size_t keys_find_economy(const struct keys *k, economy e);

// Can memberships change? If so, those of an economy on a date, as bits to compare.
bool keys_dated(const struct keys *k);
uint64_t keys_memberships(const struct keys *k, economy e, date on);

// The two columns "key" and "name"; both are left out of text for the world alone.
struct key_columns {
    size_t key, name;
};
struct key_columns keys_add_columns(const struct keys *k, struct table *t);
void keys_set_cells(const struct keys *k, size_t key, struct key_columns c, struct table *t,
                    size_t row);

// Notes on what the rows are: the grouping's source, the overlap of groups.
void keys_note(const struct keys *k, struct table *t);

// "world", "economy", "ITU region".
const char *by_title(enum by b);

#endif
