// SPDX-License-Identifier: Apache-2.0
//
// Lists of domains, and who does not want to be asked.

#include "base/buffer.h"
#include "base/file.h"
#include "check/domain_list.h"
#include "check/domain_set.h"
#include "check/opt_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[64], path[96];
    struct buffer told;
    struct err err;
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    snprintf(p->folder, sizeof p->folder, "/tmp/sextant-list-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/list", p->folder);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    unlink(p->path);
    assert_int_equal(rmdir(p->folder), 0);
    buffer_done(&p->told);
    free(p);
    return 0;
}

static void write_file(struct place *p, const char *text)
{
    if (file_publish(p->path, text, strlen(text), &p->err))
        fail_msg("%s", p->err.text);
}

static void told(const char *sentence, void *arg)
{
    struct place *p = arg;
    const char *place = strstr(sentence, "/list:");
    buffer_format(&p->told, "%.7s\n", place ? place + 1 : sentence); // "list:3:"
}

static const char *read_all(struct place *p, struct domain_list_counts *ret)
{
    struct domain_list *l = NULL;
    struct listed one;
    struct buffer *out = &p->told;
    bool got = true;
    out->length = 0;
    buffer_text(out, "");
    if (domain_list_open(p->path, told, p, &l, &p->err))
        fail_msg("%s", p->err.text);
    assert_int_equal(strlen(domain_list_sha256(l)), 64);
    while (true) {
        char code[8];
        int failed = domain_list_next(l, &one, &got, &p->err);
        if (failed)
            fail_msg("%s", p->err.text);
        if (!got)
            break;
        buffer_format(out, "%d %s %s|%s|%s\n", (int)one.line, one.domain,
                      economy_format(one.economy, code), one.organisation, one.sector);
    }
    *ret = domain_list_counts(l);
    assert_int_equal(ret->blank + ret->bad + ret->domains, ret->lines);
    domain_list_close(&l);
    return out->at;
}

static void test_csv(void **state)
{
    struct place *p = *state;
    struct domain_list_counts n;
    write_file(p, "\xEF\xBB\xBFrank,Sector, DOMAIN ,Organisation,economy\n"
                  "1,health,Example.ORG.,\"Office, \"\"first\"\"\",ke\n"
                  "\n# comment\n"
                  "2,tax,https://www.example.net/page,,\n"
                  "3,tax,bad name,,KE\n"
                  "4,tax,example.com,,KEN\n"
                  "5\n"
                  "6,,b\xC3\xBC"
                  "cher.example,,NE");
    assert_string_equal(read_all(p, &n), "2 example.org KE|Office, \"first\"|health\n"
                                         "5 www.example.net none||tax\n"
                                         "list:6:\nlist:7:\nlist:8:\n"
                                         "9 xn--bcher-kva.example NE||\n");
    assert_int_equal(n.bad, 3);
    assert_int_equal(n.domains, 3);
}

static void test_plain(void **state)
{
    struct place *p = *state;
    struct domain_list_counts n;
    write_file(p, "example.org\r\nexample.net\n192.0.2.1\n-\n");
    assert_string_equal(read_all(p, &n),
                        "1 example.org none||\n2 example.net none||\nlist:3:\nlist:4:\n");
    write_file(p, "domain\nexample.org\n");
    assert_string_equal(read_all(p, &n), "2 example.org none||\n");
    write_file(p, "");
    assert_string_equal(read_all(p, &n), "");
}

static void test_long(void **state)
{
    struct place *p = *state;
    struct domain_list_counts n;
    struct buffer text = {0};
    char *wide = malloc(10001);
    assert_non_null(wide);
    memset(wide, 'x', 10000);
    wide[10000] = '\0';
    buffer_format(&text,
                  "domain,organisation\nexample.org,%s\nexample.net,%.300s\nexample.com,%.255s\n",
                  wide, wide, wide);
    write_file(p, text.at);
    const char *said = read_all(p, &n);
    assert_non_null(strstr(said, "list:2:\nlist:3:\n4 example.com none|xxx"));
    buffer_done(&text);
    free(wide);
}

// The hash that the journal has is that of what was read.
static void test_changed(void **state)
{
    struct place *p = *state;
    struct domain_list *l = NULL;
    struct buffer text = {0};
    struct listed one;
    bool got = true;
    int code = 0;
    for (int i = 0; i < 100000; i++)
        buffer_format(&text, "d%d.example\n", i);
    write_file(p, text.at);
    assert_int_equal(domain_list_open(p->path, told, p, &l, &p->err), 0);
    FILE *f = fopen(p->path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, -5, SEEK_END), 0);
    fputs("x", f);
    fclose(f);
    while (!code && got)
        code = domain_list_next(l, &one, &got, &p->err);
    assert_int_equal(code, ERR_INPUT);
    assert_non_null(strstr(p->err.text, "changed while it was read"));
    domain_list_close(&l);
    buffer_done(&text);
}

static void test_opt_out(void **state)
{
    struct place *p = *state;
    struct opt_out *o = NULL;
    assert_int_equal(opt_out_new(&o, &p->err), 0);
    assert_false(opt_out_has(o, "example.org"));
    write_file(p, "# not these\nExample.org\n.example.net\n*.sub.example.com\n");
    assert_int_equal(opt_out_read(o, p->path, &p->err), 0);
    assert_int_equal(opt_out_add_name(o, "late.example", true, &p->err), 0);
    static const struct {
        const char *name;
        bool out;
    } names[] = {
        {"example.org", true},     {"www.example.org", false},  {"example.net", true},
        {"a.b.example.net", true}, {"anexample.net", false},    {"example.com", false},
        {"sub.example.com", true}, {"x.sub.example.com", true}, {"xsub.example.com", false},
        {"y.late.example", true},  {"example", false}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (opt_out_has(o, names[i].name) != names[i].out)
            fail_msg("%s", names[i].name);
    write_file(p, "example.org\nno such name\n");
    assert_int_equal(opt_out_read(o, p->path, &p->err), ERR_INPUT);
    assert_non_null(strstr(p->err.text, "list:2: "));
    opt_out_free(&o);
}

static void test_set(void **state)
{
    struct place *p = *state;
    struct domain_set s;
    char name[32];
    bool new;
    assert_int_equal(domain_set_init(&s, &p->err), 0);
    for (int i = 0; i < 50000; i++) {
        snprintf(name, sizeof name, "d%d.example", i % 40000);
        assert_int_equal(domain_set_has(&s, name), i >= 40000);
        assert_int_equal(domain_set_add(&s, name, &new, &p->err), 0);
        assert_int_equal(new, i < 40000);
    }
    assert_int_equal(s.count, 40000);
    domain_set_done(&s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(test_csv),     TEST(test_plain),   TEST(test_long),
                                       TEST(test_changed), TEST(test_opt_out), TEST(test_set)};
    return cmocka_run_group_tests_name("domain_list", tests, NULL, NULL);
}
