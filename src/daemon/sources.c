// SPDX-License-Identifier: Apache-2.0

#include "daemon/sources.h"

#include "daemon/route6.h"
#include "packet/packet.h"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#define PASS           32764 // priorities, before that of the main table
#define DROP           32765
#define TOLD_MOST      10 // a second (RFC 4443, 2.4 f)
#define UNREACHABLE    1
#define FAILED_POLICY  5
#define SOURCE_AT      8 // in the IPv6 header
#define DESTINATION_AT 24
#define WORD_CODE      3 // instructions that compare 32 bits
#define CODE_MAX       ((SOURCES_MAX + 2) * (8 * WORD_CODE + 1) + 8)

static const struct prefix link_local = {FAMILY_IPV6, (u128)0xfe80 << 112, 10},
                           any = {FAMILY_IPV6, 0, 0};

struct code {
    struct sock_filter at[CODE_MAX];
    unsigned short length;
};

static void put(struct code *c, uint16_t what, uint32_t value, uint8_t yes, uint8_t no)
{
    c->at[c->length++] = (struct sock_filter){what, yes, no, value};
}

static uint8_t words_of(const struct prefix *p)
{
    return (uint8_t)((p->length + 31) / 32);
}

// Goes on behind the next `*left` instructions and one more where what stands at `at` is not of the
// prefix.
static void put_words(struct code *c, uint32_t at, const struct prefix *p, uint8_t *left)
{
    for (uint8_t i = 0; i < words_of(p); i++) {
        unsigned bits = p->length - 32u * i < 32 ? p->length - 32u * i : 32;
        put(c, BPF_LD | BPF_W | BPF_ABS, at + 4u * i, 0, 0);
        put(c, BPF_ALU | BPF_AND | BPF_K, (uint32_t) ~(UINT64_C(0xffffffff) >> bits), 0, 0);
        *left = (uint8_t)(*left - WORD_CODE);
        put(c, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(p->address >> (96 - 32 * i)), 0,
            (uint8_t)(*left + 1));
    }
}

// Not wanted: what is from and to such addresses.
static void put_except(struct code *c, const struct prefix *from, const struct prefix *to)
{
    uint8_t left = (uint8_t)(WORD_CODE * (words_of(from) + words_of(to)));
    put_words(c, SOURCE_AT, from, &left);
    put_words(c, DESTINATION_AT, to, &left);
    put(c, BPF_RET | BPF_K, 0, 0, 0);
}

static int set_filter(const struct sources *s, struct err *e)
{
    struct code c = {.length = 0};
    put(&c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE), 0, 0);
    put(&c, BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 1, 0);
    put(&c, BPF_RET | BPF_K, 0, 0, 0);
    put_except(&c, &link_local, &any);
    put_except(&c, &any, &link_local);
    for (size_t i = 0; i < s->count; i++)
        put_except(&c, &s->allowed[i].from, &s->allowed[i].to);
    put(&c, BPF_RET | BPF_K, PACKET_MAX, 0, 0);
    const struct sock_fprog program = {c.length, c.at};
    if (setsockopt(s->link.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
        return err_system(e, "cannot see packets of %s", s->device);
    return 0;
}

static int set_rules(const struct sources *s, struct err *e)
{
    rules6_remove(s->device, PASS);
    int code = rule6_add(s->device, PASS, &link_local, NULL, true, e);
    for (size_t i = 0; !code && i < s->count; i++)
        code = rule6_add(s->device, PASS, &s->allowed[i].from, &s->allowed[i].to, true, e);
    return code;
}

int sources_open(const char *device, struct sources *ret, struct err *e)
{
    struct sources s = {.device = device, .link.fd = -1, .told.most = TOLD_MOST};
    int code = link_open(device, ETH_P_IPV6, &s.link, e);
    if (code)
        return code;
    rules6_remove(device, DROP); // of one that was killed
    code = set_rules(&s, e);
    if (!code)
        code = rule6_add(device, DROP, NULL, NULL, false, e);
    if (!code)
        code = set_filter(&s, e);
    if (code)
        sources_close(&s);
    else
        *ret = s;
    return code;
}

void sources_close(struct sources *s)
{
    if (s->link.fd < 0)
        return;
    rules6_remove(s->device, DROP);
    rules6_remove(s->device, PASS);
    link_close(&s->link);
}

static bool same_prefix(const struct prefix *a, const struct prefix *b)
{
    return a->address == b->address && a->length == b->length;
}

static bool same(const struct sources *s, const struct source *allowed, size_t count)
{
    if (s->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!same_prefix(&s->allowed[i].from, &allowed[i].from) ||
            !same_prefix(&s->allowed[i].to, &allowed[i].to))
            return false;
    return true;
}

int sources_allow(struct sources *s, const struct source *allowed, size_t count, struct err *e)
{
    count = count < SOURCES_MAX ? count : SOURCES_MAX;
    if (same(s, allowed, count))
        return 0;
    memcpy(s->allowed, allowed, count * sizeof *allowed);
    s->count = count;
    int code = set_filter(s, e);
    return code ? code : set_rules(s, e);
}

int sources_answer(struct sources *s, u128 own, u128 *ret_told, struct err *e)
{
    uint8_t buffer[PACKET_HEADROOM + 1500 + PACKET_TAILROOM], mac[6];
    struct packet p;
    struct ip ip;
    *ret_told = 0;
    packet_init(&p, buffer, sizeof buffer);
    int code = link_receive(&s->link, p.at, packet_room(&p), mac, &p.length, e);
    if (code || p.length == 0 || ip_read(p.at, p.length, IP_READ_CUT, &ip) != IP_FINE ||
        ip.family != FAMILY_IPV6 || !icmp_limit_allows(&s->told, clock_milliseconds()) ||
        address6_own(ip.destination))
        return code;
    if (icmp_error(&p, &ip, own, UNREACHABLE, FAILED_POLICY, 0) &&
        link_send(&s->link, mac, p.at, p.length))
        *ret_told = ip.source;
    return 0;
}
