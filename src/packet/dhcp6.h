// SPDX-License-Identifier: Apache-2.0
//
// DHCPv6 (RFC 8415, RFC 9915), as much as a home router's line needs: an address (IA_NA), delegated
// prefixes (IA_PD) and what is excluded from them (RFC 6603), resolvers and search names (RFC
// 3646); and to tell these to hosts that ask. Messages, and a client that knows no sockets and no
// clock. No relays, and no authentication but that of Reconfigure.

#ifndef PACKET_DHCP6_H
#define PACKET_DHCP6_H

#include "packet/packet.h"

#define DHCP6_CLIENT_PORT   546
#define DHCP6_SERVER_PORT   547
#define DHCP6_ALL_SERVERS   (((u128)0xff02 << 112) | 0x00010002) // and relay agents
#define DHCP6_DUID_MAX      130                                  // RFC 8415, 11.1
#define DHCP6_LEASES_MAX    4 // of one IA; a home has one or, while it is renumbered, two
#define DHCP6_RESOLVERS_MAX 4
#define DHCP6_NAMES_MAX     4
#define DHCP6_NAME_SIZE     254 // of a search name, with its NUL
#define DHCP6_PACKET_MAX    1024
#define DHCP6_RECEIVED_MAX  1500
#define DHCP6_FOREVER       UINT32_MAX // as a lifetime

enum dhcp6_type {
    DHCP6_SOLICIT = 1,
    DHCP6_ADVERTISE,
    DHCP6_REQUEST,
    DHCP6_CONFIRM,
    DHCP6_RENEW,
    DHCP6_REBIND,
    DHCP6_REPLY,
    DHCP6_RELEASE,
    DHCP6_DECLINE,
    DHCP6_RECONFIGURE,
    DHCP6_INFORMATION,
};

enum dhcp6_status { // RFC 8415, 21.13
    DHCP6_SUCCESS,
    DHCP6_UNSPECIFIED,
    DHCP6_NO_ADDRESSES,
    DHCP6_NO_BINDING,
    DHCP6_NOT_ON_LINK,
    DHCP6_USE_MULTICAST,
    DHCP6_NO_PREFIXES,
};

struct dhcp6_id {
    uint8_t bytes[DHCP6_DUID_MAX];
    size_t length; // 0: none
};

struct dhcp6_lease {
    u128 address;
    uint8_t length;            // 128: an address
    uint32_t preferred, valid; // seconds
    u128 excluded;             // of a prefix: what stays the line's (RFC 6603)
    uint8_t excluded_length;   // 0: nothing
};

struct dhcp6_ia {
    bool there;
    uint32_t iaid, t1, t2;
    uint16_t status;
    struct dhcp6_lease leases[DHCP6_LEASES_MAX];
    size_t count;
};

// RKAP (RFC 8415, 20.4): the key that a Reply has for a Reconfigure to come, or its digest there.
#define DHCP6_KEY_SIZE 16
enum dhcp6_key_kind { DHCP6_KEY_NONE, DHCP6_KEY_ITSELF, DHCP6_KEY_DIGEST };

struct dhcp6_key {
    enum dhcp6_key_kind kind;
    uint64_t replay;
    uint8_t value[DHCP6_KEY_SIZE];
    size_t at; // read: where in the message the value stands
};

#define DHCP6_WANTS_RESOLVERS 1u
#define DHCP6_WANTS_NAMES     2u
#define DHCP6_WANTS_REFRESH   4u

struct dhcp6 {
    enum dhcp6_type type;
    uint32_t xid; // 24 bits
    struct dhcp6_id client, server;
    struct dhcp6_ia na, pd;
    uint16_t status;
    uint8_t preference;
    bool rapid;
    bool asks;            // lists the options that a client wants
    unsigned wanted;      // read: which of DHCP6_WANTS_ are in the list
    bool has_ia;          // read: an IA of any kind, also one that is left out
    bool has_elapsed;     // every message of a client has it
    uint16_t elapsed;     // hundredths of a second
    uint32_t solicit_max; // SOL_MAX_RT; 0: not said
    uint32_t inform_max;  // INF_MAX_RT
    uint32_t refresh;     // when to ask again who is only informed, seconds; 0: not said
    u128 resolvers[DHCP6_RESOLVERS_MAX];
    size_t resolver_count;
    char names[DHCP6_NAMES_MAX][DHCP6_NAME_SIZE];
    size_t name_count;
    bool reconfigurable;         // Reconfigure Accept
    enum dhcp6_type reconfigure; // of a Reconfigure: the message that it asks for; 0: none said
    struct dhcp6_key key;
};

// The message, behind the UDP header. Of several IAs of a kind the first counts; leases that RFC
// 8415 tells to ignore (preferred for longer than valid), and IAs with T1 beyond T2, are left out.
// False: it is damaged, or none between a client and a server.
bool dhcp6_read(const uint8_t *at, size_t length, struct dhcp6 *ret);

// Its length; `at` has DHCP6_PACKET_MAX. 0: no room.
size_t dhcp6_write(const struct dhcp6 *m, uint8_t *at);

// Is the digest in this message, which dhcp6_read has read as `m`, that by the key?
bool dhcp6_authentic(const uint8_t *at, size_t length, const struct dhcp6 *m,
                     const uint8_t key[DHCP6_KEY_SIZE]);

bool dhcp6_same_id(const struct dhcp6_id *a, const struct dhcp6_id *b);

// DUID-LL (RFC 8415, 11.4): the same after every restart (RFC 9096, WPD-10).
struct dhcp6_id dhcp6_id_of_mac(const uint8_t mac[6]);

// What a server that lends nothing answers (RFC 8415, 18.3.6), out of what is offered: its own
// identifier, resolvers, names, and a refresh time of at least DHCP6_REFRESH_LEAST. False: nothing.
#define DHCP6_REFRESH_LEAST 600
bool dhcp6_inform(const struct dhcp6 *m, const struct dhcp6 *offered, struct dhcp6 *ret);

#endif
