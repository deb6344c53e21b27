// SPDX-License-Identifier: Apache-2.0

#include "measure/figures.h"

#include <math.h>
#include <stdio.h>

u128 space_add(u128 a, u128 b)
{
    return a > U128_MAX - b ? U128_MAX : a + b;
}

u128 space_subtract(u128 a, u128 b)
{
    return a < b ? 0 : a - b;
}

const char *family_title(enum family f)
{
    return ((const char *const[]){"IPv6", "IPv4", "AS number"})[f];
}

static size_t add_space(struct table *t, struct column c, const char *prefix, const char *suffix,
                        const char *heading, const char *description)
{
    c.key = arena_format(&t->arena, "%s%s", prefix, suffix);
    c.heading = heading ? heading : "Space";
    c.description = arena_format(&t->arena, "Space %s, in %s.", description, c.unit);
    if (c.key && c.description)
        return table_column(t, &c);
    t->failed = true;
    return SIZE_MAX;
}

struct space_columns figures_add_space(struct table *t, enum family f, const char *prefix,
                                       const char *heading, const char *description,
                                       bool machine_only)
{
    struct column c = {.type = COLUMN_COUNT, .unit = "addresses", .machine_only = machine_only};
    struct space_columns ret = {SIZE_MAX, SIZE_MAX};
    if (f == FAMILY_IPV4) {
        ret.shown = add_space(t, c, prefix, "addresses", heading, description);
    } else if (f == FAMILY_ASN) {
        c.unit = "AS numbers";
        ret.shown = add_space(t, c, prefix, "as_numbers", heading, description);
    } else {
        c.type = COLUMN_FRACTION;
        c.unit = "/32s";
        c.decimals = 2;
        c.shift = SLASH32_SHIFT;
        ret.shown = add_space(t, c, prefix, "slash32", heading, description);
        c.unit = "/64s";
        c.shift = SLASH64_SHIFT;
        c.machine_only = true;
        ret.twin = add_space(t, c, prefix, "slash64", heading, description);
    }
    return ret;
}

void figures_set_space(struct table *t, size_t row, struct space_columns c, u128 space)
{
    table_set_count(t, row, c.shown, space);
    if (c.twin != SIZE_MAX)
        table_set_count(t, row, c.twin, space);
}

size_t figures_add_count(struct table *t, const char *key, const char *heading,
                         const char *description, bool machine_only)
{
    return table_column(t, &(struct column){.key = key,
                                            .heading = heading,
                                            .type = COLUMN_COUNT,
                                            .unit = "",
                                            .description = description,
                                            .machine_only = machine_only});
}

size_t figures_add_percent(struct table *t, const char *key, const char *heading,
                           const char *description)
{
    return table_column(t, &(struct column){.key = key,
                                            .heading = heading,
                                            .type = COLUMN_PERCENT,
                                            .unit = "%",
                                            .description = description,
                                            .decimals = 2});
}

size_t figures_add_text(struct table *t, const char *key, const char *heading,
                        const char *description, bool machine_only)
{
    return table_column(t, &(struct column){.key = key,
                                            .heading = heading,
                                            .type = COLUMN_TEXT,
                                            .unit = "",
                                            .description = description,
                                            .machine_only = machine_only});
}

size_t figures_add_real(struct table *t, const char *key, const char *heading,
                        const char *description, unsigned decimals)
{
    return table_column(t, &(struct column){.key = key,
                                            .heading = heading,
                                            .type = COLUMN_REAL,
                                            .unit = "",
                                            .description = description,
                                            .decimals = decimals});
}

double figures_percent(u128 part, u128 whole)
{
    return whole == 0 ? (double)NAN : (double)(100.0L * (long double)part / (long double)whole);
}

// ---- scope

static const char *list_bits(struct table *t, unsigned bits, unsigned count,
                             const char *(*text)(unsigned))
{
    const char *list = "";
    for (unsigned i = 0; i < count && list; i++)
        if (bits >> i & 1)
            list = arena_format(&t->arena, "%s%s%s", list, *list ? ", " : "", text(i));
    return list ? list : "";
}

static const char *status_text(unsigned i)
{
    return status_name((enum status)i);
}

static const char *registry_text(unsigned i)
{
    return registry_name((enum registry)i);
}

const char *figures_scope(const struct query *q, const struct view *v, struct table *t)
{
    char day[DATE_TEXT_MAX];
    const char *scope = "";
    if (q->registries)
        scope = arena_format(&t->arena, "; %s",
                             list_bits(t, q->registries, REGISTRY_COUNT, registry_text));
    if (q->statuses && q->statuses != STATUS_DELEGATED)
        scope = arena_format(&t->arena, "%s; %s", scope,
                             list_bits(t, q->statuses, STATUS_COUNT, status_text));
    if (q->has_min_length)
        scope = arena_format(&t->arena, "%s; /%u or longer", scope, q->min_length);
    if (q->has_max_length)
        scope = arena_format(&t->arena, "%s; /%u or shorter", scope, q->max_length);
    if (q->on != DATE_NONE)
        scope = arena_format(&t->arena, "%s; dated by %s", scope, date_format(q->on, day));
    scope = arena_format(&t->arena, "%s; known on %s", scope, date_format(v->known_on, day));
    return scope ? scope : "";
}

static void note_days(const struct view *v, struct table *t)
{
    char day[DATE_TEXT_MAX];
    const char *list = "";
    bool differ = false;
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        if (!v->known[r])
            continue;
        differ |= v->known[r]->date != v->known_on;
        list = arena_format(&t->arena, "%s%s%s %s", list, *list ? ", " : "", registry_text(r),
                            date_format(v->known[r]->date, day));
        if (!list)
            return;
    }
    if (differ)
        table_note(t,
                   "The newest snapshots by then are of different days (%s): what a registry did "
                   "after its day is not known.",
                   list);
}

void figures_note(const struct query *q, const struct view *v, struct table *t)
{
    unsigned wanted = q->registries ? q->registries : REGISTRIES_RIR;
    if (v->registries == REGISTRY_BIT(REGISTRY_TABLE) && !q->registries)
        table_note(t, "No registry's snapshot is held: the figures are those of a range table, "
                      "which states neither dates nor holders.");
    else if (wanted & ~v->registries)
        table_note(t, "Without %s: no snapshot is held.",
                   list_bits(t, wanted & ~v->registries, REGISTRY_COUNT, registry_text));
    note_days(v, t);
    if (v->undated_left_out)
        table_note(t, "Left out because no date is stated: %zu delegations.", v->undated_left_out);
}
