// SPDX-License-Identifier: Apache-2.0
//
// What a page loads, and what it links to: the hosts of the parts are looked up and knocked at; the
// pages of the site, up to a depth and a number, and as robots.txt lets, are fetched over both
// families.

#include "check/robots.h"
#include "check/web_host.h"

#include <stdlib.h>
#include <string.h>

#define LINK_PATH_MAX 512 // bytes of a path that is held against robots.txt

// The page that came: over IPv6 where one did.
static const struct page *page_of(const struct web_facts *f)
{
    for (int family = 0; family < WEB_FAMILIES; family++)
        if (f->load_count[family] && f->loads[family][0].load.has_page)
            return f->loads[family][0].load.page;
    return NULL;
}

// ---- parts

static void origin_named(struct errand *r)
{
    struct web_host *h = r->host;
    struct web_origin *o = r->about;
    o->named[r->index] = r->lookup->status;
    o->known[r->index] = true;
    o->opted_out |= r->lookup->opted_out;
    if (r->lookup->status != LOOKUP_FOUND)
        return;
    for (size_t i = 0; i < r->lookup->count; i++) {
        struct endpoint to = {(enum family)r->index, o->port, r->lookup->data[i].address};
        bool fine = guard_lets(&h->checker->guard, &to);
        if (fine && r->index == FAMILY_IPV6 && o->usable[FAMILY_IPV6] < WEB_ADDRESSES_MAX)
            o->six[o->usable[FAMILY_IPV6]].at = to;
        if (fine && r->index == FAMILY_IPV4 && o->usable[FAMILY_IPV4] == 0)
            o->four.at = to;
        o->addresses[r->index]++;
        o->usable[r->index] += fine;
    }
}

static void origin_add(struct web_host *h, const struct page_link *l)
{
    struct web_facts *f = h->facts;
    if (f->origin_count == WEB_ORIGINS_MAX) {
        f->origins_left_out++;
        return;
    }
    struct web_origin *o = &f->origins[f->origin_count++];
    *o = (struct web_origin){
        .host = host_text(h, l->host), .url = host_text(h, l->url), .by = l->by, .port = l->port};
    if (l->host[0] == '[')
        return; // an address: judged as no name
    errand_lookup(h, o->host, FAMILY_IPV6, RESOLVE_BOTH, origin_named, o, FAMILY_IPV6);
    errand_lookup(h, o->host, FAMILY_IPV4, RESOLVE_BOTH, origin_named, o, FAMILY_IPV4);
}

void stage_origins(struct web_host *h)
{
    struct web_facts *f = h->facts;
    const struct page *p = page_of(f);
    if (!p)
        return;
    size_t count = p->resources.count;
    f->looked_at_parts = true;
    f->origins =
        arena_alloc(&h->domain->result.arena,
                    (WEB_ORIGINS_MAX < count ? WEB_ORIGINS_MAX : count + 1) * sizeof *f->origins);
    if (!f->origins) {
        h->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(p->resources.at[i].host, f->host) != 0)
            origin_add(h, &p->resources.at[i]);
}

static void origin_knocked(struct errand *r)
{
    struct web_place *p = r->about;
    knock_keep(r, &p->knock);
}

void stage_origins_connect(struct web_host *h)
{
    struct web_facts *f = h->facts;
    for (size_t i = 0; i < f->origin_count; i++) {
        struct web_origin *o = &f->origins[i];
        for (unsigned k = 0; f->ipv6_here && k < o->usable[FAMILY_IPV6] && k < WEB_ADDRESSES_MAX;
             k++)
            errand_knock(h, &o->six[k].at, origin_knocked, &o->six[k], 0);
        if (o->usable[FAMILY_IPV4] && f->ipv4_here)
            errand_knock(h, &o->four.at, origin_knocked, &o->four, 0);
    }
}

// ---- links

// The site that is linked within: that of the page, wherever redirects led.
static bool site_of(struct web_host *h, struct page_link *ret)
{
    struct web_facts *f = h->facts;
    for (int family = 0; family < WEB_FAMILIES; family++)
        if (f->load_count[family] && f->loads[family][0].load.has_page)
            return url_resolve(&h->domain->result.arena, f->loads[family][0].load.final_url, "",
                               ret);
    return false;
}

static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strpbrk(host + 3, "/?") : NULL;
    return path && *path == '/' ? path : "/";
}

static bool is_known(const struct web_facts *f, const char *url, const char *home)
{
    if (strcmp(url, home) == 0)
        return true;
    for (size_t i = 0; i < f->linked_count; i++)
        if (strcmp(f->linked[i].url, url) == 0)
            return true;
    return false;
}

static void links_add(struct web_host *h, const struct page *p, const struct page_link *site,
                      unsigned depth)
{
    struct web_facts *f = h->facts;
    // A half of the pages is kept for the third level, where that is wanted.
    size_t max =
        h->checker->depth > 2 && depth == 2 ? (h->checker->pages + 1) / 2 : h->checker->pages;
    for (size_t i = 0; i < p->links.count && f->linked_count < max; i++) {
        const struct page_link *l = &p->links.at[i];
        if (l->port != site->port || strcmp(l->host, site->host) != 0 ||
            is_known(f, l->url, site->url))
            continue;
        const char *path = path_of(l->url);
        bool lets = strlen(path) <= LINK_PATH_MAX && !f->robots_forbid &&
                    robots_lets((struct slice){h->robots.at ? h->robots.at : "", h->robots.length},
                                slice_of(path));
        f->linked[f->linked_count++] =
            (struct web_linked){.url = host_text(h, l->url), .depth = depth, .forbidden = !lets};
    }
}

static const struct endpoint *place_of(const struct web_facts *f, int family)
{
    const struct web_walk *w = &f->walks[family][web_main_port(f)];
    return w->tried && w->end == END_PAGE ? &w->last.from : NULL;
}

static void robots_came(struct errand *r)
{
    struct web_host *h = r->host;
    struct web_answer *a = &r->fetch.answer;
    bool answered = a->outcome == WEB_ANSWERED;
    // RFC 9309, 2.3.1: 4xx: no rules; 5xx and silence: nothing may be fetched.
    h->facts->robots_forbid = !answered || a->status >= 500;
    if (answered && a->status >= 200 && a->status < 300) {
        h->robots = a->body;
        a->body = (struct buffer){0};
    }
}

void stage_robots(struct web_host *h)
{
    struct web_facts *f = h->facts;
    struct page_link site, robots;
    struct arena *a = &h->domain->result.arena;
    const struct endpoint *to = place_of(f, FAMILY_IPV6);
    if (!to)
        to = place_of(f, FAMILY_IPV4);
    if (!to || h->checker->depth < 2 || !page_of(f) || !site_of(h, &site) ||
        !url_resolve(a, site.url, "/robots.txt", &robots))
        return;
    f->looked_at_links = true;
    f->linked = arena_alloc(a, (h->checker->pages + 1) * sizeof *f->linked);
    if (!f->linked) {
        h->failed = true;
        return;
    }
    struct errand *r = errand_fetch(h, robots.url, to, 0, WEB_TRIES, robots_came, NULL, 0);
    if (r)
        r->fetch.body_max = ROBOTS_BYTES_MAX;
}

static void deeper(struct web_host *h, const struct errand *r, struct web_linked *l)
{
    const struct web_answer *a = &r->fetch.answer;
    struct page page = {0};
    struct page_link site;
    if (l->depth != 2 || h->checker->depth < 3 || a->outcome != WEB_ANSWERED || a->status >= 300 ||
        strncmp(a->type, "text/html", 9) != 0 || !site_of(h, &site))
        return;
    struct slice bytes = {a->body.at ? a->body.at : "", a->body.length};
    if (page_read(bytes, r->fetch.url, NULL, &page, NULL) == 0)
        links_add(h, &page, &site, 3);
    page_done(&page);
}

static void link_came(struct errand *r)
{
    struct web_linked *l = r->about;
    const struct web_answer *a = &r->fetch.answer;
    l->tried[r->index] = true;
    l->outcome[r->index] = a->outcome;
    l->status[r->index] = a->status;
    l->took[r->index] = a->whole;
    l->at = a->at;
    int reader = place_of(r->host->facts, FAMILY_IPV6) ? FAMILY_IPV6 : FAMILY_IPV4;
    if (r->index == reader)
        deeper(r->host, r, l);
}

bool links_left(struct web_host *h)
{
    struct web_facts *f = h->facts;
    struct page_link site;
    if (!f->looked_at_links || h->failed)
        return false;
    if (!h->robots_known) {
        h->robots_known = true;
        if (site_of(h, &site))
            links_add(h, page_of(f), &site, 2);
    }
    while (h->link_at < f->linked_count && f->linked[h->link_at].forbidden)
        h->link_at++;
    return h->link_at < f->linked_count;
}

// One of depth 2 may bring others.
static bool is_last(const struct web_host *h, const struct web_linked *l)
{
    const struct web_linked *end = h->facts->linked + h->facts->linked_count;
    for (const struct web_linked *next = l + 1; next < end; next++)
        if (!next->forbidden)
            return false;
    return l->depth == h->checker->depth;
}

void stage_link(struct web_host *h)
{
    struct web_facts *f = h->facts;
    struct web_linked *l = &f->linked[h->link_at++];
    unsigned flags = is_last(h, l) ? WEB_LAST : 0;
    for (int family = 0; family < WEB_FAMILIES; family++) {
        const struct endpoint *to = place_of(f, family);
        if (to)
            errand_fetch(h, l->url, to, flags, WEB_TRIES, link_came, l, family);
    }
}
