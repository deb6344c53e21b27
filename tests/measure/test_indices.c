// SPDX-License-Identifier: Apache-2.0
//
// Indices against their definitions, reckoned by hand; ranks against what the distribution of the
// weights says.

#include "archive.h"
#include "measure/indices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

static void check_near(double value, double want)
{
    if (!(fabs(value - want) <= 1e-9 * (1 + fabs(want))))
        fail_msg("%.15g is not %.15g", value, want);
}

static void formulas_are_those_of_their_definitions(void **state)
{
    (void)state;
    double parts[3][INDEX_PARTS] = {
        {0.5, 0.25, 0.4, 0.36, 0.25, 0.8}, {1, 1, 1, 0.09, 0.16, 0.4}, {0.1, 0, 0, NAN, 0.5, 0.5}};
    double relative[3];
    check_near(index_value(INDEX_6LAB, parts[0]), 0.25 * 0.8 + 0.75 * 0.3);
    check_near(index_value(INDEX_EARLY, parts[0]), 0.15 + 0.075 + 0.08 + 0.072);
    assert_true(isnan(index_value(INDEX_6LAB, parts[2])));
    assert_true(isnan(index_value(INDEX_EARLY, parts[2])));
    // Terms over the largest: T 1 and 0.5; C 0.5 and 0.32; U 1 and 0.25.
    index_relative((const double(*)[INDEX_PARTS])parts, 3, relative);
    double one = 0.25 + 0.75 * sqrt(0.5), two = 0.125 + 0.75 * sqrt(0.32 * 0.25);
    check_near(relative[0], 10);
    check_near(relative[1], 10 * two / one);
    assert_true(isnan(relative[2]));
}

// RFC 3194 with policy's 0.94: 6,183,533 /56s of a /32.
static void the_ratio_of_a_block_is_exact(void **state)
{
    (void)state;
    assert_true(hd_threshold(32, HD_RATIO) == 6183533);
    assert_true(hd_ratio(6183533, 1 << 24) <= 0.94 && hd_ratio(6183534, 1 << 24) > 0.94);
    check_near(hd_ratio(10, 1000), 1.0 / 3);
    check_near(hd_ratio(1, 1000), 0);
    assert_true(isnan(hd_ratio(0, 1000)) && isnan(hd_ratio(1, 1)));
}

// Two economies, one with the first term alone and one with the second: who is before whom hangs on
// the first weight, which is Beta(5, 15) distributed.
static void rank_two(double transit, double traffic, struct rank ret[2])
{
    double parts[2][INDEX_PARTS] = {{0, 0, 0, 0, 0, transit}, {0, 0, 0, traffic, traffic, 0}};
    struct err e;
    assert_int_equal(
        index_ranks(INDEX_6LAB, (const double(*)[INDEX_PARTS])parts, 2, 20000, 3, ret, &e), 0);
}

static void ranks_vary_as_the_weights_do(void **state)
{
    (void)state;
    for (int i = 1; i < 20; i++) {
        double traffic = i / 20.0; // the first is before where w > traffic (1 - w)
        double before = gsl_cdf_beta_Q(traffic / (1 + traffic), 5, 15);
        struct rank r[2];
        if (fabs(before - 0.05) < 0.005 || fabs(before - 0.95) < 0.005)
            continue;
        rank_two(1, traffic, r);
        assert_int_equal(r[0].low, before > 0.05 ? 1 : 2);
        assert_int_equal(r[0].high, before < 0.95 ? 2 : 1);
        assert_int_equal(r[1].low, before < 0.95 ? 1 : 2);
        assert_int_equal(r[0].rank, 0.25 > 0.75 * traffic ? 1 : 2);
    }
}

static void ranks_are_in_order(void **state)
{
    (void)state;
    double parts[4][INDEX_PARTS] = {{0.2, 0.2, 0.2, 0.2, 0, 0},
                                    {0.9, 0.9, 0.9, 0.9, 0, 0},
                                    {NAN, 1, 1, 1, 1, 1},
                                    {0.2, 0.2, 0.2, 0.2, 1, 1}};
    struct rank r[4], again[4];
    struct err e;
    assert_int_equal(
        index_ranks(INDEX_EARLY, (const double(*)[INDEX_PARTS])parts, 4, 500, 1, r, &e), 0);
    assert_true(r[1].rank == 1 && r[1].low == 1 && r[1].high == 1);
    assert_true(r[0].rank == 2 && r[3].rank == 2 && r[0].high == 2);
    assert_true(isnan(r[2].value) && r[2].rank == 0);
    assert_int_equal(
        index_ranks(INDEX_EARLY, (const double(*)[INDEX_PARTS])parts, 4, 500, 1, again, &e), 0);
    for (size_t i = 0; i < 4; i++)
        assert_true(r[i].rank == again[i].rank && r[i].low == again[i].low &&
                    r[i].high == again[i].high);
    assert_int_equal(index_ranks(INDEX_EARLY, NULL, 0, 500, 1, r, &e), 0);
}

// ---- from an archive

static const char registers[] =
    "2.3|afrinic|20240105|9|20000101|20240105|+0000\nafrinic|*|ipv6|*|4|summary\n"
    "afrinic|*|ipv4|*|3|summary\nafrinic|*|asn|*|2|summary\n"
    "afrinic|KE|ipv6|2001:db8::|36|20080411|allocated|h-1\n"
    "afrinic|KE|ipv6|2001:db8:1000::|36|20080411|allocated|h-2\n"
    "afrinic|KE|ipv6|2001:db8:2000::|36|20080411|allocated|h-2\n"
    "afrinic|UG|ipv6|2001:db8:3000::|36|20080411|allocated|h-5\n"
    "afrinic|KE|ipv4|192.0.2.0|256|20080411|allocated|h-1\n"
    "afrinic|KE|ipv4|198.51.100.0|256|20080411|allocated|h-3\n"
    "afrinic|TZ|ipv4|203.0.113.0|256|20080411|allocated|h-6\n"
    "afrinic|KE|asn|64496|1|20080411|allocated|h-1\nafrinic|KE|asn|64497|1|20080411|allocated|h-"
    "4\n";
static const char routes6[] = "prefix,origin\n2001:db8::/36,64496\n";
static const char routes4[] = "prefix,origin\n192.0.2.0/24,64496\n198.51.100.0/24,64497\n";
static const char users[] = "# name: users\n# unit: %\n# title: Users\n# source: Example\n"
                            "date,economy,value\n2024-01-05,KE,10\n2024-01-05,UG,20\n";
static const char content[] = "# name: content\n# unit: %\n# title: Content\n# source: Example\n"
                              "date,economy,value\n2024-01-05,KE,40\n";
static const char transit[] = "# name: transit\n# unit: %\n# title: Transit\n# source: Example\n"
                              "date,economy,value\n2024-01-05,KE,60\n";

static const struct cell *at(const struct table *t, const char *key, const char *column)
{
    size_t c = table_find_column(t, column), k = table_find_column(t, "key");
    assert_true(c != SIZE_MAX);
    for (size_t row = 0; row < t->row_count; row++)
        if (strcmp(table_cell(t, row, k)->text, key) == 0)
            return table_cell(t, row, c);
    fail_msg("no row %s", key);
    return NULL;
}

static void parts_come_from_the_archive(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    archive_add(&a, "delegated-afrinic-extended-20240105", registers);
    archive_add(&a, "routes6-20240105.csv", routes6);
    archive_add(&a, "routes4-20240105.csv", routes4);
    archive_add(&a, "users.csv", users);
    struct measure_tables tables = archive_ask(&a, "indices", NULL);
    const struct table *t = tables.at[0], *stars = tables.at[2];
    assert_int_equal(t->row_count, 249);
    check_near(at(t, "KE", "holding")->real, 50); // h-1 and h-2 of four
    check_near(at(t, "KE", "announcing")->real, 25);
    check_near(at(t, "KE", "networks")->real, 50);
    check_near(at(t, "KE", "users")->real, 10);
    check_near(at(t, "KE", "early")->real, 15 + 7.5 + 10 + 2);
    check_near(at(t, "TZ", "holding")->real, 0); // it holds IPv4 alone
    check_near(at(t, "TZ", "announcing")->real, 0);
    assert_int_equal(at(t, "TZ", "early")->kind, CELL_EMPTY); // users are not known
    assert_int_equal(at(t, "JP", "holding")->kind, CELL_EMPTY);
    assert_int_equal(at(t, "KE", "6lab")->kind, CELL_EMPTY);
    assert_int_equal(at(stars, "KE", "holders")->count, 4);
    assert_int_equal(at(stars, "KE", "star1")->count, 2);
    check_near(at(stars, "KE", "star2_share")->real, 25);
    check_near(at(stars, "UG", "star2_share")->real, 0);
    assert_int_equal(tables.at[1]->row_count, 1); // only KE has all parts
    measure_tables_free(&tables);
    archive_add(&a, "content.csv", content);
    archive_add(&a, "transit.csv", transit);
    tables = archive_ask(&a, "indices", "only=KE", NULL);
    check_near(at(tables.at[0], "KE", "6lab")->real, 0.25 * 60 + 0.75 * 20);
    check_near(at(tables.at[0], "KE", "6lab_relative")->real, 10);
    measure_tables_free(&tables);
    archive_close(&a);
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    archive_add(&a, "users.csv", users);
    struct measure_tables tables = archive_ask(&a, "indices", "only=KE,JP", NULL);
    assert_int_equal(tables.at[0]->row_count, 2);
    assert_int_equal(at(tables.at[0], "KE", "early")->kind, CELL_EMPTY);
    check_near(at(tables.at[0], "KE", "users")->real, 10);
    assert_int_equal(tables.at[0]->note_count, 6);
    measure_tables_free(&tables);
    archive_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_are_those_of_their_definitions),
        cmocka_unit_test(the_ratio_of_a_block_is_exact),
        cmocka_unit_test(ranks_vary_as_the_weights_do),
        cmocka_unit_test(ranks_are_in_order),
        cmocka_unit_test(parts_come_from_the_archive),
        cmocka_unit_test(what_is_missing_is_said),
    };
    return cmocka_run_group_tests_name("indices", tests, NULL, NULL);
}
