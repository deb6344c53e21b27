// SPDX-License-Identifier: Apache-2.0
//
// What several places say of a domain, as one.

#include "measure/services.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX 64 // of one campaign; more are not counted

bool services_judged(unsigned verdict)
{
    return verdict < CHECKED_NOT_APPLICABLE;
}

// From good to bad.
unsigned services_severity(enum checked_verdict v)
{
    static const unsigned severity[CHECKED_VERDICTS] = {
        [CHECKED_PASS] = 0, [CHECKED_PARTIAL] = 1, [CHECKED_NONE] = 2, [CHECKED_FAIL] = 3};
    return severity[v];
}

enum checked_verdict services_verdict(const enum checked_verdict *places, size_t count)
{
    static const enum checked_verdict by_severity[] = {CHECKED_PASS, CHECKED_PARTIAL, CHECKED_NONE,
                                                       CHECKED_FAIL};
    unsigned judged = 0, worst = 0, second = 0, none = 0;
    for (size_t i = 0; i < count; i++) {
        none += places[i] == CHECKED_NOT_APPLICABLE;
        if (!services_judged(places[i]))
            continue;
        unsigned n = services_severity(places[i]);
        judged++;
        second = n > worst ? worst : n > second ? n : second;
        worst = n > worst ? n : worst;
    }
    if (judged == 0)
        return none ? CHECKED_NOT_APPLICABLE : CHECKED_NOT_TESTABLE;
    if (judged == 1)
        return by_severity[worst];
    return worst > 0 && second == 0 ? CHECKED_PARTIAL : by_severity[second];
}

enum checked_stage services_stage(const enum checked_stage *places, size_t count)
{
    enum checked_stage lowest = CHECKED_COMPLETE, second = CHECKED_COMPLETE;
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (places[i] == CHECKED_UNKNOWN)
            continue;
        known++;
        if (places[i] < lowest) {
            second = lowest;
            lowest = places[i];
        } else if (places[i] < second) {
            second = places[i];
        }
    }
    if (known == 0)
        return CHECKED_UNKNOWN;
    if (known < 3)
        return lowest;
    return second == CHECKED_COMPLETE && lowest < CHECKED_COMPLETE ? CHECKED_WORKING : second;
}

// ---- campaigns

static size_t find_campaign(const struct services *s, const char *name)
{
    for (size_t i = 0; i < s->campaigns.count; i++)
        if (strcmp(s->campaigns.at[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

// They come by the begin of their first place.
static int group_campaigns(struct services *s)
{
    for (size_t i = 0; i < s->stored.count; i++) {
        const struct service_campaign *c = &s->stored.at[i];
        size_t at = find_campaign(s, c->name);
        date day = service_day(c->began);
        if (at == SIZE_MAX) {
            struct services_campaign *added = ARRAY_ADD(&s->campaigns);
            if (!added)
                return err_memory(s->e);
            *added = (struct services_campaign){.name = c->name, .day = day};
            at = s->campaigns.count - 1;
        }
        struct services_campaign *g = &s->campaigns.at[at];
        g->day = day < g->day ? day : g->day;
        g->places++;
    }
    return 0;
}

static int choose(struct services *s)
{
    const struct query *q = s->query;
    size_t asked = q->campaign[0] ? find_campaign(s, q->campaign) : SIZE_MAX;
    if (q->campaign[0] && asked == SIZE_MAX)
        return err_set(s->e, ERR_NOT_FOUND, "no campaign \"%s\"; the newest is \"%s\"", q->campaign,
                       s->campaigns.at[s->campaigns.count - 1].name);
    size_t first = SIZE_MAX, last = SIZE_MAX;
    for (size_t i = 0; i < s->campaigns.count; i++) {
        struct services_campaign *c = &s->campaigns.at[i];
        bool dated =
            (q->from == DATE_NONE || c->day >= q->from) && (q->to == DATE_NONE || c->day <= q->to);
        c->shown = dated && (asked == SIZE_MAX || asked == i);
        first = c->shown && first == SIZE_MAX ? i : first;
        last = c->shown ? i : last;
    }
    if (last == SIZE_MAX)
        return err_set(s->e, ERR_NOT_FOUND, "no campaign in that time");
    s->current = last;
    s->before = q->from != DATE_NONE && first < last ? first : last > 0 ? last - 1 : SIZE_MAX;
    return 0;
}

static int open_only(struct services *s)
{
    const struct world *w = s->measure->world;
    size_t count = world_count(w);
    economy *all = calloc(count + 1, sizeof *all);
    if (!all)
        return err_memory(s->e);
    for (size_t i = 0; i < count; i++)
        all[i] = world_economy(w, i);
    int code = keys_init(&s->only, s->query->by, s->query->only, w, all, count, 0, s->e);
    free(all);
    return code;
}

int services_open(struct services *s, const struct measure *m, const struct query *q, struct err *e)
{
    *s = (struct services){.measure = m, .query = q, .e = e};
    int code = store_service_campaigns(m->store, &s->stored, e);
    if (!code && s->stored.count == 0)
        code = err_set(e, ERR_NOT_FOUND,
                       "the archive has no results of checks; make some with sextant check --list "
                       "and import their journal");
    if (!code && q->by == BY_REGISTRY)
        code = err_set(e, ERR_USAGE, "by registry: services are of economies");
    if (!code)
        code = group_campaigns(s);
    if (!code)
        code = choose(s);
    if (!code && q->only[0])
        code = open_only(s);
    return code;
}

void services_close(struct services *s)
{
    service_campaigns_free(&s->stored);
    free(s->campaigns.at);
    free(s->tests.at);
    keys_done(&s->only);
    arena_done(&s->arena);
}

// ---- domains

struct place_said {
    enum checked_stage stage;
    uint8_t bits[SERVICES_TESTS_MAX]; // of verdicts, by test
};

struct gathered { // of one campaign
    struct place_said *places;
    size_t count;
    struct services_domain domain;
    char organisation[CHECKED_TEXT_MAX], sector[CHECKED_NAME_MAX];
};

struct walk {
    struct services *s;
    size_t *group; // by place in s->stored
    struct gathered *by;
    struct services_domain *said; // what is given
    char name[CHECKED_HOST_MAX];
    int64_t id;
    size_t next_test;
    int (*domain)(const char *name, const struct services_domain *by, void *arg);
    void *arg;
};

static size_t test_of(struct walk *w, const char *name)
{
    struct services *s = w->s;
    for (size_t i = 0; i < s->tests.count; i++) {
        size_t at = (w->next_test + i) % s->tests.count;
        if (strcmp(s->tests.at[at], name) == 0) {
            w->next_test = at + 1;
            return at;
        }
    }
    if (s->tests.count == SERVICES_TESTS_MAX)
        return SIZE_MAX;
    const char **added = ARRAY_ADD(&s->tests);
    const char *kept = arena_text(&s->arena, name, strlen(name));
    if (!added || !kept)
        return SIZE_MAX - 1;
    *added = kept;
    return s->tests.count - 1;
}

static bool is_taken(const struct walk *w, size_t campaign, economy of)
{
    const struct keys *k = &w->s->only;
    date day = w->s->campaigns.at[campaign].day;
    if (!w->s->query->only[0])
        return true;
    for (size_t key = 0; key < k->count; key++)
        if (k->shown[key] && keys_has(k, key, REGISTRY_COUNT, of, day))
            return true;
    return false;
}

static void join_places(const struct walk *w, const struct gathered *g, struct services_domain *d)
{
    enum checked_stage stages[PLACES_MAX];
    *d = g->domain;
    d->places = g->count;
    for (size_t i = 0; i < g->count; i++)
        stages[i] = g->places[i].stage;
    d->stage = services_stage(stages, g->count);
    memset(d->verdict, SERVICES_NO_TEST, sizeof d->verdict);
    for (size_t t = 0; t < w->s->tests.count; t++) {
        enum checked_verdict verdicts[PLACES_MAX];
        size_t count = 0;
        for (size_t i = 0; i < g->count; i++)
            if (g->places[i].bits[t])
                verdicts[count++] = service_verdict_of(g->places[i].bits[t]);
        if (count > 0)
            d->verdict[t] = (uint8_t)services_verdict(verdicts, count);
    }
}

// What was gathered of a domain is given on.
static int flush(struct walk *w)
{
    size_t asked = 0;
    if (w->id == 0)
        return 0;
    for (size_t c = 0; c < w->s->campaigns.count; c++) {
        struct gathered *g = &w->by[c];
        w->said[c].places = 0;
        if (g->count > 0 && is_taken(w, c, g->domain.economy)) {
            join_places(w, g, &w->said[c]);
            asked++;
        }
        g->count = 0;
    }
    return asked ? w->domain(w->name, w->said, w->arg) : 0;
}

static double lowest(double a, double b)
{
    return isnan(a) ? b : isnan(b) || a < b ? a : b;
}

static int add_place(struct walk *w, struct gathered *g, const struct service_result *r)
{
    struct services_domain *d = &g->domain;
    if (g->count == PLACES_MAX)
        return 0;
    if (!g->places && !(g->places = calloc(PLACES_MAX, sizeof *g->places)))
        return err_memory(w->s->e);
    struct place_said *place = &g->places[g->count];
    memset(place->bits, 0, sizeof place->bits);
    place->stage = r->stage;
    for (size_t i = 0; i < r->test_count; i++) {
        size_t t = test_of(w, r->tests[i].name);
        if (t == SIZE_MAX - 1)
            return err_memory(w->s->e);
        if (t != SIZE_MAX)
            place->bits[t] = (uint8_t)(place->bits[t] | 1u << r->tests[i].verdict);
    }
    if (g->count == 0)
        *d = (struct services_domain){.web = NAN, .mail = NAN, .china = NAN};
    d->economy = r->economy;
    strncpy(g->organisation, r->organisation, sizeof g->organisation - 1);
    strncpy(g->sector, r->sector, sizeof g->sector - 1);
    d->organisation = g->organisation;
    d->sector = g->sector;
    d->web = lowest(d->web, r->internetnl_web);
    d->mail = lowest(d->mail, r->internetnl_mail);
    d->china = lowest(d->china, r->china);
    g->count++;
    return 0;
}

static int on_result(const struct service_result *r, void *arg)
{
    struct walk *w = arg;
    int code = 0;
    if (r->domain_id != w->id) {
        code = flush(w);
        w->id = r->domain_id;
        strncpy(w->name, r->domain, sizeof w->name - 1);
    }
    for (size_t i = 0; i < w->s->stored.count && !code; i++)
        if (w->s->stored.at[i].id == r->campaign)
            return add_place(w, &w->by[w->group[i]], r);
    return code;
}

static int walk_all(struct walk *w)
{
    struct services *s = w->s;
    struct service_scan scan = {.sector = s->query->sector[0] ? s->query->sector : NULL,
                                .domain = s->query->domain[0] ? s->query->domain : NULL};
    for (size_t i = 0; i < s->stored.count; i++)
        w->group[i] = find_campaign(s, s->stored.at[i].name);
    int code = store_service_scan(s->measure->store, &scan, on_result, w, s->e);
    return code ? code : flush(w);
}

int services_each(struct services *s,
                  int (*domain)(const char *name, const struct services_domain *by, void *arg),
                  void *arg)
{
    struct walk w = {.s = s, .domain = domain, .arg = arg};
    w.group = calloc(s->stored.count + 1, sizeof *w.group);
    w.by = calloc(s->campaigns.count + 1, sizeof *w.by);
    w.said = calloc(s->campaigns.count + 1, sizeof *w.said);
    int code = w.group && w.by && w.said ? walk_all(&w) : err_memory(s->e);
    for (size_t i = 0; w.by && i < s->campaigns.count; i++)
        free(w.by[i].places);
    free(w.group);
    free(w.by);
    free(w.said);
    return code;
}
