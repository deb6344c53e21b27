// SPDX-License-Identifier: Apache-2.0
//
// What the site says of itself: health, counts; and the door that leads to a language.

#ifndef SITE_STATE_H
#define SITE_STATE_H

#include "site/site.h"

visit_handler state_first_visit; // to the language that the client prefers
visit_handler state_health;      // the archive answers
visit_handler state_metrics;     // Prometheus

#endif
