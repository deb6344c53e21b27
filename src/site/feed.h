// SPDX-License-Identifier: Apache-2.0
//
// Atom feeds (RFC 4287) of the changes in the registries' records: an entry for each day and family
// in which something of the economy, the region or the group changed; and in public services: an
// entry for each campaign.

#ifndef SITE_FEED_H
#define SITE_FEED_H

#include "site/site.h"

visit_handler feed_world;      // /{lang}/changes.atom
visit_handler feed_economy;    // /{lang}/economy/KE/changes.atom
visit_handler feed_region;     // /{lang}/region/africa/changes.atom
visit_handler feed_group;      // /{lang}/group/ldc/changes.atom
visit_handler feed_itu_region; // /{lang}/itu-region/africa/changes.atom
visit_handler feed_services;   // /{lang}/services/changes.atom
visit_handler feed_service;    // /{lang}/services/example.org/changes.atom

#endif
