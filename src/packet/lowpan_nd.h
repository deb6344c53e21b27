// SPDX-License-Identifier: Apache-2.0
//
// Neighbour discovery for 6LoWPAN (RFC 6775): solicitations and advertisements of routers and
// neighbours, with the options by which hosts register their addresses (ARO) and routers tell the
// contexts of header compression (6CO) and who says so (ABRO).

#ifndef PACKET_LOWPAN_ND_H
#define PACKET_LOWPAN_ND_H

#include "packet/advert.h"
#include "packet/iphc.h"

#define LOWPAN_ND_PREFIXES 4
#define LOWPAN_ND_MAX      1024 // octets of a message and its IPv6 header
#define LOWPAN_ND_MINUTE   60000

#define NDP_NEIGHBOR_SOLICIT 135
#define NDP_NEIGHBOR_ADVERT  136
#define NDP_REDIRECT         137

enum lowpan_status { LOWPAN_REGISTERED, LOWPAN_DUPLICATE, LOWPAN_CACHE_FULL };

struct lowpan_aro {
    uint8_t status;
    uint16_t minutes;
    uint64_t eui;
};

struct lowpan_told_context {
    uint8_t id, length;
    bool compress;
    uint16_t minutes; // 0: to be forgotten
    u128 prefix;
};

struct lowpan_nd {
    uint8_t type;
    u128 source, destination;
    u128 target;            // neighbours
    bool router, solicited; // flags of a neighbour's advertisement
    bool has_link, has_aro, has_abro;
    struct wpan_address link; // source's or target's
    struct lowpan_aro aro;
    // of a router's advertisement:
    uint8_t hop_limit;
    uint16_t lifetime; // seconds
    uint32_t mtu;      // 0: not said
    struct advert_prefix prefixes[LOWPAN_ND_PREFIXES];
    size_t prefix_count;
    struct lowpan_told_context contexts[IPHC_CONTEXTS];
    size_t context_count;
    uint32_t version; // ABRO
    uint16_t abro_minutes;
    u128 border;
};

// A whole packet. False: it is no such message, or damaged, or not from this link (hop limit).
bool lowpan_nd_read(const uint8_t *at, size_t length, struct lowpan_nd *ret);

// A whole packet; its length. `at` has LOWPAN_ND_MAX.
size_t lowpan_nd_write(const struct lowpan_nd *m, uint8_t *at);

// Puts what was told at `now` (milliseconds) into a table, and keeps the time in `until`: from then
// on a context only restores, for `keep` longer, and is forgotten then (5.4.3).
struct lowpan_contexts {
    struct iphc iphc;
    int64_t until[IPHC_CONTEXTS];
};
void lowpan_contexts_told(struct lowpan_contexts *c, const struct lowpan_nd *m, int64_t now);
void lowpan_contexts_age(struct lowpan_contexts *c, int64_t keep, int64_t now);

// ---- who is registered with a router

#define LOWPAN_HOSTS_MAX 64 // addresses

struct lowpan_registration {
    u128 address; // 0: free
    uint64_t eui;
    struct wpan_address link;
    int64_t until;
};

struct lowpan_registry {
    struct lowpan_registration rows[LOWPAN_HOSTS_MAX];
};

// What a solicitation with an ARO asks for (6.5).
enum lowpan_status lowpan_register(struct lowpan_registry *r, const struct lowpan_nd *m,
                                   int64_t now);
const struct lowpan_registration *lowpan_registered(const struct lowpan_registry *r, u128 address,
                                                    int64_t now); // NULL: nobody
size_t lowpan_registry_count(const struct lowpan_registry *r, int64_t now);

#endif
