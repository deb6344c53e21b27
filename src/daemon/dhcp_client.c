// SPDX-License-Identifier: Apache-2.0
//
// A client's states (RFC 2131, 4.4, figure 5), and two more: asking whether the address is
// anybody's (RFC 5227), and waiting without IPv4 (RFC 8925).

#include "daemon/dhcp.h"

#include "base/splitmix.h"
#include "packet/arp.h"

#include <inttypes.h>
#include <linux/if_ether.h>
#include <unistd.h>

#define FIRST_WAIT 4000 // RFC 2131, 4.1: 4, 8, 16, 32, 64 seconds, a second more or less
#define LAST_WAIT  64000
#define RENEW_WAIT 60000 // RFC 2131, 4.4.5: no sooner again
#define USELESS    10000 // RFC 2131, 3.1: until it begins anew with an address that it cannot use
#define EVERYBODY  UINT32_MAX

// RFC 5227, 1.1, milliseconds.
#define PROBE_WAIT        1000
#define PROBES            3
#define PROBE_LEAST       1000
#define PROBE_MOST        2000
#define ANNOUNCE_WAIT     2000
#define ANNOUNCE_INTERVAL 2000
#define DEFEND_INTERVAL   10000

enum state { SELECTING, REQUESTING, PROBING, BOUND, RENEWING, REBINDING, WITHOUT };

struct running {
    const struct dhcp_client_options *options;
    struct link link, arp;
    int timer;
    enum state state;
    uint64_t chance;
    uint32_t xid;
    int64_t wait;
    struct dhcp offer; // or lease
    uint8_t server_mac[6];
    unsigned probes;                   // sent
    int64_t acked, announce, defended; // announce 0: done
    int64_t renew, rebind, end;
    bool line; // there is one
};

static int64_t random_below(struct running *r, int64_t limit)
{
    return (int64_t)(splitmix64(&r->chance) % (uint64_t)limit);
}

static void send_message(const struct running *r, enum dhcp_type type)
{
    uint8_t packet[DHCP_PACKET_MAX];
    bool alone = r->state == RENEWING || type == DHCP_RELEASE, has = alone || r->state == REBINDING;
    struct dhcp m = {.type = type, .xid = r->xid, .asks_v6only = r->options->v6only};
    memcpy(m.mac, r->link.mac, sizeof m.mac);
    m.client = has ? r->offer.yours : 0;
    bool names = r->state == REQUESTING || type == DHCP_DECLINE;
    m.requested = names ? r->offer.yours : 0;
    m.server = names || type == DHCP_RELEASE ? r->offer.server : 0;
    size_t length = dhcp_write(&m, m.client, alone ? r->offer.server : EVERYBODY, packet);
    (void)link_send(&r->link, alone ? r->server_mac : NULL, packet, length);
}

static void retry(struct running *r, enum dhcp_type type)
{
    send_message(r, type);
    timer_set(r->timer, (clock_milliseconds() + r->wait - 1000 + random_below(r, 2000)) * 1000);
    r->wait = r->wait * 2 > LAST_WAIT ? LAST_WAIT : r->wait * 2;
}

static void select_again(struct running *r)
{
    r->state = SELECTING;
    r->xid = (uint32_t)random_below(r, INT64_C(1) << 31);
    r->wait = FIRST_WAIT;
    retry(r, DHCP_DISCOVER);
}

static unsigned prefix_length(uint32_t mask)
{
    return mask ? (unsigned)__builtin_popcount(mask) : 24;
}

static void unbind(const struct running *r)
{
    struct err ignored;
    (void)device_clear4(r->options->device, &ignored);
}

// False: the address is none for this interface. Without the router it can do. An address that
// another program has left would pass on its flags, such as that no route belongs to it.
static bool install(const struct running *r, const struct dhcp *a, const struct prefix *p)
{
    const char *device = r->options->device;
    struct err e;
    unbind(r);
    bool is = device_address(device, p, &e) == 0;
    if (!is || (a->router && device_default4(device, a->router, &e) != 0))
        speak(&r->options->speaker, "useless: %s", e.text);
    return is;
}

static void set_times(struct running *r)
{
    uint32_t renew, rebind;
    dhcp_times(&r->offer, &renew, &rebind);
    r->renew = r->acked + (int64_t)renew * 1000;
    r->rebind = r->acked + (int64_t)rebind * 1000;
    r->end = r->acked + (int64_t)r->offer.lease * 1000;
    timer_set(r->timer, r->renew * 1000);
}

static void wait_useless(struct running *r)
{
    r->state = WITHOUT;
    timer_set(r->timer, (clock_milliseconds() + USELESS) * 1000);
}

static void send_arp(const struct running *r, uint32_t sender)
{
    struct arp a = {.sender = sender, .target = r->offer.yours};
    uint8_t packet[ARP_SIZE];
    memcpy(a.mac, r->link.mac, sizeof a.mac);
    arp_write(&a, packet);
    (void)link_send(&r->arp, NULL, packet, sizeof packet);
}

static void announce(struct running *r, int64_t now, bool again)
{
    send_arp(r, r->offer.yours);
    r->announce = again ? now + ANNOUNCE_INTERVAL : 0;
}

// Of the lease that is there now.
static void bind_lease(struct running *r)
{
    const struct dhcp *a = &r->offer;
    char own[ADDRESS_TEXT_MAX], router[ADDRESS_TEXT_MAX];
    bool changed = r->state == PROBING;
    const struct prefix p = {FAMILY_IPV4, a->yours, prefix_length(a->mask)};
    if (changed && !install(r, a, &p)) {
        wait_useless(r);
        return;
    }
    r->state = BOUND;
    set_times(r);
    if (changed)
        announce(r, clock_milliseconds(), true);
    speak(&r->options->speaker, "%s: %s/%u router %s %" PRIu32 " s", changed ? "lease" : "renewed",
          address_format(FAMILY_IPV4, a->yours, own), p.length,
          address_format(FAMILY_IPV4, a->router, router), a->lease);
}

// RFC 2131, 3.1, 5: also while it is in use (RFC 5227, 2.4).
static void decline(struct running *r, const uint8_t mac[6])
{
    char text[ADDRESS_TEXT_MAX], who[MAC_TEXT_MAX];
    wait_useless(r);
    unbind(r);
    send_message(r, DHCP_DECLINE);
    speak(&r->options->speaker, "declined: %s is used by %s",
          address_format(FAMILY_IPV4, r->offer.yours, text), mac_format(mac, who));
}

// RFC 5227, 2.1.1: three times, and whoever has the address has two seconds yet.
static void probe(struct running *r, int64_t now)
{
    if (r->probes == PROBES) {
        bind_lease(r);
        return;
    }
    send_arp(r, 0);
    r->probes++;
    int64_t spread = random_below(r, PROBE_MOST - PROBE_LEAST + 1);
    int64_t wait = r->probes < PROBES ? PROBE_LEAST + spread : ANNOUNCE_WAIT;
    timer_set(r->timer, (now + wait) * 1000);
}

static void acknowledged(struct running *r, const struct dhcp *a)
{
    bool changed = r->state == REQUESTING || a->yours != r->offer.yours;
    uint32_t server = a->server ? a->server : r->offer.server;
    r->acked = clock_milliseconds();
    r->offer = *a;
    r->offer.server = server;
    if (!changed) {
        bind_lease(r);
        return;
    }
    r->state = PROBING;
    r->probes = 0;
    timer_set(r->timer, (r->acked + random_below(r, PROBE_WAIT)) * 1000);
}

// RFC 5227, 2.4 (b): it is defended once, and given up if that does not help.
static void defend(struct running *r, const struct arp *a, int64_t now)
{
    if (r->defended && now < r->defended + DEFEND_INTERVAL) {
        decline(r, a->mac);
        return;
    }
    r->defended = now;
    announce(r, now, false);
}

static int received_arp(void *arg, struct err *e)
{
    struct running *r = arg;
    uint8_t packet[1500];
    struct arp a;
    size_t length = 0;
    bool uses = r->state == BOUND || r->state == RENEWING || r->state == REBINDING;
    int code = link_receive(&r->arp, packet, sizeof packet, NULL, &length, e);
    if (code || !arp_read(packet, length, &a))
        return code;
    if (r->state == PROBING && arp_conflicts(&a, r->offer.yours, r->link.mac))
        decline(r, a.mac);
    else if (uses && arp_claims(&a, r->offer.yours, r->link.mac))
        defend(r, &a, clock_milliseconds());
    return 0;
}

static void do_without(struct running *r, uint32_t seconds)
{
    if (seconds < DHCP_V6ONLY_LEAST)
        seconds = DHCP_V6ONLY_LEAST;
    r->state = WITHOUT;
    timer_set(r->timer, (clock_milliseconds() + (int64_t)seconds * 1000) * 1000);
    speak(&r->options->speaker, "ipv6-only: no IPv4 for %" PRIu32 " s", seconds);
}

static void offered(struct running *r, const struct dhcp *a)
{
    if (r->options->v6only && a->has_v6only) {
        do_without(r, a->v6only);
    } else if (a->yours && a->server) {
        r->offer = *a;
        r->state = REQUESTING;
        r->wait = FIRST_WAIT;
        retry(r, DHCP_REQUEST);
    }
}

static void heard(struct running *r, const struct dhcp *a)
{
    bool asked = r->state == REQUESTING || r->state == RENEWING || r->state == REBINDING;
    if (a->type == DHCP_OFFER && r->state == SELECTING)
        offered(r, a);
    else if (a->type == DHCP_ACK && asked && a->yours && a->lease)
        acknowledged(r, a);
    else if (a->type == DHCP_NAK && asked) {
        unbind(r);
        select_again(r);
    }
}

static int received(void *arg, struct err *e)
{
    struct running *r = arg;
    uint8_t packet[1500], mac[6];
    struct dhcp m;
    uint32_t source;
    size_t length = 0;
    int code = link_receive(&r->link, packet, sizeof packet, mac, &length, e);
    if (code || !dhcp_packet_read(packet, length, DHCP_CLIENT_PORT, &m, &source) || !m.reply ||
        m.xid != r->xid || memcmp(m.mac, r->link.mac, sizeof m.mac) != 0)
        return code;
    if (m.type == DHCP_ACK)
        memcpy(r->server_mac, mac, sizeof mac);
    heard(r, &m);
    return 0;
}

// RFC 2131, 4.4.5: half of what remains, but not sooner than a minute.
static void renew(struct running *r, int64_t now)
{
    r->state = now < r->rebind ? RENEWING : REBINDING;
    send_message(r, DHCP_REQUEST);
    int64_t until = r->state == RENEWING ? r->rebind : r->end, wait = (until - now) / 2;
    timer_set(r->timer, (wait < RENEW_WAIT ? until : now + wait) * 1000);
}

static int timed(void *arg, struct err *e)
{
    struct running *r = arg;
    int64_t now = clock_milliseconds();
    (void)e;
    timer_clear(r->timer);
    if (r->state == SELECTING) {
        retry(r, DHCP_DISCOVER);
    } else if (r->state == REQUESTING && r->wait < LAST_WAIT) {
        retry(r, DHCP_REQUEST);
    } else if (r->state == PROBING) {
        probe(r, now);
    } else if ((r->state == BOUND || r->state == RENEWING || r->state == REBINDING) &&
               now < r->end) {
        renew(r, now);
    } else {
        if (r->state != WITHOUT && r->state != REQUESTING) {
            unbind(r);
            speak(&r->options->speaker, "expired");
        }
        select_again(r);
    }
    return 0;
}

// RFC 8925, 3.2: who comes to a network asks, however long the one before told it not to.
static void tick(void *arg)
{
    struct running *r = arg;
    bool line = device_running(r->options->device);
    int64_t now = clock_milliseconds();
    if (r->state == BOUND && r->announce && now >= r->announce)
        announce(r, now, false);
    if (line && !r->line && r->state == WITHOUT)
        select_again(r);
    r->line = line;
}

static void end(struct running *r)
{
    if (r->state == PROBING || r->state == BOUND || r->state == RENEWING || r->state == REBINDING) {
        send_message(r, DHCP_RELEASE);
        unbind(r);
    }
    link_close(&r->link);
    link_close(&r->arp);
    if (r->timer >= 0)
        close(r->timer);
}

int dhcp_client_run(const struct dhcp_client_options *o, struct err *e)
{
    struct running r = {
        .options = o, .link.fd = -1, .arp.fd = -1, .timer = -1, .chance = random_seed()};
    int code = link_open(o->device, ETH_P_IP, &r.link, e);
    if (!code)
        code = link_open(o->device, ETH_P_ARP, &r.arp, e);
    if (!code)
        code = timer_open(&r.timer, e);
    if (!code) {
        const struct loop loop = {.watches = {{r.link.fd, received, &r},
                                              {r.arp.fd, received_arp, &r},
                                              {r.timer, timed, &r}},
                                  .count = 3,
                                  .tick = tick,
                                  .arg = &r};
        r.line = device_running(o->device);
        speak(&o->speaker, "ready: %s", o->device);
        select_again(&r);
        code = loop_run(&loop, e);
    }
    end(&r);
    return code;
}
