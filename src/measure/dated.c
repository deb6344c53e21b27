// SPDX-License-Identifier: Apache-2.0

#include "measure/dated.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int no_series(const struct observation_series_list *l, const char *name, struct err *e)
{
    char list[ERR_TEXT_MAX / 2] = "";
    size_t length = 0;
    if (l->count == 0)
        return err_set(e, ERR_NOT_FOUND,
                       "no series \"%s\": the archive has none; import figures of users or name "
                       "servers first",
                       name);
    for (size_t i = 0; i < l->count; i++) {
        int n = snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "", l->at[i].name);
        length += (size_t)n < sizeof list - length ? (size_t)n : 0;
    }
    return err_set(e, ERR_NOT_FOUND, "no series \"%s\": the archive has %s", name, list);
}

int dated_load(const struct measure *m, const char *name, struct dated *ret, struct err *e)
{
    struct observation_series_list all = {0};
    struct dated d = {0};
    int code = store_observation_series(m->store, &all, e);
    if (code)
        return code;
    const struct observation_series *found = observation_series_find(&all, name);
    if (found)
        d.series = *found;
    else
        code = no_series(&all, name, e);
    observation_series_list_free(&all);
    if (code == 0)
        code = store_observations(m->store, name, NULL, &d.list, e);
    if (code == 0)
        *ret = d;
    return code;
}

void dated_done(struct dated *d)
{
    observation_list_free(&d->list);
    *d = (struct dated){0};
}

bool dated_is_share(const struct dated *d)
{
    return strcmp(d->series.unit, "%") == 0;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

// What else comes in percent: who uses the Internet at all, and the other parts of the indices.
bool dated_is_users(const struct dated *d)
{
    return dated_is_share(d) && !begins(d->series.name, "internet-users") &&
           !begins(d->series.name, "content") && !begins(d->series.name, "transit");
}

bool dated_economy(const struct world *w, const char *key, economy *ret)
{
    size_t length = strlen(key);
    if (length == 2 && key[0] >= 'A' && key[0] <= 'Z') {
        *ret = economy_of(key[0], key[1]);
        return true;
    }
    return strcmp(key, "WORLD") != 0 && world_domain(w, (struct slice){key, length}, ret);
}

const struct observation *dated_known(const struct dated *d, economy e, date on, int age)
{
    char key[8];
    const struct observation *o = observation_known(&d->list, economy_format(e, key), on);
    return o && (int64_t)o->date >= (int64_t)on - age ? o : NULL;
}

// ---- Internet users

static double people_of(const struct users *u, economy e, date on)
{
    const struct observation *share = dated_known(&u->dated, e, on, USERS_AGE_MAX);
    if (!share)
        return (double)NAN;
    if (!dated_is_share(&u->dated))
        return share->value;
    const struct observation *all = dated_known(&u->population, e, on, USERS_AGE_MAX);
    return all ? share->value / 100.0 * all->value : (double)NAN;
}

static bool has_series(const struct observation_series_list *l, const char *name)
{
    return observation_series_find(l, name) != NULL;
}

static int load_parts(const struct measure *m, struct users *u, struct err *e)
{
    struct observation_series_list all = {0};
    int code = store_observation_series(m->store, &all, e);
    if (code)
        return code;
    const char *name = has_series(&all, "internet-users")            ? "internet-users"
                       : has_series(&all, "internet-users-factbook") ? "internet-users-factbook"
                                                                     : NULL;
    bool population = has_series(&all, "population");
    observation_series_list_free(&all);
    u->reason = name ? "" : "no series of Internet users";
    if (name)
        code = dated_load(m, name, &u->dated, e);
    if (code == 0 && population)
        code = dated_load(m, "population", &u->population, e);
    if (name && code == 0 && dated_is_share(&u->dated) && !population)
        u->reason = "no population";
    return code;
}

int users_load(const struct measure *m, date on, struct users *ret, struct err *e)
{
    struct users u = {.count = world_count(m->world), .reason = ""};
    int code = load_parts(m, &u, e);
    if (code == 0) {
        u.people = calloc(u.count, sizeof *u.people);
        code = u.people ? 0 : err_memory(e);
    }
    for (size_t i = 0; i < u.count && code == 0; i++)
        u.people[i] = u.reason[0] ? (double)NAN : people_of(&u, world_economy(m->world, i), on);
    if (code)
        users_done(&u);
    else
        *ret = u;
    return code;
}

void users_done(struct users *u)
{
    free(u->people);
    dated_done(&u->dated);
    dated_done(&u->population);
    *u = (struct users){0};
}

// ---- basis

static bool have_input(const struct dated_inputs *i, int64_t input)
{
    for (size_t k = 0; k < i->list.count; k++)
        if (i->list.at[k].input == input)
            return true;
    return false;
}

void dated_inputs_done(struct dated_inputs *i)
{
    free(i->list.at);
    arena_done(&i->labels);
    *i = (struct dated_inputs){0};
}

int dated_inputs_add_one(struct dated_inputs *i, int64_t input, const char *label, struct err *e)
{
    if (have_input(i, input))
        return 0;
    struct beside_input *add = ARRAY_ADD(&i->list);
    const char *kept = arena_text(&i->labels, label, strlen(label));
    if (!add || !kept)
        return err_memory(e);
    *add = (struct beside_input){input, kept};
    return 0;
}

int dated_inputs_add(struct dated_inputs *i, const struct dated *d, date on, struct err *e)
{
    int64_t last = 0;
    for (size_t k = 0; k < d->list.count; k++) {
        const struct observation *o = &d->list.at[k];
        if (o->date > on || o->input == last)
            continue;
        int code = dated_inputs_add_one(i, o->input, d->series.name, e);
        if (code)
            return code;
        last = o->input;
    }
    return 0;
}

int users_inputs_add(struct dated_inputs *i, const struct users *u, date on, struct err *e)
{
    int code = dated_inputs_add(i, &u->dated, on, e);
    if (code == 0 && dated_is_share(&u->dated))
        code = dated_inputs_add(i, &u->population, on, e);
    return code;
}

int dated_basis(const struct measure *m, const struct query *q, const char *command,
                const struct dated_inputs *inputs, struct measure_tables *tables, struct err *e)
{
    struct view none = {.known_on = DATE_NONE};
    struct beside beside = {.inputs = inputs->list.at, .count = inputs->list.count};
    int code = 0;
    for (size_t i = 0; i < tables->count && code == 0; i++)
        code = view_basis(m, q, command, &none, &beside, false, tables->at[i], e);
    return code;
}
