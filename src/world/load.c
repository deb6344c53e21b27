// SPDX-License-Identifier: Apache-2.0
//
// Fills a world from the tables in data/world. A table that contradicts itself or another one is
// refused at the line where it does.

#include "world/facts.h"
#include "world/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct filling {
    struct world *w;
    enum language language;
    enum grouping grouping; // of the memberships being read
};

static const char *const grouping_keys[GROUPING_COUNT] = {"region", "subregion", "itu-region",
                                                          "group"};

static bool is_capitals(struct slice s, size_t length)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.at[i] < 'A' || s.at[i] > 'Z')
            return false;
    return s.length == length;
}

// The place of a code of two capitals; refuses anything else.
static int read_code(const struct facts_row *row, struct slice s, uint16_t *ret, struct err *e)
{
    if (!is_capitals(s, 2))
        return facts_refuse(row, e, "\"%.*s\" where a code of two capitals was wanted",
                            SLICE_ARG(s));
    *ret = code_place(economy_of(s.at[0], s.at[1]));
    return 0;
}

static int read_economy(const struct filling *f, const struct facts_row *row, struct slice s,
                        uint16_t *ret, struct err *e)
{
    uint16_t place = 0;
    int code = read_code(row, s, &place, e);
    if (code)
        return code;
    if (f->w->index[place] == WORLD_ABSENT)
        return facts_refuse(row, e, "%.*s is not in economies.csv", SLICE_ARG(s));
    *ret = place;
    return 0;
}

static int read_text(const struct filling *f, const struct facts_row *row, struct slice s,
                     const char **ret, struct err *e)
{
    if (s.length == 0)
        return facts_refuse(row, e, "an empty name or key");
    const char *text = arena_text(&f->w->arena, s.at, s.length);
    if (!text)
        return err_memory(e);
    *ret = text;
    return 0;
}

static int economy_row(void *context, const struct facts_row *row, struct err *e)
{
    struct world *w = ((struct filling *)context)->w;
    const struct slice *field = row->fields;
    uint16_t place = 0;
    uint64_t numeric;
    int code = read_code(row, field[0], &place, e);
    if (code)
        return code;
    if (!is_capitals(field[1], 3) || field[2].length != 3 || !slice_u64(field[2], 999, &numeric))
        return facts_refuse(row, e, "three capitals and three digits wanted after %.*s",
                            SLICE_ARG(field[0]));
    for (size_t i = 0; i < w->economies.count; i++)
        if (w->economies.at[i].numeric == numeric || slice_is(field[1], w->economies.at[i].alpha3))
            return facts_refuse(row, e, "a code of %.*s is given twice", SLICE_ARG(field[0]));
    economy two = economy_of(field[0].at[0], field[0].at[1]);
    if (w->economies.count > 0 && w->economies.at[w->economies.count - 1].code >= two)
        return facts_refuse(row, e, "%.*s is out of order or given twice", SLICE_ARG(field[0]));
    struct world_economy *added = ARRAY_ADD(&w->economies);
    if (!added)
        return err_memory(e);
    added->code = two;
    added->numeric = (uint16_t)numeric;
    memcpy(added->alpha3, field[1].at, 3);
    w->index[place] = (uint16_t)(w->economies.count - 1);
    return 0;
}

static int name_row(void *context, const struct facts_row *row, struct err *e)
{
    struct filling *f = context;
    uint16_t place = 0;
    int code = read_economy(f, row, row->fields[0], &place, e);
    if (code)
        return code;
    return read_text(f, row, row->fields[1], &f->w->economies.at[f->w->index[place]].name, e);
}

static int special_row(void *context, const struct facts_row *row, struct err *e)
{
    struct filling *f = context;
    struct slice code = row->fields[0], name = row->fields[1 + f->language];
    if (slice_is(code, "none"))
        return read_text(f, row, name, &f->w->none, e);
    if (slice_is(code, "??"))
        return read_text(f, row, name, &f->w->odd, e);
    uint16_t place = 0;
    int failed = read_code(row, code, &place, e);
    if (failed)
        return failed;
    if (f->w->index[place] != WORLD_ABSENT)
        return facts_refuse(row, e, "%.*s is an economy", SLICE_ARG(code));
    return read_text(f, row, name, &f->w->special[place], e);
}

static int domain_row(void *context, const struct facts_row *row, struct err *e)
{
    struct filling *f = context;
    struct world *w = f->w;
    uint16_t place = 0;
    int code = read_code(row, row->fields[1], &place, e);
    if (code)
        return code;
    if (w->index[place] == WORLD_ABSENT && !w->special[place])
        return facts_refuse(row, e, "%.*s is neither in economies.csv nor in codes.csv",
                            SLICE_ARG(row->fields[1]));
    const char *label = NULL;
    code = read_text(f, row, row->fields[0], &label, e);
    if (code)
        return code;
    if (w->domains.count > 0 && strcmp(w->domains.at[w->domains.count - 1].label, label) >= 0)
        return facts_refuse(row, e, "%s is out of order or given twice", label);
    struct world_label *added =
        w->domains.count < WORLD_DOMAINS_MAX ? ARRAY_ADD(&w->domains) : NULL;
    if (!added)
        return err_memory(e);
    *added = (struct world_label){label, economy_of(w->letters[place][0], w->letters[place][1])};
    return 0;
}

static bool read_grouping(struct slice s, enum grouping *ret)
{
    for (size_t g = 0; g < GROUPING_COUNT; g++) {
        if (!slice_is(s, grouping_keys[g]))
            continue;
        *ret = (enum grouping)g;
        return true;
    }
    return false;
}

static int group_row(void *context, const struct facts_row *row, struct err *e)
{
    struct filling *f = context;
    const struct slice *field = row->fields;
    enum grouping g;
    size_t found, parent = SIZE_MAX;
    if (!read_grouping(field[0], &g))
        return facts_refuse(row, e, "\"%.*s\" is no grouping", SLICE_ARG(field[0]));
    if (world_find_group(f->w, g, field[1], &found))
        return facts_refuse(row, e, "\"%.*s\" is given twice", SLICE_ARG(field[1]));
    if (field[2].length > 0 && !world_find_group(f->w, GROUPING_REGION, field[2], &parent))
        return facts_refuse(row, e, "\"%.*s\" is no region above", SLICE_ARG(field[2]));
    if (world_group_count(f->w, g) == WORLD_GROUPS_MAX)
        return facts_refuse(row, e, "more than %d of \"%s\"", WORLD_GROUPS_MAX, grouping_keys[g]);
    struct world_group *added = ARRAY_ADD(&f->w->groupings[g].groups);
    if (!added)
        return err_memory(e);
    added->parent = parent;
    int code = read_text(f, row, field[1], &added->key, e);
    return code ? code : read_text(f, row, field[3 + f->language], &added->name, e);
}

static int read_date(const struct facts_row *row, struct slice s, date otherwise, date *ret,
                     struct err *e)
{
    date d = otherwise;
    if (s.length > 0 && !date_parse(s, &d))
        return facts_refuse(row, e, "\"%.*s\" is no date", SLICE_ARG(s));
    *ret = d;
    return 0;
}

// Two memberships that cannot both be true: of one group at once, or of two parts of a partition.
static bool is_conflict(const struct world_grouping *in, const struct world_member *m, bool overlap)
{
    for (size_t i = 0; i < in->members.count; i++) {
        const struct world_member *other = &in->members.at[i];
        if (other->place == m->place && (!overlap || other->group == m->group) &&
            other->from < m->to && m->from < other->to)
            return true;
    }
    return false;
}

static int add_member(struct world *w, enum grouping g, const struct world_member *m, struct err *e)
{
    struct world_member *added = ARRAY_ADD(&w->groupings[g].members);
    if (!added)
        return err_memory(e);
    *added = *m;
    return 0;
}

static int add_to_region(struct world *w, struct world_member m, struct err *e)
{
    size_t region = w->groupings[GROUPING_SUBREGION].groups.at[m.group].parent;
    if (region == SIZE_MAX)
        return 0;
    m.group = (uint16_t)region;
    return add_member(w, GROUPING_REGION, &m, e);
}

static int member_row(void *context, const struct facts_row *row, struct err *e)
{
    struct filling *f = context;
    struct world_grouping *in = &f->w->groupings[f->grouping];
    const struct slice *field = row->fields;
    struct world_member m;
    size_t group;
    if (!world_find_group(f->w, f->grouping, field[0], &group))
        return facts_refuse(row, e, "\"%.*s\" is no %s of groups.csv", SLICE_ARG(field[0]),
                            grouping_keys[f->grouping]);
    m.group = (uint16_t)group;
    int code = read_economy(f, row, field[1], &m.place, e);
    if (code == 0)
        code = read_date(row, field[2], DATE_NONE, &m.from, e);
    if (code == 0)
        code = read_date(row, field[3], DATE_MAX, &m.to, e);
    if (code)
        return code;
    if (m.from >= m.to)
        return facts_refuse(row, e, "the membership ends before it begins");
    if (in->members.count == WORLD_MEMBERS_MAX)
        return facts_refuse(row, e, "more than %d memberships", WORLD_MEMBERS_MAX);
    if (is_conflict(in, &m, f->grouping == GROUPING_GROUP))
        return facts_refuse(row, e, "a second membership of %.*s", SLICE_ARG(field[1]));
    code = add_member(f->w, f->grouping, &m, e);
    if (code == 0 && f->grouping == GROUPING_SUBREGION)
        code = add_to_region(f->w, m, e);
    return code;
}

static int by_place(const void *a, const void *b)
{
    const struct world_member *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

static void index_members(struct world_grouping *g)
{
    if (g->members.count > 0)
        qsort(g->members.at, g->members.count, sizeof *g->members.at, by_place);
    size_t next = 0;
    for (uint16_t place = 0; place <= WORLD_CODES; place++) {
        while (next < g->members.count && g->members.at[next].place < place)
            next++;
        g->first[place] = (uint16_t)next;
    }
}

static int read_members(struct filling *f, enum grouping g, const char *name, struct err *e)
{
    static const char heading[] = "group,economy,from,to,doubt";
    struct world_grouping *in = &f->w->groupings[g];
    const char *source, *before = in->source;
    f->grouping = g;
    int code = facts_read(name, heading, member_row, f, &f->w->arena, &source, e);
    if (code)
        return code;
    in->source = before ? arena_format(&f->w->arena, "%s; %s", before, source) : source;
    return in->source ? 0 : err_memory(e);
}

static int read_memberships(struct filling *f, struct err *e)
{
    static const struct {
        enum grouping grouping;
        const char *name;
    } tables[] = {
        {GROUPING_SUBREGION, "world/subregions.csv"},
        {GROUPING_ITU_REGION, "world/itu-regions.csv"},
        {GROUPING_GROUP, "world/development.csv"},
        {GROUPING_GROUP, "world/ldc.csv"},
        {GROUPING_GROUP, "world/lldc.csv"},
        {GROUPING_GROUP, "world/sids.csv"},
    };
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof tables / sizeof *tables; i++)
        code = read_members(f, tables[i].grouping, tables[i].name, e);
    f->w->groupings[GROUPING_REGION].source = f->w->groupings[GROUPING_SUBREGION].source;
    for (size_t g = 0; code == 0 && g < GROUPING_COUNT; g++)
        index_members(&f->w->groupings[g]);
    return code;
}

static int check_complete(const struct world *w, const char *names, struct err *e)
{
    char text[8];
    if (!w->none || !w->odd)
        return err_set(e, ERR_INPUT, "world/codes.csv: \"none\" and \"?\?\" are wanted");
    for (size_t i = 0; i < w->economies.count; i++)
        if (!w->economies.at[i].name)
            return err_set(e, ERR_INPUT, "%s: no name for %s", names,
                           economy_format(w->economies.at[i].code, text));
    return 0;
}

static void start(struct world *w)
{
    for (size_t place = 0; place < WORLD_CODES; place++) {
        w->index[place] = WORLD_ABSENT;
        w->letters[place][0] = (char)('A' + place / 26);
        w->letters[place][1] = (char)('A' + place % 26);
    }
}

int world_fill(struct world *w, enum language names, struct err *e)
{
    struct filling f = {.w = w, .language = names};
    char table[32];
    start(w);
    snprintf(table, sizeof table, "world/names-%s.csv", language_code(names));
    int code = facts_read("world/economies.csv", "economy,alpha3,numeric", economy_row, &f,
                          &w->arena, NULL, e);
    if (code == 0)
        code = facts_read(table, "economy,name", name_row, &f, &w->arena, NULL, e);
    if (code == 0)
        code = facts_read("world/codes.csv", "code,en,ar,es,fr,ru,zh", special_row, &f, &w->arena,
                          NULL, e);
    if (code == 0)
        code =
            facts_read("world/domains.csv", "domain,economy", domain_row, &f, &w->arena, NULL, e);
    if (code == 0)
        code = facts_read("world/groups.csv", "grouping,key,parent,en,ar,es,fr,ru,zh", group_row,
                          &f, &w->arena, NULL, e);
    if (code == 0)
        code = check_complete(w, table, e);
    return code ? code : read_memberships(&f, e);
}
