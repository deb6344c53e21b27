// SPDX-License-Identifier: Apache-2.0

#include "packet/dhcp.h"

#include "base/cursor.h"

#define BOOT_REQUEST 1
#define BOOT_REPLY   2
#define ETHERNET     1
#define MAC_LENGTH   6
#define SNAME        44
#define SNAME_LENGTH 64
#define FILE_NAME    108
#define FILE_LENGTH  128
#define COOKIE_AT    236
#define COOKIE       0x63825363
#define HEADER       240
#define BROADCAST    0x8000
#define UDP_HEADER   8
#define BOOTP_LEAST  300 // RFC 951: what old relays and clients expect

#define OPTION_PAD      0
#define OPTION_MASK     1
#define OPTION_ROUTER   3
#define OPTION_DNS      6
#define OPTION_ADDRESS  50
#define OPTION_LEASE    51
#define OPTION_OVERLOAD 52
#define OPTION_TYPE     53
#define OPTION_SERVER   54
#define OPTION_LIST     55
#define OPTION_RENEW    58
#define OPTION_REBIND   59
#define OPTION_ID       61
#define OPTION_V6ONLY   108
#define OPTION_END      255

static bool number_option(uint8_t code, struct cursor c, uint32_t *ret)
{
    uint32_t value = cursor_u32(&c);
    if (c.failed || (c.left > 0 && code != OPTION_ROUTER))
        return false;
    *ret = value;
    return true;
}

static void read_list(struct cursor c, struct dhcp *m)
{
    while (c.left > 0)
        m->asks_v6only |= cursor_u8(&c) == OPTION_V6ONLY;
}

static void read_resolvers(struct cursor c, struct dhcp *m)
{
    while (c.left >= 4 && m->resolver_count < DHCP_RESOLVERS_MAX)
        m->resolvers[m->resolver_count++] = cursor_u32(&c);
}

static bool read_id(struct cursor c, struct dhcp *m)
{
    size_t length = c.left;
    const uint8_t *at = cursor_take(&c, length);
    if (length < 2 || length > DHCP_ID_MAX)
        return false;
    memcpy(m->id, at, length);
    m->id_length = length;
    return true;
}

static bool read_option(uint8_t code, struct cursor c, struct dhcp *m, uint8_t *overload)
{
    switch (code) {
    case OPTION_TYPE:
        m->type = (enum dhcp_type)cursor_u8(&c);
        return !c.failed && c.left == 0 && m->type >= DHCP_DISCOVER && m->type <= DHCP_INFORM;
    case OPTION_OVERLOAD:
        *overload = cursor_u8(&c);
        return !c.failed;
    case OPTION_LIST:
        read_list(c, m);
        return true;
    case OPTION_DNS:
        read_resolvers(c, m);
        return true;
    case OPTION_ID:
        return read_id(c, m);
    case OPTION_V6ONLY: // of a wrong length it counts as absent (RFC 8925, 3.1)
        m->has_v6only |= number_option(code, c, &m->v6only);
        return true;
    case OPTION_ADDRESS:
        return number_option(code, c, &m->requested);
    case OPTION_LEASE:
        return number_option(code, c, &m->lease);
    case OPTION_RENEW:
        return number_option(code, c, &m->renew);
    case OPTION_REBIND:
        return number_option(code, c, &m->rebind);
    case OPTION_SERVER:
        return number_option(code, c, &m->server);
    case OPTION_MASK:
        return number_option(code, c, &m->mask);
    case OPTION_ROUTER:
        return number_option(code, c, &m->router);
    default:
        return true;
    }
}

static bool read_options(struct cursor c, struct dhcp *m, uint8_t *overload)
{
    while (c.left > 0) {
        uint8_t code = cursor_u8(&c);
        if (code == OPTION_END)
            return true;
        if (code == OPTION_PAD)
            continue;
        struct cursor value = cursor_cut(&c, cursor_u8(&c));
        if (c.failed || !read_option(code, value, m, overload))
            return false;
    }
    return true; // without an end: RFC 2131 wants one, but old clients have none
}

bool dhcp_read(const uint8_t *at, size_t length, struct dhcp *ret)
{
    struct dhcp m = {0};
    uint8_t overload = 0, ignored = 0;
    if (length < HEADER || load32(at + COOKIE_AT) != COOKIE || at[1] != ETHERNET ||
        at[2] != MAC_LENGTH || (at[0] != BOOT_REQUEST && at[0] != BOOT_REPLY))
        return false;
    m.reply = at[0] == BOOT_REPLY;
    m.xid = load32(at + 4);
    m.broadcast = load16(at + 10) & BROADCAST;
    m.client = load32(at + 12);
    m.yours = load32(at + 16);
    m.relay = load32(at + 24);
    memcpy(m.mac, at + 28, sizeof m.mac);
    if (!read_options(cursor_of(at + HEADER, length - HEADER), &m, &overload) ||
        (overload & 1 && !read_options(cursor_of(at + FILE_NAME, FILE_LENGTH), &m, &ignored)) ||
        (overload & 2 && !read_options(cursor_of(at + SNAME, SNAME_LENGTH), &m, &ignored)) ||
        m.type == 0)
        return false;
    *ret = m;
    return true;
}

static uint8_t *put(uint8_t *at, uint8_t code, const void *bytes, size_t length)
{
    at[0] = code;
    at[1] = (uint8_t)length;
    memcpy(at + 2, bytes, length);
    return at + 2 + length;
}

static uint8_t *put_number(uint8_t *at, uint8_t code, uint32_t value)
{
    uint8_t bytes[4];
    store32(bytes, value);
    return value ? put(at, code, bytes, sizeof bytes) : at;
}

static uint8_t *put_resolvers(uint8_t *at, const struct dhcp *m)
{
    uint8_t bytes[4 * DHCP_RESOLVERS_MAX];
    for (size_t i = 0; i < m->resolver_count; i++)
        store32(bytes + 4 * i, m->resolvers[i]);
    return m->resolver_count ? put(at, OPTION_DNS, bytes, 4 * m->resolver_count) : at;
}

static uint8_t *put_options(uint8_t *at, const struct dhcp *m)
{
    static const uint8_t wanted[] = {OPTION_MASK, OPTION_ROUTER, OPTION_DNS, OPTION_LEASE,
                                     OPTION_V6ONLY};
    const uint8_t type = (uint8_t)m->type;
    uint8_t wait[4];
    store32(wait, m->v6only);
    at = put(at, OPTION_TYPE, &type, 1);
    if (m->id_length)
        at = put(at, OPTION_ID, m->id, m->id_length);
    at = put_number(at, OPTION_ADDRESS, m->requested);
    at = put_number(at, OPTION_SERVER, m->server);
    at = put_number(at, OPTION_LEASE, m->lease);
    at = put_number(at, OPTION_RENEW, m->renew);
    at = put_number(at, OPTION_REBIND, m->rebind);
    at = put_number(at, OPTION_MASK, m->mask);
    at = put_number(at, OPTION_ROUTER, m->router);
    at = put_resolvers(at, m);
    if (m->has_v6only)
        at = put(at, OPTION_V6ONLY, wait, sizeof wait);
    if (!m->reply && (m->type == DHCP_DISCOVER || m->type == DHCP_REQUEST))
        at = put(at, OPTION_LIST, wanted, sizeof wanted - !m->asks_v6only);
    *at++ = OPTION_END;
    return at;
}

size_t dhcp_write(const struct dhcp *m, uint32_t source, uint32_t destination, uint8_t *at)
{
    uint8_t *udp = at + IPV4_HEADER, *boot = udp + UDP_HEADER;
    memset(at, 0, DHCP_PACKET_MAX);
    boot[0] = m->reply ? BOOT_REPLY : BOOT_REQUEST;
    boot[1] = ETHERNET;
    boot[2] = MAC_LENGTH;
    store32(boot + 4, m->xid);
    store16(boot + 10, m->broadcast ? BROADCAST : 0);
    store32(boot + 12, m->client);
    store32(boot + 16, m->yours);
    store32(boot + 24, m->relay);
    memcpy(boot + 28, m->mac, sizeof m->mac);
    store32(boot + COOKIE_AT, COOKIE);
    size_t length = (size_t)(put_options(boot + HEADER, m) - boot);
    length = UDP_HEADER + (length < BOOTP_LEAST ? BOOTP_LEAST : length);
    store16(udp, m->reply ? DHCP_SERVER_PORT : DHCP_CLIENT_PORT);
    store16(udp + 2, m->reply ? DHCP_CLIENT_PORT : DHCP_SERVER_PORT);
    store16(udp + 4, (uint16_t)length);
    uint32_t sum = sum_pseudo(FAMILY_IPV4, source, destination, PROTOCOL_UDP, (uint32_t)length);
    uint16_t checksum = (uint16_t)~sum_bytes(udp, length, sum);
    store16(udp + 6, checksum ? checksum : 0xffff);
    const struct ip ip = {.family = FAMILY_IPV4,
                          .source = source,
                          .destination = destination,
                          .hop_limit = 64,
                          .protocol = PROTOCOL_UDP};
    ipv4_write(at, &ip, IPV4_HEADER + length);
    return IPV4_HEADER + length;
}

bool dhcp_packet_read(const uint8_t *at, size_t length, uint16_t port, struct dhcp *ret,
                      uint32_t *ret_source)
{
    struct ip ip;
    if (ip_read(at, length, 0, &ip) != IP_FINE || ip.family != FAMILY_IPV4 ||
        ip.protocol != PROTOCOL_UDP || ip.fragment || ip.end - ip.upper < UDP_HEADER ||
        load16(at + ip.upper + 2) != port)
        return false;
    size_t stated = load16(at + ip.upper + 4), has = ip.end - ip.upper;
    if (stated < UDP_HEADER || stated > has ||
        !dhcp_read(at + ip.upper + UDP_HEADER, stated - UDP_HEADER, ret))
        return false;
    *ret_source = (uint32_t)ip.source;
    return true;
}

void dhcp_times(const struct dhcp *lease, uint32_t *ret_renew, uint32_t *ret_rebind)
{
    uint32_t rebind = lease->rebind ? lease->rebind : (uint32_t)(lease->lease * UINT64_C(7) / 8);
    uint32_t renew = lease->renew ? lease->renew : lease->lease / 2;
    bool said = renew <= rebind && rebind <= lease->lease;
    *ret_renew = said ? renew : lease->lease / 2;
    *ret_rebind = said ? rebind : (uint32_t)(lease->lease * UINT64_C(7) / 8);
}
