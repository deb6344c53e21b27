// SPDX-License-Identifier: Apache-2.0
//
// The limit of reading a routing table in MRT: every record, every route and every attribute of it
// is stepped over; origins, the length of paths and communities are taken and added up. Nothing is
// checked: for benchmarks only, on files that are known to be whole.
//
//     walk rib.mrt

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct counts {
    uint64_t records, routes, attributes, ases, origins, communities;
};

static uint32_t get(const uint8_t *b, unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | b[i];
    return value;
}

static void walk_attributes(const uint8_t *b, const uint8_t *end, struct counts *c)
{
    while (b < end) {
        unsigned wide = b[0] & 0x10 ? 2 : 1, length = get(b + 2, wide);
        const uint8_t *value = b + 2 + wide;
        if (b[1] == 2 && length > 0) {
            c->ases += value[1];
            c->origins += get(value + length - 4, 4);
        }
        for (unsigned i = 0; b[1] == 8 && i < length; i += 4)
            c->communities += get(value + i, 4);
        b = value + length;
        c->attributes++;
    }
}

static void walk_record(const uint8_t *b, struct counts *c)
{
    b += 4 + 1 + (b[4] + 7) / 8;
    unsigned count = get(b, 2);
    b += 2;
    for (unsigned i = 0; i < count; i++) {
        unsigned length = get(b + 6, 2);
        walk_attributes(b + 8, b + 8 + length, c);
        b += 8 + length;
    }
    c->routes += count;
}

int main(int argc, char **argv)
{
    struct stat st;
    struct counts c = {0};
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    if (fd < 0 || fstat(fd, &st) != 0)
        return EXIT_FAILURE;
    const uint8_t *b = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (b == MAP_FAILED)
        return EXIT_FAILURE;
    for (const uint8_t *end = b + st.st_size; b < end; b += 12 + get(b + 8, 4)) {
        c.records++;
        if (get(b + 6, 2) != 1)
            walk_record(b + 12, &c);
    }
    printf("%" PRIu64 " records, %" PRIu64 " routes, %" PRIu64 " attributes, %" PRIu64
           " ASes; sums %" PRIx64 " %" PRIx64 "\n",
           c.records, c.routes, c.attributes, c.ases, c.origins, c.communities);
    return EXIT_SUCCESS;
}
