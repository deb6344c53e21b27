// SPDX-License-Identifier: Apache-2.0
//
// Changes between two states of the archive, and the tables of them.
//
// A lifetime that stands on both days has not changed and is dropped as it streams by; the
// comparison (difference.c) sees only what stands on one of them.

#include "measure/changes.h"

#include "base/array.h"
#include "measure/figures.h"
#include "measure/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANGES_ROWS_MAX 4000000 // rows: every record of every registry on both days fits

static const char *const space_names[SPACE_COUNT] = {"delegated", "stock"};

const char *space_name(enum space s)
{
    return space_names[s];
}

date changes_year_before(date d)
{
    struct civil c = date_civil(d);
    c.year--;
    if (!date_valid(c.year, c.month, c.day))
        c.day = 28; // of 29 February
    return date_of(c.year, c.month, c.day);
}

// ---- collecting

struct collection {
    const struct query *query;
    date before[REGISTRY_COUNT], after[REGISTRY_COUNT];
    ARRAY(struct entry) entries;
};

static int collect(const struct lifetime *l, void *arg)
{
    struct collection *c = arg;
    date before = c->before[l->registry], after = c->after[l->registry];
    bool then = l->first <= before && before <= l->last;
    bool now = l->first <= after && after <= l->last;
    if (then == now || !query_takes_block(c->query, &l->block))
        return 0;
    struct entry *entry = ARRAY_ADD(&c->entries);
    if (!entry)
        return ERR_MEMORY;
    struct range r = block_range(&l->block);
    *entry = (struct entry){.first = r.first,
                            .last = r.last,
                            .value = l->block.value,
                            .holder = l->holder,
                            .date = l->date,
                            .economy = l->economy,
                            .registry = (uint8_t)l->registry,
                            .status = (uint8_t)l->status,
                            .added = now};
    return 0;
}

// Which registries are compared: those asked for that have a snapshot on both days.
static int choose_registries(const struct query *q, struct changes *c, unsigned *ret, struct err *e)
{
    unsigned wanted = 0, compared = 0;
    snapshot_known(&c->snapshots, q->family, q->from, c->before);
    snapshot_known(&c->snapshots, q->family, q->to, c->after);
    int code = view_registries(q, c->after, &wanted, e);
    if (code)
        return code;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        bool asked = wanted & REGISTRY_BIT(r);
        if (asked && !c->before[r])
            c->left_out |= REGISTRY_BIT(r);
        else if (asked)
            compared |= REGISTRY_BIT(r);
        if (!asked || !c->before[r])
            c->before[r] = c->after[r] = NULL;
    }
    *ret = compared;
    char from[DATE_TEXT_MAX];
    return compared ? 0
                    : err_set(e, ERR_NOT_FOUND,
                              "no %s snapshot on or before %s to compare with; "
                              "\"sextant snapshots\" lists what is held",
                              family_name(q->family), date_format(q->from, from));
}

static int compare_space(const struct measure *m, const struct query *q, unsigned registries,
                         unsigned statuses, const struct changes *c, struct difference *ret,
                         struct err *e)
{
    struct collection all = {.query = q};
    struct scan scan = {.family = q->family, .registries = registries, .statuses = statuses};
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        all.before[r] = c->before[r] ? c->before[r]->date : DATE_NONE;
        all.after[r] = c->after[r] ? c->after[r]->date : DATE_NONE;
    }
    int code = store_scan(m->store, &scan, collect, &all, e);
    if (code == ERR_MEMORY)
        err_memory(e);
    if (code == 0)
        code = difference_find(all.entries.at, all.entries.count, ret, e);
    free(all.entries.at);
    return code;
}

int changes_find(const struct measure *m, const struct query *q, struct changes *ret, struct err *e)
{
    struct changes c = {0};
    unsigned registries = 0, statuses = query_statuses(q);
    unsigned parts[SPACE_COUNT] = {statuses & STATUS_DELEGATED, statuses & ~STATUS_DELEGATED};
    int code = store_snapshots(m->store, &c.snapshots, e);
    if (code == 0)
        code = choose_registries(q, &c, &registries, e);
    for (int i = 0; i < SPACE_COUNT && code == 0; i++)
        if (parts[i])
            code = compare_space(m, q, registries, parts[i], &c, &c.spaces[i], e);
    if (code)
        changes_done(&c);
    else
        *ret = c;
    return code;
}

void changes_done(struct changes *c)
{
    snapshot_list_free(&c->snapshots);
    for (int i = 0; i < SPACE_COUNT; i++)
        difference_done(&c->spaces[i]);
    *c = (struct changes){0};
}

// ---- sums

bool change_touches(const struct difference *d, const struct change *c,
                    const struct economy_set *only)
{
    for (size_t i = c->at; i < c->at + c->removed + c->added; i++)
        if (economy_set_has(only, d->entries[i].economy))
            return true;
    return false;
}

void changes_sum(const struct difference *d, const struct economy_set *only,
                 struct change_sum sums[CHANGE_KIND_COUNT])
{
    memset(sums, 0, CHANGE_KIND_COUNT * sizeof *sums);
    for (size_t n = 0; n < d->change_count; n++) {
        const struct change *c = &d->changes[n];
        struct change_sum *s = &sums[c->kind];
        s->changes += change_touches(d, c, only);
        for (const struct entry *x = d->entries + c->at;
             x < d->entries + c->at + c->removed + c->added; x++) {
            u128 space = space_add(x->last - x->first, 1);
            if (!economy_set_has(only, x->economy))
                continue;
            s->removed += !x->added;
            s->added += x->added;
            if (x->added)
                s->added_space = space_add(s->added_space, space);
            else
                s->removed_space = space_add(s->removed_space, space);
        }
    }
}

// ---- tables

enum {
    CHANGE,
    KIND,
    FIELDS,
    SIDE,
    REGISTRY,
    ECONOMY,
    BLOCK,
    FAMILY,
    START,
    VALUE,
    DATED,
    STATUS,
    HOLDER
};

static const struct column row_columns[] = {
    [CHANGE] = {"change", "No.", COLUMN_COUNT, "", "The change's number, by address."},
    [KIND] = {"kind", "Kind", COLUMN_TEXT, "", "What happened, see the sums by kind."},
    [FIELDS] = {"fields", "Differs in", COLUMN_TEXT, "",
                "The fields that are not the same in all records of the change.",
                .machine_only = true},
    [SIDE] = {"side", "±", COLUMN_TEXT, "",
              "- for a record of the first state only, + for one of the second only."},
    [REGISTRY] = {"registry", "Registry", COLUMN_TEXT, "", "The registry that states the record."},
    [ECONOMY] = {"economy", "CC", COLUMN_TEXT, "",
                 "The economy that the record states; empty for none."},
    [BLOCK] = {"block", "Block", COLUMN_TEXT, "", "The block of addresses or AS numbers."},
    [FAMILY] = {"family", "Family", COLUMN_TEXT, "", "ipv6, ipv4 or asn.", .machine_only = true},
    [START] = {"start", "Start", COLUMN_TEXT, "", "First address or AS number.",
               .machine_only = true},
    [VALUE] = {"value", "Value", COLUMN_COUNT, "", "Prefix length (IPv6) or count.",
               .machine_only = true},
    [DATED] = {"date", "Date", COLUMN_DATE, "", "The record's own date."},
    [STATUS] = {"status", "Status", COLUMN_TEXT, "", "The record's status."},
    [HOLDER] = {"holder", "Holder", COLUMN_TEXT, "", "The holder's opaque-id; empty for none.",
                .machine_only = true},
};

static int add_record(struct table *t, struct store *store, enum family family,
                      const struct entry *x, struct err *e)
{
    struct block b = {family, x->first, x->value};
    char text[BLOCK_TEXT_MAX];
    char holder[HOLDER_MAX + 1];
    size_t row = t->row_count - 1;
    int code = store_holder(store, x->holder, holder, e);
    if (code)
        return code;
    table_set_text(t, row, SIDE, x->added ? "+" : "-");
    table_set_text(t, row, REGISTRY, registry_name((enum registry)x->registry));
    if (x->economy != ECONOMY_NONE)
        table_set_text(t, row, ECONOMY, economy_format(x->economy, text));
    table_set_text(t, row, BLOCK, block_format(&b, text));
    table_set_text(t, row, FAMILY, family_name(family));
    table_set_text(t, row, START, address_format(family, x->first, text));
    table_set_count(t, row, VALUE, x->value);
    table_set_date(t, row, DATED, x->date);
    table_set_text(t, row, STATUS, status_name((enum status)x->status));
    if (x->holder)
        table_set_text(t, row, HOLDER, holder);
    return 0;
}

// The rows of one space's changes. *number counts all changes, those shown or not.
static int add_changes(struct table *t, const struct measure *m, const struct query *q,
                       const struct difference *d, const struct economy_set *only, size_t *number,
                       struct err *e)
{
    char fields[CHANGE_FIELDS_TEXT_MAX];
    int code = 0;
    for (size_t n = 0; n < d->change_count; n++) {
        const struct change *c = &d->changes[n];
        if (!change_touches(d, c, only))
            continue;
        size_t end = c->at + c->removed + c->added;
        ++*number;
        if (q->top && *number > q->top)
            continue;
        if (t->row_count + end - c->at > CHANGES_ROWS_MAX)
            return err_set(e, ERR_LIMIT,
                           "more than %d records changed; choose an economy with only, or the "
                           "first changes with top",
                           CHANGES_ROWS_MAX);
        for (size_t i = c->at; i < end && code == 0; i++) {
            size_t row = table_row(t);
            table_set_count(t, row, CHANGE, *number);
            table_set_text(t, row, KIND, change_kind_name(c->kind));
            table_set_text(t, row, FIELDS, change_fields_format(c->fields, fields));
            code =
                t->failed ? err_memory(e) : add_record(t, m->store, q->family, &d->entries[i], e);
        }
        if (code)
            return code;
    }
    return 0;
}

// "afrinic 2020-12-31, 2024-01-05", for a registry whose snapshots are not of the days asked for;
// one day where both are the same.
static const char *describe_states(struct table *t, const struct query *q, const struct changes *c,
                                   unsigned r)
{
    char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
    const struct snapshot *before = c->before[r], *after = c->after[r];
    if (!before || (before->date == q->from && after->date == q->to))
        return "";
    date_format(before->date, from);
    if (before == after)
        return arena_format(&t->arena, "%s %s", registry_name((enum registry)r), from);
    return arena_format(&t->arena, "%s %s, %s", registry_name((enum registry)r), from,
                        date_format(after->date, to));
}

void changes_note(struct table *t, const struct query *q, const struct changes *c)
{
    char from[DATE_TEXT_MAX];
    const char *list = "";
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        const char *states = describe_states(t, q, c, r);
        if (states && *states)
            list = arena_format(&t->arena, "%s%s%s", list ? list : "", list && *list ? "; " : "",
                                states);
        if (c->left_out & REGISTRY_BIT(r))
            table_note(t, "%s is left out: the archive has no snapshot of it as old as %s.",
                       registry_name((enum registry)r), date_format(q->from, from));
    }
    if (list && *list)
        table_note(t, "The newest snapshots by these days: %s. Where it is one, no change is seen.",
                   list);
}

static void title_tables(const struct query *q, const struct changes *c, struct table *rows,
                         struct table *sums)
{
    char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
    date_format(q->from, from);
    date_format(q->to, to);
    const char *only = q->only[0] ? ", " : "";
    table_title(rows, "%s records: changes from %s to %s%s%s", family_title(q->family), from, to,
                only, q->only);
    table_title(sums, "%s records: sums of the changes from %s to %s%s%s", family_title(q->family),
                from, to, only, q->only);
    changes_note(sums, q, c);
}

static int fill_rows(struct table *t, const struct measure *m, const struct query *q,
                     const struct changes *c, const struct economy_set *only, struct err *e)
{
    size_t number = 0;
    int code = 0;
    for (size_t i = 0; i < sizeof row_columns / sizeof *row_columns; i++)
        table_column(t, &row_columns[i]);
    t->key_columns = 2;
    for (int i = 0; i < SPACE_COUNT && code == 0; i++)
        code = add_changes(t, m, q, &c->spaces[i], only, &number, e);
    if (q->top && number > q->top)
        table_note(t, "%zu changes in all; the first %zu are shown.", number, q->top);
    if (!q->top && !q->only[0])
        table_note(t, "Without the - and with the + records the first state is the second.");
    return code;
}

// The columns of the sums.
struct sum_columns {
    bool with_space;
    size_t kind, changes, removed, added;
    struct space_columns removed_space, added_space;
};

static struct sum_columns add_sum_columns(struct table *t, const struct query *q)
{
    unsigned statuses = query_statuses(q);
    struct sum_columns c = {.with_space =
                                (statuses & STATUS_DELEGATED) && (statuses & ~STATUS_DELEGATED)};
    if (c.with_space)
        table_column(t, &(struct column){"space", "Space", COLUMN_TEXT, "",
                                         "delegated, or the registries' stock (available, "
                                         "reserved)."});
    c.kind = table_column(t, &(struct column){"kind", "Kind", COLUMN_TEXT, "", "What happened."});
    c.changes = figures_add_count(t, "changes", "Changes", "Changes of this kind.", false);
    c.removed = figures_add_count(t, "removed", "Records removed", "Records removed.", false);
    c.added = figures_add_count(t, "added", "Records added", "Records added.", false);
    c.removed_space =
        figures_add_space(t, q->family, "removed_", "Removed", "of the records removed", false);
    c.added_space =
        figures_add_space(t, q->family, "added_", "Added", "of the records added", false);
    t->key_columns = c.with_space ? 2 : 1;
    return c;
}

static void add_sum(struct table *t, const struct sum_columns *c, enum space space,
                    const char *kind, const struct change_sum *s)
{
    size_t row = table_row(t);
    if (c->with_space)
        table_set_text(t, row, 0, space_name(space));
    table_set_text(t, row, c->kind, kind);
    table_set_count(t, row, c->changes, s->changes);
    table_set_count(t, row, c->removed, s->removed);
    table_set_count(t, row, c->added, s->added);
    figures_set_space(t, row, c->removed_space, s->removed_space);
    figures_set_space(t, row, c->added_space, s->added_space);
}

static void add_space_sums(struct table *t, const struct sum_columns *c, enum space space,
                           const struct difference *d, const struct economy_set *only, bool brief)
{
    struct change_sum sums[CHANGE_KIND_COUNT], total = {0};
    changes_sum(d, only, sums);
    for (int k = 0; k < CHANGE_KIND_COUNT; k++) {
        if (!brief || sums[k].changes)
            add_sum(t, c, space, change_kind_name((enum change_kind)k), &sums[k]);
        total.changes += sums[k].changes;
        total.removed += sums[k].removed;
        total.added += sums[k].added;
        total.removed_space = space_add(total.removed_space, sums[k].removed_space);
        total.added_space = space_add(total.added_space, sums[k].added_space);
    }
    add_sum(t, c, space, "all", &total);
}

void changes_fill_sums(struct table *t, const struct query *q, const struct changes *c,
                       const struct economy_set *only, bool brief)
{
    unsigned statuses = query_statuses(q);
    struct sum_columns columns = add_sum_columns(t, q);
    for (int i = 0; i < SPACE_COUNT; i++)
        if (i == SPACE_DELEGATED ? statuses & STATUS_DELEGATED : statuses & ~STATUS_DELEGATED)
            add_space_sums(t, &columns, (enum space)i, &c->spaces[i], only, brief);
    if (only->any)
        table_note(t, "Of changes with other economies only the records of those asked for count.");
}

int changes_basis(const struct measure *m, const struct query *q, const char *command,
                  const struct changes *c, struct table *t, struct err *e)
{
    struct view before = {.known_on = DATE_NONE}, after = {.known_on = DATE_NONE};
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        after.known[r] = c->after[r];
        before.known[r] = c->before[r] != c->after[r] ? c->before[r] : NULL;
        if (c->after[r] && c->after[r]->date > after.known_on)
            after.known_on = c->after[r]->date;
    }
    return view_basis(m, q, command, &after, &(struct beside){.view = &before}, false, t, e);
}

// Open ends become dates, so that the basis states what was compared.
static int resolve_period(const struct measure *m, struct query *q, struct err *e)
{
    struct snapshot_list l = {0};
    const struct snapshot *known[REGISTRY_COUNT];
    unsigned used = 0;
    int code = store_snapshots(m->store, &l, e);
    if (code)
        return code;
    snapshot_known(&l, q->family, q->known_on, known);
    code = view_registries(q, known, &used, e);
    date newest = DATE_NONE;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        if ((used & REGISTRY_BIT(r)) && known[r]->date > newest)
            newest = known[r]->date;
    snapshot_list_free(&l);
    if (code)
        return code;
    q->to = q->to == DATE_NONE ? newest : q->to;
    q->from = q->from == DATE_NONE ? changes_year_before(q->to) : q->from;
    if (q->from > q->to)
        return err_set(e, ERR_USAGE, "changes: \"from\" is later than \"to\"");
    return 0;
}

static int make_tables(const struct measure *m, const struct query *q, const struct changes *c,
                       const struct economy_set *only, struct measure_tables *out, struct err *e)
{
    static const char *const names[] = {"changes", "changes-by-kind"};
    int code = 0;
    for (; out->count < 2 && code == 0; out->count += code == 0)
        code = table_new(names[out->count], &out->at[out->count]) ? err_memory(e) : 0;
    if (code)
        return code;
    title_tables(q, c, out->at[0], out->at[1]);
    code = fill_rows(out->at[0], m, q, c, only, e);
    if (code)
        return code;
    changes_fill_sums(out->at[1], q, c, only, false);
    for (size_t i = 0; i < 2 && code == 0; i++)
        code = changes_basis(m, q, "changes", c, out->at[i], e);
    if (code == 0 && (out->at[0]->failed || out->at[1]->failed))
        code = err_memory(e);
    return code;
}

int measure_changes(const struct measure *m, const struct query *q, struct measure_tables *ret,
                    struct err *e)
{
    struct query resolved = *q;
    struct economy_set only;
    struct changes c = {0};
    struct measure_tables out = {0};
    int code = resolve_period(m, &resolved, e);
    if (code == 0)
        code = economy_set_parse(&only, q->only, m->world, e);
    if (code == 0)
        code = changes_find(m, &resolved, &c, e);
    if (code == 0)
        code = make_tables(m, &resolved, &c, &only, &out, e);
    if (code == 0)
        *ret = out;
    else
        measure_tables_free(&out);
    changes_done(&c);
    return code;
}
