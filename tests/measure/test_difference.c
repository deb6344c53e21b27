// SPDX-License-Identifier: Apache-2.0
//
// Differences of states: each kind by a small case, and random states against the promise that the
// changes applied to the first state give the second.

#include "measure/difference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct entry entry_of(const char *text, bool added)
{
    struct range r;
    assert_true(range_parse(slice_of(text), &r));
    return (struct entry){.first = r.first,
                          .last = r.last,
                          .registry = REGISTRY_RIPENCC,
                          .economy = economy_of('K', 'E'),
                          .date = date_of(2020, 1, 1),
                          .holder = 7,
                          .added = added};
}

static struct difference find(struct entry *entries, size_t count)
{
    struct difference d = {0};
    assert_int_equal(difference_find(entries, count, &d, NULL), 0);
    return d;
}

static void check_only(struct entry *entries, size_t count, enum change_kind kind, unsigned fields)
{
    struct difference d = find(entries, count);
    assert_int_equal(d.change_count, 1);
    assert_string_equal(change_kind_name(d.changes[0].kind), change_kind_name(kind));
    assert_int_equal(d.changes[0].fields, fields);
    assert_int_equal(d.changes[0].removed + d.changes[0].added, count);
    difference_done(&d);
}

static void check_pair(const char *before, const char *after, enum change_kind kind,
                       unsigned fields)
{
    struct entry pair[] = {entry_of(before, false), entry_of(after, true)};
    check_only(pair, 2, kind, fields);
}

static void nothing_differs_in_equal_states(void **state)
{
    (void)state;
    struct entry both[] = {entry_of("2001:db8::/32", false), entry_of("2001:db8::/32", true)};
    struct difference d = find(both, 2);
    assert_int_equal(d.change_count, 0);
    assert_int_equal(d.entry_count, 0);
    difference_done(&d);
    d = find(both, 0);
    assert_int_equal(d.change_count, 0);
    difference_done(&d);
}

static void lone_records_are_new_or_returned(void **state)
{
    (void)state;
    struct entry one = entry_of("2001:db8::/32", true);
    check_only(&one, 1, CHANGE_NEW, 0);
    one.added = false;
    check_only(&one, 1, CHANGE_RETURNED, 0);
    struct entry nested[] = {entry_of("3fff::/20", true), entry_of("3fff:1::/32", true)};
    struct difference d = find(nested, 2);
    assert_int_equal(d.change_count, 2);
    difference_done(&d);
}

static void ranges_name_the_kind(void **state)
{
    (void)state;
    unsigned range = CHANGE_FIELD_RANGE;
    check_pair("3fff:8::/32", "3fff:8::/29", CHANGE_GROWN, range);
    check_pair("3fff:8::/29", "3fff:8::/32", CHANGE_SHRUNK, range);
    check_pair("192.0.2.0 - 192.0.2.99", "192.0.2.50 - 192.0.2.120", CHANGE_REARRANGED, range);
    struct entry split[] = {entry_of("2001:db8::/32", false), entry_of("2001:db8::/33", true),
                            entry_of("2001:db8:8000::/33", true)};
    check_only(split, 3, CHANGE_SPLIT, range);
    for (int i = 0; i < 3; i++)
        split[i].added = !split[i].added;
    check_only(split, 3, CHANGE_MERGED, range);
    struct entry many[] = {
        entry_of("192.0.2.0 - 192.0.2.99", false), entry_of("192.0.2.100 - 192.0.2.199", false),
        entry_of("192.0.2.0 - 192.0.2.149", true), entry_of("192.0.2.150 - 192.0.2.199", true)};
    check_only(many, 4, CHANGE_REARRANGED, range);
}

static void check_field(const struct entry *after, enum change_kind kind, unsigned fields)
{
    struct entry pair[] = {entry_of("198.51.100.0/24", false), *after};
    check_only(pair, 2, kind, fields);
}

static void fields_name_the_kind_by_precedence(void **state)
{
    (void)state;
    struct entry after = entry_of("198.51.100.0/24", true);
    after.date = date_of(2021, 1, 1);
    check_field(&after, CHANGE_REDATED, 32);
    after.status = STATUS_ASSIGNED;
    check_field(&after, CHANGE_STATUS_CHANGED, 32 | 16);
    after.holder = 8;
    check_field(&after, CHANGE_HOLDER_CHANGED, 32 | 16 | 8);
    after.economy = economy_of('T', 'Z');
    check_field(&after, CHANGE_MOVED, 32 | 16 | 8 | 4);
    after.registry = REGISTRY_APNIC;
    check_field(&after, CHANGE_TRANSFERRED, 32 | 16 | 8 | 4 | 2);
}

static void a_field_that_becomes_stated_is_no_change_of_it(void **state)
{
    (void)state;
    struct entry p[] = {entry_of("198.51.100.0/24", false), entry_of("198.51.100.0/24", true)};
    p[0].holder = 0;
    check_only(p, 2, CHANGE_RESTATED, CHANGE_FIELD_HOLDER);
    struct entry q[] = {entry_of("198.51.100.0/24", false), entry_of("198.51.100.0/24", true)};
    q[0].date = DATE_NONE;
    q[1].economy = ECONOMY_NONE;
    check_only(q, 2, CHANGE_RESTATED, CHANGE_FIELD_DATE | CHANGE_FIELD_ECONOMY);
}

static void a_block_passed_on_in_pieces_is_transferred(void **state)
{
    (void)state;
    struct entry p[] = {entry_of("192.0.2.0/24", false), entry_of("192.0.2.0/25", true),
                        entry_of("192.0.2.128/25", true)};
    p[1].registry = p[2].registry = REGISTRY_APNIC;
    check_only(p, 3, CHANGE_TRANSFERRED, CHANGE_FIELD_RANGE | CHANGE_FIELD_REGISTRY);
    struct entry part[] = {entry_of("192.0.2.0/24", false), entry_of("192.0.2.0/25", true),
                           entry_of("192.0.2.128/25", true)};
    part[2].registry = REGISTRY_APNIC;
    check_only(part, 3, CHANGE_SPLIT, CHANGE_FIELD_RANGE | CHANGE_FIELD_REGISTRY);
}

static void the_same_range_pairs_before_overlaps_join(void **state)
{
    (void)state;
    struct entry p[] = {entry_of("3fff::/20", false), entry_of("3fff:5::/32", false),
                        entry_of("3fff::/20", true)};
    p[2].date++;
    struct difference d = find(p, 3);
    assert_int_equal(d.change_count, 2);
    assert_int_equal(d.changes[0].kind, CHANGE_REDATED);
    assert_int_equal(d.changes[1].kind, CHANGE_RETURNED);
    difference_done(&d);
}

static void fields_are_written_in_order(void **state)
{
    (void)state;
    char text[CHANGE_FIELDS_TEXT_MAX];
    assert_string_equal(change_fields_format(0, text), "");
    assert_string_equal(change_fields_format(63, text),
                        "range registry economy holder status date");
}

// ---- random states

static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static struct entry random_entry(void)
{
    unsigned first = pick(64), size = 1u << pick(4);
    return (struct entry){.first = first,
                          .last = first + size - 1 + pick(2),
                          .registry = (uint8_t)pick(3),
                          .status = (uint8_t)pick(2),
                          .economy = pick(3) ? economy_of('K', (char)('A' + pick(2))) : 0,
                          .date = pick(5) ? (date)pick(2) : DATE_NONE,
                          .holder = pick(3)};
}

static bool same_record(const struct entry *a, const struct entry *b)
{
    return a->first == b->first && a->last == b->last && a->registry == b->registry &&
           a->status == b->status && a->economy == b->economy && a->date == b->date &&
           a->holder == b->holder;
}

static bool take_out(struct entry *set, size_t *count, const struct entry *what)
{
    for (size_t i = 0; i < *count; i++)
        if (same_record(&set[i], what)) {
            set[i] = set[--*count];
            return true;
        }
    return false;
}

#define STATE_MAX 40

// Applies the changes to the first state; what comes out must be the second.
static void apply(struct entry *first, size_t count, const struct difference *d,
                  struct entry *second, size_t second_count)
{
    size_t at = 0;
    for (size_t i = 0; i < d->change_count; i++) {
        const struct change *c = &d->changes[i];
        assert_int_equal(c->at, at);
        for (size_t k = 0; k < c->removed; k++, at++) {
            assert_false(d->entries[at].added);
            assert_true(take_out(first, &count, &d->entries[at]));
        }
        at += c->added;
    }
    assert_int_equal(at, d->entry_count);
    for (size_t i = 0; i < d->entry_count; i++)
        if (d->entries[i].added)
            first[count++] = d->entries[i];
    assert_int_equal(count, second_count);
    for (size_t i = 0; i < count; i++)
        assert_true(take_out(second, &second_count, &first[i]));
}

// Lone records are changes of their own, and no record stands on both sides.
static void check_shape(const struct difference *d)
{
    for (size_t i = 0; i < d->change_count; i++) {
        const struct change *c = &d->changes[i];
        assert_true(c->removed + c->added > 0);
        assert_int_equal(c->kind == CHANGE_NEW, c->removed == 0);
        assert_int_equal(c->kind == CHANGE_RETURNED, c->added == 0);
        if (c->removed == 0 || c->added == 0)
            assert_int_equal(c->removed + c->added, 1);
        assert_int_equal(c->fields == 0, c->removed == 0 || c->added == 0);
    }
    for (size_t i = 0; i < d->entry_count; i++)
        for (size_t k = 0; k < d->entry_count; k++)
            if (!d->entries[i].added && d->entries[k].added)
                assert_false(same_record(&d->entries[i], &d->entries[k]));
}

static void changes_applied_to_the_first_state_give_the_second(void **state)
{
    (void)state;
    seed = 20240105;
    for (int round = 0; round < 20000; round++) {
        struct entry first[3 * STATE_MAX], second[STATE_MAX], both[2 * STATE_MAX];
        size_t counts[2] = {pick(STATE_MAX / 2), 0};
        for (size_t i = 0; i < counts[0]; i++) {
            first[i] = random_entry();
            struct entry copy = pick(2) ? first[i] : random_entry();
            if (pick(4))
                second[counts[1]++] = copy;
        }
        while (pick(3))
            if (counts[1] < STATE_MAX)
                second[counts[1]++] =
                    counts[0] && pick(2) ? first[pick((unsigned)counts[0])] : random_entry();
        size_t n = 0;
        for (size_t i = 0; i < counts[0]; i++)
            both[n++] = first[i];
        for (size_t i = 0; i < counts[1]; i++) {
            both[n] = second[i];
            both[n++].added = true;
        }
        struct difference d = find(both, n);
        check_shape(&d);
        apply(first, counts[0], &d, second, counts[1]);
        difference_done(&d);
    }
}

// The order in which records come must not matter.
static void order_does_not_matter(void **state)
{
    (void)state;
    seed = 7;
    for (int round = 0; round < 500; round++) {
        struct entry a[STATE_MAX] = {0}, b[STATE_MAX];
        size_t n = pick(STATE_MAX);
        for (size_t i = 0; i < n; i++) {
            a[i] = random_entry();
            a[i].added = pick(2);
        }
        memcpy(b, a, sizeof a);
        for (size_t i = n; i > 1; i--) {
            size_t k = pick((unsigned)i);
            struct entry swap = b[k];
            b[k] = b[i - 1];
            b[i - 1] = swap;
        }
        struct difference x = find(a, n), y = find(b, n);
        assert_int_equal(x.change_count, y.change_count);
        for (size_t i = 0; i < x.change_count; i++)
            assert_int_equal(x.changes[i].kind, y.changes[i].kind);
        for (size_t i = 0; i < x.entry_count; i++)
            assert_true(same_record(&x.entries[i], &y.entries[i]));
        difference_done(&x);
        difference_done(&y);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_differs_in_equal_states),
        cmocka_unit_test(lone_records_are_new_or_returned),
        cmocka_unit_test(ranges_name_the_kind),
        cmocka_unit_test(fields_name_the_kind_by_precedence),
        cmocka_unit_test(a_field_that_becomes_stated_is_no_change_of_it),
        cmocka_unit_test(a_block_passed_on_in_pieces_is_transferred),
        cmocka_unit_test(the_same_range_pairs_before_overlaps_join),
        cmocka_unit_test(fields_are_written_in_order),
        cmocka_unit_test(changes_applied_to_the_first_state_give_the_second),
        cmocka_unit_test(order_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
