// SPDX-License-Identifier: Apache-2.0
//
// The loop of a daemon: its descriptors, a tick, and the signals that end it or ask how it stands.

#include "daemon/daemon.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define TICK 1000 // milliseconds

uint64_t random_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_milliseconds();
    return seed;
}

int timer_open(int *ret, struct err *e)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0)
        return err_system(e, "cannot make a timer");
    *ret = fd;
    return 0;
}

void timer_set(int fd, int64_t due)
{
    const struct itimerspec when = {
        .it_value = {(time_t)(due / 1000000), (long)(due % 1000000) * 1000}};
    (void)timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void timer_clear(int fd)
{
    uint64_t times;
    (void)!read(fd, &times, sizeof times);
}

#define SPOKEN_MAX 480

void speak(const struct speaker *s, const char *format, ...)
{
    char line[SPOKEN_MAX];
    va_list arguments;
    if (!s->line)
        return;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    s->line(s->arg, line);
}

static sigset_t hold_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return set;
}

void loop_hold(void)
{
    (void)hold_signals();
}

static int watch_signals(struct err *e)
{
    const sigset_t set = hold_signals();
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : err_system(e, "cannot wait for signals");
}

static bool ends(int fd, const struct loop *l)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGUSR1)
            return true;
        if (l->usr1)
            l->usr1(l->arg);
    }
    return false;
}

static int watch(int epoll, int fd, uint32_t which, struct err *e)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = which};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0
                                                            : err_system(e, "cannot watch packets");
}

static int turn(const struct loop *l, int epoll, int signals, bool *ended, struct err *e)
{
    struct epoll_event events[WATCHES_MAX + 1];
    int count = epoll_wait(epoll, events, WATCHES_MAX + 1, TICK), code = 0;
    if (count < 0 && errno != EINTR)
        return err_system(e, "cannot wait for packets");
    for (int i = 0; !code && i < count; i++) {
        uint32_t which = events[i].data.u32;
        if (which == l->count)
            *ended = ends(signals, l);
        else
            code = l->watches[which].readable(l->watches[which].arg, e);
    }
    return code;
}

static int run(const struct loop *l, int epoll, int signals, struct err *e)
{
    int64_t next = clock_milliseconds() + TICK;
    bool ended = false;
    int code = watch(epoll, signals, (uint32_t)l->count, e);
    for (size_t i = 0; !code && i < l->count; i++)
        code = watch(epoll, l->watches[i].fd, (uint32_t)i, e);
    while (!code && !ended) {
        code = turn(l, epoll, signals, &ended, e);
        int64_t now = clock_milliseconds();
        if (l->tick && now >= next) {
            l->tick(l->arg);
            next = now + TICK;
        }
    }
    return code;
}

int loop_run(const struct loop *l, struct err *e)
{
    int signals = watch_signals(e), code = signals < 0 ? signals : 0;
    if (code)
        return code;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    code = epoll < 0 ? err_system(e, "cannot wait for packets") : run(l, epoll, signals, e);
    if (epoll >= 0)
        close(epoll);
    close(signals);
    return code;
}

int privileges_drop(struct err *e)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capset, &header, none) < 0)
        return err_system(e, "cannot give up privileges");
    return 0;
}
