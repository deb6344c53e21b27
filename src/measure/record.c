// SPDX-License-Identifier: Apache-2.0
//
// Pace by each record's own date, as one snapshot knows it.

#include "measure/pace.h"

#include <stdlib.h>

static bool add_record(struct flows *f, const struct lifetime *l, uint32_t holder)
{
    struct flow *add = ARRAY_ADD(&f->list);
    if (!add)
        return false;
    *add = (struct flow){.space = block_count(&l->block),
                         .date = l->date,
                         .holder = holder,
                         .delegations = 1,
                         .economy = l->economy,
                         .registry = (uint8_t)l->registry,
                         .kind = FLOW_ADDED};
    f->first = l->date < f->first ? l->date : f->first;
    return true;
}

int flows_from_records(const struct query *q, const struct view *v, const struct holders *h,
                       struct flows *ret, struct err *e)
{
    struct flows f = {.first = DATE_MAX};
    (void)q;
    if (!ARRAY_RESERVE(&f.list, v->count + 1))
        return err_memory(e);
    for (size_t i = 0; i < v->count; i++) {
        const struct lifetime *l = &v->at[i];
        if (l->date == DATE_NONE)
            f.undated++;
        else if (l->date > v->known_on)
            f.later++;
        else if (!add_record(&f, l, h->number[i])) {
            free(f.list.at);
            return err_memory(e);
        }
    }
    *ret = f;
    return 0;
}
