// SPDX-License-Identifier: Apache-2.0
//
// From IPv6, the source is bound to an address and port of the pool and the destination is what
// stands in the prefix; from IPv4 the other way round. The identifier of an ICMP query is its port,
// whichever direction it stands for.

#include "packet/nat64.h"

#include "packet/pieces.h"
#include "packet/reassembly.h"
#include "packet/syns.h"

#include <stdlib.h>

#define TCP_HEADER       20
#define SYN              2
#define ACK              16
#define ICMP_UNREACHABLE 3
#define PORT_UNREACHABLE 3
#define WHOLES_MAX       64

struct nat64 {
    struct nat64_config config;
    struct translator translator;
    struct napt *napt;
    struct pieces *pieces;
    struct reassembly *wholes;
    struct syns *syns;
    struct nat64_counts counts;
    int64_t now;
    bool turned;       // the packet has been turned back once already
    struct flow first; // of the packet just mapped: a first piece
    struct ip first_ip;
    bool is_first, early;
    bool unsolicited; // it was a SYN from outside that has to wait
    struct syns_key syn;
    const struct refusal *refusal; // what its sender is told
};

// RFC 6146, 3.4 and 3.5.
struct refusal {
    uint8_t type, code;
};
static const struct refusal no_such_protocol_6 = {1, 4}, no_such_protocol_4 = {3, 2},
                            no_address_6 = {1, 3};

static uint16_t local_port(const struct flow *in, bool source)
{
    if (in->protocol == PROTOCOL_ICMP)
        return in->source_port | in->destination_port;
    return source ? in->source_port : in->destination_port;
}

static void set_port(struct flow *f, bool source, uint16_t port)
{
    if (source || f->protocol == PROTOCOL_ICMP)
        f->source_port = port;
    if (!source || f->protocol == PROTOCOL_ICMP)
        f->destination_port = port;
}

static bool fail(struct nat64 *n, enum napt_verdict v)
{
    n->counts.refused[v]++;
    return false;
}

static bool is_syn(const struct flow *f, uint8_t without)
{
    return f->protocol == PROTOCOL_TCP && f->tcp_flags & SYN && !(f->tcp_flags & without);
}

// RFC 6146 3.5.2.2, V4 INIT: both have sent a SYN, so the connection stands; the one that came from
// outside is not delivered (RFC 5382, REQ-4).
static void meet(struct nat64 *n, uint32_t server, uint16_t port,
                 const struct napt_outside *outside)
{
    const struct syns_key key = {server, port, *outside};
    const struct napt_packet p = {server, port, SYN, false, n->now};
    struct napt_inside ignored;
    if (syns_met(n->syns, &key, n->now))
        (void)napt_in(n->napt, PROTOCOL_TCP, outside, &p, &ignored);
}

static bool map_out(struct nat64 *n, const struct flow *in, bool inner, struct flow *ret)
{
    uint32_t server;
    if (!embed_extract(n->config.prefix, n->config.prefix_length, in->destination, &server) ||
        !is_unicast(FAMILY_IPV4, server))
        return false;
    bool icmp = in->protocol == PROTOCOL_ICMP;
    struct napt_inside inside = {0, in->source, local_port(in, true), in->protocol};
    struct napt_packet p = {server, icmp ? 0 : in->destination_port, in->tcp_flags, inner, n->now};
    struct napt_outside outside;
    enum napt_verdict v = napt_out(n->napt, &inside, &p, &outside);
    if (v == NAPT_HOST_FULL || v == NAPT_FULL || v == NAPT_PORTS)
        n->refusal = &no_address_6;
    if (v != NAPT_FINE)
        return fail(n, v);
    *ret = *in;
    if (!inner && is_syn(in, 0))
        meet(n, server, in->destination_port, &outside);
    ret->source = outside.address;
    ret->destination = server;
    set_port(ret, true, outside.port);
    return true;
}

static bool embed(const struct nat64 *n, u128 address, u128 *ret)
{
    return embed_put(n->config.prefix, n->config.prefix_length, address, ret);
}

static bool map_in(struct nat64 *n, const struct flow *in, bool inner, struct flow *ret)
{
    u128 source;
    if (!embed(n, in->source, &source))
        return false;
    bool icmp = in->protocol == PROTOCOL_ICMP;
    struct napt_outside outside = {(uint32_t)in->destination, local_port(in, false)};
    struct napt_packet p = {(uint32_t)in->source, icmp ? 0 : in->source_port, in->tcp_flags, inner,
                            n->now};
    struct napt_inside inside;
    enum napt_verdict v = napt_in(n->napt, in->protocol, &outside, &p, &inside);
    if (v != NAPT_FINE) {
        bool refused = v == NAPT_FILTERED || v == NAPT_NONE;
        n->unsolicited = refused && !inner && !n->turned && is_syn(in, ACK) && !in->ip->fragment &&
                         !n->config.napt.outbound_only;
        n->syn = (struct syns_key){p.remote, p.remote_port, outside};
        return fail(n, v);
    }
    *ret = *in;
    ret->source = source;
    ret->destination = inside.address;
    set_port(ret, false, inside.port);
    return true;
}

static bool map(void *arg, enum family from, const struct flow *in, bool inner, struct flow *ret)
{
    struct nat64 *n = arg;
    bool piece = in->ip->fragment && (in->ip->offset || in->ip->more);
    if (in->protocol != PROTOCOL_TCP && in->protocol != PROTOCOL_UDP &&
        in->protocol != PROTOCOL_ICMP) {
        n->refusal = from == FAMILY_IPV6 ? &no_such_protocol_6 : &no_such_protocol_4;
        return false;
    }
    if (piece && !in->ports) {
        n->early = !inner && !pieces_find(n->pieces, in, n->now, ret);
        return !inner && !n->early;
    }
    bool fine = from == FAMILY_IPV6 ? map_out(n, in, inner, ret) : map_in(n, in, inner, ret);
    if (fine && piece && !inner)
        pieces_learn(n->pieces, in, ret, n->now);
    if (fine && piece && !inner && !n->turned) {
        n->first = *in;
        n->first_ip = *in->ip;
        n->is_first = true;
    }
    return fine;
}

// IPv4 routers show inside the prefix; an IPv6 router has no IPv4 address but the translator's.
static bool router(void *arg, enum family from, u128 in, u128 *ret)
{
    const struct nat64 *n = arg;
    return from == FAMILY_IPV4 && embed(n, in, ret);
}

static void send(void *arg, struct packet *p)
{
    const struct nat64 *n = arg;
    n->config.send(n->config.arg, p);
}

// What goes to the pool goes back in: another host behind the translator.
static void forward(void *arg, struct packet *p)
{
    struct nat64 *n = arg;
    bool back = !n->turned && p->at[0] >> 4 == 4 && napt_is_outside(n->napt, load32(p->at + 16));
    if (!back) {
        send(n, p);
        return;
    }
    n->turned = true;
    n->counts.translated[translate(&n->translator, p)]++;
    n->turned = false;
}

static bool is_in_prefix(const struct nat64 *n, u128 address)
{
    return (address ^ n->config.prefix) >> (128 - n->config.prefix_length) == 0;
}

// A source within the prefix would go round in circles (RFC 6146, 3.5).
static bool is_for_us(const struct nat64 *n, const struct packet *p)
{
    uint32_t address;
    if (p->length >= IPV6_HEADER && p->at[0] >> 4 == 6)
        return !is_in_prefix(n, load128(p->at + 8)) &&
               embed_extract(n->config.prefix, n->config.prefix_length, load128(p->at + 24),
                             &address);
    return p->length >= IPV4_HEADER && p->at[0] >> 4 == 4 &&
           napt_is_outside(n->napt, load32(p->at + 16));
}

// Pieces that were waiting for the first one follow it.
static void release(struct nat64 *n)
{
    uint8_t buffer[PACKET_HEADROOM + NAT64_PIECE_MAX + PACKET_TAILROOM];
    struct flow first = n->first;
    struct ip ip = n->first_ip;
    first.ip = &ip;
    n->is_first = false;
    for (size_t i = 0; i < NAT64_PIECES_MAX; i++) {
        struct packet p;
        packet_init(&p, buffer, sizeof buffer);
        if (!pieces_take(n->pieces, &first, n->now, &p))
            return;
        n->counts.translated[translate(&n->translator, &p)]++;
    }
}

static void keep_early(struct nat64 *n, const struct packet *p)
{
    struct ip ip;
    if (ip_read(p->at, p->length, 0, &ip) != IP_FINE)
        return;
    struct flow in = {
        .source = ip.source, .destination = ip.destination, .protocol = ip.protocol, .ip = &ip};
    n->counts.pieces_early++;
    if (!pieces_keep(n->pieces, p, &in, n->now))
        n->counts.pieces_lost++;
}

// ---- packets whose sum is made anew from all of their pieces

static bool may_be_piece(const struct packet *p)
{
    return p->at[0] >> 4 == 4 ? load16(p->at + 6) & 0x3fff : is_extension(p->at[6]);
}

// UDP from IPv4 without a checksum: its later pieces are known by a mapping to no protocol.
static bool has_no_sum(struct nat64 *n, const struct packet *p, const struct flow *in)
{
    const struct ip *ip = in->ip;
    struct flow known;
    if (ip->family == FAMILY_IPV6 || ip->protocol != PROTOCOL_UDP)
        return false;
    if (ip->offset)
        return pieces_find(n->pieces, in, n->now, &known) && known.protocol == 0;
    if (ip->end - ip->upper < 8 || load16(p->at + ip->upper + 6) != 0)
        return false;
    pieces_learn(n->pieces, in, &(struct flow){0}, n->now);
    return true;
}

// The pieces that came before the first one.
static bool add_early(struct nat64 *n, const struct flow *first, struct packet *ret)
{
    uint8_t buffer[PACKET_HEADROOM + NAT64_PIECE_MAX + PACKET_TAILROOM];
    struct packet p;
    struct ip ip;
    bool whole = false;
    packet_init(&p, buffer, sizeof buffer);
    while (!whole && pieces_take(n->pieces, first, n->now, &p))
        whole = ip_read(p.at, p.length, 0, &ip) == IP_FINE &&
                reassembly_add(n->wholes, &p, &ip, 0, n->now, ret);
    return whole;
}

// True: it waits for others. Else *p is a packet to translate, put together where it must be.
static bool waits(struct nat64 *n, struct packet *p)
{
    struct ip ip;
    struct packet whole;
    if (!may_be_piece(p) || ip_read(p->at, p->length, 0, &ip) != IP_FINE || !(ip.offset || ip.more))
        return false;
    struct flow in = {
        .source = ip.source, .destination = ip.destination, .protocol = ip.protocol, .ip = &ip};
    bool icmp = ip.protocol == (ip.family == FAMILY_IPV6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP);
    if (!icmp && !has_no_sum(n, p, &in))
        return false;
    if (!reassembly_add(n->wholes, p, &ip, 0, n->now, &whole) &&
        (icmp || ip.offset || !add_early(n, &in, &whole)))
        return true;
    *p = whole;
    return false;
}

// ---- what is told

static void tell(struct nat64 *n, struct packet *p)
{
    struct ip ip;
    if (ip_read(p->at, p->length, 0, &ip) != IP_FINE)
        return;
    u128 own = ip.family == FAMILY_IPV6 ? n->translator.own6 : n->translator.own4;
    checksum_complete(p, &ip);
    if (own && icmp_limit_allows(&n->translator.errors, n->now) &&
        icmp_error(p, &ip, own, n->refusal->type, n->refusal->code, 0))
        send(n, p);
}

// Nobody inside wanted it: its sender is told.
static void refuse_syns(struct nat64 *n)
{
    uint8_t buffer[PACKET_HEADROOM + SYNS_BYTES];
    struct packet p;
    struct ip ip;
    for (;;) {
        packet_init(&p, buffer, sizeof buffer);
        if (!syns_over(n->syns, n->now, &p))
            return;
        if (ip_read(p.at, p.length, IP_READ_CUT, &ip) == IP_FINE &&
            icmp_error(&p, &ip, n->translator.own4, ICMP_UNREACHABLE, PORT_UNREACHABLE, 0))
            send(n, &p);
    }
}

void nat64_packet(struct nat64 *n, struct packet *p, int64_t now)
{
    n->now = n->translator.now = now;
    n->is_first = n->early = n->unsolicited = false;
    n->refusal = NULL;
    refuse_syns(n);
    if (!is_for_us(n, p)) {
        n->counts.elsewhere++;
        return;
    }
    if (waits(n, p))
        return;
    enum translated what = translate(&n->translator, p);
    n->counts.translated[what]++;
    if (what == TRANSLATED_REFUSED && n->early)
        keep_early(n, p);
    if (what == TRANSLATED_REFUSED && n->unsolicited)
        (void)syns_keep(n->syns, &n->syn, p, now); // too many: it is lost, as any other
    if (what == TRANSLATED_REFUSED && n->refusal && !n->turned)
        tell(n, p);
    if (n->is_first)
        release(n);
}

void nat64_tick(struct nat64 *n, int64_t now)
{
    n->now = now;
    napt_expire(n->napt, now);
    refuse_syns(n);
}

struct nat64_counts nat64_counts(const struct nat64 *n)
{
    struct nat64_counts counts = n->counts;
    counts.napt = napt_counts(n->napt);
    return counts;
}

struct napt *nat64_napt(struct nat64 *n)
{
    return n->napt;
}

// RFC 6146 3.5.2.2, ESTABLISHED: a segment that a living host answers, and its peer answers that.
static void probe(void *arg, const struct napt_inside *inside, uint32_t remote,
                  uint16_t remote_port)
{
    struct nat64 *n = arg;
    uint8_t buffer[PACKET_HEADROOM + IPV6_HEADER + TCP_HEADER];
    struct packet p;
    struct ip ip = {.family = FAMILY_IPV6,
                    .destination = inside->address,
                    .hop_limit = 64,
                    .protocol = PROTOCOL_TCP};
    packet_init(&p, buffer, sizeof buffer);
    if (!embed(n, remote, &ip.source))
        return;
    p.length = ipv6_write(p.at, &ip, TCP_HEADER) + TCP_HEADER;
    uint8_t *tcp = p.at + IPV6_HEADER;
    memset(tcp, 0, TCP_HEADER);
    store16(tcp, remote_port);
    store16(tcp + 2, inside->port);
    tcp[12] = TCP_HEADER / 4 << 4;
    tcp[13] = ACK;
    uint32_t sum = sum_pseudo(FAMILY_IPV6, ip.source, ip.destination, PROTOCOL_TCP, TCP_HEADER);
    store16(tcp + 16, (uint16_t)~sum_bytes(tcp, TCP_HEADER, sum));
    send(n, &p);
}

int nat64_new(const struct nat64_config *c, struct nat64 **ret, struct err *e)
{
    static const struct pieces_config pieces = {NAT64_FLOWS_MAX, NAT64_PIECES_MAX, NAT64_PIECE_MAX,
                                                NAT64_PIECE_MS};
    if (!embed_valid(c->prefix_length))
        return err_set(e, ERR_USAGE, "a prefix of %u bits; wanted 32, 40, 48, 56, 64 or 96",
                       c->prefix_length);
    struct nat64 *n = calloc(1, sizeof *n);
    if (!n)
        return err_memory(e);
    n->config = *c;
    n->translator = (struct translator){.mapper = {map, router, forward, send, n},
                                        .own4 = c->own4 ? c->own4 : c->napt.pool_first,
                                        .own6 = c->own6,
                                        .mtu4 = c->mtu4,
                                        .mtu6 = c->mtu6,
                                        .mtu6_least = c->mtu6_least,
                                        .zero_checksum = c->zero_checksum,
                                        .traffic_class_0 = c->traffic_class_0};
    n->pieces = pieces_new(&pieces);
    n->syns = syns_new();
    n->wholes = reassembly_new(WHOLES_MAX, NAT64_PIECE_MS);
    n->config.napt.idle = probe;
    n->config.napt.idle_arg = n;
    int code =
        n->pieces && n->syns && n->wholes ? napt_new(&n->config.napt, &n->napt, e) : err_memory(e);
    if (code) {
        nat64_free(&n);
        return code;
    }
    *ret = n;
    return 0;
}

void nat64_free(struct nat64 **n)
{
    if (!*n)
        return;
    napt_free(&(*n)->napt);
    pieces_free(&(*n)->pieces);
    syns_free(&(*n)->syns);
    reassembly_free(&(*n)->wholes);
    free(*n);
    *n = NULL;
}
