// SPDX-License-Identifier: Apache-2.0
//
// RFC 6775: options against bytes laid out by hand, messages there and back, the life of contexts
// and of registrations.

#include "packet/lowpan_nd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define EUI   UINT64_C(0x0200000000000001)
#define LOCAL ((u128)0xfe80 << 112)
#define DOC   ((u128)0x20010db8 << 96)

static void test_options_as_the_standard_lays_them_out(void **state)
{
    (void)state;
    static const uint8_t solicit[] = {
        135, 0, 0, 0, 0, 0, 0, 0,  0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, // RFC 4861
        1,   2, 2, 0, 0, 0, 0, 0,  0,    1,    0, 0, 0, 0, 0, 0, // RFC 4944, 8
        33,  2, 0, 0, 0, 0, 0, 30, 2,    0,    0, 0, 0, 0, 0, 1, // 4.1
    };
    static const uint8_t contexts[] = {
        34, 2, 64, 0x10, 0,   0,    0,    10,   0x20, 1,    0x0d, 0xb8, 0,    0,
        0,  0, 34, 3,    128, 0x05, 0,    0,    0,    0,    0x20, 1,    0x0d, 0xb8,
        0,  0, 0,  0,    0,   0,    0,    0,    0,    0,    0,    0x80, // 4.2
        35, 3, 0,  7,    0,   1,    0x27, 0x10, 0xfe, 0x80, 0,    0,    0,    0,
        0,  0, 0,  0,    0,   0,    0,    0,    0,    1}; // 4.3
    uint8_t at[LOWPAN_ND_MAX];
    struct lowpan_nd m = {.type = NDP_NEIGHBOR_SOLICIT,
                          .source = DOC | 1,
                          .destination = LOCAL | 1,
                          .target = LOCAL | 1,
                          .has_link = true,
                          .link = wpan_extended(EUI),
                          .has_aro = true,
                          .aro = {0, 30, EUI}};
    size_t length = lowpan_nd_write(&m, at);
    assert_int_equal(length, IPV6_HEADER + sizeof solicit);
    at[IPV6_HEADER + 2] = at[IPV6_HEADER + 3] = 0;
    assert_memory_equal(at + IPV6_HEADER, solicit, sizeof solicit);
    struct lowpan_nd a = {.type = NDP_ADVERT,
                          .source = LOCAL | 1,
                          .destination = LOCAL | 2,
                          .context_count = 2,
                          .contexts = {{0, 64, true, 10, DOC}, {5, 128, false, 0, DOC | 0x80}},
                          .has_abro = true,
                          .version = 0x10007,
                          .abro_minutes = 10000,
                          .border = LOCAL | 1};
    length = lowpan_nd_write(&a, at);
    assert_int_equal(length, IPV6_HEADER + ADVERT_HEADER + sizeof contexts);
    assert_memory_equal(at + IPV6_HEADER + ADVERT_HEADER, contexts, sizeof contexts);
}

static void test_messages_there_and_back(void **state)
{
    (void)state;
    uint8_t at[LOWPAN_ND_MAX];
    struct lowpan_nd m = {.type = NDP_ADVERT,
                          .source = LOCAL | 1,
                          .destination = IPV6_ALL_NODES,
                          .has_link = true,
                          .link = wpan_short(0x12),
                          .hop_limit = 64,
                          .lifetime = 1800,
                          .mtu = 1280,
                          .prefix_count = 1,
                          .prefixes = {{DOC, 64, false, true, 1800, 900}},
                          .context_count = 1,
                          .contexts = {{3, 48, true, 30, DOC}},
                          .has_abro = true,
                          .version = 1,
                          .abro_minutes = 30,
                          .border = DOC | 1},
                     back;
    memset(&back, 0, sizeof back);
    size_t length = lowpan_nd_write(&m, at);
    assert_true(lowpan_nd_read(at, length, &back));
    assert_memory_equal(&back.prefixes, &m.prefixes, sizeof m.prefixes);
    assert_memory_equal(&back.contexts, &m.contexts, sizeof m.contexts);
    assert_true(back.lifetime == 1800 && back.mtu == 1280 && back.hop_limit == 64 &&
                back.version == 1 && back.border == m.border && back.has_link &&
                wpan_same(&back.link, &m.link) && back.abro_minutes == 30);
    for (size_t i = 0; i < length; i++) { // any change is seen, or is of no matter to the checksum
        at[i] ^= 0x40;
        if (i >= 8)
            assert_false(lowpan_nd_read(at, length, &back));
        at[i] ^= 0x40;
    }
    at[7] = 254; // from another link
    assert_false(lowpan_nd_read(at, length, &back));
    struct lowpan_nd n = {.type = NDP_NEIGHBOR_ADVERT,
                          .source = LOCAL | 1,
                          .destination = DOC | 2,
                          .target = LOCAL | 1,
                          .router = true,
                          .solicited = true,
                          .has_aro = true,
                          .aro = {LOWPAN_DUPLICATE, 5, EUI}};
    length = lowpan_nd_write(&n, at);
    assert_true(lowpan_nd_read(at, length, &back));
    assert_true(back.router && back.solicited && back.has_aro &&
                back.aro.status == LOWPAN_DUPLICATE && back.aro.minutes == 5 &&
                back.aro.eui == EUI && !back.has_link && back.target == n.target);
}

static void test_life_of_contexts(void **state)
{
    (void)state;
    struct lowpan_contexts c = {0};
    struct lowpan_nd m = {.context_count = 2,
                          .contexts = {{0, 64, true, 1, DOC}, {9, 64, false, 2, DOC}}};
    lowpan_contexts_told(&c, &m, 1000);
    assert_true(c.iphc.contexts[0].known && c.iphc.contexts[0].compress);
    assert_true(c.iphc.contexts[9].known && !c.iphc.contexts[9].compress);
    lowpan_contexts_age(&c, 5000, 60999);
    assert_true(c.iphc.contexts[0].compress);
    lowpan_contexts_age(&c, 5000, 61000); // restores only, for a while
    assert_true(c.iphc.contexts[0].known && !c.iphc.contexts[0].compress);
    lowpan_contexts_age(&c, 5000, 66000);
    assert_false(c.iphc.contexts[0].known);
    assert_true(c.iphc.contexts[9].known);
    m.contexts[1].minutes = 0; // to be forgotten at once
    lowpan_contexts_told(&c, &m, 66000);
    assert_false(c.iphc.contexts[9].known);
}

static struct lowpan_nd asks(u128 address, uint64_t eui, uint16_t minutes)
{
    return (struct lowpan_nd){.type = NDP_NEIGHBOR_SOLICIT,
                              .source = address,
                              .has_link = true,
                              .link = wpan_extended(eui),
                              .has_aro = true,
                              .aro = {0, minutes, eui}};
}

static void test_registrations(void **state)
{
    (void)state;
    static struct lowpan_registry r;
    struct lowpan_nd m = asks(DOC | 1, EUI, 2), other = asks(DOC | 1, EUI + 1, 2);
    assert_int_equal(lowpan_register(&r, &m, 0), LOWPAN_REGISTERED);
    assert_int_equal(lowpan_register(&r, &other, 0), LOWPAN_DUPLICATE);
    assert_true(lowpan_registered(&r, DOC | 1, 119999)->eui == EUI);
    assert_null(lowpan_registered(&r, DOC | 1, 120000));
    assert_int_equal(lowpan_register(&r, &other, 120000), LOWPAN_REGISTERED);
    assert_true(lowpan_registered(&r, DOC | 1, 120000)->eui == EUI + 1);
    other.aro.minutes = 0; // goes
    assert_int_equal(lowpan_register(&r, &other, 120000), LOWPAN_REGISTERED);
    assert_null(lowpan_registered(&r, DOC | 1, 120000));
    assert_null(lowpan_registered(&r, 0, 120000));
    for (unsigned i = 0; i < LOWPAN_HOSTS_MAX; i++) {
        m = asks(DOC | (i + 100), EUI + i, 10);
        assert_int_equal(lowpan_register(&r, &m, 200000), LOWPAN_REGISTERED);
    }
    m = asks(DOC | 1, EUI, 10);
    assert_int_equal(lowpan_register(&r, &m, 200000), LOWPAN_CACHE_FULL);
    assert_int_equal(lowpan_registry_count(&r, 200000), LOWPAN_HOSTS_MAX);
    assert_int_equal(lowpan_register(&r, &m, 200000 + 600000), LOWPAN_REGISTERED);
    assert_int_equal(lowpan_registry_count(&r, 200000 + 600000), 1);
}

// RFC 6775, 6.5 and 5.5.2: with an ARO of a wrong length a solicitation is none, an advertisement
// is one without it.
static void test_aro_of_a_wrong_length(void **state)
{
    (void)state;
    for (unsigned type = NDP_NEIGHBOR_SOLICIT; type <= NDP_NEIGHBOR_ADVERT; type++) {
        struct lowpan_nd m = {.type = (uint8_t)type,
                              .source = LOCAL | 1,
                              .destination = LOCAL | 1,
                              .target = LOCAL | 1},
                         back;
        uint8_t at[LOWPAN_ND_MAX];
        size_t length = lowpan_nd_write(&m, at) - IPV6_HEADER;
        memset(at + IPV6_HEADER + length, 0, 24);
        at[IPV6_HEADER + length] = 33;
        at[IPV6_HEADER + length + 1] = 3;
        length = ndp_finish(at, LOCAL | 1, LOCAL | 1, length + 24);
        assert_int_equal(lowpan_nd_read(at, length, &back), type == NDP_NEIGHBOR_ADVERT);
        assert_true(type == NDP_NEIGHBOR_SOLICIT || !back.has_aro);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aro_of_a_wrong_length),
        cmocka_unit_test(test_options_as_the_standard_lays_them_out),
        cmocka_unit_test(test_messages_there_and_back),
        cmocka_unit_test(test_life_of_contexts),
        cmocka_unit_test(test_registrations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
