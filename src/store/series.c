// SPDX-License-Identifier: Apache-2.0
//
// Yearly figures of economies.

#include "store/sql.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int insert_values(struct store *s, const char *name, const struct series_value *values,
                         size_t count, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, "INSERT OR REPLACE INTO series_value VALUES (?, ?, ?, ?)", &q, e);
    for (size_t i = 0; i < count && !code; i++) {
        sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
        sql_bind_economy(q, 2, values[i].economy);
        sqlite3_bind_int(q, 3, values[i].year);
        sqlite3_bind_double(q, 4, values[i].value);
        code = sql_finish(s, q, e);
    }
    sqlite3_finalize(q);
    return code;
}

static int replace_input(struct store *s, const char *name, const char *sha256, const char *source,
                         struct err *e)
{
    static const char *const statements[] = {"DELETE FROM series_value WHERE name = ?1",
                                             "DELETE FROM series_input WHERE name = ?1",
                                             "INSERT INTO series_input VALUES (?1, ?2, ?3, ?4)"};
    int code = 0;
    for (unsigned i = 0; i < 3 && !code; i++) {
        sqlite3_stmt *q;
        if ((code = sql_prepare(s, statements[i], &q, e)) != 0)
            return code;
        sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 2, sha256, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 3, source, -1, SQLITE_STATIC);
        sqlite3_bind_int64(q, 4, (int64_t)time(NULL));
        code = sql_finish(s, q, e);
        sqlite3_finalize(q);
    }
    return code;
}

int store_set_series(struct store *s, const char *name, const char *sha256, const char *source,
                     const struct series_value *values, size_t count, struct err *e)
{
    int code = sql_begin(s, e);
    if (!code)
        code = replace_input(s, name, sha256, source, e);
    if (!code)
        code = insert_values(s, name, values, count, e);
    if (!code)
        code = sql_commit(s, e);
    if (code)
        sql_rollback(s);
    return code;
}

static int read_values(struct store *s, const char *name, struct series *ret, struct err *e)
{
    ARRAY(struct series_value) values = {0};
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(
        s, "SELECT economy, year, value FROM series_value WHERE name = ? ORDER BY economy, year",
        &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    while ((code = sql_step(s, q, &row, e)) == 0 && row) {
        struct series_value *one = ARRAY_ADD(&values);
        if (!one) {
            code = err_memory(e);
            break;
        }
        *one = (struct series_value){sql_economy(sqlite3_column_value(q, 0)),
                                     sqlite3_column_int(q, 1), sqlite3_column_double(q, 2)};
    }
    sqlite3_finalize(q);
    ret->at = values.at;
    ret->count = values.count;
    return code;
}

static int read_series_input(struct store *s, const char *name, struct series *ret, struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(s, "SELECT sha256, source FROM series_input WHERE name = ?", &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    if ((code = sql_step(s, q, &row, e)) == 0 && row) {
        const char *sha256 = (const char *)sqlite3_column_text(q, 0);
        const char *source = (const char *)sqlite3_column_text(q, 1);
        strncpy(ret->sha256, sha256 ? sha256 : "", sizeof ret->sha256 - 1);
        ret->source = strdup(source ? source : "");
        if (!ret->source)
            code = err_memory(e);
    }
    sqlite3_finalize(q);
    return code;
}

int store_series(struct store *s, const char *name, struct series *ret, struct err *e)
{
    struct series found = {0};
    int code = read_values(s, name, &found, e);
    if (!code)
        code = read_series_input(s, name, &found, e);
    if (code)
        series_free(&found);
    else
        *ret = found;
    return code;
}

void series_free(struct series *s)
{
    free(s->at);
    free(s->source);
    *s = (struct series){0};
}

bool series_value(const struct series *s, economy e, int year, double *ret)
{
    size_t low = 0, high = s->count; // the first value after (e, year)
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct series_value *v = &s->at[middle];
        if (v->economy < e || (v->economy == e && v->year <= year))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || s->at[low - 1].economy != e)
        return false;
    *ret = s->at[low - 1].value;
    return true;
}
