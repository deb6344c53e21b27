// SPDX-License-Identifier: Apache-2.0
//
// A hash table of exchangers by name. One that is complete and used by nobody waits in a list, the
// longest unused first, until there are too many.

#include "check/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS        4096
#define PAUSE          ((int64_t)1000000) // microseconds before it is tried again
#define PAUSE_DEFERRED ((int64_t)5000000) // "not now"

enum asked { ASKED_AAAA, ASKED_A, ASKED_TLSA, ASKED_COUNT };

struct host;

struct question {
    struct host *host;
};

struct visit {
    struct host *host;
    struct mail_address *address;
    struct gate_wait wait;
    struct event_timer pause;
    struct smtp_visit *smtp;
    // The way back from the address's names.
    char (*names)[MAIL_NAME_MAX];
    size_t name_count, name_at;
};

struct host {
    struct mail_host facts;
    struct mail_hosts *hosts;
    struct question questions[ASKED_COUNT];
    struct visit *visits; // one an address
    uint8_t *dane_data;
    u128 found[2][MAIL_ADDRESSES_MAX];
    size_t found_count[2];
    unsigned left; // answers that are waited for
    unsigned users;
    struct mail_wish *waiting;
    struct host *next;                     // of the bucket
    struct host *idle_next, **idle_before; // NULL: not idle
};

struct mail_hosts {
    struct mail_world world;
    bool here[2]; // by family
    struct host *buckets[BUCKETS];
    struct host *idle, **idle_last;
    size_t idle_count;
};

void mail_lookup_keep(struct mail_lookup *m, const struct lookup *l)
{
    *m = (struct mail_lookup){.done = true,
                              .opted_out = l->opted_out,
                              .status = l->status,
                              .security = l->security,
                              .count = l->count,
                              .at = l->at,
                              .took = l->took};
    snprintf(m->by, sizeof m->by, "%s", l->by ? l->by : "");
    snprintf(m->why, sizeof m->why, "%s", l->why ? l->why : "");
}

static size_t bucket_of(const char *name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 0x100000001b3u;
    return (h >> 32 ^ h) % BUCKETS;
}

// ---- ends

static void idle_remove(struct host *h)
{
    struct mail_hosts *all = h->hosts;
    if (!h->idle_before)
        return;
    *h->idle_before = h->idle_next;
    if (h->idle_next)
        h->idle_next->idle_before = h->idle_before;
    else
        all->idle_last = h->idle_before;
    h->idle_before = NULL;
    all->idle_count--;
}

static void visit_end(struct visit *v)
{
    const struct mail_world *w = &v->host->hosts->world;
    smtp_visit_free(&v->smtp);
    gate_leave(w->gate, &v->wait);
    events_cancel(w->events, &v->pause);
    resolver_forget(w->resolver, v);
    free(v->names);
    v->names = NULL;
}

static void host_free(struct host *h)
{
    idle_remove(h);
    struct host **at = &h->hosts->buckets[bucket_of(h->facts.name)];
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    for (size_t i = 0; i < ASKED_COUNT; i++)
        resolver_forget(h->hosts->world.resolver, &h->questions[i]);
    for (size_t i = 0; h->visits && i < h->facts.count; i++)
        visit_end(&h->visits[i]);
    free(h->visits);
    free(h->facts.addresses);
    free(h->dane_data);
    free(h);
}

static void idle_add(struct host *h)
{
    struct mail_hosts *all = h->hosts;
    h->idle_next = NULL;
    h->idle_before = all->idle_last;
    *all->idle_last = h;
    all->idle_last = &h->idle_next;
    if (++all->idle_count > MAIL_HOSTS_MAX)
        host_free(all->idle);
}

static void host_left(struct host *h)
{
    if (--h->left > 0)
        return;
    h->facts.complete = true;
    free(h->visits);
    h->visits = NULL;
    while (h->waiting) {
        struct mail_wish *w = h->waiting;
        h->waiting = w->next;
        events_soon(h->hosts->world.events, &w->tell);
    }
}

// ---- visits

static bool again(const struct mail_address *a)
{
    enum smtp_encryption s = a->report.seen.encryption;
    if (a->attempts >= MAIL_ATTEMPTS)
        return false;
    if (a->report.seen.greeting == SMTP_GREETED)
        return s == SMTP_TLS_REFUSED || s == SMTP_TLS_FAILED || s == SMTP_TLS_USELESS;
    return a->report.seen.greeting != SMTP_OPEN && a->report.seen.greeting != SMTP_DENIED;
}

static void visit_ask(void *arg)
{
    struct visit *v = arg;
    gate_ask(v->host->hosts->world.gate, &v->wait, &v->address->at);
}

static void visit_done(void *arg)
{
    struct visit *v = arg;
    struct mail_address *a = v->address;
    const struct mail_world *w = &v->host->hosts->world;
    a->report = *smtp_visit_report(v->smtp);
    smtp_visit_free(&v->smtp);
    gate_leave(w->gate, &v->wait);
    if (!again(a)) {
        a->settled = true;
        host_left(v->host);
        return;
    }
    v->pause = (struct event_timer){.due = visit_ask, .arg = v};
    bool later = a->report.seen.code >= 400 && a->report.seen.code < 500; // or STARTTLS: 454
    events_after(w->events, &v->pause, later ? PAUSE_DEFERRED : PAUSE);
}

static void visit_enter(void *arg)
{
    struct visit *v = arg;
    struct host *h = v->host;
    const struct mail_world *w = &h->hosts->world;
    struct smtp_plan p = {.events = w->events,
                          .at = v->address->at,
                          .host = h->facts.name,
                          .connect_only = !(w->level & LEVEL_MAIL),
                          .context = w->context,
                          .dane = &h->facts.dane,
                          .timeout = w->timeout,
                          .done = visit_done,
                          .arg = v};
    v->address->attempts++;
    if (smtp_visit_new(&p, &v->smtp, NULL) != 0) {
        v->address->report.seen.greeting = SMTP_UNASKED;
        v->address->settled = true;
        gate_leave(w->gate, &v->wait);
        host_left(h);
    }
}

// ---- the name of an address, and back

static void on_pointer(void *arg, const struct lookup *l);
static void on_back(void *arg, const struct lookup *l);

static void pointer_end(struct visit *v, enum mail_pointer p)
{
    v->address->pointer = p;
    free(v->names);
    v->names = NULL;
    host_left(v->host);
}

static void pointer_begin(struct visit *v)
{
    char name[REVERSE_NAME_MAX];
    reverse_name(v->address->at.family, v->address->at.address, name);
    resolver_ask(v->host->hosts->world.resolver, name, DNS_TYPE_PTR, RESOLVE_BOTH, false,
                 on_pointer, v);
}

static void pointer_next(struct visit *v)
{
    resolver_ask(v->host->hosts->world.resolver, v->names[v->name_at], DNS_TYPE_AAAA, RESOLVE_BOTH,
                 false, on_back, v);
}

static bool names_keep(struct visit *v, const struct lookup *l)
{
    size_t max = l->count < MAIL_POINTERS_MAX ? l->count : MAIL_POINTERS_MAX;
    v->names = calloc(max + 1, sizeof *v->names);
    for (size_t i = 0; v->names && i < max; i++)
        if (l->data[i].name && strlen(l->data[i].name) < MAIL_NAME_MAX)
            snprintf(v->names[v->name_count++], MAIL_NAME_MAX, "%s", l->data[i].name);
    return v->name_count > 0;
}

static void on_pointer(void *arg, const struct lookup *l)
{
    struct visit *v = arg;
    mail_lookup_keep(&v->address->pointer_lookup, l);
    if (l->status == LOOKUP_NO_DATA || l->status == LOOKUP_NO_NAME)
        pointer_end(v, POINTER_NONE);
    else if (l->status != LOOKUP_FOUND || !names_keep(v, l))
        pointer_end(v, POINTER_UNKNOWN);
    else {
        snprintf(v->address->pointer_name, MAIL_NAME_MAX, "%s", v->names[0]);
        v->address->pointer = POINTER_ASTRAY;
        pointer_next(v);
    }
}

static void on_back(void *arg, const struct lookup *l)
{
    struct visit *v = arg;
    struct mail_address *a = v->address;
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++)
        if (l->data[i].address == a->at.address) {
            snprintf(a->pointer_name, MAIL_NAME_MAX, "%s", v->names[v->name_at]);
            pointer_end(v, POINTER_BACK);
            return;
        }
    if (l->status == LOOKUP_FAILED)
        a->pointer = POINTER_UNKNOWN;
    if (++v->name_at < v->name_count)
        pointer_next(v);
    else
        pointer_end(v, a->pointer);
}

// ---- addresses

static void address_begin(struct host *h, struct visit *v)
{
    const struct mail_world *w = &h->hosts->world;
    bool visited = v->address->oddity == ODDITY_NONE && h->hosts->here[v->address->at.family];
    v->address->settled = !visited;
    if (v->address->oddity != ODDITY_NONE)
        return;
    if (v->address->at.family == FAMILY_IPV6 && (w->level & LEVEL_MAIL)) {
        h->left++;
        pointer_begin(v);
    }
    if (visited) {
        h->left++;
        visit_ask(v);
    }
}

static void addresses_begin(struct host *h)
{
    const struct mail_world *w = &h->hosts->world;
    struct mail_host *facts = &h->facts;
    size_t count = h->found_count[FAMILY_IPV6] + h->found_count[FAMILY_IPV4];
    facts->addresses = calloc(count + 1, sizeof *facts->addresses);
    h->visits = calloc(count + 1, sizeof *h->visits);
    h->left++; // until all have begun
    for (enum family f = FAMILY_IPV6; facts->addresses && h->visits && f <= FAMILY_IPV4; f++)
        for (size_t i = 0; i < h->found_count[f]; i++) {
            struct mail_address *a = &facts->addresses[facts->count];
            struct visit *v = &h->visits[facts->count++];
            a->at = (struct endpoint){f, w->port, h->found[f][i]};
            a->oddity = guard_oddity(w->guard, f, a->at.address);
            *v = (struct visit){.host = h, .address = a};
            v->wait = (struct gate_wait){.enter = visit_enter, .arg = v};
            address_begin(h, v);
        }
    facts->known = true;
    for (struct mail_wish *wish = h->waiting; wish; wish = wish->next)
        if (wish->known)
            events_soon(w->events, &wish->tell_known);
    host_left(h);
}

static void on_addresses(struct host *h, enum family f, const struct lookup *l)
{
    mail_lookup_keep(&h->facts.lookups[f], l);
    if (l->chain_count > 0 && strlen(l->chain[l->chain_count - 1]) < MAIL_NAME_MAX)
        snprintf(h->facts.alias, MAIL_NAME_MAX, "%s", l->chain[l->chain_count - 1]);
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++)
        if (h->found_count[f] < MAIL_ADDRESSES_MAX)
            h->found[f][h->found_count[f]++] = l->data[i].address;
        else
            h->facts.left_out++;
}

// Records count only where DNSSEC vouches for them: RFC 7672 2.2.
static void on_tlsa(struct host *h, const struct lookup *l)
{
    size_t total = 0, at = 0;
    mail_lookup_keep(&h->facts.tlsa, l);
    if (l->status != LOOKUP_FOUND || l->security != LOOKUP_SECURE)
        return;
    size_t count = l->count < DANE_RECORDS_MAX ? l->count : DANE_RECORDS_MAX;
    for (size_t i = 0; i < count; i++)
        total += l->data[i].length;
    h->dane_data = malloc(total + 1);
    for (size_t i = 0; h->dane_data && i < count; i++) {
        const struct lookup_datum *d = &l->data[i];
        memcpy(h->dane_data + at, d->data, d->length);
        if (dane_record_read(h->dane_data + at, d->length,
                             &h->facts.dane.records[h->facts.dane.count]))
            h->facts.dane.count++;
        at += d->length;
    }
}

static void answered(void *arg, const struct lookup *l)
{
    struct question *q = arg;
    struct host *h = q->host;
    if (q == &h->questions[ASKED_TLSA])
        on_tlsa(h, l);
    else
        on_addresses(h, q == &h->questions[ASKED_AAAA] ? FAMILY_IPV6 : FAMILY_IPV4, l);
    if (h->left > 1)
        h->left--;
    else {
        h->left = 0;
        addresses_begin(h);
    }
}

// ---- the table

static void host_begin(struct host *h)
{
    static const uint16_t types[] = {DNS_TYPE_AAAA, DNS_TYPE_A};
    const struct mail_world *w = &h->hosts->world;
    char tlsa[MAIL_NAME_MAX + 16];
    snprintf(tlsa, sizeof tlsa, "_%u._tcp.%s", w->port, h->facts.name);
    h->facts.tlsa_asked =
        (w->level & LEVEL_MAIL) && (w->level & LEVEL_DNSSEC) && strlen(tlsa) < 254;
    h->left = h->facts.tlsa_asked ? 3 : 2;
    for (size_t i = 0; i < ASKED_COUNT; i++)
        h->questions[i].host = h;
    for (size_t i = ASKED_AAAA; i <= ASKED_A; i++)
        resolver_ask(w->resolver, h->facts.name, types[i], RESOLVE_BOTH, false, answered,
                     &h->questions[i]);
    if (h->facts.tlsa_asked)
        resolver_ask(w->resolver, tlsa, DNS_TYPE_TLSA, RESOLVE_BOTH, true, answered,
                     &h->questions[ASKED_TLSA]);
}

static struct host *host_get(struct mail_hosts *all, const char *name)
{
    struct host **bucket = &all->buckets[bucket_of(name)];
    for (struct host *h = *bucket; h; h = h->next)
        if (strcmp(h->facts.name, name) == 0)
            return h;
    struct host *h = strlen(name) < MAIL_NAME_MAX ? calloc(1, sizeof *h) : NULL;
    if (!h)
        return NULL;
    h->hosts = all;
    snprintf(h->facts.name, sizeof h->facts.name, "%s", name);
    h->next = *bucket;
    *bucket = h;
    host_begin(h);
    return h;
}

static void wish_tell_known(void *arg)
{
    struct mail_wish *w = arg;
    w->known(w->arg);
}

static void wish_tell(void *arg)
{
    struct mail_wish *w = arg;
    w->done(w->arg);
}

int mail_hosts_want(struct mail_hosts *all, struct mail_wish *w, const char *name, struct err *e)
{
    struct host *h = host_get(all, name);
    if (!h)
        return err_memory(e);
    idle_remove(h);
    h->users++;
    w->host = &h->facts;
    w->tell_known = (struct event_task){.run = wish_tell_known, .arg = w};
    w->tell = (struct event_task){.run = wish_tell, .arg = w};
    if (h->facts.known && w->known)
        events_soon(all->world.events, &w->tell_known);
    if (h->facts.complete) {
        events_soon(all->world.events, &w->tell);
        return 0;
    }
    w->next = h->waiting;
    h->waiting = w;
    return 0;
}

void mail_hosts_leave(struct mail_hosts *all, struct mail_wish *w)
{
    if (!w->host)
        return;
    struct host *h = (struct host *)w->host; // the facts stand first in it
    events_soon_cancel(all->world.events, &w->tell_known);
    events_soon_cancel(all->world.events, &w->tell);
    for (struct mail_wish **at = &h->waiting; *at; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    w->host = NULL;
    if (--h->users > 0)
        return;
    if (h->facts.complete)
        idle_add(h);
    else
        host_free(h);
}

int mail_hosts_new(const struct mail_world *w, struct mail_hosts **ret, struct err *e)
{
    struct mail_hosts *all = calloc(1, sizeof *all);
    if (!all)
        return err_memory(e);
    all->world = *w;
    all->idle_last = &all->idle;
    if (w->context)
        dane_allow(w->context);
    *ret = all;
    return 0;
}

void mail_hosts_here(struct mail_hosts *all, bool ipv4, bool ipv6)
{
    all->here[FAMILY_IPV4] = ipv4;
    all->here[FAMILY_IPV6] = ipv6;
}

void mail_hosts_free(struct mail_hosts **h)
{
    if (!*h)
        return;
    for (size_t b = 0; b < BUCKETS; b++)
        while ((*h)->buckets[b])
            host_free((*h)->buckets[b]);
    free(*h);
    *h = NULL;
}
