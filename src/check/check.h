// SPDX-License-Identifier: Apache-2.0
//
// Are the public services of a domain there over IPv6? Comes in: names of domains. Goes out: a
// result each (result.h), whose every verdict has its evidence.
//
//     name -> names (the DNS) ─┐
//          -> web            ──┼─> result -> scores -> page | JSON | JUnit | SARIF | archive
//          -> mail           ──┘
//
// One event loop (events.h), no thread a domain. The parts find and ask: names.c, web.c, mail.c.
// What they saw is judged by pure functions beside them. Every answer is a stranger's: its size,
// the time it takes, redirects, unpacking and depth have limits, each named in the header that has
// it.
//
// It sends to the servers of the domain and of the hosts that its pages load from, and to those of
// the zones above; never into private address space unless told (guard.h), never to who does not
// want to be asked (opt_out.h), never more at a time than gate.h lets, never a message, never a
// form.

#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "check/events.h"
#include "check/result.h"

// What is asked for, as bits of result.level.
#define LEVEL_NAMES   1u  // the DNS: chain, servers, answers
#define LEVEL_CONNECT 2u  // whether the ports of web and mail open
#define LEVEL_WEB     4u  // pages, certificates, resources, links
#define LEVEL_MAIL    8u  // greetings, encryption, PTR, SPF, DANE
#define LEVEL_DNSSEC  16u // validation
#define LEVEL_FULL    31u
#define LEVEL_QUICK   3u // names and connect, for long lists

#define CHECK_OPEN_MAX     4096 // domains under way at a time
#define CHECK_OPEN_DEFAULT 64
#define CHECK_DEPTH_MAX    3
#define CHECK_PAGES_MAX    50 // of one site
#define CHECK_REPEATS_MAX  20
#define CHECK_ALLOW_MAX    32
#define CHECK_DOMAIN_MAX   253

struct opt_out;

struct check_options {
    unsigned level;   // 0: LEVEL_FULL
    unsigned depth;   // of internal links: 1 the page itself, 2 (default), 3
    unsigned pages;   // of one site that are fetched at most; 0: 20
    unsigned repeats; // of the page, over each family; 0: 5
    unsigned open;    // domains at a time; 0: CHECK_OPEN_DEFAULT
    int64_t timeout;  // microseconds for one answer; 0: 4 s
    int64_t
        patience; // microseconds for one domain; 0: 120 s. What is not done then is not testable
    const char *contact;      // for the user agent: a URL or address of who asks
    const char *vantage;      // a name of this place; NULL: ""
    const char *root_hints;   // a file; NULL: data/dns/root-servers.csv
    const char *trust_anchor; // a file of DS or DNSKEY records; NULL: the root's
    const char *authorities;  // a file of certificates that are trusted; NULL: the system's
    const char *allow[CHECK_ALLOW_MAX]; // prefixes that count as public
    size_t allow_count;
    struct opt_out *opt_out; // opt_out.h: who is not asked, whatever leads there; NULL: none
};

struct checker;

// Finds out what this place has (IPv4, IPv6) before the first domain. ERR_USAGE, ERR_SYSTEM,
// ERR_NOT_FOUND (a reference table). The options are borrowed.
int checker_new(const struct check_options *o, const struct clock *clock, struct checker **ret,
                struct err *e);
void checker_free(struct checker **c);

// The form in which a domain is checked: an A-label, small letters, no final dot; from a U-label
// (IDNA 2008), or a URL's host. ERR_USAGE says what is wrong with it.
int check_domain_name(struct slice text, char ret[CHECK_DOMAIN_MAX + 1], struct err *e);

// What a run asks of its caller. `next` gives a domain and whatever is to come back with its
// result; false: there are no more. `done` gets the result, which it may keep by clearing *r. Their
// errors end the run.
struct check_run {
    int (*next)(void *arg, const char **ret_domain, void **ret_about, bool *ret_more,
                struct err *e);
    int (*done)(void *arg, void *about, struct result *r, struct err *e);
    void *arg;
};

int check_run(struct checker *c, const struct check_run *run, struct err *e);

// From another thread or a signal handler's pipe: nothing new begins, what is under way ends.
void check_stop(struct checker *c);

#endif
