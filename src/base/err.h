// SPDX-License-Identifier: Apache-2.0
//
// Errors. A function that can fail returns 0 or a negative code; the lowest function that knows
// the place writes one sentence into `struct err`. Library code never prints and never exits.

#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum err_code {
    ERR_NONE = 0,
    ERR_MEMORY = -1,    // an allocation failed
    ERR_SYSTEM = -2,    // a system call failed
    ERR_NETWORK = -3,   // a transfer failed
    ERR_INPUT = -4,     // bytes from outside are not what they claim to be
    ERR_LIMIT = -5,     // bytes from outside exceed a named limit
    ERR_USAGE = -6,     // the command line is wrong
    ERR_STORE = -7,     // the archive is foreign, newer, damaged or cannot be used
    ERR_NOT_FOUND = -8, // what was asked for is not held
    ERR_STOPPED = -9,   // a callback asked to stop
    ERR_LATE = -10,     // it would have taken longer than it may
};

#define ERR_TEXT_MAX 512

struct err {
    int code;
    char text[ERR_TEXT_MAX]; // one sentence, no final newline; cut with "..." when longer
};

// Fills *e (which may be NULL) and returns `code`.
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

// As err_set with ERR_SYSTEM, and ": <strerror(errno)>" appended.
int err_system(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Puts "<prefix>: " before the text that *e already has. Returns e->code.
int err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Fills *e with the standard sentence of ERR_MEMORY and returns it.
int err_memory(struct err *e);

// A few words for each code; NULL for a number that is no code.
const char *err_name(int code);

// The exit status of a command that ends with this code: 0, 2 usage, 3 bad input, 4 system.
int err_exit_status(int code);

#endif
