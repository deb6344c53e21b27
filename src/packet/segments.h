// SPDX-License-Identifier: Apache-2.0
//
// A TCP packet of several segments, as a device hands it over, cut into packets of one: for ends
// that put them into something that no device cuts.

#ifndef PACKET_SEGMENTS_H
#define PACKET_SEGMENTS_H

#include "packet/packet.h"

// IPv6; hands on each with its checksum. `scratch` takes one. False: no TCP, or no room.
bool segments_cut(const struct packet *p, const struct ip *ip, struct packet *scratch,
                  void (*one)(void *arg, struct packet *p), void *arg);

#endif
