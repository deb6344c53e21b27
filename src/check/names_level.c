// SPDX-License-Identifier: Apache-2.0
//
// The zones above domains, kept for the next domain below them; and the servers of the domain's own
// zone as they are collected.

#include "check/names_state.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

struct kept_level {
    struct dns_entry entry;
    int64_t until;
    uint32_t with_ipv6;
    bool unknown;
    unsigned address_count;
    struct endpoint addresses[ABOVE_MAX];
    char name[];
};

bool names_level_find(struct names_state *s, struct names_level *v)
{
    struct dns_cache *c = &s->checker->names->levels;
    struct kept_level *k =
        (struct kept_level *)(void *)dns_cache_find(c, (const uint8_t *)v->name, strlen(v->name));
    if (!k || k->until < events_now(s->checker->events))
        return false;
    v->with_ipv6 = k->with_ipv6;
    v->unknown = k->unknown;
    v->address_count = k->address_count;
    memcpy(v->addresses, k->addresses, sizeof k->addresses);
    return true;
}

void names_level_keep(struct names_state *s, const struct names_level *v)
{
    struct dns_cache *c = &s->checker->names->levels;
    size_t length = strlen(v->name);
    if (v->unknown || v->count == 0)
        return;
    struct kept_level *old =
        (struct kept_level *)(void *)dns_cache_find(c, (const uint8_t *)v->name, length);
    if (old && old->until >= events_now(s->checker->events))
        return;
    struct kept_level *k = malloc(sizeof *k + length);
    if (!k)
        return;
    *k = (struct kept_level){
        .entry = {.size = (uint32_t)(sizeof *k + length), .key_length = (uint16_t)length},
        .until = events_now(s->checker->events) + NAMES_LEVELS_KEEP,
        .with_ipv6 = v->with_ipv6,
        .address_count = v->address_count};
    memcpy(k->addresses, v->addresses, sizeof k->addresses);
    memcpy(k->name, v->name, length);
    k->entry.key = (const uint8_t *)k->name;
    dns_cache_put(c, &k->entry);
}

// Bits of those of the level's servers that have the name.
static uint32_t named(const struct names_level *v, const char *server)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < v->count; i++)
        bits |= (uint32_t)(strcmp(v->servers[i], server) == 0) << i;
    return bits;
}

const char *names_level_one_sided(struct names_state *s, const struct names_level *v)
{
    struct buffer list = {0};
    char above[DNS_TEXT_MAX];
    unsigned said = 0;
    uint32_t both = 0; // bits of v->servers
    for (; v->count > 0 && v->count < NAMES_SERVERS_MAX &&
           resolver_delegation(s->checker->resolver, v->name, said, above);
         said++) {
        uint32_t same = named(v, above);
        if (same == 0)
            buffer_format(&list, "%s%s", list.length ? ", " : "", above);
        both |= same;
    }
    for (unsigned i = 0; said > 0 && i < v->count; i++)
        if (!(both >> i & 1))
            buffer_format(&list, "%s%s", list.length ? ", " : "", v->servers[i]);
    const char *kept = list.at ? arena_text(&s->arena, list.at, list.length) : "";
    buffer_done(&list);
    return kept ? kept : "";
}

// ---- the servers of the domain's own zone

struct names_server *names_server_find(struct names_state *s, const char *name)
{
    for (unsigned i = 0; i < s->facts.server_count; i++)
        if (strcmp(s->facts.servers[i].name, name) == 0)
            return &s->facts.servers[i];
    return NULL;
}

struct names_server *names_server_add(struct names_state *s, const char *name)
{
    struct names_facts *f = &s->facts;
    struct names_server *n = names_server_find(s, name);
    struct dns_name read;
    if (n)
        return n;
    if (f->server_count == NAMES_SERVERS_MAX) {
        f->more_servers = true;
        return NULL;
    }
    char *kept = arena_text(&s->arena, name, strlen(name));
    if (!kept || !dns_name_parse(slice_of(name), &read))
        return NULL;
    n = &f->servers[f->server_count++];
    *n = (struct names_server){.name = kept, .inside = dns_name_within(&read, &s->zone_name)};
    return n;
}

void names_address_add(struct names_state *s, struct names_server *n, enum family f, u128 address,
                       bool glue)
{
    unsigned same_family = 0;
    for (unsigned i = 0; i < n->address_count; i++) {
        struct names_address *a = &n->addresses[i];
        same_family += a->family == f;
        if (a->family != f || a->address != address)
            continue;
        a->glue |= glue;
        a->own |= !glue;
        return;
    }
    if (same_family == NAMES_ADDRESSES_MAX) {
        n->more[f] = true;
        return;
    }
    if (!n->addresses)
        n->addresses = arena_alloc(&s->arena, 2 * NAMES_ADDRESSES_MAX * sizeof *n->addresses);
    if (!n->addresses)
        return;
    n->addresses[n->address_count++] =
        (struct names_address){.family = f,
                               .address = address,
                               .oddity = guard_oddity(&s->checker->guard, f, address),
                               .glue = glue,
                               .own = !glue};
}
