// SPDX-License-Identifier: Apache-2.0
//
// Many packets at the price of one call.

#include "daemon/bursts.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROW         32
#define QUEUE_BYTES (2 << 20) // some 500 packets of 1,500 bytes, as many as wait in a TUN device

struct raw {
    int fd;
    struct bursts *bursts; // NULL: nothing is known of them
    struct packet packets[ROW];
    uint8_t *buffers; // one for each
};

static int open_socket(uint8_t protocol, struct err *e)
{
    const int queue = QUEUE_BYTES;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return err_system(e, "cannot open a raw socket for protocol %u", protocol);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof queue);
    return fd;
}

int raw_open(uint8_t protocol, struct raw **ret, struct err *e)
{
    struct raw *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->buffers = calloc(ROW, TUN_BUFFER);
    r->fd = r->buffers ? open_socket(protocol, e) : err_memory(e);
    if (r->fd < 0) {
        int code = r->fd;
        raw_close(&r);
        return code;
    }
    r->bursts = bursts_watch(r->fd);
    *ret = r;
    return 0;
}

void raw_close(struct raw **r)
{
    if (!*r)
        return;
    if ((*r)->fd >= 0)
        close((*r)->fd);
    bursts_free(&(*r)->bursts);
    free((*r)->buffers);
    free(*r);
    *r = NULL;
}

int raw_fd(const struct raw *r)
{
    return r->fd;
}

// The checksum of several segments is left to the device that cuts them.
static void take(const struct raw *r, struct packet *p, size_t length)
{
    p->length = length;
    if (r->bursts && length >= IPV4_HEADER)
        p->segment = bursts_segment(r->bursts, p->at);
    p->partial = p->segment > 0;
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
        take(r, r->packets + i, messages[i].msg_len);
    *ret = r->packets;
    *ret_count = got > 0 ? (size_t)got : 0;
    *ret_more = got == ROW;
    return 0;
}
