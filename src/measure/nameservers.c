// SPDX-License-Identifier: Apache-2.0
//
// Of each period the newest observation of each domain counts.

#include "measure/nameservers.h"

#include "measure/figures.h"
#include "measure/keys.h"

#include <math.h>
#include <stdlib.h>

struct tally {
    uint64_t domains, reachable, possible, complete;
    uint64_t servers, with_aaaa, unknown;
    date newest;
};

struct columns {
    size_t period, date, domains, reachable, share, possible, complete;
    size_t servers, with_aaaa, servers_share, unknown;
    struct key_columns key;
};

struct nameservers {
    const struct query *query;
    const struct world *world;
    const struct dated *dated;
    struct keys keys;
    struct table *table;
    struct columns columns;
    date first, last; // days shown
};

static void add_columns(struct nameservers *n)
{
    struct table *t = n->table;
    struct columns *c = &n->columns;
    c->period = table_column(t, &(struct column){.key = "period",
                                                 .heading = "Period",
                                                 .type = COLUMN_TEXT,
                                                 .unit = "",
                                                 .description = "The period of the row."});
    c->key = keys_add_columns(&n->keys, t);
    t->key_columns = n->keys.by == BY_WORLD ? 1 : 2;
    c->date = table_column(t, &(struct column){.key = "date",
                                               .heading = "As of",
                                               .type = COLUMN_DATE,
                                               .unit = "",
                                               .description = "The newest day observed in it."});
    c->domains = figures_add_count(t, "domains", "Domains", "Country-code domains.", false);
    c->reachable =
        figures_add_count(t, "reachable", "With IPv6",
                          "Domains with a name server that has an AAAA in the root zone.", false);
    c->share = figures_add_percent(t, "share", "Share", "Share of those domains.");
    c->possible = figures_add_count(
        t, "possible", "Not known",
        "Domains of which no name server has an AAAA there, and some have no address there at all: "
        "they may have one elsewhere.",
        false);
    c->complete = figures_add_count(t, "complete", "All servers",
                                    "Domains all of whose name servers have an AAAA there.", false);
    c->servers = figures_add_count(t, "servers", "Servers", "Name servers of the domains.", false);
    c->with_aaaa = figures_add_count(t, "servers_ipv6", "Servers with IPv6",
                                     "Name servers with an AAAA in the root zone.", true);
    c->servers_share = figures_add_percent(t, "servers_share", "Share of servers",
                                           "Share of the name servers that have an AAAA there.");
    c->unknown = figures_add_count(t, "servers_unknown", "Servers not known",
                                   "Name servers without any address in the root zone.", true);
}

static void add_domain(struct tally *t, const struct observation *o)
{
    double servers = isnan(o->samples) ? o->value : o->samples;
    double unknown = isnan(o->high) ? 0.0 : o->high;
    t->domains++;
    t->reachable += o->value > 0;
    t->possible += o->value <= 0 && unknown > 0;
    t->complete += o->value > 0 && o->value >= servers;
    t->servers += (uint64_t)servers;
    t->with_aaaa += (uint64_t)o->value;
    t->unknown += (uint64_t)unknown;
    t->newest = t->domains == 1 || o->date > t->newest ? o->date : t->newest;
}

// Observations come by key and date: the newest of the period is the last of its key in it.
static bool counts(const struct nameservers *n, size_t i, date from, date to)
{
    const struct observation *o = &n->dated->list.at[i];
    if (o->date < from || o->date > to)
        return false;
    const struct observation *next = i + 1 < n->dated->list.count ? o + 1 : NULL;
    return !next || strcmp(next->key, o->key) != 0 || next->date > to;
}

static struct tally count_period(const struct nameservers *n, size_t key, date from, date to)
{
    struct tally t = {.newest = DATE_NONE};
    for (size_t i = 0; i < n->dated->list.count; i++) {
        economy about;
        const struct observation *o = &n->dated->list.at[i];
        if (counts(n, i, from, to) && dated_economy(n->world, o->key, &about) &&
            keys_has(&n->keys, key, REGISTRY_COUNT, about, o->date))
            add_domain(&t, o);
    }
    return t;
}

static void set_row(struct nameservers *n, size_t key, date first, const struct tally *t)
{
    char text[DATE_TEXT_MAX];
    struct table *to = n->table;
    const struct columns *c = &n->columns;
    size_t row = table_row(to);
    table_set_text(to, row, c->period, period_format(n->query->every, first, text));
    keys_set_cells(&n->keys, key, c->key, to, row);
    table_set_date(to, row, c->date, t->newest);
    table_set_count(to, row, c->domains, t->domains);
    table_set_count(to, row, c->reachable, t->reachable);
    table_set_real(to, row, c->share, figures_percent(t->reachable, t->domains));
    table_set_count(to, row, c->possible, t->possible);
    table_set_count(to, row, c->complete, t->complete);
    table_set_count(to, row, c->servers, t->servers);
    table_set_count(to, row, c->with_aaaa, t->with_aaaa);
    table_set_real(to, row, c->servers_share, figures_percent(t->with_aaaa, t->servers));
    table_set_count(to, row, c->unknown, t->unknown);
}

static int set_rows(struct nameservers *n, struct err *e)
{
    enum period every = n->query->every;
    for (size_t key = 0; key < n->keys.count; key++)
        for (date first = period_first(every, n->first); n->keys.shown[key] && first <= n->last;
             first = period_next(every, first)) {
            date from = first < n->first ? n->first : first, end = period_next(every, first) - 1;
            struct tally t = count_period(n, key, from, end < n->last ? end : n->last);
            if (t.domains > 0)
                set_row(n, key, first, &t);
            if (n->table->row_count > PACE_ROWS_MAX)
                return err_set(e, ERR_LIMIT, "the table would have more than %d rows",
                               PACE_ROWS_MAX);
        }
    return 0;
}

static int find_keys(struct nameservers *n, struct err *e)
{
    const struct observation_list *l = &n->dated->list;
    economy *used = calloc(l->count + 1, sizeof *used);
    size_t count = 0;
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < l->count; i++)
        count += dated_economy(n->world, l->at[i].key, &used[count]);
    int code = keys_init(&n->keys, n->query->by, n->query->only, n->world, used, count, 0, e);
    free(used);
    return code;
}

static void find_span(struct nameservers *n)
{
    const struct query *q = n->query;
    n->first = q->from > n->dated->series.first ? q->from : n->dated->series.first;
    n->last = q->to != DATE_NONE && q->to < n->dated->series.last ? q->to : n->dated->series.last;
}

static int compute(struct nameservers *n, struct err *e)
{
    static const char *const every[] = {"year", "quarter", "month", "day"};
    if (n->query->by == BY_REGISTRY)
        return err_set(e, ERR_USAGE, "by registry: domains are of economies");
    int code = find_keys(n, e);
    if (code)
        return code;
    find_span(n);
    table_title(n->table, "Country-code domains with IPv6 name servers by %s, %s%s",
                every[n->query->every], n->keys.by == BY_WORLD ? "" : "by ", by_title(n->keys.by));
    add_columns(n);
    code = set_rows(n, e);
    table_note(n->table, "Seen in the root zone: what a name server with an AAAA there answers was "
                         "not tried. A name server under another domain may have an address that "
                         "the root zone does not have.");
    keys_note(&n->keys, n->table);
    return code == 0 && n->table->failed ? err_memory(e) : code;
}

int nameservers_table(const struct query *q, const struct world *w, const struct dated *d,
                      struct table **ret, struct err *e)
{
    struct nameservers n = {.query = q, .world = w, .dated = d};
    int code = table_new("nameservers", &n.table) ? err_memory(e) : compute(&n, e);
    keys_done(&n.keys);
    if (code)
        table_free(&n.table);
    else
        *ret = n.table;
    return code;
}

int measure_nameservers(const struct measure *m, const struct query *q, struct measure_tables *ret,
                        struct err *e)
{
    struct dated d = {0};
    struct dated_inputs inputs = {0};
    struct measure_tables tables = {0};
    int code = dated_load(m, NAMESERVERS_SERIES, &d, e);
    if (code)
        return code;
    code = nameservers_table(q, m->world, &d, &tables.at[0], e);
    tables.count = code == 0;
    if (code == 0)
        code = dated_inputs_add(&inputs, &d, q->to == DATE_NONE ? DATE_MAX : q->to, e);
    if (code == 0)
        code = dated_basis(m, q, "nameservers", &inputs, &tables, e);
    dated_inputs_done(&inputs);
    dated_done(&d);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
