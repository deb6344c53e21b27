// SPDX-License-Identifier: Apache-2.0
//
// Files are published whole or not at all, and read up to a limit.

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "test-file-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink("out.csv");
    return chdir("..") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static size_t files_here(void)
{
    size_t count = 0;
    DIR *d = opendir(".");
    while (readdir(d))
        count++;
    closedir(d);
    return count - 2;
}

static void test_publish(void **state)
{
    (void)state;
    struct err e = {0};
    struct buffer b = {0};
    struct stat st;
    umask(027);
    assert_int_equal(file_publish("out.csv", "first", 5, &e), 0);
    assert_int_equal(file_publish("out.csv", "second", 6, &e), 0);
    assert_int_equal(stat("out.csv", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(file_read("out.csv", 6, &b, &e), 0);
    assert_string_equal(b.at, "second");
    assert_int_equal(files_here(), 1);
    buffer_done(&b);
}

static void test_publish_fails(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(file_publish("no/such/folder", "x", 1, &e), ERR_SYSTEM);
    assert_non_null(strstr(e.text, "no/such/folder"));
    assert_int_equal(mkdir("taken", 0700), 0);
    assert_int_equal(file_publish("taken", "x", 1, &e), ERR_SYSTEM);
    assert_int_equal(rmdir("taken"), 0);
    assert_int_equal(files_here(), 1);
}

// A device or a pipe must not be replaced by a file.
static void test_publish_into_a_pipe(void **state)
{
    (void)state;
    struct err e = {0};
    struct stat st;
    char got[8] = "";
    assert_int_equal(mkfifo("pipe", 0600), 0);
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_int_equal(file_publish("pipe", "bytes", 5, &e), 0);
    assert_int_equal(read(reader, got, sizeof got - 1), 5);
    assert_string_equal(got, "bytes");
    assert_int_equal(stat("pipe", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    close(reader);
    assert_int_equal(unlink("pipe"), 0);
}

static void test_read(void **state)
{
    (void)state;
    struct err e = {0};
    struct buffer b = {0};
    assert_int_equal(file_read("out.csv", 5, &b, &e), ERR_LIMIT);
    buffer_done(&b);
    assert_int_equal(file_read("missing", 5, &b, &e), ERR_SYSTEM);
    assert_int_equal(file_read(".", 5, &b, &e), ERR_SYSTEM);
    buffer_done(&b);
}

static void test_find_data(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX] = "untouched";
    struct err e = {0};
    setenv("SEXTANT_DATA", ".", 1);
    assert_int_equal(file_find_data("missing.csv", path, &e), ERR_NOT_FOUND);
    assert_string_equal(path, "untouched");
    assert_non_null(strstr(e.text, "missing.csv"));
    assert_int_equal(file_find_data("out.csv", path, &e), 0);
    assert_string_equal(path, "./out.csv");
    unsetenv("SEXTANT_DATA");
}

static void test_find_program(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX] = "untouched";
    struct err e = {0};
    assert_int_equal(file_find_program("missing", path, &e), ERR_NOT_FOUND);
    assert_string_equal(path, "untouched");
    assert_non_null(strstr(e.text, "program missing not found"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_publish),
        cmocka_unit_test(test_publish_fails),
        cmocka_unit_test(test_publish_into_a_pipe),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_find_data),
        cmocka_unit_test(test_find_program),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
