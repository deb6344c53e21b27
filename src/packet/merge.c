// SPDX-License-Identifier: Apache-2.0

#include "packet/merge.h"

#include <stdlib.h>

#define ROOM       (PACKET_HEADROOM + PACKET_MAX + PACKET_TAILROOM)
#define UDP_HEADER 8
#define TCP_HEADER 20
#define TCP_ACK    0x10
#define TCP_PSH    0x08

// What is open: a packet that may grow. A flow has one place; another that needs it closes it.
struct bundle {
    uint8_t *buffer;
    size_t length, head; // of all, and of the headers
    size_t outer;        // of the header around it
    size_t segment, count;
    bool partial; // of the first
    bool listed;
};

struct merge {
    struct merge_config config;
    struct bundle bundles[MERGE_FLOWS]; // count 0: free
    struct bundle *list[MERGE_FLOWS];   // that were opened since all were closed
    size_t listed;
    uint8_t *buffers;
    uint16_t number;
};

// What is known of a packet that may be put together with others.
struct candidate {
    struct ip ip;
    size_t outer; // of the header around it, which the places in `ip` do not count; 0: none
    u128 outer_source;
    size_t head, payload, place;
    bool last; // none may follow it
};

static size_t place_of(const struct ip *ip, const uint8_t *upper, u128 outer_source)
{
    u128 mixed = ip->source * 3 + ip->destination * 5 + outer_source * 7 + ip->protocol;
    uint64_t folded = (uint64_t)(mixed >> 64) ^ (uint64_t)mixed ^ load32(upper);
    return (folded * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (MERGE_FLOWS - 1);
}

static bool is_undamaged(const uint8_t *upper, const struct ip *ip)
{
    bool has = ip->protocol != PROTOCOL_UDP || load16(upper + 6) != 0;
    return has && checksum_holds(upper, ip);
}

static bool is_udp(const uint8_t *udp, struct candidate *c)
{
    size_t length = c->ip.end - c->ip.upper;
    c->head = c->outer + c->ip.upper + UDP_HEADER;
    return length > UDP_HEADER && load16(udp + 4) == length;
}

static bool is_tcp(const uint8_t *tcp, struct candidate *c)
{
    size_t length = c->ip.end - c->ip.upper;
    if (length < TCP_HEADER)
        return false;
    size_t head = (size_t)(tcp[12] >> 4) * 4;
    c->head = c->outer + c->ip.upper + head;
    c->last = tcp[13] & TCP_PSH;
    return head >= TCP_HEADER && length > head && (tcp[13] | TCP_PSH) == (TCP_ACK | TCP_PSH);
}

static size_t header_of(enum family f)
{
    return f == FAMILY_IPV6 ? IPV6_HEADER : IPV4_HEADER;
}

// One family in the other: what is looked at is what is inside.
static bool step_inside(const struct packet *p, struct candidate *c)
{
    const struct ip outer = c->ip;
    c->outer = header_of(outer.family);
    c->outer_source = outer.source;
    return !outer.fragment && outer.upper == c->outer && outer.end == p->length &&
           ip_read(p->at + c->outer, p->length - c->outer, 0, &c->ip) == IP_FINE &&
           c->ip.family != outer.family;
}

// c->ip is what ip_read said.
static bool is_candidate(const struct merge *m, const struct packet *p, struct candidate *c)
{
    const struct ip *ip = &c->ip;
    bool wrapped = m->config.inside && ip->protocol == m->config.inside;
    if (p->segment || (wrapped && !step_inside(p, c)))
        return false;
    if (ip->fragment || ip->upper != header_of(ip->family) || c->outer + ip->end != p->length)
        return false;
    const uint8_t *upper = p->at + c->outer + ip->upper;
    bool fits = ip->protocol == PROTOCOL_TCP   ? is_tcp(upper, c)
                : ip->protocol == PROTOCOL_UDP ? m->config.udp && is_udp(upper, c)
                                               : false;
    if (!fits || (!p->partial && !is_undamaged(upper, ip)))
        return false;
    c->payload = p->length - c->head;
    c->place = place_of(ip, upper, c->outer_source);
    return true;
}

// ---- what is open

static void number_4(struct merge *m, uint8_t *at, size_t count)
{
    bool may_be_cut = !(at[6] & 0x40);
    if (!m->config.number || !may_be_cut)
        return;
    store16(at + 4, m->number);
    m->number = (uint16_t)(m->number + count);
}

static void write_ip(struct merge *m, uint8_t *at, size_t length, size_t count)
{
    if (at[0] >> 4 == 6) {
        store16(at + 4, (uint16_t)(length - IPV6_HEADER));
        return;
    }
    number_4(m, at, count);
    store16(at + 2, (uint16_t)length);
    store16(at + 10, 0);
    store16(at + 10, (uint16_t)~sum_bytes(at, IPV4_HEADER, 0));
}

// Source and destination stand side by side.
static const uint8_t *addresses_of(const uint8_t *at, size_t *ret_size)
{
    bool six = at[0] >> 4 == 6;
    *ret_size = six ? 32 : 8;
    return at + (six ? 8 : 12);
}

// The length and the sum of the pseudo-header, of all together: the sum of the addresses is that of
// their bytes.
static void write_upper(uint8_t *at, size_t length)
{
    bool six = at[0] >> 4 == 6;
    uint8_t protocol = six ? at[6] : at[9], *upper = at + (six ? IPV6_HEADER : IPV4_HEADER);
    size_t size;
    const uint8_t *addresses = addresses_of(at, &size);
    length -= (size_t)(upper - at);
    if (protocol == PROTOCOL_UDP)
        store16(upper + 4, (uint16_t)length);
    uint32_t sum = sum_bytes(addresses, size, 0) + protocol + (uint32_t)length;
    store16(upper + checksum_offset(protocol), sum_fold(sum));
}

static void write_heads(struct merge *m, const struct bundle *b, uint8_t *at)
{
    if (b->outer)
        write_ip(m, at, b->length, b->count);
    at += b->outer;
    write_ip(m, at, b->length - b->outer, b->count);
    if (b->count > 1)
        write_upper(at, b->length - b->outer);
}

static void close_bundle(struct merge *m, struct bundle *b)
{
    struct packet p;
    if (b->count == 0)
        return;
    packet_init(&p, b->buffer, ROOM);
    p.length = b->length;
    p.partial = b->partial || b->count > 1;
    p.segment = b->count > 1 ? (uint16_t)b->segment : 0;
    write_heads(m, b, p.at);
    size_t count = b->count;
    b->count = 0;
    m->config.send(m->config.arg, &p, count);
}

static void open_bundle(struct merge *m, struct bundle *b, const struct packet *p,
                        const struct candidate *c)
{
    if (!b->listed)
        m->list[m->listed++] = b;
    b->listed = true;
    memcpy(b->buffer + PACKET_HEADROOM, p->at, p->length);
    b->length = p->length;
    b->head = c->head;
    b->outer = c->outer;
    b->segment = c->payload;
    b->count = 1;
    b->partial = p->partial;
}

static bool same_addresses(const uint8_t *a, const uint8_t *b)
{
    size_t size;
    const uint8_t *addresses = addresses_of(a, &size);
    return a[0] >> 4 == b[0] >> 4 && memcmp(addresses, b + (addresses - a), size) == 0;
}

static bool same_flow(const struct bundle *b, const struct packet *p, const struct candidate *c)
{
    const uint8_t *first = b->buffer + PACKET_HEADROOM, *at = p->at;
    const size_t protocol = c->ip.family == FAMILY_IPV6 ? 6 : 9;
    if (b->outer != c->outer || (c->outer && !same_addresses(first, at)))
        return false;
    first += c->outer;
    at += c->outer;
    return same_addresses(first, at) && first[protocol] == at[protocol] &&
           memcmp(first + c->ip.upper, at + c->ip.upper, 4) == 0;
}

static bool heads_agree_6(const uint8_t *first, const uint8_t *at)
{
    return memcmp(first, at, 4) == 0 && memcmp(first + 6, at + 6, 2) == 0;
}

static bool heads_agree_4(const struct merge *m, const struct bundle *b, const uint8_t *first,
                          const uint8_t *at)
{
    bool may_be_cut = !(at[6] & 0x40);
    uint16_t wanted = (uint16_t)(load16(first + 4) + b->count);
    if (may_be_cut && !m->config.number && load16(at + 4) != wanted)
        return false;
    return memcmp(first, at, 2) == 0 && memcmp(first + 6, at + 6, 4) == 0;
}

static bool heads_agree(const struct merge *m, const struct bundle *b, const uint8_t *first,
                        const uint8_t *at)
{
    return at[0] >> 4 == 6 ? heads_agree_6(first, at) : heads_agree_4(m, b, first, at);
}

static bool heads_agree_tcp(const struct bundle *b, const uint8_t *first, const uint8_t *at,
                            size_t length)
{
    uint32_t wanted = load32(first + 4) + (uint32_t)(b->length - b->head);
    return load32(at + 4) == wanted && memcmp(first + 8, at + 8, 5) == 0 &&
           (first[13] | TCP_PSH) == (at[13] | TCP_PSH) && memcmp(first + 14, at + 14, 2) == 0 &&
           memcmp(first + 18, at + 18, length - 18) == 0;
}

static bool can_grow(const struct merge *m, const struct bundle *b, const struct packet *p,
                     const struct candidate *c)
{
    const uint8_t *first = b->buffer + PACKET_HEADROOM, *at = p->at;
    size_t upper = c->ip.upper;
    if (c->head != b->head || c->payload > b->segment || b->count >= MERGE_COUNT ||
        b->length + c->payload > PACKET_MAX)
        return false;
    if ((b->length - b->head) % b->segment != 0)
        return false;
    if (c->outer && !heads_agree(m, b, first, at))
        return false;
    first += c->outer;
    at += c->outer;
    return heads_agree(m, b, first, at) &&
           (c->ip.protocol == PROTOCOL_UDP ||
            heads_agree_tcp(b, first + upper, at + upper, c->head - c->outer - upper));
}

static void grow(struct bundle *b, const struct packet *p, const struct candidate *c)
{
    memcpy(b->buffer + PACKET_HEADROOM + b->length, p->at + c->head, c->payload);
    b->length += c->payload;
    b->count++;
    // The flag of the last is that of all.
    size_t flags = c->outer + c->ip.upper + 13;
    if (c->ip.protocol == PROTOCOL_TCP)
        b->buffer[PACKET_HEADROOM + flags] |= p->at[flags] & TCP_PSH;
}

// What cannot be put together must not overtake what its hosts have under way.
static void pass(struct merge *m, struct packet *p)
{
    for (size_t i = 0; i < m->listed; i++) {
        struct bundle *b = m->list[i];
        if (b->count > 0 && same_addresses(b->buffer + PACKET_HEADROOM, p->at))
            close_bundle(m, b);
    }
    m->config.send(m->config.arg, p, 1);
}

void merge_packet(struct merge *m, struct packet *p)
{
    struct candidate c = {0};
    if (ip_read(p->at, p->length, 0, &c.ip) != IP_FINE) {
        merge_flush(m);
        m->config.send(m->config.arg, p, 1);
        return;
    }
    if (!is_candidate(m, p, &c)) {
        pass(m, p);
        return;
    }
    struct bundle *b = &m->bundles[c.place];
    if (b->count > 0 && same_flow(b, p, &c) && can_grow(m, b, p, &c)) {
        grow(b, p, &c);
    } else {
        close_bundle(m, b);
        open_bundle(m, b, p, &c);
    }
    if (c.last || c.payload < b->segment)
        close_bundle(m, b);
}

void merge_flush(struct merge *m)
{
    for (size_t i = 0; i < m->listed; i++) {
        close_bundle(m, m->list[i]);
        m->list[i]->listed = false;
    }
    m->listed = 0;
}

int merge_new(const struct merge_config *c, struct merge **ret, struct err *e)
{
    struct merge *m = calloc(1, sizeof *m);
    if (m)
        m->buffers = malloc(MERGE_FLOWS * (size_t)ROOM);
    if (!m || !m->buffers) {
        merge_free(&m);
        return err_memory(e);
    }
    for (size_t i = 0; i < MERGE_FLOWS; i++)
        m->bundles[i].buffer = m->buffers + i * ROOM;
    m->config = *c;
    *ret = m;
    return 0;
}

void merge_free(struct merge **m)
{
    if (*m)
        free((*m)->buffers);
    free(*m);
    *m = NULL;
}
