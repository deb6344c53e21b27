// SPDX-License-Identifier: Apache-2.0
//
// The tables as they are: complete, without contradiction, and as many members as the bodies that
// keep the lists say themselves.

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

static struct world *w;
#define TODAY date_of(2024, 12, 31) // the day for which most lists were written down

static int open_world(void **state)
{
    (void)state;
    w = load(LANGUAGE_EN);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_free(&w);
    assert_null(w);
    return 0;
}

static void test_economies(void **state)
{
    (void)state;
    assert_int_equal(world_count(w), 249); // ISO 3166-1
    for (size_t i = 1; i < world_count(w); i++)
        assert_true(world_economy(w, i - 1) < world_economy(w, i));
    assert_true(world_has(w, two("KE")));
    assert_true(world_has(w, two("SS")));
    assert_false(world_has(w, two("EU")));
    assert_false(world_has(w, two("AN")));
    assert_false(world_has(w, two("UK")));
    assert_false(world_has(w, two("ke")));
    assert_false(world_has(w, ECONOMY_NONE));
    assert_false(world_has(w, ECONOMY_ODD));
}

static void test_format(void **state)
{
    (void)state;
    char text[8];
    assert_string_equal(economy_format(two("KE"), text), "KE");
    assert_string_equal(economy_format(ECONOMY_NONE, text), "none");
    assert_string_equal(economy_format(ECONOMY_ODD, text), "??");
    assert_string_equal(economy_format(economy_of('\n', 'A'), text), "??");
    assert_string_equal(economy_format(economy_of((char)0xc3, (char)0xa9), text), "??");
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(world_find(w, slice_of("KEN")), two("KE"));
    assert_int_equal(world_find(w, slice_of("ken")), two("KE"));
    assert_int_equal(world_find(w, slice_of("404")), two("KE"));
    assert_int_equal(world_find(w, slice_of("004")), two("AF"));
    assert_int_equal(world_find(w, slice_of("4")), two("AF"));
    assert_int_equal(world_find(w, slice_of("XK")), ECONOMY_NONE);
    assert_int_equal(world_find(w, slice_of("Ke")), two("KE"));
    static const char *const wrong[] = {"",     "K",   "KENY", "000", "999",
                                        "0404", "4O4", "EUR",  " KEN"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(world_find(w, slice_of(wrong[i])), ECONOMY_NONE);
}

static void test_every_code_finds_its_economy(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct slice field[3];
    size_t rows = 0;
    table_read("world/economies.csv", &text);
    char *at = text.at;
    assert_true(table_next(&at, field, 3));
    for (; table_next(&at, field, 3); rows++)
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(world_find(w, field[i]), economy_of(field[0].at[0], field[0].at[1]));
    assert_int_equal(rows, 249);
    buffer_done(&text);
}

static unsigned bits(uint64_t n)
{
    return (unsigned)__builtin_popcountll(n);
}

static void test_partitions(void **state)
{
    (void)state;
    for (size_t i = 0; i < world_count(w); i++) {
        economy e = world_economy(w, i);
        assert_int_equal(bits(world_memberships(w, GROUPING_SUBREGION, e, TODAY)), 1);
        assert_int_equal(bits(world_memberships(w, GROUPING_ITU_REGION, e, TODAY)), 1);
        assert_int_equal(bits(world_memberships(w, GROUPING_REGION, e, TODAY)), e != two("AQ"));
        uint64_t groups = world_memberships(w, GROUPING_GROUP, e, TODAY);
        size_t developed, transition, developing;
        assert_true(world_find_group(w, GROUPING_GROUP, slice_of("developed"), &developed));
        assert_true(world_find_group(w, GROUPING_GROUP, slice_of("transition"), &transition));
        assert_true(world_find_group(w, GROUPING_GROUP, slice_of("developing"), &developing));
        uint64_t three =
            (uint64_t)1 << developed | (uint64_t)1 << transition | (uint64_t)1 << developing;
        assert_int_equal(bits(groups & three), e != two("AQ"));
    }
}

// UN M49 lists 248 countries and areas; here Taiwan (TW) is added to Eastern Asia, and Antarctica,
// which M49 has in no region, stands alone.
static void test_m49_counts(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        size_t count;
    } regions[] = {{"africa", 60},
                   {"americas", 57},
                   {"asia", 50 + 1},
                   {"europe", 51},
                   {"oceania", 29}},
      subregions[] = {{"northern-africa", 7},
                      {"sub-saharan-africa", 53},
                      {"latin-america-caribbean", 52},
                      {"northern-america", 5},
                      {"central-asia", 5},
                      {"eastern-asia", 7 + 1},
                      {"south-eastern-asia", 11},
                      {"southern-asia", 9},
                      {"western-asia", 18},
                      {"eastern-europe", 10},
                      {"northern-europe", 16},
                      {"southern-europe", 16},
                      {"western-europe", 9},
                      {"australia-new-zealand", 6},
                      {"melanesia", 5},
                      {"micronesia", 8},
                      {"polynesia", 10},
                      {"antarctica", 1}};
    assert_int_equal(world_group_count(w, GROUPING_REGION), 5);
    assert_int_equal(world_group_count(w, GROUPING_SUBREGION), 18);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(members(w, GROUPING_REGION, regions[i].key, TODAY), regions[i].count);
    for (size_t i = 0; i < 18; i++)
        assert_int_equal(members(w, GROUPING_SUBREGION, subregions[i].key, TODAY),
                         subregions[i].count);
}

// The ITU's regional offices: 44 Member States in Africa, 35 in the Americas, 22 in the Arab States
// (with the State of Palestine), 39 in Asia and the Pacific, 9 in the CIS, 46 in Europe. The rows
// without a doubt are these.
static void test_itu_counts(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        size_t count;
    } regions[] = {{"africa", 44},       {"americas", 35}, {"arab-states", 22},
                   {"asia-pacific", 39}, {"cis", 9},       {"europe", 46}};
    assert_int_equal(world_group_count(w, GROUPING_ITU_REGION), 6);
    for (size_t i = 0; i < 6; i++) {
        struct buffer text = {0};
        struct slice field[5];
        size_t sure = 0;
        table_read("world/itu-regions.csv", &text);
        for (char *at = text.at; table_next(&at, field, 5);)
            sure += slice_is(field[0], regions[i].key) && field[4].length == 0;
        assert_int_equal(sure, regions[i].count);
        buffer_done(&text);
    }
    assert_true(member(w, GROUPING_ITU_REGION, "arab-states", "SD", TODAY));
    assert_true(member(w, GROUPING_ITU_REGION, "europe", "UA", TODAY));
    assert_true(member(w, GROUPING_ITU_REGION, "africa", "TZ", TODAY));
}

// The number of least developed countries as UN-OHRLLS and UNCTAD's yearly reports state it, on the
// days on which it changed and the days before them.
static void test_ldc_counts(void **state)
{
    (void)state;
    static const struct {
        int year;
        unsigned month, day;
        size_t count;
    } known[] = {
        {1971, 11, 17, 0},  {1971, 11, 18, 24}, {2001, 6, 30, 49},  {2004, 6, 30, 50},
        {2007, 12, 19, 50}, {2007, 12, 20, 49}, {2010, 12, 31, 49}, {2011, 1, 1, 48},
        {2012, 12, 17, 48}, {2012, 12, 18, 49}, {2013, 12, 31, 49}, {2014, 1, 1, 48},
        {2017, 6, 3, 48},   {2017, 6, 4, 47},   {2017, 6, 5, 47},   {2020, 12, 3, 47},
        {2020, 12, 4, 46},  {2023, 12, 12, 46}, {2023, 12, 13, 45}, {2024, 12, 12, 45},
        {2024, 12, 13, 44}, {2024, 12, 31, 44},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        date on = date_of(known[i].year, known[i].month, known[i].day);
        char text[DATE_TEXT_MAX];
        size_t count = members(w, GROUPING_GROUP, "ldc", on);
        if (count != known[i].count)
            fail_msg("%s: %zu members, %zu wanted", date_format(on, text), count, known[i].count);
    }
}

static void test_ldc_dates(void **state)
{
    (void)state;
    assert_true(member(w, GROUPING_GROUP, "ldc", "BT", date_of(2023, 12, 12)));
    assert_false(member(w, GROUPING_GROUP, "ldc", "BT", date_of(2023, 12, 13)));
    assert_false(member(w, GROUPING_GROUP, "ldc", "BT", DATE_MAX));
    assert_true(member(w, GROUPING_GROUP, "ldc", "ET", DATE_MAX));
    assert_false(member(w, GROUPING_GROUP, "ldc", "ET", DATE_NONE));
    assert_true(member(w, GROUPING_GROUP, "lldc", "ET", DATE_NONE));
    assert_true(member(w, GROUPING_GROUP, "ldc", "SS", date_of(2012, 12, 18)));
    assert_false(member(w, GROUPING_GROUP, "ldc", "SS", date_of(2012, 12, 17)));
    assert_false(member(w, GROUPING_GROUP, "ldc", "KE", TODAY));
}

// UN-OHRLLS: 32 landlocked developing countries; 39 small island developing States and 18 associate
// members of regional commissions. WESP: 36 developed economies, 17 in transition, 126 developing;
// those rows have no doubt, or one that names another body.
static void test_group_counts(void **state)
{
    (void)state;
    assert_int_equal(members(w, GROUPING_GROUP, "lldc", TODAY), 32);
    assert_int_equal(members(w, GROUPING_GROUP, "sids", TODAY), 39);
    assert_int_equal(members(w, GROUPING_GROUP, "sids-associate", TODAY), 18);
    struct buffer text = {0};
    struct slice field[5];
    size_t listed[3] = {0};
    static const char *const keys[] = {"developed", "transition", "developing"};
    table_read("world/development.csv", &text);
    for (char *at = text.at; table_next(&at, field, 5);)
        for (size_t i = 0; i < 3; i++)
            listed[i] += slice_is(field[0], keys[i]) &&
                         !(field[4].length > 6 && memcmp(field[4].at, "not in", 6) == 0);
    assert_int_equal(listed[0], 36);
    assert_int_equal(listed[1], 17);
    assert_int_equal(listed[2], 126);
    buffer_done(&text);
}

// What follows from the definitions of the groups.
static void test_groups_agree(void **state)
{
    (void)state;
    size_t developed, developing, poor, landlocked, island, associate;
    assert_true(world_find_group(w, GROUPING_GROUP, slice_of("developed"), &developed));
    assert_true(world_find_group(w, GROUPING_GROUP, slice_of("developing"), &developing));
    assert_true(world_find_group(w, GROUPING_GROUP, slice_of("ldc"), &poor));
    assert_true(world_find_group(w, GROUPING_GROUP, slice_of("lldc"), &landlocked));
    assert_true(world_find_group(w, GROUPING_GROUP, slice_of("sids"), &island));
    assert_true(world_find_group(w, GROUPING_GROUP, slice_of("sids-associate"), &associate));
    for (size_t i = 0; i < world_count(w); i++) {
        uint64_t in = world_memberships(w, GROUPING_GROUP, world_economy(w, i), TODAY);
        if (in >> poor & 1)
            assert_true(in >> developing & 1);
        if (in >> landlocked & 1)
            assert_false((in >> island & 1) || (in >> developed & 1));
        assert_false((in >> island & 1) && (in >> associate & 1));
    }
}

static void test_groups_are_found(void **state)
{
    (void)state;
    for (enum grouping g = 0; g < GROUPING_COUNT; g++) {
        assert_non_null(strstr(world_group_source(w, g), "https://"));
        for (size_t i = 0; i < world_group_count(w, g); i++) {
            size_t found = SIZE_MAX;
            assert_true(world_find_group(w, g, slice_of(world_group_key(w, g, i)), &found));
            assert_int_equal(found, i);
        }
        size_t found = 42;
        assert_false(world_find_group(w, g, slice_of("atlantis"), &found));
        assert_int_equal(found, 42);
        assert_false(world_is_member(w, g, 63, two("KE"), TODAY));
        assert_false(world_is_member(w, g, 64, two("KE"), TODAY));
        assert_int_equal(world_memberships(w, g, ECONOMY_NONE, TODAY), 0);
        assert_int_equal(world_memberships(w, g, ECONOMY_ODD, TODAY), 0);
        assert_int_equal(world_memberships(w, g, two("EU"), TODAY), 0);
    }
    assert_non_null(strstr(world_group_source(w, GROUPING_GROUP), "landlocked"));
}

// Is the economy in the group on that day? By reading the whole table again.
static bool naive_member(char *text, const char *key, economy e, date on)
{
    struct slice field[5];
    bool found = false;
    for (char *at = text; table_next(&at, field, 5);) {
        date from = DATE_NONE, to = DATE_MAX;
        date_parse(field[2], &from);
        date_parse(field[3], &to);
        found |= slice_is(field[0], key) && economy_of(field[1].at[0], field[1].at[1]) == e &&
                 from <= on && on < to;
    }
    return found;
}

static void test_against_naive_reading(void **state)
{
    (void)state;
    static const char *const tables[] = {"development", "ldc", "lldc", "sids"};
    struct buffer text[4] = {0};
    char name[32];
    for (size_t i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "world/%s.csv", tables[i]);
        table_read(name, &text[i]);
    }
    srand(20240607);
    for (int n = 0; n < 3000; n++) {
        date on = date_of(1970, 1, 1) + rand() % (61 * 365);
        economy e = world_economy(w, (size_t)rand() % world_count(w));
        uint64_t in = world_memberships(w, GROUPING_GROUP, e, on);
        size_t group = (size_t)rand() % world_group_count(w, GROUPING_GROUP);
        bool wanted = false;
        for (size_t i = 0; i < 4; i++)
            wanted |= naive_member(text[i].at, world_group_key(w, GROUPING_GROUP, group), e, on);
        assert_int_equal(in >> group & 1, wanted);
        assert_int_equal(world_is_member(w, GROUPING_GROUP, group, e, on), wanted);
    }
    for (size_t i = 0; i < 4; i++)
        buffer_done(&text[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_economies),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_every_code_finds_its_economy),
        cmocka_unit_test(test_partitions),
        cmocka_unit_test(test_m49_counts),
        cmocka_unit_test(test_itu_counts),
        cmocka_unit_test(test_ldc_counts),
        cmocka_unit_test(test_ldc_dates),
        cmocka_unit_test(test_group_counts),
        cmocka_unit_test(test_groups_agree),
        cmocka_unit_test(test_groups_are_found),
        cmocka_unit_test(test_against_naive_reading),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
