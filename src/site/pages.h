// SPDX-License-Identifier: Apache-2.0
//
// The pages: one visit_handler each, in a file of its own. The router gives what stands behind the
// route's fixed part as visit->rest: the code of an economy, a key, an address with its slash.

#ifndef SITE_PAGES_H
#define SITE_PAGES_H

#include "site/site.h"

visit_handler page_world;        // /{lang}/?measure=&known-on=
visit_handler page_economy;      // /{lang}/economy/KE; /{lang}/economy lists all
visit_handler page_region;       // /{lang}/region/africa: M49 regions and sub-regions
visit_handler page_group;        // /{lang}/group/ldc
visit_handler page_itu_region;   // /{lang}/itu-region/arab-states
visit_handler page_registry;     // /{lang}/registry/apnic
visit_handler page_compare;      // /{lang}/compare?with=KE,region:africa,group:ldc&figure=
visit_handler page_routing;      // /{lang}/routing?by=&known-on=&collector=&peers=
visit_handler page_users;        // /{lang}/users?of=KE&on=
visit_handler page_name_servers; // /{lang}/name-servers?of=KE
visit_handler page_indices;      // /{lang}/indices?known-on=
visit_handler page_services;     // /{lang}/services?campaign=&sector=; /{lang}/services/DOMAIN
visit_handler page_holders;      // /{lang}/holders?of=KE&known-on=
visit_handler page_forecast;     // /{lang}/forecast?series=&of=KE&target=&horizon=&to=
visit_handler page_changes;      // /{lang}/changes?from=&to=&family=&only=
visit_handler page_address;      // /{lang}/address/2001:db8::/32, or /{lang}/address?for=
visit_handler page_data;         // /{lang}/data; /{lang}/data/SHA256 is one input
visit_handler page_methods;      // /{lang}/methods
visit_handler page_labs;         // /{lang}/labs; /{lang}/labs/first-hop is one laboratory
visit_handler page_courses;      // /{lang}/courses
visit_handler page_chart;        // /{lang}/chart/economy/KE/pace.svg?y=&scale=: a chart of a page

// The page of an error: 400, 404, 405, 500, 503. `why` (may be NULL) is the sentence of struct err,
// in English. What the response had is replaced.
void page_error(struct visit *v, unsigned status, const char *why, struct response *ret);

#endif
