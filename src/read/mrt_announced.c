// SPDX-License-Identifier: Apache-2.0
//
// Who announces what, out of routing tables in MRT: for each prefix its origins and how many peers
// see it from each.

#include "base/array.h"
#include "read/mrt.h"
#include "read/mrt_attributes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES_MAX ((size_t)1 << 22) // to one prefix: 64 from each of 65536 peers

// What is known of a peer: the last prefix it was seen with, the prefixes it has of each family.
struct seen {
    uint32_t group; // even: counted; odd: gathered
    uint32_t prefixes[2];
};

// A route as one number: the origin above the peer.
#define ROUTE(origin, peer) ((uint64_t)(origin) << 32 | (peer))

struct reader {
    struct source *source;
    const struct announced_handler *handler;
    struct announced_result result;
    struct err *e;
    char collector[COLLECTOR_MAX];
    bool headed; // the header was told

    // The prefix that is gathered; records of one prefix may follow each other.
    struct mrt_prefix prefix;
    uint64_t record;
    ARRAY(uint64_t) routes;
    bool several;      // origins, or routes of one peer
    uint32_t group;    // even
    struct seen *seen; // by the peer's number
    uint32_t peers;    // that were seen
};

static int tell_header(struct reader *r, const struct mrt_record *record)
{
    struct announced_header *h = &r->result.header;
    date day = (date)(record->time / 86400);
    if (r->headed && day - h->date <= 1 && h->date - day <= 1)
        return 0;
    if (r->headed)
        return err_set(r->e, ERR_INPUT,
                       "%s: record %" PRIu64 ": a table of another day than the first; wanted one "
                       "day's tables in a file",
                       source_name(r->source), record->number);
    r->headed = true;
    h->format = FORMAT_MRT;
    h->date = day;
    memcpy(h->collector, r->collector, sizeof h->collector);
    return r->handler->header ? r->handler->header(h, r->handler->arg) : 0;
}

// ---- a prefix

static int give(struct reader *r, uint32_t origin, uint32_t peers)
{
    struct announced a = {.family = r->prefix.family,
                          .length = r->prefix.length,
                          .origin = origin,
                          .peers = peers,
                          .start = r->prefix.start,
                          .line = r->record};
    r->result.announced++;
    return r->handler->announced ? r->handler->announced(&a, r->handler->arg) : 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// In order of origin and peer, each once.
static void sort_routes(struct reader *r)
{
    uint64_t *at = r->routes.at;
    size_t kept = 0;
    if (r->routes.count == 0)
        return;
    qsort(at, r->routes.count, sizeof *at, compare);
    for (size_t i = 0; i < r->routes.count; i++)
        if (i == 0 || at[i] != at[kept - 1])
            at[kept++] = at[i];
    r->routes.count = kept;
}

static void count_peers(struct reader *r)
{
    r->group += 2;
    for (size_t i = 0; i < r->routes.count; i++) {
        struct seen *seen = &r->seen[(uint32_t)r->routes.at[i]];
        seen->prefixes[r->prefix.family] += seen->group != r->group;
        seen->group = r->group;
    }
}

static int give_prefix(struct reader *r)
{
    int code = 0;
    if (r->several)
        sort_routes(r);
    count_peers(r);
    for (size_t i = 0, next; i < r->routes.count && !code; i = next) {
        uint32_t origin = (uint32_t)(r->routes.at[i] >> 32);
        next = r->several ? i + 1 : r->routes.count;
        while (next < r->routes.count && r->routes.at[next] >> 32 == origin)
            next++;
        code = give(r, origin, (uint32_t)(next - i));
    }
    r->routes.count = 0;
    r->several = false;
    return code;
}

// ---- a record

static bool is_same(const struct mrt_prefix *a, const struct mrt_prefix *b)
{
    return a->start == b->start && a->length == b->length && a->family == b->family;
}

static void add_routes(struct reader *r, struct mrt_rib *rib)
{
    struct mrt_entry entry;
    size_t before = r->routes.count, count = before;
    bool several = r->several || before > 0 || rib->addpath;
    while (mrt_rib_next(rib, &entry)) {
        uint32_t origin;
        rib->wrong =
            mrt_attributes_origin(entry.attributes, rib->asn_bytes, entry.peer->asn, &origin);
        if (rib->wrong)
            break;
        if (entry.peer->asn == 0 && origin == 0)
            continue; // a router's own route: nobody announced it
        uint64_t *at = r->routes.at;
        at[count++] = ROUTE(origin, entry.peer->number);
        several |= at[count - 1] >> 32 != at[0] >> 32;
        struct seen *seen = &r->seen[entry.peer->number];
        if (entry.peer->number >= r->peers)
            r->peers = entry.peer->number + 1;
        several |= seen->group == (r->group | 1);
        seen->group = r->group | 1;
    }
    // What a damaged record says is left out whole.
    r->routes.count = rib->wrong ? before : count;
    r->several = several;
}

static int on_rib(struct mrt_rib *rib, void *arg)
{
    struct reader *r = arg;
    int code = tell_header(r, rib->record);
    if (!code && !is_same(&rib->prefix, &r->prefix))
        code = give_prefix(r);
    if (code)
        return code;
    r->prefix = rib->prefix;
    r->record = rib->record->number;
    if (r->routes.count + rib->entries > ROUTES_MAX)
        sort_routes(r);
    if (r->routes.count + rib->entries > ROUTES_MAX)
        return err_set(r->e, ERR_LIMIT,
                       "%s: record %" PRIu64 ": more than %zu routes to one prefix",
                       source_name(r->source), r->record, ROUTES_MAX);
    if (!ARRAY_RESERVE(&r->routes, r->routes.count + rib->entries))
        return err_memory(r->e);
    add_routes(r, rib);
    return 0;
}

static int on_peers(const struct mrt_peer_table *t, void *arg)
{
    struct reader *r = arg;
    if (r->collector[0])
        return 0;
    if (t->view[0])
        snprintf(r->collector, sizeof r->collector, "%s", t->view);
    else
        address_format(FAMILY_IPV4, t->collector, r->collector);
    return 0;
}

static int on_damaged(const struct mrt_damage *d, void *arg)
{
    struct reader *r = arg;
    char text[160];
    struct finding finding = {FINDING_REJECTED, d->record->number, text};
    snprintf(text, sizeof text, "damaged: %s, at byte %" PRIu64, d->text, d->record->offset);
    return r->handler->finding ? r->handler->finding(&finding, r->handler->arg) : 0;
}

// ---- the whole

static void count_full(struct reader *r, enum family family)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < r->peers; i++)
        if (r->seen[i].prefixes[family] > most)
            most = r->seen[i].prefixes[family];
    for (uint32_t i = 0; i < r->peers && most > 0; i++) {
        uint32_t prefixes = r->seen[i].prefixes[family];
        r->result.peers[family] += prefixes > 0;
        r->result.peers_full[family] += prefixes >= most - most / 2;
    }
}

static void set_fates(struct fates *f, const struct mrt_result *m)
{
    f->lines = m->records;
    f->used = m->ribs;
    f->ignored[IGNORED_HEADER] = m->peer_tables;
    f->ignored[IGNORED_RECORD] = m->messages + m->states + m->multicast + m->unknown;
    f->rejected[REJECTED_DAMAGED] = m->damaged;
}

static int check_whole(struct reader *r, const struct mrt_result *m)
{
    const char *name = source_name(r->source);
    if (m->cut)
        return err_set(r->e, ERR_INPUT,
                       "%s: record %" PRIu64 ": the file is cut within it; wanted a whole file",
                       name, m->records);
    if (m->ribs == 0)
        return err_set(r->e, ERR_INPUT,
                       "%s: no route of a table in %" PRIu64 " records (%" PRIu64
                       " messages); wanted a routing table",
                       name, m->records, m->messages);
    if (m->damaged > m->ribs)
        return err_set(r->e, ERR_INPUT, "%s: %" PRIu64 " records used, %" PRIu64 " damaged", name,
                       m->ribs, m->damaged);
    return 0;
}

static int read_all(struct reader *r)
{
    struct mrt_handler handler = {
        .peers = on_peers, .rib = on_rib, .damaged = on_damaged, .arg = r};
    struct mrt_result m;
    int code = mrt_read(r->source, &handler, &m, r->e);
    if (!code)
        code = give_prefix(r);
    if (!code)
        code = check_whole(r, &m);
    if (code)
        return code;
    set_fates(&r->result.fates, &m);
    count_full(r, FAMILY_IPV6);
    count_full(r, FAMILY_IPV4);
    return 0;
}

int mrt_announced(struct source *s, const struct read_options *options,
                  const struct announced_handler *handler, struct announced_result *ret,
                  struct err *e)
{
    (void)options; // an MRT file says itself of which day it is
    struct reader r = {.source = s, .handler = handler, .e = e};
    r.seen = calloc(MRT_PEERS_MAX, sizeof *r.seen);
    int code = r.seen ? read_all(&r) : err_memory(e);
    if (!code)
        *ret = r.result;
    free(r.routes.at);
    free(r.seen);
    return code;
}
