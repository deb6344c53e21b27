// SPDX-License-Identifier: Apache-2.0

#include "support.h"

struct world *test_world(void)
{
    struct world *w = NULL;
    struct err e = {0};
    if (world_load(LANGUAGE_EN, &w, &e))
        fail_msg("%s", e.text);
    return w;
}

uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

size_t random_below(uint64_t *state, size_t n)
{
    return (size_t)(random_next(state) >> 11) % n;
}

struct query query_of(const char *const *parameters)
{
    struct query q;
    struct err e = {0};
    query_init(&q);
    for (; parameters && *parameters; parameters += 2)
        if (query_set(&q, parameters[0], parameters[1], &e))
            fail_msg("%s", e.text);
    return q;
}

const struct cell *cell_of(const struct table *t, size_t row, const char *key)
{
    size_t column = table_find_column(t, key);
    if (column == SIZE_MAX)
        fail_msg("no column %s", key);
    return table_cell(t, row, column);
}

u128 count_of(const struct table *t, size_t row, const char *key)
{
    const struct cell *c = cell_of(t, row, key);
    if (c->kind != CELL_COUNT)
        fail_msg("row %zu: %s is no count", row, key);
    return c->count;
}

const char *text_of(const struct table *t, size_t row, const char *key)
{
    const struct cell *c = cell_of(t, row, key);
    assert_int_equal(c->kind, CELL_TEXT);
    return c->text;
}

bool is_empty_cell(const struct table *t, size_t row, const char *key)
{
    return cell_of(t, row, key)->kind == CELL_EMPTY;
}

size_t leaf_first(const struct lifetime *l)
{
    return (size_t)((l->block.start - FIRST_ADDRESS) / LEAF_SIZE);
}

size_t leaf_last(const struct lifetime *l)
{
    return leaf_first(l) + ((size_t)1 << (LEAF_LENGTH - l->block.value)) - 1;
}

// ---- random archives

// What a registry has at one place: a block that begins at a leaf with one of five lengths.
struct slot {
    bool held;
    struct lifetime record;
};

#define SLOTS (LEAVES * 5)

struct maker {
    struct archive *archive;
    uint64_t random;
    bool holders;
    struct slot now[SLOTS]; // the truth
    size_t running[SLOTS];  // the open lifetime, from 1
    enum registry registry;
};

static const char *const codes[] = {"CV", "KE", "WS", "FR", "EU", "BR"};

static void change_record(struct maker *m, struct lifetime *l)
{
    const char *code = codes[random_below(&m->random, 6)];
    l->economy = random_below(&m->random, 30) ? economy_of(code[0], code[1]) : ECONOMY_NONE;
    l->status = random_below(&m->random, 5) ? STATUS_ALLOCATED : STATUS_ASSIGNED;
    l->date = random_below(&m->random, 10)
                  ? m->archive->start - 30 + (date)random_below(&m->random, 70)
                  : DATE_NONE;
    l->holder = 0;
    if (m->holders && random_below(&m->random, 12))
        l->holder = (int64_t)random_below(&m->random, 6) + 1;
}

static void change_slot(struct maker *m, size_t i)
{
    size_t leaf = i % LEAVES, order = i / LEAVES;
    if (leaf % ((size_t)1 << order) != 0)
        return;
    struct slot *s = &m->now[i];
    if (s->held && random_below(&m->random, 3)) {
        change_record(m, &s->record);
        return;
    }
    s->held = !s->held;
    s->record = (struct lifetime){
        .block = {FAMILY_IPV6, FIRST_ADDRESS + leaf * LEAF_SIZE, LEAF_LENGTH - order},
        .registry = m->registry};
    change_record(m, &s->record);
}

static bool same_record(const struct lifetime *a, const struct lifetime *b)
{
    return a->economy == b->economy && a->status == b->status && a->date == b->date &&
           a->holder == b->holder;
}

// The snapshot of a day: lifetimes begin, go on or end.
static void take_snapshot(struct maker *m, date day, date before, bool dip)
{
    struct archive *a = m->archive;
    a->snapshots[a->snapshot_count++] = (struct snapshot){
        .registry = m->registry, .family = FAMILY_IPV6, .date = day, .suspect = dip};
    if (!dip)
        a->known[m->registry] = day;
    for (size_t i = 0; i < SLOTS; i++) {
        struct lifetime *run = m->running[i] ? &a->lifetimes[m->running[i] - 1] : NULL;
        bool shown = m->now[i].held && !(dip && i % 2);
        if (run && run->last == before && shown && same_record(run, &m->now[i].record)) {
            run->last = day;
        } else if (shown) {
            assert_true(a->count < LIFETIMES_MAX);
            a->lifetimes[a->count] = m->now[i].record;
            a->lifetimes[a->count].first = a->lifetimes[a->count].last = day;
            m->running[i] = ++a->count;
        }
    }
}

static void fill_registry(struct maker *m)
{
    date before = DATE_NONE;
    size_t first = random_below(&m->random, 6);
    for (size_t i = 0; i < 6; i++)
        change_slot(m, random_below(&m->random, SLOTS));
    for (size_t day = 0; day < DAYS; day++) {
        for (size_t n = random_below(&m->random, 3); n > 0; n--)
            change_slot(m, random_below(&m->random, SLOTS));
        bool missing = random_below(&m->random, 4) == 0;
        if (day < first || (missing && day > first && day + 1 < DAYS))
            continue;
        bool dip = day > first && day + 1 < DAYS && random_below(&m->random, 12) == 0;
        date today = m->archive->start + (date)day;
        take_snapshot(m, today, before, dip);
        before = today;
    }
}

void archive_fill(struct archive *a, uint64_t seed, date start, bool holders)
{
    *a = (struct archive){.start = start};
    uint64_t random = seed * 0x9E3779B97F4A7C15u + 1;
    for (unsigned r = 0; r < TEST_REGISTRIES; r++) {
        struct maker m = {.archive = a,
                          .random = random_next(&random) | 1,
                          .holders = holders,
                          .registry = (enum registry)r};
        fill_registry(&m);
    }
}

struct view archive_view(struct archive *a, const struct world *w)
{
    struct view v = {.world = w,
                     .snapshots = {a->snapshots, a->snapshot_count},
                     .known_on = DATE_NONE,
                     .registries = (1u << TEST_REGISTRIES) - 1,
                     .statuses = STATUS_DELEGATED,
                     .at = a->lifetimes,
                     .count = a->count};
    for (size_t i = 0; i < a->snapshot_count; i++) {
        const struct snapshot *s = &a->snapshots[i];
        if (s->date == a->known[s->registry])
            v.known[s->registry] = s;
        v.known_on = s->suspect || s->date < v.known_on ? v.known_on : s->date;
    }
    return v;
}
