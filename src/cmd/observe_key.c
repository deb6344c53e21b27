// SPDX-License-Identifier: Apache-2.0
//
// sextant observe key: a pair of keys, to sign results with.

#include "cmd/command.h"
#include "cmd/observe.h"

static const char *const usage[] = {"observe key FILE", NULL};

static const struct example examples[] = {
    {"sextant observe key nairobi.key",
     "nairobi.key stays on this machine; nairobi.key.pub goes to whoever takes its results."},
    {NULL}};

static int run_key(struct invocation *inv, struct err *e)
{
    return observe_key_write(inv->arguments[0], e);
}

const struct command command_observe_key = {
    .name = "observe key",
    .group = COMMAND_DATA,
    .summary = "Make keys to sign results with",
    .usage = usage,
    .description = "Makes a pair of Ed25519 keys: FILE, the secret one, which only its owner can "
                   "read, and FILE.pub, the public one. Neither is ever written over.",
    .examples = examples,
    .argument = "FILE",
    .argument_help = "where the secret key goes",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_key,
};
