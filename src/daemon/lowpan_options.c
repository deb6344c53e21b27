// SPDX-License-Identifier: Apache-2.0

#include "daemon/lowpan.h"

static bool parse_context(struct slice word, struct lowpan_told_context *ret)
{
    struct slice rest = word, number = slice_cut(&rest, '=');
    struct prefix p;
    uint64_t id;
    if (!rest.at || !slice_u64(slice_trim(number), IPHC_CONTEXTS - 1, &id) ||
        !prefix_parse(slice_trim(rest), &p) || p.family != FAMILY_IPV6)
        return false;
    u128 mask = p.length == 0 ? 0 : ~(u128)0 << (128 - p.length);
    *ret = (struct lowpan_told_context){.id = (uint8_t)id,
                                        .length = (uint8_t)p.length,
                                        .compress = true,
                                        .prefix = p.address & mask};
    return true;
}

int parse_contexts(const char *option, const char *text, struct lowpan_told_context *ret,
                   size_t *ret_count, struct err *e)
{
    struct slice rest = slice_of(text ? text : "");
    size_t count = 0;
    while (rest.at && rest.length > 0) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        struct lowpan_told_context c = {0};
        if (count == IPHC_CONTEXTS)
            return err_set(e, ERR_USAGE, "--%s: more than %d", option, IPHC_CONTEXTS);
        if (!parse_context(word, &c))
            return err_set(e, ERR_USAGE, "--%s: \"%.*s\"; wanted NUMBER=PREFIX, numbers 0 to %d",
                           option, SLICE_ARG(word), IPHC_CONTEXTS - 1);
        for (size_t i = 0; i < count; i++)
            if (ret[i].id == c.id)
                return err_set(e, ERR_USAGE, "--%s: %u twice", option, c.id);
        ret[count++] = c;
    }
    *ret_count = count;
    return 0;
}
