// SPDX-License-Identifier: Apache-2.0

#include "daemon/lowpan_node.h"

#include <inttypes.h>
#include <unistd.h>

#define PACKETS_A_TURN 16
#define MLD_FIRST      130
#define NDP_LAST       137
#define MLD2_REPORT    143

static void queue_frame(void *arg, const uint8_t *payload, size_t length)
{
    void **both = arg;
    radio_send(both[0], both[1], payload, length);
}

void lowpan_node_send(struct lowpan_node *n, const struct wpan_address *to, const uint8_t *packet,
                      size_t length)
{
    struct wpan_address copy = *to;
    void *both[] = {&n->radio, &copy};
    const struct lowpan_link link = {n->radio.own, *to};
    struct lowpan_way way = {.iphc = &n->contexts.iphc,
                             .plain = n->options->plain,
                             .tag = n->tag,
                             .frame = queue_frame,
                             .arg = both};
    radio_begin(&n->radio);
    n->counts.out += lowpan_cut(&way, &link, packet, length) > 0;
    n->tag = way.tag;
}

void lowpan_node_tell(struct lowpan_node *n, const struct wpan_address *to,
                      const struct lowpan_nd *m)
{
    uint8_t at[LOWPAN_ND_MAX];
    lowpan_node_send(n, to, at, lowpan_nd_write(m, at));
}

// What the kernel says to neighbours of a link that it does not know.
static bool kernels_own(const struct packet *p, const struct ip *ip)
{
    uint8_t type = p->length > ip->upper ? p->at[ip->upper] : 0;
    return ip->protocol == PROTOCOL_ICMPV6 &&
           ((type >= MLD_FIRST && type <= NDP_LAST) || type == MLD2_REPORT);
}

static void outwards(struct lowpan_node *n, struct packet *p)
{
    struct wpan_address to = wpan_short(WPAN_EVERYBODY);
    struct ip ip;
    if (ip_read(p->at, p->length, 0, &ip) != IP_FINE || ip.family != FAMILY_IPV6 ||
        kernels_own(p, &ip))
        return;
    if (is_link_local(ip.destination))
        to = wpan_of_iid((uint64_t)ip.destination);
    else if (ip.destination >> 120 != 0xff && !n->next_hop(n, p, &ip, &to))
        return;
    lowpan_node_send(n, &to, p->at, p->length);
}

static int from_tun(void *arg, struct err *e)
{
    struct lowpan_node *n = arg;
    bool got = true;
    int code = 0;
    for (unsigned i = 0; !code && got && i < PACKETS_A_TURN; i++) {
        struct packet p;
        code = tun_read(n->tun, n->buffer, &p, &got, e);
        if (!code && got)
            outwards(n, &p);
    }
    return code;
}

static void inwards(struct lowpan_node *n, struct packet *p, const struct wpan_address *from)
{
    struct lowpan_nd m;
    struct ip ip;
    if (lowpan_nd_read(p->at, p->length, &m)) {
        n->discovery(n, &m, from);
    } else if (ip_read(p->at, p->length, 0, &ip) != IP_FINE || ip.family != FAMILY_IPV6) {
        n->counts.unknown++;
    } else if (!n->accepts(n, &ip, from)) {
        n->counts.foreign++;
    } else if (!kernels_own(p, &ip)) {
        n->counts.in++;
        (void)tun_write(n->tun, p);
    }
}

static void from_radio(void *arg, const struct wpan_frame *f, const uint8_t *frame)
{
    struct lowpan_node *n = arg;
    const struct lowpan_link link = {f->source, f->destination};
    struct packet p;
    enum iphc_fault header;
    enum lowpan_fault fault = lowpan_join(n->joiner, &n->contexts.iphc, &link, frame + f->payload,
                                          f->end - f->payload, clock_milliseconds(), &p, &header);
    if (fault == LOWPAN_FINE) {
        inwards(n, &p, &f->source);
    } else if (fault != LOWPAN_WAITING) {
        n->counts.unknown++;
        if (fault == LOWPAN_HEADER && !n->told_unknown)
            speak(&n->options->speaker, "not understood: %s", iphc_fault_name(header));
        n->told_unknown |= fault == LOWPAN_HEADER;
    }
}

static void say_counts(void *arg)
{
    const struct lowpan_node *n = arg;
    const struct lowpan_counts *c = &n->counts;
    const struct radio_counts *r = &n->radio.counts;
    speak(&n->options->speaker,
          "packets: out %" PRIu64 ", in %" PRIu64 ", not understood %" PRIu64
          ", from others' addresses %" PRIu64 ", for nobody %" PRIu64,
          c->out, c->in, c->unknown, c->foreign, c->unplaced);
    speak(&n->options->speaker,
          "frames: sent %" PRIu64 ", received %" PRIu64 ", again %" PRIu64 ", lost %" PRIu64
          ", given up %" PRIu64 ", queue full %" PRIu64,
          r->sent, r->received, r->again, r->lost, r->given_up, r->full);
}

// The kernel's own link-local address of the device is nothing that the radio's could be made of.
static int own_address(struct lowpan_node *n, struct err *e)
{
    const char *device = n->options->device;
    const struct prefix own = {FAMILY_IPV6, n->local, 64};
    u128 other;
    if (link_local_address(device, &other) && other != n->local)
        (void)device_address_remove(device, &(struct prefix){FAMILY_IPV6, other, 64}, e);
    return device_address(device, &own, e);
}

int lowpan_node_open(struct lowpan_node *n, const struct lowpan_options *o, struct err *e)
{
    n->options = o;
    n->tun = n->radio.link.fd = n->radio.timer = -1;
    n->tag = (uint16_t)random_seed();
    n->radio.received = from_radio;
    n->radio.arg = n;
    n->joiner = lowpan_joiner_new();
    if (!n->joiner)
        return err_memory(e);
    int code = radio_open(&o->radio, &n->radio, e);
    if (code)
        return code;
    n->local = lowpan_local(&n->radio.extended);
    code = tun_open(o->device, LOWPAN_MTU, false, &n->tun, e);
    return code ? code : own_address(n, e);
}

void lowpan_node_close(struct lowpan_node *n)
{
    radio_close(&n->radio);
    if (n->tun >= 0)
        close(n->tun);
    lowpan_joiner_free(&n->joiner);
}

int lowpan_node_loop(struct lowpan_node *n, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    const struct loop loop = {.watches = {{n->tun, from_tun, n},
                                          {n->radio.link.fd, radio_readable, &n->radio},
                                          {n->radio.timer, radio_timed, &n->radio}},
                              .count = 3,
                              .tick = n->tick,
                              .usr1 = say_counts,
                              .arg = n};
    speak(&n->options->speaker, "ready: %s %s", n->options->device,
          address_format(FAMILY_IPV6, n->local, text));
    n->tick(n);
    int code = loop_run(&loop, e);
    say_counts(n);
    return code;
}
