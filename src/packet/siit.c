// SPDX-License-Identifier: Apache-2.0
//
// The longest pair that fits wins; without one, the prefix.

#include "packet/siit.h"

static bool inside4(const struct siit_pair *p, uint32_t address)
{
    return p->length4 == 0 || (address ^ p->prefix4) >> (32 - p->length4) == 0;
}

static bool inside6(const struct siit_pair *p, u128 address)
{
    return (address ^ p->prefix6) >> (128 - p->length6) == 0;
}

// How many bits stand behind the IPv4 prefix, and so behind the IPv6 prefix; what is left of the
// IPv6 address is zero.
static u128 to6(const struct siit_pair *p, uint32_t address)
{
    unsigned bits = 32u - p->length4;
    u128 suffix = bits == 32 ? address : address & ((1u << bits) - 1);
    return p->prefix6 | suffix << (128 - p->length6 - bits);
}

static uint32_t to4(const struct siit_pair *p, u128 address)
{
    unsigned bits = 32u - p->length4;
    u128 suffix = address >> (128 - p->length6 - bits) & (((u128)1 << bits) - 1);
    return p->prefix4 | (uint32_t)suffix;
}

// The most specific; NULL: none.
static const struct siit_pair *pair_of4(const struct siit *s, uint32_t address)
{
    const struct siit_pair *best = NULL;
    for (size_t i = 0; i < s->pair_count; i++)
        if (inside4(s->pairs + i, address) && (!best || s->pairs[i].length4 > best->length4))
            best = s->pairs + i;
    return best;
}

static const struct siit_pair *pair_of6(const struct siit *s, u128 address)
{
    const struct siit_pair *best = NULL;
    for (size_t i = 0; i < s->pair_count; i++)
        if (inside6(s->pairs + i, address) && (!best || s->pairs[i].length6 > best->length6))
            best = s->pairs + i;
    return best;
}

static bool in_prefix(const struct siit *s, uint32_t address, u128 *ret)
{
    return s->prefix_length != 0 && embed_put(s->prefix, s->prefix_length, address, ret);
}

bool siit_to6(const struct siit *s, uint32_t address, u128 *ret)
{
    const struct siit_pair *pair = pair_of4(s, address);
    if (!pair)
        return in_prefix(s, address, ret);
    *ret = to6(pair, address);
    return true;
}

// *ret_pair: by which mapping; NULL: by the prefix.
static bool find4(const struct siit *s, u128 address, uint32_t *ret,
                  const struct siit_pair **ret_pair)
{
    const struct siit_pair *pair = *ret_pair = pair_of6(s, address);
    if (!pair)
        return s->prefix_length != 0 && embed_extract(s->prefix, s->prefix_length, address, ret);
    *ret = to4(pair, address);
    return true;
}

bool siit_to4(const struct siit *s, u128 address, uint32_t *ret)
{
    const struct siit_pair *pair;
    return find4(s, address, ret, &pair);
}

// ---- the translator

static bool map(void *arg, enum family from, const struct flow *in, bool inner, struct flow *ret)
{
    struct siit_way *w = arg;
    const struct siit *s = w->siit;
    const struct siit_pair *pair;
    uint32_t source, destination;
    (void)inner;
    *ret = *in;
    w->met = in->source;
    if (from == FAMILY_IPV4) // turned back, by the prefix alone: RFC 7757, 4.2.1
        return (w->turned ? in_prefix : siit_to6)(s, (uint32_t)in->source, &ret->source) &&
               siit_to6(s, (uint32_t)in->destination, &ret->destination);
    if (!siit_to4(s, in->source, &source) || !find4(s, in->destination, &destination, &pair))
        return false;
    ret->source = source;
    ret->destination = destination;
    w->turns = !pair && pair_of4(s, destination);
    return true;
}

// The error of a host that was turned to comes from where the packet inside went (RFC 7757, 4.2.1,
// rule 3).
static bool router(void *arg, enum family from, u128 in, u128 *ret)
{
    const struct siit_way *w = arg;
    uint32_t four;
    if (from == FAMILY_IPV4)
        return (w->turned && in == w->met ? in_prefix : siit_to6)(w->siit, (uint32_t)in, ret);
    if (!siit_to4(w->siit, in, &four))
        return false;
    *ret = four;
    return true;
}

static void forward(void *arg, struct packet *p)
{
    struct siit_way *w = arg;
    if (!w->turns || w->turned) {
        w->send(w->arg, p);
        return;
    }
    w->turned = w->translator.turns = true;
    (void)translate(&w->translator, p);
    w->turned = w->translator.turns = false;
}

static void answer(void *arg, struct packet *p)
{
    const struct siit_way *w = arg;
    w->send(w->arg, p);
}

void siit_begin(struct siit_way *w)
{
    w->translator.mapper = (struct mapper){map, router, forward, answer, w};
    w->translator.tells_unmapped = true;
}

enum translated siit_packet(struct siit_way *w, struct packet *p)
{
    w->turns = false;
    return translate(&w->translator, p);
}

// ---- the whole

static int check_pair(const struct siit_pair *p, struct err *e)
{
    char four[ADDRESS_TEXT_MAX], six[ADDRESS_TEXT_MAX];
    address_format(FAMILY_IPV4, p->prefix4, four);
    address_format(FAMILY_IPV6, p->prefix6, six);
    bool wide = p->length4 > 32 || p->length6 > 128 || p->length6 == 0 ||
                128 - p->length6 < 32 - p->length4;
    if (wide)
        return err_set(e, ERR_USAGE, "%s/%u has no place in %s/%u", four, p->length4, six,
                       p->length6);
    uint32_t host4 = p->length4 == 0 ? UINT32_MAX : p->length4 == 32 ? 0 : UINT32_MAX >> p->length4;
    u128 host6 = p->length6 == 128 ? 0 : U128_MAX >> p->length6;
    if (p->prefix4 & host4 || p->prefix6 & host6)
        return err_set(e, ERR_USAGE, "%s/%u, %s/%u: bits are set beyond a prefix", four, p->length4,
                       six, p->length6);
    return 0;
}

static bool begin_alike(const struct siit_pair *a, const struct siit_pair *b)
{
    return (a->prefix4 == b->prefix4 && a->length4 == b->length4) ||
           (a->prefix6 == b->prefix6 && a->length6 == b->length6);
}

int siit_check(const struct siit *s, struct err *e)
{
    if (s->prefix_length != 0 && !embed_valid(s->prefix_length))
        return err_set(e, ERR_USAGE, "a prefix of %u bits; wanted 32, 40, 48, 56, 64 or 96",
                       s->prefix_length);
    if (s->pair_count > SIIT_PAIRS_MAX)
        return err_set(e, ERR_USAGE, "%zu mappings; at most %d", s->pair_count, SIIT_PAIRS_MAX);
    for (size_t i = 0; i < s->pair_count; i++) {
        int code = check_pair(s->pairs + i, e);
        for (size_t k = 0; !code && k < i; k++)
            if (begin_alike(s->pairs + i, s->pairs + k))
                code = err_set(e, ERR_USAGE, "mappings %zu and %zu have a prefix in common", k + 1,
                               i + 1);
        if (code)
            return code;
    }
    return 0;
}
