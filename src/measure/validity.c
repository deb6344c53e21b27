// SPDX-License-Identifier: Apache-2.0
//
// One sweep: the payloads' prefixes around the place of the sweep lie on a pile, at most one of
// each length.

#include "measure/validity.h"

#define LENGTHS 129

struct pile {
    size_t at[LENGTHS]; // prefixes of the payloads, the innermost last
    size_t depth;
};

static void pile_move(struct pile *p, const struct routing *vrps, size_t *next,
                      const struct prefix *to)
{
    for (; *next < vrps->prefixes; ++*next) {
        const struct prefix *v = &vrps->at.at[*next];
        if (v->start > to->start || (v->start == to->start && v->length > to->length))
            break;
        while (p->depth > 0) {
            const struct prefix *top = &vrps->at.at[p->at[p->depth - 1]];
            if (prefix_last(vrps->family, top->start, top->length) >= v->start)
                break;
            p->depth--;
        }
        p->at[p->depth++] = *next;
    }
    while (p->depth > 0) {
        const struct prefix *top = &vrps->at.at[p->at[p->depth - 1]];
        if (prefix_last(vrps->family, top->start, top->length) >= to->start)
            break;
        p->depth--;
    }
}

// The first payload of a prefix whose origin is not below `as`.
static uint32_t find_origin(const struct routing *vrps, size_t prefix, uint32_t as)
{
    uint32_t low = vrps->at.at[prefix].origins, high = vrps->at.at[prefix + 1].origins;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (vrps->origins.at[middle].as < as)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum validity validate(const struct pile *p, const struct routing *vrps, unsigned length,
                              uint32_t as)
{
    enum validity found = p->depth > 0 ? VALIDITY_INVALID_ORIGIN : VALIDITY_NOT_FOUND;
    for (size_t i = p->depth; as != ORIGIN_SET && i > 0; i--) {
        uint32_t end = vrps->at.at[p->at[i - 1] + 1].origins;
        for (uint32_t j = find_origin(vrps, p->at[i - 1], as);
             j < end && vrps->origins.at[j].as == as; j++) {
            if (length <= vrps->origins.at[j].level)
                return VALIDITY_VALID;
            found = VALIDITY_INVALID_LENGTH;
        }
    }
    return found;
}

void validity_find(const struct routing *r, const struct routing *vrps, uint8_t *ret)
{
    struct pile p = {.depth = 0};
    size_t next = 0;
    for (size_t i = 0; i < r->prefixes; i++) {
        const struct prefix *at = &r->at.at[i];
        pile_move(&p, vrps, &next, at);
        for (uint32_t j = at->origins; j < at[1].origins; j++)
            ret[j] = (uint8_t)validate(&p, vrps, at->length, r->origins.at[j].as);
    }
}
