// SPDX-License-Identifier: Apache-2.0
//
// rtnetlink: links, addresses, routes and neighbours of the network namespace in which the socket
// was opened.

#ifndef LAB_NETLINK_H
#define LAB_NETLINK_H

#include "base/err.h"
#include "lab/lab.h"

#include <sys/types.h>

struct netlink; // one conversation with the kernel

int netlink_open(struct netlink **ret, struct err *e);
void netlink_close(struct netlink **nl);

// Functions that change something return 0 or a negative errno.

struct netlink_end {
    const char *name;
    const uint8_t *mac; // 6 octets; NULL: any
    unsigned mtu;       // 0: the kernel's
    pid_t owner;        // whose network it goes to; 0: that of the socket
    unsigned index;     // 0: the kernel's. Pairs with the same one come up a second later
};
int netlink_add_veth(struct netlink *nl, const struct netlink_end *a, const struct netlink_end *b);
int netlink_add_link(struct netlink *nl, const char *name, const char *type);
int netlink_add_bridge(struct netlink *nl, const struct netlink_end *end);
int netlink_delete_link(struct netlink *nl, const char *name);
int netlink_set_up(struct netlink *nl, unsigned index, bool up);
int netlink_set_mtu(struct netlink *nl, unsigned index, unsigned mtu);
int netlink_set_master(struct netlink *nl, unsigned index, unsigned master);
int netlink_add_queue(struct netlink *nl, unsigned index, const char *kind);

int netlink_change_address(struct netlink *nl, unsigned index, const struct lab_address *a,
                           bool add);
// `index` 0: the kernel finds the interface from the next hop.
int netlink_change_route(struct netlink *nl, unsigned index, const struct lab_route *r, bool add);

// ---- what is there

struct netlink_address {
    enum family family;
    unsigned index;
    u128 address;
    uint8_t length;
    uint32_t flags; // IFA_F_*
    bool lasts;     // for ever: not from an advertisement
};
typedef void netlink_address_fn(const struct netlink_address *a, void *arg);
int netlink_addresses(struct netlink *nl, netlink_address_fn *fn, void *arg, struct err *e);

struct netlink_route {
    enum family family;
    u128 to, via;
    uint8_t length, type, protocol; // RTN_*, RTPROT_*
    bool has_via;
    enum family via_family;
    unsigned index; // 0: none
    uint32_t table;
};
typedef void netlink_route_fn(const struct netlink_route *r, void *arg);
// Every next hop of a route is told apart.
int netlink_routes(struct netlink *nl, netlink_route_fn *fn, void *arg, struct err *e);
// The way that a packet to `to` takes. ERR_NOT_FOUND: none.
int netlink_lookup(struct netlink *nl, enum family family, u128 to, netlink_route_fn *fn, void *arg,
                   struct err *e);

struct netlink_neighbour {
    enum family family;
    unsigned index;
    u128 address;
    uint16_t state; // NUD_*
    uint8_t flags;  // NTF_*
    bool has_mac;
    uint8_t mac[6];
};
typedef void netlink_neighbour_fn(const struct netlink_neighbour *n, void *arg);
int netlink_neighbours(struct netlink *nl, netlink_neighbour_fn *fn, void *arg, struct err *e);

// An address as the network has it, 16 or 4 octets; how many.
size_t address_octets(enum family family, u128 address, uint8_t ret[16]);
u128 address_of_octets(const uint8_t *octets, size_t count);

#endif
