// SPDX-License-Identifier: Apache-2.0
//
// A container from a stranger: read to its end under small limits, in odd steps.

#include "read/source.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct source_limits limits = {.bytes_max = 4 << 20, .ratio_max = 100};
    uint8_t *copy = malloc(size ? size : 1); // its own block: one byte too far is seen
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    struct source *s = NULL;
    struct err e;
    if (!source_open_memory("fuzz", copy, size, &limits, &s, &e)) {
        uint8_t bytes[1537];
        const void *peeked;
        size_t n = 1;
        struct source_facts facts;
        source_peek(s, &peeked, &n, &e);
        for (int i = 0; i < 64 && n > 0 && !source_read(s, bytes, sizeof bytes, &n, &e); i++)
            continue;
        source_finish(s, &facts, &e);
    }
    source_close(&s);
    free(copy);
    return 0;
}
