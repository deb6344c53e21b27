// SPDX-License-Identifier: Apache-2.0
//
// robots.txt (RFC 9309): may this program fetch that path? The group of "sextant", or of "*";
// the longest rule that matches wins, and of two as long the one that allows.

#ifndef CHECK_ROBOTS_H
#define CHECK_ROBOTS_H

#include "base/text.h"

#define ROBOTS_BYTES_MAX ((size_t)512000) // RFC 9309, 2.5: at least 500 KiB are read
#define ROBOTS_AGENT     "sextant"
#define ROBOTS_RULE_MAX  1024 // bytes of a path in a rule; longer rules are left out
#define ROBOTS_STARS_MAX 32   // of one rule; beyond, it is left out

// `path`: of a URL, with its query, beginning with "/".
bool robots_lets(struct slice robots, struct slice path);

#endif
