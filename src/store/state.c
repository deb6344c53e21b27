// SPDX-License-Identifier: Apache-2.0

#include "store/state.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK_AHEAD 8  // entries tried before the index is asked
#define REORDER_AT 32 // more than one stray in so many records: take the order of the file

void state_done(struct state *s)
{
    free(s->entries.at);
    free(s->order.at);
    slots_drop(&s->index);
    *s = (struct state){0};
}

struct block entry_block(const struct state *s, const struct entry *e)
{
    return (struct block){s->family, e->start, e->value};
}

// ---- the index

static uint64_t entry_hash(const struct entry *e)
{
    return hash_pair((uint64_t)e->start ^ e->value << 48 ^ (uint64_t)(uint32_t)e->date << 16 ^
                         (uint64_t)e->economy << 32 ^ e->status,
                     (uint64_t)(e->start >> 64) ^ e->holder);
}

static bool same_record(const struct entry *a, const struct entry *b)
{
    return a->start == b->start && a->value == b->value && a->date == b->date &&
           a->holder == b->holder && a->economy == b->economy && a->status == b->status;
}

struct wanted_entry {
    const struct state *state;
    const struct entry *entry;
};

static bool is_entry(size_t element, const void *arg)
{
    const struct wanted_entry *w = arg;
    return same_record(&w->state->entries.at[element], w->entry);
}

static size_t place_of(const struct state *s, const struct entry *e, uint64_t hash)
{
    return slots_find(&s->index, hash, is_entry, &(struct wanted_entry){s, e});
}

static bool index_rebuild(struct state *s)
{
    if (!slots_make(&s->index, s->entries.count))
        return false;
    for (size_t i = 0; i < s->entries.count; i++) {
        uint64_t hash = entry_hash(&s->entries.at[i]);
        slots_set(&s->index, place_of(s, &s->entries.at[i], hash), hash, i);
    }
    return true;
}

// ---- loading

void state_begin(struct state *s, date previous, date next)
{
    s->previous = previous;
    s->next = next;
    s->entries.count = 0;
    s->standing = 0;
    s->loaded = true;
    slots_drop(&s->index);
    s->overlaps = UINT64_MAX; // not known
}

bool state_load_entry(struct state *s, const struct entry *e)
{
    struct entry *added = ARRAY_ADD(&s->entries);
    if (!added)
        return false;
    *added = *e;
    s->standing += (e->flags & ENTRY_IN_PREVIOUS) != 0;
    return true;
}

// The archive gives a series sorted by status, then start; files are mostly sorted by start.
// Merging the few runs lets the cursor meet most of them.
bool state_sort_loaded(struct state *s)
{
    size_t from[STATUS_COUNT + 1], to[STATUS_COUNT + 1], runs = 0;
    for (size_t i = 0; i < s->entries.count; i++) {
        if (i == 0 || s->entries.at[i].status != s->entries.at[i - 1].status) {
            if (runs > STATUS_COUNT)
                return true;
            from[runs++] = i;
        }
        to[runs - 1] = i + 1;
    }
    if (runs < 2)
        return true;
    struct entry *sorted = malloc(s->entries.capacity * sizeof *sorted);
    if (!sorted)
        return false;
    for (size_t i = 0; i < s->entries.count; i++) {
        size_t best = SIZE_MAX;
        for (size_t r = 0; r < runs; r++)
            if (from[r] < to[r] && (best == SIZE_MAX ||
                                    s->entries.at[from[r]].start < s->entries.at[from[best]].start))
                best = r;
        sorted[i] = s->entries.at[from[best]++];
    }
    free(s->entries.at);
    s->entries.at = sorted;
    return true;
}

// ---- matching

void state_open_file(struct state *s)
{
    s->order.count = 0;
    s->cursor = s->strays = s->met = s->fresh = s->delegated = 0;
}

static bool is_record(const struct state *s, const struct entry *e, const struct record *r)
{
    const struct name *holder = &s->names->all.at[e->holder];
    return e->start == r->block.start && e->value == r->block.value && e->date == r->date &&
           e->economy == r->economy && e->status == r->status &&
           holder->length == r->holder.length &&
           memcmp(holder->at, r->holder.at, holder->length) == 0;
}

// The entry at the cursor, or one of the next few where some records are gone. NULL: a stray.
static struct entry *meet(struct state *s, const struct record *r)
{
    for (size_t i = s->cursor; i < s->entries.count && i < s->cursor + LOOK_AHEAD; i++)
        if (is_record(s, &s->entries.at[i], r)) {
            s->cursor = i + 1;
            return &s->entries.at[i];
        }
    return NULL;
}

static struct entry *add_entry(struct state *s, const struct entry *wanted, size_t place,
                               uint64_t hash)
{
    struct entry *added = ARRAY_ADD(&s->entries);
    if (!added || s->entries.count > UINT32_MAX - 2)
        return NULL;
    *added = *wanted;
    slots_set(&s->index, place, hash, s->entries.count - 1);
    if (!slots_hold(&s->index, s->entries.count) && !index_rebuild(s))
        return NULL;
    return added;
}

// The entry of a stray; made where there is none.
static struct entry *look_up(struct state *s, const struct record *r)
{
    struct entry wanted = {.start = r->block.start,
                           .value = r->block.value,
                           .date = r->date,
                           .holder = names_find(s->names, r->holder),
                           .economy = r->economy,
                           .status = (uint8_t)r->status};
    if (wanted.holder == UINT32_MAX || (!s->index.at && !index_rebuild(s)))
        return NULL;
    uint64_t hash = entry_hash(&wanted);
    size_t place = place_of(s, &wanted, hash);
    if (!slots_used(&s->index, place))
        return add_entry(s, &wanted, place, hash);
    s->cursor = slots_element(&s->index, place) + 1; // the one behind it
    return &s->entries.at[s->cursor - 1];
}

enum match state_match(struct state *s, const struct record *r, struct entry **ret_entry,
                       bool *ret_new)
{
    struct entry *e = meet(s, r);
    if (!e) {
        s->strays++;
        if (!(e = look_up(s, r)))
            return MATCH_NO_MEMORY;
    }
    *ret_entry = e;
    *ret_new = (e->flags & (ENTRY_IN_PREVIOUS | ENTRY_IN_NEXT | ENTRY_SEEN)) == 0;
    if (e->flags & ENTRY_SEEN)
        return MATCH_DUPLICATE;
    uint32_t *place = ARRAY_ADD(&s->order);
    if (!place)
        return MATCH_NO_MEMORY;
    *place = (uint32_t)(e - s->entries.at);
    e->flags |= ENTRY_SEEN;
    if (e->flags & ENTRY_IN_PREVIOUS)
        s->met++;
    else
        s->fresh++;
    s->delegated += (STATUS_DELEGATED & STATUS_BIT(e->status)) != 0;
    return MATCH_TAKEN;
}

// ---- the file is stored

// Entries in the order of the file, then those that stand only in N; the dead are left behind.
static bool reorder(struct state *s)
{
    ARRAY(struct entry) sorted = {0};
    if (!ARRAY_RESERVE(&sorted, s->entries.count))
        return false;
    for (size_t i = 0; i < s->order.count; i++)
        sorted.at[sorted.count++] = s->entries.at[s->order.at[i]];
    for (size_t i = 0; i < s->entries.count; i++)
        if ((s->entries.at[i].flags & (ENTRY_IN_PREVIOUS | ENTRY_IN_NEXT)) == ENTRY_IN_NEXT)
            sorted.at[sorted.count++] = s->entries.at[i];
    free(s->entries.at);
    s->entries.at = sorted.at;
    s->entries.count = sorted.count;
    s->entries.capacity = sorted.capacity;
    slots_drop(&s->index);
    return true;
}

bool state_close_file(struct state *s, date d)
{
    for (size_t i = 0; i < s->entries.count; i++) {
        struct entry *e = &s->entries.at[i];
        unsigned seen = e->flags & ENTRY_SEEN;
        e->flags &= (uint8_t) ~(ENTRY_SEEN | ENTRY_IN_PREVIOUS);
        if (seen)
            e->flags |= ENTRY_IN_PREVIOUS;
    }
    s->standing = s->order.count;
    s->previous = d;
    bool many_dead = s->entries.count > s->order.count + s->order.count / 4 + 64;
    if (s->strays * REORDER_AT > s->order.count || many_dead)
        return reorder(s);
    return true;
}

// ---- overlaps

static int compare_ranges(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->last < y->last ? -1 : x->last > y->last;
}

static uint64_t count_overlaps(struct state *s, const struct range *ranges, size_t count)
{
    uint64_t overlaps = 0;
    struct range widest = {s->family, 1, 0};
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && ranges[i].first <= widest.last && overlaps++ == 0) {
            char a[BLOCK_TEXT_MAX], b[BLOCK_TEXT_MAX];
            snprintf(s->overlap_text, sizeof s->overlap_text, "%s and %s share addresses",
                     range_format(&widest, a), range_format(&ranges[i], b));
        }
        if (i == 0 || ranges[i].last > widest.last)
            widest = ranges[i];
    }
    return overlaps;
}

bool state_find_overlaps(struct state *s)
{
    if (s->overlaps != UINT64_MAX && s->fresh == 0 && s->met == s->standing)
        return true;
    struct range *ranges = malloc((s->order.count + 1) * sizeof *ranges);
    if (!ranges)
        return false;
    bool sorted = true;
    for (size_t i = 0; i < s->order.count; i++) {
        struct block b = entry_block(s, &s->entries.at[s->order.at[i]]);
        ranges[i] = block_range(&b);
        sorted = sorted && (i == 0 || ranges[i - 1].first <= ranges[i].first);
    }
    if (!sorted)
        qsort(ranges, s->order.count, sizeof *ranges, compare_ranges);
    s->overlaps = count_overlaps(s, ranges, s->order.count);
    free(ranges);
    return true;
}
