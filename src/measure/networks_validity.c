// SPDX-License-Identifier: Apache-2.0
//
// Origin validation: of announcements (RFC 6811), and how much of what is delegated has payloads.

#include "measure/figures.h"
#include "measure/networks.h"
#include "measure/validity.h"

#include <stdio.h>
#include <stdlib.h>

struct joined {
    const struct networks *n;
    struct delegated *blocks;
    struct join routes, payloads;
    uint8_t *validity; // by announcement
};

static void make_title(char title[96], const struct networks *n, const char *what)
{
    enum by by = n->routed->query.by;
    snprintf(title, 96, "%s %s%s%s", family_title(n->routed->routing.family), what,
             by == BY_WORLD ? ", " : " by ", by_title(by));
}

static void note_payloads(const struct networks *n, struct table *t)
{
    char day[DATE_TEXT_MAX];
    table_note(t, "Validated payloads of %s: %zu.", date_format(n->vrps_date, day),
               n->vrps->origins.count);
}

// ---- announcements

struct valid_place {
    uint64_t found[VALIDITY_COUNT];
};

struct valid_sum {
    const struct joined *j;
    size_t announcements, valid, valid_share, length, origin, invalid_share, not_found, covered;
};

static void add_valid(void *to, uint32_t item, uint32_t mark, const void *arg)
{
    const struct valid_sum *s = arg;
    struct valid_place *p = to;
    (void)mark;
    p->found[s->j->validity[item]]++;
}

static uint64_t all_of(const struct valid_place *p)
{
    uint64_t all = 0;
    for (size_t i = 0; i < VALIDITY_COUNT; i++)
        all += p->found[i];
    return all;
}

static u128 weigh_valid(const void *place)
{
    return all_of(place);
}

static void set_valid(const void *place, const void *total, size_t row, struct table *t,
                      const void *arg)
{
    const struct valid_sum *s = arg;
    const struct valid_place *p = place;
    uint64_t all = all_of(p), invalid = p->found[VALIDITY_INVALID_LENGTH];
    (void)total;
    invalid += p->found[VALIDITY_INVALID_ORIGIN];
    table_set_count(t, row, s->announcements, all);
    table_set_count(t, row, s->valid, p->found[VALIDITY_VALID]);
    table_set_real(t, row, s->valid_share, figures_percent(p->found[VALIDITY_VALID], all));
    table_set_count(t, row, s->origin, p->found[VALIDITY_INVALID_ORIGIN]);
    table_set_count(t, row, s->length, p->found[VALIDITY_INVALID_LENGTH]);
    table_set_real(t, row, s->invalid_share, figures_percent(invalid, all));
    table_set_count(t, row, s->not_found, p->found[VALIDITY_NOT_FOUND]);
    table_set_real(t, row, s->covered, figures_percent(all - p->found[VALIDITY_NOT_FOUND], all));
}

static void add_valid_columns(struct table *t, void *arg)
{
    struct valid_sum *s = arg;
    s->announcements =
        figures_add_count(t, "announcements", "Announced", "Prefixes with one origin each.", false);
    s->valid = figures_add_count(
        t, "valid", "Valid", "A payload covers the prefix and allows origin and length.", false);
    s->valid_share = figures_add_percent(t, "valid_share", "Share", "Share of the announcements.");
    s->origin = figures_add_count(t, "invalid_origin", "Origin",
                                  "Invalid: the payloads are all of other origins.", false);
    s->length =
        figures_add_count(t, "invalid_length", "Length",
                          "Invalid: a payload of the origin, but longer than it allows.", false);
    s->invalid_share = figures_add_percent(t, "invalid_share", "Invalid",
                                           "Share of the announcements that are invalid.");
    s->not_found =
        figures_add_count(t, "not_found", "Not found", "No payload covers the prefix.", true);
    s->covered = figures_add_percent(t, "covered_share", "Covered",
                                     "Share of the announcements that a payload covers.");
}

static int add_validity(const struct joined *j, struct measure_tables *tables, struct err *e)
{
    static const struct place_kind kind = {.size = sizeof(struct valid_place),
                                           .add = add_valid,
                                           .weight = weigh_valid,
                                           .set = set_valid};
    const struct routing *r = &j->n->routed->routing;
    struct valid_sum s = {.j = j};
    char title[96];
    make_title(title, j->n, "origin validation of announcements");
    struct table *t = networks_table(j->n, tables, "validity", title);
    uint32_t *cell = calloc(r->origins.count + 1, sizeof *cell);
    for (size_t i = 0; t && cell && i < r->prefixes; i++) {
        uint32_t cover = j->routes.cover[i], at = cell_number(ECONOMY_NONE, REGISTRY_NRO);
        if (cover < COVER_PART) {
            const struct lifetime *l = &j->n->routed->blocks.at[j->blocks[cover].row];
            at = cell_number(l->economy, l->registry);
        }
        for (uint32_t k = r->at.at[i].origins; k < r->at.at[i + 1].origins; k++)
            cell[k] = at;
    }
    int code =
        t && cell ? networks_write(j->n, cell, r->origins.count, &kind, &s, add_valid_columns, t, e)
                  : err_memory(e);
    free(cell);
    if (code == 0)
        note_payloads(j->n, t);
    return code;
}

// ---- delegations

struct roa_place {
    uint64_t delegations, covered;
    u128 space, covered_space;
};

struct roa_sum {
    const struct joined *j;
    size_t delegations, covered, share, space_share;
    struct space_columns space, covered_space;
};

static void add_roa(void *to, uint32_t item, uint32_t mark, const void *arg)
{
    const struct roa_sum *s = arg;
    const struct seen *seen = &s->j->payloads.blocks[item];
    const struct delegated *b = &s->j->blocks[item];
    struct roa_place *p = to;
    (void)mark;
    p->delegations++;
    p->covered += seen->space > 0;
    p->space = space_add(p->space, b->last - b->first + 1);
    p->covered_space = space_add(p->covered_space, seen->space);
}

static u128 weigh_roa(const void *place)
{
    return ((const struct roa_place *)place)->delegations;
}

static void set_roa(const void *place, const void *total, size_t row, struct table *t,
                    const void *arg)
{
    const struct roa_sum *s = arg;
    const struct roa_place *p = place;
    (void)total;
    table_set_count(t, row, s->delegations, p->delegations);
    table_set_count(t, row, s->covered, p->covered);
    table_set_real(t, row, s->share, figures_percent(p->covered, p->delegations));
    figures_set_space(t, row, s->space, p->space);
    figures_set_space(t, row, s->covered_space, p->covered_space);
    table_set_real(t, row, s->space_share, figures_percent(p->covered_space, p->space));
}

static void add_roa_columns(struct table *t, void *arg)
{
    struct roa_sum *s = arg;
    enum family f = s->j->n->routed->routing.family;
    s->delegations =
        figures_add_count(t, "delegations", "Delegations", "Number of delegations.", false);
    s->covered = figures_add_count(t, "covered", "With payload",
                                   "Delegations with a payload around or inside them.", false);
    s->share = figures_add_percent(t, "covered_share", "Share", "Share of the delegations.");
    s->space = figures_add_space(t, f, "", NULL, "of the delegations", false);
    s->covered_space =
        figures_add_space(t, f, "covered_", NULL, "of them that payloads cover", true);
    s->space_share = figures_add_percent(t, "space_share", "Covered",
                                         "Share of their space that payloads cover.");
}

static int add_roas(const struct joined *j, struct measure_tables *tables, struct err *e)
{
    static const struct place_kind kind = {
        .size = sizeof(struct roa_place), .add = add_roa, .weight = weigh_roa, .set = set_roa};
    const struct view *view = &j->n->routed->blocks;
    struct roa_sum s = {.j = j};
    char title[96];
    make_title(title, j->n, "delegations with validated payloads");
    struct table *t = networks_table(j->n, tables, "payloads", title);
    uint32_t *cell = calloc(view->count + 1, sizeof *cell);
    for (size_t i = 0; t && cell && i < view->count; i++) {
        const struct lifetime *l = &view->at[j->blocks[i].row];
        cell[i] = cell_number(l->economy, l->registry);
    }
    int code = t && cell ? networks_write(j->n, cell, view->count, &kind, &s, add_roa_columns, t, e)
                         : err_memory(e);
    free(cell);
    if (code == 0)
        note_payloads(j->n, t);
    return code;
}

// ---- both

int networks_add_validity(const struct networks *n, struct measure_tables *tables, struct err *e)
{
    const struct view *view = &n->routed->blocks;
    const struct routing *r = &n->routed->routing;
    struct joined j = {.n = n, .validity = calloc(r->origins.count + 1, 1)};
    int code = j.validity ? delegated_sort(view->at, view->count, &j.blocks, e) : err_memory(e);
    if (code == 0)
        code = join(r, j.blocks, view->count, &j.routes, e);
    if (code == 0)
        code = join(n->vrps, j.blocks, view->count, &j.payloads, e);
    if (code == 0) {
        validity_find(r, n->vrps, j.validity);
        code = add_validity(&j, tables, e);
    }
    if (code == 0)
        code = add_roas(&j, tables, e);
    join_done(&j.routes);
    join_done(&j.payloads);
    free(j.blocks);
    free(j.validity);
    return code;
}
