// SPDX-License-Identifier: Apache-2.0
//
// sextant run lowpan-router, lowpan-host: a sensor network over an emulated radio.

#include "cmd/run.h"

#include "daemon/lowpan.h"
#include "lab/parse.h"

#include <string.h>

#define MINUTES_DEFAULT 30
#define PAN_DEFAULT     0xabcd

static const char *const usage_host[] = {"run lowpan-host --radio INTERFACE [OPTIONS]", NULL};
static const char *const usage_router[] = {
    "run lowpan-router --radio INTERFACE --prefix PREFIX [OPTIONS]", NULL};

static const char *const faults[] = {"wrong-context", "full", NULL};

#define RADIO_OPTIONS                                                                              \
    {"radio", 0, "INTERFACE", "The Ethernet link that stands for the radio.", NULL},               \
        {"device", 0, "NAME", "The TUN device that is made; \"lowpan0\" by default.", NULL},       \
        {"pan", 0, "N", "The PAN identifier, 0 to 0xfffe; 0xabcd by default.", NULL},              \
        {"eui64", 0, "ADDRESS",                                                                    \
         "Its extended address, 16 hexadecimal digits; made from the MAC address by default.",     \
         NULL},                                                                                    \
        {"short", 0, "N", "A short address too, 0 to 0xfffd; it is used wherever it can be.",      \
         NULL},                                                                                    \
        {"loss", 0, "SHARE", "How many of the frames that arrive are lost: 5%.", NULL},            \
        {"retries", 0, "N",                                                                        \
         "How often a frame that is not acknowledged is sent again, at most 7; 3 by default, 0: "  \
         "nothing is acknowledged.",                                                               \
         NULL},                                                                                    \
    {                                                                                              \
        "plain", 0, NULL, "Send headers as they are, uncompressed.", NULL                          \
    }

static const struct option_spec options_host[] = {
    RADIO_OPTIONS,
    {"lifetime", 0, "MINUTES", "How long its registrations hold; 30 by default.", NULL},
    {NULL}};

static const struct option_spec options_router[] = {
    RADIO_OPTIONS,
    {"prefix", 0, "PREFIX", "The prefix of the hosts, of 64 bits.", NULL},
    {"context", 0, "NUMBER=PREFIX,...",
     "Prefixes and addresses that need not be sent, 0 to 15; those of 0 are the cheapest.", NULL},
    {"lifetime", 0, "MINUTES", "How long what it tells holds; 30 by default.", NULL},
    {"fault", 0, "NAME", "Be wrong in this way; the description says how.", faults},
    {NULL}};

static const struct example examples_host[] = {
    {"sextant run lowpan-host --radio radio0 --loss 5%",
     "A sensor; its address is made once the border router has it registered."},
    {NULL}};
static const struct example examples_router[] = {
    {"sextant run lowpan-router --radio radio0 --prefix 2001:db8:15:4::/64 "
     "--context 0=2001:db8:15:4::/64,1=2001:db8:80::80",
     "The border router; the addresses of hosts and of one server need not be sent."},
    {NULL}};

// Decimal, or hexadecimal behind "0x"; `digits` of hexadecimal only where it is not 0.
static bool read_hex(struct slice s, size_t digits, uint64_t most, uint64_t *ret)
{
    bool marked = s.length > 2 && s.at[0] == '0' && (s.at[1] | 32) == 'x';
    uint64_t value = 0;
    size_t count = 0;
    if (!digits && !marked)
        return slice_u64(s, most, ret);
    for (size_t i = marked ? 2 : 0; i < s.length; i++) {
        int c = s.at[i] | 32, digit = c >= 'a' ? c - 'a' + 10 : c - '0';
        if (digits && (s.at[i] == ':' || s.at[i] == '-'))
            continue;
        if (digit < 0 || digit > 15 || (c < 'a' && c > '9') || ++count > 16)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    if (value > most || (digits && count != digits))
        return false;
    *ret = value;
    return true;
}

static int read_number(const struct invocation *inv, const char *option, size_t digits,
                       uint64_t most, uint64_t *ret, struct err *e)
{
    const char *text = invocation_option(inv, option);
    if (text && !read_hex(slice_of(text), digits, most, ret))
        return digits ? err_set(e, ERR_USAGE, "--%s: \"%s\"; wanted %zu hexadecimal digits", option,
                                text, digits)
                      : err_set(e, ERR_USAGE, "--%s: \"%s\"; wanted 0 to 0x%04llx", option, text,
                                (unsigned long long)most);
    return 0;
}

static int read_radio(const struct invocation *inv, struct radio_options *r, struct err *e)
{
    const char *loss = invocation_option(inv, "loss");
    uint64_t pan = PAN_DEFAULT, short_address = 0, retries = WPAN_RETRIES;
    r->interface = invocation_option(inv, "radio");
    if (!r->interface)
        return err_set(e, ERR_USAGE, "--radio: not given; wanted an interface");
    int code = read_number(inv, "pan", 0, WPAN_EVERYBODY - 1, &pan, e);
    if (!code)
        code = read_number(inv, "eui64", 16, UINT64_MAX, &r->eui, e);
    if (!code)
        code = read_number(inv, "short", 0, WPAN_SHORT_LAST, &short_address, e);
    if (!code)
        code = invocation_number(inv, "retries", RADIO_RETRY_MAX, &retries, e);
    if (!code && loss && !parse_share(slice_of(loss), &r->loss_ppm))
        code = err_set(e, ERR_USAGE, "--loss: \"%s\"; wanted such as 1.5%%", loss);
    r->pan = (uint16_t)pan;
    r->has_short = invocation_option(inv, "short") != NULL;
    r->short_address = (uint16_t)short_address;
    r->retries = (unsigned)retries;
    return code;
}

static int read_common(struct invocation *inv, struct lowpan_options *o, struct err *e)
{
    const char *device = invocation_option(inv, "device");
    uint64_t minutes = MINUTES_DEFAULT;
    o->device = device ? device : "lowpan0";
    o->plain = invocation_flag(inv, "plain");
    o->speaker = run_speaker(inv);
    int code = read_radio(inv, &o->radio, e);
    if (!code)
        code = invocation_number(inv, "lifetime", LOWPAN_MINUTES_MAX, &minutes, e);
    if (!code && minutes == 0)
        code = err_set(e, ERR_USAGE, "--lifetime: at least a minute");
    o->minutes = (unsigned)minutes;
    return code;
}

static int run_host(struct invocation *inv, struct err *e)
{
    struct lowpan_options o = {.device = NULL};
    int code = read_common(inv, &o, e);
    return code ? code : lowpan_host_run(&o, e);
}

static int run_router(struct invocation *inv, struct err *e)
{
    struct lowpan_options o = {.device = NULL};
    const char *prefix = invocation_option(inv, "prefix"), *fault = invocation_option(inv, "fault");
    struct prefix p = {0};
    int code = read_common(inv, &o, e);
    if (!code)
        code = parse_contexts("context", invocation_option(inv, "context"), o.contexts,
                              &o.context_count, e);
    if (!code && (!prefix || !prefix_parse(slice_of(prefix), &p) || p.family != FAMILY_IPV6 ||
                  p.length != 64 || p.address << 64 != 0))
        code = err_set(e, ERR_USAGE, "--prefix: %s; wanted an IPv6 prefix of 64 bits",
                       prefix ? prefix : "not given");
    if (code)
        return code;
    o.prefix = p.address;
    for (size_t i = 0; i < o.context_count; i++)
        o.contexts[i].minutes = (uint16_t)o.minutes;
    if (fault)
        o.trick = strcmp(fault, "full") == 0 ? LOWPAN_NO_PLACE : LOWPAN_WRONG_CONTEXT;
    return lowpan_router_run(&o, e);
}

#define TOGETHER                                                                                   \
    "A border router and hosts are a sensor network: 6LoWPAN (RFC 4944, 6282) with the neighbour " \
    "discovery of RFC 6775, on a radio of IEEE 802.15.4 that is emulated on an Ethernet link, a "  \
    "frame of at most 127 octets in each of Ethernet's (ethertype 0x809a). Frames take the time "  \
    "that they take at 250 kbit/s and wait for each other; unicast ones are acknowledged and "     \
    "sent again. The interface should have no IPv6 of its own.\n\n"

const struct command command_run_lowpan_host = {
    .name = "run lowpan-host",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A host of a sensor network: 6LoWPAN over an emulated radio",
    .usage = usage_host,
    .description = TOGETHER
    "Makes a device whose packets cross the radio. Asks for a border router, makes an address "
    "from its prefix and the own address on the radio, registers it (ARO) and, once that is "
    "confirmed, gives it to the device, with a default route. Says \"registered: ADDRESS\" "
    "then, or \"refused: ...\". SIGUSR1 makes it say its counters.",
    .options = options_host,
    .examples = examples_host,
    .makes_tun = true,
    .run = run_host,
};

const struct command command_run_lowpan_router = {
    .name = "run lowpan-router",
    .group = COMMAND_LAB,
    .groups = OPTIONS_FILE,
    .summary = "A border router of a sensor network: 6LoWPAN over an emulated radio",
    .usage = usage_router,
    .description = TOGETHER
    "Makes a device to which the prefix is routed, advertises prefix and contexts (6CO, ABRO), "
    "and takes packets to those hosts that have registered; for others it answers that they are "
    "unreachable. Packets from addresses that are not registered from where they come do not "
    "pass. The node must forward.\n\n"
    "Faults for teaching: \"wrong-context\" tells hosts another prefix than the router itself "
    "uses, so that addresses become others on their way; \"full\" refuses every registration.\n\n"
    "It gives up every right once its device is open. SIGUSR1 makes it say its counters.",
    .options = options_router,
    .examples = examples_router,
    .makes_tun = true,
    .run = run_router,
};
