// SPDX-License-Identifier: Apache-2.0
//
// Between the files of the softwires: softwire.c (the way of a packet), softwire_six.c (IPv6 over
// IPv4), softwire_four.c (IPv4 over IPv6), softwire_map_t.c.

#ifndef PACKET_SOFTWIRE_PARTS_H
#define PACKET_SOFTWIRE_PARTS_H

#include "packet/napt44.h"
#include "packet/reassembly.h"
#include "packet/segments.h"
#include "packet/softwire.h"
#include "packet/translate.h"
#include "packet/tunnel.h"

#define SOFTWIRE_MTU_MAX 9000

struct softwire {
    struct softwire_config config;
    struct tunnel *tunnel;        // not of MAP-T
    struct translator translator; // of MAP-T
    struct napt44 *napt44;        // where the kind has one
    struct port_set ports;        // of a customer; length 0: all
    uint32_t number;              // of packets that may be cut
    struct reassembly *whole4;    // of inner packets whose ports are looked at
    uint8_t segment[PACKET_HEADROOM + SOFTWIRE_MTU_MAX + PACKET_TAILROOM]; // of a burst
    struct softwire_counts counts;
    struct icmp_limit errors; // about packets that were lost between the ends
    int64_t now;
};

// An inner packet for the other end, and one that came from it (`from`: the outer source).
void six_put(struct softwire *s, struct packet *p, const struct ip *ip);
void six_taken(struct softwire *s, struct packet *p, const struct ip *ip, u128 from);
void four_put(struct softwire *s, struct packet *p, const struct ip *ip);
void four_taken(struct softwire *s, struct packet *p, const struct ip *ip, u128 from);
// Of an IPv4 packet that was lost on the way to the end `far` (RFC 2473, 8).
void four_lost(struct softwire *s, struct packet *p, const struct ip *inner, u128 far);
int four_check(const struct softwire_config *c, struct err *e);

void map_t_begin(struct softwire *s);
void map_t_packet(struct softwire *s, struct packet *p, const struct ip *ip);

// NAPT44 towards outside and inside; false: counted, and not to go on.
bool napt_outwards(struct softwire *s, struct packet *p, const struct ip *ip, u128 realm);
bool napt_inwards(struct softwire *s, struct packet *p, const struct ip *ip, u128 *ret_realm);

// Customers who share an address number their IPv4 packets that may be cut within their port sets,
// so that pieces of two never meet at a server (RFC 7599, 10.3).
void number_piecewise(struct softwire *s, struct packet *p);

// The port that says whose a packet is: the identifier of a query; of an error, that of the packet
// inside, which goes the other way. False: it has none.
bool port_of(const struct packet *p, const struct ip *ip, bool source, uint16_t *ret);

// Ports are in the first piece alone, and pieces come in any order (RFC 4787, REQ-14): the packet
// is put together (RFC 7597, 8.3.2), of pieces that came `from` one end. False: not whole yet. Else
// *p and *ip are of the whole.
bool is_whole(struct softwire *s, struct packet *p, struct ip *ip, u128 from);

// The rule that forwards to an IPv4 address and port; NULL.
const struct map_rule *rule_for(const struct softwire_config *c, uint32_t address, uint16_t port);

static inline void softwire_send(struct softwire *s, struct packet *p)
{
    s->config.send(s->config.arg, p);
}

#endif
