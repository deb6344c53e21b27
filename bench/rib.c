// SPDX-License-Identifier: Apache-2.0
//
// Writes a routing table in MRT as a route collector would: a made-up Internet whose ASes attach to
// large ones rather than to small ones, paths that climb to the top and down again, prepending,
// communities. The same seed gives the same bytes.
//
//     rib SEED IPV6-PREFIXES IPV4-PREFIXES PEERS >rib.mrt

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AS_COUNT    75000u
#define TOP         14u // ASes that have no provider
#define PEERS_MAX   64u
#define PATH_MAX_AS 64u
#define TIME        1577836800u
#define RECORD_MAX  (1u << 20)

struct internet {
    uint64_t state;
    uint32_t provider[AS_COUNT][2];
    uint32_t peers[PEERS_MAX];
    unsigned peer_count;
};

struct bytes {
    uint8_t at[RECORD_MAX];
    size_t length;
};

static uint64_t hash(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t next(struct internet *net)
{
    net->state += UINT64_C(0x9e3779b97f4a7c15);
    return hash(net->state);
}

// The AS number of the n-th AS; a third need four octets.
static uint32_t asn_of(uint32_t as)
{
    return as % 3 == 0 ? 131072 + as : 1 + as % 64000;
}

// An AS's providers are older, and more often those that others have already.
static void build(struct internet *net, unsigned peer_count)
{
    for (uint32_t as = TOP; as < AS_COUNT; as++)
        for (unsigned i = 0; i < 2; i++) {
            uint32_t other = (uint32_t)(next(net) % as);
            net->provider[as][i] = other >= TOP && next(net) % 4 ? net->provider[other][i] : other;
        }
    net->peer_count = peer_count;
    for (unsigned i = 0; i < peer_count; i++)
        net->peers[i] = (uint32_t)(next(net) % 2000);
}

static unsigned climb(const struct internet *net, uint32_t as, uint64_t salt, uint32_t *ret)
{
    unsigned count = 0;
    ret[count++] = as;
    for (; as >= TOP && count < PATH_MAX_AS / 4; ret[count++] = as)
        as = net->provider[as][hash(salt ^ as) % 8 == 0];
    return count;
}

// From the peer up to the first AS that the origin's way up has too, or over the top.
static unsigned path_of(const struct internet *net, unsigned peer, uint32_t origin, uint32_t *ret)
{
    uint32_t up[PATH_MAX_AS], down[PATH_MAX_AS];
    unsigned ups = climb(net, net->peers[peer], peer, up);
    unsigned downs = climb(net, origin, peer, down), count = 0;
    for (unsigned i = 0; i < ups; i++)
        for (unsigned k = 0; k < downs; k++)
            if (up[i] == down[k]) {
                ups = i;
                downs = k + 1;
            }
    for (unsigned i = 0; i < ups; i++)
        ret[count++] = up[i];
    for (unsigned k = downs; k > 0; k--)
        ret[count++] = down[k - 1];
    unsigned again = hash(origin) % 7 == 0 ? 1 + (unsigned)(hash(origin ^ 1) % 3) : 0;
    while (again-- > 0)
        ret[count++] = origin;
    return count;
}

static void put(struct bytes *b, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        b->at[b->length++] = (uint8_t)(value >> 8 * bytes);
}

static void set(struct bytes *b, size_t at, uint64_t value, unsigned bytes)
{
    size_t length = b->length;
    b->length = at;
    put(b, value, bytes);
    b->length = length;
}

static void put_communities(struct bytes *b, unsigned peer, const uint32_t *path, unsigned count)
{
    size_t at = b->length + 2;
    put(b, 0xc008, 2);
    put(b, 0, 1);
    for (unsigned i = 0; i < count && i < 4; i++) {
        uint64_t h = hash((uint64_t)path[i] << 8 | peer % 4);
        for (unsigned n = (unsigned)(h % 3); n > 0; n--)
            put(b, (uint64_t)(asn_of(path[i]) & 0xffff) << 16 | (h >> 8 * n & 0x3ff), 4);
    }
    set(b, at, b->length - at - 1, 1);
    if (hash(path[count - 1]) % 11 == 0) {
        put(b, 0xc0200c, 3);
        put(b, asn_of(path[count - 1]), 4);
        put(b, 1, 4);
        put(b, peer, 4);
    }
}

static void put_attributes(struct bytes *b, const struct internet *net, unsigned peer,
                           uint32_t origin, uint64_t prefix, bool ipv6)
{
    uint32_t path[PATH_MAX_AS];
    unsigned count = path_of(net, peer, origin, path);
    put(b, 0x40010100 | (hash(prefix) % 9 == 0 ? 2 : 0), 4);
    put(b, 0x5002, 2);
    put(b, 2 + 4 * count, 2);
    put(b, 2, 1);
    put(b, count, 1);
    for (unsigned i = 0; i < count; i++)
        put(b, asn_of(path[i]), 4);
    if (!ipv6) {
        put(b, 0x400304, 3);
        put(b, UINT64_C(0xc6336400) + peer, 4);
    }
    if (hash(peer) % 3 == 0) {
        put(b, 0x800404, 3);
        put(b, hash(peer ^ origin) % 4 * 10, 4);
    }
    if (hash(prefix ^ 7) % 12 == 0) {
        put(b, 0x400600, 3);
        put(b, 0xc00708, 3);
        put(b, asn_of(origin), 4);
        put(b, UINT64_C(0xc6336401), 4);
    }
    put_communities(b, peer, path, count);
    if (ipv6) {
        put(b, 0x800e1110, 4);
        put(b, UINT64_C(0x20010db800000000), 8);
        put(b, peer + 1, 8);
    }
}

static void put_header(struct bytes *b, unsigned subtype)
{
    b->length = 0;
    put(b, TIME, 4);
    put(b, 13, 2);
    put(b, subtype, 2);
    put(b, 0, 4);
}

static void write_record(struct bytes *b)
{
    set(b, 8, b->length - 12, 4);
    if (fwrite(b->at, 1, b->length, stdout) != b->length)
        exit(EXIT_FAILURE);
}

static void write_peers(struct bytes *b, const struct internet *net)
{
    put_header(b, 1);
    put(b, UINT64_C(0xc0000201), 4);
    put(b, 0, 2);
    put(b, net->peer_count, 2);
    for (unsigned i = 0; i < net->peer_count; i++) {
        put(b, i % 2 ? 3 : 2, 1);
        put(b, UINT64_C(0xc0000202) + i, 4);
        if (i % 2) {
            put(b, UINT64_C(0x20010db800000000), 8);
            put(b, i + 1, 8);
        } else {
            put(b, UINT64_C(0xc6336400) + i, 4);
        }
        put(b, asn_of(net->peers[i]), 4);
    }
    write_record(b);
}

// The prefixes come in order, as in a real table; most are /48 or /24, the others larger. Four of
// five peers have nearly all of them, the others a part.
static void write_prefixes(struct bytes *b, struct internet *net, unsigned count, bool ipv6)
{
    uint64_t place = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned length = ipv6 ? (next(net) % 5 < 3 ? 48 : 32 + 4 * (unsigned)(next(net) % 4))
                               : (next(net) % 5 < 3 ? 24 : 19 + (unsigned)(next(net) % 5));
        uint32_t origin = (uint32_t)(next(net) % AS_COUNT);
        place += (ipv6 ? 1 + next(net) % 65536 : 1 + next(net) % 12) << ((ipv6 ? 48 : 24) - length);
        place = place >> ((ipv6 ? 48 : 24) - length) << ((ipv6 ? 48 : 24) - length);
        put_header(b, ipv6 ? 4 : 2);
        put(b, i, 4);
        put(b, length, 1);
        for (unsigned k = 0; k < (length + 7) / 8; k++)
            put(b,
                (ipv6 ? (UINT64_C(0x2001) << 32 | place) >> (40 - 8 * k) : place >> (16 - 8 * k)) &
                    0xff,
                1);
        size_t at = b->length;
        unsigned entries = 0;
        put(b, 0, 2);
        for (unsigned peer = 0; peer < net->peer_count; peer++) {
            if (next(net) % 100 >= (peer % 7 == 6 ? 30u : 97u))
                continue;
            put(b, peer, 2);
            put(b, TIME - hash(origin ^ (uint64_t)peer << 32) % 1000000, 4);
            size_t attributes = b->length;
            put(b, 0, 2);
            put_attributes(b, net, peer, origin, place, ipv6);
            set(b, attributes, b->length - attributes - 2, 2);
            entries++;
        }
        set(b, at, entries, 2);
        write_record(b);
    }
}

int main(int argc, char **argv)
{
    static struct internet net;
    static struct bytes bytes;
    unsigned long peers = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
    if (peers == 0 || peers > PEERS_MAX) {
        fprintf(stderr, "usage: rib SEED IPV6-PREFIXES IPV4-PREFIXES PEERS (1..%u)\n", PEERS_MAX);
        return EXIT_FAILURE;
    }
    net.state = strtoull(argv[1], NULL, 10);
    build(&net, (unsigned)peers);
    write_peers(&bytes, &net);
    write_prefixes(&bytes, &net, (unsigned)strtoul(argv[3], NULL, 10), false);
    write_prefixes(&bytes, &net, (unsigned)strtoul(argv[2], NULL, 10), true);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
