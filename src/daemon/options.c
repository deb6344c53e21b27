// SPDX-License-Identifier: Apache-2.0

#include "daemon/options.h"

static int wrong(const char *option, struct slice word, const char *wanted, struct err *e)
{
    return err_set(e, ERR_USAGE, "--%s: \"%.*s\" is no %s", option, SLICE_ARG(word), wanted);
}

int parse_prefixes(const char *option, const char *text, struct prefix *ret, size_t *ret_count,
                   struct err *e)
{
    struct slice rest = slice_of(text ? text : "");
    size_t count = 0;
    while (rest.at && rest.length > 0) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        if (count == PREFIXES_MAX)
            return err_set(e, ERR_USAGE, "--%s: more than %d prefixes", option, PREFIXES_MAX);
        if (!prefix_parse(word, ret + count))
            return wrong(option, word, "address or prefix", e);
        count++;
    }
    *ret_count = count;
    return 0;
}

int parse_translation_prefix(const char *option, const char *text, struct prefix *ret,
                             struct err *e)
{
    struct slice word = slice_of(text ? text : "");
    struct prefix p;
    if (!prefix_parse(word, &p) || p.family != FAMILY_IPV6)
        return wrong(option, word, "IPv6 prefix", e);
    if (!embed_valid(p.length))
        return err_set(e, ERR_USAGE,
                       "--%s: a prefix of %u bits; wanted 32, 40, 48, 56, 64 or 96 (RFC 6052)",
                       option, p.length);
    if (p.address << p.length != 0 || (p.length == 96 && p.address >> 56 & 0xff))
        return wrong(option, word, "prefix: bits are set beyond its length, or in bits 64 to 71",
                     e);
    *ret = p;
    return 0;
}

int parse_pool(const char *option, const char *text, uint32_t *ret_first, uint32_t *ret_last,
               struct err *e)
{
    struct slice word = slice_of(text ? text : "");
    struct range range;
    if (!range_parse(word, &range) || range.family != FAMILY_IPV4)
        return wrong(option, word, "IPv4 address, prefix or range", e);
    *ret_first = (uint32_t)range.first;
    *ret_last = (uint32_t)range.last;
    return 0;
}

int parse_pairs(const char *option, const char *text, struct siit_pair *ret, size_t *ret_count,
                struct err *e)
{
    struct slice rest = slice_of(text ? text : "");
    size_t count = 0;
    while (rest.at && rest.length > 0) {
        struct slice word = slice_trim(slice_cut(&rest, ',')), six = word;
        struct slice four = slice_cut(&six, '=');
        struct prefix a, b;
        if (count == SIIT_PAIRS_MAX)
            return err_set(e, ERR_USAGE, "--%s: more than %d mappings", option, SIIT_PAIRS_MAX);
        if (!six.at || !prefix_parse(slice_trim(four), &a) || !prefix_parse(slice_trim(six), &b) ||
            a.family != FAMILY_IPV4 || b.family != FAMILY_IPV6)
            return wrong(option, word, "mapping; wanted IPV4[/LENGTH]=IPV6[/LENGTH]", e);
        ret[count++] = (struct siit_pair){(uint32_t)a.address, b.address, (uint8_t)a.length,
                                          (uint8_t)b.length};
    }
    *ret_count = count;
    return 0;
}
