// SPDX-License-Identifier: Apache-2.0
//
// What the names area keeps for all domains of a run. Inside the area only.

#ifndef CHECK_NAMES_SHARED_H
#define CHECK_NAMES_SHARED_H

#include "check/checker.h"
#include "check/dns_client.h"
#include "check/dns_resolver.h"

struct vantage;

struct names_shared {
    struct root_hints hints;
    struct vantage *vantage; // while it is asked
};

void vantage_free(struct vantage *v); // accepts NULL

#endif
