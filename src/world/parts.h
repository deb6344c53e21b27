// SPDX-License-Identifier: Apache-2.0
//
// What a world is made of; known to world.c, which answers, and load.c, which fills.

#ifndef WORLD_PARTS_H
#define WORLD_PARTS_H

#include "world/world.h"

#include "base/arena.h"
#include "base/array.h"

#define WORLD_GROUPS_MAX  64   // memberships are bits of one number
#define WORLD_MEMBERS_MAX 4096 // of a grouping; the largest has 400
#define WORLD_DOMAINS_MAX 1024 // the root zone has some 1,500 labels in all
#define WORLD_CODES       (26 * 26)
#define WORLD_ABSENT      UINT16_MAX

struct world_economy {
    economy code;
    uint16_t numeric;
    char alpha3[4];
    const char *name;
};

struct world_group {
    const char *key, *name;
    size_t parent; // of a sub-region: its region, or SIZE_MAX
};

// A member from the day `from` up to the day before `to`.
struct world_member {
    uint16_t place; // of the economy's code, see code_place
    uint16_t group;
    date from, to;
};

struct world_grouping {
    ARRAY(struct world_group) groups;
    ARRAY(struct world_member) members; // once loaded in order of place
    uint16_t first[WORLD_CODES + 1];    // the members of place p: first[p] .. first[p + 1] - 1
    const char *source;
};

struct world_label {
    const char *label;
    economy code;
};

struct world {
    struct arena arena;
    ARRAY(struct world_economy) economies; // once loaded in order of code
    struct world_grouping groupings[GROUPING_COUNT];
    ARRAY(struct world_label) domains; // in order of label
    uint16_t index[WORLD_CODES];       // of the economy with that code, or WORLD_ABSENT
    const char *special[WORLD_CODES];  // names of codes that are no economy
    const char *none, *odd;            // names of ECONOMY_NONE and ECONOMY_ODD
    char letters[WORLD_CODES][3];      // "AA", ...: the name of a code of which nothing is known
};

// The place of a code of two capital letters, 0 .. WORLD_CODES - 1; WORLD_ABSENT for others.
static inline uint16_t code_place(economy e)
{
    unsigned a = (unsigned)(e >> 8) - 'A', b = (unsigned)(e & 0xff) - 'A';
    return a < 26 && b < 26 ? (uint16_t)(a * 26 + b) : WORLD_ABSENT;
}

// Fills a zeroed world. On failure it holds whatever was read so far.
int world_fill(struct world *w, enum language names, struct err *e);

#endif
