// SPDX-License-Identifier: Apache-2.0
//
// The resolver of resolver.h that asks the servers of the DNS itself, from the root down. What it
// learns it keeps, apart for each choice of families: an answer of a resolver that has only IPv6
// owes nothing to IPv4. With `secure` libunbound asks and validates.
//
// A name costs at most LOOKUP_WORK_MAX questions with all that its servers' names need; servers
// that stay silent are left for others. Nothing is sent where the guard does not let it.

#ifndef CHECK_DNS_RESOLVER_H
#define CHECK_DNS_RESOLVER_H

#include "check/dns_client.h"
#include "check/guard.h"
#include "check/resolver.h"
#include "check/root_hints.h"

#define LOOKUP_WORK_MAX  120      // questions for one lookup, those for servers' names included
#define LOOKUP_TIME_MAX  20000000 // microseconds
#define LOOKUP_DEPTH_MAX 8        // servers' names that need servers' names that need ...
#define LOOKUPS_MAX      131072   // under way at a time; the callbacks of more say "failed" at once

#define ZONE_SERVERS_MAX   16 // of a zone that are kept
#define ZONE_ADDRESSES_MAX 8  // of a server
#define ZONES_BYTES_MAX    ((size_t)32 << 20)
#define ANSWERS_BYTES_MAX  ((size_t)64 << 20)
#define SERVERS_BYTES_MAX  ((size_t)16 << 20)

#define SERVER_OPEN_MAX 256 // questions at a time to one server: those of the root and of TLDs
#define SERVER_OPEN_FEW 32  // ... and all others

#define KEEP_MIN     10    // seconds an answer is kept at least: one domain's tests see the same
#define KEEP_MAX     86400 // and at most
#define KEEP_FAILURE 15    // that nobody answered

struct opt_out;

// Of a name that `opt_out` has nothing is asked but the zones on the way below it; of a server with
// such a name, nothing at all. Servers of the root have no name here.
struct resolver_options {
    struct events *events;
    struct dns_client *client;
    const struct guard *guard;      // NULL: everything may be asked
    const struct root_hints *hints; // borrowed
    struct opt_out *opt_out;        // borrowed; NULL: all may be asked
    const char *trust_anchor;       // a file; NULL: the root's, from data/dns
    uint16_t port;                  // of all servers; 0: DNS_PORT
};

int resolver_new(const struct resolver_options *o, struct resolver **ret, struct err *e);
void resolver_free(struct resolver **r); // of resolver_new; calls nobody back

// What RESOLVE_BOTH means from now on.
void resolver_use(struct resolver *r, unsigned families);

// What the zone above said of `zone` when a lookup came by: the name of its i-th server. False:
// there is none, or nothing was said.
bool resolver_delegation(struct resolver *r, const char *zone, unsigned i, char ret[DNS_TEXT_MAX]);

// Questions that were sent, for measuring.
uint64_t resolver_questions(const struct resolver *r);

#endif
