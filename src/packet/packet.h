// SPDX-License-Identifier: Apache-2.0
//
// IP packets: reading what their headers say, writing headers, checksums, fragments.
//
// A packet lies in a buffer with room before and behind it, so that a header can be put on or taken
// off where the packet lies. Nothing here sends, receives, or knows the time. Every byte comes from
// a stranger: ip_read looks at nothing beyond the packet's end and says what is wrong.
//
//     uint8_t buffer[PACKET_HEADROOM + 1500 + PACKET_TAILROOM];
//     struct packet p;
//     packet_init(&p, buffer, sizeof buffer);
//     p.length = read(fd, p.at, packet_room(&p));
//     struct ip ip;
//     if (ip_read(p.at, p.length, 0, &ip) == IP_FINE) ...
//
// Sources: RFC 791, 792, 1071, 1624, 4443, 8200.

#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include "net/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PACKET_HEADROOM 128 // an outer header and a fragment header more, several times
#define PACKET_TAILROOM 64
#define PACKET_MAX      65535 // what a length field can say

#define IPV4_HEADER     20
#define IPV6_HEADER     40
#define FRAGMENT_HEADER 8
#define ICMP_HEADER     8
#define IPV6_MTU_LEAST  1280 // RFC 8200, 5

#define PROTOCOL_HOPOPT   0
#define PROTOCOL_ICMP     1
#define PROTOCOL_IPV4     4
#define PROTOCOL_TCP      6
#define PROTOCOL_UDP      17
#define PROTOCOL_IPV6     41
#define PROTOCOL_ROUTING  43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_ESP      50
#define PROTOCOL_AH       51
#define PROTOCOL_ICMPV6   58
#define PROTOCOL_NONE     59
#define PROTOCOL_OPTIONS  60

// ---- big-endian numbers

static inline uint16_t load16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t load32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return __builtin_bswap32(value);
}

static inline uint64_t load64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return __builtin_bswap64(value);
}

static inline u128 load128(const uint8_t *at)
{
    return (u128)load64(at) << 64 | load64(at + 8);
}

static inline void store16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void store32(uint8_t *at, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, sizeof value);
}

static inline void store64(uint8_t *at, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(at, &value, sizeof value);
}

static inline void store128(uint8_t *at, u128 value)
{
    store64(at, (uint64_t)(value >> 64));
    store64(at + 8, (uint64_t)value);
}

// ---- the buffer

struct packet {
    uint8_t *at;
    size_t length;
    uint8_t *begin, *end; // the buffer
    // What a device leaves to the next one (virtio 1.1, 5.1.6): the checksum field holds the sum of
    // the pseudo-header alone; and the TCP payload is several segments of so many bytes.
    bool partial;
    uint16_t segment; // 0: one
};

// Empty, with PACKET_HEADROOM before it; the buffer must be larger than that.
void packet_init(struct packet *p, uint8_t *buffer, size_t size);
size_t packet_room(const struct packet *p); // from p->at to the buffer's end

// Makes the packet longer or shorter at its front. False where the buffer has no room, or the
// packet no such bytes; it is then untouched.
bool packet_push(struct packet *p, size_t bytes);
bool packet_pull(struct packet *p, size_t bytes);

// ---- what the network header says

struct ip {
    enum family family; // FAMILY_IPV4 or FAMILY_IPV6
    u128 source, destination;
    uint8_t traffic_class, hop_limit;
    uint8_t protocol; // of the upper layer: behind the extension headers
    bool fragment;    // a piece, or an IPv6 packet with a fragment header (also an atomic one)
    bool more, dont_fragment;
    uint16_t offset; // of the piece, in bytes
    uint32_t identification;
    size_t upper;           // where the upper layer begins
    size_t end;             // where the packet ends by its header
    size_t fragment_header; // IPv6: where it stands; 0: none
    size_t segments_left;   // IPv6: where a Routing header says that it is not used up; 0: none
    bool source_route;      // IPv4: an unexpired source route option
};

enum ip_fault {
    IP_FINE,
    IP_SHORT,    // the packet ends before its headers do, or before the length it states
    IP_VERSION,  // neither 4 nor 6
    IP_LENGTH,   // a length field that cannot be
    IP_CHECKSUM, // of the IPv4 header
    IP_OPTIONS,  // IPv4 options, or an IPv6 chain of headers, that make no sense
};
#define IP_FAULT_COUNT 6
const char *ip_fault_name(enum ip_fault f);

// What stands inside an ICMP error is cut: with IP_READ_CUT the packet may end before the length it
// states (ret->end is then that of the bytes), and its header checksum is not looked at.
#define IP_READ_CUT 1u

// *ret is untouched on failure.
enum ip_fault ip_read(const uint8_t *at, size_t length, unsigned flags, struct ip *ret);

// IPv6 would read on behind it: no upper layer.
static inline bool is_extension(uint8_t protocol)
{
    return protocol == PROTOCOL_HOPOPT || protocol == PROTOCOL_OPTIONS ||
           protocol == PROTOCOL_ROUTING || protocol == PROTOCOL_FRAGMENT;
}

static inline bool ip_first(const struct ip *ip) // whole, or the piece that has the ports
{
    return ip->offset == 0;
}

#define IPV6_ALL_NODES   (((u128)0xff02 << 112) | 1)
#define IPV6_ALL_ROUTERS (((u128)0xff02 << 112) | 2)

static inline bool is_link_local(u128 address) // fe80::/10
{
    return address >> 118 == 0x3fa;
}

// May a host have this address? Not: unspecified, loopback, multicast, and IPv4's 0.0.0.0/8 and
// class E with the broadcast address.
static inline bool is_unicast(enum family f, u128 address)
{
    if (f == FAMILY_IPV6)
        return address > 1 && address >> 120 != 0xff;
    uint32_t first = (uint32_t)address >> 24;
    return first != 0 && first != 127 && first < 224;
}

static inline bool between_hosts(enum family f, u128 source, u128 destination)
{
    return is_unicast(f, source) && is_unicast(f, destination);
}

// ---- checksums (RFC 1071): sums of 16-bit words, folded and complemented at the end

uint32_t sum_bytes(const uint8_t *at, size_t length, uint32_t sum); // length odd only at the end
uint32_t sum_address(enum family f, u128 address);
uint16_t sum_fold(uint32_t sum); // to 16 bits, not complemented

// Of the pseudo-header of RFC 793 or RFC 8200 8.1.
uint32_t sum_pseudo(enum family f, u128 source, u128 destination, uint8_t protocol,
                    uint32_t length);

// The checksum field at `at` as it must be once words that summed to `old` sum to `new`
// (RFC 1624, equation 3).
void checksum_change(uint8_t *at, uint32_t old, uint32_t new);

// The same for a partial field, of addresses alone: it holds a sum, not its complement.
void checksum_change_partial(uint8_t *at, uint32_t old, uint32_t new);

// Puts in the whole checksum where p->partial says that it is missing.
void checksum_complete(struct packet *p, const struct ip *ip);

// Is the whole checksum of the upper layer right? `upper` is where it begins; its protocol is one
// that checksum_offset knows.
bool checksum_holds(const uint8_t *upper, const struct ip *ip);

// Was it left to a device, by the looks of it? The field then holds the sum of the pseudo-header;
// so does one of 65,536 that are whole, and completing such a one changes nothing.
bool checksum_is_left(const uint8_t *upper, const struct ip *ip);

// Where the checksum of the upper layer stands in it; 0: it has none that Sextant knows.
size_t checksum_offset(uint8_t protocol);

// ---- writing

// IPv4: a header of 20 bytes with its checksum. `length` is of the whole packet.
void ipv4_write(uint8_t *at, const struct ip *ip, size_t length);

// IPv6: a header of 40 bytes, and a fragment header where ip->fragment says so; `payload` counts
// what follows them. Returns what was written.
size_t ipv6_write(uint8_t *at, const struct ip *ip, size_t payload);

// Cuts an IPv6 packet without extension headers into pieces of at most `mtu` bytes, each with a
// fragment header, and hands them on in order. A packet that has a fragment header already keeps
// its identification, offset and flag. `scratch` takes one piece. False: mtu too small, or a piece
// of a length that no piece has.
bool ipv6_fragment(const struct packet *p, size_t mtu, uint32_t identification,
                   struct packet *scratch, void (*piece)(void *arg, struct packet *p), void *arg);

// The same for IPv4 (RFC 791, 3.2).
bool ipv4_fragment(const struct packet *p, size_t mtu, struct packet *scratch,
                   void (*piece)(void *arg, struct packet *p), void *arg);

// Replaces *p by an ICMP error about it, from `from` to its source (RFC 792, RFC 4443 2.4 and 3):
// as much of the packet as fits 576 or 1,280 bytes. `field` is the second word (MTU, pointer, 0).
// False where no error may be sent: about an error, a later piece, or to no unicast address.
bool icmp_error(struct packet *p, const struct ip *about, u128 from, uint8_t type, uint8_t code,
                uint32_t field);

// Errors are few whatever comes in (RFC 4443, 2.4 f): a hundred at once, and as many a second.
#define ICMP_ERRORS 100
struct icmp_limit {
    unsigned most; // a second, where not ICMP_ERRORS
    int64_t until; // milliseconds: when all that were sent are paid for
};
bool icmp_limit_allows(struct icmp_limit *l, int64_t now);

#endif
