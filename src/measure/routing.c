// SPDX-License-Identifier: Apache-2.0

#include "measure/routing.h"

#include <stdlib.h>

void routing_init(struct routing *r, enum family f, uint32_t peers)
{
    *r = (struct routing){.family = f, .peers = peers, .level = route_level(peers)};
}

void routing_done(struct routing *r)
{
    free(r->at.at);
    free(r->origins.at);
    *r = (struct routing){0};
}

bool routing_end(struct routing *r)
{
    struct prefix *close = ARRAY_ADD(&r->at);
    if (close)
        close->origins = (uint32_t)r->origins.count;
    return close;
}

bool routing_add(struct routing *r, const struct route *route)
{
    if (route->length == 0 && r->peers > 0) {
        r->whole++;
        return true;
    }
    if (route->level != 0 && route->level < r->level) {
        r->few++;
        return true;
    }
    const struct prefix *before = r->prefixes ? &r->at.at[r->prefixes - 1] : NULL;
    if (!before || before->start != route->start || before->length != route->length) {
        struct prefix *add = ARRAY_ADD(&r->at);
        if (!add)
            return false;
        *add = (struct prefix){route->start, (uint32_t)r->origins.count, route->length};
        r->prefixes++;
    }
    struct origin *origin = ARRAY_ADD(&r->origins);
    if (origin)
        *origin = (struct origin){route->origin, route->level};
    return origin;
}
