// SPDX-License-Identifier: Apache-2.0
//
// One netlink message, and the switch of the device.

#include "daemon/proxy.h"

#include "packet/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
    struct nlmsghdr header;
    struct ndmsg neighbour;
    struct rtattr attribute;
    uint8_t address[16];
};

struct reply {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[256];
};

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

static int ask(const struct request *r)
{
    struct reply reply = {0};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -1;
    ssize_t got = send(fd, r, sizeof *r, 0) < 0 ? -1 : recv(fd, &reply, sizeof reply, 0);
    close(fd);
    if (got < (ssize_t)offsetof(struct reply, rest))
        return -1;
    errno = -reply.error.error;
    return reply.error.error == 0 || errno == EEXIST ? 0 : -1;
}

int neighbour_proxy(const char *device, u128 address, struct err *e)
{
    struct request r = {
        .header = {.nlmsg_len = sizeof r,
                   .nlmsg_type = RTM_NEWNEIGH,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE},
        .neighbour = {.ndm_family = AF_INET6,
                      .ndm_ifindex = (int)if_nametoindex(device),
                      .ndm_flags = NTF_PROXY},
        .attribute = {.rta_len = sizeof r.attribute + sizeof r.address, .rta_type = NDA_DST}};
    char text[ADDRESS_TEXT_MAX];
    store128(r.address, address);
    if (switch_on(device) < 0 || ask(&r) < 0)
        return err_system(e, "cannot answer for %s on %s",
                          address_format(FAMILY_IPV6, address, text), device);
    return 0;
}
