// SPDX-License-Identifier: Apache-2.0
//
// The readers behind read_input(), one a format. Arguments as there; `options` is never NULL.

#ifndef READ_FORMATS_H
#define READ_FORMATS_H

#include "read/read.h"

typedef int input_reader(struct source *s, const struct read_options *options,
                         const struct read_handler *handler, struct read_result *ret,
                         struct err *e);

// Tells the handler, where it listens. Returns the handler's code.
int tell_finding(const struct read_handler *handler, enum finding_kind kind, uint64_t line,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

// Counts `lines` lines (a quoted field may span several) as rejected and tells why, with the
// offending text.
int reject_lines(const struct read_handler *handler, struct fates *fates, uint64_t line,
                 uint64_t lines, enum rejected why, struct slice what);

// A country code of two letters, small ones made capital; none where it is empty, else ECONOMY_ODD.
economy economy_parse(struct slice s);

input_reader read_rir;       // rir.c
input_reader read_iana_ipv6; // iana.c
input_reader read_iana_ipv4; // iana.c
input_reader read_ranges;    // ranges.c

#endif
