// SPDX-License-Identifier: Apache-2.0
//
// The parameters of a query: one row each, with how it is set and how it is written again.

#include "measure/measure.h"

#include "read/formats.h"

#include <stdio.h>

static const char *const by_names[BY_COUNT] = {"world",     "registry",   "economy", "region",
                                               "subregion", "itu-region", "group"};

const char *by_name(enum by b)
{
    return by_names[b];
}

void query_init(struct query *q)
{
    *q = (struct query){.known_on = DATE_MAX,
                        .on = DATE_NONE,
                        .from = DATE_NONE,
                        .to = DATE_NONE,
                        .horizon = DATE_NONE,
                        .seed = QUERY_SEED_DEFAULT,
                        .draws = QUERY_DRAWS_DEFAULT,
                        .bridge = QUERY_BRIDGE_DEFAULT};
}

unsigned query_statuses(const struct query *q)
{
    if (q->statuses)
        return q->statuses;
    bool iana = q->registries == REGISTRY_BIT(REGISTRY_IANA);
    return iana ? STATUS_BIT(STATUS_ALLOCATED) : STATUS_DELEGATED;
}

// The addresses of an IPv4 prefix; 0 where it is longer than an address.
static uint64_t ipv4_count(unsigned length)
{
    return length > 32 ? 0 : (uint64_t)1 << (32 - length);
}

// An IPv4 count that is no power of two lies between two lengths.
bool query_takes_block(const struct query *q, const struct block *b)
{
    if (b->family == FAMILY_IPV6)
        return (!q->has_min_length || b->value >= q->min_length) &&
               (!q->has_max_length || b->value <= q->max_length);
    if (b->family == FAMILY_ASN)
        return true;
    return (!q->has_min_length || b->value <= ipv4_count(q->min_length)) &&
           (!q->has_max_length || b->value >= ipv4_count(q->max_length));
}

// ---- setting

static int set_family(struct query *q, struct slice s, struct err *e)
{
    if (!family_parse(s, &q->family))
        return err_set(e, ERR_USAGE, "family \"%.*s\": one of ipv6, ipv4, asn is wanted",
                       SLICE_ARG(s));
    return 0;
}

static int set_by(struct query *q, struct slice s, struct err *e)
{
    for (unsigned i = 0; i < BY_COUNT; i++)
        if (slice_is(s, by_names[i])) {
            q->by = (enum by)i;
            return 0;
        }
    return err_set(e, ERR_USAGE,
                   "by \"%.*s\": one of world, registry, economy, region, subregion, itu-region, "
                   "group is wanted",
                   SLICE_ARG(s));
}

static bool parse_year(struct slice s, uint64_t *ret)
{
    return s.length == 4 && slice_u64(s, 9999, ret) && *ret >= 1;
}

static bool parse_date(struct slice s, bool first, date *ret)
{
    uint64_t year, month;
    if (parse_year(s, &year)) {
        *ret = first ? date_of((int)year, 1, 1) : date_of((int)year, 12, 31);
        return true;
    }
    if (s.length != 7 || s.at[4] != '-')
        return date_parse(s, ret);
    bool quarter = s.at[5] == 'Q';
    struct slice digits = quarter ? (struct slice){s.at + 6, 1} : (struct slice){s.at + 5, 2};
    if (!parse_year((struct slice){s.at, 4}, &year) ||
        !slice_u64(digits, quarter ? 4 : 12, &month) || month == 0)
        return false;
    date start = date_of((int)year, quarter ? (unsigned)month * 3 - 2 : (unsigned)month, 1);
    *ret = first ? start : period_next(quarter ? PERIOD_QUARTER : PERIOD_MONTH, start) - 1;
    return true;
}

static int set_date(const char *name, date *ret, struct slice s, struct err *e)
{
    if (!parse_date(s, strcmp(name, "from") == 0, ret))
        return err_set(e, ERR_USAGE,
                       "%s \"%.*s\": a date is wanted: 2024-01-31, 2024-01, 2024-Q1 or 2024", name,
                       SLICE_ARG(s));
    return 0;
}

static int set_known_on(struct query *q, struct slice s, struct err *e)
{
    return set_date("known-on", &q->known_on, s, e);
}

static int set_on(struct query *q, struct slice s, struct err *e)
{
    return set_date("on", &q->on, s, e);
}

static int set_from(struct query *q, struct slice s, struct err *e)
{
    return set_date("from", &q->from, s, e);
}

static int set_to(struct query *q, struct slice s, struct err *e)
{
    return set_date("to", &q->to, s, e);
}

static bool parse_status(struct slice s, unsigned *bits)
{
    enum status status;
    if (status_parse(s, &status))
        *bits |= STATUS_BIT(status);
    else if (slice_is(s, "delegated"))
        *bits |= STATUS_DELEGATED;
    else if (slice_is(s, "all"))
        *bits |= STATUS_ALL;
    else
        return false;
    return true;
}

static bool parse_registry(struct slice s, unsigned *bits)
{
    enum registry registry;
    if (slice_is(s, "rir"))
        *bits |= REGISTRIES_RIR;
    else if (registry_parse(s, &registry) && registry != REGISTRY_NRO)
        *bits |= REGISTRY_BIT(registry);
    else
        return false;
    return true;
}

static int set_bits(unsigned *ret, struct slice s, bool (*parse)(struct slice, unsigned *),
                    const char *wanted, struct err *e)
{
    unsigned bits = 0;
    for (struct slice rest = s; rest.at;) {
        struct slice part = slice_trim(slice_cut(&rest, ','));
        if (!parse(part, &bits))
            return err_set(e, ERR_USAGE, "\"%.*s\": %s", SLICE_ARG(part), wanted);
    }
    *ret = bits;
    return 0;
}

static int set_status(struct query *q, struct slice s, struct err *e)
{
    return set_bits(&q->statuses, s, parse_status,
                    "a status is one of allocated, assigned, available, reserved, other, "
                    "delegated (allocated and assigned), all; several with commas",
                    e);
}

static int set_registry(struct query *q, struct slice s, struct err *e)
{
    return set_bits(&q->registries, s, parse_registry,
                    "a registry is one of afrinic, apnic, arin, lacnic, ripencc, rir (these five), "
                    "iana, table; several with commas",
                    e);
}

static int set_length(const char *name, bool *has, unsigned *ret, struct slice s, struct err *e)
{
    struct slice digits = s;
    uint64_t length;
    if (digits.length > 0 && digits.at[0] == '/')
        digits = (struct slice){s.at + 1, s.length - 1};
    if (!slice_u64(digits, 128, &length))
        return err_set(e, ERR_USAGE, "%s \"%.*s\": a prefix length from 0 to 128 is wanted", name,
                       SLICE_ARG(s));
    *has = true;
    *ret = (unsigned)length;
    return 0;
}

static int set_min_length(struct query *q, struct slice s, struct err *e)
{
    return set_length("min-length", &q->has_min_length, &q->min_length, s, e);
}

static int set_max_length(struct query *q, struct slice s, struct err *e)
{
    return set_length("max-length", &q->has_max_length, &q->max_length, s, e);
}

static int set_only(struct query *q, struct slice s, struct err *e)
{
    if (s.length == 0)
        return err_set(e, ERR_USAGE, "only \"\": keys of --by are wanted, with commas");
    if (s.length >= sizeof q->only || memchr(s.at, '\0', s.length))
        return err_set(e, ERR_USAGE, "only: more than %d bytes", QUERY_ONLY_MAX - 1);
    memcpy(q->only, s.at, s.length);
    q->only[s.length] = '\0';
    return 0;
}

static int set_every(struct query *q, struct slice s, struct err *e)
{
    if (!period_parse(s, &q->every))
        return err_set(e, ERR_USAGE, "every \"%.*s\": one of year, quarter, month, day is wanted",
                       SLICE_ARG(s));
    return 0;
}

static int set_basis(struct query *q, struct slice s, struct err *e)
{
    if (!slice_is(s, "record") && !slice_is(s, "observed"))
        return err_set(e, ERR_USAGE, "basis \"%.*s\": one of record, observed is wanted",
                       SLICE_ARG(s));
    q->basis = slice_is(s, "observed") ? PACE_OBSERVED : PACE_RECORD;
    return 0;
}

static int set_bridge(struct query *q, struct slice s, struct err *e)
{
    uint64_t days;
    if (!slice_u64(s, QUERY_BRIDGE_MAX, &days))
        return err_set(e, ERR_USAGE, "bridge \"%.*s\": a number of days up to %d is wanted",
                       SLICE_ARG(s), QUERY_BRIDGE_MAX);
    q->bridge = (unsigned)days;
    return 0;
}

static int set_top(struct query *q, struct slice s, struct err *e)
{
    uint64_t top;
    if (!slice_u64(s, PACE_ROWS_MAX, &top) || top == 0)
        return err_set(e, ERR_USAGE, "top \"%.*s\": a number of rows from 1 to %d is wanted",
                       SLICE_ARG(s), PACE_ROWS_MAX);
    q->top = (size_t)top;
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int set_economy(struct query *q, struct slice s, struct err *e)
{
    if (s.length != 2 || !is_letter(s.at[0]) || !is_letter(s.at[1]))
        return err_set(e, ERR_USAGE,
                       "economy \"%.*s\": a code of two letters is wanted (ISO 3166-1: KE, BR)",
                       SLICE_ARG(s));
    q->economy = economy_of((char)(s.at[0] & ~0x20), (char)(s.at[1] & ~0x20));
    return 0;
}

static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    return s.length > 0;
}

static int set_collector(struct query *q, struct slice s, struct err *e)
{
    if (!is_name(s) || s.length >= sizeof q->collector)
        return err_set(e, ERR_USAGE,
                       "collector: a name of at most %d letters, digits and signs is wanted, such "
                       "as rrc00",
                       QUERY_COLLECTOR_MAX - 1);
    memcpy(q->collector, s.at, s.length);
    q->collector[s.length] = '\0';
    return 0;
}

static int set_peers(struct query *q, struct slice s, struct err *e)
{
    uint64_t peers;
    if (!slice_u64(s, UINT32_MAX, &peers) || peers == 0)
        return err_set(e, ERR_USAGE, "peers \"%.*s\": a number of peers from 1 is wanted",
                       SLICE_ARG(s));
    q->peers = (uint32_t)peers;
    return 0;
}

static int set_series(struct query *q, struct slice s, struct err *e)
{
    if (!is_name(s) || s.length >= sizeof q->series)
        return err_set(e, ERR_USAGE,
                       "series: a name of at most %d letters, digits and signs is wanted, such as "
                       "google",
                       QUERY_SERIES_MAX - 1);
    memcpy(q->series, s.at, s.length);
    q->series[s.length] = '\0';
    return 0;
}

static int set_target(struct query *q, struct slice s, struct err *e)
{
    if (!number_parse(s, QUERY_TARGET_MAX, &q->target))
        return err_set(e, ERR_USAGE, "target \"%.*s\": a number is wanted, such as 50 or 62.5",
                       SLICE_ARG(s));
    q->has_target = true;
    return 0;
}

static int set_step(struct query *q, struct slice s, struct err *e)
{
    if (!period_parse(s, &q->step) || q->step == PERIOD_DAY)
        return err_set(e, ERR_USAGE, "step \"%.*s\": one of year, quarter, month is wanted",
                       SLICE_ARG(s));
    q->has_step = true;
    return 0;
}

static int set_horizon(struct query *q, struct slice s, struct err *e)
{
    return set_date("horizon", &q->horizon, s, e);
}

static int set_seed(struct query *q, struct slice s, struct err *e)
{
    if (!slice_u64(s, UINT64_MAX, &q->seed))
        return err_set(e, ERR_USAGE, "seed \"%.*s\": a whole number is wanted", SLICE_ARG(s));
    return 0;
}

static int set_draws(struct query *q, struct slice s, struct err *e)
{
    uint64_t draws;
    if (!slice_u64(s, QUERY_DRAWS_MAX, &draws) || draws == 0)
        return err_set(e, ERR_USAGE, "draws \"%.*s\": a number from 1 to %d is wanted",
                       SLICE_ARG(s), QUERY_DRAWS_MAX);
    q->draws = (unsigned)draws;
    return 0;
}

// Names that others gave: any text without control characters.
static int set_text(const char *name, char *ret, size_t size, struct slice s, struct err *e)
{
    bool fits = s.length > 0 && s.length < size;
    for (size_t i = 0; i < s.length && fits; i++)
        fits = (unsigned char)s.at[i] >= ' ' && s.at[i] != 0x7f;
    if (!fits)
        return err_set(e, ERR_USAGE, "%s: a name of at most %zu bytes is wanted", name, size - 1);
    memcpy(ret, s.at, s.length);
    ret[s.length] = '\0';
    return 0;
}

static int set_campaign(struct query *q, struct slice s, struct err *e)
{
    return set_text("campaign", q->campaign, sizeof q->campaign, s, e);
}

static int set_sector(struct query *q, struct slice s, struct err *e)
{
    return set_text("sector", q->sector, sizeof q->sector, s, e);
}

static int set_domain(struct query *q, struct slice s, struct err *e)
{
    return set_text("domain", q->domain, sizeof q->domain, s, e);
}

static const struct {
    struct parameter_kind kind;
    int (*set)(struct query *q, struct slice s, struct err *e);
} parameters[PARAMETER_COUNT] = {
    [PARAMETER_FAMILY] = {{"family", "FAMILY", "ipv6 (default), ipv4 or asn"}, set_family},
    [PARAMETER_BY] = {{"by", "KEY",
                       "world, registry, economy, region, subregion, itu-region or group"},
                      set_by},
    [PARAMETER_KNOWN_ON] = {{"known-on", "DATE",
                             "as the snapshots of that day knew it "
                             "(default: the newest)"},
                            set_known_on},
    [PARAMETER_ON] = {{"on", "DATE", "only records dated that day or before"}, set_on},
    [PARAMETER_FROM] = {{"from", "DATE", "first day shown"}, set_from},
    [PARAMETER_TO] = {{"to", "DATE", "last day shown"}, set_to},
    [PARAMETER_STATUS] = {{"status", "STATUS,...",
                           "allocated, assigned, available, reserved, other, delegated (default), "
                           "all"},
                          set_status},
    [PARAMETER_MIN_LENGTH] = {{"min-length", "LENGTH", "no blocks shorter than this prefix length"},
                              set_min_length},
    [PARAMETER_MAX_LENGTH] = {{"max-length", "LENGTH", "no blocks longer than this prefix length"},
                              set_max_length},
    [PARAMETER_ONLY] = {{"only", "KEY,...", "only these keys of --by"}, set_only},
    [PARAMETER_REGISTRY] = {{"registry", "NAME,...",
                             "afrinic, apnic, arin, lacnic, ripencc, rir (default), iana, table"},
                            set_registry},
    [PARAMETER_EVERY] = {{"every", "PERIOD", "year (default), quarter, month or day"}, set_every},
    [PARAMETER_BASIS] = {{"basis", "BASIS",
                          "record (default): by each record's own date; observed: by what appeared "
                          "and left between snapshots"},
                         set_basis},
    [PARAMETER_BRIDGE] = {{"bridge", "DAYS", "days of absence that are no return (default 7)"},
                          set_bridge},
    [PARAMETER_TOP] = {{"top", "N", "only the first N"}, set_top},
    [PARAMETER_ECONOMY] = {{"economy", "CC", "the economy's code"}, set_economy},
    [PARAMETER_COLLECTOR] = {{"collector", "NAME",
                              "routing tables of this collector (default: of the newest table)"},
                             set_collector},
    [PARAMETER_PEERS] = {{"peers", "N",
                          "announcements that at least so many peers see (default: 10, or a tenth "
                          "of the peers with a full table where that is less)"},
                         set_peers},
    [PARAMETER_SERIES] = {{"series", "NAME",
                           "the series: delegations, holders, announced, or one "
                           "that was imported, such as google"},
                          set_series},
    [PARAMETER_TARGET] = {{"target", "VALUE", "when will this value be reached"}, set_target},
    [PARAMETER_STEP] = {{"step", "PERIOD",
                         "of the series: month, quarter or year (default: as the series allows)"},
                        set_step},
    [PARAMETER_HORIZON] = {{"horizon", "DATE", "last day of the forecast (default: ten years)"},
                           set_horizon},
    [PARAMETER_SEED] = {{"seed", "N", "of the random draws (default 1)"}, set_seed},
    [PARAMETER_DRAWS] = {{"draws", "N", "number of random draws (default 4000)"}, set_draws},
    [PARAMETER_CAMPAIGN] = {{"campaign", "NAME",
                             "only this campaign; of the league table and the changes the later"},
                            set_campaign},
    [PARAMETER_SECTOR] = {{"sector", "NAME", "only domains of this sector"}, set_sector},
    [PARAMETER_DOMAIN] = {{"domain", "NAME", "one domain: its history, and its tests"}, set_domain},
};

const struct parameter_kind *parameter_kind(enum parameter p)
{
    return &parameters[p].kind;
}

static int unknown_parameter(const char *name, struct err *e)
{
    char list[PARAMETER_COUNT * 16] = "";
    size_t length = 0;
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        int n = snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "",
                         parameters[i].kind.name);
        length += (size_t)n < sizeof list - length ? (size_t)n : 0;
    }
    return err_set(e, ERR_USAGE, "no parameter \"%s\"; there are %s", name, list);
}

int query_set(struct query *q, const char *name, const char *value, struct err *e)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++)
        if (strcmp(name, parameters[i].kind.name) == 0)
            return parameters[i].set(q, slice_of(value), e);
    return unknown_parameter(name, e);
}

// ---- writing

static void describe_date(struct table *t, const char *name, date d)
{
    char text[DATE_TEXT_MAX];
    if (d != DATE_NONE && d != DATE_MAX)
        table_basis_parameter(t, name, date_format(d, text));
}

static void describe_number(struct table *t, const char *name, unsigned long long n)
{
    table_basis_parameter(t, name, arena_format(&t->arena, "%llu", n));
}

static const char *const period_names[] = {"year", "quarter", "month", "day"};

static void describe_forecast(const struct query *q, struct table *t)
{
    char text[REAL_TEXT_MAX];
    if (q->series[0])
        table_basis_parameter(t, "series", q->series);
    if (q->has_target)
        table_basis_parameter(t, "target", real_text(q->target, text));
    if (q->has_step)
        table_basis_parameter(t, "step", period_names[q->step]);
    describe_date(t, "horizon", q->horizon);
    if (q->seed != QUERY_SEED_DEFAULT)
        describe_number(t, "seed", q->seed);
    if (q->draws != QUERY_DRAWS_DEFAULT)
        describe_number(t, "draws", q->draws);
}

static const char *status_text(unsigned i)
{
    return status_name((enum status)i);
}

static const char *registry_text(unsigned i)
{
    return registry_name((enum registry)i);
}

static void describe_bits(struct table *t, const char *name, unsigned bits, unsigned count,
                          const char *(*text)(unsigned))
{
    const char *list = NULL;
    for (unsigned i = 0; i < count; i++)
        if (bits >> i & 1)
            list = list ? arena_format(&t->arena, "%s,%s", list, text(i)) : text(i);
    if (list)
        table_basis_parameter(t, name, list);
}

void query_describe(const struct query *q, date known_on, struct table *t)
{
    char code[8];
    if (q->economy != ECONOMY_NONE)
        table_basis_parameter(t, "economy", economy_format(q->economy, code));
    if (q->family != FAMILY_IPV6)
        table_basis_parameter(t, "family", family_name(q->family));
    if (q->by != BY_WORLD)
        table_basis_parameter(t, "by", by_names[q->by]);
    describe_bits(t, "registry", q->registries, REGISTRY_COUNT, registry_text);
    describe_date(t, "known-on", known_on);
    describe_date(t, "on", q->on);
    describe_date(t, "from", q->from);
    describe_date(t, "to", q->to);
    describe_bits(t, "status", q->statuses, STATUS_COUNT, status_text);
    if (q->has_min_length)
        describe_number(t, "min-length", q->min_length);
    if (q->has_max_length)
        describe_number(t, "max-length", q->max_length);
    if (q->only[0])
        table_basis_parameter(t, "only", q->only);
    if (q->every != PERIOD_YEAR)
        table_basis_parameter(t, "every", period_names[q->every]);
    if (q->basis != PACE_RECORD)
        table_basis_parameter(t, "basis", "observed");
    if (q->bridge != QUERY_BRIDGE_DEFAULT)
        describe_number(t, "bridge", q->bridge);
    if (q->top)
        describe_number(t, "top", q->top);
    if (q->collector[0])
        table_basis_parameter(t, "collector", q->collector);
    if (q->peers)
        describe_number(t, "peers", q->peers);
    if (q->campaign[0])
        table_basis_parameter(t, "campaign", q->campaign);
    if (q->sector[0])
        table_basis_parameter(t, "sector", q->sector);
    if (q->domain[0])
        table_basis_parameter(t, "domain", q->domain);
    describe_forecast(q, t);
}
