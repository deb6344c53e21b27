// SPDX-License-Identifier: Apache-2.0
//
// IPv6 addresses that end, routes that lead nowhere, and rules for sources, by netlink.

#ifndef DAEMON_ROUTE6_H
#define DAEMON_ROUTE6_H

#include "daemon/daemon.h"

// Lifetimes in seconds, UINT32_MAX: for good; the kernel counts them down. An address that is there
// gets new ones. ERR_SYSTEM.
int address6_set(const char *device, u128 address, unsigned length, uint32_t preferred,
                 uint32_t valid, struct err *e);
// And the route to its link.
void address6_remove(const char *device, u128 address, unsigned length);

// What is sent to the prefix, and to no longer one, is unreachable.
int unreachable6_set(u128 prefix, unsigned length, struct err *e);
void unreachable6_remove(u128 prefix, unsigned length);

// What comes in on the device from and to such addresses (NULL: any) is looked up as ever, or
// dropped. ERR_SYSTEM.
int rule6_add(const char *device, uint32_t priority, const struct prefix *from,
              const struct prefix *to, bool pass, struct err *e);
void rules6_remove(const char *device, uint32_t priority); // all of them

// Is it an address of this node?
bool address6_own(u128 address);

// Is there a default route by way of this interface?
bool default6_there(const char *device);

// Does this node forward?
bool forwards6(void);

#endif
