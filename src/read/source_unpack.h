// SPDX-License-Identifier: Apache-2.0
//
// From the bytes of a source as given to those inside its container: members and streams one after
// the other, and sentences about damage. Plain bytes pass through.

#ifndef READ_SOURCE_UNPACK_H
#define READ_SOURCE_UNPACK_H

#include "read/source_feed.h"

struct unpack {
    const char *name;                  // borrowed
    struct feed feed;                  // owned
    const struct container *container; // NULL: plain
    void *decoder;
    bool inside; // in a member, not between two
    bool more;   // the decoder may hold bytes that did not fit
    bool ended;
    uint64_t taken; // by a decoder that reads the feed itself
};

// Tells the container of a feed that is open, and gets its decoder.
int unpack_start(struct unpack *u, struct err *e);
void unpack_close(struct unpack *u); // also the feed

// *ret 0 at the end. Bytes, or an error, never both.
int unpack_read(struct unpack *u, uint8_t *bytes, size_t size, size_t *ret, struct err *e);

// Bytes as given that were used up.
uint64_t unpack_taken(const struct unpack *u);

#endif
