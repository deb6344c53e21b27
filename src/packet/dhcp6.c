// SPDX-License-Identifier: Apache-2.0

#include "packet/dhcp6.h"

#include "base/cursor.h"

#define OPTION_CLIENT     1
#define OPTION_SERVER     2
#define OPTION_NA         3
#define OPTION_TA         4
#define OPTION_ADDRESS    5
#define OPTION_WANTED     6
#define OPTION_PREFERENCE 7
#define OPTION_ELAPSED    8
#define OPTION_KEY        11 // Authentication
#define OPTION_STATUS     13
#define OPTION_RAPID      14
#define OPTION_RECONFIG   19
#define OPTION_ACCEPT     20
#define OPTION_RESOLVERS  23
#define OPTION_NAMES      24
#define OPTION_PD         25
#define OPTION_PREFIX     26
#define OPTION_REFRESH    32
#define OPTION_EXCLUDE    67
#define OPTION_SOL_MAX_RT 82
#define OPTION_INF_MAX_RT 83

#define DUID_LL  3
#define ETHERNET 1
#define LABEL    63

#define RKAP       3
#define HMAC_MD5   1
#define MONOTONOUS 0 // replay detection

// RFC 8415, 21.24, 21.25: others are ignored.
#define MAX_RT_LEAST 60
#define MAX_RT_MOST  86400

bool dhcp6_same_id(const struct dhcp6_id *a, const struct dhcp6_id *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

struct dhcp6_id dhcp6_id_of_mac(const uint8_t mac[6])
{
    struct dhcp6_id id = {.bytes = {0, DUID_LL, 0, ETHERNET}, .length = 10};
    memcpy(id.bytes + 4, mac, 6);
    return id;
}

// ---- reading

static bool read_id(struct cursor c, struct dhcp6_id *ret)
{
    size_t length = c.left;
    const uint8_t *at = cursor_take(&c, length);
    if (length < 3 || length > DHCP6_DUID_MAX || ret->length)
        return false;
    memcpy(ret->bytes, at, length);
    ret->length = length;
    return true;
}

static bool read_status(struct cursor c, uint16_t *ret)
{
    *ret = cursor_u16(&c);
    return !c.failed;
}

static size_t subnet_bytes(const struct dhcp6_lease *l)
{
    return (l->excluded_length - l->length - 1u) / 8 + 1;
}

// RFC 6603, 4.2: the bits between the two lengths, from the left.
static bool read_excluded(struct cursor c, struct dhcp6_lease *l)
{
    uint8_t bytes[16] = {0};
    l->excluded_length = cursor_u8(&c);
    if (c.failed || l->excluded_length <= l->length || l->excluded_length > 128 ||
        c.left != subnet_bytes(l))
        return false;
    memcpy(bytes, cursor_take(&c, subnet_bytes(l)), subnet_bytes(l));
    u128 prefix = l->length ? l->address & U128_MAX << (128 - l->length) : 0;
    l->excluded = (prefix | load128(bytes) >> l->length) & U128_MAX << (128 - l->excluded_length);
    return true;
}

// The options of a lease: a status may stand in it; whoever refuses it does not lend it. Nor can it
// be used without what is to be excluded from it.
static bool lease_holds(struct cursor c, bool prefix, struct dhcp6_lease *l)
{
    uint16_t status = DHCP6_SUCCESS;
    while (c.left > 0) {
        uint16_t code = cursor_u16(&c);
        struct cursor value = cursor_cut(&c, cursor_u16(&c));
        if (c.failed || (code == OPTION_STATUS && !read_status(value, &status)) ||
            (prefix && code == OPTION_EXCLUDE && !read_excluded(value, l)))
            return false;
    }
    return status == DHCP6_SUCCESS;
}

static bool read_lease(struct cursor c, bool prefix, struct dhcp6_ia *ia)
{
    struct dhcp6_lease l = {.length = 128};
    if (!prefix)
        l.address = cursor_u128(&c);
    l.preferred = cursor_u32(&c);
    l.valid = cursor_u32(&c);
    if (prefix) {
        l.length = cursor_u8(&c);
        l.address = cursor_u128(&c);
    }
    if (c.failed)
        return false;
    bool fine = l.preferred <= l.valid && l.length <= 128 && lease_holds(c, prefix, &l);
    if (prefix) // what stands beyond the length is not of the prefix
        l.address &= l.length && l.length <= 128 ? U128_MAX << (128 - l.length) : 0;
    if (fine && ia->count < DHCP6_LEASES_MAX)
        ia->leases[ia->count++] = l;
    return true;
}

static bool read_ia(struct cursor c, bool prefix, struct dhcp6_ia *ret)
{
    struct dhcp6_ia ia = {.there = true};
    ia.iaid = cursor_u32(&c);
    ia.t1 = cursor_u32(&c);
    ia.t2 = cursor_u32(&c);
    if (c.failed)
        return false;
    while (c.left > 0) {
        uint16_t code = cursor_u16(&c);
        struct cursor value = cursor_cut(&c, cursor_u16(&c));
        if (c.failed)
            return false;
        if (code == OPTION_STATUS && !read_status(value, &ia.status))
            return false;
        if (code == (prefix ? OPTION_PREFIX : OPTION_ADDRESS) && !read_lease(value, prefix, &ia))
            return false;
    }
    if (!ret->there && (ia.t1 <= ia.t2 || ia.t2 == 0))
        *ret = ia;
    return true;
}

// RFC 8415, 10: labels without pointers. "example.com"; false: damaged.
static bool read_name(struct cursor *c, char *ret)
{
    size_t used = 0;
    for (;;) {
        uint8_t length = cursor_u8(c);
        const uint8_t *label = cursor_take(c, length);
        if (c->failed || length > LABEL || used + length + 1u >= DHCP6_NAME_SIZE)
            return false;
        if (length == 0)
            break;
        if (used > 0)
            ret[used++] = '.';
        for (size_t i = 0; i < length; i++)
            ret[used++] = label[i] > ' ' && label[i] < 0x7f ? (char)label[i] : '?';
    }
    ret[used] = '\0';
    return true;
}

static bool read_names(struct cursor c, struct dhcp6 *m)
{
    char name[DHCP6_NAME_SIZE];
    while (c.left > 0) {
        if (!read_name(&c, name))
            return false;
        if (name[0] && m->name_count < DHCP6_NAMES_MAX)
            memcpy(m->names[m->name_count++], name, sizeof name);
    }
    return true;
}

static bool read_resolvers(struct cursor c, struct dhcp6 *m)
{
    if (c.left % 16 != 0)
        return false;
    while (c.left > 0) {
        u128 address = cursor_u128(&c);
        if (m->resolver_count < DHCP6_RESOLVERS_MAX)
            m->resolvers[m->resolver_count++] = address;
    }
    return true;
}

static void read_max(struct cursor c, uint32_t *ret)
{
    uint32_t seconds = cursor_u32(&c);
    if (!c.failed && seconds >= MAX_RT_LEAST && seconds <= MAX_RT_MOST)
        *ret = seconds;
}

// RFC 8415, 20.2: one at most; those of other protocols say nothing here.
static bool read_key(struct cursor c, const uint8_t *message, struct dhcp6_key *ret)
{
    struct dhcp6_key k = {.kind = DHCP6_KEY_NONE};
    uint8_t protocol = cursor_u8(&c), algorithm = cursor_u8(&c), detection = cursor_u8(&c);
    k.replay = (uint64_t)cursor_u32(&c) << 32;
    k.replay |= cursor_u32(&c);
    if (c.failed || ret->at)
        return false;
    ret->at = (size_t)(c.at - message) + 1;
    if (protocol != RKAP || algorithm != HMAC_MD5 || detection != MONOTONOUS ||
        c.left != 1 + DHCP6_KEY_SIZE)
        return true;
    k.at = ret->at;
    k.kind = (enum dhcp6_key_kind)cursor_u8(&c);
    memcpy(k.value, cursor_take(&c, DHCP6_KEY_SIZE), DHCP6_KEY_SIZE);
    if (k.kind == DHCP6_KEY_ITSELF || k.kind == DHCP6_KEY_DIGEST)
        *ret = k;
    return true;
}

static bool read_wanted(struct cursor c, struct dhcp6 *m)
{
    m->asks = true;
    if (c.left % 2 != 0)
        return false;
    while (c.left > 0) {
        uint16_t code = cursor_u16(&c);
        m->wanted |= code == OPTION_RESOLVERS ? DHCP6_WANTS_RESOLVERS
                     : code == OPTION_NAMES   ? DHCP6_WANTS_NAMES
                     : code == OPTION_REFRESH ? DHCP6_WANTS_REFRESH
                                              : 0;
    }
    return true;
}

static bool read_option(uint16_t code, struct cursor c, const uint8_t *message, struct dhcp6 *m)
{
    switch (code) {
    case OPTION_CLIENT:
        return read_id(c, &m->client);
    case OPTION_SERVER:
        return read_id(c, &m->server);
    case OPTION_NA:
        m->has_ia = true;
        return read_ia(c, false, &m->na);
    case OPTION_PD:
        m->has_ia = true;
        return read_ia(c, true, &m->pd);
    case OPTION_TA:
        m->has_ia = true;
        return true;
    case OPTION_STATUS:
        return read_status(c, &m->status);
    case OPTION_PREFERENCE:
        m->preference = cursor_u8(&c);
        return !c.failed;
    case OPTION_ELAPSED:
        m->has_elapsed = true;
        m->elapsed = cursor_u16(&c);
        return !c.failed;
    case OPTION_RAPID:
        m->rapid = true;
        return true;
    case OPTION_WANTED:
        return read_wanted(c, m);
    case OPTION_RESOLVERS:
        return read_resolvers(c, m);
    case OPTION_NAMES:
        return read_names(c, m);
    case OPTION_REFRESH:
        m->refresh = cursor_u32(&c);
        return !c.failed;
    case OPTION_SOL_MAX_RT:
        read_max(c, &m->solicit_max);
        return true;
    case OPTION_INF_MAX_RT:
        read_max(c, &m->inform_max);
        return true;
    case OPTION_KEY:
        return read_key(c, message, &m->key);
    case OPTION_RECONFIG:
        m->reconfigure = (enum dhcp6_type)cursor_u8(&c);
        return !c.failed;
    case OPTION_ACCEPT:
        m->reconfigurable = true;
        return true;
    default:
        return true;
    }
}

bool dhcp6_read(const uint8_t *at, size_t length, struct dhcp6 *ret)
{
    struct dhcp6 m = {0};
    struct cursor c = cursor_of(at, length);
    uint32_t head = cursor_u32(&c);
    m.type = (enum dhcp6_type)(head >> 24);
    m.xid = head & 0xffffff;
    if (c.failed || m.type < DHCP6_SOLICIT || m.type > DHCP6_INFORMATION)
        return false;
    while (c.left > 0) {
        uint16_t code = cursor_u16(&c);
        struct cursor value = cursor_cut(&c, cursor_u16(&c));
        if (c.failed || !read_option(code, value, at, &m))
            return false;
    }
    *ret = m;
    return true;
}

// ---- writing

struct writer {
    uint8_t *at;
    size_t length;
    bool full;
};

// Room for so many bytes, or NULL.
static uint8_t *take(struct writer *w, size_t bytes)
{
    if (w->full || DHCP6_PACKET_MAX - w->length < bytes) {
        w->full = true;
        return NULL;
    }
    w->length += bytes;
    return w->at + w->length - bytes;
}

static uint8_t *option(struct writer *w, uint16_t code, size_t bytes)
{
    uint8_t *o = take(w, 4 + bytes);
    if (!o)
        return NULL;
    store16(o, code);
    store16(o + 2, (uint16_t)bytes);
    return o + 4;
}

static void write_bytes(struct writer *w, uint16_t code, const void *bytes, size_t length)
{
    uint8_t *o = option(w, code, length);
    if (o && length)
        memcpy(o, bytes, length);
}

static void write_status(struct writer *w, uint16_t status)
{
    uint8_t *o = status ? option(w, OPTION_STATUS, 2) : NULL;
    if (o)
        store16(o, status);
}

static void write_excluded(struct writer *w, const struct dhcp6_lease *l)
{
    uint8_t bytes[16], *o = option(w, OPTION_EXCLUDE, 1 + subnet_bytes(l));
    if (!o)
        return;
    store128(bytes, l->excluded << l->length);
    o[0] = l->excluded_length;
    memcpy(o + 1, bytes, subnet_bytes(l));
}

static void write_lease(struct writer *w, bool prefix, const struct dhcp6_lease *l)
{
    size_t begin = w->length;
    uint8_t *o = option(w, prefix ? OPTION_PREFIX : OPTION_ADDRESS, prefix ? 25 : 24);
    if (!o)
        return;
    if (!prefix)
        store128(o, l->address);
    store32(o + (prefix ? 0 : 16), l->preferred);
    store32(o + (prefix ? 4 : 20), l->valid);
    if (prefix) {
        o[8] = l->length;
        store128(o + 9, l->address);
    }
    if (l->excluded_length)
        write_excluded(w, l);
    store16(w->at + begin + 2, (uint16_t)(w->length - begin - 4));
}

static void write_ia(struct writer *w, bool prefix, const struct dhcp6_ia *ia)
{
    size_t begin = w->length;
    uint8_t *o = ia->there ? option(w, prefix ? OPTION_PD : OPTION_NA, 12) : NULL;
    if (!o)
        return;
    store32(o, ia->iaid);
    store32(o + 4, ia->t1);
    store32(o + 8, ia->t2);
    for (size_t i = 0; i < ia->count; i++)
        write_lease(w, prefix, ia->leases + i);
    write_status(w, ia->status);
    store16(w->at + begin + 2, (uint16_t)(w->length - begin - 4));
}

static void write_name(struct writer *w, const char *name)
{
    for (const char *from = name; *from;) {
        size_t length = strcspn(from, ".");
        uint8_t *o = length <= LABEL ? take(w, 1 + length) : NULL;
        if (!o) {
            w->full = true;
            return;
        }
        o[0] = (uint8_t)length;
        memcpy(o + 1, from, length);
        from += length + (from[length] == '.');
    }
    uint8_t *end = take(w, 1);
    if (end)
        *end = 0;
}

static void write_number(struct writer *w, uint16_t code, uint32_t value)
{
    uint8_t *o = value ? option(w, code, 4) : NULL;
    if (o)
        store32(o, value);
}

static void write_settings(struct writer *w, const struct dhcp6 *m)
{
    uint8_t *o = m->resolver_count ? option(w, OPTION_RESOLVERS, 16 * m->resolver_count) : NULL;
    for (size_t i = 0; o && i < m->resolver_count; i++)
        store128(o + 16 * i, m->resolvers[i]);
    if (m->name_count) {
        size_t begin = w->length;
        if (option(w, OPTION_NAMES, 0)) {
            for (size_t i = 0; i < m->name_count; i++)
                write_name(w, m->names[i]);
            store16(w->at + begin + 2, (uint16_t)(w->length - begin - 4));
        }
    }
    write_number(w, OPTION_REFRESH, m->refresh);
    write_number(w, OPTION_SOL_MAX_RT, m->solicit_max);
    write_number(w, OPTION_INF_MAX_RT, m->inform_max);
}

static void write_key(struct writer *w, const struct dhcp6_key *k)
{
    uint8_t *o = k->kind ? option(w, OPTION_KEY, 12 + DHCP6_KEY_SIZE) : NULL;
    if (!o)
        return;
    o[0] = RKAP;
    o[1] = HMAC_MD5;
    o[2] = MONOTONOUS;
    store32(o + 3, (uint32_t)(k->replay >> 32));
    store32(o + 7, (uint32_t)k->replay);
    o[11] = (uint8_t)k->kind;
    memcpy(o + 12, k->value, DHCP6_KEY_SIZE);
}

static void write_reconfiguration(struct writer *w, const struct dhcp6 *m)
{
    const uint8_t asked = (uint8_t)m->reconfigure;
    if (asked)
        write_bytes(w, OPTION_RECONFIG, &asked, 1);
    if (m->reconfigurable)
        write_bytes(w, OPTION_ACCEPT, NULL, 0);
    write_key(w, &m->key);
}

static void write_wanted(struct writer *w, enum dhcp6_type type)
{
    static const uint8_t of_leases[] = {0, OPTION_RESOLVERS, 0, OPTION_NAMES,
                                        0, OPTION_EXCLUDE,   0, OPTION_SOL_MAX_RT},
                         of_settings[] = {0, OPTION_RESOLVERS, 0, OPTION_NAMES,
                                          0, OPTION_REFRESH,   0, OPTION_INF_MAX_RT};
    _Static_assert(sizeof of_leases == sizeof of_settings, "one length for both");
    write_bytes(w, OPTION_WANTED, type == DHCP6_INFORMATION ? of_settings : of_leases,
                sizeof of_leases);
}

size_t dhcp6_write(const struct dhcp6 *m, uint8_t *at)
{
    struct writer w = {.at = at};
    uint8_t bytes[2];
    store32(take(&w, 4), (uint32_t)m->type << 24 | (m->xid & 0xffffff));
    if (m->client.length)
        write_bytes(&w, OPTION_CLIENT, m->client.bytes, m->client.length);
    if (m->server.length)
        write_bytes(&w, OPTION_SERVER, m->server.bytes, m->server.length);
    if (m->has_elapsed) {
        store16(bytes, m->elapsed);
        write_bytes(&w, OPTION_ELAPSED, bytes, 2);
    }
    if (m->preference)
        write_bytes(&w, OPTION_PREFERENCE, &m->preference, 1);
    write_status(&w, m->status);
    if (m->rapid)
        write_bytes(&w, OPTION_RAPID, NULL, 0);
    if (m->asks)
        write_wanted(&w, m->type);
    write_reconfiguration(&w, m);
    write_ia(&w, false, &m->na);
    write_ia(&w, true, &m->pd);
    write_settings(&w, m);
    return w.full ? 0 : w.length;
}
