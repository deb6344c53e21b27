// SPDX-License-Identifier: Apache-2.0
//
// One economy on a page, and every table of every measure computed again from its export.

#include "archive.h"
#include "base/table_write.h"
#include "measure/economies.h"
#include "measure/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *text_at(const struct table *t, size_t row, const char *column)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, column));
    return c->kind == CELL_TEXT ? c->text : "";
}

static u128 count_at(const struct table *t, size_t row, const char *column)
{
    return table_cell(t, row, table_find_column(t, column))->count;
}

static const struct table *find(const struct measure_tables *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->at[i]->name, name) == 0)
            return t->at[i];
    fail_msg("no table %s", name);
    return NULL;
}

static void sample(struct archive *a)
{
    archive_open(a);
    archive_add(a, "first",
                "2.3|afrinic|20200105|4|20000101|20200105|+0000\n"
                "afrinic|KE|ipv6|3fff::|32|20100101|allocated|a\n"
                "afrinic|KE|ipv6|3fff:10::|48|20110101|assigned|b\n"
                "afrinic|TZ|ipv6|3fff:20::|31|20110101|allocated|c\n"
                "afrinic|KE|ipv4|192.0.2.0|256|20050101|allocated|a\n");
    archive_add(a, "second",
                "2.3|afrinic|20210105|6|20000101|20210105|+0000\n"
                "afrinic|KE|ipv6|3fff::|31|20100101|allocated|a\n"
                "afrinic|KE|ipv6|3fff:10::|48|20110101|assigned|b\n"
                "afrinic|TZ|ipv6|3fff:20::|31|20110101|allocated|c\n"
                "afrinic|EG|ipv6|3fff:40::|32|20110101|allocated|d\n"
                "afrinic|KE|ipv4|192.0.2.0|256|20050101|allocated|a\n"
                "afrinic|ZZ|ipv6|3fff:80::|32||available\n");
}

static void a_page_says_what_is_held(void **state)
{
    (void)state;
    struct archive a;
    sample(&a);
    struct measure_tables t = archive_ask(&a, "economy", "economy=KE", NULL);
    const struct table *holdings = find(&t, "holdings");
    assert_int_equal(holdings->row_count, 3);
    assert_true(count_at(holdings, 0, "slash32") == (u128)1 << 97);
    assert_int_equal(table_cell(holdings, 0, table_find_column(holdings, "first_delegation"))->date,
                     date_of(2010, 1, 1));
    assert_true(count_at(holdings, 2, "addresses") == 256);
    const struct table *ranks = find(&t, "ranks");
    assert_string_equal(text_at(ranks, 0, "key"), "world");
    assert_true(count_at(ranks, 0, "rank") == 1 && count_at(ranks, 0, "economies") == 3);
    assert_true(count_at(ranks, 0, "ipv4_rank") == 1);
    const struct table *holders = find(&t, "holders");
    assert_int_equal(holders->row_count, 2);
    assert_string_equal(text_at(holders, 0, "holder"), "a");
    assert_true(count_at(holders, 0, "addresses") == 256);
    const struct table *changes = find(&t, "changes-ipv6");
    assert_int_equal(changes->row_count, 2);
    assert_string_equal(text_at(changes, 0, "kind"), "grown");
    find(&t, "pace");
    measure_tables_free(&t);
    archive_close(&a);
}

static void an_economy_without_records_is_not_found(void **state)
{
    (void)state;
    struct archive a;
    struct query q;
    struct err e = {0};
    struct measure_tables t = {0};
    sample(&a);
    struct measure m = archive_measure(&a);
    query_init(&q);
    assert_int_equal(measure_economy(&m, &q, &t, &e), ERR_USAGE);
    q.economy = economy_of('B', 'R');
    assert_int_equal(measure_economy(&m, &q, &t, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "Brazil"));
    archive_close(&a);
}

static void economies_are_found_by_code_and_name(void **state)
{
    (void)state;
    struct world *w;
    economy e;
    struct err err = {0};
    assert_int_equal(world_load(LANGUAGE_EN, &w, NULL), 0);
    static const struct {
        const char *text, *code;
    } cases[] = {{"KE", "KE"},   {"ken", "KE"},          {"404", "KE"},   {"Kenya", "KE"},
                 {"keny", "KE"}, {"SOUTH AFRICA", "ZA"}, {"Niger", "NE"}, {"EU", "EU"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (economy_by_name(w, slice_of(cases[i].text), &e, &err) != 0)
            fail_msg("%s", err.text);
        assert_int_equal(e, economy_of(cases[i].code[0], cases[i].code[1]));
    }
    assert_int_equal(economy_by_name(w, slice_of("guinea-"), &e, &err), 0);
    assert_int_equal(economy_by_name(w, slice_of("island"), &e, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "several"));
    assert_int_equal(economy_by_name(w, slice_of("Atlantis"), &e, &err), ERR_USAGE);
    assert_int_equal(economy_by_name(w, slice_of(""), &e, &err), ERR_USAGE);
    struct economy_set s;
    assert_int_equal(economy_set_parse(&s, "KE, tza,none", w, &err), 0);
    assert_true(economy_set_has(&s, economy_of('T', 'Z')));
    assert_true(economy_set_has(&s, ECONOMY_NONE));
    assert_false(economy_set_has(&s, economy_of('U', 'G')));
    assert_int_equal(economy_set_parse(&s, "K1", w, &err), ERR_USAGE);
    assert_int_equal(economy_set_parse(&s, "", w, &err), 0);
    assert_true(economy_set_has(&s, economy_of('U', 'G')));
    world_free(&w);
}

static void export_table(const struct archive *a, const struct table *t, bool csv, char path[128])
{
    struct buffer bytes = {0}, basis = {0};
    archive_file(a, csv ? "t.csv" : "t.json", path);
    if (csv) {
        table_write_csv(t, &bytes);
        basis_write_json(t, &basis);
        archive_write(a, "t.csv.basis.json", &basis);
    } else {
        table_write_json(t, &bytes);
    }
    archive_write(a, csv ? "t.csv" : "t.json", &bytes);
    buffer_done(&bytes);
    buffer_done(&basis);
}

static uint64_t verify(const struct archive *a, const char *path, size_t *causes)
{
    struct verification v;
    struct err e = {0};
    assert_int_equal(verification_init(&v), 0);
    if (verify_file(&v, a->store, path, &e) != 0)
        fail_msg("%s", e.text);
    uint64_t differing = v.differing;
    if (causes)
        *causes = v.tables[2]->row_count;
    assert_int_equal(v.file_count, 1);
    verification_done(&v);
    return differing;
}

static void check_all(const struct archive *a, const char *measure, const char *parameter)
{
    char path[128];
    struct measure_tables t = archive_ask(a, measure, "known-on=2021-06-01", parameter, NULL);
    assert_true(t.count > 0);
    for (size_t i = 0; i < t.count; i++)
        for (int csv = 0; csv < 2; csv++) {
            export_table(a, t.at[i], csv, path);
            assert_int_equal(verify(a, path, NULL), 0);
        }
    measure_tables_free(&t);
}

static void what_is_exported_is_computed_again(void **state)
{
    (void)state;
    struct archive a;
    sample(&a);
    check_all(&a, "pace", "by=economy");
    check_all(&a, "pace", "basis=observed");
    check_all(&a, "geography", "by=economy");
    check_all(&a, "geography", "by=group");
    check_all(&a, "concentration", NULL);
    check_all(&a, "changes", "status=all");
    check_all(&a, "economy", "economy=KE");
    archive_close(&a);
}

static void a_later_input_is_named_as_the_cause(void **state)
{
    (void)state;
    struct archive a;
    char path[128];
    size_t causes = 0;
    sample(&a);
    struct measure_tables t = archive_ask(&a, "geography", "by=economy", NULL);
    export_table(&a, t.at[0], true, path);
    archive_add(&a, "much later",
                "2.3|afrinic|20220105|1|20000101|20220105|+0000\n"
                "afrinic|KE|ipv6|3fff::|28|20100101|allocated|a\n");
    assert_int_equal(verify(&a, path, &causes), 0); // it asks for a day before
    archive_add(&a, "just before",
                "2.3|apnic|20201105|1|20000101|20201105|+0000\n"
                "apnic|JP|ipv6|2001:db8::|32|20100101|allocated|j\n");
    assert_true(verify(&a, path, &causes) > 0);
    assert_int_equal(causes, 1);
    archive_add(&a, "in the middle",
                "2.3|afrinic|20210101|1|20000101|20210101|+0000\n"
                "afrinic|KE|ipv6|3fff::|28|20100101|allocated|a\n");
    assert_true(verify(&a, path, &causes) > 0);
    assert_int_equal(causes, 2);
    measure_tables_free(&t);
    archive_close(&a);
}

static void what_no_measure_computes_is_refused(void **state)
{
    (void)state;
    struct archive a;
    sample(&a);
    static const char *const bases[] = {
        "{\"command\":\"lunch\",\"revision\":1,\"parameters\":{},\"inputs\":[]}",
        "{\"command\":\"pace\",\"table\":\"x\",\"revision\":1,\"parameters\":{},\"inputs\":[]}",
        "{\"command\":\"pace\",\"revision\":1,\"parameters\":{\"by\":\"moon\"},\"inputs\":[]}",
        "{\"command\":\"pace\",\"revision\":1,\"parameters\":{\"lang\":\"xx\"},\"inputs\":[]}",
        "{\"command\":\"economy\",\"revision\":1,\"parameters\":{},\"inputs\":[]}",
    };
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        struct buffer csv = {0}, basis = {0};
        struct verification v;
        struct err e = {0};
        char path[128];
        buffer_text(&csv, "key\nx\n");
        buffer_text(&basis, bases[i]);
        archive_write(&a, "t.csv", &csv);
        archive_write(&a, "t.csv.basis.json", &basis);
        archive_file(&a, "t.csv", path);
        assert_int_equal(verification_init(&v), 0);
        assert_int_equal(verify_file(&v, a.store, path, &e), ERR_INPUT);
        assert_int_equal(err_exit_status(e.code), 3);
        verification_done(&v);
        buffer_done(&csv);
        buffer_done(&basis);
    }
    archive_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_says_what_is_held),
        cmocka_unit_test(an_economy_without_records_is_not_found),
        cmocka_unit_test(economies_are_found_by_code_and_name),
        cmocka_unit_test(what_is_exported_is_computed_again),
        cmocka_unit_test(a_later_input_is_named_as_the_cause),
        cmocka_unit_test(what_no_measure_computes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
