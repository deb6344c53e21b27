// SPDX-License-Identifier: Apache-2.0
//
// An index by hash against a search through everything: also with hashes that collide.

#include "base/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define ELEMENTS 5000

struct wanted {
    const unsigned *values;
    unsigned value;
};

static bool is_same(size_t element, const void *arg)
{
    const struct wanted *w = arg;
    return w->values[element] == w->value;
}

// `classes` different hashes at most.
static uint64_t hash_of(unsigned value, unsigned classes)
{
    return (uint64_t)(value % classes) * UINT64_C(0x9E3779B97F4A7C15);
}

static void fill(unsigned classes)
{
    static unsigned values[ELEMENTS];
    struct slots index = {0};
    size_t count = 0;
    srand(1);
    assert_true(slots_make(&index, 0));
    for (unsigned n = 0; n < ELEMENTS; n++) {
        struct wanted w = {values, (unsigned)rand() % ELEMENTS};
        size_t place = slots_find(&index, hash_of(w.value, classes), is_same, &w), there = 0;
        while (there < count && values[there] != w.value)
            there++;
        assert_int_equal(slots_used(&index, place), there < count);
        if (there < count) {
            assert_int_equal(slots_element(&index, place), there);
            continue;
        }
        values[count] = w.value;
        slots_set(&index, place, hash_of(w.value, classes), count++);
        if (slots_hold(&index, count))
            continue;
        assert_true(slots_make(&index, count));
        for (size_t i = 0; i < count; i++) {
            struct wanted again = {values, values[i]};
            uint64_t hash = hash_of(values[i], classes);
            slots_set(&index, slots_find(&index, hash, is_same, &again), hash, i);
        }
        assert_true(slots_hold(&index, count + 1));
    }
    assert_true(count > 2000);
    slots_drop(&index);
    assert_null(index.at);
}

static void test_found(void **state)
{
    (void)state;
    fill(ELEMENTS);
}

static void test_collisions(void **state)
{
    (void)state;
    fill(100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_found),
                                       cmocka_unit_test(test_collisions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
