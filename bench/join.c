// SPDX-License-Identifier: Apache-2.0
//
// How fast announced prefixes are joined with delegations and with validated payloads: the sweep,
// against a binary search for each prefix and a binary trie (one bit a node) filled with the
// blocks.
//
//     join [PREFIXES [DELEGATIONS [PAYLOADS]]]
//
// A made-up Internet: IPv6 blocks of /29 to /48, four of five announced, some in parts; payloads
// for half of them. Prints milliseconds of processor time (the best of several runs) and
// nanoseconds a prefix.

#include "measure/join.h"
#include "measure/validity.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 7

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

struct internet {
    struct lifetime *rows;
    size_t count;
    struct routing routes, vrps;
};

static void add_route(struct routing *r, u128 start, unsigned length, uint32_t as, unsigned level)
{
    struct route add = {start, as, (uint8_t)length, (uint8_t)level};
    if (!routing_add(r, &add))
        exit(1);
}

// A block, and what is announced of it: itself and parts of it.
static void add_block(struct internet *n, u128 start, unsigned length, size_t parts)
{
    uint32_t as = (uint32_t)(next_random() % 100000) + 1;
    n->rows[n->count++] = (struct lifetime){.block = {FAMILY_IPV6, start, length}};
    if (next_random() % 5 == 0)
        return;
    bool payload = next_random() % 2;
    if (payload)
        add_route(&n->vrps, start, length, as, length);
    add_route(&n->routes, start, length, as, 10);
    for (size_t i = 0; i < parts; i++) {
        u128 part = start + ((u128)i << (128 - 48));
        if (payload && i % 2)
            add_route(&n->vrps, part, 48, as, 48);
        add_route(&n->routes, part, 48, as + (i % 7 == 0), 10);
    }
}

static void make(struct internet *n, size_t prefixes, size_t blocks)
{
    u128 at = (u128)0x2400 << 112;
    n->rows = calloc(blocks + 1, sizeof *n->rows);
    routing_init(&n->routes, FAMILY_IPV6, 1);
    routing_init(&n->vrps, FAMILY_IPV6, 0);
    while (n->rows && n->count < blocks) {
        unsigned length = next_random() % 3 ? 32 : 29 + (unsigned)(next_random() % 19);
        u128 size = (u128)1 << (128 - length);
        size_t most = prefixes * 5 / 4 / blocks * 2 + 1;
        size_t parts = length < 44 ? next_random() % most : 0;
        at = (at + size - 1) / size * size;
        add_block(n, at, length, parts);
        at += size;
    }
    if (!n->rows || !routing_end(&n->routes) || !routing_end(&n->vrps))
        exit(1);
}

// ---- the others

static size_t search_each(const struct internet *n, const struct delegated *blocks)
{
    size_t covered = 0;
    for (size_t i = 0; i < n->routes.prefixes; i++) {
        u128 start = n->routes.at.at[i].start;
        size_t low = 0, high = n->count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (blocks[middle].first <= start)
                low = middle + 1;
            else
                high = middle;
        }
        covered += low > 0 && blocks[low - 1].last >=
                                  prefix_last(FAMILY_IPV6, start, n->routes.at.at[i].length);
    }
    return covered;
}

struct node {
    uint32_t child[2];
    uint32_t block; // + 1
};

struct trie {
    ARRAY(struct node) nodes;
};

static void trie_add(struct trie *t, u128 start, unsigned length, uint32_t block)
{
    uint32_t at = 0;
    for (unsigned bit = 0; bit < length; bit++) {
        unsigned side = (unsigned)(start >> (127 - bit)) & 1;
        uint32_t next = t->nodes.at[at].child[side];
        if (next == 0) {
            next = (uint32_t)t->nodes.count;
            if (!ARRAY_ADD(&t->nodes))
                exit(1);
            t->nodes.at[at].child[side] = next;
        }
        at = next;
    }
    t->nodes.at[at].block = block + 1;
}

static size_t trie_each(const struct internet *n, const struct trie *t)
{
    size_t covered = 0;
    for (size_t i = 0; i < n->routes.prefixes; i++) {
        const struct prefix *p = &n->routes.at.at[i];
        uint32_t at = 0, found = 0;
        for (unsigned bit = 0; bit <= p->length; bit++) {
            found = t->nodes.at[at].block ? t->nodes.at[at].block : found;
            at = bit < 128 ? t->nodes.at[at].child[(unsigned)(p->start >> (127 - bit)) & 1] : 0;
            if (at == 0)
                break;
        }
        covered += found > 0;
    }
    return covered;
}

// ---- runs

static double best(double so_far, double begun)
{
    double took = now() - begun;
    return took < so_far ? took : so_far;
}

static void report(const char *what, double ms, const struct internet *n, double sweep)
{
    printf("%-44s %8.2f ms %8.1f ns a prefix %8.1f times the sweep\n", what, ms,
           ms * 1e6 / (double)n->routes.prefixes, ms / sweep);
}

static void run(const struct internet *n)
{
    double order = 1e9, sweep = 1e9, valid = 1e9, search = 1e9, trie = 1e9;
    struct trie t = {0};
    size_t searched = 0, walked = 0, swept = 0;
    uint8_t *found = calloc(n->routes.origins.count + 1, 1);
    if (!found || !ARRAY_ADD(&t.nodes))
        exit(1);
    for (size_t i = 0; i < n->count; i++)
        trie_add(&t, n->rows[i].block.start, (unsigned)n->rows[i].block.value, (uint32_t)i);
    for (int i = 0; i < RUNS; i++) {
        struct delegated *blocks = NULL;
        struct join j = {0};
        double begun = now();
        if (delegated_sort(n->rows, n->count, &blocks, NULL))
            exit(1);
        order = best(order, begun);
        begun = now();
        if (join(&n->routes, blocks, n->count, &j, NULL))
            exit(1);
        sweep = best(sweep, begun);
        begun = now();
        validity_find(&n->routes, &n->vrps, found);
        valid = best(valid, begun);
        begun = now();
        searched = search_each(n, blocks);
        search = best(search, begun);
        begun = now();
        walked = trie_each(n, &t);
        trie = best(trie, begun);
        swept = 0;
        for (size_t k = 0; k < n->routes.prefixes; k++)
            swept += j.cover[k] < COVER_PART;
        join_done(&j);
        free(blocks);
    }
    printf("%zu prefixes, %zu delegations, %zu payloads; covered: %zu by the sweep, %zu by search, "
           "%zu by trie\n",
           n->routes.prefixes, n->count, n->vrps.origins.count, swept, searched, walked);
    report("order of the delegations", order, n, sweep);
    report("join, both ways (wanted: under 15 ms)", sweep, n, sweep);
    report("validity (both: under 30 ms)", valid, n, sweep);
    report("binary search for each prefix, one way", search, n, sweep);
    report("binary trie for each prefix, one way", trie, n, sweep);
    free(found);
    free(t.nodes.at);
}

int main(int argc, char **argv)
{
    struct internet n = {0};
    size_t prefixes = argc > 1 ? strtoul(argv[1], NULL, 10) : 1200000;
    size_t blocks = argc > 2 ? strtoul(argv[2], NULL, 10) : 400000;
    make(&n, prefixes, blocks);
    run(&n);
    free(n.rows);
    routing_done(&n.routes);
    routing_done(&n.vrps);
    return 0;
}
