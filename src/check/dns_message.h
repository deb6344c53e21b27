// SPDX-License-Identifier: Apache-2.0
//
// Messages of the DNS (RFC 1035, RFC 6891) as they are on the wire: a question is written, an
// answer is read where it lies, without memory of its own. Every octet of an answer is a
// stranger's.
//
//     struct dns_message m;
//     if (!dns_message_read(bytes, length, &m)) ...
//     struct dns_records all = dns_records_of(&m);
//     for (struct dns_record r; dns_record_next(&all, &r);)
//         if (r.type == DNS_TYPE_AAAA && dns_record_aaaa(&r, &address)) ...

#ifndef CHECK_DNS_MESSAGE_H
#define CHECK_DNS_MESSAGE_H

#include "base/cursor.h"
#include "base/text.h"
#include "check/resolver.h"

#define DNS_PORT         53
#define DNS_HEADER       12
#define DNS_NAME_MAX     255   // octets on the wire
#define DNS_LABEL_MAX    63    // octets
#define DNS_MESSAGE_MAX  65535 // octets, over TCP
#define DNS_QUERY_MAX    512   // octets of a question that is written here
#define DNS_POINTERS_MAX 127   // in one name: a label each, and none is needed without one
#define DNS_CLASS_IN     1

#define DNS_RCODE_NOERROR  0
#define DNS_RCODE_FORMERR  1
#define DNS_RCODE_SERVFAIL 2
#define DNS_RCODE_NXDOMAIN 3
#define DNS_RCODE_NOTIMP   4
#define DNS_RCODE_REFUSED  5
#define DNS_RCODE_BADVERS  16

const char *dns_rcode_name(unsigned rcode); // "NXDOMAIN"; "RCODE" for one without a name
// "AAAA"; "TYPE257" in `text` for one without a name here.
const char *dns_type_name(uint16_t type, char text[12]);

// ---- names: on the wire without compression, small letters, closed by the root's empty label

struct dns_name {
    uint8_t length; // with the root's octet: 1 to 255
    uint8_t at[DNS_NAME_MAX];
};

// Text with or without the final dot; "\." and "\ddd" as RFC 1035 writes them; "." is the root.
// False: no name (an empty or too long label, too long in all, a wrong escape).
bool dns_name_parse(struct slice text, struct dns_name *ret);
// Small letters, no final dot, what is not printable as "\ddd"; the root is ".". Returns `text`.
char *dns_name_text(const struct dns_name *n, char text[DNS_TEXT_MAX]);

bool dns_name_same(const struct dns_name *a, const struct dns_name *b);
// Is it the zone's own name, or below it?
bool dns_name_within(const struct dns_name *n, const struct dns_name *zone);
unsigned dns_name_labels(const struct dns_name *n); // 0: the root
// Its last `labels` labels; the name itself where it has no more.
void dns_name_tail(const struct dns_name *n, unsigned labels, struct dns_name *ret);
uint64_t dns_name_hash(const struct dns_name *n);

// ---- questions

struct dns_asked {
    const struct dns_name *name;
    uint16_t type;
    uint16_t id;
    uint16_t size;  // of UDP answers, for EDNS; 0: without EDNS
    bool dnssec;    // DO: signatures too. Only with EDNS
    bool recursion; // RD
    bool unchecked; // CD
};

// Returns the octets written, at most DNS_QUERY_MAX.
size_t dns_asked_write(const struct dns_asked *a, uint8_t to[DNS_QUERY_MAX]);

// ---- answers

enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL };

struct dns_message {
    const uint8_t *bytes;
    size_t length;
    uint16_t id;
    bool response, authoritative, truncated, recursion_available, authenticated;
    unsigned opcode, rcode; // the rcode with EDNS's upper bits
    bool asked;             // there is a question
    struct dns_name name;   // of the question
    uint16_t type, class;
    uint16_t counts[3]; // records by section
    size_t records;     // where they begin
    bool edns;
    uint8_t edns_version;
    uint16_t edns_size;
    bool cut; // a truncated message whose records are not all there: it has none
};

// Walks through all of it once. False: it is no message (records beyond its end, names that do not
// end, more than one question, two OPT records).
bool dns_message_read(const void *bytes, size_t length, struct dns_message *ret);
// Does it answer this: id, question and being a response? Servers leave the question out of
// errors.
bool dns_message_answers(const struct dns_message *m, const struct dns_asked *a);

struct dns_record {
    const struct dns_message *message;
    enum dns_section section;
    size_t owner; // where its name begins
    uint16_t type, class;
    uint32_t ttl; // 0 where the highest bit was set (RFC 2181)
    size_t data;  // where its data begin
    uint16_t length;
};

struct dns_records {
    const struct dns_message *message;
    size_t at;
    unsigned section, left;
};

struct dns_records dns_records_of(const struct dns_message *m);
// Without OPT. False: there are no more.
bool dns_record_next(struct dns_records *all, struct dns_record *ret);

void dns_record_owner(const struct dns_record *r, struct dns_name *ret);
bool dns_record_owned_by(const struct dns_record *r, const struct dns_name *n);
struct cursor dns_record_data(const struct dns_record *r);

// Each false where the data are not exactly what the type demands.
bool dns_record_a(const struct dns_record *r, u128 *ret);
bool dns_record_aaaa(const struct dns_record *r, u128 *ret);
bool dns_record_name(const struct dns_record *r, struct dns_name *ret); // NS, CNAME, DNAME, PTR
bool dns_record_mx(const struct dns_record *r, uint16_t *preference, struct dns_name *ret);

struct dns_soa {
    struct dns_name server, mailbox;
    uint32_t serial, refresh, retry, expire, minimum;
};
bool dns_record_soa(const struct dns_record *r, struct dns_soa *ret);

struct dns_ds {
    uint16_t key_tag;
    uint8_t algorithm, digest_type;
    struct cursor digest;
};
bool dns_record_ds(const struct dns_record *r, struct dns_ds *ret);

struct dns_tlsa {
    uint8_t usage, selector, matching;
    struct cursor association;
};
bool dns_tlsa_read(struct cursor data, struct dns_tlsa *ret);

// The strings of a TXT record, one after the other. False at the end, and where one is cut
// (data->failed).
bool dns_txt_next(struct cursor *data, struct slice *ret);

// The data with names in them written out, as they are compared and kept: NS, CNAME, DNAME, PTR,
// MX and SOA; others as they are. 0: wrong, or more than `size`.
size_t dns_record_plain(const struct dns_record *r, uint8_t *to, size_t size);

#endif
