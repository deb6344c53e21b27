// SPDX-License-Identifier: Apache-2.0
//
// Bindings and sessions: what a stateful translator remembers (RFC 6146 3, RFC 4787, RFC 5382,
// RFC 5508, RFC 6888).
//
// A *binding* ties an inside transport address to an outside one; a *session* is a binding's
// traffic with one remote transport address, and its time. The inside is an IPv6 host (NAT64), an
// IPv4 host behind a softwire (an AFTR: the realm keeps customers apart that use the same
// addresses), or a plain IPv4 host (a CE). The outside is a pool of IPv4 addresses with the ports
// that may be used: all, a range, or the port set of a PSID (RFC 7597 5.1).
//
// Mapping is endpoint-independent; a host, or all of a softwire, keeps one outside address
// (paired); ports keep their number where it is free, else their parity. One that UDP or an ICMP
// query had rests (RFC 6888, REQ-8) while there are others, unless a port set is one customer's
// alone, or strangers are filtered.
//
// Nothing grows beyond the limits given at the start: all memory is taken there. What strangers
// send begins sessions in half of it at most, and passes without one then (RFC 6146, 5.3). Time is
// handed in, in milliseconds of any clock that only runs on.

#ifndef PACKET_NAPT_H
#define PACKET_NAPT_H

#include "base/err.h"
#include "net/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct napt;

struct napt_inside {
    u128 realm;   // 0, or the softwire
    u128 address; // IPv6, or IPv4 in the lowest bits
    uint16_t port;
    uint8_t protocol; // PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP
};

struct napt_outside {
    uint32_t address;
    uint16_t port;
};

// RFC 7597 5.1: of 16 bits, `offset` begin the port (not all zero, unless offset is 0), then
// `length` bits say `psid`.
struct port_set {
    uint8_t offset, length;
    uint16_t psid;
};
bool port_set_has(const struct port_set *set, uint16_t port);
uint16_t port_set_port(const struct port_set *set, uint32_t n); // the n-th, round and round

struct napt_event {
    bool begins;
    struct napt_inside inside;
    struct napt_outside outside;
    int64_t time;
};

#define NAPT_POOL_MAX         256 // addresses: 24 KiB of port bits each
#define NAPT_BINDINGS_DEFAULT 65536
#define NAPT_SESSIONS_DEFAULT 131072
#define NAPT_BINDINGS_MAX     (1u << 24)
#define NAPT_HOST_DEFAULT     1024 // bindings of one host, or subscriber
#define NAPT_HOST_SESSIONS    16   // for each of these
#define NAPT_REST_DEFAULT     120  // seconds
#define NAPT_NO_REST          INT64_MIN

struct napt_config {
    uint32_t pool_first, pool_last;
    uint16_t port_first, port_last;    // 0, 0: 1024 to 65535
    const struct port_set *port_set;   // NULL: the range. Borrowed during napt_new
    size_t bindings_max, sessions_max; // 0: the defaults
    size_t host_max;                   // 0: NAPT_HOST_DEFAULT
    // All IPv6 hosts, or softwires, that have so many bits in common count as one host; 0: 128
    // (RFC 6888, REQ-4).
    unsigned subscriber_length;
    int64_t rest;                               // of a port, in milliseconds; 0: NAPT_REST_DEFAULT
    bool address_dependent;                     // filtering; else anybody may answer to a binding
    bool outbound_only;                         // no TCP connection begins from outside
    uint64_t seed;                              // of hashing and of ports: random, but for tests
    int64_t established, transitory, udp, icmp; // milliseconds; 0: RFC 6146, 4
    void (*log)(void *arg, const struct napt_event *e); // may be NULL: bindings begin and end
    // A TCP session was long still: whoever asks one of its ends keeps it alive. May be NULL.
    void (*idle)(void *arg, const struct napt_inside *inside, uint32_t remote,
                 uint16_t remote_port);
    void *idle_arg, *log_arg;
};

// ERR_USAGE: an impossible pool or port set; ERR_MEMORY.
int napt_new(const struct napt_config *c, struct napt **ret, struct err *e);
void napt_free(struct napt **n);

enum napt_verdict {
    NAPT_FINE,
    NAPT_NONE,      // no binding, and this packet makes none
    NAPT_FILTERED,  // a binding, but not for this remote
    NAPT_HOST_FULL, // this host, or subscriber, has all it may have
    NAPT_FULL,      // the table has
    NAPT_PORTS,     // no outside port is free
};
#define NAPT_VERDICT_COUNT 6
const char *napt_verdict_name(enum napt_verdict v);

struct napt_packet {
    uint32_t remote;
    uint16_t remote_port; // 0 for ICMP
    uint8_t tcp_flags;
    bool look_only; // make no state and keep nothing alive: what stands inside an ICMP error
    int64_t now;
};

// From inside: which transport address it gets. *ret is untouched unless NAPT_FINE.
enum napt_verdict napt_out(struct napt *n, const struct napt_inside *inside,
                           const struct napt_packet *p, struct napt_outside *ret);

// From outside: whose it is.
enum napt_verdict napt_in(struct napt *n, uint8_t protocol, const struct napt_outside *outside,
                          const struct napt_packet *p, struct napt_inside *ret);

// A binding that stays: a port that is forwarded. ERR_USAGE: taken, or not among the ports that may
// be used (a port set with an offset never has the well-known ones, RFC 7597 5.1); ERR_LIMIT: full.
int napt_fix(struct napt *n, const struct napt_inside *inside, const struct napt_outside *outside,
             struct err *e);

// Ends what is over; cheap, to be called before packets and now and then.
void napt_expire(struct napt *n, int64_t now);

bool napt_is_outside(const struct napt *n, uint32_t address); // of the pool

struct napt_counts {
    size_t bindings, sessions, hosts;
};
struct napt_counts napt_counts(const struct napt *n);

#endif
