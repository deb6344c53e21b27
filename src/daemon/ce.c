// SPDX-License-Identifier: Apache-2.0

#include "daemon/ce.h"

#include "daemon/datagram.h"
#include "daemon/home.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK_WAIT   100  // until the line has an address of its own, milliseconds
#define RELEASE_FOR 3000 // it is not worth more at the end, milliseconds
#define PROBED_FOR  5000 // the kernel's duplicate address detection is over, milliseconds

// ---- the line

static bool send_message(const struct home *h, const uint8_t *at, size_t length)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons(DHCP6_SERVER_PORT),
                              .sin6_scope_id = (uint32_t)h->index};
    store128(to.sin6_addr.s6_addr, DHCP6_ALL_SERVERS);
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
    int code = changed ? home_apply(h, e) : 0;
    arm(h, now + 1);
    return code;
}

static int timed(void *arg, struct err *e)
{
    struct home *h = arg;
    timer_clear(h->timer);
    return step(h, e);
}

// Only what was sent to this node alone (RFC 8415, 16.11). An error that the line has sent back is
// no reason to end.
static bool hear(struct home *h, int64_t now)
{
    uint8_t packet[DHCP6_RECEIVED_MAX];
    u128 from, to;
    size_t length = datagram_receive(h->socket, packet, sizeof packet, &from, &to);
    return length > 0 && is_unicast(FAMILY_IPV6, to) &&
           dhcp6_client_receive(&h->client, now, packet, length);
}

static const char *state_of(const struct home *h)
{
    static const char *const names[] = {"soliciting", "requesting", "bound",     "renewing",
                                        "rebinding",  "confirming", "verifying", "informing",
                                        "declining",  "releasing",  "stopped"};
    return names[h->client.state];
}

static int received(void *arg, struct err *e)
{
    struct home *h = arg;
    bool before = h->client.reconfigured, changed = hear(h, clock_milliseconds());
    if (!before && h->client.reconfigured)
        speak(&h->options->speaker, "reconfigure: %s", state_of(h));
    int code = changed ? home_apply(h, e) : 0;
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
            home_tell(h, "declined", &u);
            (void)home_apply(h, &ignored);
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
    bool running = device_running(h->options->wan);
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
        changed |= home_drop_stale(h, lan, 0, now);
    home_advertise(h, changed);
}

static void spoken_to(void *arg)
{
    const struct home *h = arg;
    speak(&h->options->speaker, "state: %s, addresses: %zu, prefixes: %zu, informed: %zu",
          state_of(h), h->client.address_count, h->client.prefix_count, h->informed);
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
        !datagram_tell_destination(h->socket) ||
        bind(h->socket, (const struct sockaddr *)&own, sizeof own) < 0)
        return err_system(e, "cannot ask on %s", wan);
    return timer_open(&h->timer, e);
}

// Before anything is forwarded.
static int load_firewall(struct home *h, struct err *e)
{
    const struct ce_options *o = h->options;
    const char *inside[CE_LANS_MAX];
    const struct firewall f = {o->wan, inside, o->lan_count, o->open, o->open_count};
    for (size_t lan = 0; lan < o->lan_count; lan++)
        inside[lan] = o->lans[lan].device;
    int code = firewall_load(&f, e);
    h->firewall = code == 0;
    return code;
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
    code = h->options->firewall ? load_firewall(h, e) : 0;
    if (code)
        return code;
    dhcp6_client_begin(&h->client, &config, random_seed(), clock_milliseconds());
    code = open_line(h, e);
    if (!code)
        code = open_links(h, e);
    if (!code && !upstream_open(h->options->wan, &h->upstream))
        speak(&h->options->speaker, "advertisements on %s are not heard", h->options->wan);
    return code ? code : home_set_sources(h, e);
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
        bool heard = poll(&p, 1, wait > 0 ? (int)wait : 0) > 0;
        now = clock_milliseconds();
        if (heard)
            (void)hear(h, now);
    }
    speak(&h->options->speaker, "released%s",
          h->client.state == DHCP6_STOPPED ? "" : ", and nobody has said so");
}

// RFC 9096, WPD-9: a router that only starts anew gives nothing back, and its hosts keep what they
// have.
static void end(struct home *h, bool orderly)
{
    bool gives_back = orderly && h->options->release && h->client.server.length > 0;
    home_end_use(h);
    if (gives_back) { // RFC 8415, 18.2.7: first they are not used any more
        h->used_count = 0;
        home_advertise(h, true);
        home_remember(h);
        release(h);
    }
    close_links(h, orderly);
    home_clear_sources(h);
    upstream_close(&h->upstream);
    if (h->firewall)
        firewall_remove(h->options->wan);
    if (h->socket >= 0)
        close(h->socket);
    if (h->timer >= 0)
        close(h->timer);
}

// RFC 4193, 3.2.1; RFC 7084, ULA-2: once made, it is the same for good.
static void choose_ula(struct home *h)
{
    const u128 chance = random_seed() & UINT64_C(0xffffffffff);
    if (h->options->ula.length)
        h->remembered = h->options->ula;
    else if (h->options->make_ula && h->remembered.length == 0)
        h->remembered = (struct prefix){FAMILY_IPV6, (u128)0xfd << 120 | chance << 80, ULA_BITS};
    if (h->options->ula.length || h->options->make_ula)
        h->ula = (struct dhcp6_held){
            .lease = {.address = h->remembered.address, .length = (uint8_t)h->remembered.length},
            .preferred_end = DHCP6_NEVER,
            .valid_end = DHCP6_NEVER};
}

int ce_run(const struct ce_options *o, struct err *e)
{
    struct home h = {.options = o, .socket = -1, .timer = -1};
    struct loop loop = {.tick = ticked, .usr1 = spoken_to, .arg = &h};
    for (size_t lan = 0; lan < CE_LANS_MAX; lan++)
        h.at_home[lan] =
            (struct at_home){.home = &h, .lan = lan, .inform.socket = -1, .sources.link.fd = -1};
    loop_hold();
    int code = set_up(&h, e);
    if (!code) {
        home_recall(&h);
        h.running = device_running(o->wan);
        h.leads_out = leads_out(&h);
        loop.watches[loop.count++] = (struct watch){h.socket, received, &h};
        loop.watches[loop.count++] = (struct watch){h.timer, timed, &h};
        watch_links(&h, &loop);
        if (!forwards6())
            speak(&o->speaker, "no default router: net.ipv6.conf.all.forwarding is 0");
        speak(&o->speaker, "ready: %s", o->wan);
        choose_ula(&h);
        code = h.ula.lease.length ? home_use_ula(&h, e) : 0;
    }
    if (!code) {
        for (size_t lan = 0; lan < o->lan_count; lan++)
            ra_sender_begin(h.senders[lan]);
        arm(&h, 0);
        code = loop_run(&loop, e);
    }
    end(&h, code == 0);
    return code;
}
