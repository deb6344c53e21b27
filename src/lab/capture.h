// SPDX-License-Identifier: Apache-2.0
//
// Packets of an interface of this process's network namespace, counted or kept.

#ifndef LAB_CAPTURE_H
#define LAB_CAPTURE_H

#include "base/err.h"

#include <stdbool.h>

// A socket that takes what the filter (pcap-filter(7); NULL: everything) lets through from now on.
// *ret_ethernet: frames begin with an Ethernet header, else with IP. ERR_SYSTEM, ERR_INPUT.
int capture_open(const char *interface, const char *filter, int *ret, bool *ret_ethernet,
                 struct err *e);

// Packets since it was last asked.
unsigned capture_count(int fd);

// Writes packets to `out` in the format of pcap until the socket or the pipe fails, or a signal
// comes.
int capture_write(int fd, bool ethernet, int out, struct err *e);

#endif
