// SPDX-License-Identifier: Apache-2.0
//
// From argv to an invocation: finds the command, checks options and arguments against its tables,
// resolves what is common (archive, format, language). At a wrong word the error says what is valid
// at that place.

#ifndef CMD_INVOCATION_H
#define CMD_INVOCATION_H

#include "cmd/command.h"

// argv[1] is the command. On failure nothing is to be freed. ERR_USAGE, ERR_MEMORY.
int invocation_parse(int argc, const char *const *argv, struct invocation *ret, struct err *e);
void invocation_done(struct invocation *inv);

// The command whose words begin the list; *ret_used of them are its name. ERR_USAGE.
int command_find(const char *const *words, size_t count, const struct command **ret,
                 size_t *ret_used, struct err *e);

// Its own options first, then the common ones: in the order in which help shows them.
#define COMMAND_OPTIONS_MAX 64
size_t command_options(const struct command *c, const struct option_spec *ret[COMMAND_OPTIONS_MAX]);

// The word of the list (ended with NULL) that was probably meant, or NULL.
const char *nearest_word(const char *word, const char *const *words);

// Columns to write for: $COLUMNS, else the terminal's, else 80.
unsigned terminal_columns(void);

#endif
