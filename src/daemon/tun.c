// SPDX-License-Identifier: Apache-2.0
//
// TUN with offloads: before each packet stands a header of virtio (1.1, 5.1.6) that says what the
// sender left to the device. The kernel hands over whole TCP bursts that way, and takes them.

#include "daemon/daemon.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef TUN_F_USO4 // of Linux 6.2
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif
#define OFFLOADS (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)

static int set_up(int fd, const char *name, bool offload, struct err *e)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
    int size = sizeof(struct virtio_net_hdr);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(fd, TUNSETIFF, &request) < 0)
        return err_system(e, "cannot make the device %s", name);
    if (ioctl(fd, TUNSETVNETHDRSZ, &size) < 0 ||
        ioctl(fd, TUNSETOFFLOAD, offload ? OFFLOADS : 0) < 0)
        return err_system(e, "cannot set offloads of the device %s", name);
    return 0;
}

bool tun_cuts_udp(int fd, bool offload)
{
    unsigned usual = offload ? OFFLOADS : 0;
    bool takes = ioctl(fd, TUNSETOFFLOAD, OFFLOADS | TUN_F_USO4 | TUN_F_USO6) == 0;
    return ioctl(fd, TUNSETOFFLOAD, usual) == 0 && takes;
}

int tun_open(const char *name, size_t mtu, bool offload, int *ret, struct err *e)
{
    if (strlen(name) == 0 || strlen(name) > DEVICE_NAME_MAX || strchr(name, '/'))
        return err_set(e, ERR_USAGE, "a device's name has 1 to %d characters without \"/\"",
                       DEVICE_NAME_MAX);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return err_system(e, "cannot open /dev/net/tun");
    int code = set_up(fd, name, offload, e);
    if (!code)
        code = device_up(name, mtu, e);
    if (code) {
        close(fd);
        return code;
    }
    *ret = fd;
    return 0;
}

static_assert(sizeof(struct virtio_net_hdr) == TUN_HEADER, "the header of a packet");

bool tun_packet(uint8_t *buffer, size_t got, struct packet *ret)
{
    struct virtio_net_hdr header;
    packet_init(ret, buffer, TUN_BUFFER);
    if (got <= sizeof header)
        return false;
    memcpy(&header, ret->at - sizeof header, sizeof header);
    ret->length = got - sizeof header;
    ret->partial = header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    ret->segment = header.gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : header.gso_size;
    return true;
}

int tun_read(int fd, uint8_t *buffer, struct packet *ret, bool *ret_got, struct err *e)
{
    packet_init(ret, buffer, TUN_BUFFER);
    ssize_t got = read(fd, ret->at - TUN_HEADER, packet_room(ret) + TUN_HEADER);
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        return err_system(e, "cannot read from the TUN device");
    *ret_got = got > 0 && tun_packet(buffer, (size_t)got, ret);
    return 0;
}

// What the kernel has to do with a packet of several segments.
static uint8_t kind_of(const struct ip *ip)
{
    if (ip->protocol == PROTOCOL_UDP)
        return VIRTIO_NET_HDR_GSO_UDP_L4;
    return ip->family == FAMILY_IPV6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
}

// What the checksum is of: the packet, or the one inside it.
static bool read_inmost(const struct packet *p, struct ip *ret)
{
    if (ip_read(p->at, p->length, 0, ret) != IP_FINE)
        return false;
    const size_t outer = ret->upper;
    if (ret->protocol != PROTOCOL_IPV4 && ret->protocol != PROTOCOL_IPV6)
        return true;
    if (ip_read(p->at + outer, p->length - outer, 0, ret) != IP_FINE)
        return false;
    ret->upper += outer;
    return true;
}

static bool describe(const struct packet *p, struct virtio_net_hdr *ret)
{
    struct ip ip;
    if (!read_inmost(p, &ip))
        return false;
    ret->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    ret->csum_start = (uint16_t)ip.upper;
    ret->csum_offset = (uint16_t)checksum_offset(ip.protocol);
    bool tcp = ip.protocol == PROTOCOL_TCP && p->length > ip.upper + 20;
    if (!p->segment || (!tcp && ip.protocol != PROTOCOL_UDP))
        return true;
    size_t head = ip.upper + (tcp ? (size_t)(p->at[ip.upper + 12] >> 4) * 4 : 8);
    if (p->length > head + p->segment) {
        ret->gso_type = kind_of(&ip);
        ret->gso_size = p->segment;
    }
    ret->hdr_len = (uint16_t)head;
    return true;
}

bool tun_write(int fd, struct packet *p)
{
    struct virtio_net_hdr header = {.gso_type = VIRTIO_NET_HDR_GSO_NONE};
    if (p->partial && !describe(p, &header))
        return false;
    struct iovec parts[] = {{&header, sizeof header}, {p->at, p->length}};
    return writev(fd, parts, 2) == (ssize_t)(sizeof header + p->length);
}
