// SPDX-License-Identifier: Apache-2.0

#include "base/slots.h"

#include <stdlib.h>

#define SLOTS_LEAST 1024

bool slots_make(struct slots *s, size_t count)
{
    size_t size = SLOTS_LEAST;
    slots_drop(s);
    while (size < count * 9 / 4)
        size *= 2;
    s->at = calloc(size, sizeof *s->at);
    s->size = s->at ? size : 0;
    return s->at != NULL;
}

void slots_drop(struct slots *s)
{
    free(s->at);
    *s = (struct slots){0};
}

bool slots_hold(const struct slots *s, size_t count)
{
    return count * 3 <= s->size * 2;
}

size_t slots_find(const struct slots *s, uint64_t hash,
                  bool (*same)(size_t element, const void *arg), const void *arg)
{
    size_t place = hash & (s->size - 1);
    uint32_t tag = (uint32_t)(hash >> 32);
    for (; s->at[place].element; place = (place + 1) & (s->size - 1))
        if (s->at[place].tag == tag && same(s->at[place].element - 1, arg))
            break;
    return place;
}

void slots_set(struct slots *s, size_t place, uint64_t hash, size_t element)
{
    s->at[place] = (struct slot){(uint32_t)element + 1, (uint32_t)(hash >> 32)};
}
