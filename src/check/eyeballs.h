// SPDX-License-Identifier: Apache-2.0
//
// What Happy Eyeballs Version 2 (RFC 8305) makes of measured connection times: which address a
// browser ends up on, and how much later than without IPv6. Pure.
//
// Computed, not tried: the attempts of a browser would be its own, and the measured ones are ours
// already. Addresses are taken in the order of the answers, families in turn, IPv6 first (4), one
// attempt every 250 ms (5) or as soon as the one before fails.

#ifndef CHECK_EYEBALLS_H
#define CHECK_EYEBALLS_H

#include "check/endpoint.h"
#include "check/tcp_probe.h"

#define EYEBALLS_STEP   250000 // microseconds: the recommended Connection Attempt Delay, section 8
#define EYEBALLS_NOTICE 100000 // a delay that a person notices (Miller 1968, Nielsen 1993: 0.1 s)
#define EYEBALLS_MAX    32     // addresses

struct eyeball {
    enum family family;
    enum tcp_outcome outcome;
    uint32_t took; // microseconds until it opened or failed
};

struct eyeballs {
    bool connects;
    size_t winner;      // of the addresses
    uint32_t connected; // microseconds from the beginning
    bool alone;         // over IPv4 alone it would have connected
    uint32_t delay;     // microseconds that IPv6 cost a user against IPv4 alone; 0 where it helped
    unsigned attempts;  // that were begun
};

struct eyeballs eyeballs_race(const struct eyeball *addresses, size_t count);

#endif
