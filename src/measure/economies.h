// SPDX-License-Identifier: Apache-2.0
//
// Economies, chosen by their codes or names.

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

// One economy by its code of two or three letters or three digits, its name in the world's language
// or a part of it that only one name has. ERR_USAGE.
int economy_by_name(const struct world *w, struct slice name, economy *ret, struct err *e);

#endif
