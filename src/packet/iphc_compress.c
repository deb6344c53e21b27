// SPDX-License-Identifier: Apache-2.0
//
// Of all modes that say the same, the shortest is taken; of equally short ones the one without a
// context, then that of the lower context.

#include "packet/iphc_parts.h"

struct writer {
    uint8_t *at;
    size_t length;
};

static void put(struct writer *w, const uint8_t *at, size_t bytes)
{
    if (bytes > 0)
        memcpy(w->at + w->length, at, bytes);
    w->length += bytes;
}

static void put8(struct writer *w, unsigned value)
{
    w->at[w->length++] = (uint8_t)value;
}

struct chosen {
    uint8_t context, mode; // mode with AC before AM
    uint8_t inline_at, inline_size;
};

u128 iphc_combine(const struct iphc_context *c, uint64_t iid)
{
    u128 mask = c->length == 0 ? 0 : ~(u128)0 << (128 - c->length);
    return (c->prefix & mask) | (iid & ~mask & UINT64_MAX);
}

static bool try_iid(const struct iphc_context *c, u128 address, uint64_t iid, unsigned mode,
                    uint8_t size, struct chosen *ret)
{
    if (iphc_combine(c, iid) != address)
        return false;
    *ret = (struct chosen){0, (uint8_t)mode, (uint8_t)(16 - size), size};
    return true;
}

// Modes 11, 10 and 01 of one context.
static bool try_context(const struct iphc_context *c, const struct wpan_address *link, u128 address,
                        unsigned stateful, struct chosen *ret)
{
    uint64_t iid = (uint64_t)address;
    return (link->size && try_iid(c, address, wpan_iid(link), stateful | 3, 0, ret)) ||
           try_iid(c, address, SHORT_IID | (iid & 0xffff), stateful | 2, 2, ret) ||
           try_iid(c, address, iid, stateful | 1, 8, ret);
}

static struct chosen choose_unicast(const struct iphc *c, const struct wpan_address *link,
                                    u128 address)
{
    static const struct iphc_context local = {(u128)LINK_LOCAL_64 << 64, 64, true, true};
    struct chosen best = {0, 0, 0, 16}, other;
    if (try_context(&local, link, address, 0, &other))
        best = other;
    for (uint8_t i = 0; i < IPHC_CONTEXTS; i++)
        if (c->contexts[i].known && c->contexts[i].compress &&
            try_context(c->contexts + i, link, address, 4, &other) &&
            other.inline_size + (i > 0) < best.inline_size) {
            best = other;
            best.context = i;
        }
    return best;
}

static bool zeros(const uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i])
            return false;
    return true;
}

// RFC 3306: a multicast address made of a prefix, which a context can hold.
static bool by_prefix(const struct iphc_context *c, const uint8_t *a)
{
    return c->known && c->compress && c->length <= 64 && a[3] == c->length &&
           load64(a + 4) == (uint64_t)(iphc_combine(c, 0) >> 64);
}

static void put_multicast(const struct iphc *c, const uint8_t *a, struct writer *w, uint8_t *modes,
                          uint8_t *contexts)
{
    *modes |= IPHC_M;
    if (a[1] == 2 && zeros(a + 2, 13)) {
        *modes |= 3;
        put8(w, a[15]);
    } else if (zeros(a + 2, 11)) {
        *modes |= 2;
        put8(w, a[1]);
        put(w, a + 13, 3);
    } else if (zeros(a + 2, 9)) {
        *modes |= 1;
        put8(w, a[1]);
        put(w, a + 11, 5);
    } else {
        uint8_t i = 0;
        while (i < IPHC_CONTEXTS && !by_prefix(c->contexts + i, a))
            i++;
        if (i == IPHC_CONTEXTS) {
            put(w, a, 16);
            return;
        }
        *modes |= IPHC_DAC;
        *contexts |= i;
        put(w, a + 1, 2);
        put(w, a + 12, 4);
    }
}

static void put_addresses(const struct iphc *c, const struct wpan_address *source,
                          const struct wpan_address *destination, const uint8_t *packet,
                          struct writer *w, uint8_t *modes, uint8_t *contexts)
{
    const uint8_t *from = packet + 8, *to = packet + 24;
    if (zeros(from, 16)) {
        *modes |= IPHC_SAC;
    } else {
        struct chosen s = choose_unicast(c, source, load128(from));
        *modes |= (uint8_t)(s.mode << IPHC_SAM_SHIFT);
        *contexts |= (uint8_t)(s.context << 4);
        put(w, from + s.inline_at, s.inline_size);
    }
    if (to[0] == 0xff) {
        put_multicast(c, to, w, modes, contexts);
        return;
    }
    struct chosen d = choose_unicast(c, destination, load128(to));
    *modes |= d.mode;
    *contexts |= d.context;
    put(w, to + d.inline_at, d.inline_size);
}

// The traffic class has ECN before DSCP here (3.2.1).
static unsigned put_class(const uint8_t *packet, struct writer *w)
{
    unsigned class = (packet[0] << 4 | packet[1] >> 4) & 0xff;
    unsigned ecn = class << 6 & 0xc0, turned = ecn | class >> 2;
    bool flow = (packet[1] & 0x0f) || packet[2] || packet[3];
    if (!flow && class == 0)
        return 3;
    if (!flow) {
        put8(w, turned);
        return 2;
    }
    if (class >> 2 == 0) {
        put8(w, ecn | (packet[1] & 0x0f));
        put(w, packet + 2, 2);
        return 1;
    }
    put8(w, turned);
    put(w, packet + 1, 3);
    w->at[w->length - 3] &= 0x0f;
    return 0;
}

// ---- what follows

struct chain {
    const uint8_t *packet;
    size_t length, at; // at: of the header that comes next
    uint8_t protocol;
};

static int extension_id(uint8_t protocol)
{
    for (int i = 0; i < (int)sizeof nhc_protocols; i++)
        if (nhc_protocols[i] == protocol)
            return i;
    return -1;
}

static size_t extension_size(const struct chain *c)
{
    size_t left = c->length - c->at;
    if (left < 8)
        return 0;
    size_t size = c->protocol == PROTOCOL_FRAGMENT ? 8 : 8 + (size_t)c->packet[c->at + 1] * 8;
    return size <= left && size - 2 <= UINT8_MAX ? size : 0;
}

// The octets of the last option where they are padding that is restored just so (4.2).
static size_t padding_at_end(const uint8_t *header, size_t size)
{
    size_t at = 2, last = 2;
    while (at < size) {
        last = at;
        at += header[at] == 0 ? 1 : at + 1 < size ? 2 + (size_t)header[at + 1] : size;
    }
    size_t pad = size - last;
    bool is =
        at == size && pad <= 7 &&
        (header[last] == 0 ? pad == 1
                           : header[last] == 1 && zeros(header + last + 2, pad > 2 ? pad - 2 : 0));
    return is ? pad : 0;
}

static bool udp_fits(const struct chain *c)
{
    return c->protocol == PROTOCOL_UDP && c->length - c->at >= UDP_HEADER &&
           load16(c->packet + c->at + 4) == c->length - c->at;
}

static bool can_compress(const struct chain *c, size_t written)
{
    if (udp_fits(c))
        return written + 7 <= IPHC_HEADER_MAX;
    size_t size = extension_id(c->protocol) >= 0 ? extension_size(c) : 0;
    return size > 0 && written + size + 1 <= IPHC_HEADER_MAX;
}

static void put_udp(struct chain *c, struct writer *w)
{
    const uint8_t *u = c->packet + c->at;
    bool four = load16(u) >> 4 == 0xf0b && load16(u + 2) >> 4 == 0xf0b;
    bool to = u[2] == 0xf0, from = u[0] == 0xf0;
    put8(w, NHC_UDP | (four ? 3u : to ? 1u : from ? 2u : 0u));
    if (four) {
        put8(w, (u[1] & 0x0fu) << 4 | (u[3] & 0x0fu));
    } else {
        put(w, u + (from && !to), from && !to ? 1 : 2);
        put(w, u + 2 + to, to ? 1 : 2);
    }
    put(w, u + 6, 2);
    c->at += UDP_HEADER;
}

// What follows a piece's header is no header that could be told.
static bool put_extension(struct chain *c, struct writer *w)
{
    const uint8_t *h = c->packet + c->at;
    size_t size = extension_size(c), mark = w->length;
    bool piece = c->protocol == PROTOCOL_FRAGMENT;
    bool padded = c->protocol == PROTOCOL_HOPOPT || c->protocol == PROTOCOL_OPTIONS;
    size_t kept = size - (padded ? padding_at_end(h, size) : 0);
    put8(w, NHC_EXTENSION | (unsigned)extension_id(c->protocol) << NHC_EID_SHIFT);
    c->protocol = h[0];
    c->at += size;
    bool more = !piece && can_compress(c, w->length + kept);
    if (more)
        w->at[mark] |= NHC_NH;
    else
        put8(w, h[0]);
    put8(w, piece ? h[1] : (unsigned)(kept - 2));
    put(w, h + 2, kept - 2);
    return more;
}

static void put_chain(struct chain *c, struct writer *w)
{
    while (c->protocol != PROTOCOL_UDP)
        if (!put_extension(c, w))
            return;
    put_udp(c, w);
}

static unsigned hop_limit_mode(uint8_t limit)
{
    unsigned mode = 3;
    while (mode > 0 && iphc_hop_limits[mode] != limit)
        mode--;
    return mode;
}

bool iphc_compress(const struct iphc *c, const struct wpan_address *source,
                   const struct wpan_address *destination, const uint8_t *packet, size_t length,
                   struct iphc_head *ret)
{
    if (length < IPV6_HEADER || packet[0] >> 4 != 6 || load16(packet + 4) != length - IPV6_HEADER)
        return false;
    uint8_t addresses[32], modes = 0, contexts = 0;
    struct writer a = {addresses, 0}, w = {ret->at, 2};
    struct chain chain = {packet, length, IPV6_HEADER, packet[6]};
    put_addresses(c, source, destination, packet, &a, &modes, &contexts);
    unsigned limit = hop_limit_mode(packet[7]);
    if (contexts) {
        modes |= IPHC_CID;
        put8(&w, contexts);
    }
    unsigned first = DISPATCH_IPHC | limit | put_class(packet, &w) << IPHC_TF_SHIFT;
    bool more = can_compress(&chain, w.length + 2 + a.length);
    if (more)
        first |= IPHC_NH;
    else
        put8(&w, chain.protocol);
    if (limit == 0)
        put8(&w, packet[7]);
    put(&w, addresses, a.length);
    ret->at[0] = (uint8_t)first;
    ret->at[1] = modes;
    if (more)
        put_chain(&chain, &w);
    ret->length = w.length;
    ret->taken = chain.at;
    return true;
}
