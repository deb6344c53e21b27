// SPDX-License-Identifier: Apache-2.0

#include "site/state.h"

#include "site/negotiate.h"
#include "site/site_parts.h"

#include <stdio.h>

int state_first_visit(struct visit *v, struct response *ret, struct err *e)
{
    (void)e;
    enum language l = accept_choose_language(v->request->accept_language);
    char path[8];
    snprintf(path, sizeof path, "/%s/", language_code(l));
    ret->status = 302;
    ret->content_type = "text/plain; charset=utf-8";
    ret->cache_control = "private, no-store";
    response_header(ret, v->request, "Location", path);
    response_header(ret, v->request, "Vary", "Accept-Language");
    buffer_format(&ret->body, "%s\n", path);
    return 0;
}

int state_health(struct visit *v, struct response *ret, struct err *e)
{
    (void)v;
    (void)e;
    ret->content_type = "text/plain; charset=utf-8";
    ret->cache_control = "no-store";
    buffer_text(&ret->body, "ok\n");
    return 0;
}

int state_metrics(struct visit *v, struct response *ret, struct err *e)
{
    (void)e;
    ret->content_type = "text/plain; version=0.0.4; charset=utf-8";
    ret->cache_control = "no-store";
    metrics_write(v->site->metrics, v->revision, &ret->body);
    return 0;
}
