// SPDX-License-Identifier: Apache-2.0
//
// Who has which address of the pool, and until when.

#include "packet/dhcp.h"

#include <stdlib.h>

#define OFFER_MS   60000   // an address is kept for who was offered it
#define DECLINE_MS 3600000 // and kept from all once somebody says that it is in use

struct lease {
    uint8_t key[DHCP_ID_MAX]; // the client's identifier, else its MAC address
    size_t key_length;        // 0: nobody's
    int64_t until;
    bool bound;
};

struct dhcp_server {
    struct dhcp_config config;
    size_t count;
    struct lease leases[DHCP_LEASES_MAX];
};

int dhcp_server_new(const struct dhcp_config *c, struct dhcp_server **ret, struct err *e)
{
    if (c->last < c->first || c->last - c->first >= DHCP_LEASES_MAX)
        return err_set(e, ERR_USAGE, "a pool has 1 to %d addresses", DHCP_LEASES_MAX);
    if ((c->first & c->mask) != (c->own & c->mask) || (c->last & c->mask) != (c->own & c->mask))
        return err_set(e, ERR_USAGE, "the pool is not in the server's own subnet");
    if (c->own >= c->first && c->own <= c->last)
        return err_set(e, ERR_USAGE, "the server's own address is in the pool");
    struct dhcp_server *s = calloc(1, sizeof *s);
    if (!s)
        return err_memory(e);
    s->config = *c;
    s->count = c->last - c->first + 1;
    *ret = s;
    return 0;
}

void dhcp_server_free(struct dhcp_server **s)
{
    free(*s);
    *s = NULL;
}

static bool is_of(const struct lease *l, const struct dhcp *m)
{
    const uint8_t *key = m->id_length ? m->id : m->mac;
    size_t length = m->id_length ? m->id_length : sizeof m->mac;
    return l->key_length == length && memcmp(l->key, key, length) == 0;
}

static struct lease *of_client(struct dhcp_server *s, const struct dhcp *m)
{
    for (size_t i = 0; i < s->count; i++)
        if (is_of(s->leases + i, m))
            return s->leases + i;
    return NULL;
}

static struct lease *at_address(struct dhcp_server *s, uint32_t address)
{
    return address >= s->config.first && address <= s->config.last
               ? s->leases + (address - s->config.first)
               : NULL;
}

// What it has, what it wants, what nobody ever had, what nobody has any more: RFC 2131, 4.3.1.
static struct lease *choose(struct dhcp_server *s, const struct dhcp *m, int64_t now)
{
    struct lease *own = of_client(s, m), *wanted = at_address(s, m->requested), *old = NULL;
    if (own)
        return own;
    if (wanted && wanted->until <= now)
        return wanted;
    for (size_t i = 0; i < s->count; i++) {
        struct lease *l = s->leases + i;
        if (l->until == 0)
            return l;
        if (l->until <= now && (!old || l->until < old->until))
            old = l;
    }
    return old;
}

static void take(struct lease *l, const struct dhcp *m, int64_t until, bool bound)
{
    const uint8_t *key = m->id_length ? m->id : m->mac;
    l->key_length = m->id_length ? m->id_length : sizeof m->mac;
    memcpy(l->key, key, l->key_length);
    l->until = until;
    l->bound = bound;
}

static struct dhcp answer(const struct dhcp_server *s, const struct dhcp *m, enum dhcp_type type)
{
    struct dhcp a = {.reply = true,
                     .broadcast = m->broadcast,
                     .type = type,
                     .xid = m->xid,
                     .client = type == DHCP_ACK ? m->client : 0,
                     .server = s->config.own,
                     .id_length = m->id_length}; // RFC 6842: it goes back
    memcpy(a.mac, m->mac, sizeof a.mac);
    memcpy(a.id, m->id, m->id_length);
    return a;
}

static struct dhcp grant(const struct dhcp_server *s, const struct dhcp *m, enum dhcp_type type,
                         uint32_t address)
{
    struct dhcp a = answer(s, m, type);
    const struct dhcp_config *c = &s->config;
    a.yours = address;
    a.lease = address ? c->lease : 0;
    a.mask = c->mask;
    a.router = c->router;
    a.resolver_count = c->resolver_count;
    memcpy(a.resolvers, c->resolvers, sizeof a.resolvers);
    if (c->v6only && m->asks_v6only) {
        a.has_v6only = true;
        a.v6only = c->v6only_wait;
    }
    return a;
}

// RFC 8925, 3.3: who can do without gets no address, and none is kept for it.
static bool discover(struct dhcp_server *s, const struct dhcp *m, int64_t now, struct dhcp *ret)
{
    if (s->config.v6only && m->asks_v6only) {
        *ret = grant(s, m, DHCP_OFFER, 0);
        return true;
    }
    struct lease *l = choose(s, m, now);
    if (!l)
        return false;
    if (!l->bound || l->until <= now || !is_of(l, m))
        take(l, m, now + OFFER_MS, false);
    *ret = grant(s, m, DHCP_OFFER, s->config.first + (uint32_t)(l - s->leases));
    return true;
}

// Of whom nothing is known another server on this link may know; but not with an address from
// elsewhere. A lease of the pool that is renewed was forgotten here.
static bool of_another(const struct dhcp_server *s, const struct dhcp *m, uint32_t address)
{
    bool here = (address & s->config.mask) == (s->config.own & s->config.mask);
    bool in_pool = address >= s->config.first && address <= s->config.last;
    return address == 0 || (here && !(m->client && in_pool));
}

// RFC 2131, 4.3.2: selecting has the server, rebooting the wanted address, renewing its own.
static bool request(struct dhcp_server *s, const struct dhcp *m, int64_t now, struct dhcp *ret)
{
    uint32_t address = m->client ? m->client : m->requested;
    struct lease *l = at_address(s, address), *own = of_client(s, m);
    if (m->server && m->server != s->config.own) {
        if (own && !own->bound)
            own->until = now;
        return false;
    }
    if (!m->server && !own && of_another(s, m, address))
        return false;
    if (!l || (l->until > now && !is_of(l, m)) || (own && own != l)) {
        *ret = answer(s, m, DHCP_NAK);
        ret->broadcast = true;
        return true;
    }
    take(l, m, now + (int64_t)s->config.lease * 1000, true);
    *ret = grant(s, m, DHCP_ACK, address);
    return true;
}

static void give_back(struct dhcp_server *s, const struct dhcp *m, int64_t now)
{
    struct lease *l = at_address(s, m->type == DHCP_DECLINE ? m->requested : m->client);
    if (!l || !is_of(l, m) || m->server != s->config.own)
        return;
    l->bound = false;
    l->until = now;
    if (m->type == DHCP_DECLINE) {
        l->key_length = 0;
        l->until = now + DECLINE_MS;
    }
}

bool dhcp_serve(struct dhcp_server *s, const struct dhcp *m, int64_t now, struct dhcp *ret)
{
    if (m->reply || m->relay)
        return false;
    switch (m->type) {
    case DHCP_DISCOVER:
        return discover(s, m, now, ret);
    case DHCP_REQUEST:
        return request(s, m, now, ret);
    case DHCP_DECLINE:
    case DHCP_RELEASE:
        give_back(s, m, now);
        return false;
    case DHCP_INFORM:
        *ret = grant(s, m, DHCP_ACK, 0);
        return m->client != 0;
    case DHCP_OFFER:
    case DHCP_ACK:
    case DHCP_NAK:
        break;
    }
    return false;
}

size_t dhcp_server_leases(const struct dhcp_server *s, int64_t now)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        count += s->leases[i].bound && s->leases[i].until > now;
    return count;
}
