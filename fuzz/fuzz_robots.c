// SPDX-License-Identifier: Apache-2.0
//
// A robots.txt and a path from strangers: the first line is the path. What is held: without any
// rule everything is allowed, and the answer is the same again.

#include "check/robots.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {size ? (const char *)data : "", size};
    struct slice path = slice_cut(&rest, '\n');
    struct slice robots = rest.at ? rest : (struct slice){"", 0};
    if (path.length > 512)
        path.length = 512;
    bool lets = robots_lets(robots, path);
    if (lets != robots_lets(robots, path) || !robots_lets((struct slice){"", 0}, path))
        abort();
    return 0;
}
