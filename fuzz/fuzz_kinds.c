// SPDX-License-Identifier: Apache-2.0
//
// Routes, payloads, names, observations from a stranger, in whatever format they claim to be. What
// is held: the head comes first and once, every line has one fate, no record is impossible.

#include "read/announced.h"
#include "read/as_names.h"
#include "read/checked.h"
#include "read/kind.h"
#include "read/observed.h"
#include "read/users_per_as.h"
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

static void check_sum(const struct fates *f)
{
    hold(f->used + fates_ignored(f) + fates_rejected(f) == f->lines);
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

// ---- names of ASes

static int on_names(const struct as_name_header *h, void *arg)
{
    (void)h;
    ((struct seen *)arg)->heads++;
    return 0;
}

static int on_name(const struct as_name *n, void *arg)
{
    count(arg);
    hold(n->line > 0 && n->name.length <= AS_NAME_MAX);
    hold(memchr(n->registry, '\0', AS_REGISTRY_MAX) != NULL);
    return 0;
}

static int read_names(struct source *s, struct err *e)
{
    struct seen seen = {0};
    struct as_name_handler handler = {on_names, on_name, on_finding, &seen};
    struct as_name_result result;
    int code = read_as_names(s, NULL, &handler, &result, e);
    if (!code)
        check_fates(&result.fates);
    return code;
}

// ---- users per AS

static int on_networks(const struct users_per_as_header *h, void *arg)
{
    (void)h;
    ((struct seen *)arg)->heads++;
    return 0;
}

static int on_users(const struct users_per_as *u, void *arg)
{
    count(arg);
    hold(u->line > 0 && u->users >= 0 && !(u->samples < 0));
    hold(u->economy != ECONOMY_NONE && u->economy != ECONOMY_ODD);
    return 0;
}

static int read_networks(struct source *s, struct err *e)
{
    struct seen seen = {0};
    struct users_per_as_handler handler = {on_networks, on_users, on_finding, &seen};
    struct users_per_as_result result;
    int code = read_users_per_as(s, NULL, &handler, &result, e);
    if (!code)
        check_fates(&result.fates);
    return code;
}

// ---- observations

static int on_series(const struct observed_header *h, void *arg)
{
    ((struct seen *)arg)->heads++;
    hold(h->series[0] != '\0' && memchr(h->series, '\0', OBSERVED_SERIES_MAX) != NULL);
    hold(memchr(h->unit, '\0', OBSERVED_UNIT_MAX) && memchr(h->title, '\0', OBSERVED_TEXT_MAX) &&
         memchr(h->source, '\0', OBSERVED_TEXT_MAX));
    return 0;
}

static int on_value(const struct observed_value *v, void *arg)
{
    count(arg);
    hold(v->line > 0 && v->date != DATE_NONE && v->value >= 0 && v->value <= 1e15);
    hold(!(v->low > v->value) && !(v->high < v->value) && !(v->samples < 0));
    hold(v->key[0] != '\0' && memchr(v->key, '\0', OBSERVED_KEY_MAX) != NULL);
    return 0;
}

static int read_series(struct source *s, struct err *e)
{
    static struct world *world;
    struct seen seen = {0};
    struct observed_handler handler = {on_series, on_value, on_finding, &seen};
    struct observed_result result;
    hold(world || world_load(LANGUAGE_EN, &world, e) == 0);
    int code = read_observed(s, world, NULL, &handler, &result, e);
    if (!code) {
        check_fates(&result.fates);
        hold(result.values == seen.records && result.first <= result.last);
    }
    return code;
}

// ---- results of checks

static int on_campaign(const struct checked_header *h, void *arg)
{
    ((struct seen *)arg)->heads++;
    hold(strlen(h->list) == 64 && h->campaign[0] && h->began > 0);
    return 0;
}

static int on_result(const struct checked_result *r, bool *ret_twice, void *arg)
{
    count(arg);
    *ret_twice = false;
    hold(r->domain[0] && r->line > 0 && r->stage < CHECKED_STAGES);
    hold(r->json.length > 0 && r->json.length < CHECKED_LINE_MAX);
    hold(r->test_count <= CHECKED_TESTS_MAX);
    for (size_t i = 0; i < r->test_count; i++)
        hold(r->tests[i].verdict < CHECKED_VERDICTS && r->tests[i].subject < CHECKED_SUBJECTS &&
             r->tests[i].name[0]);
    return 0;
}

static int read_results(struct source *s, struct err *e)
{
    struct seen seen = {0};
    struct checked_handler handler = {on_campaign, on_result, on_finding, &seen};
    struct checked_totals totals;
    int code = read_checked(s, &handler, &totals, e);
    if (!code) {
        check_sum(&totals.fates);
        hold(totals.results == seen.records);
    }
    return code;
}

// ---- any

static void read_once(const uint8_t *bytes, size_t size)
{
    static const struct source_limits limits = {.bytes_max = 1 << 20, .ratio_max = 50};
    static int (*const readers[])(struct source *, struct err *) = {
        [INPUT_ROUTES] = read_routes,         [INPUT_VRPS] = read_payloads,
        [INPUT_OBSERVED] = read_series,       [INPUT_AS_NAMES] = read_names,
        [INPUT_USERS_PER_AS] = read_networks, [INPUT_CHECKED] = read_results,
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
