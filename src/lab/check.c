// SPDX-License-Identifier: Apache-2.0

#include "lab/check.h"

#include "base/clock.h"
#include "base/process.h"
#include "lab/capture.h"
#include "lab/probes.h"
#include "lab/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGAIN_US   10000 // between two tries
#define SETTLES_US 60000 // for packets that are still under way when the probe has its answer

pid_t check_init(const struct check_site *site, size_t node)
{
    return site->run->nodes[node].init;
}

// ---- one try

static bool try_once(const struct check_site *site, const struct lab_probe *p, int64_t until,
                     struct buffer *said)
{
    if (p->ping)
        return probe_ping(p->ping, until, said);
    if (p->tcp)
        return probe_tcp(p->tcp, until, said);
    if (p->udp)
        return probe_udp(p->udp, until, said);
    if (p->http)
        return probe_http(p->http, until, said);
    if (p->dns)
        return probe_dns(p->dns, until, said);
    if (p->address)
        return probe_address(p->address, said);
    if (p->route)
        return probe_route(site, p->route, said);
    if (p->neighbour)
        return probe_neighbour(p->neighbour, said);
    if (p->service)
        return probe_service(site, p->service, said);
    if (p->file)
        return probe_file(p->file, said);
    if (p->sysctl)
        return probe_sysctl(p->sysctl, said);
    return probe_command(p->command, until, said);
}

static bool is_alone(const struct lab_probe *p)
{
    return p->capture && p->capture->lasts;
}

// Errors are told at a limited rate: a try without an answer says less than one before it with one.
static void keep_telling(struct buffer *said, struct buffer *now)
{
    bool silent = now->at && strcmp(now->at, expect_name(LAB_EXPECT_SILENCE)) == 0;
    if (!silent || said->length == 0) {
        said->length = 0;
        buffer_text(said, now->at ? now->at : "");
    }
    now->length = 0;
}

static bool try_until_held(const struct check_site *site, const struct lab_probe *p, int64_t until,
                           struct buffer *said)
{
    struct buffer now = {.limit = 65536};
    bool held = try_once(site, p, until, &now);
    while (!held && clock_microseconds() + AGAIN_US < until) {
        keep_telling(said, &now);
        usleep(AGAIN_US);
        held = try_once(site, p, until, &now);
    }
    if (held)
        said->length = 0;
    keep_telling(said, &now);
    buffer_done(&now);
    return held;
}

// ---- captures

static bool count_holds(const struct lab_capture *c, unsigned count)
{
    if (c->none)
        return count == 0;
    return count >= c->least && (c->most == 0 || count <= c->most);
}

// Until enough have come, or the time is over.
static unsigned count_packets(const struct lab_capture *c, int fd, int64_t until)
{
    unsigned count = capture_count(fd);
    bool may_end = c->least > 0 && c->most == 0;
    while (clock_microseconds() < until && !(may_end && count >= c->least)) {
        usleep(AGAIN_US);
        count += capture_count(fd);
    }
    return count;
}

static bool judge_packets(const struct lab_capture *c, int fd, bool held, int64_t until,
                          struct buffer *said)
{
    int64_t soon = clock_microseconds() + SETTLES_US;
    uint64_t lasts = 0;
    if (c->lasts && lab_time_parse(slice_of(c->lasts), &lasts))
        soon = clock_microseconds() + (int64_t)lasts;
    else if (c->least > 0 && until > soon)
        soon = until;
    unsigned count = count_packets(c, fd, soon);
    buffer_format(said, "%s%u packet%s at %s", said->length ? "; " : "", count,
                  count == 1 ? "" : "s", c->at);
    return held && count_holds(c, count);
}

// ---- in a process of its own

// By a process of its own: who is in one node has no way into another.
static _Noreturn void send_capture(const struct check_site *site, const struct lab_capture *c,
                                   int to)
{
    bool ethernet;
    int fd = -1;
    int code = process_enter_network(check_init(site, c->node), site->run->user, NULL);
    if (code == 0)
        code = capture_open(c->interface, c->filter, &fd, &ethernet, NULL);
    process_end(code == 0 && process_send_descriptor(to, fd) ? 0 : 1);
}

static int open_capture(const struct check_site *site, const struct lab_capture *c, int *ret,
                        struct err *e)
{
    int pair[2], pidfd;
    pid_t pid;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return err_system(e, "capture");
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0)
        send_capture(site, c, pair[1]);
    close(pair[1]);
    if (code == 0) {
        *ret = process_receive_descriptor(pair[0]);
        process_reap(pidfd, true);
        close(pidfd);
        if (*ret < 0)
            code = err_set(e, ERR_SYSTEM, "cannot capture at %s", c->at);
    }
    close(pair[0]);
    return code;
}

static bool check(const struct check_site *site, const struct lab_probe *p, int64_t until,
                  struct buffer *said)
{
    struct err e = {0};
    int packets = -1, code = 0;
    bool held = true;
    if (p->capture)
        code = open_capture(site, p->capture, &packets, &e);
    process_leave_keys();
    // Of a service its keeper knows; the node does not see that.
    if (code == 0 && !is_alone(p) && !p->service)
        code = process_enter(check_init(site, site->node), site->run->user, &e);
    if (code) {
        buffer_text(said, e.text);
        return false;
    }
    if (!is_alone(p))
        held = try_until_held(site, p, until, said);
    return p->capture ? judge_packets(p->capture, packets, held, until, said) : held;
}

int check_fork(const struct check_site *site, const struct lab_probe *p, uint64_t within_us,
               int said, int *ret_pidfd, struct err *e)
{
    pid_t pid;
    int code = process_fork(0, &pid, ret_pidfd, e);
    if (code || pid > 0)
        return code;
    struct buffer text = {.limit = 65536};
    bool held = check(site, p, clock_microseconds() + (int64_t)within_us, &text);
    size_t length = text.length < CHECK_SAID_MAX ? text.length : CHECK_SAID_MAX - 1;
    if (said >= 0 && length > 0 && write(said, text.at, length) < 0)
        process_end(2);
    process_end(held ? 0 : 1);
}

// ---- all

struct pending {
    int pidfd, said;
    int64_t began;
};

static int begin(const struct lab *lab, const struct run *run, size_t i, struct pending *p,
                 struct err *e)
{
    const struct lab_check *c = lab->checks[i];
    const struct check_site site = {.lab = lab, .run = run, .node = c->node_id};
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return err_system(e, "check %s", c->name);
    p->began = clock_microseconds();
    int code = check_fork(&site, &c->probe, c->within_us, pipes[1], &p->pidfd, e);
    close(pipes[1]);
    p->said = pipes[0];
    if (code)
        close(pipes[0]);
    return code;
}

static void finish(struct pending *p, struct check_outcome *ret)
{
    ssize_t n = read(p->said, ret->said, sizeof ret->said - 1);
    ret->said[n > 0 ? n : 0] = '\0';
    ret->passed = process_reap(p->pidfd, true) == 0;
    ret->made = true;
    ret->took_us = clock_microseconds() - p->began;
    close(p->said);
    close(p->pidfd);
    p->pidfd = -1;
}

#define TOGETHER_MAX 64 // processes at once

// Waits until one of those that run has ended.
static void finish_some(struct pending *all, struct check_outcome *ret, size_t count,
                        size_t *running)
{
    struct pollfd fds[TOGETHER_MAX];
    size_t ids[TOGETHER_MAX], n = 0;
    for (size_t i = 0; i < count && n < TOGETHER_MAX; i++)
        if (all[i].pidfd >= 0) {
            fds[n] = (struct pollfd){.fd = all[i].pidfd, .events = POLLIN};
            ids[n++] = i;
        }
    if (poll(fds, n, -1) < 0)
        return;
    for (size_t i = 0; i < n; i++)
        if (fds[i].revents) {
            finish(&all[ids[i]], &ret[ids[i]]);
            --*running;
        }
}

static int run_checks(const struct lab *lab, const struct run *run, const bool *wanted,
                      bool captures, struct pending *all, struct check_outcome *ret, struct err *e)
{
    size_t running = 0, together = captures ? 1 : TOGETHER_MAX;
    int code = 0;
    for (size_t i = 0; i < lab->check_count && code == 0; i++) {
        if (!wanted[i] || (lab->checks[i]->probe.capture != NULL) != captures)
            continue;
        while (running >= together)
            finish_some(all, ret, lab->check_count, &running);
        code = begin(lab, run, i, &all[i], e);
        running += code == 0;
    }
    while (running > 0)
        finish_some(all, ret, lab->check_count, &running);
    return code;
}

// A check whose twin fails has seen a network that does not work.
static void join_twins(const struct lab *lab, struct check_outcome *ret)
{
    for (size_t i = 0; i < lab->check_count; i++) {
        size_t twin = lab->checks[i]->twin_id;
        if (ret[i].made && ret[i].passed && twin != SIZE_MAX && !ret[twin].passed) {
            ret[i].passed = false;
            ret[i].twin_failed = true;
            snprintf(ret[i].said, sizeof ret[i].said, "not counted, as this fails: %s",
                     lab->checks[twin]->title);
        }
    }
}

int check_all(const struct lab *lab, const struct run *run, const bool *wanted,
              struct check_outcome *ret, struct err *e)
{
    size_t count = lab->check_count;
    struct pending *all = calloc(count + 1, sizeof *all);
    bool *with_twins = calloc(count + 1, sizeof *with_twins);
    int code = all && with_twins ? 0 : err_memory(e);
    for (size_t i = 0; i < count && code == 0; i++) {
        size_t twin = lab->checks[i]->twin_id;
        ret[i] = (struct check_outcome){0};
        all[i].pidfd = -1;
        with_twins[i] = with_twins[i] || !wanted || wanted[i];
        if (with_twins[i] && twin != SIZE_MAX)
            with_twins[twin] = true;
    }
    if (code == 0)
        code = run_checks(lab, run, with_twins, false, all, ret, e);
    if (code == 0)
        code = run_checks(lab, run, with_twins, true, all, ret, e);
    if (code == 0)
        join_twins(lab, ret);
    free(all);
    free(with_twins);
    return code;
}
