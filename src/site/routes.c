// SPDX-License-Identifier: Apache-2.0

#include "site/routes.h"

#include "site/api.h"
#include "site/feed.h"
#include "site/pages.h"
#include "site/state.h"
#include "site/static.h"
#include "site/structure.h"

#include <string.h>

static const struct route routes[] = {
    {"/", ROUTE_PAGE, 0, state_first_visit},
    {"/{lang}/", ROUTE_PAGE, ROUTE_KEPT, page_world},
    {"/{lang}/changes.atom", ROUTE_FEED, ROUTE_KEPT, feed_world},
    {"/{lang}/economy/*/changes.atom", ROUTE_FEED, ROUTE_KEPT, feed_economy},
    {"/{lang}/region/*/changes.atom", ROUTE_FEED, ROUTE_KEPT, feed_region},
    {"/{lang}/group/*/changes.atom", ROUTE_FEED, ROUTE_KEPT, feed_group},
    {"/{lang}/itu-region/*/changes.atom", ROUTE_FEED, ROUTE_KEPT, feed_itu_region},
    {"/{lang}/services/changes.atom", ROUTE_FEED, ROUTE_KEPT, feed_services},
    {"/{lang}/services/*/changes.atom", ROUTE_FEED, ROUTE_KEPT, feed_service},
    {"/{lang}/economy", ROUTE_PAGE, ROUTE_KEPT, page_economy},
    {"/{lang}/economy/*", ROUTE_PAGE, ROUTE_KEPT, page_economy},
    {"/{lang}/region/*", ROUTE_PAGE, ROUTE_KEPT, page_region},
    {"/{lang}/group/*", ROUTE_PAGE, ROUTE_KEPT, page_group},
    {"/{lang}/itu-region/*", ROUTE_PAGE, ROUTE_KEPT, page_itu_region},
    {"/{lang}/registry/*", ROUTE_PAGE, ROUTE_KEPT, page_registry},
    {"/{lang}/compare", ROUTE_PAGE, ROUTE_KEPT, page_compare},
    {"/{lang}/routing", ROUTE_PAGE, ROUTE_KEPT, page_routing},
    {"/{lang}/holders", ROUTE_PAGE, ROUTE_KEPT, page_holders},
    {"/{lang}/users", ROUTE_PAGE, ROUTE_KEPT, page_users},
    {"/{lang}/name-servers", ROUTE_PAGE, ROUTE_KEPT, page_name_servers},
    {"/{lang}/indices", ROUTE_PAGE, ROUTE_KEPT, page_indices},
    {"/{lang}/services", ROUTE_PAGE, ROUTE_KEPT, page_services},
    {"/{lang}/services/*", ROUTE_PAGE, ROUTE_KEPT, page_services},
    {"/{lang}/forecast", ROUTE_PAGE, ROUTE_KEPT, page_forecast},
    {"/{lang}/changes", ROUTE_PAGE, ROUTE_KEPT, page_changes},
    {"/{lang}/address", ROUTE_PAGE, ROUTE_KEPT, page_address},
    {"/{lang}/address/*", ROUTE_PAGE, ROUTE_KEPT, page_address},
    {"/{lang}/data", ROUTE_PAGE, ROUTE_KEPT, page_data},
    {"/{lang}/data/*", ROUTE_PAGE, ROUTE_KEPT, page_data},
    {"/{lang}/methods", ROUTE_PAGE, ROUTE_KEPT, page_methods},
    {"/{lang}/labs", ROUTE_PAGE, ROUTE_KEPT, page_labs},
    {"/{lang}/labs/*", ROUTE_PAGE, ROUTE_KEPT, page_labs},
    {"/{lang}/courses", ROUTE_PAGE, ROUTE_KEPT, page_courses},
    {"/{lang}/chart/*", ROUTE_PAGE, ROUTE_KEPT, page_chart},
    {"/static/*", ROUTE_STATIC, ROUTE_KEPT, static_file},
    {"/healthz", ROUTE_STATE, 0, state_health},
    {"/metrics", ROUTE_STATE, 0, state_metrics},
    {"/api/v1/", ROUTE_API, ROUTE_KEPT, api_index},
    {"/api/v1/openapi.json", ROUTE_API, ROUTE_KEPT, api_describe},
    {"/api/v1/structure", ROUTE_API, ROUTE_KEPT, structure_list},
    {"/api/v1/structure/*", ROUTE_API, ROUTE_KEPT, structure_one},
    {"/api/v1/*", ROUTE_API, ROUTE_KEPT | ROUTE_NEGOTIATED, api_answer},
};

size_t route_count(void)
{
    return sizeof routes / sizeof *routes;
}

const struct route *route_at(size_t i)
{
    return i < route_count() ? &routes[i] : NULL;
}

static bool match_language(const char **path, enum language *ret)
{
    struct slice code = {*path, strcspn(*path, "/")};
    if (code.length != 2 || !language_parse(code, ret) || !slice_is(code, language_code(*ret)))
        return false;
    *path += code.length;
    return true;
}

// What stands for "*" is not empty; where the pattern has more behind it, it is one segment.
static bool match_rest(const char *end, const char *path)
{
    size_t length = *end ? strcspn(path, "/") : strlen(path);
    return length > 0 && strcmp(path + length, end) == 0;
}

static bool matches(const struct route *r, const char *path, struct route_match *ret)
{
    struct route_match m = {r, LANGUAGE_EN, ""};
    const char *pattern = r->pattern;
    while (*pattern) {
        if (pattern[0] == '*') {
            m.rest = path;
            *ret = m;
            return match_rest(pattern + 1, path);
        }
        if (pattern[0] == '{') {
            if (!match_language(&path, &m.language))
                return false;
            pattern += strlen("{lang}");
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    if (*path != '\0')
        return false;
    *ret = m;
    return true;
}

bool route_find(const char *path, struct route_match *ret)
{
    for (size_t i = 0; i < route_count(); i++)
        if (matches(&routes[i], path, ret))
            return true;
    return false;
}
