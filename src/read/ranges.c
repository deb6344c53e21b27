// SPDX-License-Identifier: Apache-2.0
//
// Range tables: start,end,economy, as geolocation packages have them. Addresses in text form, of
// either family; a heading and quotes are allowed. The table has no dates, no registry and no
// holders: its records are of the registry `table`, allocated, undated. An IPv6 range becomes the
// fewest prefixes that cover it. The snapshot's date must be supplied.

#include "read/formats.h"
#include "read/lines.h"

#include <inttypes.h>

struct ranges {
    const char *name;
    const struct read_handler *handler;
    struct read_result result;
    struct err *e;
    uint64_t odd_line; // the last line with an odd country code
};

static int reject(struct ranges *r, const struct line *l, enum rejected why)
{
    struct slice what = {l->at, l->too_long ? 0 : l->length};
    return reject_lines(r->handler, &r->result.fates, l->number, 1, why, what);
}

// What is no country code of two capital letters is told; the range counts all the same.
static int parse_economy(struct ranges *r, const struct line *l, struct slice s, economy *ret)
{
    *ret = economy_parse(s);
    if (s.length == 0 || (s.length == 2 && economy_of(s.at[0], s.at[1]) == *ret))
        return 0;
    r->odd_line = l->number;
    return tell_finding(r->handler, FINDING_ECONOMY, l->number, "country code \"%.*s\"",
                        s.length > 20 ? 20 : (int)s.length, s.at);
}

// One address or AS number.
static bool parse_point(struct slice s, struct range *ret)
{
    return range_parse(s, ret) && ret->first == ret->last;
}

static int give(struct ranges *r, const struct record *record)
{
    return r->handler->record ? r->handler->record(record, r->handler->arg) : 0;
}

static int give_range(struct ranges *r, struct range *range, economy e, uint64_t line)
{
    struct record record = {.registry = REGISTRY_TABLE,
                            .status = STATUS_ALLOCATED,
                            .economy = e,
                            .date = DATE_NONE,
                            .holder = {"", 0},
                            .line = line};
    r->result.fates.used++;
    r->result.families |= 1u << range->family;
    if (range->family != FAMILY_IPV6) {
        record.block =
            (struct block){range->family, range->first, (uint64_t)(range->last - range->first) + 1};
        return give(r, &record);
    }
    int code = 0;
    while (!code && range_next_block(range, &record.block))
        code = give(r, &record);
    return code;
}

static int read_line(struct ranges *r, const struct line *l)
{
    struct range first, last;
    economy e;
    r->result.fates.lines = l->number;
    if (l->too_long)
        return reject(r, l, REJECTED_LENGTH);
    if (slice_trim((struct slice){l->at, l->length}).length == 0)
        return r->result.fates.ignored[IGNORED_BLANK]++, 0;
    if (l->at[0] == '#')
        return r->result.fates.ignored[IGNORED_COMMENT]++, 0;
    if (l->fields < 3)
        return reject(r, l, REJECTED_FIELDS);
    struct slice start = slice_unquoted(line_field(l, 0));
    if (slice_is_nocase(start, "start"))
        return r->result.fates.ignored[IGNORED_HEADER]++, 0;
    if (!parse_point(start, &first) || !parse_point(slice_unquoted(line_field(l, 1)), &last))
        return reject(r, l, REJECTED_ADDRESS);
    if (first.family != last.family || last.last < first.first)
        return reject(r, l, REJECTED_RANGE);
    first.last = last.last;
    int code = parse_economy(r, l, slice_unquoted(line_field(l, 2)), &e);
    return code ? code : give_range(r, &first, e, l->number);
}

static int check_whole(struct ranges *r, bool cut)
{
    const struct fates *f = &r->result.fates;
    if (cut)
        return err_set(r->e, ERR_INPUT, "%s:%" PRIu64 ": the file is cut in the middle of a line",
                       r->name, f->lines);
    if (f->used == 0 || fates_rejected(f) > f->used)
        return err_set(r->e, ERR_INPUT,
                       "%s: %" PRIu64 " of %" PRIu64 " lines are ranges; wanted start,end,economy",
                       r->name, f->used, f->lines);
    return 0;
}

static int read_lines(struct ranges *r, struct lines *lines)
{
    struct line line = {.ended = true};
    uint64_t before = 0;
    bool got;
    int code;
    while ((code = lines_next(lines, &line, &got, r->e)) == 0 && got) {
        before = fates_rejected(&r->result.fates);
        if ((code = read_line(r, &line)) != 0)
            return code;
    }
    bool odd = r->odd_line == line.number || fates_rejected(&r->result.fates) > before;
    return code ? code : check_whole(r, !line.ended && odd);
}

int read_ranges(struct source *s, const struct read_options *options,
                const struct read_handler *handler, struct read_result *ret, struct err *e)
{
    struct ranges r = {.name = source_name(s), .handler = handler, .e = e};
    struct lines *lines;
    r.result.header = (struct read_header){
        .format = FORMAT_RANGES, .registry = REGISTRY_TABLE, .date = options->date};
    if (options->date == DATE_NONE)
        return err_set(e, ERR_INPUT, "%s: a range table states no date; give --date", r.name);
    int code = lines_new(s, ',', &lines, e);
    if (code)
        return code;
    if (handler->header)
        code = handler->header(&r.result.header, handler->arg);
    if (!code)
        code = read_lines(&r, lines);
    lines_free(&lines);
    if (!code)
        *ret = r.result;
    return code;
}
