// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the datagram in an ICMP error (RFC 4884): carried along unread, and a router
// that has no IPv4 address named there (RFC 6791, RFC 5837).

#include "packet/translate_parts.h"

#define DATAGRAM_LEAST 128 // what it is filled up to
#define VERSION_2      0x20
#define HEADER         4
#define OBJECT         (HEADER + 4 + 16) // with an address family and an IPv6 address
#define INTERFACE      2                 // class: which interface, of the router that speaks
#define INCOMING_WITH  0x04              // the one that the datagram came by; its address follows
#define AFI_IPV6       2

// RFC 4884, 4: in other types another field stands where the length would.
static bool may_be_extended(enum family f, uint8_t type)
{
    return f == FAMILY_IPV6 ? type == 1 || type == 3 : type == 3 || type == 11 || type == 12;
}

static size_t unit_of(enum family f) // of the length field, in bytes
{
    return f == FAMILY_IPV6 ? 8 : 4;
}

static size_t length_at(enum family f) // of the length field in the message
{
    return f == FAMILY_IPV6 ? 4 : 5;
}

size_t extension_begin(enum family f, const uint8_t *icmp, size_t body)
{
    size_t length = icmp[length_at(f)] * unit_of(f);
    bool has = may_be_extended(f, icmp[0]) && length >= DATAGRAM_LEAST && length < body;
    return has ? length : 0;
}

void extension_take(struct icmp_extension *ret, const uint8_t *at, size_t length)
{
    ret->length = length <= sizeof ret->at ? length : 0;
    memcpy(ret->at, at, ret->length);
}

// RFC 4884, 7: a sum of 0 says that none was made.
static bool is_sound(const struct icmp_extension *x)
{
    return x->length >= HEADER && x->length % 4 == 0 && x->at[0] >> 4 == VERSION_2 >> 4 &&
           (load16(x->at + 2) == 0 || sum_fold(sum_bytes(x->at, x->length, 0)) == 0xffff);
}

void extension_tell(struct icmp_extension *x, u128 router)
{
    if (x->length == 0) {
        store32(x->at, (uint32_t)VERSION_2 << 24);
        x->length = HEADER;
    } else if (!is_sound(x) || x->length + OBJECT > sizeof x->at) {
        return;
    }
    uint8_t *object = x->at + x->length;
    store16(object, OBJECT);
    object[2] = INTERFACE;
    object[3] = INCOMING_WITH;
    store16(object + 4, AFI_IPV6);
    store16(object + 6, 0);
    store128(object + 8, router);
    x->length += OBJECT;
    store16(x->at + 2, 0);
    store16(x->at + 2, (uint16_t)~sum_bytes(x->at, x->length, 0));
}

// The datagram is filled up to whole words, or cut so that there is room.
void extension_append(const struct icmp_extension *x, enum family to, uint8_t *icmp,
                      struct packet *datagram)
{
    size_t unit = unit_of(to), most = 255 * unit, left = ICMP_BODY_MAX - x->length;
    most = most < left ? most : left / unit * unit;
    if (x->length == 0 || !may_be_extended(to, icmp[0]) || most < DATAGRAM_LEAST)
        return;
    size_t length = datagram->length < most ? datagram->length : most,
           whole = length < DATAGRAM_LEAST ? DATAGRAM_LEAST : (length + unit - 1) / unit * unit;
    if (whole + x->length > packet_room(datagram))
        return;
    memset(datagram->at + length, 0, whole - length);
    memcpy(datagram->at + whole, x->at, x->length);
    datagram->length = whole + x->length;
    icmp[length_at(to)] = (uint8_t)(whole / unit);
}
