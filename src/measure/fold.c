// SPDX-License-Identifier: Apache-2.0
//
// Flows, folded into periods.
//
// Flows are first put into order by *cell*, an economy in a registry. A key is a set of cells; its
// rows are the sums over their flows. Who belongs to a group can change with time: then the key's
// time is cut into stretches of equal membership, and each stretch is folded from the flows of its
// own members. What moves when an economy joins or leaves is thus a move.

#include "measure/pace.h"

#include <stdlib.h>

// ---- periods

static int64_t period_number(enum period every, date d)
{
    if (every == PERIOD_DAY)
        return d;
    struct civil c = date_civil(d);
    if (every == PERIOD_YEAR)
        return c.year;
    return every == PERIOD_MONTH ? c.year * 12 + (int)c.month - 1
                                 : c.year * 4 + ((int)c.month - 1) / 3;
}

size_t span_row(const struct span *s, date d)
{
    if (d < s->first)
        return 0;
    if (d > s->last)
        return SIZE_MAX;
    return (size_t)(period_number(s->every, d) - period_number(s->every, s->first)) + 1;
}

size_t span_periods(enum period every, date first, date last)
{
    return first > last ? 0
                        : (size_t)(period_number(every, last) - period_number(every, first)) + 1;
}

date span_period(const struct span *s, size_t row)
{
    struct civil c = date_civil(s->first);
    if (s->every == PERIOD_DAY)
        return s->first + (date)row - 1;
    if (s->every == PERIOD_YEAR)
        return date_of(c.year + (int)row - 1, 1, 1);
    unsigned months = s->every == PERIOD_MONTH ? 1 : 3;
    unsigned month = (c.month - 1) / months * months + ((unsigned)row - 1) * months;
    return date_of(c.year + (int)(month / 12), month % 12 + 1, 1);
}

date span_end(const struct span *s, size_t row)
{
    date end = period_next(s->every, span_period(s, row)) - 1;
    return end < s->last ? end : s->last;
}

// ---- cells

struct cell_flows {
    economy economy;
    enum registry registry;
    size_t begin, end; // in fold.flows
    bool member;
};

// What is known of a holder in the stretch at hand; of an older stretch it counts for nothing.
struct holder_state {
    date first;       // the first day
    uint32_t stretch; // the number of the stretch that `first` is of
    uint32_t counted; // the last row that counted it, in this stretch
    bool new_counted;
};

// A table from days to rows is made for spans of up to so many days: 179 years.
#define DAY_TABLE_MAX 65536

struct fold {
    const struct keys *keys;
    const struct span *span;
    struct flow *flows; // by cell
    ARRAY(struct cell_flows) cells;
    struct pace_row *stretch, *key; // rows
    struct holder_state *holders;
    uint32_t stretch_number;
    ARRAY(const struct flow *) additions; // of holders, by row
    size_t *places;                       // per row, for sorting them
    uint32_t *row_of_day;                 // from span->first; NULL for a very long span
    bool *looks;                          // by row: memberships differ from those of the row before
};

#define CELL_COUNT (((size_t)UINT16_MAX + 1) * REGISTRY_COUNT)

static size_t cell_of(const struct flow *f)
{
    return (size_t)f->economy * REGISTRY_COUNT + f->registry;
}

static bool add_cell(struct fold *f, size_t cell, size_t begin, size_t end)
{
    struct cell_flows *add = ARRAY_ADD(&f->cells);
    if (add)
        *add = (struct cell_flows){.economy = (economy)(cell / REGISTRY_COUNT),
                                   .registry = (enum registry)(cell % REGISTRY_COUNT),
                                   .begin = begin,
                                   .end = end};
    return add != NULL;
}

static bool sort_by_cell(struct fold *f, const struct flows *flows)
{
    size_t count = flows->list.count;
    uint32_t *place = calloc(CELL_COUNT, sizeof *place);
    f->flows = calloc(count + 1, sizeof *f->flows);
    bool done = place && f->flows;
    for (size_t i = 0; done && i < count; i++)
        place[cell_of(&flows->list.at[i])]++;
    uint32_t sum = 0;
    for (size_t cell = 0; done && cell < CELL_COUNT; cell++) {
        uint32_t here = place[cell];
        place[cell] = sum;
        if (here > 0)
            done = add_cell(f, cell, sum, sum + here);
        sum += here;
    }
    for (size_t i = 0; done && i < count; i++)
        f->flows[place[cell_of(&flows->list.at[i])]++] = flows->list.at[i];
    free(place);
    return done;
}

// ---- one stretch of one key

// Does anything differ from the members marked?
static bool mark_members(struct fold *f, size_t key, date on)
{
    bool differs = false;
    for (size_t i = 0; i < f->cells.count; i++) {
        struct cell_flows *c = &f->cells.at[i];
        bool member = keys_has(f->keys, key, c->registry, c->economy, on);
        differs |= member != c->member;
        c->member = member;
    }
    return differs;
}

static size_t find_row(const struct fold *f, date d)
{
    bool listed = f->row_of_day && d >= f->span->first && d <= f->span->last;
    return listed ? f->row_of_day[d - f->span->first] : span_row(f->span, d);
}

static void note_holder(struct fold *f, const struct flow *flow)
{
    struct holder_state *h = &f->holders[flow->holder];
    if (h->stretch != f->stretch_number || flow->date < h->first)
        *h = (struct holder_state){.first = flow->date, .stretch = f->stretch_number};
}

static bool fold_flow(struct fold *f, const struct flow *flow)
{
    if (flow->holder && (flow->kind == FLOW_SEEN || flow->kind == FLOW_ADDED))
        note_holder(f, flow);
    size_t row = find_row(f, flow->date);
    if (row == SIZE_MAX || flow->kind == FLOW_SEEN)
        return true;
    struct pace_row *at = &f->stretch[row];
    at->count[flow->kind] += flow->delegations;
    at->space[flow->kind] = space_add(at->space[flow->kind], flow->space);
    if (row == 0 || flow->delegations == 0 || flow->kind != FLOW_ADDED)
        return true;
    at->holders_unknown |= flow->holder == 0;
    if (flow->holder == 0)
        return true;
    const struct flow **add = ARRAY_ADD(&f->additions);
    if (add)
        *add = flow;
    return add != NULL;
}

// In each row a holder counts once, and is new in the row of its first day.
static void count_holder(struct fold *f, size_t row, const struct flow *flow)
{
    struct holder_state *h = &f->holders[flow->holder];
    f->stretch[row].holders += h->counted != row;
    h->counted = (uint32_t)row;
    if (flow->date == h->first && !h->new_counted) {
        f->stretch[row].new_holders++;
        h->new_counted = true;
    }
}

static bool count_holders(struct fold *f)
{
    size_t count = f->additions.count, rows = f->span->count + 1;
    const struct flow **sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted)
        return false;
    memset(f->places, 0, (rows + 1) * sizeof *f->places);
    for (size_t i = 0; i < count; i++)
        f->places[find_row(f, f->additions.at[i]->date) + 1]++;
    for (size_t row = 1; row <= rows; row++)
        f->places[row] += f->places[row - 1];
    for (size_t i = 0; i < count; i++)
        sorted[f->places[find_row(f, f->additions.at[i]->date)]++] = f->additions.at[i];
    for (size_t i = 0; i < count; i++)
        count_holder(f, find_row(f, sorted[i]->date), sorted[i]);
    free(sorted);
    return true;
}

static void stand(struct fold *f)
{
    uint64_t standing = 0;
    u128 space = 0;
    for (size_t i = 0; i <= f->span->count; i++) {
        struct pace_row *r = &f->stretch[i];
        const uint64_t *n = r->count;
        const u128 *s = r->space;
        standing += n[FLOW_ADDED] + n[FLOW_OPENED] + n[FLOW_RECUT_IN] + n[FLOW_MOVED_IN];
        standing -= n[FLOW_REMOVED] + n[FLOW_RECUT_OUT] + n[FLOW_MOVED_OUT];
        space = space_add(space, space_add(s[FLOW_ADDED], s[FLOW_OPENED]));
        space = space_add(space, s[FLOW_MOVED_IN]);
        space = space_subtract(space, space_add(s[FLOW_REMOVED], s[FLOW_MOVED_OUT]));
        r->standing = standing;
        r->standing_space = space;
    }
}

static bool fold_stretch(struct fold *f)
{
    memset(f->stretch, 0, (f->span->count + 1) * sizeof *f->stretch);
    f->additions.count = 0;
    f->stretch_number++;
    for (size_t i = 0; i < f->cells.count; i++) {
        const struct cell_flows *c = &f->cells.at[i];
        for (size_t j = c->begin; c->member && j < c->end; j++)
            if (!fold_flow(f, &f->flows[j]))
                return false;
    }
    stand(f);
    return count_holders(f);
}

// ---- one key

// What moved in or out, net: what the other flows do not explain of the change since the row
// before. Moves within the key are none, and an economy that joins a group brings all it has.
static void net_moves(struct pace_row *r, const struct pace_row *before)
{
    uint64_t *n = r->count;
    u128 *s = r->space;
    uint64_t in = before->standing + n[FLOW_ADDED] + n[FLOW_OPENED] + n[FLOW_RECUT_IN];
    uint64_t out = r->standing + n[FLOW_REMOVED] + n[FLOW_RECUT_OUT];
    u128 space_in = space_add(before->standing_space, space_add(s[FLOW_ADDED], s[FLOW_OPENED]));
    u128 space_out = space_add(r->standing_space, s[FLOW_REMOVED]);
    n[FLOW_MOVED_IN] = out > in ? out - in : 0;
    n[FLOW_MOVED_OUT] = in > out ? in - out : 0;
    s[FLOW_MOVED_IN] = space_subtract(space_out, space_in);
    s[FLOW_MOVED_OUT] = space_subtract(space_in, space_out);
}

// The day on which membership is looked at for a row; for what was before, that of the first row.
static date membership_day(const struct fold *f, size_t row)
{
    return span_end(f->span, row > 0 ? row : 1);
}

static void find_looks(struct fold *f)
{
    f->looks[0] = true;
    for (size_t i = 0; i < f->cells.count && keys_dated(f->keys); i++) {
        economy e = f->cells.at[i].economy;
        if (i > 0 && f->cells.at[i - 1].economy == e)
            continue;
        uint64_t before = keys_memberships(f->keys, e, membership_day(f, 0));
        for (size_t row = 1; row <= f->span->count; row++) {
            uint64_t now = keys_memberships(f->keys, e, membership_day(f, row));
            f->looks[row] |= now != before;
            before = now;
        }
    }
}

static bool fold_key(struct fold *f, size_t key)
{
    for (size_t i = 0; i < f->cells.count; i++)
        f->cells.at[i].member = false;
    for (size_t row = 0; row <= f->span->count; row++) {
        bool differs = f->looks[row] && mark_members(f, key, membership_day(f, row));
        if ((row == 0 || differs) && !fold_stretch(f))
            return false;
        f->key[row] = f->stretch[row];
    }
    for (size_t row = f->span->count; row > 0; row--)
        net_moves(&f->key[row], &f->key[row - 1]);
    return true;
}

static bool list_days(struct fold *f)
{
    const struct span *s = f->span;
    if ((int64_t)s->last - s->first >= DAY_TABLE_MAX)
        return true;
    f->row_of_day = calloc((size_t)(s->last - s->first) + 1, sizeof *f->row_of_day);
    if (!f->row_of_day)
        return false;
    for (size_t row = 1; row <= s->count; row++) {
        date from = row > 1 ? span_period(s, row) : s->first;
        for (date d = from, end = span_end(s, row); d <= end; d++)
            f->row_of_day[d - s->first] = (uint32_t)row;
    }
    return true;
}

static bool fold_init(struct fold *f, const struct flows *flows, const struct holders *h)
{
    f->stretch = calloc(f->span->count + 1, sizeof *f->stretch);
    f->key = calloc(f->span->count + 1, sizeof *f->key);
    f->holders = calloc((size_t)h->count + 1, sizeof *f->holders);
    f->places = calloc(f->span->count + 3, sizeof *f->places);
    f->looks = calloc(f->span->count + 1, sizeof *f->looks);
    if (!f->stretch || !f->key || !f->holders || !f->places || !f->looks || !list_days(f) ||
        !sort_by_cell(f, flows))
        return false;
    find_looks(f);
    return true;
}

static void fold_done(struct fold *f)
{
    free(f->stretch);
    free(f->key);
    free(f->holders);
    free(f->places);
    free(f->looks);
    free(f->row_of_day);
    free(f->flows);
    free(f->cells.at);
    free(f->additions.at);
}

int flows_fold(const struct flows *flows, const struct holders *h, const struct keys *k,
               const struct span *s, int (*row)(size_t key, const struct pace_row *rows, void *arg),
               void *arg, struct err *e)
{
    struct fold f = {.keys = k, .span = s};
    int code = fold_init(&f, flows, h) ? 0 : err_memory(e);
    for (size_t key = 0; key < k->count && code == 0; key++) {
        if (!k->shown[key])
            continue;
        code = fold_key(&f, key) ? row(key, f.key, arg) : err_memory(e);
    }
    fold_done(&f);
    return code;
}
