// SPDX-License-Identifier: Apache-2.0
//
// An index of an array's elements by hash: open addressing, at most two thirds full. A slot has the
// upper half of the hash beside the element's number, so that strangers are told apart without a
// look at them. Elements are never taken out.
//
//     struct slots index = {0};
//     if (!slots_make(&index, elements)) ... // then slots_set each
//     size_t place = slots_find(&index, hash, is_same, &wanted);
//     if (slots_used(&index, place)) ... slots_element(&index, place) ...
//     else slots_set(&index, place, hash, element);

#ifndef BASE_SLOTS_H
#define BASE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot {
    uint32_t element; // + 1; 0: empty
    uint32_t tag;
};

struct slots {
    struct slot *at; // NULL: not made
    size_t size;     // a power of two
};

// Makes it empty, with room for `count` elements and half as many again. False when out of memory;
// there is no index then.
bool slots_make(struct slots *s, size_t count);
void slots_drop(struct slots *s); // accepts a zeroed index

// Has it room for `count` elements?
bool slots_hold(const struct slots *s, size_t count);

// The slot of the element that `same` recognises, or the empty one where it would go.
size_t slots_find(const struct slots *s, uint64_t hash,
                  bool (*same)(size_t element, const void *arg), const void *arg);

static inline bool slots_used(const struct slots *s, size_t place)
{
    return s->at[place].element != 0;
}

static inline size_t slots_element(const struct slots *s, size_t place)
{
    return s->at[place].element - 1;
}

void slots_set(struct slots *s, size_t place, uint64_t hash, size_t element);

#endif
