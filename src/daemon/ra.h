// SPDX-License-Identifier: Apache-2.0
//
// Router advertisements on an interface (RFC 4861, 6.2): now and then to all, at once to who asks,
// and a last one that says that the router is none any more. For teaching it can be wrong in ways
// that hosts must notice, or must not fall for.

#ifndef DAEMON_RA_H
#define DAEMON_RA_H

#include "daemon/daemon.h"
#include "packet/advert.h"

enum ra_fault {
    RA_FINE,
    RA_ZERO_LIFETIME,
    RA_WRONG_PREFIX,
    RA_LONG_PREFIX,
    RA_LINK_LOCAL_PREFIX,
    RA_PREFERRED_OVER_VALID,
    RA_BAD_LENGTH,
    RA_SHORT,
    RA_CHECKSUM,
    RA_HOP_LIMIT,
    RA_CODE,
    RA_GLOBAL_SOURCE,
    RA_FLOOD,
};
#define RA_FAULT_COUNT 13

// "bad-length", as an option says it; "" for RA_FINE. And what it does.
const char *ra_fault_name(enum ra_fault f);

struct ra_options {
    const char *device;
    struct advert advert; // the MAC address is put in here
    enum ra_fault fault;
    u128 source;             // 0: the interface's link-local address
    unsigned interval;       // seconds between unsolicited ones at most (MaxRtrAdvInterval)
    bool say_nothing_at_end; // no last advertisement: a router that fell over
    struct speaker speaker;
};

#define RA_INTERVAL_MAX     1800
#define RA_INTERVAL_DEFAULT 600

// Until SIGTERM. ERR_USAGE: it does not fit into one packet.
int ra_run(const struct ra_options *o, struct err *e);

// The same for daemons with a loop of their own, whose advertisements change: `o->device` is
// borrowed. ERR_USAGE, ERR_SYSTEM.
struct ra_sender;
int ra_sender_new(const struct ra_options *o, struct ra_sender **ret, struct err *e);
void ra_sender_free(struct ra_sender **r);
void ra_sender_watch(struct ra_sender *r, struct loop *l);       // adds two watches
void ra_sender_begin(struct ra_sender *r);                       // the first one, now
void ra_sender_set(struct ra_sender *r, const struct advert *a); // from the next one on
// Now, but 3 s after the one before.
void ra_sender_change(struct ra_sender *r, const struct advert *a);
void ra_sender_end(struct ra_sender *r); // the last one: a router no more

// One advertisement as a packet, with the fault in it: its length. 0: no room.
size_t ra_packet(const struct ra_options *o, u128 source, u128 destination, uint64_t chance,
                 uint8_t *at, size_t room);

#endif
