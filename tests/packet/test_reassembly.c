// SPDX-License-Identifier: Apache-2.0
//
// What pieces must not do: overlap, lie behind the end, meet another customer's; and congestion
// that one of them met. That they make a packet in any order is in test_softwire.c.

#include "packet/reassembly.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DOC    ((u128)0x20010db8 << 96)
#define CE6    (DOC + ((u128)1 << 64) + 1)
#define BR6    (DOC + ((u128)0xffff << 80) + 1)
#define HOST   UINT32_C(0xc0a80105) // 192.168.1.5
#define SERVER UINT32_C(0xc6336402)

static void test_overlapping_pieces_are_void(void **state)
{
    (void)state;
    struct reassembly *r = reassembly_new(4, 1000);
    uint8_t bytes[400];
    struct packet piece = {.at = bytes}, whole;
    struct ip ip = {.family = FAMILY_IPV6,
                    .source = CE6,
                    .destination = BR6,
                    .protocol = 17,
                    .hop_limit = 9,
                    .fragment = true,
                    .more = true,
                    .identification = 3};
    piece.length = ipv6_write(bytes, &ip, 64) + 64;
    assert_int_equal(ip_read(bytes, piece.length, 0, &ip), IP_FINE);
    assert_false(reassembly_add(r, &piece, &ip, 0, 0, &whole));
    ip.offset = 32;
    ip.more = false;
    assert_false(reassembly_add(r, &piece, &ip, 0, 0, &whole));
    assert_int_equal(reassembly_lost(r), 1);
    reassembly_free(&r);
}

struct bit {
    uint16_t offset, size;
    bool more;
    uint8_t class;
    u128 realm;
};

static bool add_bit(struct reassembly *r, const struct bit *b, struct packet *ret)
{
    uint8_t bytes[400] = {0};
    struct packet piece = {.at = bytes};
    struct ip ip = {.family = FAMILY_IPV4,
                    .source = HOST,
                    .destination = SERVER,
                    .traffic_class = b->class,
                    .protocol = 17,
                    .hop_limit = 9,
                    .more = b->more,
                    .offset = b->offset,
                    .identification = 3};
    piece.length = (size_t)IPV4_HEADER + b->size;
    ipv4_write(bytes, &ip, piece.length);
    assert_int_equal(ip_read(bytes, piece.length, 0, &ip), IP_FINE);
    return reassembly_add(r, &piece, &ip, b->realm, 0, ret);
}

// A piece behind the last one does not count for one that is missing.
static void test_piece_behind_the_end(void **state)
{
    (void)state;
    struct reassembly *r = reassembly_new(4, 1000);
    struct packet whole;
    assert_false(add_bit(r, &(struct bit){800, 8, true, 0, 0}, &whole));
    assert_false(add_bit(r, &(struct bit){0, 8, true, 0, 0}, &whole));
    assert_false(add_bit(r, &(struct bit){16, 8, false, 0, 0}, &whole));
    assert_int_equal(reassembly_lost(r), 1);
    reassembly_free(&r);
}

// RFC 8200, 4.5: the same piece again changes nothing; another that lies where it does voids all.
static void test_the_same_piece_again(void **state)
{
    (void)state;
    static const struct bit pieces[] = {
        {0, 16, true, 0, 0}, {16, 8, true, 0, 0}, {24, 5, false, 0, 0}};
    static const struct bit others[] = {
        {0, 8, true, 0, 0},  {8, 8, true, 0, 0},   {0, 24, true, 0, 0},  {16, 8, false, 0, 0},
        {24, 8, true, 0, 0}, {24, 6, false, 0, 0}, {24, 4, false, 0, 0}, {16, 13, false, 0, 0}};
    struct packet whole;
    for (unsigned first = 0; first < 3; first++) {
        struct reassembly *r = reassembly_new(4, 1000);
        const struct bit *a = pieces + first, *b = pieces + (first + 1) % 3;
        for (unsigned times = 0; times < 3; times++) {
            assert_false(add_bit(r, a, &whole));
            assert_false(add_bit(r, b, &whole));
        }
        assert_true(add_bit(r, pieces + (first + 2) % 3, &whole));
        assert_int_equal(whole.length, IPV4_HEADER + 29);
        assert_int_equal(reassembly_lost(r), 0);
        reassembly_free(&r);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct reassembly *r = reassembly_new(4, 1000);
        unsigned from = others[i].offset < 16 ? 0 : 1;
        assert_false(add_bit(r, pieces + from, &whole));
        assert_false(add_bit(r, pieces + from + 1, &whole));
        assert_false(add_bit(r, others + i, &whole));
        assert_int_equal(reassembly_lost(r), 1);
        reassembly_free(&r);
    }
}

static void test_pieces_of_two_customers(void **state)
{
    (void)state;
    struct reassembly *r = reassembly_new(4, 1000);
    struct packet whole;
    assert_false(add_bit(r, &(struct bit){0, 8, true, 0, 1}, &whole));
    assert_false(add_bit(r, &(struct bit){8, 8, false, 0, 2}, &whole));
    assert_true(add_bit(r, &(struct bit){8, 8, false, 0, 1}, &whole));
    assert_true(add_bit(r, &(struct bit){0, 8, true, 0, 2}, &whole));
    reassembly_free(&r);
}

// RFC 3168, 5.3.
static void test_congestion_met_by_a_piece(void **state)
{
    (void)state;
    static const struct {
        uint8_t first, second;
        int whole; // -1: dropped
    } table[] = {{0x02, 0x03, 0x03}, {0x03, 0x02, 0x03}, {0x29, 0x2b, 0x2b},
                 {0x00, 0x03, -1},   {0x02, 0x02, 0x02}, {0x28, 0x28, 0x28}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct reassembly *r = reassembly_new(4, 1000);
        struct packet whole;
        assert_false(add_bit(r, &(struct bit){0, 8, true, table[i].first, 0}, &whole));
        bool made = add_bit(r, &(struct bit){8, 8, false, table[i].second, 0}, &whole);
        assert_int_equal(made, table[i].whole >= 0);
        if (made)
            assert_int_equal(whole.at[1], table[i].whole);
        reassembly_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlapping_pieces_are_void),
        cmocka_unit_test(test_piece_behind_the_end),
        cmocka_unit_test(test_the_same_piece_again),
        cmocka_unit_test(test_pieces_of_two_customers),
        cmocka_unit_test(test_congestion_met_by_a_piece),
    };
    return cmocka_run_group_tests_name("reassembly", tests, NULL, NULL);
}
