// SPDX-License-Identifier: Apache-2.0
//
// sextant lab capture: what passes on a link, for Wireshark and tcpdump.

#include "cmd/laboratory.h"
#include "lab/capture.h"
#include "lab/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const usage[] = {"lab capture LINK [FILE.pcap] [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"filter", 0, "EXPRESSION", "Only packets that pcap-filter(7) lets through.", NULL},
    {"at", 0, "NODE:INTERFACE", "Listen there; at the link's first end by default.", NULL},
    LABORATORY_OPTION,
    {NULL}};

static const struct example examples[] = {
    {"sextant lab capture line-a | tcpdump -n -r -", "Shows what passes."},
    {"sextant lab capture lan nd.pcap --filter icmp6", "Keeps ICMPv6 until Ctrl-C."},
    {NULL}};

static int find_end(const struct lab *lab, const struct invocation *inv, const struct lab_end **ret,
                    struct err *e)
{
    size_t link = lab_link_find(lab, inv->arguments[0]);
    const char *at = invocation_option(inv, "at");
    if (link == SIZE_MAX)
        return err_set(e, ERR_USAGE, "%s has no link \"%.40s\"", lab->name, inv->arguments[0]);
    for (unsigned i = 0; i < lab->links[link].ends_count; i++)
        if (!at || strcmp(lab->links[link].ends[i], at) == 0) {
            *ret = &lab->links[link].end[i];
            return 0;
        }
    return err_set(e, ERR_USAGE, "%s does not end at \"%.60s\"", inv->arguments[0], at);
}

static void end_quietly(int signal_number)
{
    (void)signal_number;
}

static int open_output(const struct invocation *inv, int *ret, struct err *e)
{
    if (inv->argument_count < 2 || strcmp(inv->arguments[1], "-") == 0) {
        if (isatty(STDOUT_FILENO))
            return err_set(e, ERR_USAGE,
                           "packets are not for a terminal: give a file, or | tcpdump -r -");
        *ret = STDOUT_FILENO;
        return 0;
    }
    *ret = open(inv->arguments[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return *ret >= 0 ? 0 : err_system(e, "%s", inv->arguments[1]);
}

static int capture(const struct laboratory *l, const struct invocation *inv, struct err *e)
{
    const struct lab_end *end = NULL;
    struct sigaction stop = {.sa_handler = end_quietly}; // without SA_RESTART: recv returns
    int out = -1, fd = -1;
    bool ethernet;
    int code = find_end(l->lab, inv, &end, e);
    if (code == 0)
        code = process_enter_network(l->run->nodes[end->node].init, l->run->user, e);
    if (code == 0)
        code = capture_open(end->interface, invocation_option(inv, "filter"), &fd, &ethernet, e);
    if (code == 0)
        code = open_output(inv, &out, e); // last: an earlier capture may be there
    if (code)
        return code;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    return capture_write(fd, ethernet, out, e);
}

static int run_capture(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    int code = laboratory_open(inv, &l, e);
    if (code == 0)
        code = capture(&l, inv, e);
    laboratory_close(&l);
    return code;
}

const struct command command_lab_capture = {
    .name = "lab capture",
    .group = COMMAND_LAB,
    .summary = "Capture what passes on a link",
    .usage = usage,
    .description = "Writes the packets of a link in the format of pcap, to a file or to standard "
                   "output, until Ctrl-C or until the laboratory goes down.",
    .options = options,
    .examples = examples,
    .argument = "LINK",
    .argument_help = "the link, then the file",
    .arguments_min = 1,
    .arguments_max = 2,
    .run = run_capture,
};
