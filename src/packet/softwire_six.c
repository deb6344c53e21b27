// SPDX-License-Identifier: Apache-2.0
//
// IPv6 over IPv4: 6in4 between two ends, 6rd between any two of a domain.

#include "packet/softwire_parts.h"

// The IPv4 address that stands in an address of the 6rd domain. False: it is none of the domain.
static bool sixrd_end(const struct softwire_config *c, u128 address, uint32_t *ret)
{
    const struct sixrd *r = &c->sixrd;
    unsigned bits = 32 - r->mask4;
    if ((address ^ r->prefix6) >> (128 - r->length6) != 0)
        return false;
    uint64_t suffix =
        (uint64_t)(address >> (128 - r->length6 - bits)) & ((UINT64_C(1) << bits) - 1);
    uint64_t known = bits == 32 ? 0 : c->own4 >> bits << bits;
    *ret = (uint32_t)(known | suffix);
    return true;
}

// RFC 4213, 3.6. The unspecified address is that of duplicate address detection.
static bool may_be_source(u128 address)
{
    bool four_inside = address >> 32 == 0 || address >> 32 == 0xffff;
    return address == 0 || (is_unicast(FAMILY_IPV6, address) && !four_inside);
}

void six_put(struct softwire *s, struct packet *p, const struct ip *ip)
{
    const struct softwire_config *c = &s->config;
    uint32_t end = c->peer4;
    if (c->kind == SOFTWIRE_6RD && !sixrd_end(c, ip->destination, &end))
        end = c->peer4;
    // The BR has no other way for it, or no host can have it (RFC 3964, 3.1).
    if (end == c->own4 || !is_unicast(FAMILY_IPV4, end)) {
        s->counts.elsewhere++;
        return;
    }
    tunnel_put(s->tunnel, p, ip, c->own4, end, s->now);
}

// RFC 5969, 9.2: a customer takes what is for its own prefix alone.
static bool may_be_for(const struct softwire_config *c, u128 address)
{
    uint32_t end;
    bool customer = c->kind == SOFTWIRE_6RD && c->own4 != c->peer4;
    return !customer || (sixrd_end(c, address, &end) && end == c->own4);
}

// RFC 5969, 9.2: what comes from a customer has that customer's address; only the BR forwards, from
// elsewhere and for other customers. A BR has none.
void six_taken(struct softwire *s, struct packet *p, const struct ip *ip, u128 from)
{
    const struct softwire_config *c = &s->config;
    uint32_t end;
    bool right = from == c->peer4 && c->peer4 != c->own4;
    if (!right && c->kind == SOFTWIRE_6RD)
        right = sixrd_end(c, ip->source, &end) && from == end;
    if (!right || !may_be_source(ip->source))
        s->counts.forged++;
    else if (!may_be_for(c, ip->destination))
        s->counts.elsewhere++;
    else {
        // A sender on the same machine leaves it to a device that is none, and a raw socket is
        // silent. It always is where there are several segments; what has a whole one is one, and
        // was taken for another with its number.
        p->partial = checksum_is_left(p->at + ip->upper, ip);
        p->segment = p->partial ? p->segment : 0;
        softwire_send(s, p);
    }
}
