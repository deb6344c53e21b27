// SPDX-License-Identifier: Apache-2.0
//
// Origin validation against an oracle that reads RFC 6811 literally, and its cases.

#include "measure/validity.h"
#include "support.h"

#define PAYLOADS 60
#define ROUTES   60

struct table_of {
    struct route at[PAYLOADS];
    size_t count;
};

static int compare_routes(const void *a, const void *b)
{
    const struct route *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    if (x->origin != y->origin)
        return x->origin < y->origin ? -1 : 1;
    return (x->level > y->level) - (x->level < y->level);
}

static struct routing fill(struct table_of *t, uint32_t peers)
{
    struct routing r;
    routing_init(&r, FAMILY_IPV6, peers);
    qsort(t->at, t->count, sizeof *t->at, compare_routes);
    for (size_t i = 0; i < t->count; i++)
        assert_true(routing_add(&r, &t->at[i]));
    assert_true(routing_end(&r));
    return r;
}

// Prefixes of 0 to 8 bits behind 2001:db8::/32, origins AS 0 to 3.
static struct table_of random_table(uint64_t *random, bool payloads)
{
    struct table_of t = {.count = random_below(random, PAYLOADS)};
    for (size_t i = 0; i < t.count; i++) {
        unsigned length = 32 + (unsigned)random_below(random, 9);
        u128 start = random_below(random, 256) >> (40 - length) << (40 - length);
        t.at[i] = (struct route){.start = FIRST_ADDRESS + (start << 88),
                                 .origin = (uint32_t)random_below(random, 4),
                                 .length = (uint8_t)length,
                                 .level = 1};
        if (payloads)
            t.at[i].level = (uint8_t)(length + random_below(random, 4));
    }
    return t;
}

static bool covers(const struct route *v, const struct prefix *p)
{
    return v->length <= p->length &&
           (v->length == 0 || (p->start ^ v->start) >> (128 - v->length) == 0);
}

static enum validity judge(const struct table_of *payloads, const struct prefix *p, uint32_t as)
{
    bool covered = false, same = false;
    for (size_t i = 0; i < payloads->count; i++) {
        const struct route *v = &payloads->at[i];
        if (!covers(v, p))
            continue;
        covered = true;
        same |= v->origin == as && as != 0;
        if (v->origin == as && as != 0 && p->length <= v->level)
            return VALIDITY_VALID;
    }
    return !covered ? VALIDITY_NOT_FOUND : same ? VALIDITY_INVALID_LENGTH : VALIDITY_INVALID_ORIGIN;
}

static void random_tables_agree_with_the_oracle(void **state)
{
    size_t found[VALIDITY_COUNT] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        uint64_t random = seed * 0x9e3779b97f4a7c15u;
        struct table_of payloads = random_table(&random, true),
                        routes = random_table(&random, false);
        struct routing vrps = fill(&payloads, 0), r = fill(&routes, 1);
        uint8_t got[ROUTES + 1];
        validity_find(&r, &vrps, got);
        for (size_t i = 0; i < r.prefixes; i++)
            for (uint32_t j = r.at.at[i].origins; j < r.at.at[i + 1].origins; j++) {
                assert_int_equal(got[j], judge(&payloads, &r.at.at[i], r.origins.at[j].as));
                found[got[j]]++;
            }
        routing_done(&vrps);
        routing_done(&r);
    }
    for (size_t i = 0; i < VALIDITY_COUNT; i++)
        assert_true(found[i] > 1000);
}

static void a_payload_of_all_space_covers_all(void **state)
{
    struct table_of payloads = {{{.start = 0, .origin = 0, .length = 0, .level = 0}}, 1};
    struct table_of routes = {{{.start = FIRST_ADDRESS, .origin = 64496, .length = 32, .level = 1}},
                              1};
    struct routing vrps = fill(&payloads, 0), r = fill(&routes, 1);
    uint8_t got;
    (void)state;
    validity_find(&r, &vrps, &got);
    assert_int_equal(got, VALIDITY_INVALID_ORIGIN);
    routing_done(&vrps);
    routing_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tables_agree_with_the_oracle),
        cmocka_unit_test(a_payload_of_all_space_covers_all),
    };
    return cmocka_run_group_tests_name("validity", tests, NULL, NULL);
}
