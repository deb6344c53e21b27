// SPDX-License-Identifier: Apache-2.0
//
// What the parts of a check share, and a domain under way. Inside the room only.

#ifndef CHECK_CHECKER_H
#define CHECK_CHECKER_H

#include "check/check.h"
#include "check/gate.h"
#include "check/guard.h"
#include "check/resolver.h"
#include "check/tls.h"

struct dns_client;
struct names_shared;
struct web_client;
struct mail_hosts;

struct checker {
    const struct check_options *options;
    unsigned level, depth, pages, repeats, open; // with the defaults put in
    int64_t timeout, patience;
    struct events *events;
    struct guard guard;
    struct gate *gate;
    struct dns_client *dns;     // dns_client.h: one question to one server
    struct resolver *resolver;  // resolver.h: a name to its records
    struct names_shared *names; // names_shared.h
    struct trust *trust;        // tls.h
    struct mail_hosts *mail;    // mail.h: mail servers that were seen
    struct web_client *web;     // web_client.h: HTTP
    bool ipv4_here, ipv6_here;  // does this place reach anything over it?
    uint64_t random;            // state; see checker_random
    const struct check_run *run;
    struct domain *domains; // under way
    unsigned under_way;
    bool no_more, stopping;
    int stop_fd; // check_stop writes to it
    struct event_task fill;
    int code;
    struct err err;
};

uint64_t checker_random(struct checker *c);

// What each area needs for all domains; close accepts what open left half-made.
int checker_names_open(struct checker *c, struct err *e); // dns, resolver
void checker_names_close(struct checker *c);
int checker_web_open(struct checker *c, struct err *e); // web
void checker_web_close(struct checker *c);
int checker_mail_open(struct checker *c, struct err *e); // mail
void checker_mail_close(struct checker *c);

// Finds out which families reach anything from here, by asking root servers; sets ipv4_here and
// ipv6_here, and tells once.
void vantage_find(struct checker *c, void (*known)(void *arg), void *arg);

struct domain;

// A part of the check of one domain: begins in `start`, tells domain_part_done exactly once, never
// from inside `start`. `stop`: the domain's patience is over; the part judges what it has, at once,
// and tells nothing more. Everything that it holds is freed in `drop`.
struct part {
    const char *name;
    unsigned levels; // any of these bits makes it run
    int (*start)(struct domain *d, void **ret_state, struct err *e);
    void (*stop)(struct domain *d, void *state);
    void (*drop)(struct domain *d, void *state);
};

extern const struct part part_names, part_web, part_mail;
#define PART_COUNT 3

struct domain {
    struct checker *checker;
    const char *name; // of the result
    struct result result;
    void *about;
    void *state[PART_COUNT];
    bool part_done[PART_COUNT];
    unsigned parts_left;
    struct event_timer patience;
    struct event_task finish;
    int64_t began; // monotonic
    struct domain *next, **at;
};

void domain_part_done(struct domain *d, const struct part *p);

#endif
