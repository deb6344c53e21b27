// SPDX-License-Identifier: Apache-2.0
//
// Addresses and text.

#include "net/net.h"

#include <stdio.h>

bool ipv4_parse(struct slice s, uint32_t *ret)
{
    uint32_t address = 0, number = 0;
    unsigned dots = 0, digits = 0;
    for (size_t i = 0; i < s.length; i++) {
        unsigned digit = (unsigned)(unsigned char)s.at[i] - '0';
        if (digit <= 9) {
            if (digits > 0 && number == 0)
                return false;
            number = number * 10 + digit;
            digits++;
            if (number > 255)
                return false;
        } else if (s.at[i] == '.' && digits > 0 && dots < 3) {
            address = address << 8 | number;
            number = digits = 0;
            dots++;
        } else {
            return false;
        }
    }
    if (dots != 3 || digits == 0)
        return false;
    *ret = address << 8 | number;
    return true;
}

static unsigned hex_digit(char c)
{
    static const unsigned char table[256] = {
        ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
        ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
        ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
        ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};
    return table[(unsigned char)c] - 1u; // UINT_MAX where it is none
}

// The last 32 bits as a dotted quad: "::ffff:192.0.2.1".
static bool ipv6_dotted_tail(struct slice tail, uint16_t groups[8], unsigned *count)
{
    uint32_t address;
    if (*count > 6 || !ipv4_parse(tail, &address))
        return false;
    groups[(*count)++] = (uint16_t)(address >> 16);
    groups[(*count)++] = (uint16_t)address;
    return true;
}

// Reads groups of hexadecimal digits; *gap is where "::" stood, or 8.
static bool ipv6_groups(struct slice s, uint16_t groups[8], unsigned *count, unsigned *gap)
{
    size_t i = 0;
    if (s.length >= 2 && s.at[0] == ':' && s.at[1] == ':') {
        *gap = 0;
        i = 2;
    }
    while (i < s.length) {
        size_t begin = i;
        unsigned value = 0, digit;
        while (i < s.length && (digit = hex_digit(s.at[i])) < 16) {
            value = value << 4 | digit;
            i++;
        }
        if (i < s.length && s.at[i] == '.')
            return ipv6_dotted_tail((struct slice){s.at + begin, s.length - begin}, groups, count);
        if (i == begin || i - begin > 4 || *count == 8)
            return false;
        groups[(*count)++] = (uint16_t)value;
        if (i == s.length)
            return true;
        if (s.at[i++] != ':' || i == s.length)
            return false;
        if (s.at[i] == ':') {
            if (*gap != 8 || *count == 8)
                return false;
            *gap = *count;
            i++;
        }
    }
    return true;
}

bool ipv6_parse(struct slice s, u128 *ret)
{
    uint16_t groups[8];
    unsigned count = 0, gap = 8;
    if (!ipv6_groups(s, groups, &count, &gap) || (gap == 8 ? count != 8 : count > 7))
        return false;
    uint64_t half[2] = {0, 0};
    unsigned missing = 8 - count;
    for (unsigned i = 0; i < count; i++) {
        unsigned place = i < gap ? i : i + missing;
        half[place / 4] |= (uint64_t)groups[i] << (48 - 16 * (place % 4));
    }
    *ret = (u128)half[0] << 64 | half[1];
    return true;
}

char *decimal_put(uint32_t value, char *to)
{
    char digits[10];
    unsigned count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

static char *put_ipv4(uint32_t address, char *to)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        to = decimal_put(address >> shift & 0xff, to);
        if (shift > 0)
            *to++ = '.';
    }
    return to;
}

static char *put_group(unsigned group, char *to)
{
    static const char digits[] = "0123456789abcdef";
    if (group >= 0x1000)
        *to++ = digits[group >> 12];
    if (group >= 0x100)
        *to++ = digits[group >> 8 & 15];
    if (group >= 0x10)
        *to++ = digits[group >> 4 & 15];
    *to++ = digits[group & 15];
    return to;
}

// The longest run of zero groups, the first of several; a single one is none.
static void find_gap(const uint16_t groups[8], unsigned *ret_begin, unsigned *ret_end)
{
    *ret_begin = *ret_end = 8;
    for (unsigned i = 0, end; i < 8; i = end + 1) {
        for (end = i; end < 8 && groups[end] == 0; end++)
            continue;
        if (end - i >= 2 && end - i > *ret_end - *ret_begin) {
            *ret_begin = i;
            *ret_end = end;
        }
    }
}

static char *put_ipv6(u128 address, char *to)
{
    uint16_t groups[8];
    unsigned begin, end;
    for (unsigned i = 0; i < 8; i++)
        groups[i] = (uint16_t)(address >> (112 - 16 * i));
    find_gap(groups, &begin, &end);
    // An IPv4 address is in its last half: mapped, or compatible.
    bool dotted = begin == 0 && (end == 6 || (end == 5 && groups[5] == 0xffff));
    for (unsigned i = 0; i < (dotted ? 6 : 8); i++) {
        if (i == begin) {
            *to++ = ':';
            *to++ = ':';
            i = end;
        } else if (i > 0) {
            *to++ = ':';
        }
        if (i < (dotted ? 6 : 8))
            to = put_group(groups[i], to);
    }
    if (dotted && end == 5)
        *to++ = ':';
    return dotted ? put_ipv4((uint32_t)address, to) : to;
}

char *address_put(enum family f, u128 address, char *to)
{
    if (f == FAMILY_IPV6)
        return put_ipv6(address, to);
    return f == FAMILY_IPV4 ? put_ipv4((uint32_t)address, to) : decimal_put((uint32_t)address, to);
}

char *address_format(enum family f, u128 address, char text[ADDRESS_TEXT_MAX])
{
    *address_put(f, address, text) = '\0';
    return text;
}

char *mac_format(const uint8_t mac[6], char text[MAC_TEXT_MAX])
{
    snprintf(text, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
    return text;
}
