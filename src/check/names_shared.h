// SPDX-License-Identifier: Apache-2.0
//
// What the names area keeps for all domains of a run. Inside the area only.

#ifndef CHECK_NAMES_SHARED_H
#define CHECK_NAMES_SHARED_H

#include "check/checker.h"
#include "check/dns_cache.h"
#include "check/dns_client.h"
#include "check/dns_resolver.h"

struct vantage;

#define NAMES_LEVELS_MAX  ((size_t)4 << 20) // bytes of zones above domains that are kept
#define NAMES_LEVELS_KEEP 600000000         // microseconds

struct names_shared {
    struct dns_cache levels; // names_level.c
    struct root_hints hints;
    struct vantage *vantage; // while it is asked
};

void vantage_free(struct vantage *v); // accepts NULL

#endif
