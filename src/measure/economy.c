// SPDX-License-Identifier: Apache-2.0
//
// One economy on a page: what it holds, its place among others, its pace, its holders, and what
// changed in the year before.

#include "base/array.h"
#include "measure/changes.h"
#include "measure/figures.h"
#include "measure/view.h"

#include <stdlib.h>
#include <string.h>

#define ECONOMIES       65536 // codes of two letters in one number
#define ECONOMY_HOLDERS 10    // shown without `top`

// Records of one family and status that the economy has.
struct holding {
    uint64_t delegations, holders;
    u128 space;
    date first, newest;
};

struct held {
    int64_t holder;
    enum family family;
    uint8_t status, registry;
    u128 space;
};

struct holder_sum {
    int64_t holder;
    uint8_t registry;
    uint64_t delegations; // of IPv6
    u128 space[FAMILY_COUNT];
};

struct page {
    const struct measure *m;
    const struct query *q;
    struct snapshot_list snapshots;
    struct view views[FAMILY_COUNT]; // known snapshots only
    u128 *totals[FAMILY_COUNT];      // by economy, delegated
    struct holding holdings[FAMILY_COUNT][STATUS_COUNT];
    ARRAY(struct held) held;          // delegated records of the economy
    ARRAY(struct holder_sum) holders; // by IPv6 space
    struct measure_tables out;
    struct err *err;
};

// ---- collecting

static int take(const struct lifetime *l, void *arg)
{
    struct page *p = arg;
    enum family f = l->block.family;
    u128 space = block_count(&l->block);
    bool delegated = STATUS_DELEGATED & STATUS_BIT(l->status);
    if (delegated)
        p->totals[f][l->economy] = space_add(p->totals[f][l->economy], space);
    if (l->economy != p->q->economy)
        return 0;
    struct holding *h = &p->holdings[f][l->status];
    bool none = h->delegations == 0;
    h->delegations++;
    h->space = space_add(h->space, space);
    if (l->date != DATE_NONE) {
        h->first = none || h->first == DATE_NONE || l->date < h->first ? l->date : h->first;
        h->newest = none || l->date > h->newest ? l->date : h->newest;
    } else if (none) {
        h->first = h->newest = DATE_NONE;
    }
    if (!delegated || !l->holder)
        return 0;
    struct held *held = ARRAY_ADD(&p->held);
    if (!held)
        return err_memory(p->err);
    *held = (struct held){l->holder, f, (uint8_t)l->status, (uint8_t)l->registry, space};
    return 0;
}

static int collect_family(struct page *p, enum family f)
{
    struct view *v = &p->views[f];
    date on[REGISTRY_COUNT];
    unsigned used = 0;
    struct err none;
    p->totals[f] = calloc(ECONOMIES, sizeof *p->totals[f]);
    if (!p->totals[f])
        return err_memory(p->err);
    snapshot_known(&p->snapshots, f, p->q->known_on, v->known);
    v->known_on = DATE_NONE;
    if (view_registries(p->q, v->known, &used, &none) != 0) {
        memset(v->known, 0, sizeof v->known);
        return 0;
    }
    v->registries = used;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        if (!(used & REGISTRY_BIT(r)))
            v->known[r] = NULL;
        on[r] = v->known[r] ? v->known[r]->date : DATE_NONE;
        v->known_on = on[r] > v->known_on ? on[r] : v->known_on;
    }
    struct scan scan = {.family = f, .registries = used, .statuses = STATUS_ALL, .on = on};
    return store_scan(p->m->store, &scan, take, p, p->err);
}

static date known_on(const struct page *p)
{
    date d = DATE_NONE;
    for (int f = 0; f < FAMILY_COUNT; f++)
        d = p->views[f].known_on > d ? p->views[f].known_on : d;
    return d;
}

#define ORDER(a, b)                                                                                \
    if ((a) != (b))                                                                                \
    return (a) < (b) ? -1 : 1

static int held_order(const void *left, const void *right)
{
    const struct held *a = left, *b = right;
    ORDER(a->registry, b->registry);
    ORDER(a->holder, b->holder);
    ORDER(a->family, b->family);
    ORDER(a->status, b->status);
    return 0;
}

static int holder_order(const void *left, const void *right)
{
    const struct holder_sum *a = left, *b = right;
    ORDER(b->space[FAMILY_IPV6], a->space[FAMILY_IPV6]);
    ORDER(b->space[FAMILY_IPV4], a->space[FAMILY_IPV4]);
    ORDER(b->space[FAMILY_ASN], a->space[FAMILY_ASN]);
    ORDER(a->registry, b->registry);
    ORDER(a->holder, b->holder);
    return 0;
}

static int sum_holders(struct page *p)
{
    if (p->held.count)
        qsort(p->held.at, p->held.count, sizeof *p->held.at, held_order);
    for (size_t i = 0; i < p->held.count; i++) {
        const struct held *h = &p->held.at[i], *before = i ? h - 1 : NULL;
        bool same = before && before->holder == h->holder && before->registry == h->registry;
        if (!same || before->family != h->family || before->status != h->status)
            p->holdings[h->family][h->status].holders++;
        struct holder_sum *s = same ? &p->holders.at[p->holders.count - 1] : ARRAY_ADD(&p->holders);
        if (!s)
            return err_memory(p->err);
        s->holder = h->holder;
        s->registry = h->registry;
        s->delegations += h->family == FAMILY_IPV6;
        s->space[h->family] = space_add(s->space[h->family], h->space);
    }
    if (p->holders.count)
        qsort(p->holders.at, p->holders.count, sizeof *p->holders.at, holder_order);
    return 0;
}

// ---- tables

static int start(struct page *p, const char *name, struct table **ret)
{
    if (table_new(name, ret) != 0)
        return err_memory(p->err);
    p->out.at[p->out.count++] = *ret;
    return 0;
}

static int add_basis(struct page *p, struct table *t)
{
    struct view v = p->views[FAMILY_IPV6];
    v.known_on = known_on(p);
    return view_basis(p->m, p->q, "economy", &v, &(struct beside){.view = &p->views[FAMILY_IPV4]},
                      false, t, p->err);
}

static const char *name_of(const struct page *p)
{
    return world_name(p->m->world, p->q->economy);
}

// Is there any snapshot of that family?
static bool is_known(const struct page *p, enum family f)
{
    return p->views[f].known_on != DATE_NONE;
}

// The space columns of the three families side by side; those not known are left out of text.
struct sides {
    struct space_columns at[FAMILY_COUNT];
};

static struct sides add_sides(const struct page *p, struct table *t, const char *description)
{
    static const char *const headings[FAMILY_COUNT] = {"IPv6", "IPv4", "ASNs"};
    struct sides s;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        s.at[f] = figures_add_space(t, (enum family)f, "", headings[f], description,
                                    !is_known(p, (enum family)f));
        if (f == FAMILY_ASN)
            t->columns[s.at[f].shown].unit = "";
    }
    return s;
}

static void fill_holdings(struct page *p, struct table *t)
{
    char code[8], day[DATE_TEXT_MAX];
    table_title(t, "%s (%s): what it holds, known on %s", name_of(p),
                economy_format(p->q->economy, code), date_format(known_on(p), day));
    table_column(t, &(struct column){"family", "Family", COLUMN_TEXT, "", "ipv6, ipv4 or asn."});
    table_column(t, &(struct column){"status", "Status", COLUMN_TEXT, "", "Of the records."});
    figures_add_count(t, "delegations", "Records", "Number of records.", false);
    figures_add_count(t, "holders", "Holders", "Number of different holders.", false);
    table_column(t, &(struct column){"first_delegation", "First", COLUMN_DATE, "",
                                     "The earliest date of the records."});
    table_column(t, &(struct column){"newest_delegation", "Newest", COLUMN_DATE, "",
                                     "The latest date of the records.", .machine_only = true});
    struct sides s = add_sides(p, t, "of the records");
    t->key_columns = 2;
    for (int f = 0; f < FAMILY_COUNT; f++)
        for (int k = 0; k < STATUS_COUNT; k++) {
            const struct holding *h = &p->holdings[f][k];
            if (!h->delegations)
                continue;
            size_t row = table_row(t);
            table_set_text(t, row, 0, family_name((enum family)f));
            table_set_text(t, row, 1, status_name((enum status)k));
            table_set_count(t, row, 2, h->delegations);
            if (h->holders)
                table_set_count(t, row, 3, h->holders);
            table_set_date(t, row, 4, h->first);
            table_set_date(t, row, 5, h->newest);
            figures_set_space(t, row, s.at[f], h->space);
        }
}

// ---- ranks

// The place of the economy among some, and its share of theirs.
struct standing {
    uint64_t economies, rank;
    double share;
};

static struct standing stand(const struct page *p, enum family f, const uint8_t *among)
{
    const u128 *totals = p->totals[f];
    u128 own = totals[p->q->economy], all = 0;
    struct standing s = {.rank = 1};
    for (size_t e = 0; e < ECONOMIES; e++) {
        if (!totals[e] || (among && !among[e]))
            continue;
        s.economies++;
        s.rank += totals[e] > own;
        all = space_add(all, totals[e]);
    }
    s.share = figures_percent(own, all);
    return s;
}

static void add_standing(struct page *p, struct table *t, const char *scope, const char *key,
                         const char *name, const uint8_t *among)
{
    size_t row = table_row(t);
    table_set_text(t, row, 0, scope);
    table_set_text(t, row, 1, key);
    table_set_text(t, row, 2, name);
    for (int f = FAMILY_IPV6; f <= FAMILY_IPV4; f++) {
        size_t at = 3 + 3 * (size_t)f;
        if (!is_known(p, (enum family)f)) {
            for (size_t i = 0; i < 3; i++)
                t->columns[at + i].machine_only = true;
            continue;
        }
        struct standing s = stand(p, (enum family)f, among);
        table_set_count(t, row, at + 1, s.economies);
        if (!p->totals[f][p->q->economy])
            continue;
        table_set_count(t, row, at, s.rank);
        table_set_real(t, row, at + 2, s.share);
    }
}

static void add_groups(struct page *p, struct table *t, enum grouping g, const char *scope,
                       uint8_t *among)
{
    const struct world *w = p->m->world;
    uint64_t of = world_memberships(w, g, p->q->economy, known_on(p));
    for (size_t i = 0; i < world_group_count(w, g); i++) {
        if (!(of >> i & 1))
            continue;
        memset(among, 0, ECONOMIES);
        for (size_t k = 0; k < world_count(w); k++) {
            economy e = world_economy(w, k);
            among[e] = world_is_member(w, g, i, e, known_on(p));
        }
        add_standing(p, t, scope, world_group_key(w, g, i), world_group_name(w, g, i), among);
    }
}

static int fill_ranks(struct page *p, struct table *t)
{
    static const char *const scopes[] = {"region", "subregion", "itu-region", "group"};
    static const struct column columns[] = {
        {"scope", "By", COLUMN_TEXT, "", "The grouping."},
        {"key", "Key", COLUMN_TEXT, "", "The group.", .machine_only = true},
        {"name", "Among", COLUMN_TEXT, "", "The economies that it is compared with."},
        {"rank", "IPv6 rank", COLUMN_COUNT, "", "Place by IPv6 space delegated."},
        {"economies", "of", COLUMN_COUNT, "", "Economies there that have IPv6 space."},
        {"share", "Share", COLUMN_PERCENT, "%", "Of the IPv6 space there.", .decimals = 2},
        {"ipv4_rank", "IPv4 rank", COLUMN_COUNT, "", "Place by IPv4 addresses delegated."},
        {"ipv4_economies", "of", COLUMN_COUNT, "", "Economies there that have IPv4 addresses."},
        {"ipv4_share", "Share", COLUMN_PERCENT, "%", "Of the IPv4 addresses there.", .decimals = 2},
    };
    uint8_t *among = calloc(ECONOMIES, 1);
    if (!among)
        return err_memory(p->err);
    table_title(t, "%s among others", name_of(p));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    t->key_columns = 3;
    add_standing(p, t, "world", "world", "World", NULL);
    for (unsigned g = 0; g < GROUPING_COUNT; g++)
        add_groups(p, t, (enum grouping)g, scopes[g], among);
    free(among);
    return 0;
}

// ---- holders

static int add_holder(struct page *p, struct table *t, const struct sides *sides, size_t i)
{
    char name[HOLDER_MAX + 1];
    const struct holder_sum *h = &p->holders.at[i];
    size_t row = table_row(t);
    int code = store_holder(p->m->store, h->holder, name, p->err);
    if (code)
        return code;
    table_set_count(t, row, 0, i + 1);
    table_set_text(t, row, 1, name);
    table_set_text(t, row, 2, registry_name((enum registry)h->registry));
    table_set_count(t, row, 3, h->delegations);
    table_set_real(t, row, 4, figures_percent(h->space[FAMILY_IPV6], p->totals[0][p->q->economy]));
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (h->space[f])
            figures_set_space(t, row, sides->at[f], h->space[f]);
    return 0;
}

static int fill_holders(struct page *p, struct table *t)
{
    size_t top = p->q->top ? p->q->top : ECONOMY_HOLDERS;
    int code = 0;
    table_title(t, "%s: the largest holders by IPv6 space", name_of(p));
    figures_add_count(t, "rank", "Rank", "Place by IPv6 space.", false);
    table_column(t, &(struct column){"holder", "Holder", COLUMN_TEXT, "", "The opaque-id."});
    table_column(t, &(struct column){"registry", "Registry", COLUMN_TEXT, "", "Whose member it is.",
                                     .machine_only = true});
    figures_add_count(t, "delegations", "Records", "IPv6 delegations.", true);
    figures_add_percent(t, "share", "Share", "Of the economy's IPv6 space.");
    struct sides sides = add_sides(p, t, "of the holder in the economy");
    t->key_columns = 2;
    for (size_t i = 0; i < p->holders.count && i < top && code == 0; i++)
        code = add_holder(p, t, &sides, i);
    if (p->holders.count > top)
        table_note(t, "%zu of %zu holders are shown.", top, p->holders.count);
    if (p->holders.count == 0)
        table_note(t, "The snapshots of that day name no holders: the registries' extended files "
                      "do.");
    return code;
}

// ---- pace and changes

static void hide(struct table *t, const char *key)
{
    size_t column = table_find_column(t, key);
    if (column != SIZE_MAX)
        t->columns[column].machine_only = true;
}

static int add_pace(struct page *p)
{
    struct query q = *p->q;
    struct measure_tables tables = {0};
    char code_text[8];
    q.by = BY_ECONOMY;
    q.economy = ECONOMY_NONE;
    q.top = 0;
    economy_format(p->q->economy, code_text);
    memcpy(q.only, code_text, sizeof code_text);
    int code = measure_pace(p->m, &q, &tables, p->err);
    if (code == ERR_NOT_FOUND || code == ERR_USAGE)
        return 0; // no IPv6 snapshot, or nothing in it
    if (code)
        return code;
    struct table *t = tables.at[0];
    table_title(t, "%s: new IPv6 delegations by year", name_of(p));
    hide(t, "key");
    hide(t, "name");
    t->key_columns = 1;
    p->out.at[p->out.count++] = t;
    tables.at[0] = tables.at[--tables.count];
    measure_tables_free(&tables);
    return 0;
}

static int add_changes(struct page *p, enum family f)
{
    static const char *const names[] = {"changes-ipv6", "changes-ipv4", "changes-asn"};
    struct query q = *p->q;
    struct changes c = {0};
    struct economy_set only = {.any = true};
    struct table *t;
    struct err none;
    char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
    q.family = f;
    q.to = known_on(p);
    q.from = changes_year_before(q.to);
    only.bits[q.economy >> 3] |= (uint8_t)(1u << (q.economy & 7));
    int code = changes_find(p->m, &q, &c, &none);
    if (code)
        return code == ERR_NOT_FOUND ? 0 : err_set(p->err, code, "%s", none.text);
    code = start(p, names[f], &t);
    if (code == 0) {
        table_title(t, "%s: %s records, sums of the changes from %s to %s", name_of(p),
                    family_title(f), date_format(q.from, from), date_format(q.to, to));
        changes_fill_sums(t, &q, &c, &only, true);
        changes_note(t, &q, &c);
        code = changes_basis(p->m, p->q, "economy", &c, t, p->err);
    }
    changes_done(&c);
    return code;
}

// ---- the page

static int collect(struct page *p)
{
    char code_text[8];
    int code = store_snapshots(p->m->store, &p->snapshots, p->err);
    for (int f = 0; f < FAMILY_COUNT && code == 0; f++)
        code = collect_family(p, (enum family)f);
    if (code == 0)
        code = sum_holders(p);
    for (int f = 0; f < FAMILY_COUNT && code == 0; f++)
        for (int k = 0; k < STATUS_COUNT; k++)
            if (p->holdings[f][k].delegations)
                return 0;
    return code ? code
                : err_set(p->err, ERR_NOT_FOUND, "no record of the day states the economy %s (%s)",
                          economy_format(p->q->economy, code_text), name_of(p));
}

static int make(struct page *p)
{
    struct table *t;
    int code = start(p, "holdings", &t);
    if (code == 0) {
        fill_holdings(p, t);
        code = add_basis(p, t);
    }
    if (code == 0 && (code = start(p, "ranks", &t)) == 0) {
        code = fill_ranks(p, t);
        code = code ? code : add_basis(p, t);
    }
    if (code == 0)
        code = add_pace(p);
    if (code == 0 && (code = start(p, "holders", &t)) == 0) {
        code = fill_holders(p, t);
        code = code ? code : add_basis(p, t);
    }
    for (int f = 0; f < FAMILY_COUNT && code == 0; f++)
        code = add_changes(p, (enum family)f);
    for (size_t i = 0; i < p->out.count && code == 0; i++)
        code = p->out.at[i]->failed ? err_memory(p->err) : 0;
    return code;
}

int measure_economy(const struct measure *m, const struct query *q, struct measure_tables *ret,
                    struct err *e)
{
    if (q->economy == ECONOMY_NONE)
        return err_set(e, ERR_USAGE, "economy: which one? A code as KE is wanted");
    struct page p = {.m = m, .q = q, .err = e};
    int code = collect(&p);
    if (code == 0)
        code = make(&p);
    if (code == 0)
        *ret = p.out;
    else
        measure_tables_free(&p.out);
    for (int f = 0; f < FAMILY_COUNT; f++)
        free(p.totals[f]);
    free(p.held.at);
    free(p.holders.at);
    snapshot_list_free(&p.snapshots);
    return code;
}
