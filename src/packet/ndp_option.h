// SPDX-License-Identifier: Apache-2.0
//
// The options of neighbour discovery (RFC 4861, 4.6), one after the other.

#ifndef PACKET_NDP_OPTION_H
#define PACKET_NDP_OPTION_H

#include "base/cursor.h"

// Cuts the next one off: its type, and what follows its length. False where it ends before it says,
// or says that it has no length: the whole message is then to be dropped.
static inline bool ndp_option_next(struct cursor *c, uint8_t *type, struct cursor *body)
{
    *type = cursor_u8(c);
    const size_t bytes = (size_t)cursor_u8(c) * 8;
    *body = cursor_cut(c, bytes ? bytes - 2 : SIZE_MAX);
    return !c->failed;
}

#endif
