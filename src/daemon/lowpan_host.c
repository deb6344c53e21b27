// SPDX-License-Identifier: Apache-2.0
//
// A host (RFC 6775, 5): it asks for a router, makes its address from the prefix and its address on
// the radio, and uses it once the router has it registered. Whatever is not link-local goes to the
// router. It keeps its rights, as addresses come and go.

#include "daemon/lowpan_node.h"

#include <stdlib.h>

#define SOLICIT_WAIT    10000 // RTR_SOLICITATION_INTERVAL, milliseconds
#define SOLICIT_FIRST   3     // MAX_RTR_SOLICITATIONS
#define SOLICIT_LONGEST 60000 // MAX_RTR_SOLICITATION_INTERVAL
#define REGISTER_WAIT   1000  // RETRANS_TIMER
#define REGISTER_FIRST  3     // MAX_UNICAST_SOLICIT
#define REFUSED_WAIT    60000

struct host {
    struct lowpan_node node; // first
    bool has_router, registered, installed;
    struct wpan_address router;
    u128 router_local, address;
    int64_t router_until, address_until;
    int64_t solicit, enroll; // when next; 0: not
    int64_t wait;
    unsigned solicited, enrolled;
    uint16_t lifetime; // of the router
};

static void solicit(struct host *h, int64_t now)
{
    const struct wpan_address everybody = wpan_short(WPAN_EVERYBODY);
    bool known = h->has_router && h->registered;
    struct lowpan_nd m = {.type = NDP_SOLICIT,
                          .source = h->node.local,
                          .destination = known ? h->router_local : IPV6_ALL_ROUTERS,
                          .has_link = true,
                          .link = h->node.radio.extended};
    lowpan_node_tell(&h->node, known ? &h->router : &everybody, &m);
    if (++h->solicited >= SOLICIT_FIRST && h->wait < SOLICIT_LONGEST)
        h->wait = h->wait * 2 > SOLICIT_LONGEST ? SOLICIT_LONGEST : h->wait * 2;
    h->solicit = now + h->wait;
}

static void look_for_router(struct host *h, int64_t now)
{
    h->registered = false;
    h->solicited = 0;
    h->wait = SOLICIT_WAIT;
    h->enroll = 0;
    solicit(h, now);
}

static void lose_router(struct host *h, int64_t now)
{
    speak(&h->node.options->speaker, "router: gone");
    h->has_router = false;
    look_for_router(h, now);
}

static void enroll(struct host *h, int64_t now)
{
    if (h->enrolled++ >= REGISTER_FIRST) {
        speak(&h->node.options->speaker, "router: no answer");
        look_for_router(h, now);
        return;
    }
    struct lowpan_nd m = {
        .type = NDP_NEIGHBOR_SOLICIT,
        .source = h->address,
        .destination = h->router_local,
        .target = h->router_local,
        .has_link = true,
        .link = h->node.radio.own,
        .has_aro = true,
        .aro = {0, (uint16_t)h->node.options->minutes, h->node.radio.extended.value}};
    lowpan_node_tell(&h->node, &h->router, &m);
    h->enroll = now + REGISTER_WAIT;
}

static void forget_address(struct host *h)
{
    struct err ignored;
    if (h->installed)
        (void)device_address_remove(h->node.options->device,
                                    &(struct prefix){FAMILY_IPV6, h->address, 128}, &ignored);
    h->installed = h->registered = false;
}

// Of the first prefix of which addresses may be made.
static bool make_address(struct host *h, const struct lowpan_nd *m, int64_t now)
{
    for (size_t i = 0; i < m->prefix_count; i++) {
        const struct advert_prefix *p = m->prefixes + i;
        if (!p->autonomous || p->length != 64 || p->valid == 0)
            continue;
        u128 address = (p->prefix >> 64 << 64) | wpan_iid(&h->node.radio.own);
        if (address != h->address)
            forget_address(h);
        h->address = address;
        h->address_until = p->valid == NDP_FOREVER ? INT64_MAX : now + (int64_t)p->valid * 1000;
        return true;
    }
    return false;
}

static void advertised(struct host *h, const struct lowpan_nd *m)
{
    char text[ADDRESS_TEXT_MAX];
    int64_t now = clock_milliseconds();
    if (m->lifetime == 0 && h->has_router && m->source == h->router_local)
        lose_router(h, now);
    if (m->lifetime == 0 || !m->has_link || !is_link_local(m->source))
        return;
    if (!h->has_router || h->router_local != m->source)
        speak(&h->node.options->speaker, "router: %s",
              address_format(FAMILY_IPV6, m->source, text));
    lowpan_contexts_told(&h->node.contexts, m, now);
    h->has_router = true;
    h->router = m->link;
    h->router_local = m->source;
    h->lifetime = m->lifetime;
    h->router_until = now + (int64_t)m->lifetime * 1000;
    h->solicit = now + (int64_t)m->lifetime * 500;
    h->solicited = 0;
    h->wait = SOLICIT_WAIT;
    if (make_address(h, m, now)) {
        h->enrolled = 0;
        enroll(h, now);
    }
}

static void install(struct host *h)
{
    const char *device = h->node.options->device;
    const struct prefix own = {FAMILY_IPV6, h->address, 128}, all = {FAMILY_IPV6, 0, 0};
    char text[ADDRESS_TEXT_MAX];
    struct err e;
    if (device_address(device, &own, &e) || device_route(device, &all, &e)) {
        speak(&h->node.options->speaker, "address: %s", e.text);
        return;
    }
    h->installed = true;
    speak(&h->node.options->speaker, "registered: %s",
          address_format(FAMILY_IPV6, h->address, text));
}

static void confirmed(struct host *h, const struct lowpan_nd *m)
{
    char text[ADDRESS_TEXT_MAX];
    int64_t now = clock_milliseconds();
    if (!h->has_router || !m->has_aro || m->aro.eui != h->node.radio.extended.value ||
        m->target != h->router_local || h->address == 0 ||
        (m->aro.status == LOWPAN_REGISTERED && m->aro.minutes == 0))
        return;
    if (m->aro.status == LOWPAN_REGISTERED) {
        h->registered = true;
        h->enrolled = 0;
        h->enroll = now + (int64_t)m->aro.minutes * LOWPAN_ND_MINUTE / 2;
        if (!h->installed)
            install(h);
        return;
    }
    speak(&h->node.options->speaker, "refused: %s, %s",
          address_format(FAMILY_IPV6, h->address, text),
          m->aro.status == LOWPAN_DUPLICATE ? "another has it" : "the router has no place");
    forget_address(h);
    h->enrolled = 0;
    h->enroll = now + REFUSED_WAIT;
}

static void discovery(struct lowpan_node *n, const struct lowpan_nd *m,
                      const struct wpan_address *from)
{
    struct host *h = (struct host *)n;
    (void)from;
    if (m->type == NDP_ADVERT)
        advertised(h, m);
    else if (m->type == NDP_NEIGHBOR_ADVERT)
        confirmed(h, m);
}

static bool next_hop(struct lowpan_node *n, struct packet *p, const struct ip *ip,
                     struct wpan_address *ret)
{
    struct host *h = (struct host *)n;
    (void)p;
    (void)ip;
    n->counts.unplaced += !h->has_router;
    *ret = h->router;
    return h->has_router;
}

static bool accepts(const struct lowpan_node *n, const struct ip *ip,
                    const struct wpan_address *from)
{
    (void)n;
    (void)ip;
    (void)from;
    return true; // the kernel takes only what is for it
}

static void tick(void *arg)
{
    struct host *h = arg;
    int64_t now = clock_milliseconds();
    lowpan_contexts_age(&h->node.contexts, (int64_t)h->lifetime * 2000, now);
    if (h->has_router && h->router_until <= now)
        lose_router(h, now);
    if (h->address && h->address_until <= now) {
        forget_address(h);
        h->address = 0;
        h->enroll = 0;
    }
    if (h->solicit <= now)
        solicit(h, now);
    if (h->enroll && h->enroll <= now)
        enroll(h, now);
}

int lowpan_host_run(const struct lowpan_options *o, struct err *e)
{
    struct host *h = calloc(1, sizeof *h);
    if (!h)
        return err_memory(e);
    h->wait = SOLICIT_WAIT;
    h->node.next_hop = next_hop;
    h->node.accepts = accepts;
    h->node.discovery = discovery;
    h->node.tick = tick;
    int code = lowpan_node_open(&h->node, o, e);
    if (!code)
        code = lowpan_node_loop(&h->node, e);
    lowpan_node_close(&h->node);
    free(h);
    return code;
}
