// SPDX-License-Identifier: Apache-2.0

#include "check/guard.h"

#include <string.h>

static const char *const names[ODDITY_COUNT] = {
    "none",          "unspecified",         "loopback",
    "IPv4-mapped",   "IPv4-compatible",     "link-local",
    "site-local",    "unique local",        "private",
    "documentation", "translation (NAT64)", "6to4",
    "Teredo",        "multicast",           "special-purpose",
    "unassigned",
};

const char *oddity_name(enum oddity o)
{
    return names[o];
}

int guard_load(struct guard *g, struct err *e)
{
    *g = (struct guard){0};
    return special_load(&g->special, e);
}

void guard_done(struct guard *g)
{
    special_done(&g->special);
}

int guard_allow(struct guard *g, const char *prefix, struct err *e)
{
    struct range r;
    if (!range_parse(slice_of(prefix), &r) || r.family == FAMILY_ASN)
        return err_set(e, ERR_USAGE, "--allow: \"%s\" is no address and no prefix", prefix);
    if (g->allowed_count == GUARD_PREFIXES_MAX)
        return err_set(e, ERR_LIMIT, "--allow: more than %d prefixes", GUARD_PREFIXES_MAX);
    g->allowed[g->allowed_count++] = r;
    return 0;
}

// The blocks that have a word of their own; the rest is the registries' (RFC 4291, 3879, 6890).
static const struct {
    const char *block;
    enum oddity oddity;
} known[] = {
    {"::", ODDITY_UNSPECIFIED},
    {"::1", ODDITY_LOOPBACK},
    {"127.0.0.0/8", ODDITY_LOOPBACK},
    {"::ffff:0:0/96", ODDITY_MAPPED},
    {"::/96", ODDITY_COMPATIBLE},
    {"fe80::/10", ODDITY_LINK_LOCAL},
    {"169.254.0.0/16", ODDITY_LINK_LOCAL},
    {"fec0::/10", ODDITY_SITE_LOCAL},
    {"fc00::/7", ODDITY_UNIQUE_LOCAL},
    {"10.0.0.0/8", ODDITY_PRIVATE},
    {"172.16.0.0/12", ODDITY_PRIVATE},
    {"192.168.0.0/16", ODDITY_PRIVATE},
    {"100.64.0.0/10", ODDITY_PRIVATE},
    {"2001:db8::/32", ODDITY_DOCUMENTATION},
    {"3fff::/20", ODDITY_DOCUMENTATION},
    {"192.0.2.0/24", ODDITY_DOCUMENTATION},
    {"198.51.100.0/24", ODDITY_DOCUMENTATION},
    {"203.0.113.0/24", ODDITY_DOCUMENTATION},
    {"64:ff9b::/96", ODDITY_TRANSLATION},
    {"64:ff9b:1::/48", ODDITY_TRANSLATION},
    {"2002::/16", ODDITY_6TO4},
    {"2001::/32", ODDITY_TEREDO},
    {"ff00::/8", ODDITY_MULTICAST},
    {"224.0.0.0/4", ODDITY_MULTICAST},
};

static bool holds(const struct range *r, enum family f, u128 address)
{
    return r->family == f && r->first <= address && address <= r->last;
}

static enum oddity known_oddity(enum family f, u128 address)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct range r;
        if (range_parse(slice_of(known[i].block), &r) && holds(&r, f, address))
            return known[i].oddity;
    }
    return ODDITY_NONE;
}

enum oddity guard_oddity(const struct guard *g, enum family f, u128 address)
{
    for (size_t i = 0; i < g->allowed_count; i++)
        if (holds(&g->allowed[i], f, address))
            return ODDITY_NONE;
    enum oddity o = known_oddity(f, address);
    struct range one = {f, address, address};
    if (o == ODDITY_NONE && special_find(&g->special, &one))
        o = ODDITY_SPECIAL;
    if (o == ODDITY_NONE && f == FAMILY_IPV6 && address >> 125 != 1)
        o = ODDITY_UNASSIGNED;
    return o;
}

// ---- around what is allowed

// Behind what is allowed there; false: nothing is left.
static bool skip_allowed(const struct guard *g, struct range *rest)
{
    for (size_t i = 0; i < g->allowed_count && rest->first <= rest->last;) {
        const struct range *a = &g->allowed[i++];
        if (!holds(a, rest->family, rest->first))
            continue;
        if (a->last >= rest->last)
            return false;
        rest->first = a->last + 1;
        i = 0; // one of those before may hold this
    }
    return rest->first <= rest->last;
}

bool guard_next_piece(const struct guard *g, struct range *rest, struct block *ret)
{
    if (!skip_allowed(g, rest))
        return false;
    struct range piece = *rest;
    for (size_t i = 0; i < g->allowed_count; i++) {
        const struct range *a = &g->allowed[i];
        if (a->family == piece.family && a->first > piece.first && a->first <= piece.last)
            piece.last = a->first - 1;
    }
    if (!range_next_block(&piece, ret))
        return false;
    u128 last = block_range(ret).last;
    *rest = last == rest->last ? (struct range){rest->family, 1, 0}
                               : (struct range){rest->family, last + 1, rest->last};
    return true;
}

static bool pieces_tell(const struct guard *g, struct range kept,
                        bool (*tell)(const struct block *b, void *arg), void *arg)
{
    struct block b;
    while (guard_next_piece(g, &kept, &b))
        if (!tell(&b, arg))
            return false;
    return true;
}

bool guard_each_piece(const struct guard *g, bool (*tell)(const struct block *b, void *arg),
                      void *arg)
{
    static const char *const unassigned[] = {"::/3", "4000::/2", "8000::/1"};
    bool fine = true;
    struct range r;
    for (size_t i = 0; fine && i < sizeof known / sizeof *known; i++)
        fine = range_parse(slice_of(known[i].block), &r) && pieces_tell(g, r, tell, arg);
    for (size_t i = 0; fine && i < sizeof unassigned / sizeof *unassigned; i++)
        fine = range_parse(slice_of(unassigned[i]), &r) && pieces_tell(g, r, tell, arg);
    for (size_t i = 0; fine && i < g->special.list.count; i++)
        fine = pieces_tell(g, g->special.list.at[i].range, tell, arg);
    return fine;
}
