// SPDX-License-Identifier: Apache-2.0
//
// A home router's IPv6 (RFC 7084, RFC 9096): it asks for an address and prefixes on its line, gives
// each of its links a /64, advertises there, tells resolvers to who asks by DHCPv6 (L-8), and takes
// back what has become stale. The provider may ask it to ask again (Reconfigure, WAA-4). The rest
// of what it was given is unreachable, so that no packet goes round in a circle (WPD-5), and other
// sources are not forwarded (L-14). A firewall is its own where that is wanted (S-1), and
// a unique local prefix, which is at home also without a provider (ULA-1 to ULA-5).
//
// Not here: addresses by DHCPv6 on the links.

#ifndef DAEMON_CE_H
#define DAEMON_CE_H

#include "daemon/daemon.h"
#include "daemon/firewall.h"

#define CE_LANS_MAX 8
#define CE_ALSO_MAX 8

struct ce_lan {
    char device[DEVICE_NAME_MAX + 1];
    uint32_t number; // of its /64 within the prefix
};

struct ce_options {
    const char *wan;
    struct ce_lan lans[CE_LANS_MAX];
    size_t lan_count;
    struct prefix also[CE_ALSO_MAX]; // sources that are not delegated, and yet are forwarded
    size_t also_count;
    struct prefix ula; // a unique local prefix of its own; length 0: none
    bool make_ula;     // makes one, and keeps it in `state`
    bool address;      // asks for one on the line, too
    uint8_t hint;      // length of the prefix that it would like; 0: none said
    bool rapid, release, firewall;
    struct firewall_open open[FIREWALL_OPEN_MAX]; // of the firewall
    size_t open_count;
    unsigned interval; // of advertisements, seconds
    const char *state; // a file with what it has advertised, for the next start; NULL: none
    struct speaker speaker;
};

int ce_run(const struct ce_options *o, struct err *e);

#endif
