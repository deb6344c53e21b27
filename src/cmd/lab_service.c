// SPDX-License-Identifier: Apache-2.0
//
// sextant lab service: starts and stops what runs in a node.

#include "cmd/laboratory.h"
#include "lab/keeper.h"

#include <stdio.h>
#include <string.h>

static const char *const usage[] = {"lab service start|stop|restart NODE SERVICE [--lab NAME]",
                                    NULL};

static const struct option_spec options[] = {LABORATORY_OPTION, {NULL}};

static const struct example examples[] = {
    {"sextant lab service start r1 radvd", "Starts radvd in r1 and waits until it is ready."},
    {NULL}};

static int run_service(struct invocation *inv, struct err *e)
{
    static const char *const verbs[] = {"start", "stop", "restart"};
    char request[KEEPER_MESSAGE_MAX];
    struct laboratory l = {0};
    bool known = false;
    for (size_t i = 0; i < 3; i++)
        known = known || strcmp(verbs[i], inv->arguments[0]) == 0;
    if (!known)
        return err_set(e, ERR_USAGE,
                       "lab service: \"%.40s\" is not possible; valid: start, stop, restart",
                       inv->arguments[0]);
    int n = snprintf(request, sizeof request, "%s %s %s", inv->arguments[0], inv->arguments[1],
                     inv->arguments[2]);
    if (n >= (int)sizeof request)
        return err_set(e, ERR_USAGE, "lab service: no such service");
    int code = laboratory_open(inv, &l, e);
    if (code == 0)
        code = laboratory_service(&l, inv->arguments[1], inv->arguments[2], e);
    if (code == 0)
        code = keeper_ask(l.run, request, e);
    laboratory_close(&l);
    return code;
}

const struct command command_lab_service = {
    .name = "lab service",
    .group = COMMAND_LAB,
    .summary = "Start, stop or restart a service of a node",
    .usage = usage,
    .description = "Starts a service and waits until it is ready, or stops it. \"sextant lab "
                   "status\" names the services, \"sextant lab log\" shows what one has said.",
    .options = options,
    .examples = examples,
    .argument = "VERB NODE SERVICE",
    .argument_help = "start, stop or restart; where; which",
    .arguments_min = 3,
    .arguments_max = 3,
    .run = run_service,
};
