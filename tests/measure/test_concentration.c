// SPDX-License-Identifier: Apache-2.0
//
// Concentration: textbook values, and the definition by all pairs on random ones.

#include "measure/concentration.h"
#include "support.h"

#include <math.h>

static void check_near(double value, double want)
{
    if (!(fabs(value - want) <= 1e-9 * (1 + fabs(want))))
        fail_msg("%.15g is not %.15g", value, want);
}

static void textbook_values_come_out(void **state)
{
    (void)state;
    static const u128 equal[] = {5, 5, 5, 5}, one_has_all[] = {0, 0, 0, 8}, steps[] = {1, 2, 3, 4};
    struct concentration c = concentration_of(equal, 4);
    check_near(c.gini, 0);
    check_near(c.hhi, 2500);
    check_near(c.top1, 25);
    c = concentration_of(one_has_all, 4);
    check_near(c.gini, 0.75);
    check_near(c.hhi, 10000);
    check_near(c.top1, 100);
    c = concentration_of(steps, 4);
    check_near(c.gini, 0.25);
    check_near(c.hhi, 3000);
    check_near(c.top1, 40);
    check_near(c.top10, 100);
    assert_true(c.total == 10);
    assert_int_equal(c.members, 4);
}

static void nobody_has_no_figure(void **state)
{
    (void)state;
    struct concentration c = concentration_of(NULL, 0);
    assert_int_equal(c.members, 0);
    assert_true(isnan(c.gini) && isnan(c.hhi) && isnan(c.top1));
    assert_true(isnan(lorenz_share(NULL, 0, 50)));
}

static int compare(const void *a, const void *b)
{
    u128 x = *(const u128 *)a, y = *(const u128 *)b;
    return (x > y) - (x < y);
}

// Half the mean difference of all pairs, over the mean.
static double gini_of_pairs(const u128 *x, size_t n)
{
    long double sum = 0, difference = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (long double)x[i];
        for (size_t j = 0; j < n; j++)
            difference += (long double)(x[i] > x[j] ? x[i] - x[j] : x[j] - x[i]);
    }
    return (double)(difference / (2 * (long double)n * sum));
}

static void random_values_agree_with_the_definition(void **state)
{
    (void)state;
    uint64_t random = 7;
    u128 values[200];
    for (size_t round = 0; round < 200; round++) {
        size_t n = random_below(&random, 200) + 1;
        for (size_t i = 0; i < n; i++)
            values[i] = ((u128)random_next(&random) + 1) << random_below(&random, 57);
        qsort(values, n, sizeof *values, compare);
        struct concentration c = concentration_of(values, n);
        check_near(c.gini, gini_of_pairs(values, n));
        long double total = 0, ten = 0;
        for (size_t i = 0; i < n; i++) {
            total += (long double)values[i];
            ten += i + 10 >= n ? (long double)values[i] : 0;
        }
        check_near(c.top10, (double)(100 * ten / total));
        check_near(c.top1, (double)(100 * (long double)values[n - 1] / total));
    }
}

static void the_lorenz_curve_goes_through_its_points(void **state)
{
    (void)state;
    static const u128 steps[] = {1, 2, 3, 4};
    check_near(lorenz_share(steps, 4, 0), 0);
    check_near(lorenz_share(steps, 4, 25), 10);
    check_near(lorenz_share(steps, 4, 50), 30);
    check_near(lorenz_share(steps, 4, 62.5), 45);
    check_near(lorenz_share(steps, 4, 100), 100);
}

static void tables_are_of_economies_and_holders(void **state)
{
    (void)state;
    struct world *w = test_world();
    struct lifetime rows[6] = {0};
    static const char *const codes[] = {"KE", "KE", "BR", "EU", "KE", "BR"};
    static const int64_t holders[] = {1, 1, 2, 3, 4, 0};
    for (size_t i = 0; i < 6; i++)
        rows[i] =
            (struct lifetime){.block = {FAMILY_IPV6, FIRST_ADDRESS + i * LEAF_SIZE, LEAF_LENGTH},
                              .economy = economy_of(codes[i][0], codes[i][1]),
                              .holder = holders[i]};
    struct view v = {.world = w, .registries = 1, .at = rows, .count = 6};
    struct query q = query_of(NULL);
    struct measure_tables t = {0};
    assert_int_equal(concentration_tables(&q, &v, &t, NULL), 0);
    assert_int_equal(t.count, 3);
    assert_true(count_of(t.at[0], 0, "members") == 2);
    assert_true(count_of(t.at[0], 0, "slash32") == 5 * LEAF_SIZE);
    assert_true(count_of(t.at[0], 1, "members") == 4);
    check_near(cell_of(t.at[0], 0, "top1")->real, 60);
    check_near(cell_of(t.at[1], 4, "economies")->real, 40);
    assert_string_equal(text_of(t.at[2], 1, "key"), "2");
    assert_true(count_of(t.at[2], 1, "holders") == 1);
    assert_true(count_of(t.at[2], 1, "delegations") == 2);
    assert_string_equal(text_of(t.at[2], 6, "key"), "several");
    check_near(cell_of(t.at[2], 6, "share")->real, 40);
    measure_tables_free(&t);
    q = query_of((const char *const[]){"only", "KE", NULL});
    assert_int_equal(concentration_tables(&q, &v, &t, NULL), 0);
    assert_true(count_of(t.at[0], 0, "members") == 1);
    assert_true(count_of(t.at[0], 1, "members") == 2);
    measure_tables_free(&t);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook_values_come_out),
        cmocka_unit_test(nobody_has_no_figure),
        cmocka_unit_test(random_values_agree_with_the_definition),
        cmocka_unit_test(the_lorenz_curve_goes_through_its_points),
        cmocka_unit_test(tables_are_of_economies_and_holders),
    };
    return cmocka_run_group_tests_name("concentration", tests, NULL, NULL);
}
