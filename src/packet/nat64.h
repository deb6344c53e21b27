// SPDX-License-Identifier: Apache-2.0
//
// Stateful NAT64 (RFC 6146): IPv6 clients reach IPv4 servers. translate.c changes the packets,
// napt.c remembers who is who; here they meet, with later pieces of packets and with hosts behind
// the translator that speak to each other through it (hairpinning).

#ifndef PACKET_NAT64_H
#define PACKET_NAT64_H

#include "packet/napt.h"
#include "packet/translate.h"

struct nat64;

struct nat64_config {
    u128 prefix;            // Pref64
    unsigned prefix_length; // as embed_valid
    struct napt_config napt;
    uint32_t own4; // speaks in errors; 0: the pool's first
    u128 own6;     // 0: no errors towards IPv6
    size_t mtu4, mtu6;
    size_t mtu6_least; // these as struct translator
    bool zero_checksum, traffic_class_0;
    bool log_bindings; // to whoever runs it
    // Packets that go out, in the family their first byte says. Borrowed during the call.
    void (*send)(void *arg, struct packet *p);
    void *arg;
};

// Why packets did not pass, besides what translate() says.
struct nat64_counts {
    uint64_t translated[TRANSLATED_COUNT];
    uint64_t refused[NAPT_VERDICT_COUNT];
    uint64_t elsewhere; // not for the prefix, or the pool
    uint64_t pieces_early, pieces_lost;
    struct napt_counts napt;
};

#define NAT64_FLOWS_MAX  1024 // packets in pieces at a time
#define NAT64_PIECES_MAX 64   // pieces that came before the first one
#define NAT64_PIECE_MAX  2048 // bytes
#define NAT64_PIECE_MS   2000 // FRAGMENT_MIN

int nat64_new(const struct nat64_config *c, struct nat64 **ret, struct err *e);
void nat64_free(struct nat64 **n);

// The packet's buffer is used up.
void nat64_packet(struct nat64 *n, struct packet *p, int64_t now);
void nat64_tick(struct nat64 *n, int64_t now); // now and then, where no packets come

struct nat64_counts nat64_counts(const struct nat64 *n);
struct napt *nat64_napt(struct nat64 *n); // for napt_fix

#endif
