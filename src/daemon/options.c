// SPDX-License-Identifier: Apache-2.0

#include "daemon/options.h"

#include "base/file.h"

#include <stdlib.h>

#define BINDINGS_FILE_MAX ((size_t)8 << 20) // LW_BINDINGS_MAX long lines

static int wrong(const char *option, struct slice word, const char *wanted, struct err *e)
{
    return err_set(e, ERR_USAGE, "--%s: \"%.*s\" is no %s", option, SLICE_ARG(word), wanted);
}

static int missing(const char *option, const char *wanted, struct err *e)
{
    return err_set(e, ERR_USAGE, "--%s is missing: an %s", option, wanted);
}

// What stands in an option with commas between.
struct list {
    const char *things; // more than one of them
    const char *wanted; // what each is to be
    size_t max, size;   // of them, of one
    bool (*read)(struct slice word, void *one);
};

static int parse_list(const struct list *l, const char *option, const char *text, void *ret,
                      size_t *ret_count, struct err *e)
{
    struct slice rest = slice_of(text ? text : "");
    size_t count = 0;
    while (rest.at && rest.length > 0) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        if (count == l->max)
            return err_set(e, ERR_USAGE, "--%s: more than %zu %s", option, l->max, l->things);
        if (!l->read(word, (char *)ret + count++ * l->size))
            return wrong(option, word, l->wanted, e);
    }
    *ret_count = count;
    return 0;
}

static bool prefix_of(struct slice word, void *one)
{
    return prefix_parse(word, one);
}

int parse_prefixes(const char *option, const char *text, struct prefix *ret, size_t *ret_count,
                   struct err *e)
{
    static const struct list l = {"prefixes", "address or prefix", PREFIXES_MAX, sizeof *ret,
                                  prefix_of};
    return parse_list(&l, option, text, ret, ret_count, e);
}

int parse_prefix6(const char *option, const char *text, struct prefix *ret, struct err *e)
{
    if (!text)
        return missing(option, "IPv6 prefix", e);
    if (!prefix_parse(slice_of(text), ret) || ret->family != FAMILY_IPV6)
        return wrong(option, slice_of(text), "IPv6 prefix", e);
    return 0;
}

int parse_translation_prefix(const char *option, const char *text, struct prefix *ret,
                             struct err *e)
{
    struct prefix p;
    int code = parse_prefix6(option, text, &p, e);
    if (code)
        return code;
    if (!embed_valid(p.length))
        return err_set(e, ERR_USAGE,
                       "--%s: a prefix of %u bits; wanted 32, 40, 48, 56, 64 or 96 (RFC 6052)",
                       option, p.length);
    if (p.address << p.length != 0 || (p.length == 96 && p.address >> 56 & 0xff))
        return wrong(option, slice_of(text),
                     "prefix: bits are set beyond its length, or in bits 64 to 71", e);
    *ret = p;
    return 0;
}

int parse_pool(const char *option, const char *text, uint32_t *ret_first, uint32_t *ret_last,
               struct err *e)
{
    static const char wanted[] = "IPv4 address, prefix or range";
    struct range range;
    if (!text)
        return missing(option, wanted, e);
    if (!range_parse(slice_of(text), &range) || range.family != FAMILY_IPV4)
        return wrong(option, slice_of(text), wanted, e);
    *ret_first = (uint32_t)range.first;
    *ret_last = (uint32_t)range.last;
    return 0;
}

static bool pair_of(struct slice word, void *one)
{
    struct slice six = word, four = slice_cut(&six, '=');
    struct prefix a, b;
    if (!six.at || !prefix_parse(slice_trim(four), &a) || !prefix_parse(slice_trim(six), &b))
        return false;
    *(struct siit_pair *)one =
        (struct siit_pair){(uint32_t)a.address, b.address, (uint8_t)a.length, (uint8_t)b.length};
    return a.family == FAMILY_IPV4 && b.family == FAMILY_IPV6;
}

int parse_pairs(const char *option, const char *text, struct siit_pair *ret, size_t *ret_count,
                struct err *e)
{
    static const struct list l = {"mappings", "mapping; wanted IPV4[/LENGTH]=IPV6[/LENGTH]",
                                  SIIT_PAIRS_MAX, sizeof *ret, pair_of};
    return parse_list(&l, option, text, ret, ret_count, e);
}

// Decimal, or hexadecimal behind 0x.
static bool small_number(struct slice s, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (s.length < 3 || s.at[0] != '0' || (s.at[1] != 'x' && s.at[1] != 'X'))
        return slice_u64(s, max, ret);
    for (size_t i = 2; i < s.length; i++) {
        int c = s.at[i] | 32, digit = c >= 'a' ? c - 'a' + 10 : c - '0';
        if (s.length > 6 || digit < 0 || digit > 15 || (c < 'a' && c > '9'))
            return false;
        value = value << 4 | (unsigned)digit;
    }
    if (value > max)
        return false;
    *ret = value;
    return true;
}

static bool port_set_of(struct slice text, struct port_set *ret)
{
    uint64_t offset, length, psid;
    struct slice rest = text;
    struct slice first = slice_cut(&rest, ','), second = rest.at ? slice_cut(&rest, ',') : rest;
    if (!rest.at || !small_number(first, 15, &offset) || !small_number(second, 16, &length) ||
        !small_number(rest, UINT16_MAX, &psid) || offset + length > 16 || psid >> length != 0)
        return false;
    *ret = (struct port_set){(uint8_t)offset, (uint8_t)length, (uint16_t)psid};
    return true;
}

int parse_port_set(const char *option, const char *text, struct port_set *ret, struct err *e)
{
    struct slice word = slice_of(text ? text : "");
    if (port_set_of(word, ret))
        return 0;
    return wrong(option, word, "port set; wanted OFFSET,LENGTH,PSID such as 6,8,0x34", e);
}

static bool rule_of(struct slice text, struct map_rule *ret)
{
    struct slice rest = text, part[3];
    struct prefix six, four;
    struct port_set given = {.offset = 6};
    uint64_t ea, offset = 6;
    for (unsigned i = 0; i < 3; i++) {
        if (!rest.at)
            return false;
        part[i] = slice_cut(&rest, ',');
    }
    if (!prefix_parse(part[0], &six) || !prefix_parse(part[1], &four) ||
        six.family != FAMILY_IPV6 || four.family != FAMILY_IPV4 || !slice_u64(part[2], 48, &ea))
        return false;
    bool apart = rest.at && memchr(rest.at, ',', rest.length);
    if (apart ? !port_set_of(rest, &given) || given.length == 0
              : rest.at && !slice_u64(rest, 15, &offset))
        return false;
    *ret = (struct map_rule){six.address,         (uint32_t)four.address,
                             (uint8_t)six.length, (uint8_t)four.length,
                             (uint8_t)ea,         apart ? given.offset : (uint8_t)offset,
                             given.length,        given.psid};
    return true;
}

int parse_rules(const char *option, const char *text, struct map_rule *ret, size_t *ret_count,
                struct err *e)
{
    struct slice rest = slice_trim(slice_of(text ? text : ""));
    size_t count = 0;
    while (rest.at && rest.length > 0) {
        struct slice word = slice_cut(&rest, ' ');
        if (word.length == 0)
            continue;
        if (count == MAP_RULES_MAX)
            return err_set(e, ERR_USAGE, "--%s: more than %d rules", option, MAP_RULES_MAX);
        if (!rule_of(word, ret + count))
            return wrong(option, word,
                         "rule; wanted IPV6/LENGTH,IPV4/LENGTH,EA-BITS[,OFFSET[,LENGTH,PSID]]", e);
        int code = map_rule_check(ret + count, e);
        if (code) {
            err_prefix(e, "--%s", option);
            return code;
        }
        count++;
    }
    *ret_count = count;
    return 0;
}

static bool port_of(struct slice text, uint16_t *ret)
{
    uint64_t port;
    if (!slice_u64(text, UINT16_MAX, &port) || port == 0)
        return false;
    *ret = (uint16_t)port;
    return true;
}

// "tcp/1232".
static bool service_of(struct slice text, uint8_t *ret_protocol, uint16_t *ret_port)
{
    struct slice port = text, protocol = slice_cut(&port, '/');
    bool tcp = slice_is(protocol, "tcp");
    *ret_protocol = tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
    return (tcp || slice_is(protocol, "udp")) && port.at && port_of(port, ret_port);
}

static bool forward_of(struct slice word, void *one)
{
    struct softwire_forward *f = one;
    struct slice inside = word, outside = slice_cut(&inside, '=');
    struct slice address = slice_cut(&inside, ':');
    return service_of(outside, &f->protocol, &f->outside) && inside.at &&
           port_of(inside, &f->inside) && ipv4_parse(address, &f->address);
}

int parse_forwards(const char *option, const char *text, struct softwire_forward *ret,
                   size_t *ret_count, struct err *e)
{
    static const struct list l = {"ports", "forwarded port; wanted tcp/PORT=ADDRESS:PORT",
                                  SOFTWIRE_FORWARDS_MAX, sizeof *ret, forward_of};
    return parse_list(&l, option, text, ret, ret_count, e);
}

static bool open_of(struct slice word, void *one)
{
    struct firewall_open *o = one;
    struct slice address = word, service = slice_cut(&address, '=');
    o->address = 0;
    return service_of(service, &o->protocol, &o->port) &&
           (!address.at || (ipv6_parse(address, &o->address) && o->address != 0));
}

int parse_open(const char *option, const char *text, struct firewall_open *ret, size_t *ret_count,
               struct err *e)
{
    static const struct list l = {"ports", "port at home; wanted tcp/PORT or tcp/PORT=ADDRESS",
                                  FIREWALL_OPEN_MAX, sizeof *ret, open_of};
    return parse_list(&l, option, text, ret, ret_count, e);
}

static bool binding_of(struct slice line, struct lw_binding *ret)
{
    struct slice rest = line, b4 = slice_cut(&rest, ' '), address;
    struct lw_binding b = {0};
    if (!rest.at || !ipv6_parse(b4, &b.b4))
        return false;
    rest = slice_trim(rest);
    address = slice_cut(&rest, ' ');
    if (!ipv4_parse(address, &b.address) || (rest.at && !port_set_of(slice_trim(rest), &b.ports)))
        return false;
    *ret = b;
    return true;
}

static int bindings_of(const char *path, struct slice text, struct lw_binding *ret,
                       size_t *ret_count, struct err *e)
{
    size_t count = 0;
    for (unsigned number = 1; text.at; number++) {
        struct slice line = slice_trim(slice_cut(&text, '\n'));
        if (line.length == 0 || line.at[0] == '#')
            continue;
        if (count == LW_BINDINGS_MAX)
            return err_set(e, ERR_LIMIT, "%s: more than %d bindings", path, LW_BINDINGS_MAX);
        if (!binding_of(line, ret + count))
            return err_set(e, ERR_INPUT, "%s:%u: \"%.*s\"; wanted IPV6 IPV4 [OFFSET,LENGTH,PSID]",
                           path, number, line.length > 80 ? 80 : (int)line.length, line.at);
        count++;
    }
    *ret_count = count;
    return 0;
}

int read_bindings(const char *path, struct lw_binding **ret, size_t *ret_count, struct err *e)
{
    struct buffer text = {0};
    size_t count = 0;
    int code = file_read(path, BINDINGS_FILE_MAX, &text, e);
    struct lw_binding *all = code ? NULL : calloc(LW_BINDINGS_MAX, sizeof *all);
    if (!code && !all)
        code = err_memory(e);
    if (!code)
        code = bindings_of(path, (struct slice){text.at, text.length}, all, &count, e);
    buffer_done(&text);
    if (code) {
        free(all);
        return code;
    }
    *ret = all;
    *ret_count = count;
    return 0;
}
