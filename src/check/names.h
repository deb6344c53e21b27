// SPDX-License-Identifier: Apache-2.0
//
// What was seen of a domain's names: the zones from the root down, the servers of its own zone,
// and what each address of these said. names.c and names_ask.c fill it in, names_judge.c makes
// tests of it.

#ifndef CHECK_NAMES_H
#define CHECK_NAMES_H

#include "base/arena.h"
#include "check/dns_message.h"
#include "check/guard.h"
#include "check/result.h"

#define NAMES_ZONES_MAX     16 // from the root down: labels of a domain that can be zones
#define NAMES_SERVERS_MAX   16 // of one zone
#define NAMES_ADDRESSES_MAX 4  // of a server and family that are asked

enum said {
    SAID_NOTHING, // not asked
    SAID_ANSWER,  // with authority
    SAID_SHORT,   // truncated: the rest over TCP
    SAID_LAME,    // it answers, and is not authoritative
    SAID_ERROR,   // REFUSED, SERVFAIL, ...
    SAID_SILENT,
    SAID_UNREACHABLE,
    SAID_CLOSED,
    SAID_MALFORMED,
    SAID_NO_ROUTE,
};

struct said_once {
    enum said said;
    uint8_t rcode;
    uint8_t attempts;
    bool plain;      // asked without EDNS
    uint16_t length; // octets of the answer
    uint32_t took;   // microseconds
    int64_t at;      // milliseconds since 1970
};

// The questions for each address, in their order.
enum question_kind {
    ASK_SOA, // UDP
    ASK_TCP, // SOA over TCP
    ASK_512, // DNSKEY with signatures, EDNS sizes
    ASK_1232,
    ASK_4096,
    ASK_TXT,   // 4096
    ASK_LONG,  // of a signed zone: a long name that is not there, 4096
    ASK_LARGE, // DNSKEY over TCP, where an answer was truncated
    ASK_NS,    // for comparison
    ASK_A,
    ASK_AAAA,
    ASK_MX,
};
#define ASK_COUNT      12
#define ASK_SAME_FIRST ASK_NS
#define ASK_SAME_COUNT (ASK_COUNT - ASK_SAME_FIRST)

// What a server makes of EDNS: an old one refuses it, one behind a bad filter never gets it.
enum edns { EDNS_TAKEN, EDNS_REFUSED, EDNS_SILENT };

struct names_address {
    enum family family;
    u128 address;
    enum oddity oddity;
    bool glue, own; // said by the zone above; by the server's own zone
    struct said_once said[ASK_COUNT];
    enum edns edns;
    bool has_keys; // DNSKEY records: the zone is signed
    uint32_t serial;
    uint64_t digests[ASK_SAME_COUNT]; // of the sets that are compared; 0: none
};

struct names_server {
    const char *name;
    bool above, own; // named by the zone above; by the zone itself
    bool inside;     // its name lies in the zone
    bool unresolved; // its addresses could not be looked up
    bool more[2];    // by family: addresses beyond the limit, that are not asked
    bool opted_out;  // and were not asked for, nor is anything asked of it
    bool alias;      // a CNAME, which RFC 2181, 10.3 forbids: some resolvers leave the server out
    struct names_address *addresses;
    unsigned address_count;
};

struct names_zone {
    const char *name; // "." for the root
    unsigned servers, with_ipv6;
    bool unknown;          // its servers could not be found out
    const char *one_sided; // servers that only it or only the zone above names; ""
};

enum names_exists {
    NAME_UNKNOWN,
    NAME_THERE,
    NAME_NOT_THERE,
    NAME_FAILED,
    NAME_SILENT,
    NAME_OPTED_OUT, // who leads there does not want to be asked
};

struct names_facts {
    const char *domain;
    bool ipv4_here, ipv6_here;
    enum names_exists exists;
    const char *exists_why;
    struct names_zone zones[NAMES_ZONES_MAX];
    unsigned zone_count;
    const char *zone; // the domain's own; NULL: none below the TLD
    struct names_server servers[NAMES_SERVERS_MAX];
    unsigned server_count;
    bool more_servers;     // beyond the limit
    bool delegation_known; // what the zone above says was seen
    bool same_above;       // a server of the zone above is one of the zone's own
    bool only_ipv6_asked, only_ipv6_found, only_ipv6_silent, only_ipv6_opted_out;
    const char *only_ipv6_why;
    struct evidence only_ipv6;
    bool dnssec_wanted, dnssec_known, dnssec_opted_out;
    bool secure, bogus;
    const char *dnssec_why;
    bool impatient; // the time was over
};

// Adds the tests of the area, and fills in result.scores.dns.
void names_judge(const struct names_facts *f, struct result *r);

// Do servers that answer with authority give different answers?
bool names_differ(const struct names_facts *f);

const char *said_text(enum said s);

#endif
