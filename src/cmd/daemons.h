// SPDX-License-Identifier: Apache-2.0
//
// The daemons, "sextant run ...": in the table of all commands, and in that of sextant-run.

#ifndef CMD_DAEMONS_H
#define CMD_DAEMONS_H

#include "cmd/command.h"

// clang-format off
#define DAEMONS(X) \
    X(nat64) X(ra) X(siit) X(sink) X(ce) X(dhcp4) X(dhcp4_client) X(ue) X(gnb) X(upf) \
    X(lowpan_host) X(lowpan_router) X(wire) X(6in4) X(6rd) X(b4) X(aftr) X(lwb4) \
    X(lwaftr) X(map_e) X(map_t)
// clang-format on

#define DAEMON_DECLARED(name) extern const struct command command_run_##name;
#define DAEMON_OF_TABLE(name) &command_run_##name,

#endif
