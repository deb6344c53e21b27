// SPDX-License-Identifier: Apache-2.0
//
// IPv4 addresses inside IPv6 addresses (RFC 6052, 2.2): behind the prefix, stepping over the octet
// at bits 64 to 71, which is zero. What stands behind the address is zero too; on the way back it
// is not looked at.

#include "packet/translate.h"

#define OCTET_U    ((u128)0xff << 56)
#define WELL_KNOWN ((u128)0x0064ff9b << 96)

// RFC 5735, 3 (of which 192.88.99.0/24 is global), and RFC 6598.
static bool is_global(uint32_t address)
{
    uint32_t half = address >> 16, most = address >> 8;
    switch (address >> 24) {
    case 0:
    case 10:
    case 127:
        return false;
    case 100:
        return half >> 6 != 0x6440 >> 6;
    case 169:
        return half != 0xa9fe;
    case 172:
        return half >> 4 != 0xac10 >> 4;
    case 192:
        return half != 0xc0a8 && most != 0xc00000 && most != 0xc00002;
    case 198:
        return half >> 1 != 0xc612 >> 1 && most != 0xc63364;
    case 203:
        return most != 0xcb0071;
    default:
        return address >> 24 < 224;
    }
}

bool embed_allowed(u128 prefix, unsigned length, uint32_t address)
{
    return prefix != WELL_KNOWN || length != 96 || is_global(address);
}

bool embed_valid(unsigned length)
{
    return length == 96 || (length >= 32 && length <= 64 && length % 8 == 0);
}

// How many of the address's 32 bits stand before bit 64.
static unsigned bits_before(unsigned length)
{
    return length == 96 ? 0 : 64 - length;
}

u128 embed_address(u128 prefix, unsigned length, uint32_t address)
{
    if (length == 96)
        return prefix | address;
    unsigned before = bits_before(length), behind = 32 - before;
    u128 high = before ? (u128)(address >> behind) << 64 : 0;
    u128 low = behind ? (u128)(behind == 32 ? address : address & ((1u << behind) - 1))
                            << (56 - behind)
                      : 0;
    return prefix | high | low;
}

bool embed_put(u128 prefix, unsigned length, u128 address, u128 *ret)
{
    const uint32_t four = (uint32_t)address;
    if (!embed_allowed(prefix, length, four))
        return false;
    *ret = embed_address(prefix, length, four);
    return true;
}

bool embed_extract(u128 prefix, unsigned length, u128 address, uint32_t *ret)
{
    if ((address ^ prefix) >> (128 - length) != 0)
        return false;
    if (length == 96) {
        *ret = (uint32_t)address;
        return embed_allowed(prefix, length, (uint32_t)address);
    }
    if (address & OCTET_U)
        return false;
    unsigned before = bits_before(length), behind = 32 - before;
    uint64_t high = before ? (uint64_t)(address >> 64) & ((UINT64_C(1) << before) - 1) : 0;
    uint64_t low =
        behind ? (uint64_t)(address >> (56 - behind)) & ((UINT64_C(1) << behind) - 1) : 0;
    *ret = (uint32_t)(high << behind | low);
    return true;
}
