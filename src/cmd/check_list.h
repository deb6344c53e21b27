// SPDX-License-Identifier: Apache-2.0
//
// A run over a list of domains: sextant check --list.

#ifndef CMD_CHECK_LIST_H
#define CMD_CHECK_LIST_H

#include "check/check.h"
#include "check/opt_out.h"
#include "cmd/command.h"

// Runs it and prints what came out. The exit status, or a code.
int check_list(struct invocation *inv, const struct check_options *o, struct err *e);

// Who does not want to be asked: --opt-out, and what the archive has, if there is one.
int check_opt_outs(struct invocation *inv, struct opt_out **ret, struct err *e);

// check.c: check_run, ended well by SIGINT and SIGTERM.
int check_ask(const struct check_options *o, const struct check_run *run, struct err *e);

#endif
