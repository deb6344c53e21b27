// SPDX-License-Identifier: Apache-2.0
//
// Questions to the routes.

#include "store/routes.h"

#include "base/array.h"
#include "store/routes_pack.h"
#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>

const char *route_kind_name(enum route_kind k)
{
    static const char *const names[ROUTE_KIND_COUNT] = {"announced", "validated"};
    return names[k];
}

static const uint16_t level_least[ROUTE_LEVELS] = {0, 1,  2,  3,  4,   5,   6,   7,   8,
                                                   9, 10, 20, 50, 100, 200, 500, 1000};

unsigned route_level(uint32_t peers)
{
    unsigned level = ROUTE_LEVELS - 1;
    while (level_least[level] > peers)
        level--;
    return level;
}

uint32_t route_level_least(unsigned level)
{
    return level < ROUTE_LEVELS ? level_least[level] : 0;
}

// ---- snapshots

typedef ARRAY(struct route_snapshot) snapshot_array;

static int take_snapshot(sqlite3_value **v, void *arg)
{
    struct route_snapshot *one = ARRAY_ADD((snapshot_array *)arg);
    const char *collector = (const char *)sqlite3_value_text(v[2]);
    if (!one || !collector)
        return ERR_MEMORY;
    one->kind = sqlite3_value_int(v[0]) == ROUTE_VALIDATED ? ROUTE_VALIDATED : ROUTE_ANNOUNCED;
    one->family = sqlite3_value_int(v[1]) == FAMILY_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
    snprintf(one->collector, sizeof one->collector, "%s", collector);
    one->date = sqlite3_value_int(v[3]);
    one->input = sqlite3_value_int64(v[4]);
    one->routes = (uint64_t)sqlite3_value_int64(v[5]);
    one->prefixes = (uint64_t)sqlite3_value_int64(v[6]);
    one->peers = (uint32_t)sqlite3_value_int64(v[7]);
    one->peers_full = (uint32_t)sqlite3_value_int64(v[8]);
    return 0;
}

int store_route_snapshots(struct store *s, struct route_snapshot_list *ret, struct err *e)
{
    snapshot_array all = {0};
    sqlite3_stmt *q;
    int code = sql_prepare(s,
                           "SELECT give(?1, kind, family, collector, date, input, routes, prefixes,"
                           " peers, peers_full) FROM (SELECT * FROM route_series r"
                           " JOIN route_snapshot s ON s.series = r.id"
                           " ORDER BY kind, collector, family, date)",
                           &q, e);
    if (code)
        return code;
    code = sql_give(s, q, take_snapshot, &all, e);
    sqlite3_finalize(q);
    if (code) {
        free(all.at);
        return code == ERR_MEMORY ? err_memory(e) : code;
    }
    *ret = (struct route_snapshot_list){all.at, all.count};
    return 0;
}

void route_snapshot_list_free(struct route_snapshot_list *l)
{
    free(l->at);
    *l = (struct route_snapshot_list){0};
}

const struct route_snapshot *route_snapshot_known(const struct route_snapshot_list *l,
                                                  enum route_kind kind, enum family family,
                                                  const char *collector, date on)
{
    const struct route_snapshot *known = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct route_snapshot *one = &l->at[i];
        if (one->kind == kind && one->family == family && one->date <= on &&
            strcmp(one->collector, collector) == 0)
            known = one;
    }
    return known;
}

// ---- scans

struct scanner {
    const struct route_scan *scan;
    int64_t series;
    date newest;
    int (*row)(const struct route_life *l, void *arg);
    void *arg;
};

static int give_run(const struct scanner *c, const struct run *r)
{
    bool open = r->last == ROUTE_DAY_OPEN;
    struct route_life life = {
        {r->start, r->origin, r->length, r->level}, r->first, open ? c->newest : r->last, open};
    return c->row(&life, c->arg);
}

static int scan_piece(const struct scanner *c, struct unpacker *u)
{
    date on = c->scan->on;
    int code = 0;
    if (on == DATE_NONE)
        while (code == 0 && unpack_next(u))
            code = give_run(c, &u->run);
    else
        while (code == 0 && unpack_next(u))
            if (u->run.first <= on && on <= u->run.last)
                code = give_run(c, &u->run);
    return code;
}

static int scan_pieces(struct store *s, const struct scanner *c, struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(s, "SELECT bytes FROM route_piece WHERE series = ? ORDER BY key", &q, e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, c->series);
    while (!code && (code = sql_step(s, q, &row, e)) == 0 && row) {
        struct unpacker u;
        const void *bytes = sqlite3_column_blob(q, 0);
        unpack_begin(&u, c->scan->kind, c->scan->family, bytes, (size_t)sqlite3_column_bytes(q, 0));
        code = scan_piece(c, &u);
        if (!code && !unpack_whole(&u))
            code = err_set(e, ERR_STORE,
                           "%s: the archive is damaged (routes that cannot be); see sextant help "
                           "doctor",
                           s->path);
    }
    sqlite3_finalize(q);
    return code;
}

// The series, where it has the snapshot that is asked for.
static int find_series(struct store *s, struct scanner *c, struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(
        s,
        "SELECT id, (SELECT max(date) FROM route_snapshot WHERE series = id) FROM route_series"
        " WHERE kind = ?1 AND family = ?2 AND collector = ?3 AND (?4 = -2147483648"
        " OR EXISTS (SELECT 1 FROM route_snapshot WHERE series = id AND date = ?4))",
        &q, e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, (int)c->scan->kind);
    sqlite3_bind_int(q, 2, (int)c->scan->family);
    sqlite3_bind_text(q, 3, c->scan->collector, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 4, c->scan->on);
    if ((code = sql_step(s, q, &row, e)) == 0 && row) {
        c->series = sqlite3_column_int64(q, 0);
        c->newest = sqlite3_column_int(q, 1);
    }
    sqlite3_finalize(q);
    return code;
}

int store_route_scan(struct store *s, const struct route_scan *scan,
                     int (*row)(const struct route_life *l, void *arg), void *arg, struct err *e)
{
    struct scanner c = {scan, 0, DATE_NONE, row, arg};
    int code = find_series(s, &c, e);
    return code || !c.series ? code : scan_pieces(s, &c, e);
}
