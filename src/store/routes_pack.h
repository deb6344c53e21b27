// SPDX-License-Identifier: Apache-2.0
//
// Lifetimes of routes, packed into pieces of some 64 KB. Private to src/store.
//
// A series of routes is one long list of runs, sorted by start, length, origin, level and first
// day. It is cut into pieces, never between two runs of one route; a run is coded against the one
// before it in its piece (the first against all zero), mostly in 5 to 14 bytes:
//
//     control   bits 0-1  origin: 0 as before, else 1 + how many bytes of it less one (2, 3, 4)
//               bit 2     a new prefix
//               bit 3     open: still there in the newest snapshot
//               bits 4-7  announced: level; validated: max length less length; 15: a byte follows
//     prefix    when new: length; then how many bytes of the start are as before (4 bits) and how
//               many less one follow (4 bits), and those; the others are 0
//     origin    0, 2, 3 or 4 bytes, the lowest first
//     level     0 or 1 byte
//     first     2 bytes, the lowest first, days since 1970-01-01
//     last      2 bytes; none while open
//
// A piece ends with PACK_PADDING zero bytes, so that whole words can be read. Whatever the bytes
// are, reading them stays inside of them and gives possible prefixes; what else could be wrong in
// them (their order, days that are none) is found by store_check.

#ifndef STORE_ROUTES_PACK_H
#define STORE_ROUTES_PACK_H

#include "store/routes.h"

#include <string.h>

#define PACK_RUN_MAX 28 // bytes of the longest run: 1 + 2 + 16 + 4 + 1 + 4
#define PACK_PADDING 32
#define PACK_PIECE   65536 // bytes of a piece; it is cut in two at twice of that

#define ROUTE_DAY_MAX  65534 // 2149-06-05
#define ROUTE_DAY_OPEN 65535

struct run {
    u128 start;
    uint32_t origin;
    uint8_t length, level;
    uint16_t first, last; // days since 1970-01-01; last: ROUTE_DAY_OPEN while it stands
};

struct unpacker {
    const uint8_t *at, *end;     // a run may begin before `end`
    unsigned length_max, unused; // bits of a prefix; of `start`, before them
    bool validated;
    bool damaged;
    struct run run;
};

// Room for `count` runs, packed.
#define PACK_ROOM(count) ((count)*PACK_RUN_MAX + PACK_PADDING)

// Returns the bytes used.
size_t routes_pack(enum route_kind kind, const struct run *runs, size_t count, uint8_t *out);

// A piece that is too short for its padding is damaged and has no runs.
void unpack_begin(struct unpacker *u, enum route_kind kind, enum family family, const void *bytes,
                  size_t length);

static inline u128 unpack_start(struct unpacker *u, const uint8_t **at)
{
    unsigned shape = (*at)[1], same = shape >> 4, count = (shape & 15) + 1;
    uint64_t halves[2];
    memcpy(halves, *at + 2, 16);
    u128 bytes = (u128)__builtin_bswap64(halves[0]) << 64 | __builtin_bswap64(halves[1]);
    u128 kept = same ? u->run.start & U128_MAX << (128 - 8 * same) : 0;
    u->damaged |= same + count > 16;
    *at += 2 + count;
    return kept | (bytes >> (128 - 8 * count)) << ((128 - 8 * (same + count)) & 127);
}

// Is the prefix one of its family, and no bit set behind its length?
static inline bool unpack_possible(const struct unpacker *u)
{
    unsigned behind = u->unused + u->run.length;
    return u->run.length <= u->length_max && (u->run.start << behind % 128 == 0 || behind == 128) &&
           (u->unused == 0 || u->run.start >> (128 - u->unused) == 0);
}

static inline uint32_t unpack_origin(unsigned bytes, const uint8_t *at)
{
    uint32_t origin;
    memcpy(&origin, at, 4); // little-endian
    return origin & (UINT32_MAX >> (32 - 8 * bytes));
}

// The next run, in u->run. False at the end, or where the piece is damaged.
static inline bool unpack_next(struct unpacker *u)
{
    if (u->at >= u->end)
        return false;
    const uint8_t *at = u->at;
    unsigned control = *at++, level = control >> 4;
    uint32_t days;
    if (control & 4) {
        u->run.length = at[0];
        u->run.start = unpack_start(u, &at);
        u->damaged |= !unpack_possible(u);
    }
    if (control & 3) {
        u->run.origin = unpack_origin((control & 3) + 1, at);
        at += (control & 3) + 1;
    }
    if (level == 15)
        level = *at++;
    level += u->validated ? u->run.length : 0;
    u->damaged |= level > (u->validated ? u->length_max : ROUTE_LEVELS - 1);
    u->run.level = (uint8_t)level;
    memcpy(&days, at, 4);
    u->run.first = (uint16_t)days;
    u->run.last = control & 8 ? ROUTE_DAY_OPEN : (uint16_t)(days >> 16);
    u->at = at + (control & 8 ? 2 : 4);
    return !u->damaged;
}

// After the last run: was it one piece, whole and sound?
static inline bool unpack_whole(const struct unpacker *u)
{
    return !u->damaged && u->at == u->end;
}

#endif
