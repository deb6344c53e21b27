// SPDX-License-Identifier: Apache-2.0
//
// Another program that wants the records and nothing else of Sextant: it knows two headers and
// prints how many records each file has.

#include "read/read.h"
#include "read/source.h"

#include <inttypes.h>
#include <stdio.h>

static int count(const struct record *r, void *arg)
{
    uint64_t *records = arg;
    records[r->block.family]++;
    return 0;
}

static int read_file(const char *place, uint64_t records[FAMILY_COUNT], struct err *e)
{
    struct read_handler handler = {.record = count, .arg = records};
    struct read_result result;
    struct source *source = NULL;
    int code = source_open(place, NULL, &source, e);
    if (!code)
        code = read_input(source, NULL, &handler, &result, e);
    source_close(&source);
    return code;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        uint64_t records[FAMILY_COUNT] = {0};
        struct err e;
        int code = read_file(argv[i], records, &e);
        if (code) {
            fprintf(stderr, "%s\n", e.text);
            return err_exit_status(code);
        }
        printf("%" PRIu64 " ipv6, %" PRIu64 " ipv4, %" PRIu64 " asn\n", records[FAMILY_IPV6],
               records[FAMILY_IPV4], records[FAMILY_ASN]);
    }
    return 0;
}
