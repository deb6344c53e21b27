// SPDX-License-Identifier: Apache-2.0

#include "store/services.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/slots.h"
#include "store/services_pack.h"
#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#define DAY_MILLISECONDS INT64_C(86400000)

date service_day(int64_t milliseconds)
{
    return (date)(milliseconds / DAY_MILLISECONDS);
}

static void copy_text(char *to, size_t size, sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    snprintf(to, size, "%s", text ? text : "");
}

// ---- campaigns

typedef ARRAY(struct service_campaign) campaign_array;

static int take_campaign(sqlite3_value **v, void *arg)
{
    struct service_campaign *c = ARRAY_ADD((campaign_array *)arg);
    if (!c)
        return ERR_MEMORY;
    c->id = sqlite3_value_int64(v[0]);
    copy_text(c->name, sizeof c->name, v[1]);
    copy_text(c->vantage, sizeof c->vantage, v[2]);
    copy_text(c->list, sizeof c->list, v[3]);
    copy_text(c->options, sizeof c->options, v[4]);
    copy_text(c->version, sizeof c->version, v[5]);
    c->began = sqlite3_value_int64(v[6]);
    c->ended = sqlite3_value_int64(v[7]);
    copy_text(c->signer, sizeof c->signer, v[8]);
    c->results = (uint64_t)sqlite3_value_int64(v[9]);
    c->input = sqlite3_value_int64(v[10]);
    return 0;
}

int store_service_campaigns(struct store *s, struct service_campaigns *ret, struct err *e)
{
    campaign_array all = {0};
    sqlite3_stmt *q;
    int code = sql_prepare(s,
                           "SELECT give(?1, id, name, vantage, list, options, version, began,"
                           " ended, signer, results, input) FROM (SELECT *, min(began) OVER"
                           " (PARTITION BY name) AS first FROM service_campaign"
                           " ORDER BY first, name, vantage)",
                           &q, e);
    if (code)
        return code;
    code = sql_give(s, q, take_campaign, &all, e);
    sqlite3_finalize(q);
    if (code) {
        free(all.at);
        return code == ERR_MEMORY ? err_memory(e) : code;
    }
    *ret = (struct service_campaigns){all.at, all.count};
    return 0;
}

void service_campaigns_free(struct service_campaigns *l)
{
    free(l->at);
    *l = (struct service_campaigns){0};
}

// ---- results

struct word {
    int64_t id;
    const char *text;
};

struct scanning {
    struct store *store;
    struct arena texts;
    ARRAY(struct word) words; // those that were met
    struct slots index;
    sqlite3_stmt *word;
    struct service_test tests[CHECKED_TESTS_MAX];
    int (*row)(const struct service_result *r, void *arg);
    void *arg;
    struct err *e;
};

struct wanted_word {
    const struct scanning *in;
    int64_t id;
};

static bool is_word(size_t element, const void *arg)
{
    const struct wanted_word *w = arg;
    return w->in->words.at[element].id == w->id;
}

static uint64_t hash_id(int64_t id)
{
    return (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15);
}

static bool index_words(struct scanning *s)
{
    struct wanted_word w = {.in = s};
    if (slots_hold(&s->index, s->words.count + 1))
        return true;
    slots_drop(&s->index);
    if (!slots_make(&s->index, 2 * s->words.count + 64))
        return false;
    for (size_t i = 0; i < s->words.count; i++) {
        w.id = s->words.at[i].id;
        uint64_t hash = hash_id(w.id);
        slots_set(&s->index, slots_find(&s->index, hash, is_word, &w), hash, i);
    }
    return true;
}

static int read_word(struct scanning *s, int64_t id, const char **ret)
{
    bool row = false;
    const char *text = "";
    sqlite3_bind_int64(s->word, 1, id);
    int code = sql_step(s->store, s->word, &row, s->e);
    if (!code && row)
        text = (const char *)sqlite3_column_text(s->word, 0);
    if (!code && !(*ret = arena_text(&s->texts, text, strlen(text))))
        code = err_memory(s->e);
    sqlite3_reset(s->word);
    return code;
}

static int word_of(struct scanning *s, int64_t id, const char **ret)
{
    struct wanted_word w = {s, id};
    const char *text = NULL;
    *ret = "";
    if (id == 0)
        return 0;
    if (!index_words(s))
        return err_memory(s->e);
    size_t place = slots_find(&s->index, hash_id(id), is_word, &w);
    if (slots_used(&s->index, place)) {
        *ret = s->words.at[slots_element(&s->index, place)].text;
        return 0;
    }
    int code = read_word(s, id, &text);
    struct word *kept = code ? NULL : ARRAY_ADD(&s->words);
    if (!kept)
        return code ? code : err_memory(s->e);
    *kept = (struct word){id, text};
    slots_set(&s->index, place, hash_id(id), s->words.count - 1);
    *ret = text;
    return 0;
}

static int damaged(struct scanning *s, const char *domain)
{
    return err_set(s->e, ERR_STORE, "%s: the result of %s is damaged", s->store->path, domain);
}

static int unpack_tests(struct scanning *s, struct service_result *r, const uint8_t *at,
                        size_t length)
{
    int code = 0;
    if (length % SERVICE_TEST_BYTES || length / SERVICE_TEST_BYTES > CHECKED_TESTS_MAX)
        return damaged(s, r->domain);
    r->tests = s->tests;
    r->test_count = length / SERVICE_TEST_BYTES;
    for (size_t i = 0; i < r->test_count && !code; i++) {
        struct packed_test packed;
        struct service_test *t = &s->tests[i];
        if (!service_unpack_test(at + i * SERVICE_TEST_BYTES, &packed))
            return damaged(s, r->domain);
        t->verdict = (enum checked_verdict)packed.verdict;
        t->subject = (enum checked_subject)packed.subject;
        code = word_of(s, packed.name, &t->name);
        if (!code)
            code = word_of(s, packed.reason, &t->reason);
    }
    return code;
}

static int take_result(sqlite3_value **v, void *arg)
{
    struct scanning *s = arg;
    struct service_result r = {.domain_id = sqlite3_value_int64(v[0]),
                               .campaign = sqlite3_value_int64(v[1]),
                               .domain = (const char *)sqlite3_value_text(v[2]),
                               .economy = sql_economy(v[5]),
                               .line = (uint64_t)sqlite3_value_int64(v[6]),
                               .began = sqlite3_value_int64(v[7]),
                               .took = (uint32_t)sqlite3_value_int64(v[8]),
                               .level = (unsigned)sqlite3_value_int64(v[9])};
    int here = sqlite3_value_int(v[10]), stage = sqlite3_value_int(v[11]);
    r.ipv4_here = here & 1;
    r.ipv6_here = (here & 2) != 0;
    r.stage = stage >= 0 && stage < CHECKED_STAGES ? (enum checked_stage)stage : CHECKED_UNKNOWN;
    if (!service_unpack_scores(sqlite3_value_blob(v[13]), (size_t)sqlite3_value_bytes(v[13]), &r))
        return damaged(s, r.domain);
    int code = word_of(s, sqlite3_value_int64(v[3]), &r.organisation);
    if (!code)
        code = word_of(s, sqlite3_value_int64(v[4]), &r.sector);
    if (!code)
        code = unpack_tests(s, &r, sqlite3_value_blob(v[12]), (size_t)sqlite3_value_bytes(v[12]));
    return code ? code : s->row(&r, s->arg);
}

#define RESULT_COLUMNS                                                                             \
    "SELECT give(?1, domain, campaign, name, organisation, sector, economy, line, began, took,"    \
    " level, here, stage, tests, scores) FROM (SELECT r.*, d.name FROM service_result r"

static int prepare_scan(struct scanning *s, const struct service_scan *scan, sqlite3_stmt **ret)
{
    char sql[1024];
    snprintf(sql, sizeof sql,
             RESULT_COLUMNS "%s CROSS JOIN service_domain d ON d.id = r.domain WHERE true"
                            "%s%s%s%s%s ORDER BY %s)",
             scan->campaign ? " INDEXED BY service_result_campaign" : "",
             scan->campaign ? " AND r.campaign = ?2" : "",
             scan->domain ? " AND r.domain = (SELECT id FROM service_domain WHERE name = ?3)" : "",
             scan->sector ? " AND r.sector = (SELECT id FROM service_word WHERE text = ?4)" : "",
             scan->organisation
                 ? " AND r.organisation = (SELECT id FROM service_word WHERE text = ?5)"
                 : "",
             scan->has_economy ? " AND r.economy = ?6" : "",
             scan->campaign ? "r.line" : "r.domain, r.campaign");
    int code = sql_prepare(s->store, sql, ret, s->e);
    if (code)
        return code;
    if (scan->campaign)
        sqlite3_bind_int64(*ret, 2, scan->campaign);
    if (scan->domain)
        sqlite3_bind_text(*ret, 3, scan->domain, -1, SQLITE_STATIC);
    if (scan->sector)
        sqlite3_bind_text(*ret, 4, scan->sector, -1, SQLITE_STATIC);
    if (scan->organisation)
        sqlite3_bind_text(*ret, 5, scan->organisation, -1, SQLITE_STATIC);
    if (scan->has_economy)
        sql_bind_economy(*ret, 6, scan->economy);
    return 0;
}

int store_service_scan(struct store *s, const struct service_scan *scan,
                       int (*row)(const struct service_result *r, void *arg), void *arg,
                       struct err *e)
{
    struct scanning *all = calloc(1, sizeof *all);
    sqlite3_stmt *q = NULL;
    if (!all)
        return err_memory(e);
    all->store = s;
    all->row = row;
    all->arg = arg;
    all->e = e;
    int code = sql_prepare(s, "SELECT text FROM service_word WHERE id = ?", &all->word, e);
    if (!code)
        code = prepare_scan(all, scan, &q);
    if (!code)
        code = sql_give(s, q, take_result, all, e);
    sqlite3_finalize(q);
    sqlite3_finalize(all->word);
    slots_drop(&all->index);
    free(all->words.at);
    arena_done(&all->texts);
    free(all);
    return code;
}

// ---- evidence

static int unpack_evidence(struct store *s, sqlite3_stmt *q, struct buffer *out, struct err *e)
{
    int64_t length = sqlite3_column_int64(q, 0);
    char *room =
        length > 0 && (size_t)length <= CHECKED_LINE_MAX ? buffer_room(out, (size_t)length) : NULL;
    if (!room)
        return out->failed ? err_memory(e)
                           : err_set(e, ERR_STORE, "%s: a piece of evidence is damaged", s->path);
    size_t got = ZSTD_decompress(room, (size_t)length, sqlite3_column_blob(q, 1),
                                 (size_t)sqlite3_column_bytes(q, 1));
    if (ZSTD_isError(got) || got != (size_t)length)
        return err_set(e, ERR_STORE, "%s: a piece of evidence is damaged", s->path);
    out->length += (size_t)length;
    out->at[out->length] = '\0';
    return 0;
}

int store_service_evidence(struct store *s, int64_t domain_id, int64_t campaign, struct buffer *out,
                           struct err *e)
{
    sqlite3_stmt *q;
    bool row = false;
    int code = sql_prepare(
        s, "SELECT length, bytes FROM service_evidence WHERE domain = ? AND campaign = ?", &q, e);
    if (code)
        return code;
    sqlite3_bind_int64(q, 1, domain_id);
    sqlite3_bind_int64(q, 2, campaign);
    code = sql_step(s, q, &row, e);
    if (!code && !row)
        code = err_set(e, ERR_NOT_FOUND, "the archive has no evidence of that result");
    if (!code)
        code = unpack_evidence(s, q, out, e);
    sqlite3_finalize(q);
    return code;
}

// ---- who does not want to be asked

int store_opt_outs(struct store *s,
                   int (*row)(const char *name, bool subtree, date added, void *arg), void *arg,
                   struct err *e)
{
    sqlite3_stmt *q;
    bool got;
    int code =
        sql_prepare(s, "SELECT name, subtree, added FROM service_opt_out ORDER BY name", &q, e);
    if (code)
        return code;
    while ((code = sql_step(s, q, &got, e)) == 0 && got)
        if ((code = row((const char *)sqlite3_column_text(q, 0), sqlite3_column_int(q, 1) != 0,
                        sqlite3_column_int(q, 2), arg)) != 0)
            break;
    sqlite3_finalize(q);
    return code;
}

int store_opt_out_add(struct store *s, const char *name, bool subtree, struct err *e)
{
    sqlite3_stmt *q;
    int64_t count = 0;
    int code = sql_integer(s, "SELECT count(*) FROM service_opt_out", &count, e);
    if (!code && count >= SERVICE_OPT_OUT_MAX)
        return err_set(e, ERR_LIMIT, "more than %d names that are not to be asked",
                       SERVICE_OPT_OUT_MAX);
    if (!code)
        code = sql_prepare(s,
                           "INSERT INTO service_opt_out VALUES (?, ?, ?) ON CONFLICT (name) DO"
                           " UPDATE SET subtree = max(subtree, excluded.subtree)",
                           &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 2, subtree);
    sqlite3_bind_int(q, 3, date_today());
    code = sql_finish(s, q, e);
    sqlite3_finalize(q);
    return code;
}

int store_opt_out_remove(struct store *s, const char *name, bool *ret_was, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s, "DELETE FROM service_opt_out WHERE name = ?", &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    if ((code = sql_finish(s, q, e)) == 0)
        *ret_was = sqlite3_changes(s->db) > 0;
    sqlite3_finalize(q);
    return code;
}
