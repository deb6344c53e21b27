// SPDX-License-Identifier: Apache-2.0
//
// sextant run dhcp4, dhcp4-client: addresses of IPv4 for those who need them.

#include "cmd/run.h"

#include "daemon/dhcp.h"

#define LEASE_DEFAULT 3600
#define V6ONLY_MAX    2592000

static const char *const usage_server[] = {
    "run dhcp4 --device NAME --own ADDRESS/LENGTH --pool ADDRESSES [OPTIONS]", NULL};
static const char *const usage_client[] = {"run dhcp4-client --device NAME [--ipv6-only]", NULL};

static const struct option_spec options_server[] = {
    {"device", 0, "NAME", "The interface.", NULL},
    {"own", 0, "ADDRESS/LENGTH", "Its IPv4 address there, with the length of the subnet.", NULL},
    {"pool", 0, "ADDRESSES", "What it lends: 192.0.2.10-192.0.2.99; at most 1024 addresses.", NULL},
    {"router", 0, "ADDRESS", "The default router; its own address by default.", NULL},
    {"dns", 0, "ADDRESS,...", "Resolvers, at most four.", NULL},
    {"lease", 0, "SECONDS", "How long it lends, 10 to 2592000; 3600 by default.", NULL},
    {"ipv6-mostly", 0, "SECONDS",
     "Tell hosts that can do without IPv4 to do so for that long (option 108). Less than 300 "
     "counts "
     "as 300; 0: no time is said, which counts as 300, too.",
     NULL},
    {NULL}};

static const struct option_spec options_client[] = {
    {"device", 0, "NAME", "The interface.", NULL},
    {"ipv6-only", 0, NULL, "This host can do without IPv4: it asks whether it shall.", NULL},
    {NULL}};

static const struct example examples_server[] = {
    {"sextant run dhcp4 --device lan0 --own 192.0.2.1/24 --pool 192.0.2.10-192.0.2.99 "
     "--ipv6-mostly 1800",
     "An IPv6-mostly network: IPv4 for those who cannot do without."},
    {NULL}};
static const struct example examples_client[] = {
    {"sextant run dhcp4-client --device eth0 --ipv6-only",
     "A host with a CLAT: no IPv4 address where the network says so."},
    {NULL}};

static int read_addresses(const struct invocation *inv, struct dhcp_config *c, struct err *e)
{
    const char *own = invocation_option(inv, "own");
    struct prefix given[PREFIXES_MAX];
    u128 router = 0;
    size_t count = 0;
    if (!own || !prefix_parse(slice_of(own), given) || given->family != FAMILY_IPV4 ||
        given->length < 8 || given->length > 30)
        return err_set(e, ERR_USAGE, "--own: %s; wanted such as 192.0.2.1/24",
                       own ? own : "not given");
    c->own = (uint32_t)given->address;
    c->mask = UINT32_MAX << (32 - given->length);
    int code = run_address(inv, "router", FAMILY_IPV4, &router, e);
    c->router = router ? (uint32_t)router : c->own;
    if (!code)
        code = parse_pool("pool", invocation_option(inv, "pool"), &c->first, &c->last, e);
    if (!code)
        code = parse_prefixes("dns", invocation_option(inv, "dns"), given, &count, e);
    for (size_t i = 0; !code && i < count; i++)
        if (i == DHCP_RESOLVERS_MAX || given[i].family != FAMILY_IPV4 || given[i].length != 32)
            code = err_set(e, ERR_USAGE, "--dns: wanted IPv4 addresses, at most %d",
                           DHCP_RESOLVERS_MAX);
        else
            c->resolvers[c->resolver_count++] = (uint32_t)given[i].address;
    return code;
}

static int run_dhcp4(struct invocation *inv, struct err *e)
{
    struct dhcp_server_options o = {.device = invocation_option(inv, "device"),
                                    .speaker = run_speaker(inv)};
    uint64_t lease = LEASE_DEFAULT, wait = 0;
    if (!o.device)
        return err_set(e, ERR_USAGE, "where? --device names the interface");
    int code = read_addresses(inv, &o.config, e);
    if (!code)
        code = invocation_number(inv, "lease", V6ONLY_MAX, &lease, e);
    if (!code && lease < 10)
        code = err_set(e, ERR_USAGE, "--lease: at least 10");
    if (!code)
        code = invocation_number(inv, "ipv6-mostly", UINT32_MAX, &wait, e);
    o.config.lease = (uint32_t)lease;
    o.config.v6only = invocation_option(inv, "ipv6-mostly");
    o.config.v6only_wait = (uint32_t)wait;
    return code ? code : dhcp_server_run(&o, e);
}

static int run_client(struct invocation *inv, struct err *e)
{
    struct dhcp_client_options o = {.device = invocation_option(inv, "device"),
                                    .v6only = invocation_flag(inv, "ipv6-only"),
                                    .speaker = run_speaker(inv)};
    return o.device ? dhcp_client_run(&o, e)
                    : err_set(e, ERR_USAGE, "where? --device names the interface");
}

const struct command command_run_dhcp4 = {
    .name = "run dhcp4",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A DHCPv4 server for IPv6-mostly networks",
    .usage = usage_server,
    .description =
        "Lends IPv4 addresses on one interface until it is stopped (RFC 2131), and forgets them "
        "then. With --ipv6-mostly it tells hosts that ask for option 108 to do without (RFC 8925), "
        "and keeps no address for them. There are no relays. It gives up every right once its "
        "socket is open. SIGUSR1 makes it say how many leases there are.",
    .options = options_server,
    .examples = examples_server,
    .run = run_dhcp4,
};

const struct command command_run_dhcp4_client = {
    .name = "run dhcp4-client",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A DHCPv4 client that does without, if told to",
    .usage = usage_client,
    .description =
        "Borrows an IPv4 address for an interface until it is stopped (RFC 2131), with the default "
        "route, and then gives it back. Before that it asks by ARP, for four to seven seconds, "
        "whether "
        "the address is anybody's (RFC 5227), and declines one that is; one that it has it defends "
        "once. With --ipv6-only it asks for option 108 (RFC 8925); a "
        "network that has it leaves this host without IPv4 for as long as it says, at least 300 "
        "seconds, or until the line was down. Resolvers are left to IPv6.",
    .options = options_client,
    .examples = examples_client,
    .run = run_client,
};
