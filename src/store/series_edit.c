// SPDX-License-Identifier: Apache-2.0

#include "store/series_edit.h"

#include <stdlib.h>

#define KEY                                                                                        \
    "family = ?1 AND registry = ?2 AND status = ?3 AND start = ?4 AND value = ?5 AND date = ?6"    \
    " AND economy = ?7 AND holder = ?8 AND first = ?9"

int series_edit_init(struct series_edit *d, struct store *s, struct err *e)
{
    *d = (struct series_edit){.store = s};
    int code = sql_prepare(
        s, "INSERT INTO lifetime VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", &d->insert, e);
    if (!code)
        code = sql_prepare(s, "UPDATE lifetime SET last = ?10 WHERE " KEY, &d->set_last, e);
    if (!code)
        code = sql_prepare(s, "UPDATE lifetime SET first = ?10 WHERE " KEY, &d->set_first, e);
    if (!code)
        code = sql_prepare(s,
                           "INSERT INTO largest VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                           " SET value = max(value, excluded.value)",
                           &d->set_largest, e);
    if (!code)
        code = sql_prepare(s, "INSERT INTO holder (registry, name) VALUES (?, ?)",
                           &d->insert_holder, e);
    return code;
}

void series_edit_done(struct series_edit *d)
{
    sqlite3_finalize(d->insert);
    sqlite3_finalize(d->set_last);
    sqlite3_finalize(d->set_first);
    sqlite3_finalize(d->set_largest);
    sqlite3_finalize(d->insert_holder);
    *d = (struct series_edit){0};
}

// ---- loading

static bool stands(const struct entry *e, date day)
{
    return day != DATE_NONE && e->first <= day && (e->flags & ENTRY_OPEN || e->last >= day);
}

static void read_entry(sqlite3_stmt *q, const struct state *state, const uint32_t *by_id,
                       size_t ids, struct entry *e)
{
    int64_t holder = sqlite3_column_int64(q, 4);
    bool open = sqlite3_column_type(q, 6) == SQLITE_NULL;
    *e = (struct entry){.start = sql_start(sqlite3_column_value(q, 0)),
                        .value = (uint64_t)sqlite3_column_int64(q, 1),
                        .date = sqlite3_column_int(q, 2),
                        .economy = sql_economy(sqlite3_column_value(q, 3)),
                        .holder = holder > 0 && (uint64_t)holder < ids ? by_id[holder] : 0,
                        .first = sqlite3_column_int(q, 5),
                        .last = open ? DATE_MAX : sqlite3_column_int(q, 6),
                        .status = (uint8_t)sqlite3_column_int(q, 7),
                        .flags = open ? ENTRY_OPEN : 0};
    if (stands(e, state->previous))
        e->flags |= ENTRY_IN_PREVIOUS;
    if (stands(e, state->next))
        e->flags |= ENTRY_IN_NEXT;
}

// Holder numbers of the archive to numbers of this registry's names.
static uint32_t *names_by_id(const struct names *n, size_t *ret_ids)
{
    int64_t highest = 0;
    for (size_t i = 0; i < n->all.count; i++)
        if (n->all.at[i].id > highest)
            highest = n->all.at[i].id;
    uint32_t *by_id = calloc((size_t)highest + 1, sizeof *by_id);
    for (size_t i = 1; by_id && i < n->all.count; i++)
        if (n->all.at[i].id > 0)
            by_id[n->all.at[i].id] = (uint32_t)i;
    *ret_ids = (size_t)highest + 1;
    return by_id;
}

// At the series' end, where most files go, what stands is what is open.
static int prepare_load(struct store *s, const struct state *state, sqlite3_stmt **ret,
                        struct err *e)
{
    static const char at_the_end[] =
        "SELECT start, value, date, economy, holder, first, last, status FROM lifetime"
        " WHERE family = ?1 AND registry = ?2 AND last IS NULL";
    static const char between[] =
        "SELECT start, value, date, economy, holder, first, last, status FROM lifetime"
        " WHERE family = ?1 AND registry = ?2"
        " AND ((first <= ?3 AND (last IS NULL OR last >= ?3))"
        " OR (first <= ?4 AND (last IS NULL OR last >= ?4)))";
    bool end = state->next == DATE_NONE;
    int code = sql_prepare(s, end ? at_the_end : between, ret, e);
    if (code)
        return code;
    sqlite3_bind_int(*ret, 1, (int)state->family);
    sqlite3_bind_int(*ret, 2, (int)state->registry);
    if (!end) {
        sqlite3_bind_int(*ret, 3, state->previous);
        sqlite3_bind_int(*ret, 4, state->next);
    }
    return 0;
}

static int load_entries(struct store *s, struct state *state, sqlite3_stmt *q, struct err *e)
{
    size_t ids;
    bool row;
    int code = 0;
    uint32_t *by_id = names_by_id(state->names, &ids);
    if (!by_id)
        return err_memory(e);
    while (!code && (code = sql_step(s, q, &row, e)) == 0 && row) {
        struct entry entry;
        read_entry(q, state, by_id, ids, &entry);
        if (entry.flags & (ENTRY_IN_PREVIOUS | ENTRY_IN_NEXT) && !state_load_entry(state, &entry))
            code = err_memory(e);
    }
    free(by_id);
    return code ? code : state_sort_loaded(state) ? 0 : err_memory(e);
}

int series_load(struct store *s, struct state *state, date previous, date next, struct err *e)
{
    sqlite3_stmt *q;
    state_begin(state, previous, next);
    int code = prepare_load(s, state, &q, e);
    if (!code) {
        code = load_entries(s, state, q, e);
        sqlite3_finalize(q);
    }
    if (code)
        state->loaded = false;
    return code;
}

int series_load_names(struct store *s, enum registry r, struct names *n, struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    int code = names_init(n)
                   ? sql_prepare(s, "SELECT id, name FROM holder WHERE registry = ?", &q, e)
                   : err_memory(e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, (int)r);
    while ((code = sql_step(s, q, &row, e)) == 0 && row) {
        struct slice text = {(const char *)sqlite3_column_text(q, 1),
                             (size_t)sqlite3_column_bytes(q, 1)};
        if (!names_load(n, text, sqlite3_column_int64(q, 0))) {
            code = err_memory(e);
            break;
        }
    }
    n->stored = n->all.count;
    sqlite3_finalize(q);
    return code;
}

// ---- writing

static int store_names(struct series_edit *d, enum registry r, struct names *n, struct err *e)
{
    for (; n->stored < n->all.count; n->stored++) {
        struct name *name = &n->all.at[n->stored];
        sqlite3_bind_int(d->insert_holder, 1, (int)r);
        sqlite3_bind_text(d->insert_holder, 2, name->at, (int)name->length, SQLITE_STATIC);
        int code = sql_finish(d->store, d->insert_holder, e);
        if (code)
            return code;
        name->id = sqlite3_last_insert_rowid(d->store->db);
    }
    return 0;
}

static int write_entry(struct series_edit *d, sqlite3_stmt *q, const struct state *state,
                       const struct entry *entry, date first, date tenth, struct err *e)
{
    sqlite3_bind_int(q, 1, (int)state->family);
    sqlite3_bind_int(q, 2, (int)state->registry);
    sqlite3_bind_int(q, 3, entry->status);
    sql_bind_start(q, 4, state->family, entry->start);
    sqlite3_bind_int64(q, 5, (int64_t)entry->value);
    sqlite3_bind_int(q, 6, entry->date);
    sql_bind_economy(q, 7, entry->economy);
    sqlite3_bind_int64(q, 8, state->names->all.at[entry->holder].id);
    sqlite3_bind_int(q, 9, first);
    if (tenth == DATE_NONE)
        sqlite3_bind_null(q, 10);
    else
        sqlite3_bind_int(q, 10, tenth);
    return sql_finish(d->store, q, e);
}

// Blocks that are new to the archive may be larger than all before.
static int store_largest(struct series_edit *d, const struct state *s, struct err *e)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < s->entries.count; i++)
        if (s->entries.at[i].flags & ENTRY_SEEN && s->entries.at[i].value > largest)
            largest = s->entries.at[i].value;
    sqlite3_bind_int(d->set_largest, 1, (int)s->family);
    sqlite3_bind_int(d->set_largest, 2, (int)s->registry);
    sqlite3_bind_int64(d->set_largest, 3, (int64_t)largest);
    return sql_finish(d->store, d->set_largest, e);
}

static int apply_seen(struct series_edit *d, const struct state *s, struct entry *entry, date day,
                      struct err *e)
{
    bool before = entry->flags & ENTRY_IN_PREVIOUS, after = entry->flags & ENTRY_IN_NEXT;
    bool open = s->next == DATE_NONE;
    if (before && (after || open))
        return 0;
    if (before) {
        entry->last = day;
        return write_entry(d, d->set_last, s, entry, entry->first, day, e);
    }
    date first = entry->first;
    entry->first = day;
    if (after)
        return write_entry(d, d->set_first, s, entry, first, day, e);
    entry->last = open ? DATE_MAX : day;
    entry->flags = (uint8_t)((entry->flags & ~ENTRY_OPEN) | (open ? ENTRY_OPEN : 0));
    return write_entry(d, d->insert, s, entry, day, open ? DATE_NONE : day, e);
}

static int apply_unseen(struct series_edit *d, const struct state *s, struct entry *entry,
                        struct err *e)
{
    bool before = entry->flags & ENTRY_IN_PREVIOUS, after = entry->flags & ENTRY_IN_NEXT;
    if (!before || (!after && s->next != DATE_NONE))
        return 0;
    int code = write_entry(d, d->set_last, s, entry, entry->first, s->previous, e);
    if (code || !after)
        return code;
    entry->first = s->next;
    date last = entry->flags & ENTRY_OPEN ? DATE_NONE : entry->last;
    return write_entry(d, d->insert, s, entry, s->next, last, e);
}

int series_apply(struct series_edit *d, struct state *state, date day, uint64_t *appeared,
                 uint64_t *gone, struct err *e)
{
    *appeared += state->fresh;
    *gone += state->standing - state->met;
    bool unchanged = state->fresh == 0 && state->met == state->standing;
    if (unchanged && state->next == DATE_NONE)
        return 0;
    int code = store_names(d, state->registry, state->names, e);
    for (size_t i = 0; i < state->entries.count && !code; i++) {
        struct entry *entry = &state->entries.at[i];
        code = entry->flags & ENTRY_SEEN ? apply_seen(d, state, entry, day, e)
                                         : apply_unseen(d, state, entry, e);
    }
    if (!code && state->fresh > 0 && state->family != FAMILY_IPV6)
        code = store_largest(d, state, e);
    return code;
}

// ---- taking a snapshot out

#define SERIES "family = ?1 AND registry = ?2"
#define SAME                                                                                       \
    "a.family = lifetime.family AND a.registry = lifetime.registry AND a.status = lifetime.status" \
    " AND a.start = lifetime.start AND a.value = lifetime.value AND a.date = lifetime.date"        \
    " AND a.economy = lifetime.economy AND a.holder = lifetime.holder"

static int run_series(struct store *s, const char *sql, enum family f, enum registry r, date day,
                      date previous, date next, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, sql, &q, e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, (int)f);
    sqlite3_bind_int(q, 2, (int)r);
    sqlite3_bind_int(q, 3, day);
    sqlite3_bind_int(q, 4, previous);
    sqlite3_bind_int(q, 5, next);
    code = sql_finish(s, q, e);
    sqlite3_finalize(q);
    return code;
}

int series_remove(struct store *s, enum family f, enum registry r, date day, date previous,
                  date next, struct err *e)
{
    static const char *const last_one[] = {
        "DELETE FROM lifetime WHERE " SERIES " AND first = ?3",
        "UPDATE lifetime SET last = NULL WHERE " SERIES " AND last = ?4", NULL};
    static const char *const between[] = {
        "DELETE FROM lifetime WHERE " SERIES " AND first = ?3 AND last = ?3",
        "UPDATE lifetime SET last = ?4 WHERE " SERIES " AND last = ?3",
        "UPDATE lifetime SET first = ?5 WHERE " SERIES " AND first = ?3",
        // A record in P and in N is one lifetime again.
        "UPDATE lifetime SET last = (SELECT a.last FROM lifetime a WHERE " SAME
        " AND a.first = ?5) WHERE " SERIES " AND last = ?4"
        " AND EXISTS (SELECT 1 FROM lifetime a WHERE " SAME " AND a.first = ?5)",
        "DELETE FROM lifetime WHERE " SERIES " AND first = ?5"
        " AND EXISTS (SELECT 1 FROM lifetime a WHERE " SAME
        " AND a.first < ?5 AND (a.last IS NULL OR a.last >= ?5))",
        NULL};
    int code = run_series(s, "DELETE FROM snapshot WHERE " SERIES " AND date = ?3", f, r, day,
                          previous, next, e);
    for (const char *const *sql = next == DATE_NONE ? last_one : between; *sql && !code; sql++)
        code = run_series(s, *sql, f, r, day, previous, next, e);
    return code;
}
