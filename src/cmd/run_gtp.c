// SPDX-License-Identifier: Apache-2.0
//
// sextant run ue, gnb, upf: the user plane of a mobile network.

#include "cmd/run.h"

#include "daemon/gtp.h"

#define LIFETIME         9000
#define INTERVAL_DEFAULT 600
#define MTU_DEFAULT      1400 // what is left of 1,500 behind IPv6, UDP and GTP-U, and some room

static const char *const usage_ue[] = {"run ue --radio INTERFACE [OPTIONS]", NULL};
static const char *const usage_gnb[] = {
    "run gnb --own ADDRESS --upf ADDRESS --session INTERFACE=OWN:OTHER[:QFI],...", NULL};
static const char *const usage_upf[] = {
    "run upf --own ADDRESS --gnb ADDRESS --session PREFIX=OWN:OTHER[:QFI],... [OPTIONS]", NULL};

static const struct option_spec options_ue[] = {
    {"radio", 0, "INTERFACE", "The radio link to the base station.", NULL},
    {"device", 0, "NAME", "The TUN device that is made; \"pdu0\" by default.", NULL},
    {"mtu", 0, "N", "Of the device, 1280 to 9000; 1500 by default. The gateway may say less.",
     NULL},
    {NULL}};

static const struct option_spec options_gnb[] = {
    {"own", 0, "ADDRESS", "Its address in the operator's network, IPv6 or IPv4.", NULL},
    {"upf", 0, "ADDRESS", "The gateway's.", NULL},
    {"session", 0, "LIST",
     "One telephone each: its radio interface, the tunnel endpoint (TEID) of what comes from the "
     "gateway, that of what goes there, and the QoS flow: radio0=1:101:9. Without a flow there is "
     "no container, as in LTE.",
     NULL},
    {NULL}};

static const struct option_spec options_upf[] = {
    {"own", 0, "ADDRESS", "Its address in the operator's network, IPv6 or IPv4.", NULL},
    {"gnb", 0, "ADDRESS", "The base station's.", NULL},
    {"session", 0, "LIST",
     "One telephone each: its prefix of 64 bits, the tunnel endpoint of what comes from the base "
     "station, that of what goes there, and the QoS flow: 2001:db8:100:1::/64=101:1:9.",
     NULL},
    {"device", 0, "NAME", "The TUN device that is made; \"upf0\" by default.", NULL},
    {"mtu", 0, "N", "Of the device and the telephones, 1280 to 9000; 1400 by default.", NULL},
    {"dns", 0, "ADDRESS,...", "Resolvers that the telephones are told (RFC 8106).", NULL},
    {"pref64", 0, "PREFIX", "The prefix of a NAT64 that they are told (RFC 8781).", NULL},
    {"interval", 0, "SECONDS", "Between advertisements that nobody asked for; 600 by default.",
     NULL},
    {NULL}};

static const struct example examples_ue[] = {
    {"sextant run ue --radio radio0",
     "The device pdu0 gets its addresses from the router advertisement inside the tunnel."},
    {NULL}};
static const struct example examples_gnb[] = {
    {"sextant run gnb --own 2001:db8:3::2 --upf 2001:db8:3::1 --session radio0=1:101:9",
     "One telephone, in QoS flow 9."},
    {NULL}};
static const struct example examples_upf[] = {
    {"sextant run upf --own 2001:db8:3::1 --gnb 2001:db8:3::2 "
     "--session 2001:db8:100:1::/64=101:1:9 --pref64 64:ff9b::/96",
     "The other end of it, IPv6-only with a NAT64."},
    {NULL}};

static int read_mtu(const struct invocation *inv, uint64_t usual, size_t *ret, struct err *e)
{
    uint64_t mtu = usual;
    int code = invocation_number(inv, "mtu", DEVICE_MTU_MAX, &mtu, e);
    if (!code && mtu < DEVICE_MTU_MIN)
        code = err_set(e, ERR_USAGE, "--mtu: at least %d (RFC 8200, 5)", DEVICE_MTU_MIN);
    *ret = (size_t)mtu;
    return code;
}

static int read_end(const struct invocation *inv, const char *option, struct prefix *ret,
                    struct err *e)
{
    const char *text = invocation_option(inv, option);
    if (!text || !prefix_parse(slice_of(text), ret) ||
        ret->length != (ret->family == FAMILY_IPV6 ? 128 : 32))
        return err_set(e, ERR_USAGE, "--%s: %s; wanted an address", option,
                       text ? text : "not given");
    return 0;
}

static int read_ends(const struct invocation *inv, const char *other, struct gtp_options *o,
                     struct err *e)
{
    int code = read_end(inv, "own", &o->own, e);
    if (!code)
        code = read_end(inv, other, &o->other, e);
    if (!code && o->own.family != o->other.family)
        code = err_set(e, ERR_USAGE, "--%s: of another family than --own", other);
    if (!code)
        code = parse_sessions("session", invocation_option(inv, "session"), other[0] == 'g',
                              o->sessions, &o->session_count, e);
    if (!code && o->session_count == 0)
        code = err_set(e, ERR_USAGE, "no --session");
    return code;
}

static int read_said(const struct invocation *inv, struct gtp_options *o, struct err *e)
{
    struct prefix given[PREFIXES_MAX];
    struct advert *a = &o->advert;
    int code = parse_prefixes("dns", invocation_option(inv, "dns"), given, &a->resolver_count, e);
    if (!code && a->resolver_count > ADVERT_LIST_MAX)
        code = err_set(e, ERR_USAGE, "--dns: more than %d", ADVERT_LIST_MAX);
    for (size_t i = 0; !code && i < a->resolver_count; i++) {
        a->resolvers[i] = given[i].address;
        if (given[i].family != FAMILY_IPV6 || given[i].length != 128)
            code = err_set(e, ERR_USAGE, "--dns: wanted IPv6 addresses");
    }
    if (!code && invocation_option(inv, "pref64")) {
        code = parse_translation_prefix("pref64", invocation_option(inv, "pref64"), given, e);
        a->pref64[0] = (struct advert_route){given[0].address, (uint8_t)given[0].length};
        a->pref64_count = 1;
    }
    return code;
}

static int run_ue(struct invocation *inv, struct err *e)
{
    const char *device = invocation_option(inv, "device");
    struct ue_options o = {.device = device ? device : "pdu0",
                           .radio = invocation_option(inv, "radio"),
                           .speaker = run_speaker(inv)};
    int code = read_mtu(inv, 1500, &o.mtu, e);
    if (!code && !o.radio)
        code = err_set(e, ERR_USAGE, "--radio: not given; wanted an interface");
    return code ? code : ue_run(&o, e);
}

static int run_gnb(struct invocation *inv, struct err *e)
{
    struct gtp_options o = {.speaker = run_speaker(inv)};
    int code = read_ends(inv, "upf", &o, e);
    return code ? code : gnb_run(&o, e);
}

static int run_upf(struct invocation *inv, struct err *e)
{
    const char *device = invocation_option(inv, "device");
    struct gtp_options o = {.device = device ? device : "upf0", .speaker = run_speaker(inv)};
    uint64_t interval = INTERVAL_DEFAULT;
    int code = read_ends(inv, "gnb", &o, e);
    if (!code)
        code = read_mtu(inv, MTU_DEFAULT, &o.mtu, e);
    if (!code)
        code = invocation_number(inv, "interval", LIFETIME / 3, &interval, e);
    if (!code)
        code = read_said(inv, &o, e);
    o.interval = interval ? (unsigned)interval : 1;
    o.advert.hop_limit = 64;
    o.advert.lifetime = LIFETIME;
    o.advert.mtu = (uint32_t)o.mtu;
    o.advert.resolver_lifetime = o.advert.pref64_lifetime = LIFETIME;
    return code ? code : upf_run(&o, e);
}

#define TOGETHER                                                                                   \
    "The three together are the user plane of a mobile network, IPv6-only: telephone (ue), base "  \
    "station (gnb), gateway (upf). Tunnels are given on the command line on both sides; there is " \
    "no control plane.\n\n"

#define PRIVILEGES                                                                                 \
    "It gives up every right once its devices are open. SIGUSR1 makes it say its counters."

const struct command command_run_ue = {
    .name = "run ue",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A telephone: an IPv6 device behind a radio link",
    .usage = usage_ue,
    .description = TOGETHER
    "Makes a device whose packets go to the base station, one in each frame of the radio link "
    "(ethertype 0x88b5). Its addresses are made by the kernel from what the gateway "
    "advertises. " PRIVILEGES,
    .options = options_ue,
    .examples = examples_ue,
    .makes_tun = true,
    .run = run_ue,
};

const struct command command_run_gnb = {
    .name = "run gnb",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A base station: from radio links into tunnels of GTP-U",
    .usage = usage_gnb,
    .description = TOGETHER
    "Puts what comes over radio links into tunnels to the gateway and back (3GPP TS 29.281), "
    "with the container that names the QoS flow (TS 38.415). Echoes are asked for and "
    "answered, unknown tunnels are told. " PRIVILEGES,
    .options = options_gnb,
    .examples = examples_gnb,
    .run = run_gnb,
};

const struct command command_run_upf = {
    .name = "run upf",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A mobile gateway: tunnels of GTP-U, and a /64 for each telephone",
    .usage = usage_upf,
    .description = TOGETHER
    "Takes packets out of the tunnels of one base station (3GPP TS 29.281) and puts those for "
    "its telephones into them. Each telephone has a prefix of its own, which it is told by a "
    "router advertisement inside the tunnel (RFC 6459), in its QoS flow like every other "
    "packet; it cannot send from another. The prefixes are routed to the device; the node must "
    "forward. " PRIVILEGES,
    .options = options_upf,
    .examples = examples_upf,
    .makes_tun = true,
    .run = run_upf,
};
