// SPDX-License-Identifier: Apache-2.0
//
// What border router and host share: the way of a packet from the device to the radio and back.

#ifndef DAEMON_LOWPAN_NODE_H
#define DAEMON_LOWPAN_NODE_H

#include "daemon/lowpan.h"

struct lowpan_counts {
    uint64_t out, in, unknown, foreign, unplaced;
};

struct lowpan_node {
    const struct lowpan_options *options;
    struct radio radio;
    int tun;
    struct lowpan_joiner *joiner;
    struct lowpan_contexts contexts;
    uint16_t tag;
    u128 local; // its link-local address, made from the EUI-64
    bool told_unknown;
    struct lowpan_counts counts;
    uint8_t buffer[TUN_BUFFER];
    // The neighbour to whom a packet for a unicast address that is not link-local goes. False:
    // none.
    bool (*next_hop)(struct lowpan_node *n, struct packet *p, const struct ip *ip,
                     struct wpan_address *ret);
    // May a packet of this source come in from this neighbour?
    bool (*accepts)(const struct lowpan_node *n, const struct ip *ip,
                    const struct wpan_address *from);
    void (*discovery)(struct lowpan_node *n, const struct lowpan_nd *m,
                      const struct wpan_address *from);
    void (*tick)(void *arg);
};

// With the functions set. What was opened is closed by lowpan_node_close, also after an error.
int lowpan_node_open(struct lowpan_node *n, const struct lowpan_options *o, struct err *e);
void lowpan_node_close(struct lowpan_node *n);
int lowpan_node_loop(struct lowpan_node *n, struct err *e);

void lowpan_node_send(struct lowpan_node *n, const struct wpan_address *to, const uint8_t *packet,
                      size_t length);
void lowpan_node_tell(struct lowpan_node *n, const struct wpan_address *to,
                      const struct lowpan_nd *m);

static inline u128 lowpan_local(const struct wpan_address *a)
{
    return (u128)0xfe80 << 112 | wpan_iid(a);
}

#endif
