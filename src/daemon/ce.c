// SPDX-License-Identifier: Apache-2.0

#include "daemon/ce.h"

#include "base/buffer.h"
#include "base/file.h"
#include "daemon/inform.h"
#include "daemon/ra.h"
#include "daemon/route6.h"
#include "daemon/sources.h"
#include "daemon/upstream.h"
#include "packet/dhcp6_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK_WAIT       100  // until the line has an address of its own, milliseconds
#define PREFERRED_LIMIT 2700 // ND_PREFERRED_LIMIT, RFC 9096, 4
#define VALID_LIMIT     5400 // ND_VALID_LIMIT
#define STALE_MAX       8    // of one link; the oldest goes first
#define USED_MAX        80   // addresses and routes: 4 prefixes on 8 links, and the line's
#define STATE_MAX       16384
#define RELEASE_FOR     3000 // it is not worth more at the end, milliseconds
#define PROBED_FOR      5000 // the kernel's duplicate address detection is over, milliseconds
#define OWN_IDENTIFIER  1
#define LOCAL           ((u128)0xfc00 << 112) // fc00::/7
#define LOCAL_BITS      7
#define LINE_PRIORITY   32765 // of the line's rules, before that of the main table
#define ALL_SERVERS     (((u128)0xff02 << 112) | 0x00010002)

enum use { USE_WAN, USE_LAN, USE_PREFIX };

struct used {
    enum use use;
    size_t lan;
    u128 address; // of a LAN: the prefix
    unsigned length;
    int64_t preferred_end, valid_end, since;
    u128 excluded;
    unsigned excluded_length; // 0: nothing
};

struct stale {
    u128 prefix;
    int64_t until;
};

struct home;

struct at_home {
    struct home *home;
    size_t lan;
    struct inform inform;
    struct sources sources;
};

struct home {
    const struct ce_options *options;
    struct dhcp6_client client;
    struct upstream upstream;
    struct ra_sender *senders[CE_LANS_MAX];
    struct at_home at_home[CE_LANS_MAX];
    struct stale stale[CE_LANS_MAX][STALE_MAX];
    size_t stale_count[CE_LANS_MAX];
    struct used used[USED_MAX];
    size_t used_count;
    struct dhcp6 offered; // to hosts
    size_t informed;
    int socket, timer, index;
    bool running, leads_out;
};

// ---- lifetimes

static uint32_t left(int64_t end, int64_t now)
{
    return end == DHCP6_NEVER ? DHCP6_FOREVER : end <= now ? 0 : (uint32_t)((end - now) / 1000);
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

static u128 network_of(const struct home *h, const struct dhcp6_held *p, size_t lan)
{
    return p->lease.address | (u128)h->options->lans[lan].number << 64;
}

static bool is_excluded(const struct dhcp6_lease *l, u128 network)
{
    unsigned bits = l->excluded_length < 64 ? l->excluded_length : 64;
    return bits > 0 && (l->excluded ^ network) >> (128 - bits) == 0;
}

static bool has_network(const struct home *h, const struct dhcp6_held *p, size_t lan)
{
    return p->lease.length <= 64 &&
           (u128)h->options->lans[lan].number >> (64 - p->lease.length) == 0 &&
           !is_excluded(&p->lease, network_of(h, p, lan));
}

// ---- what is advertised

static void add_prefixes(const struct home *h, size_t lan, int64_t now, struct advert *a)
{
    for (size_t i = 0; i < h->used_count && a->prefix_count < ADVERT_LIST_MAX; i++) {
        const struct used *u = h->used + i;
        if (u->use == USE_LAN && u->lan == lan && u->valid_end > 0)
            a->prefixes[a->prefix_count++] = (struct advert_prefix){
                .prefix = u->address,
                .length = 64,
                .on_link = true,
                .autonomous = true,
                .valid = at_most(left(u->valid_end, now), VALID_LIMIT),
                .preferred = at_most(left(u->preferred_end, now), PREFERRED_LIMIT)};
    }
    for (size_t i = 0; i < h->stale_count[lan] && a->prefix_count < ADVERT_LIST_MAX; i++)
        a->prefixes[a->prefix_count++] = (struct advert_prefix){
            .prefix = h->stale[lan][i].prefix, .length = 64, .on_link = true, .autonomous = true};
}

static void add_routes(const struct home *h, int64_t now, struct advert *a)
{
    uint32_t shortest = VALID_LIMIT;
    for (size_t i = 0; i < h->client.prefix_count; i++) {
        const struct dhcp6_held *p = h->client.prefixes + i;
        a->routes[a->route_count++] = (struct advert_route){p->lease.address, p->lease.length};
        shortest = at_most(left(p->valid_end, now), shortest);
    }
    a->route_lifetime = shortest;
}

static bool is_local(u128 address)
{
    return (address ^ LOCAL) >> (128 - LOCAL_BITS) == 0;
}

static size_t count_local(const struct home *h)
{
    size_t count = 0;
    for (size_t i = 0; i < h->client.prefix_count; i++)
        count += is_local(h->client.prefixes[i].lease.address);
    return count;
}

static uint32_t longest_left(const struct home *h, int64_t now)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < h->client.prefix_count; i++) {
        uint32_t valid = left(h->client.prefixes[i].valid_end, now);
        longest = valid > longest ? valid : longest;
    }
    return longest;
}

// What the provider says to all: resolvers and names that are fit to be told again.
static struct dhcp6 offer_of(const struct home *h, int64_t now)
{
    const struct dhcp6 *s = &h->client.settings;
    uint32_t refresh = at_most(longest_left(h, now), VALID_LIMIT);
    struct dhcp6 o = {.server = h->client.config.id,
                      .refresh = refresh < DHCP6_REFRESH_LEAST ? DHCP6_REFRESH_LEAST : refresh};
    if (h->client.prefix_count == 0)
        return o;
    memcpy(o.resolvers, s->resolvers, sizeof o.resolvers);
    o.resolver_count = s->resolver_count;
    for (size_t i = 0; i < s->name_count; i++)
        if (advert_name_valid(slice_of(s->names[i])))
            memcpy(o.names[o.name_count++], s->names[i], sizeof s->names[i]);
    return o;
}

// RFC 8106, 5.1: resolvers live as long as three intervals, and not longer than the last prefix
// (RFC 9096, 3.4).
static struct advert advert_of(const struct home *h, size_t lan, int64_t now)
{
    const struct dhcp6 *s = &h->offered;
    unsigned three = 3 * h->options->interval;
    struct advert a = {.hop_limit = 64,
                       .other = true, // L-9
                       .resolver_lifetime = at_most(three, longest_left(h, now))};
    add_prefixes(h, lan, now, &a);
    add_routes(h, now, &a);
    if (h->leads_out && count_local(h) < h->client.prefix_count) // RFC 7084: G-4, L-4, ULA-5
        a.lifetime = (uint16_t)(three > 9000 ? 9000 : three);
    for (size_t i = 0; i < s->resolver_count; i++)
        a.resolvers[a.resolver_count++] = s->resolvers[i];
    for (size_t i = 0; i < s->name_count; i++)
        a.search[a.search_count++] = slice_of(s->names[i]);
    return a;
}

static void advertise(struct home *h, bool at_once)
{
    int64_t now = clock_milliseconds();
    h->offered = offer_of(h, now);
    for (size_t lan = 0; lan < h->options->lan_count; lan++) {
        const struct advert a = advert_of(h, lan, now);
        if (at_once)
            ra_sender_change(h->senders[lan], &a);
        else
            ra_sender_set(h->senders[lan], &a);
    }
}

// ---- what is used

static bool same_use(const struct used *a, const struct used *b)
{
    return a->use == b->use && a->lan == b->lan && a->address == b->address &&
           a->length == b->length && a->excluded == b->excluded &&
           a->excluded_length == b->excluded_length;
}

static void want(struct used *wanted, size_t *count, const struct used *u)
{
    if (*count < USED_MAX)
        wanted[(*count)++] = *u;
}

static void want_lans(const struct home *h, const struct dhcp6_held *p, struct used *wanted,
                      size_t *count)
{
    for (size_t lan = 0; lan < h->options->lan_count; lan++)
        if (has_network(h, p, lan))
            want(wanted, count,
                 &(struct used){USE_LAN, lan, network_of(h, p, lan), 64, p->preferred_end,
                                p->valid_end});
}

static size_t wanted_of(const struct home *h, int64_t now, struct used *wanted)
{
    const struct dhcp6_client *c = &h->client;
    size_t count = 0;
    for (size_t i = 0; i < c->address_count; i++)
        want(wanted, &count,
             &(struct used){USE_WAN, 0, c->addresses[i].lease.address, 128,
                            c->addresses[i].preferred_end, c->addresses[i].valid_end, now});
    for (size_t i = 0; i < c->prefix_count; i++) {
        const struct dhcp6_held *p = c->prefixes + i;
        want(wanted, &count,
             &(struct used){USE_PREFIX, 0, p->lease.address, p->lease.length, p->preferred_end,
                            p->valid_end, now, p->lease.excluded, p->lease.excluded_length});
        want_lans(h, p, wanted, &count);
    }
    return count;
}

static void tell(const struct home *h, const char *what, const struct used *u)
{
    char text[ADDRESS_TEXT_MAX];
    const char *where = u->use == USE_LAN ? h->options->lans[u->lan].device : h->options->wan;
    speak(&h->options->speaker, "%s: %s/%u %s", what, address_format(FAMILY_IPV6, u->address, text),
          u->length, where);
}

// RFC 7084, WPD-3; or it is the line's.
static void tell_missing(const struct home *h, const struct used *u)
{
    const struct dhcp6_held held = {.lease = {.address = u->address,
                                              .length = (uint8_t)u->length,
                                              .excluded = u->excluded,
                                              .excluded_length = (uint8_t)u->excluded_length}};
    char text[ADDRESS_TEXT_MAX];
    for (size_t lan = 0; lan < h->options->lan_count; lan++)
        if (!has_network(h, &held, lan))
            speak(&h->options->speaker, "missing: %s/%u has no network %" PRIu32 " for %s",
                  address_format(FAMILY_IPV6, u->address, text), u->length,
                  h->options->lans[lan].number, h->options->lans[lan].device);
}

static void tell_new(const struct home *h, const struct used *u)
{
    tell(h, u->use == USE_PREFIX ? "delegated" : "assigned", u);
    if (u->use != USE_PREFIX)
        return;
    if (u->excluded_length)
        tell(h, "excluded", &(struct used){.address = u->excluded, .length = u->excluded_length});
    tell_missing(h, u);
}

// What is unreachable of a prefix: all, or what is left and right of the part that is the line's.
static int unreachable(const struct used *u, bool set, struct err *e)
{
    int code = 0;
    unsigned first = u->excluded_length ? u->length + 1 : u->length,
             last = u->excluded_length ? u->excluded_length : u->length;
    for (unsigned bits = first; !code && bits <= last; bits++) {
        u128 piece = u->excluded_length ? u->excluded ^ (u128)1 << (128 - bits) : u->address;
        piece = bits ? piece & U128_MAX << (128 - bits) : 0;
        if (set)
            code = unreachable6_set(piece, bits, e);
        else
            unreachable6_remove(piece, bits);
    }
    return code;
}

static int put_to_use(const struct home *h, const struct used *u, int64_t now, struct err *e)
{
    uint32_t preferred = left(u->preferred_end, now), valid = left(u->valid_end, now);
    if (valid == 0) // it is over within this second
        return 0;
    if (u->use == USE_PREFIX)
        return unreachable(u, true, e);
    if (u->use == USE_WAN)
        return address6_set(h->options->wan, u->address, 128, preferred, valid, e);
    return address6_set(h->options->lans[u->lan].device, u->address | OWN_IDENTIFIER, 64, preferred,
                        valid, e);
}

static void add_stale(struct home *h, size_t lan, u128 prefix, int64_t until)
{
    struct stale *s = h->stale[lan];
    if (h->stale_count[lan] == STALE_MAX)
        memmove(s, s + 1, --h->stale_count[lan] * sizeof *s);
    s[h->stale_count[lan]++] = (struct stale){prefix, until};
}

// False: none of the kind; for those that are used again.
static bool drop_stale(struct home *h, size_t lan, u128 prefix, int64_t now)
{
    size_t kept = 0, before = h->stale_count[lan];
    for (size_t i = 0; i < before; i++)
        if (h->stale[lan][i].prefix != prefix && h->stale[lan][i].until > now)
            h->stale[lan][kept++] = h->stale[lan][i];
    h->stale_count[lan] = kept;
    return kept != before;
}

static void out_of_use(struct home *h, const struct used *u, int64_t now)
{
    tell(h, u->use == USE_LAN ? "stale" : "ended", u);
    if (u->use == USE_PREFIX)
        (void)unreachable(u, false, NULL);
    if (u->use == USE_WAN)
        address6_remove(h->options->wan, u->address, 128);
    if (u->use == USE_LAN) {
        address6_remove(h->options->lans[u->lan].device, u->address | OWN_IDENTIFIER, 64);
        add_stale(h, u->lan, u->address, now + VALID_LIMIT * INT64_C(1000));
    }
}

static const struct used *listed(const struct used *u, const struct used *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (same_use(u, list + i))
            return list + i;
    return NULL;
}

// ---- what a next start must know (RFC 9096, 3.5)

static void remember_one(const char *device, u128 prefix, unsigned length, struct buffer *b)
{
    char text[ADDRESS_TEXT_MAX];
    buffer_format(b, "%s %s/%u\n", device, address_format(FAMILY_IPV6, prefix, text), length);
}

// What is advertised, on its link; what is unreachable, on the line: nothing else would end that.
static void remember_used(const struct home *h, const struct used *u, struct buffer *b)
{
    char text[ADDRESS_TEXT_MAX];
    if (u->use == USE_LAN)
        remember_one(h->options->lans[u->lan].device, u->address, u->length, b);
    if (u->use != USE_PREFIX)
        return;
    if (u->excluded_length)
        buffer_format(b, "%s %s/%u ", h->options->wan,
                      address_format(FAMILY_IPV6, u->excluded, text), u->excluded_length);
    remember_one(u->excluded_length ? "of" : h->options->wan, u->address, u->length, b);
}

static void remember(const struct home *h)
{
    struct buffer b = {0};
    struct err ignored;
    for (size_t i = 0; i < h->used_count; i++)
        remember_used(h, h->used + i, &b);
    for (size_t lan = 0; lan < h->options->lan_count; lan++)
        for (size_t i = 0; i < h->stale_count[lan]; i++)
            remember_one(h->options->lans[lan].device, h->stale[lan][i].prefix, 64, &b);
    if (h->options->state && !b.failed &&
        file_publish(h->options->state, b.at ? b.at : "", b.length, &ignored) != 0)
        speak(&h->options->speaker, "not remembered: %s", ignored.text);
    buffer_done(&b);
}

static bool recall_prefix(struct slice text, struct prefix *ret)
{
    return prefix_parse(text, ret) && ret->family == FAMILY_IPV6 && ret->length > 0 &&
           (ret->address & ~(U128_MAX << (128 - ret->length))) == 0;
}

// "wan0 PREFIX", "wan0 EXCLUDED of PREFIX"
static void recall_line_of_wan(struct home *h, struct slice line)
{
    struct slice first = slice_cut(&line, ' '), of = slice_cut(&line, ' ');
    struct prefix p, x = {.length = 0};
    if (h->used_count == USED_MAX || !recall_prefix(of.at ? line : first, &p) ||
        (of.at && (!recall_prefix(first, &x) || x.length <= p.length)))
        return;
    h->used[h->used_count++] = (struct used){.use = USE_PREFIX,
                                             .address = p.address,
                                             .length = p.length,
                                             .excluded = x.length ? x.address : 0,
                                             .excluded_length = x.length};
}

static void recall_line(struct home *h, struct slice line)
{
    struct slice device = slice_cut(&line, ' ');
    struct prefix p;
    if (line.at && slice_is(device, h->options->wan))
        recall_line_of_wan(h, line);
    if (!line.at || !recall_prefix(line, &p) || p.length != 64)
        return;
    for (size_t lan = 0; lan < h->options->lan_count && h->used_count < USED_MAX; lan++)
        if (slice_is(device, h->options->lans[lan].device))
            h->used[h->used_count++] =
                (struct used){.use = USE_LAN, .lan = lan, .address = p.address, .length = 64};
}

static void recall(struct home *h)
{
    struct buffer text = {0};
    if (h->options->state && file_read(h->options->state, STATE_MAX, &text, NULL) == 0) {
        struct slice rest = {text.at, text.length};
        while (rest.at)
            recall_line(h, slice_trim(slice_cut(&rest, '\n')));
    }
    buffer_done(&text);
}

// ---- what is forwarded

static int set_line_rules(const struct home *h, struct err *e)
{
    const char *wan = h->options->wan;
    size_t count = h->client.prefix_count;
    int code = 0;
    rules6_remove(wan, LINE_PRIORITY);
    if (count == 0) // G-3
        code = rule6_add(wan, LINE_PRIORITY, 0, 0, false, e);
    for (size_t i = 0; !code && i < count; i++) { // S-2: nobody outside has our addresses
        const struct dhcp6_lease *l = &h->client.prefixes[i].lease;
        if (!l->excluded_length)
            code = rule6_add(wan, LINE_PRIORITY, l->address, l->length, false, e);
    }
    if (!code && count > 0 && count_local(h) == 0) // ULA-4
        code = rule6_add(wan, LINE_PRIORITY, LOCAL, LOCAL_BITS, false, e);
    return code;
}

static int set_local_route(const struct home *h, struct err *e)
{
    if (count_local(h) == 0)
        return unreachable6_set(LOCAL, LOCAL_BITS, e);
    unreachable6_remove(LOCAL, LOCAL_BITS);
    return 0;
}

static int set_sources(struct home *h, struct err *e)
{
    struct prefix allowed[DHCP6_LEASES_MAX + CE_ALSO_MAX];
    size_t count = 0;
    for (size_t i = 0; i < h->client.prefix_count; i++) {
        const struct dhcp6_lease *l = &h->client.prefixes[i].lease;
        allowed[count++] = (struct prefix){FAMILY_IPV6, l->address, l->length};
    }
    for (size_t i = 0; i < h->options->also_count; i++)
        allowed[count++] = h->options->also[i];
    int code = set_line_rules(h, e);
    if (!code)
        code = set_local_route(h, e);
    for (size_t lan = 0; !code && lan < h->options->lan_count; lan++)
        code = sources_allow(&h->at_home[lan].sources, allowed, count, e);
    return code;
}

static int apply(struct home *h, struct err *e)
{
    struct used wanted[USED_MAX];
    int64_t now = clock_milliseconds();
    size_t count = wanted_of(h, now, wanted);
    int code = 0;
    for (size_t i = 0; i < h->used_count; i++)
        if (!listed(h->used + i, wanted, count))
            out_of_use(h, h->used + i, now);
    for (size_t i = 0; i < count && !code; i++) {
        const struct used *before = listed(wanted + i, h->used, h->used_count);
        if (before)
            wanted[i].since = before->since;
        else
            tell_new(h, wanted + i);
        if (wanted[i].use == USE_LAN)
            drop_stale(h, wanted[i].lan, wanted[i].address, now);
        code = put_to_use(h, wanted + i, now, e);
    }
    memcpy(h->used, wanted, count * sizeof *wanted);
    h->used_count = count;
    if (!code)
        code = set_sources(h, e);
    advertise(h, true);
    if (count > 0)
        remember(h);
    return code;
}

// ---- the line

static bool send_message(const struct home *h, const uint8_t *at, size_t length)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons(DHCP6_SERVER_PORT),
                              .sin6_scope_id = (uint32_t)h->index};
    store128(to.sin6_addr.s6_addr, ALL_SERVERS);
    return sendto(h->socket, at, length, 0, (const struct sockaddr *)&to, sizeof to) ==
           (ssize_t)length;
}

static void arm(const struct home *h, int64_t not_before)
{
    int64_t due = dhcp6_client_due(&h->client);
    due = due < not_before ? not_before : due;
    timer_set(h->timer, due == DHCP6_NEVER ? 0 : due * 1000);
}

static int step(struct home *h, struct err *e)
{
    uint8_t packet[DHCP6_PACKET_MAX];
    bool changed = false;
    u128 own;
    int64_t now = clock_milliseconds();
    if (!link_local_address(h->options->wan, &own)) {
        arm(h, now + LINK_WAIT);
        return 0;
    }
    size_t length = dhcp6_client_turn(&h->client, now, packet, &changed);
    if (length)
        (void)send_message(h, packet, length);
    int code = changed ? apply(h, e) : 0;
    arm(h, now + 1);
    return code;
}

static int timed(void *arg, struct err *e)
{
    struct home *h = arg;
    timer_clear(h->timer);
    return step(h, e);
}

static int received(void *arg, struct err *e)
{
    struct home *h = arg;
    uint8_t packet[1500];
    ssize_t got = recv(h->socket, packet, sizeof packet, MSG_DONTWAIT);
    if (got <= 0)
        return 0; // an error that the line has sent back is no reason to end
    bool changed = dhcp6_client_receive(&h->client, clock_milliseconds(), packet, (size_t)got);
    int code = changed ? apply(h, e) : 0;
    return code ? code : step(h, e);
}

// ---- the links at home

static int asked(void *arg, struct err *e)
{
    const struct at_home *a = arg;
    (void)e;
    a->home->informed += inform_answer(&a->inform, &a->home->offered);
    return 0;
}

static u128 address_on(const struct home *h, size_t lan)
{
    u128 own = 0;
    for (size_t i = 0; i < h->used_count; i++)
        if (h->used[i].use == USE_LAN && h->used[i].lan == lan && h->used[i].valid_end > 0)
            return h->used[i].address | OWN_IDENTIFIER;
    (void)link_local_address(h->options->lans[lan].device, &own);
    return own;
}

static int misdirected(void *arg, struct err *e)
{
    struct at_home *a = arg;
    char text[ADDRESS_TEXT_MAX];
    u128 told = 0;
    int code = sources_answer(&a->sources, address_on(a->home, a->lan), &told, e);
    if (told)
        speak(&a->home->options->speaker, "refused: %s %s", address_format(FAMILY_IPV6, told, text),
              a->sources.device);
    return code;
}

static int open_links(struct home *h, struct err *e)
{
    int code = 0;
    for (size_t lan = 0; !code && lan < h->options->lan_count; lan++) {
        const char *device = h->options->lans[lan].device;
        const struct ra_options o = {
            .device = device, .advert = {.hop_limit = 64}, .interval = h->options->interval};
        code = ra_sender_new(&o, &h->senders[lan], e);
        if (!code)
            code = inform_open(device, &h->at_home[lan].inform, e);
        if (!code)
            code = sources_open(device, &h->at_home[lan].sources, e);
    }
    return code;
}

static void watch_links(struct home *h, struct loop *l)
{
    for (size_t lan = 0; lan < h->options->lan_count; lan++) {
        struct at_home *a = h->at_home + lan;
        ra_sender_watch(h->senders[lan], l);
        l->watches[l->count++] = (struct watch){a->inform.socket, asked, a};
        l->watches[l->count++] = (struct watch){a->sources.link.fd, misdirected, a};
    }
}

static void close_links(struct home *h, bool orderly)
{
    for (size_t lan = 0; lan < h->options->lan_count; lan++) {
        if (orderly && h->senders[lan])
            ra_sender_end(h->senders[lan]);
        ra_sender_free(&h->senders[lan]);
        inform_close(&h->at_home[lan].inform);
        sources_close(&h->at_home[lan].sources);
    }
}

// ---- how it goes on

static bool has_carrier(const struct home *h)
{
    struct ifreq r = {0};
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", h->options->wan);
    return ioctl(h->socket, SIOCGIFFLAGS, &r) == 0 && r.ifr_flags & IFF_UP &&
           r.ifr_flags & IFF_RUNNING;
}

// RFC 7084, G-5: without a default route, or without a line; RFC 4861, 6.2.5: without forwarding.
static bool leads_out(const struct home *h)
{
    return h->running && default6_there(h->options->wan) && forwards6();
}

// RFC 8415, 18.2.8: the kernel removes an address that it finds to be another's.
static void check_duplicates(struct home *h, int64_t now)
{
    struct err ignored;
    for (size_t i = 0; i < h->used_count; i++) {
        const struct used u = h->used[i];
        if (u.use == USE_WAN && now - u.since < PROBED_FOR && !address6_own(u.address) &&
            dhcp6_client_decline(&h->client, now, u.address)) {
            tell(h, "declined", &u);
            (void)apply(h, &ignored);
            arm(h, now + 1);
            return;
        }
    }
}

// Once a second: is the line back, does it lead anywhere; and lifetimes go down.
static void ticked(void *arg)
{
    struct home *h = arg;
    int64_t now = clock_milliseconds();
    bool running = has_carrier(h);
    if (running && !h->running) {
        dhcp6_client_verify(&h->client, now);
        upstream_again(&h->upstream, now);
        arm(h, now + 1);
    }
    h->running = running;
    bool out = leads_out(h), changed = out != h->leads_out;
    h->leads_out = out;
    if (running) {
        upstream_tick(&h->upstream, now, out);
        check_duplicates(h, now);
    }
    for (size_t lan = 0; lan < h->options->lan_count; lan++)
        changed |= drop_stale(h, lan, 0, now);
    advertise(h, changed);
}

static void spoken_to(void *arg)
{
    const struct home *h = arg;
    static const char *const names[] = {"soliciting", "requesting", "bound",     "renewing",
                                        "rebinding",  "confirming", "verifying", "declining",
                                        "releasing",  "stopped"};
    speak(&h->options->speaker, "state: %s, addresses: %zu, prefixes: %zu, informed: %zu",
          names[h->client.state], h->client.address_count, h->client.prefix_count, h->informed);
}

// ---- begin and end

static int open_line(struct home *h, struct err *e)
{
    const struct sockaddr_in6 own = {.sin6_family = AF_INET6,
                                     .sin6_port = htons(DHCP6_CLIENT_PORT)};
    const char *wan = h->options->wan;
    h->socket = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (h->socket < 0 ||
        setsockopt(h->socket, SOL_SOCKET, SO_BINDTODEVICE, wan, (socklen_t)strlen(wan)) < 0 ||
        bind(h->socket, (const struct sockaddr *)&own, sizeof own) < 0)
        return err_system(e, "cannot ask on %s", wan);
    return timer_open(&h->timer, e);
}

static int set_up(struct home *h, struct err *e)
{
    struct link line = {.fd = -1};
    int code = link_open(h->options->wan, ETH_P_IPV6, &line, e);
    if (code)
        return code;
    const struct dhcp6_client_config config = {.id = dhcp6_id_of_mac(line.mac),
                                               .iaid = load32(line.mac + 2),
                                               .address = h->options->address,
                                               .prefix = true,
                                               .hint = h->options->hint,
                                               .rapid = h->options->rapid};
    h->index = line.index;
    link_close(&line);
    dhcp6_client_begin(&h->client, &config, random_seed(), clock_milliseconds());
    code = open_line(h, e);
    if (!code)
        code = open_links(h, e);
    if (!code && !upstream_open(h->options->wan, &h->upstream))
        speak(&h->options->speaker, "advertisements on %s are not heard", h->options->wan);
    return code ? code : set_sources(h, e);
}

// At most RELEASE_FOR: the one who ends does not wait for long.
static void release(struct home *h)
{
    uint8_t packet[DHCP6_PACKET_MAX];
    bool ignored = false;
    int64_t now = clock_milliseconds(), until = now + RELEASE_FOR;
    dhcp6_client_release(&h->client, now);
    while (h->client.state != DHCP6_STOPPED && now < until) {
        size_t length = dhcp6_client_turn(&h->client, now, packet, &ignored);
        if (length)
            (void)send_message(h, packet, length);
        int64_t due = dhcp6_client_due(&h->client), wait = (due < until ? due : until) - now;
        struct pollfd p = {h->socket, POLLIN, 0};
        ssize_t got = poll(&p, 1, wait > 0 ? (int)wait : 0) > 0
                          ? recv(h->socket, packet, sizeof packet, MSG_DONTWAIT)
                          : 0;
        now = clock_milliseconds();
        if (got > 0)
            (void)dhcp6_client_receive(&h->client, now, packet, (size_t)got);
    }
    speak(&h->options->speaker, "released%s",
          h->client.state == DHCP6_STOPPED ? "" : ", and nobody has said so");
}

// RFC 9096, WPD-9: a router that only starts anew gives nothing back, and its hosts keep what they
// have.
static void end(struct home *h, bool orderly)
{
    int64_t now = clock_milliseconds();
    bool gives_back = orderly && h->options->release && h->client.server.length > 0;
    for (size_t i = 0; i < h->used_count; i++)
        if (h->used[i].valid_end > 0) // not those of an earlier start
            out_of_use(h, h->used + i, now);
    if (gives_back) { // RFC 8415, 18.2.7: first they are not used any more
        h->used_count = 0;
        advertise(h, true);
        remember(h);
        release(h);
    }
    close_links(h, orderly);
    rules6_remove(h->options->wan, LINE_PRIORITY);
    unreachable6_remove(LOCAL, LOCAL_BITS);
    upstream_close(&h->upstream);
    if (h->socket >= 0)
        close(h->socket);
    if (h->timer >= 0)
        close(h->timer);
}

int ce_run(const struct ce_options *o, struct err *e)
{
    struct home h = {.options = o, .socket = -1, .timer = -1};
    struct loop loop = {.tick = ticked, .usr1 = spoken_to, .arg = &h};
    for (size_t lan = 0; lan < CE_LANS_MAX; lan++)
        h.at_home[lan] =
            (struct at_home){.home = &h, .lan = lan, .inform.socket = -1, .sources.link.fd = -1};
    int code = set_up(&h, e);
    if (!code) {
        recall(&h);
        h.running = has_carrier(&h);
        h.leads_out = leads_out(&h);
        loop.watches[loop.count++] = (struct watch){h.socket, received, &h};
        loop.watches[loop.count++] = (struct watch){h.timer, timed, &h};
        watch_links(&h, &loop);
        if (!forwards6())
            speak(&o->speaker, "no default router: net.ipv6.conf.all.forwarding is 0");
        speak(&o->speaker, "ready: %s", o->wan);
        for (size_t lan = 0; lan < o->lan_count; lan++)
            ra_sender_begin(h.senders[lan]);
        arm(&h, 0);
        code = loop_run(&loop, e);
    }
    end(&h, code == 0);
    return code;
}
