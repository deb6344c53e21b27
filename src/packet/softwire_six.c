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

void six_put(struct softwire *s, struct packet *p, const struct ip *ip)
{
    const struct softwire_config *c = &s->config;
    uint32_t end = c->peer4;
    if (c->kind == SOFTWIRE_6RD && !sixrd_end(c, ip->destination, &end))
        end = c->peer4;
    if (end == c->own4) { // the BR has no other way for it
        s->counts.elsewhere++;
        return;
    }
    tunnel_put(s->tunnel, p, ip, c->own4, end);
}

// RFC 5969, 12: what comes from a customer has that customer's address; from elsewhere, only the BR
// forwards.
void six_taken(struct softwire *s, struct packet *p, const struct ip *ip, u128 from)
{
    const struct softwire_config *c = &s->config;
    uint32_t end;
    bool right = from == c->peer4;
    if (c->kind == SOFTWIRE_6RD && sixrd_end(c, ip->source, &end))
        right = from == end;
    if (right)
        softwire_send(s, p);
    else
        s->counts.forged++;
}
