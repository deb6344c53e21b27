// SPDX-License-Identifier: Apache-2.0
//
// Packet sockets on both ends. Before each frame stands a header of virtio (1.1, 5.1.6): bursts
// that an end has not cut, and checksums that it has not made, pass as they are.

#include "daemon/wire.h"

#include "packet/trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define AHEAD        sizeof(struct virtio_net_hdr)
#define TAKEN_MAX    256    // frames of one side before the other has its turn
#define AGAIN_US     50     // until what the kernel did not take is tried again
#define PATIENCE_US  100000 // so long a queue may be full on a loaded machine
#define BUFFER_BYTES (4 << 20)
#define VLAN_AT      (2 * ETH_ALEN) // where the tag of a VLAN stands in a frame
#define VLAN_TAG     4

struct side {
    int socket;        // what comes in here
    struct line *line; // goes out at the other side, behind this
    size_t mtu;
    uint64_t too_big, refused;
    int64_t full_since; // 0: the last frame was taken
};

struct running {
    const struct wire *wire;
    struct side side[2];
    int timer, trace;
    uint8_t in[PACKET_HEADROOM + AHEAD + TRACE_PACKET + VLAN_TAG];
};

static int prepare(int fd, const char *name, int index, struct err *e)
{
    const struct sockaddr_ll at = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    const struct packet_mreq all = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
    int one = 1, size = BUFFER_BYTES;
    if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof at) < 0)
        return err_system(e, "wire at %s", name);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return 0;
}

static int open_side(const char *name, int *ret, struct err *e)
{
    int index = (int)if_nametoindex(name);
    if (index == 0)
        return err_set(e, ERR_NOT_FOUND, "there is no interface %s", name);
    *ret = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return *ret < 0 ? err_system(e, "wire at %s", name) : prepare(*ret, name, index, e);
}

// What stands before the packet of a frame.
static size_t link_header(const uint8_t *frame)
{
    uint16_t type = load16(frame + VLAN_AT);
    return ETH_HLEN + (type == ETH_P_8021Q || type == ETH_P_8021AD ? VLAN_TAG : 0);
}

// Of a burst each segment must fit.
static bool fits(const struct side *s, const struct virtio_net_hdr *h, const uint8_t *frame,
                 size_t length)
{
    if (s->mtu == 0 || length <= ETH_HLEN + VLAN_TAG)
        return true;
    if (h->gso_type != VIRTIO_NET_HDR_GSO_NONE)
        length = (size_t)h->hdr_len + h->gso_size;
    return length <= link_header(frame) + s->mtu;
}

// As a router would tell (RFC 4443 3.2, RFC 1191): in the name of whom the packet was for.
static void tell(const struct running *r, const struct side *s, uint8_t *frame, size_t length)
{
    size_t link = link_header(frame);
    struct packet p = {.at = frame + link,
                       .length = length - link,
                       .begin = frame - PACKET_HEADROOM,
                       .end = frame + length};
    uint8_t head[AHEAD + ETH_HLEN + VLAN_TAG] = {0};
    struct ip ip;
    if (!r->wire->tell || ip_read(p.at, p.length, 0, &ip) != IP_FINE)
        return;
    bool six = ip.family == FAMILY_IPV6;
    memcpy(head + AHEAD, frame + ETH_ALEN, ETH_ALEN);
    memcpy(head + AHEAD + ETH_ALEN, frame, ETH_ALEN);
    memcpy(head + AHEAD + VLAN_AT, frame + VLAN_AT, link - VLAN_AT);
    if ((!six && !ip.dont_fragment) ||
        !icmp_error(&p, &ip, ip.destination, six ? 2 : 3, six ? 0 : 4, (uint32_t)s->mtu))
        return;
    const struct iovec parts[] = {{head, AHEAD + link}, {p.at, p.length}};
    (void)!writev(s->socket, parts, 2);
}

// The kernel takes the tag of a VLAN out of a frame and tells it beside.
static size_t put_tag(uint8_t *in, size_t length, uint16_t type, uint16_t tag)
{
    struct virtio_net_hdr header;
    memcpy(&header, in, sizeof header);
    header.hdr_len = header.hdr_len ? header.hdr_len + VLAN_TAG : 0;
    header.csum_start += header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM ? VLAN_TAG : 0;
    memcpy(in, &header, sizeof header);
    uint8_t *at = in + AHEAD + VLAN_AT;
    memmove(at + VLAN_TAG, at, length - AHEAD - VLAN_AT);
    store16(at, type);
    store16(at + 2, tag);
    return length + VLAN_TAG;
}

// 0: nothing is there now.
static size_t take(const struct side *s, uint8_t *in, size_t room)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
    struct iovec part = {in, room - VLAN_TAG};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg(s->socket, &m, 0);
    if (n < (ssize_t)(AHEAD + ETH_HLEN))
        return 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        struct tpacket_auxdata aux;
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
            continue;
        memcpy(&aux, CMSG_DATA(c), sizeof aux);
        if (aux.tp_status & TP_STATUS_VLAN_VALID)
            return put_tag(in, (size_t)n,
                           aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid
                                                                     : ETH_P_8021Q,
                           aux.tp_vlan_tci);
    }
    return (size_t)n;
}

static void receive(struct running *r, struct side *s, int64_t now)
{
    uint8_t *in = r->in + PACKET_HEADROOM;
    for (unsigned i = 0; i < TAKEN_MAX; i++) {
        struct virtio_net_hdr header;
        size_t n = take(s, in, sizeof r->in - PACKET_HEADROOM);
        if (n == 0)
            return;
        memcpy(&header, in, sizeof header);
        if (fits(s, &header, in + AHEAD, n - AHEAD)) {
            line_put(s->line, in, AHEAD, n, now);
        } else {
            s->too_big++;
            tell(r, s, in + AHEAD, n - AHEAD);
        }
    }
}

static void keep(const struct running *r, const uint8_t *frame, size_t length)
{
    struct trace_record record = trace_record((uint32_t)length);
    const struct iovec parts[] = {{&record, sizeof record}, {(uint8_t *)(uintptr_t)frame, length}};
    if (r->trace >= 0)
        (void)!writev(r->trace, parts, 2);
}

// A queue that is full empties soon. Newer kernels call it full too where the other end is down or
// too narrow, and would say so of this frame for ever.
static bool may_wait(struct side *from, int64_t now)
{
    if (errno != ENOBUFS)
        return errno == EAGAIN;
    if (from->full_since == 0)
        from->full_since = now;
    return now - from->full_since < PATIENCE_US;
}

// False: the kernel takes no more now. What it does not take at all, as the other interface is
// down or too narrow, is lost.
static bool deliver(const struct running *r, struct side *from, int out, int64_t now)
{
    const uint8_t *frame;
    size_t length;
    while ((frame = line_next(from->line, now, &length))) {
        ssize_t sent = send(out, frame, length, 0);
        if (sent < 0 && may_wait(from, now))
            return false;
        from->refused += sent < 0;
        if (sent >= 0) {
            from->full_since = 0;
            keep(r, frame + AHEAD, length - AHEAD);
        }
        line_drop(from->line);
    }
    return true;
}

static void deliver_all(struct running *r)
{
    int64_t now = clock_microseconds(), next = INT64_MAX;
    for (unsigned i = 0; i < 2; i++) {
        bool all = deliver(r, r->side + i, r->side[!i].socket, now);
        int64_t due = all ? line_due(r->side[i].line) : now + AGAIN_US;
        next = due < next ? due : next;
    }
    timer_set(r->timer, next == INT64_MAX ? 0 : next);
}

static int readable(struct running *r, unsigned side)
{
    receive(r, r->side + side, clock_microseconds());
    deliver_all(r);
    return 0;
}

static int readable_first(void *arg, struct err *e)
{
    (void)e;
    return readable(arg, 0);
}

static int readable_second(void *arg, struct err *e)
{
    (void)e;
    return readable(arg, 1);
}

static int timed(void *arg, struct err *e)
{
    struct running *r = arg;
    (void)e;
    timer_clear(r->timer);
    deliver_all(r);
    return 0;
}

static void say_counts(void *arg)
{
    const struct running *r = arg;
    for (unsigned i = 0; i < 2; i++) {
        struct line_counts c = line_counts(r->side[i].line);
        speak(&r->wire->speaker,
              "from %s: %" PRIu64 " frames, %" PRIu64 " too big; %" PRIu64 " lost, %" PRIu64
              " no room, %" PRIu64 " twice, %" PRIu64 " overtaking, %" PRIu64 " not taken",
              r->wire->interface[i], c.taken + r->side[i].too_big, r->side[i].too_big, c.lost,
              c.full, c.doubled, c.overtaking, r->side[i].refused);
    }
}

static int open_trace(struct running *r, struct err *e)
{
    const struct trace_head head = trace_head(TRACE_ETHERNET);
    if (!r->wire->trace)
        return 0;
    r->trace = open(r->wire->trace, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (r->trace < 0 || write(r->trace, &head, sizeof head) != (ssize_t)sizeof head)
        return err_system(e, "%s", r->wire->trace);
    return 0;
}

static int set_up(struct running *r, struct err *e)
{
    uint64_t seed = r->wire->seed ? r->wire->seed : random_seed();
    int code = open_trace(r, e);
    for (unsigned i = 0; !code && i < 2; i++) {
        r->side[i].mtu = r->wire->mtu[i];
        code = open_side(r->wire->interface[i], &r->side[i].socket, e);
        if (!code)
            code = line_new(&r->wire->way[i], seed ^ i << 1, &r->side[i].line, e);
    }
    return code ? code : timer_open(&r->timer, e);
}

static int serve(struct running *r, struct err *e)
{
    const struct loop loop = {.watches = {{r->side[0].socket, readable_first, r},
                                          {r->side[1].socket, readable_second, r},
                                          {r->timer, timed, r}},
                              .count = 3,
                              .usr1 = say_counts,
                              .arg = r};
    int code = privileges_drop(e);
    if (code)
        return code;
    speak(&r->wire->speaker, "ready: %s %s", r->wire->interface[0], r->wire->interface[1]);
    code = loop_run(&loop, e);
    say_counts(r);
    return code;
}

static void close_all(struct running *r)
{
    const int fds[] = {r->side[0].socket, r->side[1].socket, r->timer, r->trace};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    line_free(&r->side[0].line);
    line_free(&r->side[1].line);
}

int wire_run(const struct wire *w, struct err *e)
{
    struct running *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->wire = w;
    r->side[0].socket = r->side[1].socket = r->timer = r->trace = -1;
    int code = set_up(r, e);
    if (!code)
        code = serve(r, e);
    close_all(r);
    free(r);
    return code;
}
