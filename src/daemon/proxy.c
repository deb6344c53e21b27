// SPDX-License-Identifier: Apache-2.0
//
// One netlink message, and the switch of the device.

#include "daemon/proxy.h"

#include "daemon/rtnetlink.h"
#include "packet/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int write_setting(const char *format, const char *device, const char *value)
{
    char path[80];
    snprintf(path, sizeof path, format, device);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t written = write(fd, value, 1);
    close(fd);
    return written == 1 ? 0 : -1;
}

// At once: the random delay is for several proxies of one address.
static int switch_on(const char *device)
{
    if (write_setting("/proc/sys/net/ipv6/neigh/%s/proxy_delay", device, "0") < 0)
        return -1;
    return write_setting("/proc/sys/net/ipv6/conf/%s/proxy_ndp", device, "1");
}

static int ask(const char *device, u128 address)
{
    struct rtnetlink_request r = rtnetlink_begin(RTM_NEWNEIGH, NLM_F_CREATE, sizeof r.neighbour);
    uint8_t bytes[16];
    r.neighbour = (struct ndmsg){
        .ndm_family = AF_INET6, .ndm_ifindex = (int)if_nametoindex(device), .ndm_flags = NTF_PROXY};
    store128(bytes, address);
    rtnetlink_add(&r, NDA_DST, bytes, sizeof bytes);
    return rtnetlink_ask(&r) == 0 || errno == EEXIST ? 0 : -1;
}

int neighbour_proxy(const char *device, u128 address, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    if (switch_on(device) < 0 || ask(device, address) < 0)
        return err_system(e, "cannot answer for %s on %s",
                          address_format(FAMILY_IPV6, address, text), device);
    return 0;
}
