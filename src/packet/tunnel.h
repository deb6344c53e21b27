// SPDX-License-Identifier: Apache-2.0
//
// One IP packet inside another: IPv4 or IPv6 in IPv6 (RFC 2473), IPv6 in IPv4 (RFC 4213).
//
// Putting in: hop limit and traffic class as the RFCs say; a packet that does not fit the link is
// refused with an ICMP error where it may not be cut, else the *outer* packet is cut (RFC 2473,
// 7.2). Taking out: pieces of outer packets are put together first; congestion marks survive
// (RFC 6040).

#ifndef PACKET_TUNNEL_H
#define PACKET_TUNNEL_H

#include "base/err.h"
#include "packet/packet.h"

struct tunnel;

struct tunnel_config {
    enum family outer;
    size_t mtu; // of the link that outer packets leave by
    u128 own;   // of the inner family: who says that a packet was too big; 0: nobody
    void (*send)(void *arg, struct packet *p); // outer packets
    // An error about an inner packet for `far`; 0: as in tunnel_refuses.
    void (*tell)(void *arg, struct packet *p, u128 far);
    void *arg;
};

// What may wait to be put together, and how long (RFC 8200 4.5 would have 60 s).
#define TUNNEL_WHOLES_MAX 64
#define TUNNEL_WAIT_MS    10000

struct tunnel_counts {
    uint64_t in, out, too_big, malformed, pieces_lost;
};

int tunnel_new(const struct tunnel_config *c, struct tunnel **ret, struct err *e);
void tunnel_free(struct tunnel **t);

// Is the packet too big for the way to `far` (0: the link) and may not be cut? It is then used up,
// and its sender told. For ends that change packets before they put them in: the sender knows only
// the unchanged one.
bool tunnel_refuses(struct tunnel *t, struct packet *p, const struct ip *inner, u128 far,
                    int64_t now);

// Sends `p` inside a packet between the two outer addresses; its buffer is used up. `inner` is what
// ip_read said.
void tunnel_put(struct tunnel *t, struct packet *p, const struct ip *inner, u128 source,
                u128 destination, int64_t now);

// Takes out what `p` carries; `outer` is what ip_read said. False: nothing (yet): a piece, or no
// packet. On success *p is the inner packet, and *ret_inner what ip_read says of it; p may then lie
// in the tunnel's own buffer, valid until the next call.
bool tunnel_take(struct tunnel *t, struct packet *p, const struct ip *outer, int64_t now,
                 struct ip *ret_inner);

// What a router of IPv6 between the ends says of an outer packet (RFC 2473, 8). That it was too big
// is remembered for a while. Of other errors: true, *p is what came back of the packet inside,
// *ret_inner what ip_read says of it, and *ret_far the end that it was sent to.
bool tunnel_error(struct tunnel *t, struct packet *p, const struct ip *outer, int64_t now,
                  struct ip *ret_inner, u128 *ret_far);

struct tunnel_counts tunnel_counts(const struct tunnel *t);

#endif
