// SPDX-License-Identifier: Apache-2.0
//
// Between IPv4 and IPv6: the translation of headers, ICMP messages and checksums of RFC 7915.
//
// Which addresses and ports become which is a *mapper*'s to say: SIIT, NAT64, CLAT and MAP-T differ
// in nothing else. A packet goes in; what comes out is handed to the mapper's `forward` (on the
// other side) or `answer` (an ICMP error, back to where the packet came from).
//
//     struct translator t = {.mapper = {...}, .own4 = ..., .own6 = ...};
//     enum translated what = translate(&t, &packet);
//
// Changed in place: only headers are touched, so a packet costs the same at every size. Not
// translated, as the RFC says: IPv4 options, IPv6 extension headers, multicast, IGMP, MLD and
// neighbour discovery. Fragments pass one by one; a mapper that needs ports answers for the later
// pieces itself (flow.ports is false).

#ifndef PACKET_TRANSLATE_H
#define PACKET_TRANSLATE_H

#include "packet/packet.h"

// What a mapper looks at. For an ICMP query `source_port` is the identifier of a request,
// `destination_port` that of a reply; the other is 0.
struct flow {
    u128 source, destination;
    uint16_t source_port, destination_port;
    uint8_t protocol; // PROTOCOL_ICMP also for ICMPv6
    bool ports;       // false: a later piece, or a protocol without ports
    uint8_t tcp_flags;
    const struct ip *ip; // of the packet that this is the flow of
};

struct mapper {
    // The same flow on the other side. False: it is not for us, or must not pass; the packet is
    // dropped as TRANSLATED_REFUSED. `inner`: the flow is the reverse of a packet that stands
    // inside an ICMP error; no state may be made for it.
    bool (*map)(void *arg, enum family from, const struct flow *in, bool inner, struct flow *ret);
    // Any router's address, as the source of an ICMP error. False: the translator's own is used.
    bool (*router)(void *arg, enum family from, u128 in, u128 *ret);
    void (*forward)(void *arg, struct packet *p); // in the other family
    void (*answer)(void *arg, struct packet *p);  // in the packet's own family
    void *arg;
};

struct translator {
    struct mapper mapper;
    uint32_t own4; // speaks for the translator in errors; 0: no errors are sent on that side
    u128 own6;
    size_t mtu4, mtu6;       // of the next hop; 0: 1500
    size_t mtu6_least;       // pieces of packets that may be cut; 0: 1280
    bool zero_checksum;      // a UDP packet without checksum gets one instead of being dropped
    bool traffic_class_0;    // do not copy the traffic class
    bool tells_unmapped;     // what the mapper refuses is answered (RFC 7915, 4.4 and 5.4)
    bool turns;              // the second time for this packet: its hop limit stays
    uint32_t identification; // of pieces; counts up
    int64_t now;             // milliseconds, set by whoever brings packets
    struct icmp_limit errors;
    // What stands for IPv6 routers that have no IPv4 address (RFC 6791), in the errors they send.
    uint32_t routers4, routers4_last; // from first to last, one at random; 0: own4
    uint64_t chance;                  // begins with a random number
    bool tells_routers;               // which router it was stands behind the datagram (RFC 5837)
};

enum translated {
    TRANSLATED_FORWARD,
    TRANSLATED_MALFORMED, // ip_read refused it
    TRANSLATED_REFUSED,   // by the mapper
    TRANSLATED_SILENT,    // a kind that RFC 7915 drops without a word
    TRANSLATED_EXPIRED,   // hop limit; answered where there is an own address
    TRANSLATED_TOO_BIG,   // answered likewise
    TRANSLATED_ROUTED,    // a source route that is not used up; answered likewise
    TRANSLATED_NO_ROOM,   // the buffer was too small for the header
};
#define TRANSLATED_COUNT 8
const char *translated_name(enum translated t);

// The packet's buffer is used up by this. Scratch for pieces is the translator's own stack.
enum translated translate(struct translator *t, struct packet *p);

// ---- addresses with an IPv4 address inside (RFC 6052)

// `length` 32, 40, 48, 56, 64 or 96. Bits 64 to 71 stay zero.
bool embed_valid(unsigned length);
u128 embed_address(u128 prefix, unsigned length, uint32_t address);
// The well-known prefix 64:ff9b::/96 holds global IPv4 addresses alone (RFC 6052, 3.1).
bool embed_allowed(u128 prefix, unsigned length, uint32_t address);
// Puts it into the prefix; false where it is not allowed there.
bool embed_put(u128 prefix, unsigned length, u128 address, u128 *ret);
// False where the address is not inside the prefix, bits 64 to 71 are set, or it is not allowed.
bool embed_extract(u128 prefix, unsigned length, u128 address, uint32_t *ret);

#endif
