// SPDX-License-Identifier: Apache-2.0
//
// SYNs from outside that nobody has asked for. A NAT64 keeps each for six seconds: should the
// inside host send one of its own meanwhile (both open at once), it is dropped; else its sender is
// told that the port is unreachable (RFC 6146 3.5.2.2, RFC 5382 REQ-4).

#ifndef PACKET_SYNS_H
#define PACKET_SYNS_H

#include "packet/napt.h"
#include "packet/packet.h"

#define SYNS_MAX     256
#define SYNS_BYTES   548  // what an ICMP error of 576 bytes holds
#define SYNS_WAIT_MS 6000 // TCP_INCOMING_SYN

struct syns;

struct syns *syns_new(void); // NULL: no memory
void syns_free(struct syns **s);

struct syns_key {
    uint32_t remote;
    uint16_t remote_port;
    struct napt_outside outside;
};

// A repeated one changes nothing. False: there are too many.
bool syns_keep(struct syns *s, const struct syns_key *key, const struct packet *p, int64_t now);

// The inside has sent one, too; false: none was waiting.
bool syns_met(struct syns *s, const struct syns_key *key, int64_t now);

// The next one whose time is over, in the packet's buffer. False: none.
bool syns_over(struct syns *s, int64_t now, struct packet *ret);

size_t syns_count(const struct syns *s);

#endif
