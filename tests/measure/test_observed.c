// SPDX-License-Identifier: Apache-2.0
//
// Pace by observation against an oracle that keeps, for every day, every leaf and every block, who
// has it; on random archives with gaps and dips. And the cases that the rules are about, one by
// one.

#include "support.h"

#include <math.h>
#include <stdio.h>

// ---- the oracle

struct oracle {
    const struct archive *archive;
    const struct query *query;
    const struct world *world;
    const struct keys *keys;
    date gone[LIFETIMES_MAX];
    bool opening[LIFETIMES_MAX], shown[LIFETIMES_MAX];
    int leaf[LEAVES][DAYS];         // the owner, -1: nobody
    size_t blocks;                  // different ones
    size_t block_of[LIFETIMES_MAX]; // by lifetime
    size_t example[LIFETIMES_MAX];  // by block: a lifetime of it
    int block[LIFETIMES_MAX][DAYS];
};

static void find_gone(struct oracle *o, size_t i)
{
    const struct archive *a = o->archive;
    const struct lifetime *l = &a->lifetimes[i];
    date opened = DATE_MAX;
    o->gone[i] = DATE_MAX;
    for (size_t j = 0; j < a->snapshot_count; j++) {
        const struct snapshot *s = &a->snapshots[j];
        if (s->registry != l->registry)
            continue;
        opened = s->date < opened ? s->date : opened;
        if (!s->suspect && s->date > l->last && s->date < o->gone[i])
            o->gone[i] = s->date;
    }
    o->opening[i] = l->first == opened;
    unsigned registries = o->query->registries ? o->query->registries : REGISTRIES_RIR;
    o->shown[i] =
        (registries >> l->registry & 1) && (query_statuses(o->query) & STATUS_BIT(l->status));
}

static bool stands(const struct oracle *o, size_t i, size_t day)
{
    date today = o->archive->start + (date)day;
    return o->archive->lifetimes[i].first <= today && today < o->gone[i];
}

static bool wins(const struct oracle *o, size_t i, int than)
{
    if (than < 0)
        return true;
    const struct lifetime *a = &o->archive->lifetimes[i], *b = &o->archive->lifetimes[than];
    if (a->block.value != b->block.value)
        return a->block.value > b->block.value;
    return a->first >= b->first;
}

static void bridge(const struct oracle *o, int *owners)
{
    for (size_t day = 1; day < DAYS; day++) {
        if (owners[day] >= 0 || owners[day - 1] < 0)
            continue;
        size_t end = day;
        while (end < DAYS && owners[end] < 0)
            end++;
        for (size_t i = day; end < DAYS && end - day <= o->query->bridge && i < end; i++)
            owners[i] = owners[day - 1];
    }
}

static size_t find_block(struct oracle *o, size_t i)
{
    const struct lifetime *all = o->archive->lifetimes;
    for (size_t b = 0; b < o->blocks; b++) {
        const struct block *known = &all[o->example[b]].block;
        if (known->start == all[i].block.start && known->value == all[i].block.value)
            return b;
    }
    o->example[o->blocks] = i;
    return o->blocks++;
}

static void watch(struct oracle *o)
{
    const struct archive *a = o->archive;
    for (size_t i = 0; i < a->count; i++) {
        find_gone(o, i);
        o->block_of[i] = find_block(o, i);
    }
    memset(o->leaf, -1, sizeof o->leaf);
    memset(o->block, -1, sizeof o->block);
    for (size_t day = 0; day < DAYS; day++)
        for (size_t i = 0; i < a->count; i++) {
            if (!stands(o, i, day))
                continue;
            for (size_t leaf = leaf_first(&a->lifetimes[i]); leaf <= leaf_last(&a->lifetimes[i]);
                 leaf++)
                if (wins(o, i, o->leaf[leaf][day]))
                    o->leaf[leaf][day] = (int)i;
            if (wins(o, i, o->block[o->block_of[i]][day]))
                o->block[o->block_of[i]][day] = (int)i;
        }
    for (size_t leaf = 0; leaf < LEAVES; leaf++)
        bridge(o, o->leaf[leaf]);
    for (size_t b = 0; b < o->blocks; b++)
        bridge(o, o->block[b]);
}

static bool in_key(const struct oracle *o, size_t key, int i, date on)
{
    if (i < 0)
        return false;
    const struct lifetime *l = &o->archive->lifetimes[i];
    return o->shown[i] && keys_has(o->keys, key, l->registry, l->economy, on);
}

static void count_step(struct oracle *o, struct pace_row *r, size_t key, date on, int from, int to,
                       bool whole, uint64_t delegations, u128 space)
{
    enum flow_kind kind;
    if (from < 0 && to >= 0)
        kind = !whole ? FLOW_RECUT_IN : o->opening[to] ? FLOW_OPENED : FLOW_ADDED;
    else if (from >= 0 && to < 0)
        kind = whole ? FLOW_REMOVED : FLOW_RECUT_OUT;
    else
        return;
    if (in_key(o, key, from < 0 ? to : from, on)) {
        r->count[kind] += delegations;
        r->space[kind] += space;
    }
}

// Is every leaf of the block without an owner on the day?
static bool all_free(const struct oracle *o, size_t block, long day)
{
    const struct lifetime *l = &o->archive->lifetimes[o->example[block]];
    for (size_t leaf = leaf_first(l); leaf <= leaf_last(l); leaf++)
        if (day >= 0 && o->leaf[leaf][day] >= 0)
            return false;
    return true;
}

static date earliest(const struct oracle *o, size_t key, date on, const struct lifetime *of)
{
    date first = DATE_MAX;
    for (size_t i = 0; i < o->archive->count; i++) {
        const struct lifetime *l = &o->archive->lifetimes[i];
        if (l->holder == of->holder && l->registry == of->registry && in_key(o, key, (int)i, on) &&
            l->first < first)
            first = l->first;
    }
    return first;
}

struct met {
    bool holder[TEST_REGISTRIES][8], new_holder[TEST_REGISTRIES][8];
};

static void count_holder(struct oracle *o, struct pace_row *r, struct met *met, size_t key, date on,
                         int i, date day)
{
    const struct lifetime *l = &o->archive->lifetimes[i];
    r->holders_unknown |= l->holder == 0;
    if (l->holder == 0)
        return;
    bool *holder = &met->holder[l->registry][l->holder];
    bool *new_holder = &met->new_holder[l->registry][l->holder];
    r->holders += !*holder;
    *holder = true;
    if (earliest(o, key, on, l) == day && !*new_holder) {
        r->new_holders++;
        *new_holder = true;
    }
}

static void count_day(struct oracle *o, struct pace_row *r, struct met *met, size_t key, date on,
                      size_t day)
{
    for (size_t leaf = 0; leaf < LEAVES; leaf++)
        count_step(o, r, key, on, day ? o->leaf[leaf][day - 1] : -1, o->leaf[leaf][day], true, 0,
                   LEAF_SIZE);
    for (size_t b = 0; b < o->blocks; b++) {
        int from = day ? o->block[b][day - 1] : -1, to = o->block[b][day];
        bool whole = from < 0 ? all_free(o, b, (long)day - 1) : all_free(o, b, (long)day);
        count_step(o, r, key, on, from, to, whole, 1, 0);
        if (from < 0 && to >= 0 && whole && !o->opening[to] && in_key(o, key, to, on))
            count_holder(o, r, met, key, on, to, o->archive->start + (date)day);
    }
}

static void count_standing(struct oracle *o, struct pace_row *r, size_t key, date on, size_t day)
{
    r->standing = 0;
    r->standing_space = 0;
    for (size_t leaf = 0; leaf < LEAVES; leaf++)
        r->standing_space += in_key(o, key, o->leaf[leaf][day], on) ? LEAF_SIZE : 0;
    for (size_t b = 0; b < o->blocks; b++)
        r->standing += in_key(o, key, o->block[b][day], on);
}

// ---- comparison

static void check_flow(const struct table *t, size_t row, const struct pace_row *r,
                       enum flow_kind kind, const char *count, const char *space)
{
    if (count_of(t, row, count) != r->count[kind])
        fail_msg("row %zu (%s %s): %s is %llu, not %llu", row, text_of(t, row, "period"),
                 text_of(t, row, "key"), count, (unsigned long long)count_of(t, row, count),
                 (unsigned long long)r->count[kind]);
    if (space && count_of(t, row, space) != r->space[kind])
        fail_msg("row %zu (%s %s): %s differs", row, text_of(t, row, "period"),
                 text_of(t, row, "key"), space);
}

static void check_moves(const struct table *t, size_t row, const struct pace_row *r,
                        const struct pace_row *before)
{
    int64_t moved =
        (int64_t)(r->standing - before->standing - r->count[FLOW_ADDED] - r->count[FLOW_OPENED] -
                  r->count[FLOW_RECUT_IN] + r->count[FLOW_REMOVED] + r->count[FLOW_RECUT_OUT]);
    assert_int_equal(moved, (int64_t)(count_of(t, row, "moved_in_delegations") -
                                      count_of(t, row, "moved_out_delegations")));
    u128 space = before->standing_space + r->space[FLOW_ADDED] + r->space[FLOW_OPENED] -
                 r->space[FLOW_REMOVED] + count_of(t, row, "moved_in_slash32") -
                 count_of(t, row, "moved_out_slash32");
    assert_true(space == r->standing_space);
}

static void check_row(const struct table *t, size_t row, const struct pace_row *r,
                      const struct pace_row *before)
{
    check_flow(t, row, r, FLOW_ADDED, "delegations", "slash32");
    check_flow(t, row, r, FLOW_ADDED, "additions_delegations", "additions_slash64");
    check_flow(t, row, r, FLOW_REMOVED, "removals_delegations", "removals_slash32");
    check_flow(t, row, r, FLOW_RECUT_IN, "recut_in_delegations", NULL);
    check_flow(t, row, r, FLOW_RECUT_OUT, "recut_out_delegations", NULL);
    check_flow(t, row, r, FLOW_OPENED, "opening_delegations", "opening_slash32");
    check_moves(t, row, r, before);
    assert_true(count_of(t, row, "cumulative_delegations") == r->standing);
    assert_true(count_of(t, row, "cumulative_slash32") == r->standing_space);
    assert_int_equal(is_empty_cell(t, row, "holders"), r->holders_unknown);
    if (!r->holders_unknown) {
        assert_true(count_of(t, row, "holders") == r->holders);
        assert_true(count_of(t, row, "new_holders") == r->new_holders);
    }
    double growth =
        100.0 * ((double)r->standing - (double)before->standing) / (double)before->standing;
    if (before->standing == 0)
        assert_true(is_empty_cell(t, row, "growth"));
    else
        assert_true(fabs(cell_of(t, row, "growth")->real - growth) < 1e-9);
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

static void check_table(struct oracle *o, const struct table *t, date last)
{
    struct pace_row before = {0};
    for (size_t row = 0; row < t->row_count; row++) {
        size_t key = find_key(o->keys, text_of(t, row, "key"));
        struct pace_row now = {0};
        struct met met = {0};
        struct slice period = slice_of(text_of(t, row, "period"));
        char text[DATE_TEXT_MAX];
        date end = DATE_NONE;
        for (size_t day = 0; day < DAYS; day++) {
            date today = o->archive->start + (date)day;
            date first = period_first(o->query->every, today);
            if (slice_is(period, period_format(o->query->every, first, text)))
                end = period_next(o->query->every, first) - 1;
        }
        assert_int_not_equal(end, DATE_NONE);
        end = end < last ? end : last;
        for (size_t day = 0; day < DAYS; day++) {
            date today = o->archive->start + (date)day;
            date first = period_first(o->query->every, today);
            if (today <= end && slice_is(period, period_format(o->query->every, first, text))) {
                count_day(o, &now, &met, key, end, day);
                count_standing(o, &now, key, end, day);
            }
        }
        bool fresh = row == 0 || strcmp(text_of(t, row, "key"), text_of(t, row - 1, "key")) != 0;
        if (fresh)
            before = (struct pace_row){0};
        check_row(t, row, &now, &before);
        before = now;
    }
}

static bool any_holder(const struct archive *a)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->lifetimes[i].holder)
            return true;
    return false;
}

static void compare(struct archive *a, const struct world *w, const char *const *parameters)
{
    struct query q = query_of(parameters);
    struct view v = archive_view(a, w);
    struct table *t = NULL;
    struct err e = {0};
    if (pace_table(&q, &v, &t, &e))
        fail_msg("%s", e.text);
    struct keys keys = {0};
    economy used[LIFETIMES_MAX];
    for (size_t i = 0; i < a->count; i++)
        used[i] = a->lifetimes[i].economy;
    assert_int_equal(keys_init(&keys, q.by, q.only, w, used, a->count, v.registries, &e), 0);
    struct oracle *o = calloc(1, sizeof *o);
    *o = (struct oracle){.archive = a, .query = &q, .world = w, .keys = &keys};
    watch(o);
    assert_true(t->row_count > 0);
    assert_true(any_holder(a));
    check_table(o, t, v.known_on);
    free(o);
    keys_done(&keys);
    table_free(&t);
}

#define OBSERVED "basis", "observed"

static const char *const queries[][12] = {
    {OBSERVED, "every", "day"},
    {OBSERVED, "every", "month"},
    {OBSERVED, "every", "day", "bridge", "0"},
    {OBSERVED, "every", "day", "bridge", "2", "by", "economy"},
    {OBSERVED, "every", "day", "by", "group"},
    {OBSERVED, "every", "month", "by", "region", "bridge", "30"},
    {OBSERVED, "every", "day", "by", "itu-region", "status", "allocated"},
    {OBSERVED, "every", "day", "by", "registry", "registry", "apnic,arin"},
    {OBSERVED, "every", "month", "by", "economy", "only", "CV,none"},
};

static void random_archives_agree_with_the_oracle(void **state)
{
    struct archive *a = calloc(1, sizeof *a);
    for (uint64_t seed = 1; seed <= 25; seed++) {
        archive_fill(a, seed, date_of(2007, 12, 10), true);
        for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
            compare(a, *state, queries[i]);
    }
    free(a);
}

// ---- one rule at a time

struct story {
    struct snapshot snapshots[64];
    struct lifetime lifetimes[16];
    struct view view;
};

// APNIC's snapshot of each of the first `days` days of 2020, ARIN's likewise.
static void begin_story(struct story *s, const struct world *w, size_t days)
{
    *s = (struct story){.view.world = w};
    for (size_t i = 0; i < 2 * days; i++)
        s->snapshots[i] = (struct snapshot){.registry = i < days ? REGISTRY_APNIC : REGISTRY_ARIN,
                                            .family = FAMILY_IPV6,
                                            .date = date_of(2020, 1, 1) + (date)(i % days)};
    s->view.snapshots = (struct snapshot_list){s->snapshots, 2 * days};
    s->view.known[REGISTRY_APNIC] = &s->snapshots[days - 1];
    s->view.known[REGISTRY_ARIN] = &s->snapshots[2 * days - 1];
    s->view.known_on = s->snapshots[days - 1].date;
    s->view.registries = REGISTRY_BIT(REGISTRY_APNIC) | REGISTRY_BIT(REGISTRY_ARIN);
    s->view.statuses = STATUS_DELEGATED;
    s->view.at = s->lifetimes;
}

// From the `first` to the `last` day of January 2020.
static struct lifetime *tell(struct story *s, const char *prefix, int first, int last)
{
    struct range r;
    struct lifetime *l = &s->lifetimes[s->view.count++];
    assert_true(range_parse(slice_of(prefix), &r));
    l->block.family = FAMILY_IPV6;
    assert_true(range_next_block(&r, &l->block));
    l->registry = REGISTRY_APNIC;
    l->economy = economy_of('K', 'E');
    l->date = date_of(2019, 1, 1);
    l->first = date_of(2020, 1, 1) + first - 1;
    l->last = date_of(2020, 1, 1) + last - 1;
    return l;
}

static struct table *observe(struct story *s, const char *bridge)
{
    const char *const parameters[] = {OBSERVED, "bridge", bridge, NULL};
    struct query q = query_of(parameters);
    struct table *t = NULL;
    assert_int_equal(pace_table(&q, &s->view, &t, NULL), 0);
    assert_int_equal(t->row_count, 1);
    return t;
}

static void check_story(struct story *s, const char *bridge, uint64_t added, u128 added_space,
                        uint64_t removed, u128 removed_space)
{
    struct table *t = observe(s, bridge);
    assert_true(count_of(t, 0, "delegations") == added);
    assert_true(count_of(t, 0, "slash32") == added_space);
    assert_true(count_of(t, 0, "removals_delegations") == removed);
    assert_true(count_of(t, 0, "removals_slash32") == removed_space);
    assert_true(count_of(t, 0, "moved_in_delegations") == 0);
    table_free(&t);
}

#define SLASH32 ((u128)1 << SLASH32_SHIFT)

static void a_block_that_appears_is_new_and_one_of_the_first_day_is_not(void **state)
{
    struct story s;
    begin_story(&s, *state, 10);
    tell(&s, "2001:db8::/32", 1, 10);
    tell(&s, "3fff:100::/24", 4, 10);
    check_story(&s, "7", 1, SLASH32 << 8, 0, 0);
}

static void a_block_that_leaves_is_removed(void **state)
{
    struct story s;
    begin_story(&s, *state, 10);
    tell(&s, "2001:db8::/32", 1, 5);
    check_story(&s, "7", 0, 0, 1, SLASH32);
}

static void what_only_moves_is_not_new(void **state)
{
    struct story s;
    begin_story(&s, *state, 10);
    tell(&s, "2001:db8::/32", 1, 3);
    tell(&s, "2001:db8::/32", 4, 5)->economy = economy_of('U', 'G');
    tell(&s, "2001:db8::/32", 6, 6)->status = STATUS_ASSIGNED;
    tell(&s, "2001:db8::/32", 7, 8)->registry = REGISTRY_ARIN;
    tell(&s, "2001:db8::/32", 9, 10)->date = date_of(2020, 1, 9);
    check_story(&s, "0", 0, 0, 0, 0);
}

static void an_absence_is_a_return_when_it_is_longer_than_the_bridge(void **state)
{
    struct story s;
    begin_story(&s, *state, 20);
    tell(&s, "2001:db8::/32", 1, 5);
    tell(&s, "2001:db8::/32", 9, 20); // absent on the 6th, 7th and 8th
    check_story(&s, "3", 0, 0, 0, 0);
    check_story(&s, "2", 1, SLASH32, 1, SLASH32);
}

static void a_gap_between_snapshots_is_no_absence(void **state)
{
    struct story s;
    begin_story(&s, *state, 2);
    s.snapshots[1].date = s.snapshots[3].date = date_of(2020, 3, 1);
    s.view.known_on = date_of(2020, 3, 1);
    tell(&s, "2001:db8::/32", 1, 1);
    tell(&s, "2001:db8::/32", 61, 61)->economy = economy_of('U', 'G');
    check_story(&s, "0", 0, 0, 0, 0);
}

static void a_dip_that_is_suspect_is_no_absence(void **state)
{
    struct story s;
    begin_story(&s, *state, 3);
    s.snapshots[1].suspect = true;
    s.snapshots[1].date = date_of(2020, 2, 1);
    s.snapshots[2].date = date_of(2020, 3, 1);
    s.view.known_on = date_of(2020, 3, 1);
    tell(&s, "2001:db8::/32", 1, 1);
    tell(&s, "2001:db8::/32", 61, 61);
    check_story(&s, "0", 0, 0, 0, 0);
}

static void growth_adds_the_new_part_and_no_delegation(void **state)
{
    struct story s;
    begin_story(&s, *state, 10);
    tell(&s, "2001:db8::/32", 1, 5);
    tell(&s, "2001:db8::/29", 6, 10);
    check_story(&s, "0", 0, 7 * SLASH32, 0, 0);
}

static void splits_and_mergers_are_recuts(void **state)
{
    struct story s;
    begin_story(&s, *state, 10);
    tell(&s, "2001:db8::/32", 1, 3);
    tell(&s, "2001:db8::/33", 4, 6);
    tell(&s, "2001:db8:8000::/33", 4, 6);
    tell(&s, "2001:db8::/32", 7, 10);
    struct table *t = observe(&s, "0");
    assert_true(count_of(t, 0, "delegations") == 0);
    assert_true(count_of(t, 0, "removals_delegations") == 0);
    assert_true(count_of(t, 0, "recut_in_delegations") == 3);
    assert_true(count_of(t, 0, "recut_out_delegations") == 3);
    assert_true(count_of(t, 0, "cumulative_delegations") == 1);
    table_free(&t);
}

static void half_a_block_that_leaves_is_space_without_a_delegation(void **state)
{
    struct story s;
    begin_story(&s, *state, 10);
    tell(&s, "2001:db8::/32", 1, 3);
    tell(&s, "2001:db8::/33", 4, 10);
    check_story(&s, "0", 0, 0, 0, SLASH32 / 2);
}

static void all_addresses_there_are_can_be_observed(void **state)
{
    struct story s;
    begin_story(&s, *state, 10);
    tell(&s, "::/0", 2, 4);
    tell(&s, "::/1", 2, 10);
    tell(&s, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 3, 4);
    check_story(&s, "0", 2, U128_MAX, 1, (u128)1 << 127);
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
        cmocka_unit_test(random_archives_agree_with_the_oracle),
        cmocka_unit_test(a_block_that_appears_is_new_and_one_of_the_first_day_is_not),
        cmocka_unit_test(a_block_that_leaves_is_removed),
        cmocka_unit_test(what_only_moves_is_not_new),
        cmocka_unit_test(an_absence_is_a_return_when_it_is_longer_than_the_bridge),
        cmocka_unit_test(a_gap_between_snapshots_is_no_absence),
        cmocka_unit_test(a_dip_that_is_suspect_is_no_absence),
        cmocka_unit_test(growth_adds_the_new_part_and_no_delegation),
        cmocka_unit_test(splits_and_mergers_are_recuts),
        cmocka_unit_test(half_a_block_that_leaves_is_space_without_a_delegation),
        cmocka_unit_test(all_addresses_there_are_can_be_observed),
    };
    return cmocka_run_group_tests_name("observed", tests, load, unload);
}
