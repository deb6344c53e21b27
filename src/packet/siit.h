// SPDX-License-Identifier: Apache-2.0
//
// Stateless mappings of addresses: one prefix for the whole IPv4 Internet (RFC 6052, RFC 7915 6),
// and explicit pairs of prefixes that go before it (RFC 7757). A CLAT (RFC 6877) is this too: its
// own hosts' addresses as an explicit pair, the provider's Pref64 as the prefix.

#ifndef PACKET_SIIT_H
#define PACKET_SIIT_H

#include "base/err.h"
#include "packet/translate.h"

// An explicit mapping: the bits behind both prefixes are the same (RFC 7757, 3.2).
struct siit_pair {
    uint32_t prefix4;
    u128 prefix6;
    uint8_t length4, length6; // length6 is at least 96 + length4
};

#define SIIT_PAIRS_MAX 1024 // looked through one by one

struct siit {
    u128 prefix;
    unsigned prefix_length; // 0: only the pairs
    const struct siit_pair *pairs;
    size_t pair_count;
};

// ERR_USAGE: a prefix or pair that cannot be, or two pairs that begin alike.
int siit_check(const struct siit *s, struct err *e);

bool siit_to6(const struct siit *s, uint32_t address, u128 *ret);
bool siit_to4(const struct siit *s, u128 address, uint32_t *ret);

// A translator by these mappings. Two IPv6 hosts that both have one reach each other by their IPv4
// addresses: such a packet is turned back at once (RFC 7757, 4.2.2), and its source stands in the
// prefix then, so that the answer comes here too.
struct siit_way {
    const struct siit *siit;
    struct translator translator; // its mapper is set by siit_begin
    void (*send)(void *arg, struct packet *p);
    void *arg;
    bool turns, turned; // the packet has to be turned back; is turned back
    u128 met;           // whom it comes from, or whom the packet inside an error went to
};

void siit_begin(struct siit_way *w);
enum translated siit_packet(struct siit_way *w, struct packet *p);

#endif
