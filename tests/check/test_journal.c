// SPDX-License-Identifier: Apache-2.0
//
// A run over a list that is killed at any instant and goes on: nothing is lost, nothing is doubled.
// The runs are processes of their own, killed with SIGKILL; what "checks" is a stand-in that gives
// every domain a result at once.

#include "base/buffer.h"
#include "base/file.h"
#include "check/campaign.h"
#include "check/opt_out.h"
#include "read/checked.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DOMAINS 600
#define ROUNDS  4

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

struct place {
    char folder[64], list[96], journal[96];
    struct err err;
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    struct buffer text = {0};
    assert_non_null(p);
    snprintf(p->folder, sizeof p->folder, "/tmp/sextant-journal-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->list, sizeof p->list, "%s/list", p->folder);
    snprintf(p->journal, sizeof p->journal, "%s/journal", p->folder);
    buffer_text(&text, "domain,economy,organisation,sector\n");
    for (int i = 0; i < DOMAINS; i++)
        buffer_format(&text, "d%d.example,KE,\"Office \"\"%d\"\"\",health\n", i, i);
    buffer_text(&text, "d3.example,,,\nx.out.example,,,\n");
    assert_int_equal(file_publish(p->list, text.at, text.length, &p->err), 0);
    buffer_done(&text);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    unlink(p->list);
    unlink(p->journal);
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

// ---- a run

static int64_t wall(void *arg)
{
    (void)arg;
    return INT64_C(1704067200000);
}

static const struct clock stopped_clock = {.wall = wall};

static int judge(const char *domain, struct result *ret)
{
    *ret = (struct result){.domain = domain, .vantage = "", .version = "t", .began = 1, .level = 1};
    struct test *t = result_test(ret, TEST_NAMES_RESOLVES, domain);
    test_decide(ret, t, VERDICT_PASS, NULL, NULL, NULL);
    // Long enough that a kill can hit a write in its midst.
    for (int i = 0; i < 40; i++)
        test_evidence(ret, t,
                      &(struct evidence){FAMILY_IPV6, 1, 2, "AAAA", "[2001:db8::53]:53",
                                         "NOERROR, some records, and so on, and so forth"});
    ret->scores.stage = STAGE_COMPLETE;
    return ret->failed ? ERR_MEMORY : 0;
}

static int open_run(struct place *p, const struct check_options *check, struct campaign **ret)
{
    struct campaign_options o = {.list = p->list,
                                 .journal = p->journal,
                                 .name = "q1",
                                 .check = check,
                                 .clock = &stopped_clock};
    return campaign_open(&o, ret, &p->err);
}

// At most `most` results.
static int run(struct place *p, unsigned most, struct campaign_counts *ret)
{
    struct check_options check = {.level = LEVEL_QUICK, .vantage = "here"};
    struct campaign *c = NULL;
    bool more = true;
    int code = opt_out_new(&check.opt_out, &p->err);
    if (!code)
        code = opt_out_add(check.opt_out, slice_of(".out.example"), &p->err);
    if (!code)
        code = open_run(p, &check, &c);
    struct check_run r = c ? campaign_run(c) : (struct check_run){0};
    while (!code && more && most-- > 0) {
        const char *domain = NULL;
        void *about = NULL;
        struct result result = {0};
        code = r.next(r.arg, &domain, &about, &more, &p->err);
        if (code || !more)
            break;
        code = judge(domain, &result);
        if (!code)
            code = r.done(r.arg, about, &result, &p->err);
        result_done(&result);
    }
    if (!code)
        code = campaign_finish(c, ret, &p->err);
    campaign_close(&c);
    opt_out_free(&check.opt_out);
    return code;
}

// ---- what the journal has

struct seen {
    unsigned count[DOMAINS], results;
};

static int on_result(const struct checked_result *r, bool *ret_twice, void *arg)
{
    struct seen *s = arg;
    unsigned n = (unsigned)strtoul(r->domain + 1, NULL, 10);
    char office[32];
    *ret_twice = false;
    assert_true(n < DOMAINS);
    snprintf(office, sizeof office, "Office \"%u\"", n);
    assert_string_equal(r->organisation, office);
    assert_int_equal(r->economy, economy_of('K', 'E'));
    assert_int_equal(r->test_count, 1);
    struct result back;
    struct err e;
    if (result_read_json(r->json, "journal", &back, &e))
        fail_msg("%s", e.text);
    assert_int_equal(back.tests.at[0].evidence.count, 40);
    result_done(&back);
    s->count[n]++;
    s->results++;
    return 0;
}

static void check_journal(struct place *p, unsigned wanted, bool ended)
{
    struct checked_totals totals;
    struct source *source = NULL;
    struct seen *seen = calloc(1, sizeof *seen);
    assert_non_null(seen);
    struct checked_handler handler = {NULL, on_result, NULL, seen};
    assert_int_equal(source_open(p->journal, NULL, &source, &p->err), 0);
    if (read_checked(source, &handler, &totals, &p->err))
        fail_msg("%s", p->err.text);
    source_close(&source);
    assert_int_equal(fates_rejected(&totals.fates), 0);
    assert_int_equal(seen->results, wanted);
    assert_true(ended == (totals.ended > 0));
    for (unsigned i = 0; i < DOMAINS; i++)
        assert_true(seen->count[i] <= 1 && (wanted < DOMAINS || seen->count[i] == 1));
    free(seen);
}

static void test_whole(void **state)
{
    struct place *p = *state;
    struct campaign_counts n = {0};
    if (run(p, UINT32_MAX, &n))
        fail_msg("%s", p->err.text);
    assert_int_equal(n.asked, DOMAINS);
    assert_int_equal(n.twice, 1);
    assert_int_equal(n.opted_out, 1);
    assert_int_equal(n.stages[STAGE_COMPLETE], DOMAINS);
    assert_false(n.stopped);
    check_journal(p, DOMAINS, true);
    assert_int_equal(run(p, UINT32_MAX, &n), 0);
    assert_int_equal(n.asked, 0);
    assert_int_equal(n.done, DOMAINS);
    check_journal(p, DOMAINS, true);
}

static void test_stopped(void **state)
{
    struct place *p = *state;
    struct campaign_counts n = {0};
    unsigned parts[] = {0, 1, 100, 0, 300};
    unsigned all = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (run(p, parts[i], &n))
            fail_msg("%s", p->err.text);
        assert_true(n.stopped);
        assert_int_equal(n.done, all);
        all += parts[i];
        check_journal(p, all, false);
    }
    assert_int_equal(run(p, UINT32_MAX, &n), 0);
    check_journal(p, DOMAINS, true);
}

static void test_cut_anywhere(void **state)
{
    struct place *p = *state;
    struct campaign_counts n = {0};
    struct buffer whole = {0};
    seed = 21;
    assert_int_equal(run(p, 20, &n), 0);
    assert_int_equal(file_read(p->journal, 1 << 24, &whole, &p->err), 0);
    for (unsigned i = 0; i < 60; i++) {
        size_t length = i < 20 ? i * 13 : pick((unsigned)whole.length);
        assert_int_equal(file_publish(p->journal, whole.at, length, &p->err), 0);
        if (run(p, i % 3 ? UINT32_MAX : 5, &n))
            fail_msg("cut at %zu: %s", length, p->err.text);
        check_journal(p, i % 3 ? DOMAINS : (unsigned)(n.done + 5), i % 3 != 0);
    }
    buffer_done(&whole);
}

static void test_killed(void **state)
{
    struct place *p = *state;
    struct campaign_counts n = {0};
    unsigned kills = 0;
    seed = 22;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unlink(p->journal);
        for (unsigned tries = 0; tries < 25; tries++) {
            pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0)
                _exit(run(p, UINT32_MAX, &n) ? 1 : 0);
            nanosleep(&(struct timespec){0, (long)pick(30) * 1000000}, NULL);
            kill(child, SIGKILL);
            int status = 0;
            assert_int_equal(waitpid(child, &status, 0), child);
            kills += WIFSIGNALED(status);
            assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
            if (!WIFSIGNALED(status))
                break;
        }
        if (run(p, UINT32_MAX, &n))
            fail_msg("%s", p->err.text);
        check_journal(p, DOMAINS, true);
    }
    assert_true(kills > ROUNDS);
}

static void test_refused(void **state)
{
    struct place *p = *state;
    struct campaign_counts n = {0};
    struct campaign *c = NULL;
    struct check_options other = {.level = LEVEL_FULL, .vantage = "here"};
    static const char note[] = "my notes,\nwithout an end";
    struct buffer after = {0};
    assert_int_equal(run(p, 5, &n), 0);
    assert_int_equal(open_run(p, &other, &c), ERR_USAGE);
    assert_non_null(strstr(p->err.text, "its options is \"level 3, "));
    other = (struct check_options){.level = LEVEL_QUICK, .vantage = "there"};
    assert_int_equal(open_run(p, &other, &c), ERR_USAGE);
    assert_non_null(strstr(p->err.text, "its vantage is \"here\", this run's \"there\""));
    other.vantage = "a b";
    assert_int_equal(open_run(p, &other, &c), ERR_USAGE);
    other.vantage = "here";
    assert_int_equal(open_run(p, &other, &c), 0);
    struct campaign *second = NULL;
    assert_int_equal(open_run(p, &other, &second), ERR_SYSTEM);
    assert_non_null(strstr(p->err.text, "another run is writing"));
    campaign_close(&c);
    assert_int_equal(file_publish(p->list, "d1.example\n", 11, &p->err), 0);
    assert_int_equal(open_run(p, &other, &c), ERR_USAGE);
    assert_non_null(strstr(p->err.text, "its list (SHA-256) is"));
    // What is no journal stays as it is.
    assert_int_equal(file_publish(p->journal, note, sizeof note - 1, &p->err), 0);
    assert_int_equal(open_run(p, &other, &c), ERR_USAGE);
    assert_int_equal(file_read(p->journal, 1000, &after, &p->err), 0);
    assert_string_equal(after.at, note);
    buffer_done(&after);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(test_whole), TEST(test_stopped),
                                       TEST(test_cut_anywhere), TEST(test_killed),
                                       TEST(test_refused)};
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
