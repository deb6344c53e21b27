// SPDX-License-Identifier: Apache-2.0
//
// Which format is it? Told by the first line that is neither blank nor a comment, never by the
// name.

#include "read/formats.h"

#include <string.h>

static struct slice first_line(const char *bytes, size_t length)
{
    struct slice rest = {bytes, length};
    while (rest.at && rest.length > 0) {
        struct slice line = slice_trim(slice_cut(&rest, '\n'));
        if (line.length > 0 && line.at[0] != '#')
            return line;
    }
    return (struct slice){"", 0};
}

static bool starts_with(struct slice s, const char *text)
{
    return s.length >= strlen(text) && memcmp(s.at, text, strlen(text)) == 0;
}

static struct slice unquoted(struct slice s)
{
    s = slice_trim(s);
    if (s.length >= 2 && s.at[0] == '"' && s.at[s.length - 1] == '"')
        s = (struct slice){s.at + 1, s.length - 2};
    return s;
}

// "start,end,economy", as a heading or in figures.
static bool probe_ranges(struct slice line)
{
    struct slice rest = line, start = unquoted(slice_cut(&rest, ',')), end;
    if (!rest.at)
        return false;
    end = unquoted(slice_cut(&rest, ','));
    struct range range;
    return rest.at && ((slice_is_nocase(start, "start") && slice_is_nocase(end, "end")) ||
                       range_parse(start, &range));
}

static input_reader *probe(const char *bytes, size_t length)
{
    struct slice line = first_line(bytes, length);
    if (starts_with(line, "Prefix,Designation,Date")) {
        // IPv6's table names prefixes such as 2001::/23, IPv4's such as 001/8.
        struct slice rest = {line.at, (size_t)(bytes + length - line.at)};
        slice_cut(&rest, '\n');
        struct slice prefix = rest.at ? slice_cut(&rest, ',') : rest;
        bool ipv6 = prefix.length > 0 && memchr(prefix.at, ':', prefix.length);
        return ipv6 ? read_iana_ipv6 : read_iana_ipv4;
    }
    return probe_ranges(line) ? read_ranges : read_rir;
}

int read_input(struct source *s, const struct read_options *options,
               const struct read_handler *handler, struct read_result *ret, struct err *e)
{
    static const struct read_options none = {.date = DATE_NONE};
    const void *bytes;
    size_t length;
    int code = source_peek(s, &bytes, &length, e);
    if (code)
        return code;
    return probe(bytes, length)(s, options ? options : &none, handler, ret, e);
}
