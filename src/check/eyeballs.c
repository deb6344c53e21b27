// SPDX-License-Identifier: Apache-2.0

#include "check/eyeballs.h"

#include <stdbool.h>

// The next of a family from *at on; count where there is none.
static size_t next_of(const struct eyeball *a, size_t count, size_t at, enum family f)
{
    while (at < count && a[at].family != f)
        at++;
    return at;
}

// Families in turn, IPv6 first. Returns how many.
static size_t order(const struct eyeball *a, size_t count, size_t ret[EYEBALLS_MAX])
{
    size_t six = next_of(a, count, 0, FAMILY_IPV6), four = next_of(a, count, 0, FAMILY_IPV4), n = 0;
    while ((six < count || four < count) && n < EYEBALLS_MAX) {
        if (six < count) {
            ret[n++] = six;
            six = next_of(a, count, six + 1, FAMILY_IPV6);
        }
        if (four < count && n < EYEBALLS_MAX) {
            ret[n++] = four;
            four = next_of(a, count, four + 1, FAMILY_IPV4);
        }
    }
    return n;
}

// One attempt after the other; the next begins a step later, or once the one before has failed.
static struct eyeballs race(const struct eyeball *a, const size_t *places, size_t count)
{
    struct eyeballs r = {0};
    uint64_t begins = 0;
    for (size_t i = 0; i < count; i++) {
        const struct eyeball *e = &a[places[i]];
        if (r.connects && begins >= r.connected)
            break;
        r.attempts++;
        uint64_t ends = begins + e->took;
        if (e->outcome == TCP_OPEN && (!r.connects || ends < r.connected)) {
            r.connects = true;
            r.winner = places[i];
            r.connected = (uint32_t)ends;
        }
        bool fails_soon =
            e->outcome != TCP_OPEN && e->outcome != TCP_SILENT && e->took < EYEBALLS_STEP;
        begins += fails_soon ? e->took : EYEBALLS_STEP;
    }
    return r;
}

struct eyeballs eyeballs_race(const struct eyeball *addresses, size_t count)
{
    size_t places[EYEBALLS_MAX] = {0}, fours[EYEBALLS_MAX] = {0}, four_count = 0;
    size_t all = order(addresses, count, places);
    struct eyeballs both = race(addresses, places, all);
    for (size_t i = 0; i < all; i++)
        if (addresses[places[i]].family == FAMILY_IPV4)
            fours[four_count++] = places[i];
    struct eyeballs four = race(addresses, fours, four_count);
    both.alone = four.connects;
    if (both.connects && four.connects && both.connected > four.connected)
        both.delay = both.connected - four.connected;
    return both;
}
