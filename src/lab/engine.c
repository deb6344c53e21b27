// SPDX-License-Identifier: Apache-2.0

#include "lab/engine.h"

#include "base/process.h"
#include "lab/keeper.h"
#include "lab/node.h"
#include "lab/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <unistd.h>

struct birth {
    struct keeper_start start;
    int go[2], report[2];
    pid_t pid;
    int pidfd;
};

static int fork_keeper(struct birth *b, struct err *e)
{
    char byte;
    bool root = geteuid() == 0;
    b->start.run.user = true;
    b->start.all_users = root;
    snprintf(b->start.run.mode, sizeof b->start.run.mode,
             root ? "as root, shut in a user namespace"
                  : "as an ordinary user, in a user namespace");
    int code = process_detach(CLONE_NEWUSER, &b->pid, &b->pidfd, e);
    if (code && root) {
        snprintf(b->start.run.mode, sizeof b->start.run.mode,
                 "as root, without a user namespace: %s", strerror(errno));
        b->start.run.user = false;
        code = process_detach(0, &b->pid, &b->pidfd, e);
    } else if (code) {
        return err_set(e, ERR_SYSTEM,
                       "user namespaces are not allowed here (%s); as root it works without them",
                       strerror(errno));
    }
    if (code == 0 && b->pid == 0) {
        close(b->go[1]);
        close(b->report[0]);
        if (read(b->go[0], &byte, 1) != 1)
            process_end(1);
        close(b->go[0]);
        b->start.report = b->report[1];
        keeper_main(&b->start);
    }
    return code;
}

static int find_programs(struct node_programs *p, struct err *e)
{
    char *own = p->shown[NODE_PROGRAM_WHOLE];
    ssize_t n = readlink("/proc/self/exe", own, FILE_PATH_MAX - 1);
    own[n > 0 ? n : 0] = '\0';
    if (n <= 0)
        return err_system(e, "/proc does not say where this program is");
    int code = file_find_program("lab-node", p->rest, e);
    return code ? code : file_find_program("sextant-run", p->shown[NODE_PROGRAM_DAEMONS], e);
}

// Daemons that become other users, or open devices, cannot do so for everybody.
static const char *advice(const char *what)
{
    bool denied = strstr(what, "Operation not permitted") || strstr(what, "Permission denied");
    return geteuid() != 0 && denied ? "; as root it may work" : "";
}

static int await_keeper(struct birth *b, struct err *e)
{
    struct node_report r = {0};
    // Root keeps its numbers, so that daemons may become other users; anybody else is root inside.
    int code =
        b->start.run.user ? process_map_users(b->pid, geteuid() == 0, geteuid(), getegid(), e) : 0;
    if (code == 0 && write(b->go[1], "", 1) != 1)
        code = err_system(e, "the keeper has ended");
    if (code)
        return code;
    close(b->report[1]);
    b->report[1] = -1;
    ssize_t n;
    while ((n = read(b->report[0], &r, sizeof r)) < 0 && errno == EINTR)
        continue;
    if (n != (ssize_t)sizeof r)
        return err_set(e, ERR_SYSTEM, "%s: the keeper has ended", b->start.run.name);
    r.text[sizeof r.text - 1] = '\0';
    return r.code ? err_set(e, r.code, "%s%s", r.text, advice(r.text)) : 0;
}

static void close_all(struct birth *b)
{
    const int fds[] = {b->go[0], b->go[1],      b->report[0],    b->report[1],
                       b->pidfd, b->start.lock, b->start.starter};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

int engine_up(const struct lab *lab, const char *name, const char *const *ways, const char *chosen,
              enum engine_tie tie, struct err *e)
{
    struct birth b = {.start = {.lab = lab, .ways = ways, .lock = -1, .starter = -1},
                      .go = {-1, -1},
                      .report = {-1, -1},
                      .pidfd = -1};
    struct run *run = &b.start.run;
    if (strlen(chosen) >= sizeof run->ways)
        return err_set(e, ERR_USAGE, "--way: too many are chosen");
    int code = run_claim(name, run->folder, &b.start.lock, e);
    if (code)
        return code;
    snprintf(run->name, sizeof run->name, "%s", name);
    snprintf(run->ways, sizeof run->ways, "%s", chosen);
    snprintf(run->lab, sizeof run->lab, "%s", lab->real);
    if (pipe2(b.go, O_CLOEXEC) != 0 || pipe2(b.report, O_CLOEXEC) != 0)
        code = err_system(e, "cannot start the keeper");
    if (code == 0)
        code = find_programs(&b.start.programs, e);
    if (code == 0 && tie == ENGINE_TIED && (b.start.starter = pidfd_open(getpid(), 0)) < 0)
        code = err_system(e, "cannot start the keeper");
    if (code == 0)
        code = fork_keeper(&b, e);
    if (code == 0)
        code = await_keeper(&b, e);
    if (code && b.pidfd >= 0) {
        process_kill(b.pidfd, SIGKILL);
        process_reap(b.pidfd, true);
    }
    if (code)
        run_remove(run->folder);
    close_all(&b);
    return code;
}

// ---- down

#define DOWN_MS 10000 // a thousand nodes take a fifth of it

int engine_down(const char *name, struct err *e)
{
    struct run *r = NULL;
    int code = run_open(name, &r, e);
    if (code)
        return code;
    int pidfd = pidfd_open(r->keeper, 0);
    struct pollfd fd = {.fd = pidfd, .events = POLLIN};
    if (pidfd >= 0) {
        process_kill(pidfd, SIGTERM);
        if (poll(&fd, 1, DOWN_MS) == 0) {
            process_kill(pidfd, SIGKILL);
            poll(&fd, 1, DOWN_MS);
        }
        process_reap(pidfd, false);
        close(pidfd);
    }
    run_remove(r->folder);
    run_free(&r);
    return 0;
}
