// SPDX-License-Identifier: Apache-2.0
//
// The opaque-ids of one registry: text to a small number and back. Private to src/store.

#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include "base/arena.h"
#include "base/array.h"
#include "base/slots.h"
#include "base/text.h"

#include <stdint.h>

struct name {
    const char *at;
    uint32_t length;
    int64_t id; // in the archive; 0 in element 0 (none), -1: not stored yet
};

struct names {
    struct arena arena;
    ARRAY(struct name) all; // element 0: none stated
    struct slots index;     // of names; made when it is first asked
    size_t stored;          // names from here on are not stored yet
};

bool names_init(struct names *n);
void names_done(struct names *n);

// The number of a text, new ones added. UINT32_MAX: out of memory.
uint32_t names_find(struct names *n, struct slice text);

// Adds a text that is known to be new, as the archive gives them. False when out of memory.
bool names_load(struct names *n, struct slice text, int64_t id);

// Hashes that a stranger cannot aim at: the key is drawn once a process.
uint64_t hash_bytes(const void *bytes, size_t length);
uint64_t hash_pair(uint64_t a, uint64_t b);

#endif
