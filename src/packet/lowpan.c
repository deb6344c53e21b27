// SPDX-License-Identifier: Apache-2.0
//
// Fragments are told apart by where they begin: a further one that begins where one did and is as
// long is the same again; any other overlap begins anew (RFC 4944, 5.3).

#include "packet/lowpan.h"

#include "base/cursor.h"

#include <stdlib.h>

#define EIGHTHS   ((LOWPAN_SIZE_MAX + 7) / 8)
#define BUFFER    (PACKET_HEADROOM + IPHC_RESTORED + LOWPAN_SIZE_MAX + PACKET_TAILROOM)
#define SIZE_MASK 0x07ff

// ---- cutting

// The fragments that follow the first: multiples of eight octets but for the last.
static size_t cut_rest(const struct lowpan_way *w, size_t room, const uint8_t *packet,
                       size_t length, size_t from)
{
    uint8_t at[WPAN_FRAME_MAX];
    size_t count = 0, most = (room - LOWPAN_FURTHER) / 8 * 8;
    while (from < length) {
        size_t size = length - from < most ? length - from : most;
        store16(at, (uint16_t)(DISPATCH_FURTHER << 8 | length));
        store16(at + 2, w->tag);
        at[4] = (uint8_t)(from / 8);
        memcpy(at + LOWPAN_FURTHER, packet + from, size);
        w->frame(w->arg, at, LOWPAN_FURTHER + size);
        from += size;
        count++;
    }
    return count;
}

// The headers as they are sent, and how much of the packet they stand for.
static bool head_of(const struct lowpan_way *w, const struct lowpan_link *l, const uint8_t *packet,
                    size_t length, struct iphc_head *ret)
{
    if (!w->plain)
        return iphc_compress(w->iphc, &l->source, &l->destination, packet, length, ret);
    ret->at[0] = DISPATCH_PLAIN;
    ret->length = 1;
    ret->taken = 0;
    return length >= IPV6_HEADER && packet[0] >> 4 == 6;
}

size_t lowpan_cut(struct lowpan_way *w, const struct lowpan_link *l, const uint8_t *packet,
                  size_t length)
{
    uint8_t at[WPAN_FRAME_MAX];
    struct iphc_head head;
    size_t room = wpan_room(&l->source, &l->destination);
    if (length > LOWPAN_SIZE_MAX || !head_of(w, l, packet, length, &head))
        return 0;
    size_t rest = length - head.taken;
    if (head.length + rest <= room) {
        memcpy(at, head.at, head.length);
        memcpy(at + head.length, packet + head.taken, rest);
        w->frame(w->arg, at, head.length + rest);
        return 1;
    }
    // Headers and what follows them end at a multiple of eight octets of the packet.
    size_t size = room - LOWPAN_FIRST - head.length, end = (head.taken + size) / 8 * 8;
    size = end - head.taken;
    store16(at, (uint16_t)(DISPATCH_FIRST << 8 | length));
    store16(at + 2, w->tag);
    memcpy(at + LOWPAN_FIRST, head.at, head.length);
    memcpy(at + LOWPAN_FIRST + head.length, packet + head.taken, size);
    w->frame(w->arg, at, LOWPAN_FIRST + head.length + size);
    size_t count = 1 + cut_rest(w, room, packet, length, end);
    w->tag++;
    return count;
}

// ---- joining

struct whole {
    bool used;
    struct lowpan_link link;
    uint16_t size, tag;
    int64_t until;
    size_t eighths;
    uint16_t begins[EIGHTHS]; // how long the fragment is that begins here; 0: none
    bool there[EIGHTHS];
    uint8_t at[LOWPAN_SIZE_MAX];
};

struct lowpan_joiner {
    struct whole wholes[LOWPAN_WHOLES];
    uint64_t lost;
    uint8_t buffer[BUFFER];
};

struct lowpan_joiner *lowpan_joiner_new(void)
{
    return calloc(1, sizeof(struct lowpan_joiner));
}

void lowpan_joiner_free(struct lowpan_joiner **j)
{
    free(*j);
    *j = NULL;
}

uint64_t lowpan_joiner_lost(const struct lowpan_joiner *j)
{
    return j->lost;
}

static void begin(struct whole *w, const struct lowpan_link *l, uint16_t size, uint16_t tag,
                  int64_t now)
{
    memset(w, 0, offsetof(struct whole, at));
    w->used = true;
    w->link = *l;
    w->size = size;
    w->tag = tag;
    w->until = now + LOWPAN_WAIT;
}

// The packet's place. NULL: all are taken, or as many as one sender may have.
static struct whole *place(struct lowpan_joiner *j, const struct lowpan_link *l, uint16_t size,
                           uint16_t tag, int64_t now)
{
    struct whole *free_one = NULL;
    size_t of_peer = 0;
    for (size_t i = 0; i < LOWPAN_WHOLES; i++) {
        struct whole *w = j->wholes + i;
        if (w->used && w->until <= now) {
            w->used = false;
            j->lost++;
        }
        bool peer = w->used && wpan_same(&w->link.source, &l->source);
        if (peer && wpan_same(&w->link.destination, &l->destination) && w->size == size &&
            w->tag == tag)
            return w;
        of_peer += peer;
        if (!w->used && !free_one)
            free_one = w;
    }
    if (!free_one || of_peer >= LOWPAN_PER_PEER)
        return NULL;
    begin(free_one, l, size, tag, now);
    return free_one;
}

// Puts a fragment in its place; one that is there already, just so, changes nothing.
static void store(struct lowpan_joiner *j, struct whole *w, size_t offset, const uint8_t *at,
                  size_t size, int64_t now)
{
    size_t first = offset / 8, count = (size + 7) / 8;
    if (w->begins[first] == size)
        return;
    bool overlaps = false;
    for (size_t i = first; i < first + count; i++)
        overlaps |= w->there[i];
    if (overlaps) {
        struct lowpan_link link = w->link;
        begin(w, &link, w->size, w->tag, now);
        j->lost++;
    }
    memset(w->there + first, true, count);
    w->begins[first] = (uint16_t)size;
    w->eighths += count;
    memcpy(w->at + offset, at, size);
}

static enum lowpan_fault add(struct lowpan_joiner *j, const struct lowpan_link *l, uint16_t size,
                             uint16_t tag, size_t offset, const uint8_t *at, size_t length,
                             int64_t now, struct packet *ret)
{
    bool last = offset + length == size;
    if (length == 0 || offset + length > size || (!last && length % 8 != 0))
        return LOWPAN_FRAGMENT;
    struct whole *w = place(j, l, size, tag, now);
    if (!w)
        return LOWPAN_FULL;
    store(j, w, offset, at, length, now);
    if (w->eighths < (size + 7u) / 8)
        return LOWPAN_WAITING;
    packet_init(ret, j->buffer, sizeof j->buffer);
    memcpy(ret->at, w->at, size);
    ret->length = size;
    w->used = false;
    return LOWPAN_FINE;
}

// The beginning of a packet, or all of it, as it was before it was sent: in the joiner's buffer.
static enum lowpan_fault restore(struct lowpan_joiner *j, const struct iphc *iphc,
                                 const struct lowpan_link *l, const uint8_t *at, size_t length,
                                 size_t datagram, struct packet *ret, enum iphc_fault *ret_iphc)
{
    struct iphc_restored head = {.length = 0, .taken = 1};
    if (length == 0)
        return LOWPAN_SHORT;
    if (at[0] != DISPATCH_PLAIN) {
        if ((at[0] & 0xe0) != DISPATCH_IPHC)
            return LOWPAN_DISPATCH;
        *ret_iphc = iphc_restore(iphc, &l->source, &l->destination, at, length, datagram, &head);
        if (*ret_iphc != IPHC_FINE)
            return LOWPAN_HEADER;
    }
    packet_init(ret, j->buffer, sizeof j->buffer);
    memcpy(ret->at, head.at, head.length);
    memcpy(ret->at + head.length, at + head.taken, length - head.taken);
    ret->length = head.length + length - head.taken;
    return LOWPAN_FINE;
}

enum lowpan_fault lowpan_join(struct lowpan_joiner *j, const struct iphc *iphc,
                              const struct lowpan_link *l, const uint8_t *payload, size_t length,
                              int64_t now, struct packet *ret, enum iphc_fault *ret_iphc)
{
    *ret_iphc = IPHC_FINE;
    if (length == 0 || length > WPAN_FRAME_MAX)
        return LOWPAN_SHORT;
    unsigned kind = payload[0] & 0xf8;
    if (kind != DISPATCH_FIRST && kind != DISPATCH_FURTHER)
        return restore(j, iphc, l, payload, length, 0, ret, ret_iphc);
    struct cursor c = cursor_of(payload, length);
    uint16_t size = cursor_u16(&c) & SIZE_MASK, tag = cursor_u16(&c);
    if (kind == DISPATCH_FURTHER) {
        size_t offset = (size_t)cursor_u8(&c) * 8;
        if (c.failed)
            return LOWPAN_SHORT;
        return add(j, l, size, tag, offset, c.at, c.left, now, ret);
    }
    if (c.failed || size == 0)
        return LOWPAN_SHORT;
    enum lowpan_fault fault = restore(j, iphc, l, c.at, c.left, size, ret, ret_iphc);
    return fault == LOWPAN_FINE ? add(j, l, size, tag, 0, ret->at, ret->length, now, ret) : fault;
}
