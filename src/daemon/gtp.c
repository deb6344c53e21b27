// SPDX-License-Identifier: Apache-2.0
//
// Both ends of a tunnel are one thing: a UDP socket, sessions, and what is behind them, which is a
// radio link each (gNB) or a TUN device for all (UPF).

#include "daemon/gtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKETS_A_TURN 256
#define ROUTER         (((u128)0xfe80 << 112) | 1) // the UPF's own link-local address

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

struct counts {
    uint64_t up, down, unknown, foreign, wrong, lost;
};

struct endpoint;

struct radio {
    struct endpoint *endpoint;
    const struct gtp_session *session;
    struct link link;
};

struct endpoint {
    const struct gtp_options *options;
    bool upf;
    int udp, tun;
    struct radio radios[GTP_SESSIONS_MAX];
    struct counts counts;
    int64_t next_echo, next_advert;
    uint16_t sequence;
    bool heard; // the other end has answered an echo
    uint8_t buffer[TUN_BUFFER];
};

static union address to_socket(const struct prefix *p, socklen_t *ret_size)
{
    union address a = {0};
    *ret_size = p->family == FAMILY_IPV6 ? sizeof a.six : sizeof a.four;
    if (p->family == FAMILY_IPV6) {
        a.six.sin6_family = AF_INET6;
        a.six.sin6_port = htons(GTPU_PORT);
        store128(a.six.sin6_addr.s6_addr, p->address);
    } else {
        a.four.sin_family = AF_INET;
        a.four.sin_port = htons(GTPU_PORT);
        a.four.sin_addr.s_addr = htonl((uint32_t)p->address);
    }
    return a;
}

static void send_to(struct endpoint *n, const union address *to, const uint8_t *at, size_t length)
{
    socklen_t size = to->any.sa_family == AF_INET6 ? sizeof to->six : sizeof to->four;
    if (sendto(n->udp, at, length, 0, &to->any, size) != (ssize_t)length)
        n->counts.lost++;
}

// What is no answer to a request goes to the port of GTP-U (4.4.2.3, 4.4.2.4).
static void tell_other(struct endpoint *n, const uint8_t *at, size_t length)
{
    socklen_t size;
    const union address to = to_socket(&n->options->other, &size);
    send_to(n, &to, at, length);
}

static void into_tunnel(struct endpoint *n, const struct gtp_session *s, struct packet *p)
{
    if (gtpu_wrap(p, s->other, n->upf ? GTPU_DOWN : GTPU_UP, s->qfi))
        tell_other(n, p->at, p->length);
}

static void advertise(struct endpoint *n, const struct gtp_session *s)
{
    uint8_t buffer[PACKET_HEADROOM + IPV6_MTU_LEAST + PACKET_TAILROOM];
    struct packet p;
    struct advert a = n->options->advert;
    packet_init(&p, buffer, sizeof buffer);
    a.prefixes[0] = (struct advert_prefix){.prefix = s->prefix,
                                           .length = 64,
                                           .autonomous = true,
                                           .valid = NDP_FOREVER,
                                           .preferred = NDP_FOREVER};
    a.prefix_count = 1;
    size_t length = advert_write(&a, p.at + IPV6_HEADER, IPV6_MTU_LEAST - IPV6_HEADER);
    p.length = ndp_finish(p.at, ROUTER, IPV6_ALL_NODES, length);
    into_tunnel(n, s, &p);
}

// From a telephone: its solicitation is answered, its own addresses may pass, others may not.
static void from_telephone(struct endpoint *n, const struct gtp_session *s, struct packet *p)
{
    struct ip ip;
    u128 source;
    if (solicit_read(p->at, p->length, &source)) {
        advertise(n, s);
    } else if (ip_read(p->at, p->length, 0, &ip) != IP_FINE || ip.family != FAMILY_IPV6) {
        n->counts.wrong++;
    } else if (ip.source >> 64 != s->prefix >> 64) {
        n->counts.foreign += !is_link_local(ip.source) && ip.source != 0;
    } else if (ip.destination >> 120 != 0xff) {
        n->counts.up++;
        n->counts.lost += !tun_write(n->tun, p);
    }
}

static void to_radio(struct endpoint *n, size_t which, const struct packet *p)
{
    n->counts.down++;
    n->counts.lost += !link_send(&n->radios[which].link, NULL, p->at, p->length);
}

static void user_packet(struct endpoint *n, const struct gtpu *g, struct packet *p)
{
    const struct gtp_options *o = n->options;
    uint8_t message[GTPU_MESSAGE_MAX];
    for (size_t i = 0; i < o->session_count; i++)
        if (o->sessions[i].own == g->teid) {
            if (n->upf)
                from_telephone(n, o->sessions + i, p);
            else
                to_radio(n, i, p);
            return;
        }
    n->counts.unknown++;
    if (g->teid != 0) // 7.3.1
        tell_other(n, message, gtpu_error(message, g->teid, o->own.family, o->own.address));
}

static void own_message(struct endpoint *n, const struct gtpu *g, const uint8_t *at,
                        const union address *from)
{
    uint8_t message[GTPU_MESSAGE_MAX];
    char text[ADDRESS_TEXT_MAX];
    const struct gtp_options *o = n->options;
    uint32_t teid;
    address_format(o->other.family, o->other.address, text);
    if (g->type == GTPU_ECHO_REQUEST) {
        send_to(n, from, message, gtpu_echo(message, GTPU_ECHO_RESPONSE, g->sequence));
    } else if (g->type == GTPU_ECHO_RESPONSE && !n->heard) {
        n->heard = true;
        speak(&o->speaker, "path: %s answers", text);
    } else if (g->type == GTPU_ERROR && gtpu_error_read(at, g, &teid)) {
        speak(&o->speaker, "error: %s knows no tunnel %" PRIu32, text, teid);
    } else if (g->type == GTPU_SUPPORTED) {
        speak(&o->speaker, "error: %s does not understand an extension header", text);
    }
}

static bool is_other(const struct endpoint *n, const union address *from)
{
    const struct prefix *o = &n->options->other;
    return from->any.sa_family == AF_INET6
               ? o->family == FAMILY_IPV6 && load128(from->six.sin6_addr.s6_addr) == o->address
               : o->family == FAMILY_IPV4 && ntohl(from->four.sin_addr.s_addr) == o->address;
}

static void message(struct endpoint *n, struct packet *p, const union address *from)
{
    struct gtpu g;
    uint8_t answer[GTPU_MESSAGE_MAX];
    switch (gtpu_read(p->at, p->length, &g)) {
    case GTPU_EXTENSION:
        n->counts.wrong++;
        tell_other(n, answer, gtpu_supported(answer));
        return;
    case GTPU_SHORT:
    case GTPU_VERSION:
        n->counts.wrong++;
        return;
    case GTPU_FINE:
        break;
    }
    if (g.type != GTPU_PACKET) {
        own_message(n, &g, p->at, from);
        return;
    }
    p->at += g.payload;
    p->length = g.end - g.payload;
    user_packet(n, &g, p);
}

static int from_udp(void *arg, struct err *e)
{
    struct endpoint *n = arg;
    (void)e;
    for (unsigned i = 0; i < PACKETS_A_TURN; i++) {
        struct packet p;
        union address from = {0};
        socklen_t size = sizeof from;
        packet_init(&p, n->buffer, sizeof n->buffer);
        ssize_t got = recvfrom(n->udp, p.at, packet_room(&p), 0, &from.any, &size);
        if (got < 0)
            return 0;
        p.length = (size_t)got;
        if (is_other(n, &from))
            message(n, &p, &from);
        else
            n->counts.foreign++;
    }
    return 0;
}

static int from_tun(void *arg, struct err *e)
{
    struct endpoint *n = arg;
    bool got = true;
    int code = 0;
    for (unsigned i = 0; !code && got && i < PACKETS_A_TURN; i++) {
        struct packet p;
        struct ip ip;
        code = tun_read(n->tun, n->buffer, &p, &got, e);
        if (code || !got || ip_read(p.at, p.length, 0, &ip) != IP_FINE || ip.family != FAMILY_IPV6)
            continue;
        for (size_t s = 0; s < n->options->session_count; s++)
            if (n->options->sessions[s].prefix >> 64 == ip.destination >> 64) {
                n->counts.down++;
                into_tunnel(n, n->options->sessions + s, &p);
                break;
            }
    }
    return code;
}

static int from_radio(void *arg, struct err *e)
{
    struct radio *r = arg;
    struct endpoint *n = r->endpoint;
    int code = 0;
    for (unsigned i = 0; !code && i < PACKETS_A_TURN; i++) {
        struct packet p;
        packet_init(&p, n->buffer, sizeof n->buffer);
        code = link_receive(&r->link, p.at, packet_room(&p), NULL, &p.length, e);
        if (code || p.length == 0)
            break;
        n->counts.up++;
        into_tunnel(n, r->session, &p);
    }
    return code;
}

static void tick(void *arg)
{
    struct endpoint *n = arg;
    const struct gtp_options *o = n->options;
    uint8_t echo[GTPU_MESSAGE_MAX];
    int64_t now = clock_milliseconds();
    if (now >= n->next_echo) {
        tell_other(n, echo, gtpu_echo(echo, GTPU_ECHO_REQUEST, n->sequence++));
        n->next_echo = now + GTP_ECHO_MS;
    }
    if (n->upf && now >= n->next_advert) {
        for (size_t i = 0; i < o->session_count; i++)
            advertise(n, o->sessions + i);
        n->next_advert = now + (int64_t)o->interval * 1000;
    }
}

static void say_counts(void *arg)
{
    const struct endpoint *n = arg;
    const struct counts *c = &n->counts;
    speak(&n->options->speaker,
          "packets: up %" PRIu64 ", down %" PRIu64 ", of no tunnel %" PRIu64
          ", from others' addresses %" PRIu64 ", not understood %" PRIu64 ", not taken %" PRIu64,
          c->up, c->down, c->unknown, c->foreign, c->wrong, c->lost);
}

static int open_udp(struct endpoint *n, struct err *e)
{
    const struct prefix *own = &n->options->own;
    char text[ADDRESS_TEXT_MAX];
    socklen_t size;
    union address at = to_socket(own, &size);
    n->udp = socket(at.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (n->udp < 0 || bind(n->udp, &at.any, size) < 0)
        return err_system(e, "cannot use %s port %d",
                          address_format(own->family, own->address, text), GTPU_PORT);
    return 0;
}

static int open_tun(struct endpoint *n, struct err *e)
{
    const struct gtp_options *o = n->options;
    int code = tun_open(o->device, o->mtu, false, &n->tun, e);
    for (size_t i = 0; !code && i < o->session_count; i++)
        code = device_route(o->device, &(struct prefix){FAMILY_IPV6, o->sessions[i].prefix, 64}, e);
    return code;
}

static int open_radios(struct endpoint *n, struct loop *l, struct err *e)
{
    int code = 0;
    for (size_t i = 0; !code && i < n->options->session_count; i++) {
        struct radio *r = n->radios + i;
        r->endpoint = n;
        r->session = n->options->sessions + i;
        code = link_open(r->session->radio, GTP_RADIO, &r->link, e);
        if (!code)
            l->watches[l->count++] = (struct watch){r->link.fd, from_radio, r};
    }
    return code;
}

static int serve(struct endpoint *n, struct err *e)
{
    struct loop loop = {.tick = tick, .usr1 = say_counts, .arg = n};
    int code = open_udp(n, e);
    if (!code)
        loop.watches[loop.count++] = (struct watch){n->udp, from_udp, n};
    if (!code)
        code = n->upf ? open_tun(n, e) : open_radios(n, &loop, e);
    if (!code && n->upf)
        loop.watches[loop.count++] = (struct watch){n->tun, from_tun, n};
    if (!code)
        code = privileges_drop(e);
    if (code)
        return code;
    speak(&n->options->speaker, "ready: %zu sessions", n->options->session_count);
    tick(n);
    code = loop_run(&loop, e);
    say_counts(n);
    return code;
}

static int run(const struct gtp_options *o, bool upf, struct err *e)
{
    struct endpoint *n = calloc(1, sizeof *n);
    if (!n)
        return err_memory(e);
    n->options = o;
    n->upf = upf;
    n->udp = n->tun = -1;
    for (size_t i = 0; i < GTP_SESSIONS_MAX; i++)
        n->radios[i].link.fd = -1;
    int code = serve(n, e);
    for (size_t i = 0; i < GTP_SESSIONS_MAX; i++)
        link_close(&n->radios[i].link);
    if (n->udp >= 0)
        close(n->udp);
    if (n->tun >= 0)
        close(n->tun);
    free(n);
    return code;
}

int gnb_run(const struct gtp_options *o, struct err *e)
{
    return run(o, false, e);
}

int upf_run(const struct gtp_options *o, struct err *e)
{
    return run(o, true, e);
}
