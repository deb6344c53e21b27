// SPDX-License-Identifier: Apache-2.0
//
// The containers a source can come in, one row each. A decoder is handed the bytes that are there
// and a space to write to, and moves both on; refilling, members one after the other, limits and
// sentences about damage are the source's, the same for all.

#ifndef READ_CONTAINER_H
#define READ_CONTAINER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTAINER_MAGIC_MAX 10 // bytes that `probe` wants to see, fewer at the end of the input

// What the largest window of a decoder may take: `xz -9` wants 65 MB, `zstd --ultra -22` 128 MB.
#define CONTAINER_MEMORY_MAX (UINT64_C(192) << 20)
#define CONTAINER_WINDOW_LOG 27

struct bytes {
    const uint8_t *at;
    size_t left;
};

struct space {
    uint8_t *at;
    size_t left;
};

struct feed;

// Where a decoder that reads the feed itself has come to.
enum container_state {
    CONTAINER_MORE,
    CONTAINER_END,     // of the input
    CONTAINER_CUT,     // the input ends within a member
    CONTAINER_FOREIGN, // behind a member is something else
};

struct container_place {
    enum container_state state;
    uint64_t at; // about which byte of the input
};

struct container {
    const char *name;
    bool (*probe)(const uint8_t *bytes, size_t length);

    // A decoder at the start of a member. ERR_MEMORY.
    int (*open)(void **ret, struct err *e);

    // Ready for the next member. ERR_MEMORY.
    int (*restart)(void *decoder, struct err *e);

    // *ret_end becomes true behind the last byte of a member. ERR_INPUT, with what is wrong and no
    // name; ERR_LIMIT, ERR_MEMORY.
    int (*step)(void *decoder, struct bytes *in, struct space *out, bool *ret_end, struct err *e);

    // Instead of restart and step, for a decoder that wants to see more than a member at a time:
    // text of all the members of the feed, one after the other. It gives some, or says in *ret why
    // there is none, or fails.
    int (*read)(void *decoder, struct feed *f, struct space *out, struct container_place *ret,
                struct err *e);

    void (*close)(void *decoder);
};

// NULL: none of them, the bytes are plain.
const struct container *container_find(const uint8_t *bytes, size_t length);

extern const struct container container_gzip;
extern const struct container container_bzip2;
extern const struct container container_xz;
extern const struct container container_zstd;

#endif
