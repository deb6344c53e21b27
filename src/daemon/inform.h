// SPDX-License-Identifier: Apache-2.0
//
// Stateless DHCPv6 on a link (RFC 8415, 18.3.6): resolvers and search names for who asks.

#ifndef DAEMON_INFORM_H
#define DAEMON_INFORM_H

#include "daemon/daemon.h"
#include "packet/dhcp6.h"

struct inform {
    int socket, index;
};

// ERR_SYSTEM: the port is taken, or is not allowed.
int inform_open(const char *device, struct inform *ret, struct err *e);
void inform_close(struct inform *i);

// Answers one question, if there is one; did it? `offered` NULL: there is nothing to say yet.
bool inform_answer(const struct inform *i, const struct dhcp6 *offered);

#endif
