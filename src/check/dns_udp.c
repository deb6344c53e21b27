// SPDX-License-Identifier: Apache-2.0
//
// Questions over UDP: a batch at a time out of one of the family's sockets. What routers say
// (ICMP) comes through the sockets' error queues, with the packet that it is about.

#include "check/dns_client_parts.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_ROOM (1 << 20) // of a socket; the kernel cuts it to what it allows
#define NO_ROOM_WAIT 1000      // microseconds

struct datagrams {
    struct mmsghdr out[BATCH], in[BATCH];
    struct iovec out_bytes[BATCH], in_bytes[BATCH];
    union socket_address to[BATCH], from[BATCH];
    uint8_t questions[BATCH][DNS_QUERY_MAX];
    uint8_t answers[BATCH][ANSWER_ROOM];
};

int udp_new(struct client *c, struct err *e)
{
    c->datagrams = calloc(1, sizeof *c->datagrams);
    if (!c->datagrams)
        return err_memory(e);
    struct datagrams *d = c->datagrams;
    for (int i = 0; i < BATCH; i++) {
        d->out_bytes[i].iov_base = d->questions[i];
        d->out[i].msg_hdr =
            (struct msghdr){.msg_name = &d->to[i], .msg_iov = &d->out_bytes[i], .msg_iovlen = 1};
        d->in_bytes[i] = (struct iovec){d->answers[i], ANSWER_ROOM};
        d->in[i].msg_hdr =
            (struct msghdr){.msg_name = &d->from[i], .msg_iov = &d->in_bytes[i], .msg_iovlen = 1};
    }
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < PORTS; i++)
            c->ports[f][i] = (struct port){.client = c, .fd = -1, .family = (enum family)f};
    return 0;
}

static void port_close(struct port *p)
{
    if (p->fd < 0)
        return;
    events_forget(p->client->events, p->fd);
    close(p->fd);
    p->fd = -1;
}

void udp_free(struct client *c)
{
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < PORTS; i++)
            port_close(&c->ports[f][i]);
    free(c->datagrams);
}

// ---- who waits for what

static struct dns_question **flight_row(struct client *c, const struct port *p, uint16_t id)
{
    size_t port = (size_t)(p - &c->ports[0][0]);
    return &c->flight[(id ^ port * 0x9e5) & (FLIGHT_ROWS - 1)];
}

static struct dns_question *flight_find(struct client *c, const struct port *p, uint16_t id)
{
    struct dns_question *q = *flight_row(c, p, id);
    while (q && (q->id != id || q->way != p))
        q = q->flight_next;
    return q;
}

static void flight_add(struct client *c, struct port *p, struct dns_question *q)
{
    do
        q->id = client_random(c);
    while (flight_find(c, p, q->id));
    struct dns_question **row = flight_row(c, p, q->id);
    q->way = p;
    q->flight_next = *row;
    *row = q;
    q->state = QUESTION_FLYING;
    p->open++;
    p->uses++;
    c->flying++;
}

void udp_forget(struct client *c, struct dns_question *q)
{
    struct port *p = q->way;
    struct dns_question **at = flight_row(c, p, q->id);
    while (*at != q)
        at = &(*at)->flight_next;
    *at = q->flight_next;
    q->way = NULL;
    p->open--;
    c->flying--;
    if (p->open == 0 && p->uses > PORT_USES)
        port_close(p);
}

// ---- what comes

static void datagram_take(struct port *p, const struct mmsghdr *h)
{
    struct client *c = p->client;
    const uint8_t *bytes = h->msg_hdr.msg_iov->iov_base;
    struct endpoint from;
    if (h->msg_len < DNS_HEADER || !endpoint_of_socket(h->msg_hdr.msg_name, &from))
        return;
    struct dns_question *q = flight_find(c, p, (uint16_t)(bytes[0] << 8 | bytes[1]));
    if (!q || !endpoint_same(&from, &q->to))
        return;
    struct dns_message m;
    struct dns_asked asked = question_asked(q);
    if (h->msg_hdr.msg_flags & MSG_TRUNC || !dns_message_read(bytes, h->msg_len, &m) ||
        !dns_message_answers(&m, &asked)) {
        q->malformed = true;
        return;
    }
    question_end(c, q, m.truncated ? DNS_TRUNCATED : DNS_ANSWERED, &m);
}

// The head of the question that the error is about is there, as it was sent.
static void error_take(struct port *p, const struct msghdr *h, const uint8_t *bytes, size_t length)
{
    struct client *c = p->client;
    struct endpoint to;
    if (length < DNS_HEADER || !endpoint_of_socket(h->msg_name, &to))
        return;
    struct dns_question *q = flight_find(c, p, (uint16_t)(bytes[0] << 8 | bytes[1]));
    if (!q || !endpoint_same(&to, &q->to))
        return;
    for (struct cmsghdr *m = CMSG_FIRSTHDR(h); m; m = CMSG_NXTHDR((struct msghdr *)h, m)) {
        const struct sock_extended_err *said = (const void *)CMSG_DATA(m);
        if (m->cmsg_type != IP_RECVERR && m->cmsg_type != IPV6_RECVERR)
            continue;
        if (said->ee_errno != EMSGSIZE)
            question_failed(c, q,
                            said->ee_origin == SO_EE_ORIGIN_LOCAL ? DNS_NO_ROUTE : DNS_UNREACHABLE);
        return;
    }
}

static void errors_take(struct port *p)
{
    for (int i = 0; i < BATCH; i++) {
        uint8_t bytes[DNS_QUERY_MAX];
        union socket_address to;
        _Alignas(struct cmsghdr) char control[256];
        struct iovec v = {bytes, sizeof bytes};
        struct msghdr h = {.msg_name = &to,
                           .msg_namelen = sizeof to,
                           .msg_iov = &v,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
        ssize_t got = recvmsg(p->fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT);
        if (got < 0)
            return;
        error_take(p, &h, bytes, (size_t)got);
    }
}

// A port that a callback made close is another one's, or nobody's: `fd` says so.
static void port_ready(void *arg, unsigned what)
{
    struct port *p = arg;
    struct datagrams *d = p->client->datagrams;
    int fd = p->fd;
    (void)what;
    for (int i = 0; i < BATCH; i++) {
        d->in[i].msg_hdr.msg_namelen = sizeof d->from[i];
        d->in[i].msg_hdr.msg_flags = 0;
    }
    int got = recvmmsg(fd, d->in, BATCH, MSG_DONTWAIT, NULL);
    if (got <= 0) {
        errors_take(p);
        return;
    }
    for (int i = 0; i < got && p->fd == fd; i++)
        datagram_take(p, &d->in[i]);
}

// ---- what goes

static bool port_open(struct port *p)
{
    bool six = p->family == FAMILY_IPV6;
    int on = 1, room = RECEIVE_ROOM;
    struct err e;
    union socket_address any = {.any.sa_family = six ? AF_INET6 : AF_INET};
    p->uses = 0;
    p->fd = socket(any.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->fd < 0)
        return false;
    setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (six)
        setsockopt(p->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    setsockopt(p->fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVERR : IP_RECVERR, &on,
               sizeof on);
    if (bind(p->fd, &any.any, six ? sizeof any.six : sizeof any.four) == 0 &&
        events_watch(p->client->events, p->fd, EVENT_READ, port_ready, p, &e) == 0)
        return true;
    close(p->fd);
    p->fd = -1;
    return false;
}

// One that was used much is passed over until its last answer came; then it gets a new number.
static struct port *port_choose(struct client *c, enum family f)
{
    unsigned first = client_random(c);
    for (unsigned i = 0; i < PORTS; i++) {
        struct port *p = &c->ports[f][(first + i) % PORTS];
        if (p->fd >= 0 && p->uses > PORT_USES && p->open == 0)
            port_close(p);
        if (p->fd >= 0 ? p->uses <= PORT_USES : port_open(p))
            return p;
    }
    struct port *p = &c->ports[f][first % PORTS]; // all in use for long
    return p->fd >= 0 ? p : NULL;
}

static void question_write(struct client *c, struct port *p, struct dns_question *q, unsigned i)
{
    struct datagrams *d = c->datagrams;
    flight_add(c, p, q);
    struct dns_asked asked = question_asked(q);
    d->out_bytes[i].iov_len = dns_asked_write(&asked, d->questions[i]);
    d->out[i].msg_hdr.msg_namelen = endpoint_socket(&q->to, &d->to[i]);
    int64_t timeout = q->timeout ? q->timeout : DNS_TIMEOUT_DEFAULT;
    q->sent = events_now(c->events);
    events_after(c->events, &q->timer, timeout << (q->made < 8 ? q->made : 8));
    q->made++;
}

// What the kernel had no room for goes back to the front of nobody: it counts as sent, and its
// timer brings it again soon.
static void not_sent(struct client *c, struct dns_question *const *rest, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (rest[i]->state == QUESTION_FLYING) {
            rest[i]->made--;
            events_after(c->events, &rest[i]->timer, NO_ROOM_WAIT);
        }
}

void udp_send(struct client *c, enum family f, struct dns_question *const *batch, unsigned count)
{
    struct port *p = port_choose(c, f);
    if (!p) {
        for (unsigned i = 0; i < count; i++)
            question_failed(c, batch[i], DNS_NO_ROUTE);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        question_write(c, p, batch[i], i);
    bool again = false; // an error may be an earlier question's: it is reported once
    for (unsigned done = 0; done < count;) {
        int sent = sendmmsg(p->fd, c->datagrams->out + done, count - done, 0);
        if (sent > 0) {
            done += (unsigned)sent;
            again = false;
            continue;
        }
        if (errno == EAGAIN || errno == ENOBUFS) {
            not_sent(c, batch + done, count - done);
            return;
        }
        if (!again) {
            again = true;
            errors_take(p);
            continue;
        }
        if (batch[done]->state == QUESTION_FLYING)
            question_failed(c, batch[done], DNS_NO_ROUTE);
        done++;
        again = false;
    }
}
