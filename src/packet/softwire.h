// SPDX-License-Identifier: Apache-2.0
//
// One family across a network of the other: 6in4 (RFC 4213), 6rd (RFC 5969), DS-Lite (RFC 6333),
// lw4o6 (RFC 7596), MAP-E (RFC 7597), MAP-T (RFC 7599), both ends of each.
//
// Packets of both families come in at one place. One for the endpoint's own address that carries
// another is taken apart, checked against forged sources, and what it carries goes on; any other is
// put in. Stateful ends (the AFTR, and the CE of lw4o6 and MAP) translate with napt44.c.

#ifndef PACKET_SOFTWIRE_H
#define PACKET_SOFTWIRE_H

#include "packet/map.h"
#include "packet/napt.h"
#include "packet/packet.h"

enum softwire_kind {
    SOFTWIRE_6IN4,
    SOFTWIRE_6RD, // CE and BR: a BR is its own
    SOFTWIRE_B4,
    SOFTWIRE_AFTR,
    SOFTWIRE_LWB4,
    SOFTWIRE_LWAFTR,
    SOFTWIRE_MAP_E_CE,
    SOFTWIRE_MAP_E_BR,
    SOFTWIRE_MAP_T_CE,
    SOFTWIRE_MAP_T_BR,
};
#define SOFTWIRE_KIND_COUNT 10
const char *softwire_name(enum softwire_kind k); // "map-e-ce"

// RFC 5969, 4: a customer's prefix is prefix6 and then the IPv4 address without its first
// `mask4` bits.
struct sixrd {
    u128 prefix6;
    unsigned length6, mask4;
};

// RFC 7596, 6.
struct lw_binding {
    u128 b4;
    uint32_t address;
    struct port_set ports; // length 0: all
};
#define LW_BINDINGS_MAX 65536
#define MAP_RULES_MAX   64

// A port of the customer's that leads to a host at home.
struct softwire_forward {
    uint8_t protocol; // TCP or UDP
    uint16_t outside, inside;
    uint32_t address;
};
#define SOFTWIRE_FORWARDS_MAX 64

struct softwire_config {
    enum softwire_kind kind;
    size_t mtu;              // of the link between the ends
    uint32_t own4, peer4;    // ends in IPv4: 6in4, 6rd (peer4: the BR)
    u128 own6, peer6;        // ends in IPv6 (peer6: AFTR, lwAFTR, BR; the prefix of a DMR)
    unsigned dmr_length;     // MAP-T: of peer6
    uint32_t icmp4;          // who says in IPv4 that a packet was too big; 0: nobody
    u128 icmp6;              // likewise
    struct sixrd sixrd;      // 6rd
    struct napt_config napt; // AFTR, lwB4, CE. Of a CE: pool and port set are set by the rule
    const struct lw_binding *bindings; // lwAFTR; borrowed
    size_t binding_count;
    bool no_hairpin; // lwAFTR: customers do not reach each other through it (RFC 7596, 6.2)
    const struct map_rule
        *rules; // MAP: the first is the CE's own (BMR), all forward (FMR); borrowed
    size_t rule_count;
    bool hub; // MAP CE: no rule forwards, all goes by way of the relay (RFC 7597, 5)
    struct map_customer customer;            // MAP CE
    const struct softwire_forward *forwards; // lwB4, CE; borrowed during softwire_new
    size_t forward_count;
    struct range inside; // AFTR: customers' addresses besides the private ones and 192.0.0.0/29
    bool log_bindings;   // AFTR: to whoever runs it
    void (*send)(void *arg, struct packet *p);
    void *arg;
};

struct softwire_counts {
    uint64_t in, out, too_big, malformed, forged, elsewhere;
    uint64_t refused[NAPT_VERDICT_COUNT];
};

struct softwire;

// ERR_USAGE: what does not go together; ERR_MEMORY.
int softwire_new(const struct softwire_config *c, struct softwire **ret, struct err *e);
void softwire_free(struct softwire **s);

// Does it take TCP packets of several segments, and packets whose checksum is partial?
bool softwire_takes_bursts(enum softwire_kind k);

void softwire_packet(struct softwire *s, struct packet *p, int64_t now);
void softwire_tick(struct softwire *s, int64_t now);
struct softwire_counts softwire_counts(const struct softwire *s);

// The addresses whose packets must come here, besides the inner family's: own end, or CE address.
u128 softwire_end(const struct softwire_config *c, enum family *ret);

#endif
