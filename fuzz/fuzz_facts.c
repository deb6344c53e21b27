// SPDX-License-Identifier: Apache-2.0
//
// A reference table from a stranger. It is read through a file without a name, in the folder that
// SEXTANT_DATA names.

#include "world/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_row(void *context, const struct facts_row *row, struct err *e)
{
    size_t *bytes = context;
    (void)e;
    if (row->line == 0 || !row->path)
        abort();
    for (unsigned i = 0; i < 3; i++)
        *bytes += row->fields[i].length;
    return 0;
}

static void read_table(const char *name, size_t size)
{
    struct arena arena = {0};
    struct err e = {0};
    const char *source = NULL;
    size_t bytes = 0;
    int code = facts_read(name, "group,economy,doubt", on_row, &bytes, &arena, &source, &e);
    if (code == 0 ? bytes > size || !source : e.text[0] == '\0')
        abort();
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[32];
    int fd = memfd_create("facts", MFD_CLOEXEC);
    if (fd < 0 || setenv("SEXTANT_DATA", "/proc/self/fd", 1) != 0)
        return 0;
    if (write(fd, data, size) == (ssize_t)size) {
        snprintf(name, sizeof name, "%d", fd);
        read_table(name, size);
    }
    close(fd);
    return 0;
}
