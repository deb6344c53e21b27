// SPDX-License-Identifier: Apache-2.0

#include "kinds.h"

#include "read/announced.h"
#include "read/as_names.h"
#include "read/checked.h"
#include "read/kind.h"
#include "read/observed.h"
#include "read/users_per_as.h"
#include "read/vrps.h"
#include "support.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *day(date d, char text[DATE_TEXT_MAX])
{
    return d == DATE_NONE ? "-" : date_format(d, text);
}

static int on_finding(const struct finding *f, void *arg)
{
    struct kinds_log *log = arg;
    buffer_format(&log->text, "%llu? %s: %s\n", (unsigned long long)f->line, finding_name(f->kind),
                  f->text);
    return 0;
}

static void write_fates(struct kinds_log *log, const struct fates *f)
{
    log->fates = *f;
    buffer_format(&log->text, "lines %llu: used %llu", (unsigned long long)f->lines,
                  (unsigned long long)f->used);
    for (unsigned i = 0; i < IGNORED_COUNT; i++)
        if (f->ignored[i])
            buffer_format(&log->text, ", %s %llu", ignored_name((enum ignored)i),
                          (unsigned long long)f->ignored[i]);
    for (unsigned i = 0; i < REJECTED_COUNT; i++)
        if (f->rejected[i])
            buffer_format(&log->text, ", %s %llu", rejected_name((enum rejected)i),
                          (unsigned long long)f->rejected[i]);
    buffer_text(&log->text, "\n");
    assert_true(f->used + fates_ignored(f) + fates_rejected(f) == f->lines);
}

static void write_prefix(struct kinds_log *log, uint64_t line, enum family family, u128 start,
                         unsigned length)
{
    char address[ADDRESS_TEXT_MAX];
    unsigned width = family == FAMILY_IPV6 ? 128 : 32, behind = width - length;
    assert_true(family != FAMILY_ASN && length <= width && line > 0);
    assert_true(behind == 128 ? start == 0 : start >> behind << behind == start);
    log->records++;
    buffer_format(&log->text, "%llu: %s/%u", (unsigned long long)line,
                  address_format(family, start, address), length);
}

// ---- routes

static int on_routes(const struct announced_header *h, void *arg)
{
    struct kinds_log *log = arg;
    char text[DATE_TEXT_MAX];
    assert_int_equal(log->records, 0);
    buffer_format(&log->text, "%s %s %s\n", input_format_name(h->format), day(h->date, text),
                  h->collector);
    return 0;
}

static int on_announced(const struct announced *a, void *arg)
{
    struct kinds_log *log = arg;
    write_prefix(log, a->line, a->family, a->start, a->length);
    if (a->origin == ORIGIN_SET)
        buffer_text(&log->text, " set");
    else
        buffer_format(&log->text, " %u", a->origin);
    if (a->peers)
        buffer_format(&log->text, " by %u", a->peers);
    buffer_char(&log->text, '\n');
    return 0;
}

static int read_routes(struct kinds_log *log, struct source *s, const struct read_options *options)
{
    struct announced_handler handler = {on_routes, on_announced, on_finding, log};
    struct announced_result result;
    int code = read_announced(s, options, &handler, &result, &log->err);
    if (code)
        return code;
    assert_int_equal(result.announced, log->records);
    if (result.peers[0] || result.peers[1])
        buffer_format(&log->text, "peers %u %u\n", result.peers[0], result.peers[1]);
    write_fates(log, &result.fates);
    return 0;
}

// ---- validated payloads

static int on_vrps(const struct vrp_header *h, void *arg)
{
    struct kinds_log *log = arg;
    char text[DATE_TEXT_MAX];
    assert_int_equal(log->records, 0);
    buffer_format(&log->text, "%s %s\n", input_format_name(h->format), day(h->date, text));
    return 0;
}

static int on_vrp(const struct vrp *v, void *arg)
{
    struct kinds_log *log = arg;
    write_prefix(log, v->line, v->family, v->start, v->length);
    assert_true(v->max_length >= v->length);
    assert_true(memchr(v->trust_anchor, '\0', TRUST_ANCHOR_MAX) != NULL);
    buffer_format(&log->text, "-%u %u %s\n", v->max_length, v->asn, v->trust_anchor);
    return 0;
}

static int read_payloads(struct kinds_log *log, struct source *s,
                         const struct read_options *options)
{
    struct vrp_handler handler = {on_vrps, on_vrp, on_finding, log};
    struct vrp_result result;
    char text[DATE_TEXT_MAX];
    int code = read_vrps(s, options, &handler, &result, &log->err);
    if (code)
        return code;
    assert_int_equal(result.vrps[0] + result.vrps[1], log->records);
    buffer_format(&log->text, "%s, ", day(result.header.date, text));
    write_fates(log, &result.fates);
    return 0;
}

// ---- names of ASes

static int on_names(const struct as_name_header *h, void *arg)
{
    struct kinds_log *log = arg;
    char text[DATE_TEXT_MAX];
    assert_int_equal(log->records, 0);
    buffer_format(&log->text, "%s %s\n", input_format_name(h->format), day(h->date, text));
    return 0;
}

static int on_name(const struct as_name *n, void *arg)
{
    struct kinds_log *log = arg;
    char code[8];
    log->records++;
    assert_true(n->line > 0 && n->name.length <= AS_NAME_MAX);
    assert_true(memchr(n->registry, '\0', AS_REGISTRY_MAX) != NULL);
    buffer_format(&log->text, "%llu: %u %s %s \"%.*s\"\n", (unsigned long long)n->line, n->asn,
                  economy_format(n->economy, code), n->registry, SLICE_ARG(n->name));
    return 0;
}

static int read_names(struct kinds_log *log, struct source *s, const struct read_options *options)
{
    struct as_name_handler handler = {on_names, on_name, on_finding, log};
    struct as_name_result result;
    int code = read_as_names(s, options, &handler, &result, &log->err);
    if (!code)
        write_fates(log, &result.fates);
    return code;
}

// ---- users per AS

static void write_number(struct kinds_log *log, const char *word, double value)
{
    char text[REAL_TEXT_MAX];
    if (!isnan(value))
        buffer_format(&log->text, "%s%s", word, real_text(value, text));
}

static int on_networks(const struct users_per_as_header *h, void *arg)
{
    struct kinds_log *log = arg;
    char text[DATE_TEXT_MAX];
    assert_int_equal(log->records, 0);
    buffer_format(&log->text, "%s %s\n", input_format_name(h->format), day(h->date, text));
    return 0;
}

static int on_users(const struct users_per_as *u, void *arg)
{
    struct kinds_log *log = arg;
    char code[8];
    log->records++;
    assert_true(u->line > 0 && u->users >= 0);
    buffer_format(&log->text, "%llu: %u %s", (unsigned long long)u->line, u->asn,
                  economy_format(u->economy, code));
    write_number(log, " ", u->users);
    write_number(log, " of ", u->samples);
    buffer_char(&log->text, '\n');
    return 0;
}

static int read_networks(struct kinds_log *log, struct source *s,
                         const struct read_options *options)
{
    struct users_per_as_handler handler = {on_networks, on_users, on_finding, log};
    struct users_per_as_result result;
    char text[DATE_TEXT_MAX];
    int code = read_users_per_as(s, options, &handler, &result, &log->err);
    if (code)
        return code;
    buffer_format(&log->text, "%s, ", day(result.header.date, text));
    write_fates(log, &result.fates);
    return 0;
}

// ---- observations

static int on_series(const struct observed_header *h, void *arg)
{
    struct kinds_log *log = arg;
    assert_int_equal(log->records, 0);
    buffer_format(&log->text, "%s %s [%s] %s (%s)\n", input_format_name(h->format), h->series,
                  h->unit, h->title, h->source);
    return 0;
}

static int on_value(const struct observed_value *v, void *arg)
{
    struct kinds_log *log = arg;
    char text[DATE_TEXT_MAX];
    log->records++;
    assert_true(v->line > 0 && v->date != DATE_NONE && v->value >= 0);
    assert_true(memchr(v->key, '\0', OBSERVED_KEY_MAX) != NULL && v->key[0] != '\0');
    buffer_format(&log->text, "%llu: %s %s", (unsigned long long)v->line, v->key,
                  date_format(v->date, text));
    write_number(log, " ", v->value);
    write_number(log, " from ", v->low);
    write_number(log, " to ", v->high);
    write_number(log, " of ", v->samples);
    buffer_char(&log->text, '\n');
    return 0;
}

static int read_series(struct kinds_log *log, struct source *s, const struct read_options *options)
{
    struct observed_handler handler = {on_series, on_value, on_finding, log};
    struct observed_result result;
    struct world *world = NULL;
    assert_int_equal(world_load(LANGUAGE_EN, &world, &log->err), 0);
    int code = read_observed(s, world, options, &handler, &result, &log->err);
    world_free(&world);
    if (code)
        return code;
    assert_int_equal(result.values, log->records);
    write_fates(log, &result.fates);
    return 0;
}

// ---- results of checks

static int on_checked(const struct checked_header *h, void *arg)
{
    struct kinds_log *log = arg;
    buffer_format(&log->text, "campaign %s from \"%s\", list %.8s, %s, %s, %lld\n", h->campaign,
                  h->vantage, h->list, h->options, h->version, (long long)h->began);
    return 0;
}

static int on_checked_result(const struct checked_result *r, bool *ret_twice, void *arg)
{
    struct kinds_log *log = arg;
    char code[8];
    log->records++;
    *ret_twice = strcmp(r->domain, "twice.example") == 0;
    buffer_format(&log->text, "%llu: %s (%s, %s, %s) %s", (unsigned long long)r->line, r->domain,
                  economy_format(r->economy, code), r->organisation, r->sector,
                  checked_stage_name(r->stage));
    for (size_t i = 0; i < r->test_count; i++)
        buffer_format(&log->text, " %s/%d=%s%s%s", r->tests[i].name, r->tests[i].subject,
                      checked_verdict_name(r->tests[i].verdict), r->tests[i].reason[0] ? ":" : "",
                      r->tests[i].reason);
    buffer_format(&log->text, " web %u/%u/%u/%u%s, %g\n", r->counts[1].interfaces,
                  r->counts[1].with_aaaa, r->counts[1].reached, r->counts[1].operational,
                  r->counts[1].intended ? "" : " not intended", r->internetnl_web);
    assert_true(r->json.length > 0 && r->json.at[0] == '{' &&
                r->json.at[r->json.length - 1] == '}');
    return 0;
}

static int read_results(struct kinds_log *log, struct source *s, const struct read_options *options)
{
    struct checked_handler handler = {on_checked, on_checked_result, on_finding, log};
    struct checked_totals totals = {0};
    (void)options;
    int code = read_checked(s, &handler, &totals, &log->err);
    if (code)
        return code;
    write_fates(log, &totals.fates);
    return 0;
}

// ---- any

typedef int reader(struct kinds_log *log, struct source *s, const struct read_options *options);

void kinds_read(struct kinds_log *log, const char *name, const void *bytes, size_t length,
                const struct read_options *options)
{
    static reader *const readers[] = {
        [INPUT_ROUTES] = read_routes,         [INPUT_VRPS] = read_payloads,
        [INPUT_OBSERVED] = read_series,       [INPUT_AS_NAMES] = read_names,
        [INPUT_USERS_PER_AS] = read_networks, [INPUT_CHECKED] = read_results,
    };
    struct source *source;
    enum input_kind kind;
    assert_int_equal(source_open_memory(name, bytes, length, NULL, &source, &log->err), 0);
    log->err.text[0] = '\0';
    log->code = input_kind(source, &kind, &log->err);
    if (!log->code && (kind >= sizeof readers / sizeof *readers || !readers[kind]))
        buffer_format(&log->text, "another kind: %u\n", kind);
    else if (!log->code)
        log->code = readers[kind](log, source, options);
    source_close(&source);
    if (log->code) {
        assert_int_equal(log->code, log->err.code);
        buffer_format(&log->text, "refused, %s: %s\n", err_name(log->code), log->err.text);
    }
    assert_false(log->text.failed);
}

void kinds_done(struct kinds_log *log)
{
    buffer_done(&log->text);
    *log = (struct kinds_log){0};
}

void kinds_check(const struct kinds_sample *samples, size_t count)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct kinds_log log = {0};
        const struct kinds_sample *s = &samples[i];
        struct read_options options = {.date = s->date ? s->date : DATE_NONE};
        kinds_read(&log, s->input ? s->input : "text", s->text, strlen(s->text), &options);
        if (strcmp(log.text.at, s->wanted) != 0) {
            fprintf(stderr, "== %s\n-- wanted\n%s-- got\n%s", s->name, s->wanted, log.text.at);
            wrong++;
        }
        kinds_done(&log);
    }
    assert_int_equal(wrong, 0);
}

static void read_quietly(const char *text, size_t length)
{
    struct kinds_log log = {0};
    kinds_read(&log, "text", text, length, NULL);
    kinds_done(&log);
}

void kinds_alter(const char *text, size_t length, unsigned rounds, uint64_t seed)
{
    struct chance chance = {seed};
    for (size_t cut = 0; cut < length; cut += 1 + length / 512)
        read_quietly(text, cut);
    for (unsigned i = 0; i < rounds; i++) {
        struct buffer altered = {0};
        buffer_add(&altered, text, length);
        chance_alter(&chance, &altered);
        read_quietly(altered.at, altered.length);
        buffer_done(&altered);
    }
}
