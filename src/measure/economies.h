// SPDX-License-Identifier: Apache-2.0
//
// Some economies, chosen by their codes.

#ifndef MEASURE_ECONOMIES_H
#define MEASURE_ECONOMIES_H

#include "base/err.h"
#include "world/world.h"

#include <stdbool.h>
#include <stdint.h>

// A set of economies; empty: all.
struct economy_set {
    bool any; // something was chosen
    uint8_t bits[(1 << 16) / 8];
};

// Codes separated by commas: alpha-2, alpha-3, what the files state beside economies ("EU", "ZZ"),
// or "none". ERR_USAGE.
int economy_set_parse(struct economy_set *s, const char *codes, const struct world *w,
                      struct err *e);
bool economy_set_has(const struct economy_set *s, economy e); // an empty set has all

#endif
