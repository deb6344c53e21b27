// SPDX-License-Identifier: Apache-2.0

#include "daemon/translators.h"

#include "base/buffer.h"
#include "base/date.h"
#include "daemon/proxy.h"
#include "daemon/tun_reader.h"
#include "packet/merge.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#define PACKETS_A_TURN   512   // as many as wait in a TUN device; then signals and the clock
#define BUSY             8     // packets a turn that call for a rest
#define REST_NS          20000 // the system adds some 50,000
#define OWN4_DUMMY       UINT32_C(0xc0000008) // 192.0.0.8: RFC 7600, 4.8
#define MTU_USUAL        1500 // of a CLAT's link: its device has room for the header
#define PREFIXES_OF_POOL 62   // the most that a range of IPv4 addresses is cut into

struct running {
    const struct translator_options *options;
    int fd;
    int nest;        // of tun_nest
    struct raw *raw; // outer IPv4 packets that come, to an address of the node; NULL: none
    struct merge *merge;
    struct tun_reader *reader;
    struct nat64 *nat64;       // stateful; or
    struct softwire *softwire; // of this kind, or
    enum softwire_kind kind;
    enum family outer;
    struct siit_way siit; // stateless
    uint64_t counts[TRANSLATED_COUNT], lost;
};

static void say(const struct running *r, struct buffer *line)
{
    if (r->options->say && !line->failed)
        r->options->say(r->options->say_arg, line->at);
    buffer_done(line);
}

static void to_device(void *arg, struct packet *p)
{
    struct running *r = arg;
    merge_packet(r->merge, p);
}

static void merged(void *arg, struct packet *p, size_t count)
{
    struct running *r = arg;
    if (!tun_write(r->fd, p))
        r->lost += count;
}

static void one_packet(struct running *r, struct packet *p, int64_t now)
{
    if (r->nat64)
        nat64_packet(r->nat64, p, now);
    else if (r->softwire)
        softwire_packet(r->softwire, p, now);
    else {
        r->siit.translator.now = now;
        r->counts[siit_packet(&r->siit, p)]++;
    }
}

// Under load a wait lets packets gather, which saves whoever brings them from waking this process
// for each.
static void rest(void)
{
    const struct timespec pause = {.tv_nsec = REST_NS};
    nanosleep(&pause, NULL);
}

static int all_packets(struct running *r, bool raw, struct err *e)
{
    int64_t now = clock_milliseconds();
    bool more = true;
    int code = 0;
    size_t done = 0;
    while (!code && more && done < PACKETS_A_TURN) {
        struct packet *packets;
        size_t count = 0;
        code = raw ? raw_row(r->raw, &packets, &count, &more, e)
                   : tun_reader_row(r->reader, &packets, &count, &more, e);
        for (size_t i = 0; i < count; i++)
            one_packet(r, &packets[i], now);
        done += count;
    }
    merge_flush(r->merge);
    if (done >= BUSY && done < PACKETS_A_TURN)
        rest();
    return code;
}

static int readable(void *arg, struct err *e)
{
    return all_packets(arg, false, e);
}

static int raw_readable(void *arg, struct err *e)
{
    return all_packets(arg, true, e);
}

static void tick(void *arg)
{
    struct running *r = arg;
    if (r->nat64)
        nat64_tick(r->nat64, clock_milliseconds());
    if (r->softwire)
        softwire_tick(r->softwire, clock_milliseconds());
}

static void add_softwire(const struct running *r, struct buffer *line)
{
    struct softwire_counts c = softwire_counts(r->softwire);
    buffer_format(line,
                  " in %" PRIu64 ", out %" PRIu64 ", too big %" PRIu64 ", malformed %" PRIu64
                  ", forged %" PRIu64 ", elsewhere %" PRIu64 ",",
                  c.in, c.out, c.too_big, c.malformed, c.forged, c.elsewhere);
    for (unsigned i = 1; i < NAPT_VERDICT_COUNT; i++)
        if (c.refused[i])
            buffer_format(line, " %s %" PRIu64 ",", napt_verdict_name((enum napt_verdict)i),
                          c.refused[i]);
}

static void add_translated(const struct running *r, struct buffer *line)
{
    struct nat64_counts all = {0};
    if (r->nat64)
        all = nat64_counts(r->nat64);
    for (unsigned i = 0; i < TRANSLATED_COUNT; i++)
        buffer_format(line, " %s %" PRIu64 ",", translated_name((enum translated)i),
                      r->nat64 ? all.translated[i] : r->counts[i]);
    if (r->nat64)
        buffer_format(line, " bindings %zu, sessions %zu, hosts %zu,", all.napt.bindings,
                      all.napt.sessions, all.napt.hosts);
}

static void say_counts(void *arg)
{
    struct running *r = arg;
    struct buffer line = {0};
    buffer_text(&line, "packets:");
    if (r->softwire)
        add_softwire(r, &line);
    else
        add_translated(r, &line);
    buffer_format(&line, " not taken by the device %" PRIu64, r->lost);
    say(r, &line);
}

static bool takes_bursts(const struct running *r)
{
    return !r->softwire || softwire_takes_bursts(r->kind);
}

// The numbers of IPv4 headers are this node's, but for those of packets that IPv6 carries.
static int set_up_merge(struct running *r, struct err *e)
{
    const uint8_t inner = r->outer == FAMILY_IPV6 ? PROTOCOL_IPV4 : PROTOCOL_IPV6;
    if (r->softwire)
        r->nest = tun_nest(r->options->device, r->outer);
    const struct merge_config c = {.udp = tun_cuts_udp(r->fd, takes_bursts(r)),
                                   .inside = r->nest >= 0 ? inner : 0,
                                   .number = !r->softwire || r->outer == FAMILY_IPV4,
                                   .send = merged,
                                   .arg = r};
    return merge_new(&c, &r->merge, e);
}

static int set_up(struct running *r, const struct prefix *own, size_t own_count, struct err *e)
{
    const struct translator_options *o = r->options;
    int code = tun_open(o->device, o->mtu, takes_bursts(r), &r->fd, e);
    if (!code)
        code = set_up_merge(r, e);
    if (!code)
        code = tun_reader_new(r->fd, &r->reader, e);
    for (size_t i = 0; !code && i < o->address_count; i++)
        code = device_address(o->device, o->addresses + i, e);
    for (size_t i = 0; !code && i < own_count; i++)
        code = device_route(o->device, own + i, e);
    for (size_t i = 0; !code && i < o->route_count; i++)
        code = device_route(o->device, o->routes + i, e);
    return code;
}

static int serve(struct running *r, struct err *e)
{
    struct loop loop = {
        .watches = {{r->fd, readable, r}}, .count = 1, .tick = tick, .usr1 = say_counts, .arg = r};
    struct buffer line = {0};
    int code = privileges_drop(e);
    if (code)
        return code;
    if (r->raw)
        loop.watches[loop.count++] = (struct watch){raw_fd(r->raw), raw_readable, r};
    buffer_format(&line, "ready: %s", r->options->device);
    say(r, &line);
    code = loop_run(&loop, e);
    say_counts(r);
    return code;
}

static void end(struct running *r)
{
    if (r->fd >= 0)
        close(r->fd);
    if (r->nest >= 0)
        close(r->nest);
    raw_close(&r->raw);
    merge_free(&r->merge);
    tun_reader_free(&r->reader);
}

// RFC 6888, 4: who had which address and port when; never whom they talked to. The clock of a
// binding only runs on, so the time is that of the machine.
static void add_time(struct buffer *line)
{
    char text[INSTANT_TEXT_MAX];
    buffer_format(line, " at %s", instant_format(time(NULL), text));
}

static void log_event(void *arg, const struct napt_event *event)
{
    const struct running *r = arg;
    char inside[ADDRESS_TEXT_MAX], outside[ADDRESS_TEXT_MAX];
    struct buffer line = {0};
    const struct napt_inside *i = &event->inside;
    buffer_format(&line, "%s %s %s %u %s %u", event->begins ? "binding" : "unbinding",
                  i->protocol == PROTOCOL_TCP   ? "tcp"
                  : i->protocol == PROTOCOL_UDP ? "udp"
                                                : "icmp",
                  address_format(i->address >> 32 ? FAMILY_IPV6 : FAMILY_IPV4, i->address, inside),
                  i->port, address_format(FAMILY_IPV4, event->outside.address, outside),
                  event->outside.port);
    if (i->realm)
        buffer_format(&line, " of %s", address_format(FAMILY_IPV6, i->realm, inside));
    add_time(&line);
    say(r, &line);
}

// The pool as prefixes to route.
static size_t pool_routes(const struct napt_config *c, struct prefix *ret, size_t most)
{
    struct range rest = {FAMILY_IPV4, c->pool_first, c->pool_last};
    struct block block;
    size_t count = 0;
    while (count < most && range_next_block(&rest, &block))
        ret[count++] =
            (struct prefix){FAMILY_IPV4, block.start, 32u - (unsigned)__builtin_ctzll(block.value)};
    return count;
}

int nat64_run(const struct translator_options *o, struct nat64_config *c, struct err *e)
{
    struct running r = {.options = o, .fd = -1, .nest = -1};
    struct prefix own[1 + PREFIXES_OF_POOL];
    c->send = to_device;
    c->arg = &r;
    c->napt.log_arg = &r;
    if (o->say && c->log_bindings)
        c->napt.log = log_event;
    own[0] = (struct prefix){FAMILY_IPV6, c->prefix, c->prefix_length};
    size_t count = 1 + pool_routes(&c->napt, own + 1, PREFIXES_OF_POOL);
    int code = nat64_new(c, &r.nat64, e);
    if (!code)
        code = set_up(&r, own, count, e);
    if (!code)
        code = serve(&r, e);
    end(&r);
    nat64_free(&r.nat64);
    return code;
}

// The IPv6 side of each pair is behind the device; so is neighbour discovery for single addresses.
static int announce_pairs(const struct running *r, struct err *e)
{
    const struct translator_options *o = r->options;
    int code = 0;
    for (size_t i = 0; !code && i < r->siit.siit->pair_count; i++) {
        const struct siit_pair *pair = r->siit.siit->pairs + i;
        struct prefix six = {FAMILY_IPV6, pair->prefix6, pair->length6};
        code = device_route(o->device, &six, e);
        if (!code && o->uplink && pair->length6 == 128)
            code = neighbour_proxy(o->uplink, pair->prefix6, e);
    }
    return code;
}

int siit_run(const struct translator_options *o, const struct siit *s, const struct translator *t,
             struct err *e)
{
    struct running r = {.options = o, .fd = -1, .nest = -1};
    r.siit = (struct siit_way){.siit = s, .translator = *t, .send = to_device, .arg = &r};
    r.siit.translator.own4 = t->own4 ? t->own4 : OWN4_DUMMY;
    r.siit.translator.tells_routers = true;
    r.siit.translator.chance = random_seed();
    r.siit.translator.mtu4 = r.siit.translator.mtu6 = o->mtu > MTU_USUAL ? o->mtu : MTU_USUAL;
    siit_begin(&r.siit);
    int code = siit_check(s, e);
    if (!code)
        code = set_up(&r, NULL, 0, e);
    if (!code)
        code = announce_pairs(&r, e);
    if (!code)
        code = serve(&r, e);
    end(&r);
    return code;
}

int softwire_run(const struct translator_options *o, struct softwire_config *c, struct err *e)
{
    struct running r = {.options = o, .fd = -1, .nest = -1, .kind = c->kind};
    struct prefix own[1 + PREFIXES_OF_POOL];
    size_t count = 1;
    c->send = to_device;
    c->arg = &r;
    c->napt.log_arg = &r;
    if (o->say && c->log_bindings)
        c->napt.log = log_event;
    own[0].address = softwire_end(c, &r.outer);
    bool four = r.outer == FAMILY_IPV4;
    own[0].family = r.outer;
    own[0].length = four ? 32 : 128;
    if (c->kind == SOFTWIRE_MAP_T_BR)
        own[0] = (struct prefix){FAMILY_IPV6, c->peer6, c->dmr_length};
    if (c->kind == SOFTWIRE_AFTR)
        count += pool_routes(&c->napt, own + 1, PREFIXES_OF_POOL);
    int code = softwire_new(c, &r.softwire, e);
    if (!code)
        code = set_up(&r, own + four, count - four, e);
    if (!code && four)
        code = device_borrow4(o->device, c->own4, e);
    if (!code && four)
        code = raw_open(PROTOCOL_IPV6, &r.raw, e);
    if (!code && o->uplink && !four)
        code = neighbour_proxy(o->uplink, own[0].address, e);
    if (!code)
        code = serve(&r, e);
    end(&r);
    softwire_free(&r.softwire);
    return code;
}
