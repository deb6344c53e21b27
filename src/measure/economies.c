// SPDX-License-Identifier: Apache-2.0

#include "measure/economies.h"

#include "base/buffer.h"

#include <string.h>

static economy economy_find(struct slice code, const struct world *w)
{
    if (slice_is_nocase(code, "none"))
        return ECONOMY_NONE;
    if (code.length == 2)
        return economy_of((char)(code.at[0] & ~32), (char)(code.at[1] & ~32));
    return world_find(w, code);
}

static bool is_letters(struct slice code)
{
    for (size_t i = 0; i < code.length; i++)
        if ((code.at[i] | 32) < 'a' || (code.at[i] | 32) > 'z')
            return false;
    return code.length > 0;
}

int economy_set_parse(struct economy_set *s, const char *codes, const struct world *w,
                      struct err *e)
{
    struct slice rest = slice_of(codes);
    memset(s, 0, sizeof *s);
    while (rest.at && rest.length > 0) {
        struct slice code = slice_trim(slice_cut(&rest, ','));
        economy found = economy_find(code, w);
        if (!is_letters(code) || (found == ECONOMY_NONE && !slice_is_nocase(code, "none")))
            return err_set(e, ERR_USAGE,
                           "only: \"%.*s\" is no economy; valid are codes as KE, KEN, EU and none, "
                           "separated by commas",
                           SLICE_ARG(code));
        s->bits[found >> 3] |= (uint8_t)(1u << (found & 7));
        s->any = true;
    }
    return 0;
}

bool economy_set_has(const struct economy_set *s, economy e)
{
    return !s->any || (s->bits[e >> 3] & 1u << (e & 7));
}

static bool name_contains(const char *name, struct slice part)
{
    struct slice rest = slice_of(name);
    for (; rest.length >= part.length; rest.at++, rest.length--)
        if (strncasecmp(rest.at, part.at, part.length) == 0)
            return true;
    return false;
}

static int several(const struct world *w, struct slice name, struct err *e)
{
    struct buffer list = {0};
    char code[8];
    for (size_t i = 0; i < world_count(w); i++) {
        economy at = world_economy(w, i);
        if (name_contains(world_name(w, at), name))
            buffer_format(&list, "%s%s (%s)", list.length ? ", " : "", world_name(w, at),
                          economy_format(at, code));
    }
    int ret = err_set(e, ERR_USAGE, "\"%.*s\" is the name of several: %s", SLICE_ARG(name),
                      list.at ? list.at : "");
    buffer_done(&list);
    return ret;
}

int economy_by_name(const struct world *w, struct slice name, economy *ret, struct err *e)
{
    economy found = name.length ? world_find(w, name) : ECONOMY_NONE;
    size_t parts = 0;
    for (size_t i = 0; i < world_count(w) && found == ECONOMY_NONE; i++)
        if (slice_is_nocase(name, world_name(w, world_economy(w, i))))
            found = world_economy(w, i);
    bool letters = name.length == 2 && (name.at[0] | 32) >= 'a' && (name.at[0] | 32) <= 'z' &&
                   (name.at[1] | 32) >= 'a' && (name.at[1] | 32) <= 'z';
    if (found == ECONOMY_NONE && letters)
        found = economy_of((char)(name.at[0] & ~32), (char)(name.at[1] & ~32));
    economy part = ECONOMY_NONE;
    for (size_t i = 0; i < world_count(w) && found == ECONOMY_NONE && name.length > 2; i++)
        if (name_contains(world_name(w, world_economy(w, i)), name)) {
            part = world_economy(w, i);
            parts++;
        }
    if (parts > 1)
        return several(w, name, e);
    found = found == ECONOMY_NONE ? part : found;
    if (found == ECONOMY_NONE)
        return err_set(e, ERR_USAGE,
                       "\"%.*s\" is no economy; wanted is a code (KE, KEN, 404) or a name",
                       SLICE_ARG(name));
    *ret = found;
    return 0;
}
