// SPDX-License-Identifier: Apache-2.0
//
// sextant run ce: a home router that asks for its prefix.

#include "cmd/run.h"

#include "daemon/ce.h"
#include "daemon/ra.h"

#include <string.h>

#define INTERVAL_DEFAULT 200 // the interval of small routers; RFC 4861's 600 is for large links

static const char *const usage[] = {"run ce --wan NAME --lan NAME[=NUMBER],... [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"wan", 0, "NAME", "The interface to the provider.", NULL},
    {"lan", 0, "NAME[=NUMBER],...",
     "The links at home, at most eight, each with the number of its /64 within the prefix; without "
     "numbers they count on from 0.",
     NULL},
    {"also", 0, "PREFIX,...",
     "Prefixes, at most eight, that are at home without being delegated: packets from them are "
     "forwarded, too.",
     NULL},
    {"ula", 0, "make|PREFIX",
     "A unique local prefix of 48 bits for the links, also while there is no provider: this one, "
     "or "
     "one that is made once and kept in the file of --state.",
     NULL},
    {"no-address", 0, NULL, "Ask for no address on the line, only for a prefix.", NULL},
    {"hint", 0, "LENGTH", "The length of the prefix that one would like, 1 to 64.", NULL},
    {"rapid-commit", 0, NULL, "Take two messages instead of four where the server does.", NULL},
    {"release", 0, NULL, "Give back at the end what was lent; RFC 9096 advises against.", NULL},
    {"firewall", 0, NULL,
     "Let in from the line only what was asked for from inside (RFC 6092); without it, everything.",
     NULL},
    {"open", 0, "PORTS",
     "Ports at home, at most 64, to which the firewall lets in everybody, such as "
     "tcp/443=2001:db8:1::5, with commas; with an identifier as the address, tcp/443=::5, the host "
     "in whatever prefix there is, without an address all hosts.",
     NULL},
    {"interval", 0, "SECONDS",
     "The longest time between two advertisements, 1 to 1800; 200 by default.", NULL},
    {"state", 0, "FILE",
     "Remember here which prefixes were advertised and delegated, so that the next start can take "
     "back those that are stale.",
     NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant run ce --wan wan0 --lan lan0=1,guest0=2",
     "Networks 1 and 2 of the delegated prefix for the house and its guests."},
    {"sextant run ce --wan wan0 --lan lan0 --firewall --open tcp/443=::5",
     "Behind a firewall that lets everybody in to the web server at home."},
    {NULL}};

static int read_lan(struct slice word, struct ce_options *o, struct err *e)
{
    struct slice number = word, name = slice_cut(&number, '=');
    struct ce_lan *lan = o->lans + o->lan_count;
    uint64_t value = o->lan_count ? lan[-1].number + UINT64_C(1) : 0;
    if (name.length == 0 || name.length > DEVICE_NAME_MAX ||
        (number.at && !slice_u64(number, UINT32_MAX, &value)) || value > UINT32_MAX)
        return err_set(e, ERR_USAGE, "--lan: \"%.*s\"; wanted such as lan0 or lan0=1",
                       SLICE_ARG(word));
    for (size_t i = 0; i < o->lan_count; i++)
        if (slice_is(name, o->lans[i].device) || o->lans[i].number == value)
            return err_set(e, ERR_USAGE,
                           "--lan: \"%.*s\": the interface or its number is there "
                           "already",
                           SLICE_ARG(word));
    memcpy(lan->device, name.at, name.length);
    lan->number = (uint32_t)value;
    o->lan_count++;
    return 0;
}

static int read_lans(const struct invocation *inv, struct ce_options *o, struct err *e)
{
    const char *text = invocation_option(inv, "lan");
    struct slice rest = slice_of(text ? text : "");
    int code = 0;
    if (!text || !*text)
        return err_set(e, ERR_USAGE, "for whom? --lan names the links at home");
    while (!code && rest.at) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        code = o->lan_count == CE_LANS_MAX
                   ? err_set(e, ERR_USAGE, "--lan: more than %d links", CE_LANS_MAX)
                   : read_lan(word, o, e);
    }
    for (size_t i = 0; !code && i < o->lan_count; i++)
        if (strcmp(o->lans[i].device, o->wan) == 0)
            code = err_set(e, ERR_USAGE, "--lan: %s is the line", o->wan);
    return code;
}

static int read_also(const struct invocation *inv, struct ce_options *o, struct err *e)
{
    const char *text = invocation_option(inv, "also");
    struct slice rest = slice_of(text ? text : "");
    while (text && rest.at) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        if (o->also_count == CE_ALSO_MAX)
            return err_set(e, ERR_USAGE, "--also: more than %d prefixes", CE_ALSO_MAX);
        struct prefix *p = o->also + o->also_count;
        if (!prefix_parse(word, p) || p->family != FAMILY_IPV6)
            return err_set(e, ERR_USAGE, "--also: \"%.*s\"; wanted such as fd00:db8::/48",
                           SLICE_ARG(word));
        p->address &= p->length ? U128_MAX << (128 - p->length) : 0;
        o->also_count++;
    }
    return 0;
}

static int read_ula(const struct invocation *inv, struct ce_options *o, struct err *e)
{
    const char *text = invocation_option(inv, "ula");
    struct prefix p;
    if (!text)
        return 0;
    o->make_ula = strcmp(text, "make") == 0;
    if (o->make_ula)
        return o->state ? 0 : err_set(e, ERR_USAGE, "--ula make: kept where? --state names a file");
    if (!prefix_parse(slice_of(text), &p) || p.family != FAMILY_IPV6 || p.length != 48 ||
        p.address >> 121 != 0x7e || p.address << 48 != 0)
        return err_set(e, ERR_USAGE,
                       "--ula: \"%s\"; wanted make, or a prefix such as fd12:3456:789a::/48", text);
    o->ula = p;
    return 0;
}

static int read_open(const struct invocation *inv, struct ce_options *o, struct err *e)
{
    const char *text = invocation_option(inv, "open");
    if (text && !o->firewall)
        return err_set(e, ERR_USAGE, "--open is for a firewall: --firewall is missing");
    return parse_open("open", text, o->open, &o->open_count, e);
}

// RFC 7084, WPD-2: the prefix that one asks for has room for each link, up to the next nibble.
static int check_hint(const struct ce_options *o, struct err *e)
{
    unsigned bits = 0;
    for (size_t i = 0; i < o->lan_count; i++)
        while ((uint64_t)o->lans[i].number >> bits != 0)
            bits += 4;
    if (o->hint + bits > 64)
        return err_set(e, ERR_USAGE, "--hint: %u leaves no room for those links; at most %u",
                       o->hint, 64 - bits);
    return 0;
}

static int run_ce(struct invocation *inv, struct err *e)
{
    struct ce_options o = {.wan = invocation_option(inv, "wan"),
                           .address = !invocation_flag(inv, "no-address"),
                           .rapid = invocation_flag(inv, "rapid-commit"),
                           .release = invocation_flag(inv, "release"),
                           .firewall = invocation_flag(inv, "firewall"),
                           .state = invocation_option(inv, "state"),
                           .speaker = run_speaker(inv)};
    uint64_t interval = INTERVAL_DEFAULT, hint = 0;
    if (!o.wan || !*o.wan)
        return err_set(e, ERR_USAGE, "where? --wan names the interface to the provider");
    int code = read_lans(inv, &o, e);
    if (!code)
        code = read_also(inv, &o, e);
    if (!code)
        code = read_ula(inv, &o, e);
    if (!code)
        code = read_open(inv, &o, e);
    if (!code)
        code = invocation_number(inv, "interval", RA_INTERVAL_MAX, &interval, e);
    if (!code && interval == 0)
        code = err_set(e, ERR_USAGE, "--interval: at least 1");
    if (!code)
        code = invocation_number(inv, "hint", 64, &hint, e);
    o.interval = (unsigned)interval;
    o.hint = (uint8_t)hint;
    if (!code)
        code = check_hint(&o, e);
    return code ? code : ce_run(&o, e);
}

const struct command command_run_ce = {
    .name = "run ce",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A home router: a prefix by DHCPv6, a /64 for each link",
    .usage = usage,
    .description =
        "Asks on the line for an address and for prefixes (DHCPv6, RFC 8415), until it is stopped, "
        "and renews them, earlier where the server asks for it by Reconfigure with the key that it "
        "gave. Each link at home gets a /64 of every prefix, its router's address ends "
        "in ::1, and hosts are told by router advertisements, with the resolvers and search names "
        "that the provider gave (RFC 7084), which are also told to who asks by stateless DHCPv6. "
        "The rest of a prefix is unreachable; what the provider excludes from it (RFC 6603) is on "
        "no link. The line's routers are solicited, and believed although the node forwards "
        "(accept_ra is 2 there until the end). It is a default router while it has a prefix that "
        "is not unique local, the node forwards, and the line has a carrier and a default route. "
        "Lifetimes at home are those of the prefix, at most 45 and 90 minutes; a prefix that ends, "
        "or that an earlier start had (--state), is taken back with lifetimes of 0 for 90 minutes "
        "(RFC 9096).\n\n"
        "From the links only packets with a source in a delegated prefix, or one of --also, are "
        "forwarded; who sends others is told: destination unreachable, code 5. From the line none "
        "with a source of the home's own or a unique local one. Those are rules of routing, of "
        "priorities 32764 and 32765. A prefix of --ula is advertised like one that is delegated, "
        "but "
        "from it nothing goes out on the line, and to it nothing comes in. Whether the node "
        "forwards is not its affair. SIGUSR1 makes it "
        "say how it stands.\n\n"
        "With --firewall it has nft load a table, sextant-ce-WAN, which goes at the end, but not "
        "when the program is killed; the next start replaces it. From the line to the links pass: "
        "what belongs to a flow from inside, errors about it too; what is for an address and port "
        "from which TCP or UDP has gone out within five minutes; AH, ESP, HIP and UDP to port 500; "
        "echo requests; what is for a port of --open. Who asks for any other TCP connection for "
        "longer than six seconds is told "
        "that it is prohibited; the rest is dropped, as are, in both directions, addresses that no "
        "packet may have and routing headers of type 0. The documentation prefix is let through, "
        "for laboratories. The router itself takes no TCP or UDP from the line but answers.",
    .options = options,
    .examples = examples,
    .run = run_ce,
};
