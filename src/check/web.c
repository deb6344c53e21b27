// SPDX-License-Identifier: Apache-2.0
//
// The web part: the domain itself, then the same with "www.", each in stages; what was seen of a
// host is judged when its last stage is over, or when the patience is.

#include "check/web.h"

#include "check/web_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct web {
    struct domain *domain;
    char names[WEB_HOSTS_MAX][CHECK_DOMAIN_MAX + 8];
    size_t count, at;
    struct web_host *host;
    struct web_facts first; // of the first host; what it points to is of the result's arena
};

// ---- one host

enum stage_of_host {
    STAGE_OF_NAMES,
    STAGE_OF_CONNECT,
    STAGE_OF_VISITS,
    STAGE_OF_ROUNDS,
    STAGE_OF_KNOCKS,
    STAGE_OF_SEGMENTS,
    STAGE_OF_ORIGINS,
    STAGE_OF_ORIGINS_CONNECT,
    STAGE_OF_ROBOTS,
    STAGE_OF_LINKS,
    STAGES_OVER,
};

static bool wants_pages(const struct web_host *h)
{
    return (h->facts->level & LEVEL_WEB) && web_is_there(h->facts);
}

static const char *page_url(const struct web_facts *f, enum family family)
{
    const struct web_walk *w = &f->walks[family][web_main_port(f)];
    return w->tried && w->end == END_PAGE && w->final_url ? w->final_url : "";
}

// Where both lead to one page, its parts and links are not looked at twice.
static bool has_page_of_first(struct web_host *h)
{
    const struct web_facts *first = h->first;
    struct web_facts *f = h->facts;
    if (!first || !first->looked_at_parts ||
        strcmp(page_url(f, FAMILY_IPV6), page_url(first, FAMILY_IPV6)) != 0 ||
        strcmp(page_url(f, FAMILY_IPV4), page_url(first, FAMILY_IPV4)) != 0)
        return false;
    f->looked_at_parts = true;
    f->looked_at_links = first->looked_at_links;
    f->origins = first->origins;
    f->origin_count = first->origin_count;
    f->origins_left_out = first->origins_left_out;
    f->linked = first->linked;
    f->linked_count = first->linked_count;
    f->robots_forbid = first->robots_forbid;
    return true;
}

// The next stage that has something to do; what it sends is on its way when this returns.
static void stage_begin(struct web_host *h)
{
    switch (h->stage) {
    case STAGE_OF_NAMES:
        stage_names(h);
        break;
    case STAGE_OF_CONNECT:
        stage_connect(h);
        break;
    case STAGE_OF_VISITS:
        if (wants_pages(h))
            stage_visits(h);
        else
            h->stage = STAGES_OVER;
        break;
    case STAGE_OF_ROUNDS:
        if (rounds_left(h)) {
            stage_round(h);
            return;
        }
        break;
    case STAGE_OF_KNOCKS:
        stage_knock_again(h);
        break;
    case STAGE_OF_SEGMENTS:
        stage_small_segments(h);
        if (has_page_of_first(h))
            h->stage = STAGES_OVER;
        break;
    case STAGE_OF_ORIGINS:
        stage_origins(h);
        break;
    case STAGE_OF_ORIGINS_CONNECT:
        stage_origins_connect(h);
        break;
    case STAGE_OF_ROBOTS:
        stage_robots(h);
        break;
    case STAGE_OF_LINKS:
        if (links_left(h)) {
            stage_link(h);
            return;
        }
        break;
    default:
        break;
    }
    h->stage++;
}

static void go_on(void *arg)
{
    struct web_host *h = arg;
    while (h->out == 0 && h->stage < STAGES_OVER && !h->failed)
        stage_begin(h);
    if (h->out == 0)
        h->over(h->arg);
}

struct web_host *web_host_new(struct domain *d, const char *name, void (*over)(void *arg),
                              void *arg)
{
    struct web_host *h = calloc(1, sizeof *h);
    struct checker *c = d->checker;
    if (h)
        h->facts = calloc(1, sizeof *h->facts);
    if (!h || !h->facts) {
        free(h);
        return NULL;
    }
    h->domain = d;
    h->checker = c;
    h->over = over;
    h->arg = arg;
    h->go_on = (struct event_task){.run = go_on, .arg = h};
    *h->facts = (struct web_facts){.host = name,
                                   .level = c->level,
                                   .depth = c->depth,
                                   .ipv4_here = c->ipv4_here,
                                   .ipv6_here = c->ipv6_here};
    return h;
}

void web_host_begin(struct web_host *h)
{
    events_soon(h->checker->events, &h->go_on);
}

static void fronts_done(struct web_names *n)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->addresses[i].front)
            page_done(&n->addresses[i].front->page);
}

void web_host_free(struct web_host **h)
{
    if (!*h)
        return;
    errands_drop(*h);
    events_soon_cancel((*h)->checker->events, &(*h)->go_on);
    for (int family = 0; family < WEB_FAMILIES; family++)
        for (size_t i = 0; i < (*h)->facts->load_count[family]; i++)
            page_done(&(*h)->facts->loads[family][i].page);
    fronts_done(&(*h)->facts->names[FAMILY_IPV6]);
    buffer_done(&(*h)->robots);
    free((*h)->facts);
    free(*h);
    *h = NULL;
}

// ---- the hosts of a domain

static void host_judge(struct web *w)
{
    struct web_host *h = w->host;
    struct result *r = &w->domain->result;
    r->failed = r->failed || h->failed;
    web_judge(r, h->facts);
    web_count(&r->scores.web, h->facts);
}

static void host_next(struct web *w);

static void host_over(void *arg)
{
    struct web *w = arg;
    host_judge(w);
    w->first = *w->host->facts;
    web_host_free(&w->host);
    w->at++;
    if (w->at < w->count)
        host_next(w);
    else
        domain_part_done(w->domain, &part_web);
}

static void host_next(struct web *w)
{
    w->host = web_host_new(w->domain, w->names[w->at], host_over, w);
    if (w->host) {
        w->host->first = &w->first;
        web_host_begin(w->host);
    } else {
        w->domain->result.failed = true;
        domain_part_done(w->domain, &part_web);
    }
}

static int start(struct domain *d, void **ret_state, struct err *e)
{
    struct web *w = calloc(1, sizeof *w);
    if (!w)
        return err_memory(e);
    w->domain = d;
    w->count = 1;
    snprintf(w->names[0], sizeof w->names[0], "%.*s", CHECK_DOMAIN_MAX, d->name);
    if (strncmp(d->name, "www.", 4) != 0 && strlen(d->name) + 4 <= CHECK_DOMAIN_MAX)
        snprintf(w->names[w->count++], sizeof w->names[0], "www.%.*s", CHECK_DOMAIN_MAX, d->name);
    w->host = web_host_new(d, w->names[0], host_over, w);
    if (!w->host) {
        free(w);
        return err_memory(e);
    }
    web_host_begin(w->host);
    *ret_state = w;
    return 0;
}

static void stop(struct domain *d, void *state)
{
    struct web *w = state;
    for (; w->at < w->count; w->at++) {
        if (!w->host)
            w->host = web_host_new(d, w->names[w->at], host_over, w);
        if (!w->host) {
            d->result.failed = true;
            return;
        }
        errands_stop(w->host);
        errands_drop(w->host);
        w->host->facts->stopped = true;
        host_judge(w);
        web_host_free(&w->host);
    }
}

static void drop(struct domain *d, void *state)
{
    struct web *w = state;
    (void)d;
    web_host_free(&w->host);
    free(w);
}

const struct part part_web = {"web", LEVEL_CONNECT | LEVEL_WEB, start, stop, drop};

int checker_web_open(struct checker *c, struct err *e)
{
    return web_client_new(c->events, c->trust, c->options->contact, &c->web, e);
}

void checker_web_close(struct checker *c)
{
    web_client_free(&c->web);
}
