// SPDX-License-Identifier: Apache-2.0
//
// Many packets at the price of one call, both ways.

#include "daemon/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROW         32
#define QUEUE_BYTES (2 << 20) // some 500 packets of 1,500 bytes, as many as wait in a TUN device

struct raw {
    int fd;
    struct packet packets[ROW];
    uint8_t *buffers; // one for each
    size_t waiting;
    size_t lengths[ROW];
    uint8_t (*sent)[RAW_SENT_MAX];
};

static int open_socket(uint8_t protocol, struct err *e)
{
    int on = 1, queue = QUEUE_BYTES;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return err_system(e, "cannot open a raw socket for protocol %u", protocol);
    if (setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof on) < 0) {
        close(fd);
        return err_system(e, "cannot write headers on a raw socket");
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof queue);
    return fd;
}

int raw_open(uint8_t protocol, struct raw **ret, struct err *e)
{
    struct raw *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->buffers = calloc(ROW, TUN_BUFFER);
    r->sent = calloc(ROW, sizeof *r->sent);
    r->fd = r->buffers && r->sent ? open_socket(protocol, e) : err_memory(e);
    if (r->fd < 0) {
        int code = r->fd;
        raw_close(&r);
        return code;
    }
    *ret = r;
    return 0;
}

void raw_close(struct raw **r)
{
    if (!*r)
        return;
    if ((*r)->fd >= 0)
        close((*r)->fd);
    free((*r)->buffers);
    free((*r)->sent);
    free(*r);
    *r = NULL;
}

int raw_fd(const struct raw *r)
{
    return r->fd;
}

int raw_row(struct raw *r, struct packet **ret, size_t *ret_count, bool *ret_more, struct err *e)
{
    struct mmsghdr messages[ROW];
    struct iovec parts[ROW];
    for (size_t i = 0; i < ROW; i++) {
        packet_init(&r->packets[i], r->buffers + i * TUN_BUFFER, TUN_BUFFER);
        parts[i] = (struct iovec){r->packets[i].at, packet_room(&r->packets[i])};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1};
    }
    int got = recvmmsg(r->fd, messages, ROW, 0, NULL);
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        return err_system(e, "cannot read from a raw socket");
    for (int i = 0; i < got; i++)
        r->packets[i].length = messages[i].msg_len;
    *ret = r->packets;
    *ret_count = got > 0 ? (size_t)got : 0;
    *ret_more = got == ROW;
    return 0;
}

size_t raw_flush(struct raw *r)
{
    struct mmsghdr messages[ROW];
    struct iovec parts[ROW];
    struct sockaddr_in to[ROW];
    size_t lost = 0;
    for (size_t i = 0; i < r->waiting; i++) {
        parts[i] = (struct iovec){r->sent[i], r->lengths[i]};
        to[i] = (struct sockaddr_in){.sin_family = AF_INET};
        to[i].sin_addr.s_addr = htonl(load32(r->sent[i] + 16));
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = to + i, .msg_namelen = sizeof to[i], .msg_iov = parts + i, .msg_iovlen = 1};
    }
    // The first that is not taken ends a call; those behind it are tried in the next.
    for (size_t i = 0; i < r->waiting; i++) {
        int taken = sendmmsg(r->fd, messages + i, (unsigned)(r->waiting - i), 0);
        i += taken > 0 ? (size_t)taken : 0;
        lost += i < r->waiting;
    }
    r->waiting = 0;
    return lost;
}

size_t raw_write(struct raw *r, const struct packet *p)
{
    if (p->length < IPV4_HEADER || p->length > RAW_SENT_MAX)
        return 1;
    memcpy(r->sent[r->waiting], p->at, p->length);
    r->lengths[r->waiting++] = p->length;
    return r->waiting == ROW ? raw_flush(r) : 0;
}
