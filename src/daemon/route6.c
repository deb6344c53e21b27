// SPDX-License-Identifier: Apache-2.0

#include "daemon/route6.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "packet/packet.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUTES_FILE_MAX  (1u << 20)
#define SETTING_MAX      16
#define METRIC           1024
#define METRIC_OF_KERNEL 256   // IP6_RT_PRIO_ADDRCONF
#define ROUTE_REJECTS    0x200 // RTF_REJECT
#define RULE_OF_MAIN     32766

struct request {
    struct nlmsghdr header;
    union {
        struct ifaddrmsg address;
        struct rtmsg route;
        struct fib_rule_hdr rule;
    };
    uint8_t attributes[128];
};

struct reply {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[256];
};

static void add(struct request *r, unsigned short type, const void *bytes, size_t length)
{
    uint8_t *at = (uint8_t *)r + NLMSG_ALIGN(r->header.nlmsg_len);
    const struct rtattr head = {(unsigned short)RTA_LENGTH(length), type};
    memcpy(at, &head, sizeof head);
    memcpy(at + RTA_LENGTH(0), bytes, length);
    r->header.nlmsg_len =
        NLMSG_ALIGN(r->header.nlmsg_len) + (uint32_t)RTA_ALIGN(RTA_LENGTH(length));
}

static int ask(const struct request *r)
{
    struct reply reply = {0};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -1;
    ssize_t got = send(fd, r, r->header.nlmsg_len, 0) < 0 ? -1 : recv(fd, &reply, sizeof reply, 0);
    close(fd);
    if (got < (ssize_t)offsetof(struct reply, rest))
        return -1;
    errno = -reply.error.error;
    return reply.error.error == 0 ? 0 : -1;
}

static struct request begin(uint16_t type, uint16_t flags, size_t body)
{
    return (struct request){.header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(body),
                                       .nlmsg_type = type,
                                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags}};
}

static struct request about_address(uint16_t type, uint16_t flags, const char *device, u128 address,
                                    unsigned length)
{
    struct request r = begin(type, flags, sizeof r.address);
    uint8_t bytes[16];
    r.address = (struct ifaddrmsg){.ifa_family = AF_INET6,
                                   .ifa_prefixlen = (uint8_t)length,
                                   .ifa_index = if_nametoindex(device)};
    store128(bytes, address);
    add(&r, IFA_LOCAL, bytes, sizeof bytes);
    return r;
}

int address6_set(const char *device, u128 address, unsigned length, uint32_t preferred,
                 uint32_t valid, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    const struct ifa_cacheinfo times = {.ifa_prefered = preferred, .ifa_valid = valid};
    struct request r =
        about_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, device, address, length);
    add(&r, IFA_CACHEINFO, &times, sizeof times);
    if (ask(&r) < 0)
        return err_system(e, "cannot give %s/%u to %s", address_format(FAMILY_IPV6, address, text),
                          length, device);
    return 0;
}

static struct request about_route(uint16_t type, uint16_t flags, u128 prefix, unsigned length,
                                  uint32_t metric)
{
    struct request r = begin(type, flags, sizeof r.route);
    uint8_t bytes[16];
    r.route = (struct rtmsg){.rtm_family = AF_INET6,
                             .rtm_dst_len = (uint8_t)length,
                             .rtm_table = RT_TABLE_MAIN,
                             .rtm_protocol = RTPROT_DHCP,
                             .rtm_scope = RT_SCOPE_UNIVERSE,
                             .rtm_type = RTN_UNREACHABLE};
    store128(bytes, prefix);
    add(&r, RTA_DST, bytes, sizeof bytes);
    add(&r, RTA_PRIORITY, &metric, sizeof metric);
    return r;
}

// The kernel leaves the route of an address that would have ended to its time.
static void remove_connected(const char *device, u128 prefix, unsigned length)
{
    const uint32_t index = if_nametoindex(device);
    struct request r = about_route(RTM_DELROUTE, 0, prefix, length, METRIC_OF_KERNEL);
    r.route.rtm_protocol = RTPROT_KERNEL;
    r.route.rtm_type = RTN_UNICAST;
    add(&r, RTA_OIF, &index, sizeof index);
    (void)ask(&r);
}

void address6_remove(const char *device, u128 address, unsigned length)
{
    const struct request r = about_address(RTM_DELADDR, 0, device, address, length);
    (void)ask(&r);
    remove_connected(device, length ? address & U128_MAX << (128 - length) : 0, length);
}

int unreachable6_set(u128 prefix, unsigned length, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    const struct request r =
        about_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, prefix, length, METRIC);
    if (ask(&r) < 0)
        return err_system(e, "cannot make %s/%u unreachable",
                          address_format(FAMILY_IPV6, prefix, text), length);
    return 0;
}

void unreachable6_remove(u128 prefix, unsigned length)
{
    const struct request r = about_route(RTM_DELROUTE, 0, prefix, length, METRIC);
    (void)ask(&r);
}

// ---- rules

static struct request about_rule(uint16_t type, uint16_t flags, const char *device,
                                 uint32_t priority)
{
    struct request r = begin(type, flags, sizeof r.rule);
    r.rule.family = AF_INET6;
    add(&r, FRA_IIFNAME, device, strlen(device) + 1);
    add(&r, FRA_PRIORITY, &priority, sizeof priority);
    return r;
}

static uint8_t add_prefix(struct request *r, unsigned short type, const struct prefix *p)
{
    uint8_t bytes[16];
    if (!p || p->length == 0)
        return 0;
    store128(bytes, p->address);
    add(r, type, bytes, sizeof bytes);
    return (uint8_t)p->length;
}

int rule6_add(const char *device, uint32_t priority, const struct prefix *from,
              const struct prefix *to, bool pass, struct err *e)
{
    const uint32_t main_table = RULE_OF_MAIN;
    struct request r = about_rule(RTM_NEWRULE, NLM_F_CREATE, device, priority);
    r.rule.action = pass ? FR_ACT_GOTO : FR_ACT_BLACKHOLE;
    r.rule.src_len = add_prefix(&r, FRA_SRC, from);
    r.rule.dst_len = add_prefix(&r, FRA_DST, to);
    if (pass)
        add(&r, FRA_GOTO, &main_table, sizeof main_table);
    if (ask(&r) < 0)
        return err_system(e, "cannot choose sources on %s", device);
    return 0;
}

void rules6_remove(const char *device, uint32_t priority)
{
    const struct request r = about_rule(RTM_DELRULE, 0, device, priority);
    while (ask(&r) == 0)
        ;
}

// ---- how it is

static struct slice next_word(struct slice *line)
{
    *line = slice_trim(*line);
    return slice_cut(line, ' ');
}

// "000...0 00 000...0 00 NEXTHOP METRIC REFERENCES USE FLAGS     wan0"
static bool leads_out(struct slice line, const char *device)
{
    char flags[16] = {0};
    struct slice to = next_word(&line), length = next_word(&line);
    for (int i = 0; i < 6; i++)
        (void)next_word(&line);
    struct slice word = next_word(&line);
    if (word.length >= sizeof flags || !slice_is(length, "00") ||
        !slice_is(slice_trim(line), device))
        return false;
    for (size_t i = 0; i < to.length; i++)
        if (to.at[i] != '0')
            return false;
    memcpy(flags, word.at, word.length);
    return (strtoul(flags, NULL, 16) & ROUTE_REJECTS) == 0;
}

bool default6_there(const char *device)
{
    struct buffer text = {0};
    bool found = false;
    if (file_read("/proc/self/net/ipv6_route", ROUTES_FILE_MAX, &text, NULL) == 0) {
        struct slice rest = {text.at, text.length};
        while (rest.at && !found)
            found = leads_out(slice_cut(&rest, '\n'), device);
    }
    buffer_done(&text);
    return found;
}

bool address6_own(u128 address)
{
    struct buffer text = {0};
    char digits[33];
    bool found = false;
    for (int i = 0; i < 32; i++)
        digits[i] = "0123456789abcdef"[(unsigned)(address >> (124 - 4 * i)) & 15];
    digits[32] = '\0';
    if (file_read("/proc/self/net/if_inet6", ROUTES_FILE_MAX, &text, NULL) == 0) {
        struct slice rest = {text.at, text.length};
        while (rest.at && !found) {
            struct slice line = slice_cut(&rest, '\n');
            found = slice_is(next_word(&line), digits);
        }
    }
    buffer_done(&text);
    return found;
}

bool forwards6(void)
{
    struct buffer text = {0};
    bool on = file_read("/proc/sys/net/ipv6/conf/all/forwarding", SETTING_MAX, &text, NULL) == 0 &&
              text.length > 0 && text.at[0] != '0';
    buffer_done(&text);
    return on;
}
