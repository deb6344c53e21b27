// SPDX-License-Identifier: Apache-2.0

#include "read/container.h"

const struct container *container_find(const uint8_t *bytes, size_t length)
{
    static const struct container *const rows[] = {&container_gzip, &container_bzip2, &container_xz,
                                                   &container_zstd};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i]->probe(bytes, length))
            return rows[i];
    return NULL;
}
