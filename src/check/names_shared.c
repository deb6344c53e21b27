// SPDX-License-Identifier: Apache-2.0

#include "check/names_shared.h"

#include <stdlib.h>

int checker_names_open(struct checker *c, struct err *e)
{
    struct names_shared *s = c->names = calloc(1, sizeof *s);
    if (!s)
        return err_memory(e);
    if (!dns_cache_make(&s->levels, NAMES_LEVELS_MAX))
        return err_memory(e);
    int code = root_hints_read(c->options->root_hints, &s->hints, e);
    if (!code)
        code = dns_client_new(c->events, &c->dns, e);
    if (code)
        return code;
    struct resolver_options o = {.events = c->events,
                                 .client = c->dns,
                                 .guard = &c->guard,
                                 .hints = &s->hints,
                                 .opt_out = c->options->opt_out,
                                 .trust_anchor = c->options->trust_anchor};
    return resolver_new(&o, &c->resolver, e);
}

void checker_names_close(struct checker *c)
{
    if (!c->names)
        return;
    vantage_free(c->names->vantage);
    if (c->resolver)
        resolver_free(&c->resolver);
    if (c->dns)
        dns_client_free(&c->dns);
    dns_cache_drop(&c->names->levels);
    free(c->names);
    c->names = NULL;
}
