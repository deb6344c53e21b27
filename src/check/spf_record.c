// SPDX-License-Identifier: Apache-2.0

#include "check/spf_record.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const mechanisms[SPF_MECHANISM_COUNT] = {"all", "include", "a",   "mx",
                                                            "ptr", "ip4",     "ip6", "exists"};

bool spf_record_is(struct slice text)
{
    return text.length >= 6 && slice_is_nocase((struct slice){text.at, 6}, "v=spf1") &&
           (text.length == 6 || text.at[6] == ' ');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

// ---- domain-spec

// Length of the macro-expand at the front; 0: it is none.
static size_t macro_length(struct slice s)
{
    if (s.length >= 2 && (s.at[1] == '%' || s.at[1] == '_' || s.at[1] == '-'))
        return 2;
    if (s.length < 4 || s.at[1] != '{' || !is_of(s.at[2], "slodiphvSLODIPHV"))
        return 0;
    size_t i = 3;
    bool is_zero = true; // a number of parts is not
    for (; i < s.length && is_digit(s.at[i]); i++)
        is_zero &= s.at[i] == '0';
    if (i > 3 && is_zero)
        return 0;
    if (i < s.length && (s.at[i] == 'r' || s.at[i] == 'R'))
        i++;
    while (i < s.length && is_of(s.at[i], ".-+,/_="))
        i++;
    return i < s.length && s.at[i] == '}' ? i + 1 : 0;
}

// Length of a macro-string that is all of `s`, or false; tells whether it ends in a macro.
static bool macro_string(struct slice s, bool *ret_ends_in_macro)
{
    *ret_ends_in_macro = false;
    for (size_t i = 0; i < s.length;) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < 0x21 || c > 0x7e)
            return false;
        size_t step = c == '%' ? macro_length((struct slice){s.at + i, s.length - i}) : 1;
        if (step == 0)
            return false;
        *ret_ends_in_macro = c == '%';
        i += step;
    }
    return true;
}

static bool top_label(struct slice s)
{
    bool alpha = false, hyphen = false;
    for (size_t i = 0; i < s.length; i++) {
        alpha |= is_alpha(s.at[i]);
        hyphen |= s.at[i] == '-';
        if (!is_alpha(s.at[i]) && !is_digit(s.at[i]) && s.at[i] != '-')
            return false;
    }
    return s.length > 0 && (alpha || hyphen) && s.at[0] != '-' && s.at[s.length - 1] != '-';
}

static bool domain_spec(struct slice s)
{
    bool macro;
    if (s.length == 0 || !macro_string(s, &macro))
        return false;
    if (macro)
        return true;
    if (s.at[s.length - 1] == '.')
        s.length--;
    size_t dot = s.length;
    while (dot > 0 && s.at[dot - 1] != '.')
        dot--;
    return dot > 0 && top_label((struct slice){s.at + dot, s.length - dot});
}

// ---- terms

// A number without a leading zero, as the grammar has it.
static bool prefix_bits(struct slice s, unsigned max, uint8_t *ret)
{
    uint64_t n;
    if ((s.length > 1 && s.at[0] == '0') || s.length > 3 || !slice_u64(s, max, &n))
        return false;
    *ret = (uint8_t)n;
    return true;
}

// Cuts "/24", "//64", "/24//64" off the end of an "a" or "mx".
static bool dual_length(struct slice *s, struct spf_term *t)
{
    size_t at = s->length;
    while (at > 0 && (is_digit(s->at[at - 1]) || s->at[at - 1] == '/'))
        at--;
    while (at < s->length && s->at[at] != '/') // digits that belong to the name
        at++;
    struct slice tail = {s->at + at, s->length - at};
    s->length = at;
    if (tail.length > 1 && tail.at[0] == '/' && tail.at[1] != '/') {
        struct slice rest = {tail.at + 1, tail.length - 1};
        struct slice four = slice_cut(&rest, '/');
        if (!prefix_bits(four, 32, &t->bits4))
            return false;
        if (!rest.at)
            return true;
        tail = (struct slice){rest.at - 1, rest.length + 1};
    }
    if (tail.length == 0)
        return true;
    return tail.length > 2 && tail.at[0] == '/' && tail.at[1] == '/' &&
           prefix_bits((struct slice){tail.at + 2, tail.length - 2}, 128, &t->bits6);
}

static bool network_read(struct slice s, struct spf_term *t)
{
    struct slice rest = s;
    struct slice address = slice_cut(&rest, '/');
    uint32_t four;
    bool is_ip4 = t->mechanism == SPF_IP4;
    if (rest.at && !(is_ip4 ? prefix_bits(rest, 32, &t->bits4) : prefix_bits(rest, 128, &t->bits6)))
        return false;
    if (!is_ip4)
        return ipv6_parse(address, &t->network);
    if (!ipv4_parse(address, &four))
        return false;
    t->network = four;
    return true;
}

static bool mechanism_find(struct slice name, enum spf_mechanism *ret)
{
    for (size_t i = 0; i < SPF_MECHANISM_COUNT; i++)
        if (slice_is_nocase(name, mechanisms[i])) {
            *ret = (enum spf_mechanism)i;
            return true;
        }
    return false;
}

// `rest`: what stands behind the name, beginning with ":" or "/", or empty.
static bool mechanism_rest(struct slice rest, struct spf_term *t)
{
    bool colon = rest.length > 0 && rest.at[0] == ':';
    if (colon) {
        rest.at++;
        rest.length--;
    }
    switch (t->mechanism) {
    case SPF_ALL:
        return !colon && rest.length == 0;
    case SPF_IP4:
    case SPF_IP6:
        return colon && network_read(rest, t);
    case SPF_A:
    case SPF_MX:
        if (!dual_length(&rest, t))
            return false;
        break;
    case SPF_PTR:
        break;
    default:
        if (!colon)
            return false;
    }
    t->target = colon ? rest : (struct slice){NULL, 0};
    return colon ? domain_spec(rest) : rest.length == 0;
}

static bool mechanism_read(struct slice s, struct spf_term *t)
{
    *t = (struct spf_term){.qualifier = '+', .bits4 = 32, .bits6 = 128};
    if (s.length > 0 && is_of(s.at[0], "+-~?")) {
        t->qualifier = s.at[0];
        s.at++;
        s.length--;
    }
    size_t end = 0;
    while (end < s.length && s.at[end] != ':' && s.at[end] != '/')
        end++;
    return mechanism_find((struct slice){s.at, end}, &t->mechanism) &&
           mechanism_rest((struct slice){s.at + end, s.length - end}, t);
}

// ---- modifiers

static size_t modifier_name(struct slice s)
{
    size_t i = 0;
    if (s.length == 0 || !is_alpha(s.at[0]))
        return 0;
    while (i < s.length && (is_alpha(s.at[i]) || is_digit(s.at[i]) || is_of(s.at[i], "-_.")))
        i++;
    return i < s.length && s.at[i] == '=' ? i : 0;
}

static bool modifier_read(struct slice s, size_t name, struct spf_record *r, bool *has_exp)
{
    struct slice word = {s.at, name}, value = {s.at + name + 1, s.length - name - 1};
    bool ends_in_macro;
    if (slice_is_nocase(word, "redirect")) {
        bool again = r->redirect.at != NULL;
        r->redirect = value;
        return !again && domain_spec(value);
    }
    if (slice_is_nocase(word, "exp")) {
        bool again = *has_exp;
        *has_exp = true;
        return !again && domain_spec(value);
    }
    return macro_string(value, &ends_in_macro);
}

// ---- the record

static bool terms_read(struct slice rest, struct spf_record *r, struct slice *ret_wrong)
{
    ARRAY(struct spf_term) terms = {0};
    bool has_exp = false, fine = true;
    while (fine && rest.at) {
        struct slice s = slice_cut(&rest, ' ');
        size_t name = modifier_name(s);
        *ret_wrong = s;
        if (s.length == 0)
            continue;
        if (name > 0) {
            fine = modifier_read(s, name, r, &has_exp);
            continue;
        }
        struct spf_term t, *add;
        fine = mechanism_read(s, &t) && terms.count < SPF_TERMS_MAX && (add = ARRAY_ADD(&terms));
        if (fine) {
            *add = t;
            r->has_all |= t.mechanism == SPF_ALL;
        }
    }
    r->terms = terms.at;
    r->count = terms.count;
    return fine;
}

bool spf_record_read(struct slice text, struct spf_record *ret, char ret_why[SPF_WHY_MAX])
{
    struct slice wrong = {"", 0};
    *ret = (struct spf_record){0};
    if (text.length > SPF_RECORD_MAX) {
        snprintf(ret_why, SPF_WHY_MAX, "the record is longer than %d octets", SPF_RECORD_MAX);
        return false;
    }
    if (!spf_record_is(text) ||
        !terms_read((struct slice){text.at + 6, text.length - 6}, ret, &wrong)) {
        snprintf(ret_why, SPF_WHY_MAX, "\"%.*s\" is no term",
                 (int)(wrong.length < 100 ? wrong.length : 100), wrong.at);
        spf_record_done(ret);
        return false;
    }
    if (ret->has_all)
        ret->redirect = (struct slice){NULL, 0};
    return true;
}

void spf_record_done(struct spf_record *r)
{
    free(r->terms);
    *r = (struct spf_record){0};
}
