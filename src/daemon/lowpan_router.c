// SPDX-License-Identifier: Apache-2.0
//
// The border router (RFC 6775, 6 and 7): it tells what hosts need, and knows who is there by their
// registrations alone.

#include "daemon/lowpan_node.h"

#include <stdlib.h>

#define UNREACHABLE         1 // ICMPv6
#define ADDRESS_UNREACHABLE 3

struct router {
    struct lowpan_node node; // first
    struct lowpan_registry registry;
    struct icmp_limit errors;
    u128 own; // in the prefix
    bool greeted;
};

static void advertise(struct router *r, u128 to, const struct wpan_address *link)
{
    const struct lowpan_options *o = r->node.options;
    uint32_t seconds = o->minutes * 60;
    struct lowpan_nd m = {.type = NDP_ADVERT,
                          .source = r->node.local,
                          .destination = to,
                          .has_link = true,
                          .link = r->node.radio.own,
                          .hop_limit = 64,
                          .lifetime = (uint16_t)seconds,
                          .mtu = LOWPAN_MTU,
                          .prefixes = {{o->prefix, 64, false, true, seconds, seconds}},
                          .prefix_count = 1,
                          .context_count = o->context_count,
                          .has_abro = true,
                          .version = 1,
                          .abro_minutes = (uint16_t)o->minutes,
                          .border = r->own};
    for (size_t i = 0; i < o->context_count; i++) {
        struct lowpan_told_context *c = m.contexts + i;
        *c = o->contexts[i];
        if (o->trick == LOWPAN_WRONG_CONTEXT && c->length > 0)
            c->prefix ^= (u128)1 << (128 - c->length);
    }
    lowpan_node_tell(&r->node, link, &m);
}

static void answer(struct router *r, const struct lowpan_nd *asked, const struct wpan_address *from,
                   enum lowpan_status status)
{
    struct wpan_address eui = wpan_extended(asked->aro.eui);
    bool refused = asked->has_aro && status != LOWPAN_REGISTERED;
    struct lowpan_nd m = {.type = NDP_NEIGHBOR_ADVERT,
                          .source = r->node.local,
                          .destination = refused ? lowpan_local(&eui) : asked->source,
                          .target = asked->target,
                          .router = true,
                          .solicited = true,
                          .has_aro = asked->has_aro,
                          .aro = asked->aro};
    m.aro.status = (uint8_t)status;
    lowpan_node_tell(&r->node, refused ? &eui : from, &m);
}

static void say_registration(const struct router *r, const struct lowpan_nd *m,
                             enum lowpan_status status)
{
    static const char *const words[] = {"registered", "refused, a duplicate",
                                        "refused, no place is left"};
    char text[ADDRESS_TEXT_MAX];
    speak(&r->node.options->speaker, "host: %s %016llx %s",
          address_format(FAMILY_IPV6, m->source, text), (unsigned long long)m->aro.eui,
          m->aro.minutes || status ? words[status] : "gone");
}

static void solicited(struct router *r, struct lowpan_nd *m, const struct wpan_address *from)
{
    int64_t now = clock_milliseconds();
    if (m->source == 0 || (m->target != r->node.local && m->target != r->own) ||
        (m->has_aro && m->aro.status != 0))
        return;
    m->has_aro &= m->has_link;
    if (!m->has_aro) {
        answer(r, m, from, LOWPAN_REGISTERED);
        return;
    }
    const struct lowpan_registration *known = lowpan_registered(&r->registry, m->source, now);
    bool fresh = !known || known->eui != m->aro.eui;
    enum lowpan_status status = r->node.options->trick == LOWPAN_NO_PLACE ? LOWPAN_CACHE_FULL
                                : m->source == r->own                     ? LOWPAN_DUPLICATE
                                                      : lowpan_register(&r->registry, m, now);
    if (fresh || status != LOWPAN_REGISTERED || m->aro.minutes == 0)
        say_registration(r, m, status);
    answer(r, m, from, status);
}

static void discovery(struct lowpan_node *n, const struct lowpan_nd *m,
                      const struct wpan_address *from)
{
    struct router *r = (struct router *)n;
    struct lowpan_nd copy = *m;
    if (m->type == NDP_NEIGHBOR_SOLICIT)
        solicited(r, &copy, from);
    else if (m->type == NDP_SOLICIT && m->source != 0)
        advertise(r, m->source, m->has_link ? &m->link : from);
}

static bool next_hop(struct lowpan_node *n, struct packet *p, const struct ip *ip,
                     struct wpan_address *ret)
{
    struct router *r = (struct router *)n;
    int64_t now = clock_milliseconds();
    const struct lowpan_registration *row = lowpan_registered(&r->registry, ip->destination, now);
    if (row) {
        *ret = row->link;
        return true;
    }
    n->counts.unplaced++;
    if (icmp_limit_allows(&r->errors, now) &&
        icmp_error(p, ip, r->own, UNREACHABLE, ADDRESS_UNREACHABLE, 0))
        (void)tun_write(n->tun, p);
    return false;
}

static bool accepts(const struct lowpan_node *n, const struct ip *ip,
                    const struct wpan_address *from)
{
    const struct router *r = (const struct router *)n;
    if (is_link_local(ip->source))
        return true;
    const struct lowpan_registration *row =
        lowpan_registered(&r->registry, ip->source, clock_milliseconds());
    return row && wpan_same(&row->link, from);
}

static void tick(void *arg)
{
    struct router *r = arg;
    const struct wpan_address everybody = wpan_short(WPAN_EVERYBODY);
    if (!r->greeted)
        advertise(r, IPV6_ALL_NODES, &everybody);
    r->greeted = true;
}

static int serve(struct router *r, const struct lowpan_options *o, struct err *e)
{
    int code = lowpan_node_open(&r->node, o, e);
    if (code)
        return code;
    r->own = o->prefix | wpan_iid(&r->node.radio.own);
    for (size_t i = 0; i < o->context_count; i++) {
        const struct lowpan_told_context *c = o->contexts + i;
        r->node.contexts.iphc.contexts[c->id] =
            (struct iphc_context){c->prefix, c->length, true, true};
    }
    code = device_address(o->device, &(struct prefix){FAMILY_IPV6, r->own, 64}, e);
    if (!code)
        code = privileges_drop(e);
    return code ? code : lowpan_node_loop(&r->node, e);
}

int lowpan_router_run(const struct lowpan_options *o, struct err *e)
{
    struct router *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->node.next_hop = next_hop;
    r->node.accepts = accepts;
    r->node.discovery = discovery;
    r->node.tick = tick;
    int code = serve(r, o, e);
    lowpan_node_close(&r->node);
    free(r);
    return code;
}
