// SPDX-License-Identifier: Apache-2.0
//
// Mail of a domain: facts first, judged afterwards. mail.c finds the exchangers and asks SPF,
// mail_hosts.c looks at each exchanger once for all the domains that use it, mail_judge.c makes
// tests of what they saw. Inside the room only.

#ifndef CHECK_MAIL_H
#define CHECK_MAIL_H

#include "check/checker.h"
#include "check/smtp_visit.h"
#include "check/spf.h"

#define MAIL_MX_MAX        16   // exchangers of a domain that are looked at, the preferred first
#define MAIL_ADDRESSES_MAX 8    // of one exchanger and family
#define MAIL_POINTERS_MAX  8    // names of one address that are followed back
#define MAIL_HOSTS_MAX     4096 // exchangers that are remembered while nobody uses them
#define MAIL_ATTEMPTS      2    // visits to one address; each attempt to connect is three SYNs
#define MAIL_SPF_MAX       8    // addresses that SPF is asked about
#define MAIL_NAME_MAX      256
#define MAIL_WHY_MAX       120
#define MAIL_PORT          25

// ---- facts

struct mail_lookup {
    bool done, opted_out;
    enum lookup_status status;
    enum lookup_security security;
    size_t count;
    int64_t at;
    uint32_t took;
    char by[ENDPOINT_TEXT_MAX];
    char why[MAIL_WHY_MAX];
};

enum mail_pointer {
    POINTER_UNASKED,
    POINTER_UNKNOWN, // the DNS did not say
    POINTER_NONE,    // no name
    POINTER_ASTRAY,  // names, and none leads back
    POINTER_BACK,
};

struct mail_address {
    struct endpoint at;
    enum oddity oddity; // then it is not visited
    unsigned attempts;  // 0: not visited
    bool settled;       // no further visit will be
    struct smtp_report report;
    enum mail_pointer pointer; // IPv6 only
    struct mail_lookup pointer_lookup;
    char pointer_name[MAIL_NAME_MAX]; // the first, or the one that leads back
};

struct mail_host {
    char name[MAIL_NAME_MAX];
    struct mail_lookup lookups[2]; // AAAA and A, by family
    char alias[MAIL_NAME_MAX];     // where a CNAME leads; ""
    bool tlsa_asked;
    struct mail_lookup tlsa;
    struct dane dane;
    struct mail_address *addresses;
    size_t count;
    size_t left_out; // addresses beyond the limit
    bool known;      // its addresses were asked for
    bool complete;   // all of it was asked
};

enum mail_exchanger_kind { EXCHANGER_HOST, EXCHANGER_LITERAL, EXCHANGER_ROOT };

struct mail_exchanger {
    uint16_t preference;
    enum mail_exchanger_kind kind;
    const char *name;
    const struct mail_host *host; // EXCHANGER_HOST
};

struct mail_spf {
    enum family family;
    u128 address;
    const char *host;
    bool done;
    int64_t at;
    struct spf_found found;
};

struct mail_facts {
    const char *domain;
    unsigned level;
    bool ipv4_here, ipv6_here;
    struct mail_lookup mx;
    bool implicit; // no MX: the domain itself takes its mail (RFC 5321 5.1)
    struct mail_exchanger exchangers[MAIL_MX_MAX];
    size_t count, left_out;
    struct mail_spf spf[MAIL_SPF_MAX];
    size_t spf_count;
};

void mail_lookup_keep(struct mail_lookup *m, const struct lookup *l);

// ---- judging: pure

void mail_judge(const struct mail_facts *f, struct result *r);

// ---- exchangers, shared by all domains of a run

struct mail_world {
    struct events *events;
    struct resolver *resolver;
    struct gate *gate;
    const struct guard *guard;
    SSL_CTX *context; // NULL: without encryption
    unsigned level;
    uint16_t port;
    int64_t timeout;
};

struct mail_hosts;

struct mail_wish {            // part of its owner, zeroed before the first use
    void (*known)(void *arg); // its addresses are; may be NULL
    void (*done)(void *arg);
    void *arg;
    const struct mail_host *host; // from mail_hosts_want until mail_hosts_leave
    struct event_task tell_known, tell;
    struct mail_wish *next;
};

int mail_hosts_new(const struct mail_world *w, struct mail_hosts **ret, struct err *e);
void mail_hosts_free(struct mail_hosts **h); // nobody wishes any more
// What this place has. Before it is called, nothing is visited.
void mail_hosts_here(struct mail_hosts *h, bool ipv4, bool ipv6);
// `known`, then `done` once the host is complete, never from inside this call. ERR_MEMORY.
int mail_hosts_want(struct mail_hosts *h, struct mail_wish *w, const char *name, struct err *e);
// What nobody waits for is given up.
void mail_hosts_leave(struct mail_hosts *h, struct mail_wish *w);

#endif
