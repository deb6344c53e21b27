// SPDX-License-Identifier: Apache-2.0
//
// A whole input from a stranger, in whatever format it claims to be. What is held: every line has
// one fate, no record is impossible, and each record comes from a line of the input.

#include "read/read.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t records;
    bool headed;
};

static int on_header(const struct read_header *h, void *arg)
{
    struct seen *seen = arg;
    if (seen->headed || h->date == DATE_NONE || strlen(h->version) >= VERSION_MAX)
        abort();
    seen->headed = true;
    return 0;
}

static int on_record(const struct record *r, void *arg)
{
    struct seen *seen = arg;
    if (!seen->headed || !block_valid(&r->block) || !block_aligned(&r->block) || r->line == 0 ||
        r->holder.length > HOLDER_MAX || r->registry == REGISTRY_NRO)
        abort();
    seen->records++;
    return 0;
}

static int on_finding(const struct finding *f, void *arg)
{
    (void)arg;
    if (!f->text || !finding_name(f->kind))
        abort();
    return 0;
}

static void check_result(const struct read_result *r, const struct seen *seen)
{
    const struct fates *f = &r->fates;
    if (f->used + fates_ignored(f) + fates_rejected(f) != f->lines || !seen->headed)
        abort();
    if (r->header.format == FORMAT_RIR && seen->records != f->used)
        abort();
}

static void read_once(const uint8_t *bytes, size_t size, const struct read_options *options)
{
    static const struct source_limits limits = {.bytes_max = 1 << 20, .ratio_max = 50};
    struct seen seen = {0};
    const struct read_handler handler = {on_header, on_record, on_finding, &seen};
    struct read_result result;
    struct source *source = NULL;
    struct err e = {0};
    if (source_open_memory("fuzz", bytes, size, &limits, &source, &e) != 0)
        return;
    int code = read_input(source, options, &handler, &result, &e);
    if (code == 0)
        check_result(&result, &seen);
    else if (code != ERR_MEMORY && e.text[0] == '\0')
        abort();
    source_close(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct read_options supplied = {true, REGISTRY_APNIC, 19000};
    uint8_t *copy = malloc(size ? size : 1); // its own block: one byte too far is seen
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    read_once(copy, size, NULL);
    read_once(copy, size, &supplied);
    free(copy);
    return 0;
}
