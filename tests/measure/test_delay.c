// SPDX-License-Identifier: Apache-2.0
//
// First announcements against an oracle that looks at every day, and Kaplan and Meier's estimate on
// the remission times of Freireich and others (1963), with the survival that textbooks give.

#include "measure/delay.h"
#include "support.h"

#include <math.h>
#include <string.h>

#define LIVES_MAX  40
#define BLOCKS_MAX 30
#define LAST_DAY   50

static int compare_lives(const void *a, const void *b)
{
    const struct route_life *x = a, *y = b;
    if (x->route.start != y->route.start)
        return x->route.start < y->route.start ? -1 : 1;
    if (x->route.length != y->route.length)
        return x->route.length < y->route.length ? -1 : 1;
    if (x->route.origin != y->route.origin)
        return x->route.origin < y->route.origin ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

struct scene {
    enum family family;
    struct route_life lives[LIVES_MAX];
    struct lifetime blocks[BLOCKS_MAX];
    size_t life_count, block_count;
};

static u128 place_of(enum family f, size_t place)
{
    return f == FAMILY_IPV6 ? FIRST_ADDRESS + place * LEAF_SIZE : ((u128)198 << 24) + place;
}

static void fill(struct scene *s, uint64_t *random)
{
    unsigned whole = s->family == FAMILY_IPV6 ? LEAF_LENGTH : 32;
    s->life_count = random_below(random, LIVES_MAX);
    s->block_count = random_below(random, BLOCKS_MAX);
    for (size_t i = 0; i < s->life_count; i++) {
        unsigned order = (unsigned)random_below(random, 4);
        date first = (date)random_below(random, LAST_DAY);
        s->lives[i] = (struct route_life){
            .route = {.start = place_of(s->family, random_below(random, 32) >> order << order),
                      .origin = (uint32_t)random_below(random, 3),
                      .length = (uint8_t)(whole - order),
                      .level = (uint8_t)random_below(random, 5)},
            .first = first,
            .last = first + (date)random_below(random, 12)};
    }
    qsort(s->lives, s->life_count, sizeof *s->lives, compare_lives);
    for (size_t i = 0; i < s->block_count; i++) {
        unsigned order = (unsigned)random_below(random, 4);
        size_t place = random_below(random, 32) >> order << order;
        struct block b = {s->family, place_of(s->family, place), whole - order};
        if (s->family == FAMILY_IPV4)
            b.value = 1 + random_below(random, 9);
        s->blocks[i] = (struct lifetime){.block = b, .date = (date)random_below(random, LAST_DAY)};
        if (random_below(random, 9) == 0)
            s->blocks[i].date = DATE_NONE;
    }
}

static date look(const struct scene *s, const struct lifetime *b)
{
    struct range r = block_range(&b->block);
    for (date day = b->date; b->date != DATE_NONE && day < LAST_DAY + 20; day++)
        for (size_t i = 0; i < s->life_count; i++) {
            const struct route *route = &s->lives[i].route;
            u128 last = prefix_last(s->family, route->start, route->length);
            if ((route->level == 0 || route->level >= 2) && route->start <= r.last &&
                r.first <= last && s->lives[i].first <= day && day <= s->lives[i].last)
                return day;
        }
    return DATE_MAX;
}

static void compare(enum family f, uint64_t seed)
{
    struct scene s = {.family = f};
    struct announced_days a;
    uint64_t random = seed * 0x9e3779b97f4a7c15u;
    date found[BLOCKS_MAX + 1];
    fill(&s, &random);
    announced_days_init(&a, f, 2);
    for (size_t i = 0; i < s.life_count; i++)
        assert_true(announced_days_add(&a, &s.lives[i]));
    assert_true(announced_days_end(&a));
    struct view v = {.at = s.blocks, .count = s.block_count};
    assert_int_equal(delay_find(&a, &v, found, NULL), 0);
    for (size_t i = 0; i < s.block_count; i++)
        assert_int_equal(found[i], look(&s, &s.blocks[i]));
    announced_days_done(&a);
}

static void random_lifetimes_agree_with_the_oracle(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        compare(FAMILY_IPV6, seed);
        compare(FAMILY_IPV4, seed);
    }
}

static void check_near(double got, double want)
{
    if (!(fabs(got - want) < 0.0005))
        fail_msg("%f, wanted %f", got, want);
}

static void survival_is_that_of_the_textbooks(void **state)
{
    static const struct wait waits[] = {
        {0, 6, true},  {0, 6, true},   {0, 6, true},   {0, 6, false},  {0, 7, true},
        {0, 9, false}, {0, 10, true},  {0, 10, false}, {0, 11, false}, {0, 13, true},
        {0, 16, true}, {0, 17, false}, {0, 19, false}, {0, 20, false}, {0, 22, true},
        {0, 23, true}, {0, 25, false}, {0, 32, false}, {0, 32, false}, {0, 34, false},
        {0, 35, false}};
    static const struct {
        int32_t days;
        double surviving;
    } want[] = {{5, 1},      {6, .8571},  {7, .8067},  {10, .7529}, {13, .6902},
                {16, .6275}, {22, .5378}, {23, .4482}, {35, .4482}};
    size_t count = sizeof waits / sizeof *waits;
    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        check_near(1 - delay_share(waits, count, want[i].days) / 100, want[i].surviving);
    check_near(delay_quantile(waits, count, 50), 23);
    check_near(delay_quantile(waits, count, 25), 13);
    assert_true(isnan(delay_quantile(waits, count, 75)));
    assert_true(isnan(delay_share(waits, count, 36)));
    assert_true(isnan(delay_share(waits, 0, 30)));
    assert_true(isnan(delay_quantile(waits, 0, 50)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_lifetimes_agree_with_the_oracle),
        cmocka_unit_test(survival_is_that_of_the_textbooks),
    };
    return cmocka_run_group_tests_name("delay", tests, NULL, NULL);
}
