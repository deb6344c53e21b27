// SPDX-License-Identifier: Apache-2.0
//
// The RIR statistics exchange format: versions 1, 2 and 2.3, plain and extended.
//
//     2.3|apnic|20240105|73407||20240104|+1000                     version line
//     apnic|*|ipv6|*|32983|summary                                 one summary a type
//     apnic|JP|ipv6|2001:db8::|32|19990813|allocated|A916B6AA      records
//
// Where the world differs from the standard: RIPE's extended files and all of AFRINIC's say version
// 2; ARIN's serial is in milliseconds, RIPE's in seconds since 1970; the start date may be empty or
// 00000000; LACNIC's asn summary never fits; comments may stand before the version line;
// `available` and `reserved` records carry no country and no date.
//
// The snapshot's date is the version line's end date: the last day that the file covers. Where that
// is missing the serial gives it.
//
// The file is refused whole when it is not what its version line says: fewer records (a cut
// download), a second version line (two downloads in one file), no version line at all.

#include "read/formats.h"
#include "read/lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// What only extended files state.
#define STATUS_FREE (STATUS_BIT(STATUS_AVAILABLE) | STATUS_BIT(STATUS_RESERVED))

struct rir {
    struct source *source;
    const struct read_options *options;
    const struct read_handler *handler;
    struct read_result result;
    struct record record; // the one being read: every field is set anew
    struct err *e;
    char own_name[16];                // the registry as the records spell it
    size_t own_length;                // SIZE_MAX: not seen yet
    bool started;                     // the header is complete, records may come
    bool combined;                    // each record is of the registry that it names
    uint64_t body[FAMILY_COUNT];      // data lines of a type
    uint64_t summaries[FAMILY_COUNT]; // what the summary lines say
    bool summarised[FAMILY_COUNT];
    uint64_t data_lines, summary_lines;
};

static int reject(struct rir *r, const struct line *l, enum rejected why, struct slice what)
{
    return reject_lines(r->handler, &r->result.fates, l->number, 1, why, what);
}

// ---- the version line

// yyyymmdd, or seconds or milliseconds since 1970.
static bool serial_date(struct slice s, date *ret)
{
    uint64_t number;
    if (date_parse(s, ret))
        return true;
    if (!slice_u64(s, UINT64_C(99999999999999), &number) || number < 100000000)
        return false;
    uint64_t seconds = number > UINT64_C(99999999999) ? number / 1000 : number;
    *ret = (date)(seconds / 86400);
    return true;
}

static bool is_version_line(const struct line *l)
{
    enum registry registry;
    return l->at[0] >= '1' && l->at[0] <= '9' && l->fields >= 4 &&
           line_field(l, 0).length < VERSION_MAX &&
           registry_parse(slice_trim(line_field(l, 1)), &registry) && registry != REGISTRY_TABLE;
}

static int read_version_line(struct rir *r, const struct line *l)
{
    struct read_header *h = &r->result.header;
    struct slice version = line_field(l, 0);
    memcpy(h->version, version.at, version.length);
    registry_parse(slice_trim(line_field(l, 1)), &h->registry);
    slice_u64(line_field(l, 3), UINT64_MAX, &h->claimed);
    if (!(l->fields > 5 && date_parse(line_field(l, 5), &h->date)) &&
        !serial_date(line_field(l, 2), &h->date))
        h->date = DATE_NONE;
    return 0;
}

// What the user supplies fills what the version line leaves open; nothing else is assumed.
static int complete_header(struct rir *r, uint64_t line, bool has_version_line)
{
    struct read_header *h = &r->result.header;
    const struct read_options *o = r->options;
    const char *name = source_name(r->source);
    if (!has_version_line && !o->has_registry)
        return err_set(r->e, ERR_INPUT,
                       "%s:%" PRIu64 ": no version line; wanted \"2|registry|...\", or --registry "
                       "and --date to say what the file is",
                       name, line);
    if (!has_version_line)
        h->registry = o->registry;
    if (h->date == DATE_NONE || !has_version_line) {
        if (o->date == DATE_NONE)
            return err_set(r->e, ERR_INPUT, "%s:%" PRIu64 ": the file states no date; give --date",
                           name, line);
        h->date = o->date;
        char text[DATE_TEXT_MAX];
        int code = tell_finding(r->handler, FINDING_SUPPLIED, 0, "supplied by the user: %s %s",
                                registry_name(h->registry), date_format(h->date, text));
        if (code)
            return code;
    }
    r->combined = h->registry == REGISTRY_NRO;
    r->started = true;
    return r->handler->header ? r->handler->header(h, r->handler->arg) : 0;
}

// ---- records

static inline bool parse_status(struct slice s, enum status *ret)
{
    if (s.length == 9 && memcmp(s.at, "allocated", 9) == 0)
        *ret = STATUS_ALLOCATED;
    else if (s.length == 8 && memcmp(s.at, "assigned", 8) == 0)
        *ret = STATUS_ASSIGNED;
    else if (s.length == 9 && memcmp(s.at, "available", 9) == 0)
        *ret = STATUS_AVAILABLE;
    else if (s.length == 8 && memcmp(s.at, "reserved", 8) == 0)
        *ret = STATUS_RESERVED;
    else
        return status_parse(s, ret);
    return true;
}

static inline bool parse_type(struct slice s, enum family *ret)
{
    if (s.length == 4 && memcmp(s.at, "ipv4", 4) == 0)
        *ret = FAMILY_IPV4;
    else if (s.length == 4 && memcmp(s.at, "ipv6", 4) == 0)
        *ret = FAMILY_IPV6;
    else if (s.length == 3 && memcmp(s.at, "asn", 3) == 0)
        *ret = FAMILY_ASN;
    else
        return false;
    return true;
}

// Empty and 00000000 mean: no date.
static inline bool parse_date(struct slice s, date *ret)
{
    *ret = DATE_NONE;
    return s.length == 0 || date_parse(s, ret) || slice_is(s, "00000000");
}

static inline bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int parse_economy(struct rir *r, const struct line *l, struct slice s, economy *ret)
{
    if (s.length == 2 && is_capital(s.at[0]) && is_capital(s.at[1])) {
        *ret = economy_of(s.at[0], s.at[1]);
        return 0;
    }
    *ret = economy_parse(s);
    if (s.length == 0)
        return 0;
    return tell_finding(r->handler, FINDING_ECONOMY, l->number, "country code \"%.*s\"",
                        s.length > 20 ? 20 : (int)s.length, s.at);
}

static inline bool parse_start(enum family f, struct slice s, u128 *ret)
{
    uint32_t ipv4;
    uint64_t number;
    if (f == FAMILY_IPV6)
        return ipv6_parse(s, ret);
    if (f == FAMILY_IPV4) {
        if (!ipv4_parse(s, &ipv4))
            return false;
        *ret = ipv4;
        return true;
    }
    if (!slice_u64(s, UINT32_MAX, &number))
        return false;
    *ret = number;
    return true;
}

// Bytes from ! to ~, eight at a time: a lower one borrows, a higher one carries into the top bit.
static bool printable(struct slice s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word, odd = 0;
    size_t i = 0;
    for (; i + 8 <= s.length; i += 8) {
        memcpy(&word, s.at + i, 8);
        odd |= (word - ones * '!') | (word + ones) | word;
    }
    for (; i < s.length; i++)
        if (s.at[i] < '!' || s.at[i] > '~')
            return false;
    return (odd & ones << 7) == 0;
}

// Whose record is it? A file of one registry speaks for that registry alone.
static int parse_registry(struct rir *r, const struct line *l, struct slice s,
                          struct record *record, bool *ret_ok)
{
    *ret_ok = true;
    record->registry = r->result.header.registry;
    if (s.length == r->own_length && memcmp(s.at, r->own_name, s.length) == 0 && !r->combined)
        return 0;
    enum registry named;
    *ret_ok = registry_parse(s, &named) && named < REGISTRY_TABLE;
    if (!*ret_ok)
        return reject(r, l, REJECTED_REGISTRY, s);
    if (r->combined) {
        record->registry = named;
    } else if (named != record->registry) {
        return tell_finding(r->handler, FINDING_REGISTRY, l->number, "the record names %s",
                            registry_name(named));
    } else if (s.length < sizeof r->own_name) {
        memcpy(r->own_name, s.at, s.length);
        r->own_length = s.length;
    }
    return 0;
}

// Everything but registry and type. *ret_why is REJECTED_COUNT when all is well.
static int parse_rest(struct rir *r, const struct line *l, struct record *record, unsigned *ret_why,
                      struct slice *ret_what)
{
    struct block *b = &record->block;
    struct slice start = line_field(l, 3), value = line_field(l, 4), day = line_field(l, 5);
    struct slice status = line_field(l, 6);
    record->holder = l->fields > 7 ? line_field(l, 7) : (struct slice){"", 0};
    *ret_why = REJECTED_COUNT;
    if (!parse_start(b->family, start, &b->start))
        *ret_why = REJECTED_ADDRESS, *ret_what = start;
    else if (!slice_u64(value, UINT32_MAX, &b->value) || !block_valid(b))
        *ret_why = REJECTED_VALUE, *ret_what = value;
    else if (!block_aligned(b))
        *ret_why = REJECTED_BOUNDARY, *ret_what = start;
    else if (!parse_date(day, &record->date))
        *ret_why = REJECTED_DATE, *ret_what = day;
    else if (record->holder.length > HOLDER_MAX || !printable(record->holder))
        *ret_why = REJECTED_HOLDER, *ret_what = (struct slice){"", 0};
    if (*ret_why != REJECTED_COUNT || parse_status(status, &record->status))
        return 0;
    record->status = STATUS_OTHER;
    return tell_finding(r->handler, FINDING_STATUS, l->number, "status \"%.*s\"",
                        status.length > 40 ? 40 : (int)status.length, status.at);
}

static int give_record(struct rir *r, const struct line *l, const struct record *record)
{
    bool delegated = (STATUS_DELEGATED & STATUS_BIT(record->status)) != 0;
    r->result.fates.used++;
    r->result.families |= 1u << record->block.family;
    if (record->holder.length > 0 || (STATUS_FREE & STATUS_BIT(record->status)) != 0)
        r->result.extended = true;
    if (delegated && record->date == DATE_NONE) {
        int code =
            tell_finding(r->handler, FINDING_UNDATED, l->number, "delegation without a date");
        if (code)
            return code;
    }
    return r->handler->record ? r->handler->record(record, r->handler->arg) : 0;
}

static int read_record(struct rir *r, const struct line *l)
{
    struct record *record = &r->record;
    r->data_lines++;
    if (l->fields < 7)
        return reject(r, l, REJECTED_FIELDS, (struct slice){l->at, l->length});
    struct slice type = line_field(l, 2), what;
    if (!parse_type(type, &record->block.family)) {
        r->result.fates.ignored[IGNORED_TYPE]++;
        return tell_finding(r->handler, FINDING_TYPE, l->number, "type \"%.*s\"",
                            type.length > 40 ? 40 : (int)type.length, type.at);
    }
    r->body[record->block.family]++;
    record->line = l->number;
    bool ok;
    unsigned why;
    int code = parse_registry(r, l, line_field(l, 0), record, &ok);
    if (code || !ok)
        return code;
    if ((code = parse_rest(r, l, record, &why, &what)) != 0)
        return code;
    if (why != REJECTED_COUNT)
        return reject(r, l, (enum rejected)why, what);
    if ((code = parse_economy(r, l, line_field(l, 1), &record->economy)) != 0)
        return code;
    return give_record(r, l, record);
}

// ---- lines

static int read_summary(struct rir *r, const struct line *l)
{
    enum family family;
    r->result.fates.ignored[IGNORED_SUMMARY]++;
    r->summary_lines++;
    if (parse_type(line_field(l, 2), &family) &&
        slice_u64(slice_trim(line_field(l, 4)), UINT64_MAX, &r->summaries[family])) {
        r->summarised[family] = true;
        r->result.families |= 1u << family;
    }
    return 0;
}

static bool is_summary(const struct line *l)
{
    struct slice star = line_field(l, 1);
    return star.length == 1 && star.at[0] == '*' && l->fields >= 5;
}

static int read_odd_line(struct rir *r, const struct line *l)
{
    struct slice whole = {l->at, l->length};
    if (l->too_long)
        return r->data_lines++, reject(r, l, REJECTED_LENGTH, (struct slice){"", 0});
    if (slice_trim(whole).length == 0)
        return r->result.fates.ignored[IGNORED_BLANK]++, 0;
    if (l->at[0] != '#')
        return r->data_lines++, reject(r, l, REJECTED_REGISTRY, whole);
    r->result.fates.ignored[IGNORED_COMMENT]++;
    return 0;
}

static int read_version(struct rir *r, const struct line *l)
{
    if (r->started)
        return err_set(r->e, ERR_INPUT,
                       "%s:%" PRIu64 ": a second version line; wanted one download a file",
                       source_name(r->source), l->number);
    r->result.fates.ignored[IGNORED_HEADER]++;
    read_version_line(r, l);
    return complete_header(r, l->number, true);
}

static int read_line(struct rir *r, const struct line *l)
{
    r->result.fates.lines = l->number;
    if (l->too_long || l->length == 0 || l->at[0] == '#' || l->at[0] <= ' ')
        return read_odd_line(r, l);
    if (is_version_line(l))
        return read_version(r, l);
    if (!r->started) {
        int code = complete_header(r, l->number, false);
        if (code)
            return code;
    }
    if (l->fields > 1 && is_summary(l))
        return read_summary(r, l);
    return read_record(r, l);
}

// ---- the end: does the body hold what the file says?

// A summary counts lines; LACNIC's asn summary counts AS numbers, so it never fits.
static int check_summaries(struct rir *r)
{
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        if (!r->summarised[f] || r->summaries[f] == r->body[f])
            continue;
        int code = tell_finding(r->handler, FINDING_SUMMARY, 0,
                                "the %s summary says %" PRIu64 ", the file has %" PRIu64 " records",
                                family_name((enum family)f), r->summaries[f], r->body[f]);
        if (code)
            return code;
    }
    return 0;
}

// LACNIC's plain files state more AS numbers, in summary and version line alike, than they list (2
// % in 2019, 10 % in 2025). Addresses fit, and most AS numbers are there: then the file is whole.
static bool lacnic_explained(const struct rir *r)
{
    uint64_t missing = r->result.header.claimed - r->data_lines;
    return r->result.header.registry == REGISTRY_LACNIC &&
           r->summaries[FAMILY_IPV4] == r->body[FAMILY_IPV4] &&
           r->summaries[FAMILY_IPV6] == r->body[FAMILY_IPV6] &&
           r->summaries[FAMILY_ASN] == r->body[FAMILY_ASN] + missing &&
           missing <= r->summaries[FAMILY_ASN] / 4;
}

// Some files count their summary lines as records; any other shortfall is a cut file.
static bool count_explained(const struct rir *r)
{
    uint64_t claimed = r->result.header.claimed;
    return claimed <= r->data_lines || claimed == r->data_lines + r->summary_lines ||
           lacnic_explained(r);
}

static int check_count(struct rir *r)
{
    uint64_t claimed = r->result.header.claimed, have = r->data_lines;
    if (claimed == 0 || claimed == have)
        return 0;
    if (!count_explained(r))
        return err_set(r->e, ERR_INPUT,
                       "%s:%" PRIu64 ": the file is cut: %" PRIu64 " records, the version line "
                       "says %" PRIu64,
                       source_name(r->source), r->result.fates.lines, have, claimed);
    return tell_finding(r->handler, FINDING_COUNT, 0,
                        "the version line says %" PRIu64 " records, the file has %" PRIu64, claimed,
                        have);
}

// A cut line lacks fields, or its status is the begin of one.
static int check_last_line(struct rir *r, bool ended, uint64_t rejected_before)
{
    if (ended)
        return 0;
    bool odd = r->record.line == r->result.fates.lines && r->record.status == STATUS_OTHER;
    if (odd || fates_rejected(&r->result.fates) > rejected_before)
        return err_set(r->e, ERR_INPUT, "%s:%" PRIu64 ": the file is cut in the middle of a line",
                       source_name(r->source), r->result.fates.lines);
    return tell_finding(r->handler, FINDING_NEWLINE, r->result.fates.lines,
                        "the last line has no end");
}

static int check_whole(struct rir *r)
{
    const struct fates *f = &r->result.fates;
    const char *name = source_name(r->source);
    if (f->lines == 0)
        return err_set(r->e, ERR_INPUT, "%s: empty", name);
    if (!r->started)
        return err_set(r->e, ERR_INPUT, "%s:%" PRIu64 ": comments only; wanted a version line",
                       name, f->lines);
    int code = check_count(r);
    if (code)
        return code;
    if (fates_rejected(f) > f->used)
        return err_set(r->e, ERR_INPUT,
                       "%s: %" PRIu64 " of %" PRIu64 " lines are no records; wanted RIR statistics",
                       name, fates_rejected(f), f->lines);
    return check_summaries(r);
}

static int read_lines(struct rir *r, struct lines *lines)
{
    struct line line = {.ended = true};
    uint64_t rejected_before = 0;
    bool got;
    int code;
    while ((code = lines_next(lines, &line, &got, r->e)) == 0 && got) {
        rejected_before = line.ended ? 0 : fates_rejected(&r->result.fates);
        if ((code = read_line(r, &line)) != 0)
            return code;
    }
    if (code || (code = check_last_line(r, line.ended, rejected_before)) != 0)
        return code;
    return check_whole(r);
}

int read_rir(struct source *s, const struct read_options *options,
             const struct read_handler *handler, struct read_result *ret, struct err *e)
{
    struct rir *r = calloc(1, sizeof *r);
    struct lines *lines = NULL;
    if (!r)
        return err_memory(e);
    r->source = s;
    r->options = options;
    r->handler = handler;
    r->e = e;
    r->own_length = SIZE_MAX;
    r->result.header = (struct read_header){.format = FORMAT_RIR, .date = DATE_NONE};
    int code = lines_new(s, '|', &lines, e);
    if (!code)
        code = read_lines(r, lines);
    if (!code)
        *ret = r->result;
    lines_free(&lines);
    free(r);
    return code;
}
