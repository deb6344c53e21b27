// SPDX-License-Identifier: Apache-2.0
//
// Frames of IEEE 802.15.4 (2006): data frames and acknowledgements, without security. A frame has
// at most 127 octets, the last two of which are its check sequence (FCS).

#ifndef PACKET_WPAN_H
#define PACKET_WPAN_H

#include "packet/packet.h"

#define WPAN_FRAME_MAX  127 // aMaxPHYPacketSize
#define WPAN_FCS        2
#define WPAN_HEADER_MAX 23 // both PAN identifiers and both addresses in full
#define WPAN_EVERYBODY  0xffff
#define WPAN_ACK        5
#define WPAN_OCTET_US   32  // 250 kbit/s
#define WPAN_LEADER     6   // octets of preamble, delimiter and length before a frame
#define WPAN_TURN_US    192 // from receiving to sending (aTurnaroundTime)
#define WPAN_BACKOFF_US 320 // aUnitBackoffPeriod
#define WPAN_SPACE_US   640 // between long frames (macMinLIFSPeriod)
#define WPAN_RETRIES    3   // macMaxFrameRetries
#define WPAN_SHORT_LAST 0xfffd

struct wpan_address {
    uint8_t size; // 0: none, 2: short, 8: extended
    uint64_t value;
};

enum wpan_type { WPAN_DATA = 1, WPAN_ACKNOWLEDGEMENT = 2 };

struct wpan_frame {
    enum wpan_type type;
    bool wants_ack;
    uint8_t sequence;
    uint16_t pan; // of the destination
    struct wpan_address source, destination;
    size_t payload, end; // where what is inside begins and ends
};

enum wpan_fault {
    WPAN_FINE,
    WPAN_SHORT,    // or longer than a frame can be
    WPAN_CHECKSUM, // the FCS is wrong
    WPAN_KIND,     // a beacon, a command, a version that is not known
    WPAN_SECURED,
};

// *ret is untouched on failure.
enum wpan_fault wpan_read(const uint8_t *at, size_t length, struct wpan_frame *ret);

// How much a data frame between these addresses can hold.
size_t wpan_room(const struct wpan_address *source, const struct wpan_address *destination);

// A whole frame; returns its length, 0 where the payload is too long. `at` has WPAN_FRAME_MAX.
size_t wpan_write(const struct wpan_frame *f, const uint8_t *payload, size_t length, uint8_t *at);

uint16_t wpan_checksum(const uint8_t *at, size_t length);

static inline struct wpan_address wpan_short(uint16_t value)
{
    return (struct wpan_address){2, value};
}

static inline struct wpan_address wpan_extended(uint64_t value)
{
    return (struct wpan_address){8, value};
}

static inline bool wpan_same(const struct wpan_address *a, const struct wpan_address *b)
{
    return a->size == b->size && a->value == b->value;
}

static inline bool wpan_everybody(const struct wpan_address *a)
{
    return a->size == 2 && a->value == WPAN_EVERYBODY;
}

// The interface identifier that belongs to an address (RFC 6282, 3.2.2): an EUI-64 with the
// universal bit inverted, or 0000:00ff:fe00:XXXX.
static inline uint64_t wpan_iid(const struct wpan_address *a)
{
    return a->size == 8 ? a->value ^ UINT64_C(1) << 57 : UINT64_C(0xfffe000000) | a->value;
}

// The other form for short addresses (RFC 4944, 6), with the PAN identifier, whose universal bit is
// zero.
static inline uint64_t wpan_iid_in_pan(uint16_t pan, uint16_t address)
{
    return (uint64_t)(pan & 0xfdff) << 48 | UINT64_C(0xfffe000000) | address;
}

// The address that such an identifier was made of.
static inline struct wpan_address wpan_of_iid(uint64_t iid)
{
    return iid >> 16 == UINT64_C(0xfffe00) ? wpan_short((uint16_t)iid)
                                           : wpan_extended(iid ^ UINT64_C(1) << 57);
}

#endif
