// SPDX-License-Identifier: Apache-2.0
//
// Arena, array, buffer; and what they do when the system has no memory left.

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/table.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static long allocations_left = -1; // negative: no limit

static bool may_allocate(void)
{
    if (allocations_left == 0)
        return false;
    allocations_left -= allocations_left > 0;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return may_allocate() ? __real_realloc(memory, size) : NULL;
}

static void test_arena(void **state)
{
    (void)state;
    struct arena a = {0};
    srand(3);
    for (int i = 0; i < 2000; i++) {
        size_t size = (size_t)rand() % (i % 100 == 0 ? 200000 : 300);
        char *memory = arena_alloc(&a, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(memory[j], 0);
        memset(memory, 0xAA, size);
    }
    assert_string_equal(arena_text(&a, "KENYA", 2), "KE");
    assert_string_equal(arena_format(&a, "%s/%d", "2001:db8::", 32), "2001:db8::/32");
    assert_true(a.total > 0);
    assert_null(arena_alloc(&a, SIZE_MAX));
    arena_done(&a);
    assert_int_equal(a.total, 0);
    arena_done(&a);
}

static void test_array(void **state)
{
    (void)state;
    ARRAY(int) numbers = {0};
    for (int i = 0; i < 10000; i++) {
        int *at = ARRAY_ADD(&numbers);
        assert_non_null(at);
        assert_int_equal(*at, 0);
        *at = i;
    }
    for (int i = 0; i < 10000; i++)
        assert_int_equal(numbers.at[i], i);
    int *before = numbers.at;
    assert_false(ARRAY_RESERVE(&numbers, SIZE_MAX / 2));
    assert_ptr_equal(numbers.at, before);
    free(numbers.at);
}

static void test_buffer(void **state)
{
    (void)state;
    struct buffer b = {.limit = 10};
    buffer_text(&b, "2001:");
    buffer_format(&b, "%s", "db8::");
    assert_false(b.failed);
    assert_string_equal(b.at, "2001:db8::");
    buffer_add(&b, NULL, 0);
    assert_false(b.failed);
    buffer_char(&b, '/');
    assert_true(b.failed);
    buffer_text(&b, "");
    assert_string_equal(b.at, "2001:db8::");
    assert_int_equal(b.length, 10);
    buffer_done(&b);
    assert_int_equal(b.limit, 10);
    assert_false(b.failed);
    buffer_done(&b);
}

// A table filled while the n-th allocation fails says so, for every n.
static void test_table_without_memory(void **state)
{
    (void)state;
    for (long n = 0; n < 40; n++) {
        struct table *t = NULL;
        allocations_left = n;
        int code = table_new("pace", &t);
        if (code == 0) {
            table_title(t, "%s", "Pace");
            size_t c = table_column(t, &(struct column){"period", "Period", COLUMN_TEXT, "", ""});
            table_set_text(t, table_row(t), c, "2024");
            table_note(t, "%s", "A note.");
            table_basis_parameter(t, "by", "world");
            table_basis_input(t, "00", "file", "label");
        }
        bool ran_out = allocations_left == 0;
        allocations_left = -1;
        if (code == 0)
            assert_true(t->failed || !ran_out || t->basis.input_count == 1);
        else
            assert_null(t);
        if (code == 0 && !t->failed)
            assert_string_equal(table_cell(t, 0, 0)->text, "2024");
        table_free(&t);
        assert_null(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_array),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_table_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
