// SPDX-License-Identifier: Apache-2.0
//
// Programs are run to their end or to a deadline, and nothing of them is left then.

#include "base/clock.h"
#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000000)

// By a shell, up to a time from now.
static int run_shell(const char *script, size_t file_max, int64_t within, struct buffer *out,
                     int *ret_status, struct err *e)
{
    const char *const run[] = {"sh", "-c", script, NULL};
    const struct process_program p = {.path = "sh", .run = run, .file_max = file_max};
    return process_run(&p, clock_microseconds() + within, out, ret_status, e);
}

static void expect(const char *script, int wanted_status, const char *wanted_output)
{
    struct buffer out = {0};
    struct err e = {0};
    int status = -1;
    assert_int_equal(run_shell(script, 0, MINUTE, &out, &status, &e), 0);
    assert_int_equal(status, wanted_status);
    assert_string_equal(out.at ? out.at : "", wanted_output);
    buffer_done(&out);
}

static void test_end(void **state)
{
    (void)state;
    expect("echo one; echo two >&2", 0, "one\ntwo\n");
    expect("exit 7", 7, "");
    expect("kill -TERM $$", 128 + SIGTERM, "");
    expect("cat; echo nothing to read", 0, "nothing to read\n");
}

// It has no descriptor of ours, and no signal that is ignored here.
static void test_what_is_inherited(void **state)
{
    (void)state;
    char script[128];
    int open_here[2];
    assert_int_equal(pipe(open_here), 0);
    signal(SIGUSR1, SIG_IGN);
    snprintf(script, sizeof script,
             "for fd in %d %d; do [ -e /proc/self/fd/$fd ] && echo $fd; done; kill -USR1 $$",
             open_here[0], open_here[1]);
    expect(script, 128 + SIGUSR1, "");
    signal(SIGUSR1, SIG_DFL);
    close(open_here[0]);
    close(open_here[1]);
}

static void test_no_such_program(void **state)
{
    (void)state;
    const char *const run[] = {"no-such-program", NULL};
    const struct process_program p = {.path = run[0], .run = run};
    struct buffer out = {0};
    int status = -1;
    assert_int_equal(process_run(&p, clock_microseconds() + MINUTE, &out, &status, NULL), 0);
    assert_int_equal(status, 127);
    assert_string_equal(out.at, "no-such-program: No such file or directory\n");
    buffer_done(&out);
    assert_false(process_has_program(run[0]));
    assert_true(process_has_program("sh"));
}

static void test_file_max(void **state)
{
    (void)state;
    struct buffer out = {0};
    int status = -1;
    char path[] = "test-process-XXXXXX", script[80];
    struct stat st;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    snprintf(script, sizeof script, "head -c 100000 /dev/zero >%s", path);
    assert_int_equal(run_shell(script, 4096, MINUTE, &out, &status, NULL), 0);
    assert_true(status != 0 && status < 128);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 4096);
    buffer_done(&out);
    close(fd);
    unlink(path);
}

// What stays behind keeps the output open.
static void test_background(void **state)
{
    (void)state;
    struct buffer out = {0};
    int status = -1;
    assert_int_equal(run_shell("sleep 1000 & echo $!", 0, MINUTE, &out, &status, NULL), 0);
    assert_int_equal(status, 0);
    long behind = strtol(out.at, NULL, 10);
    assert_true(behind > 1);
    assert_int_equal(kill((pid_t)behind, SIGKILL), 0);
    buffer_done(&out);
}

// A child of the program holds the pipe's other end as long as it lives. On a slow machine it does
// not come so far at once.
static void test_deadline(void **state)
{
    (void)state;
    char folder[] = "test-process-XXXXXX", path[64], script[160];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pipe", folder);
    snprintf(script, sizeof script, "(exec 3>%s; echo said; exec sleep 1000) & wait", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    struct pollfd held = {.fd = open(path, O_RDONLY | O_NONBLOCK), .events = POLLIN};
    struct buffer out = {0};
    for (int64_t within = 100000; !out.length; within *= 2) {
        struct err e = {0};
        int status = -1;
        assert_int_equal(run_shell(script, 0, within, &out, &status, &e), ERR_LATE);
        assert_string_equal(e.text, "sh is not done in time");
        assert_int_equal(status, 128 + SIGKILL);
    }
    assert_string_equal(out.at, "said\n");
    assert_int_equal(poll(&held, 1, 60000), 1);
    assert_int_equal(held.revents, POLLHUP);
    buffer_done(&out);
    close(held.fd);
    unlink(path);
    rmdir(folder);
}

static void test_fork(void **state)
{
    (void)state;
    pid_t pid;
    int pidfd = -1;
    assert_int_equal(process_fork(0, &pid, &pidfd, NULL), 0);
    if (pid == 0) {
        pause();
        process_end(0);
    }
    assert_int_equal(process_reap(pidfd, false), -1);
    process_kill(pidfd, SIGTERM);
    assert_int_equal(process_reap(pidfd, true), 128 + SIGTERM);
    close(pidfd);
}

static void test_keep_only(void **state)
{
    (void)state;
    pid_t pid;
    int pidfd = -1, pipes[4];
    assert_true(pipe(pipes) == 0 && pipe(pipes + 2) == 0);
    assert_int_equal(process_fork(0, &pid, &pidfd, NULL), 0);
    if (pid == 0) {
        int kept[] = {pipes[3], -1, pipes[1]}, open_ones = 0;
        process_keep_only(kept, 3);
        for (int fd = 3; fd < 1000; fd++)
            open_ones += fcntl(fd, F_GETFD) >= 0;
        process_end(open_ones == 2 && fcntl(pipes[1], F_GETFD) >= 0 && fcntl(pipes[3], F_GETFD) >= 0
                        ? 0
                        : 1);
    }
    assert_int_equal(process_reap(pidfd, true), 0);
    close(pidfd);
    for (size_t i = 0; i < 4; i++)
        close(pipes[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_what_is_inherited),
        cmocka_unit_test(test_no_such_program),
        cmocka_unit_test(test_file_max),
        cmocka_unit_test(test_background),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_keep_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
