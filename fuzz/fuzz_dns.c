// SPDX-License-Identifier: Apache-2.0
//
// Messages of the DNS: every record lies within its message, names keep to their limits, go to text
// and back, and what is written out fits.

#include "check/dns_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void name_there_and_back(const struct dns_name *n)
{
    struct dns_name again;
    char text[DNS_TEXT_MAX];
    dns_name_text(n, text);
    expect(strlen(text) < sizeof text && dns_name_labels(n) < 128);
    expect(dns_name_parse(slice_of(text), &again) && dns_name_same(n, &again));
    expect(dns_name_hash(n) == dns_name_hash(&again));
}

static void record_use(const struct dns_message *m, const struct dns_record *r)
{
    struct dns_name n;
    struct dns_soa soa;
    struct dns_ds ds;
    struct dns_tlsa tlsa;
    struct slice s;
    u128 address;
    uint16_t preference;
    uint8_t plain[600];
    expect(r->data + r->length <= m->length && r->type != DNS_TYPE_OPT);
    dns_record_owner(r, &n);
    name_there_and_back(&n);
    expect(dns_record_owned_by(r, &n));
    if (dns_record_name(r, &n) || dns_record_mx(r, &preference, &n))
        name_there_and_back(&n);
    if (dns_record_soa(r, &soa))
        name_there_and_back(&soa.mailbox);
    (void)(dns_record_a(r, &address) || dns_record_aaaa(r, &address) || dns_record_ds(r, &ds));
    (void)dns_tlsa_read(dns_record_data(r), &tlsa);
    struct cursor c = dns_record_data(r);
    while (dns_txt_next(&c, &s))
        expect(s.length <= 255);
    expect(dns_record_plain(r, plain, sizeof plain) <= sizeof plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_message m;
    struct dns_name n;
    if (dns_name_parse((struct slice){(const char *)data, size}, &n))
        name_there_and_back(&n);
    if (!dns_message_read(data, size, &m))
        return 0;
    unsigned count = 0;
    struct dns_records all = dns_records_of(&m);
    for (struct dns_record r; dns_record_next(&all, &r); count++)
        record_use(&m, &r);
    expect(count <= size / 11);
    if (m.asked)
        name_there_and_back(&m.name);
    return 0;
}
