// SPDX-License-Identifier: Apache-2.0
//
// Putting packets together from their pieces (RFC 791 3.2, RFC 8200 4.5): a limited number at a
// time, each in a buffer of its own. Pieces that overlap make the whole packet void (RFC 5722), but
// for the same piece again.

#ifndef PACKET_REASSEMBLY_H
#define PACKET_REASSEMBLY_H

#include "packet/packet.h"

struct reassembly;

struct reassembly *reassembly_new(size_t wholes_max, int64_t wait); // NULL: no memory
void reassembly_free(struct reassembly **r);

// Takes a piece. True where the packet is whole now: *ret lies in the reassembly's buffer until the
// next call. An IPv6 packet keeps a fragment header as an atomic fragment (RFC 6946), an IPv4
// packet has no DF: who passes it on sees that it may be cut again. Pieces of different `realm`,
// such as softwires, never meet: hosts in them may have the same addresses. Congestion met by one
// piece was met by the packet (RFC 3168, 5.3).
bool reassembly_add(struct reassembly *r, const struct packet *piece, const struct ip *ip,
                    u128 realm, int64_t now, struct packet *ret);

uint64_t reassembly_lost(const struct reassembly *r); // packets given up

#endif
