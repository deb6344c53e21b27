// SPDX-License-Identifier: Apache-2.0
//
// What a home router advertises on its links: prefixes with what is left of their lifetimes, those
// that are no more, routes, resolvers.

#include "daemon/home.h"

#define PREFERRED_LIMIT 2700 // ND_PREFERRED_LIMIT, RFC 9096, 4

uint32_t home_left(int64_t end, int64_t now)
{
    return end == DHCP6_NEVER ? DHCP6_FOREVER : end <= now ? 0 : (uint32_t)((end - now) / 1000);
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

u128 home_network(const struct home *h, const struct dhcp6_held *p, size_t lan)
{
    return p->lease.address | (u128)h->options->lans[lan].number << 64;
}

static bool is_excluded(const struct dhcp6_lease *l, u128 network)
{
    unsigned bits = l->excluded_length < 64 ? l->excluded_length : 64;
    return bits > 0 && (l->excluded ^ network) >> (128 - bits) == 0;
}

bool home_has_network(const struct home *h, const struct dhcp6_held *p, size_t lan)
{
    return p->lease.length <= 64 &&
           (u128)h->options->lans[lan].number >> (64 - p->lease.length) == 0 &&
           !is_excluded(&p->lease, home_network(h, p, lan));
}

static void add_prefixes(const struct home *h, size_t lan, int64_t now, struct advert *a)
{
    for (size_t i = 0; i < h->used_count && a->prefix_count < ADVERT_LIST_MAX; i++) {
        const struct used *u = h->used + i;
        if (u->use == USE_LAN && u->lan == lan && u->valid_end > 0)
            a->prefixes[a->prefix_count++] = (struct advert_prefix){
                .prefix = u->address,
                .length = 64,
                .on_link = true,
                .autonomous = true,
                .valid = at_most(home_left(u->valid_end, now), VALID_LIMIT),
                .preferred = at_most(home_left(u->preferred_end, now), PREFERRED_LIMIT)};
    }
    for (size_t i = 0; i < h->stale_count[lan] && a->prefix_count < ADVERT_LIST_MAX; i++)
        a->prefixes[a->prefix_count++] = (struct advert_prefix){
            .prefix = h->stale[lan][i].prefix, .length = 64, .on_link = true, .autonomous = true};
}

static void add_routes(const struct home *h, int64_t now, struct advert *a)
{
    uint32_t shortest = VALID_LIMIT;
    for (size_t i = 0; i < h->client.prefix_count; i++) {
        const struct dhcp6_held *p = h->client.prefixes + i;
        a->routes[a->route_count++] = (struct advert_route){p->lease.address, p->lease.length};
        shortest = at_most(home_left(p->valid_end, now), shortest);
    }
    if (h->ula.lease.length)
        a->routes[a->route_count++] =
            (struct advert_route){h->ula.lease.address, h->ula.lease.length};
    a->route_lifetime = shortest;
}

bool home_is_local(u128 address)
{
    return (address ^ LOCAL) >> (128 - LOCAL_BITS) == 0;
}

size_t home_count_local(const struct home *h)
{
    size_t count = 0;
    for (size_t i = 0; i < h->client.prefix_count; i++)
        count += home_is_local(h->client.prefixes[i].lease.address);
    return count;
}

static uint32_t longest_left(const struct home *h, int64_t now)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < h->client.prefix_count; i++) {
        uint32_t valid = home_left(h->client.prefixes[i].valid_end, now);
        longest = valid > longest ? valid : longest;
    }
    return longest;
}

// What the provider says to all: resolvers and names that are fit to be told again.
static struct dhcp6 offer_of(const struct home *h, int64_t now)
{
    const struct dhcp6 *s = &h->client.settings;
    uint32_t refresh = at_most(longest_left(h, now), VALID_LIMIT);
    struct dhcp6 o = {.server = h->client.config.id,
                      .refresh = refresh < DHCP6_REFRESH_LEAST ? DHCP6_REFRESH_LEAST : refresh};
    if (h->client.prefix_count == 0)
        return o;
    memcpy(o.resolvers, s->resolvers, sizeof o.resolvers);
    o.resolver_count = s->resolver_count;
    for (size_t i = 0; i < s->name_count; i++)
        if (advert_name_valid(slice_of(s->names[i])))
            memcpy(o.names[o.name_count++], s->names[i], sizeof s->names[i]);
    return o;
}

// Lifetimes are those of RFC 9096, 3.4.
static struct advert advert_of(const struct home *h, size_t lan, int64_t now)
{
    const struct dhcp6 *s = &h->offered;
    struct advert a = {.hop_limit = 64,
                       .other = true, // L-9
                       .resolver_lifetime = at_most(longest_left(h, now), VALID_LIMIT)};
    add_prefixes(h, lan, now, &a);
    add_routes(h, now, &a);
    if (h->leads_out && home_count_local(h) < h->client.prefix_count) // RFC 7084: G-4, L-4, ULA-5
        a.lifetime = PREFERRED_LIMIT;
    for (size_t i = 0; i < s->resolver_count; i++)
        a.resolvers[a.resolver_count++] = s->resolvers[i];
    for (size_t i = 0; i < s->name_count; i++)
        a.search[a.search_count++] = slice_of(s->names[i]);
    return a;
}

void home_advertise(struct home *h, bool at_once)
{
    int64_t now = clock_milliseconds();
    h->offered = offer_of(h, now);
    for (size_t lan = 0; lan < h->options->lan_count; lan++) {
        const struct advert a = advert_of(h, lan, now);
        if (at_once)
            ra_sender_change(h->senders[lan], &a);
        else
            ra_sender_set(h->senders[lan], &a);
    }
}
