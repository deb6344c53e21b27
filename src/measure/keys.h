// SPDX-License-Identifier: Apache-2.0
//
// The rows of --by: which keys there are, what they are called, and which economies belong to them
// on a date.
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
    size_t count;  // of keys, in the order in which they are shown
    size_t *shown; // indices of keys to show (all, or those of `only`)
    size_t shown_count;
    economy *economies; // BY_ECONOMY: sorted codes
    size_t economy_count;
};

// For BY_ECONOMY the keys are the codes in `used`, sorted, without repetition. ERR_USAGE where
// `only` names what is no key; the sentence lists what is valid.
int keys_init(struct keys *k, enum by by, const char *only, const struct world *w,
              const economy *used, size_t used_count, struct err *e);
void keys_done(struct keys *k);

#define KEY_TEXT_MAX 32
const char *keys_key(const struct keys *k, size_t key, char text[KEY_TEXT_MAX]);
const char *keys_name(const struct keys *k, size_t key);

// The keys that a delegation belongs to on a date, as bits, for BY_WORLD, BY_REGISTRY and the
// groupings (at most KEYS_BITS_MAX keys). BY_ECONOMY: use keys_find_economy.
#define KEYS_BITS_MAX 64
uint64_t keys_bits(const struct keys *k, enum registry r, economy e, date on);
size_t keys_find_economy(const struct keys *k, economy e); // SIZE_MAX: none

// A note on what the rows are: the grouping's source, the overlap of groups.
void keys_note(const struct keys *k, date on, struct table *t);

#endif
