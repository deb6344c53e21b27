// SPDX-License-Identifier: Apache-2.0
//
// One question to one server, over UDP or TCP, in the one loop: what came back, or why nothing did.
// A seam: `struct dns_client` is what a test replaces.
//
// Whoever answers must know the server's address and port, ours, the id and the question; all else
// is dropped as if it had not come. Ports and ids come from the kernel's random numbers. Questions
// are sent and answers taken many at a time: a question costs little more than its two packets.

#ifndef CHECK_DNS_CLIENT_H
#define CHECK_DNS_CLIENT_H

#include "check/dns_message.h"
#include "check/endpoint.h"
#include "check/events.h"

#define DNS_FLIGHT_MAX       8192    // questions over UDP that wait for answers; others queue
#define DNS_STREAMS_MAX      512     // connections at a time; others queue
#define DNS_SIZE_MAX         4096    // of UDP answers that are asked for
#define DNS_ATTEMPTS_DEFAULT 3       // over UDP; over TCP there is one
#define DNS_TIMEOUT_DEFAULT  1000000 // microseconds for the first attempt; each next has twice that
#define DNS_STREAM_TIMEOUT   4000000 // microseconds for all of a connection

enum dns_status {
    DNS_ANSWERED,
    DNS_TRUNCATED,   // over UDP: the rest is to be had over TCP
    DNS_SILENT,      // nothing came
    DNS_UNREACHABLE, // a router or the host said so: ICMP, or the connection was refused
    DNS_NO_ROUTE,    // this place has no way there
    DNS_CLOSED,      // the connection ended before the answer was whole
    DNS_MALFORMED,   // something came from the server, and it is no answer to this
};

const char *dns_status_text(enum dns_status s); // "no answer", "the connection was closed"

struct dns_reply {
    enum dns_status status;
    const struct dns_message *message; // answered, truncated; until the callback returns
    uint32_t took;                     // microseconds, of the last attempt
    unsigned attempts;
};

struct client;

// Part of its owner, zeroed before the first use. The caller fills in what is above the line.
struct dns_question {
    struct endpoint to;
    const struct dns_name *name; // borrowed until it is done
    uint16_t type;
    uint16_t size; // EDNS: of UDP answers; 0: without EDNS
    bool dnssec, recursion, unchecked;
    bool tcp;
    unsigned attempts; // 0: DNS_ATTEMPTS_DEFAULT
    int64_t timeout;   // microseconds; 0: the defaults
    void (*done)(void *arg, const struct dns_reply *r);
    void *arg;
    // ---- the client's
    struct client *client;
    int state;
    enum dns_status status;
    uint16_t id;
    bool malformed;
    unsigned made; // attempts
    int64_t sent;
    void *way;                        // its socket or connection
    struct dns_question *next, **at;  // in the queue
    struct dns_question *flight_next; // with the same hash
    struct event_timer timer;
};

struct dns_client {
    void (*ask)(struct dns_client *c, struct dns_question *q);
    void (*cancel)(struct dns_client *c, struct dns_question *q);
};

// `done` comes once, never from inside this call.
static inline void dns_ask(struct dns_client *c, struct dns_question *q)
{
    c->ask(c, q);
}

// Nothing where it is not under way.
static inline void dns_cancel(struct dns_client *c, struct dns_question *q)
{
    c->cancel(c, q);
}

int dns_client_new(struct events *ev, struct dns_client **ret, struct err *e);
void dns_client_free(struct dns_client **c); // of dns_client_new; nothing may be under way

#endif
