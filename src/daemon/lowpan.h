// SPDX-License-Identifier: Apache-2.0
//
// A sensor network: a border router and hosts in a star around it, with 6LoWPAN over an emulated
// radio of IEEE 802.15.4. Each has a TUN device whose packets cross the radio. Neighbour discovery
// is that of RFC 6775, and the daemons' alone: the kernel's does not reach the radio.

#ifndef DAEMON_LOWPAN_H
#define DAEMON_LOWPAN_H

#include "daemon/radio.h"
#include "packet/lowpan.h"
#include "packet/lowpan_nd.h"

#define LOWPAN_MINUTES_MAX 1092 // 65,535 seconds, a router's lifetime

enum lowpan_trick {
    LOWPAN_HONEST,
    LOWPAN_WRONG_CONTEXT, // hosts are told another prefix than the router uses
    LOWPAN_NO_PLACE,      // every registration is refused, as by a full router
};

struct lowpan_options {
    const char *device;
    struct radio_options radio;
    bool plain;
    unsigned minutes; // of a registration; of what a router tells
    // Border router only:
    u128 prefix; // a /64
    struct lowpan_told_context contexts[IPHC_CONTEXTS];
    size_t context_count;
    enum lowpan_trick trick;
    struct speaker speaker;
};

int lowpan_router_run(const struct lowpan_options *o, struct err *e);
int lowpan_host_run(const struct lowpan_options *o, struct err *e);

// "0=2001:db8:15:4::/64,1=2001:db8:80::80": contexts by their numbers. `ret` has IPHC_CONTEXTS.
int parse_contexts(const char *option, const char *text, struct lowpan_told_context *ret,
                   size_t *ret_count, struct err *e);

#endif
