// SPDX-License-Identifier: Apache-2.0
//
// DHCPv4 (RFC 2131, RFC 2132), as much as an IPv6-mostly network needs: leases, and the option by
// which a network tells hosts that can do without IPv4 to do so (108, RFC 8925). No relays.

#ifndef PACKET_DHCP_H
#define PACKET_DHCP_H

#include "base/err.h"
#include "packet/packet.h"

#define DHCP_SERVER_PORT   67
#define DHCP_CLIENT_PORT   68
#define DHCP_ID_MAX        192 // of a client's identifier (RFC 4361: at most 135); not longer ones
#define DHCP_RESOLVERS_MAX 4
#define DHCP_PACKET_MAX    576
#define DHCP_V6ONLY_LEAST  300 // MIN_V6ONLY_WAIT, RFC 8925 3.4
#define DHCP_LEASES_MAX    1024

enum dhcp_type {
    DHCP_DISCOVER = 1,
    DHCP_OFFER,
    DHCP_REQUEST,
    DHCP_DECLINE,
    DHCP_ACK,
    DHCP_NAK,
    DHCP_RELEASE,
    DHCP_INFORM,
};

struct dhcp {
    bool reply, broadcast;
    enum dhcp_type type;
    uint32_t xid;
    uint32_t client, yours, relay; // ciaddr, yiaddr, giaddr
    uint8_t mac[6];
    uint32_t requested, server, lease, mask, router; // 0: not said
    uint32_t renew, rebind;                          // T1, T2, seconds
    uint32_t resolvers[DHCP_RESOLVERS_MAX];
    size_t resolver_count;
    bool asks_v6only; // lists option 108
    bool has_v6only;  // has it
    uint32_t v6only;  // seconds
    uint8_t id[DHCP_ID_MAX];
    size_t id_length; // 0: none
};

// The message, behind the UDP header. False: it is none for Ethernet, or damaged.
bool dhcp_read(const uint8_t *at, size_t length, struct dhcp *ret);

// A whole IPv4 packet; its length. `at` has DHCP_PACKET_MAX.
size_t dhcp_write(const struct dhcp *m, uint32_t source, uint32_t destination, uint8_t *at);

// The message in an IPv4 packet to this port. UDP checksums are not looked at: where the packet
// comes from a host on the same machine there is none yet.
bool dhcp_packet_read(const uint8_t *at, size_t length, uint16_t port, struct dhcp *ret,
                      uint32_t *ret_source);

// When a lease is to be renewed, and of whomever: as was said, or where that makes no sense as
// usual (RFC 2131, 4.4.5). Seconds from its beginning.
void dhcp_times(const struct dhcp *lease, uint32_t *ret_renew, uint32_t *ret_rebind);

// ---- a server's memory

struct dhcp_config {
    uint32_t first, last; // the pool, at most DHCP_LEASES_MAX addresses
    uint32_t own, mask, router;
    uint32_t resolvers[DHCP_RESOLVERS_MAX];
    size_t resolver_count;
    uint32_t lease;       // seconds
    bool v6only;          // the network is IPv6-mostly:
    uint32_t v6only_wait; // seconds
};

struct dhcp_server;

int dhcp_server_new(const struct dhcp_config *c, struct dhcp_server **ret, struct err *e);
void dhcp_server_free(struct dhcp_server **s);

// What is answered at `now` (milliseconds); false: nothing.
bool dhcp_serve(struct dhcp_server *s, const struct dhcp *m, int64_t now, struct dhcp *ret);

size_t dhcp_server_leases(const struct dhcp_server *s, int64_t now);

#endif
