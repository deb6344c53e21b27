// SPDX-License-Identifier: Apache-2.0
//
// A device that borrows an address of its node (an unnumbered one, RFC 1812, 2.2.7): what comes
// from it with that address as its source is sent on as if the node itself had sent it. The kernel
// would take such packets for forged ones, so three settings of the device say otherwise, and none
// of the node's are touched.

#include "daemon/daemon.h"
#include "daemon/rtnetlink.h"

#include <linux/ip.h>
#include <net/if.h>
#include <sys/socket.h>

#define LOOSE 2 // RFC 3704, 2.4: it outweighs the strict check that a node may have for all

static void add_setting(struct rtnetlink_request *r, unsigned short which, uint32_t value)
{
    rtnetlink_add(r, which, &value, sizeof value);
}

int device_borrow4(const char *name, uint32_t address, struct err *e)
{
    const struct prefix own = {FAMILY_IPV4, address, 32};
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
    if (rtnetlink_ask(&r) < 0)
        return err_system(e, "cannot let %s send for the node", name);
    return device_address(name, &own, e);
}
