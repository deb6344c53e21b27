// SPDX-License-Identifier: Apache-2.0

#include "lab/inside.h"

#include "base/process.h"
#include "lab/mounts.h"
#include "lab/node.h"
#include "lab/process.h"
#include "lab/quota.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void work(const struct run *run, size_t node, const struct lab_node *limits,
                           inside_fn *fn, void *arg, int out)
{
    struct err e = {0};
    struct node_report r = {0};
    process_leave_keys();
    if (limits)
        quota_join(run->name, limits, 0);
    r.code = process_enter(run->nodes[node].init, run->user, &e);
    if (r.code == 0)
        r.code = fn(arg, &e);
    if (r.code)
        snprintf(r.text, sizeof r.text, "%s", e.text);
    process_end(write(out, &r, sizeof r) == (ssize_t)sizeof r ? 0 : 1);
}

int inside_run(const struct run *run, size_t node, const struct lab_node *limits, inside_fn *fn,
               void *arg, struct err *e)
{
    int pipes[2], pidfd;
    pid_t pid;
    struct node_report r = {0};
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return err_system(e, "cannot enter %s", run->nodes[node].name);
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0)
        work(run, node, limits, fn, arg, pipes[1]);
    close(pipes[1]);
    if (code == 0) {
        ssize_t n;
        while ((n = read(pipes[0], &r, sizeof r)) < 0 && errno == EINTR)
            continue;
        process_reap(pidfd, true);
        close(pidfd);
        r.text[sizeof r.text - 1] = '\0';
        if (n != (ssize_t)sizeof r)
            code = err_set(e, ERR_SYSTEM, "%s: the work inside has ended early",
                           run->nodes[node].name);
        else if (r.code)
            code = err_set(e, r.code, "%s", r.text);
    }
    close(pipes[0]);
    return code;
}

#define OTHER_IOCTL 54          // of the machine's 32-bit calls
#define X32_CALLS   0x40000000u // and from here on those of x32
#define REQUEST                                                                                    \
    (offsetof(struct seccomp_data, args[1]) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))

// What is put into the terminal as if it were typed (TIOCSTI, and on a console TIOCLINUX) the
// machine's shell would do once the node is left.
static bool shield_terminal(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OTHER_IOCTL, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, REQUEST),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog filter = {sizeof steps / sizeof *steps, steps};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 || errno == EINVAL;
}

static _Noreturn void become(const struct run *run, size_t node, const char *const *program)
{
    struct err e = {0};
    pid_t pid;
    int pidfd;
    process_leave_keys();
    if (process_enter(run->nodes[node].init, run->user, &e) != 0 || !mounts_enter_folder()) {
        dprintf(2, "sextant: %s\n", e.text);
        process_end(4);
    }
    // Only a child is in the node's process namespace.
    if (process_fork(0, &pid, &pidfd, &e) != 0)
        process_end(4);
    if (pid > 0) {
        signal(SIGINT, SIG_IGN);
        signal(SIGQUIT, SIG_IGN);
        process_end(process_reap(pidfd, true));
    }
    process_keep_only(NULL, 0);
    if (!shield_terminal()) {
        dprintf(2, "sextant: cannot shield the terminal: %s\n", strerror(errno));
        process_end(4);
    }
    execvp(program[0], (char *const *)(uintptr_t)program);
    dprintf(2, "sextant: %s: %s\n", program[0], strerror(errno));
    process_end(errno == ENOENT ? 127 : 126);
}

int inside_program(const struct run *run, size_t node, const char *const *program, int *ret_status,
                   struct err *e)
{
    int pidfd;
    pid_t pid;
    // The keys that end a program are for it, not for us.
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0)
        become(run, node, program);
    if (code)
        return code;
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    *ret_status = process_reap(pidfd, true);
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    close(pidfd);
    return 0;
}
