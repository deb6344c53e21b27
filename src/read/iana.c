// SPDX-License-Identifier: Apache-2.0
//
// IANA's own registries, as CSV: "IPv6 Global Unicast Address Assignments" and "IPv4 Address
// Space".
//
//     Prefix,Designation,Date,WHOIS,RDAP,Status,Note
//     2001:200::/23,APNIC,1999-07-01,whois.apnic.net,...,ALLOCATED,
//     001/8,APNIC,2010-01,whois.apnic.net,...,ALLOCATED,
//
// A row becomes a record of the registry iana; the designation is its holder, blanks as "-". LEGACY
// space is `assigned` (to holders, before the RIRs), UNALLOCATED is `available`. A date without a
// day is the first of its month. The table states no date of its own: the newest row's counts,
// unless the user supplies one.
//
// The tables are small (some 25 KB), and a quoted note may span lines: they are read whole.

#include "read/formats.h"

#include "base/array.h"
#include "base/buffer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define IANA_BYTES_MAX ((size_t)4 << 20) // hundred times today's size

struct iana {
    const char *name;
    enum family family;
    const struct read_handler *handler;
    struct read_result result;
    ARRAY(struct record) records; // given when the date is known
    struct err *e;
};

static int reject(struct iana *r, uint64_t line, uint64_t lines, enum rejected why,
                  struct slice what)
{
    return reject_lines(r->handler, &r->result.fates, line, lines, why, what);
}

// "2001:200::/23" or "001/8".
static bool parse_prefix(enum family family, struct slice s, struct block *ret)
{
    struct slice rest = s, address = slice_cut(&rest, '/');
    uint64_t length, octet;
    if (!rest.at || !slice_u64(rest, 128, &length))
        return false;
    if (family == FAMILY_IPV6) {
        *ret = (struct block){family, 0, length};
        return ipv6_parse(address, &ret->start) && block_aligned(ret);
    }
    if (length != 8 || !slice_u64(address, 255, &octet))
        return false;
    *ret = (struct block){family, (u128)octet << 24, 1u << 24};
    return true;
}

static bool parse_date(struct slice s, date *ret)
{
    char day[] = "0000-00-01";
    if (s.length == 0) {
        *ret = DATE_NONE;
        return true;
    }
    if (s.length != 7)
        return date_parse(s, ret);
    memcpy(day, s.at, 7);
    return date_parse(slice_of(day), ret);
}

// What IANA keeps for protocols (2001::/23, 2002::/16) is no registry's to delegate.
static enum status parse_status(struct slice s, struct slice designation)
{
    static const struct {
        const char *word;
        enum status status;
    } words[] = {{"ALLOCATED", STATUS_ALLOCATED},
                 {"LEGACY", STATUS_ASSIGNED},
                 {"RESERVED", STATUS_RESERVED},
                 {"UNALLOCATED", STATUS_AVAILABLE}};
    if (slice_is(designation, "IANA") || slice_is(designation, "6to4"))
        return STATUS_RESERVED;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_is_nocase(s, words[i].word))
            return words[i].status;
    return STATUS_OTHER;
}

// An opaque-id has no blanks: "RIPE NCC" becomes "RIPE-NCC".
static struct slice holder_of(char *at, size_t length)
{
    if (length > HOLDER_MAX)
        length = HOLDER_MAX;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)at[i] <= ' ' || (unsigned char)at[i] > '~')
            at[i] = '-';
    return (struct slice){at, length};
}

static int read_row(struct iana *r, char *at, char *end, uint64_t line, uint64_t lines)
{
    struct slice fields[7] = {{0}};
    unsigned count = 0;
    char *rest = at;
    while (count < 7 && csv_field(&rest, end, &fields[count]))
        count++;
    struct record record = {.registry = REGISTRY_IANA, .line = line};
    if (count < 6)
        return reject(r, line, lines, REJECTED_FIELDS, (struct slice){at, (size_t)(end - at)});
    if (!parse_prefix(r->family, fields[0], &record.block))
        return reject(r, line, lines, REJECTED_ADDRESS, fields[0]);
    if (!parse_date(fields[2], &record.date))
        return reject(r, line, lines, REJECTED_DATE, fields[2]);
    record.status = parse_status(fields[5], fields[1]);
    int code = record.status == STATUS_OTHER
                   ? tell_finding(r->handler, FINDING_STATUS, line, "status \"%.*s\"",
                                  fields[5].length > 40 ? 40 : (int)fields[5].length, fields[5].at)
                   : 0;
    if (code)
        return code;
    record.holder = holder_of((char *)(uintptr_t)fields[1].at, fields[1].length);
    r->result.fates.used += lines;
    if (record.date != DATE_NONE && record.date > r->result.header.date)
        r->result.header.date = record.date;
    struct record *kept = ARRAY_ADD(&r->records);
    if (!kept)
        return err_memory(r->e);
    *kept = record;
    return 0;
}

// The end of a row: a line end outside quotes. *ret_open: it ends within quotes.
static char *row_end(char *at, char *end, uint64_t *lines, bool *ret_open)
{
    bool quoted = false, comment = at[0] == '#';
    *lines = 1;
    for (; at < end; at++) {
        if (*at == '"' && !comment)
            quoted = !quoted;
        else if (*at == '\n' && !quoted)
            break;
        else if (*at == '\n' && at + 1 < end)
            ++*lines;
    }
    *ret_open = quoted;
    return at;
}

static int check_last_row(struct iana *r, bool open, bool ended, uint64_t rejected_before)
{
    if (open || (!ended && fates_rejected(&r->result.fates) > rejected_before))
        return err_set(r->e, ERR_INPUT, "%s:%" PRIu64 ": the file is cut in the middle of a row",
                       r->name, r->result.fates.lines);
    return 0;
}

static int read_rows(struct iana *r, char *at, char *end)
{
    bool open = false, ended = true;
    uint64_t before = 0;
    for (uint64_t line = 1, lines; at < end; line += lines) {
        char *stop = row_end(at, end, &lines, &open), *trimmed = stop;
        before = fates_rejected(&r->result.fates);
        ended = stop < end;
        if (trimmed > at && trimmed[-1] == '\r')
            trimmed--;
        int code = 0;
        r->result.fates.lines += lines;
        if (at[0] == '#')
            r->result.fates.ignored[IGNORED_COMMENT] += lines;
        else if (trimmed == at)
            r->result.fates.ignored[IGNORED_BLANK] += lines;
        else if (r->result.fates.ignored[IGNORED_HEADER] == 0)
            r->result.fates.ignored[IGNORED_HEADER] += lines;
        else
            code = read_row(r, at, trimmed, line, lines);
        if (code)
            return code;
        at = stop < end ? stop + 1 : end;
    }
    return check_last_row(r, open, ended, before);
}

static int slurp(struct source *s, struct buffer *out, struct err *e)
{
    char chunk[16384];
    size_t got;
    int code;
    while ((code = source_read(s, chunk, sizeof chunk, &got, e)) == 0 && got > 0) {
        buffer_add(out, chunk, got);
        if (out->length > IANA_BYTES_MAX)
            return err_set(e, ERR_LIMIT, "%s: longer than %zu bytes, too long for an IANA table",
                           source_name(s), IANA_BYTES_MAX);
    }
    return code ? code : out->failed ? err_memory(e) : 0;
}

static int check_whole(struct iana *r, const struct read_options *options)
{
    if (r->result.fates.used == 0 || fates_rejected(&r->result.fates) > r->result.fates.used)
        return err_set(r->e, ERR_INPUT, "%s: %" PRIu64 " of %" PRIu64 " lines are no assignments",
                       r->name, fates_rejected(&r->result.fates), r->result.fates.lines);
    if (options->date != DATE_NONE)
        r->result.header.date = options->date;
    if (r->result.header.date == DATE_NONE)
        return err_set(r->e, ERR_INPUT, "%s: no row states a date; give --date", r->name);
    return 0;
}

static int give_all(struct iana *r)
{
    const struct read_handler *h = r->handler;
    int code = h->header ? h->header(&r->result.header, h->arg) : 0;
    for (size_t i = 0; i < r->records.count && !code && h->record; i++)
        code = h->record(&r->records.at[i], h->arg);
    return code;
}

static int read_table(struct source *s, enum input_format format,
                      const struct read_options *options, const struct read_handler *handler,
                      struct read_result *ret, struct err *e)
{
    struct iana r = {.name = source_name(s), .handler = handler, .e = e};
    r.family = format == FORMAT_IANA_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
    r.result = (struct read_result){
        .header = {.format = format, .registry = REGISTRY_IANA, .date = DATE_NONE},
        .extended = true,
        .families = 1u << r.family};
    struct buffer text = {0};
    int code = slurp(s, &text, e);
    if (!code && text.length > 0)
        code = read_rows(&r, text.at, text.at + text.length);
    if (!code && (code = check_whole(&r, options)) == 0)
        code = give_all(&r);
    buffer_done(&text);
    free(r.records.at);
    if (!code)
        *ret = r.result;
    return code;
}

int read_iana_ipv6(struct source *s, const struct read_options *options,
                   const struct read_handler *handler, struct read_result *ret, struct err *e)
{
    return read_table(s, FORMAT_IANA_IPV6, options, handler, ret, e);
}

int read_iana_ipv4(struct source *s, const struct read_options *options,
                   const struct read_handler *handler, struct read_result *ret, struct err *e)
{
    return read_table(s, FORMAT_IANA_IPV4, options, handler, ret, e);
}
