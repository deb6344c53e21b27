// SPDX-License-Identifier: Apache-2.0
//
// sextant run wire: a wire between two interfaces, as bad as asked.

#include "cmd/run.h"

#include "daemon/wire.h"
#include "lab/lab.h"
#include "lab/parse.h"

#include <string.h>

static const char *const usage[] = {"run wire [OPTIONS] INTERFACE INTERFACE", NULL};

#define WAY(back, of)                                                                              \
    {"delay" back, 0, "TIME", "How late frames " of " come out: 10ms.", NULL},                     \
        {"jitter" back, 0, "TIME", "How much earlier or later than that.", NULL},                  \
        {"loss" back, 0, "SHARE", "How many are lost: 1.5%.", NULL},                               \
        {"rate" back, 0, "RATE", "Bits a second: 256kbit, 10mbit.", NULL},                         \
        {"reorder" back, 0, "SHARE", "How many overtake those before them: are not delayed.",      \
         NULL},                                                                                    \
        {"duplicate" back, 0, "SHARE", "How many come out twice.", NULL},                          \
    {                                                                                              \
        "mtu" back, 0, "N", "Packets that are larger do not pass.", NULL                           \
    }

static const struct option_spec options[] = {
    WAY("", "of the first interface"),
    WAY("-back", "of the second interface"),
    {"tell", 0, NULL,
     "Who sent a packet that is too large is told, as a router would; else it is swallowed.", NULL},
    {"one-way", 0, NULL, "Without --...-back options the way back is perfect, not the same.", NULL},
    {"seed", 0, "N", "Of chance: the same fate for the same frames.", NULL},
    {"pcap", 0, "FILE", "Keeps what comes out, in both directions.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant run wire --delay 300ms --loss 1% --rate 2mbit port0 port1", "A satellite."},
    {"sextant run wire --mtu 1400 port0 port1",
     "A tunnel whose router says nothing: a path MTU black hole."},
    {NULL}};

static int read_way(const struct invocation *inv, bool back, struct line_way *w, size_t *mtu,
                    struct err *e)
{
    const struct {
        const char *name[2], *wanted;
        bool (*parse)(struct slice s, uint64_t *ret);
        uint64_t *to;
    } rows[] = {{{"delay", "delay-back"}, "10ms", lab_time_parse, &w->delay_us},
                {{"jitter", "jitter-back"}, "10ms", lab_time_parse, &w->jitter_us},
                {{"loss", "loss-back"}, "1.5%", parse_share, &w->loss_ppm},
                {{"rate", "rate-back"}, "10mbit", parse_rate, &w->rate_bps},
                {{"reorder", "reorder-back"}, "1.5%", parse_share, &w->reorder_ppm},
                {{"duplicate", "duplicate-back"}, "1.5%", parse_share, &w->duplicate_ppm}};
    uint64_t most = *mtu;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *name = rows[i].name[back], *text = invocation_option(inv, name);
        if (text && !rows[i].parse(slice_of(text), rows[i].to))
            return err_set(e, ERR_USAGE, "--%s: \"%s\"; wanted such as %s", name, text,
                           rows[i].wanted);
    }
    if (w->reorder_ppm && !w->delay_us && !w->jitter_us)
        return err_set(e, ERR_USAGE, "--reorder%s: nothing is delayed that could be overtaken",
                       back ? "-back" : "");
    int code = invocation_number(inv, back ? "mtu-back" : "mtu", PACKET_MAX, &most, e);
    *mtu = (size_t)most;
    return code;
}

static int run_wire(struct invocation *inv, struct err *e)
{
    struct wire w = {.interface = {inv->arguments[0], inv->arguments[1]},
                     .tell = invocation_flag(inv, "tell"),
                     .trace = invocation_option(inv, "pcap"),
                     .speaker = run_speaker(inv)};
    if (strcmp(w.interface[0], w.interface[1]) == 0)
        return err_set(e, ERR_USAGE, "run wire: both ends are %.40s; two interfaces are wanted",
                       w.interface[0]);
    int code = invocation_number(inv, "seed", UINT64_MAX, &w.seed, e);
    if (!code)
        code = read_way(inv, false, w.way, w.mtu, e);
    if (!code && !invocation_flag(inv, "one-way")) {
        w.way[1] = w.way[0];
        w.mtu[1] = w.mtu[0];
    }
    if (!code)
        code = read_way(inv, true, w.way + 1, w.mtu + 1, e);
    return code ? code : wire_run(&w, e);
}

const struct command command_run_wire = {
    .name = "run wire",
    .group = COMMAND_LAB,
    .summary = "A wire between two interfaces, as bad as asked",
    .usage = usage,
    .description =
        "Takes every frame that comes in at one interface to the other until it is stopped: late, "
        "lost, doubled, out of order, no faster than a rate. What is said holds in both "
        "directions; options that end in -back are for the way from the second to the first. "
        "A frame that the rate would hold up for longer than 0.2 s is lost. The interfaces should "
        "have no addresses and no IPv6 of their own.\n\n"
        "Bursts that an interface leaves to the next one pass whole and share one fate; switch its "
        "offloads off where single frames matter, as laboratories do. SIGUSR1 makes it say its "
        "counters.",
    .groups = OPTIONS_FILE,
    .options = options,
    .examples = examples,
    .argument = "INTERFACE",
    .argument_help = "the two ends",
    .argument_kind = ARGUMENT_TEXT,
    .arguments_min = 2,
    .arguments_max = 2,
    .run = run_wire,
};
