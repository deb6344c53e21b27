// SPDX-License-Identifier: Apache-2.0
//
// The sweep against an oracle that looks at every address, every block and every prefix.

#include "measure/join.h"
#include "support.h"

#include <string.h>

// A number line of 256 places: /120s of an IPv6 /112, or the addresses of an IPv4 /24.
#define PLACES 256

struct line {
    struct routing routing;
    struct lifetime blocks[64];
    size_t count;
    enum family family;
    u128 first, size; // of a place
};

static struct line make_line(enum family f)
{
    struct line l = {.family = f,
                     .first = f == FAMILY_IPV6 ? FIRST_ADDRESS : (u128)192 << 24,
                     .size = f == FAMILY_IPV6 ? (u128)256 : 1};
    routing_init(&l.routing, f, 1);
    return l;
}

static unsigned length_of(const struct line *l, unsigned order)
{
    return (l->family == FAMILY_IPV6 ? 120 : 32) - order;
}

static int compare_routes(const void *a, const void *b)
{
    const struct route *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return (x->origin > y->origin) - (x->origin < y->origin);
}

static void fill_routes(struct line *l, uint64_t *random)
{
    struct route routes[40];
    size_t count = random_below(random, 40);
    for (size_t i = 0; i < count; i++) {
        unsigned order = (unsigned)random_below(random, random_below(random, 4) ? 4 : 9);
        size_t place = random_below(random, PLACES) >> order << order;
        routes[i] = (struct route){.start = l->first + place * l->size,
                                   .origin = 64496 + (uint32_t)random_below(random, 3),
                                   .length = (uint8_t)length_of(l, order),
                                   .level = 1};
    }
    qsort(routes, count, sizeof *routes, compare_routes);
    for (size_t i = 0; i < count; i++)
        assert_true(routing_add(&l->routing, &routes[i]));
    assert_true(routing_end(&l->routing));
}

// IPv4 blocks are ranges that may overlap in part.
static void fill_blocks(struct line *l, uint64_t *random)
{
    l->count = random_below(random, 64);
    for (size_t i = 0; i < l->count; i++) {
        unsigned order = (unsigned)random_below(random, 8);
        size_t place = random_below(random, PLACES) >> order << order;
        struct block b = {l->family, l->first + place * l->size, length_of(l, order)};
        if (l->family == FAMILY_IPV4) {
            place = random_below(random, PLACES);
            b = (struct block){l->family, l->first + place,
                               1 + random_below(random, random_below(random, 2) ? 8 : 100)};
        }
        l->blocks[i] = (struct lifetime){.block = b};
    }
}

static struct range prefix_range(const struct line *l, size_t i)
{
    const struct prefix *p = &l->routing.at.at[i];
    return (struct range){l->family, p->start, prefix_last(l->family, p->start, p->length)};
}

static void check_block(const struct line *l, const struct delegated *b, const struct seen *s)
{
    struct seen want = {0};
    for (u128 at = b->first;; at += l->size) {
        bool announced = false;
        for (size_t i = 0; i < l->routing.prefixes && !announced; i++) {
            struct range r = prefix_range(l, i);
            announced = r.first <= at && at <= r.last;
        }
        want.space += announced ? l->size : 0;
        if (b->last - at < l->size)
            break;
    }
    for (size_t i = 0; i < l->routing.prefixes; i++) {
        struct range r = prefix_range(l, i);
        bool same = r.first == b->first && r.last == b->last;
        bool around = r.first <= b->first && r.last >= b->last && !same;
        want.exact |= same;
        want.covered |= around;
        want.inside += r.first >= b->first && r.first <= b->last && !same && !around;
    }
    assert_true(s->space == want.space);
    assert_int_equal(s->exact, want.exact);
    assert_int_equal(s->covered, want.covered);
    assert_int_equal(s->inside, want.inside);
}

static uint32_t find_cover(const struct line *l, const struct delegated *blocks, size_t i)
{
    struct range r = prefix_range(l, i);
    uint32_t found = COVER_NONE;
    for (uint32_t b = 0; b < l->count; b++) {
        const struct delegated *d = &blocks[b];
        bool around = d->first <= r.first && d->last >= r.last;
        if (around && (found >= COVER_PART || d->first > blocks[found].first ||
                       (d->first == blocks[found].first && d->last <= blocks[found].last)))
            found = b;
        else if (found == COVER_NONE && d->first <= r.last && r.first <= d->last)
            found = COVER_PART;
    }
    return found;
}

static void compare(enum family f, uint64_t seed)
{
    struct line l = make_line(f);
    struct delegated *blocks = NULL;
    struct join j = {0};
    uint64_t random = seed * 0x9e3779b97f4a7c15u;
    fill_routes(&l, &random);
    fill_blocks(&l, &random);
    assert_int_equal(delegated_sort(l.blocks, l.count, &blocks, NULL), 0);
    for (size_t i = 1; i < l.count; i++)
        assert_true(
            blocks[i - 1].first < blocks[i].first ||
            (blocks[i - 1].first == blocks[i].first &&
             (blocks[i - 1].last > blocks[i].last ||
              (blocks[i - 1].last == blocks[i].last && blocks[i - 1].row < blocks[i].row))));
    assert_int_equal(join(&l.routing, blocks, l.count, &j, NULL), 0);
    for (size_t i = 0; i < l.count; i++)
        check_block(&l, &blocks[i], &j.blocks[i]);
    for (size_t i = 0; i < l.routing.prefixes; i++)
        assert_int_equal(j.cover[i], find_cover(&l, blocks, i));
    join_done(&j);
    free(blocks);
    routing_done(&l.routing);
}

static void random_lines_agree_with_the_oracle(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        compare(FAMILY_IPV6, seed);
        compare(FAMILY_IPV4, seed);
    }
}

// ---- taking routes in

static void few_peers_and_the_whole_line_are_left_out(void **state)
{
    (void)state;
    struct routing r;
    const struct route routes[] = {
        {.start = 0, .origin = 64496, .length = 0, .level = 16},
        {.start = FIRST_ADDRESS, .origin = 64496, .length = 32, .level = 9},
        {.start = FIRST_ADDRESS, .origin = 64497, .length = 32, .level = 10},
        {.start = FIRST_ADDRESS, .origin = 64498, .length = 32, .level = 0},
        {.start = FIRST_ADDRESS, .origin = 64496, .length = 33, .level = 11},
    };
    routing_init(&r, FAMILY_IPV6, 10);
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        assert_true(routing_add(&r, &routes[i]));
    assert_true(routing_end(&r));
    assert_int_equal(r.whole, 1);
    assert_int_equal(r.few, 1);
    assert_int_equal(r.prefixes, 2);
    assert_int_equal(r.at.at[1].origins, 2);
    assert_int_equal(r.at.at[2].origins, 3);
    assert_int_equal(r.origins.at[0].as, 64497);
    routing_done(&r);
}

static void nothing_joins_nothing(void **state)
{
    (void)state;
    struct routing r;
    struct delegated *blocks = NULL;
    struct join j = {0};
    routing_init(&r, FAMILY_IPV6, 1);
    assert_true(routing_end(&r));
    assert_int_equal(delegated_sort(NULL, 0, &blocks, NULL), 0);
    assert_int_equal(join(&r, blocks, 0, &j, NULL), 0);
    join_done(&j);
    free(blocks);
    routing_done(&r);
    assert_true(prefix_last(FAMILY_IPV6, 0, 0) == U128_MAX);
    assert_true(prefix_last(FAMILY_IPV4, 0, 0) == UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_lines_agree_with_the_oracle),
        cmocka_unit_test(few_peers_and_the_whole_line_are_left_out),
        cmocka_unit_test(nothing_joins_nothing),
    };
    return cmocka_run_group_tests_name("join", tests, NULL, NULL);
}
