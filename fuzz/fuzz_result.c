// SPDX-License-Identifier: Apache-2.0
//
// A result as JSON: what is taken is written and taken again, the same. And the same bytes as a
// domain that somebody typed.

#include "base/json.h"
#include "check/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct result r, again;
    char name[CHECK_DOMAIN_MAX + 1], twice[CHECK_DOMAIN_MAX + 1];
    if (!check_domain_name(text, name, NULL) &&
        (check_domain_name(slice_of(name), twice, NULL) || strcmp(name, twice) != 0))
        abort();
    if (result_read_json(text, "fuzz", &r, NULL))
        return 0;
    struct buffer first = {0}, second = {0};
    result_write_json(&r, &(struct json){.out = &first});
    if (result_read_json((struct slice){first.at, first.length}, "fuzz", &again, NULL))
        abort();
    result_write_json(&again, &(struct json){.out = &second});
    if (first.length != second.length || memcmp(first.at, second.at, first.length) != 0)
        abort();
    result_done(&r);
    result_done(&again);
    buffer_done(&first);
    buffer_done(&second);
    return 0;
}
