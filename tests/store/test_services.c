// SPDX-License-Identifier: Apache-2.0
//
// Campaigns in the archive: journals in any order, resumed ones, results and evidence as they were
// given, and an archive of version 2.

#include "../rounds.h"
#include "base/buffer.h"
#include "store/services.h"

#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LIST   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BEGAN  INT64_C(1704067200000)
#define ROUNDS ROUNDS_OF(40)

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

struct place {
    char folder[64], path[96];
    struct store *store;
    struct importer *importer;
    struct err err;
};

static void open_archive(struct place *p)
{
    if (store_open(p->path, STORE_WRITE, &p->store, &p->err))
        fail_msg("%s", p->err.text);
    assert_int_equal(importer_new(p->store, &p->importer, &p->err), 0);
}

static void close_archive(struct place *p)
{
    importer_free(&p->importer);
    store_close(&p->store);
}

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    snprintf(p->folder, sizeof p->folder, "/tmp/sextant-services-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/a", p->folder);
    open_archive(p);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    struct place *p = *state;
    char name[128];
    close_archive(p);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

static int add(struct place *p, const struct buffer *text, const struct import_options *options,
               struct import_result *ret)
{
    struct source *source;
    assert_false(text->failed);
    assert_int_equal(source_open_memory("f", text->at, text->length, NULL, &source, &p->err), 0);
    int code = importer_add(p->importer, source, options, ret, &p->err);
    source_close(&source);
    return code;
}

static void take(struct place *p, const struct buffer *text, const struct import_options *options,
                 enum import_outcome wanted)
{
    struct import_result result = {0};
    if (add(p, text, options, &result))
        fail_msg("%s", p->err.text);
    assert_int_equal(result.outcome, wanted);
}

static void print_problem(const char *text, void *arg)
{
    (void)arg;
    print_error("%s\n", text);
}

static void assert_sound(struct place *p)
{
    uint64_t problems = 1;
    assert_int_equal(store_check(p->store, print_problem, NULL, &problems, &p->err), 0);
    assert_int_equal(problems, 0);
}

// ---- journals

static void write_head(struct buffer *b, const char *campaign, const char *vantage, int64_t began)
{
    buffer_format(b,
                  "{\"journal\":1,\"campaign\":\"%s\",\"vantage\":\"%s\",\"list\":\"" LIST
                  "\",\"options\":\"\",\"version\":\"0.1\",\"began\":%lld}\n",
                  campaign, vantage, (long long)began);
}

static const char *const names[] = {"web-aaaa", "web-tls", "mail-mx", "names-udp"};
#define NAMES 4

struct made {
    unsigned economy, sector, stage, tests, verdict[8], name[8], subject[8];
};

static struct made make(void)
{
    struct made m = {pick(3), pick(3), pick(CHECKED_STAGES), pick(8), {0}, {0}, {0}};
    for (unsigned i = 0; i < m.tests; i++) {
        m.verdict[i] = pick(CHECKED_VERDICTS);
        m.name[i] = pick(NAMES);
        m.subject[i] = pick(CHECKED_SUBJECTS);
    }
    return m;
}

static const char *const economies[] = {"", "KE", "NE"}, *const sectors[] = {"", "health", "tax"};

static void write_json(struct buffer *b, unsigned domain, const struct made *m)
{
    static const char *const before[] = {"", "www.", "mx."};
    buffer_format(b,
                  "{\"format\":1,\"domain\":\"d%u.example\",\"began\":%u,\"took\":%u,\"level\":31,"
                  "\"ipv4\":true,\"ipv6\":%s,\"stage\":\"%s\",\"scores\":{\"internetnl-web\":%u.25,"
                  "\"web\":{\"interfaces\":%u,\"with-aaaa\":1,\"reached\":0,\"operational\":0,"
                  "\"intended\":true}},\"tests\":[",
                  domain, 1000 + domain, domain, domain % 2 ? "true" : "false",
                  checked_stage_name((enum checked_stage)m->stage), domain % 100, domain);
    for (unsigned i = 0; i < m->tests; i++)
        buffer_format(b,
                      "%s{\"test\":\"%s\",\"subject\":\"%sd%u.example\",\"verdict\":\"%s\","
                      "\"reason\":\"because-%u\",\"evidence\":[]}",
                      i ? "," : "", names[m->name[i]], before[m->subject[i]], domain,
                      checked_verdict_name((enum checked_verdict)m->verdict[i]), m->verdict[i]);
    buffer_text(b, "]}");
}

static void write_line(struct buffer *b, unsigned domain, const struct made *m)
{
    buffer_text(b, "{");
    if (m->economy)
        buffer_format(b, "\"economy\":\"%s\",", economies[m->economy]);
    if (m->sector)
        buffer_format(b, "\"sector\":\"%s\",", sectors[m->sector]);
    buffer_format(b, "\"organisation\":\"Office %u\",\"result\":", domain);
    write_json(b, domain, m);
    buffer_text(b, "}\n");
}

// ---- reading back

struct wanted {
    struct place *p;
    const struct made *made; // by domain
    unsigned count, seen;
    bool evidence;
};

// What the tests of one name and subject are together, by the rule as it is documented.
static enum checked_verdict joined(const struct made *m, unsigned name, unsigned subject)
{
    bool has[CHECKED_VERDICTS] = {false};
    for (unsigned i = 0; i < m->tests; i++)
        if (m->name[i] == name && m->subject[i] == subject)
            has[m->verdict[i]] = true;
    if (has[CHECKED_FAIL])
        return CHECKED_FAIL;
    if (has[CHECKED_PARTIAL] || (has[CHECKED_PASS] && has[CHECKED_NONE]))
        return CHECKED_PARTIAL;
    return has[CHECKED_NONE]           ? CHECKED_NONE
           : has[CHECKED_NOT_TESTABLE] ? CHECKED_NOT_TESTABLE
           : has[CHECKED_PASS]         ? CHECKED_PASS
                                       : CHECKED_NOT_APPLICABLE;
}

static void check_tests(const struct service_result *r, const struct made *m)
{
    size_t kinds = 0;
    for (unsigned name = 0; name < NAMES; name++)
        for (unsigned subject = 0; subject < CHECKED_SUBJECTS; subject++) {
            bool there = false;
            for (unsigned i = 0; i < m->tests; i++)
                there |= m->name[i] == name && m->subject[i] == subject;
            kinds += there;
            for (size_t i = 0; i < r->test_count; i++)
                if (strcmp(r->tests[i].name, names[name]) == 0 &&
                    r->tests[i].subject == (enum checked_subject)subject) {
                    assert_true(there);
                    assert_int_equal(r->tests[i].verdict, joined(m, name, subject));
                }
        }
    assert_int_equal(r->test_count, kinds);
}

static int check_result(const struct service_result *r, void *arg)
{
    struct wanted *w = arg;
    unsigned domain = (unsigned)strtoul(r->domain + 1, NULL, 10);
    const struct made *m = &w->made[domain];
    char office[32], code[8];
    struct buffer json = {0}, got = {0};
    assert_true(domain < w->count);
    w->seen++;
    snprintf(office, sizeof office, "Office %u", domain);
    assert_string_equal(r->organisation, office);
    assert_string_equal(r->sector, sectors[m->sector]);
    assert_string_equal(economy_format(r->economy, code),
                        m->economy ? economies[m->economy] : "none");
    assert_int_equal(r->stage, m->stage);
    assert_int_equal(r->began, 1000 + domain);
    assert_int_equal(r->took, domain);
    assert_true(r->ipv4_here && r->ipv6_here == (domain % 2 == 1));
    assert_true(fabs(r->internetnl_web - (domain % 100 + 0.25)) < 1e-9 && isnan(r->china));
    assert_int_equal(r->counts[1].interfaces, domain);
    assert_true(r->counts[1].intended && !r->counts[0].intended);
    check_tests(r, m);
    write_json(&json, domain, m);
    int code_of_evidence =
        store_service_evidence(w->p->store, r->domain_id, r->campaign, &got, &w->p->err);
    assert_int_equal(code_of_evidence, w->evidence ? 0 : ERR_NOT_FOUND);
    if (w->evidence)
        assert_string_equal(got.at, json.at);
    buffer_done(&json);
    buffer_done(&got);
    return 0;
}

static void check_all(struct place *p, const struct made *made, unsigned count, bool evidence,
                      const struct service_scan *scan, unsigned wanted)
{
    struct wanted w = {p, made, count, 0, evidence};
    int code = store_service_scan(p->store, scan, check_result, &w, &p->err);
    if (code)
        fail_msg("%s", p->err.text);
    assert_int_equal(w.seen, wanted);
}

static void check_campaign(struct place *p, size_t at, const char *name, const char *vantage,
                           uint64_t results)
{
    struct service_campaigns all = {0};
    assert_int_equal(store_service_campaigns(p->store, &all, &p->err), 0);
    assert_true(at < all.count);
    assert_string_equal(all.at[at].name, name);
    assert_string_equal(all.at[at].vantage, vantage);
    assert_int_equal(all.at[at].results, results);
    assert_string_equal(all.at[at].list, LIST);
    service_campaigns_free(&all);
}

// ---- tests

static void write_journal(struct buffer *b, const char *vantage, const struct made *made,
                          unsigned count)
{
    write_head(b, "q1", vantage, BEGAN);
    for (unsigned i = 0; i < count; i++)
        write_line(b, i, &made[i]);
}

static void test_results(void **state)
{
    struct place *p = *state;
    struct buffer text = {0};
    struct made made[200];
    unsigned of_ke = 0, of_tax = 0;
    seed = 11;
    for (unsigned i = 0; i < 200; i++) {
        made[i] = make();
        of_ke += made[i].economy == 1;
        of_tax += made[i].sector == 2;
    }
    write_journal(&text, "here", made, 200);
    take(p, &text, NULL, IMPORT_TAKEN);
    take(p, &text, NULL, IMPORT_KNOWN);
    check_campaign(p, 0, "q1", "here", 200);
    check_all(p, made, 200, true, &(struct service_scan){0}, 200);
    check_all(p, made, 200, true, &(struct service_scan){.campaign = 1}, 200);
    check_all(p, made, 200, true, &(struct service_scan){.campaign = 2}, 0);
    check_all(p, made, 200, true, &(struct service_scan){.domain = "d17.example"}, 1);
    check_all(p, made, 200, true, &(struct service_scan){.organisation = "Office 3"}, 1);
    check_all(p, made, 200, true, &(struct service_scan){.sector = "tax"}, of_tax);
    check_all(p, made, 200, true,
              &(struct service_scan){.has_economy = true, .economy = economy_of('K', 'E')}, of_ke);
    assert_sound(p);
    buffer_done(&text);
}

// A run that was stopped and resumed: its parts, in any order; the longest counts.
static void test_resumed(void **state)
{
    struct place *p = *state;
    struct made made[30];
    seed = 12;
    for (unsigned i = 0; i < 30; i++)
        made[i] = make();
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned count[3] = {1 + pick(30), 1 + pick(30), 1 + pick(30)}, most = 0;
        close_archive(p);
        unlink(p->path);
        open_archive(p);
        for (unsigned i = 0; i < 3; i++) {
            struct buffer text = {0};
            struct import_result result = {0};
            write_journal(&text, "here", made, count[i]);
            assert_int_equal(add(p, &text, NULL, &result), 0);
            assert_true(result.outcome == (count[i] > most ? IMPORT_TAKEN : result.outcome));
            assert_true(count[i] >= most || result.outcome != IMPORT_TAKEN);
            most = count[i] > most ? count[i] : most;
            buffer_done(&text);
        }
        check_campaign(p, 0, "q1", "here", most);
        check_all(p, made, 30, true, &(struct service_scan){0}, most);
        assert_sound(p);
    }
}

static void test_others(void **state)
{
    struct place *p = *state;
    struct made made[5];
    struct buffer here = {0}, there = {0}, other = {0}, twice = {0};
    struct import_result result = {0};
    seed = 13;
    for (unsigned i = 0; i < 5; i++)
        made[i] = make();
    write_journal(&here, "here", made, 5);
    write_journal(&there, "there", made, 3);
    take(p, &here, &(struct import_options){.read = {.date = DATE_NONE}, .without_evidence = true},
         IMPORT_TAKEN);
    check_all(p, made, 5, false, &(struct service_scan){0}, 5);
    take(p, &there, &(struct import_options){.read = {.date = DATE_NONE}, .signer = "ab"},
         IMPORT_TAKEN);
    check_campaign(p, 1, "q1", "there", 3);
    check_all(p, made, 5, true, &(struct service_scan){.campaign = 2}, 3);
    check_all(p, made, 5, false, &(struct service_scan){.campaign = 1}, 5);

    write_head(&other, "q1", "here", BEGAN + 1);
    write_line(&other, 0, &made[0]);
    assert_int_equal(add(p, &other, NULL, &result), ERR_INPUT);
    assert_non_null(strstr(p->err.text, "another run called \"q1\" from \"here\""));

    // What was signed is not replaced by what is not.
    write_head(&twice, "q1", "there", BEGAN);
    for (unsigned i = 0; i < 5; i++)
        write_line(&twice, i, &made[i]);
    take(p, &twice, NULL, IMPORT_SUPERSEDED);
    check_all(p, made, 5, true, &(struct service_scan){.campaign = 2}, 3);

    write_line(&twice, 4, &made[4]);
    assert_int_equal(add(p, &twice,
                         &(struct import_options){.read = {.date = DATE_NONE}, .sha256 = LIST},
                         &result),
                     ERR_INPUT);
    assert_int_equal(add(p, &twice,
                         &(struct import_options){.read = {.date = DATE_NONE}, .signer = "ab"},
                         &result),
                     0);
    assert_int_equal(result.fates.rejected[REJECTED_TWICE], 1);
    assert_int_equal(result.fates.used, 5);
    assert_sound(p);
    buffer_done(&here);
    buffer_done(&there);
    buffer_done(&other);
    buffer_done(&twice);
}

// ---- who does not want to be asked

static int count_opt_out(const char *name, bool subtree, date added, void *arg)
{
    struct buffer *out = arg;
    assert_true(added > 0);
    buffer_format(out, "%s%s ", name, subtree ? "." : "");
    return 0;
}

static void test_opt_out(void **state)
{
    struct place *p = *state;
    struct buffer out = {0};
    bool was = false;
    assert_int_equal(store_opt_out_add(p->store, "b.example", false, &p->err), 0);
    assert_int_equal(store_opt_out_add(p->store, "a.example", true, &p->err), 0);
    assert_int_equal(store_opt_out_add(p->store, "a.example", false, &p->err), 0);
    assert_int_equal(store_opt_outs(p->store, count_opt_out, &out, &p->err), 0);
    assert_string_equal(out.at, "a.example. b.example ");
    assert_int_equal(store_opt_out_remove(p->store, "b.example", &was, &p->err), 0);
    assert_true(was);
    assert_int_equal(store_opt_out_remove(p->store, "b.example", &was, &p->err), 0);
    assert_false(was);
    buffer_done(&out);
}

// ---- an archive of version 2

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void test_version_2(void **state)
{
    struct place *p = *state;
    struct buffer figures = {0}, journal = {0};
    struct made made = make();
    buffer_text(&figures, "# name: x\n# unit: %\ndate,economy,value\n2024-01-05,KE,12.5\n");
    take(p, &figures, NULL, IMPORT_TAKEN);
    close_archive(p);
    run_sql(p->path, "DROP TABLE service_evidence; DROP TABLE service_result;"
                     "DROP TABLE service_campaign; DROP TABLE service_domain;"
                     "DROP TABLE service_word; DROP TABLE service_opt_out;"
                     "PRAGMA user_version = 2;");
    assert_int_equal(store_open(p->path, STORE_READ, &p->store, &p->err), ERR_STORE);
    assert_non_null(strstr(p->err.text, "version 2, wanted 3"));
    open_archive(p);
    take(p, &figures, NULL, IMPORT_KNOWN);
    write_journal(&journal, "here", &made, 1);
    take(p, &journal, NULL, IMPORT_TAKEN);
    check_all(p, &made, 1, true, &(struct service_scan){0}, 1);
    assert_sound(p);
    buffer_done(&figures);
    buffer_done(&journal);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_results), TEST(test_resumed),   TEST(test_others),
        TEST(test_opt_out), TEST(test_version_2),
    };
    return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
