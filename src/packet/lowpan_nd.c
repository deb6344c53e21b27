// SPDX-License-Identifier: Apache-2.0

#include "packet/lowpan_nd.h"

#include "packet/ndp_option.h"

#define OPTION_SOURCE_LINK 1
#define OPTION_TARGET_LINK 2
#define OPTION_PREFIX      3
#define OPTION_MTU         5
#define OPTION_ARO         33
#define OPTION_CONTEXT     34
#define OPTION_ABRO        35
#define ON_LINK            0x80
#define AUTONOMOUS         0x40
#define COMPRESS           0x10
#define ROUTER             0x80
#define SOLICITED          0x40
#define ABRO_USUAL         10000 // minutes, where 0 is said

// ---- reading

static void read_prefix(struct cursor c, struct lowpan_nd *m)
{
    struct advert_prefix p = {.length = cursor_u8(&c)};
    unsigned flags = cursor_u8(&c);
    p.on_link = flags & ON_LINK;
    p.autonomous = flags & AUTONOMOUS;
    p.valid = cursor_u32(&c);
    p.preferred = cursor_u32(&c);
    (void)cursor_u32(&c);
    p.prefix = cursor_u128(&c);
    if (!c.failed && p.length <= 128 && m->prefix_count < LOWPAN_ND_PREFIXES)
        m->prefixes[m->prefix_count++] = p;
}

static void read_context(struct cursor c, struct lowpan_nd *m)
{
    struct lowpan_told_context t = {.length = cursor_u8(&c)};
    unsigned flags = cursor_u8(&c);
    t.compress = flags & COMPRESS;
    t.id = flags & 0x0f;
    (void)cursor_u16(&c);
    t.minutes = cursor_u16(&c);
    bool whole = c.left >= 16;
    if (c.failed || t.length > 128 || (t.length > 64 && !whole) ||
        m->context_count == IPHC_CONTEXTS)
        return;
    uint64_t high = cursor_u32(&c);
    high = high << 32 | cursor_u32(&c);
    uint64_t low = whole ? cursor_u32(&c) : 0;
    low = whole ? low << 32 | cursor_u32(&c) : 0;
    t.prefix = (u128)high << 64 | low;
    if (!c.failed)
        m->contexts[m->context_count++] = t;
}

static void read_abro(struct cursor c, struct lowpan_nd *m)
{
    uint32_t low = cursor_u16(&c), high = cursor_u16(&c);
    uint16_t minutes = cursor_u16(&c);
    u128 border = cursor_u128(&c);
    if (c.failed)
        return;
    m->has_abro = true;
    m->version = high << 16 | low;
    m->abro_minutes = minutes ? minutes : ABRO_USUAL;
    m->border = border;
}

// RFC 6775, 5.5.2, 6.5: of a wrong length it is ignored, or the solicitation is.
static bool read_aro(struct cursor c, struct lowpan_nd *m)
{
    if (c.left != 14)
        return m->type != NDP_NEIGHBOR_SOLICIT;
    m->has_aro = true;
    m->aro.status = cursor_u8(&c);
    (void)cursor_take(&c, 3);
    m->aro.minutes = cursor_u16(&c);
    uint64_t high = cursor_u32(&c);
    m->aro.eui = high << 32 | cursor_u32(&c);
    return true;
}

// RFC 4944, 8: two octets or eight, filled up.
static void read_link(struct cursor c, struct lowpan_nd *m)
{
    bool extended = c.left == 14;
    if (!extended && c.left != 6)
        return;
    uint64_t high = extended ? cursor_u32(&c) : 0;
    m->has_link = true;
    m->link = extended ? wpan_extended(high << 32 | cursor_u32(&c)) : wpan_short(cursor_u16(&c));
}

static bool read_options(struct cursor c, struct lowpan_nd *m)
{
    while (c.left > 0) {
        uint8_t type;
        struct cursor body;
        if (!ndp_option_next(&c, &type, &body))
            return false;
        bool neighbour = m->type == NDP_NEIGHBOR_ADVERT;
        if (type == OPTION_ARO && !read_aro(body, m))
            return false;
        if (type == (neighbour ? OPTION_TARGET_LINK : OPTION_SOURCE_LINK))
            read_link(body, m);
        else if (type == OPTION_PREFIX)
            read_prefix(body, m);
        else if (type == OPTION_MTU && body.left == 6)
            m->mtu = load32(body.at + 2);
        else if (type == OPTION_CONTEXT)
            read_context(body, m);
        else if (type == OPTION_ABRO)
            read_abro(body, m);
    }
    return true;
}

static bool read_fixed(struct cursor *c, struct lowpan_nd *m)
{
    if (m->type == NDP_ADVERT) {
        m->hop_limit = cursor_u8(c);
        (void)cursor_u8(c);
        m->lifetime = cursor_u16(c);
        (void)cursor_take(c, 8);
    } else if (m->type == NDP_SOLICIT) {
        (void)cursor_u32(c);
    } else if (m->type == NDP_NEIGHBOR_SOLICIT || m->type == NDP_NEIGHBOR_ADVERT) {
        uint32_t flags = cursor_u32(c);
        bool advert = m->type == NDP_NEIGHBOR_ADVERT;
        m->router = advert && flags >> 24 & ROUTER;
        m->solicited = advert && flags >> 24 & SOLICITED;
        m->target = cursor_u128(c);
    } else {
        return false;
    }
    return !c->failed;
}

bool lowpan_nd_read(const uint8_t *at, size_t length, struct lowpan_nd *ret)
{
    struct ip ip;
    struct cursor c;
    if (!ndp_read(at, length, &ip, &c))
        return false;
    struct lowpan_nd m = {.source = ip.source, .destination = ip.destination};
    m.type = cursor_u8(&c);
    uint8_t code = cursor_u8(&c);
    (void)cursor_u16(&c);
    if (c.failed || code != 0 || !read_fixed(&c, &m) || !read_options(c, &m))
        return false;
    *ret = m;
    return true;
}

// ---- writing

static uint8_t *add(uint8_t *at, size_t *length, uint8_t type, size_t bytes)
{
    uint8_t *o = at + *length;
    memset(o, 0, bytes);
    o[0] = type;
    o[1] = (uint8_t)(bytes / 8);
    *length += bytes;
    return o;
}

static void add_link(const struct lowpan_nd *m, uint8_t *at, size_t *length)
{
    uint8_t type = m->type == NDP_NEIGHBOR_ADVERT ? OPTION_TARGET_LINK : OPTION_SOURCE_LINK;
    uint8_t *o = add(at, length, type, m->link.size == 8 ? 16 : 8);
    if (m->link.size == 8)
        store64(o + 2, m->link.value);
    else
        store16(o + 2, (uint16_t)m->link.value);
}

static void add_prefix(const struct advert_prefix *p, uint8_t *at, size_t *length)
{
    uint8_t *o = add(at, length, OPTION_PREFIX, 32);
    o[2] = p->length;
    o[3] = (uint8_t)((p->on_link ? ON_LINK : 0) | (p->autonomous ? AUTONOMOUS : 0));
    store32(o + 4, p->valid);
    store32(o + 8, p->preferred);
    store128(o + 16, p->prefix);
}

static void add_context(const struct lowpan_told_context *t, uint8_t *at, size_t *length)
{
    uint8_t *o = add(at, length, OPTION_CONTEXT, t->length > 64 ? 24 : 16);
    o[2] = t->length;
    o[3] = (uint8_t)((t->compress ? COMPRESS : 0) | (t->id & 0x0f));
    store16(o + 6, t->minutes);
    store64(o + 8, (uint64_t)(t->prefix >> 64));
    if (t->length > 64)
        store64(o + 16, (uint64_t)t->prefix);
}

static void add_router_options(const struct lowpan_nd *m, uint8_t *at, size_t *length)
{
    if (m->mtu)
        store32(add(at, length, OPTION_MTU, 8) + 4, m->mtu);
    for (size_t i = 0; i < m->prefix_count; i++)
        add_prefix(m->prefixes + i, at, length);
    for (size_t i = 0; i < m->context_count; i++)
        add_context(m->contexts + i, at, length);
    if (m->has_abro) {
        uint8_t *o = add(at, length, OPTION_ABRO, 24);
        store16(o + 2, (uint16_t)m->version);
        store16(o + 4, (uint16_t)(m->version >> 16));
        store16(o + 6, m->abro_minutes);
        store128(o + 8, m->border);
    }
}

size_t lowpan_nd_write(const struct lowpan_nd *m, uint8_t *at)
{
    uint8_t *message = at + IPV6_HEADER;
    size_t length = 8;
    memset(message, 0, 24);
    message[0] = m->type;
    if (m->type == NDP_ADVERT) {
        message[4] = m->hop_limit;
        store16(message + 6, m->lifetime);
        length = 16;
    } else if (m->type != NDP_SOLICIT) {
        message[4] = (uint8_t)((m->router ? ROUTER : 0) | (m->solicited ? SOLICITED : 0));
        store128(message + 8, m->target);
        length = 24;
    }
    if (m->has_link)
        add_link(m, message, &length);
    if (m->has_aro) {
        uint8_t *o = add(message, &length, OPTION_ARO, 16);
        o[2] = m->aro.status;
        store16(o + 6, m->aro.minutes);
        store64(o + 8, m->aro.eui);
    }
    add_router_options(m, message, &length);
    return ndp_finish(at, m->source, m->destination, length);
}

// ---- contexts

void lowpan_contexts_told(struct lowpan_contexts *c, const struct lowpan_nd *m, int64_t now)
{
    for (size_t i = 0; i < m->context_count; i++) {
        const struct lowpan_told_context *t = m->contexts + i;
        c->iphc.contexts[t->id] = (struct iphc_context){.prefix = t->prefix,
                                                        .length = t->length,
                                                        .known = t->minutes > 0,
                                                        .compress = t->compress};
        c->until[t->id] = now + (int64_t)t->minutes * LOWPAN_ND_MINUTE;
    }
}

void lowpan_contexts_age(struct lowpan_contexts *c, int64_t keep, int64_t now)
{
    for (size_t i = 0; i < IPHC_CONTEXTS; i++) {
        struct iphc_context *x = c->iphc.contexts + i;
        x->compress &= now < c->until[i];
        x->known &= now < c->until[i] + keep;
    }
}

// ---- registrations

static struct lowpan_registration *find(struct lowpan_registry *r, u128 address, int64_t now)
{
    struct lowpan_registration *free_one = NULL;
    for (size_t i = 0; i < LOWPAN_HOSTS_MAX; i++) {
        struct lowpan_registration *row = r->rows + i;
        if (row->address && row->until <= now)
            row->address = 0;
        if (row->address == address)
            return row;
        if (row->address == 0 && !free_one)
            free_one = row;
    }
    return free_one;
}

enum lowpan_status lowpan_register(struct lowpan_registry *r, const struct lowpan_nd *m,
                                   int64_t now)
{
    struct lowpan_registration *row = find(r, m->source, now);
    if (!row)
        return m->aro.minutes ? LOWPAN_CACHE_FULL : LOWPAN_REGISTERED;
    if (row->address && row->eui != m->aro.eui)
        return LOWPAN_DUPLICATE;
    *row = (struct lowpan_registration){.address = m->aro.minutes ? m->source : 0,
                                        .eui = m->aro.eui,
                                        .link = m->link,
                                        .until = now + (int64_t)m->aro.minutes * LOWPAN_ND_MINUTE};
    return LOWPAN_REGISTERED;
}

const struct lowpan_registration *lowpan_registered(const struct lowpan_registry *r, u128 address,
                                                    int64_t now)
{
    for (size_t i = 0; address && i < LOWPAN_HOSTS_MAX; i++)
        if (r->rows[i].address == address && r->rows[i].until > now)
            return r->rows + i;
    return NULL;
}

size_t lowpan_registry_count(const struct lowpan_registry *r, int64_t now)
{
    size_t count = 0;
    for (size_t i = 0; i < LOWPAN_HOSTS_MAX; i++)
        count += r->rows[i].address && r->rows[i].until > now;
    return count;
}
