// SPDX-License-Identifier: Apache-2.0
//
// DHCPv6: any message, read and written again; and several of them, each behind its length of two
// bytes, to a client that believes that they are for it, while hours pass: it never asks to be
// asked again at once, and never uses what has ended. And as a question to a server that lends
// nothing: what it answers can be read, and is for who asked. No Reconfigure is answered twice.

#include "packet/dhcp6_client.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void there_and_back(const uint8_t *data, size_t size)
{
    struct dhcp6 m, again;
    uint8_t at[DHCP6_PACKET_MAX], twice[DHCP6_PACKET_MAX];
    if (!dhcp6_read(data, size, &m))
        return;
    size_t length = dhcp6_write(&m, at);
    if (length == 0) // what came in may be larger than what goes out
        return;
    if (!dhcp6_read(at, length, &again)) // a name with a dot in a label is another name
        expect(m.name_count > 0);
    else if (m.name_count == 0)
        expect(dhcp6_write(&again, twice) == length && memcmp(at, twice, length) == 0);
}

static void answered(const uint8_t *data, size_t size)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
    const struct dhcp6 offered = {.server = dhcp6_id_of_mac(mac),
                                  .resolvers = {1, 2, 3, 4},
                                  .resolver_count = DHCP6_RESOLVERS_MAX,
                                  .names = {"example.net"},
                                  .name_count = 1,
                                  .refresh = DHCP6_REFRESH_LEAST};
    struct dhcp6 m, answer, again;
    uint8_t at[DHCP6_PACKET_MAX];
    if (!dhcp6_read(data, size, &m) || !dhcp6_inform(&m, &offered, &answer))
        return;
    size_t length = dhcp6_write(&answer, at);
    expect(m.type == DHCP6_INFORMATION && !m.has_ia && dhcp6_read(at, length, &again) &&
           again.xid == m.xid && dhcp6_same_id(&again.client, &m.client) && !again.has_ia &&
           dhcp6_same_id(&again.server, &offered.server));
}

static void excluded_is_fine(const struct dhcp6_lease *l)
{
    if (l->excluded_length)
        expect(l->excluded_length > l->length && l->excluded_length <= 128 &&
               (l->length == 0 || (l->excluded ^ l->address) >> (128 - l->length) == 0));
}

static void held_is_fine(const struct dhcp6_held *held, size_t count, int64_t now)
{
    expect(count <= DHCP6_LEASES_MAX);
    for (size_t i = 0; i < count; i++) {
        expect(held[i].valid_end > now && held[i].preferred_end <= held[i].valid_end &&
               held[i].lease.length <= 128);
        excluded_is_fine(&held[i].lease);
    }
}

static void sign(const struct dhcp6_client *c, uint8_t *at, size_t length)
{
    struct dhcp6 m;
    expect(dhcp6_read(at, length, &m));
    memset(at + m.key.at, 0, DHCP6_KEY_SIZE);
    expect(HMAC(EVP_md5(), c->key.value, DHCP6_KEY_SIZE, at, length, m.key.value, NULL) != NULL);
    memcpy(at + m.key.at, m.key.value, DHCP6_KEY_SIZE);
    expect(dhcp6_authentic(at, length, &m, c->key.value));
}

// Lets a message that a fuzzer cannot know be for this client: transaction, client, server, digest.
static size_t address_to(const struct dhcp6_client *c, const uint8_t *data, size_t size,
                         uint8_t *at)
{
    struct dhcp6 m;
    if (!dhcp6_read(data, size, &m))
        return 0;
    m.xid = c->xid;
    m.client = c->config.id;
    if (c->server.length)
        m.server = c->server;
    m.na.iaid = m.pd.iaid = c->config.iaid;
    size_t length = dhcp6_write(&m, at);
    if (length && m.name_count == 0 && m.key.kind == DHCP6_KEY_DIGEST)
        sign(c, at, length);
    return length;
}

static int64_t run_turns(struct dhcp6_client *c, int64_t now)
{
    uint8_t at[DHCP6_PACKET_MAX];
    bool changed;
    for (int i = 0; i < 8; i++) {
        int64_t due = dhcp6_client_due(c);
        if (due == DHCP6_NEVER)
            break;
        now = due > now ? due : now;
        size_t length = dhcp6_client_turn(c, now, at, &changed);
        expect(length > 0 || dhcp6_client_due(c) > now || i < 7);
        held_is_fine(c->addresses, c->address_count, now);
        held_is_fine(c->prefixes, c->prefix_count, now);
    }
    return now;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
    const struct dhcp6_client_config config = {
        .id = dhcp6_id_of_mac(mac), .iaid = 7, .address = true, .prefix = true, .rapid = size % 2};
    struct dhcp6_client c;
    uint8_t at[DHCP6_PACKET_MAX];
    int64_t now = 0;
    there_and_back(data, size);
    answered(data, size);
    dhcp6_client_begin(&c, &config, size, now);
    while (size >= 2) {
        size_t length = load16(data);
        length = length < size - 2 ? length : size - 2;
        now = run_turns(&c, now);
        if (c.address_count > 1) // one of several is another's
            (void)dhcp6_client_decline(&c, now, c.addresses[1].lease.address);
        size_t made = address_to(&c, data + 2, length, at);
        uint64_t replay = c.key.replay;
        bool answers = c.reconfigured;
        (void)dhcp6_client_receive(&c, now, at, made);
        expect(!c.reconfigured || answers || c.key.replay > replay);
        held_is_fine(c.addresses, c.address_count, now);
        held_is_fine(c.prefixes, c.prefix_count, now);
        data += 2 + length;
        size -= 2 + length;
    }
    (void)run_turns(&c, now);
    return 0;
}
