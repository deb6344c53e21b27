// SPDX-License-Identifier: Apache-2.0
//
// Are the packed routes sound? Of each series: checksums, the order of runs and pieces, days that
// are snapshots, and as many routes on each day as its snapshot counted.

#include "base/array.h"
#include "store/routes_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

struct checked_day {
    date date;
    int64_t counted; // by the snapshot
    int64_t change;  // routes that begin here, less those that ended before
};

struct checker {
    struct store *store;
    struct route_series series;
    char name[160];
    ARRAY(struct checked_day) days;
    struct run last; // of the piece before, or of this one
    bool any;
    void (*problem)(const char *text, void *arg);
    void *arg;
    uint64_t *found;
    struct err *e;
};

static void tell(struct checker *c, const char *what)
{
    char text[256];
    snprintf(text, sizeof text, "%s: %s", c->name, what);
    c->problem(text, c->arg);
    ++*c->found;
}

// The first snapshot that is not before a day.
static size_t day_index(const struct checker *c, date day)
{
    size_t low = 0, high = c->days.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->days.at[middle].date < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_day(const struct checker *c, size_t index, date day)
{
    return index < c->days.count && c->days.at[index].date == day;
}

// What is wrong with a run; NULL: nothing.
static const char *judge_run(struct checker *c, const struct run *r)
{
    size_t first = day_index(c, r->first), last = day_index(c, r->last);
    bool open = r->last == ROUTE_DAY_OPEN;
    if (!is_day(c, first, r->first) || (!open && !is_day(c, last, r->last)))
        return "a lifetime begins or ends on a day without a snapshot";
    if (r->last < r->first)
        return "a lifetime ends before it begins";
    if (c->any) {
        struct route before = {c->last.start, c->last.origin, c->last.length, c->last.level};
        struct route now = {r->start, r->origin, r->length, r->level};
        int order = route_compare(&before, &now);
        if (order > 0)
            return "routes are not in order";
        if (order == 0 &&
            (c->last.last == ROUTE_DAY_OPEN || day_index(c, c->last.last) + 1 >= first))
            return "two lifetimes of one route overlap or touch";
    }
    c->days.at[first].change++;
    if (!open && last + 1 < c->days.count)
        c->days.at[last + 1].change--;
    return NULL;
}

static void check_piece(struct checker *c, sqlite3_stmt *q)
{
    struct unpacker u;
    const void *bytes = sqlite3_column_blob(q, 0);
    size_t length = (size_t)sqlite3_column_bytes(q, 0);
    const char *wrong = NULL;
    int64_t runs = 0;
    if (crc32(0, bytes, (uInt)length) != (uLong)sqlite3_column_int64(q, 1)) {
        tell(c, "a checksum of its routes does not fit");
        return;
    }
    unpack_begin(&u, c->series.kind, c->series.family, bytes, length);
    while (!wrong && unpack_next(&u)) {
        wrong = judge_run(c, &u.run);
        if (runs++ == 0 && !wrong) {
            uint8_t key[ROUTE_KEY_BYTES];
            route_key(&(struct route){u.run.start, u.run.origin, u.run.length, u.run.level}, key);
            if (sqlite3_column_bytes(q, 3) != ROUTE_KEY_BYTES ||
                memcmp(key, sqlite3_column_blob(q, 3), ROUTE_KEY_BYTES) != 0)
                wrong = "a piece of its routes has another route's key";
        }
        c->last = u.run;
        c->any = true;
    }
    if (!wrong && (!unpack_whole(&u) || runs != sqlite3_column_int64(q, 2)))
        wrong = "a piece of its routes is damaged";
    if (wrong)
        tell(c, wrong);
}

static int check_pieces(struct checker *c)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(c->store,
                           "SELECT bytes, checksum, runs, key FROM route_piece WHERE series = ?"
                           " ORDER BY key",
                           &q, c->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, c->series.id);
    while ((code = sql_step(c->store, q, &row, c->e)) == 0 && row)
        check_piece(c, q);
    sqlite3_finalize(q);
    return code;
}

static int read_days(struct checker *c)
{
    sqlite3_stmt *q;
    bool row;
    c->days.count = 0;
    int code = sql_prepare(c->store,
                           "SELECT date, routes FROM route_snapshot WHERE series = ? ORDER BY date",
                           &q, c->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, c->series.id);
    while ((code = sql_step(c->store, q, &row, c->e)) == 0 && row) {
        struct checked_day *day = ARRAY_ADD(&c->days);
        if (!day) {
            code = err_memory(c->e);
            break;
        }
        *day = (struct checked_day){sqlite3_column_int(q, 0), sqlite3_column_int64(q, 1), 0};
    }
    sqlite3_finalize(q);
    return code;
}

static int check_series(struct checker *c)
{
    uint64_t before = *c->found;
    int64_t standing = 0;
    c->any = false;
    int code = read_days(c);
    if (!code)
        code = check_pieces(c);
    for (size_t i = 0; i < c->days.count && !code && *c->found == before; i++) {
        standing += c->days.at[i].change;
        if (standing != c->days.at[i].counted)
            tell(c, "a snapshot counted another number of routes than stand on its day");
    }
    return code;
}

int routes_check(struct store *s, void (*problem)(const char *text, void *arg), void *arg,
                 uint64_t *found, struct err *e)
{
    struct checker c = {.store = s, .problem = problem, .arg = arg, .found = found, .e = e};
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(s, "SELECT id, kind, family, collector FROM route_series", &q, e);
    if (code)
        return code;
    while (!code && (code = sql_step(s, q, &row, e)) == 0 && row) {
        c.series = (struct route_series){
            sqlite3_column_int64(q, 0),
            sqlite3_column_int(q, 1) == ROUTE_VALIDATED ? ROUTE_VALIDATED : ROUTE_ANNOUNCED,
            sqlite3_column_int(q, 2) == FAMILY_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6};
        snprintf(c.name, sizeof c.name, "routes %s, %s, %s", route_kind_name(c.series.kind),
                 sqlite3_column_text(q, 3), family_name(c.series.family));
        code = check_series(&c);
    }
    sqlite3_finalize(q);
    free(c.days.at);
    return code;
}
