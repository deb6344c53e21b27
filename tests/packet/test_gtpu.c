// SPDX-License-Identifier: Apache-2.0
//
// GTP-U messages against bytes laid out by hand from TS 29.281 and TS 38.415, and random headers
// there and back.

#include "packet/gtpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct packet packet_of(uint8_t *buffer, size_t size, const void *bytes, size_t length)
{
    struct packet p;
    packet_init(&p, buffer, size);
    memcpy(p.at, bytes, length);
    p.length = length;
    return p;
}

static void test_packet_with_container(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {0x34, 0xff, 0,   12,   0, 0, 0x01, 0x02, // 5.1; E
                                     0,    0,    0,   0x85,                   // next: 5.2.2.7
                                     1,    0x10, 9,   0,                      // UL, QFI 9, no more
                                     'd',  'a',  't', 'a'};
    uint8_t buffer[256];
    struct packet p = packet_of(buffer, sizeof buffer, "data", 4);
    struct gtpu g;
    assert_true(gtpu_wrap(&p, 0x0102, GTPU_UP, 9));
    assert_int_equal(p.length, sizeof wanted);
    assert_memory_equal(p.at, wanted, sizeof wanted);
    assert_int_equal(gtpu_read(p.at, p.length, &g), GTPU_FINE);
    assert_true(g.type == GTPU_PACKET && g.teid == 0x0102 && g.has_container && g.qfi == 9 &&
                g.direction == GTPU_UP && !g.has_sequence);
    assert_true(g.payload == 16 && g.end == 20);
    for (size_t cut = 0; cut < sizeof wanted; cut++)
        assert_int_equal(gtpu_read(wanted, cut, &g), GTPU_SHORT);
}

static void test_packet_of_lte(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {0x30, 0xff, 0, 1, 0xff, 0xff, 0xff, 0xfe, 'x'};
    uint8_t buffer[256];
    struct packet p = packet_of(buffer, sizeof buffer, "x", 1);
    assert_true(gtpu_wrap(&p, 0xfffffffe, GTPU_DOWN, 0));
    assert_int_equal(p.length, sizeof wanted);
    assert_memory_equal(p.at, wanted, sizeof wanted);
}

static void test_messages(void **state)
{
    (void)state;
    static const uint8_t request[] = {0x32, 1, 0, 4, 0, 0, 0, 0, 0x12, 0x34, 0, 0},
                         response[] = {0x32, 2, 0, 6, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 14, 0},
                         error[] = {0x32, 26, 0, 16, 0, 0,   0, 0, 0,   0, 0, 0,
                                    16,   0,  0, 1,  2, 133, 0, 4, 192, 0, 2, 1};
    uint8_t at[GTPU_MESSAGE_MAX];
    struct gtpu g;
    uint32_t teid = 0;
    assert_int_equal(gtpu_echo(at, GTPU_ECHO_REQUEST, 0x1234), sizeof request);
    assert_memory_equal(at, request, sizeof request);
    assert_int_equal(gtpu_echo(at, GTPU_ECHO_RESPONSE, 0x1234), sizeof response);
    assert_memory_equal(at, response, sizeof response);
    assert_int_equal(gtpu_error(at, 0x0102, FAMILY_IPV4, 0xc0000201), sizeof error);
    assert_memory_equal(at, error, sizeof error);
    assert_int_equal(gtpu_read(at, sizeof error, &g), GTPU_FINE);
    assert_true(gtpu_error_read(at, &g, &teid) && teid == 0x0102);
    size_t length = gtpu_error(at, 7, FAMILY_IPV6, 1);
    assert_true(length <= sizeof at);
    assert_int_equal(gtpu_read(at, length, &g), GTPU_FINE);
    assert_true(gtpu_error_read(at, &g, &teid) && teid == 7);
    length = gtpu_supported(at);
    assert_int_equal(gtpu_read(at, length, &g), GTPU_FINE);
    assert_int_equal(g.type, GTPU_SUPPORTED);
    assert_false(gtpu_error_read(at, &g, &teid));
}

static void test_what_is_not_understood(void **state)
{
    (void)state;
    // A PDCP number (0xc0) must be understood, a UDP port (0x40) need not.
    uint8_t must[] = {0x34, 0xff, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0xc0, 1, 0, 7, 0};
    struct gtpu g = {.teid = 77};
    assert_int_equal(gtpu_read(must, sizeof must, &g), GTPU_EXTENSION);
    assert_int_equal(g.teid, 77);
    must[11] = 0x40;
    assert_int_equal(gtpu_read(must, sizeof must, &g), GTPU_FINE);
    assert_int_equal(g.payload, 16);
    must[12] = 0;
    assert_int_equal(gtpu_read(must, sizeof must, &g), GTPU_SHORT);
    must[12] = 2; // beyond the end
    assert_int_equal(gtpu_read(must, sizeof must, &g), GTPU_SHORT);
    must[0] = 0x54; // version 2
    assert_int_equal(gtpu_read(must, sizeof must, &g), GTPU_VERSION);
    must[0] = 0x24; // GTP'
    assert_int_equal(gtpu_read(must, sizeof must, &g), GTPU_VERSION);
    // A sequence number without extensions: the type of the next header means nothing.
    static const uint8_t number[] = {0x32, 0xff, 0, 4, 0, 0, 0, 1, 0, 5, 0, 0xc0};
    assert_int_equal(gtpu_read(number, sizeof number, &g), GTPU_FINE);
    assert_true(g.has_sequence && g.sequence == 5 && g.payload == g.end);
}

static void test_there_and_back(void **state)
{
    (void)state;
    static uint8_t buffer[PACKET_HEADROOM + PACKET_MAX + PACKET_TAILROOM], data[PACKET_MAX];
    uint64_t chance = 1;
    for (unsigned round = 0; round < 2000; round++) {
        chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t length = (chance >> 40) % 1500;
        uint32_t teid = (uint32_t)(chance >> 20);
        uint8_t qfi = chance >> 33 & 63;
        memset(data, (int)(chance >> 50 & 0xff), length);
        struct packet p = packet_of(buffer, sizeof buffer, data, length);
        struct gtpu g;
        assert_true(gtpu_wrap(&p, teid, GTPU_DOWN, qfi));
        assert_int_equal(gtpu_read(p.at, p.length, &g), GTPU_FINE);
        assert_true(g.teid == teid && g.has_container == (qfi != 0) && g.qfi == qfi);
        assert_int_equal(g.end - g.payload, length);
        assert_memory_equal(p.at + g.payload, data, length);
    }
    struct packet p = packet_of(buffer, sizeof buffer, data, PACKET_MAX);
    assert_false(gtpu_wrap(&p, 1, GTPU_UP, 1)); // its length could not be said
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packet_with_container),
        cmocka_unit_test(test_packet_of_lte),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_what_is_not_understood),
        cmocka_unit_test(test_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
