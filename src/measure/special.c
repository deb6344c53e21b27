// SPDX-License-Identifier: Apache-2.0

#include "measure/special.h"

#include "world/facts.h"

#include <stdlib.h>

static int take(void *context, const struct facts_row *row, struct err *e)
{
    struct special *s = context;
    struct range range;
    if (!range_parse(row->fields[0], &range))
        return facts_refuse(row, e, "\"%.*s\" where a prefix was wanted",
                            SLICE_ARG(row->fields[0]));
    struct special_block *add = ARRAY_ADD(&s->list);
    char *name = add ? arena_text(&s->arena, row->fields[1].at, row->fields[1].length) : NULL;
    if (!name)
        return err_memory(e);
    *add = (struct special_block){range, name};
    return 0;
}

int special_load(struct special *s, struct err *e)
{
    struct special made = {0};
    const char *source;
    int code =
        facts_read("iana/special-purpose.csv", "prefix,name", take, &made, &made.arena, &source, e);
    if (code)
        special_done(&made);
    else
        *s = made;
    return code;
}

void special_done(struct special *s)
{
    free(s->list.at);
    arena_done(&s->arena);
    *s = (struct special){0};
}

const char *special_find(const struct special *s, const struct range *r)
{
    for (size_t i = 0; i < s->list.count; i++) {
        const struct range *at = &s->list.at[i].range;
        if (at->family == r->family && at->first <= r->first && at->last >= r->last)
            return s->list.at[i].name;
    }
    return NULL;
}
