// SPDX-License-Identifier: Apache-2.0
//
// Packed routes out of a damaged archive: reading ends and stays inside, each prefix is a possible
// one of its family, and what was read packs and reads back the same.
//
// The first byte: bit 0 the kind, bit 1 the family.

#include "base/array.h"
#include "store/routes_pack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef ARRAY(struct run) run_array;

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void check_run(const struct run *r, enum route_kind kind, unsigned bits)
{
    unsigned behind = bits - r->length;
    expect(r->length <= bits);
    expect(bits == 128 || r->start >> bits == 0);
    expect(behind == 128 ? r->start == 0 : r->start >> behind << behind == r->start);
    expect(kind == ROUTE_VALIDATED ? r->level >= r->length && r->level <= bits
                                   : r->level < ROUTE_LEVELS);
}

static bool same_run(const struct run *a, const struct run *b)
{
    return a->start == b->start && a->length == b->length && a->origin == b->origin &&
           a->level == b->level && a->first == b->first && a->last == b->last;
}

static void check_again(const run_array *runs, enum route_kind kind, enum family family)
{
    uint8_t *bytes = malloc(PACK_ROOM(runs->count));
    struct unpacker u;
    size_t i = 0;
    expect(bytes != NULL);
    size_t length = routes_pack(kind, runs->at, runs->count, bytes);
    expect(length <= PACK_ROOM(runs->count));
    for (unpack_begin(&u, kind, family, bytes, length); unpack_next(&u); i++)
        expect(i < runs->count && same_run(&u.run, &runs->at[i]));
    expect(unpack_whole(&u) && i == runs->count);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum route_kind kind = data[0] & 1 ? ROUTE_VALIDATED : ROUTE_ANNOUNCED;
    enum family family = data[0] & 2 ? FAMILY_IPV4 : FAMILY_IPV6;
    run_array runs = {0};
    struct unpacker u;
    for (unpack_begin(&u, kind, family, data + 1, size - 1); unpack_next(&u);) {
        struct run *kept = ARRAY_ADD(&runs);
        expect(kept != NULL);
        *kept = u.run;
        check_run(kept, kind, family == FAMILY_IPV6 ? 128 : 32);
    }
    check_again(&runs, kind, family);
    free(runs.at);
    return 0;
}
