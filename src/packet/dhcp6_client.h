// SPDX-License-Identifier: Apache-2.0
//
// A DHCPv6 client's states (RFC 8415, 18.2), without sockets and clock: it is told the time and
// what comes in, and says what goes out and when it wants to be asked again. Times are milliseconds
// of any clock that does not go back.
//
//     dhcp6_client_begin(&c, &config, seed, now);
//     wait until dhcp6_client_due(&c) or a message;
//     length = dhcp6_client_turn(&c, now, packet, &changed);    send what there is
//     changed = dhcp6_client_receive(&c, now, packet, length);  use c.addresses, c.prefixes

#ifndef PACKET_DHCP6_CLIENT_H
#define PACKET_DHCP6_CLIENT_H

#include "packet/dhcp6.h"

#define DHCP6_NEVER INT64_MAX

struct dhcp6_client_config {
    struct dhcp6_id id;
    uint32_t iaid;
    bool address, prefix; // what it asks for
    uint8_t hint;         // length of the prefix that it would like; 0: none said
    bool rapid;           // takes two messages where the server does
};

enum dhcp6_state {
    DHCP6_SOLICITING,
    DHCP6_REQUESTING,
    DHCP6_BOUND,
    DHCP6_RENEWING,
    DHCP6_REBINDING,
    DHCP6_CONFIRMING, // after the line was gone: addresses alone,
    DHCP6_VERIFYING,  // and with prefixes, which a Rebind asks for (RFC 8415, 18.2.12)
    DHCP6_INFORMING,  // what else there is to know, for a Reconfigure
    DHCP6_DECLINING,
    DHCP6_RELEASING,
    DHCP6_STOPPED,
};

struct dhcp6_held {
    struct dhcp6_lease lease;
    int64_t preferred_end, valid_end; // DHCP6_NEVER: for good
};

struct dhcp6_client {
    struct dhcp6_client_config config;
    enum dhcp6_state state;
    uint64_t chance;
    uint32_t xid;
    unsigned sent;                 // in this exchange
    int64_t begun, due, until, rt; // of this exchange
    int64_t t1, t2;
    uint32_t solicit_max, inform_max; // seconds
    bool has_offer;
    struct dhcp6 offer;     // the best Advertise so far
    struct dhcp6_id server; // who lends
    struct dhcp6_key key;   // of that server's Reconfigure messages, and the last value of replay
    bool reconfigured;      // this exchange answers one
    struct dhcp6_held addresses[DHCP6_LEASES_MAX], prefixes[DHCP6_LEASES_MAX];
    size_t address_count, prefix_count;
    u128 declined;
    struct dhcp6 settings; // the last Reply: its resolvers and names are in force
};

void dhcp6_client_begin(struct dhcp6_client *c, const struct dhcp6_client_config *config,
                        uint64_t seed, int64_t now);

int64_t dhcp6_client_due(const struct dhcp6_client *c);

// Does what is due at `now`. The message that is to be sent, its length; 0: none. *ret_changed:
// leases have ended. `at` has DHCP6_PACKET_MAX.
size_t dhcp6_client_turn(struct dhcp6_client *c, int64_t now, uint8_t *at, bool *ret_changed);

// True: leases or settings are others now, or their times. The message was sent to one address of
// ours, not to a group (RFC 8415, 16.11).
bool dhcp6_client_receive(struct dhcp6_client *c, int64_t now, const uint8_t *at, size_t length);

void dhcp6_client_verify(struct dhcp6_client *c, int64_t now); // the line was gone and is back

// The address is another's (RFC 8415, 18.2.8): it is not used any more, and the server is told; a
// while later it is asked for another. False: not now, ask again.
bool dhcp6_client_decline(struct dhcp6_client *c, int64_t now, u128 address);

// The leases are not used any more: the caller has seen to it. Until DHCP6_STOPPED.
void dhcp6_client_release(struct dhcp6_client *c, int64_t now);

#endif
