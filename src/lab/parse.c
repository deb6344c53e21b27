// SPDX-License-Identifier: Apache-2.0
//
// The small texts of the schema: addresses, routes, times.

#include "lab/lab.h"

#include "base/text.h"
#include "lab/parse.h"

#include <string.h>

// Cuts the next word off; a word of length 0 at the end.
static struct slice next_word(struct slice *rest)
{
    *rest = slice_trim(*rest);
    size_t n = 0;
    while (n < rest->length && rest->at[n] != ' ' && rest->at[n] != '\t')
        n++;
    struct slice word = {rest->at, n};
    *rest = (struct slice){rest->at + n, rest->length - n};
    return word;
}

bool lab_ip_parse(struct slice s, enum family *ret_family, u128 *ret)
{
    uint32_t v4;
    if (ipv6_parse(s, ret)) {
        *ret_family = FAMILY_IPV6;
        return true;
    }
    if (!ipv4_parse(s, &v4))
        return false;
    *ret_family = FAMILY_IPV4;
    *ret = v4;
    return true;
}

// The length after the slash; without one that of a single address.
static bool address_and_length(struct slice s, enum family *family, u128 *address, uint8_t *length)
{
    struct slice rest = s, text = slice_cut(&rest, '/');
    uint64_t n;
    if (!lab_ip_parse(text, family, address))
        return false;
    uint64_t bits = *family == FAMILY_IPV6 ? 128 : 32;
    if (!rest.at)
        n = bits;
    else if (!slice_u64(rest, bits, &n))
        return false;
    *length = (uint8_t)n;
    return true;
}

bool lab_prefix_parse(struct slice s, enum family *ret_family, u128 *ret, uint8_t *ret_length)
{
    enum family family;
    u128 address;
    uint8_t length;
    if (!address_and_length(s, &family, &address, &length))
        return false;
    unsigned bits = family == FAMILY_IPV6 ? 128 : 32, free_bits = bits - length;
    if (free_bits == 128 ? address != 0 : (address & (((u128)1 << free_bits) - 1)) != 0)
        return false;
    *ret_family = family;
    *ret = address;
    *ret_length = length;
    return true;
}

static bool number32(struct slice s, uint32_t *ret)
{
    uint64_t n;
    if (!slice_u64(s, UINT32_MAX - 1, &n))
        return false;
    *ret = (uint32_t)n;
    return true;
}

bool lab_address_parse(struct slice s, struct lab_address *ret)
{
    struct lab_address a = {.preferred = UINT32_MAX, .valid = UINT32_MAX};
    struct slice rest = s, word = next_word(&rest);
    if (!memchr(word.at, '/', word.length) ||
        !address_and_length(word, &a.family, &a.address, &a.length))
        return false;
    while ((word = next_word(&rest)).length > 0) {
        bool ok = true;
        if (slice_is(word, "nodad"))
            a.no_dad = true;
        else if (slice_is(word, "preferred"))
            ok = number32(next_word(&rest), &a.preferred);
        else if (slice_is(word, "valid"))
            ok = number32(next_word(&rest), &a.valid);
        else
            ok = false;
        if (!ok)
            return false;
    }
    if (a.preferred > a.valid && a.valid != UINT32_MAX)
        a.preferred = a.valid;
    *ret = a;
    return true;
}

static bool interface_name(struct slice s, char ret[LAB_INTERFACE_MAX + 1])
{
    // The kernel keeps two names for its settings.
    if (s.length < 1 || s.length > LAB_INTERFACE_MAX || slice_is(s, "all") ||
        slice_is(s, "default"))
        return false;
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (i == 0 || (c != '-' && c != '_')))
            return false;
    }
    memcpy(ret, s.at, s.length);
    ret[s.length] = '\0';
    return true;
}

static bool route_kind(struct slice word, enum lab_route_kind *ret)
{
    if (slice_is(word, "unreachable"))
        *ret = LAB_ROUTE_UNREACHABLE;
    else if (slice_is(word, "prohibit"))
        *ret = LAB_ROUTE_PROHIBIT;
    else if (slice_is(word, "drop"))
        *ret = LAB_ROUTE_DROP;
    else
        return false;
    return true;
}

static bool route_word(struct slice word, struct slice *rest, struct lab_route *r)
{
    enum family family;
    struct slice value = next_word(rest);
    if (slice_is(word, "via"))
        return r->has_via = lab_ip_parse(value, &r->via_family, &r->via);
    if (slice_is(word, "src"))
        return r->has_source = lab_ip_parse(value, &family, &r->source) && family == r->family;
    if (slice_is(word, "dev"))
        return interface_name(value, r->interface);
    if (slice_is(word, "metric"))
        return number32(value, &r->metric);
    if (slice_is(word, "mtu"))
        return number32(value, &r->mtu);
    return slice_is(word, "table") && number32(value, &r->table);
}

// "default" is of the family of its next hop, and of IPv6 without one.
static void settle_default(struct lab_route *r, bool is_default)
{
    if (is_default && r->has_via)
        r->family = r->via_family;
}

bool lab_route_parse(struct slice s, struct lab_route *ret)
{
    struct lab_route r = {.family = FAMILY_IPV6};
    struct slice rest = s, word = next_word(&rest);
    if (route_kind(word, &r.kind))
        word = next_word(&rest);
    bool is_default = slice_is(word, "default");
    if (!is_default && !lab_prefix_parse(word, &r.family, &r.to, &r.length))
        return false;
    while ((word = next_word(&rest)).length > 0)
        if (!route_word(word, &rest, &r))
            return false;
    settle_default(&r, is_default);
    if (r.kind == LAB_ROUTE_UNICAST && !r.has_via && !r.interface[0])
        return false;
    *ret = r;
    return true;
}

// A decimal number with up to six places, as millionths.
static bool millionths(struct slice s, uint64_t max, uint64_t *ret)
{
    struct slice rest = s, whole = slice_cut(&rest, '.');
    uint64_t n, part = 0;
    if (!slice_u64(whole, max / 1000000, &n) || (rest.at && (rest.length > 6 || rest.length < 1)))
        return false;
    if (rest.at && !slice_u64(rest, 999999, &part))
        return false;
    for (size_t i = rest.at ? rest.length : 6; i < 6; i++)
        part *= 10;
    *ret = n * 1000000 + part;
    return true;
}

#define TIME_MAX_US ((uint64_t)3600 * 1000000)

bool lab_time_parse(struct slice s, uint64_t *ret_us)
{
    static const struct {
        const char *unit;
        uint64_t microseconds;
    } units[] = {{"us", 1}, {"ms", 1000}, {"min", 60000000}, {"s", 1000000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t n = strlen(units[i].unit);
        uint64_t value;
        if (s.length <= n || memcmp(s.at + s.length - n, units[i].unit, n) != 0)
            continue;
        if (!millionths((struct slice){s.at, s.length - n}, TIME_MAX_US * 1000, &value))
            return false;
        uint64_t us = value / 1000000 * units[i].microseconds +
                      value % 1000000 * units[i].microseconds / 1000000;
        if (us > TIME_MAX_US)
            return false;
        *ret_us = us;
        return true;
    }
    return false;
}

bool parse_share(struct slice s, uint64_t *ret_ppm)
{
    uint64_t value;
    if (s.length < 2 || s.at[s.length - 1] != '%' ||
        !millionths((struct slice){s.at, s.length - 1}, 100 * 1000000, &value))
        return false;
    *ret_ppm = value / 100;
    return true;
}

bool parse_rate(struct slice s, uint64_t *ret_bps)
{
    static const struct {
        const char *unit;
        uint64_t factor;
    } units[] = {{"kbit", 1000}, {"mbit", 1000000}, {"gbit", 1000000000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t value;
        if (s.length <= 4 || memcmp(s.at + s.length - 4, units[i].unit, 4) != 0 ||
            !millionths((struct slice){s.at, s.length - 4}, (uint64_t)1000 * 1000000, &value))
            continue;
        *ret_bps = value * (units[i].factor / 1000) / 1000;
        return *ret_bps > 0;
    }
    return false;
}

bool parse_mac(struct slice s, uint8_t ret[6])
{
    static const char digits[] = "0123456789abcdef";
    if (s.length != 17)
        return false;
    for (size_t i = 0; i < 6; i++) {
        const char *high = memchr(digits, s.at[i * 3], 16),
                   *low = memchr(digits, s.at[i * 3 + 1], 16);
        if (!high || !low || (i < 5 && s.at[i * 3 + 2] != ':'))
            return false;
        ret[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return (ret[0] & 1) == 0;
}

bool lab_end_parse(struct slice s, struct slice *ret_node, struct slice *ret_interface)
{
    char name[LAB_INTERFACE_MAX + 1];
    struct slice rest = s, node = slice_cut(&rest, ':');
    if (!rest.at || node.length < 1 || !interface_name(rest, name))
        return false;
    *ret_node = node;
    *ret_interface = rest;
    return true;
}

bool parse_name(const char *name, size_t max)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0)))
            return false;
    }
    return n >= 1 && n <= max;
}

bool parse_interface(const char *name)
{
    char copy[LAB_INTERFACE_MAX + 1];
    return interface_name(slice_of(name), copy);
}

// Below the folder, without ".." and without anything that a shell or a path gives a meaning.
bool parse_path(const char *path)
{
    struct slice rest = slice_of(path);
    if (rest.length < 1 || rest.length > 200)
        return false;
    while (rest.at) {
        struct slice part = slice_cut(&rest, '/');
        if (part.length == 0 || part.at[0] == '.' || part.at[0] == '-')
            return false;
        for (size_t i = 0; i < part.length; i++)
            if (!part.at[i] ||
                !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
                        part.at[i]))
                return false;
    }
    return true;
}

bool parse_size(struct slice s, uint64_t *ret)
{
    static const char units[] = "KMG";
    const char *unit = s.length > 1 ? memchr(units, s.at[s.length - 1], 3) : NULL;
    uint64_t n;
    if (!unit || !slice_u64((struct slice){s.at, s.length - 1}, 1023, &n) || n == 0)
        return false;
    *ret = n << (10 * (unsigned)(unit - units + 1));
    return true;
}

bool parse_sysctl(struct slice s)
{
    struct slice rest = s, part = slice_cut(&rest, '.');
    if (!slice_is(part, "net") || !rest.at || s.length > 200)
        return false;
    while (rest.at) {
        part = slice_cut(&rest, '.');
        if (part.length == 0)
            return false;
        for (size_t i = 0; i < part.length; i++)
            if (!part.at[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", part.at[i]))
                return false;
    }
    return true;
}
