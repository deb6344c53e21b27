// SPDX-License-Identifier: Apache-2.0

#include "measure/economies.h"

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
