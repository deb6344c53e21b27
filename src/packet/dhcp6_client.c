// SPDX-License-Identifier: Apache-2.0

#include "packet/dhcp6_client.h"

#include "base/splitmix.h"

#define SECOND         INT64_C(1000)
#define DELAY_MAX      SECOND        // SOL_MAX_DELAY, CNF_MAX_DELAY
#define MAX_RT_DEFAULT 3600          // SOL_MAX_RT, INF_MAX_RT
#define CONFIRM_FOR    (10 * SECOND) // CNF_MAX_RD
#define DECLINED_WAIT  (10 * SECOND) // others may be taken, too
#define ELAPSED_MAX    0xffff

// RFC 8415, 7.6: of each state's message the first wait, the longest (0: none), and how often.
static const struct exchange {
    enum dhcp6_type type;
    int64_t first, most;
    unsigned count; // 0: without end
} exchanges[] = {
    [DHCP6_SOLICITING] = {DHCP6_SOLICIT, SECOND, 0, 0}, // the longest is the server's to say
    [DHCP6_REQUESTING] = {DHCP6_REQUEST, SECOND, 30 * SECOND, 10},
    [DHCP6_BOUND] = {0, 0, 0, 0},
    [DHCP6_RENEWING] = {DHCP6_RENEW, 10 * SECOND, 600 * SECOND, 0},
    [DHCP6_REBINDING] = {DHCP6_REBIND, 10 * SECOND, 600 * SECOND, 0},
    [DHCP6_CONFIRMING] = {DHCP6_CONFIRM, SECOND, 4 * SECOND, 0},
    [DHCP6_VERIFYING] = {DHCP6_REBIND, SECOND, 4 * SECOND, 0},
    [DHCP6_INFORMING] = {DHCP6_INFORMATION, SECOND, 0, 0},
    [DHCP6_DECLINING] = {DHCP6_DECLINE, SECOND, 0, 4},
    [DHCP6_RELEASING] = {DHCP6_RELEASE, SECOND, 0, 4},
    [DHCP6_STOPPED] = {0, 0, 0, 0},
};

static int64_t below(struct dhcp6_client *c, int64_t limit)
{
    return (int64_t)(splitmix64(&c->chance) % (uint64_t)limit);
}

// RAND of RFC 8415, 15, times `of`: a tenth less to a tenth more.
static int64_t jitter(struct dhcp6_client *c, int64_t of)
{
    return below(c, of / 5 + 1) - of / 10;
}

static void enter(struct dhcp6_client *c, enum dhcp6_state state, int64_t now, int64_t delay,
                  int64_t until)
{
    c->state = state;
    c->xid = (uint32_t)splitmix64(&c->chance) & 0xffffff;
    c->sent = 0;
    c->rt = 0;
    c->begun = c->due = now + delay;
    c->until = until;
    c->has_offer = c->reconfigured = false;
}

static void solicit(struct dhcp6_client *c, int64_t now)
{
    c->address_count = c->prefix_count = 0;
    c->server.length = 0;
    c->key.kind = DHCP6_KEY_NONE;
    enter(c, DHCP6_SOLICITING, now, below(c, DELAY_MAX), DHCP6_NEVER);
}

static void rest(struct dhcp6_client *c)
{
    c->state = DHCP6_BOUND;
    c->reconfigured = false;
    c->due = c->until = DHCP6_NEVER;
}

void dhcp6_client_begin(struct dhcp6_client *c, const struct dhcp6_client_config *config,
                        uint64_t seed, int64_t now)
{
    *c = (struct dhcp6_client){.config = *config,
                               .chance = seed,
                               .solicit_max = MAX_RT_DEFAULT,
                               .inform_max = MAX_RT_DEFAULT,
                               .t1 = DHCP6_NEVER};
    solicit(c, now);
}

// ---- leases

static int64_t end_of(int64_t now, uint32_t seconds)
{
    return seconds == DHCP6_FOREVER ? DHCP6_NEVER : now + seconds * SECOND;
}

static size_t drop_expired(struct dhcp6_held *held, size_t count, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (held[i].valid_end > now)
            held[kept++] = held[i];
    return kept;
}

static bool expire(struct dhcp6_client *c, int64_t now)
{
    size_t addresses = drop_expired(c->addresses, c->address_count, now),
           prefixes = drop_expired(c->prefixes, c->prefix_count, now);
    bool changed = addresses != c->address_count || prefixes != c->prefix_count;
    c->address_count = addresses;
    c->prefix_count = prefixes;
    return changed;
}

static int64_t last_end(const struct dhcp6_client *c)
{
    int64_t last = 0;
    for (size_t i = 0; i < c->address_count; i++)
        last = c->addresses[i].valid_end > last ? c->addresses[i].valid_end : last;
    for (size_t i = 0; i < c->prefix_count; i++)
        last = c->prefixes[i].valid_end > last ? c->prefixes[i].valid_end : last;
    return last;
}

// RFC 8415, 18.2.10.1: new ones are added, known ones get new times, with 0 they end.
static void take_lease(const struct dhcp6_lease *l, struct dhcp6_held *held, size_t *count,
                       int64_t now)
{
    size_t i = 0;
    while (i < *count && (held[i].lease.address != l->address || held[i].lease.length != l->length))
        i++;
    if (l->valid == 0) {
        if (i < *count)
            held[i] = held[--*count];
        return;
    }
    if (i == DHCP6_LEASES_MAX)
        return;
    *count += i == *count;
    held[i] = (struct dhcp6_held){*l, end_of(now, l->preferred), end_of(now, l->valid)};
}

static bool counts(const struct dhcp6_client *c, const struct dhcp6_ia *ia)
{
    return ia->there && ia->iaid == c->config.iaid && ia->status == DHCP6_SUCCESS;
}

static uint32_t shorter(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// What the times count by: the shortest preferred lifetime of what the server will extend (RFC
// 8415, 21.4), which a lease that is deprecated is not.
static uint32_t lifetime_of(const struct dhcp6_ia *ia)
{
    uint32_t preferred = DHCP6_FOREVER, valid = DHCP6_FOREVER;
    bool extends = false;
    for (size_t i = 0; i < ia->count; i++) {
        const struct dhcp6_lease *l = ia->leases + i;
        extends |= l->preferred > 0;
        preferred = l->preferred ? shorter(preferred, l->preferred) : preferred;
        valid = l->valid ? shorter(valid, l->valid) : valid;
    }
    return extends ? preferred : valid;
}

// When to renew and to rebind, seconds from now; 0: left to us, at a half and at four fifths.
static void set_times(struct dhcp6_client *c, uint32_t t1, uint32_t t2, uint32_t lifetime,
                      int64_t now)
{
    bool forever = lifetime == DHCP6_FOREVER;
    if (t1 == 0)
        t1 = forever ? DHCP6_FOREVER : lifetime / 2;
    if (t2 == 0)
        t2 = forever ? DHCP6_FOREVER : (uint32_t)((uint64_t)lifetime * 4 / 5);
    t1 = t1 < 1 ? 1 : t1; // never at once, whatever is said
    t2 = t2 < t1 ? t1 : t2;
    int64_t first = end_of(now, t1), second = end_of(now, t2);
    c->t1 = first < c->t1 ? first : c->t1;
    c->t2 = second < c->t2 ? second : c->t2;
}

// RFC 8415, 18.2.10.1: what this reply says nothing of stays, and is asked for again, but not at
// once.
static void keep_times(struct dhcp6_client *c, const struct dhcp6_held *held, size_t count,
                       int64_t now)
{
    int64_t end = DHCP6_NEVER;
    for (size_t i = 0; i < count; i++)
        end = held[i].valid_end < end ? held[i].valid_end : end;
    if (end != DHCP6_NEVER)
        set_times(c, 0, 0, end > now ? (uint32_t)((end - now) / SECOND) : 0, now);
}

static void take_ia(struct dhcp6_client *c, const struct dhcp6_ia *ia, struct dhcp6_held *held,
                    size_t *count, int64_t now)
{
    if (!counts(c, ia) || ia->count == 0) {
        keep_times(c, held, *count, now);
        return;
    }
    for (size_t i = 0; i < ia->count; i++)
        take_lease(ia->leases + i, held, count, now);
    set_times(c, ia->t1, ia->t2, lifetime_of(ia), now);
}

static bool has_leases(const struct dhcp6_client *c, const struct dhcp6 *m)
{
    return (c->config.address && counts(c, &m->na) && m->na.count > 0) ||
           (c->config.prefix && counts(c, &m->pd) && m->pd.count > 0);
}

// ---- what goes out

static void put_held(const struct dhcp6_held *held, size_t count, struct dhcp6_ia *ia)
{
    for (size_t i = 0; i < count; i++)
        ia->leases[ia->count++] =
            (struct dhcp6_lease){.address = held[i].lease.address, .length = held[i].lease.length};
}

static void put_ias(const struct dhcp6_client *c, struct dhcp6 *m)
{
    bool only_held = c->state == DHCP6_RELEASING || c->state == DHCP6_CONFIRMING;
    m->na = (struct dhcp6_ia){.iaid = c->config.iaid};
    m->pd = m->na;
    m->na.there = c->config.address && (!only_held || c->address_count > 0);
    m->pd.there =
        c->config.prefix && c->state != DHCP6_CONFIRMING && (!only_held || c->prefix_count > 0);
    if (c->state == DHCP6_REQUESTING) { // what was offered
        m->na.count = c->offer.na.count;
        m->pd.count = c->offer.pd.count;
        memcpy(m->na.leases, c->offer.na.leases, sizeof m->na.leases);
        memcpy(m->pd.leases, c->offer.pd.leases, sizeof m->pd.leases);
        for (size_t i = 0; i < m->pd.count; i++)
            m->pd.leases[i].excluded_length = 0; // the server's to say
    } else if (c->state == DHCP6_DECLINING) {
        m->pd.there = false;
        m->na.leases[m->na.count++] = (struct dhcp6_lease){.address = c->declined, .length = 128};
    } else if (c->state == DHCP6_SOLICITING) {
        m->pd.leases[0].length = c->config.hint;
        m->pd.count = c->config.hint > 0;
    } else {
        put_held(c->addresses, c->address_count, &m->na);
        put_held(c->prefixes, c->prefix_count, &m->pd);
    }
}

static size_t write_message(const struct dhcp6_client *c, int64_t now, uint8_t *at)
{
    enum dhcp6_state s = c->state;
    int64_t elapsed = (now - c->begun) / 10;
    struct dhcp6 m = {
        .type = exchanges[s].type,
        .xid = c->xid,
        .client = c->config.id,
        .rapid = s == DHCP6_SOLICITING && c->config.rapid,
        .asks = s != DHCP6_RELEASING && s != DHCP6_CONFIRMING && s != DHCP6_DECLINING,
        .has_elapsed = true,
        .elapsed = (uint16_t)(elapsed > ELAPSED_MAX ? ELAPSED_MAX : elapsed),
    };
    m.reconfigurable = m.asks;
    if (s == DHCP6_REQUESTING || s == DHCP6_RENEWING || s == DHCP6_RELEASING ||
        s == DHCP6_DECLINING || s == DHCP6_INFORMING)
        m.server = c->server;
    if (s != DHCP6_INFORMING)
        put_ias(c, &m);
    return dhcp6_write(&m, at);
}

// RFC 8415, 15.
static void next_wait(struct dhcp6_client *c, int64_t now)
{
    const struct exchange *x = &exchanges[c->state];
    int64_t most = c->state == DHCP6_SOLICITING  ? c->solicit_max * SECOND
                   : c->state == DHCP6_INFORMING ? c->inform_max * SECOND
                                                 : x->most;
    if (c->sent == 0 && c->state == DHCP6_SOLICITING) // 18.2.1: longer than a second
        c->rt = x->first + 1 + below(c, x->first / 10);
    else if (c->sent == 0)
        c->rt = x->first + jitter(c, x->first);
    else
        c->rt = 2 * c->rt + jitter(c, c->rt);
    if (most && c->rt > most)
        c->rt = most + jitter(c, most);
    c->due = now + c->rt;
    c->sent++;
}

static void request(struct dhcp6_client *c, int64_t now)
{
    struct dhcp6 offer = c->offer;
    c->server = offer.server;
    enter(c, DHCP6_REQUESTING, now, 0, DHCP6_NEVER);
    c->offer = offer;
}

// What does not conflict stays; another address is asked for with the next Renew.
static void declined(struct dhcp6_client *c, int64_t now)
{
    if (c->address_count + c->prefix_count == 0) {
        solicit(c, now);
        c->due = now + DECLINED_WAIT;
        return;
    }
    rest(c);
    c->t1 = c->t1 < now + DECLINED_WAIT ? c->t1 : now + DECLINED_WAIT;
}

// An exchange that has failed, or a time that has come.
static void advance(struct dhcp6_client *c, int64_t now)
{
    unsigned count = exchanges[c->state].count;
    bool over = now >= c->until || (count && c->sent >= count && now >= c->due);
    bool none = c->address_count + c->prefix_count == 0;
    switch (c->state) {
    case DHCP6_SOLICITING:
        if (c->has_offer && now >= c->due)
            request(c, now);
        break;
    case DHCP6_REQUESTING:
        if (over)
            solicit(c, now);
        break;
    case DHCP6_BOUND:
        if (none)
            solicit(c, now);
        else if (now >= c->t1)
            enter(c, DHCP6_RENEWING, now, 0, c->t2);
        break;
    case DHCP6_RENEWING:
        if (over)
            enter(c, DHCP6_REBINDING, now, 0, last_end(c));
        break;
    case DHCP6_REBINDING:
        if (over || none)
            solicit(c, now);
        break;
    case DHCP6_CONFIRMING:
    case DHCP6_VERIFYING:
    case DHCP6_INFORMING:
        if (none)
            solicit(c, now);
        else if (over)
            rest(c);
        break;
    case DHCP6_DECLINING:
        if (over)
            declined(c, now);
        break;
    case DHCP6_RELEASING:
        if (over)
            c->state = DHCP6_STOPPED;
        break;
    case DHCP6_STOPPED:
        break;
    }
}

int64_t dhcp6_client_due(const struct dhcp6_client *c)
{
    int64_t due = c->due < c->until ? c->due : c->until;
    if (c->state == DHCP6_STOPPED)
        return DHCP6_NEVER;
    if (c->state == DHCP6_BOUND)
        due = c->t1;
    if (c->state == DHCP6_RELEASING)
        return due;
    for (size_t i = 0; i < c->address_count; i++)
        due = c->addresses[i].valid_end < due ? c->addresses[i].valid_end : due;
    for (size_t i = 0; i < c->prefix_count; i++)
        due = c->prefixes[i].valid_end < due ? c->prefixes[i].valid_end : due;
    return due;
}

size_t dhcp6_client_turn(struct dhcp6_client *c, int64_t now, uint8_t *at, bool *ret_changed)
{
    bool releases = c->state == DHCP6_RELEASING || c->state == DHCP6_STOPPED;
    *ret_changed = !releases && expire(c, now);
    advance(c, now);
    if (c->state == DHCP6_BOUND || c->state == DHCP6_STOPPED || now < c->due)
        return 0;
    if (c->sent == 0)
        c->begun = now;
    next_wait(c, now);
    return write_message(c, now, at);
}

// ---- what comes in

static void advertised(struct dhcp6_client *c, int64_t now, const struct dhcp6 *m)
{
    if (m->solicit_max)
        c->solicit_max = m->solicit_max;
    if (m->status != DHCP6_SUCCESS || !has_leases(c, m))
        return;
    bool prefix = counts(c, &m->pd) && m->pd.count,
         had = c->has_offer && counts(c, &c->offer.pd) && c->offer.pd.count;
    if (!c->has_offer || m->preference > c->offer.preference ||
        (m->preference == c->offer.preference && prefix && !had)) {
        c->offer = *m;
        c->has_offer = true;
    }
    if (m->preference == UINT8_MAX || c->sent > 1) // 18.2.1: no need to wait for others
        request(c, now);
}

// RFC 8415, 20.3, 20.4.3, 21.20. A key is of one server; one that says nothing of it has not
// changed it; and the same key does not make old messages new.
static void take_key(struct dhcp6_client *c, const struct dhcp6 *m)
{
    uint64_t replay = c->key.replay;
    if (!dhcp6_same_id(&m->server, &c->server))
        c->key.kind = DHCP6_KEY_NONE;
    if (!m->reconfigurable || m->key.kind != DHCP6_KEY_ITSELF)
        return;
    bool same = c->key.kind == DHCP6_KEY_ITSELF &&
                memcmp(c->key.value, m->key.value, sizeof m->key.value) == 0;
    c->key = m->key;
    if (same && replay > m->key.replay)
        c->key.replay = replay;
}

static bool lent(struct dhcp6_client *c, int64_t now, const struct dhcp6 *m)
{
    bool renewed = c->state != DHCP6_REQUESTING && c->state != DHCP6_SOLICITING;
    if (m->status == DHCP6_NOT_ON_LINK ||
        (!renewed && m->status == DHCP6_SUCCESS && !has_leases(c, m))) {
        solicit(c, now);
        c->due = now + SECOND + below(c, DELAY_MAX); // 14.1: not in a circle
        return true;
    }
    if (m->status != DHCP6_SUCCESS)
        return false; // it is asked again, in time
    if (renewed && ((m->na.there && m->na.status == DHCP6_NO_BINDING) ||
                    (m->pd.there && m->pd.status == DHCP6_NO_BINDING))) {
        // 18.2.10.1: a Request to this server, for all; what else is lent stays in use.
        c->offer = *m;
        request(c, now);
        c->offer.na.count = c->offer.pd.count = 0;
        put_held(c->addresses, c->address_count, &c->offer.na);
        put_held(c->prefixes, c->prefix_count, &c->offer.pd);
        return false;
    }
    if (renewed && !(c->config.address && m->na.there) && !(c->config.prefix && m->pd.there))
        return false;
    take_key(c, m);
    c->server = m->server;
    c->t1 = c->t2 = DHCP6_NEVER;
    if (c->config.address)
        take_ia(c, &m->na, c->addresses, &c->address_count, now);
    if (c->config.prefix)
        take_ia(c, &m->pd, c->prefixes, &c->prefix_count, now);
    c->settings = *m;
    rest(c);
    return true;
}

// RFC 8415, 18.2.10.5: what is not said any more is not so any more.
static bool informed(struct dhcp6_client *c, const struct dhcp6 *m)
{
    if (m->status != DHCP6_SUCCESS)
        return false;
    c->settings = *m;
    rest(c);
    return true;
}

static bool replied(struct dhcp6_client *c, int64_t now, const struct dhcp6 *m)
{
    if (m->solicit_max)
        c->solicit_max = m->solicit_max;
    if (m->inform_max)
        c->inform_max = m->inform_max;
    switch (c->state) {
    case DHCP6_SOLICITING:
        return c->config.rapid && m->rapid && has_leases(c, m) && lent(c, now, m);
    case DHCP6_REQUESTING:
    case DHCP6_RENEWING:
        return dhcp6_same_id(&m->server, &c->server) && lent(c, now, m);
    case DHCP6_REBINDING:
    case DHCP6_VERIFYING:
        return lent(c, now, m);
    case DHCP6_CONFIRMING:
        if (m->status == DHCP6_NOT_ON_LINK)
            solicit(c, now);
        else
            rest(c);
        return m->status == DHCP6_NOT_ON_LINK;
    case DHCP6_INFORMING:
        return dhcp6_same_id(&m->server, &c->server) && informed(c, m);
    case DHCP6_DECLINING:
        if (dhcp6_same_id(&m->server, &c->server))
            declined(c, now);
        return false;
    case DHCP6_RELEASING:
        if (dhcp6_same_id(&m->server, &c->server))
            c->state = DHCP6_STOPPED;
        return false;
    case DHCP6_BOUND:
    case DHCP6_STOPPED:
        break;
    }
    return false;
}

// RFC 8415, 16.11, 20.3, 20.4.3: from who lends, with the key, and none that has been heard before.
static bool may_reconfigure(const struct dhcp6_client *c, const struct dhcp6 *m, const uint8_t *at,
                            size_t length)
{
    return c->key.kind == DHCP6_KEY_ITSELF && dhcp6_same_id(&m->server, &c->server) &&
           (m->reconfigure == DHCP6_RENEW || m->reconfigure == DHCP6_REBIND ||
            m->reconfigure == DHCP6_INFORMATION) &&
           m->key.replay > c->key.replay && dhcp6_authentic(at, length, m, c->key.value);
}

// RFC 8415, 18.2.11: while one is answered there is no other.
static void reconfigure(struct dhcp6_client *c, int64_t now, const struct dhcp6 *m)
{
    bool asks = c->state == DHCP6_RENEWING || c->state == DHCP6_REBINDING;
    if ((c->state != DHCP6_BOUND && !asks) || c->reconfigured)
        return;
    if (m->reconfigure == DHCP6_INFORMATION && asks) // that brings it, too
        return;
    c->key.replay = m->key.replay;
    if (m->reconfigure == DHCP6_RENEW)
        enter(c, DHCP6_RENEWING, now, 0, c->t2);
    else if (m->reconfigure == DHCP6_REBIND)
        enter(c, DHCP6_REBINDING, now, 0, last_end(c));
    else
        enter(c, DHCP6_INFORMING, now, below(c, DELAY_MAX), c->t1);
    c->reconfigured = true;
}

bool dhcp6_client_receive(struct dhcp6_client *c, int64_t now, const uint8_t *at, size_t length)
{
    struct dhcp6 m;
    if (!dhcp6_read(at, length, &m) || m.server.length == 0 ||
        !dhcp6_same_id(&m.client, &c->config.id)) // 16.3, 16.10
        return false;
    if (m.type == DHCP6_RECONFIGURE && may_reconfigure(c, &m, at, length))
        reconfigure(c, now, &m);
    if (c->sent == 0 || m.xid != c->xid)
        return false;
    if (m.type == DHCP6_ADVERTISE && c->state == DHCP6_SOLICITING)
        advertised(c, now, &m);
    return m.type == DHCP6_REPLY && replied(c, now, &m);
}

void dhcp6_client_verify(struct dhcp6_client *c, int64_t now)
{
    if (c->state != DHCP6_BOUND && c->state != DHCP6_RENEWING && c->state != DHCP6_REBINDING &&
        c->state != DHCP6_INFORMING)
        return;
    enter(c, c->prefix_count ? DHCP6_VERIFYING : DHCP6_CONFIRMING, now, below(c, DELAY_MAX),
          now + CONFIRM_FOR + DELAY_MAX);
}

bool dhcp6_client_decline(struct dhcp6_client *c, int64_t now, u128 address)
{
    size_t i = 0;
    while (i < c->address_count && c->addresses[i].lease.address != address)
        i++;
    if (c->state != DHCP6_BOUND || i == c->address_count)
        return false;
    c->addresses[i] = c->addresses[--c->address_count];
    c->declined = address;
    enter(c, DHCP6_DECLINING, now, 0, DHCP6_NEVER);
    return true;
}

void dhcp6_client_release(struct dhcp6_client *c, int64_t now)
{
    if (c->address_count + c->prefix_count == 0 || c->server.length == 0)
        c->state = DHCP6_STOPPED;
    else
        enter(c, DHCP6_RELEASING, now, 0, DHCP6_NEVER);
}
