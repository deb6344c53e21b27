// SPDX-License-Identifier: Apache-2.0
//
// Everything that a reader says about a text, written down line by line, so that a test compares
// one text with another:
//
//     file apnic 2024-01-05 claims 2 version "2.3"
//     3: apnic JP 2001:db8::/32 1999-08-13 allocated A91
//     4? odd country code: country code "jp"
//     lines 4: used 2, version line or heading 1, summary 1; extended, ipv6
//
// or, at the end, what it was refused with:
//
//     refused, bad input: text:7: the file is cut: 1 records, the version line says 5
//
// What must hold for every input is asserted on the way: fates sum to lines, records are valid.

#ifndef TESTS_READ_SUPPORT_H
#define TESTS_READ_SUPPORT_H

#include "base/buffer.h"
#include "read/read.h"

struct log {
    struct buffer text;
    bool records_only;
    uint64_t records;
    struct read_result result; // of a text that was taken
    struct err err;
    int code;
};

// Reads the bytes as the input "text". options may be NULL.
void log_read(struct log *log, const void *bytes, size_t length,
              const struct read_options *options);
void log_done(struct log *log);

struct sample {
    const char *name, *text, *wanted;
    struct read_options options; // all zero: none
};

// Reads each sample and fails with name and both texts where the log is not the wanted one.
void samples_check(const struct sample *samples, size_t count);

// A generator of the test's own: the same numbers everywhere.
struct chance {
    uint64_t state;
};
uint64_t chance_next(struct chance *c);
unsigned chance_below(struct chance *c, unsigned limit);

// One to three bytes or lines changed, dropped, doubled or moved.
void chance_alter(struct chance *c, struct buffer *text);

// The bytes packed with gzip, zlib's own way.
void pack_gzip(const void *bytes, size_t length, struct buffer *ret);

#endif
