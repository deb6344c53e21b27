// SPDX-License-Identifier: Apache-2.0
//
// Origin validation (RFC 6811): announcements held against validated ROA payloads.

#ifndef MEASURE_VALIDITY_H
#define MEASURE_VALIDITY_H

#include "measure/routing.h"

enum validity {
    VALIDITY_NOT_FOUND,      // no payload covers the prefix
    VALIDITY_VALID,          // one does, with this origin and a max length that allows it
    VALIDITY_INVALID_LENGTH, // one does with this origin, but no max length allows the prefix
    VALIDITY_INVALID_ORIGIN, // only payloads of other origins cover it; an AS_SET is never valid
};
#define VALIDITY_COUNT 4

// `vrps`: payloads as a routing of peers 0, levels their max lengths. `ret` by announcement.
void validity_find(const struct routing *r, const struct routing *vrps, uint8_t *ret);

#endif
