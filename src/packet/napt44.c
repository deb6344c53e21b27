// SPDX-License-Identifier: Apache-2.0

#include "packet/napt44.h"

#include "packet/translate.h"

#include <stdlib.h>

enum icmp4 {
    ICMP4_REPLY = 0,
    ICMP4_UNREACHABLE = 3,
    ICMP4_ECHO = 8,
    ICMP4_EXPIRED = 11,
    ICMP4_PARAMETER = 12
};

struct napt44 {
    struct napt *napt;
};

// One end of a packet that is changed: its address, and its port or identifier.
struct end {
    bool source;
    uint32_t address;
    uint16_t port;
};

int napt44_new(const struct napt_config *c, struct napt44 **ret, struct err *e)
{
    struct napt44 *n = calloc(1, sizeof *n);
    if (!n)
        return err_memory(e);
    int code = napt_new(c, &n->napt, e);
    if (code) {
        napt44_free(&n);
        return code;
    }
    *ret = n;
    return 0;
}

void napt44_free(struct napt44 **n)
{
    if (!*n)
        return;
    napt_free(&(*n)->napt);
    free(*n);
    *n = NULL;
}

struct napt *napt44_napt(struct napt44 *n)
{
    return n->napt;
}

// ---- changing bytes

// Where the port stands in the upper layer: an identifier for ICMP queries.
static size_t port_place(uint8_t protocol, bool source)
{
    if (protocol == PROTOCOL_ICMP)
        return 4;
    return source ? 0 : 2;
}

static void change_address(uint8_t *at, const struct end *end)
{
    uint8_t *place = at + (end->source ? 12 : 16);
    checksum_change(at + 10, sum_address(FAMILY_IPV4, load32(place)),
                    sum_address(FAMILY_IPV4, end->address));
    store32(place, end->address);
}

// The upper layer, of which `left` bytes are there, and then the header.
static void change_end(uint8_t *at, const struct ip *ip, size_t left, const struct end *end,
                       bool partial)
{
    uint8_t *upper = at + ip->upper, *port = upper + port_place(ip->protocol, end->source);
    uint8_t *checksum = upper + checksum_offset(ip->protocol);
    bool icmp = ip->protocol == PROTOCOL_ICMP, udp = ip->protocol == PROTOCOL_UDP;
    u128 before = end->source ? ip->source : ip->destination;
    uint32_t old = icmp ? 0 : sum_address(FAMILY_IPV4, before);
    uint32_t new = icmp ? 0 : sum_address(FAMILY_IPV4, end->address), old_port = load16(port);
    store16(port, end->port);
    bool there = upper + left >= checksum + 2;
    if (there && partial) {
        checksum_change_partial(checksum, old, new);
    } else if (there && !(udp && load16(checksum) == 0)) {
        checksum_change(checksum, old + old_port, new + end->port);
        if (udp && load16(checksum) == 0)
            store16(checksum, 0xffff);
    }
    change_address(at, end);
}

static bool is_error(const uint8_t *icmp)
{
    return icmp[0] == ICMP4_UNREACHABLE || icmp[0] == ICMP4_EXPIRED || icmp[0] == ICMP4_PARAMETER;
}

// ---- flows

static struct flow flow_of(const uint8_t *at, const struct ip *ip)
{
    const uint8_t *upper = at + ip->upper;
    struct flow f = {.source = ip->source,
                     .destination = ip->destination,
                     .protocol = ip->protocol,
                     .ports = true,
                     .ip = ip};
    if (ip->protocol == PROTOCOL_ICMP) {
        f.source_port = f.destination_port = load16(upper + 4);
        return f;
    }
    f.source_port = load16(upper);
    f.destination_port = load16(upper + 2);
    if (ip->protocol == PROTOCOL_TCP && ip->end - ip->upper >= 14)
        f.tcp_flags = upper[13];
    return f;
}

static bool readable(const uint8_t *at, const struct ip *ip)
{
    bool known = ip->protocol == PROTOCOL_TCP || ip->protocol == PROTOCOL_UDP ||
                 ip->protocol == PROTOCOL_ICMP;
    if (!known || ip->family != FAMILY_IPV4 || !ip_first(ip) || ip->end - ip->upper < 8)
        return false;
    const uint8_t *icmp = at + ip->upper;
    return ip->protocol != PROTOCOL_ICMP || is_error(icmp) || icmp[0] == ICMP4_ECHO ||
           icmp[0] == ICMP4_REPLY;
}

// Who the outside end of an inside flow is, and the other way round.
static enum napt_verdict map_out(struct napt44 *n, const struct flow *f, u128 realm, bool look,
                                 int64_t now, struct end *ret)
{
    bool icmp = f->protocol == PROTOCOL_ICMP;
    struct napt_inside inside = {realm, f->source, f->source_port, f->protocol};
    struct napt_packet p = {(uint32_t)f->destination, icmp ? 0 : f->destination_port, f->tcp_flags,
                            look, now};
    struct napt_outside outside;
    enum napt_verdict v = napt_out(n->napt, &inside, &p, &outside);
    if (v == NAPT_FINE)
        *ret = (struct end){true, outside.address, outside.port};
    return v;
}

static enum napt_verdict map_in(struct napt44 *n, const struct flow *f, bool look, int64_t now,
                                struct end *ret, u128 *ret_realm)
{
    bool icmp = f->protocol == PROTOCOL_ICMP;
    struct napt_outside outside = {(uint32_t)f->destination, f->destination_port};
    struct napt_packet p = {(uint32_t)f->source, icmp ? 0 : f->source_port, f->tcp_flags, look,
                            now};
    struct napt_inside inside;
    enum napt_verdict v = napt_in(n->napt, f->protocol, &outside, &p, &inside);
    if (v != NAPT_FINE)
        return v;
    *ret = (struct end){false, (uint32_t)inside.address, inside.port};
    *ret_realm = inside.realm;
    return NAPT_FINE;
}

static struct flow reversed(struct flow f)
{
    struct flow r = f;
    r.source = f.destination;
    r.destination = f.source;
    r.source_port = f.destination_port;
    r.destination_port = f.source_port;
    return r;
}

// ---- ICMP errors: the packet inside goes the other way

struct inner {
    uint8_t *at;
    struct ip ip;
    struct flow flow; // as if it went the error's way
};

// The message's sum is made anew, which would hide any damage (RFC 5508, REQ-3).
static bool read_inner(uint8_t *at, const struct ip *ip, struct inner *ret)
{
    ret->at = at + ip->upper + ICMP_HEADER;
    size_t left = ip->end - ip->upper - ICMP_HEADER;
    if (!checksum_holds(at + ip->upper, ip) ||
        ip_read(ret->at, left, IP_READ_CUT, &ret->ip) != IP_FINE || !readable(ret->at, &ret->ip))
        return false;
    if (ret->ip.protocol == PROTOCOL_ICMP && is_error(ret->at + ret->ip.upper))
        return false;
    ret->flow = reversed(flow_of(ret->at, &ret->ip));
    return true;
}

// The inner packet's end is the other one, and then the message's checksum is made anew.
static void change_error(struct packet *p, const struct ip *ip, const struct inner *inner,
                         const struct end *end)
{
    struct end other = *end;
    other.source = !end->source;
    change_end(inner->at, &inner->ip, inner->ip.end - inner->ip.upper, &other, false);
    change_address(p->at, &(struct end){end->source, end->address, 0});
    uint8_t *icmp = p->at + ip->upper;
    store16(icmp + 2, 0);
    store16(icmp + 2, (uint16_t)~sum_bytes(icmp, ip->end - ip->upper, 0));
}

static bool is_icmp_error(const struct packet *p, const struct ip *ip)
{
    return ip->protocol == PROTOCOL_ICMP && is_error(p->at + ip->upper);
}

static bool error_out(struct napt44 *n, struct packet *p, const struct ip *ip, u128 realm,
                      int64_t now, enum napt_verdict *ret_why)
{
    struct inner inner;
    struct end end;
    *ret_why = NAPT_NONE;
    if (!read_inner(p->at, ip, &inner))
        return false;
    *ret_why = map_out(n, &inner.flow, realm, true, now, &end);
    if (*ret_why != NAPT_FINE)
        return false;
    change_error(p, ip, &inner, &end);
    return true;
}

static bool error_in(struct napt44 *n, struct packet *p, const struct ip *ip, int64_t now,
                     u128 *ret_realm, enum napt_verdict *ret_why)
{
    struct inner inner;
    struct end end;
    *ret_why = NAPT_NONE;
    if (!read_inner(p->at, ip, &inner))
        return false;
    *ret_why = map_in(n, &inner.flow, true, now, &end, ret_realm);
    if (*ret_why != NAPT_FINE)
        return false;
    change_error(p, ip, &inner, &end);
    return true;
}

// ---- packets

bool napt44_out(struct napt44 *n, struct packet *p, const struct ip *ip, u128 realm, int64_t now,
                enum napt_verdict *ret_why)
{
    struct end end;
    *ret_why = NAPT_NONE;
    if (!readable(p->at, ip))
        return false;
    if (is_icmp_error(p, ip))
        return error_out(n, p, ip, realm, now, ret_why);
    struct flow in = flow_of(p->at, ip);
    *ret_why = map_out(n, &in, realm, false, now, &end);
    if (*ret_why != NAPT_FINE)
        return false;
    change_end(p->at, ip, ip->end - ip->upper, &end, p->partial);
    return true;
}

bool napt44_in(struct napt44 *n, struct packet *p, const struct ip *ip, int64_t now,
               u128 *ret_realm, enum napt_verdict *ret_why)
{
    struct end end;
    *ret_why = NAPT_NONE;
    if (!readable(p->at, ip))
        return false;
    if (is_icmp_error(p, ip))
        return error_in(n, p, ip, now, ret_realm, ret_why);
    struct flow in = flow_of(p->at, ip);
    *ret_why = map_in(n, &in, false, now, &end, ret_realm);
    if (*ret_why != NAPT_FINE)
        return false;
    change_end(p->at, ip, ip->end - ip->upper, &end, p->partial);
    return true;
}
