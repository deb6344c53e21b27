// SPDX-License-Identifier: Apache-2.0
//
// sextant lifetimes: everything that the archive knows, one line a lifetime, streamed.
//
// Rows come from the archive by registry, status and start; those of one start are held back and
// sorted, so that the same archive always gives the same bytes.

#include "base/array.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/question.h"
#include "measure/economies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10) // bytes that are written at once

static const char *const usage[] = {"lifetimes [OPTIONS]", NULL};

static const char *const families[] = {"ipv6", "ipv4", "asn", NULL};

static const struct option_spec options[] = {
    {"family", 0, "FAMILY", "Only ipv6, ipv4 or asn; all by default.", families},
    {"registry", 0, "NAME,...", "Only these registries; all by default.", NULL},
    {"status", 0, "STATUS,...",
     "Only records allocated, assigned, available, reserved; delegated is the first two; all by "
     "default.",
     NULL},
    {"known-on", 0, "DATE",
     "Only what stands in the snapshots of that day; the whole history by "
     "default.",
     NULL},
    {"only", 0, "CC,...", "Only these economies (KE, UG, none).", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant lifetimes --output lifetimes.csv", "Everything that the archive knows."},
    {"sextant lifetimes --family ipv6 --only KE", "The history of Kenya's IPv6 records."},
    {"sextant lifetimes --known-on 2024-01-05 --format json", "What stood on one day, as JSON."},
    {NULL}};

// ---- where the bytes go: standard output, or a file that is put in place when all is written

struct sink {
    const struct invocation *inv;
    int fd; // -1: standard output
    char temporary[FILE_PATH_MAX];
    struct buffer text;
};

static int sink_open(struct sink *s, const struct invocation *inv, struct err *e)
{
    *s = (struct sink){.inv = inv, .fd = -1};
    if (!inv->output)
        return 0;
    if (file_is_stream(inv->output)) {
        s->fd = open(inv->output, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return s->fd < 0 ? err_system(e, "%s", inv->output) : 0;
    }
    int length = snprintf(s->temporary, sizeof s->temporary, "%s.XXXXXX", inv->output);
    if (length < 0 || (size_t)length >= sizeof s->temporary)
        return err_set(e, ERR_USAGE, "%s: path too long", inv->output);
    mode_t mask = umask(0);
    umask(mask);
    s->fd = mkstemp(s->temporary);
    if (s->fd < 0 || fchmod(s->fd, 0666 & ~mask) != 0)
        return err_system(e, "%s: cannot write", inv->output);
    return 0;
}

static int sink_flush(struct sink *s, struct err *e)
{
    const char *at = s->text.at;
    size_t left = s->text.length;
    s->text.length = 0;
    if (s->text.failed)
        return err_memory(e);
    if (s->fd < 0)
        return left ? invocation_write(s->inv, at, left, e) : 0;
    while (left > 0) {
        ssize_t n = write(s->fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_system(e, "%s: cannot write", s->inv->output);
        at += n;
        left -= (size_t)n;
    }
    return 0;
}

// Puts the file in place when `code` is 0, else drops it. Returns the code.
static int sink_close(struct sink *s, int code, struct err *e)
{
    if (code == 0)
        code = sink_flush(s, e);
    if (s->fd >= 0) {
        bool file = s->temporary[0] != '\0';
        bool kept = code == 0 &&
                    (!file || (fsync(s->fd) == 0 && rename(s->temporary, s->inv->output) == 0));
        if (code == 0 && !kept)
            code = err_system(e, "%s: cannot write", s->inv->output);
        if (!kept && file)
            unlink(s->temporary);
        close(s->fd);
    }
    buffer_done(&s->text);
    return code;
}

// ---- rows

struct run {
    struct question *question;
    struct sink *sink;
    struct economy_set only;
    struct snapshot_list snapshots;
    ARRAY(struct lifetime) held; // rows of one start
    ARRAY(const char *) holders; // by number
    struct arena *arena;
    uint64_t rows;
    struct err *err;
};

#define ORDER(a, b)                                                                                \
    if ((a) != (b))                                                                                \
    return (a) < (b) ? -1 : 1

static int lifetime_order(const void *left, const void *right)
{
    const struct lifetime *a = left, *b = right;
    ORDER(a->block.value, b->block.value);
    ORDER(a->date, b->date);
    ORDER(a->economy, b->economy);
    ORDER(a->holder, b->holder);
    ORDER(a->first, b->first);
    ORDER(a->last, b->last);
    return 0;
}

static const char *holder_of(const struct run *run, int64_t holder)
{
    bool known = holder > 0 && (uint64_t)holder < run->holders.count;
    return known && run->holders.at[holder] ? run->holders.at[holder] : "";
}

struct fields {
    char economy[8], start[ADDRESS_TEXT_MAX];
    char date[DATE_TEXT_MAX], first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
};

static void format_fields(const struct lifetime *l, struct fields *f)
{
    f->economy[0] = '\0';
    if (l->economy != ECONOMY_NONE)
        economy_format(l->economy, f->economy);
    address_format(l->block.family, l->block.start, f->start);
    date_format(l->date, f->date);
    date_format(l->first, f->first);
    date_format(l->last, f->last);
}

static void add_csv_text(struct buffer *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        buffer_text(out, text);
        return;
    }
    buffer_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buffer_char(out, '"');
        buffer_char(out, *text);
    }
    buffer_char(out, '"');
}

static void write_csv(struct run *run, const struct lifetime *l)
{
    struct buffer *out = &run->sink->text;
    struct fields f;
    format_fields(l, &f);
    buffer_format(out, "%s,%s,%s,%s,%llu,%s,%s,", registry_name(l->registry), f.economy,
                  family_name(l->block.family), f.start, (unsigned long long)l->block.value, f.date,
                  status_name(l->status));
    add_csv_text(out, holder_of(run, l->holder));
    buffer_format(out, ",%s,%s\n", f.first, f.last);
}

static void write_json(struct run *run, const struct lifetime *l)
{
    struct json j = {.out = &run->sink->text};
    struct fields f;
    format_fields(l, &f);
    buffer_text(j.out, run->rows ? ",\n" : "\n");
    json_open(&j, NULL, '{');
    json_text(&j, "registry", registry_name(l->registry));
    json_text(&j, "economy", f.economy[0] ? f.economy : NULL);
    json_text(&j, "family", family_name(l->block.family));
    json_text(&j, "start", f.start);
    json_integer(&j, "value", (int64_t)l->block.value);
    json_text(&j, "date", f.date[0] ? f.date : NULL);
    json_text(&j, "status", status_name(l->status));
    json_text(&j, "holder", l->holder ? holder_of(run, l->holder) : NULL);
    json_text(&j, "first_seen", f.first);
    json_text(&j, "last_seen", f.last);
    json_close(&j);
}

static int write_held(struct run *run)
{
    bool json = run->sink->inv->format == TABLE_JSON;
    if (run->held.count > 1)
        qsort(run->held.at, run->held.count, sizeof *run->held.at, lifetime_order);
    for (size_t i = 0; i < run->held.count; i++, run->rows++)
        if (json)
            write_json(run, &run->held.at[i]);
        else
            write_csv(run, &run->held.at[i]);
    run->held.count = 0;
    return run->sink->text.length >= CHUNK ? sink_flush(run->sink, run->err) : 0;
}

static int take(const struct lifetime *l, void *arg)
{
    struct run *run = arg;
    const struct lifetime *before = run->held.count ? &run->held.at[0] : NULL;
    if (!economy_set_has(&run->only, l->economy))
        return 0;
    int code = 0;
    if (before && (before->block.start != l->block.start || before->registry != l->registry ||
                   before->status != l->status))
        code = write_held(run);
    struct lifetime *kept = code ? NULL : ARRAY_ADD(&run->held);
    if (!kept)
        return code ? code : err_memory(run->err);
    *kept = *l;
    return 0;
}

static int keep_holder(int64_t holder, const char *name, void *arg)
{
    struct run *run = arg;
    if (holder < 0 || holder > INT32_MAX)
        return 0;
    while (run->holders.count <= (size_t)holder)
        if (!ARRAY_ADD(&run->holders))
            return err_memory(run->err);
    run->holders.at[holder] = arena_text(run->arena, name, strlen(name));
    return run->holders.at[holder] ? 0 : err_memory(run->err);
}

static int write_family(struct run *run, enum family family)
{
    const struct query *q = &run->question->query;
    const struct snapshot *known[REGISTRY_COUNT];
    date on[REGISTRY_COUNT];
    snapshot_known(&run->snapshots, family, q->known_on, known);
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        on[r] = known[r] ? known[r]->date : DATE_NONE;
    struct scan scan = {.family = family,
                        .registries = q->registries ? q->registries : (1u << REGISTRY_COUNT) - 1,
                        .statuses = q->statuses ? q->statuses : STATUS_ALL,
                        .on = q->known_on == DATE_MAX ? NULL : on};
    int code = store_scan(run->question->store, &scan, take, run, run->err);
    return code ? code : write_held(run);
}

static int write_rows(struct run *run)
{
    int code = store_holders(run->question->store, keep_holder, run, run->err);
    bool one = invocation_option(run->sink->inv, "family") != NULL;
    for (unsigned f = 0; f < FAMILY_COUNT && code == 0; f++)
        if (!one || run->question->query.family == (enum family)f)
            code = write_family(run, (enum family)f);
    return code;
}

// The basis is that of a table without rows.
static int make_basis(const struct run *run, struct table **ret, struct err *e)
{
    struct table *t;
    char day[DATE_TEXT_MAX];
    const struct query *q = &run->question->query;
    if (table_new("lifetimes", &t) != 0)
        return err_memory(e);
    t->basis.command = "lifetimes";
    t->basis.known_on =
        q->known_on == DATE_MAX ? "" : arena_format(&t->arena, "%s", date_format(q->known_on, day));
    query_describe(q, q->known_on, t);
    int code = store_revision(run->question->store, &t->basis.revision, e);
    if (code == 0 && (t->failed || !t->basis.known_on))
        code = err_memory(e);
    if (code == 0)
        *ret = t;
    else
        table_free(&t);
    return code;
}

static int write_all(struct run *run, const struct table *basis)
{
    struct buffer *out = &run->sink->text;
    bool json = run->sink->inv->format == TABLE_JSON;
    if (json) {
        buffer_text(out, "{\"table\": \"lifetimes\",\n\"basis\": ");
        basis_write_json(basis, out);
        buffer_text(out, ", \"rows\": [");
    } else {
        buffer_text(out, "registry,economy,family,start,value,date,status,holder,first_seen,"
                         "last_seen\n");
    }
    int code = write_rows(run);
    buffer_text(out, json ? "\n]}\n" : "");
    return code;
}

static int write_sidecar(const struct invocation *inv, const struct table *basis, struct err *e)
{
    char *path = NULL;
    struct buffer text = {0};
    if (asprintf(&path, "%s.basis.json", inv->output) < 0)
        return err_memory(e);
    basis_write_json(basis, &text);
    int code = text.failed ? err_memory(e) : file_publish(path, text.at, text.length, e);
    buffer_done(&text);
    free(path);
    return code;
}

static int write_lifetimes(struct run *run, struct invocation *inv, struct err *e)
{
    struct sink sink;
    struct table *basis = NULL;
    int code = store_snapshots(run->question->store, &run->snapshots, e);
    if (code == 0)
        code = economy_set_parse(&run->only, run->question->query.only, run->question->world, e);
    if (code == 0)
        code = make_basis(run, &basis, e);
    if (code == 0) {
        run->sink = &sink;
        code = sink_open(&sink, inv, e);
        if (code == 0)
            code = write_all(run, basis);
        code = sink_close(&sink, code, e);
        run->sink = NULL;
    }
    if (code == 0 && inv->output && inv->format != TABLE_JSON && !file_is_stream(inv->output))
        code = write_sidecar(inv, basis, e);
    if (basis)
        table_free(&basis);
    return code;
}

static int run_lifetimes(struct invocation *inv, struct err *e)
{
    struct question q;
    const char *format = invocation_option(inv, "format");
    if (format && strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
        return err_set(e, ERR_USAGE, "--format %s: lifetimes are written as csv or json", format);
    int code = question_open(&q, inv, e);
    if (code)
        return code;
    struct run run = {.question = &q, .arena = &inv->arena, .err = e};
    code = write_lifetimes(&run, inv, e);
    snapshot_list_free(&run.snapshots);
    free(run.held.at);
    free(run.holders.at);
    question_close(&q);
    return code;
}

const struct command command_lifetimes = {
    .name = "lifetimes",
    .group = COMMAND_DATA,
    .summary = "Everything that the archive knows, as CSV or JSON",
    .usage = usage,
    .description =
        "Writes each distinct record that a registry ever stated, with the first and the last "
        "snapshot that shows it; a record that was away in between has several lines. A record "
        "whose last snapshot is its registry's newest one still stands.\n\n"
        "The columns are registry, economy, family, start, value, date, status, holder, first_seen "
        "and last_seen. The economy is as stated, empty for none; value is a prefix length for "
        "IPv6, a count for IPv4 and AS numbers. CSV by default, or --format json.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .run = run_lifetimes,
};
