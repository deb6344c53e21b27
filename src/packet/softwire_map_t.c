// SPDX-License-Identifier: Apache-2.0
//
// MAP-T: instead of being put in, IPv4 packets become IPv6 packets whose addresses hold all of it
// (RFC 7599). A customer's end is a MAP address, the rest of the Internet stands in the default
// mapping rule's prefix (RFC 6052).

#include "packet/softwire_parts.h"

static bool is_ce(const struct softwire *s)
{
    return s->config.kind == SOFTWIRE_MAP_T_CE;
}

static bool internet(const struct softwire *s, u128 address, u128 *ret)
{
    if (!embed_allowed(s->config.peer6, s->config.dmr_length, (uint32_t)address))
        return false;
    *ret = embed_address(s->config.peer6, s->config.dmr_length, (uint32_t)address);
    return true;
}

static bool customer6(const struct softwire *s, u128 address, uint16_t port, u128 *ret)
{
    if (is_ce(s) && address == s->config.customer.address) {
        *ret = s->config.customer.address6;
        return true;
    }
    const struct map_rule *r = rule_for(&s->config, (uint32_t)address, port);
    return r && map_address6(r, (uint32_t)address, port, ret);
}

// What IPv4 address a MAP address holds: the interface identifier says it.
static bool customer4(const struct softwire *s, u128 address, uint16_t port, u128 *ret)
{
    uint32_t four = (uint32_t)(address >> 16);
    const struct map_rule *r = rule_for(&s->config, four, port);
    if (is_ce(s) && address == s->config.customer.address6)
        four = s->config.customer.address;
    else if (!r || !map_consistent(r, address, four, port))
        return false;
    *ret = four;
    return true;
}

static bool to6(const struct softwire *s, const struct flow *in, struct flow *ret)
{
    bool out = is_ce(s);
    u128 customer = out ? in->source : in->destination, other = out ? in->destination : in->source;
    u128 customer_end, other_end;
    if (!in->ports || !internet(s, other, &other_end) ||
        !customer6(s, customer, out ? in->source_port : in->destination_port, &customer_end))
        return false;
    ret->source = out ? customer_end : other_end;
    ret->destination = out ? other_end : customer_end;
    return true;
}

static bool to4(const struct softwire *s, const struct flow *in, struct flow *ret)
{
    bool out = !is_ce(s); // from the customer: it comes to the BR
    u128 customer = out ? in->source : in->destination, other = out ? in->destination : in->source;
    uint32_t four;
    u128 customer_end;
    if (!in->ports ||
        !customer4(s, customer, out ? in->source_port : in->destination_port, &customer_end) ||
        !embed_extract(s->config.peer6, s->config.dmr_length, other, &four))
        return false;
    ret->source = out ? customer_end : four;
    ret->destination = out ? four : customer_end;
    return true;
}

// The identifier of a query says whose it is, in both directions.
static bool map(void *arg, enum family from, const struct flow *in, bool inner, struct flow *ret)
{
    const struct softwire *s = arg;
    struct flow both = *in;
    (void)inner;
    *ret = *in;
    if (in->protocol == PROTOCOL_ICMP)
        both.source_port = both.destination_port = in->source_port | in->destination_port;
    return from == FAMILY_IPV4 ? to6(s, &both, ret) : to4(s, &both, ret);
}

static bool router(void *arg, enum family from, u128 in, u128 *ret)
{
    const struct softwire *s = arg;
    uint32_t four;
    if (from == FAMILY_IPV4)
        return internet(s, in, ret);
    if (!embed_extract(s->config.peer6, s->config.dmr_length, in, &four))
        return false;
    *ret = four;
    return true;
}

static void forward(void *arg, struct packet *p)
{
    struct softwire *s = arg;
    struct ip ip;
    u128 realm;
    if (is_ce(s) && p->at[0] >> 4 == 4 &&
        (ip_read(p->at, p->length, 0, &ip) != IP_FINE || !napt_inwards(s, p, &ip, &realm)))
        return;
    softwire_send(s, p);
}

static void answer(void *arg, struct packet *p)
{
    softwire_send(arg, p);
}

// A customer's end leaves it to the links behind it to cut IPv4: its NAPT44 wants whole packets.
void map_t_begin(struct softwire *s)
{
    s->translator = (struct translator){.mapper = {map, router, forward, answer, s},
                                        .own4 = s->config.icmp4,
                                        .own6 = s->config.icmp6,
                                        .mtu4 = is_ce(s) ? PACKET_MAX : s->config.mtu,
                                        .mtu6 = s->config.mtu,
                                        .mtu6_least = s->config.mtu,
                                        .zero_checksum = true};
}

static bool is_for_us(const struct softwire *s, const struct ip *ip)
{
    uint32_t four;
    if (ip->family == FAMILY_IPV4)
        return true;
    if (is_ce(s))
        return ip->destination == s->config.customer.address6;
    return embed_extract(s->config.peer6, s->config.dmr_length, ip->destination, &four);
}

// Before its addresses are changed: the sender knows only the unchanged packet.
static bool refuses(struct softwire *s, struct packet *p, const struct ip *ip)
{
    size_t size = ip->end - ip->upper + IPV6_HEADER + (ip->fragment ? FRAGMENT_HEADER : 0);
    if (!ip->dont_fragment || size <= s->config.mtu)
        return false;
    s->counts.too_big++;
    uint32_t mtu = (uint32_t)(s->config.mtu - (IPV6_HEADER - IPV4_HEADER));
    if (s->config.icmp4 && icmp_limit_allows(&s->translator.errors, s->now) &&
        icmp_error(p, ip, s->config.icmp4, 3, 4, mtu))
        softwire_send(s, p);
    return true;
}

void map_t_packet(struct softwire *s, struct packet *p, const struct ip *ip)
{
    struct ip whole = *ip;
    if (!is_for_us(s, ip)) {
        s->counts.elsewhere++;
        return;
    }
    if (!is_whole(s, p, &whole, 0))
        return;
    bool leaves = is_ce(s) && ip->family == FAMILY_IPV4;
    if (leaves && (refuses(s, p, &whole) || !napt_outwards(s, p, &whole, 0)))
        return;
    s->translator.now = s->now;
    switch (translate(&s->translator, p)) {
    case TRANSLATED_FORWARD:
        *(ip->family == FAMILY_IPV4 ? &s->counts.out : &s->counts.in) += 1;
        return;
    case TRANSLATED_REFUSED:
        s->counts.forged++;
        return;
    case TRANSLATED_TOO_BIG:
        s->counts.too_big++;
        return;
    default:
        s->counts.malformed++;
        return;
    }
}
