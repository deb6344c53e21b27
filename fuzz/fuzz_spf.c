// SPDX-License-Identifier: Apache-2.0
//
// An SPF record from a stranger: what is read of it lies within it, and every target that the
// grammar lets through expands to a name that is not too long, or to nothing.

#include "check/spf_record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void target(struct slice whole, struct slice s)
{
    static const struct spf_words six = {.family = FAMILY_IPV6,
                                         .address = (u128)0x20010db8 << 96 | 1,
                                         .domain = "example.org",
                                         .sender = "a.b-c@example.org",
                                         .helo = "mail.example.org",
                                         .validated = "unknown"};
    char name[SPF_TARGET_MAX + 1];
    if (s.length == 0)
        return;
    expect(s.at >= whole.at && s.at + s.length <= whole.at + whole.length);
    spf_needs_validated(s);
    if (spf_expand(s, &six, name))
        expect(strlen(name) > 0 && strlen(name) <= SPF_TARGET_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1); // its own block: one octet too far is seen
    struct spf_record r;
    char why[SPF_WHY_MAX] = "";
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    struct slice text = {copy, size};
    if (spf_record_read(text, &r, why)) {
        expect(r.count <= SPF_TERMS_MAX && spf_record_is(text));
        for (size_t i = 0; i < r.count; i++) {
            expect(r.terms[i].bits4 <= 32 && r.terms[i].bits6 <= 128);
            target(text, r.terms[i].target);
        }
        target(text, r.redirect);
        spf_record_done(&r);
    } else {
        expect(why[0] != '\0');
    }
    free(copy);
    return 0;
}
