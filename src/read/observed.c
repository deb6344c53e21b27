// SPDX-License-Identifier: Apache-2.0

#include "read/observed.h"

#include "read/kind.h"
#include "read/observed_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- fields

void observing_cut(struct observing *o, const struct line *l)
{
    char *rest = o->line;
    memcpy(o->line, l->at, l->length);
    o->count = 0;
    while (o->count < OBSERVED_FIELDS_MAX &&
           csv_field(&rest, o->line + l->length, &o->row[o->count]))
        o->count++;
}

struct slice observing_field(const struct observing *o, unsigned i)
{
    return i < o->count ? slice_trim(o->row[i]) : (struct slice){"", 0};
}

bool observed_date(struct slice s, date *ret)
{
    char day[] = "0000-01-01";
    if (s.length == 4 || s.length == 7) {
        memcpy(day, s.at, s.length);
        s = slice_of(day);
    }
    return date_parse(s, ret);
}

bool observed_economy(const struct observing *o, struct slice s, char ret[OBSERVED_KEY_MAX])
{
    if (slice_is_nocase(s, OBSERVED_WORLD)) {
        snprintf(ret, OBSERVED_KEY_MAX, OBSERVED_WORLD);
        return true;
    }
    economy e = economy_parse(s);
    char code[8];
    if (s.length != 2 || !world_has(o->world, e))
        e = s.length > 2 ? world_find(o->world, s) : ECONOMY_NONE;
    if (e != ECONOMY_NONE)
        snprintf(ret, OBSERVED_KEY_MAX, "%s", economy_format(e, code));
    return e != ECONOMY_NONE;
}

bool observed_number(const struct observing *o, struct slice s, double *ret)
{
    bool percent = strcmp(o->result.header.unit, "%") == 0;
    *ret = NAN;
    if (s.length > 0 && s.at[s.length - 1] == '%' && percent)
        s.length--;
    return s.length == 0 || number_parse(s, percent ? 100 : OBSERVED_NUMBER_MAX, ret);
}

struct observed_value observed_value(const struct line *l, date day, double value)
{
    return (struct observed_value){
        .date = day, .value = value, .low = NAN, .high = NAN, .samples = NAN, .line = l->number};
}

// ---- one value of a key and day

static uint64_t hash_of(const struct observed_value *v)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)(uint32_t)v->date;
    hash *= UINT64_C(0x100000001b3);
    for (const char *at = v->key; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    hash ^= hash >> 29;
    return hash ? hash : 1;
}

// The place of the hash, or the empty one where it belongs.
static uint64_t *seen_place(const struct observed_seen *s, uint64_t hash)
{
    size_t i = hash & (s->capacity - 1);
    while (s->at[i] && s->at[i] != hash)
        i = (i + 1) & (s->capacity - 1);
    return &s->at[i];
}

static int seen_grow(struct observed_seen *s, struct err *e)
{
    struct observed_seen larger = {.capacity = s->capacity ? s->capacity * 2 : 1024,
                                   .count = s->count};
    larger.at = calloc(larger.capacity, sizeof *larger.at);
    if (!larger.at)
        return err_memory(e);
    for (size_t i = 0; i < s->capacity; i++)
        if (s->at[i])
            *seen_place(&larger, s->at[i]) = s->at[i];
    free(s->at);
    *s = larger;
    return 0;
}

int observing_mark(struct observing *o, const struct observed_value *v, bool *ret_seen)
{
    struct observed_seen *s = &o->seen;
    if (s->count >= OBSERVED_VALUES_MAX)
        return err_set(o->text.e, ERR_LIMIT, "%s: more than %zu values",
                       source_name(o->text.source), OBSERVED_VALUES_MAX);
    int code = s->count * 2 >= s->capacity ? seen_grow(s, o->text.e) : 0;
    if (code)
        return code;
    uint64_t hash = hash_of(v), *place = seen_place(s, hash);
    *ret_seen = *place == hash;
    s->count += !*ret_seen;
    *place = hash;
    return 0;
}

// ---- values

int observing_give(struct observing *o, const struct observed_value *v)
{
    struct observed_result *r = &o->result;
    int code = 0;
    if (!o->headed && o->handler->header)
        code = o->handler->header(&r->header, o->handler->arg);
    if (!o->headed || v->date < r->first)
        r->first = v->date;
    if (!o->headed || v->date > r->last)
        r->last = v->date;
    o->headed = true;
    r->values++;
    return !code && o->handler->value ? o->handler->value(v, o->handler->arg) : code;
}

int observing_take(struct observing *o, const struct line *l, const struct observed_value *v)
{
    bool seen = false;
    struct slice whole = {l->at, l->at ? l->length : 0};
    if (isnan(v->value))
        return text_ignore(&o->text, IGNORED_VALUE);
    if (v->low > v->value || v->high < v->value)
        return text_reject(&o->text, l, REJECTED_NUMBER, whole);
    int code = observing_mark(o, v, &seen);
    if (code)
        return code;
    if (seen)
        return text_reject(&o->text, l, REJECTED_TWICE, whole);
    o->text.fates.used++;
    return observing_give(o, v);
}

// ---- whole

static const struct {
    enum input_format format;
    const char *series, *unit, *title, *source;
} known[] = {
    {FORMAT_GOOGLE_SCRIPT, "google", "%", "Users that reach Google over IPv6",
     "Google, IPv6 statistics"},
    {FORMAT_GOOGLE_COUNTRIES, "google", "%", "Users that reach Google over IPv6",
     "Google, IPv6 statistics"},
    {FORMAT_GOOGLE_WEEKS, "google", "%", "Users that reach Google over IPv6",
     "Google, IPv6 statistics"},
    {FORMAT_APNIC_ECONOMY, "apnic", "%",
     "Users that can fetch over IPv6 what an advertisement asks "
     "for",
     "APNIC Labs, IPv6 measurement"},
    {FORMAT_POPULATION, "population", "people", "Population", "World Bank"},
    {FORMAT_INDICATOR, "internet-users", "%", "Individuals using the Internet, of the population",
     "World Bank, IT.NET.USER.ZS (ITU)"},
    {FORMAT_FACTBOOK, "internet-users-factbook", "%", "Internet users, of the population",
     "The World Factbook"},
    {FORMAT_NAME_SERVERS, "cctld-name-servers", "name servers",
     "Name servers of country-code domains with an AAAA in the root zone", "DNS root zone"},
    {FORMAT_ROOT_ZONE, "cctld-name-servers", "name servers",
     "Name servers of country-code domains with an AAAA in the root zone", "DNS root zone"},
};

static void set_header(struct observed_header *h, enum input_format format)
{
    *h = (struct observed_header){.format = format, .date = DATE_NONE};
    snprintf(h->unit, sizeof h->unit, "%%");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].format == format) {
            snprintf(h->series, sizeof h->series, "%s", known[i].series);
            snprintf(h->unit, sizeof h->unit, "%s", known[i].unit);
            snprintf(h->title, sizeof h->title, "%s", known[i].title);
            snprintf(h->source, sizeof h->source, "%s", known[i].source);
        }
}

static int observe(struct observing *o, enum input_format format)
{
    switch (format) {
    case FORMAT_GOOGLE_SCRIPT:
        return observe_script(o);
    case FORMAT_APNIC_ECONOMY:
        return observe_apnic(o);
    case FORMAT_ROOT_ZONE:
        return observe_root_zone(o);
    case FORMAT_POPULATION:
    case FORMAT_INDICATOR:
        return observe_indicator(o);
    default:
        return observe_table(o);
    }
}

int read_observed(struct source *s, const struct world *w, const struct read_options *options,
                  const struct observed_handler *handler, struct observed_result *ret,
                  struct err *e)
{
    enum input_format format;
    int code = input_format_probe(s, &format, e);
    if (code)
        return code;
    if (input_format_kind(format) != INPUT_OBSERVED)
        return err_set(e, ERR_INPUT, "%s: no dated series", source_name(s));
    struct observing *o = calloc(1, sizeof *o);
    if (!o)
        return err_memory(e);
    o->text =
        (struct text_reader){.source = s, .e = e, .comments = "#", .wanted = "a dated series"};
    o->text.tell = (struct read_handler){.finding = handler->finding, .arg = handler->arg};
    o->world = w;
    o->handler = handler;
    o->supplied = date_supplied(options, s);
    o->result.first = o->result.last = DATE_NONE;
    set_header(&o->result.header, format);
    code = observe(o, format);
    if (!code) {
        o->result.fates = o->text.fates;
        *ret = o->result;
    }
    free(o->seen.at);
    free(o);
    return code;
}
