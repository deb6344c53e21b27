// SPDX-License-Identifier: Apache-2.0
//
// The table of pace.

#include "measure/pace.h"

#include <math.h>
#include <stdlib.h>

// A column of counts and, where it has one, a column of space.
struct flow_columns {
    bool used, has_space;
    size_t count;
    struct space_columns space;
};

struct pace_columns {
    size_t period, holders, new_holders, standing, growth;
    struct key_columns key;
    struct flow_columns flows[FLOW_KIND_COUNT];
    struct flow_columns additions; // twins of FLOW_ADDED, observed only
    struct space_columns standing_space;
};

struct pace {
    const struct query *query;
    const struct view *view;
    struct table *table;
    struct pace_columns columns;
    struct holders holders;
    struct flows flows;
    struct keys keys;
    struct span span;
    u128 *finals; // by key, for --top
};

static bool is_observed(const struct query *q)
{
    return q->basis == PACE_OBSERVED;
}

// ---- columns

static void add_flow_columns(struct pace *p, struct flow_columns *c, const char *key,
                             const char *prefix, const char *heading, const char *space_heading,
                             const char *description, bool machine_only)
{
    struct table *t = p->table;
    const char *count = arena_format(&t->arena, "Number of delegations %s.", description);
    c->used = c->has_space = true;
    c->count = figures_add_count(t, key, heading, count ? count : "", machine_only);
    c->space =
        figures_add_space(t, p->query->family, prefix, space_heading, description, machine_only);
}

static void add_observed_columns(struct pace *p)
{
    struct flow_columns *c = p->columns.flows;
    bool moves_hidden = p->query->by == BY_WORLD;
    add_flow_columns(p, &p->columns.additions, "additions_delegations", "additions_", "Added",
                     "Added", "that was not delegated before: the same as delegations and space",
                     true);
    add_flow_columns(p, &c[FLOW_REMOVED], "removals_delegations", "removals_", "Removed", "Removed",
                     "that left and is delegated no more", false);
    add_flow_columns(p, &c[FLOW_MOVED_IN], "moved_in_delegations", "moved_in_", "Moved in",
                     "Moved in",
                     "that came from another key, less what went (economy, registry or status "
                     "changed, or the economy joined the group)",
                     moves_hidden);
    add_flow_columns(p, &c[FLOW_MOVED_OUT], "moved_out_delegations", "moved_out_", "Moved out",
                     "Moved out", "that went to another key, less what came", moves_hidden);
    c[FLOW_RECUT_IN].used = c[FLOW_RECUT_OUT].used = true;
    c[FLOW_RECUT_IN].count =
        figures_add_count(p->table, "recut_in_delegations", "Re-cut",
                          "Number of delegations that appeared on space delegated before: parts "
                          "and mergers of what left as recut_out_delegations, and grown blocks.",
                          true);
    c[FLOW_RECUT_OUT].count =
        figures_add_count(p->table, "recut_out_delegations", "Re-cut away",
                          "Number of delegations that left while some of their space stays "
                          "delegated in other blocks.",
                          true);
    add_flow_columns(p, &c[FLOW_OPENED], "opening_delegations", "opening_", "Opening", "Opening",
                     "that a registry's first snapshot shows", true);
}

static void add_columns(struct pace *p)
{
    struct table *t = p->table;
    struct pace_columns *c = &p->columns;
    bool observed = is_observed(p->query);
    bool holders_hidden = observed || p->holders.count == 0;
    c->period = table_column(t, &(struct column){.key = "period",
                                                 .heading = "Period",
                                                 .type = COLUMN_TEXT,
                                                 .unit = "",
                                                 .description = "The period of the row."});
    c->key = keys_add_columns(&p->keys, t);
    t->key_columns = p->query->by == BY_WORLD ? 1 : 2;
    add_flow_columns(p, &c->flows[FLOW_ADDED], "delegations", "", "New", "New space",
                     observed ? "that appeared in the period and was not delegated before"
                              : "with a date in the period that stand in the snapshot",
                     false);
    if (observed)
        add_observed_columns(p);
    c->holders = figures_add_count(t, "holders", "Holders",
                                   "Number of different holders of the new delegations.", observed);
    c->new_holders =
        figures_add_count(t, "new_holders", "New holders",
                          "Those of them that had no delegation before.", holders_hidden);
    c->standing = figures_add_count(t, "cumulative_delegations", "All",
                                    observed ? "Number of delegations at the end of the period."
                                             : "Number of delegations dated up to the end of the "
                                               "period that stand in the snapshot.",
                                    false);
    c->standing_space = figures_add_space(t, p->query->family, "cumulative_", "All space",
                                          "of all delegations up to the end of the period", false);
    c->growth = figures_add_percent(t, "growth", "Growth",
                                    "Growth of cumulative_delegations on the period before.");
    t->columns[c->growth].decimals = 1;
}

// ---- rows

static void set_flow(struct pace *p, size_t row, const struct flow_columns *c, uint64_t count,
                     u128 space)
{
    if (!c->used)
        return;
    table_set_count(p->table, row, c->count, count);
    if (c->has_space)
        figures_set_space(p->table, row, c->space, space);
}

static double growth(uint64_t now, uint64_t before)
{
    return before == 0 ? (double)NAN : 100.0 * ((double)now - (double)before) / (double)before;
}

static void set_row(struct pace *p, size_t key, const struct pace_row *r,
                    const struct pace_row *before, size_t period)
{
    char text[DATE_TEXT_MAX];
    struct table *t = p->table;
    const struct pace_columns *c = &p->columns;
    size_t row = table_row(t);
    table_set_text(t, row, c->period,
                   period_format(p->span.every, span_period(&p->span, period), text));
    keys_set_cells(&p->keys, key, c->key, t, row);
    for (unsigned kind = 0; kind < FLOW_KIND_COUNT; kind++)
        set_flow(p, row, &c->flows[kind], r->count[kind], r->space[kind]);
    set_flow(p, row, &c->additions, r->count[FLOW_ADDED], r->space[FLOW_ADDED]);
    if (!r->holders_unknown && p->holders.count > 0) {
        table_set_count(t, row, c->holders, r->holders);
        table_set_count(t, row, c->new_holders, r->new_holders);
    }
    table_set_count(t, row, c->standing, r->standing);
    figures_set_space(t, row, c->standing_space, r->standing_space);
    table_set_real(t, row, c->growth, growth(r->standing, before->standing));
}

static bool is_empty(const struct pace_row *rows, size_t count)
{
    static const struct pace_row zero;
    for (size_t i = 0; i <= count; i++)
        if (memcmp(rows[i].count, zero.count, sizeof zero.count) != 0 || rows[i].standing)
            return false;
    return true;
}

// Rows of a registry end where its newest snapshot does: of later periods it says nothing.
static size_t last_row(const struct pace *p, size_t key)
{
    if (p->keys.by != BY_REGISTRY || !p->view->known[key])
        return p->span.count;
    size_t row = span_row(&p->span, p->view->known[key]->date);
    return row < p->span.count ? row : p->span.count;
}

static int set_rows(size_t key, const struct pace_row *rows, void *arg)
{
    struct pace *p = arg;
    if (key == keys_none(&p->keys) && !p->query->only[0] && is_empty(rows, p->span.count))
        return 0;
    size_t last = last_row(p, key);
    for (size_t i = 1; i <= last && !p->table->failed; i++)
        set_row(p, key, &rows[i], &rows[i - 1], i);
    return 0;
}

// ---- which keys

static int keep_final(size_t key, const struct pace_row *rows, void *arg)
{
    struct pace *p = arg;
    p->finals[key] = rows[1].standing_space;
    return 0;
}

static bool is_larger(const struct pace *p, size_t a, size_t b)
{
    return p->finals[a] != p->finals[b] ? p->finals[a] > p->finals[b] : a < b;
}

// Hides all keys but the `top` with the most space in the end.
static void hide_small(struct pace *p)
{
    size_t count = p->keys.count, left_out = 0;
    bool *hide = calloc(count + 1, sizeof *hide);
    if (!hide) {
        p->table->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t larger = 0;
        for (size_t j = 0; j < count; j++)
            larger += p->keys.shown[j] && is_larger(p, j, i);
        hide[i] = p->keys.shown[i] && larger >= p->query->top;
        left_out += hide[i];
    }
    for (size_t i = 0; i < count; i++)
        p->keys.shown[i] &= !hide[i];
    free(hide);
    if (left_out > 0)
        table_note(p->table, "The %zu largest of %zu at the end are shown.", p->query->top,
                   p->query->top + left_out);
}

static int keep_top(struct pace *p, struct err *e)
{
    struct span end = {PERIOD_DAY, p->span.last, p->span.last, 1};
    p->finals = calloc(p->keys.count + 1, sizeof *p->finals);
    if (!p->finals)
        return err_memory(e);
    int code = flows_fold(&p->flows, &p->holders, &p->keys, &end, keep_final, p, e);
    if (code == 0)
        hide_small(p);
    return code;
}

static bool is_shown(const struct pace *p, const struct flow *f, date on)
{
    if (p->keys.by == BY_ECONOMY) {
        size_t key = keys_find_economy(&p->keys, f->economy);
        return key != SIZE_MAX && p->keys.shown[key];
    }
    for (size_t key = 0; key < p->keys.count; key++)
        if (p->keys.shown[key] && keys_has(&p->keys, key, f->registry, f->economy, on))
            return true;
    return false;
}

static date first_shown(const struct pace *p)
{
    if (!p->query->only[0])
        return p->flows.first;
    date first = DATE_MAX;
    for (size_t i = 0; i < p->flows.list.count; i++) {
        const struct flow *f = &p->flows.list.at[i];
        if (f->date < first && is_shown(p, f, p->view->known_on))
            first = f->date;
    }
    return first;
}

static int find_keys(struct pace *p, struct err *e)
{
    size_t count = p->flows.list.count;
    economy *used = calloc(count + 1, sizeof *used);
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < count; i++)
        used[i] = p->flows.list.at[i].economy;
    const struct query *q = p->query;
    unsigned registries = q->registries ? q->registries & p->view->registries : p->view->registries;
    int code = keys_init(&p->keys, q->by, q->only, p->view->world, used, count, registries, e);
    free(used);
    return code;
}

// ---- which periods

static date earlier(date a, date b)
{
    return b != DATE_NONE && b < a ? b : a;
}

static int find_span(struct pace *p, struct err *e)
{
    const struct query *q = p->query;
    char from[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
    struct span *s = &p->span;
    size_t keys = 0;
    date first = first_shown(p);
    s->every = q->every;
    s->last = earlier(p->view->known_on, q->to);
    if (!is_observed(q))
        s->last = earlier(s->last, q->on);
    if (first != DATE_MAX)
        first = period_first(q->every, first);
    s->first = q->from != DATE_NONE ? q->from : first;
    if (q->from != DATE_NONE && q->from > s->last)
        return err_set(e, ERR_USAGE, "from %s: the figures end on %s", date_format(q->from, from),
                       date_format(s->last, last));
    s->count = span_periods(q->every, s->first, s->last);
    for (size_t i = 0; i < p->keys.count; i++)
        keys += p->keys.shown[i];
    if (q->top && q->top < keys)
        keys = q->top;
    if (keys > 0 && s->count > PACE_ROWS_MAX / keys)
        return err_set(e, ERR_LIMIT,
                       "the table would have %zu rows, more than %d: a later --from, a longer "
                       "--every, or fewer keys with --only or --top make it shorter",
                       s->count * keys, PACE_ROWS_MAX);
    return 0;
}

// ---- words around it

static void set_title(struct pace *p)
{
    static const char *const every[] = {"year", "quarter", "month", "day"};
    const struct query *q = p->query;
    table_title(p->table, "%s delegations by %s, %s%s%s%s", family_title(q->family),
                every[q->every], q->by == BY_WORLD ? "" : "by ", by_title(q->by),
                is_observed(q) ? ", as observed" : "", figures_scope(q, p->view, p->table));
}

static void note_parts(struct pace *p)
{
    const struct span *s = &p->span;
    char period[DATE_TEXT_MAX], text[DATE_TEXT_MAX];
    if (s->count == 0) {
        table_note(p->table, "No delegation fits.");
        return;
    }
    if (span_period(s, 1) != s->first)
        table_note(p->table, "%s is counted from %s.",
                   period_format(s->every, span_period(s, 1), period), date_format(s->first, text));
    if (span_end(s, s->count) != period_next(s->every, span_period(s, s->count)) - 1)
        table_note(p->table, "%s is counted up to %s.",
                   period_format(s->every, span_period(s, s->count), period),
                   date_format(s->last, text));
}

static void note_observation(struct pace *p)
{
    date opened = DATE_MAX;
    char day[DATE_TEXT_MAX];
    size_t used = 0, suspect = 0;
    for (size_t i = 0; i < p->view->snapshots.count; i++) {
        const struct snapshot *s = &p->view->snapshots.at[i], *known = p->view->known[s->registry];
        if (s->family != p->query->family || !known || s->date > known->date)
            continue;
        opened = earlier(opened, s->date);
        used++;
        suspect += s->suspect;
    }
    if (used > 0)
        table_note(p->table,
                   "Observed in %zu snapshots since %s. What the first one of a registry shows "
                   "counts in all, not as new; an absence of up to %u days is none.",
                   used, date_format(opened, day), p->query->bridge);
    if (suspect > 0)
        table_note(p->table,
                   "%zu suspect snapshots (dips) are taken as no sign that anything left.",
                   suspect);
}

static void add_notes(struct pace *p)
{
    struct table *t = p->table;
    note_parts(p);
    if (p->flows.undated > 0)
        table_note(t, "In no period because no date is stated: %zu delegations.", p->flows.undated);
    if (p->flows.later > 0)
        table_note(t, "In no period because dated after the snapshot: %zu delegations.",
                   p->flows.later);
    if (is_observed(p->query))
        note_observation(p);
    if (!is_observed(p->query) || p->holders.count == 0)
        holders_note(&p->holders, p->view->count, t);
    else if (p->holders.unstated > 0)
        table_note(t, "Holders are not known where a new delegation states none.");
    keys_note(&p->keys, t);
    figures_note(p->query, p->view, t);
}

// ---- all of it

static int compute(struct pace *p, struct err *e)
{
    const struct query *q = p->query;
    int code = holders_number(&p->holders, p->view->at, p->view->count, e);
    if (code == 0)
        code = (is_observed(q) ? flows_from_observation
                               : flows_from_records)(q, p->view, &p->holders, &p->flows, e);
    if (code == 0)
        code = find_keys(p, e);
    if (code == 0)
        code = find_span(p, e);
    if (code == 0 && q->top && p->span.count > 0)
        code = keep_top(p, e);
    if (code)
        return code;
    set_title(p);
    add_columns(p);
    if (p->span.count > 0)
        code = flows_fold(&p->flows, &p->holders, &p->keys, &p->span, set_rows, p, e);
    if (code == 0)
        add_notes(p);
    return code == 0 && p->table->failed ? err_memory(e) : code;
}

int pace_table(const struct query *q, const struct view *v, struct table **ret, struct err *e)
{
    struct pace p = {.query = q, .view = v};
    int code = table_new("pace", &p.table);
    if (code)
        return err_memory(e);
    code = compute(&p, e);
    holders_done(&p.holders);
    keys_done(&p.keys);
    free(p.flows.list.at);
    free(p.finals);
    if (code)
        table_free(&p.table);
    else
        *ret = p.table;
    return code;
}

int measure_pace(const struct measure *m, const struct query *q, struct measure_tables *ret,
                 struct err *e)
{
    struct view v;
    struct table *t = NULL;
    bool observed = is_observed(q);
    if (observed && q->on != DATE_NONE)
        return err_set(e, ERR_USAGE, "on goes with basis record only: it is about records' dates");
    int code = observed ? view_load_history(m, q, &v, e) : view_load_standing(m, q, &v, e);
    if (code)
        return code;
    code = pace_table(q, &v, &t, e);
    if (code == 0)
        code = view_basis(m, q, "pace", &v, NULL, observed, t, e);
    view_done(&v);
    if (code)
        table_free(&t);
    else
        *ret = (struct measure_tables){.at = {t}, .count = 1};
    return code;
}
