// SPDX-License-Identifier: Apache-2.0
//
// Packets of one flow that follow each other become one of several segments, so that a device takes
// them at the price of one and cuts them apart again where they leave.
//
// Put together are TCP segments without gap, and UDP datagrams, that are alike in all that a cut
// cannot restore: addresses, ports, hop limit, traffic class, options, flags, and size but for the
// last. So are those inside packets of the other family between the same two ends. A checksum is
// looked at first, for what is cut gets a new one: what was damaged passes as it is, alone. The
// packets of a flow keep their order.

#ifndef PACKET_MERGE_H
#define PACKET_MERGE_H

#include "base/err.h"
#include "packet/packet.h"

struct merge;

struct merge_config {
    bool udp;       // the device can cut UDP
    uint8_t inside; // and what is in packets of the other family: PROTOCOL_IPV4, or _IPV6; 0: not
    // IPv4 packets that may be cut on their way are numbered anew, for those who translate, or
    // wrap, and own these numbers; else only those are put together that follow each other in
    // number.
    bool number;
    // `count` packets in one: p->segment and p->partial say how. Borrowed during the call.
    void (*send)(void *arg, struct packet *p, size_t count);
    void *arg;
};

#define MERGE_FLOWS                                                                                \
    256 // open at a time, a power of two: 64 KiB each, of which the system gives what is used
#define MERGE_COUNT 64 // packets in one

int merge_new(const struct merge_config *c, struct merge **ret, struct err *e);
void merge_free(struct merge **m);

// Takes a copy or sends; nothing stays longer than until merge_flush.
void merge_packet(struct merge *m, struct packet *p);
void merge_flush(struct merge *m);

#endif
