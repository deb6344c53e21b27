// SPDX-License-Identifier: Apache-2.0
//
// The archive as a file: what is refused, what is found odd, which snapshots count, two programs at
// once.

#include "base/buffer.h"
#include "store/store.h"
#include "version_1.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[64], path[96];
    struct store *store;
    struct importer *importer;
    struct err err;
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/sextant-store-XXXXXX");
    if (!p || !mkdtemp(p->folder))
        return -1;
    snprintf(p->path, sizeof p->path, "%s/new/archive.sextant", p->folder);
    *state = p;
    return 0;
}

static void open_archive(struct place *p)
{
    assert_int_equal(store_open(p->path, STORE_WRITE, &p->store, &p->err), 0);
    assert_int_equal(importer_new(p->store, &p->importer, &p->err), 0);
}

static int tear_down(void **state)
{
    struct place *p = *state;
    char name[128];
    static const char *const ends[] = {"", "-wal", "-shm"};
    importer_free(&p->importer);
    store_close(&p->store);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
        unlink(name);
    }
    snprintf(name, sizeof name, "%s/new", p->folder);
    rmdir(name);
    rmdir(p->folder);
    free(p);
    return 0;
}

static int add(struct place *p, const char *text, struct import_result *ret)
{
    struct source *source;
    assert_int_equal(source_open_memory("f", text, strlen(text), NULL, &source, &p->err), 0);
    int code = importer_add(p->importer, source, NULL, ret, &p->err);
    source_close(&source);
    return code;
}

// ---- what is refused

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void refuse(struct place *p, enum store_mode mode, int code, const char *words)
{
    assert_int_equal(store_open(p->path, mode, &p->store, &p->err), code);
    if (!strstr(p->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", p->err.text, words);
    assert_null(p->store);
}

static void test_missing(void **state)
{
    struct place *p = *state;
    refuse(p, STORE_READ, ERR_NOT_FOUND, "no archive there");
    snprintf(p->path, sizeof p->path, "%s", p->folder);
    refuse(p, STORE_WRITE, ERR_STORE, "not a file");
}

static void test_foreign(void **state)
{
    struct place *p = *state;
    open_archive(p);
    importer_free(&p->importer);
    store_close(&p->store);
    run_sql(p->path, "PRAGMA user_version = 99");
    refuse(p, STORE_WRITE, ERR_STORE, "version 99");
    unlink(p->path);
    run_sql(p->path, "CREATE TABLE cities (name TEXT)");
    refuse(p, STORE_WRITE, ERR_STORE, "another program");
    unlink(p->path);
    FILE *f = fopen(p->path, "w");
    for (unsigned i = 0; i < 400; i++)
        fputs("This is a letter, not a database.\n", f);
    fclose(f);
    refuse(p, STORE_WRITE, ERR_STORE, "not a Sextant archive");
    unlink(p->path);
    fclose(fopen(p->path, "w"));
    refuse(p, STORE_READ, ERR_NOT_FOUND, "empty");
}

// ---- an archive of version 1

static int count_input(const struct input *i, void *arg)
{
    unsigned *counts = arg;
    counts[0]++;
    counts[1] += i->counts;
    assert_string_equal(i->subject, i->id == 1 ? "apnic" : "population");
    return 0;
}

static int count_lifetime(const struct lifetime *l, void *arg)
{
    assert_int_equal(l->first, 18262);
    assert_true(l->open);
    ++*(unsigned *)arg;
    return 0;
}

static void print_problem(const char *text, void *arg)
{
    (void)arg;
    print_error("%s\n", text);
}

static void check_converted(struct place *p)
{
    struct series people;
    unsigned inputs[2] = {0}, lifetimes = 0;
    uint64_t problems = 1;
    double value = 0;
    struct scan all = {FAMILY_IPV6, ~0u, STATUS_ALL, NULL, NULL};
    assert_int_equal(store_inputs(p->store, count_input, inputs, &p->err), 0);
    assert_int_equal(inputs[0], 2);
    assert_int_equal(inputs[1], 2);
    assert_int_equal(store_scan(p->store, &all, count_lifetime, &lifetimes, &p->err), 0);
    assert_int_equal(lifetimes, 1);
    assert_int_equal(store_series(p->store, "population", &people, &p->err), 0);
    assert_int_equal(people.count, 3);
    assert_string_equal(people.sha256, "bb22");
    assert_string_equal(people.source, "people.csv");
    assert_true(series_value(&people, economy_of('K', 'E'), 2019, &value) && value == 52.5);
    assert_true(series_value(&people, economy_of('N', 'E'), 2024, &value) && value == 24.25);
    assert_false(series_value(&people, economy_of('N', 'E'), 2019, &value));
    series_free(&people);
    assert_int_equal(store_check(p->store, print_problem, NULL, &problems, &p->err), 0);
    assert_int_equal(problems, 0);
}

static void test_version_1(void **state)
{
    struct place *p = *state;
    open_archive(p); // for its folder
    importer_free(&p->importer);
    store_close(&p->store);
    unlink(p->path);
    run_sql(p->path, version_1);
    run_sql(p->path, version_1_rows);
    refuse(p, STORE_READ, ERR_STORE, "older sextant");
    open_archive(p);
    check_converted(p);
    importer_free(&p->importer);
    store_close(&p->store);
    assert_int_equal(store_open(p->path, STORE_READ, &p->store, &p->err), 0);
    check_converted(p);
}

// ---- findings

static uint64_t found[FINDING_COUNT_OF_KINDS];

static int count_finding(const struct input_finding *f, void *arg)
{
    (void)arg;
    found[f->kind] = f->count;
    return 0;
}

static void test_findings(void **state)
{
    struct place *p = *state;
    struct import_result r;
    open_archive(p);
    assert_int_equal(add(p,
                         "2.3|apnic|20200101|6|19830101|20200101|+0000\n"
                         "apnic|*|ipv6|*|6|summary\n"
                         "apnic|JP|ipv6|2400::|32|20100101|allocated|A\n"
                         "apnic|JP|ipv6|2400::|32|20100101|allocated|A\n"
                         "apnic|KR|ipv6|2400:0:8000::|33|20100101|allocated|B\n"
                         "apnic|KR|ipv6|2600::|32|20100101|allocated|B\n"
                         "apnic|kr|ipv6|2400:1::|32|20100101|allocated|B\n"
                         "apnic|KR|ipv6|2400:2::|32||allocated|B\n",
                         &r),
                     0);
    assert_int_equal(r.outcome, IMPORT_TAKEN);
    memset(found, 0, sizeof found);
    assert_int_equal(store_findings(p->store, r.input, count_finding, NULL, &p->err), 0);
    assert_int_equal(found[FINDING_DUPLICATE], 1);
    assert_int_equal(found[FINDING_OVERLAP], 1);
    assert_int_equal(found[FINDING_OUTSIDE], 1);
    assert_int_equal(found[FINDING_ECONOMY], 1);
    assert_int_equal(found[FINDING_UNDATED], 1);
    assert_int_equal(r.findings, 5);
}

static void test_refused_file_changes_nothing(void **state)
{
    struct place *p = *state;
    struct import_result r;
    int64_t before, after;
    open_archive(p);
    assert_int_equal(add(p,
                         "2|apnic|20200101|1|19830101|20200101|+0000\n"
                         "apnic|JP|ipv6|2400::|32|20100101|allocated\n",
                         &r),
                     0);
    assert_int_equal(store_revision(p->store, &before, &p->err), 0);
    assert_int_equal(add(p,
                         "2|apnic|20200102|3|19830101|20200102|+0000\n"
                         "apnic|JP|ipv6|2400:5::|32|20100101|allocated\n",
                         &r),
                     ERR_INPUT);
    assert_string_equal(p->err.text, "f:2: the file is cut: 1 records, the version line says 3");
    assert_int_equal(store_revision(p->store, &after, &p->err), 0);
    assert_int_equal(before, after);
    assert_int_equal(add(p,
                         "2|apnic|20200102|1|19830101|20200102|+0000\n"
                         "apnic|JP|ipv6|2400::|32|20100101|allocated\n",
                         &r),
                     0);
    assert_int_equal(r.appeared, 0);
    assert_int_equal(r.gone, 0);
}

// ---- dips

static void add_day(struct place *p, unsigned day, unsigned records, struct import_result *r)
{
    struct buffer text = {0};
    buffer_format(&text, "2|afrinic|202107%02u|%u|19830101|202107%02u|+0000\n", day, records, day);
    for (unsigned i = 0; i < records; i++)
        buffer_format(&text, "afrinic|ZA|ipv6|2c00:%x::|32|20100101|allocated\n", i + 1);
    assert_int_equal(add(p, text.at, r), 0);
    buffer_done(&text);
}

static const struct snapshot *find_day(const struct snapshot_list *l, unsigned day)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->at[i].date == date_of(2021, 7, day))
            return &l->at[i];
    fail_msg("no snapshot of day %u", day);
    return NULL;
}

static date known_on(const struct snapshot_list *l, unsigned day)
{
    const struct snapshot *known[REGISTRY_COUNT];
    snapshot_known(l, FAMILY_IPV6, date_of(2021, 7, day), known);
    return known[REGISTRY_AFRINIC] ? known[REGISTRY_AFRINIC]->date : DATE_NONE;
}

static void test_dip(void **state)
{
    struct place *p = *state;
    struct import_result r;
    struct snapshot_list l;
    open_archive(p);
    add_day(p, 20, 100, &r);
    assert_false(r.suspect);
    add_day(p, 22, 50, &r);
    assert_true(r.suspect);
    assert_int_equal(r.gone, 50);
    assert_int_equal(store_snapshots(p->store, &l, &p->err), 0);
    assert_true(find_day(&l, 22)->suspect); // not yet confirmed
    snapshot_list_free(&l);
    add_day(p, 23, 99, &r);
    assert_int_equal(store_snapshots(p->store, &l, &p->err), 0);
    assert_true(find_day(&l, 22)->suspect);
    assert_false(find_day(&l, 23)->suspect);
    assert_int_equal(known_on(&l, 19), DATE_NONE);
    assert_int_equal(known_on(&l, 21), date_of(2021, 7, 20)); // a gap
    assert_int_equal(known_on(&l, 22), date_of(2021, 7, 20)); // the dip
    assert_int_equal(known_on(&l, 30), date_of(2021, 7, 23));
    snapshot_list_free(&l);
}

// ---- touching

static int count_touching(const struct lifetime *l, void *arg)
{
    (void)l;
    ++*(unsigned *)arg;
    return 0;
}

static unsigned touching(struct place *p, const char *what)
{
    struct range range;
    unsigned count = 0;
    assert_true(range_parse(slice_of(what), &range));
    struct scan scan = {range.family, ~0u, STATUS_ALL, NULL, &range};
    assert_int_equal(store_scan(p->store, &scan, count_touching, &count, &p->err), 0);
    return count;
}

static void test_touching(void **state)
{
    struct place *p = *state;
    struct import_result r;
    open_archive(p);
    assert_int_equal(add(p,
                         "2|apnic|20200101|6|19830101|20200101|+0000\n"
                         "apnic|JP|ipv6|2400::|12|20100101|allocated\n"
                         "apnic|JP|ipv6|2400:1::|32|20100101|allocated\n"
                         "apnic|JP|ipv4|192.0.2.0|100|20100101|allocated\n"
                         "apnic|JP|ipv4|198.51.100.0|256|20100101|allocated\n"
                         "apnic|JP|asn|64496|16|20100101|allocated\n"
                         "apnic|JP|asn|65536|16|20100101|allocated\n",
                         &r),
                     0);
    assert_int_equal(touching(p, "2400:1::1"), 2);
    assert_int_equal(touching(p, "2400:2::/32"), 1);
    assert_int_equal(touching(p, "2000::/3"), 2);
    assert_int_equal(touching(p, "2800::/12"), 0);
    assert_int_equal(touching(p, "192.0.2.99"), 1);
    assert_int_equal(touching(p, "192.0.2.100"), 0);
    assert_int_equal(touching(p, "0.0.0.0/0"), 2);
    assert_int_equal(touching(p, "AS64511"), 1);
    assert_int_equal(touching(p, "AS64512"), 0);
    assert_int_equal(touching(p, "AS64500-AS65540"), 2);
}

// ---- the NRO's combined file

static void test_combined(void **state)
{
    struct place *p = *state;
    struct import_result r;
    struct snapshot_list l;
    open_archive(p);
    static const char combined[] = "2|nro|20200101|2|19830101|20200101|+0000\n"
                                   "apnic|JP|ipv6|2400::|32|20100101|allocated|A|e-stats\n"
                                   "arin|US|ipv6|2600::|32|20100101|allocated|B|e-stats\n";
    static const char own[] = "2.3|apnic|20200101|1|19830101|20200101|+0000\n"
                              "apnic|JP|ipv6|2400:9::|32|20100101|allocated|A\n";
    assert_int_equal(add(p, combined, &r), 0);
    assert_int_equal(r.outcome, IMPORT_TAKEN);
    assert_int_equal(add(p, own, &r), 0);
    assert_int_equal(r.outcome, IMPORT_TAKEN);
    assert_int_equal(touching(p, "2400:9::/32"), 1);
    assert_int_equal(touching(p, "2400::/32"), 0);
    assert_int_equal(touching(p, "2600::/32"), 1);
    assert_int_equal(store_snapshots(p->store, &l, &p->err), 0);
    assert_int_equal(l.count, 2);
    snapshot_list_free(&l);
}

// ---- two programs

static void test_two_writers(void **state)
{
    struct place *p = *state;
    struct import_result r;
    struct store *other = NULL;
    struct importer *second = NULL;
    open_archive(p);
    assert_int_equal(store_open(p->path, STORE_WRITE, &other, &p->err), 0);
    assert_int_equal(importer_new(other, &second, &p->err), 0);
    struct importer *first = p->importer;
    for (unsigned day = 1; day <= 20; day++) {
        p->importer = day % 2 ? first : second;
        add_day(p, day, 60 + day, &r);
        assert_int_equal(r.appeared, day == 1 ? 61 : 1);
    }
    p->importer = first;
    importer_free(&second);
    store_close(&other);
    uint64_t problems;
    assert_int_equal(store_check(p->store, NULL, NULL, &problems, &p->err), 0);
    assert_int_equal(problems, 0);
}

// ---- doctor

static void ignore_problem(const char *text, void *arg)
{
    (void)text;
    (void)arg;
}

static void test_check_finds(void **state)
{
    static const char *const damages[] = {
        "UPDATE lifetime SET last = first - 1",
        "UPDATE lifetime SET first = first - 1",
        "UPDATE input SET lines = lines + 1",
        "DELETE FROM lifetime WHERE start = x'2c000001000000000000000000000000'",
        "PRAGMA foreign_keys = OFF; UPDATE snapshot SET input = 77",
    };
    struct place *p = *state;
    struct import_result r;
    open_archive(p);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        uint64_t problems = 0;
        if (!p->store)
            open_archive(p);
        add_day(p, 1, 60, &r);
        importer_free(&p->importer);
        store_close(&p->store);
        run_sql(p->path, damages[i]);
        assert_int_equal(store_open(p->path, STORE_READ, &p->store, &p->err), 0);
        assert_int_equal(store_check(p->store, ignore_problem, NULL, &problems, &p->err), 0);
        if (problems == 0)
            fail_msg("not found: %s", damages[i]);
        store_close(&p->store);
        unlink(p->path);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_missing),
        TEST(test_foreign),
        TEST(test_version_1),
        TEST(test_findings),
        TEST(test_refused_file_changes_nothing),
        TEST(test_dip),
        TEST(test_touching),
        TEST(test_combined),
        TEST(test_two_writers),
        TEST(test_check_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
