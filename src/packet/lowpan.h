// SPDX-License-Identifier: Apache-2.0
//
// IPv6 packets over IEEE 802.15.4 (RFC 4944, RFC 6282): a packet becomes one frame or several
// fragments, and frames become packets again.

#ifndef PACKET_LOWPAN_H
#define PACKET_LOWPAN_H

#include "packet/iphc.h"

#define LOWPAN_MTU      1280
#define LOWPAN_SIZE_MAX 2047 // what datagram_size can say
#define LOWPAN_FIRST    4    // octets of the header of a first fragment
#define LOWPAN_FURTHER  5
#define LOWPAN_WAIT     60000 // milliseconds for all fragments (5.3)
#define LOWPAN_WHOLES   16    // packets that are put together at a time
#define LOWPAN_PER_PEER 4     // of one sender: nobody can take all

struct lowpan_link {
    struct wpan_address source, destination;
};

// How packets go out.
struct lowpan_way {
    const struct iphc *iphc;
    bool plain; // uncompressed
    uint16_t tag;
    void (*frame)(void *arg, const uint8_t *payload, size_t length);
    void *arg;
};

// Hands on the payloads of all frames, each at most wpan_room. Returns how many; 0 where the packet
// is no IPv6 packet, or larger than LOWPAN_SIZE_MAX. Counts w->tag on where there is more than one.
size_t lowpan_cut(struct lowpan_way *w, const struct lowpan_link *l, const uint8_t *packet,
                  size_t length);

enum lowpan_fault {
    LOWPAN_FINE,
    LOWPAN_WAITING, // for further fragments
    LOWPAN_SHORT,
    LOWPAN_DISPATCH, // nothing of 6LoWPAN, or an old or an optional kind
    LOWPAN_HEADER,   // see ret_iphc
    LOWPAN_FRAGMENT, // a size or an offset that cannot be
    LOWPAN_FULL,
};

struct lowpan_joiner;
struct lowpan_joiner *lowpan_joiner_new(void); // NULL: no memory
void lowpan_joiner_free(struct lowpan_joiner **j);

// The payload of a frame. LOWPAN_FINE: *ret is a packet, there until the next call. `iphc` is what
// headers are restored with.
enum lowpan_fault lowpan_join(struct lowpan_joiner *j, const struct iphc *iphc,
                              const struct lowpan_link *l, const uint8_t *payload, size_t length,
                              int64_t now, struct packet *ret, enum iphc_fault *ret_iphc);

uint64_t lowpan_joiner_lost(const struct lowpan_joiner *j); // packets given up

#endif
