// SPDX-License-Identifier: Apache-2.0

#include "packet/merge.h"

#include <stdlib.h>

#define ROOM       (PACKET_HEADROOM + PACKET_MAX + PACKET_TAILROOM)
#define UDP_HEADER 8
#define TCP_HEADER 20
#define TCP_ACK    0x10
#define TCP_PSH    0x08

// What is open: a packet that may grow.
struct bundle {
    uint8_t *buffer;
    size_t length, head; // of all, and of the headers
    size_t segment, count;
    bool partial; // of the first
    uint32_t hash;
};

struct merge {
    struct merge_config config;
    struct bundle bundles[MERGE_FLOWS]; // count 0: free
    size_t next;                        // to be closed when all are open
    uint16_t number;
};

// What is known of a packet that may be put together with others.
struct candidate {
    struct ip ip;
    size_t head, payload;
    uint32_t hash;
    bool last; // none may follow it
};

static uint32_t hash_flow(const struct ip *ip, const uint8_t *upper)
{
    u128 mixed = ip->source * 3 + ip->destination * 5 + ip->protocol;
    uint64_t folded = (uint64_t)(mixed >> 64) ^ (uint64_t)mixed ^ load32(upper);
    return (uint32_t)((folded * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static bool checksum_holds(const struct packet *p, const struct ip *ip)
{
    uint32_t length = (uint32_t)(ip->end - ip->upper);
    if (p->partial)
        return true;
    if (ip->protocol == PROTOCOL_UDP && load16(p->at + ip->upper + 6) == 0)
        return false;
    uint32_t sum = sum_pseudo(ip->family, ip->source, ip->destination, ip->protocol, length);
    return sum_fold(sum_bytes(p->at + ip->upper, length, sum_fold(sum))) == 0xffff;
}

static bool is_udp(const struct packet *p, struct candidate *c)
{
    size_t length = c->ip.end - c->ip.upper;
    c->head = c->ip.upper + UDP_HEADER;
    return length > UDP_HEADER && load16(p->at + c->ip.upper + 4) == length;
}

static bool is_tcp(const struct packet *p, struct candidate *c)
{
    const uint8_t *tcp = p->at + c->ip.upper;
    size_t length = c->ip.end - c->ip.upper;
    if (length < TCP_HEADER)
        return false;
    size_t head = (size_t)(tcp[12] >> 4) * 4;
    c->head = c->ip.upper + head;
    c->last = tcp[13] & TCP_PSH;
    return head >= TCP_HEADER && length > head && (tcp[13] | TCP_PSH) == (TCP_ACK | TCP_PSH);
}

// c->ip is what ip_read said.
static bool is_candidate(const struct merge *m, const struct packet *p, struct candidate *c)
{
    const struct ip *ip = &c->ip;
    size_t plain = ip->family == FAMILY_IPV6 ? IPV6_HEADER : IPV4_HEADER;
    if (ip->fragment || ip->upper != plain || ip->end != p->length || p->segment)
        return false;
    bool fits = ip->protocol == PROTOCOL_TCP   ? is_tcp(p, c)
                : ip->protocol == PROTOCOL_UDP ? m->config.udp && is_udp(p, c)
                                               : false;
    if (!fits || !checksum_holds(p, ip))
        return false;
    c->payload = p->length - c->head;
    c->hash = hash_flow(ip, p->at + ip->upper);
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

// The lengths and the sum of the pseudo-header, of all together.
static void write_heads(struct merge *m, const struct bundle *b, uint8_t *at)
{
    bool six = at[0] >> 4 == 6;
    size_t upper = six ? IPV6_HEADER : IPV4_HEADER, length = b->length - upper;
    uint8_t protocol = six ? at[6] : at[9];
    if (!six)
        number_4(m, at, b->count);
    if (b->count > 1 && six)
        store16(at + 4, (uint16_t)length);
    if (b->count > 1 && !six)
        store16(at + 2, (uint16_t)b->length);
    if (!six) {
        store16(at + 10, 0);
        store16(at + 10, (uint16_t)~sum_bytes(at, IPV4_HEADER, 0));
    }
    if (b->count == 1)
        return;
    if (protocol == PROTOCOL_UDP)
        store16(at + upper + 4, (uint16_t)length);
    // Source and destination stand side by side: their sum is that of the bytes.
    uint32_t sum = six ? sum_bytes(at + 8, 32, 0) : sum_bytes(at + 12, 8, 0);
    sum += protocol + (uint32_t)length;
    store16(at + upper + checksum_offset(protocol), sum_fold(sum));
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

static struct bundle *open_bundle(struct merge *m, const struct packet *p,
                                  const struct candidate *c)
{
    struct bundle *b = NULL;
    for (size_t i = 0; i < MERGE_FLOWS && !b; i++)
        if (m->bundles[i].count == 0)
            b = &m->bundles[i];
    if (!b) {
        b = &m->bundles[m->next++ % MERGE_FLOWS];
        close_bundle(m, b);
    }
    memcpy(b->buffer + PACKET_HEADROOM, p->at, p->length);
    b->length = p->length;
    b->head = c->head;
    b->segment = c->payload;
    b->count = 1;
    b->partial = p->partial;
    b->hash = c->hash;
    return b;
}

static bool same_flow(const struct bundle *b, const struct packet *p, const struct candidate *c)
{
    const uint8_t *first = b->buffer + PACKET_HEADROOM;
    bool six = c->ip.family == FAMILY_IPV6;
    return first[0] >> 4 == p->at[0] >> 4 && first[six ? 6 : 9] == p->at[six ? 6 : 9] &&
           memcmp(first + (six ? 8 : 12), p->at + (six ? 8 : 12), six ? 32 : 8) == 0 &&
           memcmp(first + c->ip.upper, p->at + c->ip.upper, 4) == 0;
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
    const uint8_t *first = b->buffer + PACKET_HEADROOM;
    size_t upper = c->ip.upper;
    if (c->head != b->head || c->payload > b->segment || b->count >= MERGE_COUNT ||
        b->length + c->payload > PACKET_MAX)
        return false;
    if ((b->length - b->head) % b->segment != 0)
        return false;
    bool agree = c->ip.family == FAMILY_IPV6 ? memcmp(first, p->at, 4) == 0 && first[7] == p->at[7]
                                             : heads_agree_4(m, b, first, p->at);
    return agree && (c->ip.protocol == PROTOCOL_UDP ||
                     heads_agree_tcp(b, first + upper, p->at + upper, c->head - upper));
}

static void grow(struct bundle *b, const struct packet *p, const struct candidate *c)
{
    memcpy(b->buffer + PACKET_HEADROOM + b->length, p->at + c->head, c->payload);
    b->length += c->payload;
    b->count++;
    // The flag of the last is that of all.
    if (c->ip.protocol == PROTOCOL_TCP)
        b->buffer[PACKET_HEADROOM + c->ip.upper + 13] |= p->at[c->ip.upper + 13] & TCP_PSH;
}

// What cannot be put together must not overtake what its hosts have under way.
static void pass(struct merge *m, struct packet *p, const struct ip *ip)
{
    size_t place = ip->family == FAMILY_IPV6 ? 8 : 12, size = ip->family == FAMILY_IPV6 ? 32 : 8;
    for (size_t i = 0; i < MERGE_FLOWS; i++) {
        struct bundle *b = &m->bundles[i];
        const uint8_t *first = b->buffer + PACKET_HEADROOM;
        if (b->count > 0 && first[0] >> 4 == p->at[0] >> 4 &&
            memcmp(first + place, p->at + place, size) == 0)
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
        pass(m, p, &c.ip);
        return;
    }
    for (size_t i = 0; i < MERGE_FLOWS; i++) {
        struct bundle *b = &m->bundles[i];
        if (b->count == 0 || b->hash != c.hash || !same_flow(b, p, &c))
            continue;
        if (can_grow(m, b, p, &c)) {
            grow(b, p, &c);
            if (c.last || c.payload < b->segment)
                close_bundle(m, b);
            return;
        }
        close_bundle(m, b);
        break;
    }
    struct bundle *b = open_bundle(m, p, &c);
    if (c.last)
        close_bundle(m, b);
}

void merge_flush(struct merge *m)
{
    for (size_t i = 0; i < MERGE_FLOWS; i++)
        close_bundle(m, &m->bundles[i]);
}

int merge_new(const struct merge_config *c, struct merge **ret, struct err *e)
{
    struct merge *m = calloc(1, sizeof *m);
    bool fine = m != NULL;
    for (size_t i = 0; i < MERGE_FLOWS && fine; i++) {
        m->bundles[i].buffer = malloc(ROOM);
        fine = m->bundles[i].buffer != NULL;
    }
    if (!fine) {
        merge_free(&m);
        return err_memory(e);
    }
    m->config = *c;
    *ret = m;
    return 0;
}

void merge_free(struct merge **m)
{
    for (size_t i = 0; *m && i < MERGE_FLOWS; i++)
        free((*m)->bundles[i].buffer);
    free(*m);
    *m = NULL;
}
