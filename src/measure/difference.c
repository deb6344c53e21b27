// SPDX-License-Identifier: Apache-2.0
//
// Differences of two states: cancel, pair, sweep, name.
//
// All records are sorted by range first, so that each step is one walk: equal records of the two
// sides stand next to each other, records of the same range form a run, and ranges that overlap
// form a longer run that ends where the next start lies behind every end so far.

#include "measure/difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[CHANGE_KIND_COUNT] = {
    "new",      "returned", "transferred", "moved", "holder-changed", "status-changed", "re-dated",
    "restated", "grown",    "shrunk",      "split", "merged",         "rearranged",
};

const char *change_kind_name(enum change_kind k)
{
    return kind_names[k];
}

char *change_fields_format(unsigned fields, char text[CHANGE_FIELDS_TEXT_MAX])
{
    static const char *const names[] = {"range", "registry", "economy", "holder", "status", "date"};
    size_t length = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (fields & 1u << i)
            length += (size_t)snprintf(text + length, CHANGE_FIELDS_TEXT_MAX - length, "%s%s",
                                       length ? " " : "", names[i]);
    return text;
}

#define ORDER(a, b)                                                                                \
    if ((a) != (b))                                                                                \
    return (a) < (b) ? -1 : 1

static int range_order(const struct entry *a, const struct entry *b)
{
    ORDER(a->first, b->first);
    ORDER(b->last, a->last); // the outer one before those within it
    return 0;
}

static int record_order(const struct entry *a, const struct entry *b)
{
    int order = range_order(a, b);
    if (order)
        return order;
    ORDER(a->registry, b->registry);
    ORDER(a->status, b->status);
    ORDER(a->economy, b->economy);
    ORDER(a->date, b->date);
    ORDER(a->holder, b->holder);
    return 0;
}

static int entry_order(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = record_order(a, b);
    if (order)
        return order;
    ORDER(a->added, b->added);
    return 0;
}

// Drops equal records of the two sides against each other. Returns how many remain.
static size_t cancel(struct entry *at, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count;) {
        size_t removed = 0, added = 0, end = i;
        for (; end < count && record_order(&at[i], &at[end]) == 0; end++)
            if (at[end].added)
                added++;
            else
                removed++;
        size_t from = removed > added ? i : i + removed;
        size_t left = removed > added ? removed - added : added - removed;
        memmove(&at[kept], &at[from], left * sizeof *at);
        kept += left;
        i = end;
    }
    return kept;
}

// The walk that puts entries together. `number[i]` is the change that entry i belongs to, counted
// from 1; 0: to none yet.
struct walk {
    const struct entry *at;
    size_t count;
    size_t *number;
    size_t changes;
};

// Joins the i-th free record that went with the i-th free one that came, within [from, to).
static void pair_between(struct walk *w, size_t from, size_t to)
{
    size_t gone = from, came = from;
    for (;;) {
        while (gone < to && (w->at[gone].added || w->number[gone]))
            gone++;
        while (came < to && (!w->at[came].added || w->number[came]))
            came++;
        if (gone == to || came == to)
            return;
        w->number[gone] = w->number[came] = ++w->changes;
    }
}

// Pairs on the very same range: first within a registry, then across registries.
static void pair_all(struct walk *w)
{
    for (size_t from = 0, to; from < w->count; from = to) {
        to = from + 1;
        for (size_t part = from; to <= w->count; to++) {
            bool same = to < w->count && range_order(&w->at[from], &w->at[to]) == 0;
            if (same && w->at[to].registry == w->at[part].registry)
                continue;
            pair_between(w, part, to);
            part = to;
            if (!same)
                break;
        }
        pair_between(w, from, to);
    }
}

// Numbers the free entries of [from, to), which overlap: together where both sides are present.
static void join(struct walk *w, size_t from, size_t to)
{
    bool sides[2] = {false, false};
    for (size_t i = from; i < to; i++)
        if (!w->number[i])
            sides[w->at[i].added] = true;
    bool together = sides[0] && sides[1];
    if (together)
        w->changes++;
    for (size_t i = from; i < to; i++)
        if (!w->number[i])
            w->number[i] = together ? w->changes : ++w->changes;
}

static void sweep(struct walk *w)
{
    size_t from = 0;
    u128 end = 0;
    bool open = false;
    for (size_t i = 0; i < w->count; i++) {
        if (w->number[i])
            continue;
        if (!open || w->at[i].first > end) {
            join(w, from, i);
            from = i;
            end = w->at[i].last;
            open = true;
        } else if (w->at[i].last > end) {
            end = w->at[i].last;
        }
    }
    join(w, from, w->count);
}

static bool within(const struct entry *inner, const struct entry *outer)
{
    return outer->first <= inner->first && inner->last <= outer->last;
}

static bool all_within(const struct entry *inner, size_t count, const struct entry *outer)
{
    for (size_t i = 0; i < count; i++)
        if (!within(&inner[i], outer))
            return false;
    return true;
}

static unsigned fields_of(const struct entry *at, size_t count)
{
    unsigned fields = 0;
    for (size_t i = 1; i < count; i++) {
        fields |= range_order(&at[0], &at[i]) ? CHANGE_FIELD_RANGE : 0;
        fields |= at[0].registry != at[i].registry ? CHANGE_FIELD_REGISTRY : 0;
        fields |= at[0].economy != at[i].economy ? CHANGE_FIELD_ECONOMY : 0;
        fields |= at[0].holder != at[i].holder ? CHANGE_FIELD_HOLDER : 0;
        fields |= at[0].status != at[i].status ? CHANGE_FIELD_STATUS : 0;
        fields |= at[0].date != at[i].date ? CHANGE_FIELD_DATE : 0;
    }
    return fields;
}

static bool is_transfer(const struct entry *at, size_t removed, size_t count)
{
    if (at[0].registry == at[removed].registry)
        return false;
    for (size_t i = 1; i < count; i++)
        if (at[i].registry != at[i < removed ? 0 : removed].registry)
            return false;
    return true;
}

static enum change_kind kind_of_pair(const struct entry *gone, const struct entry *came)
{
    if (gone->economy != came->economy && gone->economy && came->economy)
        return CHANGE_MOVED;
    if (gone->holder != came->holder && gone->holder && came->holder)
        return CHANGE_HOLDER_CHANGED;
    if (gone->status != came->status)
        return CHANGE_STATUS_CHANGED;
    if (gone->date != came->date && gone->date != DATE_NONE && came->date != DATE_NONE)
        return CHANGE_REDATED;
    return CHANGE_RESTATED;
}

static enum change_kind kind_of(const struct entry *at, size_t removed, size_t added)
{
    const struct entry *came = at + removed;
    if (removed == 0)
        return CHANGE_NEW;
    if (added == 0)
        return CHANGE_RETURNED;
    if (is_transfer(at, removed, removed + added))
        return CHANGE_TRANSFERRED;
    if (removed == 1 && added == 1 && range_order(at, came) == 0)
        return kind_of_pair(at, came);
    if (removed == 1 && all_within(came, added, at))
        return added == 1 ? CHANGE_SHRUNK : CHANGE_SPLIT;
    if (added == 1 && all_within(at, removed, came))
        return removed == 1 ? CHANGE_GROWN : CHANGE_MERGED;
    return CHANGE_REARRANGED;
}

// Renumbers the changes by their first entry and counts their two sides.
static void count_sides(struct walk *w, size_t *place, struct change *changes)
{
    size_t next = 0;
    for (size_t i = 0; i < w->count; i++) {
        size_t old = w->number[i] - 1;
        if (!place[old])
            place[old] = ++next;
        w->number[i] = place[old] - 1;
        struct change *c = &changes[w->number[i]];
        if (w->at[i].added)
            c->added++;
        else
            c->removed++;
    }
}

static void lay_out(const struct walk *w, struct difference *d)
{
    size_t at = 0;
    for (size_t i = 0; i < d->change_count; i++) {
        d->changes[i].at = at;
        at += d->changes[i].removed + d->changes[i].added;
        d->changes[i].removed = d->changes[i].added = 0;
    }
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < w->count; i++) {
            struct change *c = &d->changes[w->number[i]];
            if (w->at[i].added != (side == 1))
                continue;
            d->entries[c->at + c->removed + c->added] = w->at[i];
            if (side == 0)
                c->removed++;
            else
                c->added++;
        }
    for (size_t n = 0; n < d->change_count; n++) {
        struct change *c = &d->changes[n];
        c->kind = kind_of(d->entries + c->at, c->removed, c->added);
        if (c->removed && c->added)
            c->fields = fields_of(d->entries + c->at, c->removed + c->added);
    }
}

int difference_find(struct entry *entries, size_t count, struct difference *ret, struct err *e)
{
    if (count)
        qsort(entries, count, sizeof *entries, entry_order);
    size_t kept = cancel(entries, count);
    struct walk w = {.at = entries, .count = kept, .number = calloc(kept + 1, sizeof *w.number)};
    struct difference d = {.entry_count = kept};
    size_t *place = NULL;
    if (w.number) {
        pair_all(&w);
        sweep(&w);
        d.change_count = w.changes;
        d.entries = calloc(kept + 1, sizeof *d.entries);
        d.changes = calloc(w.changes + 1, sizeof *d.changes);
        place = calloc(w.changes + 1, sizeof *place);
    }
    int code = d.entries && d.changes && place ? 0 : err_memory(e);
    if (code == 0) {
        count_sides(&w, place, d.changes);
        lay_out(&w, &d);
        *ret = d;
    } else {
        difference_done(&d);
    }
    free(place);
    free(w.number);
    return code;
}

void difference_done(struct difference *d)
{
    free(d->entries);
    free(d->changes);
    *d = (struct difference){0};
}
