// SPDX-License-Identifier: Apache-2.0

#include "store/sql.h"

static int sql_late(struct err *e)
{
    return err_set(e, ERR_LATE, "it takes too long; ask for less");
}

int sql_check_deadline(struct store *s, struct err *e)
{
    return s->deadline && store_clock() >= s->deadline ? sql_late(e) : 0;
}

int sql_fail(struct store *s, struct err *e)
{
    int code = sqlite3_errcode(s->db);
    const char *message = sqlite3_errmsg(s->db);
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return err_memory(e);
    case SQLITE_NOTADB:
        return err_set(e, ERR_STORE, "%s: not a Sextant archive", s->path);
    case SQLITE_CORRUPT:
        return err_set(e, ERR_STORE, "%s: the archive is damaged (%s); see sextant help doctor",
                       s->path, message);
    case SQLITE_BUSY:
        return err_set(e, ERR_SYSTEM, "%s: another program has been writing for more than %d s",
                       s->path, STORE_BUSY_SECONDS);
    case SQLITE_INTERRUPT:
        return sql_late(e);
    case SQLITE_READONLY:
        if (s->mode == STORE_READ)
            return err_set(
                e, ERR_STORE,
                "%s: an import was killed while it made the archive; import again and it "
                "will be mended",
                s->path);
        return err_set(e, ERR_SYSTEM, "%s: the archive cannot be written: %s", s->path, message);
    default:
        return err_set(e, code == SQLITE_ERROR ? ERR_STORE : ERR_SYSTEM, "%s: %s", s->path,
                       message);
    }
}

int sql_run(struct store *s, const char *sql, struct err *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : sql_fail(s, e);
}

int sql_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct err *e)
{
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) != SQLITE_OK)
        return sql_fail(s, e);
    return 0;
}

int sql_step(struct store *s, sqlite3_stmt *statement, bool *ret_row, struct err *e)
{
    int code = sqlite3_step(statement);
    *ret_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : sql_fail(s, e);
}

int sql_finish(struct store *s, sqlite3_stmt *statement, struct err *e)
{
    bool row;
    int code = sql_step(s, statement, &row, e);
    sqlite3_reset(statement);
    return code;
}

int sql_integer(struct store *s, const char *sql, int64_t *ret, struct err *e)
{
    sqlite3_stmt *statement;
    bool row;
    int code = sql_prepare(s, sql, &statement, e);
    if (code)
        return code;
    if ((code = sql_step(s, statement, &row, e)) == 0 && row)
        *ret = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code;
}

struct giving {
    sql_take *take;
    void *arg;
    int code;
};

static void give_step(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct giving *g = sqlite3_value_pointer(values[0], "giving");
    if (g && g->code == 0 && (g->code = g->take(values + 1, g->arg)) != 0)
        sqlite3_result_error(context, "stopped", -1);
}

static void give_final(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

int sql_register_give(struct store *s, struct err *e)
{
    int code = sqlite3_create_function(s->db, "give", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
                                       NULL, give_step, give_final);
    return code == SQLITE_OK ? 0 : sql_fail(s, e);
}

int sql_give(struct store *s, sqlite3_stmt *statement, sql_take *take, void *arg, struct err *e)
{
    struct giving g = {take, arg, 0};
    bool row;
    sqlite3_bind_pointer(statement, 1, &g, "giving", NULL);
    struct err own = {0};
    int code = sql_step(s, statement, &row, &own);
    sqlite3_reset(statement);
    if (g.code == 0 && code && e)
        *e = own; // else `take` has said what was wrong
    return g.code ? g.code : code;
}

int sql_begin(struct store *s, struct err *e)
{
    return sql_run(s, "BEGIN IMMEDIATE", e);
}

int sql_commit(struct store *s, struct err *e)
{
    return sql_run(s, "COMMIT", e);
}

void sql_rollback(struct store *s)
{
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

void sql_bind_start(sqlite3_stmt *statement, int index, enum family f, u128 start)
{
    unsigned char bytes[16];
    int length = f == FAMILY_IPV6 ? 16 : 4;
    for (int i = 0; i < length; i++)
        bytes[i] = (unsigned char)(start >> (8 * (length - 1 - i)));
    sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}

u128 sql_start(sqlite3_value *value)
{
    const unsigned char *bytes = sqlite3_value_blob(value);
    int length = sqlite3_value_bytes(value);
    if (length == 16) {
        uint64_t halves[2];
        __builtin_memcpy(halves, bytes, 16);
        return (u128)__builtin_bswap64(halves[0]) << 64 | __builtin_bswap64(halves[1]);
    }
    u128 start = 0;
    for (int i = 0; i < length; i++)
        start = start << 8 | bytes[i];
    return start;
}

void sql_bind_economy(sqlite3_stmt *statement, int index, economy e)
{
    char text[2] = {(char)(e >> 8), (char)e};
    sqlite3_bind_text(statement, index, text, e == ECONOMY_NONE ? 0 : 2, SQLITE_TRANSIENT);
}

economy sql_economy(sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    return text && text[0] && text[1] ? economy_of(text[0], text[1]) : ECONOMY_NONE;
}
