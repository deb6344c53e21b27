// SPDX-License-Identifier: Apache-2.0
//
// Addresses and ranges: what is read is what the C library reads, what is written reads back, and
// the blocks that a range is cut into cover it exactly.

#include "net/net.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static u128 from_bytes(const unsigned char *bytes, unsigned count)
{
    u128 address = 0;
    for (unsigned i = 0; i < count; i++)
        address = address << 8 | bytes[i];
    return address;
}

static void check_address(struct slice s, const char *text)
{
    unsigned char bytes[16];
    char written[ADDRESS_TEXT_MAX];
    u128 ipv6 = 0, again = 0;
    uint32_t ipv4 = 0;
    bool is_ipv6 = ipv6_parse(s, &ipv6), is_ipv4 = ipv4_parse(s, &ipv4);
    expect(is_ipv6 == (inet_pton(AF_INET6, text, bytes) == 1));
    if (is_ipv6) {
        expect(from_bytes(bytes, 16) == ipv6);
        expect(ipv6_parse(slice_of(address_format(FAMILY_IPV6, ipv6, written)), &again));
        expect(again == ipv6);
    }
    expect(is_ipv4 == (inet_pton(AF_INET, text, bytes) == 1));
    if (is_ipv4) {
        expect(from_bytes(bytes, 4) == ipv4);
        expect(ipv4_parse(slice_of(address_format(FAMILY_IPV4, ipv4, written)), &ipv4));
        expect(from_bytes(bytes, 4) == ipv4);
    }
}

static void check_blocks(struct range rest)
{
    u128 next = rest.first, last = rest.last;
    struct block block;
    unsigned count = 0;
    bool done = false;
    while (range_next_block(&rest, &block)) {
        expect(!done && block_valid(&block) && block_aligned(&block) && ++count <= 256);
        struct range covered = block_range(&block);
        expect(covered.first == next && covered.last >= covered.first && covered.last <= last);
        done = covered.last == last;
        next = covered.last + 1;
    }
    expect(done);
}

static void check_range(struct slice s)
{
    char text[BLOCK_TEXT_MAX];
    struct range range, again;
    if (!range_parse(s, &range))
        return;
    expect(range.first <= range.last);
    expect(range_parse(slice_of(range_format(&range, text)), &again));
    expect(again.family == range.family && again.first == range.first && again.last == range.last);
    check_blocks(range);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX + 1];
    if (size > TEXT_MAX || memchr(data, '\0', size))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    char *copy = malloc(size ? size : 1); // its own block: one byte too far is seen
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    struct slice s = {copy, size};
    check_address(s, text);
    check_range(s);
    free(copy);
    return 0;
}
