// SPDX-License-Identifier: Apache-2.0
//
// The walk over the lines of a text, each with its fate.

#include "read/formats.h"

#include <inttypes.h>
#include <string.h>

int text_ignore(struct text_reader *r, enum ignored why)
{
    r->fates.ignored[why]++;
    return 0;
}

int text_reject(struct text_reader *r, const struct line *l, enum rejected why, struct slice what)
{
    return reject_lines(&r->tell, &r->fates, l->number, 1, why, what);
}

struct slice text_without_mark(struct slice s)
{
    if (s.length >= 3 && memcmp(s.at, "\xEF\xBB\xBF", 3) == 0)
        s = (struct slice){s.at + 3, s.length - 3};
    return s;
}

static int take_line(struct text_reader *r, struct line *l)
{
    r->fates.lines = l->number;
    if (l->too_long)
        return text_reject(r, l, REJECTED_LENGTH, (struct slice){"", 0});
    if (l->number == 1) {
        struct slice unmarked = text_without_mark((struct slice){l->at, l->length});
        l->at = unmarked.at;
        l->length = (uint32_t)unmarked.length;
    }
    struct slice text = slice_trim((struct slice){l->at, l->length});
    if (text.length == 0)
        return text_ignore(r, IGNORED_BLANK);
    if (!strchr(r->comments, text.at[0]))
        return r->line(r, l);
    text_ignore(r, IGNORED_COMMENT);
    return r->comment ? r->comment(r, text) : 0;
}

int fates_check(const struct fates *f, const char *name, const char *wanted, struct err *e)
{
    uint64_t rejected = fates_rejected(f);
    if (f->lines == 0)
        return err_set(e, ERR_INPUT, "%s: empty; wanted %s", name, wanted);
    if (f->used == 0 || rejected > f->used)
        return err_set(e, ERR_INPUT, "%s: %" PRIu64 " lines used, %" PRIu64 " rejected; wanted %s",
                       name, f->used, rejected, wanted);
    return 0;
}

int text_read(struct text_reader *r, char separator)
{
    struct lines *lines = NULL;
    struct line line = {.ended = true};
    bool got = true;
    int code = lines_new(r->source, separator, &lines, r->e);
    while (!code && (code = lines_next(lines, &line, &got, r->e)) == 0 && got)
        code = take_line(r, &line);
    if (!code && !line.ended)
        code = err_set(r->e, ERR_INPUT,
                       "%s:%" PRIu64 ": the last line has no end; wanted a whole "
                       "file",
                       source_name(r->source), r->fates.lines);
    lines_free(&lines);
    return code ? code : fates_check(&r->fates, source_name(r->source), r->wanted, r->e);
}

date date_supplied(const struct read_options *options, const struct source *s)
{
    if (options && options->date != DATE_NONE)
        return options->date;
    return source_name_date(source_name(s));
}
