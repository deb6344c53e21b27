// SPDX-License-Identifier: Apache-2.0
//
// The addresses of a host, and whether their ports open.

#include "check/web_host.h"

#include <string.h>

static const char *chain_text(struct web_host *h, const struct lookup *l)
{
    return l->chain_count ? host_text(h, l->chain[l->chain_count - 1]) : "";
}

static void named(struct errand *r)
{
    struct web_host *h = r->host;
    const struct lookup *l = r->lookup;
    enum family f = (enum family)r->index;
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

void stage_names(struct web_host *h)
{
    errand_lookup(h, h->facts->host, FAMILY_IPV6, named, NULL, FAMILY_IPV6);
    errand_lookup(h, h->facts->host, FAMILY_IPV4, named, NULL, FAMILY_IPV4);
}

static void knocked(struct errand *r)
{
    struct web_address *a = r->about;
    knock_keep(r, &a->knocks[r->index]);
}

void stage_connect(struct web_host *h)
{
    static const uint16_t ports[WEB_PORTS] = {80, 443};
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
