// SPDX-License-Identifier: Apache-2.0
//
// Which families this place has: those over which a root server answers. A few are asked, and the
// others only where none of them does.

#include "check/names_shared.h"

#include <stdlib.h>

#define ASKED_FIRST   4 // of a family
#define ATTEMPTS      2
#define FIRST_TIMEOUT 1000000 // microseconds; the second attempt has twice that

struct probe {
    struct vantage *vantage;
    struct dns_question question;
};

struct vantage {
    struct checker *checker;
    void (*known)(void *arg);
    void *arg;
    struct event_task task;
    bool here[2];
    size_t count[2], asked[2];
    unsigned open[2];
    struct probe probes[2][ROOT_HINTS_MAX];
};

void vantage_free(struct vantage *v)
{
    if (!v)
        return;
    events_soon_cancel(v->checker->events, &v->task);
    for (int f = 0; f < 2; f++)
        for (size_t i = 0; i < v->asked[f]; i++)
            dns_cancel(v->checker->dns, &v->probes[f][i].question);
    free(v);
}

static bool settled(const struct vantage *v, int f)
{
    return v->here[f] || (v->open[f] == 0 && v->asked[f] == v->count[f]);
}

static void conclude(void *arg)
{
    struct vantage *v = arg;
    struct checker *c = v->checker;
    if (!settled(v, FAMILY_IPV6) || !settled(v, FAMILY_IPV4))
        return;
    c->ipv6_here = v->here[FAMILY_IPV6];
    c->ipv4_here = v->here[FAMILY_IPV4];
    resolver_use(c->resolver,
                 (c->ipv4_here ? RESOLVE_IPV4 : 0) | (c->ipv6_here ? RESOLVE_IPV6 : 0));
    void (*known)(void *) = v->known;
    void *known_arg = v->arg;
    c->names->vantage = NULL;
    vantage_free(v);
    known(known_arg);
}

static void ask_some(struct vantage *v, int f, size_t some);

static void replied(void *arg, const struct dns_reply *r)
{
    struct probe *p = arg;
    struct vantage *v = p->vantage;
    int f = p->question.to.family;
    v->open[f]--;
    v->here[f] |= r->status == DNS_ANSWERED || r->status == DNS_TRUNCATED;
    if (v->open[f] == 0 && !v->here[f])
        ask_some(v, f, v->count[f]);
    conclude(v);
}

static void ask_some(struct vantage *v, int f, size_t some)
{
    for (; v->asked[f] < v->count[f] && some > 0; some--) {
        v->open[f]++;
        dns_ask(v->checker->dns, &v->probes[f][v->asked[f]++].question);
    }
}

static void probe_add(struct vantage *v, const struct root_hint *h)
{
    static const struct dns_name root = {1, {0}};
    struct probe *p = &v->probes[h->family][v->count[h->family]];
    p->vantage = v;
    p->question = (struct dns_question){.to = {h->family, DNS_PORT, h->address},
                                        .name = &root,
                                        .type = DNS_TYPE_SOA,
                                        .attempts = ATTEMPTS,
                                        .timeout = FIRST_TIMEOUT,
                                        .done = replied,
                                        .arg = p};
    v->count[h->family] += guard_lets(&v->checker->guard, &p->question.to);
}

void vantage_find(struct checker *c, void (*known)(void *arg), void *arg)
{
    struct vantage *v = calloc(1, sizeof *v);
    if (!v) {
        known(arg);
        return;
    }
    *v = (struct vantage){.checker = c, .known = known, .arg = arg};
    vantage_free(c->names->vantage);
    c->names->vantage = v;
    const struct root_hints *h = &c->names->hints;
    size_t first = h->count ? checker_random(c) % h->count : 0;
    for (size_t i = 0; i < h->count; i++)
        probe_add(v, &h->at[(first + i) % h->count]);
    ask_some(v, FAMILY_IPV6, ASKED_FIRST);
    ask_some(v, FAMILY_IPV4, ASKED_FIRST);
    v->task = (struct event_task){.run = conclude, .arg = v};
    events_soon(c->events, &v->task);
}
