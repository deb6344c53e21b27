// SPDX-License-Identifier: Apache-2.0

#include "measure/routed.h"

#include "measure/figures.h"

#include <stdio.h>
#include <stdlib.h>

// ---- which table

static bool is_better(const struct route_snapshot *a, const struct route_snapshot *than)
{
    if (!than || a->date != than->date)
        return !than || a->date > than->date;
    return a->prefixes > than->prefixes;
}

static bool is_candidate(const struct route_snapshot *s, const struct query *q, enum family f)
{
    return s->kind == ROUTE_ANNOUNCED && s->family == f &&
           (!q->collector[0] || strcmp(q->collector, s->collector) == 0);
}

// What there is instead: collectors, and the first table.
static int no_table(const struct route_snapshot_list *l, const struct query *q, enum family f,
                    date on, struct err *e)
{
    char list[200] = "", day[DATE_TEXT_MAX];
    size_t used = 0;
    date first = DATE_MAX;
    for (size_t i = 0; i < l->count; i++) {
        const struct route_snapshot *s = &l->at[i];
        if (s->kind != ROUTE_ANNOUNCED || s->family != f)
            continue;
        bool known = i > 0 && strcmp(s->collector, s[-1].collector) == 0 && used > 0;
        if (is_candidate(s, q, f) && s->date < first)
            first = s->date;
        int n = known ? 0
                      : snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
                                 s->collector);
        used += (size_t)n < sizeof list - used ? (size_t)n : 0;
    }
    if (used == 0)
        return err_set(e, ERR_NOT_FOUND,
                       "the archive has no %s routing table; \"sextant import\" takes MRT tables, "
                       "RIS whois dumps and lists of prefixes with their origins",
                       family_title(f));
    if (first == DATE_MAX)
        return err_set(e, ERR_NOT_FOUND,
                       "there is no %s routing table of the collector %s; there are some of %s",
                       family_title(f), q->collector, list);
    char first_text[DATE_TEXT_MAX];
    return err_set(e, ERR_NOT_FOUND,
                   "there is no %s routing table of %s or before; the first is of %s",
                   family_title(f), date_format(on, day), date_format(first, first_text));
}

int routed_choose(const struct route_snapshot_list *l, const struct query *q, enum family f,
                  date on, struct route_snapshot *ret, struct err *e)
{
    const struct route_snapshot *best = NULL;
    for (size_t i = 0; i < l->count; i++)
        if (is_candidate(&l->at[i], q, f) && l->at[i].date <= on && is_better(&l->at[i], best))
            best = &l->at[i];
    if (!best)
        return no_table(l, q, f, on, e);
    char day[DATE_TEXT_MAX], asked[DATE_TEXT_MAX];
    if (on != DATE_MAX && on - best->date > ROUTED_GAP_MAX)
        return err_set(e, ERR_NOT_FOUND,
                       "the newest %s routing table by %s is of %s, more than %d days before: ask "
                       "with --known-on %s",
                       family_title(f), date_format(on, asked), date_format(best->date, day),
                       ROUTED_GAP_MAX, day);
    *ret = *best;
    return 0;
}

int routed_peers(const struct query *q, const struct route_snapshot *s, uint32_t *ret,
                 struct err *e)
{
    uint32_t tenth = s->peers_full / 10;
    uint32_t usual = tenth > ROUTED_PEERS_USUAL ? ROUTED_PEERS_USUAL : tenth > 1 ? tenth : 1;
    uint32_t peers = q->peers ? q->peers : usual;
    if (route_level_least(route_level(peers)) != peers)
        return err_set(e, ERR_USAGE,
                       "peers \"%u\": one of 1 to 10, 20, 50, 100, 200, 500, 1000 is wanted: the "
                       "archive keeps counts of peers in these steps",
                       (unsigned)peers);
    *ret = peers;
    return 0;
}

char *route_snapshot_format(const struct route_snapshot *s, char text[128])
{
    char day[DATE_TEXT_MAX];
    snprintf(text, 128, "%s %s %s", s->collector, family_name(s->family),
             date_format(s->date, day));
    return text;
}

// ---- loading

struct loader {
    struct routing *routing;
    struct err *err;
};

static int take_route(const struct route_life *l, void *arg)
{
    struct loader *to = arg;
    return routing_add(to->routing, &l->route) ? 0 : err_memory(to->err);
}

int routing_load(struct store *s, const struct route_snapshot *snapshot, uint32_t peers,
                 struct routing *ret, struct err *e)
{
    struct routing r;
    struct loader to = {&r, e};
    routing_init(&r, snapshot->family, peers);
    struct route_scan scan = {.kind = snapshot->kind,
                              .family = snapshot->family,
                              .collector = snapshot->collector,
                              .on = snapshot->date};
    bool room = ARRAY_RESERVE(&r.at, (size_t)snapshot->prefixes + 1) &&
                ARRAY_RESERVE(&r.origins, (size_t)snapshot->routes + 1);
    int code = room ? store_route_scan(s, &scan, take_route, &to, e) : err_memory(e);
    if (code == 0 && !routing_end(&r))
        code = err_memory(e);
    if (code)
        routing_done(&r);
    else
        *ret = r;
    return code;
}

// The registers on the day of the table; without a day asked for their newest state will do where
// they begin later.
static int load_blocks(const struct measure *m, struct routed *r, struct err *e)
{
    struct query q = r->query;
    bool free_day = q.known_on == DATE_MAX;
    q.known_on = r->day;
    int code = view_load_standing(m, &q, &r->blocks, e);
    if (code == ERR_NOT_FOUND && free_day) {
        q.known_on = DATE_MAX;
        code = view_load_standing(m, &q, &r->blocks, e);
        if (code == 0 && r->blocks.known_on > r->day)
            r->day = r->blocks.known_on;
    }
    r->blocks.known_on = r->day;
    return code;
}

struct named {
    ARRAY(struct lifetime) rows;
    struct err *err;
};

static int take_name(const struct stored_as_name *n, void *arg)
{
    struct named *to = arg;
    struct lifetime *add = ARRAY_ADD(&to->rows);
    if (!add)
        return err_memory(to->err);
    add->block = (struct block){FAMILY_ASN, n->asn, 1};
    add->economy = n->economy;
    if (!registry_parse(slice_of(n->registry), &add->registry))
        add->registry = REGISTRY_NRO;
    return 0;
}

static int load_names(const struct measure *m, struct routed *r, struct err *e)
{
    struct named named = {.err = e};
    int code = store_as_names(m->store, take_name, &named, &r->names, e);
    if (code == 0)
        code = homes_make(&r->homes, named.rows.at, named.rows.count, e);
    free(named.rows.at);
    return code;
}

static int load_numbers(const struct measure *m, struct routed *r, struct err *e)
{
    struct query q;
    query_init(&q);
    q.family = FAMILY_ASN;
    q.known_on = r->day;
    int code = view_load_standing(m, &q, &r->numbers, e);
    if (code == ERR_NOT_FOUND) {
        r->numbers = (struct view){.world = m->world};
        return load_names(m, r, e);
    }
    r->numbers.known_on = r->day;
    if (code == 0)
        code = homes_make(&r->homes, r->numbers.at, r->numbers.count, e);
    return code;
}

static int load(const struct measure *m, struct routed *r, struct err *e)
{
    struct route_snapshot_list list = {0};
    struct query *q = &r->query;
    if (q->family == FAMILY_ASN)
        return err_set(e, ERR_USAGE, "family \"asn\": ipv6 or ipv4 is wanted, routes are of these");
    int code = store_route_snapshots(m->store, &list, e);
    if (code == 0)
        code = routed_choose(&list, q, q->family, q->known_on, &r->snapshot, e);
    r->day = q->known_on == DATE_MAX ? r->snapshot.date : q->known_on;
    if (code == 0)
        code = routed_peers(q, &r->snapshot, &q->peers, e);
    if (code == 0)
        code = load_blocks(m, r, e);
    if (code == 0)
        code = routed_choose(&list, q, q->family, r->day, &r->snapshot, e);
    route_snapshot_list_free(&list);
    if (code == 0)
        code = load_numbers(m, r, e);
    if (code == 0)
        code = special_load(&r->special, e);
    if (code == 0)
        code = routing_load(m->store, &r->snapshot, q->peers, &r->routing, e);
    snprintf(q->collector, sizeof q->collector, "%s", r->snapshot.collector);
    return code;
}

int routed_load(const struct measure *m, const struct query *q, struct routed *ret, struct err *e)
{
    struct routed r = {.query = *q};
    int code = load(m, &r, e);
    if (code) {
        routed_done(&r);
        return code;
    }
    r.query.known_on = r.day;
    route_snapshot_format(&r.snapshot, r.label);
    *ret = r;
    return 0;
}

void routed_done(struct routed *r)
{
    view_done(&r->blocks);
    view_done(&r->numbers);
    homes_done(&r->homes);
    special_done(&r->special);
    routing_done(&r->routing);
}

// ---- words

const char *routed_scope(const struct routed *r, struct table *t)
{
    char day[DATE_TEXT_MAX];
    const char *peers = "";
    if (r->snapshot.peers > 0)
        peers = arena_format(&t->arena, "at least %u peers of ", (unsigned)r->query.peers);
    const char *scope =
        arena_format(&t->arena, "; seen by %s%s on %s%s", peers ? peers : "", r->snapshot.collector,
                     date_format(r->snapshot.date, day), figures_scope(&r->query, &r->blocks, t));
    return scope ? scope : "";
}

void routed_note(const struct routed *r, struct table *t)
{
    const struct route_snapshot *s = &r->snapshot;
    if (s->peers > 0)
        table_note(t,
                   "The routing table has %u peers, %u of them with a full table. Left out: %llu "
                   "announcements that fewer than %u see, %llu of all space.",
                   (unsigned)s->peers, (unsigned)s->peers_full, (unsigned long long)r->routing.few,
                   (unsigned)r->query.peers, (unsigned long long)r->routing.whole);
    else
        table_note(t,
                   "How many peers see an announcement is not stated: all count. Left out: %llu of "
                   "all space.",
                   (unsigned long long)r->routing.whole);
    if (r->day != s->date)
        table_note(t, "The routing table is %d days older than the day asked for.",
                   (int)(r->day - s->date));
}

void routed_note_homes(const struct routed *r, struct table *t)
{
    if (r->names)
        table_note(t, "No snapshot of AS numbers is held: networks are where the table of AS names "
                      "has them.");
    else if (r->numbers.count == 0)
        table_note(t,
                   "No snapshot of AS numbers is held: where networks are at home is not known.");
}

int routed_basis(const struct measure *m, const struct routed *r, const char *command,
                 const struct beside_input *more, size_t more_count, struct table *t, struct err *e)
{
    struct beside_input inputs[ROUTED_MORE_MAX + 2] = {{r->snapshot.input, r->label}};
    struct beside beside = {.view = &r->numbers, .inputs = inputs, .count = 1};
    for (size_t i = 0; i < more_count && i < ROUTED_MORE_MAX; i++)
        inputs[beside.count++] = more[i];
    if (r->names)
        inputs[beside.count++] = (struct beside_input){r->names, "AS names"};
    return view_basis(m, &r->query, command, &r->blocks, &beside, false, t, e);
}
