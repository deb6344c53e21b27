// SPDX-License-Identifier: Apache-2.0

#include "lab/process.h"

#include "base/process.h"
#include "lab/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

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

// Daemons start ten times as fast without the libraries of all the rest. What a program writes lies
// on the machine's disk.
static struct process_program program_of(const char *const *run)
{
    const char *path = run[0];
    if (strcmp(run[0], "sextant") == 0)
        path = run[1] && strcmp(run[1], "run") == 0 ? NODE_DAEMONS : NODE_PROGRAM;
    return (struct process_program){path, run, PROCESS_FILE_MAX};
}

int process_run_in_node(const char *const *run, int64_t until, struct buffer *out, int *ret_status,
                        struct err *e)
{
    const struct process_program program = program_of(run);
    return process_run(&program, until, out, ret_status, e);
}

// Runs between: enters the node and leaves behind a sibling in it. Its exit status is an errno.
static _Noreturn void enter_and_fork(const struct process_start *s, int report)
{
    int pidfd = -1;
    const struct process_program program = program_of(s->run);
    if (s->prepare)
        s->prepare(s->arg);
    if (process_enter(s->init, s->user, NULL) != 0)
        process_end(errno ? errno : EPERM);
    if (!mounts_enter_folder())
        process_end(errno);
    pid_t pid = process_clone(CLONE_PARENT, &pidfd);
    if (pid < 0)
        process_end(errno);
    if (pid == 0 && s->settle)
        s->settle(s->arg);
    if (pid == 0)
        process_become(&program, s->out);
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
