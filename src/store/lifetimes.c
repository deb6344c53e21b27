// SPDX-License-Identifier: Apache-2.0
//
// Asking for lifetimes.

#include "store/sql.h"

#include "base/buffer.h"
#include "store/kept.h"

#define COLUMNS "start, value, date, economy, holder, first, last, status"

// What each registry's newest snapshot is: `last` of a lifetime that is still open.
static int newest(struct store *s, enum family f, date ret[REGISTRY_COUNT], struct err *e)
{
    sqlite3_stmt *q;
    int code =
        sql_prepare(s, "SELECT max(date) FROM snapshot WHERE family = ?1 AND registry = ?2", &q, e);
    if (code)
        return code;
    for (unsigned r = 0; r < REGISTRY_COUNT && !code; r++) {
        bool row;
        sqlite3_bind_int(q, 1, (int)f);
        sqlite3_bind_int(q, 2, (int)r);
        if ((code = sql_step(s, q, &row, e)) == 0)
            ret[r] = row && sqlite3_column_type(q, 0) != SQLITE_NULL ? sqlite3_column_int(q, 0)
                                                                     : DATE_NONE;
        sqlite3_reset(q);
    }
    sqlite3_finalize(q);
    return code;
}

struct reading {
    struct lifetime lifetime; // registry and family are set
    date newest_snapshot;
    const struct range *touching;
    int (*row)(const struct lifetime *l, void *arg);
    void *arg;
};

static int take_row(sqlite3_value **v, void *arg)
{
    struct reading *reading = arg;
    struct lifetime *l = &reading->lifetime;
    l->block.start = sql_start(v[0]);
    l->block.value = (uint64_t)sqlite3_value_int64(v[1]);
    l->date = sqlite3_value_int(v[2]);
    l->economy = sql_economy(v[3]);
    l->holder = sqlite3_value_int64(v[4]);
    l->first = sqlite3_value_int(v[5]);
    l->open = sqlite3_value_type(v[6]) == SQLITE_NULL;
    l->last = l->open ? reading->newest_snapshot : sqlite3_value_int(v[6]);
    l->status = (enum status)sqlite3_value_int(v[7]);
    if (reading->touching) {
        struct range r = block_range(&l->block);
        if (!range_overlaps(&r, reading->touching))
            return 0;
    }
    return reading->row(l, reading->arg);
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

// ---- where a block that reaches a place can begin

// IPv6: at the place itself, or where some of its last bits are zero. One start for each bit set.
static void write_ipv6_starts(struct buffer *sql, u128 first)
{
    const char *separator = " AND start IN (";
    for (u128 start = first; start; start &= start - 1) {
        u128 shorter = start & (start - 1);
        buffer_format(sql, "%sx'%016llx%016llx'", separator, (unsigned long long)(shorter >> 64),
                      (unsigned long long)shorter);
        separator = ", ";
    }
    buffer_text(sql, first ? ")" : " AND 0");
}

// IPv4 and AS numbers: as far before it as the family's largest block is long.
static int lowest_start(struct store *s, const struct scan *scan, u128 *ret, struct err *e)
{
    int64_t largest = 0;
    char sql[96];
    sqlite3_snprintf(sizeof sql, sql, "SELECT max(value) FROM largest WHERE family = %d",
                     (int)scan->family);
    int code = sql_integer(s, sql, &largest, e);
    if (!code)
        *ret = scan->touching->first > (u128)largest ? scan->touching->first - (u128)largest : 0;
    return code;
}

enum part { PART_ALL, PART_BEFORE, PART_WITHIN };

static int prepare_scan(struct store *s, const struct scan *scan, enum part part,
                        sqlite3_stmt **ret, struct err *e)
{
    struct buffer sql = {0};
    buffer_text(&sql,
                "SELECT give(?1, " COLUMNS ") FROM lifetime WHERE family = ?7 AND registry = ?2");
    write_statuses(&sql, scan->statuses);
    if (part == PART_WITHIN)
        buffer_text(&sql, " AND start >= ?4 AND start <= ?5");
    else if (part == PART_BEFORE && scan->family == FAMILY_IPV6)
        write_ipv6_starts(&sql, scan->touching->first);
    else if (part == PART_BEFORE)
        buffer_text(&sql, " AND start >= ?6 AND start < ?4");
    if (scan->on)
        buffer_text(&sql, " AND first <= ?3 AND (last IS NULL OR last >= ?3)");
    int code = sql.failed ? err_memory(e) : sql_prepare(s, sql.at, ret, e);
    buffer_done(&sql);
    return code;
}

static int scan_part(struct store *s, const struct scan *scan, enum part part, enum registry r,
                     struct reading *reading, struct err *e)
{
    sqlite3_stmt *q;
    u128 lowest = 0;
    int code = 0;
    if (part == PART_BEFORE && scan->family != FAMILY_IPV6)
        code = lowest_start(s, scan, &lowest, e);
    if (code || (code = prepare_scan(s, scan, part, &q, e)) != 0)
        return code;
    sqlite3_bind_int(q, 2, (int)r);
    sqlite3_bind_int(q, 7, (int)scan->family);
    if (scan->on)
        sqlite3_bind_int(q, 3, scan->on[r]);
    if (part != PART_ALL) {
        sql_bind_start(q, 4, scan->family, scan->touching->first);
        sql_bind_start(q, 5, scan->family, scan->touching->last);
        sql_bind_start(q, 6, scan->family, lowest);
    }
    code = sql_give(s, q, take_row, reading, e);
    sqlite3_finalize(q);
    return code;
}

int scan_file(struct store *s, const struct scan *scan, enum registry r, date newest_snapshot,
              int (*row)(const struct lifetime *l, void *arg), void *arg, struct err *e)
{
    struct reading reading = {.lifetime.registry = r,
                              .lifetime.block.family = scan->family,
                              .newest_snapshot = newest_snapshot,
                              .touching = scan->touching,
                              .row = row,
                              .arg = arg};
    if (!scan->touching)
        return scan_part(s, scan, PART_ALL, r, &reading, e);
    int code = scan_part(s, scan, PART_BEFORE, r, &reading, e);
    return code ? code : scan_part(s, scan, PART_WITHIN, r, &reading, e);
}

int store_scan(struct store *s, const struct scan *scan,
               int (*row)(const struct lifetime *l, void *arg), void *arg, struct err *e)
{
    date dates[REGISTRY_COUNT];
    int code = sql_check_deadline(s, e);
    if (!code)
        code = newest(s, scan->family, dates, e);
    for (unsigned r = 0; r < REGISTRY_COUNT && !code; r++) {
        bool done = false;
        if (!(scan->registries & 1u << r) || dates[r] == DATE_NONE ||
            (scan->on && scan->on[r] == DATE_NONE))
            continue;
        if (s->kept && !scan->touching)
            code = kept_scan(s, scan, (enum registry)r, dates[r], row, arg, &done, e);
        if (!code && !done)
            code = scan_file(s, scan, (enum registry)r, dates[r], row, arg, e);
    }
    return code;
}
