// SPDX-License-Identifier: Apache-2.0
//
// The addresses of a host, and whether their ports open.

#include "check/web_host.h"

#include <string.h>

static const uint16_t ports[WEB_PORTS] = {80, 443};

static const char *chain_text(struct web_host *h, const struct lookup *l)
{
    return l->chain_count ? host_text(h, l->chain[l->chain_count - 1]) : "";
}

static void addresses_keep(struct web_host *h, struct web_names *n, enum family f,
                           const struct lookup *l)
{
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++) {
        if (n->count == WEB_ADDRESSES_MAX) {
            n->left_out++;
            continue;
        }
        struct web_address *a = &n->addresses[n->count++];
        a->at = (struct endpoint){f, 0, l->data[i].address};
        a->oddity = guard_oddity(&h->checker->guard, f, l->data[i].address);
    }
}

static void names_keep(struct web_host *h, enum family f, const struct lookup *l)
{
    struct web_names *n = &h->facts->names[f];
    n->known = true;
    n->status = l->status;
    n->by_timeout = l->by_timeout;
    n->opted_out = l->opted_out;
    n->why = host_text(h, l->why ? l->why : "");
    n->by = host_text(h, l->by ? l->by : "");
    n->chain = chain_text(h, l);
    n->at = l->at;
    n->took = l->took;
    addresses_keep(h, n, f, l);
}

static bool is_answered(enum lookup_status s)
{
    return s == LOOKUP_FOUND || s == LOOKUP_NO_DATA || s == LOOKUP_NO_NAME;
}

// The same, asked over the other family than the first answer came over: name servers that do not
// all have the address are seen, and it does not depend on chance what is looked at.
static void named_again(struct errand *r)
{
    struct web_host *h = r->host;
    struct web_names *n = &h->facts->names[r->index];
    const struct lookup *l = r->lookup;
    if (!is_answered(l->status) || (l->status == LOOKUP_FOUND) == (n->status == LOOKUP_FOUND))
        return;
    n->denied_by = l->status == LOOKUP_FOUND ? n->by : host_text(h, l->by);
    if (l->status == LOOKUP_FOUND)
        names_keep(h, (enum family)r->index, l);
}

static void named(struct errand *r)
{
    struct web_host *h = r->host;
    const struct checker *c = h->checker;
    enum family f = (enum family)r->index;
    names_keep(h, f, r->lookup);
    const struct web_names *n = &h->facts->names[f];
    unsigned over = n->by[0] == '[' ? RESOLVE_IPV4 : RESOLVE_IPV6;
    bool here = over == RESOLVE_IPV4 ? c->ipv4_here : c->ipv6_here;
    bool wanted = f == FAMILY_IPV6 || n->status != LOOKUP_FOUND;
    if (is_answered(n->status) && wanted && here)
        errand_lookup(h, h->facts->host, f, over, named_again, NULL, r->index);
}

void stage_names(struct web_host *h)
{
    errand_lookup(h, h->facts->host, FAMILY_IPV6, RESOLVE_BOTH, named, NULL, FAMILY_IPV6);
    errand_lookup(h, h->facts->host, FAMILY_IPV4, RESOLVE_BOTH, named, NULL, FAMILY_IPV4);
}

static void knocked(struct errand *r)
{
    struct web_address *a = r->about;
    knock_keep(r, &a->knocks[r->index]);
}

void stage_connect(struct web_host *h)
{
    const struct web_facts *f = h->facts;
    h->facts->connected = true;
    for (int family = 0; family < WEB_FAMILIES; family++) {
        if (!(family == FAMILY_IPV6 ? f->ipv6_here : f->ipv4_here))
            continue;
        struct web_names *n = &h->facts->names[family];
        for (size_t i = 0; i < n->count; i++)
            for (int port = 0; port < WEB_PORTS; port++) {
                struct endpoint to = n->addresses[i].at;
                to.port = ports[port];
                if (n->addresses[i].oddity == ODDITY_NONE)
                    errand_knock(h, &to, knocked, &n->addresses[i], port);
            }
    }
}

// ---- once more

static void knocked_again(struct errand *r)
{
    struct web_knock *k = &((struct web_address *)r->about)->knocks[r->index];
    k->again += r->attempts;
    k->again_refused += r->refusals;
}

// One of several servers, or a firewall, that refuses now and then: the first knock met it or not
// by chance.
void stage_knock_again(struct web_host *h)
{
    const struct web_rounds *rounds = &h->facts->rounds[FAMILY_IPV6];
    struct web_names *n = &h->facts->names[FAMILY_IPV6];
    if (rounds->answered == 0 || rounds->answered == rounds->attempts)
        return;
    for (size_t i = 0; i < n->count; i++)
        for (int port = 0; port < WEB_PORTS; port++) {
            const struct web_knock *k = &n->addresses[i].knocks[port];
            struct endpoint to = n->addresses[i].at;
            to.port = ports[port];
            for (int times = 0; times < WEB_KNOCKS_AGAIN && k->outcome == TCP_OPEN; times++)
                if (k->tried)
                    errand_knock(h, &to, knocked_again, &n->addresses[i], port);
        }
}
