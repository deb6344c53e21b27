// SPDX-License-Identifier: Apache-2.0
//
// sextant serve: the site.

#include "cmd/command.h"
#include "site/server.h"

#include <stdio.h>

static const char *const usage[] = {"serve [--listen ADDR:PORT,...] [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"listen", 0, "ADDR:PORT,...",
     "Where to answer, several with commas; " SERVER_LISTEN_DEFAULT " by default.", NULL},
    {"threads", 0, "N", "Threads that answer; one for each processor by default, at most 4.", NULL},
    {"base-url", 0, "URL",
     "The site's public address, \"https://figures.example\", behind a proxy; by default it is "
     "what the client asked for.",
     NULL},
    {"connections", 0, "N",
     "Connections of one address (of IPv6: one /64) at most, 200 by default; 0: any number. Those "
     "of this machine, as a proxy's, are not counted.",
     NULL},
    {"user", 0, "NAME", "Whom to become when started as root; nobody by default.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant serve", "Serves the archive to this machine, at http://127.0.0.1:8064/."},
    {"sextant serve --listen '[::]:8064,0.0.0.0:8064'", "Serves it to everybody."},
    {NULL}};

static void say(const char *sentence, void *arg)
{
    if (!*(const bool *)arg)
        fprintf(stderr, "sextant: %s\n", sentence);
}

static int run_serve(struct invocation *inv, struct err *e)
{
    uint64_t threads = 0, each = SERVER_ADDRESS_MAX;
    int code = invocation_number(inv, "threads", SERVER_THREADS_MAX, &threads, e);
    if (code == 0)
        code = invocation_number(inv, "connections", SERVER_CONNECTIONS_MAX, &each, e);
    if (code)
        return code;
    struct server_options server = {
        .listen = invocation_option(inv, "listen"),
        .threads = (unsigned)threads,
        .connections_per_address = (unsigned)each,
        .user = invocation_option(inv, "user"),
        .site = {.store = inv->store, .base_url = invocation_option(inv, "base-url")},
        .say = say,
        .arg = &inv->quiet};
    return server_run(&server, e);
}

const struct command command_serve = {
    .name = "serve",
    .group = COMMAND_FIGURES,
    .summary = "The figures as pages and as an API",
    .usage = usage,
    .description =
        "Answers HTTP until it is stopped: pages for people in six languages, and the same tables "
        "under /api/v1/ as JSON, CSV and SDMX-CSV, with the parameters of the command line. "
        "/api/v1/openapi.json describes the API, /healthz says whether the archive answers, and "
        "/metrics counts for Prometheus.\n\n"
        "The archive is only read; imports may go on beside it, and each answer is of one state "
        "of the archive. SIGHUP opens archive and reference tables anew, SIGTERM ends. Sockets "
        "that a service manager passes (LISTEN_FDS) are used instead of --listen. TLS and HTTP/2 "
        "are the work of a proxy in front.\n\n"
        "A question that takes longer than three seconds is answered 503, and so is everybody "
        "beyond "
        "3,000 connections; one address has its share (--connections). Behind a proxy on another "
        "machine set that to 0 and let the proxy limit.\n\n"
        "After the start it gives up what it does not need: root, new privileges, with Landlock "
        "the "
        "file system but for the archive and the reference tables, and with seccomp the system "
        "calls that a server has no use for. It says which of them the kernel has.",
    .groups = OPTIONS_STORE,
    .options = options,
    .examples = examples,
    .run = run_serve,
};
