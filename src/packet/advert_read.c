// SPDX-License-Identifier: Apache-2.0
//
// What other routers of a link say, as far as it must not contradict what this one says.

#include "packet/advert.h"

#include "packet/ndp_option.h"

#define MANAGED       0x80
#define OTHER         0x40
#define LIFETIME_SKEW 10 // seconds by which lifetimes may differ that are counted down

static void read_prefix(struct cursor c, struct advert *a)
{
    struct advert_prefix p = {.length = cursor_u8(&c)};
    (void)cursor_u8(&c);
    p.valid = cursor_u32(&c);
    p.preferred = cursor_u32(&c);
    (void)cursor_u32(&c);
    p.prefix = cursor_u128(&c);
    if (!c.failed && c.left == 0 && a->prefix_count < ADVERT_LIST_MAX)
        a->prefixes[a->prefix_count++] = p;
}

static void read_pref64(struct cursor c, struct advert *a)
{
    uint16_t scaled = cursor_u16(&c);
    u128 high = (u128)cursor_u32(&c) << 96;
    high |= (u128)cursor_u32(&c) << 64;
    high |= (u128)cursor_u32(&c) << 32;
    uint8_t length = advert_pref64_length(scaled & 7);
    if (!c.failed && c.left == 0 && length > 0 && scaled >> 3 > 0 &&
        a->pref64_count < ADVERT_LIST_MAX)
        a->pref64[a->pref64_count++] = (struct advert_route){high, length};
}

static bool read_options(struct cursor c, struct advert *a)
{
    while (c.left > 0) {
        uint8_t type;
        struct cursor body;
        if (!ndp_option_next(&c, &type, &body))
            return false;
        if (type == ADVERT_OPTION_PREFIX)
            read_prefix(body, a);
        else if (type == ADVERT_OPTION_PREF64)
            read_pref64(body, a);
        else if (type == ADVERT_OPTION_MTU && body.left == 6)
            a->mtu = load32(body.at + 2);
    }
    return true;
}

bool advert_read(const uint8_t *at, size_t length, struct advert *ret, u128 *ret_source)
{
    struct ip ip;
    struct cursor c;
    struct advert a = {0};
    if (!ndp_read(at, length, &ip, &c) || !is_link_local(ip.source))
        return false;
    uint8_t type = cursor_u8(&c), code = cursor_u8(&c);
    (void)cursor_u16(&c);
    a.hop_limit = cursor_u8(&c);
    uint8_t flags = cursor_u8(&c);
    a.managed = flags & MANAGED;
    a.other = flags & OTHER;
    a.lifetime = cursor_u16(&c);
    a.reachable = cursor_u32(&c);
    a.retrans = cursor_u32(&c);
    if (c.failed || type != NDP_ADVERT || code != 0 || !read_options(c, &a))
        return false;
    *ret = a;
    *ret_source = ip.source;
    return true;
}

static bool contradict(uint32_t a, uint32_t b)
{
    return a != 0 && b != 0 && a != b;
}

static bool far_apart(uint32_t a, uint32_t b)
{
    return (a > b ? a - b : b - a) > LIFETIME_SKEW;
}

static bool lifetimes_differ(const struct advert *a, const struct advert *b)
{
    for (size_t i = 0; i < a->prefix_count; i++)
        for (size_t j = 0; j < b->prefix_count; j++) {
            const struct advert_prefix *p = a->prefixes + i, *q = b->prefixes + j;
            if (p->prefix == q->prefix && p->length == q->length &&
                (far_apart(p->valid, q->valid) || far_apart(p->preferred, q->preferred)))
                return true;
        }
    return false;
}

static bool has_all(const struct advert *a, const struct advert *b)
{
    size_t found = 0;
    for (size_t i = 0; i < b->pref64_count; i++)
        for (size_t j = 0; j < a->pref64_count; j++)
            if (a->pref64[j].prefix == b->pref64[i].prefix &&
                a->pref64[j].length == b->pref64[i].length) {
                found++;
                break;
            }
    return found == b->pref64_count;
}

static bool pref64_differ(const struct advert *a, const struct advert *b)
{
    return a->pref64_count > 0 && b->pref64_count > 0 && !(has_all(a, b) && has_all(b, a));
}

unsigned advert_differences(const struct advert *a, const struct advert *b)
{
    const bool differ[ADVERT_DIFFERENCES] = {contradict(a->hop_limit, b->hop_limit),
                                             a->managed != b->managed,
                                             a->other != b->other,
                                             contradict(a->reachable, b->reachable),
                                             contradict(a->retrans, b->retrans),
                                             contradict(a->mtu, b->mtu),
                                             lifetimes_differ(a, b),
                                             pref64_differ(a, b)};
    unsigned bits = 0;
    for (unsigned i = 0; i < ADVERT_DIFFERENCES; i++)
        bits |= (unsigned)differ[i] << i;
    return bits;
}

const char *advert_difference_name(unsigned which)
{
    static const char *const names[ADVERT_DIFFERENCES] = {"hop limit",
                                                          "managed flag",
                                                          "other flag",
                                                          "reachable time",
                                                          "retransmission time",
                                                          "MTU",
                                                          "lifetimes of a prefix",
                                                          "NAT64 prefixes"};
    return names[which];
}
