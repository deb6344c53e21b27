// SPDX-License-Identifier: Apache-2.0
//
// Translators and softwires as daemons: a TUN device whose packets go through src/packet and come
// back in the other family.

#ifndef DAEMON_TRANSLATORS_H
#define DAEMON_TRANSLATORS_H

#include "daemon/daemon.h"
#include "packet/nat64.h"
#include "packet/siit.h"
#include "packet/softwire.h"

struct translator_options {
    const char *device;
    size_t mtu;
    const struct prefix *addresses, *routes; // of the device, besides what the translator needs
    size_t address_count, route_count;
    const char *uplink; // answer neighbour discovery there for mapped addresses, or the softwire's
                        // end; NULL: no
    void (*say)(void *arg, const char *line); // what happens, a line each; NULL: nothing
    void *say_arg;
};

// All run until SIGTERM; SIGUSR1 says the counters. `send` and `log` of the configuration are set
// here. A softwire's own end is routed to the device.
int nat64_run(const struct translator_options *o, struct nat64_config *c, struct err *e);
int softwire_run(const struct translator_options *o, struct softwire_config *c, struct err *e);
// `t` says how to translate; its mapper, own4 (where it is 0) and MTU are set here.
int siit_run(const struct translator_options *o, const struct siit *s, const struct translator *t,
             struct err *e);

#endif
