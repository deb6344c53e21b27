// SPDX-License-Identifier: Apache-2.0

#include "world/facts.h"

#include "base/buffer.h"
#include "base/date.h"
#include "base/file.h"

#include <stdarg.h>
#include <stdio.h>

struct reading {
    const char *heading;
    size_t columns;
    bool headed; // the heading was met
    struct slice source, date, url;
    struct facts_row row;
};

int facts_refuse(const struct facts_row *row, struct err *e, const char *format, ...)
{
    char what[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return err_set(e, ERR_INPUT, "%s:%u: %s", row->path, row->line, what);
}

static size_t columns_count(const char *heading)
{
    size_t n = 1;
    for (; *heading; heading++)
        n += *heading == ',';
    return n;
}

// Keeps the value of a comment such as "# url: https://...".
static void take_comment(struct reading *r, struct slice comment)
{
    struct slice key = slice_cut(&comment, ':');
    key = slice_trim(key);
    if (!comment.at)
        return;
    if (slice_is(key, "source"))
        r->source = slice_trim(comment);
    else if (slice_is(key, "url"))
        r->url = slice_trim(comment);
    else if (slice_is(key, "date"))
        r->date = slice_trim(comment);
}

static bool has_control(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f)
            return true;
    return false;
}

static bool is_quoting_open(struct slice line)
{
    bool open = false;
    for (size_t i = 0; i < line.length; i++)
        open ^= line.at[i] == '"';
    return open;
}

static int cut_fields(struct reading *r, struct slice line, struct err *e)
{
    struct slice field;
    // The line lies in a buffer of our own, which csv_field may change.
    char *at = (char *)line.at, *end = at + line.length;
    size_t n = 0;
    if (is_quoting_open(line))
        return facts_refuse(&r->row, e, "a quotation mark without its pair");
    while (csv_field(&at, end, &field)) {
        if (n < r->columns)
            r->row.fields[n] = slice_trim(field);
        n++;
    }
    if (n != r->columns)
        return facts_refuse(&r->row, e, "%zu columns where the heading has %zu", n, r->columns);
    return 0;
}

static int take_line(struct reading *r, struct slice line, facts_row_fn *fn, void *context,
                     struct err *e)
{
    line = slice_trim(line);
    if (line.length == 0)
        return 0;
    if (has_control(line))
        return facts_refuse(&r->row, e, "a control character");
    if (line.at[0] == '#') {
        take_comment(r, (struct slice){line.at + 1, line.length - 1});
        return 0;
    }
    if (!r->headed) {
        r->headed = slice_is(line, r->heading);
        return r->headed ? 0
                         : facts_refuse(&r->row, e, "heading \"%.*s\", wanted \"%s\"",
                                        SLICE_ARG(line), r->heading);
    }
    int code = cut_fields(r, line, e);
    return code ? code : fn(context, &r->row, e);
}

static int take_lines(struct reading *r, struct slice text, facts_row_fn *fn, void *context,
                      struct err *e)
{
    int code = 0;
    while (code == 0 && text.at) {
        struct slice line = slice_cut(&text, '\n');
        r->row.line++;
        code = take_line(r, line, fn, context, e);
    }
    if (code == 0 && !r->headed)
        code = facts_refuse(&r->row, e, "no heading, wanted \"%s\"", r->heading);
    return code;
}

static int join_source(struct reading *r, struct arena *arena, const char **ret, struct err *e)
{
    struct slice day = {r->date.at, r->date.length < 10 ? r->date.length : 10};
    date ignored;
    r->row.line = 1;
    if (r->source.length == 0 || r->url.length == 0 || !date_parse(day, &ignored))
        return facts_refuse(&r->row, e,
                            "comments \"# source:\", \"# url:\" and \"# date:\" wanted");
    char *text = arena_format(arena, "%.*s, %.*s, %.*s", SLICE_ARG(r->source), SLICE_ARG(day),
                              SLICE_ARG(r->url));
    if (!text)
        return err_memory(e);
    *ret = text;
    return 0;
}

int facts_read(const char *name, const char *heading, facts_row_fn *fn, void *context,
               struct arena *arena, const char **ret_source, struct err *e)
{
    char path[FILE_PATH_MAX];
    struct buffer text = {0};
    int code = file_find_data(name, path, e);
    if (code)
        return code;
    struct reading r = {.heading = heading, .columns = columns_count(heading), .row.path = path};
    code = file_read(path, FACTS_BYTES_MAX, &text, e);
    if (code == 0)
        code = take_lines(&r, (struct slice){text.at, text.length}, fn, context, e);
    if (code == 0 && ret_source)
        code = join_source(&r, arena, ret_source, e);
    buffer_done(&text);
    return code;
}
