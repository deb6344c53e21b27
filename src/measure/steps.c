// SPDX-License-Identifier: Apache-2.0
//
// Steps from lifetimes: a record comes with the first snapshot that counts and shows it, and goes
// with the first one after the last that showed it. Where only a suspect snapshot lies between two
// lifetimes of one record, both fall on the same day and cancel out.

#include "measure/steps.h"

#include "base/array.h"
#include "measure/changes.h"

#include <stdlib.h>

struct event {
    date on;
    struct entry entry;
};

struct day_list {
    ARRAY(date) days; // of the snapshots that count, ascending
};

struct collection {
    date since;
    struct day_list lists[REGISTRY_COUNT];
    ARRAY(struct event) events;
};

// The first of them that is not before `d`.
static size_t find_day(const struct day_list *l, date d)
{
    size_t low = 0, high = l->days.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->days.at[middle] < d)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int add_event(struct collection *c, const struct lifetime *l, date on, bool added)
{
    struct range r = block_range(&l->block);
    struct event *event;
    if (on <= c->since)
        return 0;
    if (!(event = ARRAY_ADD(&c->events)))
        return ERR_MEMORY;
    *event = (struct event){.on = on,
                            .entry = {.first = r.first,
                                      .last = r.last,
                                      .value = l->block.value,
                                      .holder = l->holder,
                                      .date = l->date,
                                      .economy = l->economy,
                                      .registry = (uint8_t)l->registry,
                                      .status = (uint8_t)l->status,
                                      .added = added}};
    return 0;
}

// What the oldest snapshot shows came before it.
static int collect(const struct lifetime *l, void *arg)
{
    struct collection *c = arg;
    const struct day_list *list = &c->lists[l->registry];
    size_t came = find_day(list, l->first);
    size_t goes = l->open ? list->days.count : find_day(list, l->last + 1);
    int code = 0;
    if (came >= goes)
        return 0; // only suspect snapshots show it
    if (came > 0)
        code = add_event(c, l, list->days.at[came], true);
    if (code == 0 && goes < list->days.count)
        code = add_event(c, l, list->days.at[goes], false);
    return code;
}

static int list_days(const struct snapshot_list *l, enum family f, struct collection *c)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct snapshot *s = &l->at[i];
        if (s->family != f || s->suspect)
            continue;
        date *day = ARRAY_ADD(&c->lists[s->registry].days);
        if (!day)
            return ERR_MEMORY;
        *day = s->date;
    }
    return 0;
}

static int newest_first(const void *left, const void *right)
{
    const struct event *a = left, *b = right;
    return (a->on < b->on) - (a->on > b->on);
}

static bool touches_any(const struct difference *d, const struct economy_set *only)
{
    for (size_t i = 0; i < d->change_count; i++)
        if (change_touches(d, &d->changes[i], only))
            return true;
    return false;
}

// The newest day of the list is compared by itself; *count events are of it.
static int compare_day(const struct event *events, size_t left, const struct economy_set *only,
                       struct difference *ret, size_t *count, struct err *e)
{
    size_t n = 0;
    bool ours = false;
    for (; n < left && events[n].on == events[0].on; n++)
        ours = ours || economy_set_has(only, events[n].entry.economy);
    *count = n;
    if (!ours)
        return 0;
    struct entry *entries = malloc(n * sizeof *entries);
    if (!entries)
        return err_memory(e);
    for (size_t i = 0; i < n; i++)
        entries[i] = events[i].entry;
    int code = difference_find(entries, n, ret, e);
    free(entries);
    return code;
}

// After the steps that are there already, at most `most` more.
static int add_steps(struct collection *c, enum family f, const struct economy_set *only,
                     size_t most, struct change_steps *ret, struct err *e)
{
    size_t count = 0, end = ret->count + most;
    if (c->events.count > 0)
        qsort(c->events.at, c->events.count, sizeof *c->events.at, newest_first);
    for (size_t i = 0; i < c->events.count && ret->count < end; i += count) {
        struct change_step step = {.on = c->events.at[i].on, .family = f};
        int code =
            compare_day(&c->events.at[i], c->events.count - i, only, &step.difference, &count, e);
        if (code)
            return code;
        if (touches_any(&step.difference, only))
            ret->at[ret->count++] = step;
        else
            difference_done(&step.difference);
    }
    return 0;
}

static int find_family(const struct measure *m, const struct snapshot_list *l, enum family f,
                       const struct economy_set *only, size_t most, struct change_steps *ret,
                       struct err *e)
{
    struct collection c = {.since = ret->since};
    struct scan scan = {.family = f, .registries = REGISTRIES_RIR, .statuses = STATUS_DELEGATED};
    int code = list_days(l, f, &c);
    if (code == 0)
        code = store_scan(m->store, &scan, collect, &c, e);
    if (code == ERR_MEMORY)
        err_memory(e);
    if (code == 0)
        code = add_steps(&c, f, only, most, ret, e);
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        free(c.lists[r].days.at);
    free(c.events.at);
    return code;
}

static int by_day(const void *left, const void *right)
{
    const struct change_step *a = left, *b = right;
    if (a->on != b->on)
        return a->on < b->on ? 1 : -1;
    return (a->family > b->family) - (a->family < b->family);
}

static int set_period(const struct snapshot_list *l, struct change_steps *ret, struct err *e)
{
    ret->until = DATE_NONE;
    for (size_t i = 0; i < l->count; i++)
        if (l->at[i].registry < REGISTRY_RIR_COUNT &&
            (ret->until == DATE_NONE || l->at[i].date > ret->until))
            ret->until = l->at[i].date;
    if (ret->until == DATE_NONE)
        return err_set(e, ERR_NOT_FOUND, "the archive has no snapshot of a registry");
    ret->since = changes_year_before(ret->until);
    return 0;
}

// Each family may have the newest `most` of all: more are found than are kept.
int change_steps_find(const struct measure *m, const struct economy_set *only, size_t most,
                      struct change_steps *ret, struct err *e)
{
    struct change_steps steps = {.count = 0};
    struct snapshot_list snapshots = {0};
    size_t each = most < CHANGE_STEPS_MAX / FAMILY_COUNT ? most : CHANGE_STEPS_MAX / FAMILY_COUNT;
    int code = store_snapshots(m->store, &snapshots, e);
    if (code == 0)
        code = set_period(&snapshots, &steps, e);
    for (unsigned f = 0; f < FAMILY_COUNT && code == 0; f++)
        code = find_family(m, &snapshots, (enum family)f, only, each, &steps, e);
    snapshot_list_free(&snapshots);
    if (code) {
        change_steps_done(&steps);
        return code;
    }
    qsort(steps.at, steps.count, sizeof *steps.at, by_day);
    while (steps.count > most)
        difference_done(&steps.at[--steps.count].difference);
    *ret = steps;
    return 0;
}

void change_steps_done(struct change_steps *s)
{
    for (size_t i = 0; i < s->count; i++)
        difference_done(&s->at[i].difference);
    s->count = 0;
}
