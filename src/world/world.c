// SPDX-License-Identifier: Apache-2.0

#include "world/world.h"

#include "world/parts.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const language_codes[LANGUAGE_COUNT] = {"en", "ar", "es", "fr", "ru", "zh"};

char *economy_format(economy e, char text[8])
{
    unsigned char a = (unsigned char)(e >> 8), b = (unsigned char)e;
    if (e == ECONOMY_NONE)
        memcpy(text, "none", 5);
    else if (a <= ' ' || a >= 0x7f || b <= ' ' || b >= 0x7f)
        memcpy(text, "??", 3);
    else
        snprintf(text, 8, "%c%c", a, b);
    return text;
}

bool language_parse(struct slice s, enum language *ret)
{
    if (s.length < 2 || (s.length > 2 && !memchr("_.-@", s.at[2], 4)))
        return false;
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        if (!slice_is_nocase((struct slice){s.at, 2}, language_codes[i]))
            continue;
        *ret = (enum language)i;
        return true;
    }
    return false;
}

const char *language_code(enum language l)
{
    return language_codes[l];
}

int world_load(enum language names, struct world **ret, struct err *e)
{
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        return err_memory(e);
    int code = world_fill(w, names, e);
    if (code)
        world_free(&w);
    else
        *ret = w;
    return code;
}

void world_free(struct world **w)
{
    if (!*w)
        return;
    for (size_t g = 0; g < GROUPING_COUNT; g++) {
        free((*w)->groupings[g].groups.at);
        free((*w)->groupings[g].members.at);
    }
    free((*w)->economies.at);
    free((*w)->domains.at);
    arena_done(&(*w)->arena);
    free(*w);
    *w = NULL;
}

size_t world_count(const struct world *w)
{
    return w->economies.count;
}

economy world_economy(const struct world *w, size_t i)
{
    return w->economies.at[i].code;
}

bool world_has(const struct world *w, economy e)
{
    uint16_t place = code_place(e);
    return place != WORLD_ABSENT && w->index[place] != WORLD_ABSENT;
}

const char *world_name(const struct world *w, economy e)
{
    if (e == ECONOMY_NONE)
        return w->none;
    uint16_t place = code_place(e);
    if (place == WORLD_ABSENT)
        return w->odd;
    if (w->index[place] != WORLD_ABSENT)
        return w->economies.at[w->index[place]].name;
    return w->special[place] ? w->special[place] : w->letters[place];
}

economy world_find(const struct world *w, struct slice code)
{
    uint64_t number = 0;
    bool numeric = slice_u64(code, 999, &number) && code.length <= 3;
    for (size_t i = 0; i < w->economies.count; i++) {
        const struct world_economy *e = &w->economies.at[i];
        char alpha2[8];
        if (numeric ? e->numeric == number
                    : slice_is_nocase(code, e->alpha3) ||
                          slice_is_nocase(code, economy_format(e->code, alpha2)))
            return e->code;
    }
    return ECONOMY_NONE;
}

static int label_compare(const void *key, const void *element)
{
    const struct slice *wanted = key;
    const char *label = ((const struct world_label *)element)->label;
    int order = strncmp(wanted->at, label, wanted->length);
    return order ? order : -(label[wanted->length] != '\0');
}

bool world_domain(const struct world *w, struct slice label, economy *ret)
{
    const struct world_label *found =
        bsearch(&label, w->domains.at, w->domains.count, sizeof *w->domains.at, label_compare);
    if (found) {
        *ret = found->code;
        return true;
    }
    if (label.length != 2 || label.at[0] < 'a' || label.at[0] > 'z' || label.at[1] < 'a' ||
        label.at[1] > 'z')
        return false;
    *ret = economy_of((char)(label.at[0] - 'a' + 'A'), (char)(label.at[1] - 'a' + 'A'));
    return true;
}

size_t world_group_count(const struct world *w, enum grouping g)
{
    return w->groupings[g].groups.count;
}

const char *world_group_key(const struct world *w, enum grouping g, size_t i)
{
    return w->groupings[g].groups.at[i].key;
}

const char *world_group_name(const struct world *w, enum grouping g, size_t i)
{
    return w->groupings[g].groups.at[i].name;
}

bool world_find_group(const struct world *w, enum grouping g, struct slice key, size_t *ret)
{
    for (size_t i = 0; i < w->groupings[g].groups.count; i++) {
        if (!slice_is_nocase(key, w->groupings[g].groups.at[i].key))
            continue;
        *ret = i;
        return true;
    }
    return false;
}

const char *world_group_source(const struct world *w, enum grouping g)
{
    return w->groupings[g].source;
}

bool world_is_member(const struct world *w, enum grouping g, size_t i, economy e, date on)
{
    return i < WORLD_GROUPS_MAX && (world_memberships(w, g, e, on) >> i & 1);
}

uint64_t world_memberships(const struct world *w, enum grouping g, economy e, date on)
{
    const struct world_grouping *grouping = &w->groupings[g];
    uint16_t place = code_place(e);
    uint64_t bits = 0;
    if (place == WORLD_ABSENT)
        return 0;
    for (uint16_t i = grouping->first[place]; i < grouping->first[place + 1]; i++) {
        const struct world_member *m = &grouping->members.at[i];
        if (m->from <= on && (on < m->to || m->to == DATE_MAX))
            bits |= (uint64_t)1 << m->group;
    }
    return bits;
}
