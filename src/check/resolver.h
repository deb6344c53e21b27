// SPDX-License-Identifier: Apache-2.0
//
// Names to records, asked of the authoritative servers from the root down, with a cache that all
// domains of a run share. A seam: `struct resolver` begins with what a test replaces.
//
// An answer lives until the callback returns. It is told through a task, never from inside
// resolver_ask. Questions for what is being asked already wait for that answer.

#ifndef CHECK_RESOLVER_H
#define CHECK_RESOLVER_H

#include "check/endpoint.h"
#include "check/events.h"

#define DNS_TYPE_A      1
#define DNS_TYPE_NS     2
#define DNS_TYPE_CNAME  5
#define DNS_TYPE_SOA    6
#define DNS_TYPE_PTR    12
#define DNS_TYPE_MX     15
#define DNS_TYPE_TXT    16
#define DNS_TYPE_AAAA   28
#define DNS_TYPE_DNAME  39
#define DNS_TYPE_OPT    41
#define DNS_TYPE_DS     43
#define DNS_TYPE_RRSIG  46
#define DNS_TYPE_DNSKEY 48
#define DNS_TYPE_TLSA   52
#define DNS_TYPE_CAA    257

#define DNS_TEXT_MAX     1010 // a name as text: 255 octets, each at most "\ddd"
#define LOOKUP_CHAIN_MAX 12   // CNAMEs in a row; resolvers give up at 8 to 16
#define LOOKUP_DATA_MAX  256  // records of one answer that are kept

enum lookup_status {
    LOOKUP_FOUND,
    LOOKUP_NO_DATA, // the name is there, without this type
    LOOKUP_NO_NAME, // NXDOMAIN
    LOOKUP_FAILED,  // nobody who should know answered, or not sensibly: `why` says it
    LOOKUP_BROKEN,  // a loop or a chain that is too long: `why`
};

enum lookup_security {
    LOOKUP_UNCHECKED,
    LOOKUP_INSECURE, // no chain of trust leads here
    LOOKUP_SECURE,
    LOOKUP_BOGUS, // `why` says it
};

struct lookup_datum {
    u128 address;        // A, AAAA
    uint16_t preference; // MX
    const char *name;    // MX, NS, PTR, CNAME: as text, small letters, without the final dot
    const uint8_t *data; // all other types: the octets
    uint16_t length;
};

struct lookup {
    const char *name;
    uint16_t type;
    enum lookup_status status;
    enum lookup_security security;
    const struct lookup_datum *data;
    size_t count;
    const char *const *chain; // names that CNAMEs led to; the last is where the data stand
    size_t chain_count;
    const char *why; // one sentence; "" where nothing went wrong
    uint32_t ttl;    // seconds
    int64_t at;      // milliseconds since 1970: when it was asked
    uint32_t took;   // microseconds; 0: it was in the cache
    const char *by;  // the server that said it: "[2001:db8::53]:53"
    bool by_timeout; // FAILED, and nothing but silence came from all servers
    bool opted_out;  // FAILED: it, an alias or a server of it does not want to be asked
};

typedef void lookup_done(void *arg, const struct lookup *l);

// Which families the resolver may use on its way.
#define RESOLVE_IPV4 1u
#define RESOLVE_IPV6 2u
#define RESOLVE_BOTH 3u

struct resolver {
    void (*ask)(struct resolver *r, const char *name, uint16_t type, unsigned families, bool secure,
                lookup_done *done, void *arg);
    // What is still asked for `arg` is not told any more.
    void (*forget)(struct resolver *r, void *arg);
};

// `name`: letters, digits, "-", "_" and dots (an A-label where it is international). `secure`: with
// DNSSEC validation. Always calls back.
static inline void resolver_ask(struct resolver *r, const char *name, uint16_t type,
                                unsigned families, bool secure, lookup_done *done, void *arg)
{
    r->ask(r, name, type, families, secure, done, arg);
}

static inline void resolver_forget(struct resolver *r, void *arg)
{
    r->forget(r, arg);
}

#endif
