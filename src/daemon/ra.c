// SPDX-License-Identifier: Apache-2.0
//
// When advertisements are sent: the times of RFC 4861 6.2.4 and 6.2.6, 10.

#include "daemon/ra.h"

#include "base/splitmix.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INITIAL_COUNT    3     // MAX_INITIAL_RTR_ADVERTISEMENTS
#define INITIAL_INTERVAL 16000 // MAX_INITIAL_RTR_ADVERT_INTERVAL, milliseconds
#define ANSWER_DELAY     500   // MAX_RA_DELAY_TIME
#define BETWEEN          3000  // MIN_DELAY_BETWEEN_RAS
#define ADDRESS_WAIT     100   // until there is a link-local address
#define FLOOD_INTERVAL   20
#define WAITING_MAX      16 // who is answered alone; more are answered together
#define PACKET_ROOM      1500
#define ROUTERS_MAX      16 // of whom is told in what they contradict this one

struct waiting {
    int64_t due;
    u128 address;
    uint8_t mac[6];
};

struct contrary {
    u128 router;
    unsigned told; // differences
};

struct ra_sender {
    struct ra_options options;
    struct ra_options last; // the same with nothing to offer
    bool heard_of;          // the first was spoken of
    struct link link;
    int timer, member;
    uint64_t chance;
    int64_t next, previous; // of those to all
    unsigned sent;
    struct waiting waiting[WAITING_MAX];
    size_t waiting_count;
    struct contrary contraries[ROUTERS_MAX];
    size_t contrary_count;
};

static int64_t below(struct ra_sender *r, int64_t limit)
{
    return (int64_t)(splitmix64(&r->chance) % (uint64_t)limit);
}

static bool send_one(struct ra_sender *r, const struct ra_options *o, u128 to, const uint8_t mac[6])
{
    uint8_t packet[PACKET_ROOM];
    u128 source = o->source;
    if (source == 0 && !link_local_address(o->device, &source))
        return false;
    size_t length = ra_packet(o, source, to, splitmix64(&r->chance), packet, sizeof packet);
    return link_send(&r->link, mac, packet, length);
}

static bool send_to_all(struct ra_sender *r, const struct ra_options *o)
{
    static const uint8_t all[6] = {0x33, 0x33, 0, 0, 0, 1};
    return send_one(r, o, IPV6_ALL_NODES, all);
}

static int64_t interval(struct ra_sender *r)
{
    int64_t most = (int64_t)r->options.interval * 1000;
    if (r->options.fault == RA_FLOOD)
        return FLOOD_INTERVAL;
    int64_t least = most / 3;
    if (least < BETWEEN && most > BETWEEN) // 6.2.1: below that, it is for teaching
        least = BETWEEN;
    int64_t wait = least + below(r, most - least + 1);
    return r->sent < INITIAL_COUNT && wait > INITIAL_INTERVAL ? INITIAL_INTERVAL : wait;
}

static void advertise(struct ra_sender *r, int64_t now)
{
    if (!send_to_all(r, &r->options)) {
        r->next = now + ADDRESS_WAIT;
        return;
    }
    if (!r->heard_of)
        speak(&r->options.speaker, "advertised on %s", r->options.device);
    r->heard_of = true;
    r->sent += r->sent < INITIAL_COUNT;
    r->previous = now;
    r->next = now + interval(r);
}

static void answer_waiting(struct ra_sender *r, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->waiting_count; i++) {
        const struct waiting *w = r->waiting + i;
        if (w->due > now)
            r->waiting[kept++] = *w;
        else
            (void)send_one(r, &r->options, w->address, w->mac);
    }
    r->waiting_count = kept;
}

static void arm(struct ra_sender *r)
{
    int64_t due = r->next;
    for (size_t i = 0; i < r->waiting_count; i++)
        due = r->waiting[i].due < due ? r->waiting[i].due : due;
    timer_set(r->timer, due * 1000);
}

static int timed(void *arg, struct err *e)
{
    struct ra_sender *r = arg;
    int64_t now = clock_milliseconds();
    (void)e;
    timer_clear(r->timer);
    answer_waiting(r, now);
    if (r->next <= now)
        advertise(r, now);
    arm(r);
    return 0;
}

// RFC 4861, 6.2.6: who has an address is answered alone; else all are, not too often.
static void solicited(struct ra_sender *r, u128 source, const uint8_t mac[6])
{
    int64_t now = clock_milliseconds(), delay = below(r, ANSWER_DELAY), due = now + delay;
    if (source != 0 && r->waiting_count < WAITING_MAX) {
        struct waiting *w = r->waiting + r->waiting_count++;
        *w = (struct waiting){.due = due, .address = source};
        memcpy(w->mac, mac, sizeof w->mac);
    } else {
        if (r->previous && now < r->previous + BETWEEN)
            due = r->previous + BETWEEN + delay; // 6.2.6: others answer, too
        r->next = due < r->next ? due : r->next;
    }
    arm(r);
}

static struct contrary *contrary_of(struct ra_sender *r, u128 router)
{
    for (size_t i = 0; i < r->contrary_count; i++)
        if (r->contraries[i].router == router)
            return r->contraries + i;
    if (r->contrary_count == ROUTERS_MAX)
        return NULL;
    r->contraries[r->contrary_count] = (struct contrary){router, 0};
    return r->contraries + r->contrary_count++;
}

// RFC 4861, 6.2.7: what another router says otherwise is told, once.
static void compare(struct ra_sender *r, const struct advert *other, u128 router)
{
    char text[ADDRESS_TEXT_MAX];
    unsigned differ = advert_differences(&r->options.advert, other);
    struct contrary *known = differ ? contrary_of(r, router) : NULL;
    for (unsigned i = 0; known && i < ADVERT_DIFFERENCES; i++)
        if (differ & ~known->told & 1u << i)
            speak(&r->options.speaker, "%s says otherwise: %s",
                  address_format(FAMILY_IPV6, router, text), advert_difference_name(i));
    if (known)
        known->told |= differ;
}

static int received(void *arg, struct err *e)
{
    struct ra_sender *r = arg;
    uint8_t packet[PACKET_ROOM], mac[6];
    struct advert other;
    size_t length = 0;
    u128 source;
    int code = link_receive(&r->link, packet, sizeof packet, mac, &length, e);
    if (code || length == 0)
        return code;
    if (solicit_read(packet, length, &source))
        solicited(r, source, mac);
    else if (advert_read(packet, length, &other, &source))
        compare(r, &other, source);
    return 0;
}

// Only ICMPv6 of types 133 and 134 directly behind the header comes up here.
static int only_of_routers(int fd, struct err *e)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL_ICMPV6, 0, 4),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IPV6_HEADER),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NDP_SOLICIT, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NDP_ADVERT, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, PACKET_ROOM),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog filter = {sizeof code / sizeof *code, code};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
        return err_system(e, "cannot wait for solicitations");
    return 0;
}

// A switch sends on what is for all routers only to who has asked for it.
static int join_routers(struct ra_sender *r, struct err *e)
{
    struct ipv6_mreq group = {.ipv6mr_interface = (unsigned)r->link.index};
    store128(group.ipv6mr_multiaddr.s6_addr, IPV6_ALL_ROUTERS);
    r->member = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (r->member < 0 ||
        setsockopt(r->member, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group, sizeof group) < 0)
        return err_system(e, "cannot join all routers on %s", r->options.device);
    return 0;
}

static int check(const struct ra_options *o, struct err *e)
{
    uint8_t packet[IPV6_MTU_LEAST];
    if (ra_packet(o, 0, 0, 0, packet, sizeof packet) == 0)
        return err_set(e, ERR_USAGE, "that does not fit into an advertisement of %d bytes",
                       IPV6_MTU_LEAST);
    return 0;
}

static void set_advert(struct ra_sender *r, const struct advert *a)
{
    r->options.advert = *a;
    r->options.advert.has_mac = true;
    memcpy(r->options.advert.mac, r->link.mac, sizeof r->link.mac);
    r->last = r->options;
    r->last.advert.lifetime = 0;
    r->last.advert.route_lifetime = 0;
}

static int set_up(struct ra_sender *r, struct err *e)
{
    int code = link_open(r->options.device, ETH_P_IPV6, &r->link, e);
    if (code)
        return code;
    const struct advert given = r->options.advert;
    set_advert(r, &given);
    code = check(&r->options, e);
    if (!code)
        code = only_of_routers(r->link.fd, e);
    if (!code)
        code = join_routers(r, e);
    return code ? code : timer_open(&r->timer, e);
}

int ra_sender_new(const struct ra_options *o, struct ra_sender **ret, struct err *e)
{
    struct ra_sender *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    *r = (struct ra_sender){
        .options = *o, .link.fd = -1, .timer = -1, .member = -1, .chance = random_seed()};
    int code = set_up(r, e);
    if (code)
        ra_sender_free(&r);
    else
        *ret = r;
    return code;
}

void ra_sender_free(struct ra_sender **r)
{
    if (!*r)
        return;
    link_close(&(*r)->link);
    if ((*r)->timer >= 0)
        close((*r)->timer);
    if ((*r)->member >= 0)
        close((*r)->member);
    free(*r);
    *r = NULL;
}

void ra_sender_watch(struct ra_sender *r, struct loop *l)
{
    l->watches[l->count++] = (struct watch){r->link.fd, received, r};
    l->watches[l->count++] = (struct watch){r->timer, timed, r};
}

static void send_from(struct ra_sender *r, int64_t due)
{
    struct err ignored;
    r->next = due;
    (void)timed(r, &ignored);
}

void ra_sender_begin(struct ra_sender *r)
{
    send_from(r, clock_milliseconds());
}

void ra_sender_set(struct ra_sender *r, const struct advert *a)
{
    set_advert(r, a);
}

// RFC 4861, 6.2.4: what has changed is said as often as what is new, and as soon as it may be.
void ra_sender_change(struct ra_sender *r, const struct advert *a)
{
    int64_t now = clock_milliseconds(), earliest = r->previous ? r->previous + BETWEEN : now;
    set_advert(r, a);
    r->sent = 0;
    send_from(r, earliest > now ? earliest : now);
}

void ra_sender_end(struct ra_sender *r)
{
    if (r->heard_of && !r->options.say_nothing_at_end)
        (void)send_to_all(r, &r->last);
}

static int serve(struct ra_sender *r, struct err *e)
{
    struct loop loop = {.arg = r};
    int code = privileges_drop(e);
    if (code)
        return code;
    ra_sender_watch(r, &loop);
    speak(&r->options.speaker, "ready: %s", r->options.device);
    ra_sender_begin(r);
    code = loop_run(&loop, e);
    if (!code)
        ra_sender_end(r);
    return code;
}

int ra_run(const struct ra_options *o, struct err *e)
{
    struct ra_sender *r = NULL;
    int code = ra_sender_new(o, &r, e);
    if (!code)
        code = serve(r, e);
    ra_sender_free(&r);
    return code;
}
