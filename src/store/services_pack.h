// SPDX-License-Identifier: Apache-2.0
//
// A result's verdicts and scores as a few bytes. Private to src/store.
//
// tests, nine bytes each, numbers in network order:
//     name (4), verdict and subject (1: verdict + 8 * subject), reason (4); ids of service_word
// scores, 56 bytes: version (1), three scores in hundredths (2 each, 0xffff: none), of dns, web and
//     mail each four counts (4 each), and one byte with a bit for each that is intended.

#ifndef STORE_SERVICES_PACK_H
#define STORE_SERVICES_PACK_H

#include "store/services.h"

#define SERVICE_TEST_BYTES   9
#define SERVICE_SCORES_BYTES 56 // 1 + 3 * 2 + 3 * 4 * 4 + 1

struct packed_test {
    uint32_t name, reason;
    uint8_t verdict, subject;
};

void service_pack_test(const struct packed_test *t, uint8_t ret[SERVICE_TEST_BYTES]);
// False where the bytes are none.
bool service_unpack_test(const uint8_t at[SERVICE_TEST_BYTES], struct packed_test *ret);

void service_pack_scores(const struct checked_result *r, uint8_t ret[SERVICE_SCORES_BYTES]);
bool service_unpack_scores(const uint8_t *at, size_t length, struct service_result *ret);

#endif
