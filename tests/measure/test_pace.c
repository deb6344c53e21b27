// SPDX-License-Identifier: Apache-2.0
//
// Pace by record dates against an oracle that looks at every record for every row; and its edges.

#include "support.h"

#include <math.h>
#include <stdio.h>

// ---- the oracle

struct sums {
    uint64_t delegations, holders, new_holders, standing;
    u128 space, standing_space;
    bool unknown;
};

static bool belongs(const struct keys *k, size_t key, const struct lifetime *l, date on)
{
    return keys_has(k, key, l->registry, l->economy, on);
}

static bool same_holder(const struct lifetime *a, const struct lifetime *b)
{
    return a->holder == b->holder && a->registry == b->registry;
}

// Is there no earlier record in the period of the same holder?
static bool first_in_period(const struct view *v, const struct keys *k, size_t key, size_t i,
                            date first, date last)
{
    for (size_t j = 0; j < i; j++)
        if (same_holder(&v->at[i], &v->at[j]) && v->at[j].date >= first && v->at[j].date <= last &&
            belongs(k, key, &v->at[j], last))
            return false;
    return true;
}

static bool has_before(const struct view *v, const struct keys *k, size_t key, size_t i, date first,
                       date last)
{
    for (size_t j = 0; j < v->count; j++)
        if (same_holder(&v->at[i], &v->at[j]) && v->at[j].date != DATE_NONE &&
            v->at[j].date < first && belongs(k, key, &v->at[j], last))
            return true;
    return false;
}

static struct sums sum_row(const struct view *v, const struct keys *k, size_t key, date first,
                           date last)
{
    struct sums s = {0};
    for (size_t i = 0; i < v->count; i++) {
        const struct lifetime *l = &v->at[i];
        if (l->date == DATE_NONE || l->date > last || !belongs(k, key, l, last))
            continue;
        s.standing++;
        s.standing_space += block_count(&l->block);
        if (l->date < first)
            continue;
        s.delegations++;
        s.space += block_count(&l->block);
        s.unknown |= l->holder == 0;
        if (l->holder && first_in_period(v, k, key, i, first, last)) {
            s.holders++;
            s.new_holders += !has_before(v, k, key, i, first, last);
        }
    }
    return s;
}

static date parse_period(enum period every, const char *text)
{
    for (date d = period_first(every, date_of(2007, 10, 1)); d < date_of(2008, 3, 1);
         d = period_next(every, d)) {
        char at[DATE_TEXT_MAX];
        if (strcmp(period_format(every, d, at), text) == 0)
            return d;
    }
    fail_msg("no period %s", text);
    return 0;
}

static size_t find_key(const struct keys *k, const char *text)
{
    char key[KEY_TEXT_MAX];
    for (size_t i = 0; i < k->count; i++)
        if (strcmp(keys_key(k, i, key), text) == 0)
            return i;
    fail_msg("no key %s", text);
    return 0;
}

static void check_row(const struct table *t, size_t row, const struct sums *s)
{
    assert_true(count_of(t, row, "delegations") == s->delegations);
    assert_true(count_of(t, row, "slash32") == s->space);
    assert_true(count_of(t, row, "slash64") == s->space);
    assert_true(count_of(t, row, "cumulative_delegations") == s->standing);
    assert_true(count_of(t, row, "cumulative_slash32") == s->standing_space);
    assert_int_equal(is_empty_cell(t, row, "holders"), s->unknown);
    assert_int_equal(is_empty_cell(t, row, "new_holders"), s->unknown);
    if (!s->unknown) {
        assert_true(count_of(t, row, "holders") == s->holders);
        assert_true(count_of(t, row, "new_holders") == s->new_holders);
    }
}

static struct table *pace(const struct query *q, const struct view *v)
{
    struct table *t = NULL;
    struct err e = {0};
    if (pace_table(q, v, &t, &e))
        fail_msg("%s", e.text);
    return t;
}

static void compare(const struct view *v, const char *const *parameters)
{
    struct query q = query_of(parameters);
    struct table *t = pace(&q, v);
    struct keys k = {0};
    economy used[LIFETIMES_MAX];
    for (size_t i = 0; i < v->count; i++)
        used[i] = v->at[i].economy;
    assert_int_equal(keys_init(&k, q.by, q.only, v->world, used, v->count, v->registries, NULL), 0);
    date to = q.to != DATE_NONE && q.to < v->known_on ? q.to : v->known_on;
    assert_true(t->row_count > 0);
    for (size_t row = 0; row < t->row_count; row++) {
        date first = parse_period(q.every, text_of(t, row, "period"));
        date last = period_next(q.every, first) - 1;
        first = q.from != DATE_NONE && q.from > first ? q.from : first;
        last = last < to ? last : to;
        struct sums s = sum_row(v, &k, find_key(&k, text_of(t, row, "key")), first, last);
        check_row(t, row, &s);
        if (row > 0 && strcmp(text_of(t, row, "key"), text_of(t, row - 1, "key")) == 0)
            assert_int_equal(
                period_next(q.every, parse_period(q.every, text_of(t, row - 1, "period"))),
                parse_period(q.every, text_of(t, row, "period")));
    }
    keys_done(&k);
    table_free(&t);
}

static const char *const queries[][14] = {
    {NULL},
    {"every", "day"},
    {"every", "month", "by", "economy"},
    {"every", "quarter", "by", "registry"},
    {"every", "day", "by", "group"},
    {"every", "month", "by", "subregion", "from", "2007-12-05"},
    {"every", "day", "by", "group", "only", "ldc", "from", "2007-12-15", "to", "2007-12-25"},
    {"every", "month", "by", "economy", "only", "KE,cv", "to", "2008-01-03"},
};

static void random_records_agree_with_the_oracle(void **state)
{
    struct archive *a = calloc(1, sizeof *a);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        archive_fill(a, seed, date_of(2007, 12, 10), true);
        struct view v = archive_view(a, *state);
        for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
            compare(&v, queries[i]);
    }
    free(a);
}

// ---- edges

struct story {
    struct snapshot snapshot;
    struct lifetime rows[8];
    struct view view;
};

static void begin(struct story *s, const struct world *w)
{
    *s = (struct story){.snapshot = {.registry = REGISTRY_APNIC,
                                     .family = FAMILY_IPV6,
                                     .date = date_of(2020, 5, 15)},
                        .view = {.world = w,
                                 .known_on = date_of(2020, 5, 15),
                                 .registries = REGISTRY_BIT(REGISTRY_APNIC),
                                 .statuses = STATUS_DELEGATED}};
    s->view.known[REGISTRY_APNIC] = &s->snapshot;
    s->view.at = s->rows;
}

static struct lifetime *add(struct story *s, const char *prefix, date day)
{
    struct range r;
    struct lifetime *l = &s->rows[s->view.count++];
    assert_true(range_parse(slice_of(prefix), &r));
    assert_true(range_next_block(&r, &l->block));
    l->registry = REGISTRY_APNIC;
    l->economy = economy_of('K', 'E');
    l->date = day;
    return l;
}

static bool has_note(const struct table *t, const char *part)
{
    for (size_t i = 0; i < t->note_count; i++)
        if (strstr(t->notes[i], part))
            return true;
    return false;
}

static void periods_without_delegations_are_rows_of_zero(void **state)
{
    struct story s;
    begin(&s, *state);
    add(&s, "2001:db8::/32", date_of(2016, 2, 29));
    add(&s, "3fff::/32", date_of(2019, 12, 31));
    struct query q = query_of(NULL);
    struct table *t = pace(&q, &s.view);
    assert_int_equal(t->row_count, 5);
    assert_string_equal(text_of(t, 1, "period"), "2017");
    assert_true(count_of(t, 1, "delegations") == 0);
    assert_true(count_of(t, 1, "cumulative_delegations") == 1);
    assert_true(is_empty_cell(t, 0, "growth"));
    assert_true(fabs(cell_of(t, 3, "growth")->real - 100) < 1e-9);
    assert_true(has_note(t, "2020 is counted up to 2020-05-15."));
    assert_true(has_note(t, "Holders are not stated"));
    table_free(&t);
}

static void undated_and_later_records_are_in_no_period(void **state)
{
    struct story s;
    begin(&s, *state);
    add(&s, "2001:db8::/32", date_of(2020, 5, 15));
    add(&s, "3fff::/32", DATE_NONE);
    add(&s, "3fff:1::/32", date_of(2020, 5, 16));
    struct query q = query_of(NULL);
    struct table *t = pace(&q, &s.view);
    assert_int_equal(t->row_count, 1);
    assert_true(count_of(t, 0, "cumulative_delegations") == 1);
    assert_true(has_note(t, "no date is stated: 1 "));
    assert_true(has_note(t, "dated after the snapshot: 1 "));
    table_free(&t);
}

static void space_is_exact_from_the_largest_to_the_smallest_block(void **state)
{
    struct story s;
    begin(&s, *state);
    add(&s, "2001:db8::1/128", date_of(2020, 1, 1));
    add(&s, "3fff::/20", date_of(2020, 1, 1));
    struct query q = query_of(NULL);
    struct table *t = pace(&q, &s.view);
    assert_true(count_of(t, 0, "slash32") == ((u128)1 << 108) + 1);
    table_free(&t);
    add(&s, "::/0", date_of(2020, 1, 1));
    t = pace(&q, &s.view);
    assert_true(count_of(t, 0, "slash32") == U128_MAX);
    table_free(&t);
}

static void ipv4_and_as_numbers_have_their_own_units(void **state)
{
    struct story s;
    begin(&s, *state);
    s.snapshot.family = FAMILY_IPV4;
    add(&s, "192.0.2.0/24", date_of(2020, 1, 1));
    struct query q = query_of((const char *const[]){"family", "ipv4", NULL});
    struct table *t = pace(&q, &s.view);
    assert_true(count_of(t, 0, "addresses") == 256);
    assert_true(count_of(t, 0, "cumulative_addresses") == 256);
    table_free(&t);
    begin(&s, *state);
    s.rows[0] = (struct lifetime){
        .block = {FAMILY_ASN, 64496, 16}, .registry = REGISTRY_APNIC, .date = date_of(2020, 1, 1)};
    s.view.count = 1;
    q = query_of((const char *const[]){"family", "asn", NULL});
    t = pace(&q, &s.view);
    assert_true(count_of(t, 0, "as_numbers") == 16);
    table_free(&t);
}

static void rows_of_a_registry_end_with_its_newest_snapshot(void **state)
{
    struct story s;
    begin(&s, *state);
    struct snapshot old = {
        .registry = REGISTRY_ARIN, .family = FAMILY_IPV6, .date = date_of(2018, 3, 3)};
    s.view.known[REGISTRY_ARIN] = &old;
    s.view.registries |= REGISTRY_BIT(REGISTRY_ARIN);
    add(&s, "2001:db8::/32", date_of(2017, 1, 1));
    add(&s, "3fff::/32", date_of(2017, 1, 1))->registry = REGISTRY_ARIN;
    struct query q = query_of((const char *const[]){"by", "registry", NULL});
    struct table *t = pace(&q, &s.view);
    assert_int_equal(t->row_count, 4 + 2);
    assert_string_equal(text_of(t, 5, "key"), "arin");
    assert_string_equal(text_of(t, 5, "period"), "2018");
    assert_true(has_note(t, "arin 2018-03-03"));
    table_free(&t);
}

static void too_long_a_table_is_refused(void **state)
{
    struct story s;
    begin(&s, *state);
    add(&s, "2001:db8::/32", date_of(1, 1, 1));
    struct query q = query_of((const char *const[]){"every", "day", NULL});
    struct table *t = NULL;
    struct err e = {0};
    assert_int_equal(pace_table(&q, &s.view, &t, &e), ERR_LIMIT);
    assert_null(t);
    q = query_of((const char *const[]){"every", "day", "from", "2020-05-14", NULL});
    t = pace(&q, &s.view);
    assert_int_equal(t->row_count, 2);
    assert_true(count_of(t, 0, "cumulative_delegations") == 1);
    table_free(&t);
    q = query_of((const char *const[]){"from", "2021", NULL});
    assert_int_equal(pace_table(&q, &s.view, &t, &e), ERR_USAGE);
}

static void top_keeps_the_largest_keys(void **state)
{
    struct story s;
    begin(&s, *state);
    add(&s, "2001:db8::/32", date_of(2020, 1, 1));
    add(&s, "3fff::/24", date_of(2020, 1, 1))->economy = economy_of('U', 'G');
    add(&s, "3fff:100::/28", date_of(2020, 1, 1))->economy = economy_of('B', 'R');
    struct query q = query_of((const char *const[]){"by", "economy", "top", "2", NULL});
    struct table *t = pace(&q, &s.view);
    assert_int_equal(t->row_count, 2);
    assert_string_equal(text_of(t, 0, "key"), "BR");
    assert_string_equal(text_of(t, 1, "key"), "UG");
    assert_true(has_note(t, "The 2 largest of 3"));
    table_free(&t);
}

static void nothing_selected_is_an_empty_table(void **state)
{
    struct story s;
    begin(&s, *state);
    struct query q = query_of(NULL);
    struct table *t = pace(&q, &s.view);
    assert_int_equal(t->row_count, 0);
    assert_true(has_note(t, "No delegation fits."));
    table_free(&t);
}

static int load(void **state)
{
    *state = test_world();
    return 0;
}

static int unload(void **state)
{
    world_free((struct world **)state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_records_agree_with_the_oracle),
        cmocka_unit_test(periods_without_delegations_are_rows_of_zero),
        cmocka_unit_test(undated_and_later_records_are_in_no_period),
        cmocka_unit_test(space_is_exact_from_the_largest_to_the_smallest_block),
        cmocka_unit_test(ipv4_and_as_numbers_have_their_own_units),
        cmocka_unit_test(rows_of_a_registry_end_with_its_newest_snapshot),
        cmocka_unit_test(too_long_a_table_is_refused),
        cmocka_unit_test(top_keeps_the_largest_keys),
        cmocka_unit_test(nothing_selected_is_an_empty_table),
    };
    return cmocka_run_group_tests_name("pace", tests, load, unload);
}
