// SPDX-License-Identifier: Apache-2.0

#include "site/negotiate.h"

// "0.8" in thousandths; what is no weight counts as 1.
static int parse_weight(struct slice s)
{
    int weight = 0, scale = 1000;
    if (s.length == 0 || (s.at[0] != '0' && s.at[0] != '1'))
        return 1000;
    weight = (s.at[0] - '0') * 1000;
    for (size_t i = 2; i < s.length && i < 5 && s.at[i] >= '0' && s.at[i] <= '9'; i++)
        weight += (s.at[i] - '0') * (scale /= 10);
    return weight > 1000 ? 1000 : weight;
}

// The weight among the parameters "; version=1; q=0.8".
static int weight_of(struct slice parameters)
{
    for (struct slice rest = parameters; rest.at;) {
        struct slice p = slice_trim(slice_cut(&rest, ';'));
        if (p.length > 2 && (p.at[0] | 0x20) == 'q' && p.at[1] == '=')
            return parse_weight((struct slice){p.at + 2, p.length - 2});
    }
    return 1000;
}

// 0: not; else the closer the higher.
static int closeness(struct slice named, const char *value)
{
    const char *slash = strchr(value, '/');
    if (slice_is_nocase(named, value))
        return 3;
    if (slash && named.length == (size_t)(slash - value) + 2 &&
        memcmp(named.at, value, named.length - 1) == 0 && named.at[named.length - 1] == '*')
        return 2;
    return slice_is(named, "*") || slice_is(named, "*/*") ? 1 : 0;
}

int accept_weight(const char *header, const char *value)
{
    int weight = -1, closest = 0;
    for (struct slice rest = slice_of(header); rest.at;) {
        struct slice parameters = slice_cut(&rest, ',');
        struct slice named = slice_trim(slice_cut(&parameters, ';'));
        int close = closeness(named, value);
        if (close > closest) {
            closest = close;
            weight = weight_of(parameters);
        }
    }
    return weight;
}

// "zh-Hans-CN" names Chinese too.
enum language accept_choose_language(const char *accept_language)
{
    enum language best = LANGUAGE_EN;
    int highest = 0;
    for (struct slice rest = slice_of(accept_language); rest.at;) {
        struct slice parameters = slice_cut(&rest, ',');
        struct slice named = slice_trim(slice_cut(&parameters, ';'));
        struct slice primary = slice_cut(&named, '-');
        int weight = weight_of(parameters);
        enum language l;
        if (weight > highest && primary.length == 2 && language_parse(primary, &l)) {
            highest = weight;
            best = l;
        }
    }
    return best;
}

static const struct api_format_kind formats[API_FORMAT_COUNT] = {
    [API_JSON] = {"json", "application/json", "application/json",
                  "Tables with described columns, rows, notes and their basis."},
    [API_CSV] = {"csv", "text/csv", "text/csv; charset=utf-8; header=present",
                 "One table (RFC 4180, UTF-8); its Link header leads to the JSON with the basis."},
    [API_SDMX_CSV] = {"sdmx-csv", "application/vnd.sdmx.data+csv",
                      "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8",
                      "One table as SDMX-CSV 2.0, for statistical software."},
};

const struct api_format_kind *api_format_kind(enum api_format f)
{
    return &formats[f];
}

bool api_format_parse(struct slice s, enum api_format *ret)
{
    for (unsigned i = 0; i < API_FORMAT_COUNT; i++)
        if (slice_is(s, formats[i].name)) {
            *ret = (enum api_format)i;
            return true;
        }
    return false;
}

enum api_format accept_choose_format(const char *accept)
{
    enum api_format best = API_JSON;
    int highest = 0;
    for (unsigned i = 0; i < API_FORMAT_COUNT && accept[0]; i++) {
        int weight = accept_weight(accept, formats[i].type);
        if (weight > highest) {
            highest = weight;
            best = (enum api_format)i;
        }
    }
    return best;
}

bool etag_matches(const char *if_none_match, const char *etag)
{
    for (struct slice rest = slice_of(if_none_match); rest.at;) {
        struct slice tag = slice_trim(slice_cut(&rest, ','));
        if (slice_is(tag, "*"))
            return etag[0] != '\0';
        if (tag.length > 2 && memcmp(tag.at, "W/", 2) == 0)
            tag = (struct slice){tag.at + 2, tag.length - 2};
        if (etag[0] && slice_is(tag, etag))
            return true;
    }
    return false;
}
