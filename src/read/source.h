// SPDX-License-Identifier: Apache-2.0
//
// A source of bytes: a file, standard input, or an http(s) URL; plain or in a gzip, bzip2, xz or
// zstd container, told by the first bytes and never by the name. Several members or streams one
// after the other are read as one. Memory is the same for a small and a huge input.
//
// The bytes as given (compressed) are hashed and counted on the way, so that after the end the
// input has its SHA-256.

#ifndef READ_SOURCE_H
#define READ_SOURCE_H

#include "base/date.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source;

struct source_limits {
    uint64_t bytes_max; // after decompression; 0: SOURCE_BYTES_MAX
    uint64_t ratio_max; // out / in, once SOURCE_RATIO_FROM bytes came out; 0: SOURCE_RATIO_MAX
};

#define SOURCE_BYTES_MAX  (UINT64_C(64) << 30) // a full routing table of 20 years' monthly dumps
#define SOURCE_RATIO_MAX  400                  // text files of the RIRs reach 15 to 1
#define SOURCE_RATIO_FROM (UINT64_C(16) << 20) // a small, very regular file is not a bomb

// What the reader can say about a source once it was read to the end.
struct source_facts {
    char sha256[65];       // of the bytes as given
    uint64_t bytes_given;  // as given
    uint64_t bytes_read;   // after decompression
    const char *container; // "plain", "gzip", "bzip2", "xz", "zstd"
};

// `place` is a path, "-" for standard input, or an http(s) URL. limits may be NULL.
// ERR_SYSTEM (no such file), ERR_NETWORK.
int source_open(const char *place, const struct source_limits *limits, struct source **ret,
                struct err *e);

// Bytes in memory, borrowed until source_close; for tests and fuzz targets.
int source_open_memory(const char *name, const void *bytes, size_t length,
                       const struct source_limits *limits, struct source **ret, struct err *e);

// Before the first byte is read: no evidence will be kept, so the hash is left out (a third of the
// time of reading a plain file). source_finish then gives "" for it.
void source_skip_hash(struct source *s);

void source_close(struct source **s);

const char *source_name(const struct source *s); // as given; messages begin with it

// The last run of eight digits in the last part of a place that is a date; DATE_NONE.
date source_name_date(const char *place);

// Up to `size` bytes. *ret 0 at the end of the input. ERR_INPUT: the container is cut or damaged;
// ERR_LIMIT: a decompression bomb.
int source_read(struct source *s, void *bytes, size_t size, size_t *ret, struct err *e);

// Looks at the next bytes (at most SOURCE_PEEK_MAX) without taking them.
#define SOURCE_PEEK_MAX 4096
int source_peek(struct source *s, const void **ret_bytes, size_t *ret_length, struct err *e);

// Reads what is left without looking at it (the hash needs every byte), then the facts.
int source_finish(struct source *s, struct source_facts *ret, struct err *e);

// The SHA-256 of a file as given, in hexadecimal, without unpacking it. ERR_SYSTEM.
int source_hash(const char *path, char ret[65], struct err *e);

// All inputs under the given places: files, folders (recursive; no hidden files, no *.md5, *.asc,
// and no archives *.sextant), "-", URLs. A folder's files come in order of the date in their names
// (the last run of eight digits that is a date; without one: by name). The list is malloc'ed;
// source_list_free frees it.
struct source_list {
    char **places;
    uint64_t *sizes; // bytes as given, 0 where not known
    size_t count;
};
int source_list(char *const *places, size_t count, struct source_list *ret, struct err *e);
void source_list_free(struct source_list *l);

#endif
