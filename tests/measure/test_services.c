// SPDX-License-Identifier: Apache-2.0
//
// Readiness of public services: what several places say together, and every table against a count
// of its own over random journals.

#include "archive.h"
#include "measure/services.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIST     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DOMAINS  40
#define CASES    4 // campaigns
#define PLACES   3 // at most, of one campaign
#define TESTS    3
#define DAY      INT64_C(86400000)
#define BEGAN(c) (DAY * (19723 + 90 * (int64_t)(c))) // 2024-01-01 and so on

// ---- what places say together

static void test_verdicts(void **state)
{
    (void)state;
    static const struct {
        enum checked_verdict said[4];
        size_t count;
        enum checked_verdict together;
    } cases[] = {
        {{CHECKED_PASS}, 1, CHECKED_PASS},
        {{CHECKED_FAIL}, 1, CHECKED_FAIL},
        {{CHECKED_PASS, CHECKED_FAIL}, 2, CHECKED_PARTIAL},
        {{CHECKED_FAIL, CHECKED_FAIL}, 2, CHECKED_FAIL},
        {{CHECKED_FAIL, CHECKED_NONE}, 2, CHECKED_NONE},
        {{CHECKED_PASS, CHECKED_FAIL, CHECKED_FAIL}, 3, CHECKED_FAIL},
        {{CHECKED_PASS, CHECKED_PASS, CHECKED_FAIL}, 3, CHECKED_PARTIAL},
        {{CHECKED_PASS, CHECKED_PASS, CHECKED_PASS}, 3, CHECKED_PASS},
        {{CHECKED_NONE, CHECKED_PARTIAL, CHECKED_PASS}, 3, CHECKED_PARTIAL},
        {{CHECKED_NOT_TESTABLE, CHECKED_FAIL}, 2, CHECKED_FAIL},
        {{CHECKED_NOT_TESTABLE, CHECKED_PASS}, 2, CHECKED_PASS},
        {{CHECKED_NOT_TESTABLE, CHECKED_NOT_TESTABLE}, 2, CHECKED_NOT_TESTABLE},
        {{CHECKED_NOT_APPLICABLE, CHECKED_NOT_TESTABLE}, 2, CHECKED_NOT_APPLICABLE},
        {{CHECKED_NOT_APPLICABLE, CHECKED_PASS}, 2, CHECKED_PASS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (services_verdict(cases[i].said, cases[i].count) != cases[i].together)
            fail_msg("case %zu", i);
}

static void test_stages(void **state)
{
    (void)state;
    static const struct {
        enum checked_stage said[4];
        size_t count;
        enum checked_stage together;
    } cases[] = {
        {{CHECKED_COMPLETE}, 1, CHECKED_COMPLETE},
        {{CHECKED_UNKNOWN}, 1, CHECKED_UNKNOWN},
        {{CHECKED_UNKNOWN, CHECKED_COMPLETE}, 2, CHECKED_COMPLETE},
        {{CHECKED_NAMED, CHECKED_COMPLETE}, 2, CHECKED_NAMED},
        {{CHECKED_NAMED, CHECKED_COMPLETE, CHECKED_COMPLETE}, 3, CHECKED_WORKING},
        {{CHECKED_NAMED, CHECKED_REACHABLE, CHECKED_COMPLETE}, 3, CHECKED_REACHABLE},
        {{CHECKED_COMPLETE, CHECKED_COMPLETE, CHECKED_COMPLETE}, 3, CHECKED_COMPLETE},
        {{CHECKED_NAMED, CHECKED_UNKNOWN, CHECKED_COMPLETE, CHECKED_UNKNOWN}, 4, CHECKED_NAMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (services_stage(cases[i].said, cases[i].count) != cases[i].together)
            fail_msg("case %zu", i);
}

// ---- random journals

static const char *const economies[] = {"KE", "FJ", ""}, *const sectors[] = {"health", "tax", ""};
static const char *const tests[TESTS] = {"web-aaaa", "web-tls", "mail-mx"};

struct said {
    bool there;
    enum checked_stage stage;
    enum checked_verdict verdict[TESTS];
};

struct made {
    unsigned economy[DOMAINS], sector[DOMAINS], places[CASES];
    struct said said[CASES][PLACES][DOMAINS];
};

static void make(struct made *m)
{
    for (unsigned d = 0; d < DOMAINS; d++) {
        m->economy[d] = pick(3);
        m->sector[d] = pick(3);
    }
    for (unsigned c = 0; c < CASES; c++) {
        m->places[c] = 1 + pick(PLACES);
        for (unsigned p = 0; p < m->places[c]; p++)
            for (unsigned d = 0; d < DOMAINS; d++) {
                struct said *s = &m->said[c][p][d];
                s->there = pick(8) > 0;
                s->stage = (enum checked_stage)pick(CHECKED_STAGES);
                for (unsigned t = 0; t < TESTS; t++)
                    s->verdict[t] = (enum checked_verdict)pick(CHECKED_VERDICTS);
            }
    }
}

static void write_line(struct buffer *b, const struct made *m, unsigned d, const struct said *s)
{
    buffer_text(b, "{");
    if (economies[m->economy[d]][0])
        buffer_format(b, "\"economy\":\"%s\",", economies[m->economy[d]]);
    if (sectors[m->sector[d]][0])
        buffer_format(b, "\"sector\":\"%s\",", sectors[m->sector[d]]);
    buffer_format(
        b, "\"result\":{\"format\":1,\"domain\":\"d%u.example\",\"stage\":\"%s\",\"tests\":[", d,
        checked_stage_name(s->stage));
    for (unsigned t = 0; t < TESTS; t++)
        buffer_format(b, "%s{\"test\":\"%s\",\"subject\":\"d%u.example\",\"verdict\":\"%s\"}",
                      t ? "," : "", tests[t], d, checked_verdict_name(s->verdict[t]));
    buffer_text(b, "]}}\n");
}

static void fill(struct archive *a, const struct made *m)
{
    for (unsigned c = 0; c < CASES; c++)
        for (unsigned p = 0; p < m->places[c]; p++) {
            struct buffer b = {0};
            char name[32];
            buffer_format(&b,
                          "{\"journal\":1,\"campaign\":\"c%u\",\"vantage\":\"p%u\",\"list\":\"" LIST
                          "\",\"options\":\"\",\"version\":\"\",\"began\":%lld}\n",
                          c, p, (long long)(BEGAN(c) + p));
            for (unsigned d = 0; d < DOMAINS; d++)
                if (m->said[c][p][d].there)
                    write_line(&b, m, d, &m->said[c][p][d]);
            snprintf(name, sizeof name, "c%u-p%u.journal", c, p);
            archive_add(a, name, b.at);
            buffer_done(&b);
        }
}

// ---- a count of its own

struct together {
    bool there;
    enum checked_stage stage;
    enum checked_verdict verdict[TESTS];
};

static struct together join(const struct made *m, unsigned c, unsigned d)
{
    struct together all = {.there = false};
    enum checked_stage stages[PLACES];
    enum checked_verdict verdicts[PLACES];
    size_t count = 0;
    for (unsigned p = 0; p < m->places[c]; p++)
        if (m->said[c][p][d].there)
            stages[count++] = m->said[c][p][d].stage;
    all.there = count > 0;
    all.stage = services_stage(stages, count);
    for (unsigned t = 0; t < TESTS; t++) {
        count = 0;
        for (unsigned p = 0; p < m->places[c]; p++)
            if (m->said[c][p][d].there)
                verdicts[count++] = m->said[c][p][d].verdict[t];
        all.verdict[t] = services_verdict(verdicts, count);
    }
    return all;
}

static const struct table *find(const struct measure_tables *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->at[i]->name, name) == 0)
            return t->at[i];
    fail_msg("no table %s", name);
    return NULL;
}

static const char *text(const struct table *t, size_t row, const char *key)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, key));
    return c->kind == CELL_TEXT ? c->text : "";
}

static uint64_t number(const struct table *t, size_t row, const char *key)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, key));
    assert_int_equal(c->kind, CELL_COUNT);
    return (uint64_t)c->count;
}

// The row with these texts in its first two columns.
static size_t row_of(const struct table *t, const char *first, const char *second)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (strcmp(text(t, row, t->columns[0].key), first) == 0 &&
            strcmp(text(t, row, t->columns[1].key), second) == 0)
            return row;
    return SIZE_MAX;
}

static void check_row(const struct table *t, size_t row, const uint64_t stages[CHECKED_STAGES])
{
    static const char *const keys[CHECKED_STAGES] = {"unknown",   "none",    "named",
                                                     "reachable", "working", "complete"};
    uint64_t all = 0;
    for (unsigned s = 0; s < CHECKED_STAGES; s++)
        all += stages[s];
    if (all == 0) {
        assert_int_equal(row, SIZE_MAX);
        return;
    }
    assert_int_not_equal(row, SIZE_MAX);
    for (unsigned s = 0; s < CHECKED_STAGES; s++)
        assert_int_equal(number(t, row, keys[s]), stages[s]);
    assert_int_equal(number(t, row, "domains"), all);
    assert_int_equal(number(t, row, "tested"), all - stages[CHECKED_UNKNOWN]);
    const struct cell *share = table_cell(t, row, table_find_column(t, "complete_share"));
    if (all > stages[CHECKED_UNKNOWN])
        assert_true(fabs(share->real - 100.0 * (double)stages[CHECKED_COMPLETE] /
                                           (double)(all - stages[CHECKED_UNKNOWN])) < 1e-9);
}

static void check_counts(const struct made *m, const struct measure_tables *tables)
{
    for (unsigned c = 0; c < CASES; c++)
        for (unsigned k = 0; k < 3; k++) {
            uint64_t by_economy[CHECKED_STAGES] = {0}, by_sector[CHECKED_STAGES] = {0};
            char name[8];
            snprintf(name, sizeof name, "c%u", c);
            for (unsigned d = 0; d < DOMAINS; d++) {
                struct together all = join(m, c, d);
                by_economy[all.stage] += all.there && m->economy[d] == k;
                by_sector[all.stage] += all.there && m->sector[d] == k;
            }
            const struct table *t = find(tables, "services"), *s = find(tables, "sectors");
            check_row(t, row_of(t, name, economies[k][0] ? economies[k] : "none"), by_economy);
            check_row(s, row_of(s, sectors[k], name), by_sector);
        }
}

static void check_tests(const struct made *m, const struct table *t)
{
    static const char *const keys[CHECKED_VERDICTS] = {"pass", "partial",        "fail",
                                                       "none", "not_applicable", "not_testable"};
    for (unsigned c = 0; c < CASES; c++)
        for (unsigned test = 0; test < TESTS; test++) {
            uint64_t wanted[CHECKED_VERDICTS] = {0};
            char name[8];
            for (unsigned d = 0; d < DOMAINS; d++) {
                struct together all = join(m, c, d);
                wanted[all.verdict[test]] += all.there;
            }
            snprintf(name, sizeof name, "c%u", c);
            size_t row = row_of(t, tests[test], name);
            assert_int_not_equal(row, SIZE_MAX);
            for (unsigned v = 0; v < CHECKED_VERDICTS; v++)
                assert_int_equal(number(t, row, keys[v]), wanted[v]);
        }
}

static void check_league(const struct made *m, const struct table *t)
{
    size_t wanted = 0;
    for (unsigned d = 0; d < DOMAINS; d++)
        wanted += join(m, CASES - 1, d).there;
    assert_int_equal(t->row_count, wanted);
    for (size_t row = 0; row < t->row_count; row++) {
        unsigned d = (unsigned)strtoul(text(t, row, "domain") + 1, NULL, 10);
        struct together all = join(m, CASES - 1, d);
        assert_string_equal(text(t, row, "stage"), checked_stage_name(all.stage));
        assert_string_equal(text(t, row, "sector"), sectors[m->sector[d]]);
        if (row > 0) {
            unsigned before = (unsigned)strtoul(text(t, row - 1, "domain") + 1, NULL, 10);
            assert_true(join(m, CASES - 1, before).stage >= all.stage);
        }
    }
}

static void check_changes(const struct made *m, const struct table *t)
{
    size_t wanted = 0;
    for (unsigned d = 0; d < DOMAINS; d++) {
        struct together was = join(m, CASES - 2, d), is = join(m, CASES - 1, d);
        char name[32];
        snprintf(name, sizeof name, "d%u.example", d);
        if (!was.there || !is.there)
            continue;
        wanted += was.stage != is.stage;
        assert_true((was.stage != is.stage) == (row_of(t, name, "stage") != SIZE_MAX));
        for (unsigned i = 0; i < TESTS; i++) {
            bool changed = was.verdict[i] != is.verdict[i] &&
                           was.verdict[i] != CHECKED_NOT_TESTABLE &&
                           is.verdict[i] != CHECKED_NOT_TESTABLE;
            wanted += changed;
            size_t row = row_of(t, name, tests[i]);
            assert_true(changed == (row != SIZE_MAX));
            if (changed)
                assert_string_equal(text(t, row, "after"), checked_verdict_name(is.verdict[i]));
        }
    }
    assert_int_equal(t->row_count, wanted);
}

static void test_tables(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 6; round++) {
        static struct made m;
        struct archive a;
        struct measure_tables tables = {0};
        struct query q;
        struct err e = {0};
        random_seed = 31 + round;
        memset(&m, 0, sizeof m);
        make(&m);
        archive_open(&a);
        fill(&a, &m);
        query_init(&q);
        q.by = BY_ECONOMY;
        if (measure_services(&(struct measure){a.store, a.world}, &q, &tables, &e))
            fail_msg("%s", e.text);
        check_counts(&m, &tables);
        check_tests(&m, find(&tables, "tests"));
        check_league(&m, find(&tables, "league"));
        check_changes(&m, find(&tables, "changes"));
        measure_tables_free(&tables);
        archive_close(&a);
    }
}

// ---- what is asked for

static void run(struct archive *a, const char *const *parameters, struct measure_tables *ret,
                int wanted)
{
    struct query q;
    struct err e = {0};
    query_init(&q);
    for (; *parameters; parameters += 2)
        if (query_set(&q, parameters[0], parameters[1], &e))
            fail_msg("%s", e.text);
    int code = measure_services(&(struct measure){a->store, a->world}, &q, ret, &e);
    if (code != wanted)
        fail_msg("%d: %s", code, e.text);
}

static void test_asked(void **state)
{
    (void)state;
    static struct made m;
    struct archive a;
    struct measure_tables t = {0};
    random_seed = 41;
    make(&m);
    archive_open(&a);
    run(&a, (const char *const[]){NULL}, &t, ERR_NOT_FOUND);
    run(&a, (const char *const[]){"by", "registry", NULL}, &t, ERR_NOT_FOUND);
    fill(&a, &m);
    run(&a, (const char *const[]){"by", "registry", NULL}, &t, ERR_USAGE);
    run(&a, (const char *const[]){"campaign", "c9", NULL}, &t, ERR_NOT_FOUND);
    run(&a, (const char *const[]){"domain", "nobody.example", NULL}, &t, ERR_NOT_FOUND);
    run(&a, (const char *const[]){"campaign", "c1", NULL}, &t, 0);
    assert_int_equal(find(&t, "services")->row_count, 1);
    assert_non_null(strstr(find(&t, "changes")->title, "from the campaign c0 to c1"));
    measure_tables_free(&t);
    run(&a, (const char *const[]){"from", "2024-01-01", NULL}, &t, 0);
    assert_non_null(strstr(find(&t, "changes")->title, "from the campaign c0 to c3"));
    measure_tables_free(&t);
    run(&a, (const char *const[]){"by", "economy", "only", "KE", "top", "3", NULL}, &t, 0);
    for (size_t row = 0; row < find(&t, "league")->row_count; row++)
        assert_string_equal(text(find(&t, "league"), row, "economy"), "KE");
    assert_int_equal(find(&t, "league")->row_count, 3);
    measure_tables_free(&t);
    run(&a, (const char *const[]){"sector", "tax", NULL}, &t, 0);
    for (size_t row = 0; row < find(&t, "league")->row_count; row++)
        assert_string_equal(text(find(&t, "league"), row, "sector"), "tax");
    measure_tables_free(&t);
    run(&a, (const char *const[]){"domain", "d1.example", NULL}, &t, 0);
    assert_true(find(&t, "domain")->row_count >= CASES - 1);
    assert_true(find(&t, "domain-tests")->row_count > 0);
    measure_tables_free(&t);
    archive_close(&a);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_stages),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_asked),
    };
    return cmocka_run_group_tests_name("services", all, NULL, NULL);
}
