// SPDX-License-Identifier: Apache-2.0
//
// A resolver that knows what a test tells it.

#ifndef FAKE_RESOLVER_H
#define FAKE_RESOLVER_H

#include "check/resolver.h"

#define FAKE_RECORDS_MAX 1024

struct fake_record {
    char *name, *value;
    size_t length;
    uint16_t type;
};

struct fake_resolver {
    struct resolver base; // first
    struct events *events;
    struct fake_record records[FAKE_RECORDS_MAX];
    size_t count;
    struct fake_question *open;
    unsigned asked;
    bool secure; // every answer to a question with DNSSEC is
    bool bogus;
};

void fake_resolver_init(struct fake_resolver *f, struct events *ev);
void fake_resolver_done(struct fake_resolver *f);

// The value as in a zone file: "10 mail.example.org", "2001:db8::1", TXT without quotes, TLSA as
// "3 1 1 <hex>". "!" stands for a failure, "-" for a name that is there without this type.
void fake_add(struct fake_resolver *f, const char *name, uint16_t type, const char *value);
void fake_add_text(struct fake_resolver *f, const char *name, const char *text, size_t length);

#endif
