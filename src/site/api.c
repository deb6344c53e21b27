// SPDX-License-Identifier: Apache-2.0
//
// Endpoints: parameters checked, tables made, written in the format asked for.

#include "site/api.h"

#include "base/json.h"
#include "base/table_write.h"
#include "measure/holdings.h"
#include "net/net.h"
#include "site/negotiate.h"
#include "site/site_parts.h"
#include "site/structure.h"

#include <stdio.h>
#include <string.h>

#define API_BODY_MAX ((size_t)64 << 20) // bytes: an answer is kept in memory until it is sent

// ---- the endpoints

static const char *const families[] = {"ipv6", "ipv4", "asn", NULL};
static const char *const address_families[] = {"ipv6", "ipv4", NULL};
static const char *const keys[] = {"world",     "registry",   "economy", "region",
                                   "subregion", "itu-region", "group",   NULL};
static const char *const economy_keys[] = {"world", "economy", NULL};
static const char *const periods[] = {"year", "quarter", "month", "day", NULL};
static const char *const bases[] = {"record", "observed", NULL};
static const char *const languages[] = {"ar", "en", "es", "fr", "ru", "zh", NULL};
static const char *const formats[] = {"json", "csv", "sdmx-csv", NULL};
static const char *const parts[] = {"snapshots", "gaps", "suspects", "snapshot-list", NULL};

// AS numbers have neither routes nor a stock.
static bool is_of_addresses(const struct measure_kind *m)
{
    return m->parameters & PARAMETER_BIT(PARAMETER_PEERS) || m->run == measure_holders;
}

static const char *const *choices_of(const struct measure_kind *m, enum parameter p)
{
    switch (p) {
    case PARAMETER_FAMILY:
        return is_of_addresses(m) ? address_families : families;
    case PARAMETER_BY:
        return m->run == measure_indices ? economy_keys : keys;
    case PARAMETER_EVERY:
        return periods;
    case PARAMETER_BASIS:
        return bases;
    default:
        return NULL;
    }
}

#define KNOWN_ON                                                                                   \
    {                                                                                              \
        "known-on", "DATE", "as the snapshots of that day knew it (default: all)", NULL, false     \
    }

static const struct api_endpoint holdings[] = {
    {"lookup",
     "Who holds an address, a prefix or an AS number",
     "resource=2001:db8::/32",
     {{"resource", "RESOURCE", "an address, a prefix, a range or an AS number", NULL, true},
      KNOWN_ON},
     2},
    {"snapshots",
     "What the archive holds: snapshots, gaps, suspects",
     "part=gaps",
     {{"part", "PART", "one table of these (default: snapshots and suspects)", parts, false}},
     1},
    {"inputs",
     "The files that the figures are computed from",
     "top=10",
     {{"top", "N", "only the newest N", NULL, false},
      {"input", "KEY", "one input: its number, or how its SHA-256 begins", NULL, false}},
     2},
};
#define HOLDINGS_COUNT (sizeof holdings / sizeof *holdings)

static const char *example_of(const char *measure)
{
    static const char *const examples[][2] = {
        {"pace", "by=registry&every=year"}, {"geography", "by=region"},
        {"concentration", "family=ipv4"},   {"changes", "top=20"},
        {"economy", "economy=KE"},          {"visibility", "by=region"},
        {"networks", "by=region"},          {"delay", "every=quarter"},
        {"forecast", "series=delegations"}, {"holders", "by=registry&table=holders"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        if (strcmp(examples[i][0], measure) == 0)
            return examples[i][1];
    return "";
}

static void describe_measure(const struct measure_kind *m, struct api_endpoint *ret)
{
    *ret = (struct api_endpoint){.name = m->name, .summary = m->summary};
    ret->example = example_of(m->name);
    for (unsigned p = 0; p < PARAMETER_COUNT; p++) {
        const struct parameter_kind *kind = parameter_kind((enum parameter)p);
        if (m->parameters & PARAMETER_BIT(p))
            ret->parameters[ret->parameter_count++] =
                (struct api_parameter){kind->name, kind->value, kind->help,
                                       choices_of(m, (enum parameter)p), p == PARAMETER_ECONOMY};
    }
}

static void add_common(struct api_endpoint *e)
{
    static const struct api_parameter common[] = {
        {"lang", "CODE", "language of the names (default en)", languages, false},
        {"format", "FORMAT", "json, csv or sdmx-csv (default: by Accept, else json)", formats,
         false},
        {"table", "NAME", "only this table; CSV holds one", NULL, false},
    };
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        e->parameters[e->parameter_count++] = common[i];
}

size_t api_endpoint_count(void)
{
    return measure_count() + HOLDINGS_COUNT;
}

void api_endpoint_at(size_t i, struct api_endpoint *ret)
{
    if (i < measure_count())
        describe_measure(measure_at(i), ret);
    else
        *ret = holdings[i - measure_count()];
    add_common(ret);
}

static bool find_endpoint(const char *name, struct api_endpoint *ret)
{
    for (size_t i = 0; i < api_endpoint_count(); i++) {
        api_endpoint_at(i, ret);
        if (strcmp(ret->name, name) == 0)
            return true;
    }
    return false;
}

// ---- parameters

static int check_choice(const struct api_parameter *p, const char *value, struct err *e)
{
    char list[160] = "";
    size_t used = 0;
    for (const char *const *c = p->choices; c && *c; c++) {
        if (strcmp(*c, value) == 0)
            return 0;
        int n = snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *c);
        used += (size_t)n < sizeof list - used ? (size_t)n : 0;
    }
    return p->choices
               ? err_set(e, ERR_USAGE, "%s \"%s\": one of %s is wanted", p->name, value, list)
               : 0;
}

static int unknown(const struct api_endpoint *end, const char *name, struct err *e)
{
    char list[384] = "";
    size_t used = 0;
    for (size_t i = 0; i < end->parameter_count; i++) {
        int n = snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                         end->parameters[i].name);
        used += (size_t)n < sizeof list - used ? (size_t)n : 0;
    }
    return err_set(e, ERR_USAGE, "no parameter \"%.80s\"; there are %s", name, list);
}

static int check_parameters(const struct api_endpoint *end, const struct request *r, struct err *e)
{
    for (size_t i = 0; i < r->parameter_count; i++) {
        const struct api_parameter *p = end->parameters;
        while (p < end->parameters + end->parameter_count &&
               strcmp(p->name, r->parameters[i].name) != 0)
            p++;
        if (p == end->parameters + end->parameter_count)
            return unknown(end, r->parameters[i].name, e);
        int code = check_choice(p, r->parameters[i].value, e);
        if (code)
            return code;
    }
    for (size_t i = 0; i < end->parameter_count; i++)
        if (end->parameters[i].required && !request_value(r, end->parameters[i].name))
            return err_set(e, ERR_USAGE, "the parameter \"%s\" is wanted: %s",
                           end->parameters[i].name, end->parameters[i].help);
    return 0;
}

static int set_query(const struct visit *v, struct query *q, struct err *e)
{
    query_init(q);
    for (unsigned p = 0; p < PARAMETER_COUNT; p++) {
        const char *name = parameter_kind((enum parameter)p)->name;
        const char *value = request_value(v->request, name);
        int code = value ? query_set(q, name, value, e) : 0;
        if (code)
            return code;
    }
    return 0;
}

// ---- tables

static int run_lookup(const struct visit *v, const struct query *q, struct measure_tables *ret,
                      struct err *e)
{
    struct range range;
    const char *resource = request_value(v->request, "resource");
    if (!range_parse(slice_of(resource), &range))
        return err_set(e, ERR_USAGE,
                       "resource \"%.100s\": an address, a prefix, a range or an AS number is "
                       "wanted: 2001:db8::1, 2001:db8::/32, 192.0.2.0-192.0.2.130, AS64496",
                       resource);
    return measure_lookup(&v->measure, &range, q->known_on, 0, ret, e);
}

static int run_snapshots(const struct visit *v, struct measure_tables *ret, struct err *e)
{
    static const unsigned bits[] = {HOLDINGS_SERIES, HOLDINGS_GAPS, HOLDINGS_SUSPECTS,
                                    HOLDINGS_SNAPSHOTS};
    const char *part = request_value(v->request, "part");
    unsigned wanted = HOLDINGS_SERIES | HOLDINGS_SUSPECTS;
    for (size_t i = 0; part && parts[i]; i++)
        if (strcmp(parts[i], part) == 0)
            wanted = bits[i];
    return measure_holdings(&v->measure, wanted, ret, e);
}

static int run_inputs(const struct visit *v, const struct query *q, struct measure_tables *ret,
                      struct err *e)
{
    const char *key = request_value(v->request, "input");
    return key ? measure_input(&v->measure, key, ret, e)
               : measure_inputs(&v->measure, q->top, ret, e);
}

static int run_endpoint(const struct visit *v, const char *name, struct measure_tables *ret,
                        struct err *e)
{
    struct query q;
    const struct measure_kind *kind = measure_find(name);
    int code = set_query(v, &q, e);
    if (code)
        return code;
    if (kind)
        return kind->run(&v->measure, &q, ret, e);
    if (strcmp(name, "lookup") == 0)
        return run_lookup(v, &q, ret, e);
    return strcmp(name, "snapshots") == 0 ? run_snapshots(v, ret, e) : run_inputs(v, &q, ret, e);
}

// The table that is asked for, or all; CSV takes one.
static int choose_table(const struct visit *v, const struct measure_tables *t, bool one,
                        size_t *ret_first, size_t *ret_count, struct err *e)
{
    const char *name = request_value(v->request, "table");
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (name && strcmp(t->at[i]->name, name) == 0) {
            *ret_first = i;
            *ret_count = 1;
            return 0;
        }
        int n = snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", t->at[i]->name);
        used += (size_t)n < sizeof list - used ? (size_t)n : 0;
    }
    if (name)
        return err_set(e, ERR_USAGE, "table \"%.80s\": there are %s", name, list);
    if (one && t->count != 1)
        return err_set(e, ERR_USAGE, "CSV holds one table; choose it with table=: %s", list);
    *ret_first = 0;
    *ret_count = t->count;
    return 0;
}

// ---- writing

static void write_json(struct table *const *tables, size_t count, struct buffer *out)
{
    struct json j = {.out = out, .indent = 2};
    if (count == 1) {
        table_write_json(tables[0], out);
        return;
    }
    json_open(&j, NULL, '{');
    json_open(&j, "tables", '[');
    for (size_t i = 0; i < count; i++)
        table_write_json_value(tables[i], NULL, &j);
    json_close(&j);
    json_close(&j);
    buffer_char(out, '\n');
}

// SDMX-CSV 2.0: each line names the structure and what is done with it, then the plain CSV follows.
static void write_sdmx(const struct table *t, const char *id, struct buffer *out)
{
    struct buffer csv = {0};
    table_write_csv(t, &csv);
    buffer_text(out, "STRUCTURE,STRUCTURE_ID,ACTION");
    for (size_t i = 0; i < t->column_count; i++) {
        buffer_char(out, ',');
        structure_component(t->columns[i].key, out);
    }
    bool quoted = false, first = true;
    for (size_t i = 0; i < csv.length; i++) {
        char c = csv.at[i];
        quoted ^= c == '"';
        bool ends = c == '\n' && !quoted;
        if (!first || ends)
            buffer_char(out, c);
        if (ends && i + 1 < csv.length)
            buffer_format(out, "dataflow," STRUCTURE_AGENCY ":%s(" STRUCTURE_VERSION "),I,", id);
        first = first && !ends;
    }
    out->failed = out->failed || csv.failed;
    buffer_done(&csv);
}

static void add_encoded(const char *text, struct buffer *out)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("-._~:,", *at);
        if (plain)
            buffer_char(out, (char)*at);
        else
            buffer_format(out, "%%%02X", *at);
    }
}

// Where the JSON with the basis of this CSV is.
static void link_basis(const struct visit *v, const char *name, const char *table,
                       struct response *ret)
{
    struct buffer link = {0};
    buffer_format(&link, "</api/v1/%s?format=json&table=%s", name, table);
    for (size_t i = 0; i < v->request->parameter_count; i++) {
        const struct request_parameter *p = &v->request->parameters[i];
        if (strcmp(p->name, "format") == 0 || strcmp(p->name, "table") == 0)
            continue;
        buffer_format(&link, "&%s=", p->name);
        add_encoded(p->value, &link);
    }
    buffer_text(&link, ">; rel=\"describedby\"; type=\"application/json\"");
    if (!link.failed)
        response_header(ret, v->request, "Link", link.at);
    buffer_done(&link);
}

static void write_with_structure(const struct visit *v, const char *name, const struct table *t,
                                 struct response *ret)
{
    char id[STRUCTURE_ID_MAX];
    structure_id(name, t->name, id);
    const char *link =
        arena_format(&v->request->arena,
                     "</api/v1/structure/dataflow/" STRUCTURE_AGENCY "/%s>; rel=\"describedby\"; "
                     "type=\"" STRUCTURE_TYPE "\"",
                     id);
    if (link)
        response_header(ret, v->request, "Link", link);
    write_sdmx(t, id, &ret->body);
}

static enum api_format format_of(const struct visit *v)
{
    enum api_format f = accept_choose_format(v->request->accept);
    const char *named = request_value(v->request, "format");
    if (named)
        api_format_parse(slice_of(named), &f);
    return f;
}

static int write_tables(const struct visit *v, const char *name, struct measure_tables *t,
                        struct response *ret, struct err *e)
{
    enum api_format format = format_of(v);
    size_t first = 0, count = 0;
    int code = choose_table(v, t, format != API_JSON, &first, &count, e);
    if (code)
        return code;
    for (size_t i = first; i < first + count && v->language != LANGUAGE_EN; i++)
        table_basis_parameter(t->at[i], "lang", language_code(v->language));
    ret->content_type = api_format_kind(format)->content_type;
    ret->body.limit = API_BODY_MAX;
    if (format == API_JSON) {
        write_json(t->at + first, count, &ret->body);
    } else {
        link_basis(v, name, t->at[first]->name, ret);
        if (format == API_CSV)
            table_write_csv(t->at[first], &ret->body);
        else
            write_with_structure(v, name, t->at[first], ret);
    }
    if (ret->body.failed)
        return err_set(e, ERR_LIMIT,
                       "the answer is longer than %zu bytes; ask for less, with "
                       "top, from, to or only",
                       API_BODY_MAX);
    return 0;
}

int api_answer(struct visit *v, struct response *ret, struct err *e)
{
    struct api_endpoint end;
    struct measure_tables tables = {0};
    if (!find_endpoint(v->rest, &end))
        return err_set(e, ERR_NOT_FOUND, "no endpoint \"%.80s\"; /api/v1/ lists them", v->rest);
    int code = check_parameters(&end, v->request, e);
    const char *lang = request_value(v->request, "lang");
    if (code)
        return code;
    if (lang && language_parse(slice_of(lang), &v->language))
        v->world = v->measure.world = v->site->worlds[v->language];
    code = run_endpoint(v, end.name, &tables, e);
    if (code == 0)
        code = write_tables(v, end.name, &tables, ret, e);
    measure_tables_free(&tables);
    return code;
}
