// SPDX-License-Identifier: Apache-2.0
//
// Loading the part of the archive that a query is about.

#include "measure/figures.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>

static int nothing_known(const struct query *q, unsigned held, struct err *e)
{
    char day[DATE_TEXT_MAX];
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        if (held & REGISTRY_BIT(r))
            return err_set(e, ERR_NOT_FOUND,
                           "there is no %s snapshot of the registries asked for; there is one of "
                           "%s: ask with --registry %s",
                           family_title(q->family), registry_name((enum registry)r),
                           registry_name((enum registry)r));
    if (q->known_on == DATE_MAX)
        return err_set(e, ERR_NOT_FOUND,
                       "the archive has no %s snapshot of the registries asked for; "
                       "\"sextant import\" and \"sextant fetch rir\" fill it",
                       family_title(q->family));
    return err_set(e, ERR_NOT_FOUND,
                   "the archive has no %s snapshot of the registries asked for on %s or before; "
                   "\"sextant snapshots\" shows what it has",
                   family_title(q->family), date_format(q->known_on, day));
}

int view_registries(const struct query *q, const struct snapshot *const known[REGISTRY_COUNT],
                    unsigned *ret, struct err *e)
{
    unsigned held = 0;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        held |= known[r] ? REGISTRY_BIT(r) : 0;
    unsigned used = held & (q->registries ? q->registries : REGISTRIES_RIR);
    if (!used && !q->registries)
        used = held & REGISTRY_BIT(REGISTRY_TABLE);
    if (!used)
        return nothing_known(q, held, e);
    *ret = used;
    return 0;
}

// ---- rows

struct loader {
    const struct query *query;
    struct view *view;
    ARRAY(struct lifetime) rows;
    struct err *err;
};

static int take(struct loader *l, const struct lifetime *row)
{
    struct lifetime *add = ARRAY_ADD(&l->rows);
    if (!add)
        return err_memory(l->err);
    *add = *row;
    return 0;
}

static int take_standing(const struct lifetime *row, void *arg)
{
    struct loader *l = arg;
    if (!query_takes_block(l->query, &row->block))
        return 0;
    if (l->query->on != DATE_NONE && row->date == DATE_NONE) {
        l->view->undated_left_out++;
        return 0;
    }
    if (l->query->on != DATE_NONE && row->date > l->query->on)
        return 0;
    return take(l, row);
}

static int take_begun(const struct lifetime *row, void *arg)
{
    struct loader *l = arg;
    const struct snapshot *known = l->view->known[row->registry];
    if (!known || row->first > known->date || !query_takes_block(l->query, &row->block))
        return 0;
    return take(l, row);
}

// `history` asks for every snapshot, else for those around the day.
static int find_known(const struct measure *m, const struct query *q, bool history, struct view *v,
                      unsigned *registries, struct err *e)
{
    int code = history ? store_snapshots(m->store, &v->snapshots, e)
                       : store_snapshots_around(m->store, q->family, q->known_on, &v->snapshots, e);
    if (code)
        return code;
    snapshot_known(&v->snapshots, q->family, q->known_on, v->known);
    return view_registries(q, v->known, registries, e);
}

// Only `used` stay known.
static size_t keep_known(struct view *v, unsigned used)
{
    size_t expected = 0;
    v->known_on = DATE_NONE;
    v->registries = used;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        if (!(used >> r & 1))
            v->known[r] = NULL;
        else if (v->known[r]) {
            v->known_on = v->known[r]->date > v->known_on ? v->known[r]->date : v->known_on;
            expected += v->known[r]->delegated;
        }
    }
    return expected;
}

static int scan_rows(const struct measure *m, const struct query *q, struct view *v,
                     const struct scan *scan, size_t expected,
                     int (*row)(const struct lifetime *l, void *arg), struct err *e)
{
    struct loader l = {.query = q, .view = v, .err = e};
    if (!ARRAY_RESERVE(&l.rows, expected + 1))
        return err_memory(e);
    int code = store_scan(m->store, scan, row, &l, e);
    v->at = l.rows.at;
    v->count = l.rows.count;
    return code;
}

static int load_standing(const struct measure *m, const struct query *q, struct view *v,
                         struct err *e)
{
    unsigned registries;
    int code = find_known(m, q, false, v, &registries, e);
    if (code)
        return code;
    size_t expected = keep_known(v, registries);
    date on[REGISTRY_COUNT];
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        on[r] = v->known[r] ? v->known[r]->date : DATE_NONE;
    v->statuses = query_statuses(q);
    struct scan scan = {
        .family = q->family, .registries = registries, .statuses = v->statuses, .on = on};
    return scan_rows(m, q, v, &scan, expected, take_standing, e);
}

static int load_history(const struct measure *m, const struct query *q, struct view *v,
                        struct err *e)
{
    unsigned registries;
    int code = find_known(m, q, true, v, &registries, e);
    if (code)
        return code;
    if (registries & REGISTRIES_RIR)
        registries |= REGISTRIES_RIR;
    size_t expected = keep_known(v, registries);
    v->statuses = query_statuses(q);
    if (v->statuses & STATUS_DELEGATED)
        v->statuses |= STATUS_DELEGATED;
    struct scan scan = {.family = q->family, .registries = registries, .statuses = v->statuses};
    return scan_rows(m, q, v, &scan, expected, take_begun, e);
}

static int load(int (*how)(const struct measure *, const struct query *, struct view *,
                           struct err *),
                const struct measure *m, const struct query *q, struct view *ret, struct err *e)
{
    struct view v = {.world = m->world};
    int code = how(m, q, &v, e);
    if (code)
        view_done(&v);
    else
        *ret = v;
    return code;
}

int view_load_standing(const struct measure *m, const struct query *q, struct view *ret,
                       struct err *e)
{
    return load(load_standing, m, q, ret, e);
}

int view_load_history(const struct measure *m, const struct query *q, struct view *ret,
                      struct err *e)
{
    return load(load_history, m, q, ret, e);
}

void view_done(struct view *v)
{
    free(v->at);
    snapshot_list_free(&v->snapshots);
    *v = (struct view){0};
}
