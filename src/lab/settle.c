// SPDX-License-Identifier: Apache-2.0

#include "lab/settle.h"

#include "lab/netlink.h"

#include <ifaddrs.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <netpacket/packet.h>
#include <unistd.h>

struct unsettled {
    const struct ifaddrs *all;
    unsigned count;
};

static bool has_carrier(const struct ifaddrs *all, unsigned index)
{
    for (const struct ifaddrs *a = all; a; a = a->ifa_next)
        if (a->ifa_addr && a->ifa_addr->sa_family == AF_PACKET &&
            ((const struct sockaddr_ll *)(const void *)a->ifa_addr)->sll_ifindex == (int)index)
            return a->ifa_flags & IFF_LOWER_UP;
    return false;
}

// Without a carrier an address stays as it is.
static void count_tentative(const struct netlink_address *a, void *arg)
{
    struct unsettled *u = arg;
    u->count += (a->flags & IFA_F_TENTATIVE) && !(a->flags & IFA_F_DADFAILED) &&
                has_carrier(u->all, a->index);
}

// An interface has its carrier before the kernel has told everybody.
static bool is_settled(struct netlink *nl)
{
    struct ifaddrs *all = NULL;
    struct unsettled u = {0};
    if (getifaddrs(&all) != 0)
        return true;
    u.all = all;
    for (const struct ifaddrs *a = all; a; a = a->ifa_next)
        u.count += (a->ifa_flags & IFF_LOWER_UP) && !(a->ifa_flags & IFF_RUNNING);
    netlink_addresses(nl, count_tentative, &u, NULL);
    freeifaddrs(all);
    return u.count == 0;
}

void settle_network(void)
{
    struct netlink *nl = NULL;
    if (netlink_open(&nl, NULL) != 0)
        return;
    for (int ms = 0; ms < SETTLE_MS && !is_settled(nl); ms += 2)
        usleep(2000);
    netlink_close(&nl);
}
