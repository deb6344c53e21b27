// SPDX-License-Identifier: Apache-2.0
//
// Lengths are left out of compressed headers: they are put in at the end, when it is known how long
// the packet is.

#include "packet/iphc_parts.h"

#include "base/cursor.h"

#define NESTED_MAX 4 // IPv6 in IPv6

struct length_field {
    size_t at, counted_from; // where the field stands; where what it counts begins
};

struct reader {
    const struct iphc *iphc;
    struct cursor c;
    struct iphc_restored *out;
    uint64_t source, destination; // interface identifiers of what is around
    bool has_source, has_destination;
    size_t next; // where the protocol of the next header goes
    struct length_field lengths[NESTED_MAX + 1];
    size_t length_count, nested;
};

const char *iphc_fault_name(enum iphc_fault f)
{
    static const char *const names[IPHC_FAULT_COUNT] = {"fine",
                                                        "too short",
                                                        "another dispatch",
                                                        "a reserved mode",
                                                        "unknown context",
                                                        "no UDP checksum",
                                                        "too many headers"};
    return names[f];
}

static uint8_t *grow(struct reader *r, size_t bytes)
{
    if (bytes > IPHC_RESTORED - r->out->length)
        return NULL;
    uint8_t *at = r->out->at + r->out->length;
    memset(at, 0, bytes);
    r->out->length += bytes;
    return at;
}

static u128 take128(struct cursor *c)
{
    u128 value = cursor_u128(c);
    return value;
}

static uint64_t take64(struct cursor *c)
{
    uint64_t high = cursor_u32(c);
    return high << 32 | cursor_u32(c);
}

// Modes 01, 10 and 11: an interface identifier.
static enum iphc_fault take_iid(struct reader *r, unsigned mode, bool has_link, uint64_t link,
                                uint64_t *ret)
{
    if (mode == 3 && !has_link)
        return IPHC_MODE;
    *ret = mode == 1 ? take64(&r->c) : mode == 2 ? SHORT_IID | cursor_u16(&r->c) : link;
    return IPHC_FINE;
}

static enum iphc_fault take_unicast(struct reader *r, unsigned mode, bool stateful,
                                    unsigned context, bool has_link, uint64_t link, u128 *ret)
{
    const struct iphc_context local = {(u128)LINK_LOCAL_64 << 64, 64, true, true};
    const struct iphc_context *c = stateful ? r->iphc->contexts + context : &local;
    uint64_t iid = 0;
    if (mode == 0) {
        *ret = take128(&r->c);
        return IPHC_FINE;
    }
    if (!c->known)
        return IPHC_CONTEXT;
    enum iphc_fault fault = take_iid(r, mode, has_link, link, &iid);
    if (fault == IPHC_FINE)
        *ret = iphc_combine(c, iid);
    return fault;
}

static void take_into(struct cursor *c, uint8_t *to, size_t bytes)
{
    const uint8_t *at = cursor_take(c, bytes);
    if (at)
        memcpy(to, at, bytes);
}

static enum iphc_fault take_multicast(struct reader *r, unsigned modes, unsigned context,
                                      uint8_t *a)
{
    unsigned mode = modes & IPHC_DAM;
    const struct iphc_context *c = r->iphc->contexts + context;
    a[0] = 0xff;
    if (modes & IPHC_DAC) {
        if (mode != 0)
            return IPHC_MODE;
        if (!c->known)
            return IPHC_CONTEXT;
        if (c->length > 64)
            return IPHC_MODE;
        take_into(&r->c, a + 1, 2);
        a[3] = c->length;
        store64(a + 4, (uint64_t)(iphc_combine(c, 0) >> 64));
        take_into(&r->c, a + 12, 4);
    } else if (mode == 0) {
        take_into(&r->c, a, 16);
    } else if (mode == 3) {
        a[1] = 2;
        a[15] = cursor_u8(&r->c);
    } else {
        a[1] = cursor_u8(&r->c);
        size_t bytes = mode == 2 ? 3 : 5;
        take_into(&r->c, a + 16 - bytes, bytes);
    }
    return IPHC_FINE;
}

static void take_class(struct cursor *c, unsigned tf, uint8_t *h)
{
    unsigned turned = tf == 3 ? 0 : cursor_u8(c);
    unsigned class = turned >> 6 | (tf == 1 ? 0 : turned << 2 & 0xfc);
    h[0] = (uint8_t)(6 << 4 | class >> 4);
    h[1] = (uint8_t)(class << 4);
    if (tf == 1)
        h[1] |= turned & 0x0f;
    if (tf == 0)
        h[1] |= cursor_u8(c) & 0x0f;
    if (tf <= 1)
        store16(h + 2, cursor_u16(c));
}

static enum iphc_fault take_addresses(struct reader *r, unsigned modes, unsigned contexts,
                                      uint8_t *h)
{
    u128 source = 0, destination = 0;
    bool stateful = modes & IPHC_SAC;
    unsigned mode = modes >> IPHC_SAM_SHIFT & 3;
    enum iphc_fault fault = stateful && mode == 0 ? IPHC_FINE
                                                  : take_unicast(r, mode, stateful, contexts >> 4,
                                                                 r->has_source, r->source, &source);
    store128(h + 8, source);
    if (fault != IPHC_FINE)
        return fault;
    if (modes & IPHC_M)
        return take_multicast(r, modes, contexts & 0x0f, h + 24);
    stateful = modes & IPHC_DAC;
    mode = modes & IPHC_DAM;
    if (stateful && mode == 0)
        return IPHC_MODE;
    fault = take_unicast(r, mode, stateful, contexts & 0x0f, r->has_destination, r->destination,
                         &destination);
    store128(h + 24, destination);
    return fault;
}

static enum iphc_fault take_ipv6(struct reader *r, bool *ret_more)
{
    if (r->nested++ == NESTED_MAX)
        return IPHC_LARGE;
    size_t begin = r->out->length;
    uint8_t *h = grow(r, IPV6_HEADER);
    if (!h)
        return IPHC_LARGE;
    unsigned first = cursor_u8(&r->c), modes = cursor_u8(&r->c);
    if (r->c.failed)
        return IPHC_SHORT;
    if ((first & 0xe0) != DISPATCH_IPHC)
        return IPHC_DISPATCH;
    unsigned contexts = modes & IPHC_CID ? cursor_u8(&r->c) : 0;
    take_class(&r->c, first >> IPHC_TF_SHIFT & 3, h);
    h[6] = first & IPHC_NH ? 0 : cursor_u8(&r->c);
    h[7] = first & IPHC_HLIM ? iphc_hop_limits[first & IPHC_HLIM] : cursor_u8(&r->c);
    enum iphc_fault fault = take_addresses(r, modes, contexts, h);
    if (fault != IPHC_FINE)
        return fault;
    r->next = begin + 6;
    r->lengths[r->length_count++] = (struct length_field){begin + 4, begin + IPV6_HEADER};
    r->has_source = r->has_destination = true;
    r->source = load64(h + 16);
    r->destination = load64(h + 32);
    *ret_more = first & IPHC_NH;
    return IPHC_FINE;
}

static enum iphc_fault take_udp(struct reader *r, unsigned nhc)
{
    size_t begin = r->out->length;
    uint8_t *u = grow(r, UDP_HEADER);
    if (!u)
        return IPHC_LARGE;
    unsigned mode = nhc & NHC_UDP_P;
    if (nhc & NHC_UDP_C)
        return IPHC_UNCHECKED;
    if (mode == 3) {
        unsigned both = cursor_u8(&r->c);
        store16(u, (uint16_t)(0xf0b0 | both >> 4));
        store16(u + 2, (uint16_t)(0xf0b0 | (both & 0x0f)));
    } else {
        store16(u, mode == 2 ? 0xf000 | cursor_u8(&r->c) : cursor_u16(&r->c));
        store16(u + 2, mode == 1 ? 0xf000 | cursor_u8(&r->c) : cursor_u16(&r->c));
    }
    store16(u + 6, cursor_u16(&r->c));
    r->out->at[r->next] = PROTOCOL_UDP;
    r->lengths[r->length_count++] = (struct length_field){begin + 4, begin};
    return IPHC_FINE;
}

// Options are padded to a multiple of eight octets; other headers must be one.
static enum iphc_fault take_extension(struct reader *r, unsigned nhc, bool *ret_more)
{
    uint8_t protocol = nhc_protocols[nhc >> NHC_EID_SHIFT & 7];
    bool piece = protocol == PROTOCOL_FRAGMENT;
    bool padded = protocol == PROTOCOL_HOPOPT || protocol == PROTOCOL_OPTIONS;
    uint8_t next = nhc & NHC_NH ? 0 : cursor_u8(&r->c), said = cursor_u8(&r->c);
    size_t kept = piece ? 8 : 2 + (size_t)said, size = (kept + 7) / 8 * 8;
    const uint8_t *body = cursor_take(&r->c, kept - 2);
    if (!body || r->c.failed)
        return IPHC_SHORT;
    if ((size != kept && !padded) || (piece && nhc & NHC_NH))
        return IPHC_MODE;
    size_t begin = r->out->length;
    uint8_t *h = grow(r, size);
    if (!h)
        return IPHC_LARGE;
    h[0] = next;
    h[1] = piece ? said : (uint8_t)(size / 8 - 1);
    if (kept > 2)
        memcpy(h + 2, body, kept - 2);
    if (size - kept >= 2) {
        h[kept] = 1;
        h[kept + 1] = (uint8_t)(size - kept - 2);
    }
    r->out->at[r->next] = protocol;
    r->next = begin;
    *ret_more = nhc & NHC_NH;
    return IPHC_FINE;
}

static enum iphc_fault take_next(struct reader *r, bool *ret_more)
{
    unsigned nhc = cursor_u8(&r->c), id = nhc >> NHC_EID_SHIFT & 7;
    if (r->c.failed)
        return IPHC_SHORT;
    *ret_more = false;
    if ((nhc & 0xf8) == NHC_UDP)
        return take_udp(r, nhc);
    if ((nhc & 0xf0) != NHC_EXTENSION)
        return IPHC_MODE;
    if (id == NHC_EID_IPV6) {
        if (nhc & NHC_NH)
            return IPHC_MODE;
        r->out->at[r->next] = PROTOCOL_IPV6;
        return take_ipv6(r, ret_more);
    }
    return id < sizeof nhc_protocols ? take_extension(r, nhc, ret_more) : IPHC_MODE;
}

static enum iphc_fault put_lengths(const struct reader *r, size_t total)
{
    if (total < r->out->length)
        return IPHC_SHORT;
    for (size_t i = 0; i < r->length_count; i++) {
        size_t value = total - r->lengths[i].counted_from;
        if (value > PACKET_MAX)
            return IPHC_LARGE;
        store16(r->out->at + r->lengths[i].at, (uint16_t)value);
    }
    return IPHC_FINE;
}

enum iphc_fault iphc_restore(const struct iphc *c, const struct wpan_address *source,
                             const struct wpan_address *destination, const uint8_t *frame,
                             size_t length, size_t datagram, struct iphc_restored *ret)
{
    struct reader r = {.iphc = c,
                       .c = cursor_of(frame, length),
                       .out = ret,
                       .source = wpan_iid(source),
                       .destination = wpan_iid(destination),
                       .has_source = source->size > 0,
                       .has_destination = destination->size > 0};
    bool more = false;
    ret->length = 0;
    enum iphc_fault fault = take_ipv6(&r, &more);
    while (fault == IPHC_FINE && more)
        fault = r.c.failed ? IPHC_SHORT : take_next(&r, &more);
    if (fault != IPHC_FINE)
        return fault;
    if (r.c.failed)
        return IPHC_SHORT;
    ret->taken = length - r.c.left;
    return put_lengths(&r, datagram ? datagram : ret->length + r.c.left);
}
