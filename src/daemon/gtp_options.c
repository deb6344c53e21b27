// SPDX-License-Identifier: Apache-2.0

#include "daemon/gtp.h"

#include <stdio.h>

#define QFI_MAX 63

static bool name_session(struct slice name, bool upf, struct gtp_session *s)
{
    struct prefix p;
    if (!upf) {
        snprintf(s->radio, sizeof s->radio, "%.*s", SLICE_ARG(name));
        return name.length > 0 && name.length <= DEVICE_NAME_MAX;
    }
    if (!prefix_parse(name, &p) || p.family != FAMILY_IPV6 || p.length != 64 ||
        p.address << 64 != 0)
        return false;
    s->prefix = p.address;
    return true;
}

static bool parse_session(struct slice word, bool upf, struct gtp_session *s)
{
    struct slice rest = word, name = slice_cut(&rest, '=');
    uint64_t own, other, qfi = 0;
    if (!rest.at || !name_session(slice_trim(name), upf, s) ||
        !slice_u64(slice_cut(&rest, ':'), UINT32_MAX, &own) || !rest.at ||
        !slice_u64(slice_cut(&rest, ':'), UINT32_MAX, &other) ||
        (rest.at && !slice_u64(rest, QFI_MAX, &qfi)))
        return false;
    s->own = (uint32_t)own;
    s->other = (uint32_t)other;
    s->qfi = (uint8_t)qfi;
    return own != 0 && other != 0;
}

// What comes in must belong to one of them.
static bool collide(const struct gtp_session *a, const struct gtp_session *b, bool upf)
{
    return a->own == b->own ||
           (upf ? a->prefix == b->prefix : slice_is(slice_of(a->radio), b->radio));
}

int parse_sessions(const char *option, const char *text, bool upf, struct gtp_session *ret,
                   size_t *ret_count, struct err *e)
{
    struct slice rest = slice_of(text ? text : "");
    size_t count = 0;
    while (rest.at && rest.length > 0) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        if (count == GTP_SESSIONS_MAX)
            return err_set(e, ERR_USAGE, "--%s: more than %d", option, GTP_SESSIONS_MAX);
        struct gtp_session s = {0};
        if (!parse_session(word, upf, &s))
            return err_set(e, ERR_USAGE, "--%s: \"%.*s\"; wanted %s=OWN:OTHER[:QFI]", option,
                           SLICE_ARG(word), upf ? "PREFIX/64" : "INTERFACE");
        for (size_t i = 0; i < count; i++)
            if (collide(ret + i, &s, upf))
                return err_set(e, ERR_USAGE, "--%s: \"%.*s\": its %s or endpoint %u is taken",
                               option, SLICE_ARG(word), upf ? "prefix" : "interface", s.own);
        ret[count++] = s;
    }
    *ret_count = count;
    return 0;
}
