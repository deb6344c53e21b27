// SPDX-License-Identifier: Apache-2.0
//
// A device that borrows an address of its node (an unnumbered one, RFC 1812, 2.2.7): what comes
// from it with that address as its source is sent on as if the node itself had sent it. The kernel
// would take such packets for forged ones, so three settings of the device say otherwise, and none
// of the node's are touched.

#include "daemon/daemon.h"
#include "daemon/rtnetlink.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/ip.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define LOOSE 2 // RFC 3704, 2.4: it outweighs the strict check that a node may have for all

static void add_setting(struct rtnetlink_request *r, unsigned short which, uint32_t value)
{
    rtnetlink_add(r, which, &value, sizeof value);
}

static bool has_address4(const struct ifaddrs *i, uint32_t address)
{
    struct sockaddr_in at;
    if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
        return false;
    memcpy(&at, i->ifa_addr, sizeof at);
    return ntohl(at.sin_addr.s_addr) == address;
}

static bool is_of_node(uint32_t address)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) < 0)
        return false;
    const struct ifaddrs *i = all;
    while (i && !has_address4(i, address))
        i = i->ifa_next;
    freeifaddrs(all);
    return i != NULL;
}

static int let_send(const char *name, struct err *e)
{
    struct rtnetlink_request r = rtnetlink_begin(RTM_NEWLINK, 0, sizeof r.link);
    r.link = (struct ifinfomsg){.ifi_index = (int)if_nametoindex(name)};
    struct rtattr *families = rtnetlink_open(&r, IFLA_AF_SPEC);
    struct rtattr *four = rtnetlink_open(&r, AF_INET);
    struct rtattr *settings = rtnetlink_open(&r, IFLA_INET_CONF);
    add_setting(&r, IPV4_DEVCONF_ACCEPT_LOCAL, 1);
    add_setting(&r, IPV4_DEVCONF_FORWARDING, 1);
    add_setting(&r, IPV4_DEVCONF_RP_FILTER, LOOSE);
    rtnetlink_close(&r, settings);
    rtnetlink_close(&r, four);
    rtnetlink_close(&r, families);
    return rtnetlink_ask(&r) < 0 ? err_system(e, "cannot let %s send for the node", name) : 0;
}

// An address of somebody else would be answered for on every line of the node.
int device_borrow4(const char *name, uint32_t address, struct err *e)
{
    const struct prefix own = {FAMILY_IPV4, address, 32};
    char text[ADDRESS_TEXT_MAX];
    if (!is_of_node(address))
        return err_set(e, ERR_USAGE, "%s is no address of this node",
                       address_format(FAMILY_IPV4, address, text));
    int code = let_send(name, e);
    return code ? code : device_address(name, &own, e);
}
