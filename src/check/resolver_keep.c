// SPDX-License-Identifier: Apache-2.0
//
// What is kept: delegations, answers, and how servers behaved. Each is one piece of memory, packed
// in two passes: the first counts.

#include "check/resolver_parts.h"

#include <stdlib.h>
#include <string.h>

struct packer {
    uint8_t *base; // NULL: it only counts
    size_t used;
};

static void *pack(struct packer *p, size_t size, size_t align)
{
    p->used = (p->used + align - 1) & ~(align - 1);
    size_t at = p->used;
    p->used += size;
    return p->base ? p->base + at : NULL;
}

static void *pack_copy(struct packer *p, const void *from, size_t size)
{
    void *to = pack(p, size, 1);
    return to ? memcpy(to, from, size) : NULL;
}

static const char *pack_text(struct packer *p, const char *text)
{
    return pack_copy(p, text, strlen(text) + 1);
}

static const char *pack_name(struct packer *p, const struct dns_name *n)
{
    char text[DNS_TEXT_MAX];
    return pack_text(p, dns_name_text(n, text));
}

// ---- answers

static bool datum_wanted(const struct dns_record *r, const struct job *j, const struct finding *f)
{
    return r->section == DNS_ANSWER && r->type == j->type && r->class == DNS_CLASS_IN &&
           dns_record_owned_by(r, f->owner);
}

// False: its data are not what the type demands.
static bool datum_pack(struct packer *p, const struct dns_record *r, struct lookup_datum *d)
{
    struct dns_name n;
    uint8_t plain[2 * DNS_NAME_MAX + 20];
    *d = (struct lookup_datum){0};
    switch (r->type) {
    case DNS_TYPE_A:
        return dns_record_a(r, &d->address);
    case DNS_TYPE_AAAA:
        return dns_record_aaaa(r, &d->address);
    case DNS_TYPE_MX:
        if (!dns_record_mx(r, &d->preference, &n))
            return false;
        d->name = pack_name(p, &n);
        return true;
    case DNS_TYPE_NS:
    case DNS_TYPE_CNAME:
    case DNS_TYPE_DNAME:
    case DNS_TYPE_PTR:
        if (!dns_record_name(r, &n))
            return false;
        d->name = pack_name(p, &n);
        return true;
    case DNS_TYPE_SOA:
        d->length = (uint16_t)dns_record_plain(r, plain, sizeof plain);
        d->data = pack_copy(p, plain, d->length);
        return d->length > 0;
    default:
        d->length = r->length;
        d->data = pack_copy(p, r->message->bytes + r->data, r->length);
        return true;
    }
}

static void data_of_message(struct packer *p, const struct job *j, const struct finding *f,
                            struct lookup *l)
{
    struct dns_records all = dns_records_of(f->message);
    size_t count = 0;
    for (struct dns_record r; dns_record_next(&all, &r);)
        count += datum_wanted(&r, j, f);
    count = count > LOOKUP_DATA_MAX ? LOOKUP_DATA_MAX : count;
    struct lookup_datum *data = pack(p, count * sizeof *data, _Alignof(struct lookup_datum)), one;
    all = dns_records_of(f->message);
    for (struct dns_record r; l->count < count && dns_record_next(&all, &r);)
        if (datum_wanted(&r, j, f) && datum_pack(p, &r, &one)) {
            if (data)
                data[l->count] = one;
            l->count++;
        }
    l->data = data;
}

static void data_of_lookup(struct packer *p, const struct lookup *from, struct lookup *l)
{
    struct lookup_datum *data = pack(p, from->count * sizeof *data, _Alignof(struct lookup_datum));
    for (size_t i = 0; i < from->count; i++) {
        struct lookup_datum one = from->data[i];
        if (one.name)
            one.name = pack_text(p, one.name);
        if (one.data)
            one.data = pack_copy(p, one.data, one.length);
        if (data)
            data[i] = one;
    }
    l->data = data;
    l->count = from->count;
}

static void chain_pack(struct packer *p, const struct job *j, const struct lookup *rest,
                       struct lookup *l)
{
    size_t more = rest ? rest->chain_count : 0;
    l->chain_count = j->alias_count + more;
    const char **chain = pack(p, l->chain_count * sizeof *chain, _Alignof(const char *));
    for (size_t i = 0; i < l->chain_count; i++) {
        const char *text = i < j->alias_count ? pack_name(p, &j->alias[i])
                                              : pack_text(p, rest->chain[i - j->alias_count]);
        if (chain)
            chain[i] = text;
    }
    l->chain = (const char *const *)chain;
}

static void answer_pack(struct packer *p, const struct job *j, const struct finding *f)
{
    struct lookup l = {.type = j->type,
                       .status = f->status,
                       .security = f->security,
                       .ttl = f->ttl,
                       .by_timeout = f->by_timeout,
                       .opted_out = f->opted_out};
    char by[ENDPOINT_TEXT_MAX] = "";
    struct answer *a = pack(p, sizeof *a, _Alignof(struct answer));
    uint8_t *key = pack_copy(p, j->key, j->key_length);
    l.name = pack_name(p, &j->name);
    chain_pack(p, j, f->rest, &l);
    if (f->rest)
        data_of_lookup(p, f->rest, &l);
    else if (f->message && f->status == LOOKUP_FOUND)
        data_of_message(p, j, f, &l);
    if (l.count == 0 && l.status == LOOKUP_FOUND)
        l.status = LOOKUP_NO_DATA; // none was what its type demands
    l.why = pack_text(p, f->why ? f->why : "");
    if (j->by.port != 0)
        endpoint_text(&j->by, by);
    l.by = pack_text(p, f->rest && f->rest->by[0] ? f->rest->by : by);
    l.at = events_wall(j->resolver->events);
    int64_t took = events_now(j->resolver->events) - j->began;
    l.took = took > 0 ? (uint32_t)took : 1;
    if (a)
        *a = (struct answer){.entry = {.key = key, .key_length = j->key_length}, .lookup = l};
}

struct answer *answer_make(const struct job *j, const struct finding *f)
{
    struct packer p = {0};
    answer_pack(&p, j, f);
    size_t size = p.used;
    p = (struct packer){.base = malloc(size)};
    if (!p.base)
        return NULL;
    answer_pack(&p, j, f);
    struct answer *a = (struct answer *)(void *)p.base;
    a->entry.size = (uint32_t)size;
    int64_t keep = f->status >= LOOKUP_FAILED ? KEEP_FAILURE
                   : f->ttl < KEEP_MIN        ? KEEP_MIN
                   : f->ttl > KEEP_MAX        ? KEEP_MAX
                                              : f->ttl;
    a->until = events_now(j->resolver->events) + keep * 1000000;
    return a;
}

struct answer *answer_find(struct inner *r, const uint8_t *key, size_t length)
{
    struct answer *a = (struct answer *)(void *)dns_cache_find(&r->answers, key, length);
    if (!a || a->until > events_now(r->events))
        return a;
    dns_cache_remove(&r->answers, &a->entry);
    return NULL;
}

// ---- delegations

// What a delegation says: servers with the addresses that came along and are the parent's to give.
struct draft {
    const struct dns_name *name;
    unsigned count;
    struct dns_name servers[ZONE_SERVERS_MAX];
    unsigned address_count[ZONE_SERVERS_MAX];
    struct zone_address addresses[ZONE_SERVERS_MAX][ZONE_ADDRESSES_MAX];
    uint32_t ttl;
};

static void draft_server(struct draft *d, const struct dns_name *n)
{
    for (unsigned i = 0; i < d->count; i++)
        if (dns_name_same(&d->servers[i], n))
            return;
    if (d->count == ZONE_SERVERS_MAX)
        return;
    d->address_count[d->count] = 0;
    memcpy(&d->servers[d->count++], n, sizeof *n);
}

static void draft_address(struct draft *d, const struct dns_name *n, enum family f, u128 address)
{
    for (unsigned i = 0; i < d->count; i++)
        if (dns_name_same(&d->servers[i], n) && d->address_count[i] < ZONE_ADDRESSES_MAX)
            d->addresses[i][d->address_count[i]++] = (struct zone_address){f, address};
}

static void zone_pack(struct packer *p, const struct draft *d, unsigned families)
{
    uint8_t key[KEY_MAX];
    struct zone *z = pack(p, sizeof *z, _Alignof(struct zone));
    struct zone_server *servers = pack(p, d->count * sizeof *servers, _Alignof(struct zone_server));
    size_t key_length = key_write(d->name, DNS_TYPE_NS, families, false, key);
    uint8_t *kept = pack_copy(p, key, key_length);
    for (unsigned i = 0; i < d->count; i++) {
        struct zone_address *addresses =
            pack(p, d->address_count[i] * sizeof *addresses, _Alignof(struct zone_address));
        const void *name = pack_copy(p, &d->servers[i], 1u + d->servers[i].length);
        if (!servers)
            continue;
        memcpy(addresses, d->addresses[i], d->address_count[i] * sizeof *addresses);
        servers[i] = (struct zone_server){name, addresses, d->address_count[i]};
    }
    if (!z)
        return;
    *z = (struct zone){.entry = {.key = kept, .key_length = (uint16_t)key_length},
                       .count = d->count,
                       .servers = servers};
    memcpy(&z->name, d->name, 1u + d->name->length);
}

static struct zone *zone_make(struct inner *r, const struct draft *d, unsigned families)
{
    struct packer p = {0};
    zone_pack(&p, d, families);
    size_t size = p.used;
    p = (struct packer){.base = malloc(size)};
    if (!p.base)
        return NULL;
    zone_pack(&p, d, families);
    struct zone *z = (struct zone *)(void *)p.base;
    z->entry.size = (uint32_t)size;
    int64_t keep = d->ttl < KEEP_MIN ? KEEP_MIN : d->ttl > KEEP_MAX ? KEEP_MAX : d->ttl;
    z->until = events_now(r->events) + keep * 1000000;
    return z;
}

// Glue counts where the server that said it is there for the name: within `from`.
struct zone *zone_learn(struct inner *r, const struct dns_message *m, const struct dns_name *name,
                        const struct dns_name *from, unsigned families)
{
    struct draft *d = malloc(sizeof *d);
    if (!d)
        return NULL;
    d->name = name;
    d->count = 0;
    d->ttl = KEEP_MAX;
    struct dns_records all = dns_records_of(m);
    struct dns_name n;
    u128 address;
    for (struct dns_record rec; dns_record_next(&all, &rec);) {
        if (rec.section == DNS_AUTHORITY && rec.type == DNS_TYPE_NS &&
            dns_record_owned_by(&rec, name) && dns_record_name(&rec, &n)) {
            draft_server(d, &n);
            d->ttl = rec.ttl < d->ttl ? rec.ttl : d->ttl;
        }
        if (rec.section != DNS_ADDITIONAL)
            continue;
        dns_record_owner(&rec, &n);
        if (!dns_name_within(&n, from))
            continue;
        if (rec.type == DNS_TYPE_A && dns_record_a(&rec, &address))
            draft_address(d, &n, FAMILY_IPV4, address);
        else if (rec.type == DNS_TYPE_AAAA && dns_record_aaaa(&rec, &address))
            draft_address(d, &n, FAMILY_IPV6, address);
    }
    struct zone *z = d->count > 0 ? zone_make(r, d, families) : NULL;
    free(d);
    if (z)
        dns_cache_put(&r->zones, &z->entry);
    return z;
}

bool zone_root_make(struct inner *r, unsigned families)
{
    static const struct dns_name root = {1, {0}};
    struct draft *d = malloc(sizeof *d);
    if (!d)
        return false;
    d->name = &root;
    d->count = 0;
    d->ttl = KEEP_MAX;
    for (size_t i = 0; i < r->hints->count; i++) {
        draft_server(d, &r->hints->at[i].name);
        draft_address(d, &r->hints->at[i].name, r->hints->at[i].family, r->hints->at[i].address);
    }
    r->root[families] = zone_make(r, d, families);
    free(d);
    return r->root[families];
}

struct zone *zone_nearest(struct inner *r, const struct dns_name *n, unsigned families, bool above)
{
    struct dns_name at;
    uint8_t key[KEY_MAX];
    unsigned labels = dns_name_labels(n);
    if (above && labels > 0)
        labels--;
    for (; labels > 0; labels--) {
        dns_name_tail(n, labels, &at);
        size_t length = key_write(&at, DNS_TYPE_NS, families, false, key);
        struct zone *z = (struct zone *)(void *)dns_cache_find(&r->zones, key, length);
        if (z && z->until > events_now(r->events))
            return z;
    }
    return r->root[families];
}

bool resolver_delegation(struct resolver *face, const char *zone, unsigned i,
                         char ret[DNS_TEXT_MAX])
{
    struct inner *r = (struct inner *)face;
    struct dns_name name;
    if (!dns_name_parse(slice_of(zone), &name))
        return false;
    const struct zone *z = zone_nearest(r, &name, r->both, false);
    if (!dns_name_same(&z->name, &name) || z == r->root[r->both] || i >= z->count)
        return false;
    dns_name_text(z->servers[i].name, ret);
    return true;
}

// ---- servers

struct server *server_get(struct inner *r, const struct endpoint *at)
{
    uint8_t key[SERVER_KEY];
    memcpy(key, &at->address, 16);
    key[16] = (uint8_t)at->family;
    memcpy(key + 17, &at->port, 2);
    struct server *s = (struct server *)(void *)dns_cache_find(&r->servers, key, SERVER_KEY);
    if (s)
        return s;
    s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    memcpy(s->key, key, SERVER_KEY);
    s->entry = (struct dns_entry){.key = s->key, .key_length = SERVER_KEY, .size = sizeof *s};
    dns_cache_put(&r->servers, &s->entry);
    return s;
}
