// SPDX-License-Identifier: Apache-2.0
//
// What a raw socket does not say of a packet: that it is several segments in one. The kernel puts
// them together when they come (GRO), or never cut them, where they come from a device of the same
// machine; a packet socket says so in virtio's header, a raw one nowhere. A program at the socket
// takes a note of each (Linux 5.10).

#ifndef DAEMON_BURSTS_H
#define DAEMON_BURSTS_H

#include <stdint.h>

struct bursts;

// From now on, for a raw socket of IPv4; NULL: the kernel cannot, or does not allow it.
struct bursts *bursts_watch(int fd);
void bursts_free(struct bursts **b);

// How long the segments are of the packet with this IPv4 header; 0: it is one, or nothing is known.
uint16_t bursts_segment(const struct bursts *b, const uint8_t *header);

#endif
