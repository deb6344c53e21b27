// SPDX-License-Identifier: Apache-2.0

#include "packet/segments.h"

#define TCP_HEADER   20
#define TCP_SEQUENCE 4
#define TCP_FLAGS    13
#define TCP_CHECKSUM 16
#define FIN          0x01
#define PSH          0x08
#define CWR          0x80

// What only the first, or the last, segment says (RFC 9293, RFC 3168 6.1.2).
static uint8_t flags_of(uint8_t flags, bool first, bool last)
{
    return (uint8_t)(flags & ~((first ? 0 : CWR) | (last ? 0 : FIN | PSH)));
}

static void finish(struct packet *s, const struct ip *ip)
{
    uint8_t *tcp = s->at + ip->upper;
    uint32_t length = (uint32_t)(s->length - ip->upper);
    store16(s->at + 4, (uint16_t)(s->length - IPV6_HEADER));
    store16(tcp + TCP_CHECKSUM, 0);
    uint32_t sum = sum_pseudo(FAMILY_IPV6, ip->source, ip->destination, PROTOCOL_TCP, length);
    store16(tcp + TCP_CHECKSUM, (uint16_t)~sum_bytes(tcp, length, sum_fold(sum)));
}

bool segments_cut(const struct packet *p, const struct ip *ip, struct packet *scratch,
                  void (*one)(void *arg, struct packet *p), void *arg)
{
    const uint8_t *tcp = p->at + ip->upper;
    if (ip->family != FAMILY_IPV6 || ip->protocol != PROTOCOL_TCP || ip->fragment ||
        ip->end - ip->upper < TCP_HEADER)
        return false;
    size_t head = ip->upper + (size_t)(tcp[12] >> 4) * 4, most = p->segment;
    if (most == 0 || head < ip->upper + TCP_HEADER || head > ip->end ||
        PACKET_HEADROOM + head + most > (size_t)(scratch->end - scratch->begin))
        return false;
    size_t done = head;
    do {
        size_t size = ip->end - done < most ? ip->end - done : most;
        packet_init(scratch, scratch->begin, (size_t)(scratch->end - scratch->begin));
        memcpy(scratch->at, p->at, head);
        memcpy(scratch->at + head, p->at + done, size);
        scratch->length = head + size;
        uint8_t *own = scratch->at + ip->upper;
        store32(own + TCP_SEQUENCE, load32(tcp + TCP_SEQUENCE) + (uint32_t)(done - head));
        own[TCP_FLAGS] = flags_of(tcp[TCP_FLAGS], done == head, done + size == ip->end);
        finish(scratch, ip);
        done += size;
        one(arg, scratch);
    } while (done < ip->end);
    return true;
}
