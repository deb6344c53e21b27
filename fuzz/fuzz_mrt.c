// SPDX-License-Identifier: Apache-2.0
//
// An MRT file from a stranger: every record has one fate, every row can be written in every format,
// every prefix that is announced is one.

#include "read/announced.h"
#include "read/mrt_text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_row(const struct mrt_row *row, void *arg)
{
    struct buffer *out = arg;
    out->length = 0;
    mrt_text_line(row, out);
    mrt_text_csv(row, out);
    mrt_text_json(row, out);
    mrt_text_table(row, 80, out);
    for (size_t i = 0; i < out->length; i++)
        if ((unsigned char)out->at[i] >= 0x7f || (out->at[i] < ' ' && out->at[i] != '\n'))
            abort();
    return 0;
}

static int on_announced(const struct announced *a, void *arg)
{
    unsigned width = a->family == FAMILY_IPV6 ? 128 : 32, behind = width - a->length;
    (void)arg;
    if (a->length > width || a->peers == 0 || a->line == 0)
        abort();
    if (behind == 128 ? a->start != 0 : a->start >> behind << behind != a->start)
        abort();
    return 0;
}

static struct source *source_of(const uint8_t *bytes, size_t size)
{
    static const struct source_limits limits = {.bytes_max = 1 << 20, .ratio_max = 50};
    struct source *s = NULL;
    struct err e;
    return source_open_memory("fuzz", bytes, size, &limits, &s, &e) == 0 ? s : NULL;
}

static void read_rows(const uint8_t *bytes, size_t size)
{
    struct source *s = source_of(bytes, size);
    struct buffer out = {0};
    struct mrt_rows rows = {.row = on_row, .arg = &out};
    struct mrt_result r;
    struct err e = {0};
    int code = s ? mrt_rows(s, &rows, &r, &e) : ERR_INPUT;
    if (s && code == 0 &&
        r.records !=
            r.peer_tables + r.ribs + r.messages + r.states + r.multicast + r.unknown + r.damaged)
        abort();
    if (s && code && !e.text[0])
        abort();
    source_close(&s);
    buffer_done(&out);
}

static void read_prefixes(const uint8_t *bytes, size_t size)
{
    struct source *s = source_of(bytes, size);
    struct announced_handler handler = {.announced = on_announced};
    struct announced_result r;
    struct err e = {0};
    if (s && mrt_announced(s, NULL, &handler, &r, &e) == 0 &&
        r.fates.used + fates_ignored(&r.fates) + fates_rejected(&r.fates) != r.fates.lines)
        abort();
    source_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); // its own block: one byte too far is seen
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    mrt_probe(copy, size);
    read_rows(copy, size);
    read_prefixes(copy, size);
    free(copy);
    return 0;
}
