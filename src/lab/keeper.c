// SPDX-License-Identifier: Apache-2.0

#include "lab/keeper.h"

#include "base/process.h"
#include "base/text.h"
#include "lab/node.h"
#include "lab/process.h"
#include "lab/quota.h"
#include "lab/services.h"
#include "lab/settle.h"
#include "lab/topology.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_TIMEOUT_MS 60000 // a thousand nodes take a tenth of it

struct inside {
    pid_t init;
    int pidfd, socket;
};

struct keeper {
    struct keeper_start *start;
    const struct lab *lab;
    struct inside *inside; // of each node
    size_t made;
    struct services *services;
    int signals, listener;
};

// ---- nodes

static int start_node(struct keeper *k, size_t id, const struct buffer *hosts, struct err *e)
{
    int pair[2];
    struct inside *in = &k->inside[id];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return err_system(e, "node %s", k->lab->nodes[id].name);
    const struct node_start start = {.lab = k->lab,
                                     .id = id,
                                     .socket = pair[1],
                                     .programs = &k->start->programs,
                                     .hosts = hosts,
                                     .user = k->start->run.user};
    int code = process_fork(CLONE_NEWPID, &in->init, &in->pidfd, e);
    if (code == 0 && in->init == 0)
        node_main(&start);
    close(pair[1]);
    in->socket = pair[0];
    if (code == 0)
        quota_join(k->start->run.name, &k->lab->nodes[id], in->init);
    if (code)
        close(pair[0]);
    else
        k->made++;
    return code;
}

static int wait_report(struct keeper *k, size_t id, struct err *e)
{
    struct node_report r = {0};
    struct pollfd fd = {.fd = k->inside[id].socket, .events = POLLIN};
    const char *name = k->lab->nodes[id].name;
    if (poll(&fd, 1, REPORT_TIMEOUT_MS) <= 0)
        return err_set(e, ERR_SYSTEM, "%s: the node does not come up", name);
    ssize_t n = recv(fd.fd, &r, sizeof r - 1, 0);
    if (n <= (ssize_t)offsetof(struct node_report, text))
        return err_set(e, ERR_SYSTEM, "%s: the node has ended", name);
    return r.code ? err_set(e, r.code, "%s", r.text) : 0;
}

static int wait_reports(struct keeper *k, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < k->made && code == 0; i++)
        code = wait_report(k, i, e);
    return code;
}

// The nodes are in user namespaces of their own, below ours: what we have mounted they cannot
// change.
static int map_nodes(struct keeper *k, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < k->made && code == 0; i++)
        code = process_map_users(k->inside[i].init, k->start->all_users, 0, 0, e);
    return code;
}

// Each node waits for one octet between what it does alone and what it does with the others.
static int nudge_nodes(struct keeper *k, struct err *e)
{
    for (size_t i = 0; i < k->made; i++)
        if (send(k->inside[i].socket, "", 1, MSG_NOSIGNAL) != 1)
            return err_system(e, "%s: the node has ended", k->lab->nodes[i].name);
    return wait_reports(k, e);
}

static int start_nodes(struct keeper *k, struct err *e)
{
    struct buffer hosts = {0};
    int code = node_hosts(k->lab, &hosts, e);
    for (size_t i = 0; i < k->lab->nodes_count && code == 0; i++)
        code = start_node(k, i, &hosts, e);
    buffer_done(&hosts);
    if (code == 0)
        code = wait_reports(k, e);
    if (code == 0 && k->start->run.user)
        code = map_nodes(k, e);
    return code ? code : nudge_nodes(k, e);
}

static int connect_nodes(struct keeper *k, struct err *e)
{
    pid_t *inits = calloc(k->made + 1, sizeof *inits);
    if (!inits)
        return err_memory(e);
    for (size_t i = 0; i < k->made; i++)
        inits[i] = k->inside[i].init;
    int code = topology_make(k->lab, inits, e);
    free(inits);
    return code ? code : nudge_nodes(k, e);
}

// ---- the keeper's own place

static void raise_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

// The inner ends of links must not speak themselves.
static int silence(struct err *e)
{
    return node_set_sysctl("net.ipv6.conf.default.disable_ipv6=1", e);
}

// A namespace of control groups would give a node's root those that it is limited by. Of our user
// namespace only: elsewhere it would be the machine's setting.
static void forbid_groups(const struct keeper *k)
{
    if (k->start->run.user)
        node_set_sysctl("user.max_cgroup_namespaces=0", NULL);
}

static int open_signals(struct keeper *k, struct err *e)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    k->signals = signalfd(-1, &set, SFD_CLOEXEC);
    return k->signals >= 0 ? 0 : err_system(e, "signals");
}

// The path may be longer than a socket's address: it is reached through a descriptor.
static int socket_address(const char *folder, struct sockaddr_un *ret, int *ret_folder)
{
    *ret_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/control", *ret_folder);
    return *ret_folder;
}

static int open_listener(struct keeper *k, struct err *e)
{
    struct sockaddr_un at;
    int folder;
    k->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = k->listener >= 0 && socket_address(k->start->run.folder, &at, &folder) >= 0;
    if (ok) {
        ok = bind(k->listener, (const struct sockaddr *)&at, sizeof at) == 0 &&
             listen(k->listener, 16) == 0;
        close(folder);
    }
    return ok ? 0 : err_system(e, "%s: cannot listen there", k->start->run.folder);
}

static int list_nodes(struct keeper *k, struct err *e)
{
    struct run *r = &k->start->run;
    r->node_count = k->lab->nodes_count;
    r->nodes = calloc(r->node_count, sizeof *r->nodes);
    if (!r->nodes)
        return err_memory(e);
    for (size_t i = 0; i < r->node_count; i++) {
        snprintf(r->nodes[i].name, sizeof r->nodes[i].name, "%s", k->lab->nodes[i].name);
        r->nodes[i].init = k->inside[i].init;
    }
    return 0;
}

static int bring_up(struct keeper *k, struct err *e)
{
    raise_limit();
    k->inside = calloc(k->lab->nodes_count, sizeof *k->inside);
    if (!k->inside)
        return err_memory(e);
    int code = open_signals(k, e);
    if (code == 0 && unshare(CLONE_NEWNET) != 0)
        code = err_system(e, "cannot make a network namespace");
    if (code == 0)
        code = silence(e);
    forbid_groups(k);
    if (code == 0)
        code = start_nodes(k, e);
    if (code == 0)
        code = connect_nodes(k, e);
    if (code == 0)
        code = list_nodes(k, e);
    if (code == 0)
        code = open_listener(k, e);
    if (code == 0)
        code = services_new(k->lab, &k->start->run, k->start->ways, &k->services, e);
    if (code == 0)
        code = run_write_state(&k->start->run, e);
    return code;
}

// The first process of a node takes all others of it along; their end is waited for.
static void take_down(struct keeper *k)
{
    for (size_t i = 0; i < k->made; i++)
        process_kill(k->inside[i].pidfd, SIGKILL);
    // A node is gone when its dead are buried, and those of its services are ours.
    services_stop(k->services);
    for (size_t i = 0; i < k->made; i++)
        process_reap(k->inside[i].pidfd, true);
    quota_remove(k->start->run.name);
    run_remove(k->start->run.folder);
}

// ---- requests

static void answer(int fd, const char *text)
{
    send(fd, text, strlen(text), MSG_NOSIGNAL);
    close(fd);
}

// Where the folder of what runs lies outside /run and /tmp a node can reach the socket. Who has
// numbers in more process namespaces than ours is in a node.
static bool is_in_node(int fd)
{
    struct ucred peer;
    struct buffer status = {0};
    char path[64];
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return true;
    snprintf(path, sizeof path, "/proc/%d/status", (int)peer.pid);
    // Not to be read where /proc hides other users' processes; gone where a node has sent and
    // ended.
    bool in = file_read(path, 65536, &status, NULL) != 0 && kill(peer.pid, 0) != 0;
    struct slice rest = {status.at, status.length};
    while (rest.at) {
        struct slice numbers = slice_cut(&rest, '\n'), key = slice_cut(&numbers, '\t');
        if (slice_is(key, "NSpid:"))
            in = in || memchr(numbers.at, '\t', numbers.length);
    }
    buffer_done(&status);
    return in;
}

static void take_request(struct keeper *k)
{
    char text[KEEPER_MESSAGE_MAX + 1];
    struct err e = {0};
    int fd = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    ssize_t n = poll(&ready, 1, 1000) == 1 ? recv(fd, text, sizeof text - 1, 0) : -1;
    if (n <= 0) {
        close(fd);
        return;
    }
    text[n] = '\0';
    if (is_in_node(fd)) {
        answer(fd, "a node has no say in what runs");
        return;
    }
    int code = services_request(k->services, text, fd, &e);
    if (code < 0)
        answer(fd, e.text);
    else if (code > 0)
        answer(fd, KEEPER_DONE);
}

int keeper_ask(const struct run *r, const char *request, struct err *e)
{
    char text[KEEPER_MESSAGE_MAX + 1];
    struct sockaddr_un at;
    int folder, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || socket_address(r->folder, &at, &folder) < 0) {
        err_system(e, "%s", r->folder);
        if (fd >= 0)
            close(fd);
        return ERR_SYSTEM;
    }
    ssize_t n = -1;
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 &&
        send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
        n = recv(fd, text, sizeof text - 1, 0);
    int code = n <= 0 ? err_set(e, ERR_SYSTEM, "%s: its keeper does not answer", r->name) : 0;
    text[n > 0 ? n : 0] = '\0';
    if (n > 0 && strcmp(text, KEEPER_DONE) != 0)
        code = err_set(e, ERR_SYSTEM, "%s", text);
    close(folder);
    close(fd);
    return code;
}

// ---- the loop

// Until all services have started, or until the end. False: end.
static bool turn(struct keeper *k, int timeout_ms)
{
    struct pollfd fds[] = {{k->signals, POLLIN, 0},
                           {k->listener, POLLIN, 0},
                           {services_events(k->services), POLLIN, 0},
                           {k->start->starter, POLLIN, 0}};
    if (poll(fds, sizeof fds / sizeof *fds, timeout_ms) < 0)
        return errno == EINTR;
    if (fds[2].revents)
        services_turn(k->services);
    if (fds[1].revents)
        take_request(k);
    return !fds[0].revents && !fds[3].revents;
}

static int start_services(struct keeper *k, struct err *e)
{
    int code = services_begin(k->services, e);
    while (code > 0) {
        if (!turn(k, -1))
            return err_set(e, ERR_STOPPED, "ended while it was coming up");
        code = services_progress(k->services, e);
    }
    return code;
}

// Whose addresses are tentative first has them before anybody works with it.
static void settle_nodes(const struct keeper *k)
{
    for (size_t i = 0; i < k->made; i++) {
        pid_t pid;
        int pidfd;
        if (process_fork(0, &pid, &pidfd, NULL) != 0)
            return;
        if (pid == 0) {
            if (process_enter_network(k->inside[i].init, k->start->run.user, NULL) == 0)
                settle_network();
            process_end(0);
        }
        process_reap(pidfd, true);
        close(pidfd);
    }
}

static void tell_parent(struct keeper *k, int code, const struct err *e)
{
    struct node_report r = {.code = code};
    snprintf(r.text, sizeof r.text, "%s", e->text);
    bool told = write(k->start->report, &r, sizeof r) == (ssize_t)sizeof r;
    close(k->start->report);
    if (code == 0 && told)
        return;
    // Nobody waits for it any more, or it has failed.
    take_down(k);
    process_end(1);
}

void keeper_main(struct keeper_start *s)
{
    struct keeper k = {.start = s, .lab = s->lab, .signals = -1, .listener = -1};
    struct err e = {0};
    const int kept[] = {s->report, s->lock, s->starter};
    process_keep_only(kept, sizeof kept / sizeof *kept);
    prctl(PR_SET_NAME, "lab-keeper");
    process_leave_keys();
    s->run.keeper = getpid();
    int code = bring_up(&k, &e);
    if (code == 0)
        code = start_services(&k, &e);
    // What was written of it on the way may not have found room.
    if (code == 0)
        code = run_write_state(&s->run, &e);
    if (code == 0 && s->lab->dad)
        settle_nodes(&k);
    tell_parent(&k, code, &e);
    while (turn(&k, -1))
        continue;
    take_down(&k);
    process_end(0);
}
