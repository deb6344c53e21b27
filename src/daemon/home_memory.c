// SPDX-License-Identifier: Apache-2.0
//
// What the next start of a home router must know (RFC 9096, 3.5): a line for each prefix.

#include "daemon/home.h"

#include "base/buffer.h"
#include "base/file.h"

#define STATE_MAX 16384
#define ULA_WORD  "ula:" // no interface can be called that

static void remember_one(const char *device, u128 prefix, unsigned length, struct buffer *b)
{
    char text[ADDRESS_TEXT_MAX];
    buffer_format(b, "%s %s/%u\n", device, address_format(FAMILY_IPV6, prefix, text), length);
}

// What is advertised, on its link; what is unreachable, on the line: nothing else would end that.
static void remember_used(const struct home *h, const struct used *u, struct buffer *b)
{
    char text[ADDRESS_TEXT_MAX];
    if (u->use == USE_LAN)
        remember_one(h->options->lans[u->lan].device, u->address, u->length, b);
    if (u->use != USE_PREFIX)
        return;
    if (u->excluded_length)
        buffer_format(b, "%s %s/%u ", h->options->wan,
                      address_format(FAMILY_IPV6, u->excluded, text), u->excluded_length);
    remember_one(u->excluded_length ? "of" : h->options->wan, u->address, u->length, b);
}

void home_remember(const struct home *h)
{
    struct buffer b = {0};
    struct err ignored;
    for (size_t i = 0; i < h->used_count; i++)
        remember_used(h, h->used + i, &b);
    for (size_t lan = 0; lan < h->options->lan_count; lan++)
        for (size_t i = 0; i < h->stale_count[lan]; i++)
            remember_one(h->options->lans[lan].device, h->stale[lan][i].prefix, 64, &b);
    if (h->remembered.length)
        remember_one(ULA_WORD, h->remembered.address, h->remembered.length, &b);
    if (h->options->state && !b.failed &&
        file_publish(h->options->state, b.at ? b.at : "", b.length, &ignored) != 0)
        speak(&h->options->speaker, "not remembered: %s", ignored.text);
    buffer_done(&b);
}

static bool recall_prefix(struct slice text, struct prefix *ret)
{
    return prefix_parse(text, ret) && ret->family == FAMILY_IPV6 && ret->length > 0 &&
           (ret->address & ~(U128_MAX << (128 - ret->length))) == 0;
}

// "wan0 PREFIX", "wan0 EXCLUDED of PREFIX"
static void recall_line_of_wan(struct home *h, struct slice line)
{
    struct slice first = slice_cut(&line, ' '), of = slice_cut(&line, ' ');
    struct prefix p, x = {.length = 0};
    if (h->used_count == USED_MAX || !recall_prefix(of.at ? line : first, &p) ||
        (of.at && (!recall_prefix(first, &x) || x.length <= p.length)))
        return;
    h->used[h->used_count++] = (struct used){.use = USE_PREFIX,
                                             .address = p.address,
                                             .length = p.length,
                                             .excluded = x.length ? x.address : 0,
                                             .excluded_length = x.length};
}

static void recall_line(struct home *h, struct slice line)
{
    struct slice device = slice_cut(&line, ' ');
    struct prefix p;
    if (line.at && slice_is(device, ULA_WORD) && recall_prefix(line, &p) && p.length == ULA_BITS &&
        home_is_local(p.address))
        h->remembered = p;
    if (line.at && slice_is(device, h->options->wan))
        recall_line_of_wan(h, line);
    if (!line.at || !recall_prefix(line, &p) || p.length != 64)
        return;
    for (size_t lan = 0; lan < h->options->lan_count && h->used_count < USED_MAX; lan++)
        if (slice_is(device, h->options->lans[lan].device))
            h->used[h->used_count++] =
                (struct used){.use = USE_LAN, .lan = lan, .address = p.address, .length = 64};
}

void home_recall(struct home *h)
{
    struct buffer text = {0};
    if (h->options->state && file_read(h->options->state, STATE_MAX, &text, NULL) == 0) {
        struct slice rest = {text.at, text.length};
        while (rest.at)
            recall_line(h, slice_trim(slice_cut(&rest, '\n')));
    }
    buffer_done(&text);
}
