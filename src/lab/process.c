// SPDX-License-Identifier: Apache-2.0

#include "lab/process.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "lab/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

// A child of this thread, told apart by the flags of clone3(2).
static pid_t fork_with(uint64_t flags, int *ret_pidfd)
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
    pid_t pid = fork_with(flags, &pidfd);
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
    pid_t pid = fork_with(flags, ret_pidfd);
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

void process_leave_keys(void)
{
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

// All at once: who has entered the user namespace has no rights to what was made outside it.
static int enter(pid_t init, int kinds, bool user, struct err *e)
{
    int pidfd = pidfd_open(init, 0);
    if (pidfd < 0)
        return err_system(e, "the node is gone");
    // Until it becomes another program it is this one, with what it has open: not the node's to
    // see.
    bool ok =
        prctl(PR_SET_DUMPABLE, 0) == 0 && setns(pidfd, kinds | (user ? CLONE_NEWUSER : 0)) == 0;
    int saved = errno;
    close(pidfd);
    errno = saved;
    return ok ? 0 : err_system(e, "cannot enter the node");
}

int process_enter(pid_t init, bool user, struct err *e)
{
    return enter(init, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID,
                 user, e);
}

int process_enter_network(pid_t init, bool user, struct err *e)
{
    return enter(init, CLONE_NEWNET, user, e);
}

static bool write_map(pid_t pid, const char *file, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return ok;
}

int process_map_users(pid_t pid, bool all, unsigned uid, unsigned gid, struct err *e)
{
    char map[64];
    snprintf(map, sizeof map, "0 %u %u\n", all ? 0 : uid, all ? 4294967295u : 1u);
    bool ok = write_map(pid, "uid_map", map) && (all || write_map(pid, "setgroups", "deny"));
    if (!all)
        snprintf(map, sizeof map, "0 %u 1\n", gid);
    return ok && write_map(pid, "gid_map", map) ? 0 : err_system(e, "cannot map users");
}

// ---- programs

// Its output lies on the machine's disk: who writes without end is told that the file is too large.
static void bound_files(void)
{
    const struct rlimit most = {PROCESS_FILE_MAX, PROCESS_FILE_MAX};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &most);
}

// Daemons start ten times as fast without the libraries of all the rest.
static const char *program_of(const char *const *run)
{
    if (strcmp(run[0], "sextant") != 0)
        return run[0];
    return run[1] && strcmp(run[1], "run") == 0 ? NODE_DAEMONS : NODE_PROGRAM;
}

static _Noreturn void become(const struct process_start *s)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    sigset_t none;
    sigemptyset(&none);
    for (int n = 1; n < NSIG; n++)
        sigaction(n, &normal, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    bound_files();
    int null = open("/dev/null", O_RDONLY);
    if (setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(s->out, 1) < 0 || dup2(s->out, 2) < 0)
        process_end(127);
    process_keep_only(NULL, 0);
    execvp(program_of(s->run), (char *const *)s->run);
    dprintf(2, "%s: %s\n", s->run[0], strerror(errno));
    process_end(errno == ENOENT ? 127 : 126);
}

// Runs between: enters the node and leaves behind a sibling in it. Its exit status is an errno.
static _Noreturn void enter_and_fork(const struct process_start *s, int report)
{
    int pidfd = -1;
    if (s->prepare)
        s->prepare(s->arg);
    if (process_enter(s->init, s->user, NULL) != 0)
        process_end(errno ? errno : EPERM);
    if (!mounts_enter_folder())
        process_end(errno);
    pid_t pid = fork_with(CLONE_PARENT, &pidfd);
    if (pid < 0)
        process_end(errno);
    if (pid == 0 && s->settle)
        s->settle(s->arg);
    if (pid == 0)
        become(s);
    process_end(write(report, &pid, sizeof pid) == (ssize_t)sizeof pid ? 0 : EPIPE);
}

int process_spawn(const struct process_start *s, pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
    int report[2], pidfd = -1, status = 0;
    pid_t middle, pid = -1;
    if (pipe2(report, O_CLOEXEC) != 0)
        return err_system(e, "cannot start %s", s->run[0]);
    int code = process_fork(0, &middle, &pidfd, e);
    if (code == 0 && middle == 0)
        enter_and_fork(s, report[1]);
    close(report[1]);
    if (code == 0) {
        if (read(report[0], &pid, sizeof pid) != (ssize_t)sizeof pid)
            pid = -1;
        status = process_reap(pidfd, true);
        close(pidfd);
    }
    close(report[0]);
    if (code == 0 && pid < 0) {
        errno = status;
        return err_system(e, "cannot start %s", s->run[0]);
    }
    if (code)
        return code;
    *ret_pid = pid;
    *ret_pidfd = pidfd_open(pid, 0);
    return *ret_pidfd >= 0 ? 0 : err_system(e, "cannot watch %s", s->run[0]);
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

int process_run(const char *const *run, int64_t until, struct buffer *out, int *ret_status,
                struct err *e)
{
    int pipes[2], pidfd = -1;
    pid_t pid;
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return err_system(e, "cannot start %s", run[0]);
    fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    const struct process_start start = {.run = run, .out = pipes[1]};
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0)
        become(&start);
    close(pipes[1]);
    if (code == 0 && !await_program(pidfd, pipes[0], until, out)) {
        kill(-pid, SIGKILL);
        process_kill(pidfd, SIGKILL);
        code = err_set(e, ERR_STOPPED, "%s is not done in time", run[0]);
    }
    close(pipes[0]);
    if (pidfd >= 0) {
        *ret_status = process_reap(pidfd, true);
        close(pidfd);
    }
    return code;
}

union descriptor_message {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

bool process_send_descriptor(int socket, int fd)
{
    union descriptor_message message = {0};
    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr m = {.msg_iov = &data,
                       .msg_iovlen = 1,
                       .msg_control = message.room,
                       .msg_controllen = sizeof message.room};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    return sendmsg(socket, &m, MSG_NOSIGNAL) == 1;
}

int process_receive_descriptor(int socket)
{
    union descriptor_message message = {0};
    char byte;
    int fd = -1;
    struct iovec data = {&byte, 1};
    struct msghdr m = {.msg_iov = &data,
                       .msg_iovlen = 1,
                       .msg_control = message.room,
                       .msg_controllen = sizeof message.room};
    ssize_t n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
    if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
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
