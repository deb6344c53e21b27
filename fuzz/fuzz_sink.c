// SPDX-License-Identifier: Apache-2.0
//
// The head of an HTTP request, and the line about who sent it: whatever came, it is one line.

#include "daemon/sink.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sink_head head;
    struct buffer line = {0};
    struct slice text = {(const char *)data, size};
    if (sink_head_read(text, &head) != SINK_HEAD_WHOLE)
        return 0;
    sink_write(&(struct sink_visit){.kind = SINK_HTTP, .octets = size, .head = &head}, 0, &line);
    if (line.failed || memchr(line.at, '\n', line.length))
        abort();
    buffer_done(&line);
    return 0;
}
