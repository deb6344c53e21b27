// SPDX-License-Identifier: Apache-2.0
//
// sextant run sink: a server that answers and writes down who came.

#include "cmd/run.h"

#include "daemon/sink.h"

static const char *const usage[] = {"run sink [--tcp PORT,...] [--udp PORT,...] [--http PORT,...]",
                                    NULL};

static const struct option_spec options[] = {
    {"tcp", 0, "PORT,...", "Say who the visitor is, then send back what comes.", NULL},
    {"udp", 0, "PORT,...", "Answer each packet: who sent it, and what was in it.", NULL},
    {"http", 0, "PORT,...", "Answer each request by a page that says who the visitor is.", NULL},
    {"address", 0, "ADDRESS,...", "Listen there; at all addresses of both families by default.",
     NULL},
    {"answer", 0, "TEXT", "The page, instead.", NULL},
    {"log", 0, "FILE", "Add the lines to this file, instead of standard output.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant run sink --http 80 --udp 53", "Who comes over IPv6, and who over IPv4?"}, {NULL}};

static int read_ports(const struct invocation *inv, const char *option, enum sink_kind kind,
                      struct sink_options *o, struct err *e)
{
    const char *text = invocation_option(inv, option);
    struct slice rest = slice_of(text ? text : "");
    while (rest.at && rest.length > 0) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        uint64_t port;
        if (!slice_u64(word, UINT16_MAX, &port) || port == 0)
            return err_set(e, ERR_USAGE, "--%s: \"%.*s\" is no port", option, SLICE_ARG(word));
        if (o->port_count == SINK_PORTS_MAX)
            return err_set(e, ERR_USAGE, "--%s: more than %d ports", option, SINK_PORTS_MAX);
        o->ports[o->port_count++] = (struct sink_port){kind, (uint16_t)port};
    }
    return 0;
}

static int run_sink(struct invocation *inv, struct err *e)
{
    struct prefix given[PREFIXES_MAX] = {0};
    struct sink_options o = {.answer = invocation_option(inv, "answer"),
                             .log = invocation_option(inv, "log"),
                             .speaker = run_speaker(inv)};
    int code = read_ports(inv, "tcp", SINK_TCP, &o, e);
    if (!code)
        code = read_ports(inv, "udp", SINK_UDP, &o, e);
    if (!code)
        code = read_ports(inv, "http", SINK_HTTP, &o, e);
    if (!code && o.port_count == 0)
        code = err_set(e, ERR_USAGE, "no port; wanted --tcp, --udp or --http");
    if (!code)
        code = parse_prefixes("address", invocation_option(inv, "address"), given, &o.address_count,
                              e);
    if (!code && o.address_count > SINK_ADDRESSES_MAX)
        code = err_set(e, ERR_USAGE, "--address: more than %d", SINK_ADDRESSES_MAX);
    for (size_t i = 0; !code && i < o.address_count; i++) {
        o.addresses[i] = given[i];
        if (given[i].length != (given[i].family == FAMILY_IPV6 ? 128 : 32))
            code = err_set(e, ERR_USAGE, "--address: wanted addresses, not prefixes");
    }
    return code ? code : sink_run(&o, e);
}

const struct command command_run_sink = {
    .name = "run sink",
    .group = COMMAND_LAB,
    .summary = "A server that answers and writes down who came",
    .usage = usage,
    .description =
        "Listens at ports of both families until it is stopped. Each visit becomes a line of JSON: "
        "when, over what, from which address and port, to which, how many octets; of HTTP also "
        "what was asked of which host. The line is there when the visit is over.\n\n"
        "At most 256 visitors are there at a time; who says nothing, or does not read, for 30 "
        "seconds is sent away.",
    .groups = OPTIONS_FILE,
    .options = options,
    .examples = examples,
    .run = run_sink,
};
