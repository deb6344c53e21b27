// SPDX-License-Identifier: Apache-2.0
//
// An exported table from a stranger: JSON where the bytes begin with a brace, else a basis, a NUL
// and a CSV file; read, and compared with itself.

#include "measure/verify.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int stop_at_difference(const struct export_difference *d, void *arg)
{
    (void)d;
    (void)arg;
    abort();
}

static int read_export(struct slice bytes, struct exports *ret)
{
    struct err e;
    if (bytes.length > 0 && bytes.at[0] == '{' && !memchr(bytes.at, '\0', bytes.length))
        return export_read_json("fuzz", bytes, ret, &e);
    struct slice csv = bytes, basis = slice_cut(&csv, '\0');
    if (!csv.at)
        csv = (struct slice){"", 0};
    return export_read_csv("fuzz", csv, basis, ret, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1); // its own block: one byte too far is seen
    struct exports x = {0};
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    if (read_export((struct slice){copy, size}, &x) == 0)
        for (size_t i = 0; i < x.count; i++) {
            const char *names[] = {x.at[i].keys[0], NULL};
            if (export_compare(&x.at[i], &x.at[i], names, stop_at_difference, NULL, NULL) != 0)
                abort();
        }
    exports_done(&x);
    free(copy);
    return 0;
}
