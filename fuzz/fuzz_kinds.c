// SPDX-License-Identifier: Apache-2.0
//
// Routes, payloads, names, observations from a stranger, in whatever format they claim to be. What
// is held: the head comes first and once, every line has one fate, no record is impossible.

#include "read/announced.h"
#include "read/kind.h"
#include "read/vrps.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t heads, records;
};

static void hold(bool truth)
{
    if (!truth)
        abort();
}

static void count(struct seen *seen)
{
    hold(seen->heads == 1);
    seen->records++;
}

static void check_prefix(enum family family, u128 start, unsigned length, uint64_t line)
{
    unsigned width = family == FAMILY_IPV6 ? 128 : 32, behind = width - length;
    hold((family == FAMILY_IPV6 || family == FAMILY_IPV4) && length <= width && line > 0);
    hold(behind == 128 ? start == 0 : start >> behind << behind == start);
    hold(family == FAMILY_IPV6 || start <= UINT32_MAX);
}

static int on_finding(const struct finding *f, void *arg)
{
    (void)arg;
    hold(f->text && finding_name(f->kind));
    return 0;
}

static void check_fates(const struct fates *f)
{
    hold(f->used > 0 && f->used + fates_ignored(f) + fates_rejected(f) == f->lines);
}

// ---- routes

static int on_routes(const struct announced_header *h, void *arg)
{
    ((struct seen *)arg)->heads++;
    hold(memchr(h->collector, '\0', COLLECTOR_MAX) != NULL);
    return 0;
}

static int on_announced(const struct announced *a, void *arg)
{
    count(arg);
    check_prefix(a->family, a->start, a->length, a->line);
    return 0;
}

static int read_routes(struct source *s, struct err *e)
{
    struct seen seen = {0};
    struct announced_handler handler = {on_routes, on_announced, on_finding, &seen};
    struct announced_result result;
    int code = read_announced(s, NULL, &handler, &result, e);
    if (!code) {
        check_fates(&result.fates);
        hold(result.announced == seen.records);
    }
    return code;
}

// ---- payloads

static int on_vrps(const struct vrp_header *h, void *arg)
{
    (void)h;
    ((struct seen *)arg)->heads++;
    return 0;
}

static int on_vrp(const struct vrp *v, void *arg)
{
    count(arg);
    check_prefix(v->family, v->start, v->length, v->line);
    hold(v->max_length >= v->length && v->max_length <= (v->family == FAMILY_IPV6 ? 128 : 32));
    hold(memchr(v->trust_anchor, '\0', TRUST_ANCHOR_MAX) != NULL);
    return 0;
}

static int read_payloads(struct source *s, struct err *e)
{
    struct seen seen = {0};
    struct vrp_handler handler = {on_vrps, on_vrp, on_finding, &seen};
    struct vrp_result result;
    int code = read_vrps(s, NULL, &handler, &result, e);
    if (!code) {
        check_fates(&result.fates);
        hold(result.vrps[0] + result.vrps[1] == seen.records);
    }
    return code;
}

// ---- any

static void read_once(const uint8_t *bytes, size_t size)
{
    static const struct source_limits limits = {.bytes_max = 1 << 20, .ratio_max = 50};
    static int (*const readers[])(struct source *, struct err *) = {
        [INPUT_ROUTES] = read_routes,
        [INPUT_VRPS] = read_payloads,
    };
    struct source *source = NULL;
    struct err e = {0};
    enum input_kind kind;
    if (source_open_memory("fuzz-20240105", bytes, size, &limits, &source, &e) != 0)
        return;
    int code = input_kind(source, &kind, &e);
    if (!code && kind < sizeof readers / sizeof *readers && readers[kind])
        code = readers[kind](source, &e);
    hold(code == 0 || e.text[0] != '\0');
    source_close(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); // its own block: one byte too far is seen
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    read_once(copy, size);
    free(copy);
    return 0;
}
