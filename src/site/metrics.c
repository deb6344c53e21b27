// SPDX-License-Identifier: Apache-2.0

#include "site/metrics.h"

#include <inttypes.h>

static const char *const class_names[ROUTE_CLASS_COUNT] = {"page", "api",   "static",
                                                           "feed", "state", "none"};

static const struct {
    uint64_t nanoseconds;
    const char *text; // in seconds
} bounds[METRICS_BUCKETS] = {
    {100000, "0.0001"}, {1000000, "0.001"}, {10000000, "0.01"},
    {30000000, "0.03"}, {100000000, "0.1"}, {1000000000, "1"},
};

static void add(atomic_uint_fast64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static uint64_t get(const atomic_uint_fast64_t *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

void metrics_count(struct metrics *m, enum route_class c, unsigned status, uint64_t nanoseconds,
                   size_t bytes)
{
    unsigned hundreds = status / 100;
    add(&m->answers[c][hundreds <= 5 ? hundreds : 0], 1);
    add(&m->nanoseconds[c], nanoseconds);
    for (unsigned i = 0; i < METRICS_BUCKETS; i++)
        if (nanoseconds <= bounds[i].nanoseconds) {
            add(&m->within[c][i], 1);
            break;
        }
    add(&m->bytes, bytes);
}

static void write_head(const char *name, const char *type, const char *help, struct buffer *out)
{
    buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_answers(const struct metrics *m, struct buffer *out)
{
    write_head("sextant_http_requests_total", "counter", "Requests answered.", out);
    for (unsigned c = 0; c < ROUTE_CLASS_COUNT; c++)
        for (unsigned s = 2; s <= 5; s++)
            buffer_format(out,
                          "sextant_http_requests_total{route=\"%s\",status=\"%uxx\"} %" PRIu64 "\n",
                          class_names[c], s, get(&m->answers[c][s]));
}

static void write_seconds(const struct metrics *m, unsigned c, struct buffer *out)
{
    uint64_t sum = 0, all = 0;
    for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
        sum += get(&m->within[c][i]);
        buffer_format(out,
                      "sextant_http_request_seconds_bucket{route=\"%s\",le=\"%s\"} %" PRIu64 "\n",
                      class_names[c], bounds[i].text, sum);
    }
    for (unsigned s = 0; s < 6; s++)
        all += get(&m->answers[c][s]);
    buffer_format(out,
                  "sextant_http_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %" PRIu64 "\n",
                  class_names[c], all);
    uint64_t nanoseconds = get(&m->nanoseconds[c]);
    buffer_format(out,
                  "sextant_http_request_seconds_sum{route=\"%s\"} %" PRIu64 ".%09" PRIu64 "\n"
                  "sextant_http_request_seconds_count{route=\"%s\"} %" PRIu64 "\n",
                  class_names[c], nanoseconds / 1000000000, nanoseconds % 1000000000,
                  class_names[c], all);
}

static void write_one(const char *name, const char *type, const char *help, uint64_t value,
                      struct buffer *out)
{
    write_head(name, type, help, out);
    buffer_format(out, "%s %" PRIu64 "\n", name, value);
}

void metrics_write(const struct metrics *m, int64_t revision, struct buffer *out)
{
    write_answers(m, out);
    write_head("sextant_http_request_seconds", "histogram", "Time to make an answer.", out);
    for (unsigned c = 0; c < ROUTE_CLASS_COUNT; c++)
        write_seconds(m, c, out);
    write_one("sextant_http_body_bytes_total", "counter", "Bytes of bodies.", get(&m->bytes), out);
    write_one("sextant_cache_hits_total", "counter", "Answers that were finished already.",
              get(&m->cache_hits), out);
    write_one("sextant_cache_misses_total", "counter", "Answers that had to be made.",
              get(&m->cache_misses), out);
    write_one("sextant_http_refused_total", "counter", "Requests beyond the limits of connections.",
              get(&m->refused), out);
    write_one("sextant_archive_revision", "gauge", "The archive's newest input.",
              (uint64_t)revision, out);
}
