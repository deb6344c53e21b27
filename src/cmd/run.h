// SPDX-License-Identifier: Apache-2.0
//
// What the daemons of `sextant run` share: where they work, and how they say what happens.

#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/command.h"
#include "daemon/options.h"
#include "daemon/translators.h"

// Options of every daemon with a TUN device; first in its list.
#define RUN_OPTIONS_DEVICE                                                                         \
    {"device", 0, "NAME", "The TUN device that is made; the daemon's name by default.", NULL},     \
        {"mtu", 0, "N", "The MTU of the device, 1280 to 9000; 1500 by default.", NULL},            \
        {"address", 0, "PREFIX,...", "Addresses of the device.", NULL},                            \
    {                                                                                              \
        "route", 0, "PREFIX,...", "Further prefixes that are routed to the device.", NULL          \
    }

#define RUN_OPTIONS_TRANSLATION                                                                    \
    {"lowest-ipv6-mtu", 0, "N",                                                                    \
     "The smallest MTU of the IPv6 network, 1280 to 9000, to which IPv4 packets that may be cut "  \
     "are cut; 1280 by default (RFC 7915, 4.1).",                                                  \
     NULL},                                                                                        \
    {                                                                                              \
        "class-0", 0, NULL,                                                                        \
            "Set traffic class and type of service to 0 instead of copying one to the other.",     \
            NULL                                                                                   \
    }

// Of those that share addresses among hosts.
#define RUN_OPTIONS_HOSTS                                                                          \
    {"per-host", 0, "N",                                                                           \
     "Bindings of one host, or of all behind one softwire, at most, and sixteen times as many "    \
     "sessions; 1024 by default.",                                                                 \
     NULL},                                                                                        \
        {"subscriber", 0, "LENGTH",                                                                \
         "To --per-host, all addresses of a prefix of this length are one host: 64 where each "    \
         "customer has a /64 or more, lest one takes up everything by new addresses; 128 by "      \
         "default.",                                                                               \
         NULL},                                                                                    \
    {                                                                                              \
        "port-rest", 0, "SECONDS",                                                                 \
            "How long a port of UDP, or the number of an ICMP query, is nobody's before it is "    \
            "another host's, while there are others; 120 by default (RFC 6888, REQ-8).",           \
            NULL                                                                                   \
    }

struct run_device {
    struct prefix addresses[PREFIXES_MAX], routes[PREFIXES_MAX];
    struct translator_options options;
};

// Reads those options; what happens is said on standard output, unless --quiet.
int run_device(struct invocation *inv, const char *name, struct run_device *ret, struct err *e);

// RUN_OPTIONS_TRANSLATION.
int run_translation(const struct invocation *inv, size_t *ret_lowest, bool *ret_class_0,
                    struct err *e);

// RUN_OPTIONS_HOSTS.
int run_hosts(const struct invocation *inv, struct napt_config *ret, struct err *e);

// What happens is said on standard output, unless --quiet.
struct speaker run_speaker(struct invocation *inv);

// One address of an option; 0 where it is not given.
int run_address(const struct invocation *inv, const char *option, enum family f, u128 *ret,
                struct err *e);

#endif
