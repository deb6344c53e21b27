// SPDX-License-Identifier: Apache-2.0
//
// Adoption and name servers against figures reckoned by hand, and against naive recounts of random
// series.

#include "archive.h"
#include "measure/adoption.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

static const char people[] =
    "# name: population\n# unit: people\n# title: People\n# source: Example\n"
    "date,economy,value\n2023-01-01,KE,1000\n2023-01-01,UG,3000\n"
    "2023-01-01,TZ,2000\n2023-01-01,JP,5000\n";
static const char online[] =
    "# name: internet-users\n# unit: %\n# title: Online\n# source: Example\n"
    "date,economy,value\n2023-01-01,KE,50\n2023-01-01,UG,10\n"
    "2023-01-01,TZ,40\n2015-01-01,JP,90\n";
static const char first[] = "# name: first\n# unit: %\n# title: One\n# source: Example\n"
                            "date,economy,value,low,high,samples\n"
                            "2024-01-10,WORLD,30,28,33,\n2024-01-10,KE,20,,,100\n"
                            "2024-01-10,UG,40,,,400\n2022-01-10,TZ,90,,,100\n";
static const char second[] = "# name: second\n# unit: %\n# title: Two\n# source: Example\n"
                             "date,economy,value\n2023-12-31,KE,10\n2024-01-10,TZ,5\n";
static const char networks[] = "asn,name,cc,users,country_pct,internet_pct,samples\n"
                               "64496,EXAMPLE-A,KE,300,60,1,100\n64497,EXAMPLE-B,KE,200,40,1,100\n"
                               "64498,EXAMPLE-C,UG,100,100,1,100\n";
static const char routes[] = "prefix,origin\n2001:db8::/32,64496\n3fff::/24,64499\n";

static const struct cell *at(const struct table *t, size_t row, const char *key)
{
    size_t column = table_find_column(t, key);
    assert_true(column != SIZE_MAX && row < t->row_count);
    return table_cell(t, row, column);
}

static size_t find(const struct table *t, const char *key, const char *source, const char *method)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (strcmp(at(t, row, "key")->text, key) == 0 &&
            strcmp(at(t, row, "source")->text, source) == 0 &&
            strcmp(at(t, row, "method")->text, method) == 0)
            return row;
    fail_msg("no row %s, %s, %s", key, source, method);
    return 0;
}

static void check_near(const struct cell *c, double want)
{
    if (c->kind != CELL_REAL || fabs(c->real - want) > 1e-9)
        fail_msg("%.12g is not %.12g", c->kind == CELL_REAL ? c->real : NAN, want);
}

static void add_all(struct archive *a, bool weights)
{
    if (weights) {
        archive_add(a, "people.csv", people);
        archive_add(a, "online.csv", online);
    }
    archive_add(a, "first.csv", first);
    archive_add(a, "second.csv", second);
    archive_add(a, "aspop-20240105.csv", networks);
    archive_add(a, "routes-20240101.csv", routes);
}

static void the_world_is_weighted_by_its_users(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    add_all(&a, true);
    struct measure_tables tables = archive_ask(&a, "adoption", NULL);
    const struct table *t = tables.at[0];
    size_t row = find(t, "world", "first", "stated");
    check_near(at(t, row, "value"), 30);
    check_near(at(t, row, "low"), 28);
    assert_string_equal(at(t, row, "interval")->text, "stated");
    // Users: KE 500, UG 300, TZ 800; JP's are nine years old. TZ's value is of two years before.
    row = find(t, "world", "first", "weighted");
    check_near(at(t, row, "value"), (500 * 20.0 + 300 * 40.0) / 800);
    check_near(at(t, row, "covered"), 50);
    assert_int_equal(at(t, row, "economies")->count, 2);
    assert_true(at(t, row, "low")->real > 20 && at(t, row, "high")->real < 35);
    row = find(t, "world", "second", "weighted");
    check_near(at(t, row, "value"), (500 * 10.0 + 800 * 5.0) / 1300);
    assert_int_equal(at(t, row, "low")->kind, CELL_EMPTY); // it states neither
    row = find(t, "world", "second", "stated");
    assert_int_equal(at(t, row, "value")->kind, CELL_EMPTY);
    assert_string_equal(at(t, row, "reason")->text, "the source states none");
    row = find(t, "world", "networks", "bound");
    check_near(at(t, row, "value"), 50);
    check_near(at(tables.at[1], 0, "lowest"), 9000.0 / 1300);
    check_near(at(tables.at[1], 0, "highest"), 30);
    check_near(at(tables.at[1], 0, "range"), 30 - 9000.0 / 1300);
    assert_int_equal(t->basis.input_count, 6);
    measure_tables_free(&tables);
    archive_close(&a);
}

static void without_users_it_is_empty_and_says_why(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    add_all(&a, false);
    struct measure_tables tables = archive_ask(&a, "adoption", "by=region", "only=africa", NULL);
    size_t row = find(tables.at[0], "africa", "first", "weighted");
    assert_int_equal(at(tables.at[0], row, "value")->kind, CELL_EMPTY);
    assert_string_equal(at(tables.at[0], row, "reason")->text, "no series of Internet users");
    measure_tables_free(&tables);
    archive_close(&a);
}

static void economies_have_their_sources_side_by_side(void **state)
{
    (void)state;
    struct archive a;
    archive_open(&a);
    add_all(&a, true);
    struct measure_tables tables = archive_ask(&a, "adoption", "by=economy", NULL);
    const struct table *t = tables.at[0];
    size_t row = find(t, "KE", "first", "stated");
    assert_string_equal(at(t, row, "interval")->text, "samples");
    check_near(at(t, row, "samples"), 100);
    assert_true(fabs(at(t, row, "low")->real - 13.337) < 0.001); // Wilson, 20 of 100
    assert_true(fabs(at(t, row, "high")->real - 28.883) < 0.001);
    check_near(at(t, find(t, "KE", "networks", "bound"), "value"), 60);
    check_near(at(t, find(t, "UG", "networks", "bound"), "value"), 0);
    assert_string_equal(at(tables.at[1], 0, "key")->text, "KE");
    check_near(at(tables.at[1], 0, "range"), 10);
    measure_tables_free(&tables);
    // As of the day before, the newer values are not there.
    tables = archive_ask(&a, "adoption", "by=economy", "on=2024-01-09", "only=KE", NULL);
    assert_int_equal(tables.at[1]->row_count, 1);
    check_near(at(tables.at[1], 0, "highest"), 10);
    measure_tables_free(&tables);
    archive_close(&a);
}

// ---- name servers

struct domain {
    const char *name, *key;
};
static const struct domain domains[] = {{"ke", "KE"}, {"ug", "UG"}, {"jp", "JP"}, {"tz", "TZ"}};

struct expected {
    unsigned domains, reachable, possible, complete, servers, with;
};

static unsigned random_below(uint64_t *seed, unsigned n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % n;
}

static void check_years(const struct table *t, const struct expected *want)
{
    for (size_t row = 0; row < t->row_count; row++) {
        const char *key = at(t, row, "key")->text;
        size_t year = (size_t)(at(t, row, "period")->text[3] - '0'), k = 0;
        while (strcmp(domains[k].key, key) != 0)
            k++;
        const struct expected *x = &want[year * 4 + k];
        assert_int_equal(at(t, row, "domains")->count, x->domains);
        assert_int_equal(at(t, row, "reachable")->count, x->reachable);
        assert_int_equal(at(t, row, "possible")->count, x->possible);
        assert_int_equal(at(t, row, "complete")->count, x->complete);
        assert_int_equal(at(t, row, "servers")->count, x->servers);
        assert_int_equal(at(t, row, "servers_ipv6")->count, x->with);
    }
}

static void domains_are_counted_as_a_naive_recount_does(void **state)
{
    (void)state;
    struct archive a;
    struct buffer b = {0};
    struct expected want[4 * 4] = {0};
    uint64_t seed = 5;
    archive_open(&a);
    buffer_text(&b, "date,cctld,nameservers,nameservers_with_aaaa_in_root,"
                    "nameservers_without_any_address_in_root\n");
    for (unsigned month = 0; month < 40; month++)
        for (unsigned k = 0; k < 4; k++) {
            if (random_below(&seed, 3) == 0)
                continue;
            unsigned all = 1 + random_below(&seed, 4), with = random_below(&seed, all + 1);
            unsigned none = random_below(&seed, all - with + 1);
            buffer_format(&b, "%u-%02u-01,%s,%u,%u,%u\n", 2020 + month / 12, 1 + month % 12,
                          domains[k].name, all, with, none);
            want[month / 12 * 4 + k] =
                (struct expected){1, with > 0, with == 0 && none > 0, with == all, all, with};
        }
    archive_add(&a, "cctld.csv", b.at);
    buffer_done(&b);
    struct measure_tables tables = archive_ask(&a, "nameservers", "by=economy", NULL);
    assert_int_equal(tables.at[0]->row_count, 16);
    check_years(tables.at[0], want);
    measure_tables_free(&tables);
    tables = archive_ask(&a, "nameservers", NULL);
    for (size_t year = 0; year < 4; year++) {
        unsigned reachable = 0, count = 0;
        for (size_t k = 0; k < 4; k++) {
            reachable += want[year * 4 + k].reachable;
            count += want[year * 4 + k].domains;
        }
        assert_int_equal(at(tables.at[0], year, "reachable")->count, reachable);
        check_near(at(tables.at[0], year, "share"), 100.0 * reachable / count);
    }
    measure_tables_free(&tables);
    archive_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_world_is_weighted_by_its_users),
        cmocka_unit_test(without_users_it_is_empty_and_says_why),
        cmocka_unit_test(economies_have_their_sources_side_by_side),
        cmocka_unit_test(domains_are_counted_as_a_naive_recount_does),
    };
    return cmocka_run_group_tests_name("adoption", tests, NULL, NULL);
}
