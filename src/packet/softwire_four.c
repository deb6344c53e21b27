// SPDX-License-Identifier: Apache-2.0
//
// IPv4 over IPv6: where a packet goes, and whether it may come from where it came.

#include "packet/softwire_parts.h"

static int check_bindings(const struct softwire_config *c, struct err *e)
{
    if (c->binding_count > LW_BINDINGS_MAX)
        return err_set(e, ERR_USAGE, "%zu bindings; at most %d", c->binding_count, LW_BINDINGS_MAX);
    for (size_t i = 0; i < c->binding_count; i++) {
        const struct port_set *p = &c->bindings[i].ports;
        if (p->offset + p->length > 16 || p->psid >> p->length != 0)
            return err_set(e, ERR_USAGE, "binding %zu: a port set of %u + %u bits with number %u",
                           i + 1, p->offset, p->length, p->psid);
    }
    return 0;
}

int four_check(const struct softwire_config *c, struct err *e)
{
    int code = check_bindings(c, e);
    if (c->rule_count > MAP_RULES_MAX)
        return err_set(e, ERR_USAGE, "%zu rules; at most %d", c->rule_count, MAP_RULES_MAX);
    for (size_t i = 0; !code && i < c->rule_count; i++)
        code = map_rule_check(c->rules + i, e);
    bool map = c->kind >= SOFTWIRE_MAP_E_CE;
    if (!code && map && c->rule_count == 0)
        code = err_set(e, ERR_USAGE, "no rule");
    if (!code && c->kind >= SOFTWIRE_MAP_T_CE && !embed_valid(c->dmr_length))
        code = err_set(e, ERR_USAGE, "a default mapping rule of %u bits; wanted 64 or 96",
                       c->dmr_length);
    return code;
}

static const struct lw_binding *binding_for(const struct softwire_config *c, uint32_t address,
                                            uint16_t port)
{
    for (size_t i = 0; i < c->binding_count; i++) {
        const struct lw_binding *b = c->bindings + i;
        if (b->address == address && (b->ports.length == 0 || port_set_has(&b->ports, port)))
            return b;
    }
    return NULL;
}

// The customer who has this address and port, for the ends that keep no state.
static bool customer_end(const struct softwire *s, uint32_t address, uint16_t port, u128 *ret)
{
    const struct softwire_config *c = &s->config;
    if (c->kind == SOFTWIRE_LWAFTR) {
        const struct lw_binding *b = binding_for(c, address, port);
        if (b)
            *ret = b->b4;
        return b != NULL;
    }
    const struct map_rule *r = rule_for(c, address, port);
    return r && map_address6(r, address, port, ret);
}

static bool may_come_from(const struct softwire *s, u128 from, uint32_t address, uint16_t port)
{
    const struct softwire_config *c = &s->config;
    if (c->kind == SOFTWIRE_LWAFTR) {
        const struct lw_binding *b = binding_for(c, address, port);
        return b && b->b4 == from;
    }
    const struct map_rule *r = rule_for(c, address, port);
    return r && map_consistent(r, from, address, port);
}

static u128 own_end(const struct softwire *s)
{
    enum family family;
    return softwire_end(&s->config, &family);
}

static void put_stateless(struct softwire *s, struct packet *p, struct ip ip)
{
    uint16_t port;
    u128 end;
    if (!is_whole(s, p, &ip, 0))
        return;
    if (!port_of(p, &ip, false, &port) || !customer_end(s, (uint32_t)ip.destination, port, &end)) {
        s->counts.elsewhere++;
        return;
    }
    tunnel_put(s->tunnel, p, &ip, own_end(s), end, s->now);
}

static void put_aftr(struct softwire *s, struct packet *p, struct ip ip)
{
    u128 realm;
    struct ip after;
    if (!is_whole(s, p, &ip, 0) || tunnel_refuses(s->tunnel, p, &ip, 0, s->now) ||
        !napt_inwards(s, p, &ip, &realm) || ip_read(p->at, p->length, 0, &after) != IP_FINE)
        return;
    tunnel_put(s->tunnel, p, &after, own_end(s), realm, s->now);
}

// A CE speaks to another of its domain directly where a forwarding rule allows (RFC 7597, 5.3).
static u128 ce_peer(const struct softwire *s, const struct packet *p, const struct ip *ip)
{
    uint16_t port;
    u128 end;
    if (s->config.kind != SOFTWIRE_MAP_E_CE || !port_of(p, ip, false, &port))
        return s->config.peer6;
    const struct map_rule *r = rule_for(&s->config, (uint32_t)ip->destination, port);
    return r && map_address6(r, (uint32_t)ip->destination, port, &end) ? end : s->config.peer6;
}

static void put_ce(struct softwire *s, struct packet *p, struct ip ip)
{
    struct ip after;
    if (!is_whole(s, p, &ip, 0))
        return;
    const u128 far = ce_peer(s, p, &ip);
    if (tunnel_refuses(s->tunnel, p, &ip, far, s->now) || !napt_outwards(s, p, &ip, 0) ||
        ip_read(p->at, p->length, 0, &after) != IP_FINE)
        return;
    number_piecewise(s, p);
    tunnel_put(s->tunnel, p, &after, own_end(s), far, s->now);
}

void four_put(struct softwire *s, struct packet *p, const struct ip *ip)
{
    switch (s->config.kind) {
    case SOFTWIRE_B4:
        tunnel_put(s->tunnel, p, ip, s->config.own6, s->config.peer6, s->now);
        return;
    case SOFTWIRE_AFTR:
        put_aftr(s, p, *ip);
        return;
    case SOFTWIRE_LWAFTR:
    case SOFTWIRE_MAP_E_BR:
        put_stateless(s, p, *ip);
        return;
    default:
        put_ce(s, p, *ip);
        return;
    }
}

// ---- what came from the other end

// RFC 6333, 11: private addresses, those of the softwire itself, and what is told beside.
static bool may_be_inside(const struct softwire_config *c, u128 address)
{
    static const struct range usual[] = {
        {FAMILY_IPV4, UINT32_C(0x0a000000), UINT32_C(0x0affffff)},
        {FAMILY_IPV4, UINT32_C(0xac100000), UINT32_C(0xac1fffff)},
        {FAMILY_IPV4, UINT32_C(0xc0a80000), UINT32_C(0xc0a8ffff)},
        {FAMILY_IPV4, UINT32_C(0xc0000000), UINT32_C(0xc0000007)},
    };
    const struct range one = {FAMILY_IPV4, address, address};
    bool is = range_overlaps(&c->inside, &one);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        is |= range_overlaps(usual + i, &one);
    return is;
}

// To another customer of the same AFTR it goes straight back.
static void taken_aftr(struct softwire *s, struct packet *p, struct ip ip, u128 from)
{
    struct ip after;
    if (!may_be_inside(&s->config, ip.source)) {
        s->counts.forged++;
        return;
    }
    if (!is_whole(s, p, &ip, from) || !napt_outwards(s, p, &ip, from) ||
        ip_read(p->at, p->length, 0, &after) != IP_FINE)
        return;
    if (napt_is_outside(napt44_napt(s->napt44), (uint32_t)after.destination))
        put_aftr(s, p, after);
    else
        softwire_send(s, p);
}

static void taken_stateless(struct softwire *s, struct packet *p, struct ip ip, u128 from)
{
    uint16_t port;
    u128 end;
    if (!is_whole(s, p, &ip, from))
        return;
    if (!port_of(p, &ip, true, &port) || !may_come_from(s, from, (uint32_t)ip.source, port)) {
        s->counts.forged++;
        return;
    }
    if (!port_of(p, &ip, false, &port) || !customer_end(s, (uint32_t)ip.destination, port, &end))
        softwire_send(s, p);
    else if (s->config.no_hairpin)
        s->counts.elsewhere++;
    else
        tunnel_put(s->tunnel, p, &ip, own_end(s), end, s->now);
}

static void taken_ce(struct softwire *s, struct packet *p, struct ip ip, u128 from)
{
    uint16_t port;
    u128 realm;
    bool right = from == s->config.peer6;
    if (!is_whole(s, p, &ip, from))
        return;
    if (s->config.kind == SOFTWIRE_MAP_E_CE && port_of(p, &ip, true, &port)) {
        const struct map_rule *r = rule_for(&s->config, (uint32_t)ip.source, port);
        right = right || (r && map_consistent(r, from, (uint32_t)ip.source, port));
    }
    if (!right) {
        s->counts.forged++;
        return;
    }
    if (napt_inwards(s, p, &ip, &realm))
        softwire_send(s, p);
}

void four_taken(struct softwire *s, struct packet *p, const struct ip *ip, u128 from)
{
    switch (s->config.kind) {
    case SOFTWIRE_B4:
        if (from == s->config.peer6)
            softwire_send(s, p);
        else
            s->counts.forged++;
        return;
    case SOFTWIRE_AFTR:
        taken_aftr(s, p, *ip, from);
        return;
    case SOFTWIRE_LWAFTR:
    case SOFTWIRE_MAP_E_BR:
        taken_stateless(s, p, *ip, from);
        return;
    default:
        taken_ce(s, p, *ip, from);
        return;
    }
}

// The sender of the packet inside is told that it did not arrive (RFC 2473, 8.1): at a customer's
// the packet had been translated, at an AFTR it came to be the customer's own.
void four_lost(struct softwire *s, struct packet *p, const struct ip *inner, u128 far)
{
    struct ip ip;
    u128 realm;
    enum softwire_kind k = s->config.kind;
    if (!s->config.icmp4 || !icmp_limit_allows(&s->errors, s->now) ||
        !icmp_error(p, inner, s->config.icmp4, 3, 1, 0) ||
        ip_read(p->at, p->length, 0, &ip) != IP_FINE)
        return;
    bool translated = k == SOFTWIRE_LWB4 || k == SOFTWIRE_MAP_E_CE;
    if ((translated && !napt_inwards(s, p, &ip, &realm)) ||
        (k == SOFTWIRE_AFTR && !napt_outwards(s, p, &ip, far)))
        return;
    softwire_send(s, p);
}
