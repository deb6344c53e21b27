// SPDX-License-Identifier: Apache-2.0
//
// Names of the DNS as text and as octets.

#include "check/dns_message.h"

#include <string.h>

static uint8_t small(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

// One octet of a label: a character, "\x" or "\ddd".
static bool octet_parse(struct slice *s, uint8_t *ret)
{
    uint8_t c = (uint8_t)s->at[0];
    size_t used = 1;
    if (c == '\\') {
        if (s->length < 2)
            return false;
        c = (uint8_t)s->at[1];
        used = 2;
        if (c >= '0' && c <= '9') {
            uint64_t value;
            if (s->length < 4 || !slice_u64((struct slice){s->at + 1, 3}, 255, &value))
                return false;
            c = (uint8_t)value;
            used = 4;
        }
    }
    s->at += used;
    s->length -= used;
    *ret = c;
    return true;
}

static bool label_close(struct dns_name *n, size_t *open, size_t *end)
{
    size_t length = *end - *open - 1;
    if (length == 0 || length > DNS_LABEL_MAX || *end >= DNS_NAME_MAX)
        return false;
    n->at[*open] = (uint8_t)length;
    *open = *end;
    *end += 1;
    return true;
}

bool dns_name_parse(struct slice text, struct dns_name *ret)
{
    struct dns_name n;
    size_t open = 0, end = 1; // of the label under way
    if (slice_is(text, "."))
        text.length = 0;
    else if (text.length == 0)
        return false;
    while (text.length > 0) {
        if (text.at[0] == '.') {
            if (!label_close(&n, &open, &end))
                return false;
            text.at++;
            text.length--;
            continue;
        }
        uint8_t c;
        if (end >= DNS_NAME_MAX || !octet_parse(&text, &c))
            return false;
        n.at[end++] = small(c);
    }
    if (end > open + 1 && !label_close(&n, &open, &end))
        return false;
    n.at[open] = 0;
    n.length = (uint8_t)(open + 1);
    memcpy(ret, &n, 1 + (size_t)n.length);
    return true;
}

char *dns_name_text(const struct dns_name *n, char text[DNS_TEXT_MAX])
{
    char *to = text;
    for (size_t at = 0; n->at[at] != 0; at += 1u + n->at[at]) {
        if (at > 0)
            *to++ = '.';
        for (size_t i = 1; i <= n->at[at]; i++) {
            uint8_t c = n->at[at + i];
            if (c == '.' || c == '\\') {
                *to++ = '\\';
                *to++ = (char)c;
            } else if (c > 32 && c < 127) {
                *to++ = (char)small(c);
            } else {
                *to++ = '\\';
                *to++ = (char)('0' + c / 100);
                *to++ = (char)('0' + c / 10 % 10);
                *to++ = (char)('0' + c % 10);
            }
        }
    }
    if (to == text)
        *to++ = '.';
    *to = 0;
    return text;
}

bool dns_name_same(const struct dns_name *a, const struct dns_name *b)
{
    return a->length == b->length && memcmp(a->at, b->at, a->length) == 0;
}

// Whether it ends there counts only at the border of a label.
bool dns_name_within(const struct dns_name *n, const struct dns_name *zone)
{
    size_t at = 0;
    while ((size_t)n->length - at > zone->length)
        at += 1u + n->at[at];
    return (size_t)n->length - at == zone->length &&
           memcmp(n->at + at, zone->at, zone->length) == 0;
}

unsigned dns_name_labels(const struct dns_name *n)
{
    unsigned count = 0;
    for (size_t at = 0; n->at[at] != 0; at += 1u + n->at[at])
        count++;
    return count;
}

void dns_name_tail(const struct dns_name *n, unsigned labels, struct dns_name *ret)
{
    unsigned all = dns_name_labels(n);
    size_t at = 0;
    for (unsigned skip = labels < all ? all - labels : 0; skip > 0; skip--)
        at += 1u + n->at[at];
    uint8_t length = (uint8_t)(n->length - at);
    memmove(ret->at, n->at + at, length);
    ret->length = length;
}

uint64_t dns_name_hash(const struct dns_name *n)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ n->length;
    size_t at = 0;
    for (uint64_t word; at + 8 <= n->length; at += 8) {
        memcpy(&word, n->at + at, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    uint64_t rest = 0;
    memcpy(&rest, n->at + at, n->length - at);
    h = (h ^ rest) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}
