// SPDX-License-Identifier: Apache-2.0
//
// Datagrams of 64 bytes between a customer and a host, as many as go:
//
//     datagrams up|down SECONDS FLOWS NETNS/DEVICE NETNS/DEVICE ADDRESS HOST [OWN-END OTHER-END]
//
// It is the tester of RFC 8219, on both sides of the box: it writes frames on the customer's device
// and on the host's, past the stack of either, so that it costs less than any box does
// (generator.h). The customer's packets go from ADDRESS to HOST; with two ends more, each inside a
// packet between them, so that a softwire needs no other end. The host answers what arrives by the
// same, turned round.
//
// First each flow is opened: a few packets go up and down, and must arrive as they should. It then
// says how many bytes stand before the payload of a packet that arrives where the measured ones
// will ("up": at the host). For each line read it sends for SECONDS, as many frames a second as the
// line says, or as many as go if that is 0, and says how many it sent. What arrives others count.
//
// The box's devices have the address 02:00:00:00:00:01.

#include "generator.h"
#include "packet/packet.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAYLOAD    64
#define UDP_HEADER 8
#define PORT       9000
#define PORT_FIRST 40000
#define PATH_ROOM  256
#define OPENINGS   3 // of each flow
#define LINE       64
#define WAIT_MS    1000
#define LAST_BYTE  5

struct side {
    int space; // its network namespace
    unsigned device;
    int in, out;
};

// What a frame holds: an outer packet where it is wrapped, and the one that has the ports.
struct layers {
    struct ip outer, inner;
    uint8_t *at[2]; // where they begin; the outer one is NULL where there is none
    uint8_t *udp;
};

struct end {
    enum family family;
    u128 address;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void refuse(const char *what)
{
    fprintf(stderr, "datagrams: %s\n", what);
    exit(1);
}

static struct end parse_end(const char *text)
{
    struct end ret = {.family = FAMILY_IPV6};
    uint32_t four;
    if (ipv6_parse(slice_of(text), &ret.address))
        return ret;
    if (!ipv4_parse(slice_of(text), &four)) {
        fprintf(stderr, "datagrams: \"%s\" is no address\n", text);
        exit(2);
    }
    return (struct end){FAMILY_IPV4, four};
}

// ---- the two sides

static int open_socket(unsigned device, int protocol)
{
    const int yes = 1;
    const struct sockaddr_ll at = {.sll_family = AF_PACKET,
                                   .sll_protocol = htons((uint16_t)protocol),
                                   .sll_ifindex = (int)device};
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) < 0)
        fail("packet socket");
    return fd;
}

static void enter(const struct side *s)
{
    if (s->space < 0 || setns(s->space, CLONE_NEWNET) < 0)
        fail("network namespace");
}

static struct side open_side(const char *place)
{
    char path[PATH_ROOM];
    const char *slash = strchr(place, '/');
    if (slash == NULL)
        refuse("a place is a namespace and a device: net/eth0");
    snprintf(path, sizeof path, "/run/netns/%.*s", (int)(slash - place), place);
    struct side ret = {.space = open(path, O_RDONLY | O_CLOEXEC)};
    enter(&ret);
    ret.device = if_nametoindex(slash + 1);
    if (ret.device == 0)
        fail(place);
    ret.in = open_socket(ret.device, ETH_P_ALL);
    ret.out = open_socket(ret.device, 0);
    return ret;
}

// ---- frames

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

static size_t write_ethernet(uint8_t *at, enum family f)
{
    memset(at, 0, ETH_HLEN);
    at[0] = at[ETH_ALEN] = 2;
    at[LAST_BYTE] = 1;
    at[ETH_ALEN + LAST_BYTE] = 2;
    store16(at + (2 * ETH_ALEN), f == FAMILY_IPV6 ? ETH_P_IPV6 : ETH_P_IP);
    return ETH_HLEN;
}

static void write_udp(uint8_t *at, const struct end ends[2], uint16_t port)
{
    const size_t length = UDP_HEADER + PAYLOAD;
    memset(at, 0, length);
    store16(at, port);
    store16(at + 2, PORT);
    store16(at + 4, (uint16_t)length);
    uint32_t sum =
        sum_pseudo(ends[0].family, ends[0].address, ends[1].address, PROTOCOL_UDP, length);
    store16(at + 6, (uint16_t)~sum_fold(sum_bytes(at, length, sum_fold(sum))));
}

static void write_frame(struct frame *ret, const struct end ends[4], bool wrapped, uint16_t port)
{
    const bool six = ends[0].family == FAMILY_IPV6;
    const size_t payload = UDP_HEADER + PAYLOAD;
    uint8_t *at = ret->bytes;
    at += write_ethernet(at, ends[wrapped ? 2 : 0].family);
    if (wrapped)
        at += write_header(at, ends + 2, ends + 3, six ? PROTOCOL_IPV6 : PROTOCOL_IPV4,
                           payload + (six ? IPV6_HEADER : IPV4_HEADER));
    at += write_header(at, ends, ends + 1, PROTOCOL_UDP, payload);
    write_udp(at, ends, port);
    ret->length = (size_t)(at - ret->bytes) + payload;
}

// False where it is none of ours, or not as it should be.
static bool read_frame(struct frame *f, struct layers *ret)
{
    uint8_t *at = f->bytes + ETH_HLEN;
    size_t length = f->length - ETH_HLEN;
    *ret = (struct layers){0};
    if (ip_read(at, length, 0, &ret->inner) != IP_FINE)
        return false;
    if (ret->inner.protocol == PROTOCOL_IPV4 || ret->inner.protocol == PROTOCOL_IPV6) {
        ret->outer = ret->inner;
        ret->at[0] = at;
        at += ret->outer.upper;
        length = ret->outer.end - ret->outer.upper;
        if (ip_read(at, length, 0, &ret->inner) != IP_FINE)
            return false;
    }
    ret->at[1] = at;
    ret->udp = at + ret->inner.upper;
    size_t upper = ret->inner.end - ret->inner.upper;
    return ret->inner.protocol == PROTOCOL_UDP && upper == UDP_HEADER + PAYLOAD &&
           sum_fold(sum_bytes(ret->udp, upper,
                              sum_pseudo(ret->inner.family, ret->inner.source,
                                         ret->inner.destination, PROTOCOL_UDP, (uint32_t)upper))) ==
               UINT16_MAX;
}

static void swap(uint8_t *at, size_t bytes)
{
    uint8_t first[sizeof(u128)];
    memcpy(first, at, bytes);
    memmove(at, at + bytes, bytes);
    memcpy(at + bytes, first, bytes);
}

static void swap_addresses(uint8_t *at)
{
    const bool six = at[0] >> 4 == 6;
    swap(at + (six ? 8 : 12), six ? 16 : 4);
}

// Back to where it came from. No checksum changes: all sum up the same words.
static void turn_round(struct frame *f, const struct layers *l)
{
    for (int i = 0; i < 2; i++)
        if (l->at[i])
            swap_addresses(l->at[i]);
    swap(l->udp, 2);
    write_ethernet(f->bytes, f->bytes[ETH_HLEN] >> 4 == 6 ? FAMILY_IPV6 : FAMILY_IPV4);
}

// ---- opening

static bool receive(int fd, struct frame *f, struct layers *l)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (poll(&ready, 1, WAIT_MS) > 0) {
        ssize_t got = recv(fd, f->bytes, sizeof f->bytes, MSG_TRUNC);
        f->length = got > 0 ? (size_t)got : 0;
        if (got >= ETH_HLEN && got <= (ssize_t)sizeof f->bytes && read_frame(f, l))
            return true;
    }
    return false;
}

static void send_one(int fd, const struct frame *f)
{
    if (send(fd, f->bytes, f->length, 0) < 0)
        fail("send");
}

static bool answers(const struct layers *back, const struct layers *sent)
{
    return back->inner.source == sent->inner.destination &&
           back->inner.destination == sent->inner.source && load16(back->udp) == PORT &&
           load16(back->udp + 2) == load16(sent->udp);
}

static size_t heads_of(const struct frame *f, const struct layers *l)
{
    return (size_t)(l->udp + UDP_HEADER - f->bytes) - ETH_HLEN;
}

// The flow's packet up, and its answer down; they are left in *up and *down as they are sent.
static size_t open_flow(struct side sides[2], struct frame *up, struct frame *down, bool is_up)
{
    struct layers sent, there, back;
    struct frame got = {0};
    read_frame(up, &sent);
    send_one(sides[0].out, up);
    if (!receive(sides[1].in, down, &there) || load16(there.udp + 2) != PORT)
        refuse("what the customer sent did not arrive");
    const size_t heads = heads_of(down, &there);
    turn_round(down, &there);
    send_one(sides[1].out, down);
    if (!receive(sides[0].in, &got, &back) || !answers(&back, &sent))
        refuse("what the host answered did not arrive");
    return is_up ? heads : heads_of(&got, &back);
}

// ---- sending

// What goes through a side's device does so past its queue, and is nobody's to read any more.
static void close_sockets(const struct side *s)
{
    close(s->in);
    close(s->out);
}

static void run(char **words, bool wrapped)
{
    static struct frame up[FRAMES_MAX], down[FRAMES_MAX];
    char line[LINE];
    struct end ends[4] = {0};
    const bool is_up = strcmp(words[1], "up") == 0;
    const size_t flows = strtoul(words[3], NULL, 10);
    size_t heads = 0;
    for (int i = 0; i < (wrapped ? 4 : 2); i++)
        ends[i] = parse_end(words[6 + i]);
    struct side sides[2] = {open_side(words[4]), open_side(words[5])};
    for (size_t i = 0; i < flows; i++) {
        write_frame(up + i, ends, wrapped, (uint16_t)(PORT_FIRST + i));
        for (int again = 0; again < OPENINGS; again++)
            heads = open_flow(sides, up + i, down + i, is_up);
    }
    for (int i = 0; i < 2; i++)
        close_sockets(sides + i);
    const struct side *from = sides + (is_up ? 0 : 1);
    enter(from);
    struct generator *g = generator_new(from->device, is_up ? up : down, flows);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%zu\n", heads);
    while (fgets(line, sizeof line, stdin))
        printf("%lu\n", generator_send(g, strtod(line, NULL), strtod(words[2], NULL)));
}

int main(int argc, char **argv)
{
    const bool ways = argc > 1 && (strcmp(argv[1], "up") == 0 || strcmp(argv[1], "down") == 0);
    const size_t flows = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    if (!ways || (argc != 8 && argc != 10) || flows == 0 || flows > FRAMES_MAX) {
        fprintf(stderr, "usage: datagrams up|down SECONDS FLOWS NETNS/DEVICE NETNS/DEVICE ADDRESS "
                        "HOST [OWN-END OTHER-END]\n");
        return 2;
    }
    run(argv, argc == 10);
    return 0;
}
