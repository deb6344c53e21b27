// SPDX-License-Identifier: Apache-2.0

#include "check/tcp_probe.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

const char *tcp_outcome_text(enum tcp_outcome o)
{
    static const char *const texts[TCP_OUTCOME_COUNT] = {
        "connected",
        "connection refused",
        "unreachable",
        "no answer",
        "not asked: this machine has no socket left",
    };
    return texts[o];
}

enum tcp_outcome tcp_outcome_of(int error)
{
    switch (error) {
    case 0:
    case ECONNRESET: // what answers a first packet is "refused": this came after it had opened
        return TCP_OPEN;
    case ECONNREFUSED:
        return TCP_REFUSED;
    case ETIMEDOUT:
        return TCP_SILENT;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL: // of connect: all local ports are taken
    case EAGAIN:
        return TCP_FAILED;
    default: // ENETUNREACH, EHOSTUNREACH, EACCES and EPERM (administratively prohibited), ...
        return TCP_UNREACHABLE;
    }
}

static void leave(struct tcp_probe *p)
{
    if (p->fd) {
        events_forget(p->events, p->fd - 1);
        close(p->fd - 1);
        p->fd = 0;
    }
}

void tcp_probe_end(struct tcp_probe *p)
{
    if (!p->events)
        return;
    events_cancel(p->events, &p->patience);
    events_soon_cancel(p->events, &p->tell);
    leave(p);
    p->under_way = false;
}

int tcp_probe_take(struct tcp_probe *p)
{
    int fd = p->fd - 1;
    p->fd = 0;
    return fd;
}

static void settle(struct tcp_probe *p, enum tcp_outcome outcome, int error)
{
    events_cancel(p->events, &p->patience);
    if (p->fd)
        events_forget(p->events, p->fd - 1);
    if (outcome != TCP_OPEN)
        leave(p);
    p->outcome = outcome;
    p->error = error;
    p->took = (uint32_t)(events_now(p->events) - p->began);
    p->under_way = false;
}

// What the kernel measured of the handshake: a busy loop sees it late. 0 where a packet was lost.
static uint32_t round_trip(int fd)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    bool known = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
    return known && info.tcpi_total_retrans == 0 ? info.tcpi_rtt : 0;
}

static void connected(void *arg, unsigned what)
{
    struct tcp_probe *p = arg;
    (void)what;
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(p->fd - 1, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    uint32_t heard = error ? 0 : round_trip(p->fd - 1);
    settle(p, tcp_outcome_of(error), error);
    if (heard > 0 && heard < p->took)
        p->took = heard;
    p->done(p->arg);
}

static void out_of_patience(void *arg)
{
    struct tcp_probe *p = arg;
    settle(p, TCP_SILENT, 0);
    p->done(p->arg);
}

static void tell(void *arg)
{
    struct tcp_probe *p = arg;
    p->done(p->arg);
}

void tcp_probe_begin(struct events *ev, struct tcp_probe *p, const struct endpoint *to,
                     int64_t timeout)
{
    union socket_address address;
    socklen_t length = endpoint_socket(to, &address);
    tcp_probe_end(p);
    p->events = ev;
    p->patience = (struct event_timer){.due = out_of_patience, .arg = p};
    p->tell = (struct event_task){.run = tell, .arg = p};
    p->began = events_now(ev);
    p->at = events_wall(ev);
    p->under_way = true;
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    p->fd = fd + 1;
    int error = fd < 0 ? errno : 0;
    if (!error && connect(fd, &address.any, length) != 0)
        error = errno;
    if (error == EINPROGRESS && events_watch(ev, fd, EVENT_WRITE, connected, p, NULL) == 0) {
        events_after(ev, &p->patience, timeout);
        return;
    }
    settle(p, error == EINPROGRESS ? TCP_FAILED : tcp_outcome_of(error), error);
    events_soon(ev, &p->tell);
}
