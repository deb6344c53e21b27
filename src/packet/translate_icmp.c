// SPDX-License-Identifier: Apache-2.0
//
// ICMP errors between the families (RFC 7915, 4.2, 4.3, 5.2, 5.3): type, code, pointer and MTU by
// its tables; the packet inside is translated as the answer's reverse; what stands behind it is
// translate_extension.c's.

#include "packet/translate_parts.h"

#include "base/splitmix.h"

#define NOT_ANY 0xff

enum icmp_kind icmp_kind(enum family f, uint8_t type)
{
    if (f == FAMILY_IPV6) {
        if (type >= 1 && type <= 4)
            return ICMP_KIND_ERROR;
        return type == ICMP6_ECHO || type == ICMP6_ECHO_REPLY ? ICMP_KIND_QUERY : ICMP_KIND_OTHER;
    }
    if (type == 3 || type == 11 || type == 12)
        return ICMP_KIND_ERROR;
    return type == ICMP4_ECHO || type == ICMP4_ECHO_REPLY ? ICMP_KIND_QUERY : ICMP_KIND_OTHER;
}

// RFC 1191, 7: what an old router that states no MTU probably has.
static size_t plateau(size_t total)
{
    static const uint16_t plateaus[] = {65535, 32000, 17914, 8166, 4352, 2002, 1492};
    for (size_t i = 0; i < sizeof plateaus / sizeof *plateaus; i++)
        if (plateaus[i] < total)
            return plateaus[i];
    return IPV6_MTU_LEAST;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static uint32_t mtu_for_6(const struct translator *t, const uint8_t *icmp, const uint8_t *inner)
{
    size_t mtu = load16(icmp + 6);
    if (mtu == 0)
        mtu = plateau(load16(inner + 2)) - (IPV6_HEADER - IPV4_HEADER);
    size_t extra = IPV6_HEADER - IPV4_HEADER;
    mtu = smaller(mtu + extra,
                  smaller(translator_mtu(t, FAMILY_IPV6), translator_mtu(t, FAMILY_IPV4) + extra));
    return (uint32_t)(mtu < IPV6_MTU_LEAST ? IPV6_MTU_LEAST : mtu);
}

// Figure 3.
static bool pointer_for_6(uint32_t pointer, uint32_t *ret)
{
    static const uint8_t pointers[20] = {0,       1, 4,  4,       NOT_ANY, NOT_ANY, NOT_ANY,
                                         NOT_ANY, 7, 6,  NOT_ANY, NOT_ANY, 8,       8,
                                         8,       8, 24, 24,      24,      24};
    if (pointer >= sizeof pointers || pointers[pointer] == NOT_ANY)
        return false;
    *ret = pointers[pointer];
    return true;
}

// Figure 6.
static bool pointer_for_4(uint32_t pointer, uint32_t *ret)
{
    static const uint8_t pointers[8] = {0, 1, NOT_ANY, NOT_ANY, 2, 2, 9, 8};
    if (pointer >= IPV6_HEADER || (pointer < 8 && pointers[pointer] == NOT_ANY))
        return false;
    *ret = pointer < 8 ? pointers[pointer] : pointer < 24 ? 12 : 16;
    return true;
}

static bool unreachable_for_6(const struct translator *t, const uint8_t *icmp, const uint8_t *inner,
                              struct icmp_words *ret)
{
    switch (icmp[1]) {
    case 2:
        *ret = (struct icmp_words){4, 1, 6};
        return true; // next header
    case 3:
        *ret = (struct icmp_words){1, 4, 0};
        return true;
    case 4:
        *ret = (struct icmp_words){2, 0, mtu_for_6(t, icmp, inner)};
        return true;
    case 9:
    case 10:
    case 13:
    case 15:
        *ret = (struct icmp_words){1, 1, 0};
        return true;
    case 14:
        return false;
    default:
        *ret = (struct icmp_words){1, 0, 0};
        return icmp[1] <= 12;
    }
}

static bool words_for_6(const struct translator *t, const uint8_t *icmp, const uint8_t *inner,
                        struct icmp_words *ret)
{
    switch (icmp[0]) {
    case 3:
        return unreachable_for_6(t, icmp, inner, ret);
    case 11:
        *ret = (struct icmp_words){3, icmp[1], 0};
        return true;
    default:
        *ret = (struct icmp_words){4, 0, 0};
        return (icmp[1] == 0 || icmp[1] == 2) && pointer_for_6(icmp[4], &ret->field);
    }
}

static bool unreachable_for_4(uint8_t code, struct icmp_words *ret)
{
    static const uint8_t codes[] = {1, 10, 1, 1, 3};
    if (code >= sizeof codes)
        return false;
    *ret = (struct icmp_words){3, codes[code], 0};
    return true;
}

static uint32_t mtu_for_4(const struct translator *t, const uint8_t *icmp, const struct ip *inner)
{
    size_t less = IPV6_HEADER - IPV4_HEADER + (inner->fragment_header ? FRAGMENT_HEADER : 0);
    size_t mtu = load32(icmp + 4), next6 = translator_mtu(t, FAMILY_IPV6);
    mtu = smaller(mtu, next6) - smaller(less, smaller(mtu, next6));
    return (uint32_t)smaller(mtu, translator_mtu(t, FAMILY_IPV4));
}

static bool words_for_4(const struct translator *t, const uint8_t *icmp, const struct ip *inner,
                        struct icmp_words *ret)
{
    switch (icmp[0]) {
    case 1:
        return unreachable_for_4(icmp[1], ret);
    case 2:
        *ret = (struct icmp_words){3, 4, mtu_for_4(t, icmp, inner)};
        return true;
    case 3:
        *ret = (struct icmp_words){11, icmp[1], 0};
        return true;
    default:
        break;
    }
    uint32_t pointer;
    if (icmp[1] == 1) {
        *ret = (struct icmp_words){3, 2, 0};
        return true;
    }
    if (icmp[1] != 0 || !pointer_for_4(load32(icmp + 4), &pointer))
        return false;
    *ret = (struct icmp_words){12, 0, pointer << 24};
    return true;
}

// Source and destination change places, with their ports.
static struct flow reversed(const struct flow *f)
{
    struct flow r = *f;
    r.source = f->destination;
    r.destination = f->source;
    r.source_port = f->destination_port;
    r.destination_port = f->source_port;
    return r;
}

static size_t stated_length(const uint8_t *at, enum family f)
{
    return f == FAMILY_IPV6 ? IPV6_HEADER + (size_t)load16(at + 4) : load16(at + 2);
}

// The packet inside goes the other way: it is mapped as the reverse of its reverse. *ret holds the
// translated bytes; *ret_host the host that the error is for, on the other side.
static enum translated translate_inner(struct translator *t, const uint8_t *at, const struct ip *ip,
                                       struct packet *ret, u128 *ret_host)
{
    struct flow in, out, back;
    bool icmp = ip->protocol == PROTOCOL_ICMP || ip->protocol == PROTOCOL_ICMPV6;
    size_t left = ip->end - ip->upper, stated = stated_length(at, ip->family);
    if (is_extension(ip->protocol) || (icmp && ip_first(ip) && left >= 1 &&
                                       icmp_kind(ip->family, at[ip->upper]) != ICMP_KIND_QUERY))
        return TRANSLATED_SILENT;
    if (!flow_read(at, ip, &in) || stated < ip->upper || left > packet_room(ret))
        return TRANSLATED_MALFORMED;
    back = reversed(&in);
    if (!t->mapper.map(t->mapper.arg, ip->family, &back, true, &out))
        return TRANSLATED_REFUSED;
    out = reversed(&out);
    memcpy(ret->at, at + ip->upper, left);
    ret->length = left;
    struct upper upper = {ret->at, left, stated - ip->upper, false};
    change_upper(&upper, ip, &in, &out);
    struct ip to = header_of(t, ip, &out);
    bool to6 = to.family == FAMILY_IPV6;
    if (!to6)
        to.dont_fragment = sent_with_df(ip, stated - ip->upper + IPV4_HEADER);
    size_t header = to6 ? IPV6_HEADER + (to.fragment ? FRAGMENT_HEADER : 0) : IPV4_HEADER;
    if (!packet_push(ret, header))
        return TRANSLATED_NO_ROOM;
    if (to6)
        ipv6_write(ret->at, &to, stated - ip->upper);
    else
        ipv4_write(ret->at, &to, stated - ip->upper + IPV4_HEADER);
    *ret_host = out.source;
    return TRANSLATED_FORWARD;
}

// One of several at random: two routers of a path hardly get the same, which would look like a
// circle (RFC 6791, 5).
static uint32_t stand_in4(struct translator *t)
{
    if (t->routers4 == 0)
        return t->own4;
    return t->routers4 +
           (uint32_t)(splitmix64(&t->chance) % (t->routers4_last - t->routers4 + 1ull));
}

// *ret_unknown: the router has no address in the other family; *ret stands for it.
static bool outer_source(struct translator *t, const struct ip *ip, u128 *ret, bool *ret_unknown)
{
    *ret_unknown =
        !t->mapper.router || !t->mapper.router(t->mapper.arg, ip->family, ip->source, ret);
    if (*ret_unknown)
        *ret = ip->family == FAMILY_IPV6 ? stand_in4(t) : t->own6;
    return *ret != 0;
}

// The new message is put together in `inner`'s buffer and copied over the old one.
static enum translated send_error(struct translator *t, struct packet *p, const struct ip *ip,
                                  struct packet *inner, const struct flow *out)
{
    struct ip to = header_of(t, ip, out);
    to.hop_limit -= !t->turns;
    to.fragment = to.dont_fragment = false;
    bool to6 = to.family == FAMILY_IPV6;
    uint8_t *icmp = inner->at;
    uint32_t sum = to6 ? sum_pseudo(FAMILY_IPV6, to.source, to.destination, PROTOCOL_ICMPV6,
                                    (uint32_t)inner->length)
                       : 0;
    store16(icmp + 2, 0);
    store16(icmp + 2, (uint16_t)~sum_bytes(icmp, inner->length, sum));
    size_t header = to6 ? IPV6_HEADER : IPV4_HEADER;
    p->at = p->begin + PACKET_HEADROOM;
    if (packet_room(p) < inner->length || !packet_push(p, header))
        return TRANSLATED_NO_ROOM;
    memcpy(p->at + header, inner->at, inner->length);
    p->length = header + inner->length;
    if (to6)
        ipv6_write(p->at, &to, inner->length);
    else
        ipv4_write(p->at, &to, p->length);
    t->mapper.forward(t->mapper.arg, p);
    return TRANSLATED_FORWARD;
}

enum translated translate_error(struct translator *t, struct packet *p, const struct ip *ip)
{
    uint8_t buffer[PACKET_HEADROOM + ICMP_BODY_MAX + PACKET_TAILROOM], words[ICMP_HEADER] = {0};
    struct packet inner;
    struct ip about;
    struct icmp_words w;
    struct flow out = {0};
    bool unknown;
    const uint8_t *icmp = p->at + ip->upper, *body = icmp + ICMP_HEADER;
    size_t left = ip->end - ip->upper - ICMP_HEADER;
    size_t cut = extension_begin(ip->family, icmp, left), datagram = cut ? cut : left;
    datagram = smaller(datagram, ICMP_BODY_MAX - IPV6_HEADER - FRAGMENT_HEADER);
    // The sum is made anew, which would hide any damage (RFC 5508, REQ-3).
    if (!checksum_holds(icmp, ip) || ip_read(body, datagram, IP_READ_CUT, &about) != IP_FINE ||
        about.family != ip->family)
        return TRANSLATED_MALFORMED;
    bool six = ip->family == FAMILY_IPV6;
    if (!between_hosts(about.family, about.source, about.destination) ||
        !(six ? words_for_4(t, icmp, &about, &w) : words_for_6(t, icmp, body, &w)))
        return TRANSLATED_SILENT;
    packet_init(&inner, buffer, sizeof buffer);
    enum translated what = translate_inner(t, body, &about, &inner, &out.destination);
    if (what != TRANSLATED_FORWARD)
        return what;
    if (!outer_source(t, ip, &out.source, &unknown))
        return TRANSLATED_REFUSED;
    if (!between_hosts(six ? FAMILY_IPV4 : FAMILY_IPV6, out.source, out.destination))
        return TRANSLATED_SILENT;
    words[0] = w.type;
    words[1] = w.code;
    store32(words + 4, w.field);
    struct icmp_extension x;
    extension_take(&x, body + cut, cut ? left - cut : 0);
    if (unknown && six && t->tells_routers)
        extension_tell(&x, ip->source);
    extension_append(&x, six ? FAMILY_IPV4 : FAMILY_IPV6, words, &inner);
    if (!packet_push(&inner, ICMP_HEADER))
        return TRANSLATED_NO_ROOM;
    memcpy(inner.at, words, sizeof words);
    return send_error(t, p, ip, &inner, &out);
}
