// SPDX-License-Identifier: Apache-2.0

#include "daemon/inform.h"

#include "daemon/datagram.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_up(int fd, const char *device, int index, struct err *e)
{
    const struct sockaddr_in6 own = {.sin6_family = AF_INET6,
                                     .sin6_port = htons(DHCP6_SERVER_PORT)};
    struct ipv6_mreq group = {.ipv6mr_interface = (unsigned)index};
    int on = 1;
    store128(group.ipv6mr_multiaddr.s6_addr, DHCP6_ALL_SERVERS);
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) < 0 ||
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0 ||
        !datagram_tell_destination(fd) ||
        setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group, sizeof group) < 0 ||
        bind(fd, (const struct sockaddr *)&own, sizeof own) < 0)
        return err_system(e, "cannot answer DHCPv6 on %s", device);
    return 0;
}

int inform_open(const char *device, struct inform *ret, struct err *e)
{
    struct inform i = {.index = (int)if_nametoindex(device)};
    i.socket = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (i.socket < 0)
        return err_system(e, "cannot answer DHCPv6 on %s", device);
    int code = set_up(i.socket, device, i.index, e);
    if (code)
        inform_close(&i);
    else
        *ret = i;
    return code;
}

void inform_close(struct inform *i)
{
    if (i->socket >= 0)
        close(i->socket);
    i->socket = -1;
}

bool inform_answer(const struct inform *i, const struct dhcp6 *offered)
{
    uint8_t packet[DHCP6_RECEIVED_MAX];
    struct dhcp6 question, answer;
    u128 from, to_whom;
    size_t length = datagram_receive(i->socket, packet, sizeof packet, &from, &to_whom);
    // RFC 8415, 16: what was not sent to the group is discarded.
    if (length == 0 || to_whom != DHCP6_ALL_SERVERS || !offered || !is_link_local(from) ||
        !dhcp6_read(packet, length, &question) || !dhcp6_inform(&question, offered, &answer))
        return false;
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons(DHCP6_CLIENT_PORT),
                              .sin6_scope_id = (uint32_t)i->index};
    store128(to.sin6_addr.s6_addr, from);
    length = dhcp6_write(&answer, packet);
    return length > 0 && sendto(i->socket, packet, length, 0, (const struct sockaddr *)&to,
                                sizeof to) == (ssize_t)length;
}
