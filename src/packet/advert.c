// SPDX-License-Identifier: Apache-2.0

#include "packet/advert.h"

#include "packet/ndp_option.h"

#define OPTION_SOURCE_MAC 1
#define OPTION_ROUTE      24
#define OPTION_RESOLVERS  25
#define OPTION_SEARCH     31

#define PREF64_LIFETIME_MAX 65528
#define LABEL_MAX           63
#define NAME_MAX_LENGTH     253

static const uint8_t pref64_lengths[] = {96, 64, 56, 48, 40, 32}; // by their codes

struct writer {
    uint8_t *at;
    size_t length, room;
    bool full;
};

// An option of so many bytes, zeroed, with its type and length.
static uint8_t *add(struct writer *w, uint8_t type, size_t bytes)
{
    if (w->full || w->room - w->length < bytes || bytes / 8 > UINT8_MAX) {
        w->full = true;
        return NULL;
    }
    uint8_t *o = w->at + w->length;
    memset(o, 0, bytes);
    o[0] = type;
    o[1] = (uint8_t)(bytes / 8);
    w->length += bytes;
    return o;
}

static void add_prefix(struct writer *w, const struct advert_prefix *p)
{
    uint8_t *o = add(w, ADVERT_OPTION_PREFIX, 32);
    if (!o)
        return;
    o[2] = p->length;
    o[3] = (uint8_t)(p->on_link << 7 | p->autonomous << 6);
    store32(o + 4, p->valid);
    store32(o + 8, p->preferred);
    store128(o + 16, p->prefix);
}

// RFC 4191, 2.3: the prefix takes 0, 8 or 16 bytes.
static void add_route(struct writer *w, const struct advert *a, const struct advert_route *r)
{
    size_t bytes = r->length == 0 ? 0 : r->length <= 64 ? 8 : 16;
    uint8_t prefix[16], *o = add(w, OPTION_ROUTE, 8 + bytes);
    if (!o)
        return;
    o[2] = r->length;
    o[3] = (uint8_t)(a->route_preference << 3);
    store32(o + 4, a->route_lifetime);
    store128(prefix, r->prefix);
    memcpy(o + 8, prefix, bytes);
}

static void add_resolvers(struct writer *w, const struct advert *a)
{
    uint8_t *o = a->resolver_count ? add(w, OPTION_RESOLVERS, 8 + 16 * a->resolver_count) : NULL;
    if (!o)
        return;
    store32(o + 4, a->resolver_lifetime);
    for (size_t i = 0; i < a->resolver_count; i++)
        store128(o + 8 + 16 * i, a->resolvers[i]);
}

static uint8_t *put_name(uint8_t *at, struct slice name)
{
    while (name.at) {
        struct slice label = slice_cut(&name, '.');
        *at++ = (uint8_t)label.length;
        memcpy(at, label.at, label.length);
        at += label.length;
    }
    *at++ = 0;
    return at;
}

static void add_search(struct writer *w, const struct advert *a)
{
    size_t bytes = 8;
    for (size_t i = 0; i < a->search_count; i++)
        bytes += a->search[i].length + 2;
    uint8_t *o = a->search_count ? add(w, OPTION_SEARCH, (bytes + 7) / 8 * 8) : NULL;
    if (!o)
        return;
    store32(o + 4, a->resolver_lifetime);
    uint8_t *at = o + 8;
    for (size_t i = 0; i < a->search_count; i++)
        at = put_name(at, a->search[i]);
}

// RFC 8781, 4.1: in units of 8 seconds, rounded up.
static void add_pref64(struct writer *w, const struct advert *a, const struct advert_route *r)
{
    uint8_t prefix[16], code = 0, *o = add(w, ADVERT_OPTION_PREF64, 16);
    if (!o)
        return;
    while (code < 5 && pref64_lengths[code] != r->length)
        code++;
    uint32_t lifetime =
        a->pref64_lifetime > PREF64_LIFETIME_MAX ? PREF64_LIFETIME_MAX : a->pref64_lifetime;
    store16(o + 2, (uint16_t)((lifetime + 7) / 8 * 8 | code));
    store128(prefix, r->prefix);
    memcpy(o + 4, prefix, 12);
}

static void add_link(struct writer *w, const struct advert *a)
{
    uint8_t *o = a->has_mac ? add(w, OPTION_SOURCE_MAC, 8) : NULL;
    if (o)
        memcpy(o + 2, a->mac, 6);
    o = a->mtu ? add(w, ADVERT_OPTION_MTU, 8) : NULL;
    if (o)
        store32(o + 4, a->mtu);
}

uint8_t advert_pref64_length(unsigned code)
{
    return code < sizeof pref64_lengths ? pref64_lengths[code] : 0;
}

bool advert_pref64_valid(unsigned length)
{
    for (size_t i = 0; i < sizeof pref64_lengths; i++)
        if (pref64_lengths[i] == length)
            return true;
    return false;
}

static bool label_valid(struct slice label)
{
    for (size_t i = 0; i < label.length; i++) {
        char c = label.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return label.length > 0 && label.length <= LABEL_MAX;
}

bool advert_name_valid(struct slice name)
{
    if (name.length > NAME_MAX_LENGTH)
        return false;
    while (name.at)
        if (!label_valid(slice_cut(&name, '.')))
            return false;
    return true;
}

size_t advert_write(const struct advert *a, uint8_t *at, size_t room)
{
    struct writer w = {at, ADVERT_HEADER, room, false};
    if (room < ADVERT_HEADER)
        return 0;
    memset(at, 0, ADVERT_HEADER);
    at[0] = NDP_ADVERT;
    at[4] = a->hop_limit;
    at[5] = (uint8_t)(a->managed << 7 | a->other << 6);
    if (a->lifetime) // RFC 4191, 2.2
        at[5] |= (uint8_t)(a->preference << 3);
    store16(at + 6, a->lifetime);
    store32(at + 8, a->reachable);
    store32(at + 12, a->retrans);
    add_link(&w, a);
    for (size_t i = 0; i < a->prefix_count; i++)
        add_prefix(&w, a->prefixes + i);
    for (size_t i = 0; i < a->route_count; i++)
        add_route(&w, a, a->routes + i);
    add_resolvers(&w, a);
    add_search(&w, a);
    for (size_t i = 0; i < a->pref64_count; i++)
        add_pref64(&w, a, a->pref64 + i);
    return w.full ? 0 : w.length;
}

size_t ndp_finish(uint8_t *at, u128 source, u128 destination, size_t length)
{
    uint8_t *message = at + IPV6_HEADER;
    struct ip ip = {.family = FAMILY_IPV6,
                    .source = source,
                    .destination = destination,
                    .hop_limit = NDP_HOP_LIMIT,
                    .protocol = PROTOCOL_ICMPV6};
    store16(message + 2, 0);
    store16(message + 2, (uint16_t)~sum_bytes(message, length,
                                              sum_pseudo(FAMILY_IPV6, source, destination,
                                                         PROTOCOL_ICMPV6, (uint32_t)length)));
    return ipv6_write(at, &ip, length) + length;
}

bool ndp_read(const uint8_t *at, size_t length, struct ip *ret, struct cursor *ret_message)
{
    if (ip_read(at, length, 0, ret) != IP_FINE || ret->family != FAMILY_IPV6 ||
        ret->protocol != PROTOCOL_ICMPV6 || ret->fragment || ret->hop_limit != NDP_HOP_LIMIT ||
        !checksum_holds(at + ret->upper, ret))
        return false;
    *ret_message = cursor_of(at + ret->upper, ret->end - ret->upper);
    return true;
}

// The options: none may be of length 0, and who has no address cannot have a MAC address to tell.
static bool options_fine(struct cursor options, u128 source)
{
    while (options.left > 0) {
        uint8_t type;
        struct cursor body;
        if (!ndp_option_next(&options, &type, &body) || (type == OPTION_SOURCE_MAC && source == 0))
            return false;
    }
    return true;
}

bool solicit_read(const uint8_t *at, size_t length, u128 *ret_source)
{
    struct ip ip;
    struct cursor c;
    if (!ndp_read(at, length, &ip, &c))
        return false;
    uint8_t type = cursor_u8(&c), code = cursor_u8(&c);
    (void)cursor_take(&c, SOLICIT_HEADER - 2);
    if (c.failed || type != NDP_SOLICIT || code != 0 || !options_fine(c, ip.source))
        return false;
    *ret_source = ip.source;
    return true;
}
