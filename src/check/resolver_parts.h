// SPDX-License-Identifier: Apache-2.0
//
// Inside the resolver: lookups under way (resolver.c), whom to ask next (resolver_ask.c), what a
// message says (resolver_read.c), what is kept (resolver_keep.c), validation (resolver_secure.c).

#ifndef CHECK_RESOLVER_PARTS_H
#define CHECK_RESOLVER_PARTS_H

#include "check/dns_cache.h"
#include "check/dns_resolver.h"

#define KEY_MAX        (DNS_NAME_MAX + 3)
#define CANDIDATES_MAX 48
#define TRIES_MAX      2
#define WHY_MAX        200
#define JOB_ROWS       8192 // powers of two
#define WAITER_ROWS    8192

struct answer {
    struct dns_entry entry;
    int64_t until; // microseconds, monotonic
    struct lookup lookup;
};

struct zone_address {
    enum family family;
    u128 address;
};

struct zone_server {
    const struct dns_name *name; // only as long as it is
    const struct zone_address *addresses;
    unsigned count;
};

struct zone {
    struct dns_entry entry;
    int64_t until;
    struct dns_name name;
    unsigned count;
    const struct zone_server *servers;
};

#define SERVER_KEY 19

struct server {
    struct dns_entry entry;
    uint8_t key[SERVER_KEY];
    bool plain;       // does not understand EDNS
    uint64_t denied;  // of a zone's name: it was asked for the zone, and denied that it is there
    uint8_t failures; // in a row
    uint32_t srtt;    // microseconds; 0: not known
    unsigned open;    // questions
    int64_t dead_until;
};

struct budget { // of a lookup and all that it needs
    unsigned left, users;
};

struct job;

struct waiter {
    struct waiter *next, **at;         // of the job
    struct waiter *row_next, **row_at; // by `arg`
    struct inner *resolver;
    struct job *job;       // NULL: the answer is there
    struct job *owner;     // a lookup that needs it; NULL: somebody outside
    struct answer *answer; // pinned
    struct event_task task;
    lookup_done *done;
    void *arg;
};

struct candidate {
    struct endpoint at;
    uint8_t tries;
};

enum miss { MISS_SILENT, MISS_UNREACHABLE, MISS_LAME, MISS_ERROR, MISS_MALFORMED, MISS_COUNT };

struct job {
    struct inner *resolver;
    struct job *row_next, **row_at;
    uint8_t key[KEY_MAX];
    uint16_t key_length;
    struct dns_name name;
    uint16_t type;
    unsigned families;
    bool secure;
    struct waiter *waiters, **waiters_end;
    struct event_task step;
    struct event_timer deadline, pause;
    int64_t began;
    struct budget *budget;
    unsigned depth, chain_depth;
    struct zone *zone; // pinned
    struct candidate candidates[CANDIDATES_MAX];
    unsigned candidate_count;
    uint32_t looked_up;    // bits: servers of the zone whose addresses were asked for
    uint32_t left_out;     // bits: servers of the zone that do not want to be asked
    unsigned asking;       // the candidate
    struct server *server; // pinned while it is asked
    struct dns_question question;
    bool flying;
    struct job *waits[2]; // lookups that it waits for, as far as they are under way
    unsigned waiting;     // answers to come
    struct dns_name alias[LOOKUP_CHAIN_MAX];
    unsigned alias_count;
    uint32_t alias_ttl;
    unsigned misses[MISS_COUNT];
    unsigned rcode; // of the last error
    bool denied;    // the name of a server of the zone, by one of them
    struct endpoint by;
    int validation; // libunbound's number
    bool validating;
};

struct inner {
    struct resolver face;
    struct events *events;
    struct dns_client *client;
    const struct guard *guard;
    const struct root_hints *hints;
    struct opt_out *opt_out;
    const char *trust_anchor;
    uint16_t port;
    unsigned both; // the families of RESOLVE_BOTH
    struct dns_cache zones, answers, servers;
    struct zone *root[4]; // by families
    size_t job_count;
    uint64_t questions, random;
    struct validator *validators[4];
    struct job *jobs[JOB_ROWS];
    struct waiter *waiters[WAITER_ROWS];
};

// ---- resolver.c

// What a lookup came to. `message`: where the data stand, owned by `owner`. `rest`: the answer for
// the last alias, whose data and end are taken over.
struct finding {
    enum lookup_status status;
    enum lookup_security security;
    const struct dns_message *message;
    const struct dns_name *owner;
    const struct lookup *rest;
    uint32_t ttl;
    const char *why;
    bool by_timeout, opted_out;
};

void job_finish(struct job *j, const struct finding *f);
void job_fail(struct job *j, enum lookup_status status, bool by_timeout, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool name_left_out(const struct inner *r, const struct dns_name *n);
void job_leave_out(struct job *j, const struct dns_name *who); // who does not want to be asked
void job_step(struct job *j); // looks for the nearest zone, and asks
// A lookup that this one waits for. False: that one waits for this one; nothing was begun.
bool job_wait(struct job *j, const struct dns_name *name, uint16_t type, bool alias,
              lookup_done *done);
void job_unwait(struct job *j);
size_t key_write(const struct dns_name *n, uint16_t type, unsigned families, bool secure,
                 uint8_t key[KEY_MAX]);

// ---- resolver_ask.c
void job_enter(struct job *j, struct zone *z);
void job_ask(struct job *j);
void job_ask_again(struct job *j, bool tcp); // the same server
void job_miss(struct job *j, enum miss m, bool for_good);
uint64_t inner_random(struct inner *r);

// ---- resolver_read.c
void job_read(struct job *j, const struct dns_message *m);

// ---- resolver_keep.c
struct answer *answer_find(struct inner *r, const uint8_t *key, size_t length);
struct answer *answer_make(const struct job *j, const struct finding *f);
struct zone *zone_nearest(struct inner *r, const struct dns_name *n, unsigned families, bool above);
struct zone *zone_learn(struct inner *r, const struct dns_message *m, const struct dns_name *name,
                        const struct dns_name *from, unsigned families);
bool zone_root_make(struct inner *r, unsigned families);
struct server *server_get(struct inner *r, const struct endpoint *at); // NULL: no memory

// ---- resolver_secure.c
void secure_begin(struct job *j);
void secure_cancel(struct job *j);
void secure_free(struct inner *r);

#endif
