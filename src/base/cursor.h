// SPDX-License-Identifier: Apache-2.0
//
// Binary bytes from strangers, read front to back. Reading past the end gives zeros, sets `failed`
// and leaves nothing: a reader checks once, behind the last field. Numbers are in network order.
//
//     struct cursor c = cursor_of(bytes, length);
//     uint16_t count = cursor_u16(&c);
//     struct cursor body = cursor_cut(&c, count);
//     if (c.failed) ...

#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    const uint8_t *at;
    size_t left;
    bool failed; // stays set; nothing is left then
};

static inline struct cursor cursor_of(const void *bytes, size_t length)
{
    return (struct cursor){(const uint8_t *)bytes, length, false};
}

// The next `count` bytes, or NULL.
static inline const uint8_t *cursor_take(struct cursor *c, size_t count)
{
    const uint8_t *at = c->at;
    if (__builtin_expect(count > c->left, 0)) {
        c->failed = true;
        c->left = 0;
        return NULL;
    }
    c->at += count;
    c->left -= count;
    return at;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *b = cursor_take(c, 1);
    return b ? *b : 0;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
    const uint8_t *b = cursor_take(c, 2);
    return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
    const uint8_t *b = cursor_take(c, 4);
    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

static inline unsigned __int128 cursor_u128(struct cursor *c)
{
    unsigned __int128 value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 32 | cursor_u32(c);
    return c->failed ? 0 : value;
}

// The next `length` bytes as a cursor of their own; a failed one where there are fewer.
static inline struct cursor cursor_cut(struct cursor *c, size_t length)
{
    const uint8_t *at = cursor_take(c, length);
    return (struct cursor){at, at ? length : 0, !at};
}

#endif
