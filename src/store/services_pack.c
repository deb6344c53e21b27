// SPDX-License-Identifier: Apache-2.0

#include "store/services_pack.h"

#include <math.h>

#define PACK_VERSION 1
#define NO_SCORE     0xffff

static void put(uint8_t *at, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint32_t get(const uint8_t *at, unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

void service_pack_test(const struct packed_test *t, uint8_t ret[SERVICE_TEST_BYTES])
{
    put(ret, 4, t->name);
    ret[4] = (uint8_t)(t->verdict | t->subject << 3);
    put(ret + 5, 4, t->reason);
}

bool service_unpack_test(const uint8_t at[SERVICE_TEST_BYTES], struct packed_test *ret)
{
    *ret = (struct packed_test){get(at, 4), get(at + 5, 4), at[4] & 7, at[4] >> 3};
    return ret->verdict < CHECKED_VERDICTS && ret->subject < CHECKED_SUBJECTS;
}

static uint32_t packed_score(double score)
{
    return isnan(score) || score < 0 || score > 600 ? NO_SCORE : (uint32_t)(score * 100 + 0.5);
}

static double unpacked_score(uint32_t score)
{
    return score == NO_SCORE ? (double)NAN : score / 100.0;
}

void service_pack_scores(const struct checked_result *r, uint8_t ret[SERVICE_SCORES_BYTES])
{
    uint8_t *at = ret;
    uint8_t intended = 0;
    *at++ = PACK_VERSION;
    put(at, 2, packed_score(r->internetnl_web));
    put(at + 2, 2, packed_score(r->internetnl_mail));
    put(at + 4, 2, packed_score(r->china));
    at += 6;
    for (unsigned i = 0; i < 3; i++, at += 16) {
        const struct checked_count *c = &r->counts[i];
        put(at, 4, c->interfaces);
        put(at + 4, 4, c->with_aaaa);
        put(at + 8, 4, c->reached);
        put(at + 12, 4, c->operational);
        intended = (uint8_t)(intended | c->intended << i);
    }
    *at = intended;
}

bool service_unpack_scores(const uint8_t *at, size_t length, struct service_result *ret)
{
    if (!at || length != SERVICE_SCORES_BYTES || at[0] != PACK_VERSION)
        return false;
    ret->internetnl_web = unpacked_score(get(at + 1, 2));
    ret->internetnl_mail = unpacked_score(get(at + 3, 2));
    ret->china = unpacked_score(get(at + 5, 2));
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t *c = at + 7 + 16 * (size_t)i;
        ret->counts[i] = (struct checked_count){get(c, 4), get(c + 4, 4), get(c + 8, 4),
                                                get(c + 12, 4), at[55] >> i & 1};
    }
    return true;
}

enum checked_verdict service_verdict_of(unsigned bits)
{
    static const enum checked_verdict order[] = {CHECKED_FAIL, CHECKED_PARTIAL, CHECKED_NONE,
                                                 CHECKED_NOT_TESTABLE, CHECKED_PASS};
    const unsigned some = 1u << CHECKED_PASS | 1u << CHECKED_NONE;
    if ((bits & some) == some)
        bits |= 1u << CHECKED_PARTIAL;
    for (unsigned i = 0; i < sizeof order / sizeof *order; i++)
        if (bits & 1u << order[i])
            return order[i];
    return CHECKED_NOT_APPLICABLE;
}
