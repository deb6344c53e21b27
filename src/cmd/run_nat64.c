// SPDX-License-Identifier: Apache-2.0
//
// sextant run nat64: a stateful translator.

#include "cmd/run.h"

#include "daemon/options.h"

static const char *const usage[] = {"run nat64 --prefix PREFIX --pool ADDRESSES [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"prefix", 0, "PREFIX",
     "The Pref64 in which the IPv4 Internet stands: one of your own of 32, 40, 48, 56, 64 or 96 "
     "bits, or 64:ff9b::/96, through which no private or documentation address is reached (RFC "
     "6052, 3.1).",
     NULL},
    {"pool", 0, "ADDRESSES",
     "IPv4 addresses that it speaks from: 192.0.2.1, 192.0.2.0/28 or 192.0.2.1-192.0.2.9.", NULL},
    {"own", 0, "ADDRESS", "Its IPv6 address, from which it says what did not pass.", NULL},
    {"sessions", 0, "N", "Sessions at most; 131072 by default.", NULL},
    {"bindings", 0, "N", "Bindings at most; 65536 by default.", NULL},
    RUN_OPTIONS_HOSTS,
    {"filter", 0, NULL,
     "Only addresses that a host has written to may answer it (address-dependent filtering).",
     NULL},
    {"outbound-only", 0, NULL, "No TCP connection begins from the IPv4 side.", NULL},
    RUN_OPTIONS_TRANSLATION,
    {"log", 0, NULL, "Say each binding when it begins and ends.", NULL},
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct example examples[] = {
    {"sextant run nat64 --prefix 2001:db8:64::/96 --pool 192.0.2.1",
     "Lets IPv6-only hosts reach IPv4 servers as 2001:db8:64::198.51.100.2."},
    {NULL}};

static int read_limits(const struct invocation *inv, struct napt_config *c, struct err *e)
{
    uint64_t sessions = 0, bindings = 0;
    int code = invocation_number(inv, "sessions", NAPT_BINDINGS_MAX, &sessions, e);
    if (!code)
        code = invocation_number(inv, "bindings", NAPT_BINDINGS_MAX, &bindings, e);
    if (!code)
        code = run_hosts(inv, c, e);
    c->sessions_max = (size_t)sessions;
    c->bindings_max = (size_t)bindings;
    c->address_dependent = invocation_flag(inv, "filter");
    c->outbound_only = invocation_flag(inv, "outbound-only");
    c->seed = random_seed();
    return code;
}

static int run_nat64(struct invocation *inv, struct err *e)
{
    struct run_device device;
    struct prefix prefix;
    struct nat64_config c = {.zero_checksum = true};
    int code = parse_translation_prefix("prefix", invocation_option(inv, "prefix"), &prefix, e);
    if (!code)
        code = parse_pool("pool", invocation_option(inv, "pool"), &c.napt.pool_first,
                          &c.napt.pool_last, e);
    if (!code)
        code = run_address(inv, "own", FAMILY_IPV6, &c.own6, e);
    if (!code)
        code = read_limits(inv, &c.napt, e);
    if (!code)
        code = run_translation(inv, &c.mtu6_least, &c.traffic_class_0, e);
    if (!code)
        code = run_device(inv, "nat64", &device, e);
    if (code)
        return code;
    c.prefix = prefix.address;
    c.prefix_length = prefix.length;
    c.mtu4 = c.mtu6 = device.options.mtu;
    c.log_bindings = invocation_flag(inv, "log");
    return nat64_run(&device.options, &c, e);
}

const struct command command_run_nat64 = {
    .name = "run nat64",
    .group = COMMAND_LAB,
    .summary = "A NAT64: IPv6-only hosts reach IPv4 servers",
    .usage = usage,
    .description =
        "A stateful translator (RFC 6146) on a TUN device of its own, until it is stopped. The "
        "prefix and the pool are routed to the device; the node must forward both families. A "
        "resolver with DNS64 gives the hosts addresses within the prefix.\n\n"
        "Mapping is endpoint-independent, a host keeps one address of the pool, later pieces of "
        "packets follow the first, hosts behind it reach each other through it. What may grow has "
        "a limit. It needs the right to make a device, and gives up every right once it is there. "
        "SIGUSR1 makes it say its counters.",
    .groups = OPTIONS_FILE,
    .options = options,
    .examples = examples,
    .makes_tun = true,
    .run = run_nat64,
};
