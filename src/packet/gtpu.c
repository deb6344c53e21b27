// SPDX-License-Identifier: Apache-2.0

#include "packet/gtpu.h"

#include "base/cursor.h"

#define VERSION_MASK   0xf0 // version 1, and GTP rather than GTP'
#define VERSION_GTPU   0x30
#define HAS_EXTENSION  0x04
#define HAS_SEQUENCE   0x02
#define HAS_NPDU       0x01
#define CONTAINER      0x85
#define MUST_KNOW      0x80 // 5.2.1: an extension that whoever receives it must understand
#define QFI_MASK       0x3f
#define IE_RECOVERY    14
#define IE_TEID        16
#define IE_PEER        133
#define IE_EXTENSIONS  141
#define IE_WITH_LENGTH 0x80 // 8.1: those of a smaller type have a fixed length

static enum gtpu_fault read_extensions(struct cursor *c, uint8_t type, struct gtpu *g)
{
    while (type != 0) {
        size_t bytes = (size_t)cursor_u8(c) * 4;
        if (bytes == 0)
            return GTPU_SHORT;
        struct cursor body = cursor_cut(c, bytes - 2);
        uint8_t next = cursor_u8(c);
        if (c->failed)
            return GTPU_SHORT;
        if (type == CONTAINER) {
            g->has_container = true;
            g->direction = cursor_u8(&body) >> 4;
            g->qfi = cursor_u8(&body) & QFI_MASK;
        } else if (type & MUST_KNOW) {
            return GTPU_EXTENSION;
        }
        type = next;
    }
    return GTPU_FINE;
}

enum gtpu_fault gtpu_read(const uint8_t *at, size_t length, struct gtpu *ret)
{
    struct cursor c = cursor_of(at, length);
    uint8_t flags = cursor_u8(&c);
    struct gtpu g = {.type = cursor_u8(&c)};
    size_t stated = cursor_u16(&c);
    g.teid = cursor_u32(&c);
    if (c.failed || stated > c.left)
        return GTPU_SHORT;
    if ((flags & VERSION_MASK) != VERSION_GTPU)
        return GTPU_VERSION;
    c.left = stated;
    if (flags & (HAS_EXTENSION | HAS_SEQUENCE | HAS_NPDU)) {
        g.has_sequence = flags & HAS_SEQUENCE;
        g.sequence = cursor_u16(&c);
        (void)cursor_u8(&c);
        uint8_t type = cursor_u8(&c);
        enum gtpu_fault fault =
            c.failed ? GTPU_SHORT : read_extensions(&c, flags & HAS_EXTENSION ? type : 0, &g);
        if (fault != GTPU_FINE)
            return fault;
    }
    g.payload = (size_t)(c.at - at);
    g.end = g.payload + c.left;
    *ret = g;
    return GTPU_FINE;
}

static void write_head(uint8_t *at, uint8_t flags, uint8_t type, size_t length, uint32_t teid)
{
    at[0] = VERSION_GTPU | flags;
    at[1] = type;
    store16(at + 2, (uint16_t)length);
    store32(at + 4, teid);
}

bool gtpu_wrap(struct packet *p, uint32_t teid, enum gtpu_direction d, uint8_t qfi)
{
    size_t header = qfi ? GTPU_HEADER_MAX : GTPU_HEADER;
    if (p->length > PACKET_MAX - GTPU_HEADER_MAX || !packet_push(p, header))
        return false;
    write_head(p->at, qfi ? HAS_EXTENSION : 0, GTPU_PACKET, p->length - GTPU_HEADER, teid);
    if (qfi) {
        const uint8_t rest[] = {0, 0, 0, CONTAINER, 1, (uint8_t)(d << 4), qfi & QFI_MASK, 0};
        memcpy(p->at + GTPU_HEADER, rest, sizeof rest);
    }
    return true;
}

// A message with a sequence number (4.3.1 wants one in them), and what stands in it.
static size_t write_message(uint8_t *at, enum gtpu_type type, uint16_t sequence,
                            const uint8_t *body, size_t length)
{
    write_head(at, HAS_SEQUENCE, (uint8_t)type, length + 4, 0);
    store16(at + GTPU_HEADER, sequence);
    store16(at + GTPU_HEADER + 2, 0);
    memcpy(at + GTPU_HEADER + 4, body, length);
    return GTPU_HEADER + 4 + length;
}

size_t gtpu_echo(uint8_t *at, enum gtpu_type type, uint16_t sequence)
{
    static const uint8_t recovery[] = {IE_RECOVERY, 0};
    return write_message(at, type, sequence, recovery,
                         type == GTPU_ECHO_RESPONSE ? sizeof recovery : 0);
}

size_t gtpu_error(uint8_t *at, uint32_t teid, enum family f, u128 own)
{
    size_t bytes = f == FAMILY_IPV6 ? 16 : 4;
    uint8_t body[5 + 3 + 16] = {[0] = IE_TEID, [5] = IE_PEER, [7] = (uint8_t)bytes};
    store32(body + 1, teid);
    if (f == FAMILY_IPV6)
        store128(body + 8, own);
    else
        store32(body + 8, (uint32_t)own);
    return write_message(at, GTPU_ERROR, 0, body, 8 + bytes);
}

size_t gtpu_supported(uint8_t *at)
{
    static const uint8_t list[] = {IE_EXTENSIONS, 1, CONTAINER};
    return write_message(at, GTPU_SUPPORTED, 0, list, sizeof list);
}

bool gtpu_error_read(const uint8_t *at, const struct gtpu *g, uint32_t *ret_teid)
{
    struct cursor c = cursor_of(at + g->payload, g->end - g->payload);
    while (c.left > 0) {
        uint8_t type = cursor_u8(&c);
        if (type == IE_TEID) {
            uint32_t teid = cursor_u32(&c);
            if (!c.failed)
                *ret_teid = teid;
            return !c.failed;
        }
        if (type == IE_RECOVERY)
            (void)cursor_u8(&c);
        else if (type & IE_WITH_LENGTH)
            (void)cursor_take(&c, cursor_u16(&c));
        else
            return false;
    }
    return false;
}
