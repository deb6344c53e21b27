// SPDX-License-Identifier: Apache-2.0
//
// Questions about networks: their names, their users.

#include "store/routes.h"
#include "store/sql.h"

#include <math.h>

struct taker {
    int (*name)(const struct stored_as_name *n, void *arg);
    int (*users)(const struct stored_users_per_as *u, void *arg);
    void *arg;
};

static const char *text_of(sqlite3_value *v)
{
    const char *text = (const char *)sqlite3_value_text(v);
    return text ? text : "";
}

static int take_name(sqlite3_value **v, void *arg)
{
    const struct taker *taker = arg;
    struct stored_as_name n = {(uint32_t)sqlite3_value_int64(v[0]), sql_economy(v[1]),
                               text_of(v[2]), text_of(v[3])};
    return taker->name(&n, taker->arg);
}

static int take_users(sqlite3_value **v, void *arg)
{
    const struct taker *taker = arg;
    bool stated = sqlite3_value_type(v[3]) != SQLITE_NULL;
    struct stored_users_per_as u = {(uint32_t)sqlite3_value_int64(v[0]), sql_economy(v[1]),
                                    sqlite3_value_double(v[2]),
                                    stated ? sqlite3_value_double(v[3]) : NAN};
    return taker->users(&u, taker->arg);
}

int store_as_names(struct store *s, int (*row)(const struct stored_as_name *n, void *arg),
                   void *arg, int64_t *ret_input, struct err *e)
{
    struct taker taker = {.name = row, .arg = arg};
    sqlite3_stmt *q;
    int64_t input = 0;
    int code = sql_integer(s, "SELECT input FROM network_input WHERE kind = 0", &input, e);
    if (!code)
        code = sql_prepare(s, "SELECT give(?1, asn, economy, name, registry) FROM as_name", &q, e);
    if (code)
        return code;
    code = sql_give(s, q, take_name, &taker, e);
    sqlite3_finalize(q);
    if (!code)
        *ret_input = input;
    return code;
}

static int find_users(struct store *s, date on, date *ret_date, int64_t *ret_input, struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(s,
                           "SELECT date, input FROM network_input WHERE kind = 1 AND date <= ?"
                           " ORDER BY date DESC LIMIT 1",
                           &q, e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, on);
    if ((code = sql_step(s, q, &row, e)) == 0) {
        *ret_date = row ? sqlite3_column_int(q, 0) : DATE_NONE;
        *ret_input = row ? sqlite3_column_int64(q, 1) : 0;
    }
    sqlite3_finalize(q);
    return code;
}

int store_users_per_as(struct store *s, date on,
                       int (*row)(const struct stored_users_per_as *u, void *arg), void *arg,
                       date *ret_date, int64_t *ret_input, struct err *e)
{
    struct taker taker = {.users = row, .arg = arg};
    sqlite3_stmt *q;
    date day;
    int64_t input;
    int code = find_users(s, on, &day, &input, e);
    if (!code)
        code = sql_prepare(s,
                           "SELECT give(?1, asn, economy, users, samples) FROM users_per_as"
                           " WHERE date = ?2",
                           &q, e);
    if (code)
        return code;
    sqlite3_bind_int(q, 2, day);
    code = sql_give(s, q, take_users, &taker, e);
    sqlite3_finalize(q);
    if (!code) {
        *ret_date = day;
        *ret_input = input;
    }
    return code;
}
