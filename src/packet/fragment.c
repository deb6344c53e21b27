// SPDX-License-Identifier: Apache-2.0
//
// Cutting packets into pieces (RFC 791 3.2, RFC 8200 4.5).

#include "packet/packet.h"

// What both families need: the piece [from, from + size) of the payload, with its header written
// by the caller's family.
static void write_piece(struct packet *scratch, struct ip *ip, const uint8_t *bytes, size_t size)
{
    size_t header = IPV4_HEADER;
    scratch->at = scratch->begin + PACKET_HEADROOM;
    if (ip->family == FAMILY_IPV6)
        header = ipv6_write(scratch->at, ip, size);
    else
        ipv4_write(scratch->at, ip, header + size);
    memcpy(scratch->at + header, bytes, size);
    scratch->length = header + size;
}

static bool cut(const struct packet *p, struct ip *ip, size_t most, struct packet *scratch,
                void (*piece)(void *arg, struct packet *p), void *arg)
{
    size_t left = ip->end - ip->upper, offset = ip->offset, step = most & ~(size_t)7;
    size_t room = (size_t)(scratch->end - scratch->begin);
    const uint8_t *bytes = p->at + ip->upper;
    bool more = ip->more;
    // Of a piece that is not the last, no whole eighths: nothing could follow it.
    if (step == 0 || (more && left % 8 != 0) ||
        room < PACKET_HEADROOM + IPV6_HEADER + FRAGMENT_HEADER + most || offset + left > PACKET_MAX)
        return false;
    while (left > 0) {
        size_t size = left <= most ? left : step;
        ip->offset = (uint16_t)offset;
        ip->more = more || size < left;
        write_piece(scratch, ip, bytes, size);
        piece(arg, scratch);
        bytes += size;
        offset += size;
        left -= size;
    }
    return true;
}

bool ipv6_fragment(const struct packet *p, size_t mtu, uint32_t identification,
                   struct packet *scratch, void (*piece)(void *arg, struct packet *p), void *arg)
{
    struct ip ip;
    if (mtu < IPV6_HEADER + FRAGMENT_HEADER + 8 || ip_read(p->at, p->length, 0, &ip) != IP_FINE ||
        ip.family != FAMILY_IPV6)
        return false;
    if (!ip.fragment)
        ip.identification = identification;
    ip.fragment = true;
    return cut(p, &ip, mtu - IPV6_HEADER - FRAGMENT_HEADER, scratch, piece, arg);
}

bool ipv4_fragment(const struct packet *p, size_t mtu, struct packet *scratch,
                   void (*piece)(void *arg, struct packet *p), void *arg)
{
    struct ip ip;
    if (mtu < IPV4_HEADER + 8 || ip_read(p->at, p->length, 0, &ip) != IP_FINE ||
        ip.family != FAMILY_IPV4)
        return false;
    ip.dont_fragment = false;
    return cut(p, &ip, mtu - IPV4_HEADER, scratch, piece, arg);
}
