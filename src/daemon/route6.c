// SPDX-License-Identifier: Apache-2.0

#include "daemon/route6.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "daemon/rtnetlink.h"
#include "packet/packet.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ROUTES_FILE_MAX  (1u << 20)
#define SETTING_MAX      16
#define METRIC           1024
#define METRIC_OF_KERNEL 256   // IP6_RT_PRIO_ADDRCONF
#define ROUTE_REJECTS    0x200 // RTF_REJECT
#define RULE_OF_MAIN     32766

static struct rtnetlink_request about_address(uint16_t type, uint16_t flags, const char *device,
                                              u128 address, unsigned length)
{
    struct rtnetlink_request r = rtnetlink_begin(type, flags, sizeof r.address);
    uint8_t bytes[16];
    r.address = (struct ifaddrmsg){.ifa_family = AF_INET6,
                                   .ifa_prefixlen = (uint8_t)length,
                                   .ifa_index = if_nametoindex(device)};
    store128(bytes, address);
    rtnetlink_add(&r, IFA_LOCAL, bytes, sizeof bytes);
    return r;
}

int address6_set(const char *device, u128 address, unsigned length, uint32_t preferred,
                 uint32_t valid, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    const struct ifa_cacheinfo times = {.ifa_prefered = preferred, .ifa_valid = valid};
    struct rtnetlink_request r =
        about_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, device, address, length);
    rtnetlink_add(&r, IFA_CACHEINFO, &times, sizeof times);
    if (rtnetlink_ask(&r) < 0)
        return err_system(e, "cannot give %s/%u to %s", address_format(FAMILY_IPV6, address, text),
                          length, device);
    return 0;
}

static struct rtnetlink_request about_route(uint16_t type, uint16_t flags, u128 prefix,
                                            unsigned length, uint32_t metric)
{
    struct rtnetlink_request r = rtnetlink_begin(type, flags, sizeof r.route);
    uint8_t bytes[16];
    r.route = (struct rtmsg){.rtm_family = AF_INET6,
                             .rtm_dst_len = (uint8_t)length,
                             .rtm_table = RT_TABLE_MAIN,
                             .rtm_protocol = RTPROT_DHCP,
                             .rtm_scope = RT_SCOPE_UNIVERSE,
                             .rtm_type = RTN_UNREACHABLE};
    store128(bytes, prefix);
    rtnetlink_add(&r, RTA_DST, bytes, sizeof bytes);
    rtnetlink_add(&r, RTA_PRIORITY, &metric, sizeof metric);
    return r;
}

// The kernel leaves the route of an address that would have ended to its time.
static void remove_connected(const char *device, u128 prefix, unsigned length)
{
    const uint32_t index = if_nametoindex(device);
    struct rtnetlink_request r = about_route(RTM_DELROUTE, 0, prefix, length, METRIC_OF_KERNEL);
    r.route.rtm_protocol = RTPROT_KERNEL;
    r.route.rtm_type = RTN_UNICAST;
    rtnetlink_add(&r, RTA_OIF, &index, sizeof index);
    (void)rtnetlink_ask(&r);
}

void address6_remove(const char *device, u128 address, unsigned length)
{
    const struct rtnetlink_request r = about_address(RTM_DELADDR, 0, device, address, length);
    (void)rtnetlink_ask(&r);
    remove_connected(device, length ? address & U128_MAX << (128 - length) : 0, length);
}

int unreachable6_set(u128 prefix, unsigned length, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    const struct rtnetlink_request r =
        about_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, prefix, length, METRIC);
    if (rtnetlink_ask(&r) < 0)
        return err_system(e, "cannot make %s/%u unreachable",
                          address_format(FAMILY_IPV6, prefix, text), length);
    return 0;
}

void unreachable6_remove(u128 prefix, unsigned length)
{
    const struct rtnetlink_request r = about_route(RTM_DELROUTE, 0, prefix, length, METRIC);
    (void)rtnetlink_ask(&r);
}

// ---- rules

static struct rtnetlink_request about_rule(uint16_t type, uint16_t flags, const char *device,
                                           uint32_t priority)
{
    struct rtnetlink_request r = rtnetlink_begin(type, flags, sizeof r.rule);
    r.rule.family = AF_INET6;
    rtnetlink_add(&r, FRA_IIFNAME, device, strlen(device) + 1);
    rtnetlink_add(&r, FRA_PRIORITY, &priority, sizeof priority);
    return r;
}

static uint8_t add_prefix(struct rtnetlink_request *r, unsigned short type, const struct prefix *p)
{
    uint8_t bytes[16];
    if (!p || p->length == 0)
        return 0;
    store128(bytes, p->address);
    rtnetlink_add(r, type, bytes, sizeof bytes);
    return (uint8_t)p->length;
}

int rule6_add(const char *device, uint32_t priority, const struct prefix *from,
              const struct prefix *to, bool pass, struct err *e)
{
    const uint32_t main_table = RULE_OF_MAIN;
    struct rtnetlink_request r = about_rule(RTM_NEWRULE, NLM_F_CREATE, device, priority);
    r.rule.action = pass ? FR_ACT_GOTO : FR_ACT_BLACKHOLE;
    r.rule.src_len = add_prefix(&r, FRA_SRC, from);
    r.rule.dst_len = add_prefix(&r, FRA_DST, to);
    if (pass)
        rtnetlink_add(&r, FRA_GOTO, &main_table, sizeof main_table);
    if (rtnetlink_ask(&r) < 0)
        return err_system(e, "cannot choose sources on %s", device);
    return 0;
}

void rules6_remove(const char *device, uint32_t priority)
{
    const struct rtnetlink_request r = about_rule(RTM_DELRULE, 0, device, priority);
    while (rtnetlink_ask(&r) == 0)
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
