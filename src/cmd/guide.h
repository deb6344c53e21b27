// SPDX-License-Identifier: Apache-2.0
//
// What the table of commands says, written out: help for a terminal, manual pages, completion.

#ifndef CMD_GUIDE_H
#define CMD_GUIDE_H

#include "cmd/command.h"

#define GUIDE_TEXT                                                                                 \
    "Sextant measures the transition to IPv6. It imports the statistics that the regional "        \
    "Internet registries publish about the addresses they have delegated, keeps their history in " \
    "an archive on this machine, and prints figures of pace and geography. Every figure carries "  \
    "its evidence: the files it was computed from, so that anyone can compute it again."

struct exit_status {
    int status;
    const char *meaning;
};

extern const struct exit_status exit_statuses[]; // ended with a meaning of NULL

struct environment_spec {
    const char *name, *meaning;
};

extern const struct environment_spec environment_specs[]; // ended with {NULL}

const char *command_group_title(enum command_group group);
#define COMMAND_GROUP_COUNT 5

void help_write_overview(unsigned width, struct buffer *out);
void help_write_command(const struct command *c, unsigned width, struct buffer *out);

// The commands that begin with a word, as "fetch"; false, and nothing written, where none does.
bool help_write_family(const char *word, unsigned width, struct buffer *out);

// roff for man(7); NULL: the page of the program itself.
void man_write(const struct command *c, struct buffer *out);

void completion_write_bash(struct buffer *out);

#endif
