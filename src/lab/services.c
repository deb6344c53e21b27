// SPDX-License-Identifier: Apache-2.0

#include "lab/services.h"

#include "base/process.h"
#include "base/text.h"
#include "lab/check.h"
#include "lab/keeper.h"
#include "lab/process.h"
#include "lab/quota.h"
#include "lab/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORKERS_MS 1000

struct watched {
    const struct lab_service *service;
    struct run_service *shown;
    int process, probe; // pidfds; -1: none
    pid_t group;        // of the process and what it has started
    int waiting;        // whoever asked for it to start; -1: nobody
    bool wanted;        // by `up`
    char why[ERR_TEXT_MAX];
};

struct services {
    const struct lab *lab;
    struct run *run;
    int epoll;
    struct watched *all; // in the order of lab->services
};

static bool is_left_out(const struct lab_service *s, const char *const *ways)
{
    if (!s->way)
        return false;
    for (; *ways; ways++)
        if (strcmp(*ways, s->way) == 0)
            return false;
    return true;
}

static void show(struct services *s, const char *const *ways)
{
    for (size_t i = 0; i < s->run->service_count; i++) {
        struct run_service *shown = &s->run->services[i];
        const struct lab_service *service = s->lab->services[i];
        s->all[i] = (struct watched){
            .service = service, .shown = shown, .process = -1, .probe = -1, .waiting = -1};
        snprintf(shown->name, sizeof shown->name, "%s", service->name);
        shown->node = service->node_id;
        shown->state = is_left_out(service, ways) ? SERVICE_LEFT_OUT : SERVICE_IDLE;
        s->all[i].wanted = !service->later && shown->state == SERVICE_IDLE;
    }
}

int services_new(const struct lab *lab, struct run *run, const char *const *ways,
                 struct services **ret, struct err *e)
{
    struct services *s = calloc(1, sizeof *s);
    size_t count = lab->service_count;
    if (!s)
        return err_memory(e);
    *s = (struct services){.lab = lab, .run = run, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    s->all = calloc(count + 1, sizeof *s->all);
    run->services = calloc(count + 1, sizeof *run->services);
    if (!s->all || !run->services || s->epoll < 0) {
        free(s->all);
        free(s);
        return err_system(e, "cannot watch services");
    }
    run->service_count = count;
    show(s, ways);
    *ret = s;
    return 0;
}

int services_events(const struct services *s)
{
    return s->epoll;
}

// ---- one service

static const char *node_name(const struct services *s, const struct watched *w)
{
    return s->lab->nodes[w->service->node_id].name;
}

static void log_path(const struct services *s, const struct watched *w,
                     char ret[FILE_PATH_MAX + 80])
{
    snprintf(ret, FILE_PATH_MAX + 80, "%s/log/%s.%s", s->run->folder, node_name(s, w),
             w->service->name);
}

// The last lines of what it has said.
static void last_words(const struct services *s, const struct watched *w, char *ret, size_t size)
{
    char path[FILE_PATH_MAX + 80];
    log_path(s, w, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t length = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    off_t from = length > (off_t)size - 1 ? length - ((off_t)size - 1) : 0;
    ssize_t n = fd >= 0 ? pread(fd, ret, size - 1, from) : 0;
    ret[n > 0 ? n : 0] = '\0';
    const char *whole = from > 0 ? strchr(ret, ' ') : NULL;
    if (whole)
        memmove(ret, whole + 1, strlen(whole));
    for (char *p = ret; *p; p++)
        if (*p == '\n')
            *p = p[1] ? ' ' : '\0';
    if (fd >= 0)
        close(fd);
}

static void watch(const struct services *s, int pidfd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = pidfd};
    epoll_ctl(s->epoll, EPOLL_CTL_ADD, pidfd, &event);
}

static void forget(int *pidfd)
{
    if (*pidfd >= 0)
        close(*pidfd);
    *pidfd = -1;
}

static void answer(struct watched *w, const char *text)
{
    if (w->waiting < 0)
        return;
    send(w->waiting, text, strnlen(text, ERR_TEXT_MAX), MSG_NOSIGNAL);
    forget(&w->waiting);
}

static void settle(struct services *s, struct watched *w, enum service_state state)
{
    w->shown->state = state;
    run_write_state(s->run, NULL);
}

struct limited {
    const char *instance;
    const struct lab_node *node;
    bool dad;
};

// Before the program runs: what it starts at once must count too.
static void limit(const void *arg)
{
    const struct limited *l = arg;
    quota_join(l->instance, l->node, 0);
}

// Where addresses are tentative first, a program has to cope with it, as on a real network.
static void settle_node(const void *arg)
{
    const struct limited *l = arg;
    if (!l->dad)
        settle_network();
}

static int spawn(struct services *s, struct watched *w, struct err *e)
{
    char path[FILE_PATH_MAX + 80];
    log_path(s, w, path);
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (out < 0)
        return err_system(e, "%s", path);
    const char **run = calloc(w->service->run_count + 1, sizeof *run);
    for (unsigned i = 0; run && i < w->service->run_count; i++)
        run[i] = w->service->run[i];
    const struct limited limited = {s->run->name, &s->lab->nodes[w->service->node_id], s->lab->dad};
    const struct process_start start = {.prepare = limit,
                                        .settle = settle_node,
                                        .arg = &limited,
                                        .init = s->run->nodes[w->service->node_id].init,
                                        .user = s->run->user,
                                        .run = run,
                                        .out = out};
    int code = run ? process_spawn(&start, &w->group, &w->process, e) : err_memory(e);
    free(run);
    close(out);
    return code ? err_prefix(e, "%s: %s", node_name(s, w), w->service->name) : 0;
}

// A program of a path is the laboratory's own, and lies in the node.
static bool has_program(const char *name)
{
    return strchr(name, '/') || strcmp(name, "sextant") == 0 || process_has_program(name);
}

static int start(struct services *s, struct watched *w, struct err *e)
{
    if (!has_program(w->service->run[0]))
        return err_set(e, ERR_SYSTEM, "%s: %s cannot start: this machine has no program %.80s",
                       node_name(s, w), w->service->name, w->service->run[0]);
    int code = spawn(s, w, e);
    if (code)
        return code;
    watch(s, w->process);
    w->shown->status = 0;
    if (!w->service->ready) {
        settle(s, w, SERVICE_READY);
        return 0;
    }
    const struct check_site site = {.lab = s->lab, .run = s->run, .node = w->service->node_id};
    code = check_fork(&site, &w->service->ready->probe, w->service->ready->within_us, -1, &w->probe,
                      e);
    if (code)
        return code;
    watch(s, w->probe);
    settle(s, w, SERVICE_STARTING);
    return 0;
}

static void end(int *pidfd)
{
    if (*pidfd < 0)
        return;
    process_kill(*pidfd, SIGKILL);
    process_reap(*pidfd, true);
    forget(pidfd);
}

// With the workers of a daemon, which would keep its port. Until it is reaped nobody else can have
// the number.
static void end_process(struct watched *w)
{
    if (w->process >= 0)
        kill(-w->group, SIGKILL);
    end(&w->process);
}

void services_stop(struct services *s)
{
    for (size_t i = 0; s && i < s->run->service_count; i++) {
        end(&s->all[i].probe);
        end_process(&s->all[i]);
    }
}

// The workers die after it, each with the ports that it holds.
static void await_workers(const struct watched *w)
{
    for (int ms = 0; ms < WORKERS_MS && kill(-w->group, 0) == 0; ms++)
        usleep(1000);
}

static void stop(struct services *s, struct watched *w)
{
    bool ran = w->process >= 0;
    end(&w->probe);
    end_process(w);
    if (ran)
        await_workers(w);
    answer(w, "stopped before it was ready");
    settle(s, w, SERVICE_IDLE);
}

static void fail(struct services *s, struct watched *w, const char *what)
{
    char said[200];
    last_words(s, w, said, sizeof said);
    snprintf(w->why, sizeof w->why, "%s: %s %s%s%.200s", node_name(s, w), w->service->name, what,
             said[0] ? "; it said: " : "", said);
    answer(w, w->why);
}

// ---- events

static void has_ended(struct services *s, struct watched *w)
{
    char what[64];
    int status = process_reap(w->process, false);
    if (status < 0)
        return;
    bool was_ready = w->shown->state == SERVICE_READY;
    forget(&w->process);
    end(&w->probe);
    w->shown->status = status;
    settle(s, w, SERVICE_ENDED);
    snprintf(what, sizeof what, "has ended with status %d", status);
    if (!was_ready)
        fail(s, w, what);
}

// What a service was to bring about, for whoever configured it.
static void tell_wanted(const struct lab_probe *p, char *ret, size_t size)
{
    ret[0] = '\0';
    if (p->route)
        snprintf(ret, size, ": there is no route to %.60s", p->route->to);
    else if (p->address)
        snprintf(ret, size, ": there is no address in %.60s", p->address->in);
    else if (p->tcp)
        snprintf(ret, size, ": nothing answers at TCP port %u", p->tcp->port);
}

static void was_probed(struct services *s, struct watched *w)
{
    char wanted[100], what[140];
    int status = process_reap(w->probe, false);
    if (status < 0)
        return;
    forget(&w->probe);
    if (status == 0) {
        settle(s, w, SERVICE_READY);
        answer(w, KEEPER_DONE);
        return;
    }
    tell_wanted(&w->service->ready->probe, wanted, sizeof wanted);
    snprintf(what, sizeof what, "is not ready in time%s", wanted);
    fail(s, w, what);
    stop(s, w);
    settle(s, w, SERVICE_ENDED);
}

void services_turn(struct services *s)
{
    struct epoll_event events[64];
    int n = epoll_wait(s->epoll, events, 64, 0);
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < s->run->service_count; k++) {
            struct watched *w = &s->all[k];
            if (events[i].data.fd == w->probe)
                was_probed(s, w);
            else if (events[i].data.fd == w->process)
                has_ended(s, w);
        }
}

// ---- the order

static struct watched *watched_of(const struct services *s, size_t node, struct slice name)
{
    const struct run_service *found = run_service_find(s->run, node, name);
    return found ? &s->all[found - s->run->services] : NULL;
}

// Is everything ready that it comes after? What is left out, or is for later, is not waited for.
static bool may_start(const struct services *s, const struct watched *w)
{
    for (unsigned i = 0; i < w->service->after_count; i++) {
        struct slice rest = slice_of(w->service->after[i]), first = slice_cut(&rest, '/');
        char name[LAB_NAME_MAX + 1];
        size_t node = w->service->node_id;
        if (rest.at) {
            snprintf(name, sizeof name, "%.*s", SLICE_ARG(first));
            node = lab_node_find(s->lab, name);
        }
        const struct watched *before = watched_of(s, node, rest.at ? rest : first);
        if (before && before->wanted && before->shown->state != SERVICE_READY)
            return false;
    }
    return true;
}

int services_progress(struct services *s, struct err *e)
{
    int left = 0;
    for (size_t i = 0; i < s->run->service_count; i++) {
        struct watched *w = &s->all[i];
        if (w->why[0])
            return err_set(e, ERR_SYSTEM, "%s", w->why);
        if (w->wanted && w->shown->state == SERVICE_IDLE && may_start(s, w)) {
            int code = start(s, w, e);
            if (code)
                return code;
        }
        left |= w->wanted && w->shown->state < SERVICE_READY;
    }
    return left;
}

int services_begin(struct services *s, struct err *e)
{
    return services_progress(s, e);
}

// ---- requests

static struct watched *find(struct services *s, struct slice rest, struct err *e)
{
    struct slice node = slice_cut(&rest, ' ');
    char name[LAB_NAME_MAX + 1];
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(node));
    size_t id = lab_node_find(s->lab, name);
    struct watched *found = rest.at ? watched_of(s, id, rest) : NULL;
    if (found)
        return found;
    err_set(e, ERR_NOT_FOUND, "node %s has no service \"%.*s\"", name,
            rest.at ? (int)rest.length : 0, rest.at ? rest.at : "");
    return NULL;
}

int services_request(struct services *s, const char *request, int fd, struct err *e)
{
    struct slice rest = slice_of(request), verb = slice_cut(&rest, ' ');
    struct watched *w = rest.at ? find(s, rest, e) : NULL;
    if (!w)
        return ERR_NOT_FOUND;
    if (w->shown->state == SERVICE_LEFT_OUT)
        return err_set(e, ERR_NOT_FOUND, "%s: %s is not part of it on this machine",
                       node_name(s, w), w->service->name);
    if (slice_is(verb, "start") && w->process >= 0)
        return 1;
    if (!slice_is(verb, "start"))
        stop(s, w);
    if (slice_is(verb, "stop"))
        return 1;
    w->why[0] = '\0';
    int code = start(s, w, e);
    if (code)
        return code;
    if (w->shown->state == SERVICE_READY)
        return 1;
    w->waiting = fd;
    return 0;
}
