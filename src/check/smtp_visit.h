// SPDX-License-Identifier: Apache-2.0
//
// One visit to one address of a mail server: the connection, the conversation of smtp.h over it,
// and the certificate that is shown. Who may be visited, and how often, is for the caller (guard.h,
// gate.h).

#ifndef CHECK_SMTP_VISIT_H
#define CHECK_SMTP_VISIT_H

#include "check/dane.h"
#include "check/endpoint.h"
#include "check/events.h"
#include "check/smtp.h"
#include "check/tls.h"

// Microseconds, at the most; a banner and a reply get SMTP_TIMEOUTS times the timeout of the
// connection, the whole visit twice that. Servers hold their greeting back to see who cannot wait
// (postscreen 6 s, sendmail 5 s and more), and one that drips octets must not hold us.
#define SMTP_TIMEOUTS      3
#define SMTP_BANNER_WAIT   ((int64_t)20000000)
#define SMTP_REPLY_WAIT    ((int64_t)15000000)
#define SMTP_QUIT_WAIT     ((int64_t)1000000)
#define SMTP_VISIT_WAIT    ((int64_t)30000000) // all of it, once it is connected
#define SMTP_VISIT_WHY_MAX 120

struct smtp_report {
    struct smtp_seen seen;
    int64_t at;                     // milliseconds since 1970-01-01
    uint32_t connect_took, took;    // microseconds: until it opened; until the greeting was whole
    char why[SMTP_VISIT_WHY_MAX];   // why the handshake failed
    struct certificate certificate; // shown: only after a handshake
    enum dane_verdict dane;
    char dane_why[DANE_WHY_MAX];
};

struct smtp_plan {
    struct events *events;
    struct endpoint at;
    const char *host;        // its name, for SNI and for the certificate; borrowed
    bool connect_only;       // the port opens, nothing is said
    SSL_CTX *context;        // NULL: without encryption; borrowed
    const struct dane *dane; // NULL: there are no secure records; borrowed
    int64_t timeout;         // of the connection attempt, microseconds
    void (*done)(void *arg); // from the loop, never from inside smtp_visit_new
    void *arg;
};

struct smtp_visit;

int smtp_visit_new(const struct smtp_plan *p, struct smtp_visit **ret, struct err *e);
const struct smtp_report *smtp_visit_report(const struct smtp_visit *v);
void smtp_visit_free(struct smtp_visit **v); // also from `done`; also before it

#endif
