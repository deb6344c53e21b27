// SPDX-License-Identifier: Apache-2.0
//
// The tables of reasons, one an area; each ends with a row whose key is NULL. Inside the room only.

#ifndef CHECK_REASONS_H
#define CHECK_REASONS_H

#include "check/result.h"

extern const struct reason reasons_any[]; // of every area: "any-no-ipv6-here", ...
extern const struct reason reasons_names[], reasons_web[], reasons_mail[];

#endif
