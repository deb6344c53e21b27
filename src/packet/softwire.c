// SPDX-License-Identifier: Apache-2.0

#include "packet/softwire_parts.h"

#include <stdlib.h>

const char *softwire_name(enum softwire_kind k)
{
    static const char *const names[SOFTWIRE_KIND_COUNT] = {
        [SOFTWIRE_6IN4] = "6in4",
        [SOFTWIRE_6RD] = "6rd",
        [SOFTWIRE_B4] = "b4",
        [SOFTWIRE_AFTR] = "aftr",
        [SOFTWIRE_LWB4] = "lwb4",
        [SOFTWIRE_LWAFTR] = "lwaftr",
        [SOFTWIRE_MAP_E_CE] = "map-e-ce",
        [SOFTWIRE_MAP_E_BR] = "map-e-br",
        [SOFTWIRE_MAP_T_CE] = "map-t-ce",
        [SOFTWIRE_MAP_T_BR] = "map-t-br",
    };
    return names[k];
}

static bool is_map_t(enum softwire_kind k)
{
    return k == SOFTWIRE_MAP_T_CE || k == SOFTWIRE_MAP_T_BR;
}

static bool has_napt(enum softwire_kind k)
{
    return k == SOFTWIRE_AFTR || k == SOFTWIRE_LWB4 || k == SOFTWIRE_MAP_E_CE ||
           k == SOFTWIRE_MAP_T_CE;
}

static enum family outer_family(enum softwire_kind k)
{
    return k == SOFTWIRE_6IN4 || k == SOFTWIRE_6RD ? FAMILY_IPV4 : FAMILY_IPV6;
}

bool softwire_takes_bursts(enum softwire_kind k)
{
    return outer_family(k) == FAMILY_IPV4 || is_map_t(k);
}

u128 softwire_end(const struct softwire_config *c, enum family *ret)
{
    *ret = outer_family(c->kind);
    if (*ret == FAMILY_IPV4)
        return c->own4;
    bool ce = c->kind == SOFTWIRE_MAP_E_CE || c->kind == SOFTWIRE_MAP_T_CE;
    return ce ? c->customer.address6 : c->own6;
}

// ---- what the kinds share

bool napt_outwards(struct softwire *s, struct packet *p, const struct ip *ip, u128 realm)
{
    enum napt_verdict why;
    if (napt44_out(s->napt44, p, ip, realm, s->now, &why))
        return true;
    s->counts.refused[why]++;
    return false;
}

bool napt_inwards(struct softwire *s, struct packet *p, const struct ip *ip, u128 *ret_realm)
{
    enum napt_verdict why;
    if (napt44_in(s->napt44, p, ip, s->now, ret_realm, &why))
        return true;
    s->counts.refused[why]++;
    return false;
}

void number_piecewise(struct softwire *s, struct packet *p)
{
    uint8_t *number = p->at + 4;
    if (s->ports.length == 0 || p->segment || p->at[6] & 0x40)
        return;
    uint16_t before = load16(number);
    store16(number, port_set_port(&s->ports, s->number++));
    checksum_change(p->at + 10, before, load16(number));
}

static bool port_inside(const struct packet *p, const struct ip *ip, bool source, uint16_t *ret)
{
    struct packet inner = *p;
    struct ip about;
    inner.at += ip->upper + ICMP_HEADER;
    inner.length = ip->end - ip->upper - ICMP_HEADER;
    if (ip_read(inner.at, inner.length, IP_READ_CUT, &about) != IP_FINE ||
        about.family != FAMILY_IPV4 || !ip_first(&about) || about.end - about.upper < 8)
        return false;
    const uint8_t *upper = inner.at + about.upper;
    if (about.protocol == PROTOCOL_ICMP) {
        *ret = load16(upper + 4);
        return upper[0] == 8 || upper[0] == 0;
    }
    *ret = load16(source ? upper + 2 : upper); // it goes the other way
    return about.protocol == PROTOCOL_TCP || about.protocol == PROTOCOL_UDP;
}

bool port_of(const struct packet *p, const struct ip *ip, bool source, uint16_t *ret)
{
    const uint8_t *upper = p->at + ip->upper;
    if (!ip_first(ip) || ip->end - ip->upper < 8)
        return false;
    if (ip->protocol == PROTOCOL_ICMP) {
        if (upper[0] != 8 && upper[0] != 0)
            return port_inside(p, ip, source, ret);
        *ret = load16(upper + 4);
        return true;
    }
    *ret = load16(source ? upper : upper + 2);
    return ip->protocol == PROTOCOL_TCP || ip->protocol == PROTOCOL_UDP;
}

bool is_whole(struct softwire *s, struct packet *p, struct ip *ip, u128 from)
{
    struct packet made;
    if (!ip->fragment || (!ip->offset && !ip->more))
        return true;
    if (!reassembly_add(s->whole4, p, ip, from, s->now, &made) ||
        ip_read(made.at, made.length, 0, ip) != IP_FINE)
        return false;
    *p = made;
    return true;
}

// Of rules with a PSID of their own several have the same IPv4 address.
static bool is_inside(const struct map_rule *r, uint32_t address, uint16_t port)
{
    uint32_t mask = r->length4 == 0 ? 0 : UINT32_MAX << (32 - r->length4);
    const struct port_set given = {r->offset, r->psid_length, r->psid};
    return ((address ^ r->prefix4) & mask) == 0 &&
           (r->psid_length == 0 || port_set_has(&given, port));
}

const struct map_rule *rule_for(const struct softwire_config *c, uint32_t address, uint16_t port)
{
    const struct map_rule *best = NULL;
    for (size_t i = 0; !c->hub && i < c->rule_count; i++) {
        const struct map_rule *r = c->rules + i;
        if (is_inside(r, address, port) && (!best || r->length4 > best->length4))
            best = r;
    }
    return best;
}

// ---- the way of a packet

static void inner_packet(struct softwire *s, struct packet *p, const struct ip *ip)
{
    enum family inner = outer_family(s->config.kind) == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
    if (ip->family != inner) {
        s->counts.elsewhere++;
        return;
    }
    s->counts.out++;
    if (inner == FAMILY_IPV6)
        six_put(s, p, ip);
    else
        four_put(s, p, ip);
}

// Of IPv6, what a link has beside: multicast, and the unspecified address.
static bool may_pass(const struct ip *ip)
{
    return ip->family == FAMILY_IPV6 || between_hosts(FAMILY_IPV4, ip->source, ip->destination);
}

static void outer_packet(struct softwire *s, struct packet *p, const struct ip *outer)
{
    struct ip inner;
    u128 from = outer->source, far;
    if (outer->protocol == PROTOCOL_ICMPV6) {
        if (tunnel_error(s->tunnel, p, outer, s->now, &inner, &far))
            four_lost(s, p, &inner, far);
        return;
    }
    if (!tunnel_take(s->tunnel, p, outer, s->now, &inner))
        return;
    s->counts.in++;
    if (inner.family == outer->family || !may_pass(&inner))
        s->counts.malformed++;
    else if (inner.family == FAMILY_IPV6)
        six_taken(s, p, &inner, from);
    else
        four_taken(s, p, &inner, from);
}

static void one_segment(void *arg, struct packet *p)
{
    struct softwire *s = arg;
    struct ip ip;
    if (ip_read(p->at, p->length, 0, &ip) == IP_FINE)
        inner_packet(s, p, &ip);
}

// A burst is cut before it is put in. What comes as a burst of outer packets goes on as one of
// inner packets.
static void whole_packet(struct softwire *s, struct packet *p, const struct ip *ip, bool outer)
{
    struct packet scratch;
    packet_init(&scratch, s->segment, sizeof s->segment);
    if (p->segment && !outer && segments_cut(p, ip, &scratch, one_segment, s))
        return;
    if (!outer || !p->segment) {
        checksum_complete(p, ip);
        p->segment = 0;
    }
    if (outer)
        outer_packet(s, p, ip);
    else
        inner_packet(s, p, ip);
}

void softwire_packet(struct softwire *s, struct packet *p, int64_t now)
{
    enum family family;
    struct ip ip;
    u128 end = softwire_end(&s->config, &family);
    s->now = now;
    if (ip_read(p->at, p->length, 0, &ip) != IP_FINE || ip.hop_limit == 0 || !may_pass(&ip)) {
        s->counts.malformed++;
        return;
    }
    if (is_map_t(s->config.kind))
        map_t_packet(s, p, &ip);
    else
        whole_packet(s, p, &ip, ip.family == family && ip.destination == end);
}

void softwire_tick(struct softwire *s, int64_t now)
{
    s->now = now;
    if (s->napt44)
        napt_expire(napt44_napt(s->napt44), now);
}

struct softwire_counts softwire_counts(const struct softwire *s)
{
    struct softwire_counts counts = s->counts;
    if (s->tunnel) {
        struct tunnel_counts t = tunnel_counts(s->tunnel);
        counts.too_big = t.too_big;
        counts.malformed += t.malformed;
    }
    return counts;
}

// ---- the whole

static int check(const struct softwire_config *c, struct err *e)
{
    const struct sixrd *r = &c->sixrd;
    if (c->mtu < IPV6_MTU_LEAST || c->mtu > SOFTWIRE_MTU_MAX)
        return err_set(e, ERR_USAGE, "an MTU of %zu; wanted 1280 to %d", c->mtu, SOFTWIRE_MTU_MAX);
    if (c->kind == SOFTWIRE_6RD &&
        (r->mask4 > 32 || r->length6 == 0 || r->length6 + 32 - r->mask4 > 64))
        return err_set(e, ERR_USAGE, "a 6rd prefix of %u bits and %u bits of IPv4 leave no /64",
                       r->length6, r->mask4 > 32 ? 0 : 32 - r->mask4);
    return outer_family(c->kind) == FAMILY_IPV6 ? four_check(c, e) : 0;
}

static void settle_napt(struct softwire_config *c)
{
    bool ce = c->kind == SOFTWIRE_MAP_E_CE || c->kind == SOFTWIRE_MAP_T_CE;
    if (!ce)
        return;
    c->napt.pool_first = c->napt.pool_last = c->customer.address;
    c->napt.port_set = c->customer.ports.length ? &c->customer.ports : NULL;
    c->napt.address_dependent |= c->customer.ports.length > 0; // RFC 7597, 10; RFC 7599, 13
}

static int fix_ports(const struct softwire *s, struct err *e)
{
    const struct softwire_config *c = &s->config;
    int code = 0;
    for (size_t i = 0; !code && i < c->forward_count; i++) {
        const struct softwire_forward *f = c->forwards + i;
        const struct napt_inside inside = {0, f->address, f->inside, f->protocol};
        const struct napt_outside outside = {c->napt.pool_first, f->outside};
        code = napt_fix(napt44_napt(s->napt44), &inside, &outside, e);
        if (code)
            err_prefix(e, "the forwarded port %u", f->outside);
    }
    return code;
}

static void send_outer(void *arg, struct packet *p)
{
    softwire_send(arg, p);
}

// What an AFTR has translated for a customer, its sender knows as it was before.
static void tell_too_big(void *arg, struct packet *p, u128 far)
{
    struct softwire *s = arg;
    struct ip ip;
    if (s->config.kind == SOFTWIRE_AFTR && far != 0 &&
        (ip_read(p->at, p->length, 0, &ip) != IP_FINE || !napt_outwards(s, p, &ip, far)))
        return;
    softwire_send(s, p);
}

static int make_parts(struct softwire *s, struct err *e)
{
    struct softwire_config *c = &s->config;
    struct tunnel_config tunnel = {.outer = outer_family(c->kind),
                                   .mtu = c->mtu,
                                   .send = send_outer,
                                   .tell = tell_too_big,
                                   .arg = s};
    tunnel.own = tunnel.outer == FAMILY_IPV4 ? c->icmp6 : c->icmp4;
    settle_napt(c);
    if (c->napt.port_set)
        s->ports = *c->napt.port_set;
    s->whole4 = reassembly_new(TUNNEL_WHOLES_MAX, TUNNEL_WAIT_MS);
    int code = s->whole4 ? 0 : err_memory(e);
    if (!code && has_napt(c->kind))
        code = napt44_new(&c->napt, &s->napt44, e);
    if (!code && s->napt44)
        code = fix_ports(s, e);
    if (!code && is_map_t(c->kind))
        map_t_begin(s);
    else if (!code)
        code = tunnel_new(&tunnel, &s->tunnel, e);
    return code;
}

int softwire_new(const struct softwire_config *c, struct softwire **ret, struct err *e)
{
    int code = check(c, e);
    if (code)
        return code;
    struct softwire *s = calloc(1, sizeof *s);
    if (!s)
        return err_memory(e);
    s->config = *c;
    code = make_parts(s, e);
    if (code) {
        softwire_free(&s);
        return code;
    }
    *ret = s;
    return 0;
}

void softwire_free(struct softwire **s)
{
    if (!*s)
        return;
    tunnel_free(&(*s)->tunnel);
    napt44_free(&(*s)->napt44);
    reassembly_free(&(*s)->whole4);
    free(*s);
    *s = NULL;
}
