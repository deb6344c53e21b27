// SPDX-License-Identifier: Apache-2.0
//
// The page of a host: from every address, over redirects, several times, and with small segments
// where it stalled.

#include "check/web_host.h"

#include <string.h>
#include <strings.h>

// ---- loads

static void type_of(const char *header, char ret[WEB_TYPE_MAX], const char **ret_charset,
                    char charset[64])
{
    size_t length = strcspn(header, "; \t");
    for (size_t i = 0; i < length; i++)
        ret[i] = (char)(header[i] >= 'A' && header[i] <= 'Z' ? header[i] + 32 : header[i]);
    ret[length] = '\0';
    const char *at = strcasestr(header + length, "charset=");
    *ret_charset = NULL;
    if (!at)
        return;
    at += strlen("charset=");
    at += *at == '"' || *at == '\'';
    length = strcspn(at, "\"'; \t,");
    if (length == 0 || length > 63)
        return;
    memcpy(charset, at, length);
    charset[length] = '\0';
    *ret_charset = charset;
}

static uint64_t hash_of(struct slice bytes)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < bytes.length; i++)
        hash = (hash ^ (unsigned char)bytes.at[i]) * 1099511628211u;
    return hash;
}

static bool is_html(const char *type, struct slice bytes)
{
    struct slice start =
        slice_trim((struct slice){bytes.at, bytes.length < 64 ? bytes.length : 64});
    return strcmp(type, "text/html") == 0 || strcmp(type, "application/xhtml+xml") == 0 ||
           (!*type && start.length > 0 && start.at[0] == '<');
}

static bool reads_alike(const struct web_load *a, const struct web_load *b)
{
    bool charset = a->charset && b->charset ? strcasecmp(a->charset, b->charset) == 0
                                            : a->charset == b->charset;
    return charset && a->load.body_hash == b->load.body_hash &&
           a->load.body_length == b->load.body_length && strcmp(a->load.type, b->load.type) == 0 &&
           strcmp(a->load.final_url, b->load.final_url) == 0;
}

// One that was read of the same bytes, and stays: what leads on at once is dropped by its walk.
static const struct page *page_known(const struct web_facts *f, const struct web_load *l)
{
    const struct web_names *six = &f->names[FAMILY_IPV6];
    const struct web_load *other[WEB_ADDRESSES_MAX + WEB_FAMILIES * COMPARE_LOADS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < six->count; i++)
        if (six->addresses[i].front)
            other[count++] = six->addresses[i].front;
    for (int family = 0; family < WEB_FAMILIES; family++)
        for (size_t i = 0; i < f->load_count[family]; i++)
            other[count++] = &f->loads[family][i];
    for (size_t i = 0; i < count; i++)
        if (other[i] != l && other[i]->load.has_page && !other[i]->load.page->refresh &&
            reads_alike(other[i], l))
            return other[i]->load.page;
    return NULL;
}

static int page_parse(struct slice bytes, struct web_load *l)
{
    l->load.page = &l->page;
    if (is_html(l->load.type, bytes))
        return page_read(bytes, l->load.final_url, l->charset, &l->page, NULL);
    if (strncmp(l->load.type, "text/", 5) == 0)
        return page_read_text(bytes, &l->page, NULL);
    return 0;
}

static void load_read(struct web_host *h, const struct errand *r, struct web_load *l)
{
    const struct web_answer *a = &r->fetch.answer;
    char type[WEB_TYPE_MAX], charset_text[64];
    const char *charset;
    struct slice bytes = {a->body.at ? a->body.at : "", a->body.length};
    type_of(a->type, type, &charset, charset_text);
    *l = (struct web_load){.load = {.status = a->status,
                                    .final_url = r->fetch.url,
                                    .type = host_text(h, type),
                                    .body_hash = hash_of(bytes),
                                    .body_length = bytes.length},
                           .charset = charset ? host_text(h, charset) : NULL};
    l->load.page = page_known(h->facts, l);
    if (!l->load.page && page_parse(bytes, l) != 0)
        h->failed = true;
    l->load.has_page = l->load.page->title != NULL;
}

void load_keep(struct web_host *h, const struct errand *r, enum family f)
{
    struct web_facts *facts = h->facts;
    if (facts->load_count[f] < COMPARE_LOADS_MAX)
        load_read(h, r, &facts->loads[f][facts->load_count[f]++]);
}

// ---- every address

static void front_keep(struct web_host *h, const struct errand *r, struct web_address *a)
{
    a->front = arena_alloc(&h->domain->result.arena, sizeof *a->front);
    if (a->front)
        load_read(h, r, a->front);
    else
        h->failed = true;
}

void address_visited(struct web_host *h, struct web_address *a, int port, const struct errand *r)
{
    struct web_visit *v = arena_alloc(&h->domain->result.arena, sizeof *v);
    if (!v) {
        h->failed = true;
        return;
    }
    visit_keep(h, r, v);
    a->visits[port] = v;
    if (v->outcome == WEB_ANSWERED && !v->leads_to && a->at.family == FAMILY_IPV6 &&
        port == web_main_port(h->facts))
        front_keep(h, r, a);
}

static void visited(struct errand *r)
{
    address_visited(r->host, r->about, r->index, r);
}

static void visit(struct web_host *h, struct web_address *a, int port)
{
    struct endpoint to = a->at;
    to.port = port == WEB_443 ? 443 : 80;
    const char *url = arena_format(&h->domain->result.arena,
                                   port == WEB_443 ? "https://%s/" : "http://%s/", h->facts->host);
    if (url)
        errand_fetch(h, url, &to, WEB_FRESH | WEB_CERTIFICATE, WEB_TRIES, visited, a, port);
    else
        h->failed = true;
}

// The first that opened is where the walk begins, with the same request: it is asked once.
static void addresses_visit(struct web_host *h, enum family family, int port)
{
    struct web_names *n = &h->facts->names[family];
    bool walks = false;
    for (size_t i = 0; i < n->count; i++) {
        const struct web_knock *k = &n->addresses[i].knocks[port];
        if (!k->tried || k->outcome != TCP_OPEN)
            continue;
        if (walks)
            visit(h, &n->addresses[i], port);
        else
            walk_begin(h, family, port);
        walks = true;
    }
}

void stage_visits(struct web_host *h)
{
    struct web_facts *f = h->facts;
    f->visited = true;
    for (int family = 0; family < WEB_FAMILIES; family++)
        for (int port = 0; port < WEB_PORTS; port++)
            addresses_visit(h, (enum family)family, port);
}

// ---- again and again

// The end of the redirects; where they did not end in a page, the beginning.
static bool round_target(struct web_host *h, enum family family, const char **ret_url,
                         struct endpoint *ret_to)
{
    struct web_facts *f = h->facts;
    int port = web_main_port(f);
    const struct web_walk *w = &f->walks[family][port];
    const struct web_names *n = &f->names[family];
    if (w->tried && w->end == END_PAGE) {
        *ret_url = w->final_url;
        *ret_to = w->last.from;
        return true;
    }
    for (size_t i = 0; i < n->count; i++)
        if (n->addresses[i].knocks[port].tried) {
            *ret_to = n->addresses[i].at;
            ret_to->port = port == WEB_443 ? 443 : 80;
            *ret_url = arena_format(&h->domain->result.arena,
                                    port == WEB_443 ? "https://%s/" : "http://%s/", f->host);
            return *ret_url != NULL;
        }
    return false;
}

bool round_keep(struct web_host *h, const struct errand *r, enum family f)
{
    struct web_rounds *n = &h->facts->rounds[f];
    const struct web_answer *a = &r->fetch.answer;
    bool fine = a->outcome == WEB_ANSWERED && a->status < 500 && r->attempts == 1;
    if (n->attempts == 0) {
        n->url = r->fetch.url;
        n->from = r->to;
        n->at = a->at;
    }
    n->answered += fine;
    n->cut += fine && a->body_cut;
    if (a->connected > 0 && (n->connected == 0 || a->connected < n->connected))
        n->connected = a->connected;
    n->whole[n->attempts++] = fine ? a->whole : 0;
    return fine;
}

static void came_again(struct errand *r)
{
    struct web_host *h = r->host;
    enum family f = (enum family)r->index;
    const struct web_answer *a = &r->fetch.answer;
    const struct web_walk *w = &h->facts->walks[f][web_main_port(h->facts)];
    if (round_keep(h, r, f) && w->end == END_PAGE && w->final_url &&
        strcmp(w->final_url, r->fetch.url) == 0)
        load_keep(h, r, f);
    if (f == FAMILY_IPV6 && a->outcome != WEB_ANSWERED && a->connected > 0 &&
        !h->facts->stalled.url)
        visit_keep(h, r, &h->facts->stalled);
}

bool rounds_left(const struct web_host *h)
{
    return h->round < h->checker->repeats;
}

// The last connection is kept for the pages of depth 2.
static void round_send(struct web_host *h)
{
    unsigned round = h->round++;
    bool kept = !rounds_left(h) && h->checker->depth > 1;
    h->facts->repeated = true;
    for (int family = 0; family < WEB_FAMILIES; family++) {
        struct endpoint to = h->facts->rounds[family].from;
        const char *url = h->facts->rounds[family].url;
        if (h->facts->rounds[family].attempts > round ||
            (!url && !round_target(h, (enum family)family, &url, &to)))
            continue;
        errand_fetch(h, url, &to, WEB_FRESH | (kept ? WEB_KEPT : 0), 1, came_again, NULL, family);
    }
}

// Where the page stalled, twice, over IPv6: a few more, at once, as each takes all of its time.
void stage_round(struct web_host *h)
{
    const struct web_walk *w = &h->facts->walks[FAMILY_IPV6][web_main_port(h->facts)];
    if (!w->tried || w->end != END_FAILED || !web_stalls(&w->last)) {
        round_send(h);
        return;
    }
    for (unsigned i = 0; i < WEB_DEAD_ROUNDS && rounds_left(h); i++)
        round_send(h);
    h->round = h->checker->repeats;
}

// ---- a black hole?

static void clamped(struct errand *r)
{
    visit_keep(r->host, r, &r->host->facts->clamped);
    r->host->facts->was_clamped = true;
}

static void find_stalled(struct web_facts *f)
{
    for (int port = 0; port < WEB_PORTS; port++) {
        if (f->walks[FAMILY_IPV6][port].tried && web_stalls(&f->walks[FAMILY_IPV6][port].last))
            f->stalled = f->walks[FAMILY_IPV6][port].last;
        for (size_t i = 0; i < f->names[FAMILY_IPV6].count; i++) {
            const struct web_visit *v = f->names[FAMILY_IPV6].addresses[i].visits[port];
            if (v && web_stalls(v))
                f->stalled = *v;
        }
    }
}

void stage_small_segments(struct web_host *h)
{
    struct web_facts *f = h->facts;
    if (!web_stalls(&f->stalled))
        find_stalled(f);
    if (!web_stalls(&f->stalled))
        return;
    struct errand *r =
        errand_fetch(h, f->stalled.url, &f->stalled.from, WEB_FRESH, 1, clamped, NULL, 0);
    if (r)
        r->fetch.segment_max = WEB_SEGMENT_LEAST;
}
