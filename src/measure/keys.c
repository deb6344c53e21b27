// SPDX-License-Identifier: Apache-2.0

#include "measure/keys.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_grouping(enum by b)
{
    return b >= BY_REGION;
}

static enum grouping grouping_of(enum by b)
{
    return (enum grouping)(b - BY_REGION);
}

const char *by_title(enum by b)
{
    static const char *const titles[BY_COUNT] = {"world",      "registry",   "economy", "region",
                                                 "sub-region", "ITU region", "group"};
    return titles[b];
}

static const char *registry_title(enum registry r)
{
    static const char *const titles[REGISTRY_COUNT] = {"AFRINIC",  "APNIC", "ARIN",        "LACNIC",
                                                       "RIPE NCC", "IANA",  "Range table", "NRO"};
    return titles[r];
}

const char *keys_key(const struct keys *k, size_t key, char text[KEY_TEXT_MAX])
{
    switch (k->by) {
    case BY_WORLD:
        return "world";
    case BY_REGISTRY:
        return registry_name((enum registry)key);
    case BY_ECONOMY:
        return economy_format(k->economies[key], text);
    default:
        return key == keys_none(k) ? "none" : world_group_key(k->world, grouping_of(k->by), key);
    }
}

const char *keys_name(const struct keys *k, size_t key)
{
    switch (k->by) {
    case BY_WORLD:
        return "World";
    case BY_REGISTRY:
        return registry_title((enum registry)key);
    case BY_ECONOMY:
        return world_name(k->world, k->economies[key]);
    default:
        if (key != keys_none(k))
            return world_group_name(k->world, grouping_of(k->by), key);
        return k->by == BY_GROUP ? "In none of these groups" : "None stated";
    }
}

size_t keys_none(const struct keys *k)
{
    return is_grouping(k->by) ? k->count - 1 : SIZE_MAX;
}

bool keys_dated(const struct keys *k)
{
    return is_grouping(k->by);
}

uint64_t keys_memberships(const struct keys *k, economy e, date on)
{
    return world_memberships(k->world, grouping_of(k->by), e, on);
}

bool keys_has(const struct keys *k, size_t key, enum registry r, economy e, date on)
{
    if (k->by == BY_WORLD)
        return true;
    if (k->by == BY_REGISTRY)
        return key == r;
    if (k->by == BY_ECONOMY)
        return k->economies[key] == e;
    uint64_t bits = keys_memberships(k, e, on);
    return key == keys_none(k) ? bits == 0 : bits >> key & 1;
}

static int compare_economies(const void *a, const void *b)
{
    economy x = *(const economy *)a, y = *(const economy *)b;
    return (x > y) - (x < y);
}

size_t keys_find_economy(const struct keys *k, economy e)
{
    const economy *at =
        k->count ? bsearch(&e, k->economies, k->count, sizeof e, compare_economies) : NULL;
    return at ? (size_t)(at - k->economies) : SIZE_MAX;
}

// ---- making

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

// "KE", "ke", "KEN", "404", "none", "??".
static bool parse_economy(const struct keys *k, struct slice s, economy *ret)
{
    char letters[3] = "";
    if (slice_is_nocase(s, "none"))
        *ret = ECONOMY_NONE;
    else if (s.length == 2)
        *ret = economy_of(upper(s.at[0]), upper(s.at[1]));
    else if (s.length == 3) {
        for (size_t i = 0; i < 3; i++)
            letters[i] = upper(s.at[i]);
        *ret = world_find(k->world, (struct slice){letters, 3});
        return *ret != ECONOMY_NONE;
    } else
        return false;
    return true;
}

static size_t count_parts(const char *only)
{
    size_t count = 1;
    for (; *only; only++)
        count += *only == ',';
    return count;
}

static void sort_economies(struct keys *k)
{
    qsort(k->economies, k->count, sizeof *k->economies, compare_economies);
    size_t kept = 0;
    for (size_t i = 0; i < k->count; i++)
        if (kept == 0 || k->economies[i] != k->economies[kept - 1])
            k->economies[kept++] = k->economies[i];
    k->count = kept;
}

// Each economy once: `used` may be every row of the archive.
static size_t distinct(const economy *used, size_t used_count, economy *ret)
{
    uint64_t seen[(UINT16_MAX + 1) / 64] = {0};
    size_t count = 0;
    for (size_t i = 0; i < used_count; i++) {
        uint64_t bit = (uint64_t)1 << (used[i] % 64);
        if (ret && !(seen[used[i] / 64] & bit))
            ret[count] = used[i];
        count += !(seen[used[i] / 64] & bit);
        seen[used[i] / 64] |= bit;
    }
    return count;
}

static int list_economies(struct keys *k, const char *only, const economy *used, size_t used_count,
                          struct err *e)
{
    size_t most = distinct(used, used_count, NULL) + count_parts(only);
    k->economies = calloc(most, sizeof *k->economies);
    if (!k->economies)
        return err_memory(e);
    k->count = distinct(used, used_count, k->economies);
    for (struct slice rest = slice_of(only); *only && rest.at;) {
        struct slice part = slice_trim(slice_cut(&rest, ','));
        economy asked;
        if (!parse_economy(k, part, &asked))
            return err_set(e, ERR_USAGE,
                           "only \"%.*s\": codes of economies are wanted (ISO 3166-1: KE, BR), "
                           "with commas",
                           SLICE_ARG(part));
        k->economies[k->count++] = asked;
    }
    sort_economies(k);
    return 0;
}

static int no_key(const struct keys *k, struct slice part, struct err *e)
{
    char list[ERR_TEXT_MAX] = "", text[KEY_TEXT_MAX];
    size_t length = 0;
    for (size_t i = 0; i < k->count; i++) {
        int n = snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "",
                         keys_key(k, i, text));
        length += (size_t)n < sizeof list - length ? (size_t)n : 0;
    }
    return err_set(e, ERR_USAGE, "only \"%.*s\": with by \"%s\" the keys are %s", SLICE_ARG(part),
                   by_name(k->by), list);
}

static size_t find_key(const struct keys *k, struct slice part)
{
    char text[KEY_TEXT_MAX];
    economy asked;
    if (k->by == BY_ECONOMY)
        return parse_economy(k, part, &asked) ? keys_find_economy(k, asked) : SIZE_MAX;
    for (size_t i = 0; i < k->count; i++)
        if (slice_is_nocase(part, keys_key(k, i, text)))
            return i;
    return SIZE_MAX;
}

static int show_only(struct keys *k, const char *only, struct err *e)
{
    for (struct slice rest = slice_of(only); rest.at;) {
        struct slice part = slice_trim(slice_cut(&rest, ','));
        size_t key = find_key(k, part);
        if (key == SIZE_MAX)
            return no_key(k, part, e);
        k->shown[key] = true;
    }
    return 0;
}

static int list_keys(struct keys *k, const char *only, const economy *used, size_t used_count,
                     unsigned registries, struct err *e)
{
    int code = 0;
    if (k->by == BY_ECONOMY)
        code = list_economies(k, only, used, used_count, e);
    else if (k->by == BY_WORLD)
        k->count = 1;
    else if (k->by == BY_REGISTRY)
        k->count = REGISTRY_NRO; // never the registry of a record
    else
        k->count = world_group_count(k->world, grouping_of(k->by)) + 1;
    if (code)
        return code;
    k->shown = calloc(k->count + 1, sizeof *k->shown);
    if (!k->shown)
        return err_memory(e);
    if (*only)
        return show_only(k, only, e);
    for (size_t i = 0; i < k->count; i++)
        k->shown[i] = k->by != BY_REGISTRY || (registries >> i & 1);
    return 0;
}

int keys_init(struct keys *k, enum by by, const char *only, const struct world *w,
              const economy *used, size_t used_count, unsigned registries, struct err *e)
{
    struct keys made = {.by = by, .world = w};
    int code = list_keys(&made, only, used, used_count, registries, e);
    if (code)
        keys_done(&made);
    else
        *k = made;
    return code;
}

void keys_done(struct keys *k)
{
    free(k->economies);
    free(k->shown);
    *k = (struct keys){0};
}

// ---- in a table

struct key_columns keys_add_columns(const struct keys *k, struct table *t)
{
    static const char *const headings[BY_COUNT] = {"World",      "Registry", "Economy", "Region",
                                                   "Sub-region", "Region",   "Group"};
    struct key_columns c;
    c.key = table_column(t, &(struct column){.key = "key",
                                             .heading = "Key",
                                             .type = COLUMN_TEXT,
                                             .unit = "",
                                             .description = "What the row is about, as it is "
                                                            "named in --only.",
                                             .machine_only = k->by != BY_ECONOMY});
    c.name = table_column(t, &(struct column){.key = "name",
                                              .heading = headings[k->by],
                                              .type = COLUMN_TEXT,
                                              .unit = "",
                                              .description = "The same, as it is called.",
                                              .machine_only = k->by == BY_WORLD});
    return c;
}

void keys_set_cells(const struct keys *k, size_t key, struct key_columns c, struct table *t,
                    size_t row)
{
    char text[KEY_TEXT_MAX];
    table_set_text(t, row, c.key, keys_key(k, key, text));
    table_set_text(t, row, c.name, keys_name(k, key));
}

void keys_note(const struct keys *k, struct table *t)
{
    if (is_grouping(k->by))
        table_note(t, "Who belongs where: %s.", world_group_source(k->world, grouping_of(k->by)));
    if (k->by == BY_GROUP)
        table_note(t, "Groups overlap: an economy can be in several, and the rows do not add up "
                      "to the world.");
}
