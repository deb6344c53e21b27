// SPDX-License-Identifier: Apache-2.0
//
// DHCPv6: messages there and back, damaged ones, and a client on a clock of its own: the waits of
// RFC 8415 15, whom it believes, what it does when nobody answers, when it is renumbered, and when
// the line was gone.

#include "packet/dhcp6_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define ADDRESS ((u128)0x20010db800010000 << 64 | 0x1000)
#define PREFIX  ((u128)0x20010db880000000 << 64)
#define OTHER   ((u128)0x20010db880000100 << 64)
#define IAID    7

static const struct dhcp6_id server = {{0, 3, 0, 1, 2, 0, 0, 0, 0, 1}, 10},
                             stranger = {{0, 3, 0, 1, 2, 0, 0, 0, 0, 2}, 10};

static struct dhcp6_client client;
static int64_t now;
static struct dhcp6 out; // the last message that went out

static void begin(bool rapid, uint64_t seed)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
    const struct dhcp6_client_config config = {.id = dhcp6_id_of_mac(mac),
                                               .iaid = IAID,
                                               .address = true,
                                               .prefix = true,
                                               .hint = 56,
                                               .rapid = rapid};
    now = 1000000;
    dhcp6_client_begin(&client, &config, seed, now);
}

// Goes on until a message goes out, or until `until`; did one?
static bool turn(int64_t until)
{
    uint8_t at[DHCP6_PACKET_MAX];
    bool changed;
    for (;;) {
        int64_t due = dhcp6_client_due(&client);
        if (due > until) {
            now = until;
            return false;
        }
        now = due > now ? due : now;
        enum dhcp6_state before = client.state;
        size_t length = dhcp6_client_turn(&client, now, at, &changed);
        if (length) {
            assert_true(dhcp6_read(at, length, &out));
            assert_true(out.has_elapsed && dhcp6_same_id(&out.client, &client.config.id));
            return true;
        }
        assert_true(client.state != before || changed); // else it would be asked for ever
    }
}

static struct dhcp6 answer(enum dhcp6_type type, const struct dhcp6_id *from)
{
    struct dhcp6 m = {.type = type,
                      .xid = out.xid,
                      .client = client.config.id,
                      .server = *from,
                      .na = {true, IAID, 100, 200, 0, {{ADDRESS, 128, 300, 400}}, 1},
                      .pd = {true, IAID, 100, 200, 0, {{PREFIX, 56, 300, 400}}, 1},
                      .resolvers = {ADDRESS},
                      .resolver_count = 1,
                      .names = {"example.net"},
                      .name_count = 1};
    return m;
}

static bool give(const struct dhcp6 *m)
{
    uint8_t at[DHCP6_PACKET_MAX];
    size_t length = dhcp6_write(m, at);
    assert_true(length > 0);
    return dhcp6_client_receive(&client, now, at, length);
}

static void bind_client(void)
{
    begin(false, 1);
    assert_true(turn(now + 1000) && out.type == DHCP6_SOLICIT);
    struct dhcp6 m = answer(DHCP6_ADVERTISE, &server);
    assert_false(give(&m));
    assert_true(turn(now + 2000) && out.type == DHCP6_REQUEST);
    m = answer(DHCP6_REPLY, &server);
    assert_true(give(&m));
    assert_int_equal(client.state, DHCP6_BOUND);
}

static void test_there_and_back(void **state)
{
    (void)state;
    begin(false, 1);
    out.xid = 0xabcdef;
    struct dhcp6 m = answer(DHCP6_REPLY, &server), got;
    m.preference = 9;
    m.status = DHCP6_NOT_ON_LINK;
    m.solicit_max = 120;
    m.rapid = m.asks = m.has_elapsed = true;
    m.elapsed = 77;
    m.pd.status = DHCP6_NO_PREFIXES;
    m.pd.leases[m.pd.count++] =
        (struct dhcp6_lease){OTHER, 60, 1, DHCP6_FOREVER, OTHER | (u128)5 << 62, 66};
    m.refresh = 600;
    m.inform_max = 700;
    m.reconfigurable = true;
    m.reconfigure = DHCP6_REBIND;
    m.key = (struct dhcp6_key){.kind = DHCP6_KEY_DIGEST, .replay = UINT64_C(0x100000002)};
    uint8_t at[DHCP6_PACKET_MAX], again[DHCP6_PACKET_MAX];
    size_t length = dhcp6_write(&m, at);
    assert_true(dhcp6_read(at, length, &got));
    assert_int_equal(dhcp6_write(&got, again), length);
    assert_memory_equal(at, again, length);
    assert_true(got.pd.count == 2 && got.pd.leases[1].address == OTHER && got.elapsed == 77 &&
                got.rapid && got.asks && got.solicit_max == 120 && got.preference == 9 &&
                got.pd.leases[1].excluded == (OTHER | (u128)5 << 62) && got.refresh == 600 &&
                got.pd.leases[1].excluded_length == 66 && got.has_ia && got.inform_max == 700 &&
                got.key.replay == UINT64_C(0x100000002) && got.reconfigure == DHCP6_REBIND);
    for (size_t cut = 0; cut < length; cut++) // cut anywhere it is whole options, or refused
        if (dhcp6_read(at, cut, &got))
            assert_true(dhcp6_write(&got, (uint8_t[DHCP6_PACKET_MAX]){0}) == cut);
}

// From RFC 8415 21: the bytes of options as they stand there, not as we write them.
static void test_bytes(void **state)
{
    (void)state;
    // clang-format off
    static const uint8_t at[] = {
        7, 0, 0, 1, // Reply
        0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 9,
        0, 2, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 1,
        0, 25, 0, 41, 0, 0, 0, 7, 0, 0, 0, 10, 0, 0, 0, 20, // IA_PD
        0, 26, 0, 25, 0, 0, 0, 30, 0, 0, 0, 40, 56,         // IAPREFIX
        0x20, 1, 0xd, 0xb8, 0x80, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, // with bits beyond 56
        0, 24, 0, 13, 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'n', 'e', 't', 0};
    // clang-format on
    struct dhcp6 m;
    assert_true(dhcp6_read(at, sizeof at, &m));
    assert_int_equal(m.type, DHCP6_REPLY);
    assert_true(m.pd.there && m.pd.iaid == 7 && m.pd.t1 == 10 && m.pd.t2 == 20 && m.pd.count == 1);
    assert_true(m.pd.leases[0].address == PREFIX && m.pd.leases[0].length == 56 &&
                m.pd.leases[0].preferred == 30 && m.pd.leases[0].valid == 40);
    assert_int_equal(m.name_count, 1);
    assert_string_equal(m.names[0], "example.net");
}

static bool lends(const uint8_t *excluded, size_t length, struct dhcp6_lease *ret)
{
    uint8_t at[64] = {7, 0, 0, 1, 0, 25, 0, 0};
    struct dhcp6 m;
    store16(at + 6, (uint16_t)(12 + 29 + length));
    store16(at + 20, 26);
    store16(at + 22, (uint16_t)(25 + length));
    store32(at + 28, 40);
    at[32] = 56;
    store128(at + 33, PREFIX);
    memcpy(at + 49, excluded, length);
    if (!dhcp6_read(at, 49 + length, &m) || m.pd.count == 0)
        return false;
    *ret = m.pd.leases[0];
    return true;
}

// RFC 6603, 4.2: between the lengths, from the left, as many bytes as that takes.
static void test_excluded(void **state)
{
    static const uint8_t whole[] = {0, 67, 0, 2, 64, 0xff}, odd[] = {0, 67, 0, 2, 59, 0xbf},
                         shorter[] = {0, 67, 0, 1, 64}, longer[] = {0, 67, 0, 3, 64, 1, 2},
                         same[] = {0, 67, 0, 2, 56, 0}, beyond[] = {0, 67, 0, 2, 129, 0};
    struct dhcp6_lease l;
    (void)state;
    assert_true(lends(whole, sizeof whole, &l));
    assert_true(l.excluded == (PREFIX | (u128)0xff << 64) && l.excluded_length == 64);
    assert_true(lends(odd, sizeof odd, &l));
    assert_true(l.excluded == (PREFIX | (u128)0xa0 << 64) && l.excluded_length == 59);
    assert_false(lends(shorter, sizeof shorter, &l));
    assert_false(lends(longer, sizeof longer, &l));
    assert_false(lends(same, sizeof same, &l));
    assert_false(lends(beyond, sizeof beyond, &l));
}

static void test_inform(void **state)
{
    static const uint8_t wants[] = {11, 0, 0, 9, 0, 6, 0, 4, 0, 24, 0, 32},
                         temporary[] = {11, 0, 0, 9, 0, 4, 0, 4, 0, 0, 0, 1};
    struct dhcp6 m, got, offered = {.server = server, .refresh = 700};
    (void)state;
    begin(false, 1);
    struct dhcp6 settings = answer(DHCP6_REPLY, &server);
    memcpy(offered.names, settings.names, sizeof offered.names);
    offered.name_count = offered.resolver_count = 1;
    assert_true(dhcp6_read(wants, sizeof wants, &m));
    assert_true(dhcp6_inform(&m, &offered, &got));
    assert_true(got.type == DHCP6_REPLY && got.xid == 9 && dhcp6_same_id(&got.server, &server) &&
                got.client.length == 0 && got.resolver_count == 0 && got.name_count == 1 &&
                got.refresh == 700);
    m.client = stranger;
    m.server = server;
    assert_true(dhcp6_inform(&m, &offered, &got) && dhcp6_same_id(&got.client, &stranger));
    m.server = stranger;
    assert_false(dhcp6_inform(&m, &offered, &got));
    assert_true(dhcp6_read(temporary, sizeof temporary, &m));
    assert_false(dhcp6_inform(&m, &offered, &got));
    m = settings;
    assert_false(dhcp6_inform(&m, &offered, &got));
}

static void test_senseless_leases(void **state)
{
    (void)state;
    bind_client();
    struct dhcp6 m = answer(DHCP6_REPLY, &server), got;
    uint8_t at[DHCP6_PACKET_MAX];
    m.pd.leases[0].preferred = 500; // longer than valid
    m.na.t1 = 300;                  // later than T2
    assert_true(dhcp6_read(at, dhcp6_write(&m, at), &got));
    assert_int_equal(got.pd.count, 0);
    assert_false(got.na.there);
}

static void test_four_messages(void **state)
{
    (void)state;
    begin(false, 3);
    assert_true(turn(now + 1000));
    assert_true(out.type == DHCP6_SOLICIT && out.asks && !out.rapid && out.elapsed == 0);
    assert_true(out.pd.there && out.pd.count == 1 && out.pd.leases[0].length == 56 && out.na.there);
    struct dhcp6 m = answer(DHCP6_ADVERTISE, &stranger);
    give(&m);
    m = answer(DHCP6_ADVERTISE, &server);
    m.preference = 10; // better than the stranger's
    give(&m);
    m = answer(DHCP6_ADVERTISE, &stranger);
    m.na.count = m.pd.count = 0; // nothing to lend: ignored
    m.preference = 255;
    give(&m);
    int64_t before = now;
    assert_true(turn(now + 1200) && out.type == DHCP6_REQUEST);
    assert_true(now > before + 1000); // adverts are collected for longer than a second
    assert_true(dhcp6_same_id(&out.server, &server) && out.pd.leases[0].address == PREFIX);
    m = answer(DHCP6_REPLY, &stranger);
    assert_false(give(&m)); // who was not asked
    m = answer(DHCP6_REPLY, &server);
    m.xid ^= 1;
    assert_false(give(&m)); // to another question
    m = answer(DHCP6_REPLY, &server);
    m.client.bytes[9] ^= 1;
    assert_false(give(&m)); // to somebody else
    m = answer(DHCP6_REPLY, &server);
    m.server.length = 0;
    assert_false(give(&m)); // from nobody
    m = answer(DHCP6_REPLY, &server);
    assert_true(give(&m));
    assert_true(client.state == DHCP6_BOUND && client.prefix_count == 1 &&
                client.address_count == 1 && client.settings.resolver_count == 1);
    assert_int_equal(dhcp6_client_due(&client), now + 100000);
}

static void test_preference_255_and_rapid(void **state)
{
    (void)state;
    begin(false, 4);
    assert_true(turn(now + 1000));
    struct dhcp6 m = answer(DHCP6_ADVERTISE, &server);
    m.preference = 255;
    give(&m);
    assert_true(turn(now) && out.type == DHCP6_REQUEST); // at once
    begin(true, 4);
    assert_true(turn(now + 1000) && out.rapid);
    m = answer(DHCP6_REPLY, &server);
    assert_false(give(&m)); // without the option
    m.rapid = true;
    assert_true(give(&m));
    assert_int_equal(client.state, DHCP6_BOUND);
    begin(false, 4);
    assert_true(turn(now + 1000) && !out.rapid);
    m = answer(DHCP6_REPLY, &server);
    m.rapid = true;
    assert_false(give(&m)); // it was not asked for
}

// RFC 8415 15: each wait is twice the one before, a tenth more or less, up to the longest.
static void test_waits(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 50; seed++) {
        begin(false, seed);
        int64_t start = now;
        assert_true(turn(now + 1000));
        assert_in_range(now - start, 0, 1000);
        int64_t last = now, wait = 0;
        for (int i = 0; i < 20; i++) {
            assert_true(turn(now + 4000000));
            int64_t gap = now - last;
            if (i == 0)
                assert_in_range(gap, 1001, 1100);
            else if (2 * wait < 3240000)
                assert_in_range(gap, wait * 19 / 10 - 1, wait * 21 / 10 + 1);
            else
                assert_in_range(gap, wait < 3240000 ? 3240000 : 3200000, 3960000);
            wait = gap;
            last = now;
        }
        assert_int_equal(out.elapsed, 0xffff);
    }
    begin(false, 1); // SOL_MAX_RT as the server says, even in a refusal
    assert_true(turn(now + 1000));
    struct dhcp6 m = answer(DHCP6_ADVERTISE, &server);
    m.solicit_max = 60;
    m.status = DHCP6_UNSPECIFIED;
    give(&m);
    for (int i = 0; i < 12; i++)
        assert_true(turn(now + 66001) && out.type == DHCP6_SOLICIT);
}

static void test_request_gives_up(void **state)
{
    (void)state;
    begin(false, 5);
    assert_true(turn(now + 1000));
    struct dhcp6 m = answer(DHCP6_ADVERTISE, &server);
    give(&m);
    int requests = 0;
    while (turn(now + 40000) && out.type == DHCP6_REQUEST)
        requests++;
    assert_int_equal(requests, 10); // REQ_MAX_RC
    assert_int_equal(out.type, DHCP6_SOLICIT);
}

static void test_renew_rebind_expire(void **state)
{
    (void)state;
    bind_client();
    int64_t bound = now;
    assert_true(turn(bound + 100000) && out.type == DHCP6_RENEW);
    assert_true(dhcp6_same_id(&out.server, &server) && out.pd.leases[0].address == PREFIX &&
                out.na.leases[0].address == ADDRESS);
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    assert_true(give(&m));
    bound = now;
    while (turn(bound + 199999))
        assert_int_equal(out.type, DHCP6_RENEW);
    assert_true(turn(bound + 200000) && out.type == DHCP6_REBIND);
    assert_int_equal(out.server.length, 0); // anybody
    m = answer(DHCP6_REPLY, &stranger);
    assert_true(give(&m) && dhcp6_same_id(&client.server, &stranger));
    bound = now;
    while (turn(bound + 399999) || client.state != DHCP6_REBINDING)
        ;
    assert_int_equal(client.prefix_count, 1);
    assert_true(turn(bound + 402000) && out.type == DHCP6_SOLICIT);
    assert_int_equal(client.prefix_count + client.address_count, 0);
}

static void test_renumbered(void **state)
{
    (void)state;
    bind_client();
    assert_true(turn(now + 100000) && out.type == DHCP6_RENEW);
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    m.pd.leases[0] = (struct dhcp6_lease){PREFIX, 56, 0, 0};
    m.pd.leases[m.pd.count++] = (struct dhcp6_lease){OTHER, 56, 300, 400};
    assert_true(give(&m));
    assert_int_equal(client.prefix_count, 1);
    assert_true(client.prefixes[0].lease.address == OTHER);
    assert_true(turn(now + 100000) && out.type == DHCP6_RENEW);
    m = answer(DHCP6_REPLY, &server);
    m.pd.count = 0;
    m.pd.status = DHCP6_NO_BINDING; // the server has forgotten: a Request, for all
    give(&m);
    assert_true(turn(now) && out.type == DHCP6_REQUEST && dhcp6_same_id(&out.server, &server));
    assert_true(out.pd.leases[0].address == OTHER && out.na.leases[0].address == ADDRESS);
}

static void test_line_was_gone(void **state)
{
    (void)state;
    bind_client();
    dhcp6_client_verify(&client, now);
    assert_true(turn(now + 1000) && out.type == DHCP6_REBIND && out.pd.count == 1);
    int64_t first = now;
    while (turn(first + 20000) && out.type == DHCP6_REBIND)
        ;
    assert_true(client.state == DHCP6_BOUND && client.prefix_count == 1); // nobody says no
    client.prefix_count = 0;
    dhcp6_client_verify(&client, now);
    assert_true(turn(now + 1000) && out.type == DHCP6_CONFIRM && !out.pd.there && !out.asks);
    struct dhcp6 m = answer(DHCP6_REPLY, &stranger);
    m.status = DHCP6_NOT_ON_LINK;
    assert_true(give(&m));
    assert_true(client.state == DHCP6_SOLICITING && client.address_count == 0);
}

static void test_decline(void **state)
{
    (void)state;
    bind_client();
    assert_false(dhcp6_client_decline(&client, now, ADDRESS + 1));
    assert_true(dhcp6_client_decline(&client, now, ADDRESS));
    assert_true(turn(now) && out.type == DHCP6_DECLINE && out.na.count == 1 && !out.pd.there &&
                out.na.leases[0].address == ADDRESS && dhcp6_same_id(&out.server, &server));
    assert_true(client.address_count == 0 && client.prefix_count == 1);
    struct dhcp6 m = {
        .type = DHCP6_REPLY, .xid = out.xid, .client = out.client, .server = stranger};
    (void)give(&m);
    assert_int_equal(client.state, DHCP6_DECLINING);
    m.server = server;
    (void)give(&m);
    assert_int_equal(client.state, DHCP6_BOUND);
    assert_true(turn(now + 11000) && out.type == DHCP6_RENEW && out.na.there && out.na.count == 0 &&
                out.pd.count == 1);
}

// Nobody answers; and nothing else was lent.
static void test_decline_alone(void **state)
{
    (void)state;
    bind_client();
    client.prefix_count = 0;
    assert_true(dhcp6_client_decline(&client, now, ADDRESS));
    for (int i = 0; i < 4; i++)
        assert_true(turn(now + 20000) && out.type == DHCP6_DECLINE);
    assert_true(turn(now + 60000) && out.type == DHCP6_SOLICIT);
}

static void test_release(void **state)
{
    (void)state;
    bind_client();
    dhcp6_client_release(&client, now);
    int sent = 0;
    while (turn(now + 20000)) {
        assert_true(out.type == DHCP6_RELEASE && out.pd.count == 1 && !out.asks);
        sent++;
    }
    assert_true(sent == 4 && client.state == DHCP6_STOPPED); // REL_MAX_RC
    bind_client();
    dhcp6_client_release(&client, now);
    assert_true(turn(now));
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    m.status = DHCP6_NO_BINDING; // is no error here
    give(&m);
    assert_int_equal(client.state, DHCP6_STOPPED);
}

// T1 and T2 are left to us: a half and four fifths; and without end there is nothing to renew.
static void test_times_of_our_own(void **state)
{
    (void)state;
    bind_client();
    assert_true(turn(now + 100000));
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    m.na.t1 = m.na.t2 = m.pd.t1 = m.pd.t2 = 0;
    m.pd.leases[0].preferred = 200;
    assert_true(give(&m));
    assert_true(client.t1 == now + 100000 && client.t2 == now + 160000);
    assert_true(turn(client.t1));
    m = answer(DHCP6_REPLY, &server);
    m.na.there = false;
    m.pd.t1 = m.pd.t2 = 0;
    m.pd.leases[0].preferred = m.pd.leases[0].valid = DHCP6_FOREVER;
    client.address_count = 0;
    assert_true(give(&m));
    assert_true(dhcp6_client_due(&client) == DHCP6_NEVER);
}

// While a provider renumbers: what is deprecated is no reason to ask every second.
static void test_deprecated(void **state)
{
    (void)state;
    bind_client();
    assert_true(turn(now + 100000));
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    m.na.t1 = m.na.t2 = m.pd.t1 = m.pd.t2 = 0;
    m.pd.leases[0].preferred = 0;
    m.pd.leases[m.pd.count++] = (struct dhcp6_lease){OTHER, 56, 200, 400};
    assert_true(give(&m));
    assert_int_equal(client.prefix_count, 2);
    assert_true(client.t1 == now + 100000 && client.t2 == now + 160000);
    assert_true(turn(client.t1));
    m = answer(DHCP6_REPLY, &server);
    m.na.t1 = m.na.t2 = m.pd.t1 = m.pd.t2 = 0;
    m.na.leases[0].preferred = m.pd.leases[0].preferred = 0; // all of it: by what is valid
    assert_true(give(&m));
    assert_true(client.t1 == now + 200000 && client.t2 == now + 320000);
}

// A reply that does not extend what is held: it stays, and is asked for again before it ends.
static void test_not_extended(void **state)
{
    (void)state;
    bind_client();
    assert_true(turn(now + 100000) && out.type == DHCP6_RENEW);
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    m.na.t1 = m.na.t2 = 1000;
    m.na.leases[0].preferred = m.na.leases[0].valid = 2000;
    m.pd.count = 0;
    m.pd.status = DHCP6_NO_PREFIXES;
    assert_true(give(&m));
    assert_int_equal(client.prefix_count, 1);
    int64_t end = client.prefixes[0].valid_end;
    assert_true(client.t1 == now + (end - now) / 2000 * 1000);
    assert_true(turn(end) && out.type == DHCP6_RENEW && out.pd.count == 1);
    m = answer(DHCP6_REPLY, &server);
    m.na.count = m.pd.count = 0;
    assert_true(give(&m));
    assert_true(turn(end) && out.type == DHCP6_RENEW);
}

static const uint8_t key[DHCP6_KEY_SIZE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// Digested by Python's hmac.
static void test_key(void **state)
{
    // clang-format off
    uint8_t at[] = {
        10, 0, 0, 0, // Reconfigure
        0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 9,
        0, 2, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 1,
        0, 19, 0, 1, 5,
        0, 11, 0, 28, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9, 2,
        0xba, 0x3c, 0xdb, 0x41, 0x26, 0xec, 0xe5, 0xb3, 0x9a, 0x03, 0x3a, 0x39, 0x9a, 0x4f, 0x61, 0xe1};
    // clang-format on
    struct dhcp6 m;
    (void)state;
    assert_true(dhcp6_read(at, sizeof at, &m));
    assert_true(m.type == DHCP6_RECONFIGURE && m.reconfigure == DHCP6_RENEW && m.key.replay == 9 &&
                m.key.kind == DHCP6_KEY_DIGEST && m.key.at == sizeof at - DHCP6_KEY_SIZE);
    assert_true(dhcp6_authentic(at, sizeof at, &m, key));
    for (size_t i = 0; i < sizeof at; i++) { // whatever is another is not by the key
        at[i] ^= 1;
        if (dhcp6_read(at, sizeof at, &m))
            assert_false(dhcp6_authentic(at, sizeof at, &m, key));
        at[i] ^= 1;
    }
    at[42] = 2; // another protocol's: none
    assert_true(dhcp6_read(at, sizeof at, &m) && m.key.kind == DHCP6_KEY_NONE);
    uint8_t two[sizeof at + 32];
    memcpy(two, at, sizeof at);
    memcpy(two + sizeof at, at + sizeof at - 32, 32);
    assert_false(dhcp6_read(two, sizeof two, &m));
}

// A Reconfigure with the digest that this key makes.
static bool reconfigure(const struct dhcp6_id *from, enum dhcp6_type wanted, uint64_t replay,
                        const uint8_t with[DHCP6_KEY_SIZE])
{
    struct dhcp6 m = {.type = DHCP6_RECONFIGURE,
                      .client = client.config.id,
                      .server = *from,
                      .reconfigure = wanted,
                      .key = {.kind = DHCP6_KEY_DIGEST, .replay = replay}};
    uint8_t at[DHCP6_PACKET_MAX];
    size_t length = dhcp6_write(&m, at);
    assert_true(dhcp6_read(at, length, &m));
    HMAC(EVP_md5(), with, DHCP6_KEY_SIZE, at, length, m.key.value, NULL);
    enum dhcp6_state before = client.state;
    assert_false(give(&m));
    return client.state != before || client.reconfigured;
}

static void bind_with_key(uint64_t replay)
{
    begin(false, 1);
    assert_true(turn(now + 1000) && out.reconfigurable);
    struct dhcp6 m = answer(DHCP6_ADVERTISE, &server);
    assert_false(give(&m));
    assert_true(turn(now + 2000) && out.type == DHCP6_REQUEST && out.reconfigurable);
    m = answer(DHCP6_REPLY, &server);
    m.reconfigurable = true;
    m.key = (struct dhcp6_key){.kind = DHCP6_KEY_ITSELF, .replay = replay};
    memcpy(m.key.value, key, sizeof key);
    assert_true(give(&m));
}

static void test_reconfigured(void **state)
{
    static const uint8_t other[DHCP6_KEY_SIZE] = {1};
    (void)state;
    bind_with_key(7);
    assert_false(reconfigure(&server, DHCP6_RENEW, 8, other));
    assert_false(reconfigure(&server, DHCP6_RENEW, 7, key)); // heard already
    assert_false(reconfigure(&stranger, DHCP6_RENEW, 8, key));
    assert_false(reconfigure(&server, DHCP6_SOLICIT, 8, key));
    assert_true(reconfigure(&server, DHCP6_RENEW, 8, key));
    assert_true(turn(now) && out.type == DHCP6_RENEW && dhcp6_same_id(&out.server, &server) &&
                out.pd.count == 1);
    uint32_t xid = client.xid;
    (void)reconfigure(&server, DHCP6_REBIND, 9, key); // not while one is answered
    assert_true(client.xid == xid && client.state == DHCP6_RENEWING);
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    m.pd.leases[0].address = OTHER;
    assert_true(give(&m));
    assert_int_equal(client.prefix_count, 2);
    assert_false(reconfigure(&server, DHCP6_RENEW, 8, key)); // the same once more
    assert_true(reconfigure(&server, DHCP6_REBIND, 9, key));
    assert_true(turn(now) && out.type == DHCP6_REBIND && out.server.length == 0);
    m = answer(DHCP6_REPLY, &stranger); // who has given no key
    assert_true(give(&m));
    assert_false(reconfigure(&stranger, DHCP6_RENEW, 10, key));
}

static void test_informed(void **state)
{
    (void)state;
    bind_with_key(UINT64_C(1) << 40);
    assert_true(reconfigure(&server, DHCP6_INFORMATION, (UINT64_C(1) << 40) + 1, key));
    assert_true(turn(now + 1000) && out.type == DHCP6_INFORMATION && !out.has_ia && out.asks);
    assert_true(out.wanted == (DHCP6_WANTS_RESOLVERS | DHCP6_WANTS_NAMES | DHCP6_WANTS_REFRESH) &&
                dhcp6_same_id(&out.server, &server));
    assert_true(turn(now + 1100) && out.type == DHCP6_INFORMATION);
    struct dhcp6 m = {.type = DHCP6_REPLY,
                      .xid = out.xid,
                      .client = out.client,
                      .server = server,
                      .resolvers = {OTHER},
                      .resolver_count = 1};
    assert_true(give(&m));
    assert_true(client.state == DHCP6_BOUND && client.settings.resolvers[0] == OTHER &&
                client.settings.name_count == 0 && client.prefix_count == 1);
    int64_t first = client.t1;
    assert_true(reconfigure(&server, DHCP6_INFORMATION, (UINT64_C(1) << 40) + 2, key));
    while (turn(first) && out.type == DHCP6_INFORMATION) // nobody answers: leases go on
        ;
    assert_true(now == first && out.type == DHCP6_RENEW);
}

// No key, or not willing: nothing is believed.
static void test_not_reconfigured(void **state)
{
    static const uint8_t nothing[DHCP6_KEY_SIZE] = {0};
    (void)state;
    bind_client();
    assert_false(reconfigure(&server, DHCP6_RENEW, 8, nothing));
    assert_true(turn(now + 100000) && out.type == DHCP6_RENEW);
    struct dhcp6 m = answer(DHCP6_REPLY, &server);
    m.key = (struct dhcp6_key){.kind = DHCP6_KEY_ITSELF};
    memcpy(m.key.value, key, sizeof key);
    assert_true(give(&m)); // a key, but not said to be of use
    assert_false(reconfigure(&server, DHCP6_RENEW, 8, key));
    bind_with_key(7);
    assert_true(reconfigure(&server, DHCP6_RENEW, 8, key) && turn(now));
    m = answer(DHCP6_REPLY, &server);
    m.reconfigurable = true;
    m.key = (struct dhcp6_key){.kind = DHCP6_KEY_ITSELF, .replay = 1};
    memcpy(m.key.value, key, sizeof key);
    assert_true(give(&m));
    assert_false(reconfigure(&server, DHCP6_RENEW, 8, key)); // nor is an old one new by that
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_excluded),
        cmocka_unit_test(test_inform),
        cmocka_unit_test(test_senseless_leases),
        cmocka_unit_test(test_four_messages),
        cmocka_unit_test(test_preference_255_and_rapid),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_request_gives_up),
        cmocka_unit_test(test_renew_rebind_expire),
        cmocka_unit_test(test_renumbered),
        cmocka_unit_test(test_line_was_gone),
        cmocka_unit_test(test_decline),
        cmocka_unit_test(test_decline_alone),
        cmocka_unit_test(test_release),
        cmocka_unit_test(test_times_of_our_own),
        cmocka_unit_test(test_deprecated),
        cmocka_unit_test(test_not_extended),
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_reconfigured),
        cmocka_unit_test(test_informed),
        cmocka_unit_test(test_not_reconfigured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
