// SPDX-License-Identifier: Apache-2.0
//
// Tables that are not what they should be: each is refused whole, with the file and the line, or
// taken; none does harm. And a world that cannot be loaded for want of memory.

#include "support.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const tables[] = {"economies",  "names-en",    "codes",       "groups",
                                     "subregions", "itu-regions", "development", "ldc",
                                     "lldc",       "sids",        "domains"};
#define TABLES (sizeof tables / sizeof *tables)

static char folder[] = "/tmp/sextant-world-XXXXXX";
static struct buffer good[TABLES];

static void write_table(size_t i, const char *bytes, size_t length)
{
    char path[256];
    snprintf(path, sizeof path, "%s/world/%s.csv", folder, tables[i]);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

static int copy_tables(void **state)
{
    (void)state;
    char name[64];
    unsetenv("SEXTANT_DATA");
    assert_non_null(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/world", folder);
    assert_int_equal(mkdir(name, 0777), 0);
    for (size_t i = 0; i < TABLES; i++) {
        snprintf(name, sizeof name, "world/%s.csv", tables[i]);
        table_read(name, &good[i]);
        write_table(i, good[i].at, good[i].length);
    }
    setenv("SEXTANT_DATA", folder, 1);
    return 0;
}

static int remove_tables(void **state)
{
    (void)state;
    char path[256];
    for (size_t i = 0; i < TABLES; i++) {
        snprintf(path, sizeof path, "%s/world/%s.csv", folder, tables[i]);
        unlink(path);
        buffer_done(&good[i]);
    }
    snprintf(path, sizeof path, "%s/world", folder);
    rmdir(path);
    return rmdir(folder);
}

static size_t table_index(const char *name)
{
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(tables[i], name) == 0)
            return i;
    fail_msg("no table %s", name);
    return 0;
}

static void expect_refusal(const char *table, const char *message)
{
    struct world *w = (struct world *)folder; // must stay untouched
    struct err e = {0};
    int code = world_load(LANGUAGE_EN, &w, &e);
    if (code != ERR_INPUT || !strstr(e.text, message) || !strstr(e.text, table))
        fail_msg("%s: wanted \"%s\", got %d \"%s\"", table, message, code, e.text);
    assert_ptr_equal(w, folder);
}

// The table with the first `old` replaced by `new`; "" appends at the end.
static void change(size_t i, const char *old, const char *new)
{
    struct buffer b = {0};
    const char *at = *old ? strstr(good[i].at, old) : good[i].at + good[i].length;
    if (!at)
        fail_msg("%s has no \"%s\"", tables[i], old);
    buffer_add(&b, good[i].at, (size_t)(at - good[i].at));
    buffer_text(&b, new);
    buffer_text(&b, at + strlen(old));
    write_table(i, b.at, b.length);
    buffer_done(&b);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *table, *old, *new, *message;
    } cases[] = {
        {"economies", "economy,alpha3", "economy,alpha4", "csv:6: heading"},
        {"economies", "AD,AND,020", "AD,AND", "csv:7: 2 columns where the heading has 3"},
        {"economies", "AD,AND,020", "AD,AND,020,x", "4 columns"},
        {"economies", "AD,AND,020", "ad,AND,020", "\"ad\" where a code of two capitals"},
        {"economies", "AD,AND,020", "AD,AN,020", "three capitals"},
        {"economies", "AD,AND,020", "AD,AND,20", "three capitals"},
        {"economies", "AD,AND,020", "AD,AND,784", "csv:8: a code of AE is given twice"},
        {"economies", "AE,ARE,784", "AD,ARE,784", "out of order"},
        {"economies", "AE,ARE,784", "AE,AND,784", "given twice"},
        {"economies", "AD,AND,020", "AD,A\001D,020", "control character"},
        {"economies", "AD,AND,020", "AD,\"AND,020", "quotation mark"},
        {"economies", "ZW,ZWE,716", "", "is not in economies.csv"},
        {"names-en", "KE,Kenya\n", "", "no name for KE"},
        {"names-en", "KE,Kenya", "KE,", "an empty name"},
        {"names-en", "KE,Kenya", "XX,Kenya", "XX is not in economies.csv"},
        {"codes", "none,not", "nome,not", "\"nome\" where a code"},
        {"codes", "none,not", "# none,not", "\"none\" and"},
        {"codes", "EU,\"European", "KE,\"European", "KE is an economy"},
        {"groups", "region,africa", "continent,africa", "\"continent\" is no grouping"},
        {"groups", "region,asia,", "region,africa,", "\"africa\" is given twice"},
        {"groups", ",northern-africa,africa,", ",northern-africa,gondwana,", "is no region above"},
        {"groups", "group,ldc,,Least", "group,lcd,,Least", "\"ldc\" is no group"},
        {"subregions", "# source:", "# sauce:", "csv:1: comments"},
        {"subregions", "# date: 2024", "# date: x024", "csv:1: comments"},
        {"subregions", ",AD,", ",AE,", "a second membership of AE"},
        {"subregions", ",AD,", ",XX,", "XX is not in economies.csv"},
        {"ldc", "AF,1971-11-18", "AF,1971-11-31", "\"1971-11-31\" is no date"},
        {"ldc", "2023-12-13", "1970-12-13", "ends before it begins"},
        {"ldc", "", "ldc,AF,2024-01-01,2025-01-01,\n", "a second membership of AF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t table = table_index(cases[i].table);
        change(table, cases[i].old, cases[i].new);
        expect_refusal("", cases[i].message);
        write_table(table, good[table].at, good[table].length);
    }
    struct world *w = load(LANGUAGE_EN);
    world_free(&w);
}

static void test_member_that_comes_back(void **state)
{
    (void)state;
    size_t table = table_index("ldc");
    change(table, "", "ldc,BT,2030-01-01,,\n\n");
    struct world *w = load(LANGUAGE_EN);
    assert_true(member(w, GROUPING_GROUP, "ldc", "BT", date_of(2023, 12, 12)));
    assert_false(member(w, GROUPING_GROUP, "ldc", "BT", date_of(2029, 12, 31)));
    assert_true(member(w, GROUPING_GROUP, "ldc", "BT", date_of(2030, 1, 1)));
    world_free(&w);
    write_table(table, good[table].at, good[table].length);
}

static void test_limits(void **state)
{
    (void)state;
    struct buffer b = {0};
    size_t table = table_index("ldc");
    buffer_add(&b, good[table].at, good[table].length);
    for (int i = 0; i < 5000; i++) {
        char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
        buffer_format(&b, "ldc,KE,%s,%s,\n", date_format(i, from), date_format(i + 1, to));
    }
    write_table(table, b.at, b.length);
    expect_refusal("ldc.csv", "more than 4096 memberships");
    buffer_done(&b);

    table = table_index("groups");
    for (int i = 0; i < 60; i++)
        buffer_format(&b, "group,g%d,,x,x,x,x,x,x\n", i);
    struct buffer all = {0};
    buffer_add(&all, good[table].at, good[table].length);
    buffer_add(&all, b.at, b.length);
    write_table(table, all.at, all.length);
    expect_refusal("groups.csv", "more than 64");
    buffer_done(&all);
    buffer_done(&b);
    for (size_t i = 0; i < TABLES; i++)
        write_table(i, good[i].at, good[i].length);
}

static void test_missing_and_oversized(void **state)
{
    (void)state;
    struct world *w = NULL;
    struct err e = {0};
    assert_int_equal(world_load(LANGUAGE_RU, &w, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "names-ru.csv"));
    size_t table = table_index("codes");
    struct buffer b = {0};
    for (size_t i = 0; i <= ((size_t)1 << 20); i++)
        buffer_char(&b, '#');
    write_table(table, b.at, b.length);
    assert_int_equal(world_load(LANGUAGE_EN, &w, &e), ERR_LIMIT);
    assert_null(w);
    write_table(table, "", 0);
    assert_int_equal(world_load(LANGUAGE_EN, &w, &e), ERR_INPUT);
    assert_non_null(strstr(e.text, "no heading"));
    write_table(table, good[table].at, good[table].length);
    buffer_done(&b);
}

// Bytes changed, dropped or doubled at random: loaded or refused, and then freed.
static void test_random_damage(void **state)
{
    (void)state;
    size_t refused = 0;
    srand(7020);
    for (int n = 0; n < 600; n++) {
        size_t table = (size_t)rand() % TABLES;
        struct buffer b = {0};
        buffer_add(&b, good[table].at, good[table].length);
        for (int k = rand() % 4; k >= 0; k--)
            b.at[(size_t)rand() % b.length] = rand() % 3 ? ",\n\"#A0"[rand() % 6] : (char)rand();
        write_table(table, b.at, rand() % 4 ? b.length : (size_t)rand() % b.length);
        struct world *w = NULL;
        struct err e = {0};
        int code = world_load(LANGUAGE_EN, &w, &e);
        assert_true(code == 0 || code == ERR_INPUT);
        assert_true((code == 0) == (w != NULL));
        assert_true(code == 0 || strstr(e.text, ".csv:") != NULL);
        refused += code != 0;
        world_free(&w);
        buffer_done(&b);
        write_table(table, good[table].at, good[table].length);
    }
    assert_in_range(refused, 100, 599);
}

static size_t allocations_left = SIZE_MAX;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);

static bool is_refused(void)
{
    if (allocations_left == SIZE_MAX)
        return false;
    return allocations_left == 0 || allocations_left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    return is_refused() ? NULL : __real_realloc(at, size);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct world *w = NULL;
    struct err e = {0};
    size_t n = 0;
    for (int code = -1; code != 0; n++) {
        allocations_left = n;
        code = world_load(LANGUAGE_EN, &w, &e);
        allocations_left = SIZE_MAX;
        assert_true(code == 0 || (code == ERR_MEMORY && !w));
        assert_true(n < 10000);
    }
    assert_true(n > 20);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_member_that_comes_back),
        cmocka_unit_test(test_limits),        cmocka_unit_test(test_missing_and_oversized),
        cmocka_unit_test(test_random_damage), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, copy_tables, remove_tables);
}
