// SPDX-License-Identifier: Apache-2.0

#include "daemon/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int raw_open(uint8_t protocol, int *ret, struct err *e)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return err_system(e, "cannot open a raw socket for protocol %u", protocol);
    if (setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof on) < 0) {
        close(fd);
        return err_system(e, "cannot write headers on a raw socket");
    }
    *ret = fd;
    return 0;
}

int raw_read(int fd, uint8_t *buffer, struct packet *ret, bool *ret_got, struct err *e)
{
    packet_init(ret, buffer, TUN_BUFFER);
    ssize_t got = recv(fd, ret->at, packet_room(ret), 0);
    *ret_got = got > 0;
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        return err_system(e, "cannot read from a raw socket");
    ret->length = *ret_got ? (size_t)got : 0;
    return 0;
}

bool raw_write(int fd, const struct packet *p)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (p->length < IPV4_HEADER)
        return false;
    to.sin_addr.s_addr = htonl(load32(p->at + 16));
    return sendto(fd, p->at, p->length, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)p->length;
}
