// SPDX-License-Identifier: Apache-2.0
//
// Which format is it? A binary record's head, a word of JSON or of a script, or the first line that
// is neither blank nor a comment: its columns as a heading, or what its fields are.

#include "read/kind.h"

#include "read/announced.h"
#include "read/checked.h"
#include "read/formats.h"
#include "read/mrt.h"

#include <string.h>

enum input_kind input_format_kind(enum input_format f)
{
    static const uint8_t kinds[FORMAT_COUNT] = {
        [FORMAT_POPULATION] = INPUT_OBSERVED,
        [FORMAT_MRT] = INPUT_ROUTES,
        [FORMAT_RIS_WHOIS] = INPUT_ROUTES,
        [FORMAT_PFX2AS] = INPUT_ROUTES,
        [FORMAT_PREFIX_ORIGIN] = INPUT_ROUTES,
        [FORMAT_VRPS_CSV] = INPUT_VRPS,
        [FORMAT_VRPS_JSON] = INPUT_VRPS,
        [FORMAT_AS_NAMES_CSV] = INPUT_AS_NAMES,
        [FORMAT_AS_NAMES_TEXT] = INPUT_AS_NAMES,
        [FORMAT_USERS_PER_AS_CSV] = INPUT_USERS_PER_AS,
        [FORMAT_USERS_PER_AS_JSON] = INPUT_USERS_PER_AS,
        [FORMAT_ROOT_ZONE] = INPUT_OBSERVED,
        [FORMAT_NAME_SERVERS] = INPUT_OBSERVED,
        [FORMAT_GOOGLE_SCRIPT] = INPUT_OBSERVED,
        [FORMAT_GOOGLE_COUNTRIES] = INPUT_OBSERVED,
        [FORMAT_GOOGLE_WEEKS] = INPUT_OBSERVED,
        [FORMAT_APNIC_ECONOMY] = INPUT_OBSERVED,
        [FORMAT_INDICATOR] = INPUT_OBSERVED,
        [FORMAT_FACTBOOK] = INPUT_OBSERVED,
        [FORMAT_OBSERVED] = INPUT_OBSERVED,
        [FORMAT_CHECKED] = INPUT_CHECKED,
    };
    return (enum input_kind)kinds[f];
}

static bool is_comment(struct slice line)
{
    return line.length == 0 || strchr("#;%", line.at[0]) != NULL;
}

static bool holds(struct slice s, const char *text)
{
    return memmem(s.at, s.length, text, strlen(text)) != NULL;
}

static struct slice behind_space(struct slice s)
{
    while (s.length > 0 && strchr(" \t\r\n", *s.at))
        s = (struct slice){s.at + 1, s.length - 1};
    return s;
}

static bool skip(struct slice *s, char c)
{
    *s = behind_space(*s);
    if (s->length == 0 || *s->at != c)
        return false;
    *s = (struct slice){s->at + 1, s->length - 1};
    return true;
}

// An array of arrays that begin with a code: [["KE", ...
static bool has_coded_rows(struct slice text)
{
    for (struct slice rest = text; rest.at && rest.length > 0;) {
        slice_cut(&rest, '[');
        struct slice row = rest;
        if (rest.at && skip(&row, '[') && skip(&row, '"') && row.length > 3)
            return row.at[2] == '"' && economy_parse((struct slice){row.at, 2}) != ECONOMY_ODD;
    }
    return false;
}

// JSON, or a script with data in it.
static bool probe_words(struct slice text, enum input_format *ret)
{
    static const struct {
        const char *word;
        enum input_format format;
    } words[] = {{"googleIPv6AdoptionData", FORMAT_GOOGLE_SCRIPT},
                 {"\"roas\"", FORMAT_VRPS_JSON},
                 {"\"Percent of CC Pop\"", FORMAT_USERS_PER_AS_JSON},
                 {"\"capable_pc\"", FORMAT_APNIC_ECONOMY}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (holds(text, words[i].word)) {
            *ret = words[i].format;
            return true;
        }
    *ret = FORMAT_GOOGLE_SCRIPT;
    return has_coded_rows(text);
}

static bool probe_heading(const struct fields *f, enum input_format *ret)
{
    static const struct {
        enum input_format format;
        const char *columns[FIELDS_MAX];
    } headings[] = {
        {FORMAT_IANA_IPV4, {"Prefix", "Designation", "Date"}},
        {FORMAT_RANGES, {"start", "end"}},
        {FORMAT_VRPS_CSV, {"ASN", "IP Prefix", "Max Length"}},
        {FORMAT_VRPS_CSV, {"URI", "ASN", "IP Prefix", "Max Length"}},
        {FORMAT_AS_NAMES_CSV, {"asn", "name", "country"}},
        {FORMAT_USERS_PER_AS_CSV, {"asn", "name", "cc", "users"}},
        {FORMAT_NAME_SERVERS, {"date", "cctld", "nameservers"}},
        {FORMAT_GOOGLE_COUNTRIES, {"country_code", "country", "google_ipv6"}},
        {FORMAT_GOOGLE_WEEKS, {"week_starting", "weekly_max_percent"}},
        {FORMAT_FACTBOOK, {"iso2", "gec_file_code", "name", "internet_users_percent"}},
        {FORMAT_OBSERVED, {"date", "economy", "value"}},
        {FORMAT_PREFIX_ORIGIN, {"prefix", "origin"}},
        {FORMAT_PREFIX_ORIGIN, {"prefix", "asn"}},
    };
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++) {
        unsigned n = 0;
        while (n < f->count && headings[i].columns[n] &&
               slice_is_nocase(f->at[n], headings[i].columns[n]))
            n++;
        if (n > 1 && !headings[i].columns[n]) {
            *ret = headings[i].format;
            return true;
        }
    }
    return false;
}

static bool is_number(struct slice s)
{
    uint64_t number;
    return slice_u64(s, UINT32_MAX, &number);
}

static bool is_asn(struct slice s)
{
    uint32_t asn;
    return asn_parse(s, &asn);
}

// 64496, AS64496, {64496,64497}, 64496_64497: the first of them tells.
static bool is_origin(struct slice s)
{
    while (s.length > 0 && *s.at == '{')
        s = (struct slice){s.at + 1, s.length - 1};
    size_t length = 0;
    while (length < s.length && !strchr("_},", s.at[length]))
        length++;
    return is_asn((struct slice){s.at, length});
}

static bool is_prefix(struct slice s)
{
    struct announced a;
    return announced_prefix(s, &a);
}

static bool is_address(struct slice s)
{
    u128 wide;
    uint32_t narrow;
    return ipv6_parse(s, &wide) || ipv4_parse(s, &narrow);
}

static bool is_range(struct slice s)
{
    struct range range;
    return range_parse(s, &range);
}

// "64496 EXAMPLE-AS Example Net, KE"
static bool is_as_name(struct slice line)
{
    struct slice rest = line, first = slice_cut(&rest, ' ');
    size_t n = line.length;
    return rest.at && is_asn(first) && n > 8 && line.at[n - 4] == ',' && line.at[n - 3] == ' ' &&
           economy_parse((struct slice){line.at + n - 2, 2}) != ECONOMY_ODD;
}

// ". 86400 IN SOA ...", perhaps behind $ORIGIN and $TTL.
static bool is_root_zone(struct slice text)
{
    for (struct slice rest = text; rest.at && rest.length > 0;) {
        struct slice line = slice_cut(&rest, '\n');
        if (line.length > 0 && !is_comment(slice_trim(line)) && line.at[0] != '$')
            return line.length > 1 && line.at[0] == '.' && strchr(" \t", line.at[1]) &&
                   holds(line, "SOA");
    }
    return false;
}

static bool probe_fields(const struct fields *f, struct slice line, enum input_format *ret)
{
    const struct slice *at = f->at;
    bool comma = memchr(line.at, ',', line.length) != NULL;
    if (f->count >= 3 && is_asn(at[0]) && is_prefix(at[1]) && is_number(at[2]))
        *ret = comma ? FORMAT_VRPS_CSV : FORMAT_RIS_WHOIS;
    else if (f->count == 3 && is_origin(at[0]) && is_prefix(at[1]))
        *ret = FORMAT_RIS_WHOIS;
    else if (f->count == 3 && is_address(at[0]) && is_number(at[1]) && is_origin(at[2]))
        *ret = FORMAT_PFX2AS;
    else if (f->count >= 2 && f->count <= 3 && is_prefix(at[0]) && is_origin(at[1]))
        *ret = FORMAT_PREFIX_ORIGIN;
    else if (is_as_name(line))
        *ret = FORMAT_AS_NAMES_TEXT;
    else if (f->count >= 3 && comma && is_range(at[0]))
        *ret = FORMAT_RANGES;
    else
        return false;
    return true;
}

static enum input_format probe_iana(struct slice rest)
{
    // IPv6's table names prefixes such as 2001::/23, IPv4's such as 001/8.
    struct slice prefix = rest.at ? slice_cut(&rest, ',') : rest;
    return prefix.length > 0 && memchr(prefix.at, ':', prefix.length) ? FORMAT_IANA_IPV6
                                                                      : FORMAT_IANA_IPV4;
}

static enum input_format probe_text(struct slice text)
{
    enum input_format format = FORMAT_RIR;
    struct slice rest = text_without_mark(text), line = {"", 0};
    while (rest.at && rest.length > 0 && is_comment(line))
        line = slice_trim(slice_cut(&rest, '\n'));
    if (is_comment(line))
        return FORMAT_RIR;
    struct fields fields = fields_cut(line);
    if (checked_probe(text_without_mark(text)))
        return FORMAT_CHECKED;
    if (is_root_zone(text))
        return FORMAT_ROOT_ZONE;
    if (probe_heading(&fields, &format))
        return format == FORMAT_IANA_IPV4 ? probe_iana(rest) : format;
    if (indicator_probe(text.at, text.length))
        return holds(text, "IT.NET.USER.ZS") ? FORMAT_INDICATOR : FORMAT_POPULATION;
    if (probe_words(text, &format) || probe_fields(&fields, line, &format))
        return format;
    return FORMAT_RIR;
}

int input_format_probe(struct source *s, enum input_format *ret, struct err *e)
{
    const void *bytes;
    size_t length;
    int code = source_peek(s, &bytes, &length, e);
    if (code)
        return code;
    *ret = mrt_probe(bytes, length) ? FORMAT_MRT : probe_text((struct slice){bytes, length});
    return 0;
}

int input_kind(struct source *s, enum input_kind *ret, struct err *e)
{
    enum input_format format;
    int code = input_format_probe(s, &format, e);
    if (!code)
        *ret = input_format_kind(format);
    return code;
}
