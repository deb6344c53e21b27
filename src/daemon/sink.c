// SPDX-License-Identifier: Apache-2.0
//
// Sockets of the sink: one for each address and port, and the visitors' connections. They have a
// set of their own (epoll), of which the daemon's loop sees one descriptor.

#include "daemon/sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS    32
#define QUEUE     128
#define LISTENERS (SINK_PORTS_MAX * SINK_ADDRESSES_MAX)

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

// A listener, a UDP socket, or a visitor's connection.
struct place {
    int fd; // -1: free
    bool visitor;
    bool answered; // and written down
    struct sink_visit visit;
    int64_t last;
    size_t kept_length;
    char *kept; // HTTP: the head, as far as it has come; TCP: what could not be sent back yet
};

struct running {
    const struct sink_options *options;
    int set, log;
    struct place places[LISTENERS + SINK_CONNECTIONS_MAX];
    uint8_t bytes[SINK_DATAGRAM_MAX];
};

static union address to_socket(enum family f, u128 address, uint16_t port, socklen_t *ret_size)
{
    union address a = {0};
    if (f == FAMILY_IPV6) {
        a.six.sin6_family = AF_INET6;
        a.six.sin6_port = htons(port);
        store128(a.six.sin6_addr.s6_addr, address);
    } else {
        a.four.sin_family = AF_INET;
        a.four.sin_port = htons(port);
        a.four.sin_addr.s_addr = htonl((uint32_t)address);
    }
    *ret_size = f == FAMILY_IPV6 ? sizeof a.six : sizeof a.four;
    return a;
}

static void from_socket(const union address *a, u128 *ret, uint16_t *ret_port)
{
    bool six = a->any.sa_family == AF_INET6;
    *ret = six ? load128(a->six.sin6_addr.s6_addr) : ntohl(a->four.sin_addr.s_addr);
    *ret_port = ntohs(six ? a->six.sin6_port : a->four.sin_port);
}

static void write_down(const struct running *r, const struct sink_visit *v)
{
    struct buffer line = {0};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    sink_write(v, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, &line);
    if (r->log < 0 && !line.failed) {
        if (r->options->speaker.line)
            r->options->speaker.line(r->options->speaker.arg, line.at);
    } else {
        buffer_char(&line, '\n');
        if (!line.failed)
            (void)!write(r->log, line.at, line.length);
    }
    buffer_done(&line);
}

static int who(const struct sink_visit *v, char *text, size_t size)
{
    char from[ADDRESS_TEXT_MAX], to[ADDRESS_TEXT_MAX];
    return snprintf(text, size, "%s %s %u to %s %u\n", family_name(v->family),
                    address_format(v->family, v->from, from), v->from_port,
                    address_format(v->family, v->to, to), v->to_port);
}

static struct place *free_place(struct running *r)
{
    for (size_t i = 0; i < LISTENERS + SINK_CONNECTIONS_MAX; i++)
        if (r->places[i].fd < 0)
            return r->places + i;
    return NULL;
}

static bool join(const struct running *r, struct place *p)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    return epoll_ctl(r->set, EPOLL_CTL_ADD, p->fd, &event) == 0;
}

static void wait_for(const struct running *r, struct place *p, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = p};
    (void)epoll_ctl(r->set, EPOLL_CTL_MOD, p->fd, &event);
}

static void leave(struct place *p)
{
    close(p->fd);
    free(p->kept);
    p->kept = NULL;
    p->fd = -1;
}

static void end_visit(const struct running *r, struct place *p)
{
    if (!p->answered)
        write_down(r, &p->visit);
    leave(p);
}

static bool is_crowded(const struct running *r)
{
    size_t count = 0;
    for (size_t i = 0; i < LISTENERS + SINK_CONNECTIONS_MAX; i++)
        count += r->places[i].fd >= 0 && r->places[i].visitor;
    return count >= SINK_CONNECTIONS_MAX;
}

static void accept_visitor(struct running *r, const struct place *listener)
{
    union address from = {0}, to = {0};
    socklen_t size = sizeof from, own = sizeof to;
    int fd = accept4(listener->fd, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct place *p = is_crowded(r) ? NULL : free_place(r);
    if (!p) {
        close(fd);
        return;
    }
    *p = (struct place){.fd = fd, .visitor = true, .visit = listener->visit};
    p->last = clock_milliseconds();
    from_socket(&from, &p->visit.from, &p->visit.from_port);
    if (getsockname(fd, &to.any, &own) == 0)
        from_socket(&to, &p->visit.to, &p->visit.to_port);
    p->kept = p->visit.kind == SINK_HTTP ? malloc(SINK_HEAD_MAX) : NULL;
    if ((p->visit.kind == SINK_HTTP && !p->kept) || !join(r, p)) {
        leave(p);
        return;
    }
    char line[2 * ADDRESS_TEXT_MAX + 64];
    if (p->visit.kind == SINK_TCP)
        (void)!send(fd, line, (size_t)who(&p->visit, line, sizeof line), MSG_NOSIGNAL);
}

static size_t send_some(const struct place *p, const void *bytes, size_t length)
{
    ssize_t n = send(p->fd, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
        (void)shutdown(p->fd, SHUT_RDWR);
    return n > 0 ? (size_t)n : 0;
}

// What does not go back now is kept, and nothing more is taken until it has gone.
static void echo(const struct running *r, struct place *p, const uint8_t *bytes, size_t length)
{
    size_t gone = send_some(p, bytes, length);
    if (gone == length)
        return;
    p->kept = malloc(length - gone);
    if (!p->kept) {
        end_visit(r, p);
        return;
    }
    memcpy(p->kept, bytes + gone, length - gone);
    p->kept_length = length - gone;
    wait_for(r, p, EPOLLOUT);
}

static void echo_on(const struct running *r, struct place *p)
{
    size_t gone = send_some(p, p->kept, p->kept_length);
    if (gone == 0) {
        end_visit(r, p);
        return;
    }
    p->last = clock_milliseconds();
    memmove(p->kept, p->kept + gone, p->kept_length - gone);
    p->kept_length -= gone;
    if (p->kept_length > 0)
        return;
    free(p->kept);
    p->kept = NULL;
    wait_for(r, p, EPOLLIN);
}

static void answer(const struct running *r, struct place *p, const struct sink_head *head)
{
    char line[2 * ADDRESS_TEXT_MAX + 64];
    const char *body = r->options->answer ? r->options->answer : line;
    struct buffer text = {0};
    (void)who(&p->visit, line, sizeof line);
    if (!head)
        body = "What was asked is no request of HTTP/1.\n";
    buffer_format(&text,
                  "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                  head ? "200 OK" : "400 Bad Request", strlen(body),
                  head && slice_is(head->method, "HEAD") ? "" : body);
    if (!text.failed)
        (void)!send(p->fd, text.at, text.length, MSG_NOSIGNAL);
    buffer_done(&text);
    p->visit.head = head;
    write_down(r, &p->visit);
    p->visit.head = NULL;
    p->answered = true; // closed once the visitor closes: what is unread would undo the answer
    (void)shutdown(p->fd, SHUT_WR);
}

static void take_head(const struct running *r, struct place *p, const uint8_t *bytes, size_t length)
{
    struct sink_head head;
    size_t room = SINK_HEAD_MAX - p->kept_length, taken = length < room ? length : room;
    memcpy(p->kept + p->kept_length, bytes, taken);
    p->kept_length += taken;
    switch (sink_head_read((struct slice){p->kept, p->kept_length}, &head)) {
    case SINK_HEAD_WHOLE:
        answer(r, p, &head);
        break;
    case SINK_HEAD_WRONG:
        answer(r, p, NULL);
        break;
    case SINK_HEAD_MORE:
        if (p->kept_length == SINK_HEAD_MAX)
            answer(r, p, NULL);
    }
}

static void hear(struct running *r, struct place *p)
{
    ssize_t n = recv(p->fd, r->bytes, sizeof r->bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        end_visit(r, p);
        return;
    }
    if (p->answered)
        return;
    p->last = clock_milliseconds();
    p->visit.octets += (uint64_t)n;
    if (p->visit.kind == SINK_HTTP)
        take_head(r, p, r->bytes, (size_t)n);
    else
        echo(r, p, r->bytes, (size_t)n);
}

// The address that a datagram was sent to.
static u128 sent_to(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        const uint8_t *data = CMSG_DATA(c);
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
            return load128(data + offsetof(struct in6_pktinfo, ipi6_addr));
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
            return load32(data + offsetof(struct in_pktinfo, ipi_addr));
    }
    return 0;
}

// The answer leaves from the address that was asked: the control message goes back as it came.
static void datagram(struct running *r, const struct place *p)
{
    union address from = {0};
    struct sink_visit v = p->visit;
    char line[2 * ADDRESS_TEXT_MAX + 64];
    _Alignas(struct cmsghdr) uint8_t control[128];
    struct iovec parts[] = {{NULL, 0}, {r->bytes, sizeof r->bytes}};
    struct msghdr m = {.msg_name = &from,
                       .msg_namelen = sizeof from,
                       .msg_iov = parts + 1,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg(p->fd, &m, 0);
    if (n < 0)
        return;
    from_socket(&from, &v.from, &v.from_port);
    v.to = sent_to(&m);
    v.octets = (uint64_t)n;
    write_down(r, &v);
    parts[0] = (struct iovec){line, (size_t)who(&v, line, sizeof line)};
    parts[1].iov_len = (size_t)n;
    m.msg_iov = parts;
    m.msg_iovlen = 2;
    (void)!sendmsg(p->fd, &m, MSG_NOSIGNAL);
}

static int ready(void *arg, struct err *e)
{
    struct running *r = arg;
    struct epoll_event events[EVENTS];
    int count = epoll_wait(r->set, events, EVENTS, 0);
    if (count < 0 && errno != EINTR)
        return err_system(e, "cannot wait for visitors");
    for (int i = 0; i < count; i++) {
        struct place *p = events[i].data.ptr;
        if (p->fd < 0)
            continue;
        if (p->visitor && p->visit.kind == SINK_TCP && p->kept)
            echo_on(r, p);
        else if (p->visitor)
            hear(r, p);
        else if (p->visit.kind == SINK_UDP)
            datagram(r, p);
        else
            accept_visitor(r, p);
    }
    return 0;
}

static void tick(void *arg)
{
    struct running *r = arg;
    int64_t now = clock_milliseconds();
    for (size_t i = 0; i < LISTENERS + SINK_CONNECTIONS_MAX; i++) {
        struct place *p = r->places + i;
        if (p->fd >= 0 && p->visitor && now - p->last > SINK_IDLE_MS)
            end_visit(r, p);
    }
}

static int prepare(const struct place *p, enum family f, u128 address, struct err *e)
{
    int one = 1;
    socklen_t size;
    bool six = f == FAMILY_IPV6;
    union address at = to_socket(f, address, p->visit.to_port, &size);
    char text[ADDRESS_TEXT_MAX];
    (void)setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (six)
        (void)setsockopt(p->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (p->visit.kind == SINK_UDP)
        (void)setsockopt(p->fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
                         six ? IPV6_RECVPKTINFO : IP_PKTINFO, &one, sizeof one);
    if (bind(p->fd, &at.any, size) < 0 || (p->visit.kind != SINK_UDP && listen(p->fd, QUEUE) < 0))
        return err_system(e, "cannot listen at %s port %u", address_format(f, address, text),
                          p->visit.to_port);
    return 0;
}

static int open_port(struct running *r, const struct sink_port *port, enum family f, u128 address,
                     struct err *e)
{
    struct place *p = free_place(r);
    if (!p)
        return err_set(e, ERR_USAGE, "more than %d ports", LISTENERS);
    *p = (struct place){.visit = {.kind = port->kind, .family = f, .to_port = port->port}};
    p->fd = socket(
        f == FAMILY_IPV6 ? AF_INET6 : AF_INET,
        (port->kind == SINK_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->fd < 0)
        return err_system(e, "cannot listen");
    int code = prepare(p, f, address, e);
    return code || join(r, p) ? code : err_system(e, "cannot wait for visitors");
}

static int open_all(struct running *r, struct err *e)
{
    static const struct prefix everywhere[] = {{FAMILY_IPV6, 0, 128}, {FAMILY_IPV4, 0, 32}};
    const struct sink_options *o = r->options;
    const struct prefix *at = o->address_count ? o->addresses : everywhere;
    size_t count = o->address_count ? o->address_count : 2;
    int code = 0;
    r->set = epoll_create1(EPOLL_CLOEXEC);
    if (r->set < 0)
        return err_system(e, "cannot wait for visitors");
    if (o->log) {
        r->log = open(o->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        code = r->log < 0 ? err_system(e, "%s", o->log) : 0;
    }
    for (size_t i = 0; !code && i < o->port_count; i++)
        for (size_t j = 0; !code && j < count; j++)
            code = open_port(r, o->ports + i, at[j].family, at[j].address, e);
    return code;
}

static int serve(struct running *r, struct err *e)
{
    const struct loop loop = {.watches = {{r->set, ready, r}}, .count = 1, .tick = tick, .arg = r};
    int code = privileges_drop(e);
    if (code)
        return code;
    speak(&r->options->speaker, "ready: %zu ports", r->options->port_count);
    return loop_run(&loop, e);
}

int sink_run(const struct sink_options *o, struct err *e)
{
    struct running *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->options = o;
    r->set = r->log = -1;
    for (size_t i = 0; i < LISTENERS + SINK_CONNECTIONS_MAX; i++)
        r->places[i].fd = -1;
    int code = open_all(r, e);
    if (!code)
        code = serve(r, e);
    for (size_t i = 0; i < LISTENERS + SINK_CONNECTIONS_MAX; i++)
        if (r->places[i].fd >= 0 && r->places[i].visitor)
            end_visit(r, r->places + i);
        else if (r->places[i].fd >= 0)
            leave(r->places + i);
    if (r->set >= 0)
        close(r->set);
    if (r->log >= 0)
        close(r->log);
    free(r);
    return code;
}
