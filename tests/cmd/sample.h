// SPDX-License-Identifier: Apache-2.0
//
// A small table of commands, so that the frame is tested without the real ones.

#ifndef TESTS_CMD_SAMPLE_H
#define TESTS_CMD_SAMPLE_H

#include "cmd/invocation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PARSE(inv, e, ...)                                                                         \
    parse_words((const char *const[]){"sextant", __VA_ARGS__, NULL}, (inv), (e))

int parse_words(const char *const *argv, struct invocation *inv, struct err *e);

#endif
