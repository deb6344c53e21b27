// SPDX-License-Identifier: Apache-2.0
//
// Routes in the archive: random histories in any order against a naive oracle that keeps every
// table in full; large tables, which need several pieces; packed bytes that a stranger changed.

#include "../rounds.h"
#include "base/buffer.h"
#include "store/routes_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS     ROUNDS_OF(60)
#define DAYS       16
#define FILES_MAX  (2 * DAYS)
#define ROUTES_MAX 60000
#define FIRST_DAY  date_of(2020, 1, 1)

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

// A table of routes, sorted, each pair of prefix and origin once.
struct table {
    int day; // from FIRST_DAY
    unsigned peers;
    struct route at[ROUTES_MAX];
    size_t count;
    char sha256[65];
    uint64_t input;
};

static struct table *tables[FILES_MAX];
static size_t table_count;

static int by_route(const void *a, const void *b)
{
    return route_compare(a, b);
}

static struct route random_route(unsigned space)
{
    unsigned length = 29 + pick(4) * 5, place = pick(space);
    u128 start = (u128)0x3fff << 112 | (u128)place << 80;
    return (struct route){start >> (128 - length) << (128 - length), pick(3) ? 64496 + pick(3) : 0,
                          (uint8_t)length, 0};
}

// Sorted, each pair of prefix and origin once.
static void tidy(struct table *t)
{
    size_t kept = 0;
    qsort(t->at, t->count, sizeof *t->at, by_route);
    for (size_t i = 0; i < t->count; i++) {
        const struct route *last = kept ? &t->at[kept - 1] : NULL;
        if (!last || last->start != t->at[i].start || last->length != t->at[i].length ||
            last->origin != t->at[i].origin)
            t->at[kept++] = t->at[i];
    }
    t->count = kept;
}

static void fill(struct table *t, unsigned count, unsigned space)
{
    for (t->count = 0; t->count < count; t->count++) {
        t->at[t->count] = random_route(space);
        t->at[t->count].level = (uint8_t)(1 + pick(14));
    }
    tidy(t);
}

// Some leave, some come, some are seen by more or fewer.
static void change(struct table *t, unsigned changes, unsigned space)
{
    for (; changes > 0; changes--) {
        struct route r = random_route(space);
        size_t at = t->count ? pick((unsigned)t->count) : 0;
        switch (pick(3)) {
        case 0:
            if (t->count > 1)
                t->at[at] = t->at[--t->count];
            break;
        case 1:
            if (t->count)
                t->at[at].level = (uint8_t)(1 + pick(14));
            break;
        default:
            r.level = (uint8_t)(1 + pick(14));
            if (t->count < ROUTES_MAX)
                t->at[t->count++] = r;
        }
    }
    tidy(t);
}

static uint32_t fullest(const struct table *t)
{
    uint32_t most = 0;
    for (size_t i = 0; i < t->count; i++)
        if (route_level_least(t->at[i].level) > most)
            most = route_level_least(t->at[i].level);
    return most;
}

static void add_table(const struct table *now, int day)
{
    struct table *t = malloc(sizeof *t);
    assert_non_null(t);
    *t = *now;
    t->day = day;
    tables[table_count++] = t;
}

static void make_history(unsigned space, unsigned changes)
{
    static struct table now;
    fill(&now, space, space);
    for (int day = 0; day < DAYS; day++) {
        change(&now, pick(changes), space);
        if (pick(5) == 0 || now.count == 0)
            continue; // a gap
        add_table(&now, day);
        if (pick(4) == 0) { // another table of that day
            static struct table other;
            other = now;
            change(&other, pick(changes), space);
            if (other.count)
                add_table(&other, day);
        }
    }
}

static void drop_history(void)
{
    for (size_t i = 0; i < table_count; i++)
        free(tables[i]);
    table_count = 0;
}

// As a RIS whois dump, in any order of lines.
static void write_table(const struct table *t, struct buffer *out)
{
    char address[ADDRESS_TEXT_MAX];
    size_t from = t->count ? pick((unsigned)t->count) : 0;
    buffer_format(out, "%% day %d\n", t->day);
    for (size_t n = 0; n < t->count; n++) {
        const struct route *r = &t->at[(n + from) % t->count];
        if (r->origin)
            buffer_format(out, "%u", r->origin);
        else
            buffer_text(out, "{64500}");
        buffer_format(out, "\t%s/%u\t%u\n", address_format(FAMILY_IPV6, r->start, address),
                      r->length, route_level_least(r->level));
    }
}

// ---- the oracle

static int outvotes(const struct table *a, const struct table *b)
{
    if (fullest(a) != fullest(b))
        return fullest(a) > fullest(b);
    return a->count != b->count ? a->count > b->count : strcmp(a->sha256, b->sha256) > 0;
}

static const struct table *winner(const bool *imported, int day)
{
    const struct table *best = NULL;
    for (size_t i = 0; i < table_count; i++)
        if (imported[i] && tables[i]->day == day && (!best || outvotes(tables[i], best)))
            best = tables[i];
    return best;
}

static bool holds(const struct table *t, const struct route *r)
{
    return bsearch(r, t->at, t->count, sizeof *t->at, by_route) != NULL;
}

struct lives {
    struct route_life *at;
    size_t count, capacity;
};

static void add_life(struct lives *l, struct route_life life)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 1024;
        l->at = realloc(l->at, l->capacity * sizeof *l->at);
        assert_non_null(l->at);
    }
    l->at[l->count++] = life;
}

static int by_life(const void *a, const void *b)
{
    const struct route_life *x = a, *y = b;
    int order = route_compare(&x->route, &y->route);
    return order ? order : x->first < y->first ? -1 : x->first > y->first;
}

// What follows from the tables alone: a life begins where the table before does not hold the route.
static void expect(const bool *imported, struct lives *l)
{
    const struct table *days[DAYS];
    size_t count = 0;
    for (int day = 0; day < DAYS; day++)
        if ((days[count] = winner(imported, day)) != NULL)
            count++;
    for (size_t d = 0; d < count; d++)
        for (size_t i = 0; i < days[d]->count; i++) {
            const struct route *r = &days[d]->at[i];
            size_t end = d + 1;
            if (d > 0 && holds(days[d - 1], r))
                continue;
            while (end < count && holds(days[end], r))
                end++;
            add_life(l, (struct route_life){*r, FIRST_DAY + days[d]->day,
                                            FIRST_DAY + days[end - 1]->day, end == count});
        }
    if (l->count)
        qsort(l->at, l->count, sizeof *l->at, by_life);
}

static int keep_life(const struct route_life *life, void *arg)
{
    add_life(arg, *life);
    return 0;
}

static void scan(struct store *store, date on, struct lives *l)
{
    struct err e = {0};
    struct route_scan scan = {ROUTE_ANNOUNCED, FAMILY_IPV6, "rrc99", on};
    l->count = 0;
    assert_int_equal(store_route_scan(store, &scan, keep_life, l, &e), 0);
}

static void assert_same(const struct lives *seen, const struct lives *wanted)
{
    assert_int_equal(seen->count, wanted->count);
    for (size_t i = 0; i < seen->count; i++) {
        const struct route_life *a = &seen->at[i], *b = &wanted->at[i];
        assert_int_equal(route_compare(&a->route, &b->route), 0);
        assert_int_equal(a->first, b->first);
        assert_int_equal(a->last, b->last);
        assert_int_equal(a->open, b->open);
    }
}

static void compare_day(struct store *store, const bool *imported, int day)
{
    struct lives seen = {0};
    const struct table *t = winner(imported, day);
    scan(store, FIRST_DAY + day, &seen);
    assert_int_equal(seen.count, t ? t->count : 0);
    for (size_t i = 0; i < seen.count; i++)
        assert_int_equal(route_compare(&seen.at[i].route, &t->at[i]), 0);
    free(seen.at);
}

static void compare_snapshots(struct store *store, const bool *imported)
{
    struct route_snapshot_list list;
    size_t next = 0;
    assert_int_equal(store_route_snapshots(store, &list, NULL), 0);
    for (int day = 0; day < DAYS; day++) {
        const struct table *t = winner(imported, day);
        if (!t)
            continue;
        assert_true(next < list.count);
        assert_int_equal(list.at[next].date, FIRST_DAY + day);
        assert_int_equal(list.at[next].routes, t->count);
        assert_int_equal(list.at[next].input, t->input);
        assert_string_equal(list.at[next].collector, "rrc99");
        next++;
    }
    assert_int_equal(next, list.count);
    route_snapshot_list_free(&list);
}

static void print_problem(const char *text, void *arg)
{
    (void)arg;
    print_error("%s\n", text);
}

static void compare(struct store *store, const bool *imported)
{
    struct lives seen = {0}, wanted = {0};
    uint64_t problems = 1;
    expect(imported, &wanted);
    scan(store, DATE_NONE, &seen);
    assert_same(&seen, &wanted);
    free(seen.at);
    free(wanted.at);
    for (int day = 0; day < DAYS; day++)
        compare_day(store, imported, day);
    compare_snapshots(store, imported);
    assert_int_equal(store_check(store, print_problem, NULL, &problems, NULL), 0);
    assert_int_equal(problems, 0);
}

// ---- importing

static int take_hash(const struct input *i, void *arg)
{
    struct table *t = arg;
    memcpy(t->sha256, i->sha256, sizeof t->sha256);
    return 0;
}

static void import_table(struct store *store, struct importer *importer, struct table *t)
{
    struct import_options options = {.read = {.date = FIRST_DAY + t->day}, .collector = "rrc99"};
    struct import_result result;
    struct buffer text = {0};
    struct source *source;
    struct err e = {0};
    write_table(t, &text);
    assert_int_equal(source_open_memory("table", text.at, text.length, NULL, &source, &e), 0);
    if (importer_add(importer, source, &options, &result, &e))
        fail_msg("%s", e.text);
    assert_int_equal(result.fates.used, t->count);
    t->input = (uint64_t)result.input;
    assert_int_equal(store_input(store, result.input, take_hash, t, &e), 0);
    source_close(&source);
    buffer_done(&text);
}

static void shuffle(size_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = pick((unsigned)i), keep = order[i - 1];
        order[i - 1] = order[other];
        order[other] = keep;
    }
}

struct place {
    char folder[64], path[96];
    struct store *store;
    struct importer *importer;
};

static void open_place(struct place *p)
{
    struct err e = {0};
    snprintf(p->folder, sizeof p->folder, "/tmp/sextant-routes-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/a", p->folder);
    assert_int_equal(store_open(p->path, STORE_WRITE, &p->store, &e), 0);
    assert_int_equal(importer_new(p->store, &p->importer, &e), 0);
}

static void close_place(struct place *p)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];
    importer_free(&p->importer);
    store_close(&p->store);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(p->folder), 0);
}

static void run_round(bool shuffled, unsigned compare_each)
{
    struct place p;
    size_t order[FILES_MAX];
    bool imported[FILES_MAX] = {false};
    open_place(&p);
    for (size_t i = 0; i < table_count; i++)
        order[i] = i;
    if (shuffled)
        shuffle(order, table_count);
    for (size_t i = 0; i < table_count; i++) {
        import_table(p.store, p.importer, tables[order[i]]);
        imported[order[i]] = true;
        if (compare_each && pick(compare_each) == 0)
            compare(p.store, imported);
    }
    compare(p.store, imported);
    if (tables[0]->count > 20000) {
        int64_t pieces = 0;
        assert_int_equal(sql_integer(p.store, "SELECT count(*) FROM route_piece", &pieces, NULL),
                         0);
        assert_true(pieces > 4);
    }
    close_place(&p);
}

static void test_any_order(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        seed = 7000 + round;
        make_history(4 + pick(40), 12);
        run_round(round % 3 != 0, 6);
        drop_history();
    }
}

static void test_pieces(void **state)
{
    (void)state;
    seed = 11;
    make_history(40000, 9000);
    run_round(true, 0);
    drop_history();
}

// ---- packed bytes

static struct run random_run(enum route_kind kind, enum family family)
{
    unsigned most = family == FAMILY_IPV6 ? 128 : 32, length = pick(most + 1);
    u128 start = 0;
    for (unsigned i = 0; i < most / 16; i++)
        start = start << 16 | pick(1 << 16);
    struct run r = {.start = length ? start >> (most - length) << (most - length) : 0,
                    .origin = pick(2) ? pick(70000) : pick(1u << 31) * 2u,
                    .length = (uint8_t)length,
                    .first = (uint16_t)pick(30000)};
    r.level =
        (uint8_t)(kind == ROUTE_VALIDATED ? length + pick(most - length + 1) : pick(ROUTE_LEVELS));
    r.last = pick(3) ? (uint16_t)(r.first + pick(30000)) : ROUTE_DAY_OPEN;
    return r;
}

static void test_packed(void **state)
{
    (void)state;
    static struct run runs[400];
    static uint8_t bytes[PACK_ROOM(400)];
    for (unsigned round = 0; round < 200; round++) {
        enum route_kind kind = round & 1 ? ROUTE_VALIDATED : ROUTE_ANNOUNCED;
        enum family family = round & 2 ? FAMILY_IPV4 : FAMILY_IPV6;
        struct unpacker u;
        size_t count = pick(400), i = 0;
        for (size_t n = 0; n < count; n++)
            runs[n] = n && pick(3) == 0 ? runs[n - 1] : random_run(kind, family);
        size_t length = routes_pack(kind, runs, count, bytes);
        assert_true(length <= PACK_ROOM(count));
        for (unpack_begin(&u, kind, family, bytes, length); unpack_next(&u); i++) {
            assert_true(u.run.start == runs[i].start);
            assert_int_equal(u.run.origin, runs[i].origin);
            assert_int_equal(u.run.length, runs[i].length);
            assert_int_equal(u.run.level, runs[i].level);
            assert_int_equal(u.run.first, runs[i].first);
            assert_int_equal(u.run.last, runs[i].last);
        }
        assert_true(unpack_whole(&u));
        assert_int_equal(i, count);
    }
}

// Changed or cut: reading ends, stays inside, and every prefix is a possible one.
static void test_packed_damaged(void **state)
{
    (void)state;
    static struct run runs[50];
    for (unsigned round = 0; round < 3000; round++) {
        enum route_kind kind = round & 1 ? ROUTE_VALIDATED : ROUTE_ANNOUNCED;
        enum family family = round & 2 ? FAMILY_IPV4 : FAMILY_IPV6;
        unsigned most = family == FAMILY_IPV6 ? 128 : 32;
        struct unpacker u;
        uint8_t *bytes = malloc(PACK_ROOM(50));
        for (size_t n = 0; n < 50; n++)
            runs[n] = random_run(kind, family);
        size_t length = routes_pack(kind, runs, 50, bytes);
        length = pick(4) ? length : pick((unsigned)length);
        bytes = realloc(bytes, length ? length : 1); // so that a sanitizer sees the end
        for (unsigned n = 1 + pick(8); n > 0 && length > 0; n--)
            bytes[pick((unsigned)length)] ^= (uint8_t)(1u << pick(8));
        for (unpack_begin(&u, kind, family, bytes, length); unpack_next(&u);) {
            assert_true(u.run.length <= most);
            assert_true(most == 128 || u.run.start >> 32 == 0);
            assert_true(u.run.length == 0
                            ? u.run.start == 0
                            : u.run.start >> (most - u.run.length) << (most - u.run.length) ==
                                  u.run.start);
        }
        free(bytes);
    }
}

static void run_sql(struct store *store, const char *sql)
{
    assert_int_equal(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int ignore_life(const struct route_life *l, void *arg)
{
    (void)l;
    (void)arg;
    return 0;
}

static void count_problem(const char *text, void *arg)
{
    (void)text;
    ++*(unsigned *)arg;
}

// What a damaged archive says: the scan refuses what cannot be, an import what its checksum denies,
// and the check finds both.
static void test_damaged_archive(void **state)
{
    static const char *const damages[] = {
        "UPDATE route_piece SET bytes = substr(bytes, 1, length(bytes) - 3)",
        "UPDATE route_piece SET bytes = x'01'",
        "UPDATE route_piece SET bytes = CAST(x'ff' || substr(bytes, 2) AS BLOB)",
        "UPDATE route_piece SET checksum = checksum + 1",
        "UPDATE route_piece SET runs = runs + 1",
        "UPDATE route_piece SET key = CAST(substr(key, 1, 21) || x'77' AS BLOB)",
        "UPDATE route_snapshot SET routes = routes + 1",
        "DELETE FROM route_snapshot",
    };
    struct route_scan scan = {ROUTE_ANNOUNCED, FAMILY_IPV6, "rrc99", DATE_NONE};
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct place p;
        struct err e = {0};
        uint64_t problems = 0;
        unsigned told = 0;
        seed = 5;
        make_history(30, 12);
        open_place(&p);
        import_table(p.store, p.importer, tables[0]);
        run_sql(p.store, damages[i]);
        int code = store_route_scan(p.store, &scan, ignore_life, NULL, &e);
        assert_int_equal(code, i < 3 ? ERR_STORE : 0);
        assert_int_equal(store_check(p.store, count_problem, &told, &problems, &e), 0);
        assert_true(problems > 0 && told == problems);
        close_place(&p);
        drop_history();
    }
}

static void test_levels(void **state)
{
    (void)state;
    for (unsigned level = 0; level < ROUTE_LEVELS; level++) {
        assert_int_equal(route_level(route_level_least(level)), level);
        if (level > 0)
            assert_int_equal(route_level(route_level_least(level) - 1), level - 1);
    }
    assert_int_equal(route_level_least(route_level(199)), 100);
    assert_int_equal(route_level_least(route_level(UINT32_MAX)), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),         cmocka_unit_test(test_packed),
        cmocka_unit_test(test_packed_damaged), cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_pieces),         cmocka_unit_test(test_damaged_archive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
