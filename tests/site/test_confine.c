// SPDX-License-Identifier: Apache-2.0
//
// What a confined process can still do, and what ends it. Each case is a process of its own.

#include "site/confine.h"

#include "lab/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ABSENT 77 // the kernel or the build has no such confinement

// The wait status of a process that is confined and then does one thing.
static int run_confined(const char *wanted, int (*act)(void))
{
    pid_t child = fork();
    if (child == 0) {
        struct buffer said = {0};
        char yes[32];
        prctl(PR_SET_DUMPABLE, 0);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        confine("/nowhere/archive", "root", &said);
        snprintf(yes, sizeof yes, "%s yes", wanted);
        _exit(!said.at || !strstr(said.at, yes) ? ABSENT : act());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void expect_done(const char *wanted, int (*act)(void))
{
    int status = run_confined(wanted, act);
    if (WIFEXITED(status) && WEXITSTATUS(status) == ABSENT)
        skip();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void expect_killed(int (*act)(void))
{
    int status = run_confined("seccomp", act);
    if (WIFEXITED(status) && WEXITSTATUS(status) == ABSENT)
        skip();
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static int run_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return 1;
}

static int open_connection(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int trace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static void test_what_ends_it(void **state)
{
    (void)state;
    expect_killed(run_program);
    expect_killed(open_connection);
    expect_killed(trace);
}

static int start_process(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child >= 0;
}

static int make_executable(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return 2;
    return mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0 || errno != EPERM;
}

static int rename_file(void)
{
    return rename("/nowhere/a", "/nowhere/b") == 0 || errno != EPERM;
}

static void test_what_fails(void **state)
{
    (void)state;
    expect_done("seccomp", start_process);
    expect_done("seccomp", make_executable);
    expect_done("seccomp", rename_file);
}

static int read_elsewhere(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES;
}

static void test_files_elsewhere(void **state)
{
    (void)state;
    expect_done("Landlock", read_elsewhere);
}

// As when the site is told to read everything anew.
static int read_lessons(void)
{
    struct catalogue *c = NULL;
    int code = catalogue_load(&c, NULL);
    catalogue_free(&c);
    return code == 0 ? 0 : 2;
}

static void test_lessons_are_read(void **state)
{
    (void)state;
    expect_done("Landlock", read_lessons);
    expect_done("seccomp", read_lessons);
}

static void *touch(void *arg)
{
    char *text = malloc(1 << 22); // of its own mapping
    if (text)
        memset(text, 1, 1 << 22);
    free(text);
    return arg;
}

static int go_on(void)
{
    pthread_t thread;
    char mark;
    void *got = NULL;
    if (pthread_create(&thread, NULL, touch, &mark) != 0 || pthread_join(thread, &got) != 0)
        return 2;
    return got == &mark ? 0 : 3;
}

static void test_threads_and_memory_go_on(void **state)
{
    (void)state;
    expect_done("seccomp", go_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_ends_it),
        cmocka_unit_test(test_what_fails),
        cmocka_unit_test(test_files_elsewhere),
        cmocka_unit_test(test_lessons_are_read),
        cmocka_unit_test(test_threads_and_memory_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
