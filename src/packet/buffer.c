// SPDX-License-Identifier: Apache-2.0
//
// A packet's buffer, with room before it.

#include "packet/packet.h"

void packet_init(struct packet *p, uint8_t *buffer, size_t size)
{
    *p = (struct packet){.at = buffer + PACKET_HEADROOM, .begin = buffer, .end = buffer + size};
}

size_t packet_room(const struct packet *p)
{
    return (size_t)(p->end - p->at);
}

bool packet_push(struct packet *p, size_t bytes)
{
    if ((size_t)(p->at - p->begin) < bytes)
        return false;
    p->at -= bytes;
    p->length += bytes;
    return true;
}

bool packet_pull(struct packet *p, size_t bytes)
{
    if (p->length < bytes)
        return false;
    p->at += bytes;
    p->length -= bytes;
    return true;
}
