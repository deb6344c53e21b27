// SPDX-License-Identifier: Apache-2.0
//
// Holders against an oracle that compares each delegation with each other.

#include "measure/concentration.h"
#include "measure/holders_stock.h"
#include "support.h"

#include <math.h>
#include <string.h>

struct scene {
    struct archive archive;
    struct view view;
    struct query query;
};

static bool is_same_holder(const struct lifetime *a, const struct lifetime *b)
{
    return a->holder && a->holder == b->holder && a->registry == b->registry;
}

// Dates without one last, then the place in the view.
static bool comes_before(const struct scene *s, size_t a, size_t b)
{
    int64_t x = s->view.at[a].date, y = s->view.at[b].date;
    x = x == DATE_NONE ? INT64_MAX : x;
    y = y == DATE_NONE ? INT64_MAX : y;
    return x != y ? x < y : a < b;
}

static bool is_further(const struct scene *s, size_t row)
{
    if (s->view.at[row].block.value > STOCK_IPV6_LENGTH)
        return false;
    for (size_t i = 0; i < s->view.count; i++)
        if (i != row && is_same_holder(&s->view.at[i], &s->view.at[row]) &&
            s->view.at[i].block.value <= STOCK_IPV6_LENGTH && comes_before(s, i, row))
            return true;
    return false;
}

// Blocks of /30 to /36, so that some are of the size of a first allocation and some are not.
static struct scene *make_scene(uint64_t seed, const char *by, const struct world *w)
{
    struct scene *s = calloc(1, sizeof *s);
    uint64_t random = seed * 0x9e3779b97f4a7c15u;
    assert_non_null(s);
    archive_fill(&s->archive, seed, date_of(2007, 10, 10), true);
    s->view = archive_view(&s->archive, w);
    for (size_t i = 0; i < s->view.count; i++) {
        s->view.at[i].block.value = 30 + random_below(&random, 6);
        s->view.at[i].block.start = FIRST_ADDRESS - ((u128)1 << 98);
    }
    s->query = query_of((const char *const[]){"by", by, "every", "month", NULL});
    return s;
}

static const struct table *named(const struct measure_tables *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->at[i]->name, name) == 0)
            return t->at[i];
    fail_msg("no table %s", name);
    return NULL;
}

static bool is_in(const struct scene *s, const char *key, size_t row)
{
    char text[8];
    if (strcmp(key, "total") == 0 || s->query.by == BY_WORLD)
        return true;
    return strcmp(key, economy_format(s->view.at[row].economy, text)) == 0;
}

static void check_keys(const struct scene *s, const struct table *t)
{
    for (size_t row = 0; row < t->row_count; row++) {
        const char *key = text_of(t, row, "key");
        uint64_t delegations = 0, holders = 0, further = 0;
        u128 space = 0;
        for (size_t i = 0; i < s->view.count; i++) {
            bool fresh = s->view.at[i].holder != 0;
            if (!is_in(s, key, i))
                continue;
            for (size_t j = 0; j < i && fresh; j++)
                fresh = !is_in(s, key, j) || !is_same_holder(&s->view.at[i], &s->view.at[j]);
            delegations++;
            holders += fresh;
            further += is_further(s, i);
            space += is_further(s, i) ? 0 : block_count(&s->view.at[i].block);
        }
        assert_true(count_of(t, row, "delegations") == delegations);
        if (is_empty_cell(t, row, "holders")) {
            assert_true(count_of(t, row, "unstated") == delegations);
            continue;
        }
        assert_true(count_of(t, row, "holders") == holders);
        assert_true(count_of(t, row, "further") == further);
        assert_true(count_of(t, row, "adjusted") == delegations - further);
        assert_true(count_of(t, row, "adjusted_slash64") == space);
    }
}

static bool in_month(const struct lifetime *l, const char *month)
{
    char text[DATE_TEXT_MAX];
    return l->date != DATE_NONE && l->holder &&
           strcmp(period_format(PERIOD_MONTH, period_first(PERIOD_MONTH, l->date), text), month) ==
               0;
}

static bool earlier_month(const struct lifetime *l, const char *month)
{
    char text[DATE_TEXT_MAX];
    return l->date != DATE_NONE && l->holder &&
           strcmp(period_format(PERIOD_MONTH, period_first(PERIOD_MONTH, l->date), text), month) <
               0;
}

static void check_new(const struct scene *s, const struct table *t)
{
    for (size_t row = 0; row < t->row_count; row++) {
        const char *month = text_of(t, row, "period");
        uint64_t delegations = 0, holders = 0, fresh_holders = 0, to_old = 0;
        for (size_t i = 0; i < s->view.count; i++) {
            const struct lifetime *l = &s->view.at[i];
            bool known = false, old = false;
            if (!in_month(l, month) || l->date > s->view.known_on)
                continue;
            for (size_t j = 0; j < s->view.count; j++) {
                bool same = is_same_holder(l, &s->view.at[j]);
                known |= j < i && same && in_month(&s->view.at[j], month) &&
                         s->view.at[j].date <= s->view.known_on;
                old |= same && earlier_month(&s->view.at[j], month);
            }
            delegations++;
            to_old += old;
            holders += !known;
            fresh_holders += !known && !old;
        }
        assert_true(count_of(t, row, "delegations") == delegations);
        assert_true(count_of(t, row, "holders") == holders);
        assert_true(count_of(t, row, "new_holders") == fresh_holders);
        assert_true(count_of(t, row, "to_old") == to_old);
    }
}

static int compare_space(const void *a, const void *b)
{
    u128 x = *(const u128 *)a, y = *(const u128 *)b;
    return (x > y) - (x < y);
}

static void check_spread(const struct scene *s, const struct table *t)
{
    u128 values[LIFETIMES_MAX];
    for (size_t row = 0; row < t->row_count; row++) {
        const char *month = text_of(t, row, "period");
        size_t count = 0;
        for (size_t i = 0; i < s->view.count; i++) {
            u128 space = 0;
            bool first = true;
            for (size_t j = 0; j < s->view.count; j++) {
                const struct lifetime *l = &s->view.at[j];
                if (!is_same_holder(&s->view.at[i], l) || l->date > s->view.known_on ||
                    (!earlier_month(l, month) && !in_month(l, month)))
                    continue;
                first &= j >= i;
                space += block_count(&l->block);
            }
            bool own = in_month(&s->view.at[i], month) || earlier_month(&s->view.at[i], month);
            if (first && own && s->view.at[i].date <= s->view.known_on)
                values[count++] = space;
        }
        qsort(values, count, sizeof *values, compare_space);
        struct concentration want = concentration_of(values, count);
        assert_true(count_of(t, row, "holders") == count);
        assert_true(count_of(t, row, "slash64") == want.total);
        assert_true(count == 0 || fabs(cell_of(t, row, "gini")->real - want.gini) < 1e-12);
        assert_true(count == 0 || fabs(cell_of(t, row, "hhi")->real - want.hhi) < 1e-9);
    }
}

static void random_holders_agree_with_the_oracle(void **state)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct scene *s = make_scene(seed, seed % 3 ? "economy" : "world", *state);
        struct measure_tables tables = {0};
        struct err e = {0};
        if (holders_tables(&s->query, &s->view, &tables, &e))
            fail_msg("%s", e.text);
        assert_int_equal(tables.count, 3);
        check_keys(s, named(&tables, "holders"));
        check_new(s, named(&tables, "new-holders"));
        check_spread(s, named(&tables, "holder-concentration"));
        assert_true(named(&tables, "holder-concentration")->row_count >= 2);
        measure_tables_free(&tables);
        free(s);
    }
}

static void without_holders_nothing_is_said_of_them(void **state)
{
    struct scene *s = make_scene(3, "world", *state);
    struct measure_tables tables = {0};
    for (size_t i = 0; i < s->view.count; i++)
        s->view.at[i].holder = 0;
    assert_int_equal(holders_tables(&s->query, &s->view, &tables, NULL), 0);
    assert_int_equal(tables.count, 1);
    assert_true(is_empty_cell(tables.at[0], 0, "holders"));
    assert_true(is_empty_cell(tables.at[0], 0, "adjusted"));
    assert_non_null(strstr(tables.at[0]->notes[1], "only the registries' extended files"));
    measure_tables_free(&tables);
    free(s);
}

static int set_up(void **state)
{
    *state = test_world();
    return 0;
}

static int tear_down(void **state)
{
    world_free((struct world **)state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_holders_agree_with_the_oracle),
        cmocka_unit_test(without_holders_nothing_is_said_of_them),
    };
    return cmocka_run_group_tests_name("holders", tests, set_up, tear_down);
}
