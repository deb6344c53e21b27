// SPDX-License-Identifier: Apache-2.0

#include "check/dns_message.h"

#include <stdio.h>
#include <string.h>

#define EDNS_VERSION 0
#define POINTER      0xc0

static const char *const rcodes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                     "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                     "NXRRSET", "NOTAUTH", "NOTZONE"};

const char *dns_rcode_name(unsigned rcode)
{
    if (rcode == DNS_RCODE_BADVERS)
        return "BADVERS";
    return rcode < sizeof rcodes / sizeof *rcodes ? rcodes[rcode] : "RCODE";
}

const char *dns_type_name(uint16_t type, char text[12])
{
    static const struct {
        uint16_t type;
        const char *name;
    } types[] = {
        {DNS_TYPE_A, "A"},           {DNS_TYPE_NS, "NS"},     {DNS_TYPE_CNAME, "CNAME"},
        {DNS_TYPE_SOA, "SOA"},       {DNS_TYPE_PTR, "PTR"},   {DNS_TYPE_MX, "MX"},
        {DNS_TYPE_TXT, "TXT"},       {DNS_TYPE_AAAA, "AAAA"}, {DNS_TYPE_DNAME, "DNAME"},
        {DNS_TYPE_OPT, "OPT"},       {DNS_TYPE_DS, "DS"},     {DNS_TYPE_RRSIG, "RRSIG"},
        {DNS_TYPE_DNSKEY, "DNSKEY"}, {DNS_TYPE_TLSA, "TLSA"}, {DNS_TYPE_CAA, "CAA"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].name;
    snprintf(text, 12, "TYPE%u", type);
    return text;
}

// ---- writing

static uint8_t *put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

size_t dns_asked_write(const struct dns_asked *a, uint8_t to[DNS_QUERY_MAX])
{
    uint8_t *at = put16(to, a->id);
    at = put16(at, (a->recursion ? 0x0100u : 0) | (a->unchecked ? 0x0010u : 0));
    at = put16(at, 1);
    at = put16(at, 0);
    at = put16(at, 0);
    at = put16(at, a->size ? 1 : 0);
    memcpy(at, a->name->at, a->name->length);
    at = put16(at + a->name->length, a->type);
    at = put16(at, DNS_CLASS_IN);
    if (a->size) {
        *at++ = 0;
        at = put16(at, DNS_TYPE_OPT);
        at = put16(at, a->size);
        at = put16(at, EDNS_VERSION);
        at = put16(at, a->dnssec ? 0x8000 : 0);
        at = put16(at, 0);
    }
    return (size_t)(at - to);
}

// ---- names in messages

// Behind the name at `at`, without following pointers; 0: it does not end in the message.
static size_t name_skip(const uint8_t *bytes, size_t length, size_t at)
{
    size_t begin = at;
    while (at < length && at - begin < DNS_NAME_MAX) {
        uint8_t label = bytes[at];
        if (label >= POINTER)
            return at + 2 <= length ? at + 2 : 0;
        if (label > DNS_LABEL_MAX)
            return 0;
        at += 1u + label;
        if (label == 0)
            return at;
    }
    return 0;
}

static void label_copy(uint8_t *to, const uint8_t *from, size_t length)
{
    for (size_t i = 0; i < length; i++)
        to[i] = from[i] >= 'A' && from[i] <= 'Z' ? (uint8_t)(from[i] + 32) : from[i];
}

// Each pointer leads before where the piece that holds it began: it cannot go round.
static bool name_read(const uint8_t *bytes, size_t length, size_t at, struct dns_name *ret)
{
    size_t to = 0, border = at;
    unsigned pointers = 0;
    while (at < length) {
        uint8_t label = bytes[at];
        if (label >= POINTER) {
            if (at + 1 >= length || ++pointers > DNS_POINTERS_MAX)
                return false;
            at = (size_t)(label & 0x3f) << 8 | bytes[at + 1];
            if (at >= border)
                return false;
            border = at;
            continue;
        }
        if (label > DNS_LABEL_MAX || at + 1u + label > length || to + 1u + label > DNS_NAME_MAX)
            return false;
        ret->at[to] = label;
        label_copy(ret->at + to + 1, bytes + at + 1, label);
        to += 1u + label;
        at += 1u + label;
        if (label == 0) {
            ret->length = (uint8_t)to;
            return true;
        }
    }
    return false;
}

// ---- reading

// Reads the record at `at` and returns where the next one begins; 0: it is not all there.
static size_t record_read(const struct dns_message *m, size_t at, struct dns_record *r)
{
    r->message = m;
    r->owner = at;
    size_t end = name_skip(m->bytes, m->length, at);
    if (end == 0)
        return 0;
    struct cursor c = cursor_of(m->bytes + end, m->length - end);
    r->type = cursor_u16(&c);
    r->class = cursor_u16(&c);
    r->ttl = cursor_u32(&c);
    r->length = cursor_u16(&c);
    r->data = end + 10;
    if (r->ttl >> 31 && r->type != DNS_TYPE_OPT)
        r->ttl = 0;
    cursor_take(&c, r->length);
    return c.failed ? 0 : r->data + r->length;
}

static bool opt_read(struct dns_message *m, const struct dns_record *r)
{
    if (m->edns || m->bytes[r->owner] != 0)
        return false;
    m->edns = true;
    m->edns_size = r->class;
    m->edns_version = (uint8_t)(r->ttl >> 16);
    m->rcode |= r->ttl >> 24 << 4;
    return true;
}

static bool records_walk(struct dns_message *m)
{
    size_t at = m->records;
    for (unsigned s = DNS_ANSWER; s <= DNS_ADDITIONAL; s++)
        for (unsigned i = 0; i < m->counts[s]; i++) {
            struct dns_record r;
            struct dns_name owner;
            if ((at = record_read(m, at, &r)) == 0 ||
                !name_read(m->bytes, m->length, r.owner, &owner))
                return false;
            if (r.type == DNS_TYPE_OPT && (s != DNS_ADDITIONAL || !opt_read(m, &r)))
                return false;
        }
    return true;
}

static bool question_read(struct dns_message *m, unsigned count)
{
    m->records = DNS_HEADER;
    m->asked = count > 0;
    if (count == 0)
        return true;
    size_t end = name_skip(m->bytes, m->length, DNS_HEADER);
    if (count > 1 || end == 0 || !name_read(m->bytes, m->length, DNS_HEADER, &m->name))
        return false;
    struct cursor c = cursor_of(m->bytes + end, m->length - end);
    m->type = cursor_u16(&c);
    m->class = cursor_u16(&c);
    m->records = end + 4;
    return !c.failed;
}

bool dns_message_read(const void *bytes, size_t length, struct dns_message *m)
{
    struct cursor c = cursor_of(bytes, length);
    m->bytes = bytes;
    m->length = length;
    m->id = cursor_u16(&c);
    unsigned flags = cursor_u16(&c);
    unsigned questions = cursor_u16(&c);
    for (int s = 0; s < 3; s++)
        m->counts[s] = cursor_u16(&c);
    m->response = flags >> 15;
    m->opcode = flags >> 11 & 15;
    m->authoritative = flags >> 10 & 1;
    m->truncated = flags >> 9 & 1;
    m->recursion_available = flags >> 7 & 1;
    m->authenticated = flags >> 5 & 1;
    m->rcode = flags & 15;
    m->edns = m->cut = false;
    m->edns_version = 0;
    m->edns_size = 0;
    if (c.failed || !question_read(m, questions))
        return false;
    if (records_walk(m))
        return true;
    m->cut = m->truncated;
    memset(m->counts, 0, sizeof m->counts);
    return m->cut;
}

bool dns_message_answers(const struct dns_message *m, const struct dns_asked *a)
{
    if (m->id != a->id || !m->response || m->opcode != 0)
        return false;
    if (!m->asked)
        return m->rcode != DNS_RCODE_NOERROR && m->rcode != DNS_RCODE_NXDOMAIN;
    return m->type == a->type && m->class == DNS_CLASS_IN && dns_name_same(&m->name, a->name);
}

struct dns_records dns_records_of(const struct dns_message *m)
{
    return (struct dns_records){m, m->records, DNS_ANSWER, m->counts[DNS_ANSWER]};
}

bool dns_record_next(struct dns_records *all, struct dns_record *ret)
{
    do {
        while (all->left == 0) {
            if (all->section == DNS_ADDITIONAL)
                return false;
            all->left = all->message->counts[++all->section];
        }
        all->left--;
        all->at = record_read(all->message, all->at, ret);
        ret->section = all->section;
    } while (ret->type == DNS_TYPE_OPT);
    return true;
}

// ---- records: the message was walked through, so that owners can be read

void dns_record_owner(const struct dns_record *r, struct dns_name *ret)
{
    name_read(r->message->bytes, r->message->length, r->owner, ret);
}

bool dns_record_owned_by(const struct dns_record *r, const struct dns_name *n)
{
    struct dns_name owner;
    dns_record_owner(r, &owner);
    return dns_name_same(&owner, n);
}

struct cursor dns_record_data(const struct dns_record *r)
{
    return cursor_of(r->message->bytes + r->data, r->length);
}

bool dns_record_a(const struct dns_record *r, u128 *ret)
{
    struct cursor c = dns_record_data(r);
    uint32_t address = cursor_u32(&c);
    if (c.failed || c.left > 0)
        return false;
    *ret = address;
    return true;
}

bool dns_record_aaaa(const struct dns_record *r, u128 *ret)
{
    struct cursor c = dns_record_data(r);
    u128 address = cursor_u128(&c);
    if (c.failed || c.left > 0)
        return false;
    *ret = address;
    return true;
}

// The name that begins `skip` octets into the data; how many octets it takes there, 0: wrong.
static size_t data_name(const struct dns_record *r, size_t skip, struct dns_name *ret)
{
    size_t end = r->data + r->length, at = r->data + skip;
    if (at >= end)
        return 0;
    size_t behind = name_skip(r->message->bytes, end, at);
    if (behind == 0 || !name_read(r->message->bytes, end, at, ret))
        return 0;
    return behind - at;
}

bool dns_record_name(const struct dns_record *r, struct dns_name *ret)
{
    return r->length > 0 && data_name(r, 0, ret) == r->length;
}

bool dns_record_mx(const struct dns_record *r, uint16_t *preference, struct dns_name *ret)
{
    struct cursor c = dns_record_data(r);
    uint16_t value = cursor_u16(&c);
    if (c.failed || data_name(r, 2, ret) + 2 != r->length || r->length == 2)
        return false;
    *preference = value;
    return true;
}

bool dns_record_soa(const struct dns_record *r, struct dns_soa *ret)
{
    size_t first = data_name(r, 0, &ret->server);
    size_t second = first ? data_name(r, first, &ret->mailbox) : 0;
    if (second == 0)
        return false;
    struct cursor c = dns_record_data(r);
    cursor_take(&c, first + second);
    ret->serial = cursor_u32(&c);
    ret->refresh = cursor_u32(&c);
    ret->retry = cursor_u32(&c);
    ret->expire = cursor_u32(&c);
    ret->minimum = cursor_u32(&c);
    return !c.failed && c.left == 0;
}

bool dns_record_ds(const struct dns_record *r, struct dns_ds *ret)
{
    struct cursor c = dns_record_data(r);
    ret->key_tag = cursor_u16(&c);
    ret->algorithm = cursor_u8(&c);
    ret->digest_type = cursor_u8(&c);
    ret->digest = c;
    return !c.failed && c.left > 0;
}

bool dns_tlsa_read(struct cursor data, struct dns_tlsa *ret)
{
    ret->usage = cursor_u8(&data);
    ret->selector = cursor_u8(&data);
    ret->matching = cursor_u8(&data);
    ret->association = data;
    return !data.failed && data.left > 0;
}

bool dns_txt_next(struct cursor *data, struct slice *ret)
{
    if (data->left == 0)
        return false;
    size_t length = cursor_u8(data);
    const uint8_t *text = cursor_take(data, length);
    if (!text)
        return false;
    *ret = (struct slice){(const char *)text, length};
    return true;
}

static size_t plain_octets(uint8_t *to, size_t at, size_t size, const void *from, size_t length)
{
    if (at == 0 || at - 1 + length > size)
        return 0;
    memcpy(to + at - 1, from, length);
    return at + length;
}

// `at` counts from 1, so that 0 says that it did not fit.
size_t dns_record_plain(const struct dns_record *r, uint8_t *to, size_t size)
{
    const uint8_t *data = r->message->bytes + r->data;
    struct dns_name name;
    struct dns_soa soa;
    uint16_t preference;
    size_t at = 1;
    switch (r->type) {
    case DNS_TYPE_NS:
    case DNS_TYPE_CNAME:
    case DNS_TYPE_DNAME:
    case DNS_TYPE_PTR:
        at = dns_record_name(r, &name) ? plain_octets(to, at, size, name.at, name.length) : 0;
        break;
    case DNS_TYPE_MX:
        if (!dns_record_mx(r, &preference, &name))
            return 0;
        at = plain_octets(to, at, size, data, 2);
        at = plain_octets(to, at, size, name.at, name.length);
        break;
    case DNS_TYPE_SOA:
        if (!dns_record_soa(r, &soa))
            return 0;
        at = plain_octets(to, at, size, soa.server.at, soa.server.length);
        at = plain_octets(to, at, size, soa.mailbox.at, soa.mailbox.length);
        at = plain_octets(to, at, size, data + r->length - 20, 20);
        break;
    default:
        at = plain_octets(to, at, size, data, r->length);
    }
    return at > 0 ? at - 1 : 0;
}
