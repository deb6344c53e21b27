// SPDX-License-Identifier: Apache-2.0
//
// A device's state, addresses and routes, by ioctl: enough for a device of one's own.

#include "daemon/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct in6_ifreq {
    struct in6_addr ifr6_addr;
    uint32_t ifr6_prefixlen;
    int ifr6_ifindex;
};

bool prefix_parse(struct slice s, struct prefix *ret)
{
    struct slice rest = s, address = slice_cut(&rest, '/');
    struct prefix p = {.family = FAMILY_IPV6};
    uint32_t four;
    uint64_t length;
    if (!ipv6_parse(address, &p.address)) {
        if (!ipv4_parse(address, &four))
            return false;
        p.family = FAMILY_IPV4;
        p.address = four;
    }
    length = p.family == FAMILY_IPV6 ? 128 : 32;
    if (rest.at && !slice_u64(rest, length, &length))
        return false;
    p.length = (unsigned)length;
    *ret = p;
    return true;
}

// The request is made on a socket of its family, which any namespace has.
static int request(int family, unsigned long what, void *argument)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int result = ioctl(fd, what, argument), why = errno;
    close(fd);
    errno = why;
    return result;
}

static struct ifreq named(const char *name)
{
    struct ifreq r = {0};
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    return r;
}

int device_up(const char *name, size_t mtu, struct err *e)
{
    struct ifreq r = named(name);
    r.ifr_mtu = (int)mtu;
    if (request(AF_INET, SIOCSIFMTU, &r) < 0)
        return err_system(e, "cannot set the MTU of %s to %zu", name, mtu);
    r = named(name);
    if (request(AF_INET, SIOCGIFFLAGS, &r) < 0)
        return err_system(e, "cannot look at %s", name);
    r.ifr_flags |= IFF_UP;
    if (request(AF_INET, SIOCSIFFLAGS, &r) < 0)
        return err_system(e, "cannot bring up %s", name);
    return 0;
}

static struct sockaddr to_sockaddr(u128 address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl((uint32_t)address)}};
    struct sockaddr plain;
    memcpy(&plain, &in, sizeof plain);
    return plain;
}

static uint32_t mask_of(unsigned length)
{
    return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

static int address_4(const char *name, const struct prefix *p)
{
    struct ifreq r = named(name);
    r.ifr_addr = to_sockaddr(p->address);
    if (request(AF_INET, SIOCSIFADDR, &r) < 0)
        return -1;
    r.ifr_netmask = to_sockaddr(mask_of(p->length));
    return request(AF_INET, SIOCSIFNETMASK, &r);
}

int device_address(const char *name, const struct prefix *p, struct err *e)
{
    struct in6_ifreq six = {.ifr6_prefixlen = p->length, .ifr6_ifindex = (int)if_nametoindex(name)};
    store128(six.ifr6_addr.s6_addr, p->address);
    char text[ADDRESS_TEXT_MAX];
    int result =
        p->family == FAMILY_IPV6 ? request(AF_INET6, SIOCSIFADDR, &six) : address_4(name, p);
    if (result < 0 && errno != EEXIST)
        return err_system(e, "cannot give %s/%u to %s", address_format(p->family, p->address, text),
                          p->length, name);
    return 0;
}

int device_address_remove(const char *name, const struct prefix *p, struct err *e)
{
    struct in6_ifreq six = {.ifr6_prefixlen = p->length, .ifr6_ifindex = (int)if_nametoindex(name)};
    char text[ADDRESS_TEXT_MAX];
    store128(six.ifr6_addr.s6_addr, p->address);
    if (p->family != FAMILY_IPV6 || request(AF_INET6, SIOCDIFADDR, &six) < 0)
        return err_system(e, "cannot take %s from %s", address_format(p->family, p->address, text),
                          name);
    return 0;
}

static int route_6(const char *name, const struct prefix *p)
{
    struct in6_rtmsg route = {.rtmsg_dst_len = (uint16_t)p->length,
                              .rtmsg_metric = 1,
                              .rtmsg_flags = RTF_UP,
                              .rtmsg_ifindex = (int)if_nametoindex(name)};
    store128(route.rtmsg_dst.s6_addr, p->address);
    return request(AF_INET6, SIOCADDRT, &route);
}

static int route_4(const char *name, const struct prefix *p)
{
    char device[IFNAMSIZ];
    snprintf(device, sizeof device, "%s", name);
    struct rtentry route = {.rt_dst = to_sockaddr(p->address & mask_of(p->length)),
                            .rt_genmask = to_sockaddr(mask_of(p->length)),
                            .rt_flags = RTF_UP,
                            .rt_dev = device};
    return request(AF_INET, SIOCADDRT, &route);
}

int device_route(const char *name, const struct prefix *p, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    int result = p->family == FAMILY_IPV6 ? route_6(name, p) : route_4(name, p);
    if (result < 0 && errno != EEXIST)
        return err_system(e, "cannot route %s/%u to %s",
                          address_format(p->family, p->address, text), p->length, name);
    return 0;
}

int device_default4(const char *name, uint32_t router, struct err *e)
{
    char device[IFNAMSIZ], text[ADDRESS_TEXT_MAX];
    snprintf(device, sizeof device, "%s", name);
    struct rtentry route = {.rt_dst = to_sockaddr(0),
                            .rt_genmask = to_sockaddr(0),
                            .rt_gateway = to_sockaddr(router),
                            .rt_flags = RTF_UP | RTF_GATEWAY,
                            .rt_dev = device};
    if (request(AF_INET, SIOCADDRT, &route) < 0 && errno != EEXIST)
        return err_system(e, "cannot route through %s", address_format(FAMILY_IPV4, router, text));
    return 0;
}

int device_clear4(const char *name, struct err *e)
{
    struct ifreq r = named(name);
    r.ifr_addr = to_sockaddr(0);
    return request(AF_INET, SIOCSIFADDR, &r) == 0 ? 0 : err_system(e, "cannot clear %s", name);
}

bool device_running(const char *name)
{
    struct ifreq r = named(name);
    return request(AF_INET, SIOCGIFFLAGS, &r) == 0 && r.ifr_flags & IFF_UP &&
           r.ifr_flags & IFF_RUNNING;
}
