// SPDX-License-Identifier: Apache-2.0

#include "store/routes_pack.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "origins and days are read as they lie");

static unsigned byte_of(u128 start, unsigned i)
{
    return (unsigned)(start >> (120 - 8 * i)) & 255;
}

// The bytes that differ, from the first one to the last that is not 0; at least one.
static uint8_t *pack_start(u128 before, u128 start, uint8_t *at)
{
    unsigned same = 0, end = 16;
    while (same < 15 && byte_of(before, same) == byte_of(start, same))
        same++;
    while (end > same + 1 && byte_of(start, end - 1) == 0)
        end--;
    *at++ = (uint8_t)(same << 4 | (end - same - 1));
    for (unsigned i = same; i < end; i++)
        *at++ = (uint8_t)byte_of(start, i);
    return at;
}

static unsigned origin_bytes(uint32_t origin)
{
    return origin < 1u << 16 ? 2 : origin < 1u << 24 ? 3 : 4;
}

static uint8_t *pack_run(enum route_kind kind, const struct run *before, const struct run *run,
                         uint8_t *at)
{
    bool prefix = run->start != before->start || run->length != before->length;
    bool origin = run->origin != before->origin;
    unsigned level = kind == ROUTE_VALIDATED ? (unsigned)run->level - run->length : run->level;
    unsigned bytes = origin ? origin_bytes(run->origin) : 0;
    bool open = run->last == ROUTE_DAY_OPEN;
    *at++ = (uint8_t)((origin ? bytes - 1 : 0) | (prefix ? 4u : 0) | (open ? 8u : 0) |
                      (level < 15 ? level : 15) << 4);
    if (prefix) {
        *at++ = run->length;
        at = pack_start(before->start, run->start, at);
    }
    for (unsigned i = 0; i < bytes; i++)
        *at++ = (uint8_t)(run->origin >> 8 * i);
    if (level >= 15)
        *at++ = (uint8_t)level;
    memcpy(at, &run->first, 2);
    memcpy(at + 2, &run->last, 2);
    return at + (open ? 2 : 4);
}

size_t routes_pack(enum route_kind kind, const struct run *runs, size_t count, uint8_t *out)
{
    static const struct run zero;
    uint8_t *at = out;
    for (size_t i = 0; i < count; i++)
        at = pack_run(kind, i ? &runs[i - 1] : &zero, &runs[i], at);
    memset(at, 0, PACK_PADDING);
    return (size_t)(at - out) + PACK_PADDING;
}

void unpack_begin(struct unpacker *u, enum route_kind kind, enum family family, const void *bytes,
                  size_t length)
{
    *u = (struct unpacker){.at = bytes, .length_max = family == FAMILY_IPV6 ? 128 : 32};
    u->unused = 128 - u->length_max;
    u->validated = kind == ROUTE_VALIDATED;
    u->damaged = length < PACK_PADDING;
    u->end = u->damaged ? u->at : u->at + (length - PACK_PADDING);
}
