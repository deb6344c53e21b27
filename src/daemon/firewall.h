// SPDX-License-Identifier: Apache-2.0
//
// The simple security of a home (RFC 6092), as a table of nft's: what was not asked for from inside
// does not come in from the line, but for what end-to-end security needs, and errors about what was
// sent (RFC 4890). It stays in force until it is removed, also when its maker is killed.

#ifndef DAEMON_FIREWALL_H
#define DAEMON_FIREWALL_H

#include "daemon/daemon.h"

// A port at home that anybody may send to.
struct firewall_open {
    uint8_t protocol; // TCP or UDP
    uint16_t port;
    u128 address; // of the host; below 2^64 its identifier in every prefix; 0: all hosts
};
#define FIREWALL_OPEN_MAX 64

struct firewall {
    const char *line;
    const char *const *inside; // the names of the links at home
    size_t inside_count;
    const struct firewall_open *open;
    size_t open_count;
};

// Instead of one of the same line that is there. ERR_USAGE: a name that nft cannot have;
// ERR_SYSTEM: there is no nft, what it says, or that it does not end.
int firewall_load(const struct firewall *f, struct err *e);
void firewall_remove(const char *line);

#endif
