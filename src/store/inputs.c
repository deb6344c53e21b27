// SPDX-License-Identifier: Apache-2.0
//
// The evidence: inputs, what became of their lines, findings, holders.

#include "store/sql.h"

#include <string.h>

#define INPUT_COLUMNS                                                                              \
    "id, sha256, source, container, format, registry, extended, date, imported, bytes_given,"      \
    " bytes_read, lines, EXISTS (SELECT 1 FROM snapshot s WHERE s.input = input.id)"               \
    " OR EXISTS (SELECT 1 FROM route_snapshot r WHERE r.input = input.id)"                         \
    " OR EXISTS (SELECT 1 FROM observation_input o WHERE o.input = input.id)"                      \
    " OR EXISTS (SELECT 1 FROM network_input n WHERE n.input = input.id)"                          \
    " OR EXISTS (SELECT 1 FROM service_campaign c WHERE c.input = input.id), subject"

static int read_fates(struct store *s, sqlite3_stmt *q, int64_t id, struct fates *f, struct err *e)
{
    bool row;
    int code;
    sqlite3_bind_int64(q, 1, id);
    while ((code = sql_step(s, q, &row, e)) == 0 && row) {
        int fate = sqlite3_column_int(q, 0), reason = sqlite3_column_int(q, 1);
        uint64_t lines = (uint64_t)sqlite3_column_int64(q, 2);
        if (fate == 0)
            f->used = lines;
        else if (fate == 1 && reason >= 0 && reason < IGNORED_COUNT)
            f->ignored[reason] = lines;
        else if (fate == 2 && reason >= 0 && reason < REJECTED_COUNT)
            f->rejected[reason] = lines;
    }
    sqlite3_reset(q);
    return code;
}

static int give_input(struct store *s, sqlite3_stmt *q, sqlite3_stmt *fates,
                      int (*row)(const struct input *i, void *arg), void *arg, struct err *e)
{
    struct input i = {.id = sqlite3_column_int64(q, 0)};
    const char *sha256 = (const char *)sqlite3_column_text(q, 1);
    strncpy(i.sha256, sha256, sizeof i.sha256 - 1);
    i.source = (const char *)sqlite3_column_text(q, 2);
    i.container = (const char *)sqlite3_column_text(q, 3);
    int format = sqlite3_column_int(q, 4), registry = sqlite3_column_int(q, 5);
    i.format = format >= 0 && format < FORMAT_COUNT ? (enum input_format)format : FORMAT_RIR;
    i.registry = registry >= 0 && registry < REGISTRY_COUNT ? registry : INPUT_NO_REGISTRY;
    i.subject = i.registry == INPUT_NO_REGISTRY ? (const char *)sqlite3_column_text(q, 13)
                                                : registry_name((enum registry)i.registry);
    i.extended = sqlite3_column_int(q, 6) != 0;
    i.date = sqlite3_column_int(q, 7);
    i.imported = sqlite3_column_int64(q, 8);
    i.bytes_given = (uint64_t)sqlite3_column_int64(q, 9);
    i.bytes_read = (uint64_t)sqlite3_column_int64(q, 10);
    i.fates.lines = (uint64_t)sqlite3_column_int64(q, 11);
    i.counts = sqlite3_column_int(q, 12) != 0;
    int code = read_fates(s, fates, i.id, &i.fates, e);
    return code ? code : row(&i, arg);
}

static int give_inputs(struct store *s, sqlite3_stmt *q,
                       int (*row)(const struct input *i, void *arg), void *arg, struct err *e)
{
    static const char sql[] = "SELECT fate, reason, lines FROM line_fate WHERE input = ?";
    sqlite3_stmt *fates = NULL;
    bool got;
    int code = sql_prepare(s, sql, &fates, e);
    while (code == 0 && (code = sql_step(s, q, &got, e)) == 0 && got)
        if ((code = give_input(s, q, fates, row, arg, e)) != 0)
            break;
    sqlite3_finalize(fates);
    sqlite3_finalize(q);
    return code;
}

int store_inputs(struct store *s, int (*row)(const struct input *i, void *arg), void *arg,
                 struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, "SELECT " INPUT_COLUMNS " FROM input ORDER BY id", &q, e);
    return code ? code : give_inputs(s, q, row, arg, e);
}

int store_newest_inputs(struct store *s, size_t most, int64_t *ret_all,
                        int (*row)(const struct input *i, void *arg), void *arg, struct err *e)
{
    sqlite3_stmt *q;
    int64_t all = 0;
    int code = sql_integer(s, "SELECT count(*) FROM input", &all, e);
    if (code == 0)
        code =
            sql_prepare(s, "SELECT " INPUT_COLUMNS " FROM input ORDER BY id DESC LIMIT ?", &q, e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, most && most < (size_t)all ? (int64_t)most : all);
    if ((code = give_inputs(s, q, row, arg, e)) == 0)
        *ret_all = all;
    return code;
}

int store_input(struct store *s, int64_t id, int (*row)(const struct input *i, void *arg),
                void *arg, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, "SELECT " INPUT_COLUMNS " FROM input WHERE id = ?", &q, e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, id);
    return give_inputs(s, q, row, arg, e);
}

struct hash_taker {
    int (*row)(int64_t id, const char *sha256, void *arg);
    void *arg;
};

static int take_hash(sqlite3_value **v, void *arg)
{
    const struct hash_taker *taker = arg;
    const char *sha256 = (const char *)sqlite3_value_text(v[1]);
    return taker->row(sqlite3_value_int64(v[0]), sha256 ? sha256 : "", taker->arg);
}

int store_input_hashes(struct store *s, int (*row)(int64_t id, const char *sha256, void *arg),
                       void *arg, struct err *e)
{
    struct hash_taker taker = {row, arg};
    sqlite3_stmt *q;
    // The table is stored by id, and read in its order.
    int code = sql_prepare(s, "SELECT give(?1, id, sha256) FROM input NOT INDEXED", &q, e);
    if (code)
        return code;
    code = sql_give(s, q, take_hash, &taker, e);
    sqlite3_finalize(q);
    return code;
}

static bool is_hash_start(struct slice key)
{
    for (size_t i = 0; i < key.length; i++)
        if (!strchr("0123456789abcdef", key.at[i]))
            return false;
    return key.length >= 6 && key.length <= 64;
}

// How many inputs fit, and the newest of them.
static int find(struct store *s, const char *sql, const char *key, int64_t *count, int64_t *id,
                struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(s, sql, &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
    if ((code = sql_step(s, q, &row, e)) == 0 && row) {
        *count = sqlite3_column_int64(q, 0);
        *id = sqlite3_column_int64(q, 1);
    }
    sqlite3_finalize(q);
    return code;
}

int store_find_input(struct store *s, const char *key, int64_t *ret, struct err *e)
{
    int64_t count = 0, id = 0;
    int code = 0;
    if (is_hash_start(slice_of(key)))
        code =
            find(s, "SELECT count(*), max(id) FROM input WHERE substr(sha256, 1, length(?1)) = ?1",
                 key, &count, &id, e);
    if (!code && count > 1)
        return err_set(e, ERR_USAGE, "%s: %lld inputs have a hash that begins so; give more of it",
                       key, (long long)count);
    if (!code && count == 0)
        code = find(s, "SELECT count(*), max(id) FROM input WHERE CAST(id AS TEXT) = ?1", key,
                    &count, &id, e);
    if (!code && count == 0)
        code = find(s,
                    "SELECT count(*), max(id) FROM input WHERE source = ?1"
                    " OR substr(source, -length(?1) - 1) = '/' || ?1",
                    key, &count, &id, e);
    if (!code && count == 0)
        return err_set(e, ERR_NOT_FOUND,
                       "%s: no such input; wanted the begin of a SHA-256, a number or a file's "
                       "name (sextant evidence lists them)",
                       key);
    if (!code)
        *ret = id;
    return code;
}

int store_findings(struct store *s, int64_t input,
                   int (*row)(const struct input_finding *f, void *arg), void *arg, struct err *e)
{
    sqlite3_stmt *q;
    bool got;
    int code = sql_prepare(s,
                           "SELECT f.kind, c.count, f.line, f.text FROM finding f"
                           " JOIN finding_count c USING (input, kind)"
                           " WHERE f.input = ? ORDER BY f.kind, f.number",
                           &q, e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, input);
    while ((code = sql_step(s, q, &got, e)) == 0 && got) {
        struct input_finding f = {
            (enum finding_kind)sqlite3_column_int(q, 0), (uint64_t)sqlite3_column_int64(q, 1),
            (uint64_t)sqlite3_column_int64(q, 2), (const char *)sqlite3_column_text(q, 3)};
        if ((code = row(&f, arg)) != 0)
            break;
    }
    sqlite3_finalize(q);
    return code;
}

int store_holder(struct store *s, int64_t holder, char ret[HOLDER_MAX + 1], struct err *e)
{
    bool row;
    int code = 0;
    ret[0] = '\0';
    if (holder == 0)
        return 0;
    if (!s->holder &&
        (code = sql_prepare(s, "SELECT name FROM holder WHERE id = ?", &s->holder, e)) != 0)
        return code;
    sqlite3_bind_int64(s->holder, 1, holder);
    if ((code = sql_step(s, s->holder, &row, e)) == 0 && row)
        sqlite3_snprintf(HOLDER_MAX + 1, ret, "%s", sqlite3_column_text(s->holder, 0));
    sqlite3_reset(s->holder);
    return code;
}

int store_holders(struct store *s, int (*row)(int64_t holder, const char *name, void *arg),
                  void *arg, struct err *e)
{
    sqlite3_stmt *q;
    bool got;
    int code = sql_prepare(s, "SELECT id, name FROM holder ORDER BY id", &q, e);
    if (code)
        return code;
    while ((code = sql_step(s, q, &got, e)) == 0 && got)
        if ((code = row(sqlite3_column_int64(q, 0), (const char *)sqlite3_column_text(q, 1), arg)))
            break;
    sqlite3_finalize(q);
    return code;
}
