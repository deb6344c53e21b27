// SPDX-License-Identifier: Apache-2.0
//
// Dated series, names and users of networks: which input counts, in any order of import, against
// what follows from the inputs alone.

#include "../rounds.h"
#include "base/buffer.h"
#include "store/observations.h"
#include "store/routes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS     ROUNDS_OF(60)
#define INPUTS_MAX 10
#define KEYS       3
#define DAYS       12
#define FIRST_DAY  date_of(2024, 1, 1)

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

struct place {
    char folder[64], path[96];
    struct store *store;
    struct importer *importer;
    struct err err;
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    snprintf(p->folder, sizeof p->folder, "/tmp/sextant-observed-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/a", p->folder);
    assert_int_equal(store_open(p->path, STORE_WRITE, &p->store, &p->err), 0);
    assert_int_equal(importer_new(p->store, &p->importer, &p->err), 0);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    struct place *p = *state;
    char name[128];
    importer_free(&p->importer);
    store_close(&p->store);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

static int add(struct place *p, const char *text, date day, struct import_result *ret)
{
    struct import_options options = {.read = {.date = day}};
    struct source *source;
    assert_int_equal(source_open_memory("f", text, strlen(text), NULL, &source, &p->err), 0);
    int code = importer_add(p->importer, source, &options, ret, &p->err);
    source_close(&source);
    return code;
}

static void take(struct place *p, const char *text, date day, struct import_result *ret)
{
    if (add(p, text, day, ret))
        fail_msg("%s", p->err.text);
}

static void print_problem(const char *text, void *arg)
{
    (void)arg;
    print_error("%s\n", text);
}

static void assert_sound(struct place *p)
{
    uint64_t problems = 1;
    assert_int_equal(store_check(p->store, print_problem, NULL, &problems, &p->err), 0);
    assert_int_equal(problems, 0);
}

// ---- dated series

static const char *const keys[KEYS] = {"KE", "NE", "WORLD"};

struct said {
    unsigned value[KEYS][DAYS]; // 0: nothing
    int last;                   // the last day with a value
    int number;                 // in the order of import
};

static void make_said(struct said *s)
{
    unsigned days = 1 + pick(DAYS);
    *s = (struct said){.last = -1};
    while (s->last < 0)
        for (unsigned k = 0; k < KEYS; k++)
            for (unsigned d = 0; d < days; d++)
                if (pick(2)) {
                    s->value[k][d] = 1 + pick(4);
                    s->last = (int)d > s->last ? (int)d : s->last;
                }
}

static void write_said(const struct said *s, struct buffer *out)
{
    char day[DATE_TEXT_MAX];
    buffer_text(out, "# name: own\n# unit: %\n# title: Own\n# source: example.com\n"
                     "date,economy,value,low,high,samples\n");
    buffer_format(out, "# %d\n", s->number); // so that no two are the same bytes
    for (unsigned k = 0; k < KEYS; k++)
        for (unsigned d = 0; d < DAYS; d++)
            if (s->value[k][d])
                buffer_format(out, "%s,%s,%u,0,,7\n", date_format(FIRST_DAY + (int)d, day), keys[k],
                              s->value[k][d]);
}

static unsigned expected(const struct said *all, unsigned count, unsigned k, unsigned d)
{
    const struct said *best = NULL;
    for (unsigned i = 0; i < count; i++)
        if (all[i].value[k][d] && (!best || all[i].last > best->last ||
                                   (all[i].last == best->last && all[i].number > best->number)))
            best = &all[i];
    return best ? best->value[k][d] : 0;
}

static void compare(struct place *p, const struct said *all, unsigned count)
{
    struct observation_list list;
    size_t next = 0;
    assert_int_equal(store_observations(p->store, "own", NULL, &list, &p->err), 0);
    for (unsigned k = 0; k < KEYS; k++)
        for (unsigned d = 0; d < DAYS; d++) {
            unsigned wanted = expected(all, count, k, d);
            if (!wanted)
                continue;
            assert_true(next < list.count);
            const struct observation *o = &list.at[next++];
            assert_string_equal(o->key, keys[k]);
            assert_int_equal(o->date, FIRST_DAY + (int)d);
            assert_true(o->value == wanted);
            assert_true(o->low == 0 && isnan(o->high) && o->samples == 7);
            assert_ptr_equal(observation_known(&list, keys[k], o->date), o);
        }
    assert_int_equal(next, list.count);
    observation_list_free(&list);
    assert_sound(p);
}

static void run_round(struct place *p)
{
    static struct said all[INPUTS_MAX];
    struct import_result r;
    unsigned count = 1 + pick(INPUTS_MAX);
    for (unsigned i = 0; i < count; i++) {
        struct buffer text = {0};
        make_said(&all[i]);
        all[i].number = (int)i;
        write_said(&all[i], &text);
        take(p, text.at, DATE_NONE, &r);
        assert_int_equal(r.outcome, IMPORT_TAKEN);
        if (pick(4) == 0)
            compare(p, all, i + 1);
        buffer_done(&text);
    }
    compare(p, all, count);
}

static void test_any_order(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        void *place;
        seed = 300 + round;
        set_up(&place);
        run_round(place);
        tear_down(&place);
    }
}

#define OWN "# name: own\n# unit: %\ndate,economy,value\n"

static void test_restated(void **state)
{
    struct place *p = *state;
    struct import_result r;
    struct observation_list all;
    struct observation_series_list series;
    take(p, OWN "2024-01-01,KE,10\n2024-02-01,KE,11\n", DATE_NONE, &r);
    assert_int_equal(r.values, 2);
    take(p, OWN "2024-01-01,KE,12\n2024-02-01,KE,11\n2024-03-01,KE,13\n", DATE_NONE, &r);
    assert_int_equal(r.values, 2);
    assert_int_equal(store_observations_all(p->store, "own", "KE", &all, &p->err), 0);
    assert_int_equal(all.count, 4);
    assert_true(all.at[0].value == 12 && !all.at[0].superseded && all.at[0].input == 2);
    assert_true(all.at[1].value == 10 && all.at[1].superseded && all.at[1].input == 1);
    assert_true(all.at[2].value == 11 && all.at[2].input == 2);
    observation_list_free(&all);
    assert_int_equal(store_observation_series(p->store, &series, &p->err), 0);
    const struct observation_series *own = observation_series_find(&series, "own");
    assert_non_null(own);
    assert_null(observation_series_find(&series, "other"));
    assert_int_equal(own->values, 3);
    assert_int_equal(own->restated, 1);
    assert_int_equal(own->first, date_of(2024, 1, 1));
    assert_int_equal(own->last, date_of(2024, 3, 1));
    assert_int_equal(own->input, 2);
    assert_string_equal(own->unit, "%");
    observation_series_list_free(&series);
    assert_int_equal(store_observations(p->store, "own", "NE", &all, &p->err), 0);
    assert_int_equal(all.count, 0);
    assert_null(observation_known(&all, "NE", DATE_MAX));
    observation_list_free(&all);
}

static void test_unit_is_one(void **state)
{
    struct place *p = *state;
    struct import_result r;
    int64_t revision = 0;
    take(p, OWN "2024-01-01,KE,10\n", DATE_NONE, &r);
    assert_int_equal(add(p, "# name: own\n# unit: people\ndate,economy,value\n2024-01-01,KE,10\n",
                         DATE_NONE, &r),
                     ERR_INPUT);
    assert_non_null(strstr(p->err.text, "unit"));
    assert_int_equal(store_revision(p->store, &revision, &p->err), 0);
    assert_int_equal(revision, 1);
    assert_sound(p);
}

static void test_own_name(void **state)
{
    struct place *p = *state;
    static const char *const wrong[] = {"", "Own", "own series", "a/b", "own;"};
    static const char text[] = OWN "2024-01-01,KE,10\n";
    struct import_options options = {.read = {.date = DATE_NONE}};
    struct observation_list list;
    struct import_result r;
    struct source *source;
    for (size_t i = 0; i <= sizeof wrong / sizeof *wrong; i++) {
        bool right = i == sizeof wrong / sizeof *wrong;
        options.series = right ? "other-2" : wrong[i];
        assert_int_equal(source_open_memory("f", text, strlen(text), NULL, &source, &p->err), 0);
        assert_int_equal(importer_add(p->importer, source, &options, &r, &p->err),
                         right ? 0 : ERR_USAGE);
        source_close(&source);
    }
    assert_int_equal(store_observations(p->store, "other-2", NULL, &list, &p->err), 0);
    assert_int_equal(list.count, 1);
    observation_list_free(&list);
}

// ---- networks

struct heard {
    unsigned count;
    char text[512];
};

static int hear_name(const struct stored_as_name *n, void *arg)
{
    struct heard *h = arg;
    size_t length = strlen(h->text);
    h->count++;
    snprintf(h->text + length, sizeof h->text - length, "%u %s %c%c %s;", n->asn, n->name,
             (char)(n->economy >> 8), (char)n->economy, n->registry);
    return 0;
}

static int hear_users(const struct stored_users_per_as *u, void *arg)
{
    struct heard *h = arg;
    size_t length = strlen(h->text);
    h->count++;
    snprintf(h->text + length, sizeof h->text - length, "%u %c%c %.0f %.0f;", u->asn,
             (char)(u->economy >> 8), (char)u->economy, u->users, u->samples);
    return 0;
}

static void expect_names(struct place *p, int64_t input, const char *text)
{
    struct heard h = {0};
    int64_t named = -1;
    assert_int_equal(store_as_names(p->store, hear_name, &h, &named, &p->err), 0);
    assert_string_equal(h.text, text);
    assert_int_equal(named, input);
}

static void test_names(void **state)
{
    struct place *p = *state;
    struct import_result r;
    expect_names(p, 0, "");
    assert_int_equal(add(p, "asn,name,country,registry\nAS64496,A,KE,afrinic\n", DATE_NONE, &r),
                     ERR_INPUT);
    assert_non_null(strstr(p->err.text, "--date"));
    take(p, "asn,name,country,registry\nAS64497,\"B, Ltd\",NE,\nAS64496,A,KE,afrinic\n",
         FIRST_DAY + 5, &r);
    assert_int_equal(r.values, 2);
    expect_names(p, 1, "64496 A KE afrinic;64497 B, Ltd NE ;");
    take(p, "asn,name,country,registry\nAS64500,Old,KE,afrinic\n", FIRST_DAY, &r);
    assert_int_equal(r.outcome, IMPORT_SUPERSEDED);
    expect_names(p, 1, "64496 A KE afrinic;64497 B, Ltd NE ;");
    take(p, "asn,name,country,registry\nAS64500,New,KE,afrinic\n", FIRST_DAY + 6, &r);
    assert_int_equal(r.outcome, IMPORT_TAKEN);
    expect_names(p, 3, "64500 New KE afrinic;");
    assert_sound(p);
}

static void expect_users(struct place *p, date on, date day, int64_t input, const char *text)
{
    struct heard h = {0};
    int64_t named = -1;
    date found = 0;
    assert_int_equal(store_users_per_as(p->store, on, hear_users, &h, &found, &named, &p->err), 0);
    assert_string_equal(h.text, text);
    assert_int_equal(named, input);
    assert_int_equal(found, day);
}

#define USERS "asn,name,cc,users,country_pct,internet_pct,samples\n"

static void test_users(void **state)
{
    struct place *p = *state;
    struct import_result r;
    expect_users(p, DATE_MAX, DATE_NONE, 0, "");
    take(p, USERS "AS64496,A,KE,200,10,1,30\n", FIRST_DAY + 9, &r);
    take(p, USERS "AS64496,A,KE,100,10,1,20\nAS64496,A,NE,5,1,1,2\n", FIRST_DAY, &r);
    expect_users(p, DATE_MAX, FIRST_DAY + 9, 1, "64496 KE 200 30;");
    expect_users(p, FIRST_DAY + 8, FIRST_DAY, 2, "64496 KE 100 20;64496 NE 5 2;");
    expect_users(p, FIRST_DAY - 1, DATE_NONE, 0, "");
    // Of one day the larger one counts, whichever comes first.
    take(p, USERS "AS64499,A,KE,1,10,1,20\n", FIRST_DAY, &r);
    assert_int_equal(r.outcome, IMPORT_SUPERSEDED);
    take(p, USERS "AS64497,B,KE,1,1,1,1\nAS64498,C,KE,2,1,1,1\n", FIRST_DAY + 9, &r);
    assert_int_equal(r.outcome, IMPORT_TAKEN);
    expect_users(p, DATE_MAX, FIRST_DAY + 9, 4, "64497 KE 1 1;64498 KE 2 1;");
    assert_sound(p);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order),
        TEST(test_restated),
        TEST(test_unit_is_one),
        TEST(test_own_name),
        TEST(test_names),
        TEST(test_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
