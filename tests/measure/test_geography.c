// SPDX-License-Identifier: Apache-2.0
//
// Geography against an oracle that looks at every record for every key; IPv4 and people beside it.

#include "measure/geography.h"
#include "support.h"

#include <math.h>

struct sums {
    uint64_t delegations, holders, ipv4;
    u128 space;
    date first;
    bool unknown;
};

static struct sums sum_key(const struct view *v, const struct keys *k, size_t key, date on,
                           const struct ipv4_space *ipv4)
{
    struct sums s = {.first = DATE_MAX};
    for (size_t i = 0; i < v->count; i++) {
        const struct lifetime *l = &v->at[i];
        if (key != SIZE_MAX && !keys_has(k, key, l->registry, l->economy, on))
            continue;
        s.delegations++;
        s.space += block_count(&l->block);
        s.unknown |= l->holder == 0;
        s.first = l->date != DATE_NONE && l->date < s.first ? l->date : s.first;
        bool known = l->holder == 0;
        for (size_t j = 0; j < i && !known; j++)
            known = v->at[j].holder == l->holder && v->at[j].registry == l->registry &&
                    (key == SIZE_MAX || keys_has(k, key, v->at[j].registry, v->at[j].economy, on));
        s.holders += !known;
    }
    for (size_t cell = 0; ipv4 && cell < IPV4_CELLS; cell++)
        if (ipv4->addresses[cell] &&
            (key == SIZE_MAX || keys_has(k, key, (enum registry)(cell % REGISTRY_COUNT),
                                         (economy)(cell / REGISTRY_COUNT), on)))
            s.ipv4 += ipv4->addresses[cell];
    return s;
}

static size_t find_key(const struct keys *k, const char *text)
{
    char key[KEY_TEXT_MAX];
    for (size_t i = 0; i < k->count; i++)
        if (strcmp(keys_key(k, i, key), text) == 0)
            return i;
    assert_string_equal(text, "total");
    return SIZE_MAX;
}

static void check_row(const struct table *t, size_t row, const struct sums *s,
                      const struct sums *all)
{
    assert_true(count_of(t, row, "delegations") == s->delegations);
    assert_true(count_of(t, row, "slash32") == s->space);
    assert_true(count_of(t, row, "slash64") == s->space);
    assert_true(count_of(t, row, "ipv4_addresses") == s->ipv4);
    assert_true(fabs(cell_of(t, row, "share")->real - 100 * (double)s->space / (double)all->space) <
                1e-9);
    assert_int_equal(is_empty_cell(t, row, "holders"), s->unknown);
    if (!s->unknown)
        assert_true(count_of(t, row, "holders") == s->holders);
    assert_int_equal(is_empty_cell(t, row, "first_delegation"), s->first == DATE_MAX);
    if (s->first != DATE_MAX)
        assert_int_equal(cell_of(t, row, "first_delegation")->date, s->first);
}

// Ranks are one more than the number of keys that have more.
static void check_ranks(const struct table *t, const char *rank, const char *by)
{
    for (size_t i = 0; i + 1 < t->row_count; i++) {
        u128 larger = 1;
        for (size_t j = 0; j + 1 < t->row_count; j++)
            larger += count_of(t, j, by) > count_of(t, i, by);
        if (count_of(t, i, by) == 0)
            assert_true(is_empty_cell(t, i, rank));
        else
            assert_true(count_of(t, i, rank) == larger);
    }
}

static void compare(const struct view *v, const char *by, const struct ipv4_space *ipv4)
{
    struct query q = query_of((const char *const[]){"by", by, NULL});
    struct table *t = NULL;
    struct err e = {0};
    if (geography_table(&q, v, NULL, ipv4, &t, &e))
        fail_msg("%s", e.text);
    struct keys k = {0};
    economy used[LIFETIMES_MAX + 1];
    for (size_t i = 0; i < v->count; i++)
        used[i] = v->at[i].economy;
    used[v->count] = economy_of('U', 'G');
    assert_int_equal(keys_init(&k, q.by, "", v->world, used, v->count + 1, v->registries, NULL), 0);
    struct sums all = sum_key(v, &k, SIZE_MAX, v->known_on, ipv4), sum = {0};
    for (size_t row = 0; row < t->row_count; row++) {
        size_t key = find_key(&k, text_of(t, row, "key"));
        struct sums s = sum_key(v, &k, key, v->known_on, ipv4);
        check_row(t, row, &s, &all);
        sum.space += row + 1 < t->row_count ? s.space : 0;
        assert_true(row < 1 || key == SIZE_MAX ||
                    count_of(t, row, "slash32") <= count_of(t, row - 1, "slash32"));
    }
    if (q.by != BY_GROUP)
        assert_true(sum.space == all.space);
    check_ranks(t, "rank", "slash32");
    check_ranks(t, "ipv4_rank", "ipv4_addresses");
    keys_done(&k);
    table_free(&t);
}

static void random_records_agree_with_the_oracle(void **state)
{
    static const char *const partitions[] = {"registry",  "economy",    "region",
                                             "subregion", "itu-region", "group"};
    struct archive *a = calloc(1, sizeof *a);
    struct ipv4_space ipv4 = {calloc(IPV4_CELLS, sizeof(uint64_t))};
    assert_non_null(ipv4.addresses);
    ipv4.addresses[economy_of('K', 'E') * REGISTRY_COUNT + REGISTRY_APNIC] = 256;
    ipv4.addresses[economy_of('U', 'G') * REGISTRY_COUNT + REGISTRY_AFRINIC] = 1024;
    ipv4.addresses[economy_of('F', 'R') * REGISTRY_COUNT + REGISTRY_ARIN] = 256;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        archive_fill(a, seed, date_of(2007, 12, 10), true);
        struct view v = archive_view(a, *state);
        for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++)
            compare(&v, partitions[i], &ipv4);
    }
    free(ipv4.addresses);
    free(a);
}

static void people_share_the_space(void **state)
{
    struct series_value values[] = {{economy_of('B', 'R'), 2006, 1000},
                                    {economy_of('K', 'E'), 2001, 77},
                                    {economy_of('K', 'E'), 2006, 65536},
                                    {economy_of('K', 'E'), 2009, 1}};
    struct archive *a = calloc(1, sizeof *a);
    struct lifetime *l = a->lifetimes;
    *l = (struct lifetime){.block = {FAMILY_IPV6, FIRST_ADDRESS, 32},
                           .economy = economy_of('K', 'E'),
                           .date = date_of(2007, 12, 20)};
    l[1] = l[0]; // whose population nobody knows
    l[1].economy = economy_of('Z', 'Z');
    l[1].block.start += (u128)1 << 96;
    a->count = 2;
    struct view v = archive_view(a, *state);
    v.known_on = date_of(2008, 1, 1);
    struct series people = {values, 4};
    struct query q = query_of((const char *const[]){"by", "economy", NULL});
    struct table *t = NULL;
    assert_int_equal(geography_table(&q, &v, &people, NULL, &t, NULL), 0);
    assert_int_equal(t->row_count, 3);
    assert_true(count_of(t, 0, "population") == 65536);
    assert_true(fabs(cell_of(t, 0, "slash48_per_capita")->real - 1) < 1e-12);
    assert_true(is_empty_cell(t, 1, "slash48_per_capita"));
    assert_true(count_of(t, 2, "population") == 66536);
    assert_true(fabs(cell_of(t, 2, "slash48_per_capita")->real - 65536.0 / 66536) < 1e-12);
    assert_true(is_empty_cell(t, 0, "ipv4_share"));
    table_free(&t);
    free(a);
}

static void top_leaves_the_total_as_it_is(void **state)
{
    struct archive *a = calloc(1, sizeof *a);
    archive_fill(a, 3, date_of(2007, 12, 10), false);
    struct view v = archive_view(a, *state);
    struct query q = query_of((const char *const[]){"by", "economy", "top", "2", NULL});
    struct table *t = NULL;
    assert_int_equal(geography_table(&q, &v, NULL, NULL, &t, NULL), 0);
    assert_int_equal(t->row_count, 3);
    assert_string_equal(text_of(t, 2, "key"), "total");
    assert_true(count_of(t, 2, "delegations") == v.count);
    assert_true(is_empty_cell(t, 2, "rank"));
    assert_true(is_empty_cell(t, 2, "holders"));
    table_free(&t);
    q = query_of((const char *const[]){"by", "economy", "only", "KE", NULL});
    assert_int_equal(geography_table(&q, &v, NULL, NULL, &t, NULL), 0);
    assert_int_equal(t->row_count, 2);
    assert_string_equal(text_of(t, 0, "key"), "KE");
    table_free(&t);
    free(a);
}

static int load(void **state)
{
    *state = test_world();
    return 0;
}

static int unload(void **state)
{
    world_free((struct world **)state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_records_agree_with_the_oracle),
        cmocka_unit_test(people_share_the_space),
        cmocka_unit_test(top_leaves_the_total_as_it_is),
    };
    return cmocka_run_group_tests_name("geography", tests, load, unload);
}
