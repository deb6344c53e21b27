// SPDX-License-Identifier: Apache-2.0
//
// Networks against a recount of random tables; prefix lengths; validity and payloads by hand.

#include "measure/networks.h"
#include "support.h"

#include <string.h>

#define NETWORKS   10
#define ROUTES_MAX 30

static const struct {
    uint32_t as;
    const char *economy; // NULL: delegated to nobody
} homes[NETWORKS] = {{64496, "KE"},       {64497, "FR"},      {64498, "FR"}, {64499, "BR"},
                     {64500, "EU"},       {64501, NULL},      {0, NULL},     {4200000001u, "KE"},
                     {4200000002u, "BR"}, {4200000009u, NULL}};

struct scene {
    struct routed routed;
    struct routing other;
    struct lifetime numbers[NETWORKS], blocks[4];
    bool seen[2][NETWORKS];
    struct route routes[ROUTES_MAX];
    size_t count;
};

static int compare_routes(const void *a, const void *b)
{
    const struct route *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return (x->origin > y->origin) - (x->origin < y->origin);
}

static void fill_routing(struct scene *s, struct routing *r, enum family f, uint64_t *random)
{
    routing_init(r, f, 3);
    s->count = random_below(random, ROUTES_MAX);
    for (size_t i = 0; i < s->count; i++) {
        size_t network = random_below(random, NETWORKS), place = random_below(random, 64);
        unsigned order = (unsigned)random_below(random, 4);
        place = place >> order << order;
        s->routes[i] =
            (struct route){.start = f == FAMILY_IPV6 ? FIRST_ADDRESS + (u128)place * LEAF_SIZE
                                                     : ((u128)203 << 24) + (place << 8),
                           .origin = homes[network].as,
                           .length = (uint8_t)((f == FAMILY_IPV6 ? LEAF_LENGTH : 24) - order),
                           .level = (uint8_t)random_below(random, 6)};
        s->seen[f][network] |= s->routes[i].level == 0 || s->routes[i].level >= 3;
    }
    qsort(s->routes, s->count, sizeof *s->routes, compare_routes);
    for (size_t i = 0; i < s->count; i++)
        assert_true(routing_add(r, &s->routes[i]));
    assert_true(routing_end(r));
}

static struct scene *make_scene(uint64_t seed, const char *by, const struct world *w)
{
    struct scene *s = calloc(1, sizeof *s);
    uint64_t random = seed * 0x9e3779b97f4a7c15u;
    assert_non_null(s);
    struct view *numbers = &s->routed.numbers;
    s->routed.query = query_of((const char *const[]){"by", by, "peers", "3", NULL});
    s->routed.day = date_of(2024, 1, 5);
    s->routed.blocks = (struct view){
        .world = w, .registries = REGISTRIES_RIR, .known_on = s->routed.day, .at = s->blocks};
    *numbers = (struct view){.world = w, .registries = REGISTRIES_RIR, .at = s->numbers};
    numbers->known_on = s->routed.day;
    for (size_t i = 0; i < NETWORKS; i++)
        if (homes[i].economy)
            s->numbers[numbers->count++] =
                (struct lifetime){.block = {FAMILY_ASN, homes[i].as, 1},
                                  .registry = (enum registry)(i % 3),
                                  .economy = economy_of(homes[i].economy[0], homes[i].economy[1])};
    assert_int_equal(homes_make(&s->routed.homes, s->numbers, numbers->count, NULL), 0);
    fill_routing(s, &s->other, FAMILY_IPV4, &random);
    fill_routing(s, &s->routed.routing, FAMILY_IPV6, &random);
    s->routed.snapshot = (struct route_snapshot){.collector = "rrc99", .date = s->routed.day};
    return s;
}

static void free_scene(struct scene *s)
{
    homes_done(&s->routed.homes);
    routing_done(&s->routed.routing);
    routing_done(&s->other);
    free(s);
}

static const struct table *named(const struct measure_tables *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->at[i]->name, name) == 0)
            return t->at[i];
    fail_msg("no table %s", name);
    return NULL;
}

static struct measure_tables compute(const struct networks *n)
{
    struct measure_tables tables = {0};
    struct err e = {0};
    if (networks_tables(n, &tables, &e))
        fail_msg("%s", e.text);
    return tables;
}

// ---- the recount

static void recount(const struct scene *s, const char *key, uint64_t sums[4])
{
    memset(sums, 0, 4 * sizeof *sums);
    for (size_t i = 0; i < NETWORKS; i++) {
        bool total = strcmp(key, "total") == 0;
        const char *at = homes[i].economy ? homes[i].economy : "none";
        if (homes[i].as == 0 || (!total && strcmp(at, key) != 0))
            continue;
        sums[0] += s->seen[FAMILY_IPV4][i] && !s->seen[FAMILY_IPV6][i];
        sums[1] += s->seen[FAMILY_IPV4][i] && s->seen[FAMILY_IPV6][i];
        sums[2] += !s->seen[FAMILY_IPV4][i] && s->seen[FAMILY_IPV6][i];
        sums[3] += homes[i].economy != NULL;
    }
}

static void check_lengths(const struct scene *s, const struct table *t)
{
    const struct routing *r = &s->routed.routing;
    for (size_t row = 0; row < t->row_count; row++) {
        uint64_t prefixes = 0, inside = 0;
        for (size_t i = 0; i < r->prefixes; i++) {
            const struct prefix *p = &r->at.at[i];
            bool more = false;
            if (p->length != count_of(t, row, "length"))
                continue;
            for (size_t j = 0; j < r->prefixes && !more; j++)
                more = r->at.at[j].length < p->length &&
                       (r->at.at[j].start ^ p->start) >> (128 - r->at.at[j].length) == 0;
            prefixes++;
            inside += more;
        }
        assert_true(count_of(t, row, "prefixes") == prefixes && prefixes > 0);
        assert_true(count_of(t, row, "more_specific") == inside);
    }
}

static void random_tables_agree_with_a_recount(void **state)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct scene *s = make_scene(seed, "economy", *state);
        struct networks n = {.routed = &s->routed, .other = &s->other, .other_label = "rrc99"};
        struct measure_tables tables = compute(&n);
        const struct table *t = named(&tables, "networks");
        for (size_t row = 0; row < t->row_count; row++) {
            uint64_t want[4];
            recount(s, text_of(t, row, "key"), want);
            assert_true(count_of(t, row, "ipv4_only") == want[0]);
            assert_true(count_of(t, row, "both") == want[1]);
            assert_true(count_of(t, row, "ipv6_only") == want[2]);
            assert_true(count_of(t, row, "delegated") == want[3]);
            assert_true(count_of(t, row, "networks") == want[0] + want[1] + want[2]);
        }
        check_lengths(s, named(&tables, "lengths"));
        measure_tables_free(&tables);
        free_scene(s);
    }
}

static void without_the_other_family_nothing_is_said_of_it(void **state)
{
    struct scene *s = make_scene(7, "world", *state);
    struct networks n = {.routed = &s->routed};
    struct measure_tables tables = compute(&n);
    const struct table *t = named(&tables, "networks");
    assert_true(count_of(t, 0, "networks") > 0);
    assert_true(is_empty_cell(t, 0, "both"));
    assert_true(is_empty_cell(t, 0, "ipv6_share"));
    assert_int_equal(tables.count, 2);
    measure_tables_free(&tables);
    free_scene(s);
}

// ---- validity

static struct lifetime block(unsigned place, unsigned length, const char *code)
{
    return (struct lifetime){.block = {FAMILY_IPV6, FIRST_ADDRESS + place * LEAF_SIZE, length},
                             .economy = economy_of(code[0], code[1])};
}

static struct routing list(const struct route *at, size_t count, uint32_t peers)
{
    struct routing r;
    routing_init(&r, FAMILY_IPV6, peers);
    for (size_t i = 0; i < count; i++)
        assert_true(routing_add(&r, &at[i]));
    assert_true(routing_end(&r));
    return r;
}

static void validity_goes_to_the_economy_of_the_block(void **state)
{
    struct scene *s = make_scene(1, "economy", *state);
    const struct route routes[] = {{FIRST_ADDRESS, 64496, 36, 0},
                                   {FIRST_ADDRESS, 64497, 36, 0},
                                   {FIRST_ADDRESS + LEAF_SIZE / 2, 64496, 37, 0},
                                   {FIRST_ADDRESS + LEAF_SIZE, 64496, 36, 0},
                                   {FIRST_ADDRESS + 2 * LEAF_SIZE, 64496, 36, 0}};
    const struct route payloads[] = {{FIRST_ADDRESS, 64496, 36, 36}};
    routing_done(&s->routed.routing);
    s->routed.routing = list(routes, 5, 3);
    struct routing vrps = list(payloads, 1, 0);
    s->blocks[0] = block(0, 36, "KE");
    s->blocks[1] = block(1, 36, "FR");
    s->routed.blocks.count = 2;
    struct networks n = {.routed = &s->routed, .vrps = &vrps, .vrps_date = s->routed.day};
    struct measure_tables tables = compute(&n);
    const struct table *t = named(&tables, "validity"), *roas = named(&tables, "payloads");
    assert_string_equal(text_of(t, 0, "key"), "KE");
    assert_true(count_of(t, 0, "announcements") == 3);
    assert_true(count_of(t, 0, "valid") == 1);
    assert_true(count_of(t, 0, "invalid_origin") == 1);
    assert_true(count_of(t, 0, "invalid_length") == 1);
    assert_true(count_of(t, t->row_count - 1, "announcements") == 5);
    assert_true(count_of(t, t->row_count - 1, "not_found") == 2);
    assert_true(count_of(roas, roas->row_count - 1, "delegations") == 2);
    assert_true(count_of(roas, roas->row_count - 1, "covered") == 1);
    assert_true(count_of(roas, roas->row_count - 1, "covered_slash64") == LEAF_SIZE);
    measure_tables_free(&tables);
    routing_done(&vrps);
    free_scene(s);
}

static int set_up(void **state)
{
    *state = test_world();
    return 0;
}

static int tear_down(void **state)
{
    world_free((struct world **)state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tables_agree_with_a_recount),
        cmocka_unit_test(without_the_other_family_nothing_is_said_of_it),
        cmocka_unit_test(validity_goes_to_the_economy_of_the_block),
    };
    return cmocka_run_group_tests_name("networks", tests, set_up, tear_down);
}
