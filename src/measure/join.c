// SPDX-License-Identifier: Apache-2.0

#include "measure/join.h"

#include <stdlib.h>
#include <string.h>

// ---- order

static bool is_ordered(const struct delegated *a, const struct delegated *b)
{
    if (a->first != b->first)
        return a->first < b->first;
    return a->last != b->last ? a->last > b->last : a->row <= b->row;
}

// The end of the run that begins there.
static size_t run_end(const struct delegated *at, size_t begin, size_t count)
{
    size_t end = begin < count ? begin + 1 : count;
    while (end < count && is_ordered(&at[end - 1], &at[end]))
        end++;
    return end;
}

static void merge_runs(const struct delegated *from, size_t begin, size_t middle, size_t end,
                       struct delegated *to)
{
    size_t a = begin, b = middle;
    for (size_t i = begin; i < end; i++)
        to[i] = b == end || (a < middle && is_ordered(&from[a], &from[b])) ? from[a++] : from[b++];
}

// Merges neighbouring runs once; true when one run is left.
static bool merge_once(const struct delegated *from, size_t count, struct delegated *to)
{
    size_t merged = 0;
    for (size_t begin = 0; begin < count; merged++) {
        size_t middle = run_end(from, begin, count), end = run_end(from, middle, count);
        merge_runs(from, begin, middle, end, to);
        begin = end;
    }
    return merged <= 1;
}

int delegated_sort(const struct lifetime *rows, size_t count, struct delegated **ret, struct err *e)
{
    struct delegated *at = calloc(count + 1, sizeof *at), *to = calloc(count + 1, sizeof *to);
    for (size_t i = 0; at && to && i < count; i++) {
        struct range r = block_range(&rows[i].block);
        at[i] = (struct delegated){r.first, r.last, (uint32_t)i};
    }
    for (bool done = !at || !to; !done;) {
        done = merge_once(at, count, to);
        struct delegated *swap = at;
        at = to;
        to = swap;
    }
    bool made = at && to;
    free(to);
    if (made)
        *ret = at;
    else
        free(at);
    return made ? 0 : err_memory(e);
}

// ---- the sweep
//
// Two stacks of blocks that are open at the place of the sweep. The nest: each ends where the one
// before it does or earlier, so that the last one around a prefix is the innermost. The loose: what
// a later block overlaps in part and outlasts; all that lies in both is the later one's. They are a
// heap by last address.

struct sweep {
    const struct routing *routing;
    const struct delegated *blocks;
    size_t count, next; // blocks; those entered
    struct seen *seen;  // while a block is open: `space` what is announced before it, `inside` how
                        // many prefixes begin before it
    uint32_t *nest, *loose;
    size_t depth, loose_count;
    u128 sum;      // addresses announced by the prefixes passed
    u128 sum_last; // the last of them
    size_t at;     // prefixes passed
};

// Announced addresses up to a place, by the prefixes that begin there or before.
static u128 announced_until(const struct sweep *s, u128 last)
{
    return s->sum - (s->sum > 0 && s->sum_last > last ? s->sum_last - last : 0);
}

static void close_block(struct sweep *s, uint32_t block)
{
    struct seen *seen = &s->seen[block];
    seen->space = announced_until(s, s->blocks[block].last) - seen->space;
    seen->inside = (uint32_t)s->at - seen->inside;
}

static void swap_loose(struct sweep *s, size_t a, size_t b)
{
    uint32_t swap = s->loose[a];
    s->loose[a] = s->loose[b];
    s->loose[b] = swap;
}

static bool ends_before(const struct sweep *s, size_t a, size_t b)
{
    return s->blocks[s->loose[a]].last < s->blocks[s->loose[b]].last;
}

static void add_loose(struct sweep *s, uint32_t block)
{
    size_t at = s->loose_count++;
    s->loose[at] = block;
    for (; at > 0 && ends_before(s, at, (at - 1) / 2); at = (at - 1) / 2)
        swap_loose(s, at, (at - 1) / 2);
}

static void close_loose(struct sweep *s)
{
    close_block(s, s->loose[0]);
    s->loose[0] = s->loose[--s->loose_count];
    for (size_t at = 0, child; (child = 2 * at + 1) < s->loose_count; at = child) {
        child += child + 1 < s->loose_count && ends_before(s, child + 1, child);
        if (!ends_before(s, child, at))
            break;
        swap_loose(s, at, child);
    }
}

// Closes what ends before a place.
static void close_before(struct sweep *s, u128 first)
{
    while (s->depth > 0 && s->blocks[s->nest[s->depth - 1]].last < first)
        close_block(s, s->nest[--s->depth]);
    while (s->loose_count > 0 && s->blocks[s->loose[0]].last < first)
        close_loose(s);
}

// The prefixes that begin with the block and are around it, or it, are those next in order.
static void enter(struct sweep *s, uint32_t block)
{
    const struct delegated *b = &s->blocks[block];
    const struct routing *r = s->routing;
    size_t place = s->at;
    close_before(s, b->first);
    while (s->depth > 0 && s->blocks[s->nest[s->depth - 1]].last < b->last)
        add_loose(s, s->nest[--s->depth]);
    s->nest[s->depth++] = block;
    u128 last = b->first - 1; // of the prefix at `place`
    for (; place < r->prefixes && r->at.at[place].start == b->first; place++) {
        last = prefix_last(r->family, b->first, r->at.at[place].length);
        if (last <= b->last)
            break;
    }
    bool exact = place < r->prefixes && r->at.at[place].start == b->first && last == b->last;
    s->seen[block] =
        (struct seen){.space = b->first > 0 ? announced_until(s, b->first - 1) : 0,
                      .inside = (uint32_t)(place + exact),
                      .exact = exact,
                      .covered = place > s->at || (s->sum > 0 && s->sum_last >= b->last)};
}

static uint32_t find_cover(struct sweep *s, u128 first, u128 last)
{
    close_before(s, first);
    for (size_t i = s->depth; i > 0; i--)
        if (s->blocks[s->nest[i - 1]].last >= last)
            return s->nest[i - 1];
    bool part = s->depth > 0 || (s->next < s->count && s->blocks[s->next].first <= last);
    return part ? COVER_PART : COVER_NONE;
}

static void sweep(struct sweep *s, uint32_t *cover)
{
    const struct routing *r = s->routing;
    for (; s->at < r->prefixes; s->at++) {
        u128 first = r->at.at[s->at].start;
        u128 last = prefix_last(r->family, first, r->at.at[s->at].length);
        while (s->next < s->count && s->blocks[s->next].first <= first)
            enter(s, (uint32_t)s->next++);
        cover[s->at] = find_cover(s, first, last);
        if (s->sum == 0 || last > s->sum_last) {
            s->sum = last - first == U128_MAX ? U128_MAX : s->sum + (last - first) + 1;
            s->sum_last = last;
        }
    }
    while (s->next < s->count)
        enter(s, (uint32_t)s->next++);
    while (s->depth > 0)
        close_block(s, s->nest[--s->depth]);
    while (s->loose_count > 0)
        close_loose(s);
}

int join(const struct routing *r, const struct delegated *blocks, size_t count, struct join *ret,
         struct err *e)
{
    struct join j = {malloc((count + 1) * sizeof *j.blocks),
                     malloc((r->prefixes + 1) * sizeof *j.cover)};
    struct sweep s = {.routing = r,
                      .blocks = blocks,
                      .count = count,
                      .seen = j.blocks,
                      .nest = malloc((count + 1) * sizeof *s.nest),
                      .loose = malloc((count + 1) * sizeof *s.loose)};
    bool done = s.nest && s.loose && j.blocks && j.cover;
    if (done)
        sweep(&s, j.cover);
    free(s.nest);
    free(s.loose);
    if (done)
        *ret = j;
    else
        join_done(&j);
    return done ? 0 : err_memory(e);
}

void join_done(struct join *j)
{
    free(j->blocks);
    free(j->cover);
    *j = (struct join){0};
}
