// SPDX-License-Identifier: Apache-2.0

#include "base/process.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void process_end(int status)
{
    _exit(status);
}

void process_keep_only(const int *fds, size_t count)
{
    for (unsigned from = 3, next; from != 0; from = next + 1) {
        next = ~0U;
        for (size_t i = 0; i < count; i++)
            if (fds[i] >= (int)from && (unsigned)fds[i] < next)
                next = (unsigned)fds[i];
        if (next > from)
            close_range(from, next == ~0U ? next : next - 1, 0);
    }
}

pid_t process_clone(uint64_t flags, int *ret_pidfd)
{
    int pidfd = -1;
    struct clone_args args = {.flags = flags | CLONE_PIDFD,
                              .pidfd = (uint64_t)(uintptr_t)&pidfd,
                              .exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid > 0)
        *ret_pidfd = pidfd;
    return pid;
}

int process_fork(uint64_t flags, pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
    pid_t parent = getpid();
    int pidfd = -1;
    pid_t pid = process_clone(flags, &pidfd);
    if (pid < 0)
        return err_system(e, "cannot start a process");
    if (pid == 0) {
        // In another process namespace the parent has no number.
        bool lives = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
        if (!lives || (getppid() != parent && getppid() != 0))
            process_end(127);
    } else {
        *ret_pidfd = pidfd;
    }
    *ret_pid = pid;
    return 0;
}

int process_detach(uint64_t flags, pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
    pid_t pid = process_clone(flags, ret_pidfd);
    if (pid < 0)
        return err_system(e, "cannot start a process");
    *ret_pid = pid;
    if (pid > 0)
        return 0;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
        process_end(127);
    return 0;
}

// ---- programs

// Who writes without end is told that the file is too large.
static void bound_files(size_t max)
{
    const struct rlimit most = {max, max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &most);
}

void process_become(const struct process_program *p, int out)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    sigset_t none;
    sigemptyset(&none);
    for (int n = 1; n < NSIG; n++)
        sigaction(n, &normal, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (p->file_max)
        bound_files(p->file_max);
    int null = open("/dev/null", O_RDONLY);
    if (setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        process_end(127);
    process_keep_only(NULL, 0);
    execvp(p->path, (char *const *)p->run);
    dprintf(2, "%s: %s\n", p->run[0], strerror(errno));
    process_end(errno == ENOENT ? 127 : 126);
}

// What is there to read now. False: no more will come.
static bool drain(int fd, struct buffer *out)
{
    char chunk[4096];
    ssize_t n = 1;
    for (int i = 0; i < 64 && n > 0; i++)
        if ((n = read(fd, chunk, sizeof chunk)) > 0)
            buffer_add(out, chunk, (size_t)n);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

// Until the program has ended: others may keep its output open. False: the time is over.
static bool await_program(int pidfd, int output, int64_t until, struct buffer *out)
{
    struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN}, {.fd = output, .events = POLLIN}};
    while (!fds[0].revents) {
        int64_t left = until - clock_microseconds();
        if (left <= 0)
            return false;
        int ms = left > 60000000 ? 60000 : (int)(left / 1000) + 1;
        if (poll(fds, 2, ms) > 0 && fds[1].revents && !drain(output, out))
            fds[1].fd = -1;
    }
    if (fds[1].fd >= 0)
        drain(output, out);
    return true;
}

int process_run(const struct process_program *p, int64_t until, struct buffer *out, int *ret_status,
                struct err *e)
{
    int pipes[2], pidfd = -1;
    pid_t pid;
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return err_system(e, "cannot start %s", p->run[0]);
    fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0)
        process_become(p, pipes[1]);
    close(pipes[1]);
    if (code == 0 && !await_program(pidfd, pipes[0], until, out)) {
        kill(-pid, SIGKILL);
        process_kill(pidfd, SIGKILL);
        code = err_set(e, ERR_LATE, "%s is not done in time", p->run[0]);
    }
    close(pipes[0]);
    if (pidfd >= 0) {
        *ret_status = process_reap(pidfd, true);
        close(pidfd);
    }
    return code;
}

int process_reap(int pidfd, bool wait)
{
    siginfo_t info = {0};
    int code;
    do
        code = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL | (wait ? 0 : WNOHANG));
    while (code != 0 && errno == EINTR);
    if (code != 0 || info.si_pid == 0)
        return code != 0 ? 127 : -1;
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

void process_kill(int pidfd, int signal)
{
    pidfd_send_signal(pidfd, signal, NULL, 0);
}

bool process_has_program(const char *name)
{
    const char *path = getenv("PATH");
    struct slice rest = slice_of(path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
    while (rest.at) {
        char full[FILE_PATH_MAX];
        struct stat st;
        struct slice folder = slice_cut(&rest, ':');
        int n = snprintf(full, sizeof full, "%.*s/%s", SLICE_ARG(folder), name);
        if (n < (int)sizeof full && access(full, X_OK) == 0 && stat(full, &st) == 0 &&
            S_ISREG(st.st_mode))
            return true;
    }
    return false;
}
