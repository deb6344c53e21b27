// SPDX-License-Identifier: Apache-2.0
//
// Importing dated series of economies. Values that the archive holds already are not stored again:
// the newer input takes them over, so that what counts does not depend on the order of import.

#include "store/import_parts.h"

#include "read/observed.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define OBSERVED_MAX ((size_t)1 << 24) // values: 250 economies by day for 180 years

struct taken_values {
    struct observed_header header;
    ARRAY(struct observed_value) values;
};

void taken_values_free(struct taken_values **t)
{
    if (*t)
        free((*t)->values.at);
    free(*t);
    *t = NULL;
}

// ---- reading

static int keep_value(struct importer *i, const struct observed_value *v)
{
    struct taken_values *t = i->values;
    if (t->values.count == OBSERVED_MAX)
        return err_set(i->e, ERR_LIMIT, "line %" PRIu64 ": more than %zu values", v->line,
                       OBSERVED_MAX);
    struct observed_value *kept = ARRAY_ADD(&t->values);
    if (!kept)
        return err_memory(i->e);
    *kept = *v;
    return 0;
}

static int on_value(const struct observed_value *v, void *arg)
{
    return keep_value(arg, v);
}

static int begin_reading(struct importer *i)
{
    i->values = calloc(1, sizeof *i->values);
    if (!i->values)
        return err_memory(i->e);
    return i->world ? 0 : world_load(LANGUAGE_EN, &i->world, i->e);
}

// A name that can stand in an option, an address and a file.
static int name_series(struct importer *i, const struct source *s)
{
    struct observed_header *h = &i->values->header;
    const char *name = i->options->series;
    if (!name)
        return 0;
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (length == 0 || length >= sizeof h->series || name[length])
        return err_set(i->e, ERR_USAGE,
                       "%s: --series %s: wanted at most %zu small letters, digits and \"-\"",
                       source_name(s), name, sizeof h->series - 1);
    memcpy(h->series, name, length + 1);
    return 0;
}

int observed_read(struct importer *i, struct source *s)
{
    struct observed_handler handler = {NULL, on_value, importer_finding, i};
    struct observed_result result = {0};
    int code = begin_reading(i);
    if (!code)
        code = read_observed(s, i->world, &i->options->read, &handler, &result, i->e);
    if (code)
        return code;
    i->values->header = result.header;
    i->about = (struct input_facts){.format = result.header.format,
                                    .registry = INPUT_NO_REGISTRY,
                                    .date = result.last,
                                    .subject = i->values->header.series,
                                    .fates = result.fates};
    return name_series(i, s);
}

// ---- storing

struct storing {
    struct importer *i;
    int64_t series, input;
    sqlite3_stmt *held, *insert, *take_over;
};

static int find_series(struct storing *w, const struct observed_header *h)
{
    sqlite3_stmt *q;
    bool row;
    char unit[OBSERVED_UNIT_MAX] = "";
    int code = sql_prepare(w->i->store,
                           "INSERT INTO observation_series (name, unit, title, source)"
                           " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE"
                           " SET title = ?3, source = ?4 RETURNING id, unit",
                           &q, w->i->e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, h->series, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, h->unit, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 3, h->title, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 4, h->source, -1, SQLITE_STATIC);
    if ((code = sql_step(w->i->store, q, &row, w->i->e)) == 0 && row) {
        w->series = sqlite3_column_int64(q, 0);
        sqlite3_snprintf(sizeof unit, unit, "%s", sqlite3_column_text(q, 1));
    }
    sqlite3_finalize(q);
    if (!code && strcmp(unit, h->unit) != 0)
        code =
            err_set(w->i->e, ERR_INPUT,
                    "the series \"%s\" has the unit \"%s\" in this archive, the input has \"%s\"",
                    h->series, unit, h->unit);
    return code;
}

static void bind_value(sqlite3_stmt *q, const struct storing *w, const struct observed_value *v)
{
    const double reals[] = {v->value, v->low, v->high, v->samples};
    sqlite3_bind_int64(q, 1, w->series);
    sqlite3_bind_text(q, 2, v->key, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 3, v->date);
    sqlite3_bind_int64(q, 4, w->input);
    for (int n = 0; n < 4; n++)
        sqlite3_bind_double(q, 5 + n, reals[n]); // NaN is NULL
}

// What the archive holds for a key and date.
struct held {
    bool same;   // the value that counts is this one
    bool yields; // and its input is no newer than this one
    bool known;  // somebody has stated this one already
    int64_t input;
};

static int find_held(struct storing *w, const struct observed_value *v, struct held *ret)
{
    bool row;
    bind_value(w->held, w, v);
    sqlite3_bind_int(w->held, 9, w->i->about.date);
    int code = sql_step(w->i->store, w->held, &row, w->i->e);
    *ret = (struct held){.yields = true};
    if (!code && row)
        *ret =
            (struct held){sqlite3_column_int(w->held, 0) != 0, sqlite3_column_int(w->held, 1) != 0,
                          sqlite3_column_int(w->held, 2) != 0, sqlite3_column_int64(w->held, 3)};
    sqlite3_reset(w->held);
    return code;
}

static int store_value(struct storing *w, const struct observed_value *v, uint64_t *new_values)
{
    struct held held;
    int code = find_held(w, v, &held);
    if (code || (!held.yields && held.known))
        return code;
    sqlite3_stmt *q = held.same ? w->take_over : w->insert;
    bind_value(q, w, v);
    if (held.same)
        sqlite3_bind_int64(q, 5, held.input);
    *new_values += !held.same;
    return sql_finish(w->i->store, q, w->i->e);
}

static int prepare(struct storing *w)
{
    static const char held[] =
        "SELECT same, date <= ?9, max(same) OVER (), input FROM (SELECT o.input, i.date, o.value IS"
        " ?5 AND o.low IS ?6 AND o.high IS ?7 AND o.samples IS ?8 AS same FROM observation o"
        " JOIN input i ON i.id = o.input WHERE o.series = ?1 AND o.key = ?2 AND o.date = ?3)"
        " ORDER BY date DESC, input DESC LIMIT 1";
    int code = sql_prepare(w->i->store, held, &w->held, w->i->e);
    if (!code)
        code = sql_prepare(w->i->store,
                           "INSERT INTO observation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                           &w->insert, w->i->e);
    if (!code)
        code = sql_prepare(w->i->store,
                           "UPDATE observation SET input = ?4 WHERE series = ?1 AND key = ?2"
                           " AND date = ?3 AND input = ?5",
                           &w->take_over, w->i->e);
    return code;
}

static int run_for_series(struct storing *w, const char *sql)
{
    sqlite3_stmt *q;
    int code = sql_prepare(w->i->store, sql, &q, w->i->e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, w->series);
    sqlite3_bind_int64(q, 2, w->input);
    code = sql_finish(w->i->store, q, w->i->e);
    sqlite3_finalize(q);
    return code;
}

static int store_values(struct storing *w, const struct taken_values *t, uint64_t *new_values)
{
    int code = prepare(w);
    for (size_t n = 0; n < t->values.count && !code; n++)
        code = store_value(w, &t->values.at[n], new_values);
    if (!code)
        code = run_for_series(w, "INSERT INTO observation_input VALUES (?1, ?2)");
    if (!code)
        code = run_for_series(
            w, "UPDATE observation_series SET (stated, known, first, last) = (SELECT sum(rows),"
               " count(*), min(date), max(date) FROM (SELECT date, count(*) AS rows FROM"
               " observation WHERE series = ?1 GROUP BY key, date)) WHERE id = ?1 AND ?2 > 0");
    return code;
}

int observed_store(struct importer *i, const struct taken_input *input, struct import_result *ret)
{
    struct storing w = {.i = i, .input = input->id};
    int code = find_series(&w, &i->values->header);
    ret->outcome = IMPORT_TAKEN;
    if (!code)
        code = store_values(&w, i->values, &ret->values);
    sqlite3_finalize(w.held);
    sqlite3_finalize(w.insert);
    sqlite3_finalize(w.take_over);
    return code;
}
