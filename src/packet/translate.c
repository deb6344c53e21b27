// SPDX-License-Identifier: Apache-2.0
//
// A packet's way through the translator: what RFC 7915 drops or answers is sorted out first, then
// the mapper is asked, then the headers are changed. ICMP errors take their own way
// (translate_icmp.c), because a packet of the other direction stands inside them.

#include "packet/translate_parts.h"

#define MTU_DEFAULT   1500
#define PROTOCOL_IGMP 2
#define DF_FROM       1260 // larger IPv4 packets are sent with DF (RFC 7915, 5.1)

const char *translated_name(enum translated t)
{
    static const char *const names[TRANSLATED_COUNT] = {
        [TRANSLATED_FORWARD] = "translated",
        [TRANSLATED_MALFORMED] = "malformed",
        [TRANSLATED_REFUSED] = "no mapping",
        [TRANSLATED_SILENT] = "of a kind that is not translated",
        [TRANSLATED_EXPIRED] = "hop limit exceeded",
        [TRANSLATED_TOO_BIG] = "too big",
        [TRANSLATED_ROUTED] = "source route",
        [TRANSLATED_NO_ROOM] = "no room for the header",
    };
    return names[t];
}

size_t translator_mtu(const struct translator *t, enum family f)
{
    size_t mtu = f == FAMILY_IPV6 ? t->mtu6 : t->mtu4;
    return mtu ? mtu : MTU_DEFAULT;
}

static enum translated answer(struct translator *t, struct packet *p, const struct ip *ip,
                              enum translated why, struct icmp_words words)
{
    u128 own = ip->family == FAMILY_IPV6 ? t->own6 : t->own4;
    checksum_complete(p, ip);
    if (own && icmp_limit_allows(&t->errors, t->now) &&
        icmp_error(p, ip, own, words.type, words.code, words.field))
        t->mapper.answer(t->mapper.arg, p);
    return why;
}

// What a router, or the RFC, does not let through whatever the mapping; TRANSLATED_FORWARD: go on.
static enum translated refuse(struct translator *t, struct packet *p, const struct ip *ip)
{
    bool six = ip->family == FAMILY_IPV6;
    if (!between_hosts(ip->family, ip->source, ip->destination))
        return TRANSLATED_SILENT;
    if (ip->source_route)
        return answer(t, p, ip, TRANSLATED_ROUTED, (struct icmp_words){3, 5, 0});
    if (ip->segments_left)
        return answer(t, p, ip, TRANSLATED_ROUTED,
                      (struct icmp_words){4, 0, (uint32_t)ip->segments_left});
    if (ip->protocol == (six ? PROTOCOL_ICMP : PROTOCOL_ICMPV6) || ip->protocol == PROTOCOL_IGMP)
        return TRANSLATED_SILENT;
    // A piece of an ICMP message has no checksum that could be adjusted (RFC 7915, 1.2).
    bool icmp = ip->protocol == (six ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP);
    if (icmp && (ip->offset || ip->more))
        return TRANSLATED_SILENT;
    // An extension header behind the fragment header (5.1.1), or as the protocol of an IPv4 packet,
    // where it would become one.
    if (is_extension(ip->protocol) ||
        (ip->fragment_header &&
         (p->at[ip->fragment_header] != ip->protocol || ip->protocol == PROTOCOL_AH)))
        return TRANSLATED_SILENT;
    if (ip->hop_limit <= 1 && !t->turns)
        return answer(t, p, ip, TRANSLATED_EXPIRED, (struct icmp_words){six ? 3 : 11, 0, 0});
    return TRANSLATED_FORWARD;
}

bool flow_read(const uint8_t *at, const struct ip *ip, struct flow *ret)
{
    const uint8_t *upper = at + ip->upper;
    size_t left = ip->end - ip->upper;
    bool icmp = ip->protocol == PROTOCOL_ICMP || ip->protocol == PROTOCOL_ICMPV6;
    *ret = (struct flow){.source = ip->source,
                         .destination = ip->destination,
                         .protocol = icmp ? PROTOCOL_ICMP : ip->protocol,
                         .ip = ip};
    bool known = icmp || ip->protocol == PROTOCOL_TCP || ip->protocol == PROTOCOL_UDP;
    if (!known || !ip_first(ip))
        return true;
    if (left < 8)
        return false;
    ret->ports = true;
    if (icmp) {
        bool request = upper[0] == (ip->family == FAMILY_IPV6 ? ICMP6_ECHO : ICMP4_ECHO);
        *(request ? &ret->source_port : &ret->destination_port) = load16(upper + 4);
        return true;
    }
    ret->source_port = load16(upper);
    ret->destination_port = load16(upper + 2);
    if (ip->protocol == PROTOCOL_TCP && left >= 14)
        ret->tcp_flags = upper[13];
    return true;
}

// What of a flow its checksum covers: without ports, of the pseudo-header alone.
static uint32_t flow_sum(enum family f, const struct flow *flow, bool ports)
{
    return sum_address(f, flow->source) + sum_address(f, flow->destination) +
           (ports ? (uint32_t)flow->source_port + flow->destination_port : 0);
}

// An echo message gets its type, its identifier, and a checksum with or without pseudo-header.
static void change_echo(uint8_t *upper, size_t length, const struct ip *ip, const struct flow *in,
                        const struct flow *out)
{
    bool six = ip->family == FAMILY_IPV6, request = upper[0] == (six ? ICMP6_ECHO : ICMP4_ECHO);
    uint8_t type =
        six ? (request ? ICMP4_ECHO : ICMP4_ECHO_REPLY) : (request ? ICMP6_ECHO : ICMP6_ECHO_REPLY);
    uint32_t old = load16(upper) + load16(upper + 4), new = 0;
    if (six)
        old +=
            sum_pseudo(FAMILY_IPV6, in->source, in->destination, PROTOCOL_ICMPV6, (uint32_t)length);
    else
        new += sum_pseudo(FAMILY_IPV6, out->source, out->destination, PROTOCOL_ICMPV6,
                          (uint32_t)length);
    upper[0] = type;
    store16(upper + 4, request ? out->source_port : out->destination_port);
    new += (uint32_t)load16(upper) + load16(upper + 4);
    checksum_change(upper + 2, old, new);
}

void change_upper(const struct upper *u, const struct ip *ip, const struct flow *in,
                  const struct flow *out)
{
    enum family to = ip->family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
    uint8_t *checksum = u->at + checksum_offset(ip->protocol);
    bool udp = ip->protocol == PROTOCOL_UDP;
    if (!in->ports)
        return;
    if (in->protocol == PROTOCOL_ICMP) {
        change_echo(u->at, u->stated, ip, in, out);
        return;
    }
    store16(u->at, out->source_port);
    store16(u->at + 2, out->destination_port);
    if (u->at + u->left < checksum + 2)
        return;
    if (u->partial) {
        checksum_change_partial(checksum, flow_sum(ip->family, in, false),
                                flow_sum(to, out, false));
        return;
    }
    if (udp && load16(checksum) == 0)
        return;
    checksum_change(checksum, flow_sum(ip->family, in, true), flow_sum(to, out, true));
    if (udp && load16(checksum) == 0)
        store16(checksum, 0xffff);
}

// IPv6 knows no UDP without checksum: false where it must be dropped.
static bool fill_udp_checksum(const struct translator *t, const struct packet *p,
                              const struct ip *ip)
{
    uint8_t *upper = p->at + ip->upper;
    size_t length = ip->end - ip->upper;
    if (ip->family == FAMILY_IPV6 || ip->protocol != PROTOCOL_UDP || !ip_first(ip) || p->partial ||
        load16(upper + 6) != 0)
        return true;
    if (!t->zero_checksum || ip->more || load16(upper + 4) != length)
        return false;
    uint32_t sum =
        sum_pseudo(FAMILY_IPV4, ip->source, ip->destination, PROTOCOL_UDP, (uint32_t)length);
    uint16_t checksum = (uint16_t)~sum_bytes(upper, length, sum);
    store16(upper + 6, checksum ? checksum : 0xffff);
    return true;
}

struct ip header_of(const struct translator *t, const struct ip *ip, const struct flow *out)
{
    bool six = ip->family == FAMILY_IPV6;
    struct ip to = *ip;
    to.family = six ? FAMILY_IPV4 : FAMILY_IPV6;
    to.source = out->source;
    to.destination = out->destination;
    if (t->traffic_class_0)
        to.traffic_class = 0;
    if (ip->protocol == PROTOCOL_ICMPV6 || ip->protocol == PROTOCOL_ICMP)
        to.protocol = six ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
    to.identification = (uint16_t)ip->identification;
    return to;
}

static void send_piece(void *arg, struct packet *p)
{
    const struct translator *t = arg;
    t->mapper.forward(t->mapper.arg, p);
}

static enum translated send_pieces(struct translator *t, struct packet *p, const struct ip *to,
                                   size_t mtu)
{
    uint8_t buffer[PACKET_HEADROOM + IPV6_HEADER + FRAGMENT_HEADER + 9216];
    struct packet scratch;
    struct ip ip;
    packet_init(&scratch, buffer, sizeof buffer);
    if (ip_read(p->at, p->length, 0, &ip) == IP_FINE)
        checksum_complete(p, &ip);
    bool sent = to->family == FAMILY_IPV6
                    ? ipv6_fragment(p, mtu, to->identification, &scratch, send_piece, t)
                    : ipv4_fragment(p, mtu, &scratch, send_piece, t);
    return sent ? TRANSLATED_FORWARD : TRANSLATED_MALFORMED;
}

// From IPv4: what may be cut and would not pass every link is cut here, as nobody behind can.
static enum translated finish_6(struct translator *t, struct packet *p, const struct ip *ip,
                                struct ip *to)
{
    size_t payload = ip->end - ip->upper, least = t->mtu6_least ? t->mtu6_least : IPV6_MTU_LEAST;
    size_t size = IPV6_HEADER + (ip->fragment ? FRAGMENT_HEADER : 0) + payload;
    if (!packet_push(p, size - payload))
        return TRANSLATED_NO_ROOM;
    ipv6_write(p->at, to, payload);
    if (ip->dont_fragment || p->segment || size <= least) {
        t->mapper.forward(t->mapper.arg, p);
        return TRANSLATED_FORWARD;
    }
    return send_pieces(t, p, to, least);
}

bool sent_with_df(const struct ip *ip, size_t length)
{
    return !ip->fragment && length > DF_FROM;
}

static enum translated finish_4(struct translator *t, struct packet *p, const struct ip *ip,
                                struct ip *to)
{
    size_t length = IPV4_HEADER + (ip->end - ip->upper);
    to->dont_fragment = sent_with_df(ip, length) || p->segment;
    if (!ip->fragment)
        to->identification = (uint16_t)t->identification++;
    if (!packet_push(p, IPV4_HEADER))
        return TRANSLATED_NO_ROOM;
    ipv4_write(p->at, to, length);
    if (length <= translator_mtu(t, FAMILY_IPV4) || to->dont_fragment) {
        t->mapper.forward(t->mapper.arg, p);
        return TRANSLATED_FORWARD;
    }
    return send_pieces(t, p, to, translator_mtu(t, FAMILY_IPV4));
}

size_t payload_sent(const struct packet *p, const struct ip *ip)
{
    size_t payload = ip->end - ip->upper;
    if (!p->segment || ip->protocol != PROTOCOL_TCP || payload < 20)
        return payload;
    size_t one = (size_t)(p->at[ip->upper + 12] >> 4) * 4 + p->segment;
    return one < payload ? one : payload;
}

// Told to the sender where it would not fit the next link and may not be cut.
static bool is_too_big(const struct translator *t, const struct packet *p, const struct ip *ip,
                       uint32_t *mtu)
{
    size_t payload = payload_sent(p, ip);
    if (ip->family == FAMILY_IPV4) {
        size_t next = translator_mtu(t, FAMILY_IPV6), header = IPV6_HEADER;
        header += ip->fragment ? FRAGMENT_HEADER : 0;
        *mtu = (uint32_t)(next - (header - IPV4_HEADER));
        return ip->dont_fragment && payload + header > next;
    }
    size_t next = translator_mtu(t, FAMILY_IPV4), length = payload + IPV4_HEADER;
    *mtu = (uint32_t)(next + IPV6_HEADER - IPV4_HEADER + (ip->fragment ? FRAGMENT_HEADER : 0));
    if (*mtu < IPV6_MTU_LEAST)
        *mtu = IPV6_MTU_LEAST;
    return !ip->fragment && length > DF_FROM && length > next;
}

// RFC 7915, 5.4: not about ICMPv6.
static enum translated refuse_unmapped(struct translator *t, struct packet *p, const struct ip *ip)
{
    bool six = ip->family == FAMILY_IPV6;
    if (!t->tells_unmapped || t->turns || ip->protocol == PROTOCOL_ICMPV6)
        return TRANSLATED_REFUSED;
    return answer(t, p, ip, TRANSLATED_REFUSED,
                  six ? (struct icmp_words){1, 1, 0} : (struct icmp_words){3, 13, 0});
}

static enum translated translate_flow(struct translator *t, struct packet *p, const struct ip *ip)
{
    struct flow in, out;
    uint32_t mtu;
    if (!flow_read(p->at, ip, &in))
        return TRANSLATED_MALFORMED;
    if (!t->mapper.map(t->mapper.arg, ip->family, &in, false, &out))
        return refuse_unmapped(t, p, ip);
    enum family to_family = ip->family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
    if (!between_hosts(to_family, out.source, out.destination))
        return TRANSLATED_SILENT;
    if (is_too_big(t, p, ip, &mtu))
        return answer(t, p, ip, TRANSLATED_TOO_BIG,
                      ip->family == FAMILY_IPV6 ? (struct icmp_words){2, 0, mtu}
                                                : (struct icmp_words){3, 4, mtu});
    if (!fill_udp_checksum(t, p, ip))
        return TRANSLATED_SILENT;
    struct upper upper = {p->at + ip->upper, ip->end - ip->upper, ip->end - ip->upper, p->partial};
    change_upper(&upper, ip, &in, &out);
    struct ip to = header_of(t, ip, &out);
    to.hop_limit -= !t->turns;
    p->length = ip->end;
    packet_pull(p, ip->upper);
    return ip->family == FAMILY_IPV4 ? finish_6(t, p, ip, &to) : finish_4(t, p, ip, &to);
}

enum translated translate(struct translator *t, struct packet *p)
{
    struct ip ip;
    if (ip_read(p->at, p->length, 0, &ip) != IP_FINE)
        return TRANSLATED_MALFORMED;
    enum translated refused = refuse(t, p, &ip);
    if (refused != TRANSLATED_FORWARD)
        return refused;
    bool icmp = ip.protocol == PROTOCOL_ICMP || ip.protocol == PROTOCOL_ICMPV6;
    if (!icmp)
        return translate_flow(t, p, &ip);
    if (ip.end - ip.upper < ICMP_HEADER)
        return TRANSLATED_MALFORMED;
    switch (icmp_kind(ip.family, p->at[ip.upper])) {
    case ICMP_KIND_QUERY:
        return translate_flow(t, p, &ip);
    case ICMP_KIND_ERROR:
        return translate_error(t, p, &ip);
    default:
        return TRANSLATED_SILENT;
    }
}
