// SPDX-License-Identifier: Apache-2.0

#include "measure/delay.h"

#include "measure/economies.h"
#include "measure/figures.h"
#include "measure/pace.h"
#include "measure/routed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// ---- days on which prefixes were announced

void announced_days_init(struct announced_days *a, enum family f, uint32_t peers)
{
    *a = (struct announced_days){.family = f, .level = route_level(peers)};
}

void announced_days_done(struct announced_days *a)
{
    free(a->at.at);
    free(a->spans.at);
    *a = (struct announced_days){0};
}

static int compare_spans(const void *a, const void *b)
{
    const struct presence *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->last > y->last) - (x->last < y->last);
}

// Several origins and levels of one prefix make spans that overlap: they become one.
static void close_prefix(struct announced_days *a)
{
    if (a->prefixes == 0)
        return;
    size_t begin = a->at.at[a->prefixes - 1].origins, kept = begin;
    struct presence *at = a->spans.at;
    if (a->spans.count - begin > 1)
        qsort(at + begin, a->spans.count - begin, sizeof *at, compare_spans);
    for (size_t i = begin; i < a->spans.count; i++)
        if (kept > begin && at[i].first <= at[kept - 1].last)
            at[kept - 1].last = at[i].last > at[kept - 1].last ? at[i].last : at[kept - 1].last;
        else
            at[kept++] = at[i];
    a->spans.count = kept;
}

bool announced_days_add(struct announced_days *a, const struct route_life *l)
{
    const struct route *r = &l->route;
    if (r->length == 0 || (r->level != 0 && r->level < a->level))
        return true;
    const struct prefix *before = a->prefixes ? &a->at.at[a->prefixes - 1] : NULL;
    if (!before || before->start != r->start || before->length != r->length) {
        close_prefix(a);
        struct prefix *add = ARRAY_ADD(&a->at);
        if (!add)
            return false;
        *add = (struct prefix){r->start, (uint32_t)a->spans.count, r->length};
        a->prefixes++;
    }
    struct presence *span = ARRAY_ADD(&a->spans);
    if (span)
        *span = (struct presence){l->first, l->last};
    return span;
}

bool announced_days_end(struct announced_days *a)
{
    close_prefix(a);
    struct prefix *close = ARRAY_ADD(&a->at);
    if (close)
        close->origins = (uint32_t)a->spans.count;
    return close;
}

// The first day from `from` on; DATE_MAX: there is none.
static date first_day(const struct announced_days *a, size_t prefix, date from)
{
    size_t low = a->at.at[prefix].origins, end = a->at.at[prefix + 1].origins, high = end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->spans.at[middle].last < from)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == end)
        return DATE_MAX;
    return a->spans.at[low].first > from ? a->spans.at[low].first : from;
}

// ---- the sweep

// The prefixes around its place, the inner ones last.
struct nest {
    size_t at[129];
    size_t depth, next;
};

static u128 last_of(const struct announced_days *a, size_t prefix)
{
    return prefix_last(a->family, a->at.at[prefix].start, a->at.at[prefix].length);
}

static void nest_move(struct nest *n, const struct announced_days *a, const struct delegated *to)
{
    for (; n->next < a->prefixes; n->next++) {
        u128 start = a->at.at[n->next].start;
        if (start > to->first || (start == to->first && last_of(a, n->next) < to->last))
            break;
        while (n->depth > 0 && last_of(a, n->at[n->depth - 1]) < start)
            n->depth--;
        n->at[n->depth++] = n->next;
    }
    while (n->depth > 0 && last_of(a, n->at[n->depth - 1]) < to->first)
        n->depth--;
}

static date find_first(const struct nest *n, const struct announced_days *a,
                       const struct delegated *b, date from)
{
    date found = DATE_MAX;
    for (size_t i = 0; i < n->depth; i++) {
        date day = first_day(a, n->at[i], from);
        found = day < found ? day : found;
    }
    for (size_t i = n->next; i < a->prefixes && a->at.at[i].start <= b->last && found > from; i++) {
        date day = first_day(a, i, from);
        found = day < found ? day : found;
    }
    return found;
}

int delay_find(const struct announced_days *a, const struct view *v, date *ret, struct err *e)
{
    struct delegated *blocks = NULL;
    struct nest n = {.depth = 0};
    int code = delegated_sort(v->at, v->count, &blocks, e);
    if (code)
        return code;
    for (size_t i = 0; i < v->count; i++) {
        date from = v->at[blocks[i].row].date;
        nest_move(&n, a, &blocks[i]);
        ret[blocks[i].row] = from == DATE_NONE ? DATE_MAX : find_first(&n, a, &blocks[i], from);
    }
    free(blocks);
    return 0;
}

// ---- Kaplan and Meier

// The share that goes on waiting behind the waits that end on one day; *i moves behind them.
static double pass_day(const struct wait *waits, size_t count, size_t *i)
{
    size_t at_risk = count - *i, announced = 0;
    int32_t days = waits[*i].days;
    for (; *i < count && waits[*i].days == days; ++*i)
        announced += waits[*i].announced;
    return 1 - (double)announced / (double)at_risk;
}

double delay_share(const struct wait *waits, size_t count, int32_t days)
{
    double waiting = 1;
    for (size_t i = 0; i < count && waits[i].days <= days;)
        waiting *= pass_day(waits, count, &i);
    bool unwatched = count == 0 || (waits[count - 1].days < days && waiting > 0);
    return unwatched ? (double)NAN : 100 * (1 - waiting);
}

double delay_quantile(const struct wait *waits, size_t count, double percent)
{
    double waiting = 1;
    for (size_t i = 0; i < count;) {
        int32_t days = waits[i].days;
        waiting *= pass_day(waits, count, &i);
        if (100 * (1 - waiting) >= percent - 1e-9)
            return days;
    }
    return (double)NAN;
}

// ---- the table

struct delay {
    struct query query; // as asked, with what was chosen
    struct view view;
    struct announced_days days;
    struct economy_set only;
    date first, last; // of the routing tables
    size_t tables;
    int32_t gap; // the most days between two of them
    struct beside_input *inputs;
    ARRAY(struct wait) waits;
    size_t undated, before; // left out: without a date, dated before the first table
};

static int compare_waits(const void *a, const void *b)
{
    const struct wait *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->days != y->days)
        return x->days < y->days ? -1 : 1;
    return y->announced - x->announced;
}

static int add_waits(struct delay *d, const struct span *s, struct err *e)
{
    date *found = calloc(d->view.count + 1, sizeof *found);
    int code = found ? delay_find(&d->days, &d->view, found, e) : err_memory(e);
    for (size_t i = 0; code == 0 && i < d->view.count; i++) {
        const struct lifetime *l = &d->view.at[i];
        if (!economy_set_has(&d->only, l->economy))
            continue;
        d->undated += l->date == DATE_NONE;
        d->before += l->date != DATE_NONE && l->date < d->first;
        if (l->date == DATE_NONE || l->date < d->first || l->date > d->last)
            continue;
        bool announced = found[i] <= d->last;
        struct wait *add = ARRAY_ADD(&d->waits);
        if (!add)
            code = err_memory(e);
        else
            *add = (struct wait){span_row(s, l->date), (announced ? found[i] : d->last) - l->date,
                                 announced};
    }
    free(found);
    if (code == 0 && d->waits.count > 0)
        qsort(d->waits.at, d->waits.count, sizeof *d->waits.at, compare_waits);
    return code;
}

struct delay_columns {
    size_t period, delegations, announced, share, within[3], quantile[3], median;
};

static const int32_t within_days[3] = {30, 90, 365};

static size_t add_days(struct table *t, const char *key, const char *heading,
                       const char *description)
{
    size_t c = figures_add_real(t, key, heading, description, 0);
    t->columns[c].unit = "days";
    return c;
}

static void add_columns(struct delay_columns *c, struct table *t)
{
    static const char *const keys[3][3] = {
        {"within_30", "30 days", "Share announced within 30 days, after Kaplan and Meier."},
        {"within_90", "90 days", "Share announced within 90 days, after Kaplan and Meier."},
        {"within_365", "A year", "Share announced within 365 days, after Kaplan and Meier."}};
    c->period = figures_add_text(t, "period", "Delegated", "The period of their own dates.", false);
    c->delegations =
        figures_add_count(t, "delegations", "Delegations", "Number of delegations.", false);
    c->announced = figures_add_count(t, "announced", "Announced",
                                     "Those announced by the newest routing table.", false);
    c->share = figures_add_percent(t, "announced_share", "Share", "Share of the delegations.");
    for (size_t i = 0; i < 3; i++)
        c->within[i] = figures_add_percent(t, keys[i][0], keys[i][1], keys[i][2]);
    c->quantile[0] = add_days(t, "quarter", "Quarter",
                              "Days until a quarter was announced, after Kaplan and Meier.");
    c->quantile[1] =
        add_days(t, "half", "Half", "Days until half was announced, after Kaplan and Meier.");
    c->quantile[2] = add_days(t, "three_quarters", "Three quarters",
                              "Days until three quarters were announced, after Kaplan and Meier.");
    c->median = add_days(t, "median_announced", "Median",
                         "Median of those that were announced, however long others wait.");
    t->columns[c->quantile[2]].machine_only = t->columns[c->median].machine_only = true;
}

static double median_announced(const struct wait *waits, size_t count, size_t announced)
{
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        seen += waits[i].announced;
        if (waits[i].announced && 2 * seen >= announced)
            return waits[i].days;
    }
    return (double)NAN;
}

static void set_row(const struct delay_columns *c, struct table *t, const char *period,
                    const struct wait *waits, size_t count)
{
    static const double percents[3] = {25, 50, 75};
    size_t row = table_row(t), announced = 0;
    for (size_t i = 0; i < count; i++)
        announced += waits[i].announced;
    table_set_text(t, row, c->period, period);
    table_set_count(t, row, c->delegations, count);
    table_set_count(t, row, c->announced, announced);
    table_set_real(t, row, c->share, figures_percent(announced, count));
    for (size_t i = 0; i < 3; i++) {
        table_set_real(t, row, c->within[i], delay_share(waits, count, within_days[i]));
        table_set_real(t, row, c->quantile[i], delay_quantile(waits, count, percents[i]));
    }
    table_set_real(t, row, c->median, median_announced(waits, count, announced));
}

static int compare_days(const void *a, const void *b)
{
    const struct wait *x = a, *y = b;
    return x->days != y->days ? (x->days > y->days) - (x->days < y->days)
                              : y->announced - x->announced;
}

static void set_rows(struct delay *d, const struct span *s, struct table *t)
{
    struct delay_columns c;
    char period[DATE_TEXT_MAX];
    add_columns(&c, t);
    for (size_t i = 0, j; i < d->waits.count; i = j) {
        for (j = i; j < d->waits.count && d->waits.at[j].group == d->waits.at[i].group; j++)
            ;
        period_format(s->every, span_period(s, d->waits.at[i].group), period);
        set_row(&c, t, period, d->waits.at + i, j - i);
    }
    if (d->waits.count > 0)
        qsort(d->waits.at, d->waits.count, sizeof *d->waits.at, compare_days);
    set_row(&c, t, "total", d->waits.at, d->waits.count);
}

static void add_notes(const struct delay *d, struct table *t)
{
    char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
    table_note(t,
               "From %zu routing tables of %s, %s to %s, at most %d days apart: an announcement is "
               "dated by the first table that shows it.",
               d->tables, d->query.collector, date_format(d->first, first),
               date_format(d->last, last), (int)d->gap);
    if (d->before > 0)
        table_note(t, "Left out because dated before the first routing table: %zu delegations.",
                   d->before);
    if (d->undated > 0)
        table_note(t, "Left out because no date is stated: %zu delegations.", d->undated);
    table_note(t, "Only delegations that still stand are counted.");
    figures_note(&d->query, &d->view, t);
}

static int make_table(struct delay *d, struct table **ret, struct err *e)
{
    struct span s = {.every = d->query.every, .first = d->first, .last = d->last};
    s.count = span_periods(s.every, s.first, s.last);
    struct table *t = NULL;
    int code = s.count > PACE_ROWS_MAX
                   ? err_set(e, ERR_LIMIT, "more than %d periods", PACE_ROWS_MAX)
                   : add_waits(d, &s, e);
    if (code == 0 && table_new("delay", &t))
        code = err_memory(e);
    if (code)
        return code;
    table_title(t, "%s delegations, time to the first announcement; at least %u peers%s",
                family_title(d->query.family), (unsigned)d->query.peers,
                figures_scope(&d->query, &d->view, t));
    set_rows(d, &s, t);
    add_notes(d, t);
    *ret = t;
    return 0;
}

// ---- from the archive

struct loader {
    struct announced_days *days;
    struct err *err;
};

static int take_life(const struct route_life *l, void *arg)
{
    struct loader *to = arg;
    return announced_days_add(to->days, l) ? 0 : err_memory(to->err);
}

// All tables of the collector that are not after the day, and how many peers all of them have.
static int list_tables(struct delay *d, const struct route_snapshot_list *l,
                       const struct route_snapshot *newest, struct err *e)
{
    uint32_t peers = UINT32_MAX, here;
    d->inputs = calloc(l->count + 1, sizeof *d->inputs);
    if (!d->inputs)
        return err_memory(e);
    for (size_t i = 0; i < l->count; i++) {
        const struct route_snapshot *s = &l->at[i];
        if (s->kind != newest->kind || s->family != newest->family || s->date > newest->date ||
            strcmp(s->collector, newest->collector) != 0)
            continue;
        int code = routed_peers(&d->query, s, &here, e);
        if (code)
            return code;
        peers = here < peers ? here : peers;
        d->first = d->tables == 0 ? s->date : d->first;
        d->gap = d->tables > 0 && s->date - d->last > d->gap ? s->date - d->last : d->gap;
        d->last = s->date;
        d->inputs[d->tables++] = (struct beside_input){s->input, d->query.collector};
    }
    d->query.peers = peers;
    return 0;
}

static int choose(const struct measure *m, struct delay *d, struct err *e)
{
    struct route_snapshot_list list = {0};
    struct route_snapshot newest;
    struct query *q = &d->query;
    if (q->family == FAMILY_ASN)
        return err_set(e, ERR_USAGE, "family \"asn\": ipv6 or ipv4 is wanted, routes are of these");
    int code = store_route_snapshots(m->store, &list, e);
    if (code == 0)
        code = routed_choose(&list, q, q->family, q->known_on, &newest, e);
    if (code == 0) {
        snprintf(q->collector, sizeof q->collector, "%s", newest.collector);
        q->known_on = q->known_on == DATE_MAX ? newest.date : q->known_on;
        code = list_tables(d, &list, &newest, e);
    }
    route_snapshot_list_free(&list);
    if (code == 0 && d->tables < 2)
        code = err_set(e, ERR_NOT_FOUND,
                       "there is one routing table of %s by then: to see when an announcement "
                       "began, two or more are wanted",
                       q->collector);
    return code;
}

// Lifetimes are known to their ends: what lies behind the day is cut off.
static int load(const struct measure *m, struct delay *d, struct err *e)
{
    int code = choose(m, d, e);
    if (code == 0)
        code = economy_set_parse(&d->only, d->query.only, m->world, e);
    if (code == 0)
        code = view_load_standing(m, &d->query, &d->view, e);
    if (code)
        return code;
    d->view.known_on = d->query.known_on;
    struct route_scan scan = {.kind = ROUTE_ANNOUNCED,
                              .family = d->query.family,
                              .collector = d->query.collector,
                              .on = DATE_NONE};
    struct loader to = {&d->days, e};
    announced_days_init(&d->days, d->query.family, d->query.peers);
    code = store_route_scan(m->store, &scan, take_life, &to, e);
    return code == 0 && !announced_days_end(&d->days) ? err_memory(e) : code;
}

int measure_delay(const struct measure *m, const struct query *q, struct measure_tables *ret,
                  struct err *e)
{
    struct delay d = {.query = *q};
    struct table *t = NULL;
    int code = load(m, &d, e);
    if (code == 0)
        code = make_table(&d, &t, e);
    if (code == 0) {
        struct beside beside = {.inputs = d.inputs, .count = d.tables};
        code = view_basis(m, &d.query, "delay", &d.view, &beside, false, t, e);
    }
    if (code == 0 && t->failed)
        code = err_memory(e);
    view_done(&d.view);
    announced_days_done(&d.days);
    free(d.inputs);
    free(d.waits.at);
    if (code)
        table_free(&t);
    else
        *ret = (struct measure_tables){.at = {t}, .count = 1};
    return code;
}
