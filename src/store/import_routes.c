// SPDX-License-Identifier: Apache-2.0
//
// Importing routes: a routing table, or validated ROA payloads. One input is a snapshot of one or
// two series, IPv6 and IPv4.
//
// Of two inputs for one series and day the one with more full tables counts, then the one with more
// peers, then the one with more routes, and then the greater hash: the outcome does not depend on
// the order of import.

#include "store/import_parts.h"

#include "read/announced.h"
#include "read/vrps.h"
#include "store/routes_edit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUTES_MAX  ((size_t)1 << 24) // of a family: ten times what is announced; 512 MB
#define FAMILIES    2                 // FAMILY_IPV6, FAMILY_IPV4
#define FEWER_THAN  0.8               // of the routes of the snapshot before: told
#define FEWER_LEAST 100               // a small table may change so much

typedef ARRAY(struct route) route_array;

struct taken_routes {
    enum route_kind kind;
    const char *collector;
    route_array routes[FAMILIES];
    bool unsorted[FAMILIES];
    uint32_t peers[FAMILIES], peers_full[FAMILIES];
};

void taken_routes_free(struct taken_routes **t)
{
    for (unsigned f = 0; *t && f < FAMILIES; f++)
        free((*t)->routes[f].at);
    free(*t);
    *t = NULL;
}

// ---- reading

static int keep_route(struct importer *i, enum family family, const struct route *r, uint64_t line)
{
    struct taken_routes *t = i->routes;
    route_array *routes = &t->routes[family];
    if (routes->count == ROUTES_MAX)
        return err_set(i->e, ERR_LIMIT, "line or record %" PRIu64 ": more than %zu routes of %s",
                       line, ROUTES_MAX, family_name(family));
    struct route *kept = ARRAY_ADD(routes);
    if (!kept)
        return err_memory(i->e);
    *kept = *r;
    if (routes->count > 1 && !t->unsorted[family])
        t->unsorted[family] = route_compare(kept - 1, kept) >= 0;
    return 0;
}

static int on_announced(const struct announced *a, void *arg)
{
    struct route r = {a->start, a->origin, a->length, (uint8_t)route_level(a->peers)};
    return keep_route(arg, a->family, &r, a->line);
}

static int on_vrp(const struct vrp *v, void *arg)
{
    struct route r = {v->start, v->asn, v->length, v->max_length};
    return keep_route(arg, v->family, &r, v->line);
}

static int compare_routes(const void *a, const void *b)
{
    return route_compare(a, b);
}

static int note_twice(struct importer *i, enum family family, const struct route *r)
{
    char text[128], address[ADDRESS_TEXT_MAX];
    snprintf(text, sizeof text, "%s/%u of AS%" PRIu32 " stands there more than once",
             address_format(family, r->start, address), r->length, r->origin);
    return evidence_add(&i->evidence, FINDING_DUPLICATE, 0, text) ? err_memory(i->e) : 0;
}

// Sorted, and each once: of an announced route that stands there with several numbers of peers the
// most.
static int order_routes(struct importer *i, enum family family)
{
    struct taken_routes *t = i->routes;
    route_array *routes = &t->routes[family];
    size_t kept = 0;
    int code = 0;
    if (!t->unsorted[family])
        return 0;
    qsort(routes->at, routes->count, sizeof *routes->at, compare_routes);
    for (size_t n = 0; n < routes->count && !code; n++) {
        struct route *r = &routes->at[n], *last = kept ? &routes->at[kept - 1] : NULL;
        bool twice = last && last->start == r->start && last->length == r->length &&
                     last->origin == r->origin &&
                     (t->kind == ROUTE_ANNOUNCED || last->level == r->level);
        if (twice) {
            last->level = r->level;
            // A prefix may have several AS_SETs as its origins.
            if (t->kind == ROUTE_VALIDATED || r->origin != ORIGIN_SET)
                code = note_twice(i, family, r);
        } else {
            routes->at[kept++] = *r;
        }
    }
    routes->count = kept;
    return code;
}

// The collector's name: what the user says, else what the input says.
static int name_collector(struct importer *i, const struct source *s, const char *stated)
{
    const char *name = i->options->collector ? i->options->collector : stated;
    struct taken_routes *t = i->routes;
    if (strlen(name) >= COLLECTOR_MAX)
        return err_set(i->e, ERR_INPUT, "%s: a collector's name has at most %d bytes",
                       source_name(s), COLLECTOR_MAX - 1);
    t->collector = arena_text(&i->texts, name, strlen(name));
    return t->collector ? 0 : err_memory(i->e);
}

static int finish_reading(struct importer *i, const struct source *s, const char *collector,
                          const struct input_facts *about)
{
    int code = importer_needs_date(i, s, about->date);
    if (!code && (about->date < 0 || about->date > ROUTE_DAY_MAX))
        code = err_set(i->e, ERR_INPUT, "%s: wanted a date from 1970-01-01 to 2149-06-05",
                       source_name(s));
    if (!code)
        code = name_collector(i, s, collector);
    for (unsigned f = 0; f < FAMILIES && !code; f++)
        code = order_routes(i, (enum family)f);
    i->about = *about;
    i->about.registry = INPUT_NO_REGISTRY;
    i->about.subject = i->routes->collector;
    return code;
}

static int begin_reading(struct importer *i, enum route_kind kind)
{
    i->routes = calloc(1, sizeof *i->routes);
    if (!i->routes)
        return err_memory(i->e);
    i->routes->kind = kind;
    return 0;
}

int routes_read(struct importer *i, struct source *s)
{
    struct announced_handler handler = {NULL, on_announced, importer_finding, i};
    struct announced_result result = {0};
    int code = begin_reading(i, ROUTE_ANNOUNCED);
    if (!code)
        code = read_announced(s, &i->options->read, &handler, &result, i->e);
    if (code)
        return code;
    memcpy(i->routes->peers, result.peers, sizeof result.peers);
    memcpy(i->routes->peers_full, result.peers_full, sizeof result.peers_full);
    const struct announced_header *h = &result.header;
    struct input_facts about = {.format = h->format, .date = h->date, .fates = result.fates};
    return finish_reading(i, s, h->collector[0] ? h->collector : ROUTE_COLLECTOR_UNNAMED, &about);
}

int vrps_read(struct importer *i, struct source *s)
{
    struct vrp_handler handler = {NULL, on_vrp, importer_finding, i};
    struct vrp_result result = {0};
    int code = begin_reading(i, ROUTE_VALIDATED);
    if (!code)
        code = read_vrps(s, &i->options->read, &handler, &result, i->e);
    if (code)
        return code;
    struct input_facts about = {
        .format = result.header.format, .date = result.header.date, .fates = result.fates};
    return finish_reading(i, s, ROUTE_COLLECTOR_RPKI, &about);
}

// ---- storing

struct rival {
    uint64_t peers_full, peers, routes;
    char sha256[65];
};

static int find_series(struct importer *i, struct route_series *series)
{
    static const char *const sql[] = {"INSERT INTO route_series (kind, family, collector)"
                                      " VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                                      "SELECT id FROM route_series WHERE kind = ?1 AND family = ?2"
                                      " AND collector = ?3"};
    int code = 0;
    for (unsigned n = 0; n < 2 && !code; n++) {
        sqlite3_stmt *q;
        bool row;
        if ((code = sql_prepare(i->store, sql[n], &q, i->e)) != 0)
            return code;
        sqlite3_bind_int(q, 1, (int)series->kind);
        sqlite3_bind_int(q, 2, (int)series->family);
        sqlite3_bind_text(q, 3, i->routes->collector, -1, SQLITE_STATIC);
        if ((code = sql_step(i->store, q, &row, i->e)) == 0 && row)
            series->id = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
    }
    return code;
}

static date column_date(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL ? DATE_NONE
                                                         : sqlite3_column_int(q, column);
}

// The snapshots around the day, and the routes of the one before.
static int find_neighbours(struct importer *i, const struct route_series *series,
                           struct route_edit *edit, uint64_t *ret_before)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(
        i->store,
        "SELECT p, (SELECT min(date) FROM route_snapshot WHERE series = ?1 AND date > ?2), (SELECT"
        " routes FROM route_snapshot WHERE series = ?1 AND date = p) FROM (SELECT (SELECT"
        " max(date) FROM route_snapshot WHERE series = ?1 AND date < ?2) AS p)",
        &q, i->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, series->id);
    sqlite3_bind_int(q, 2, edit->day);
    if ((code = sql_step(i->store, q, &row, i->e)) == 0 && row) {
        edit->previous = column_date(q, 0);
        edit->next = column_date(q, 1);
        *ret_before = (uint64_t)sqlite3_column_int64(q, 2);
    }
    sqlite3_finalize(q);
    return code;
}

// The input that speaks for that day now.
static int find_rival(struct importer *i, const struct route_series *series, date day,
                      struct rival *ret, bool *ret_there)
{
    sqlite3_stmt *q;
    int code = sql_prepare(i->store,
                           "SELECT peers_full, peers, routes, sha256 FROM route_snapshot s"
                           " JOIN input i ON i.id = s.input WHERE s.series = ? AND s.date = ?",
                           &q, i->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, series->id);
    sqlite3_bind_int(q, 2, day);
    if ((code = sql_step(i->store, q, ret_there, i->e)) == 0 && *ret_there) {
        ret->peers_full = (uint64_t)sqlite3_column_int64(q, 0);
        ret->peers = (uint64_t)sqlite3_column_int64(q, 1);
        ret->routes = (uint64_t)sqlite3_column_int64(q, 2);
        snprintf(ret->sha256, sizeof ret->sha256, "%s", sqlite3_column_text(q, 3));
    }
    sqlite3_finalize(q);
    return code;
}

static bool outvotes(const struct rival *a, const struct rival *b)
{
    if (a->peers_full != b->peers_full)
        return a->peers_full > b->peers_full;
    if (a->peers != b->peers)
        return a->peers > b->peers;
    if (a->routes != b->routes)
        return a->routes > b->routes;
    return strcmp(a->sha256, b->sha256) > 0;
}

static int remove_snapshot(struct importer *i, const struct route_series *series,
                           const struct route_edit *around)
{
    struct route_edit edit = {
        .remove = true, .day = around->day, .previous = around->previous, .next = around->next};
    sqlite3_stmt *q;
    int code =
        sql_prepare(i->store, "DELETE FROM route_snapshot WHERE series = ? AND date = ?", &q, i->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, series->id);
    sqlite3_bind_int(q, 2, edit.day);
    code = sql_finish(i->store, q, i->e);
    sqlite3_finalize(q);
    return code ? code : routes_apply(i->store, series, &edit, i->e);
}

static uint64_t count_prefixes(const route_array *routes)
{
    uint64_t count = routes->count > 0;
    for (size_t n = 1; n < routes->count; n++)
        count += routes->at[n].start != routes->at[n - 1].start ||
                 routes->at[n].length != routes->at[n - 1].length;
    return count;
}

static int insert_snapshot(struct importer *i, const struct route_series *series, int64_t input,
                           date day)
{
    const struct taken_routes *t = i->routes;
    const route_array *routes = &t->routes[series->family];
    sqlite3_stmt *q;
    int code =
        sql_prepare(i->store, "INSERT INTO route_snapshot VALUES (?, ?, ?, ?, ?, ?, ?)", &q, i->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, series->id);
    sqlite3_bind_int(q, 2, day);
    sqlite3_bind_int64(q, 3, input);
    sqlite3_bind_int64(q, 4, (int64_t)routes->count);
    sqlite3_bind_int64(q, 5, (int64_t)count_prefixes(routes));
    sqlite3_bind_int64(q, 6, t->peers[series->family]);
    sqlite3_bind_int64(q, 7, t->peers_full[series->family]);
    code = sql_finish(i->store, q, i->e);
    sqlite3_finalize(q);
    return code;
}

static int note_fewer(struct importer *i, enum family family, uint64_t now, uint64_t before)
{
    char text[128];
    if (before < FEWER_LEAST || (double)now >= FEWER_THAN * (double)before)
        return 0;
    snprintf(text, sizeof text, "%s: %" PRIu64 " routes, %" PRIu64 " in the snapshot before",
             family_name(family), now, before);
    return evidence_add(&i->evidence, FINDING_DIP, 0, text) ? err_memory(i->e) : 0;
}

static int store_snapshot(struct importer *i, const struct route_series *series, int64_t input,
                          struct route_edit *edit, struct import_result *ret)
{
    int code = routes_apply(i->store, series, edit, i->e);
    if (!code)
        code = insert_snapshot(i, series, input, edit->day);
    ret->appeared += edit->appeared;
    ret->gone += edit->gone;
    ret->outcome = IMPORT_TAKEN;
    return code;
}

static int store_family(struct importer *i, enum family family, const struct taken_input *input,
                        struct import_result *ret)
{
    const struct taken_routes *t = i->routes;
    const route_array *routes = &t->routes[family];
    struct route_series series = {0, t->kind, family};
    struct route_edit edit = {.day = i->about.date, .routes = routes->at, .count = routes->count};
    struct rival mine = {t->peers_full[family], t->peers[family], routes->count, ""}, other;
    uint64_t before = 0;
    bool there = false;
    snprintf(mine.sha256, sizeof mine.sha256, "%s", input->sha256);
    int code = find_series(i, &series);
    if (!code)
        code = find_neighbours(i, &series, &edit, &before);
    if (!code)
        code = find_rival(i, &series, edit.day, &other, &there);
    if (code || (there && outvotes(&other, &mine)))
        return code;
    if (there)
        code = remove_snapshot(i, &series, &edit);
    if (!code)
        code = store_snapshot(i, &series, input->id, &edit, ret);
    return code ? code : note_fewer(i, family, routes->count, before);
}

int routes_store(struct importer *i, const struct taken_input *input, struct import_result *ret)
{
    int code = 0;
    ret->outcome = IMPORT_SUPERSEDED;
    for (unsigned f = 0; f < FAMILIES && !code; f++)
        if (i->routes->routes[f].count > 0)
            code = store_family(i, (enum family)f, input, ret);
    return code;
}
