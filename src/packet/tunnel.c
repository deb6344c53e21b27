// SPDX-License-Identifier: Apache-2.0

#include "packet/tunnel.h"

#include "packet/reassembly.h"

#include <stdlib.h>

#define TUNNEL_HOPS   64
#define ICMP6_TOO_BIG 2
#define ECN_MASK      3
#define ECN_ECT1      1
#define ECN_ECT0      2
#define ECN_CE        3
#define PATHS         256    // a power of two
#define PATH_MS       600000 // RFC 8201, 4
#define SCRATCH       (PACKET_HEADROOM + 9216)

// A way with a smaller MTU than the link.
struct path {
    u128 far;
    size_t mtu;
    int64_t until;
};

struct tunnel {
    struct tunnel_config config;
    struct reassembly *reassembly;
    struct tunnel_counts counts;
    struct icmp_limit errors;
    uint32_t identification;
    struct path paths[PATHS]; // each has one place
    uint8_t scratch[SCRATCH];
};

int tunnel_new(const struct tunnel_config *c, struct tunnel **ret, struct err *e)
{
    struct tunnel *t = calloc(1, sizeof *t);
    if (!t)
        return err_memory(e);
    t->config = *c;
    t->reassembly = reassembly_new(TUNNEL_WHOLES_MAX, TUNNEL_WAIT_MS);
    if (!t->reassembly) {
        tunnel_free(&t);
        return err_memory(e);
    }
    *ret = t;
    return 0;
}

void tunnel_free(struct tunnel **t)
{
    if (!*t)
        return;
    reassembly_free(&(*t)->reassembly);
    free(*t);
    *t = NULL;
}

static size_t outer_header(const struct tunnel *t)
{
    return t->config.outer == FAMILY_IPV6 ? IPV6_HEADER : IPV4_HEADER;
}

static size_t path_place(u128 far)
{
    uint64_t folded = (uint64_t)(far >> 64) ^ (uint64_t)far;
    return (folded * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (PATHS - 1);
}

static size_t path_mtu(const struct tunnel *t, u128 far, int64_t now)
{
    const struct path *path = t->paths + path_place(far);
    return path->until > now && path->far == far ? path->mtu : t->config.mtu;
}

// Is it to be told that the packet is too big? What may be cut, or is no larger than IPv6 demands
// to pass (RFC 2473 7.1), is cut outside instead.
bool tunnel_refuses(struct tunnel *t, struct packet *p, const struct ip *inner, u128 far,
                    int64_t now)
{
    size_t room = path_mtu(t, far, now) - outer_header(t);
    bool six = inner->family == FAMILY_IPV6;
    if (p->length <= room || !inner->dont_fragment || (six && p->length <= IPV6_MTU_LEAST))
        return false;
    if (six && room < IPV6_MTU_LEAST)
        room = IPV6_MTU_LEAST;
    t->counts.too_big++;
    if (t->config.own && icmp_limit_allows(&t->errors, now) &&
        icmp_error(p, inner, t->config.own, six ? 2 : 3, six ? 0 : 4, (uint32_t)room))
        t->config.tell(t->config.arg, p, far);
    return true;
}

static void send_cut(struct tunnel *t, struct packet *p, size_t mtu)
{
    struct packet scratch;
    packet_init(&scratch, t->scratch, sizeof t->scratch);
    bool six = t->config.outer == FAMILY_IPV6;
    bool sent =
        six ? ipv6_fragment(p, mtu, t->identification, &scratch, t->config.send, t->config.arg)
            : ipv4_fragment(p, mtu, &scratch, t->config.send, t->config.arg);
    t->counts.malformed += !sent;
}

void tunnel_put(struct tunnel *t, struct packet *p, const struct ip *inner, u128 source,
                u128 destination, int64_t now)
{
    bool six = t->config.outer == FAMILY_IPV6;
    struct ip outer = {.family = t->config.outer,
                       .source = source,
                       .destination = destination,
                       .traffic_class = inner->traffic_class,
                       .hop_limit = TUNNEL_HOPS,
                       .protocol = inner->family == FAMILY_IPV6 ? PROTOCOL_IPV6 : PROTOCOL_IPV4,
                       .identification = ++t->identification};
    if (tunnel_refuses(t, p, inner, destination, now))
        return;
    size_t payload = p->length;
    if (payload + outer_header(t) > PACKET_MAX || !packet_push(p, outer_header(t))) {
        t->counts.malformed++;
        return;
    }
    t->counts.out++;
    if (six)
        ipv6_write(p->at, &outer, payload);
    else
        ipv4_write(p->at, &outer, p->length);
    size_t mtu = path_mtu(t, destination, now);
    if (p->length <= mtu)
        t->config.send(t->config.arg, p);
    else
        send_cut(t, p, mtu);
}

// RFC 6040, figure 4: the mark with which a packet goes on. False: congestion was met on the way,
// and the packet cannot bear the mark.
static bool mark_after(uint8_t inner, uint8_t outer, uint8_t *ret)
{
    *ret = outer == ECN_CE || (outer == ECN_ECT1 && inner == ECN_ECT0) ? outer : inner;
    if (inner == 0)
        *ret = 0;
    return inner != 0 || outer != ECN_CE;
}

static bool mark_congestion(struct packet *p, struct ip *inner, uint8_t outer_class)
{
    uint8_t before = inner->traffic_class & ECN_MASK, mark;
    if (!mark_after(before, outer_class & ECN_MASK, &mark))
        return false;
    if (mark == before)
        return true;
    inner->traffic_class = (uint8_t)((inner->traffic_class & ~ECN_MASK) | mark);
    if (inner->family == FAMILY_IPV6) {
        p->at[1] = (uint8_t)((p->at[1] & ~(ECN_MASK << 4)) | mark << 4);
        return true;
    }
    uint16_t word = load16(p->at);
    p->at[1] = inner->traffic_class;
    checksum_change(p->at + 10, word, load16(p->at));
    return true;
}

bool tunnel_take(struct tunnel *t, struct packet *p, const struct ip *outer, int64_t now,
                 struct ip *ret_inner)
{
    struct ip whole = *outer, inner;
    if (outer->fragment && (outer->offset || outer->more)) {
        struct packet made;
        if (!reassembly_add(t->reassembly, p, outer, 0, now, &made) ||
            ip_read(made.at, made.length, 0, &whole) != IP_FINE)
            return false;
        *p = made;
    }
    bool carries = whole.protocol == PROTOCOL_IPV6 || whole.protocol == PROTOCOL_IPV4;
    p->length = whole.end;
    packet_pull(p, whole.upper);
    if (!carries || ip_read(p->at, p->length, 0, &inner) != IP_FINE ||
        inner.family != (whole.protocol == PROTOCOL_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4) ||
        !mark_congestion(p, &inner, whole.traffic_class)) {
        t->counts.malformed++;
        return false;
    }
    p->length = inner.end;
    t->counts.in++;
    *ret_inner = inner;
    return true;
}

static void learn_path(struct tunnel *t, u128 far, uint32_t mtu, int64_t now)
{
    if (mtu < t->config.mtu)
        t->paths[path_place(far)] =
            (struct path){far, mtu < IPV6_MTU_LEAST ? IPV6_MTU_LEAST : mtu, now + PATH_MS};
}

bool tunnel_error(struct tunnel *t, struct packet *p, const struct ip *outer, int64_t now,
                  struct ip *ret_inner, u128 *ret_far)
{
    uint8_t *icmp = p->at + outer->upper;
    size_t size = outer->end - outer->upper;
    struct ip about;
    if (outer->protocol != PROTOCOL_ICMPV6 || size <= ICMP_HEADER || icmp[0] < 1 || icmp[0] > 4 ||
        !checksum_holds(icmp, outer))
        return false;
    p->length = outer->end;
    packet_pull(p, outer->upper + ICMP_HEADER);
    if (ip_read(p->at, p->length, IP_READ_CUT, &about) != IP_FINE || about.family != FAMILY_IPV6 ||
        about.source != outer->destination)
        return false;
    if (icmp[0] == ICMP6_TOO_BIG) {
        learn_path(t, about.destination, load32(icmp + 4), now);
        return false;
    }
    p->length = about.end;
    packet_pull(p, about.upper);
    *ret_far = about.destination;
    return ip_first(&about) && about.protocol == PROTOCOL_IPV4 &&
           ip_read(p->at, p->length, IP_READ_CUT, ret_inner) == IP_FINE &&
           ret_inner->family == FAMILY_IPV4;
}

struct tunnel_counts tunnel_counts(const struct tunnel *t)
{
    struct tunnel_counts counts = t->counts;
    counts.pieces_lost = reassembly_lost(t->reassembly);
    return counts;
}
