// SPDX-License-Identifier: Apache-2.0
//
// Which eighths of bytes are there is a bitmap: every piece but the last is a multiple of eight
// long, so nothing else is needed to see gaps and overlaps.

#include "packet/reassembly.h"

#include <stdlib.h>
#include <string.h>

#define EIGHTHS  (PACKET_MAX / 8 + 1)
#define WORDS    ((EIGHTHS + 63) / 64)
#define ECN_MASK 3
#define ECN_CE   3
#define BUFFER   (PACKET_HEADROOM + IPV6_HEADER + PACKET_MAX + 8 + PACKET_TAILROOM)

struct whole {
    struct ip ip; // of the first piece, or of any until it comes
    int64_t until;
    u128 realm;
    size_t length, eighths; // length 0: the last piece has not come
    size_t reach;           // where the furthest piece ends
    unsigned marks;         // of congestion that the pieces have, a bit each
    bool used, has_first;
    uint64_t there[WORDS], begins[WORDS]; // eighths; of `begins`, where a piece does
    uint8_t *buffer;                      // taken when it is first used
};

struct reassembly {
    struct whole *wholes;
    size_t count;
    int64_t wait;
    uint64_t lost;
};

struct reassembly *reassembly_new(size_t wholes_max, int64_t wait)
{
    struct reassembly *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->wholes = calloc(wholes_max, sizeof *r->wholes);
    r->count = wholes_max;
    r->wait = wait;
    if (!r->wholes)
        reassembly_free(&r);
    return r;
}

void reassembly_free(struct reassembly **r)
{
    if (!*r)
        return;
    for (size_t i = 0; (*r)->wholes && i < (*r)->count; i++)
        free((*r)->wholes[i].buffer);
    free((*r)->wholes);
    free(*r);
    *r = NULL;
}

static bool belongs(const struct whole *w, const struct ip *ip, u128 realm)
{
    return w->used && w->realm == realm && w->ip.identification == ip->identification &&
           w->ip.source == ip->source && w->ip.destination == ip->destination &&
           w->ip.family == ip->family &&
           (w->ip.family == FAMILY_IPV6 || w->ip.protocol == ip->protocol);
}

static void give_up(struct reassembly *r, struct whole *w)
{
    w->used = false;
    r->lost++;
}

// The packet's place; a new one is that which would be given up first.
static struct whole *place(struct reassembly *r, const struct ip *ip, u128 realm, int64_t now)
{
    struct whole *best = r->wholes;
    for (size_t i = 0; i < r->count; i++) {
        struct whole *w = r->wholes + i;
        if (w->used && w->until <= now)
            give_up(r, w);
        if (belongs(w, ip, realm))
            return w;
        if (!w->used || (best->used && w->until < best->until))
            best = w;
    }
    if (best->used)
        give_up(r, best);
    if (!best->buffer)
        best->buffer = malloc(BUFFER);
    if (!best->buffer)
        return NULL;
    uint8_t *buffer = best->buffer;
    *best = (struct whole){
        .ip = *ip, .realm = realm, .until = now + r->wait, .used = true, .buffer = buffer};
    return best;
}

static bool has(const uint64_t *eighths, size_t i)
{
    return i < EIGHTHS && eighths[i / 64] >> i % 64 & 1;
}

// Marks what a piece covers. False where some of it was there already.
static bool mark(struct whole *w, size_t from, size_t count)
{
    w->begins[from / 64] |= UINT64_C(1) << from % 64;
    for (size_t i = from; i < from + count; i++) {
        if (has(w->there, i))
            return false;
        w->there[i / 64] |= UINT64_C(1) << i % 64;
    }
    w->eighths += count;
    return true;
}

// From where one begins to where one ends (RFC 8200, 4.5: exact duplicates).
static bool is_there(const struct whole *w, const struct ip *ip)
{
    size_t end = ip->offset + (ip->end - ip->upper), from = ip->offset / 8, to = (end + 7) / 8;
    bool fits = ip->more ? end % 8 == 0 && (!w->length || end < w->length) : end == w->length;
    if (!fits || from == to || !has(w->begins, from))
        return false;
    for (size_t i = from; i < to; i++)
        if (!has(w->there, i) || (i > from && has(w->begins, i)))
            return false;
    return has(w->begins, to) || !has(w->there, to);
}

static bool store(struct whole *w, const struct packet *piece, const struct ip *ip)
{
    size_t size = ip->end - ip->upper, end = ip->offset + size;
    if (size == 0 || end > PACKET_MAX || (ip->more && size % 8 != 0) ||
        (w->length && end > w->length) || (!ip->more && (w->length || w->reach > end)))
        return false;
    if (!mark(w, ip->offset / 8, (size + 7) / 8))
        return false;
    if (!ip->more)
        w->length = end;
    w->reach = end > w->reach ? end : w->reach;
    if (ip->offset == 0) {
        w->ip = *ip;
        w->has_first = true;
    }
    w->marks |= 1u << (ip->traffic_class & ECN_MASK);
    memcpy(w->buffer + PACKET_HEADROOM + IPV6_HEADER + ip->offset, piece->at + ip->upper, size);
    return true;
}

// False: one piece met congestion, and another cannot bear the mark.
static bool mark_congestion(const struct whole *w, struct ip *ip)
{
    if (!(w->marks >> ECN_CE))
        return true;
    ip->traffic_class |= ECN_CE;
    return !(w->marks & 1);
}

static bool finish(struct whole *w, struct packet *ret)
{
    struct ip ip = w->ip;
    bool six = ip.family == FAMILY_IPV6;
    size_t header = six ? IPV6_HEADER + FRAGMENT_HEADER : IPV4_HEADER;
    ip.fragment = six;
    ip.more = ip.dont_fragment = false;
    ip.offset = 0;
    if (!mark_congestion(w, &ip))
        return false;
    packet_init(ret, w->buffer, BUFFER);
    ret->at = w->buffer + PACKET_HEADROOM + IPV6_HEADER - header;
    ret->length = header + w->length;
    if (six)
        ipv6_write(ret->at, &ip, w->length);
    else
        ipv4_write(ret->at, &ip, ret->length);
    w->used = false;
    return true;
}

bool reassembly_add(struct reassembly *r, const struct packet *piece, const struct ip *ip,
                    u128 realm, int64_t now, struct packet *ret)
{
    struct whole *w = place(r, ip, realm, now);
    if (!w)
        return false;
    if (is_there(w, ip))
        return false;
    if (!store(w, piece, ip)) {
        give_up(r, w);
        return false;
    }
    size_t header = ip->family == FAMILY_IPV4 ? IPV4_HEADER : FRAGMENT_HEADER;
    bool fits = w->length + header <= PACKET_MAX;
    if (!w->has_first || !w->length || w->eighths != (w->length + 7) / 8)
        return false;
    if (!fits || !finish(w, ret)) {
        give_up(r, w);
        return false;
    }
    return true;
}

uint64_t reassembly_lost(const struct reassembly *r)
{
    return r->lost;
}
