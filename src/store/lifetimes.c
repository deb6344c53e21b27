// SPDX-License-Identifier: Apache-2.0
//
// Asking for lifetimes.

#include "store/sql.h"

#include "base/buffer.h"

#define COLUMNS "start, value, date, economy, holder, first, last, status"

// What one registry's newest snapshot is: `last` of a lifetime that is still open.
static int newest(struct store *s, enum family f, date ret[REGISTRY_COUNT], struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        ret[r] = DATE_NONE;
    int code = sql_prepare(
        s, "SELECT registry, max(date) FROM snapshot WHERE family = ? GROUP BY registry", &q, e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, (int)f);
    while ((code = sql_step(s, q, &row, e)) == 0 && row) {
        unsigned r = (unsigned)sqlite3_column_int(q, 0);
        if (r < REGISTRY_COUNT)
            ret[r] = sqlite3_column_int(q, 1);
    }
    sqlite3_finalize(q);
    return code;
}

static void read_row(sqlite3_stmt *q, date newest_snapshot, struct lifetime *l)
{
    l->block.start = sql_column_start(q, 0);
    l->block.value = (uint64_t)sqlite3_column_int64(q, 1);
    l->date = sqlite3_column_int(q, 2);
    l->economy = sql_column_economy(q, 3);
    l->holder = sqlite3_column_int64(q, 4);
    l->first = sqlite3_column_int(q, 5);
    l->open = sqlite3_column_type(q, 6) == SQLITE_NULL;
    l->last = l->open ? newest_snapshot : sqlite3_column_int(q, 6);
    l->status = (enum status)sqlite3_column_int(q, 7);
}

static void write_statuses(struct buffer *sql, unsigned statuses)
{
    const char *separator = " AND status IN (";
    for (unsigned i = 0; i < STATUS_COUNT; i++)
        if (statuses & STATUS_BIT(i)) {
            buffer_format(sql, "%s%u", separator, i);
            separator = ", ";
        }
    buffer_text(sql, statuses & STATUS_ALL ? ")" : " AND 0");
}

// The lowest start that a block which reaches `touching` can have. Blocks of IPv4 and AS numbers
// have any size: what counts is the largest in the series.
static int lowest_start(struct store *s, const struct scan *scan, u128 *ret, struct err *e)
{
    const struct range *t = scan->touching;
    int64_t extreme = 0;
    bool ipv6 = scan->family == FAMILY_IPV6;
    *ret = t->first;
    char sql[160];
    sqlite3_snprintf(sizeof sql, sql, "SELECT %s(value) FROM lifetime WHERE family = %d",
                     ipv6 ? "min" : "max", (int)scan->family);
    int code = sql_integer(s, sql, &extreme, e);
    if (code)
        return code;
    if (ipv6)
        *ret = extreme == 0 ? 0 : *ret & ~(((u128)1 << (128 - extreme)) - 1);
    else if (extreme > 0)
        *ret = t->first < (u128)extreme ? 0 : t->first - (u128)extreme + 1;
    return 0;
}

static int prepare_scan(struct store *s, const struct scan *scan, sqlite3_stmt **ret, struct err *e)
{
    struct buffer sql = {0};
    buffer_text(&sql, "SELECT " COLUMNS " FROM lifetime WHERE family = ?1 AND registry = ?2");
    write_statuses(&sql, scan->statuses);
    if (scan->touching)
        buffer_text(&sql, " AND start >= ?4 AND start <= ?5");
    if (scan->on)
        buffer_text(&sql, " AND first <= ?3 AND (last IS NULL OR last >= ?3)");
    buffer_text(&sql, " ORDER BY status, start");
    int code = sql.failed ? err_memory(e) : sql_prepare(s, sql.at, ret, e);
    buffer_done(&sql);
    return code;
}

static bool outside(const struct scan *scan, const struct block *b)
{
    struct range r = block_range(b);
    return scan->touching && !range_overlaps(&r, scan->touching);
}

static int scan_registry(struct store *s, const struct scan *scan, sqlite3_stmt *q,
                         enum registry registry, date newest_snapshot,
                         int (*row)(const struct lifetime *l, void *arg), void *arg, struct err *e)
{
    struct lifetime l = {.registry = registry, .block.family = scan->family};
    bool got;
    int code;
    sqlite3_reset(q);
    sqlite3_bind_int(q, 2, (int)registry);
    if (scan->on)
        sqlite3_bind_int(q, 3, scan->on[registry]);
    while ((code = sql_step(s, q, &got, e)) == 0 && got) {
        read_row(q, newest_snapshot, &l);
        if (!outside(scan, &l.block) && (code = row(&l, arg)) != 0)
            break;
    }
    return code;
}

int store_scan(struct store *s, const struct scan *scan,
               int (*row)(const struct lifetime *l, void *arg), void *arg, struct err *e)
{
    sqlite3_stmt *q;
    date dates[REGISTRY_COUNT];
    u128 lowest = 0;
    int code = newest(s, scan->family, dates, e);
    if (!code && scan->touching)
        code = lowest_start(s, scan, &lowest, e);
    if (code || (code = prepare_scan(s, scan, &q, e)) != 0)
        return code;
    sqlite3_bind_int(q, 1, (int)scan->family);
    if (scan->touching) {
        sql_bind_start(q, 4, scan->family, lowest);
        sql_bind_start(q, 5, scan->family, scan->touching->last);
    }
    for (unsigned r = 0; r < REGISTRY_COUNT && !code; r++) {
        if (!(scan->registries & 1u << r) || dates[r] == DATE_NONE ||
            (scan->on && scan->on[r] == DATE_NONE))
            continue;
        code = scan_registry(s, scan, q, (enum registry)r, dates[r], row, arg, e);
    }
    sqlite3_finalize(q);
    return code;
}
