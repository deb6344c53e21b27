// SPDX-License-Identifier: Apache-2.0

#include "daemon/datagram.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

bool datagram_tell_destination(int socket)
{
    const int on = 1;
    return setsockopt(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) == 0;
}

static u128 destination_of(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            return load128(info.ipi6_addr.s6_addr);
        }
    return 0;
}

size_t datagram_receive(int socket, uint8_t *at, size_t room, u128 *ret_from, u128 *ret_to)
{
    struct sockaddr_in6 from = {0};
    struct iovec part = {at, room};
    _Alignas(struct cmsghdr) uint8_t control[128];
    struct msghdr m = {.msg_name = &from,
                       .msg_namelen = sizeof from,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t got = recvmsg(socket, &m, MSG_DONTWAIT);
    if (got <= 0 || m.msg_flags & MSG_TRUNC)
        return 0;
    *ret_from = load128(from.sin6_addr.s6_addr);
    *ret_to = destination_of(&m);
    return (size_t)got;
}
