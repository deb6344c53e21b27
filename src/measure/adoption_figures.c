// SPDX-License-Identifier: Apache-2.0
//
// What each source says of a key.

#include "measure/adoption.h"

#include "measure/statistics.h"

#include <math.h>

static struct adoption_figure nothing(const char *reason)
{
    double no = (double)NAN;
    return (struct adoption_figure){no, no, no, no, no, DATE_NONE, 0, "", reason};
}

// An observation with its interval: the stated one, else Wilson's from the samples.
static struct adoption_figure figure_of(const struct observation *o)
{
    struct adoption_figure f = nothing("");
    f.value = o->value;
    f.samples = o->samples;
    f.date = o->date;
    f.economies = 1;
    f.covered = 100.0;
    if (!isnan(o->low) && !isnan(o->high)) {
        f.low = o->low;
        f.high = o->high;
        f.interval = "stated";
    } else if (o->samples >= 1.0) {
        struct interval i = interval_wilson(o->value / 100.0, o->samples, ADOPTION_LEVEL);
        f.low = 100.0 * i.low;
        f.high = 100.0 * i.high;
        f.interval = "samples";
    }
    return f;
}

// What the source itself says: of an economy, or of the world.
struct adoption_figure adoption_stated(const struct adoption *a, const struct dated *d, size_t key)
{
    const struct observation *o;
    if (a->keys.by == BY_ECONOMY) {
        o = dated_known(d, a->keys.economies[key], a->on, ADOPTION_AGE_MAX);
        return o ? figure_of(o) : nothing("no value of the year before");
    }
    o = observation_known(&d->list, "WORLD", a->on);
    if (!o || o->date < a->on - ADOPTION_AGE_MAX)
        return nothing("the source states none");
    return figure_of(o);
}

struct weighing {
    double users, covered, sum, squares;
    bool interval; // every value has one
    struct adoption_figure figure;
};

static void weigh(struct weighing *w, double users, const struct observation *o)
{
    w->users += users;
    if (!o)
        return;
    struct adoption_figure f = figure_of(o);
    double half = 0.5 * (f.high - f.low);
    w->covered += users;
    w->sum += users * f.value;
    w->squares += users * users * half * half;
    w->interval &= f.interval[0] != '\0';
    w->figure.economies++;
    if (w->figure.date == DATE_NONE || o->date > w->figure.date)
        w->figure.date = o->date;
}

// Economies err independently of each other, as far as this tells.
static struct adoption_figure weighted(const struct weighing *w)
{
    struct adoption_figure f = w->figure;
    if (!(w->covered > 0.0))
        return nothing(w->users > 0.0 ? "no value of the year before"
                                      : "no Internet users are known");
    f.value = w->sum / w->covered;
    f.covered = 100.0 * w->covered / w->users;
    if (w->interval) {
        double half = sqrt(w->squares) / w->covered;
        f.low = fmax(0.0, f.value - half);
        f.high = fmin(100.0, f.value + half);
        f.interval = "samples";
    }
    return f;
}

struct adoption_figure adoption_weighted(const struct adoption *a, const struct dated *d,
                                         size_t key)
{
    struct weighing w = {.interval = true, .figure = nothing("")};
    if (a->users.reason[0])
        return nothing(a->users.reason);
    for (size_t i = 0; i < a->users.count; i++) {
        economy e = world_economy(a->world, i);
        if (!isnan(a->users.people[i]) && keys_has(&a->keys, key, REGISTRY_COUNT, e, a->on))
            weigh(&w, a->users.people[i], dated_known(d, e, a->on, ADOPTION_AGE_MAX));
    }
    return weighted(&w);
}

// The share of users whose network announces IPv6: all of them may have it, or none.
struct adoption_figure adoption_networks(const struct adoption *a, size_t key)
{
    double users = 0.0, with = 0.0;
    economy last = ECONOMY_NONE;
    struct adoption_figure f = nothing("");
    if (a->networks.reason[0])
        return nothing(a->networks.reason);
    for (size_t i = 0; i < a->networks.list.count; i++) {
        const struct network_users *n = &a->networks.list.at[i];
        if (!keys_has(&a->keys, key, REGISTRY_COUNT, n->economy, a->on))
            continue;
        users += n->users;
        with += n->announces ? n->users : 0.0;
        f.economies += n->economy != last || f.economies == 0;
        last = n->economy;
    }
    if (!(users > 0.0))
        return nothing("no users of its networks are known");
    f.value = 100.0 * with / users;
    f.covered = 100.0;
    f.date = a->networks.routes_date;
    return f;
}
