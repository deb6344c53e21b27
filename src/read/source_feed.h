// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a source as given: from a descriptor, a transfer or memory; hashed and counted once,
// as they come.

#ifndef READ_SOURCE_FEED_H
#define READ_SOURCE_FEED_H

#include "read/container.h"

#include <openssl/evp.h>

struct http;

#define FEED_BUFFER_MAX ((size_t)256 << 10)
#define FEED_BUFFER_MIN ((size_t)4 << 10) // what is read to tell the container

struct feed {
    const char *name;  // borrowed
    int fd;            // -1: none
    struct http *http; // owned
    EVP_MD_CTX *hash;
    uint64_t given;     // bytes that were hashed
    struct bytes ready; // read and not yet taken
    uint8_t *buffer;    // NULL where the bytes lie in memory
    size_t capacity;
    bool ended; // nothing comes after `ready`
};

// A feed that owns `fd`, which is closed also on failure (standard input is left open).
int feed_open_fd(struct feed *f, const char *name, int fd, struct err *e);
int feed_open_memory(struct feed *f, const char *name, const void *bytes, size_t length,
                     struct err *e);
int feed_open_url(struct feed *f, const char *url, struct err *e);
void feed_close(struct feed *f); // accepts a zeroed feed with fd -1

// Reads once behind what is ready, as much as there is room for. Reading fewer is no failure.
int feed_fill(struct feed *f, struct err *e);

// Fills until `count` bytes are ready or the input ended.
int feed_want(struct feed *f, size_t count, struct err *e);

// What is ready, else straight from the input. *ret 0 at the end.
int feed_take(struct feed *f, void *bytes, size_t size, size_t *ret, struct err *e);

// Before the first byte is read: nobody will ask for the hash.
void feed_skip_hash(struct feed *f);

// The SHA-256 of all that was read so far, in hexadecimal and a NUL; once.
// Untouched after feed_skip_hash.
int feed_hash(struct feed *f, char ret[65], struct err *e);

#endif
