// SPDX-License-Identifier: Apache-2.0

#include "store/routes_edit.h"

#include "base/array.h"

#include <stdlib.h>
#include <zlib.h>

int route_compare(const struct route *a, const struct route *b)
{
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    if (a->origin != b->origin)
        return a->origin < b->origin ? -1 : 1;
    return (a->level > b->level) - (a->level < b->level);
}

static struct route route_of(const struct run *r)
{
    return (struct route){r->start, r->origin, r->length, r->level};
}

void route_key(const struct route *r, uint8_t ret[ROUTE_KEY_BYTES])
{
    for (unsigned i = 0; i < 16; i++)
        ret[i] = (uint8_t)(r->start >> (120 - 8 * i));
    ret[16] = r->length;
    for (unsigned i = 0; i < 4; i++)
        ret[17 + i] = (uint8_t)(r->origin >> (24 - 8 * i));
    ret[21] = r->level;
}

static struct route route_of_key(const uint8_t key[ROUTE_KEY_BYTES])
{
    struct route r = {.length = key[16], .level = key[21]};
    for (unsigned i = 0; i < 16; i++)
        r.start = r.start << 8 | key[i];
    for (unsigned i = 0; i < 4; i++)
        r.origin = r.origin << 8 | key[17 + i];
    return r;
}

// ---- the runs of one route

typedef ARRAY(struct run) run_array;

struct editor {
    struct store *store;
    const struct route_series *series;
    struct route_edit *edit;
    run_array before, after; // the runs of a piece
    uint8_t *packed;
    size_t room;
    bool changed;
    sqlite3_stmt *read, *update, *insert, *remove;
    struct err *e;
};

static bool stands(const struct run *r, date day)
{
    return day != DATE_NONE && r->first <= day && r->last >= day;
}

// The caller has made room.
static struct run *put(struct editor *d, const struct run *r)
{
    struct run *to = &d->after.at[d->after.count++];
    *to = *r;
    return to;
}

static void put_new(struct editor *d, const struct route *r)
{
    const struct route_edit *edit = d->edit;
    uint16_t last = edit->next == DATE_NONE ? ROUTE_DAY_OPEN : (uint16_t)edit->day;
    put(d, &(struct run){r->start, r->origin, r->length, r->level, (uint16_t)edit->day, last});
    d->changed = true;
}

// The route is in the snapshot of the day.
static void edit_present(struct editor *d, const struct run *runs, size_t count,
                         const struct route *route)
{
    const struct route_edit *edit = d->edit;
    bool placed = false;
    for (size_t i = 0; i < count; i++) {
        bool before = stands(&runs[i], edit->previous), after = stands(&runs[i], edit->next);
        if (!placed && !before && !after && runs[i].first > edit->day) {
            put_new(d, route);
            placed = true;
        }
        struct run *to = put(d, &runs[i]);
        placed |= before || after;
        if (before && !after && edit->next != DATE_NONE)
            to->last = (uint16_t)edit->day;
        else if (after && !before)
            to->first = (uint16_t)edit->day;
        else
            continue;
        d->changed = true;
    }
    if (!placed)
        put_new(d, route);
}

static void edit_absent(struct editor *d, const struct run *runs, size_t count)
{
    const struct route_edit *edit = d->edit;
    for (size_t i = 0; i < count; i++) {
        bool before = stands(&runs[i], edit->previous), after = stands(&runs[i], edit->next);
        struct run *to = put(d, &runs[i]);
        if (!before || (!after && edit->next != DATE_NONE))
            continue;
        to->last = (uint16_t)edit->previous;
        if (after)
            put(d, &runs[i])->first = (uint16_t)edit->next;
        d->changed = true;
    }
}

// The day is no snapshot any more.
static void edit_remove(struct editor *d, const struct run *runs, size_t count)
{
    const struct route_edit *edit = d->edit;
    bool newest = edit->next == DATE_NONE;
    size_t from = d->after.count;
    for (size_t i = 0; i < count; i++) {
        struct run r = runs[i];
        d->changed |= r.first == edit->day || r.last == edit->day;
        if (r.first == edit->day && (r.last == edit->day || newest))
            continue;
        if (r.first == edit->day)
            r.first = (uint16_t)edit->next;
        if (r.last == edit->day)
            r.last = (uint16_t)edit->previous;
        bool at_previous = edit->previous != DATE_NONE && r.last == edit->previous;
        if (at_previous && newest) {
            r.last = ROUTE_DAY_OPEN;
            d->changed = true;
        }
        struct run *before = d->after.count > from ? &d->after.at[d->after.count - 1] : NULL;
        if (before && before->last == edit->previous && r.first == edit->next) {
            before->last = r.last; // in P and in N: one lifetime again
            d->changed = true;
        } else {
            put(d, &r);
        }
    }
}

static void count_change(struct route_edit *edit, const struct run *runs, size_t count,
                         bool present)
{
    bool before = false;
    for (size_t i = 0; i < count && !before; i++)
        before = stands(&runs[i], edit->previous);
    edit->appeared += present && !before;
    edit->gone += before && !present;
}

static void edit_route(struct editor *d, const struct run *runs, size_t count,
                       const struct route *route)
{
    if (d->edit->remove) {
        edit_remove(d, runs, count);
        return;
    }
    count_change(d->edit, runs, count, route != NULL);
    if (route)
        edit_present(d, runs, count, route);
    else
        edit_absent(d, runs, count);
}

// ---- the runs of one piece

static size_t same_route(const run_array *runs, size_t from)
{
    struct route first = route_of(&runs->at[from]);
    size_t end = from + 1;
    while (end < runs->count) {
        struct route next = route_of(&runs->at[end]);
        if (route_compare(&first, &next) != 0)
            break;
        end++;
    }
    return end - from;
}

// The runs of a piece against the routes of its place. A route's runs can grow by one.
static int edit_piece(struct editor *d, const struct route *routes, size_t count)
{
    size_t i = 0, j = 0;
    d->after.count = 0;
    if (!ARRAY_RESERVE(&d->after, 2 * d->before.count + count))
        return err_memory(d->e);
    while (i < d->before.count || j < count) {
        struct route old;
        int order = 1;
        if (i < d->before.count) {
            old = route_of(&d->before.at[i]);
            order = j < count ? route_compare(&old, &routes[j]) : -1;
        }
        if (order > 0) {
            put_new(d, &routes[j++]);
            d->edit->appeared++;
            continue;
        }
        size_t runs = same_route(&d->before, i);
        edit_route(d, &d->before.at[i], runs, order == 0 ? &routes[j] : NULL);
        i += runs;
        j += order == 0;
    }
    return 0;
}

static int unpack_all(struct editor *d, const void *bytes, size_t length)
{
    struct unpacker u;
    d->before.count = 0;
    if (!ARRAY_RESERVE(&d->before, length / 3 + 1)) // no run is shorter than 3 bytes
        return err_memory(d->e);
    for (unpack_begin(&u, d->series->kind, d->series->family, bytes, length); unpack_next(&u);)
        d->before.at[d->before.count++] = u.run;
    return unpack_whole(&u) ? 0
                            : err_set(d->e, ERR_STORE,
                                      "%s: the archive is damaged (routes that cannot be); see "
                                      "sextant help doctor",
                                      d->store->path);
}

// ---- pieces in the file

static int read_piece(struct editor *d, int64_t id)
{
    bool row;
    sqlite3_bind_int64(d->read, 1, id);
    int code = sql_step(d->store, d->read, &row, d->e);
    if (!code && row) {
        const void *bytes = sqlite3_column_blob(d->read, 0);
        size_t length = (size_t)sqlite3_column_bytes(d->read, 0);
        if (crc32(0, bytes, (uInt)length) != (uLong)sqlite3_column_int64(d->read, 1))
            code = err_set(d->e, ERR_STORE,
                           "%s: the archive is damaged (a checksum of routes does not fit); see "
                           "sextant help doctor",
                           d->store->path);
        else
            code = unpack_all(d, bytes, length);
    }
    sqlite3_reset(d->read);
    return code;
}

static size_t pack(struct editor *d, size_t from, size_t count)
{
    return routes_pack(d->series->kind, &d->after.at[from], count, d->packed);
}

// Writes what was packed last.
static int write_packed(struct editor *d, int64_t id, size_t from, size_t count, size_t length)
{
    uint8_t key[ROUTE_KEY_BYTES];
    struct route first = route_of(&d->after.at[from]);
    bool update = from == 0 && id;
    sqlite3_stmt *q = update ? d->update : d->insert;
    route_key(&first, key);
    sqlite3_bind_int64(q, 1, update ? id : d->series->id);
    sqlite3_bind_blob(q, 2, key, sizeof key, SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, (int64_t)count);
    sqlite3_bind_int64(q, 4, (int64_t)crc32(0, d->packed, (uInt)length));
    sqlite3_bind_blob(q, 5, d->packed, (int)length, SQLITE_STATIC);
    return sql_finish(d->store, q, d->e);
}

static int make_room(struct editor *d)
{
    size_t room = PACK_ROOM(d->after.count);
    if (room <= d->room)
        return 0;
    uint8_t *packed = realloc(d->packed, room);
    if (!packed)
        return err_memory(d->e);
    d->packed = packed;
    d->room = room;
    return 0;
}

// Writes d->after in the place of the piece `id` (0: there was none), in pieces evenly filled.
static int write_pieces(struct editor *d, int64_t id)
{
    size_t count = d->after.count;
    if (count == 0) {
        sqlite3_bind_int64(d->remove, 1, id);
        return sql_finish(d->store, d->remove, d->e);
    }
    int code = make_room(d);
    if (code)
        return code;
    size_t length = pack(d, 0, count), parts = length / PACK_PIECE;
    if (length < (size_t)2 * PACK_PIECE)
        return write_packed(d, id, 0, count, length);
    for (size_t part = 1, from = 0; from < count && !code; part++) {
        size_t end = part >= parts ? count : count * part / parts;
        if (end <= from)
            continue;
        if (end < count) // behind the runs of one route
            end += same_route(&d->after, end - 1) - 1;
        code = write_packed(d, id, from, end - from, pack(d, from, end - from));
        from = end;
    }
    return code;
}

// ---- the series

struct place {
    int64_t id;
    struct route first;
};

typedef ARRAY(struct place) place_array;

static int read_places(struct editor *d, place_array *places)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(
        d->store, "SELECT id, key FROM route_piece WHERE series = ? ORDER BY key", &q, d->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, d->series->id);
    while ((code = sql_step(d->store, q, &row, d->e)) == 0 && row) {
        struct place *one = ARRAY_ADD(places);
        if (!one)
            code = err_memory(d->e);
        else if (sqlite3_column_bytes(q, 1) != ROUTE_KEY_BYTES)
            code = err_set(d->e, ERR_STORE, "%s: the archive is damaged; see sextant help doctor",
                           d->store->path);
        if (code)
            break;
        *one = (struct place){sqlite3_column_int64(q, 0), route_of_key(sqlite3_column_blob(q, 1))};
    }
    sqlite3_finalize(q);
    return code;
}

// The first route that is not before `limit`.
static size_t routes_before(const struct route *at, size_t count, const struct route *limit)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (route_compare(&at[middle], limit) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static int edit_places(struct editor *d, const place_array *places)
{
    const struct route *routes = d->edit->routes;
    size_t left = d->edit->remove ? 0 : d->edit->count;
    int code = 0;
    for (size_t i = 0; i < places->count && !code; i++) {
        bool last = i + 1 == places->count;
        size_t count = last ? left : routes_before(routes, left, &places->at[i + 1].first);
        d->changed = false;
        code = read_piece(d, places->at[i].id);
        if (!code)
            code = edit_piece(d, routes, count);
        if (!code && d->changed)
            code = write_pieces(d, places->at[i].id);
        left -= count;
        routes = left ? routes + count : NULL;
    }
    if (places->count > 0 || left == 0)
        return code;
    d->before.count = 0;
    code = edit_piece(d, routes, left);
    return code ? code : write_pieces(d, 0);
}

static int prepare(struct editor *d)
{
    int code = sql_prepare(d->store, "SELECT bytes, checksum FROM route_piece WHERE id = ?",
                           &d->read, d->e);
    if (!code)
        code = sql_prepare(d->store,
                           "UPDATE route_piece SET key = ?2, runs = ?3, checksum = ?4, bytes = ?5"
                           " WHERE id = ?1",
                           &d->update, d->e);
    if (!code)
        code = sql_prepare(d->store,
                           "INSERT INTO route_piece (series, key, runs, checksum, bytes)"
                           " VALUES (?1, ?2, ?3, ?4, ?5)",
                           &d->insert, d->e);
    if (!code)
        code = sql_prepare(d->store, "DELETE FROM route_piece WHERE id = ?", &d->remove, d->e);
    return code;
}

int routes_apply(struct store *s, const struct route_series *series, struct route_edit *edit,
                 struct err *e)
{
    struct editor d = {.store = s, .series = series, .edit = edit, .e = e};
    place_array places = {0};
    int code = prepare(&d);
    if (!code)
        code = read_places(&d, &places);
    if (!code)
        code = edit_places(&d, &places);
    sqlite3_finalize(d.read);
    sqlite3_finalize(d.update);
    sqlite3_finalize(d.insert);
    sqlite3_finalize(d.remove);
    free(d.before.at);
    free(d.after.at);
    free(d.packed);
    free(places.at);
    return code;
}
