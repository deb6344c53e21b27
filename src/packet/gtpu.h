// SPDX-License-Identifier: Apache-2.0
//
// GTP-U, the tunnels of mobile networks (3GPP TS 29.281), with the extension header that says to
// which flow of quality a packet belongs (PDU Session Container, TS 38.415).

#ifndef PACKET_GTPU_H
#define PACKET_GTPU_H

#include "packet/packet.h"

#define GTPU_PORT       2152
#define GTPU_HEADER     8
#define GTPU_HEADER_MAX 16 // with a sequence number, or with the container

enum gtpu_type {
    GTPU_ECHO_REQUEST = 1,
    GTPU_ECHO_RESPONSE = 2,
    GTPU_ERROR = 26,     // there is no such tunnel
    GTPU_SUPPORTED = 31, // the extension headers that are understood
    GTPU_END_MARKER = 254,
    GTPU_PACKET = 255, // with a packet of the user inside
};

enum gtpu_direction { GTPU_DOWN = 0, GTPU_UP = 1 }; // PDU type of the container

struct gtpu {
    uint8_t type;
    uint32_t teid;
    bool has_sequence, has_container;
    uint16_t sequence;
    uint8_t direction, qfi; // of the container
    size_t payload, end;    // where what is inside begins and ends
};

enum gtpu_fault {
    GTPU_FINE,
    GTPU_SHORT,     // it ends before its headers do or the length it states; a header of no length
    GTPU_VERSION,   // not version 1, or GTP'
    GTPU_EXTENSION, // one that is wanted to be understood and is not
};

// *ret is untouched on failure. Bytes behind the stated length are ignored.
enum gtpu_fault gtpu_read(const uint8_t *at, size_t length, struct gtpu *ret);

// Puts the header of a user's packet before it; `qfi` 0: without a container. False: no room.
bool gtpu_wrap(struct packet *p, uint32_t teid, enum gtpu_direction d, uint8_t qfi);

// Messages of their own. Each returns its length, at most GTPU_MESSAGE_MAX.
#define GTPU_MESSAGE_MAX 48
size_t gtpu_echo(uint8_t *at, enum gtpu_type type, uint16_t sequence);
size_t gtpu_error(uint8_t *at, uint32_t teid, enum family f, u128 own);
size_t gtpu_supported(uint8_t *at);

// Which tunnel an error is about (7.3.1). False: it does not say.
bool gtpu_error_read(const uint8_t *at, const struct gtpu *g, uint32_t *ret_teid);

#endif
