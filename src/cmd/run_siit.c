// SPDX-License-Identifier: Apache-2.0
//
// sextant run siit: a stateless translator, and the CLAT of 464XLAT.

#include "cmd/run.h"

#include "daemon/options.h"

#include <stdlib.h>

static const char *const usage[] = {"run siit --prefix PREFIX [--map IPV4=IPV6,...] [OPTIONS]",
                                    NULL};

static const struct option_spec options[] = {
    {"prefix", 0, "PREFIX",
     "The prefix in which every IPv4 address stands that no mapping names: of 32, 40, 48, 56, 64 "
     "or 96 bits; in 64:ff9b::/96 no private or documentation address (RFC 6052, 3.1). Without it "
     "only mapped addresses pass.",
     NULL},
    {"map", 0, "IPV4=IPV6,...",
     "Explicit mappings (RFC 7757): of addresses, or of prefixes with as many bits behind them.",
     NULL},
    {"uplink", 0, "DEVICE",
     "Answer neighbour discovery for the mapped IPv6 addresses on this device: those of a CLAT "
     "are of the link's own prefix. The node goes on with it when the program has ended.",
     NULL},
    {"own4", 0, "ADDRESS",
     "Its IPv4 address, from which it says what did not pass, and which stands for IPv6 routers "
     "that have none; 192.0.0.8 by default (RFC 7600).",
     NULL},
    {"routers4", 0, "POOL",
     "IPv4 addresses that stand for such routers in its place, each time another one, so that a "
     "traceroute shows no circle (RFC 6791): 192.0.2.32/29 or 192.0.2.32-192.0.2.39. Which router "
     "it was stands in the message (RFC 5837).",
     NULL},
    {"own6", 0, "ADDRESS", "Its IPv6 address, likewise.", NULL},
    RUN_OPTIONS_TRANSLATION,
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct example examples[] = {
    {"sextant run siit --prefix 2001:db8:64::/96 --map 192.0.2.1=2001:db8::1",
     "An IPv6-only server at 2001:db8::1 is 192.0.2.1 for the IPv4 Internet."},
    {"sextant run siit --device clat --prefix 64:ff9b::/96 --map 192.0.0.1=2001:db8:1::46 "
     "--address 192.0.0.1/29 --route 0.0.0.0/0 --uplink eth0 --mtu 1480",
     "A CLAT (RFC 6877): programs on this host that know only IPv4 reach the provider's NAT64."},
    {NULL}};

static int read_mapping(const struct invocation *inv, struct siit_pair *pairs, struct siit *ret,
                        struct err *e)
{
    struct prefix prefix = {0};
    int code = 0;
    if (invocation_option(inv, "prefix"))
        code = parse_translation_prefix("prefix", invocation_option(inv, "prefix"), &prefix, e);
    *ret = (struct siit){.prefix = prefix.address, .prefix_length = prefix.length, .pairs = pairs};
    if (!code)
        code = parse_pairs("map", invocation_option(inv, "map"), pairs, &ret->pair_count, e);
    if (!code && ret->prefix_length == 0 && ret->pair_count == 0)
        code = err_set(e, ERR_USAGE, "nothing to translate; wanted --prefix, --map or both");
    return code;
}

static int run_siit(struct invocation *inv, struct err *e)
{
    struct run_device device;
    struct siit s;
    struct translator t = {.zero_checksum = true};
    u128 own4 = 0;
    struct siit_pair *pairs = calloc(SIIT_PAIRS_MAX, sizeof *pairs);
    int code = pairs ? read_mapping(inv, pairs, &s, e) : err_memory(e);
    if (!code)
        code = run_address(inv, "own4", FAMILY_IPV4, &own4, e);
    if (!code && invocation_option(inv, "routers4"))
        code = parse_pool("routers4", invocation_option(inv, "routers4"), &t.routers4,
                          &t.routers4_last, e);
    if (!code)
        code = run_address(inv, "own6", FAMILY_IPV6, &t.own6, e);
    if (!code)
        code = run_translation(inv, &t.mtu6_least, &t.traffic_class_0, e);
    if (!code)
        code = run_device(inv, "siit", &device, e);
    if (!code) {
        device.options.uplink = invocation_option(inv, "uplink");
        t.own4 = (uint32_t)own4;
        code = siit_run(&device.options, &s, &t, e);
    }
    free(pairs);
    return code;
}

const struct command command_run_siit = {
    .name = "run siit",
    .group = COMMAND_LAB,
    .summary = "A stateless translator, or the CLAT of 464XLAT",
    .usage = usage,
    .description =
        "Translates packets between IPv4 and IPv6 (RFC 7915) without remembering anything, on a "
        "TUN device of its own, until it is stopped. Addresses are translated by explicit mappings "
        "(RFC 7757), else by the prefix (RFC 6052). The IPv6 side of the mappings is routed to the "
        "device; what else shall go there, --route says.\n\n"
        "It needs the right to make a device, and gives up every right once it is there. SIGUSR1 "
        "makes it say its counters.",
    .groups = OPTIONS_FILE,
    .options = options,
    .examples = examples,
    .makes_tun = true,
    .run = run_siit,
};
