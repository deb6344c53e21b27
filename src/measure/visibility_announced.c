// SPDX-License-Identifier: Apache-2.0
//
// The announced side of visibility: prefixes by whether their space is delegated, those that are
// not, and announcements by networks that are at home in another economy than the block.

#include "measure/visibility.h"

#include <stdio.h>
#include <stdlib.h>

#define BOGON_ROWS_MAX    20000 // a table that leaks a million has one cause
#define BOGON_ORIGINS_MAX 4     // that are named

// ---- what kind of space

enum space_kind { SPACE_BLOCK, SPACE_PART, SPACE_SPECIAL, SPACE_NOBODY, SPACE_KINDS };

static struct range range_of(const struct visibility *v, size_t prefix)
{
    const struct prefix *p = &v->routed->routing.at.at[prefix];
    enum family f = v->routed->routing.family;
    return (struct range){f, p->start, prefix_last(f, p->start, p->length)};
}

static enum space_kind kind_of(const struct visibility *v, size_t prefix, const char **ret_name)
{
    uint32_t cover = v->join.cover[prefix];
    struct range r = range_of(v, prefix);
    *ret_name = NULL;
    if (cover < COVER_PART)
        return SPACE_BLOCK;
    *ret_name = special_find(&v->routed->special, &r);
    if (cover == COVER_PART)
        return SPACE_PART;
    return *ret_name ? SPACE_SPECIAL : SPACE_NOBODY;
}

static uint32_t origins_of(const struct routing *r, size_t prefix)
{
    return r->at.at[prefix + 1].origins - r->at.at[prefix].origins;
}

static int add_announced(struct visibility *v, struct err *e)
{
    static const char *const names[SPACE_KINDS + 1][2] = {
        {"delegated", "Inside one delegation"},
        {"partly", "In part, or in several delegations"},
        {"special", "Special-purpose space"},
        {"undelegated", "Space that nobody holds"},
        {"total", "Total"}};
    const struct routing *r = &v->routed->routing;
    uint64_t prefixes[SPACE_KINDS + 1] = {0}, announcements[SPACE_KINDS + 1] = {0};
    struct table *t = visibility_table(v, "announced", "prefixes announced, by their space");
    const char *name;
    if (!t)
        return err_memory(e);
    for (size_t i = 0; i < r->prefixes; i++) {
        enum space_kind kind = kind_of(v, i, &name);
        prefixes[kind]++;
        announcements[kind] += origins_of(r, i);
        prefixes[SPACE_KINDS]++;
        announcements[SPACE_KINDS] += origins_of(r, i);
    }
    size_t key = figures_add_text(t, "key", "Key", "What kind of space, as a word.", true);
    size_t title = figures_add_text(t, "name", "Space", "What kind of space.", false);
    size_t count = figures_add_count(t, "prefixes", "Prefixes", "Different prefixes.", false);
    size_t share = figures_add_percent(t, "share", "Share", "Share of the prefixes.");
    size_t pairs = figures_add_count(t, "announcements", "Announcements",
                                     "Prefixes with one origin each.", false);
    for (size_t i = 0; i <= SPACE_KINDS; i++) {
        size_t row = table_row(t);
        table_set_text(t, row, key, names[i][0]);
        table_set_text(t, row, title, names[i][1]);
        table_set_count(t, row, count, prefixes[i]);
        table_set_real(t, row, share, figures_percent(prefixes[i], prefixes[SPACE_KINDS]));
        table_set_count(t, row, pairs, announcements[i]);
    }
    return 0;
}

// ---- from other economies

struct abroad {
    uint64_t announcements, home, abroad, unknown;
};

enum whereabouts { AT_HOME, ABROAD, WHO_KNOWS };

struct abroad_columns {
    size_t announcements, home, abroad, share, unknown;
};

struct abroad_sum {
    uint8_t *where; // by announcement: enum whereabouts
    uint32_t *cell; // by announcement
    struct abroad_columns columns;
};

static void add_abroad(void *to, uint32_t item, uint32_t mark, const void *arg)
{
    const struct abroad_sum *s = arg;
    struct abroad *a = to;
    (void)mark;
    a->announcements++;
    a->home += s->where[item] == AT_HOME;
    a->abroad += s->where[item] == ABROAD;
    a->unknown += s->where[item] == WHO_KNOWS;
}

static u128 weigh_abroad(const void *place)
{
    return ((const struct abroad *)place)->announcements;
}

static void set_abroad(const void *place, const void *total, size_t row, struct table *t,
                       const void *arg)
{
    const struct abroad_columns *c = &((const struct abroad_sum *)arg)->columns;
    const struct abroad *a = place;
    (void)total;
    table_set_count(t, row, c->announcements, a->announcements);
    table_set_count(t, row, c->home, a->home);
    table_set_count(t, row, c->abroad, a->abroad);
    table_set_real(t, row, c->share, figures_percent(a->abroad, a->home + a->abroad));
    table_set_count(t, row, c->unknown, a->unknown);
}

static enum whereabouts find_origin(const struct visibility *v, economy block, uint32_t as)
{
    const struct world *w = v->routed->blocks.world;
    struct home home = home_find(&v->routed->homes, as);
    if (as == ORIGIN_SET || !home.known || !world_has(w, home.economy) || !world_has(w, block))
        return WHO_KNOWS;
    return home.economy == block ? AT_HOME : ABROAD;
}

static void find_origins(const struct visibility *v, struct abroad_sum *s)
{
    const struct routing *r = &v->routed->routing;
    for (size_t i = 0; i < r->prefixes; i++) {
        uint32_t cover = v->join.cover[i];
        const struct lifetime *l =
            cover < COVER_PART ? &v->routed->blocks.at[v->blocks[cover].row] : NULL;
        for (uint32_t j = r->at.at[i].origins; j < r->at.at[i + 1].origins; j++) {
            s->cell[j] = l ? cell_number(l->economy, l->registry) : CELL_NOWHERE;
            s->where[j] = l ? (uint8_t)find_origin(v, l->economy, r->origins.at[j].as) : WHO_KNOWS;
        }
    }
}

static void add_abroad_columns(struct abroad_columns *c, struct table *t)
{
    c->announcements = figures_add_count(t, "announcements", "Announcements",
                                         "Prefixes with one origin each, in delegations.", false);
    c->home =
        figures_add_count(t, "home", "From home",
                          "By a network of the economy that the block is delegated in.", false);
    c->abroad =
        figures_add_count(t, "abroad", "From abroad", "By a network of another economy.", false);
    c->share = figures_add_percent(t, "abroad_share", "Share",
                                   "Share of those from abroad among these two.");
    c->unknown = figures_add_count(
        t, "unknown", "Not known",
        "The AS number is delegated to nobody, or one of the two states no economy.", false);
}

static int write_abroad(struct visibility *v, struct abroad_sum *s, struct table *t, struct err *e)
{
    static const struct place_kind kind = {.size = sizeof(struct abroad),
                                           .add = add_abroad,
                                           .weight = weigh_abroad,
                                           .set = set_abroad};
    struct cells cells = {0};
    struct places p = {.query = &v->routed->query,
                       .cells = &cells,
                       .keys = &v->keys,
                       .kind = &kind,
                       .arg = s,
                       .day = v->routed->day};
    find_origins(v, s);
    int code = cells_make(&cells, s->cell, v->routed->routing.origins.count, e);
    if (code == 0) {
        p.columns = keys_add_columns(&v->keys, t);
        t->key_columns = v->keys.by == BY_WORLD ? 1 : 2;
        add_abroad_columns(&s->columns, t);
        code = places_write(&p, t, e);
    }
    cells_done(&cells);
    return code;
}

static int add_origins(struct visibility *v, struct err *e)
{
    char title[96];
    size_t count = v->routed->routing.origins.count;
    struct abroad_sum s = {.where = calloc(count + 1, sizeof *s.where),
                           .cell = calloc(count + 1, sizeof *s.cell)};
    snprintf(title, sizeof title, "announcements from other economies%s%s",
             v->keys.by == BY_WORLD ? ", " : " by ", by_title(v->keys.by));
    struct table *t = visibility_table(v, "abroad", title);
    int code = t && s.where && s.cell ? write_abroad(v, &s, t, e) : err_memory(e);
    free(s.where);
    free(s.cell);
    if (code == 0)
        routed_note_homes(v->routed, t);
    return code;
}

// ---- announced, but not delegated

static const char *name_origins(const struct routing *r, size_t prefix, struct table *t)
{
    const char *list = "";
    uint32_t from = r->at.at[prefix].origins, count = origins_of(r, prefix);
    for (uint32_t i = 0; i < count && i < BOGON_ORIGINS_MAX && list; i++) {
        uint32_t as = r->origins.at[from + i].as;
        list = as == ORIGIN_SET
                   ? arena_format(&t->arena, "%s%sAS_SET", list, *list ? " " : "")
                   : arena_format(&t->arena, "%s%sAS%u", list, *list ? " " : "", (unsigned)as);
    }
    if (list && count > BOGON_ORIGINS_MAX)
        list = arena_format(&t->arena, "%s +%u", list, (unsigned)(count - BOGON_ORIGINS_MAX));
    return list ? list : "";
}

static uint32_t most_peers(const struct routing *r, size_t prefix)
{
    unsigned most = 0;
    for (uint32_t i = r->at.at[prefix].origins; i < r->at.at[prefix + 1].origins; i++)
        most = r->origins.at[i].level > most ? r->origins.at[i].level : most;
    return route_level_least(most);
}

static void add_bogon(const struct visibility *v, struct table *t, size_t prefix,
                      enum space_kind kind, const char *use)
{
    static const char *const words[SPACE_KINDS] = {"", "partly delegated", "special-purpose",
                                                   "not delegated"};
    char text[BLOCK_TEXT_MAX];
    struct range r = range_of(v, prefix);
    size_t row = table_row(t);
    uint32_t peers = most_peers(&v->routed->routing, prefix);
    table_set_text(t, row, 0, range_format(&r, text));
    table_set_text(t, row, 1, words[kind]);
    if (use)
        table_set_text(t, row, 2, use);
    table_set_text(t, row, 3, name_origins(&v->routed->routing, prefix, t));
    if (peers > 0)
        table_set_count(t, row, 4, peers);
}

static int add_bogons(struct visibility *v, struct err *e)
{
    const struct routing *r = &v->routed->routing;
    size_t most = v->routed->query.top ? v->routed->query.top : BOGON_ROWS_MAX, found = 0;
    struct table *t = visibility_table(v, "bogons", "prefixes announced but not delegated");
    if (!t)
        return err_memory(e);
    figures_add_text(t, "prefix", "Prefix", "The prefix announced.", false);
    figures_add_text(
        t, "space", "Space",
        "Not delegated, special-purpose, or delegated in part or in several delegations.", false);
    figures_add_text(t, "use", "Use", "What special-purpose space is for.", false);
    figures_add_text(t, "origins", "Origins", "The AS numbers that announce it, at most four.",
                     false);
    figures_add_count(t, "peers", "Peers",
                      "Peers that see its best-seen origin, at least; empty where not stated.",
                      false);
    for (size_t i = 0; i < r->prefixes; i++) {
        const char *use;
        enum space_kind kind = kind_of(v, i, &use);
        if (kind == SPACE_BLOCK)
            continue;
        if (found++ < most)
            add_bogon(v, t, i, kind, use);
    }
    if (found > most)
        table_note(t, "%zu more are not shown.", found - most);
    return 0;
}

int visibility_add_announced(struct visibility *v, struct err *e)
{
    int code = add_announced(v, e);
    if (code == 0)
        code = add_origins(v, e);
    return code == 0 ? add_bogons(v, e) : code;
}
