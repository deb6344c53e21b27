// SPDX-License-Identifier: Apache-2.0
//
// Answering neighbour discovery for an address that is behind this node (RFC 4389, 4.1).

#ifndef DAEMON_PROXY_H
#define DAEMON_PROXY_H

#include "base/err.h"
#include "net/net.h"

// Solicitations for `address` on `device` are answered from now on. ERR_SYSTEM.
int neighbour_proxy(const char *device, u128 address, struct err *e);

#endif
