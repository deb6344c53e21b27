// SPDX-License-Identifier: Apache-2.0
//
// The words of the formats, and what became of lines.

#include "read/formats.h"

static bool find_name(struct slice s, const char *const *names, unsigned count, unsigned *ret)
{
    for (unsigned i = 0; i < count; i++)
        if (slice_is_nocase(s, names[i])) {
            *ret = i;
            return true;
        }
    return false;
}

static const char *const registry_names[REGISTRY_COUNT] = {"afrinic", "apnic", "arin",  "lacnic",
                                                           "ripencc", "iana",  "table", "nro"};

const char *registry_name(enum registry r)
{
    return registry_names[r];
}

bool registry_parse(struct slice s, enum registry *ret)
{
    unsigned i;
    if (slice_is_nocase(s, "ripe")) // version 1 of the format
        i = REGISTRY_RIPENCC;
    else if (!find_name(s, registry_names, REGISTRY_COUNT, &i))
        return false;
    *ret = (enum registry)i;
    return true;
}

static const char *const status_names[STATUS_COUNT] = {"allocated", "assigned", "available",
                                                       "reserved", "other"};

const char *status_name(enum status s)
{
    return status_names[s];
}

bool status_parse(struct slice s, enum status *ret)
{
    unsigned i;
    if (!find_name(s, status_names, STATUS_COUNT, &i))
        return false;
    *ret = (enum status)i;
    return true;
}

const char *ignored_name(enum ignored i)
{
    static const char *const names[IGNORED_COUNT] = {"blank",
                                                     "comment",
                                                     "version line or heading",
                                                     "summary",
                                                     "unknown type of resource",
                                                     "record of another kind",
                                                     "no economy",
                                                     "no value"};
    return names[i];
}

const char *rejected_name(enum rejected r)
{
    static const char *const names[REJECTED_COUNT] = {
        "line too long",
        "too few fields",
        "unknown registry",
        "not an address or AS number",
        "impossible prefix length or count",
        "start not on a boundary of its prefix length",
        "not a date",
        "opaque-id too long or not printable",
        "not a range",
        "not an origin",
        "not a possible number",
        "not an economy",
        "the same again",
        "damaged",
    };
    return names[r];
}

const char *finding_name(enum finding_kind k)
{
    static const char *const names[FINDING_COUNT_OF_KINDS] = {
        "line rejected",
        "summary does not fit",
        "record count does not fit",
        "unknown status",
        "unknown type",
        "odd country code",
        "record of another registry",
        "delegation without date",
        "no end of the last line",
        "date or registry supplied",
        "duplicate record",
        "overlapping records",
        "outside IANA's space",
        "suspect: records missing",
    };
    return names[k];
}

const char *input_format_name(enum input_format f)
{
    static const char *const names[FORMAT_COUNT] = {
        "rir-statistics",    "iana-ipv6-unicast",
        "iana-ipv4-space",   "range-table",
        "population-table",  "mrt",
        "ris-whois-dump",    "pfx2as",
        "prefix-origin",     "vrps-csv",
        "vrps-json",         "as-names-csv",
        "as-names-text",     "users-per-as-csv",
        "users-per-as-json", "root-zone",
        "name-servers",      "google-script",
        "google-countries",  "google-weeks",
        "apnic-economy",     "indicator-table",
        "factbook",          "observations",
        "check-results",
    };
    return names[f];
}

static uint64_t sum(const uint64_t *counts, unsigned count)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += counts[i];
    return total;
}

uint64_t fates_ignored(const struct fates *f)
{
    return sum(f->ignored, IGNORED_COUNT);
}

uint64_t fates_rejected(const struct fates *f)
{
    return sum(f->rejected, REJECTED_COUNT);
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

economy economy_parse(struct slice s)
{
    if (s.length == 0)
        return ECONOMY_NONE;
    if (s.length != 2 || !is_letter(s.at[0]) || !is_letter(s.at[1]))
        return ECONOMY_ODD;
    return economy_of((char)(s.at[0] & ~32), (char)(s.at[1] & ~32));
}

bool asn_parse(struct slice s, uint32_t *ret)
{
    uint64_t high = 0, low;
    if (s.length > 2 && (s.at[0] & ~32) == 'A' && (s.at[1] & ~32) == 'S')
        s = (struct slice){s.at + 2, s.length - 2};
    struct slice rest = s, first = slice_cut(&rest, '.');
    if (rest.at && !slice_u64(first, UINT16_MAX, &high))
        return false;
    if (!slice_u64(rest.at ? rest : first, rest.at ? UINT16_MAX : UINT32_MAX, &low))
        return false;
    *ret = (uint32_t)(high << 16 | low);
    return true;
}

#define FRACTION_DIGITS 18 // more are beyond a double

bool number_parse(struct slice s, double max, double *ret)
{
    struct slice fraction = s, whole = slice_cut(&fraction, '.');
    uint64_t number, part = 0;
    if (!slice_u64(whole, UINT64_MAX, &number))
        return false;
    double scale = 1;
    if (fraction.at) {
        size_t digits = fraction.length;
        for (; digits > FRACTION_DIGITS; digits--)
            if (fraction.at[digits - 1] < '0' || fraction.at[digits - 1] > '9')
                return false;
        if (!slice_u64((struct slice){fraction.at, digits}, UINT64_MAX, &part))
            return false;
        for (size_t i = 0; i < digits; i++)
            scale *= 10;
    }
    double value = (double)number + (double)part / scale;
    if (value > max)
        return false;
    *ret = value;
    return true;
}

struct slice slice_unquoted(struct slice s)
{
    s = slice_trim(s);
    if (s.length >= 2 && s.at[0] == '"' && s.at[s.length - 1] == '"')
        s = (struct slice){s.at + 1, s.length - 2};
    return s;
}

struct fields fields_cut(struct slice line)
{
    struct fields f = {.count = 0};
    char separator = memchr(line.at, ',', line.length)    ? ','
                     : memchr(line.at, '\t', line.length) ? '\t'
                                                          : ' ';
    for (struct slice rest = line; rest.at && f.count < FIELDS_MAX;) {
        struct slice field = slice_cut(&rest, separator);
        if (separator == ',' || slice_trim(field).length > 0)
            f.at[f.count++] = slice_unquoted(field);
    }
    return f;
}
