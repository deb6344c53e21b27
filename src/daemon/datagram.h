// SPDX-License-Identifier: Apache-2.0
//
// UDP over IPv6 where it counts to whom a datagram was sent.

#ifndef DAEMON_DATAGRAM_H
#define DAEMON_DATAGRAM_H

#include "daemon/daemon.h"

bool datagram_tell_destination(int socket);

// Its length; 0: nothing is there now, or it is larger than the room.
size_t datagram_receive(int socket, uint8_t *at, size_t room, u128 *ret_from, u128 *ret_to);

#endif
