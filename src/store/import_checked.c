// SPDX-License-Identifier: Apache-2.0
//
// Importing the journal of a campaign: one place's results.
//
// Results are written while they are read, under the number that the campaign will have; foreign
// keys are held at the commit. The journal of a run that was stopped and resumed is the same
// campaign with more results: the longer one counts.

#include "store/import_parts.h"

#include "read/checked.h"
#include "store/names.h"
#include "store/services_pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#define WORDS_MAX      ((size_t)1 << 22) // organisations of four million domains
#define COMPRESS_LEVEL 3

enum { FIND_WORD, ADD_WORD, FIND_DOMAIN, ADD_DOMAIN, ADD_RESULT, ADD_EVIDENCE, STATEMENTS };

struct taken_checks {
    struct checked_totals totals;
    struct names words; // text to id
    int64_t campaign;
    sqlite3_stmt *statements[STATEMENTS];
    ZSTD_CCtx *zstd;
    void *packed;
    size_t packed_size;
    uint8_t tests[CHECKED_TESTS_MAX * SERVICE_TEST_BYTES];
};

void taken_checks_free(struct taken_checks **t)
{
    if (*t) {
        for (unsigned i = 0; i < STATEMENTS; i++)
            sqlite3_finalize((*t)->statements[i]);
        names_done(&(*t)->words);
        ZSTD_freeCCtx((*t)->zstd);
        free((*t)->packed);
    }
    free(*t);
    *t = NULL;
}

// ---- words and domains

// The id that `find` has for a text, else a new one by `add`.
static int number_of(struct importer *i, int find, int add, struct slice text, int64_t *ret)
{
    sqlite3_stmt *q = i->checks->statements[find];
    bool row = false;
    int64_t id = 0;
    sqlite3_bind_text(q, 1, text.at, (int)text.length, SQLITE_STATIC);
    int code = sql_step(i->store, q, &row, i->e);
    if (!code && row)
        id = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    if (!code && !row) {
        sqlite3_bind_text(i->checks->statements[add], 1, text.at, (int)text.length, SQLITE_STATIC);
        code = sql_finish(i->store, i->checks->statements[add], i->e);
        id = sqlite3_last_insert_rowid(i->store->db);
    }
    if (!code)
        *ret = id;
    return code;
}

static int word_of(struct importer *i, const char *text, int64_t *ret)
{
    struct names *words = &i->checks->words;
    *ret = 0;
    if (!*text)
        return 0;
    uint32_t at = names_find(words, slice_of(text));
    if (at == UINT32_MAX)
        return err_memory(i->e);
    if (words->all.count > WORDS_MAX)
        return err_set(i->e, ERR_LIMIT, "more than %zu names of tests, reasons and organisations",
                       WORDS_MAX);
    struct name *n = &words->all.at[at];
    int code = n->id > 0 ? 0 : number_of(i, FIND_WORD, ADD_WORD, slice_of(text), &n->id);
    *ret = n->id;
    return code;
}

// ---- tests

// Is it the first of its name and subject?
static bool is_first(const struct checked_result *r, size_t at)
{
    const struct checked_test *t = &r->tests[at];
    for (size_t i = 0; i < at; i++)
        if (r->tests[i].subject == t->subject && strcmp(r->tests[i].name, t->name) == 0)
            return false;
    return true;
}

// All tests of one name and subject as one.
static struct checked_test join_tests(const struct checked_result *r, size_t first)
{
    struct checked_test all = r->tests[first];
    unsigned bits = 0;
    for (size_t i = first; i < r->test_count; i++)
        if (r->tests[i].subject == all.subject && strcmp(r->tests[i].name, all.name) == 0)
            bits |= 1u << r->tests[i].verdict;
    all.verdict = service_verdict_of(bits);
    for (size_t i = first; i < r->test_count; i++) {
        const struct checked_test *t = &r->tests[i];
        bool same = t->subject == all.subject && strcmp(t->name, all.name) == 0;
        if (same && (t->verdict == all.verdict || !all.reason[0]))
            memcpy(all.reason, t->reason, sizeof all.reason);
        if (same && t->verdict == all.verdict)
            break;
    }
    return all;
}

static int pack_tests(struct importer *i, const struct checked_result *r, size_t *ret)
{
    size_t length = 0;
    int code = 0;
    for (size_t n = 0; n < r->test_count && !code; n++) {
        if (!is_first(r, n))
            continue;
        struct checked_test all = join_tests(r, n);
        int64_t name = 0, reason = 0;
        code = word_of(i, all.name, &name);
        if (!code)
            code = word_of(i, all.reason, &reason);
        struct packed_test t = {(uint32_t)name, (uint32_t)reason, (uint8_t)all.verdict,
                                (uint8_t)all.subject};
        service_pack_test(&t, i->checks->tests + length);
        length += SERVICE_TEST_BYTES;
    }
    *ret = length;
    return code;
}

// ---- reading

static int store_evidence(struct importer *i, const struct checked_result *r, int64_t domain)
{
    struct taken_checks *t = i->checks;
    size_t length = ZSTD_compressCCtx(t->zstd, t->packed, t->packed_size, r->json.at,
                                      r->json.length, COMPRESS_LEVEL);
    if (ZSTD_isError(length))
        return err_memory(i->e); // the room is enough for anything
    sqlite3_stmt *q = t->statements[ADD_EVIDENCE];
    sqlite3_bind_int64(q, 1, domain);
    sqlite3_bind_int64(q, 2, t->campaign);
    sqlite3_bind_int64(q, 3, (int64_t)r->json.length);
    sqlite3_bind_blob(q, 4, t->packed, (int)length, SQLITE_STATIC);
    return sql_finish(i->store, q, i->e);
}

static int store_result(struct importer *i, const struct checked_result *r, int64_t domain,
                        bool *ret_twice)
{
    struct taken_checks *t = i->checks;
    sqlite3_stmt *q = t->statements[ADD_RESULT];
    uint8_t scores[SERVICE_SCORES_BYTES];
    int64_t organisation = 0, sector = 0;
    size_t tests = 0;
    int code = word_of(i, r->organisation, &organisation);
    if (!code)
        code = word_of(i, r->sector, &sector);
    if (!code)
        code = pack_tests(i, r, &tests);
    if (code)
        return code;
    service_pack_scores(r, scores);
    const int64_t numbers[] = {domain,       t->campaign, (int64_t)r->line,
                               organisation, sector,      r->began,
                               r->took,      r->level,    r->ipv4_here | r->ipv6_here << 1,
                               r->stage};
    for (int n = 0; n < 10; n++)
        sqlite3_bind_int64(q, n + 1, numbers[n]);
    sql_bind_economy(q, 11, r->economy);
    sqlite3_bind_blob(q, 12, t->tests, (int)tests, SQLITE_STATIC);
    sqlite3_bind_blob(q, 13, scores, sizeof scores, SQLITE_STATIC);
    if ((code = sql_finish(i->store, q, i->e)) == 0)
        *ret_twice = sqlite3_changes(i->store->db) == 0;
    return code;
}

static int on_result(const struct checked_result *r, bool *ret_twice, void *arg)
{
    struct importer *i = arg;
    int64_t domain = 0;
    int code = number_of(i, FIND_DOMAIN, ADD_DOMAIN, slice_of(r->domain), &domain);
    if (!code)
        code = store_result(i, r, domain, ret_twice);
    return code || *ret_twice || i->options->without_evidence ? code : store_evidence(i, r, domain);
}

static const char add_result[] =
    "INSERT OR IGNORE INTO service_result (domain, campaign, line, organisation,"
    " sector, began, took, level, here, stage, economy, tests, scores)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static int prepare(struct importer *i)
{
    static const char *const sql[STATEMENTS] = {
        [FIND_WORD] = "SELECT id FROM service_word WHERE text = ?",
        [ADD_WORD] = "INSERT INTO service_word (text) VALUES (?)",
        [FIND_DOMAIN] = "SELECT id FROM service_domain WHERE name = ?",
        [ADD_DOMAIN] = "INSERT INTO service_domain (name) VALUES (?)",
        [ADD_RESULT] = add_result,
        [ADD_EVIDENCE] = "INSERT INTO service_evidence VALUES (?, ?, ?, ?)",
    };
    struct taken_checks *t = i->checks;
    int code = sql_run(i->store, "PRAGMA defer_foreign_keys = ON", i->e);
    for (unsigned n = 0; n < STATEMENTS && !code; n++)
        code = sql_prepare(i->store, sql[n], &t->statements[n], i->e);
    if (!code)
        code = sql_integer(i->store, "SELECT coalesce(max(id), 0) + 1 FROM service_campaign",
                           &t->campaign, i->e);
    return code;
}

int checked_read(struct importer *i, struct source *s)
{
    struct checked_handler handler = {NULL, on_result, importer_finding, i};
    struct taken_checks *t = i->checks = calloc(1, sizeof *t);
    if (!t || !names_init(&t->words))
        return err_memory(i->e);
    t->packed_size = ZSTD_compressBound(CHECKED_LINE_MAX);
    t->packed = malloc(t->packed_size);
    t->zstd = ZSTD_createCCtx();
    int code = t->packed && t->zstd ? prepare(i) : err_memory(i->e);
    if (!code)
        code = read_checked(s, &handler, &t->totals, i->e);
    if (!code && t->totals.results == 0)
        code = err_set(i->e, ERR_INPUT, "%s: a journal without results", source_name(s));
    if (code)
        return code;
    const struct checked_header *h = &t->totals.header;
    char *subject =
        arena_format(&i->texts, "%s%s%s", h->campaign, h->vantage[0] ? " from " : "", h->vantage);
    i->about = (struct input_facts){.format = FORMAT_CHECKED,
                                    .registry = INPUT_NO_REGISTRY,
                                    .date = service_day(h->began),
                                    .subject = subject ? subject : "",
                                    .fates = t->totals.fates};
    return subject ? 0 : err_memory(i->e);
}

// ---- storing

struct held {
    int64_t id, began, results;
    char list[65], signer[65];
};

// The campaign that the archive has by that name from that place; id 0: none.
static int find_held(struct importer *i, const struct checked_header *h, struct held *ret)
{
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(i->store,
                           "SELECT id, began, results, list, signer FROM service_campaign WHERE"
                           " name = ? AND vantage = ?",
                           &q, i->e);
    if (code)
        return code;
    sqlite3_bind_text(q, 1, h->campaign, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, h->vantage, -1, SQLITE_STATIC);
    if ((code = sql_step(i->store, q, &row, i->e)) == 0 && row) {
        ret->id = sqlite3_column_int64(q, 0);
        ret->began = sqlite3_column_int64(q, 1);
        ret->results = sqlite3_column_int64(q, 2);
        snprintf(ret->list, sizeof ret->list, "%s", (const char *)sqlite3_column_text(q, 3));
        snprintf(ret->signer, sizeof ret->signer, "%s", (const char *)sqlite3_column_text(q, 4));
    }
    sqlite3_finalize(q);
    return code;
}

static int drop_rows(struct importer *i, int64_t campaign)
{
    static const char *const sql[] = {"DELETE FROM service_evidence WHERE campaign = ?",
                                      "DELETE FROM service_result WHERE campaign = ?",
                                      "DELETE FROM service_campaign WHERE id = ?"};
    int code = 0;
    for (unsigned n = 0; n < 3 && !code; n++) {
        sqlite3_stmt *q = NULL;
        code = sql_prepare(i->store, sql[n], &q, i->e);
        if (!code) {
            sqlite3_bind_int64(q, 1, campaign);
            code = sql_finish(i->store, q, i->e);
        }
        sqlite3_finalize(q);
    }
    return code;
}

static int add_campaign(struct importer *i, int64_t input)
{
    const struct taken_checks *t = i->checks;
    const struct checked_header *h = &t->totals.header;
    const char *texts[] = {h->campaign, h->vantage, h->list,
                           h->options,  h->version, i->options->signer ? i->options->signer : ""};
    sqlite3_stmt *q;
    int code = sql_prepare(i->store,
                           "INSERT INTO service_campaign (name, vantage, list, options, version,"
                           " signer, id, began, ended, results, input)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?)",
                           &q, i->e);
    if (code)
        return code;
    for (int n = 0; n < 6; n++)
        sqlite3_bind_text(q, n + 1, texts[n], -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 7, t->campaign);
    sqlite3_bind_int64(q, 8, h->began);
    sqlite3_bind_int64(q, 9, t->totals.ended);
    sqlite3_bind_int64(q, 10, (int64_t)t->totals.results);
    sqlite3_bind_int64(q, 11, input);
    code = sql_finish(i->store, q, i->e);
    sqlite3_finalize(q);
    return code;
}

int checked_store(struct importer *i, const struct taken_input *input, struct import_result *ret)
{
    const struct taken_checks *t = i->checks;
    const struct checked_header *h = &t->totals.header;
    struct held held = {0};
    int code = find_held(i, h, &held);
    ret->outcome = IMPORT_TAKEN;
    ret->values = t->totals.results;
    if (code)
        return code;
    if (held.id && (strcmp(held.list, h->list) != 0 || held.began != h->began))
        return err_set(i->e, ERR_INPUT,
                       "the archive has another run called \"%s\" from \"%s\"; a campaign is one "
                       "list, run once from each place: give this one another name",
                       h->campaign, h->vantage);
    if (held.id &&
        (t->totals.results < (uint64_t)held.results || (held.signer[0] && !i->options->signer))) {
        ret->outcome = IMPORT_SUPERSEDED;
        ret->values = 0;
        return drop_rows(i, t->campaign);
    }
    if (held.id)
        code = drop_rows(i, held.id);
    return code ? code : add_campaign(i, input->id);
}
