// SPDX-License-Identifier: Apache-2.0
//
// What a home router has on its devices: addresses and routes of what was delegated to it.

#include "daemon/home.h"

#include <inttypes.h>

static bool same_use(const struct used *a, const struct used *b)
{
    return a->use == b->use && a->lan == b->lan && a->address == b->address &&
           a->length == b->length && a->excluded == b->excluded &&
           a->excluded_length == b->excluded_length;
}

static void want(struct used *wanted, size_t *count, const struct used *u)
{
    if (*count < USED_MAX)
        wanted[(*count)++] = *u;
}

static void want_lans(const struct home *h, const struct dhcp6_held *p, struct used *wanted,
                      size_t *count)
{
    for (size_t lan = 0; lan < h->options->lan_count; lan++)
        if (home_has_network(h, p, lan))
            want(wanted, count,
                 &(struct used){USE_LAN, lan, home_network(h, p, lan), 64, p->preferred_end,
                                p->valid_end});
}

static void want_prefix(const struct home *h, const struct dhcp6_held *p, int64_t now,
                        struct used *wanted, size_t *count)
{
    want(wanted, count,
         &(struct used){USE_PREFIX, 0, p->lease.address, p->lease.length, p->preferred_end,
                        p->valid_end, now, p->lease.excluded, p->lease.excluded_length});
    want_lans(h, p, wanted, count);
}

static size_t wanted_of(const struct home *h, int64_t now, struct used *wanted)
{
    const struct dhcp6_client *c = &h->client;
    size_t count = 0;
    for (size_t i = 0; i < c->address_count; i++)
        want(wanted, &count,
             &(struct used){USE_WAN, 0, c->addresses[i].lease.address, 128,
                            c->addresses[i].preferred_end, c->addresses[i].valid_end, now});
    for (size_t i = 0; i < c->prefix_count; i++)
        want_prefix(h, c->prefixes + i, now, wanted, &count);
    if (h->ula.lease.length)
        want_prefix(h, &h->ula, now, wanted, &count);
    return count;
}

void home_tell(const struct home *h, const char *what, const struct used *u)
{
    char text[ADDRESS_TEXT_MAX];
    const char *where = u->use == USE_LAN ? h->options->lans[u->lan].device : h->options->wan;
    speak(&h->options->speaker, "%s: %s/%u %s", what, address_format(FAMILY_IPV6, u->address, text),
          u->length, where);
}

// RFC 7084, WPD-3; or it is the line's.
static void tell_missing(const struct home *h, const struct used *u)
{
    const struct dhcp6_held held = {.lease = {.address = u->address,
                                              .length = (uint8_t)u->length,
                                              .excluded = u->excluded,
                                              .excluded_length = (uint8_t)u->excluded_length}};
    char text[ADDRESS_TEXT_MAX];
    for (size_t lan = 0; lan < h->options->lan_count; lan++)
        if (!home_has_network(h, &held, lan))
            speak(&h->options->speaker, "missing: %s/%u has no network %" PRIu32 " for %s",
                  address_format(FAMILY_IPV6, u->address, text), u->length,
                  h->options->lans[lan].number, h->options->lans[lan].device);
}

static void tell_new(const struct home *h, const struct used *u)
{
    bool own = u->address == h->ula.lease.address && u->length == h->ula.lease.length;
    home_tell(h, u->use != USE_PREFIX ? "assigned" : own ? "unique local" : "delegated", u);
    if (u->use != USE_PREFIX)
        return;
    if (u->excluded_length)
        home_tell(h, "excluded",
                  &(struct used){.address = u->excluded, .length = u->excluded_length});
    tell_missing(h, u);
}

// What is unreachable of a prefix: all, or what is left and right of the part that is the line's.
static int unreachable(const struct used *u, bool set, struct err *e)
{
    int code = 0;
    unsigned first = u->excluded_length ? u->length + 1 : u->length,
             last = u->excluded_length ? u->excluded_length : u->length;
    for (unsigned bits = first; !code && bits <= last; bits++) {
        u128 piece = u->excluded_length ? u->excluded ^ (u128)1 << (128 - bits) : u->address;
        piece = bits ? piece & U128_MAX << (128 - bits) : 0;
        if (set)
            code = unreachable6_set(piece, bits, e);
        else
            unreachable6_remove(piece, bits);
    }
    return code;
}

static int put_to_use(const struct home *h, const struct used *u, int64_t now, struct err *e)
{
    uint32_t preferred = home_left(u->preferred_end, now), valid = home_left(u->valid_end, now);
    if (valid == 0) // it is over within this second
        return 0;
    if (u->use == USE_PREFIX)
        return unreachable(u, true, e);
    if (u->use == USE_WAN)
        return address6_set(h->options->wan, u->address, 128, preferred, valid, e);
    return address6_set(h->options->lans[u->lan].device, u->address | OWN_IDENTIFIER, 64, preferred,
                        valid, e);
}

static void add_stale(struct home *h, size_t lan, u128 prefix, int64_t now)
{
    int64_t until = now + VALID_LIMIT * INT64_C(1000);
    struct stale *s = h->stale[lan];
    if (h->stale_count[lan] == STALE_MAX)
        memmove(s, s + 1, --h->stale_count[lan] * sizeof *s);
    s[h->stale_count[lan]++] = (struct stale){prefix, until};
}

// False: none of the kind; for those that are used again.
bool home_drop_stale(struct home *h, size_t lan, u128 prefix, int64_t now)
{
    size_t kept = 0, before = h->stale_count[lan];
    for (size_t i = 0; i < before; i++)
        if (h->stale[lan][i].prefix != prefix && h->stale[lan][i].until > now)
            h->stale[lan][kept++] = h->stale[lan][i];
    h->stale_count[lan] = kept;
    return kept != before;
}

static int take_up(struct home *h, const struct used *u, int64_t now, struct err *e)
{
    if (u->use == USE_LAN)
        home_drop_stale(h, u->lan, u->address, now);
    return put_to_use(h, u, now, e);
}

static void out_of_use(struct home *h, const struct used *u, int64_t now)
{
    home_tell(h, u->use == USE_LAN ? "stale" : "ended", u);
    if (u->use == USE_PREFIX)
        (void)unreachable(u, false, NULL);
    if (u->use == USE_WAN)
        address6_remove(h->options->wan, u->address, 128);
    if (u->use == USE_LAN) {
        address6_remove(h->options->lans[u->lan].device, u->address | OWN_IDENTIFIER, 64);
        add_stale(h, u->lan, u->address, now);
    }
}

static struct used *listed(const struct used *u, struct used *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (same_use(u, list + i))
            return list + i;
    return NULL;
}

// RFC 9096, 3.5: a prefix that the server ends is ended at home also where nobody knows of it.
static void end_unknown(struct home *h, struct used *wanted, size_t count, int64_t now)
{
    const struct dhcp6_ia *ia = &h->client.settings.pd;
    for (size_t i = 0; i < ia->count && ia->iaid == h->client.config.iaid; i++) {
        const struct dhcp6_held p = {.lease = ia->leases[i]};
        for (size_t lan = 0; p.lease.valid == 0 && lan < h->options->lan_count; lan++) {
            const struct used u = {USE_LAN, lan, home_network(h, &p, lan), 64};
            if (!home_has_network(h, &p, lan) || listed(&u, wanted, count))
                continue;
            if (!home_drop_stale(h, lan, u.address, now))
                home_tell(h, "stale", &u);
            add_stale(h, lan, u.address, now);
        }
    }
}

int home_apply(struct home *h, struct err *e)
{
    struct used wanted[USED_MAX];
    int64_t now = clock_milliseconds();
    size_t count = wanted_of(h, now, wanted);
    int code = 0;
    for (size_t i = 0; i < h->used_count; i++)
        if (!listed(h->used + i, wanted, count))
            out_of_use(h, h->used + i, now);
    end_unknown(h, wanted, count, now);
    for (size_t i = 0; i < count && !code; i++) {
        const struct used *before = listed(wanted + i, h->used, h->used_count);
        if (before)
            wanted[i].since = before->since;
        else
            tell_new(h, wanted + i);
        code = take_up(h, wanted + i, now, e);
    }
    memcpy(h->used, wanted, count * sizeof *wanted);
    h->used_count = count;
    if (!code)
        code = home_set_sources(h, e);
    home_advertise(h, true);
    if (count > 0)
        home_remember(h);
    return code;
}

int home_use_ula(struct home *h, struct err *e)
{
    struct used wanted[1 + CE_LANS_MAX];
    int64_t now = clock_milliseconds();
    size_t count = 0;
    int code = 0;
    want_prefix(h, &h->ula, now, wanted, &count);
    for (size_t i = 0; i < count && !code; i++) {
        struct used *before = listed(wanted + i, h->used, h->used_count);
        tell_new(h, wanted + i);
        if (before)
            *before = wanted[i];
        else
            want(h->used, &h->used_count, wanted + i);
        code = take_up(h, wanted + i, now, e);
    }
    home_remember(h);
    home_advertise(h, false);
    return code ? code : home_set_sources(h, e);
}

void home_end_use(struct home *h)
{
    int64_t now = clock_milliseconds();
    for (size_t i = 0; i < h->used_count; i++)
        if (h->used[i].valid_end > 0) // not those of an earlier start
            out_of_use(h, h->used + i, now);
}
