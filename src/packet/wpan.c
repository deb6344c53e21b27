// SPDX-License-Identifier: Apache-2.0

#include "packet/wpan.h"

#include "base/cursor.h"

#define SECURED          0x0008
#define ACK_REQUEST      0x0020
#define ONE_PAN          0x0040 // the source's is left out
#define TYPE_MASK        0x0007
#define DESTINATION_MODE 10 // shifts
#define VERSION          12
#define SOURCE_MODE      14
#define MODE_NONE        0
#define MODE_SHORT       2
#define MODE_EXTENDED    3

uint16_t wpan_checksum(const uint8_t *at, size_t length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum ^= at[i];
        for (unsigned bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0x8408 : sum >> 1;
    }
    return (uint16_t)sum;
}

static uint64_t read_little(struct cursor *c, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)cursor_u8(c) << 8 * i;
    return value;
}

static bool read_address(struct cursor *c, unsigned mode, struct wpan_address *ret)
{
    if (mode == 1)
        return false;
    ret->size = mode == MODE_SHORT ? 2 : mode == MODE_EXTENDED ? 8 : 0;
    ret->value = read_little(c, ret->size);
    return true;
}

// The two addresses, with their PAN identifiers before them.
static bool read_addresses(struct cursor *c, unsigned control, struct wpan_frame *f)
{
    unsigned to = control >> DESTINATION_MODE & 3, from = control >> SOURCE_MODE & 3;
    if (to != MODE_NONE)
        f->pan = (uint16_t)read_little(c, 2);
    if (!read_address(c, to, &f->destination))
        return false;
    if (from != MODE_NONE && (!(control & ONE_PAN) || to == MODE_NONE)) {
        uint16_t pan = (uint16_t)read_little(c, 2);
        f->pan = to == MODE_NONE ? pan : f->pan;
    }
    return read_address(c, from, &f->source);
}

enum wpan_fault wpan_read(const uint8_t *at, size_t length, struct wpan_frame *ret)
{
    if (length < WPAN_ACK || length > WPAN_FRAME_MAX)
        return WPAN_SHORT;
    size_t end = length - WPAN_FCS;
    if (wpan_checksum(at, end) != (at[end] | at[end + 1] << 8))
        return WPAN_CHECKSUM;
    struct cursor c = cursor_of(at, end);
    unsigned control = (unsigned)read_little(&c, 2);
    struct wpan_frame f = {.type = (enum wpan_type)(control & TYPE_MASK),
                           .wants_ack = control & ACK_REQUEST,
                           .sequence = cursor_u8(&c),
                           .end = end};
    if ((f.type != WPAN_DATA && f.type != WPAN_ACKNOWLEDGEMENT) || (control >> VERSION & 3) > 1)
        return WPAN_KIND;
    if (control & SECURED)
        return WPAN_SECURED;
    if (f.type == WPAN_DATA && !read_addresses(&c, control, &f))
        return WPAN_KIND;
    if (c.failed)
        return WPAN_SHORT;
    f.payload = end - c.left;
    *ret = f;
    return WPAN_FINE;
}

static size_t header_size(const struct wpan_address *source, const struct wpan_address *destination)
{
    return 3 + 2 + (size_t)source->size + destination->size;
}

size_t wpan_room(const struct wpan_address *source, const struct wpan_address *destination)
{
    return WPAN_FRAME_MAX - WPAN_FCS - header_size(source, destination);
}

static uint8_t *put_little(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

static unsigned mode_of(const struct wpan_address *a)
{
    return a->size == 8 ? MODE_EXTENDED : a->size == 2 ? MODE_SHORT : MODE_NONE;
}

size_t wpan_write(const struct wpan_frame *f, const uint8_t *payload, size_t length, uint8_t *at)
{
    bool data = f->type == WPAN_DATA;
    unsigned to = data ? mode_of(&f->destination) : 0, from = data ? mode_of(&f->source) : 0;
    unsigned control = (unsigned)f->type | (f->wants_ack ? ACK_REQUEST : 0) |
                       to << DESTINATION_MODE | from << SOURCE_MODE;
    if (to != MODE_NONE && from != MODE_NONE)
        control |= ONE_PAN;
    if (length > wpan_room(&f->source, &f->destination))
        return 0;
    uint8_t *end = put_little(put_little(at, control, 2), f->sequence, 1);
    if (to != MODE_NONE || from != MODE_NONE)
        end = put_little(end, f->pan, 2);
    if (data)
        end = put_little(put_little(end, f->destination.value, f->destination.size),
                         f->source.value, f->source.size);
    if (length > 0)
        memcpy(end, payload, length);
    end += length;
    end = put_little(end, wpan_checksum(at, (size_t)(end - at)), WPAN_FCS);
    return (size_t)(end - at);
}
