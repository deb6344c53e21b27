// SPDX-License-Identifier: Apache-2.0
//
// Frames under way lie in a heap by the time when they come out, and by the order in which they
// came in.

#include "packet/line.h"

#include "base/splitmix.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_FIRST 64

struct frame {
    int64_t due;
    uint64_t order;
    size_t length;
    uint8_t octets[];
};

struct line {
    struct line_way way;
    uint64_t chance;
    uint64_t order;
    int64_t free_at; // when the last bit of what was sent has left
    uint64_t rest;   // and what is less than a microsecond of it, in millionths of bits
    struct frame **heap;
    size_t count, room, queued;
    struct line_counts counts;
};

bool line_is_plain(const struct line_way *w)
{
    return w->delay_us == 0 && w->jitter_us == 0 && w->loss_ppm == 0 && w->rate_bps == 0 &&
           w->reorder_ppm == 0 && w->duplicate_ppm == 0;
}

int line_new(const struct line_way *w, uint64_t seed, struct line **ret, struct err *e)
{
    struct line *l = calloc(1, sizeof *l);
    if (!l)
        return err_memory(e);
    l->way = *w;
    l->chance = seed;
    *ret = l;
    return 0;
}

void line_free(struct line **l)
{
    if (!*l)
        return;
    for (size_t i = 0; i < (*l)->count; i++)
        free((*l)->heap[i]);
    free((*l)->heap);
    free(*l);
    *l = NULL;
}

static bool happens(struct line *l, uint64_t ppm)
{
    return ppm > 0 && splitmix64(&l->chance) % 1000000 < ppm;
}

// A rate holds a frame until those before it have left: when its last bit has.
static int64_t sent(struct line *l, size_t length, int64_t now)
{
    uint64_t rate = l->way.rate_bps;
    if (rate == 0)
        return now;
    if (l->free_at < now) {
        l->free_at = now;
        l->rest = 0;
    }
    uint64_t bits = length * 8 * 1000000 + l->rest;
    l->free_at += (int64_t)(bits / rate);
    l->rest = bits % rate;
    return l->free_at;
}

static int64_t delayed(struct line *l, int64_t from)
{
    const struct line_way *w = &l->way;
    int64_t at = from + (int64_t)w->delay_us;
    if (w->jitter_us)
        at += (int64_t)(splitmix64(&l->chance) % (2 * w->jitter_us + 1)) - (int64_t)w->jitter_us;
    return at > from ? at : from;
}

static bool before(const struct frame *a, const struct frame *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static bool has_room(struct line *l)
{
    if (l->count < l->room)
        return true;
    size_t room = l->room ? 2 * l->room : FRAMES_FIRST;
    struct frame **heap = realloc(l->heap, room * sizeof(struct frame *));
    if (!heap)
        return false;
    l->heap = heap;
    l->room = room;
    return true;
}

static void enqueue(struct line *l, const uint8_t *at, size_t length, int64_t when)
{
    struct frame *f =
        l->queued + length <= LINE_QUEUE_MAX && has_room(l) ? malloc(sizeof *f + length) : NULL;
    if (!f) {
        l->counts.full++;
        return;
    }
    f->due = when;
    f->order = l->order++;
    f->length = length;
    memcpy(f->octets, at, length);
    l->queued += length;
    size_t place = l->count++;
    for (; place > 0 && before(f, l->heap[(place - 1) / 2]); place = (place - 1) / 2)
        l->heap[place] = l->heap[(place - 1) / 2];
    l->heap[place] = f;
}

void line_put(struct line *l, const uint8_t *at, size_t ahead, size_t length, int64_t now)
{
    l->counts.taken++;
    if (happens(l, l->way.loss_ppm)) {
        l->counts.lost++;
        return;
    }
    if (l->way.rate_bps && l->free_at - now > LINE_QUEUE_MAX_US) {
        l->counts.full++;
        return;
    }
    bool overtakes = happens(l, l->way.reorder_ppm);
    int64_t left = sent(l, length - ahead, now), when = overtakes ? left : delayed(l, left);
    l->counts.overtaking += overtakes;
    enqueue(l, at, length, when);
    if (happens(l, l->way.duplicate_ppm)) {
        l->counts.doubled++;
        enqueue(l, at, length, when);
    }
}

int64_t line_due(const struct line *l)
{
    return l->count ? l->heap[0]->due : INT64_MAX;
}

const uint8_t *line_next(const struct line *l, int64_t now, size_t *ret_length)
{
    if (l->count == 0 || l->heap[0]->due > now)
        return NULL;
    *ret_length = l->heap[0]->length;
    return l->heap[0]->octets;
}

void line_drop(struct line *l)
{
    if (l->count == 0)
        return;
    l->queued -= l->heap[0]->length;
    free(l->heap[0]);
    struct frame *last = l->heap[--l->count];
    size_t place = 0, child = 1;
    for (; child < l->count; place = child, child = 2 * place + 1) {
        if (child + 1 < l->count && before(l->heap[child + 1], l->heap[child]))
            child++;
        if (!before(l->heap[child], last))
            break;
        l->heap[place] = l->heap[child];
    }
    if (l->count)
        l->heap[place] = last;
}

struct line_counts line_counts(const struct line *l)
{
    return l->counts;
}
