// SPDX-License-Identifier: Apache-2.0
//
// Redirects, followed over one family: each name that they lead to is looked up and guarded anew.

#include "check/web_host.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESSES_TRIED 3 // of a name that a redirect leads to

struct walk {
    enum family family;
    int port;
    struct page_link at; // where it stands; texts of the result's arena
    struct endpoint places[ADDRESSES_TRIED];
    size_t place_count, place;
    const char *seen[WEB_HOPS_MAX + 1];
};

static struct web_walk *facts_of(struct web_host *h, const struct walk *w)
{
    return &h->facts->walks[w->family][w->port];
}

static void end_at(struct web_host *h, const struct walk *w, enum web_end end, const char *leads_to)
{
    struct web_walk *f = facts_of(h, w);
    f->end = end;
    f->leads_to = leads_to;
    f->final_url = w->at.url;
}

static void hop(struct web_host *h, struct walk *w);
static void answered(struct errand *r);

static void ask(struct web_host *h, struct walk *w)
{
    if (!errand_fetch(h, w->at.url, &w->places[w->place], WEB_FRESH | WEB_CERTIFICATE, WEB_TRIES,
                      answered, w, 0))
        end_at(h, w, END_PRIVATE, w->at.host);
}

static bool was_there(const struct web_walk *f, const struct walk *w, const char *url)
{
    for (unsigned i = 0; i <= f->hops; i++)
        if (w->seen[i] && strcmp(w->seen[i], url) == 0)
            return true;
    return false;
}

static void go_to(struct web_host *h, struct walk *w, const char *reference)
{
    struct web_walk *f = facts_of(h, w);
    struct page_link next;
    if (!url_resolve(&h->domain->result.arena, w->at.url, reference, &next)) {
        end_at(h, w, END_BAD_REDIRECT, host_text(h, reference));
        return;
    }
    f->downgraded = f->downgraded || (w->at.secure && !next.secure);
    if (was_there(f, w, next.url)) {
        end_at(h, w, END_LOOP, next.url);
        return;
    }
    if (f->hops == WEB_HOPS_MAX) {
        end_at(h, w, END_TOO_LONG, next.url);
        return;
    }
    w->seen[++f->hops] = next.url;
    w->at = next;
    hop(h, w);
}

static const char *refresh_of(struct web_host *h, const struct walk *w)
{
    const struct web_facts *f = h->facts;
    size_t count = f->load_count[w->family];
    return count && w->port == web_main_port(f) ? f->loads[w->family][count - 1].load.page->refresh
                                                : NULL;
}

// The walk's first request is the visit of its address, too.
static void visit_of_first(struct web_host *h, const struct walk *w, const struct errand *r)
{
    struct web_names *n = &h->facts->names[w->family];
    for (size_t i = 0; i < n->count; i++)
        if (n->addresses[i].at.address == r->to.address && !n->addresses[i].visits[w->port])
            address_visited(h, &n->addresses[i], w->port, r);
}

static void answered(struct errand *r)
{
    struct walk *w = r->about;
    struct web_host *h = r->host;
    const struct web_answer *a = &r->fetch.answer;
    struct web_walk *f = facts_of(h, w);
    if (f->hops == 0 && w->place == 0)
        visit_of_first(h, w, r);
    bool refused =
        a->outcome == WEB_REFUSED || a->outcome == WEB_UNREACHABLE || a->outcome == WEB_SILENT;
    if (refused && w->place + 1 < w->place_count) {
        w->place++;
        ask(h, w);
        return;
    }
    visit_keep(h, r, &f->last);
    if (a->outcome != WEB_ANSWERED) {
        end_at(h, w, END_FAILED, "");
    } else if (web_redirects(a)) {
        go_to(h, w, a->location);
    } else {
        end_at(h, w, END_PAGE, "");
        bool main = w->port == web_main_port(h->facts);
        if (main)
            load_keep(h, r, w->family);
        const char *refresh = refresh_of(h, w);
        if (refresh && f->hops < WEB_HOPS_MAX && !was_there(f, w, refresh)) {
            struct web_load *l = &h->facts->loads[w->family][--h->facts->load_count[w->family]];
            const char *to = host_text(h, refresh);
            page_done(&l->page);
            go_to(h, w, to);
        } else if (main) {
            round_keep(h, r, w->family);
        }
    }
}

// ---- the addresses of a hop

static void place_add(struct web_host *h, struct walk *w, u128 address)
{
    struct endpoint to = {w->family, w->at.port, address};
    if (w->place_count < ADDRESSES_TRIED && guard_lets(&h->checker->guard, &to))
        w->places[w->place_count++] = to;
}

static void looked_up(struct errand *r)
{
    struct walk *w = r->about;
    struct web_host *h = r->host;
    const struct lookup *l = r->lookup;
    if (l->opted_out) {
        end_at(h, w, END_OPTED_OUT, w->at.host);
        return;
    }
    if (l->status == LOOKUP_FAILED || l->status == LOOKUP_BROKEN) {
        end_at(h, w, END_UNRESOLVED, w->at.host);
        return;
    }
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++)
        place_add(h, w, l->data[i].address);
    if (w->place_count > 0)
        ask(h, w);
    else
        end_at(h, w, l->status == LOOKUP_FOUND && l->count ? END_PRIVATE : END_NO_ADDRESS,
               w->at.host);
}

// Those of the host itself are known: the ones that opened.
static void own_places(struct web_host *h, struct walk *w)
{
    const struct web_names *n = &h->facts->names[w->family];
    int port = w->at.port == 443 ? WEB_443 : WEB_80;
    for (int opened = 1; opened >= 0; opened--)
        for (size_t i = 0; i < n->count; i++) {
            const struct web_knock *k = &n->addresses[i].knocks[port];
            if (opened == (k->tried && k->outcome == TCP_OPEN))
                place_add(h, w, n->addresses[i].at.address);
        }
}

static bool address_of(const char *host, enum family f, u128 *ret)
{
    size_t length = strlen(host);
    uint32_t four;
    if (f == FAMILY_IPV6)
        return length > 2 && host[0] == '[' &&
               ipv6_parse((struct slice){host + 1, length - 2}, ret);
    if (!ipv4_parse(slice_of(host), &four))
        return false;
    *ret = four;
    return true;
}

static bool is_address(const char *host)
{
    uint32_t four;
    return host[0] == '[' || ipv4_parse(slice_of(host), &four);
}

static void hop(struct web_host *h, struct walk *w)
{
    u128 address;
    w->place_count = w->place = 0;
    if (is_address(w->at.host)) {
        if (address_of(w->at.host, w->family, &address))
            place_add(h, w, address);
    } else if (strcmp(w->at.host, h->facts->host) == 0) {
        own_places(h, w);
    } else {
        if (!errand_lookup(h, w->at.host, w->family, RESOLVE_BOTH, looked_up, w, 0))
            end_at(h, w, END_FAILED, "");
        return;
    }
    if (w->place_count > 0)
        ask(h, w);
    else
        end_at(h, w, END_NO_ADDRESS, w->at.host);
}

void walk_begin(struct web_host *h, enum family family, int port)
{
    struct arena *a = &h->domain->result.arena;
    struct walk *w = arena_alloc(a, sizeof *w);
    const char *url =
        arena_format(a, port == WEB_443 ? "https://%s/" : "http://%s/", h->facts->host);
    if (!w || !url || !url_resolve(a, url, "", &w->at)) {
        h->failed = true;
        return;
    }
    w->family = family;
    w->port = port;
    w->seen[0] = w->at.url;
    h->facts->walks[family][port].tried = true;
    h->facts->walks[family][port].leads_to = "";
    hop(h, w);
}
