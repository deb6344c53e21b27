// SPDX-License-Identifier: Apache-2.0
//
// Each code has a text and an exit status; sentences are cut, never overrun.

#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_codes(void **state)
{
    (void)state;
    for (int code = ERR_NONE; code >= ERR_LATE; code--) {
        assert_non_null(err_name(code));
        for (int other = ERR_NONE; other > code; other--)
            assert_string_not_equal(err_name(code), err_name(other));
    }
    assert_null(err_name(ERR_LATE - 1));
    assert_null(err_name(1));
    assert_int_equal(err_exit_status(ERR_NONE), 0);
    assert_int_equal(err_exit_status(ERR_USAGE), 2);
    assert_int_equal(err_exit_status(ERR_INPUT), 3);
    assert_int_equal(err_exit_status(ERR_LIMIT), 3);
    assert_int_equal(err_exit_status(ERR_STORE), 3);
    assert_int_equal(err_exit_status(ERR_SYSTEM), 4);
    assert_int_equal(err_exit_status(ERR_NETWORK), 4);
    assert_int_equal(err_exit_status(ERR_MEMORY), 4);
    assert_int_equal(err_exit_status(-1000), 4);
}

static void test_sentences(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, ERR_INPUT, "prefix length %d", 130), ERR_INPUT);
    assert_int_equal(e.code, ERR_INPUT);
    assert_string_equal(e.text, "prefix length 130");
    assert_int_equal(err_prefix(&e, "%s:%d", "file", 7), ERR_INPUT);
    assert_string_equal(e.text, "file:7: prefix length 130");
    errno = ENOENT;
    assert_int_equal(err_system(&e, "%s", "x"), ERR_SYSTEM);
    assert_string_equal(e.text, "x: No such file or directory");
    assert_int_equal(err_memory(&e), ERR_MEMORY);
    assert_int_equal(err_set(NULL, ERR_LIMIT, "x"), ERR_LIMIT);
    assert_int_equal(err_memory(NULL), ERR_MEMORY);
}

static void test_long_sentences(void **state)
{
    (void)state;
    char text[3 * ERR_TEXT_MAX];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct err e = {0};
    err_set(&e, ERR_INPUT, "%s", text);
    assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
    assert_string_equal(e.text + ERR_TEXT_MAX - 4, "...");
    err_prefix(&e, "%s", text);
    assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
    assert_string_equal(e.text + ERR_TEXT_MAX - 4, "...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_long_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
