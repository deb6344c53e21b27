// SPDX-License-Identifier: Apache-2.0
//
// The table of commands, in the order in which help lists them within a group.

#include "cmd/command.h"

extern const struct command command_completion;
extern const struct command command_fetch_rir;
extern const struct command command_help;
extern const struct command command_import;

const struct command *const commands[] = {
    &command_fetch_rir,
    &command_import,
    &command_help,
    &command_completion,
    NULL,
};
