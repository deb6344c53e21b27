// SPDX-License-Identifier: Apache-2.0
//
// The tables against one that somebody else wrote down (datasets/country-codes, of 2024-09, before
// São Tomé and Príncipe left the LDCs). Every disagreement is named here; a new one fails. Skipped
// where that table is not at hand: SEXTANT_SHARED_DATA/world/country-codes.csv.

#include "support.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COLUMNS_MAX 80

static struct world *w;
static struct buffer text;
static struct slice heading[COLUMNS_MAX];
static size_t columns;
#define LISTED_ON date_of(2024, 9, 30)

static void open_table(void)
{
    const char *folder = getenv("SEXTANT_SHARED_DATA");
    char path[FILE_PATH_MAX];
    struct err e = {0};
    snprintf(path, sizeof path, "%s/world/country-codes.csv", folder ? folder : SHARED_DATA);
    if (access(path, R_OK) != 0) {
        print_message("skipped: no %s to compare with; SEXTANT_SHARED_DATA names its folder\n",
                      path);
        skip();
    }
    buffer_done(&text);
    if (file_read(path, 1 << 20, &text, &e))
        fail_msg("%s", e.text);
}

// The next row; a quoted field may span lines.
static bool next_row(char **at, struct slice *fields)
{
    if (!**at)
        return false;
    char *line = *at, *end = line;
    for (bool quoted = false; *end && (quoted || *end != '\n'); end++)
        quoted ^= *end == '"';
    *at = *end ? end + 1 : end;
    columns = 0;
    while (columns < COLUMNS_MAX && csv_field(&line, end, &fields[columns]))
        columns++;
    return true;
}

static struct slice column(const struct slice *fields, const char *name)
{
    for (size_t i = 0; i < columns; i++)
        if (slice_is(slice_trim(heading[i]), name))
            return slice_trim(fields[i]);
    fail_msg("no column \"%s\"", name);
    return (struct slice){0};
}

static int open_world(void **state)
{
    (void)state;
    w = load(LANGUAGE_EN);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    world_free(&w);
    buffer_done(&text);
    return 0;
}

static void test_codes(void **state)
{
    (void)state;
    struct slice field[COLUMNS_MAX];
    size_t rows = 0;
    open_table();
    char *at = text.at;
    assert_true(next_row(&at, heading));
    for (; next_row(&at, field); rows++) {
        struct slice alpha2 = column(field, "ISO3166-1-Alpha-2");
        economy e = world_find(w, alpha2);
        assert_int_not_equal(e, ECONOMY_NONE);
        assert_int_equal(world_find(w, column(field, "ISO3166-1-Alpha-3")), e);
        assert_int_equal(world_find(w, column(field, "ISO3166-1-numeric")), e);
    }
    assert_int_equal(rows, world_count(w));
}

static void test_subregions(void **state)
{
    (void)state;
    struct slice field[COLUMNS_MAX];
    open_table();
    char *at = text.at;
    assert_true(next_row(&at, heading));
    while (next_row(&at, field)) {
        economy e = world_find(w, column(field, "ISO3166-1-Alpha-2"));
        if (e == two("AQ"))
            continue; // theirs: none; ours: alone
        uint64_t in = world_memberships(w, GROUPING_SUBREGION, e, LISTED_ON);
        assert_true(slice_is(column(field, "Sub-region Name"),
                             world_group_name(w, GROUPING_SUBREGION, (size_t)__builtin_ctzll(in))));
    }
}

// Compares one group (or two together) with a column of marks; `apart` are codes that differ.
static void compare(const char *name, const char *key, const char *other, const char *apart)
{
    struct slice field[COLUMNS_MAX];
    open_table();
    char *at = text.at, code[8];
    assert_true(next_row(&at, heading));
    while (next_row(&at, field)) {
        economy e = world_find(w, column(field, "ISO3166-1-Alpha-2"));
        economy_format(e, code);
        bool theirs = column(field, name).length > 0;
        bool ours = member(w, GROUPING_GROUP, key, code, LISTED_ON) ||
                    (other && member(w, GROUPING_GROUP, other, code, LISTED_ON));
        if ((ours != theirs) != (strstr(apart, code) != NULL))
            fail_msg("%s %s: ours %d, theirs %d", key, code, ours, theirs);
    }
}

static void test_groups(void **state)
{
    (void)state;
    compare("Least Developed Countries (LDC)", "ldc", NULL, "");
    compare("Land Locked Developing Countries (LLDC)", "lldc", NULL, "");
    // Theirs is M49's list, ours UN-OHRLLS's.
    compare("Small Island Developing States (SIDS)", "sids", "sids-associate", "BM BQ GP KY MQ TC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_subregions),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, open_world, close_all);
}
