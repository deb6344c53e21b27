// SPDX-License-Identifier: Apache-2.0
//
// DHCPv4 on an interface: a server that can say "do without IPv4" (RFC 8925), and a client that
// obeys.

#ifndef DAEMON_DHCP_H
#define DAEMON_DHCP_H

#include "daemon/daemon.h"
#include "packet/dhcp.h"

struct dhcp_server_options {
    const char *device;
    struct dhcp_config config;
    struct speaker speaker;
};
int dhcp_server_run(const struct dhcp_server_options *o, struct err *e);

// The client keeps the right to change the interface until it ends; then it gives its address back.
struct dhcp_client_options {
    const char *device;
    bool v6only; // this host can do without
    struct speaker speaker;
};
int dhcp_client_run(const struct dhcp_client_options *o, struct err *e);

#endif
