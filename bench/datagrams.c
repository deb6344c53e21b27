// SPDX-License-Identifier: Apache-2.0
//
// Datagrams of 64 bytes between a customer and a host, as many as go:
//
//     datagrams host up|down SECONDS FLOWS ADDRESS
//     datagrams customer up|down SECONDS FLOWS ADDRESS HOST [OWN-END OTHER-END]
//
// The customer writes whole packets; with two ends more, each inside a packet of the other family
// between them, so that a softwire needs no other end. The host is a plain UDP socket. "up": the
// customer sends; "down": it opens its flows, and the host sends to where they came from. Who
// receives prints how many arrived.

#include "packet/packet.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PAYLOAD      64
#define UDP_HEADER   8
#define PORT         9000
#define PORT_FIRST   40000
#define FLOWS_MAX    256
#define BATCH        64
#define ROOM         2048
#define IDLE         0.5 // seconds
#define FIRST        5.0
#define LOOK_NS      500000
#define OPENINGS     5 // of each flow
#define PAUSE_NS     5000000
#define BUFFER_BYTES (4 << 20)

struct end {
    enum family family;
    u128 address;
};

struct flows {
    size_t count;
    uint8_t packets[FLOWS_MAX][ROOM];
    size_t length; // of each
    struct sockaddr_in6 to[FLOWS_MAX];
    socklen_t to_size;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct end parse_end(const char *text)
{
    struct end ret = {.family = FAMILY_IPV6};
    uint32_t four;
    if (ipv6_parse(slice_of(text), &ret.address))
        return ret;
    if (!ipv4_parse(slice_of(text), &four)) {
        fprintf(stderr, "\"%s\" is no address\n", text);
        exit(2);
    }
    return (struct end){FAMILY_IPV4, four};
}

static socklen_t to_socket(const struct end *e, uint16_t port, struct sockaddr_in6 *ret)
{
    struct sockaddr_in four = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl((uint32_t)e->address)}};
    *ret = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    store128(ret->sin6_addr.s6_addr, e->address);
    if (e->family == FAMILY_IPV4)
        memcpy(ret, &four, sizeof four);
    return e->family == FAMILY_IPV4 ? sizeof four : sizeof *ret;
}

static int family_of(const struct end *e)
{
    return e->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

static int open_socket(const struct end *e, int type, int protocol, uint16_t port)
{
    struct sockaddr_in6 at;
    socklen_t size = to_socket(e, port, &at);
    int fd = socket(family_of(e), type, protocol), bytes = BUFFER_BYTES;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 ||
        bind(fd, (struct sockaddr *)&at, size) < 0)
        fail("socket");
    return fd;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// ---- packets

static size_t write_header(uint8_t *at, const struct end *from, const struct end *to,
                           uint8_t protocol, size_t payload)
{
    const struct ip ip = {.family = from->family,
                          .source = from->address,
                          .destination = to->address,
                          .hop_limit = 64,
                          .protocol = protocol,
                          .dont_fragment = true};
    if (from->family == FAMILY_IPV6)
        return ipv6_write(at, &ip, payload);
    ipv4_write(at, &ip, IPV4_HEADER + payload);
    return IPV4_HEADER;
}

static void write_flow(struct flows *f, size_t i, const struct end ends[4], bool wrapped)
{
    uint8_t *at = f->packets[i], udp[UDP_HEADER + PAYLOAD] = {0};
    const size_t inner = sizeof udp + (ends[0].family == FAMILY_IPV6 ? IPV6_HEADER : IPV4_HEADER);
    store16(udp, (uint16_t)(PORT_FIRST + i));
    store16(udp + 2, PORT);
    store16(udp + 4, sizeof udp);
    uint32_t sum =
        sum_pseudo(ends[0].family, ends[0].address, ends[1].address, PROTOCOL_UDP, sizeof udp);
    store16(udp + 6, (uint16_t)~sum_fold(sum_bytes(udp, sizeof udp, sum_fold(sum))));
    if (wrapped)
        at += write_header(at, ends + 2, ends + 3,
                           ends[0].family == FAMILY_IPV6 ? PROTOCOL_IPV6 : PROTOCOL_IPV4, inner);
    at += write_header(at, ends, ends + 1, PROTOCOL_UDP, sizeof udp);
    memcpy(at, udp, sizeof udp);
    f->length = (size_t)(at - f->packets[i]) + sizeof udp;
}

// One of each flow after the other.
static void send_until(int fd, struct flows *f, double end)
{
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    size_t next = 0;
    while (seconds_now() < end) {
        for (size_t i = 0; i < BATCH; i++, next = (next + 1) % f->count) {
            parts[i] = (struct iovec){f->packets[next], f->length};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1};
            if (f->to_size) {
                messages[i].msg_hdr.msg_name = f->to + next;
                messages[i].msg_hdr.msg_namelen = f->to_size;
            }
        }
        (void)sendmmsg(fd, messages, BATCH, 0);
    }
}

// Several may come as one packet: they are counted by the bytes behind its headers.
static unsigned long receive_row(int fd, size_t heads)
{
    static uint8_t buffers[BATCH][ROOM];
    unsigned long count = 0;
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];
    for (size_t i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){buffers[i], ROOM};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1};
    }
    int got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
    for (int i = 0; i < got; i++)
        count += (messages[i].msg_len - heads) / PAYLOAD;
    return count;
}

// Until nothing has come for a while; the first may take longer. It sleeps between its looks, so
// that no packet wakes it: waking would be the work of the processor that brings the packet.
static unsigned long count_arriving(const int *sockets, size_t count, size_t heads)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    unsigned long arrived = 0, row;
    double since = seconds_now();
    while (seconds_now() - since < (arrived ? IDLE : FIRST)) {
        nanosleep(&pause, NULL);
        for (size_t i = 0; i < count; i++)
            while ((row = receive_row(sockets[i], heads)) > 0) {
                arrived += row;
                since = seconds_now();
            }
    }
    return arrived;
}

// ---- the two

static void learn_flows(int fd, struct flows *f, size_t wanted)
{
    uint8_t buffer[ROOM];
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    while (poll(&poll_fd, 1, (int)(1000 * (f->count ? IDLE : FIRST))) > 0) {
        struct sockaddr_in6 from = {0};
        socklen_t size = sizeof from;
        ssize_t got = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &size);
        bool known = got < 0 || f->count == wanted;
        for (size_t i = 0; i < f->count && !known; i++)
            known = memcmp(f->to + i, &from, size) == 0;
        if (!known)
            f->to[f->count++] = from;
        f->to_size = size;
    }
    f->length = PAYLOAD;
    if (f->count != wanted) {
        fprintf(stderr, "%zu flows of %zu opened\n", f->count, wanted);
        exit(1);
    }
}

static void host(bool up, double seconds, struct flows *f, size_t wanted, const char *address)
{
    const struct end own = parse_end(address);
    int fd = open_socket(&own, SOCK_DGRAM, 0, PORT);
    if (up) {
        printf("%lu\n", count_arriving(&fd, 1, 0));
        return;
    }
    learn_flows(fd, f, wanted);
    send_until(fd, f, seconds_now() + seconds);
}

static int open_sender(const struct end *to)
{
    struct sockaddr_in6 name;
    socklen_t size = to_socket(to, 0, &name);
    int fd = socket(family_of(to), SOCK_RAW, IPPROTO_RAW);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, size) < 0)
        fail("raw socket");
    return fd;
}

// Packets inside others come by one socket, datagrams by one for each flow.
static size_t open_receivers(const struct end ends[4], bool wrapped, size_t flows, int *ret)
{
    size_t count = wrapped ? 1 : flows;
    uint8_t inner = ends[0].family == FAMILY_IPV6 ? PROTOCOL_IPV6 : PROTOCOL_IPV4;
    for (size_t i = 0; i < count; i++)
        ret[i] = wrapped ? open_socket(ends + 2, SOCK_RAW, inner, 0)
                         : open_socket(ends, SOCK_DGRAM, 0, (uint16_t)(PORT_FIRST + i));
    return count;
}

static void customer(bool up, double seconds, struct flows *f, size_t wanted, char **addresses,
                     bool wrapped)
{
    struct end ends[4] = {0};
    int sockets[FLOWS_MAX];
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    for (int i = 0; i < (wrapped ? 4 : 2); i++)
        ends[i] = parse_end(addresses[i]);
    for (f->count = 0; f->count < wanted; f->count++)
        write_flow(f, f->count, ends, wrapped);
    int out = open_sender(ends + (wrapped ? 3 : 1));
    if (up) {
        send_until(out, f, seconds_now() + seconds);
        return;
    }
    size_t count = open_receivers(ends, wrapped, wanted, sockets);
    for (size_t i = 0; i < OPENINGS * f->count; i++) {
        (void)send(out, f->packets[i % f->count], f->length, 0);
        nanosleep(&pause, NULL);
    }
    // A raw socket of IPv6 keeps the outer header to itself.
    size_t heads = !wrapped ? 0 : f->length - PAYLOAD;
    if (wrapped && ends[2].family == FAMILY_IPV6)
        heads -= IPV6_HEADER;
    printf("%lu\n", count_arriving(sockets, count, heads));
}

int main(int argc, char **argv)
{
    static struct flows flows;
    bool is_host = argc == 6 && strcmp(argv[1], "host") == 0;
    bool is_customer = (argc == 7 || argc == 9) && strcmp(argv[1], "customer") == 0;
    size_t wanted = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    if ((!is_host && !is_customer) || wanted == 0 || wanted > FLOWS_MAX) {
        fprintf(stderr, "usage: datagrams host|customer up|down SECONDS FLOWS ADDRESS ...\n");
        return 2;
    }
    bool up = strcmp(argv[2], "up") == 0;
    double seconds = strtod(argv[3], NULL);
    if (is_host)
        host(up, seconds, &flows, wanted, argv[5]);
    else
        customer(up, seconds, &flows, wanted, argv + 5, argc == 9);
    return 0;
}
