// SPDX-License-Identifier: Apache-2.0
//
// Packet sockets that leave the header of the link to the kernel.

#include "daemon/daemon.h"

#include "base/buffer.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES_FILE_MAX ((size_t)4 << 20)
#define TENTATIVE          0x40 // IFA_F_TENTATIVE
#define DAD_FAILED         0x08

static int set_up(struct link *l, const char *name, struct err *e)
{
    const struct sockaddr_ll at = {
        .sll_family = AF_PACKET, .sll_protocol = htons(l->ethertype), .sll_ifindex = l->index};
    struct ifreq request = {0};
    int one = 1;
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(l->fd, SIOCGIFHWADDR, &request) < 0 ||
        setsockopt(l->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) < 0 ||
        bind(l->fd, (const struct sockaddr *)&at, sizeof at) < 0)
        return err_system(e, "cannot use %s", name);
    memcpy(l->mac, request.ifr_hwaddr.sa_data, sizeof l->mac);
    return 0;
}

int link_open(const char *name, uint16_t ethertype, struct link *ret, struct err *e)
{
    struct link l = {.index = (int)if_nametoindex(name), .ethertype = ethertype};
    if (l.index == 0)
        return err_set(e, ERR_NOT_FOUND, "there is no interface %s", name);
    l.fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l.fd < 0)
        return err_system(e, "cannot see packets of %s", name);
    int code = set_up(&l, name, e);
    if (code)
        link_close(&l);
    else
        *ret = l;
    return code;
}

void link_close(struct link *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}

int link_receive(const struct link *l, uint8_t *at, size_t room, uint8_t from[6],
                 size_t *ret_length, struct err *e)
{
    struct sockaddr_ll who = {0};
    socklen_t size = sizeof who;
    ssize_t got = recvfrom(l->fd, at, room, 0, (struct sockaddr *)&who, &size);
    if (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
        return err_system(e, "cannot receive packets");
    if (from)
        memcpy(from, who.sll_addr, 6);
    *ret_length = got < 0 ? 0 : (size_t)got;
    return 0;
}

bool link_send(const struct link *l, const uint8_t to[6], const uint8_t *at, size_t length)
{
    struct sockaddr_ll where = {.sll_family = AF_PACKET,
                                .sll_protocol = htons(l->ethertype),
                                .sll_ifindex = l->index,
                                .sll_halen = 6};
    if (to)
        memcpy(where.sll_addr, to, 6);
    else
        memset(where.sll_addr, 0xff, 6);
    return sendto(l->fd, at, length, 0, (const struct sockaddr *)&where, sizeof where) ==
           (ssize_t)length;
}

static struct slice next_word(struct slice *line)
{
    *line = slice_trim(*line);
    return slice_cut(line, ' ');
}

static bool hex_number(struct slice s, u128 *ret)
{
    u128 value = 0;
    for (size_t i = 0; i < s.length; i++) {
        const char *digits = "0123456789abcdef", *found = memchr(digits, s.at[i], 16);
        if (!found)
            return false;
        value = value << 4 | (u128)(found - digits);
    }
    *ret = value;
    return s.length > 0;
}

// "fe80...0001 02 40 20 80     eth0": address, index, length, scope, flags, name.
static bool usable_link_local(struct slice line, const char *name, u128 *ret)
{
    u128 address, number = 0;
    if (!hex_number(next_word(&line), &address))
        return false;
    for (unsigned i = 0; i < 4; i++)
        if (!hex_number(next_word(&line), &number))
            return false;
    if (!slice_is(slice_trim(line), name) || !is_link_local(address) ||
        number & (TENTATIVE | DAD_FAILED))
        return false;
    *ret = address;
    return true;
}

bool link_local_address(const char *name, u128 *ret)
{
    struct buffer text = {0};
    bool found = false;
    if (file_read("/proc/self/net/if_inet6", ADDRESSES_FILE_MAX, &text, NULL) == 0) {
        struct slice rest = {text.at, text.length};
        while (rest.at && !found)
            found = usable_link_local(slice_cut(&rest, '\n'), name, ret);
    }
    buffer_done(&text);
    return found;
}
