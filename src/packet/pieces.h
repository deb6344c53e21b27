// SPDX-License-Identifier: Apache-2.0
//
// Later pieces of packets have no ports: they go where the first piece went. This remembers, for a
// short time and a limited number of packets, how a first piece was mapped, and keeps pieces that
// came too early until it comes (RFC 6146, 3.4).

#ifndef PACKET_PIECES_H
#define PACKET_PIECES_H

#include "packet/translate.h"

struct pieces;

struct pieces_config {
    size_t flows_max, early_max, early_bytes;
    int64_t lives; // milliseconds
};

struct pieces *pieces_new(const struct pieces_config *c); // NULL: no memory
void pieces_free(struct pieces **p);

// The first piece was mapped so.
void pieces_learn(struct pieces *p, const struct flow *in, const struct flow *out, int64_t now);
bool pieces_find(const struct pieces *p, const struct flow *in, int64_t now, struct flow *ret);

// Keeps a copy of an early piece. False: no room, or too long.
bool pieces_keep(struct pieces *p, const struct packet *packet, const struct flow *in, int64_t now);

// One kept piece of the packet whose first piece is `in`, taken out. False: there is none.
bool pieces_take(struct pieces *p, const struct flow *in, int64_t now, struct packet *ret);

#endif
