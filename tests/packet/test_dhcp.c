// SPDX-License-Identifier: Apache-2.0
//
// DHCPv4: messages there and back and with options in odd places, what RFC 8925 asks of a server,
// and many clients at random: no address is ever two clients' at a time.

#include "packet/arp.h"
#include "packet/dhcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define POOL  UINT32_C(0xc000020a) // 192.0.2.10
#define OWN   UINT32_C(0xc0000201)
#define COUNT 8

static struct dhcp_server *server_of(bool v6only, uint32_t wait)
{
    const struct dhcp_config c = {.first = POOL,
                                  .last = POOL + COUNT - 1,
                                  .own = OWN,
                                  .mask = 0xffffff00,
                                  .router = OWN,
                                  .resolvers = {OWN},
                                  .resolver_count = 1,
                                  .lease = 100,
                                  .v6only = v6only,
                                  .v6only_wait = wait};
    struct dhcp_server *s = NULL;
    assert_int_equal(dhcp_server_new(&c, &s, NULL), 0);
    return s;
}

static struct dhcp message(enum dhcp_type type, uint8_t client)
{
    return (struct dhcp){.type = type, .xid = 0x100u + client, .mac = {2, 0, 0, 0, 0, client}};
}

static void test_message_there_and_back(void **state)
{
    (void)state;
    struct dhcp m = {.reply = true,
                     .type = DHCP_ACK,
                     .xid = 0xdeadbeef,
                     .yours = POOL,
                     .mac = {2, 0, 0, 0, 0, 9},
                     .server = OWN,
                     .lease = 3600,
                     .renew = 600,
                     .rebind = 1200,
                     .mask = 0xffffff00,
                     .router = OWN,
                     .resolvers = {1, 2},
                     .resolver_count = 2,
                     .has_v6only = true,
                     .v6only = 1800,
                     .id = {1, 2, 3},
                     .id_length = 3},
                got;
    uint8_t at[DHCP_PACKET_MAX];
    uint32_t source = 0;
    size_t length = dhcp_write(&m, OWN, POOL, at);
    assert_true(dhcp_packet_read(at, length, DHCP_CLIENT_PORT, &got, &source));
    assert_false(dhcp_packet_read(at, length, DHCP_SERVER_PORT, &got, &source));
    assert_int_equal(source, OWN);
    assert_true(got.reply && got.type == DHCP_ACK && got.xid == m.xid && got.yours == POOL &&
                got.server == OWN && got.lease == 3600 && got.mask == m.mask && got.router == OWN &&
                got.renew == 600 && got.rebind == 1200 && got.resolver_count == 2 &&
                got.resolvers[1] == 2 && got.has_v6only && got.v6only == 1800 &&
                got.id_length == 3 && got.id[2] == 3);
    struct ip ip;
    assert_int_equal(ip_read(at, length, 0, &ip), IP_FINE);
    assert_int_equal(
        sum_bytes(at + ip.upper, ip.end - ip.upper,
                  sum_pseudo(FAMILY_IPV4, OWN, POOL, PROTOCOL_UDP, (uint32_t)(ip.end - ip.upper))),
        0xffff);
    m.id_length = DHCP_ID_MAX;
    m.resolver_count = DHCP_RESOLVERS_MAX;
    length = dhcp_write(&m, OWN, POOL, at);
    assert_true(length <= DHCP_PACKET_MAX);
    assert_true(dhcp_packet_read(at, length, DHCP_CLIENT_PORT, &got, &source));
    assert_int_equal(got.id_length, DHCP_ID_MAX);
    m = message(DHCP_DISCOVER, 1);
    length = dhcp_write(&m, 0, UINT32_MAX, at);
    assert_true(dhcp_packet_read(at, length, DHCP_SERVER_PORT, &got, &source) && !got.asks_v6only);
    m.asks_v6only = true;
    length = dhcp_write(&m, 0, UINT32_MAX, at);
    assert_true(dhcp_packet_read(at, length, DHCP_SERVER_PORT, &got, &source) && got.asks_v6only);
}

static void test_options_in_odd_places(void **state)
{
    (void)state;
    // BOOTP with the cookie; the type stands in the field of the file name (option 52).
    uint8_t at[260] = {1, 1, 6};
    struct dhcp got;
    store32(at + 236, 0x63825363);
    assert_false(dhcp_read(at, sizeof at, &got)); // no type: BOOTP
    memcpy(at + 240, (uint8_t[]){0, 52, 1, 1, 255}, 5);
    memcpy(at + 108, (uint8_t[]){53, 1, 1, 55, 2, 1, 108, 255}, 8);
    assert_true(dhcp_read(at, sizeof at, &got));
    assert_true(got.type == DHCP_DISCOVER && got.asks_v6only);
    memcpy(at + 240, (uint8_t[]){53, 1, 2, 108, 2, 1, 1, 255}, 8); // 108 of a wrong length
    assert_true(dhcp_read(at, sizeof at, &got) && !got.has_v6only);
    memcpy(at + 240, (uint8_t[]){53, 1, 9, 255}, 4);
    assert_false(dhcp_read(at, sizeof at, &got)); // no such type
    memcpy(at + 240, (uint8_t[]){53, 1, 1, 50, 200, 0}, 6);
    assert_false(dhcp_read(at, sizeof at, &got)); // beyond the end
    memcpy(at + 240, (uint8_t[]){53, 1, 1, 255}, 4);
    at[2] = 8;
    assert_false(dhcp_read(at, sizeof at, &got)); // no MAC address of Ethernet
}

// RFC 8925, 3.3.
static void test_ipv6_mostly(void **state)
{
    (void)state;
    struct dhcp_server *mostly = server_of(true, 1800), *plain = server_of(false, 0);
    struct dhcp m = message(DHCP_DISCOVER, 1), a;
    assert_true(dhcp_serve(mostly, &m, 1, &a));
    assert_true(a.type == DHCP_OFFER && a.yours == POOL && !a.has_v6only); // it did not ask
    m = message(DHCP_DISCOVER, 2);
    m.asks_v6only = true;
    assert_true(dhcp_serve(mostly, &m, 1, &a));
    assert_true(a.type == DHCP_OFFER && a.yours == 0 && a.has_v6only && a.v6only == 1800 &&
                a.server == OWN);
    assert_true(dhcp_serve(plain, &m, 1, &a));
    assert_true(a.yours == POOL && !a.has_v6only); // the network is not IPv6-mostly
    // Who asks for an address all the same gets it, and the option.
    m.type = DHCP_REQUEST;
    m.server = OWN;
    m.requested = POOL + 3;
    assert_true(dhcp_serve(mostly, &m, 1, &a));
    assert_true(a.type == DHCP_ACK && a.yours == POOL + 3 && a.has_v6only);
    dhcp_server_free(&mostly);
    dhcp_server_free(&plain);
}

static void test_requests(void **state)
{
    (void)state;
    struct dhcp_server *s = server_of(false, 0);
    struct dhcp m = message(DHCP_REQUEST, 1), a;
    m.requested = POOL;
    assert_false(dhcp_serve(s, &m, 1, &a)); // rebooting, and nobody knows it
    m.server = OWN + 1;
    assert_false(dhcp_serve(s, &m, 1, &a)); // another server was chosen
    m.server = OWN;
    assert_true(dhcp_serve(s, &m, 1, &a) && a.type == DHCP_ACK);
    m.mac[5] = 2;
    assert_true(dhcp_serve(s, &m, 1, &a) && a.type == DHCP_NAK && a.broadcast); // taken
    m.requested = OWN + 0x10000;
    assert_true(dhcp_serve(s, &m, 1, &a) && a.type == DHCP_NAK); // not of this network
    m.mac[5] = 3; // nobody knows it, and it comes from another network
    m.server = 0;
    assert_true(dhcp_serve(s, &m, 1, &a) && a.type == DHCP_NAK && a.broadcast);
    m.client = OWN + 100; // another server of this network has lent that
    m.requested = 0;
    assert_false(dhcp_serve(s, &m, 1, &a));
    m.client = 0;
    assert_false(dhcp_serve(s, &m, 1, &a)); // says nothing
    m = message(DHCP_REQUEST, 1);
    m.client = POOL;
    assert_true(dhcp_serve(s, &m, 99000, &a) && a.type == DHCP_ACK && a.client == POOL); // renewing
    assert_int_equal(dhcp_server_leases(s, 150000), 1);
    assert_int_equal(dhcp_server_leases(s, 199001), 0);
    m = message(DHCP_DECLINE, 1);
    m.requested = POOL;
    m.server = OWN;
    assert_false(dhcp_serve(s, &m, 150000, &a));
    m = message(DHCP_DISCOVER, 1);
    m.requested = POOL;
    assert_true(dhcp_serve(s, &m, 200000, &a) && a.yours != POOL); // somebody else has it
    dhcp_server_free(&s);
}

// RFC 2131, 4.4.5.
static void test_times(void **state)
{
    (void)state;
    static const struct {
        uint32_t lease, renew, rebind, wanted_renew, wanted_rebind;
    } rows[] = {{1000, 0, 0, 500, 875},     {1000, 100, 200, 100, 200},
                {1000, 300, 0, 300, 875},   {1000, 0, 600, 500, 600},
                {1000, 900, 0, 500, 875},   {1000, 300, 2000, 500, 875},
                {1000, 300, 200, 500, 875}, {UINT32_MAX, 0, 0, 0x7fffffff, 0xdfffffff}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct dhcp m = {
            .lease = rows[i].lease, .renew = rows[i].renew, .rebind = rows[i].rebind};
        uint32_t renew, rebind;
        dhcp_times(&m, &renew, &rebind);
        assert_int_equal(renew, rows[i].wanted_renew);
        assert_int_equal(rebind, rows[i].wanted_rebind);
    }
}

static uint32_t below(uint64_t *chance, uint32_t limit)
{
    *chance = *chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*chance >> 33) % limit;
}

static void test_no_address_is_twos(void **state)
{
    (void)state;
    struct dhcp_server *s = server_of(false, 0);
    struct {
        uint32_t address;
        int64_t until;
    } has[32] = {0};
    uint64_t chance = 3;
    unsigned acks = 0, none = 0;
    for (int64_t now = 1000; now < 40000000; now += 1 + below(&chance, 4000)) {
        uint8_t who = (uint8_t)below(&chance, 32);
        struct dhcp m = message(DHCP_DISCOVER, who), a;
        bool holds = has[who].until > now;
        if (holds && below(&chance, 4) == 0) {
            m.type = DHCP_RELEASE;
            m.client = has[who].address;
            m.server = OWN;
            assert_false(dhcp_serve(s, &m, now, &a));
            has[who].until = 0;
            continue;
        }
        if (holds) {
            m.type = DHCP_REQUEST;
            m.client = has[who].address;
        } else if (!dhcp_serve(s, &m, now, &a)) {
            none++;
            continue;
        } else {
            m = message(DHCP_REQUEST, who);
            m.requested = a.yours;
            m.server = OWN;
        }
        assert_true(dhcp_serve(s, &m, now, &a));
        assert_int_equal(a.type, DHCP_ACK);
        assert_in_range(a.yours, POOL, POOL + COUNT - 1);
        for (uint8_t i = 0; i < 32; i++)
            assert_true(i == who || has[i].until <= now || has[i].address != a.yours);
        has[who].address = a.yours;
        has[who].until = now + 100000;
        acks++;
    }
    assert_true(acks > 500 && none > 500);
    dhcp_server_free(&s);
}

static void test_arp(void **state)
{
    static const uint8_t own[6] = {2, 0, 0, 0, 0, 1};
    // clang-format off
    static const uint8_t bytes[ARP_SIZE] = {
        0, 1, 8, 0, 6, 4, 0, 1, // request
        2, 0, 0, 0, 0, 9, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 192, 0, 2, 10};
    // clang-format on
    uint8_t at[ARP_SIZE];
    struct arp a;
    (void)state;
    assert_true(arp_read(bytes, sizeof bytes, &a));
    assert_true(!a.reply && a.sender == 0 && a.target == POOL && a.mac[5] == 9);
    arp_write(&a, at);
    assert_memory_equal(at, bytes, sizeof at);
    assert_true(arp_conflicts(&a, POOL, own) && !arp_claims(&a, POOL, own));
    assert_false(arp_conflicts(&a, POOL + 1, own));
    assert_false(arp_conflicts(&a, POOL, a.mac)); // what we have sent ourselves
    a.sender = POOL;
    a.target = OWN;
    assert_true(arp_conflicts(&a, POOL, own) && arp_claims(&a, POOL, own));
    a.sender = OWN;
    a.target = POOL; // somebody looks for it
    assert_false(arp_conflicts(&a, POOL, own));
    for (size_t i = 0; i < 8; i++) {
        memcpy(at, bytes, sizeof at);
        at[i] ^= 4;
        assert_false(arp_read(at, sizeof at, &a));
    }
    assert_false(arp_read(bytes, sizeof bytes - 1, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_there_and_back),
        cmocka_unit_test(test_options_in_odd_places),
        cmocka_unit_test(test_ipv6_mostly),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_arp),
        cmocka_unit_test(test_no_address_is_twos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
