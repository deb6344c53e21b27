// SPDX-License-Identifier: Apache-2.0
//
// MAP-T: instead of being put in, IPv4 packets become IPv6 packets whose addresses hold all of it
// (RFC 7599). A customer's end is a MAP address, the rest of the Internet stands in the default
// mapping rule's prefix (RFC 6052).

#include "packet/softwire_parts.h"
#include "packet/translate_parts.h"

static bool is_ce(const struct softwire *s)
{
    return s->config.kind == SOFTWIRE_MAP_T_CE;
}

static bool internet(const struct softwire *s, u128 address, u128 *ret)
{
    return embed_put(s->config.peer6, s->config.dmr_length, address, ret);
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

// Another customer of the domain is spoken to directly, by a rule that forwards (RFC 7599, 8.1 and
// 8.2); the rest of the Internet, and oneself, by way of the relay.
static bool other6(const struct softwire *s, u128 address, uint16_t port, u128 *ret)
{
    const struct map_rule *r = is_ce(s) ? rule_for(&s->config, (uint32_t)address, port) : NULL;
    bool direct =
        r && map_address6(r, (uint32_t)address, port, ret) && *ret != s->config.customer.address6;
    return direct || internet(s, address, ret);
}

static bool other4(const struct softwire *s, u128 address, uint16_t port, u128 *ret)
{
    uint32_t four;
    if (embed_extract(s->config.peer6, s->config.dmr_length, address, &four)) {
        *ret = four;
        return true;
    }
    return is_ce(s) && customer4(s, address, port, ret);
}

static bool to6(const struct softwire *s, const struct flow *in, struct flow *ret)
{
    bool out = is_ce(s);
    return in->ports && (out ? customer6 : other6)(s, in->source, in->source_port, &ret->source) &&
           (out ? other6 : customer6)(s, in->destination, in->destination_port, &ret->destination);
}

static bool to4(const struct softwire *s, const struct flow *in, struct flow *ret)
{
    bool out = !is_ce(s); // from the customer: it comes to the BR
    return in->ports && (out ? customer4 : other4)(s, in->source, in->source_port, &ret->source) &&
           (out ? other4 : customer4)(s, in->destination, in->destination_port, &ret->destination);
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
                                        .zero_checksum = true,
                                        .tells_routers = true};
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
    size_t size = payload_sent(p, ip) + IPV6_HEADER + (ip->fragment ? FRAGMENT_HEADER : 0);
    if (!ip->dont_fragment || size <= s->config.mtu)
        return false;
    s->counts.too_big++;
    checksum_complete(p, ip);
    uint32_t mtu = (uint32_t)(s->config.mtu - (IPV6_HEADER - IPV4_HEADER));
    if (s->config.icmp4 && icmp_limit_allows(&s->translator.errors, s->now) &&
        icmp_error(p, ip, s->config.icmp4, 3, 4, mtu))
        softwire_send(s, p);
    return true;
}

// In another's name (RFC 7599, 8.2 and 8.3): it came from IPv6, and not from where its port says.
// From IPv4, it was for nobody.
static void tell_forger(struct softwire *s, struct packet *p, const struct ip *ip)
{
    bool six = ip->family == FAMILY_IPV6;
    *(six ? &s->counts.forged : &s->counts.elsewhere) += 1;
    checksum_complete(p, ip);
    if (six && s->config.icmp6 && icmp_limit_allows(&s->translator.errors, s->now) &&
        icmp_error(p, ip, s->config.icmp6, 1, 5, 0))
        softwire_send(s, p);
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
    if (leaves)
        number_piecewise(s, p);
    s->translator.now = s->now;
    switch (translate(&s->translator, p)) {
    case TRANSLATED_FORWARD:
        *(ip->family == FAMILY_IPV4 ? &s->counts.out : &s->counts.in) += 1;
        return;
    case TRANSLATED_REFUSED:
        tell_forger(s, p, &whole);
        return;
    case TRANSLATED_TOO_BIG:
        s->counts.too_big++;
        return;
    default:
        s->counts.malformed++;
        return;
    }
}
