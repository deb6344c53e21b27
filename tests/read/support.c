// SPDX-License-Identifier: Apache-2.0

#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

static int on_header(const struct read_header *h, void *arg)
{
    struct log *log = arg;
    char day[DATE_TEXT_MAX];
    assert_int_equal(log->records, 0);
    if (!log->records_only)
        buffer_format(&log->text, "file %s %s claims %llu version \"%s\"\n",
                      registry_name(h->registry), date_format(h->date, day),
                      (unsigned long long)h->claimed, h->version);
    return 0;
}

static int on_record(const struct record *r, void *arg)
{
    struct log *log = arg;
    char code[8], block[BLOCK_TEXT_MAX], day[DATE_TEXT_MAX];
    assert_true(block_valid(&r->block) && block_aligned(&r->block));
    assert_true(r->holder.length <= HOLDER_MAX);
    assert_true(r->registry < REGISTRY_NRO && r->status < STATUS_COUNT);
    log->records++;
    buffer_format(&log->text, "%llu: %s %s %s %s %s %.*s\n", (unsigned long long)r->line,
                  registry_name(r->registry), economy_format(r->economy, code),
                  block_format(&r->block, block),
                  r->date == DATE_NONE ? "-" : date_format(r->date, day), status_name(r->status),
                  SLICE_ARG(r->holder));
    return 0;
}

static int on_finding(const struct finding *f, void *arg)
{
    struct log *log = arg;
    if (!log->records_only)
        buffer_format(&log->text, "%llu? %s: %s\n", (unsigned long long)f->line,
                      finding_name(f->kind), f->text);
    return 0;
}

static void write_fates(struct log *log)
{
    const struct fates *f = &log->result.fates;
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
    buffer_text(&log->text, log->result.extended ? "; extended" : "; plain");
    for (unsigned i = 0; i < FAMILY_COUNT; i++)
        if (log->result.families >> i & 1)
            buffer_format(&log->text, ", %s", family_name((enum family)i));
    buffer_text(&log->text, "\n");
    assert_true(f->used + fates_ignored(f) + fates_rejected(f) == f->lines);
}

void log_read(struct log *log, const void *bytes, size_t length, const struct read_options *options)
{
    struct read_handler handler = {on_header, on_record, on_finding, log};
    struct source *source;
    assert_int_equal(source_open_memory("text", bytes, length, NULL, &source, &log->err), 0);
    memset(&log->result, 0x5a, sizeof log->result);
    log->err.text[0] = '\0';
    log->code = read_input(source, options, &handler, &log->result, &log->err);
    source_close(&source);
    if (log->code) {
        assert_int_equal(log->result.fates.lines, 0x5a5a5a5a5a5a5a5a); // untouched
        assert_int_equal(log->code, log->err.code);
        buffer_format(&log->text, "refused, %s: %s\n", err_name(log->code), log->err.text);
    } else if (!log->records_only) {
        write_fates(log);
    } else {
        const struct fates *f = &log->result.fates;
        assert_true(f->used + fates_ignored(f) + fates_rejected(f) == f->lines);
    }
    assert_false(log->text.failed);
}

void log_done(struct log *log)
{
    buffer_done(&log->text);
    *log = (struct log){0};
}

void samples_check(const struct sample *samples, size_t count)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct log log = {0};
        const struct sample *s = &samples[i];
        bool given = s->options.has_registry || s->options.date != 0;
        log_read(&log, s->text, strlen(s->text), given ? &s->options : NULL);
        if (strcmp(log.text.at, s->wanted) != 0) {
            print_error("== %s\n-- wanted\n%s-- got\n%s", s->name, s->wanted, log.text.at);
            wrong++;
        }
        log_done(&log);
    }
    assert_int_equal(wrong, 0);
}

uint64_t chance_next(struct chance *c)
{
    c->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = c->state;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

unsigned chance_below(struct chance *c, unsigned limit)
{
    return (unsigned)(chance_next(c) % limit);
}

static size_t line_begin(const struct buffer *text, size_t at)
{
    while (at > 0 && text->at[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_stop(const struct buffer *text, size_t at)
{
    const char *found = memchr(text->at + at, '\n', text->length - at);
    return found ? (size_t)(found - text->at) + 1 : text->length;
}

static void drop(struct buffer *text, size_t from, size_t to)
{
    memmove(text->at + from, text->at + to, text->length - to);
    text->length -= to - from;
}

static void insert(struct buffer *text, size_t at, const char *bytes, size_t length)
{
    char *copy = malloc(length + 1);
    size_t behind = text->length - at;
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    buffer_add(text, copy, length); // room
    memmove(text->at + at + length, text->at + at, behind);
    memcpy(text->at + at, copy, length);
    free(copy);
}

void chance_alter(struct chance *c, struct buffer *text)
{
    static const char letters[] = "|||\n\r,:\"#*/.0123456789aAzZ- \t\x01\x7f\x80\xff";
    for (unsigned n = 1 + chance_below(c, 3); n > 0 && text->length > 0; n--) {
        size_t at = chance_below(c, (unsigned)text->length);
        size_t from = line_begin(text, at), to = line_stop(text, at);
        char letter = letters[chance_below(c, sizeof letters - 1)];
        switch (chance_below(c, 8)) {
        case 0:
            text->at[at] = letter;
            break;
        case 1:
            drop(text, at, at + 1);
            break;
        case 2:
            insert(text, at, &letter, 1);
            break;
        case 3:
            drop(text, from, to);
            break;
        case 4:
            insert(text, from, text->at + from, to - from);
            break;
        case 5:
            insert(text, from, text->at + at, to - at);
            break;
        case 6: // the tail of another line
            drop(text, at, to);
            break;
        default:
            text->at[at] = (char)chance_next(c);
            if (chance_below(c, 20) == 0)
                text->length = at;
        }
    }
}

void pack_gzip(const void *bytes, size_t length, struct buffer *ret)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, length) + 64;
    unsigned char *out = malloc(room);
    assert_non_null(out);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (unsigned)length;
    z.next_out = out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buffer_add(ret, (char *)out, z.total_out);
    deflateEnd(&z);
    free(out);
}
