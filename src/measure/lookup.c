// SPDX-License-Identifier: Apache-2.0
//
// What is and was registered in a range: the chain from IANA over the registry to the holder.

#include "measure/holdings.h"

#include "base/array.h"
#include "measure/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// How a record lies to the range asked about, in the order in which they are shown.
enum relation { RELATION_IANA, RELATION_COVERS, RELATION_OVERLAPS, RELATION_WITHIN };

static const char *const relation_names[] = {"IANA", "covers", "overlaps", "within"};

struct found {
    struct lifetime l;
    struct range range;
    enum relation relation;
};

struct finder {
    const struct range *asked;
    ARRAY(struct found) rows;
    struct err *err;
};

static enum relation relate(const struct range *asked, const struct range *r)
{
    if (r->first <= asked->first && asked->last <= r->last)
        return RELATION_COVERS;
    if (asked->first <= r->first && r->last <= asked->last)
        return RELATION_WITHIN;
    return RELATION_OVERLAPS;
}

static int keep(const struct lifetime *l, void *arg)
{
    struct finder *f = arg;
    if (f->rows.count >= LOOKUP_ROWS_MAX)
        return err_set(f->err, ERR_LIMIT, "more than %d records lie there; ask for a smaller range",
                       LOOKUP_ROWS_MAX);
    struct found *row = ARRAY_ADD(&f->rows);
    if (!row)
        return err_memory(f->err);
    row->l = *l;
    row->range = block_range(&l->block);
    row->relation = l->registry == REGISTRY_IANA ? RELATION_IANA : relate(f->asked, &row->range);
    return 0;
}

#define ORDER(a, b)                                                                                \
    if ((a) != (b))                                                                                \
    return (a) < (b) ? -1 : 1

static int found_order(const void *left, const void *right)
{
    const struct found *a = left, *b = right;
    u128 a_size = a->range.last - a->range.first, b_size = b->range.last - b->range.first;
    ORDER(a->relation, b->relation);
    if (a->relation == RELATION_COVERS)
        ORDER(b_size, a_size);
    ORDER(a->range.first, b->range.first);
    ORDER(b_size, a_size);
    ORDER(a->l.first, b->l.first);
    ORDER(a->l.last, b->l.last);
    ORDER(a->l.registry, b->l.registry);
    ORDER(a->l.status, b->l.status);
    ORDER(a->l.date, b->l.date);
    ORDER(a->l.economy, b->l.economy);
    ORDER(a->l.holder, b->l.holder);
    return 0;
}

// ---- the table

enum { BLOCK, RELATION, REGISTRY, ECONOMY, NAME, STATUS, DATED, FIRST, LAST, STANDS, HOLDER };

static const struct column columns[] = {
    [BLOCK] = {"block", "Block", COLUMN_TEXT, "", "The block of addresses or AS numbers."},
    [RELATION] = {"relation", "Relation", COLUMN_TEXT, "",
                  "IANA: what it gave to the registry; covers, overlaps or within: how the "
                  "registry's record lies to what was asked."},
    [REGISTRY] = {"registry", "Registry", COLUMN_TEXT, "", "The registry that states it."},
    [ECONOMY] = {"economy", "CC", COLUMN_TEXT, "", "The economy stated; empty for none."},
    [NAME] = {"name", "Name", COLUMN_TEXT, "", "The economy's name.", .machine_only = true},
    [STATUS] = {"status", "Status", COLUMN_TEXT, "", "The record's status."},
    [DATED] = {"date", "Date", COLUMN_DATE, "", "The record's own date."},
    [FIRST] = {"first_seen", "First seen", COLUMN_DATE, "", "The first snapshot that shows it."},
    [LAST] = {"last_seen", "Last seen", COLUMN_DATE, "", "The last snapshot that shows it."},
    [STANDS] = {"stands", "Now", COLUMN_TEXT, "",
                "stands, or gone: no longer in the newest snapshot."},
    [HOLDER] = {"holder", "Holder", COLUMN_TEXT, "", "The holder's opaque-id; empty for none."},
};

static int add_row(const struct measure *m, const struct found *f, struct table *t, struct err *e)
{
    char text[BLOCK_TEXT_MAX], holder[HOLDER_MAX + 1];
    size_t row = table_row(t);
    int code = store_holder(m->store, f->l.holder, holder, e);
    if (code)
        return code;
    table_set_text(t, row, RELATION, relation_names[f->relation]);
    table_set_text(t, row, BLOCK, block_format(&f->l.block, text));
    table_set_text(t, row, REGISTRY, registry_name(f->l.registry));
    if (f->l.economy != ECONOMY_NONE) {
        table_set_text(t, row, ECONOMY, economy_format(f->l.economy, text));
        table_set_text(t, row, NAME, world_name(m->world, f->l.economy));
    }
    table_set_text(t, row, STATUS, status_name(f->l.status));
    table_set_date(t, row, DATED, f->l.date);
    table_set_date(t, row, FIRST, f->l.first);
    table_set_date(t, row, LAST, f->l.last);
    table_set_text(t, row, STANDS, f->l.open ? "stands" : "gone");
    if (f->l.holder)
        table_set_text(t, row, HOLDER, holder);
    return t->failed ? err_memory(e) : 0;
}

static bool has_relation(const struct finder *f, enum relation from, enum relation to)
{
    for (size_t i = 0; i < f->rows.count; i++)
        if (f->rows.at[i].relation >= from && f->rows.at[i].relation <= to)
            return true;
    return false;
}

static int fill(const struct measure *m, const struct finder *f, size_t most, struct table *t,
                struct err *e)
{
    size_t shown = most && most < f->rows.count ? most : f->rows.count;
    int code = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    t->key_columns = 1;
    for (size_t i = 0; i < shown && code == 0; i++)
        code = add_row(m, &f->rows.at[i], t, e);
    if (shown < f->rows.count)
        table_note(t, "%zu records in all; the first %zu are shown.", f->rows.count, shown);
    if (!has_relation(f, RELATION_IANA, RELATION_IANA) && f->asked->family != FAMILY_ASN)
        table_note(t, "No block of the IANA's is known here: \"sextant import\" takes its "
                      "registries.");
    if (!has_relation(f, RELATION_COVERS, RELATION_WITHIN))
        table_note(t, "No registry has or had a record here in any snapshot held.");
    return code;
}

static int scan(const struct measure *m, const struct view *v, date known_on, struct finder *f,
                struct err *e)
{
    date on[REGISTRY_COUNT];
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        on[r] = v->known[r] ? v->known[r]->date : DATE_NONE;
    struct scan s = {.family = f->asked->family,
                     .registries = (1u << REGISTRY_COUNT) - 1,
                     .statuses = STATUS_ALL,
                     .on = known_on == DATE_MAX ? NULL : on,
                     .touching = f->asked};
    int code = store_scan(m->store, &s, keep, f, e);
    if (code == 0 && f->rows.count)
        qsort(f->rows.at, f->rows.count, sizeof *f->rows.at, found_order);
    return code;
}

static int load_known(const struct measure *m, const struct query *q, struct view *v, struct err *e)
{
    int code = store_snapshots(m->store, &v->snapshots, e);
    if (code)
        return code;
    snapshot_known(&v->snapshots, q->family, q->known_on, v->known);
    v->known_on = DATE_NONE;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        if (v->known[r] && v->known[r]->date > v->known_on)
            v->known_on = v->known[r]->date;
    if (v->known_on == DATE_NONE)
        return err_set(e, ERR_NOT_FOUND,
                       "the archive has no %s snapshot; \"sextant snapshots\" shows what it has",
                       family_name(q->family));
    return 0;
}

int measure_lookup(const struct measure *m, const struct range *range, date known_on, size_t most,
                   struct measure_tables *ret, struct err *e)
{
    struct finder f = {.asked = range, .err = e};
    struct measure_tables out = {0};
    struct view v = {.world = m->world};
    struct query q;
    char text[BLOCK_TEXT_MAX];
    query_init(&q);
    q.family = range->family;
    q.known_on = known_on;
    int code = load_known(m, &q, &v, e);
    if (code == 0)
        code = scan(m, &v, known_on, &f, e);
    if (code == 0)
        code = table_new("lookup", &out.at[0]) ? err_memory(e) : 0;
    if (code == 0) {
        out.count = 1;
        table_title(out.at[0], "%s", range_format(range, text));
        table_basis_parameter(out.at[0], "range", text);
        code = fill(m, &f, most, out.at[0], e);
    }
    if (code == 0)
        code = view_basis(m, &q, "lookup", &v, NULL, false, out.at[0], e);
    if (code == 0)
        *ret = out;
    else
        measure_tables_free(&out);
    free(f.rows.at);
    view_done(&v);
    return code;
}
