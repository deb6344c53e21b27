// SPDX-License-Identifier: Apache-2.0
//
// A run: domains are taken while fewer than the limit are under way; the parts of each run side by
// side; when the last part is done, or the domain's patience is over, it is scored and handed on.

#include "check/checker.h"
#include "base/splitmix.h"
#include "check/score.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#define SECONDS ((int64_t)1000000)

// What may be open at one server and in one network at a time. A provider's network serves many
// domains of a list.
static const struct gate_limits polite = {8, 128, 0};

static const struct part *const parts[PART_COUNT] = {&part_names, &part_web, &part_mail};

uint64_t checker_random(struct checker *c)
{
    return splitmix64(&c->random);
}

// ---- the end of a domain

static void domain_free(struct domain *d)
{
    struct checker *c = d->checker;
    for (size_t i = 0; i < PART_COUNT; i++)
        if (d->state[i])
            parts[i]->drop(d, d->state[i]);
    events_cancel(c->events, &d->patience);
    events_soon_cancel(c->events, &d->finish);
    *d->at = d->next;
    if (d->next)
        d->next->at = d->at;
    result_done(&d->result);
    c->under_way--;
    free(d);
}

static void run_fail(struct checker *c, int code)
{
    if (!c->code)
        c->code = code;
    c->stopping = true;
}

static void run_look(struct checker *c);

static void domain_finish(void *arg)
{
    struct domain *d = arg;
    struct checker *c = d->checker;
    d->result.took = (uint32_t)((events_now(c->events) - d->began) / 1000);
    scores_compute(&d->result);
    int code = d->result.failed ? err_memory(&c->err) : 0;
    if (!code && !c->code)
        code = c->run->done(c->run->arg, d->about, &d->result, &c->err);
    domain_free(d);
    if (code)
        run_fail(c, code);
    run_look(c);
}

void domain_part_done(struct domain *d, const struct part *p)
{
    for (size_t i = 0; i < PART_COUNT; i++)
        if (parts[i] == p && !d->part_done[i]) {
            d->part_done[i] = true;
            d->parts_left--;
        }
    if (d->parts_left == 0)
        events_soon(d->checker->events, &d->finish);
}

static void patience_over(void *arg)
{
    struct domain *d = arg;
    for (size_t i = 0; i < PART_COUNT; i++)
        if (!d->part_done[i]) {
            parts[i]->stop(d, d->state[i]);
            d->part_done[i] = true;
        }
    d->parts_left = 0;
    events_soon(d->checker->events, &d->finish);
}

// ---- its beginning

static int parts_start(struct domain *d, struct err *e)
{
    int code = 0;
    d->parts_left = 1; // not done before all have begun
    for (size_t i = 0; !code && i < PART_COUNT; i++) {
        d->part_done[i] = !(parts[i]->levels & d->checker->level);
        if (d->part_done[i])
            continue;
        d->parts_left++;
        code = parts[i]->start(d, &d->state[i], e);
    }
    d->parts_left--;
    if (!code && d->parts_left == 0)
        events_soon(d->checker->events, &d->finish);
    return code;
}

static int domain_start(struct checker *c, const char *name, void *about, struct err *e)
{
    struct domain *d = calloc(1, sizeof *d);
    if (!d)
        return err_memory(e);
    *d = (struct domain){.checker = c, .about = about, .next = c->domains, .at = &c->domains};
    if (d->next)
        d->next->at = &d->next;
    c->domains = d;
    c->under_way++;
    d->patience = (struct event_timer){.due = patience_over, .arg = d};
    d->finish = (struct event_task){.run = domain_finish, .arg = d};
    d->began = events_now(c->events);
    d->name = arena_text(&d->result.arena, name, strlen(name));
    d->result.domain = d->name;
    d->result.vantage = c->options->vantage ? c->options->vantage : "";
    d->result.version = SEXTANT_VERSION;
    d->result.began = events_wall(c->events);
    d->result.level = c->level;
    d->result.ipv4_here = c->ipv4_here;
    d->result.ipv6_here = c->ipv6_here;
    events_after(c->events, &d->patience, c->patience);
    int code = d->name ? parts_start(d, e) : err_memory(e);
    if (code)
        domain_free(d);
    return code;
}

// ---- the run

static void fill(void *arg)
{
    struct checker *c = arg;
    while (!c->stopping && !c->no_more && c->under_way < c->open) {
        const char *name = NULL;
        void *about = NULL;
        bool more = false;
        int code = c->run->next(c->run->arg, &name, &about, &more, &c->err);
        c->no_more = !more;
        if (!code && more)
            code = domain_start(c, name, about, &c->err);
        if (code)
            run_fail(c, code);
    }
    if (c->under_way == 0 && (c->no_more || c->stopping))
        events_stop(c->events);
}

static void run_look(struct checker *c)
{
    events_soon(c->events, &c->fill);
}

static void stop_asked(void *arg, unsigned what)
{
    struct checker *c = arg;
    uint64_t times;
    (void)what;
    while (read(c->stop_fd, &times, sizeof times) < 0 && errno == EINTR)
        ;
    c->stopping = true;
    run_look(c);
}

void check_stop(struct checker *c)
{
    uint64_t once = 1;
    while (write(c->stop_fd, &once, sizeof once) < 0 && errno == EINTR)
        ;
}

static void vantage_known(void *arg)
{
    run_look(arg);
}

int check_run(struct checker *c, const struct check_run *run, struct err *e)
{
    c->run = run;
    c->no_more = c->stopping = false;
    c->code = 0;
    vantage_find(c, vantage_known, c);
    int code = events_run(c->events, e);
    while (c->domains)
        domain_free(c->domains);
    if (!code && c->code) {
        code = c->code;
        if (e)
            *e = c->err;
    }
    return code;
}

// ---- the machine

static void defaults(struct checker *c, const struct check_options *o)
{
    c->options = o;
    c->level = o->level ? o->level : LEVEL_FULL;
    c->depth = o->depth ? o->depth : 2;
    c->pages = o->pages ? o->pages : 20;
    c->repeats = o->repeats ? o->repeats : 5;
    c->open = o->open ? o->open : CHECK_OPEN_DEFAULT;
    c->timeout = o->timeout ? o->timeout : 4 * SECONDS;
    c->patience = o->patience ? o->patience : 120 * SECONDS;
    c->fill = (struct event_task){.run = fill, .arg = c};
}

static int guard_open(struct checker *c, struct err *e)
{
    int code = guard_load(&c->guard, e);
    for (size_t i = 0; !code && i < c->options->allow_count; i++)
        code = guard_allow(&c->guard, c->options->allow[i], e);
    return code;
}

static int stop_open(struct checker *c, struct err *e)
{
    c->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->stop_fd < 0)
        return err_system(e, "eventfd");
    return events_watch(c->events, c->stop_fd, EVENT_READ, stop_asked, c, e);
}

static int parts_open(struct checker *c, const struct clock *clock, struct err *e)
{
    int code = events_new(clock, &c->events, e);
    if (!code)
        code = stop_open(c, e);
    if (!code)
        code = guard_open(c, e);
    if (!code)
        code = gate_new(c->events, &polite, &c->gate, e);
    if (!code)
        code = trust_new(c->options->authorities, &c->trust, e);
    if (!code)
        code = checker_names_open(c, e);
    if (!code)
        code = checker_web_open(c, e);
    if (!code)
        code = checker_mail_open(c, e);
    return code;
}

int checker_new(const struct check_options *o, const struct clock *clock, struct checker **ret,
                struct err *e)
{
    struct checker *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(e);
    c->stop_fd = -1;
    defaults(c, o);
    int code = getrandom(&c->random, sizeof c->random, 0) == sizeof c->random
                   ? parts_open(c, clock, e)
                   : err_system(e, "getrandom");
    if (code)
        checker_free(&c);
    else
        *ret = c;
    return code;
}

void checker_free(struct checker **c)
{
    if (!*c)
        return;
    if ((*c)->events) {
        checker_mail_close(*c);
        checker_web_close(*c);
        checker_names_close(*c);
        events_forget((*c)->events, (*c)->stop_fd);
    }
    if ((*c)->stop_fd >= 0)
        close((*c)->stop_fd);
    trust_free(&(*c)->trust);
    gate_free(&(*c)->gate);
    guard_done(&(*c)->guard);
    events_free(&(*c)->events);
    free(*c);
    *c = NULL;
}
