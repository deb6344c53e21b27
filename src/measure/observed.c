// SPDX-License-Identifier: Apache-2.0
//
// Pace by observation: what appeared and what left between snapshots.
//
// Space and delegations are followed apart. *Space* is cut into segments at every first and last
// address of any block; a segment is delegated from the first snapshot in which some block covers
// it until the first one in which none does. A *delegation* is a block; it stands from its first
// snapshot to its last. An absence of at most `bridge` days is none: the segment or block counts
// as if it had stood all along. So
//
//   - a record that only changed economy, registry, status, date or holder adds nothing: what
//     changed hands between keys is a move;
//   - space is added when a segment becomes delegated, removed when it is no more;
//   - a block is an added delegation when all of its space becomes delegated with it, else it is a
//     re-cut of space that was delegated before (a split, a merger, a growth: a /32 that grows into
//     a /29 adds seven /32s and no delegation); and the same, turned round, when it leaves;
//   - what the first snapshot of a registry shows is its opening stock, not an addition.
//
// Where blocks overlap, a segment belongs to the smallest of them, and of equal ones to the one
// that began last; each address counts once.
//
// Blocks that overlap, at whatever time, form a component. Most components are one block with one
// lifetime; the work is a sort and a pass over all components.

#include "measure/pace.h"

#include <stdlib.h>

// A lifetime as far as it matters here.
struct life {
    u128 first, last; // addresses
    date begin, gone; // gone: the first day on which it is known not to stand; DATE_MAX: stands
    uint32_t holder;
    economy economy;
    uint8_t registry;
    bool opening : 1; // begins with its registry's first snapshot
    bool shown : 1;   // of a registry and a status that are asked for
};

// Rows that come in order; the first of them is `life`, of the view's row `at`.
struct run {
    struct life life;
    size_t at, end;
};

// At a date a segment or a block passes from one lifetime to another; NULL: from or to nobody.
struct step {
    date date;
    const struct life *from, *to;
};

typedef ARRAY(struct step) step_array;

// One address range and what became of it: steps[begin .. end).
struct trace {
    u128 first, last;
    size_t begin, end;
};

struct observer {
    const struct view *view;
    unsigned bridge;
    unsigned registries, statuses;    // shown
    ARRAY(date) days[REGISTRY_COUNT]; // of snapshots that are not suspect, in order
    date opened[REGISTRY_COUNT];      // the first snapshot
    struct life *lives;               // by first, last (larger first), begin
    struct flows flows;
    step_array steps; // of the component
    ARRAY(struct trace) segments;
    ARRAY(const struct life *) covering, active;
    ARRAY(u128) cuts;
    bool failed; // out of memory
};

// ---- lifetimes

static bool list_days(struct observer *o, enum family family)
{
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        o->opened[r] = DATE_MAX;
    for (size_t i = 0; i < o->view->snapshots.count; i++) {
        const struct snapshot *s = &o->view->snapshots.at[i];
        const struct snapshot *known = o->view->known[s->registry];
        if (s->family != family || !known || s->date > known->date)
            continue;
        o->opened[s->registry] =
            s->date < o->opened[s->registry] ? s->date : o->opened[s->registry];
        date *day = s->suspect ? NULL : ARRAY_ADD(&o->days[s->registry]);
        if (!day && !s->suspect)
            return false;
        if (day)
            *day = s->date;
    }
    return true;
}

// The first snapshot after the last one that shows the record. A suspect one proves nothing.
static date find_gone(const struct observer *o, const struct lifetime *l)
{
    const date *days = o->days[l->registry].at;
    size_t low = 0, high = o->days[l->registry].count;
    if (high == 0 || l->last >= days[high - 1])
        return DATE_MAX;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (days[middle] <= l->last)
            low = middle + 1;
        else
            high = middle;
    }
    return days[low];
}

static struct life make_life(const struct observer *o, const struct lifetime *l, uint32_t holder)
{
    struct range range = block_range(&l->block);
    return (struct life){.first = range.first,
                         .last = range.last,
                         .begin = l->first,
                         .gone = find_gone(o, l),
                         .holder = holder,
                         .economy = l->economy,
                         .registry = (uint8_t)l->registry,
                         .opening = l->first == o->opened[l->registry],
                         .shown = (o->registries >> l->registry & 1) &&
                                  (o->statuses & STATUS_BIT(l->status))};
}

static bool life_after(const struct life *a, const struct life *b)
{
    if (a->first != b->first)
        return a->first > b->first;
    if (a->last != b->last)
        return a->last < b->last;
    return a->begin > b->begin;
}

static bool run_after(const struct run *a, const struct run *b)
{
    if (life_after(&a->life, &b->life))
        return true;
    return !life_after(&b->life, &a->life) && a->at > b->at;
}

static bool row_after(const struct lifetime *a, const struct lifetime *b)
{
    if (a->block.start != b->block.start)
        return a->block.start > b->block.start;
    u128 last_a = block_range(&a->block).last, last_b = block_range(&b->block).last;
    return last_a != last_b ? last_a < last_b : a->first > b->first;
}

// The run that begins at a row, and where it ends.
static struct run read_run(const struct observer *o, const struct holders *h, size_t at)
{
    const struct view *v = o->view;
    size_t end = at + 1;
    while (end < v->count && !row_after(&v->at[end - 1], &v->at[end]))
        end++;
    return (struct run){make_life(o, &v->at[at], h->number[at]), at, end};
}

static void sink(struct run *heap, size_t count, size_t at)
{
    struct run moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && run_after(&heap[child], &heap[child + 1]))
            child++;
        if (!run_after(&moved, &heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

// The archive gives few and long runs: a row of each registry and status.
static bool list_lives(struct observer *o, const struct holders *h)
{
    const struct view *v = o->view;
    ARRAY(struct run) heap = {0};
    o->lives = calloc(v->count + 1, sizeof *o->lives);
    bool done = o->lives != NULL;
    for (size_t at = 0; done && at < v->count;) {
        struct run *add = ARRAY_ADD(&heap);
        done = add != NULL;
        if (add)
            *add = read_run(o, h, at);
        at = add ? add->end : v->count;
    }
    for (size_t i = heap.count; done && i-- > 0;)
        sink(heap.at, heap.count, i);
    for (size_t i = 0; done && i < v->count; i++) {
        struct run *top = heap.at;
        o->lives[i] = top->life;
        if (++top->at < top->end)
            top->life = make_life(o, &v->at[top->at], h->number[top->at]);
        else
            *top = heap.at[--heap.count];
        sink(heap.at, heap.count, 0);
    }
    free(heap.at);
    return done;
}

// ---- following one range through time

static bool is_better(const struct life *a, const struct life *b)
{
    u128 size_a = a->last - a->first, size_b = b->last - b->first;
    return size_a != size_b ? size_a < size_b : a->begin >= b->begin;
}

static bool activate(struct observer *o, const struct life *l)
{
    const struct life **add = ARRAY_ADD(&o->active);
    if (add)
        *add = l;
    return add != NULL;
}

// Drops what has gone by `now`; who owns the range from then on; when that can change next.
static const struct life *find_owner(struct observer *o, date now, date *next)
{
    const struct life *best = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < o->active.count; i++) {
        const struct life *l = o->active.at[i];
        if (l->gone <= now)
            continue;
        o->active.at[kept++] = l;
        best = !best || is_better(l, best) ? l : best;
        *next = l->gone < *next ? l->gone : *next;
    }
    o->active.count = kept;
    return best;
}

static void add_step(struct observer *o, date when, const struct life *from, const struct life *to)
{
    struct step *add = ARRAY_ADD(&o->steps);
    if (add)
        *add = (struct step){when, from, to};
    else
        o->failed = true;
}

// A range without an owner since `ended` gets one: a bridge, or an end and a beginning.
static void add_return(struct observer *o, date now, date ended, const struct life *old,
                       const struct life *owner)
{
    if (old && (int64_t)now - ended > (int64_t)o->bridge) {
        add_step(o, ended, old, NULL);
        old = NULL;
    }
    add_step(o, now, old, owner);
}

// Appends the steps of a range that the lives, in order of begin, cover.
static void follow(struct observer *o, const struct life *const *lives, size_t count)
{
    const struct life *owner = NULL, *old = NULL;
    date ended = DATE_NONE, now = count > 0 ? lives[0]->begin : DATE_MAX;
    size_t next = 0;
    o->active.count = 0;
    while (now != DATE_MAX && !o->failed) {
        for (; next < count && lives[next]->begin <= now; next++)
            o->failed |= !activate(o, lives[next]);
        date then = next < count ? lives[next]->begin : DATE_MAX;
        const struct life *best = find_owner(o, now, &then);
        if (best && !owner)
            add_return(o, now, ended, old, best);
        else if (best && best != owner)
            add_step(o, now, owner, best);
        else if (!best && owner) {
            ended = now;
            old = owner;
        }
        owner = best;
        now = then;
    }
    if (!owner && old)
        add_step(o, ended, old, NULL);
}

// ---- flows

static void add_flow(struct observer *o, enum flow_kind kind, date when, const struct life *l,
                     uint32_t delegations, u128 space)
{
    struct flow *add = l->shown ? ARRAY_ADD(&o->flows.list) : NULL;
    if (add)
        *add = (struct flow){.space = space,
                             .date = when,
                             .holder = delegations || kind == FLOW_SEEN ? l->holder : 0,
                             .delegations = delegations,
                             .economy = l->economy,
                             .registry = l->registry,
                             .kind = (uint8_t)kind};
    else if (l->shown)
        o->failed = true;
}

static bool same_cell(const struct life *a, const struct life *b)
{
    return a->shown == b->shown && a->economy == b->economy && a->registry == b->registry;
}

// What a step does to the keys. `whole`: a beginning or an end is one of all the space in question.
static void add_step_flows(struct observer *o, const struct step *s, bool whole,
                           uint32_t delegations, u128 space)
{
    if (!s->from) {
        enum flow_kind kind = s->to->opening ? FLOW_OPENED : FLOW_ADDED;
        add_flow(o, whole ? kind : FLOW_RECUT_IN, s->date, s->to, delegations, space);
    } else if (!s->to) {
        add_flow(o, whole ? FLOW_REMOVED : FLOW_RECUT_OUT, s->date, s->from, delegations, space);
    } else if (!same_cell(s->from, s->to)) {
        add_flow(o, FLOW_MOVED_OUT, s->date, s->from, delegations, space);
        add_flow(o, FLOW_MOVED_IN, s->date, s->to, delegations, space);
    }
}

static u128 range_size(u128 first, u128 last)
{
    return last - first == U128_MAX ? U128_MAX : last - first + 1;
}

static bool cover(struct observer *o, const struct life *lives, size_t count)
{
    o->covering.count = 0;
    for (size_t i = 0; i < count && !o->failed; i++) {
        const struct life **add = ARRAY_ADD(&o->covering);
        o->failed = !add;
        if (add)
            *add = &lives[i];
    }
    return !o->failed;
}

// A component of one block: its space and its delegation are the same.
static void observe_block(struct observer *o, const struct life *lives, size_t count)
{
    o->steps.count = 0;
    if (!cover(o, lives, count))
        return;
    follow(o, o->covering.at, o->covering.count);
    for (size_t i = 0; i < o->steps.count; i++)
        add_step_flows(o, &o->steps.at[i], true, 1, range_size(lives[0].first, lives[0].last));
}

// ---- components of several blocks

static int compare_cuts(const void *a, const void *b)
{
    u128 x = *(const u128 *)a, y = *(const u128 *)b;
    return (x > y) - (x < y);
}

static int compare_begins(const void *a, const void *b)
{
    const struct life *x = *(const struct life *const *)a, *y = *(const struct life *const *)b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x > y) - (x < y);
}

static bool add_cut(struct observer *o, u128 at)
{
    u128 *add = ARRAY_ADD(&o->cuts);
    if (add)
        *add = at;
    return add != NULL;
}

// A segment begins at each first address and behind each last one.
static bool cut_segments(struct observer *o, const struct life *lives, size_t count, u128 end)
{
    o->cuts.count = 0;
    for (size_t i = 0; i < count; i++)
        if (!add_cut(o, lives[i].first) || (lives[i].last < end && !add_cut(o, lives[i].last + 1)))
            return false;
    qsort(o->cuts.at, o->cuts.count, sizeof *o->cuts.at, compare_cuts);
    o->segments.count = 0;
    for (size_t i = 0; i < o->cuts.count; i++) {
        if (i > 0 && o->cuts.at[i] == o->cuts.at[i - 1])
            continue;
        struct trace *add = ARRAY_ADD(&o->segments);
        if (!add)
            return false;
        *add = (struct trace){.first = o->cuts.at[i], .last = end};
        if (o->segments.count > 1)
            add[-1].last = o->cuts.at[i] - 1;
    }
    return true;
}

// Lives are sorted by their first address; `candidates` are those that may reach a segment.
static void follow_segments(struct observer *o, const struct life *lives, size_t count)
{
    ARRAY(const struct life *) candidates = {0};
    size_t next = 0;
    o->steps.count = 0;
    for (size_t i = 0; i < o->segments.count && !o->failed; i++) {
        struct trace *segment = &o->segments.at[i];
        size_t kept = 0;
        for (size_t j = 0; j < candidates.count; j++)
            if (candidates.at[j]->last >= segment->first)
                candidates.at[kept++] = candidates.at[j];
        candidates.count = kept;
        for (; next < count && lives[next].first <= segment->first; next++) {
            const struct life **add = ARRAY_ADD(&candidates);
            o->failed |= !add;
            if (add)
                *add = &lives[next];
        }
        qsort(candidates.at, candidates.count, sizeof *candidates.at, compare_begins);
        segment->begin = o->steps.count;
        follow(o, candidates.at, candidates.count);
        segment->end = o->steps.count;
    }
    free(candidates.at);
}

static void add_segment_flows(struct observer *o)
{
    for (size_t i = 0; i < o->segments.count; i++) {
        const struct trace *segment = &o->segments.at[i];
        u128 size = range_size(segment->first, segment->last);
        for (size_t j = segment->begin; j < segment->end; j++)
            add_step_flows(o, &o->steps.at[j], true, 0, size);
    }
}

static bool segment_has(const struct observer *o, const struct trace *segment, date when,
                        bool begins)
{
    for (size_t i = segment->begin; i < segment->end; i++) {
        const struct step *s = &o->steps.at[i];
        if (s->date == when && !(begins ? s->from : s->to))
            return true;
    }
    return false;
}

// Does all space from `first` to `last` become delegated, or cease to be, on that day?
static bool is_whole(const struct observer *o, const struct life *block, date when, bool begins)
{
    size_t low = 0, high = o->segments.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->segments.at[middle].first < block->first)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < o->segments.count && o->segments.at[low].first <= block->last; low++)
        if (!segment_has(o, &o->segments.at[low], when, begins))
            return false;
    return true;
}

// The lives of one and the same block within a component.
static void observe_part(struct observer *o, const struct life *lives, size_t count)
{
    size_t begin = o->steps.count;
    if (!cover(o, lives, count))
        return;
    follow(o, o->covering.at, o->covering.count);
    for (size_t i = begin; i < o->steps.count; i++) {
        const struct step *s = &o->steps.at[i];
        bool change = s->from && s->to;
        add_step_flows(o, s, change || is_whole(o, &lives[0], s->date, !s->from), 1, 0);
    }
    o->steps.count = begin;
}

static bool same_block(const struct life *a, const struct life *b)
{
    return a->first == b->first && a->last == b->last;
}

static void observe_component(struct observer *o, const struct life *lives, size_t count, u128 end)
{
    if (!cut_segments(o, lives, count, end)) {
        o->failed = true;
        return;
    }
    follow_segments(o, lives, count);
    add_segment_flows(o);
    for (size_t i = 0, j; i < count && !o->failed; i = j) {
        for (j = i + 1; j < count && same_block(&lives[i], &lives[j]); j++)
            ;
        observe_part(o, &lives[i], j - i);
    }
}

static void observe(struct observer *o, size_t count)
{
    for (size_t i = 0, j; i < count && !o->failed; i = j) {
        u128 end = o->lives[i].last;
        bool one_block = true;
        for (j = i + 1; j < count && o->lives[j].first <= end; j++) {
            one_block &= same_block(&o->lives[i], &o->lives[j]);
            end = o->lives[j].last > end ? o->lives[j].last : end;
        }
        if (one_block)
            observe_block(o, &o->lives[i], j - i);
        else
            observe_component(o, &o->lives[i], j - i, end);
    }
}

// ---- all of it

static void find_first(struct flows *f)
{
    f->first = DATE_MAX;
    for (size_t i = 0; i < f->list.count; i++)
        if (f->list.at[i].date < f->first)
            f->first = f->list.at[i].date;
}

static bool observe_view(struct observer *o, const struct query *q, const struct holders *h)
{
    const struct view *v = o->view;
    if (!list_days(o, q->family) || !list_lives(o, h) ||
        !ARRAY_RESERVE(&o->flows.list, v->count + 1))
        return false;
    for (size_t i = 0; i < v->count; i++)
        if (o->lives[i].holder)
            add_flow(o, FLOW_SEEN, o->lives[i].begin, &o->lives[i], 0, 0);
    observe(o, v->count);
    find_first(&o->flows);
    return !o->failed;
}

static void observer_done(struct observer *o)
{
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        free(o->days[r].at);
    free(o->lives);
    free(o->flows.list.at);
    free(o->steps.at);
    free(o->segments.at);
    free(o->covering.at);
    free(o->active.at);
    free(o->cuts.at);
}

int flows_from_observation(const struct query *q, const struct view *v, const struct holders *h,
                           struct flows *ret, struct err *e)
{
    struct observer o = {.view = v,
                         .bridge = q->bridge,
                         .registries = q->registries ? q->registries : v->registries,
                         .statuses = query_statuses(q)};
    bool done = observe_view(&o, q, h);
    if (done) {
        *ret = o.flows;
        o.flows.list.at = NULL;
    }
    observer_done(&o);
    return done ? 0 : err_memory(e);
}
