// SPDX-License-Identifier: Apache-2.0
//
// sextant run 6in4, 6rd, b4, aftr, lwb4, lwaftr, map-e, map-t: softwires, one command a kind.

#include "cmd/run.h"

#include "daemon/options.h"

#include <stdlib.h>
#include <string.h>

#define OPTION_OWN4                                                                                \
    {                                                                                              \
        "own4", 0, "ADDRESS", "The IPv4 address of this end.", NULL                                \
    }
#define OPTION_OWN6                                                                                \
    {                                                                                              \
        "own6", 0, "ADDRESS", "The IPv6 address of this end.", NULL                                \
    }
#define OPTION_ICMP4                                                                               \
    {                                                                                              \
        "icmp4", 0, "ADDRESS",                                                                     \
            "From which it says that an IPv4 packet was too big; 192.0.0.8 by default (RFC "       \
            "7600).",                                                                              \
            NULL                                                                                   \
    }
#define OPTION_ICMP6                                                                               \
    {                                                                                              \
        "icmp6", 0, "ADDRESS", "From which it says that an IPv6 packet was too big.", NULL         \
    }
#define OPTION_UPLINK                                                                              \
    {                                                                                              \
        "uplink", 0, "DEVICE",                                                                     \
            "Answer neighbour discovery for the end's address on this device: it is of the "       \
            "link's own prefix. The node goes on with it when the program has ended.",             \
            NULL                                                                                   \
    }
#define OPTION_RULE                                                                                \
    {                                                                                              \
        "rule", 0, "RULE...",                                                                      \
            "An IPv6 prefix, an IPv4 prefix, the number of embedded bits and, where it is not 6, " \
            "the PSID offset, with commas; a PSID that does not stand in the prefix follows with " \
            "its length: 2001:db8:12:3400::/56,192.0.2.18/32,0,6,8,0x34. Several in one argument " \
            "with blanks between. The first is a CE's own.",                                       \
            NULL                                                                                   \
    }
#define OPTION_DELEGATED                                                                           \
    {                                                                                              \
        "prefix", 0, "PREFIX",                                                                     \
            "The prefix delegated to this customer edge; without it: a border "                    \
            "relay.",                                                                              \
            NULL                                                                                   \
    }

#define OPTION_HUB                                                                                 \
    {                                                                                              \
        "hub-and-spoke", 0, NULL,                                                                  \
            "No rule forwards: this customer edge sends to the others by way of the border relay " \
            "and takes nothing from them directly. Without it, all rules forward (mesh).",         \
            NULL                                                                                   \
    }

#define OPTION_FORWARD                                                                             \
    {                                                                                              \
        "forward", 0, "PORTS",                                                                     \
            "Ports of this customer that lead to hosts at home, such as "                          \
            "tcp/1232=192.168.1.10:80, with commas; of its own port set, which never has "         \
            "well-known ports unless the PSID offset is 0.",                                       \
            NULL                                                                                   \
    }

static const struct option_spec options_6in4[] = {
    OPTION_OWN4,
    {"peer4", 0, "ADDRESS", "The IPv4 address of the other end.", NULL},
    OPTION_ICMP6,
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct option_spec options_6rd[] = {
    OPTION_OWN4,
    {"br", 0, "ADDRESS", "The IPv4 address of the border relay; its own, on the relay.", NULL},
    {"prefix", 0, "PREFIX", "The domain's 6rd prefix.", NULL},
    {"mask4", 0, "N", "How many bits all IPv4 addresses of the domain have in common; 0.", NULL},
    OPTION_ICMP6,
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct option_spec options_b4[] = {
    OPTION_OWN6,        {"aftr", 0, "ADDRESS", "The IPv6 address of the AFTR.", NULL},
    OPTION_ICMP4,       OPTION_UPLINK,
    RUN_OPTIONS_DEVICE, {NULL}};

static const struct option_spec options_aftr[] = {
    OPTION_OWN6,
    {"pool", 0, "ADDRESSES", "IPv4 addresses that customers share.", NULL},
    {"inside", 0, "ADDRESSES",
     "IPv4 addresses that customers have besides private ones and 192.0.0.0/29, such as "
     "100.64.0.0/10; from others nothing passes (RFC 6333, 11).",
     NULL},
    RUN_OPTIONS_HOSTS,
    {"log", 0, NULL,
     "Say when a binding begins and ends: time, customer, address and port, and never whom it "
     "talked "
     "to (RFC 6888, 4).",
     NULL},
    OPTION_ICMP4,
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct option_spec options_lwb4[] = {
    OPTION_OWN6,
    {"aftr", 0, "ADDRESS", "The IPv6 address of the lwAFTR.", NULL},
    {"pool", 0, "ADDRESS", "The IPv4 address that is shared.", NULL},
    {"port-set", 0, "OFFSET,LENGTH,PSID", "This customer's ports: 6,8,0x34; all by default.", NULL},
    OPTION_FORWARD,
    OPTION_ICMP4,
    OPTION_UPLINK,
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct option_spec options_lwaftr[] = {
    OPTION_OWN6,
    {"bindings", 0, "FILE",
     "A line for each customer: IPv6 address, IPv4 address, port set (OFFSET,LENGTH,PSID).", NULL},
    {"no-hairpin", 0, NULL, "Drop what one customer sends to another.", NULL},
    OPTION_ICMP4,
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct option_spec options_map_e[] = {
    OPTION_RULE,
    OPTION_DELEGATED,
    {"br", 0, "ADDRESS", "The IPv6 address of the border relay.", NULL},
    OPTION_HUB,
    OPTION_FORWARD,
    OPTION_ICMP4,
    OPTION_UPLINK,
    RUN_OPTIONS_DEVICE,
    {NULL}};

static const struct option_spec options_map_t[] = {
    OPTION_RULE,
    OPTION_DELEGATED,
    {"dmr", 0, "PREFIX", "The default mapping rule: the prefix of the IPv4 Internet, /64 or /96.",
     NULL},
    OPTION_HUB,
    OPTION_FORWARD,
    OPTION_ICMP4,
    OPTION_ICMP6,
    OPTION_UPLINK,
    RUN_OPTIONS_DEVICE,
    {NULL}};

// ---- reading

struct softwire_run {
    struct run_device device;
    struct softwire_config config;
    struct map_rule rules[MAP_RULES_MAX];
    struct lw_binding *bindings;
    struct port_set ports;
    struct softwire_forward forwards[SOFTWIRE_FORWARDS_MAX];
};

static bool takes(const struct invocation *inv, const char *name)
{
    for (const struct option_spec *o = inv->command->options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return true;
    return false;
}

// An address that must be given, where the command takes the option.
static int needed(const struct invocation *inv, const char *name, enum family f, u128 *ret,
                  struct err *e)
{
    if (!takes(inv, name))
        return 0;
    if (!invocation_option(inv, name))
        return err_set(e, ERR_USAGE, "--%s is missing: an %s address", name,
                       f == FAMILY_IPV6 ? "IPv6" : "IPv4");
    return run_address(inv, name, f, ret, e);
}

static int read_ends(const struct invocation *inv, struct softwire_config *c, struct err *e)
{
    bool four = c->kind == SOFTWIRE_6IN4 || c->kind == SOFTWIRE_6RD;
    u128 own4 = 0, peer4 = 0, icmp4 = UINT32_C(0xc0000008);
    int code = needed(inv, "own4", FAMILY_IPV4, &own4, e);
    if (!code)
        code = needed(inv, "peer4", FAMILY_IPV4, &peer4, e);
    if (!code && four)
        code = needed(inv, "br", FAMILY_IPV4, &peer4, e);
    else if (!code)
        code = needed(inv, "br", FAMILY_IPV6, &c->peer6, e);
    if (!code)
        code = needed(inv, "own6", FAMILY_IPV6, &c->own6, e);
    if (!code)
        code = needed(inv, "aftr", FAMILY_IPV6, &c->peer6, e);
    if (!code && takes(inv, "icmp4"))
        code = run_address(inv, "icmp4", FAMILY_IPV4, &icmp4, e);
    if (!code && takes(inv, "icmp6"))
        code = run_address(inv, "icmp6", FAMILY_IPV6, &c->icmp6, e);
    c->own4 = (uint32_t)own4;
    c->peer4 = (uint32_t)peer4;
    c->icmp4 = (uint32_t)icmp4;
    return code;
}

static int read_sixrd(const struct invocation *inv, struct softwire_config *c, struct err *e)
{
    struct prefix prefix;
    uint64_t mask = 0;
    int code = parse_prefix6("prefix", invocation_option(inv, "prefix"), &prefix, e);
    if (!code)
        code = invocation_number(inv, "mask4", 32, &mask, e);
    if (!code)
        c->sixrd = (struct sixrd){prefix.address, prefix.length, (unsigned)mask};
    return code;
}

static int read_inside(const struct invocation *inv, struct range *ret, struct err *e)
{
    const char *text = invocation_option(inv, "inside");
    uint32_t first, last;
    int code = text ? parse_pool("inside", text, &first, &last, e) : 0;
    if (text && !code)
        *ret = (struct range){FAMILY_IPV4, first, last};
    return code;
}

static int read_napt(const struct invocation *inv, struct softwire_run *r, struct err *e)
{
    struct napt_config *c = &r->config.napt;
    int code = parse_pool("pool", invocation_option(inv, "pool"), &c->pool_first, &c->pool_last, e);
    if (!code && takes(inv, "per-host"))
        code = run_hosts(inv, c, e);
    if (!code && takes(inv, "inside"))
        code = read_inside(inv, &r->config.inside, e);
    if (!code && takes(inv, "port-set") && invocation_option(inv, "port-set")) {
        code = parse_port_set("port-set", invocation_option(inv, "port-set"), &r->ports, e);
        c->port_set = &r->ports;
    }
    return code;
}

static int read_map(const struct invocation *inv, struct softwire_run *r, struct err *e)
{
    struct softwire_config *c = &r->config;
    bool t = c->kind == SOFTWIRE_MAP_T_CE;
    struct prefix delegated, dmr;
    int code = parse_rules("rule", invocation_option(inv, "rule"), r->rules, &c->rule_count, e);
    c->rules = r->rules;
    if (!code && c->rule_count == 0)
        code = err_set(e, ERR_USAGE, "--rule is missing");
    if (!code && t) {
        code = parse_translation_prefix("dmr", invocation_option(inv, "dmr"), &dmr, e);
        if (!code) {
            c->peer6 = dmr.address;
            c->dmr_length = dmr.length;
        }
    }
    c->hub = invocation_flag(inv, "hub-and-spoke");
    if (!code && c->hub && !invocation_option(inv, "prefix"))
        return err_set(e, ERR_USAGE, "--hub-and-spoke is for a customer edge: --prefix is missing");
    if (code || !invocation_option(inv, "prefix")) {
        c->kind = t ? SOFTWIRE_MAP_T_BR : SOFTWIRE_MAP_E_BR;
        c->own6 = c->peer6;
        return code;
    }
    code = parse_prefix6("prefix", invocation_option(inv, "prefix"), &delegated, e);
    if (!code && !map_customer(r->rules, delegated.address, delegated.length, &c->customer))
        code = err_set(e, ERR_USAGE, "--prefix: %s is not inside the first rule, or too short",
                       invocation_option(inv, "prefix"));
    return code;
}

static int read_forwards(const struct invocation *inv, struct softwire_run *r, struct err *e)
{
    struct softwire_config *c = &r->config;
    if (!takes(inv, "forward") || !invocation_option(inv, "forward"))
        return 0;
    if (c->kind == SOFTWIRE_MAP_E_BR || c->kind == SOFTWIRE_MAP_T_BR)
        return err_set(e, ERR_USAGE, "--forward is for a customer edge: --prefix is missing");
    c->forwards = r->forwards;
    return parse_forwards("forward", invocation_option(inv, "forward"), r->forwards,
                          &c->forward_count, e);
}

static int read_kind(const struct invocation *inv, struct softwire_run *r, struct err *e)
{
    struct softwire_config *c = &r->config;
    switch (c->kind) {
    case SOFTWIRE_6RD:
        return read_sixrd(inv, c, e);
    case SOFTWIRE_AFTR:
    case SOFTWIRE_LWB4:
        return read_napt(inv, r, e);
    case SOFTWIRE_MAP_E_CE:
    case SOFTWIRE_MAP_T_CE:
        return read_map(inv, r, e);
    case SOFTWIRE_LWAFTR:
        if (!invocation_option(inv, "bindings"))
            return err_set(e, ERR_USAGE, "--bindings is missing: a file");
        c->no_hairpin = invocation_flag(inv, "no-hairpin");
        return read_bindings(invocation_option(inv, "bindings"), &r->bindings, &c->binding_count,
                             e);
    default:
        return 0;
    }
}

static int run(struct invocation *inv, enum softwire_kind kind, struct err *e)
{
    struct softwire_run *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    struct softwire_config *c = &r->config;
    c->kind = kind;
    int code = read_ends(inv, c, e);
    if (!code)
        code = read_kind(inv, r, e);
    if (!code)
        code = read_forwards(inv, r, e);
    if (!code)
        code = run_device(inv, strchr(inv->command->name, ' ') + 1, &r->device, e);
    if (!code) {
        c->bindings = r->bindings;
        c->napt.seed = random_seed();
        c->mtu = r->device.options.mtu;
        c->log_bindings = takes(inv, "log") && invocation_flag(inv, "log");
        if (takes(inv, "uplink"))
            r->device.options.uplink = invocation_option(inv, "uplink");
        code = softwire_run(&r->device.options, c, e);
    }
    free(r->bindings);
    free(r);
    return code;
}

#define COMMON                                                                                     \
    "A TUN device of its own until it is stopped: packets for the other side are routed to it "    \
    "(--route). An IPv6 end is routed there too and must be no address of the node; an IPv4 end "  \
    "is an address of the node. Larger packets "                                                   \
    "than "                                                                                        \
    "the link takes are told to the sender or cut outside; what claims to come from another "      \
    "customer is dropped. SIGUSR1 makes it say its counters. It needs the right to make a device " \
    "and gives up every right once it is there."

#define SOFTWIRE_COMMAND(symbol, words, softwire, title, line, shown, what)                        \
    static int run_##symbol(struct invocation *inv, struct err *e)                                 \
    {                                                                                              \
        return run(inv, softwire, e);                                                              \
    }                                                                                              \
    static const char *const usage_##symbol[] = {words " [OPTIONS]", NULL};                        \
    static const struct example examples_##symbol[] = {{"sextant " words " " line, shown},         \
                                                       {NULL}};                                    \
    const struct command command_run_##symbol = {                                                  \
        .name = words,                                                                             \
        .group = COMMAND_LAB,                                                                      \
        .summary = title,                                                                          \
        .usage = usage_##symbol,                                                                   \
        .description = what "\n\n" COMMON,                                                         \
        .groups = OPTIONS_FILE,                                                                    \
        .options = options_##symbol,                                                               \
        .examples = examples_##symbol,                                                             \
        .makes_tun = true,                                                                         \
        .run = run_##symbol,                                                                       \
    }

// Of those whose outer packets are IPv4.
#define BORROWS                                                                                    \
    "The device borrows --own4, and what goes out is forwarded from it: the node's firewall has "  \
    "to let it pass there, and what comes in where it arrives."

SOFTWIRE_COMMAND(
    6in4, "run 6in4", SOFTWIRE_6IN4, "IPv6 through an IPv4 network, between two ends",
    "--own4 192.0.2.1 --peer4 192.0.2.2 --route 2001:db8:2::/48",
    "One end of a tunnel; 2001:db8:2::/48 is behind the other.",
    "A configured tunnel (RFC 4213): IPv6 packets in IPv4 packets, protocol 41. " BORROWS);

SOFTWIRE_COMMAND(6rd, "run 6rd", SOFTWIRE_6RD, "IPv6 rapid deployment: customer edge or relay",
                 "--own4 203.0.113.5 --br 203.0.113.1 --prefix 2001:db8::/32 --mask4 24 --route "
                 "::/0",
                 "A customer edge of a provider whose customers share 203.0.113.0/24.",
                 "6rd (RFC 5969): each customer's IPv6 prefix holds its IPv4 address, so that no "
                 "tunnel has to be configured. " BORROWS);

SOFTWIRE_COMMAND(b4, "run b4", SOFTWIRE_B4, "DS-Lite at the customer",
                 "--own6 2001:db8:1::b4 --aftr 2001:db8:ffff::1 --address 192.0.0.2/29 --route "
                 "0.0.0.0/0 --uplink eth0",
                 "A home's IPv4 goes to the provider's AFTR.",
                 "The B4 of DS-Lite (RFC 6333): IPv4 packets in IPv6 packets to the AFTR, which "
                 "translates for all customers.");

SOFTWIRE_COMMAND(aftr, "run aftr", SOFTWIRE_AFTR, "DS-Lite at the provider",
                 "--own6 2001:db8:ffff::1 --pool 192.0.2.0/28",
                 "Customers with private IPv4 addresses of their own share sixteen.",
                 "The AFTR of DS-Lite (RFC 6333): customers may use the same private addresses; "
                 "each softwire is apart.");

SOFTWIRE_COMMAND(lwb4, "run lwb4", SOFTWIRE_LWB4, "Lightweight 4over6 at the customer",
                 "--own6 2001:db8:1::b4 --aftr 2001:db8:ffff::1 --pool 192.0.2.18 --port-set "
                 "6,8,0x34 --route 0.0.0.0/0 --uplink eth0",
                 "A home with one 256th of an IPv4 address.",
                 "The lwB4 of lightweight 4over6 (RFC 7596): it translates to its own ports, so "
                 "that the provider keeps no state of connections.");

SOFTWIRE_COMMAND(lwaftr, "run lwaftr", SOFTWIRE_LWAFTR, "Lightweight 4over6 at the provider",
                 "--own6 2001:db8:ffff::1 --bindings customers.txt --route 192.0.2.0/24",
                 "Forwards by a table of customers.",
                 "The lwAFTR of lightweight 4over6 (RFC 7596): a table says which customer has "
                 "which address and ports.");

SOFTWIRE_COMMAND(
    map_e, "run map-e", SOFTWIRE_MAP_E_CE, "MAP-E: customer edge or border relay",
    "--rule 2001:db8::/40,192.0.2.0/24,16 --prefix 2001:db8:12:3400::/56 --br "
    "2001:db8:ffff::1 --route 0.0.0.0/0",
    "A customer edge with 192.0.2.18 and the ports of PSID 0x34.",
    "Mapping of address and port with encapsulation (RFC 7597): an IPv4 address and a "
    "set of ports stand in each customer's IPv6 prefix. With --prefix a customer edge, "
    "without it the border relay.");

SOFTWIRE_COMMAND(
    map_t, "run map-t", SOFTWIRE_MAP_T_CE, "MAP-T: customer edge or border relay",
    "--rule 2001:db8::/40,192.0.2.0/24,16 --prefix 2001:db8:12:3400::/56 --dmr "
    "2001:db8:ffff::/64 --route 0.0.0.0/0",
    "The same customer, whose packets are translated instead.",
    "Mapping of address and port with translation (RFC 7599). With --prefix a customer "
    "edge, without it the border relay.");
