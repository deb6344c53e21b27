// SPDX-License-Identifier: Apache-2.0

#include "store/evidence.h"

#include <time.h>

enum fate { FATE_USED, FATE_IGNORED, FATE_REJECTED };

void evidence_reset(struct evidence *v)
{
    arena_done(&v->arena);
    for (unsigned i = 0; i < FINDING_COUNT_OF_KINDS; i++)
        v->counts[i] = 0;
}

int evidence_add(struct evidence *v, enum finding_kind kind, uint64_t line, const char *text)
{
    uint64_t number = v->counts[kind]++;
    if (number >= FINDING_KEPT)
        return 0;
    const char *copy = arena_text(&v->arena, text, strlen(text));
    if (!copy)
        return ERR_MEMORY;
    v->kept[kind][number] = (struct kept_finding){line, copy};
    return 0;
}

uint64_t evidence_count(const struct evidence *v)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < FINDING_COUNT_OF_KINDS; i++)
        sum += v->counts[i];
    return sum;
}

int evidence_find(struct store *s, const char *sha256, int64_t *ret_id, struct err *e)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(s, "SELECT id FROM input WHERE sha256 = ?", &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, sha256, -1, SQLITE_STATIC);
    if ((code = sql_step(s, q, &row, e)) == 0)
        *ret_id = row ? sqlite3_column_int64(q, 0) : 0;
    sqlite3_finalize(q);
    return code;
}

static int store_input_row(struct store *s, int64_t id, const char *source,
                           const struct source_facts *facts, const struct input_facts *about,
                           struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s,
                           "INSERT INTO input (sha256, source, container, format, registry,"
                           " extended, date, imported, bytes_given, bytes_read, lines, id,"
                           " subject)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, facts->sha256, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, source, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 3, facts->container, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 4, (int)about->format);
    sqlite3_bind_int(q, 5, (int)about->registry);
    sqlite3_bind_int(q, 6, about->extended);
    sqlite3_bind_int(q, 7, about->date);
    sqlite3_bind_int64(q, 8, (int64_t)time(NULL));
    sqlite3_bind_int64(q, 9, (int64_t)facts->bytes_given);
    sqlite3_bind_int64(q, 10, (int64_t)facts->bytes_read);
    sqlite3_bind_int64(q, 11, (int64_t)about->fates.lines);
    sqlite3_bind_int64(q, 12, id);
    sqlite3_bind_text(q, 13, about->subject, -1, SQLITE_STATIC);
    code = sql_finish(s, q, e);
    sqlite3_finalize(q);
    return code;
}

static int store_fate(struct store *s, sqlite3_stmt *q, int64_t input, enum fate fate,
                      unsigned reason, uint64_t lines, struct err *e)
{
    if (lines == 0)
        return 0;
    sqlite3_bind_int64(q, 1, input);
    sqlite3_bind_int(q, 2, (int)fate);
    sqlite3_bind_int(q, 3, (int)reason);
    sqlite3_bind_int64(q, 4, (int64_t)lines);
    return sql_finish(s, q, e);
}

static int store_fates(struct store *s, int64_t input, const struct fates *f, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, "INSERT INTO line_fate VALUES (?, ?, ?, ?)", &q, e);
    if (code)
        return code;
    code = store_fate(s, q, input, FATE_USED, 0, f->used, e);
    for (unsigned i = 0; i < IGNORED_COUNT && !code; i++)
        code = store_fate(s, q, input, FATE_IGNORED, i, f->ignored[i], e);
    for (unsigned i = 0; i < REJECTED_COUNT && !code; i++)
        code = store_fate(s, q, input, FATE_REJECTED, i, f->rejected[i], e);
    sqlite3_finalize(q);
    return code;
}

static int store_finding_texts(struct store *s, const struct evidence *v, int64_t input,
                               unsigned kind, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, "INSERT INTO finding VALUES (?, ?, ?, ?, ?)", &q, e);
    for (unsigned i = 0; i < FINDING_KEPT && i < v->counts[kind] && !code; i++) {
        sqlite3_bind_int64(q, 1, input);
        sqlite3_bind_int(q, 2, (int)kind);
        sqlite3_bind_int(q, 3, (int)i + 1);
        sqlite3_bind_int64(q, 4, (int64_t)v->kept[kind][i].line);
        sqlite3_bind_text(q, 5, v->kept[kind][i].text, -1, SQLITE_STATIC);
        code = sql_finish(s, q, e);
    }
    sqlite3_finalize(q);
    return code;
}

static int store_finding_kind(struct store *s, const struct evidence *v, int64_t input,
                              unsigned kind, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, "INSERT INTO finding_count VALUES (?, ?, ?)", &q, e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, input);
    sqlite3_bind_int(q, 2, (int)kind);
    sqlite3_bind_int64(q, 3, (int64_t)v->counts[kind]);
    code = sql_finish(s, q, e);
    sqlite3_finalize(q);
    return code ? code : store_finding_texts(s, v, input, kind, e);
}

int evidence_store(struct store *s, const struct evidence *v, int64_t id, const char *source,
                   const struct source_facts *facts, const struct input_facts *about, struct err *e)
{
    int code = store_input_row(s, id, source, facts, about, e);
    if (!code)
        code = store_fates(s, id, &about->fates, e);
    for (unsigned kind = 0; kind < FINDING_COUNT_OF_KINDS && !code; kind++)
        if (v->counts[kind] > 0)
            code = store_finding_kind(s, v, id, kind, e);
    return code;
}
