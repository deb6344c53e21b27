// SPDX-License-Identifier: Apache-2.0
//
// sextant mrt prefixes: which prefixes a routing table has, from whom, and how many peers see them.

#include "cmd/invocation.h"
#include "cmd/mrt.h"

#include <stdio.h>
#include <string.h>

static const char *const usage[] = {"mrt prefixes [OPTIONS] FILE...", NULL};

static const struct example examples[] = {
    {"sextant mrt prefixes --format csv rib.20240105.0000.bz2",
     "Prefix, origin and peers of each route in a table."},
    {NULL}};

static void add_text(const struct announced *a, struct buffer *out)
{
    char prefix[ADDRESS_TEXT_MAX + 4], origin[ADDRESS_TEXT_MAX] = "AS set";
    address_format(a->family, a->start, prefix);
    size_t length = strlen(prefix);
    snprintf(prefix + length, sizeof prefix - length, "/%u", a->length);
    if (a->origin != ORIGIN_SET)
        address_format(FAMILY_ASN, a->origin, origin);
    buffer_format(out, "%-44s %10s %6u\n", prefix, origin, a->peers);
}

// {"prefix": "2001:db8::/32", "origin": 64496, "peers": 20}, the names left out in CSV.
static void add_fields(const struct announced *a, bool json, struct buffer *out)
{
    char *begin = buffer_room(out, 2 * ADDRESS_TEXT_MAX + 64), *p = begin;
    if (!p)
        return;
    p = stpcpy(p, json ? "{\"prefix\": \"" : "");
    p = address_put(a->family, a->start, p);
    *p++ = '/';
    p = decimal_put(a->length, p);
    p = stpcpy(p, json ? "\", \"origin\": " : ",");
    if (a->origin != ORIGIN_SET)
        p = decimal_put(a->origin, p);
    else
        p = stpcpy(p, json ? "null" : "");
    p = stpcpy(p, json ? ", \"peers\": " : ",");
    p = decimal_put(a->peers, p);
    *p++ = json ? '}' : '\n';
    out->length += (size_t)(p - begin);
}

static int on_announced(const struct announced *a, void *arg)
{
    struct mrt_output *o = arg;
    if (o->format == MRT_JSON)
        buffer_text(&o->rows, o->count > 0 ? ",\n  " : "\n  ");
    if (o->format == MRT_TEXT)
        add_text(a, &o->rows);
    else
        add_fields(a, o->format == MRT_JSON, &o->rows);
    return mrt_output_row(o);
}

static int on_finding(const struct finding *f, void *arg)
{
    struct mrt_output *o = arg;
    mrt_warn(o->reading, f->line, f->text);
    return 0;
}

static int read_prefixes(struct mrt_reading *r, struct source *s, struct mrt_result *ret,
                         struct err *e)
{
    struct announced_handler handler = {
        .announced = on_announced, .finding = on_finding, .arg = r->arg};
    struct announced_result result;
    (void)ret;
    return mrt_announced(s, NULL, &handler, &result, e);
}

static int run_mrt_prefixes(struct invocation *inv, struct err *e)
{
    struct mrt_output output;
    struct mrt_reading reading = {.inv = inv, .read = read_prefixes, .arg = &output};
    int code = mrt_output_open(inv, &output, e);
    if (code)
        return code;
    output.reading = &reading;
    if (output.format == MRT_TEXT)
        buffer_format(&output.rows, "%-44s %10s %6s\n", "Prefix", "Origin", "Peers");
    else if (output.format == MRT_CSV)
        buffer_text(&output.rows, "prefix,origin,peers\n");
    return mrt_output_all(&output, &reading);
}

const struct command command_mrt_prefixes = {
    .name = "mrt prefixes",
    .group = COMMAND_DATA,
    .summary = "The prefixes of routing tables with their origins",
    .usage = usage,
    .description =
        "Reads routing tables in MRT and writes, for each prefix and each AS that originates it, "
        "how many of the collector's peers see it so. The origin is the last AS of the path; where "
        "that is a set of ASes none is given (RFC 6811). These are the figures that sextant import "
        "keeps.\n\n"
        "A file that holds several tables may give a prefix several times. A damaged record is "
        "named and left out; a file that is cut, or has no table, ends with exit status 3.",
    .options = mrt_options_prefixes,
    .examples = examples,
    .argument = "FILE",
    .argument_help = "a file, a folder, a URL, or - for standard input",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_mrt_prefixes,
};
