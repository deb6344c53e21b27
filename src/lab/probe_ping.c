// SPDX-License-Identifier: Apache-2.0
//
// Echo requests, and the errors that come back for them.

#include "base/clock.h"
#include "lab/probes.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRY_US       400000
#define SIZE_DEFAULT 56
#define PACKET_MAX   65536

struct echo {
    enum family family;
    uint16_t id, sequence;
};

static uint16_t number_at(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static bool is_mine(const struct echo *echo, const uint8_t *icmp, size_t length, uint8_t type)
{
    return length >= 8 && icmp[0] == type && number_at(icmp + 4) == echo->id &&
           number_at(icmp + 6) == echo->sequence;
}

static bool error_of_v6(const uint8_t *icmp, enum lab_expect *ret)
{
    static const enum lab_expect unreachable[] = {
        LAB_EXPECT_NO_ROUTE, LAB_EXPECT_PROHIBITED, LAB_EXPECT_UNREACHABLE, LAB_EXPECT_UNREACHABLE,
        LAB_EXPECT_REFUSED,  LAB_EXPECT_PROHIBITED, LAB_EXPECT_PROHIBITED,
    };
    if (icmp[0] == ICMP6_DST_UNREACH)
        *ret = icmp[1] < 7 ? unreachable[icmp[1]] : LAB_EXPECT_UNREACHABLE;
    else if (icmp[0] == ICMP6_PACKET_TOO_BIG)
        *ret = LAB_EXPECT_TOO_BIG;
    else if (icmp[0] == ICMP6_TIME_EXCEEDED)
        *ret = LAB_EXPECT_EXPIRED;
    else
        return false;
    return true;
}

// The packet that an error is about: its ICMP part, behind a fragment header if there is one.
static const uint8_t *inner_v6(const uint8_t *p, size_t *length)
{
    size_t skip = sizeof(struct ip6_hdr);
    if (*length < skip)
        return NULL;
    uint8_t next = p[6];
    if (next == IPPROTO_FRAGMENT && *length >= skip + 8) {
        next = p[skip];
        skip += 8;
    }
    if (next != IPPROTO_ICMPV6)
        return NULL;
    *length -= skip;
    return p + skip;
}

static bool judge_v6(const struct echo *echo, const uint8_t *icmp, size_t length,
                     enum lab_expect *ret)
{
    if (is_mine(echo, icmp, length, ICMP6_ECHO_REPLY)) {
        *ret = LAB_EXPECT_REPLY;
        return true;
    }
    if (length < 8)
        return false;
    size_t left = length - 8;
    const uint8_t *inner = inner_v6(icmp + 8, &left);
    return inner && is_mine(echo, inner, left, ICMP6_ECHO_REQUEST) && error_of_v6(icmp, ret);
}

static bool error_of_v4(const uint8_t *icmp, enum lab_expect *ret)
{
    if (icmp[0] == ICMP_TIME_EXCEEDED) {
        *ret = LAB_EXPECT_EXPIRED;
        return true;
    }
    if (icmp[0] != ICMP_DEST_UNREACH)
        return false;
    switch (icmp[1]) {
    case ICMP_NET_UNREACH:
        *ret = LAB_EXPECT_NO_ROUTE;
        break;
    case ICMP_PORT_UNREACH:
        *ret = LAB_EXPECT_REFUSED;
        break;
    case ICMP_FRAG_NEEDED:
        *ret = LAB_EXPECT_TOO_BIG;
        break;
    case ICMP_NET_ANO:
    case ICMP_HOST_ANO:
    case ICMP_PKT_FILTERED:
        *ret = LAB_EXPECT_PROHIBITED;
        break;
    default:
        *ret = LAB_EXPECT_UNREACHABLE;
    }
    return true;
}

static const uint8_t *after_ip(const uint8_t *p, size_t *length)
{
    size_t header = *length >= sizeof(struct iphdr) ? (p[0] & 15u) * 4u : 0;
    if (header < sizeof(struct iphdr) || header > *length || p[9] != IPPROTO_ICMP)
        return NULL;
    *length -= header;
    return p + header;
}

static bool judge_v4(const struct echo *echo, const uint8_t *packet, size_t length,
                     enum lab_expect *ret)
{
    const uint8_t *icmp = after_ip(packet, &length);
    if (icmp && is_mine(echo, icmp, length, ICMP_ECHOREPLY)) {
        *ret = LAB_EXPECT_REPLY;
        return true;
    }
    if (!icmp || length < 8)
        return false;
    size_t left = length - 8;
    const uint8_t *inner = after_ip(icmp + 8, &left);
    return inner && is_mine(echo, inner, left, ICMP_ECHO) && error_of_v4(icmp, ret);
}

static uint16_t checksum(const uint8_t *p, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += number_at(p + i);
    if (length % 2)
        sum += (uint32_t)p[length - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

static void write_echo(const struct echo *echo, uint8_t *packet, size_t length)
{
    memset(packet, 0x55, length);
    memset(packet, 0, 8);
    packet[0] = echo->family == FAMILY_IPV6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
    packet[4] = (uint8_t)(echo->id >> 8);
    packet[5] = (uint8_t)echo->id;
    packet[6] = (uint8_t)(echo->sequence >> 8);
    packet[7] = (uint8_t)echo->sequence;
    if (echo->family == FAMILY_IPV6)
        return; // the kernel's
    uint16_t sum = checksum(packet, length);
    packet[2] = (uint8_t)(sum >> 8);
    packet[3] = (uint8_t)sum;
}

static void set_options(int fd, enum family family, const struct lab_ping *p)
{
    bool v6 = family == FAMILY_IPV6;
    int hops = (int)p->hop_limit, whole = v6 ? IPV6_PMTUDISC_PROBE : IP_PMTUDISC_PROBE, one = 1;
    if (hops)
        setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL, &hops,
                   sizeof hops);
    if (hops && v6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
    if (p->whole)
        setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
                   &whole, sizeof whole);
    if (p->whole && v6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &one, sizeof one);
}

static enum lab_expect listen_for(int fd, const struct echo *echo, int64_t until, uint8_t *packet)
{
    enum lab_expect found;
    while (wait_ready(fd, POLLIN, until) == 1) {
        ssize_t n = recv(fd, packet, PACKET_MAX, MSG_DONTWAIT);
        if (n > 0 && (echo->family == FAMILY_IPV6 ? judge_v6(echo, packet, (size_t)n, &found)
                                                  : judge_v4(echo, packet, (size_t)n, &found)))
            return found;
    }
    return LAB_EXPECT_SILENCE;
}

static bool ping(int fd, const struct lab_ping *p, const struct place *to, int64_t until,
                 struct buffer *said)
{
    int64_t now = clock_microseconds();
    const struct echo echo = {
        .family = to->family, .id = (uint16_t)getpid(), .sequence = (uint16_t)(now >> 10)};
    bool silent = p->expect == LAB_EXPECT_SILENCE || p->expect == LAB_EXPECT_NONE;
    size_t length = 8 + (p->size ? p->size : SIZE_DEFAULT);
    uint8_t *packet = malloc(PACKET_MAX);
    if (!packet)
        return false;
    write_echo(&echo, packet, length);
    enum lab_expect found;
    if (sendto(fd, packet, length, 0, (const struct sockaddr *)&to->at, to->length) < 0)
        found = expect_unsent(errno);
    else
        found = listen_for(fd, &echo, silent ? until : try_until(until, TRY_US), packet);
    free(packet);
    buffer_text(said, expect_name(found));
    if (found == LAB_EXPECT_REPLY)
        buffer_format(said, " after %.1f ms", (double)(clock_microseconds() - now) / 1000);
    return expect_holds(p->expect, found);
}

bool probe_ping(const struct lab_ping *p, int64_t until, struct buffer *said)
{
    struct place to;
    bool held = false;
    if (!place_find(p->to, 0, &to, said))
        return false;
    int fd = socket(to.at.ss_family, SOCK_RAW | SOCK_CLOEXEC,
                    to.family == FAMILY_IPV6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    if (fd < 0)
        buffer_format(said, "cannot ping: %s", strerror(errno));
    if (fd >= 0 && place_bind(fd, p->from, said)) {
        set_options(fd, to.family, p);
        held = ping(fd, p, &to, until, said);
    }
    if (fd >= 0)
        close(fd);
    return held;
}
