// SPDX-License-Identifier: Apache-2.0
//
// Random archives against a naive oracle that keeps every file in full: any order of import, gaps,
// days with a plain and an extended file, second downloads, families that a file does not speak
// about. What the archive says must be what follows from the files alone.

#include "../rounds.h"
#include "base/buffer.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS      ROUNDS_OF(120)
#define DAYS        24
#define FILES_MAX   (2 * DAYS * 3)
#define RECORDS_MAX 24
#define TEXT_MAX    96

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

struct one {
    enum family family;
    char text[TEXT_MAX]; // "JP|ipv6|3fff:1::|32|20200101|allocated|H1"
};

struct file {
    enum registry registry;
    int day; // from 2020-01-01
    bool extended, speaks[FAMILY_COUNT];
    struct one records[RECORDS_MAX];
    size_t count;
};

struct history {
    struct file files[FILES_MAX];
    size_t count;
};

// ---- making files

static void make_record(struct one *r, bool extended)
{
    static const char *const economies[] = {"JP", "KE", "", "EU"};
    static const char *const statuses[] = {"allocated", "assigned", "reserved", "available"};
    unsigned place = pick(10), status = pick(extended ? 4 : 2);
    char holder[8] = "";
    if (extended && status < 2)
        snprintf(holder, sizeof holder, "|H%u", pick(3));
    r->family = pick(4) == 0 ? FAMILY_IPV4 : FAMILY_IPV6;
    if (r->family == FAMILY_IPV6)
        snprintf(r->text, sizeof r->text, "%s|ipv6|3fff:%x00::|%u|2019010%u|%s%s",
                 economies[pick(4)], place + 1, 40 + pick(2) * 4, 1 + pick(3), statuses[status],
                 holder);
    else
        snprintf(r->text, sizeof r->text, "%s|ipv4|198.51.100.%u|%u|2019010%u|%s%s",
                 economies[pick(4)], place * 16, 1 + pick(16), 1 + pick(3), statuses[status],
                 holder);
}

static bool has(const struct file *f, const char *text)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->records[i].text, text) == 0)
            return true;
    return false;
}

static void change(struct file *f)
{
    for (unsigned n = pick(4); n > 0; n--) {
        struct one r;
        make_record(&r, f->extended);
        if (f->count > 2 && pick(2)) {
            f->count--;
            f->records[pick((unsigned)f->count + 1)] = f->records[f->count];
        }
        if (f->count < RECORDS_MAX && !has(f, r.text))
            f->records[f->count++] = r;
    }
}

// What the plain file of the same day says: delegations, without their holders.
static struct file plain_of(const struct file *f)
{
    struct file plain = *f;
    plain.extended = false;
    plain.count = 0;
    for (size_t i = 0; i < f->count; i++) {
        struct one r = f->records[i];
        char *holder = strstr(r.text, "|H");
        if (!holder)
            continue;
        *holder = '\0';
        if (!has(&plain, r.text))
            plain.records[plain.count++] = r;
    }
    return plain;
}

static void drop_family(struct file *f, enum family family)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->records[i].family != family)
            f->records[kept++] = f->records[i];
    f->count = kept;
    f->speaks[family] = false;
}

static void make_history(struct history *h)
{
    h->count = 0;
    for (unsigned r = 0; r < 2; r++) {
        struct file now = {.registry = r ? REGISTRY_RIPENCC : REGISTRY_APNIC,
                           .extended = true,
                           .speaks = {true, true, true}};
        for (unsigned i = 0; i < 8; i++)
            change(&now);
        for (int day = 0; day < DAYS; day++) {
            struct file *f = &h->files[h->count];
            change(&now);
            if (pick(6) == 0)
                continue; // a gap
            now.day = day;
            *f = now;
            if (pick(8) == 0)
                drop_family(f, FAMILY_IPV4);
            h->count++;
            if (pick(5) == 0) // a plain one beside it
                h->files[h->count++] = plain_of(&now);
            if (pick(7) == 0 && f->count > 0) { // an earlier download of that day, with less in it
                h->files[h->count] = *f;
                h->files[h->count++].count = f->count - 1;
            }
        }
    }
}

static void write_file(const struct file *f, struct buffer *out)
{
    static const char *const names[] = {"ipv6", "ipv4"};
    char day[DATE_TEXT_MAX], compact[9];
    const char *registry = registry_name(f->registry);
    date_format(date_of(2020, 1, 1) + f->day, day);
    snprintf(compact, sizeof compact, "%.4s%.2s%.2s", day, day + 5, day + 8);
    buffer_format(out, "%s|%s|%s|%zu|19830101|%s|+0000\n", f->extended ? "2.3" : "2", registry,
                  compact, f->count + f->extended, compact);
    for (unsigned family = 0; family < 2; family++) {
        size_t lines = 0;
        for (size_t i = 0; i < f->count; i++)
            lines += f->records[i].family == family;
        if (f->speaks[family])
            buffer_format(out, "%s|*|%s|*|%zu|summary\n", registry, names[family], lines);
    }
    for (size_t i = 0; i < f->count; i++)
        buffer_format(out, "%s|%s\n", registry, f->records[i].text);
    if (f->extended) // so that each extended file is known as such
        buffer_format(out, "%s||asn|64496|16||reserved|\n", registry);
}

// ---- the oracle

// The file that counts for a series on a day, among those imported; NULL: none.
static const struct file *winner(const struct history *h, const bool *imported, enum registry r,
                                 enum family family, int day)
{
    const struct file *best = NULL;
    size_t best_count = 0;
    for (size_t i = 0; i < h->count; i++) {
        const struct file *f = &h->files[i];
        if (!imported[i] || f->registry != r || f->day != day || !f->speaks[family])
            continue;
        size_t count = 0;
        for (size_t n = 0; n < f->count; n++)
            count += f->records[n].family == family;
        if (!best || (f->extended && !best->extended) ||
            (f->extended == best->extended && count > best_count)) {
            best = f;
            best_count = count;
        }
    }
    return best;
}

typedef struct {
    char at[4096][TEXT_MAX + 40];
    size_t count;
} lines;

static void add_line(lines *l, enum registry r, const char *record, int first, int last)
{
    assert_true(l->count < 4096);
    snprintf(l->at[l->count++], sizeof l->at[0], "%s|%s|%d|%d", registry_name(r), record, first,
             last);
}

// The runs of one record over the days that have a snapshot.
static void add_runs(lines *l, const struct file *const shown[DAYS], enum registry r,
                     const char *record)
{
    int first = -1, last = -1;
    for (int day = 0; day < DAYS; day++) {
        if (!shown[day])
            continue;
        if (has(shown[day], record)) {
            first = first < 0 ? day : first;
            last = day;
        } else if (first >= 0) {
            add_line(l, r, record, first, last);
            first = -1;
        }
    }
    if (first >= 0)
        add_line(l, r, record, first, last);
}

static bool seen_before(const struct file *const shown[DAYS], int day, const char *record)
{
    for (int d = 0; d < day; d++)
        if (shown[d] && has(shown[d], record))
            return true;
    return false;
}

static void expect(const struct history *h, const bool *imported, enum family family, lines *l)
{
    static const enum registry registries[] = {REGISTRY_APNIC, REGISTRY_RIPENCC};
    for (unsigned r = 0; r < 2; r++) {
        const struct file *shown[DAYS];
        for (int day = 0; day < DAYS; day++)
            shown[day] = winner(h, imported, registries[r], family, day);
        for (int day = 0; day < DAYS; day++)
            for (size_t i = 0; shown[day] && i < shown[day]->count; i++) {
                const struct one *one = &shown[day]->records[i];
                if (one->family == family && !seen_before(shown, day, one->text))
                    add_runs(l, shown, registries[r], one->text);
            }
    }
}

// ---- what the archive says

struct reading {
    lines *lines;
    struct store *store;
};

static int read_lifetime(const struct lifetime *l, void *arg)
{
    struct reading *reading = arg;
    char code[8] = "", start[ADDRESS_TEXT_MAX], day[DATE_TEXT_MAX], holder[HOLDER_MAX + 1];
    char record[TEXT_MAX];
    if (l->economy != ECONOMY_NONE)
        economy_format(l->economy, code);
    assert_int_equal(store_holder(reading->store, l->holder, holder, NULL), 0);
    date_format(l->date, day);
    snprintf(record, sizeof record, "%s|%s|%s|%llu|%.4s%.2s%.2s|%s%s%.16s", code,
             family_name(l->block.family), address_format(l->block.family, l->block.start, start),
             (unsigned long long)l->block.value, day, day + 5, day + 8, status_name(l->status),
             holder[0] ? "|" : "", holder);
    date origin = date_of(2020, 1, 1);
    add_line(reading->lines, l->registry, record, l->first - origin, l->last - origin);
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

// A look at the neighbourhood of a day must find the same snapshots as a look at all of them.
static void compare_known(struct store *store)
{
    struct snapshot_list all, near;
    const struct snapshot *a[REGISTRY_COUNT], *b[REGISTRY_COUNT];
    assert_int_equal(store_snapshots(store, &all, NULL), 0);
    for (int day = -1; day <= DAYS; day++) {
        date on = day == DAYS ? DATE_MAX : date_of(2020, 1, 1) + day;
        assert_int_equal(store_snapshots_around(store, FAMILY_IPV6, on, &near, NULL), 0);
        snapshot_known(&all, FAMILY_IPV6, on, a);
        snapshot_known(&near, FAMILY_IPV6, on, b);
        for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
            assert_int_equal(a[r] != NULL, b[r] != NULL);
            assert_true(!a[r] || (a[r]->date == b[r]->date && a[r]->input == b[r]->input));
        }
        snapshot_list_free(&near);
    }
    snapshot_list_free(&all);
}

static void compare(struct store *store, const struct history *h, const bool *imported)
{
    static lines wanted, seen;
    struct err e = {0};
    for (unsigned family = 0; family < 2; family++) {
        wanted.count = seen.count = 0;
        expect(h, imported, (enum family)family, &wanted);
        struct scan scan = {(enum family)family, ~0u, STATUS_ALL, NULL, NULL};
        struct reading reading = {&seen, store};
        assert_int_equal(store_scan(store, &scan, read_lifetime, &reading, &e), 0);
        qsort(wanted.at, wanted.count, sizeof wanted.at[0], by_text);
        qsort(seen.at, seen.count, sizeof seen.at[0], by_text);
        for (size_t i = 0; i < wanted.count && i < seen.count; i++)
            assert_string_equal(seen.at[i], wanted.at[i]);
        assert_int_equal(seen.count, wanted.count);
    }
    compare_known(store);
}

static void print_problem(const char *text, void *arg)
{
    (void)arg;
    print_error("%s\n", text);
}

static void assert_sound(struct store *store)
{
    uint64_t problems = 1;
    assert_int_equal(store_check(store, print_problem, NULL, &problems, NULL), 0);
    assert_int_equal(problems, 0);
}

static void import_file(struct importer *importer, const struct file *f,
                        struct import_result *result)
{
    struct buffer text = {0};
    struct source *source;
    struct err e = {0};
    write_file(f, &text);
    assert_int_equal(source_open_memory("file", text.at, text.length, NULL, &source, &e), 0);
    int code = importer_add(importer, source, NULL, result, &e);
    if (code)
        print_error("%s\n", e.text);
    assert_int_equal(code, 0);
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

static void run_round(const char *path, const struct history *h, bool shuffled)
{
    struct store *store, *reader;
    struct importer *importer;
    struct import_result result;
    struct err e = {0};
    size_t order[FILES_MAX];
    bool imported[FILES_MAX] = {false};
    for (size_t i = 0; i < h->count; i++)
        order[i] = i;
    if (shuffled)
        shuffle(order, h->count);
    assert_int_equal(store_open(path, STORE_WRITE, &store, &e), 0);
    static const size_t rooms[] = {0, 4096, 1 << 20}; // nothing, some or all rows stay in memory
    assert_int_equal(store_keep(store, rooms[pick(3)], &e), 0);
    assert_int_equal(store_open(path, STORE_READ, &reader, &e), 0); // another program
    assert_int_equal(store_keep(reader, rooms[pick(3)], &e), 0);
    assert_int_equal(importer_new(store, &importer, &e), 0);
    for (size_t i = 0; i < h->count; i++) {
        import_file(importer, &h->files[order[i]], &result);
        imported[order[i]] = true;
        if (pick(10) == 0) { // the same bytes again
            import_file(importer, &h->files[order[pick((unsigned)i + 1)]], &result);
            assert_int_equal(result.outcome, IMPORT_KNOWN);
        }
        if (pick(12) == 0)
            compare(pick(2) ? store : reader, h, imported);
        if (pick(15) == 0) { // another program goes on with it
            importer_free(&importer);
            assert_int_equal(importer_new(store, &importer, &e), 0);
        }
    }
    compare(store, h, imported);
    compare(reader, h, imported);
    assert_sound(store);
    store_close(&reader);
    importer_free(&importer);
    store_close(&store);
}

static void test_any_order(void **state)
{
    static struct history h;
    char folder[] = "/tmp/sextant-history-XXXXXX", path[64], extra[80];
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (unsigned round = 0; round < ROUNDS; round++) {
        seed = 1000 + round;
        make_history(&h);
        snprintf(path, sizeof path, "%s/%u.sextant", folder, round);
        run_round(path, &h, round % 3 != 0);
        static const char *const ends[] = {"", "-wal", "-shm"};
        for (unsigned i = 0; i < 3; i++) {
            snprintf(extra, sizeof extra, "%s%s", path, ends[i]);
            unlink(extra);
        }
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
