// SPDX-License-Identifier: Apache-2.0
//
// Header compression for 6LoWPAN (RFC 6282): IPv6 headers (IPHC), and behind them extension headers
// and UDP (NHC). What both ends know is not sent: the link's addresses, and up to 16 contexts,
// prefixes that the border router advertises.

#ifndef PACKET_IPHC_H
#define PACKET_IPHC_H

#include "packet/wpan.h"

#define IPHC_CONTEXTS    16
#define IPHC_HEADER_MAX  96  // compressed; more headers than fit go as they are
#define IPHC_RESTORED    512 // headers that a frame can stand for, restored
#define DISPATCH_PLAIN   0x41
#define DISPATCH_IPHC    0x60
#define DISPATCH_FIRST   0xc0
#define DISPATCH_FURTHER 0xe0

struct iphc_context {
    u128 prefix;
    uint8_t length;
    bool known;
    bool compress; // else for restoring only (RFC 6775, 4.2)
};

struct iphc {
    struct iphc_context contexts[IPHC_CONTEXTS];
};

enum iphc_fault {
    IPHC_FINE,
    IPHC_SHORT,     // the frame ends before its headers do
    IPHC_DISPATCH,  // another kind of frame
    IPHC_MODE,      // a reserved mode, or a header that cannot be
    IPHC_CONTEXT,   // of a context that is not known
    IPHC_UNCHECKED, // a UDP checksum is left out, and nothing says what stands in for it (4.3.2)
    IPHC_LARGE,     // more headers than IPHC_RESTORED
};
#define IPHC_FAULT_COUNT 7
const char *iphc_fault_name(enum iphc_fault f);

// What compression made of the headers: `taken` octets of the packet became `length` octets.
struct iphc_head {
    uint8_t at[IPHC_HEADER_MAX];
    size_t length, taken;
};

// False where the packet is no IPv6 packet of exactly this length.
bool iphc_compress(const struct iphc *c, const struct wpan_address *source,
                   const struct wpan_address *destination, const uint8_t *packet, size_t length,
                   struct iphc_head *ret);

// The headers again: `ret` gets them, `ret_taken` is what they took in the frame. `datagram` is the
// length of the whole restored packet where the frame is the first fragment of one, else 0.
struct iphc_restored {
    uint8_t at[IPHC_RESTORED];
    size_t length, taken;
};
enum iphc_fault iphc_restore(const struct iphc *c, const struct wpan_address *source,
                             const struct wpan_address *destination, const uint8_t *frame,
                             size_t length, size_t datagram, struct iphc_restored *ret);

// The address that a context and an interface identifier make (3.1.1).
u128 iphc_combine(const struct iphc_context *c, uint64_t iid);

#endif
