// SPDX-License-Identifier: Apache-2.0
//
// The table of commands of sextant-run: what laboratories start by the dozen, without the libraries
// that all the rest of sextant needs.

#include "cmd/daemons.h"

DAEMONS(DAEMON_DECLARED)

const struct command *const commands[] = {DAEMONS(DAEMON_OF_TABLE) NULL};
