// SPDX-License-Identifier: Apache-2.0
//
// Errands of a host: each waits at the gate, is done, and is tried once more where nothing but
// silence came, so that one lost packet makes no verdict.

#include "check/web_host.h"

#include <stdlib.h>
#include <string.h>

const char *host_text(struct web_host *h, const char *text)
{
    const char *copy = arena_text(&h->domain->result.arena, text, strlen(text));
    if (!copy)
        h->failed = true;
    return copy ? copy : "";
}

static struct errand *errand_new(struct web_host *h, enum errand_kind kind,
                                 void (*done)(struct errand *), void *about, int index)
{
    struct errand *r = calloc(1, sizeof *r);
    if (!r) {
        h->failed = true;
        return NULL;
    }
    *r = (struct errand){.host = h,
                         .kind = kind,
                         .done = done,
                         .about = about,
                         .index = index,
                         .tries = WEB_TRIES,
                         .next = h->errands,
                         .at = &h->errands};
    if (r->next)
        r->next->at = &r->next;
    h->errands = r;
    h->out++;
    return r;
}

static void errand_free(struct errand *r)
{
    struct checker *c = r->host->checker;
    if (r->kind == ERRAND_LOOKUP)
        resolver_forget(c->resolver, r);
    else
        gate_leave(c->gate, &r->wait);
    if (r->kind == ERRAND_KNOCK)
        tcp_probe_end(&r->probe);
    if (r->kind == ERRAND_FETCH && r->attempts > 0)
        web_fetch_drop(c->web, &r->fetch);
    *r->at = r->next;
    if (r->next)
        r->next->at = r->at;
    free(r);
}

void errands_drop(struct web_host *h)
{
    while (h->errands)
        errand_free(h->errands);
    h->out = 0;
}

static void errand_over(struct errand *r)
{
    struct web_host *h = r->host;
    r->done(r);
    errand_free(r);
    if (--h->out == 0)
        events_soon(h->checker->events, &h->go_on);
}

// ---- lookups

static void lookup_came(void *arg, const struct lookup *l)
{
    struct errand *r = arg;
    r->lookup = l;
    errand_over(r);
}

bool errand_lookup(struct web_host *h, const char *name, enum family f, unsigned over,
                   void (*done)(struct errand *), void *about, int index)
{
    struct errand *r = errand_new(h, ERRAND_LOOKUP, done, about, index);
    if (r)
        resolver_ask(h->checker->resolver, name, f == FAMILY_IPV6 ? DNS_TYPE_AAAA : DNS_TYPE_A,
                     over, false, lookup_came, r);
    return r != NULL;
}

// ---- connection attempts and requests

static void errand_try(void *arg)
{
    struct errand *r = arg;
    struct checker *c = r->host->checker;
    r->attempts++;
    if (r->kind == ERRAND_KNOCK)
        tcp_probe_begin(c->events, &r->probe, &r->to, c->timeout);
    else
        web_fetch_begin(c->web, &r->fetch);
}

static void errand_ask(struct errand *r)
{
    r->wait = (struct gate_wait){.enter = errand_try, .arg = r};
    gate_ask(r->host->checker->gate, &r->wait, &r->to);
}

static void knocked(void *arg)
{
    struct errand *r = arg;
    gate_leave(r->host->checker->gate, &r->wait);
    bool refused = r->probe.outcome == TCP_REFUSED;
    r->refusals += refused;
    // Over IPv4 a refusal is believed: nothing but what IPv6 is held against hangs on it.
    bool again = r->probe.outcome == TCP_SILENT || r->probe.outcome == TCP_FAILED ||
                 (refused && r->to.family == FAMILY_IPV6);
    if (again && r->attempts < r->tries)
        errand_ask(r);
    else
        errand_over(r);
}

bool errand_knock(struct web_host *h, const struct endpoint *to, void (*done)(struct errand *),
                  void *about, int index)
{
    if (!guard_lets(&h->checker->guard, to))
        return false;
    struct errand *r = errand_new(h, ERRAND_KNOCK, done, about, index);
    if (!r)
        return false;
    r->to = *to;
    r->probe.done = knocked;
    r->probe.arg = r;
    errand_ask(r);
    return true;
}

// A handshake that was made counts, also where a later attempt got less far.
static void attempt_keep(struct errand *r)
{
    struct web_answer *a = &r->fetch.answer;
    if (a->secured) {
        r->secured = true;
        r->certificate = a->certificate;
    } else if (r->secured) {
        a->secured = true;
        a->certificate = r->certificate;
    }
    r->failed = a->outcome;
    r->connected = a->connected;
}

static void fetched(void *arg)
{
    struct errand *r = arg;
    gate_leave(r->host->checker->gate, &r->wait);
    attempt_keep(r);
    enum web_outcome o = r->fetch.answer.outcome;
    bool again = o != WEB_ANSWERED && o != WEB_NOT_HTTP && o != WEB_HEADERS_LONG;
    if (again && r->attempts < r->tries)
        errand_ask(r);
    else
        errand_over(r);
}

struct errand *errand_fetch(struct web_host *h, const char *url, const struct endpoint *to,
                            unsigned flags, unsigned tries, void (*done)(struct errand *),
                            void *about, int index)
{
    if (!guard_lets(&h->checker->guard, to))
        return NULL;
    struct errand *r = errand_new(h, ERRAND_FETCH, done, about, index);
    if (!r)
        return NULL;
    r->to = *to;
    r->tries = tries;
    r->fetch.url = url;
    r->fetch.at = *to;
    r->fetch.timeout = 2 * h->checker->timeout;
    r->fetch.flags = flags;
    r->fetch.done = fetched;
    r->fetch.arg = r;
    errand_ask(r);
    return r;
}

void errands_stop(struct web_host *h)
{
    for (struct errand *r = h->errands, *next; r; r = next) {
        next = r->next; // done may put new ones before it
        struct web_answer *a = &r->fetch.answer;
        bool silent = r->failed == WEB_SILENT || r->failed == WEB_TLS_STALLED ||
                      r->failed == WEB_NO_ANSWER || r->failed == WEB_STALLED;
        if (r->kind != ERRAND_FETCH || !(r->fetch.flags & WEB_FRESH) || !silent)
            continue;
        if (!a->secured && r->secured)
            a->certificate = r->certificate;
        a->secured = a->secured || r->secured;
        a->outcome = r->failed;
        a->connected = r->connected;
        r->done(r);
    }
}

// ---- what is kept

void knock_keep(const struct errand *r, struct web_knock *ret)
{
    *ret = (struct web_knock){.tried = true,
                              .outcome = r->probe.outcome,
                              .took = r->probe.took,
                              .at = r->probe.at,
                              .attempts = r->attempts,
                              .refusals = r->refusals};
}

bool web_redirects(const struct web_answer *a)
{
    int s = a->status;
    bool leads = s == 301 || s == 302 || s == 303 || s == 307 || s == 308;
    return a->outcome == WEB_ANSWERED && leads && a->location[0];
}

// The host that a redirect leads to; what is no address of the web stands for itself.
static const char *leads_to(struct web_host *h, const struct errand *r)
{
    const struct web_answer *a = &r->fetch.answer;
    struct page_link to;
    if (!web_redirects(a))
        return NULL;
    if (url_resolve(&h->domain->result.arena, r->fetch.url, a->location, &to))
        return to.host;
    return host_text(h, a->location);
}

void visit_keep(struct web_host *h, const struct errand *r, struct web_visit *ret)
{
    const struct web_answer *a = &r->fetch.answer;
    *ret = (struct web_visit){.outcome = a->outcome,
                              .why = a->why[0] ? host_text(h, a->why) : "",
                              .url = r->fetch.url,
                              .from = r->to,
                              .status = a->status,
                              .leads_to = leads_to(h, r),
                              .version = a->version,
                              .secured = a->secured,
                              .certificate = a->certificate,
                              .connected = a->connected,
                              .whole = a->whole,
                              .at = a->at,
                              .bytes = a->body.length,
                              .cut = a->body_cut,
                              .path = a->path,
                              .attempts = r->attempts};
}
