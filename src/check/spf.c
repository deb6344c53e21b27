// SPDX-License-Identifier: Apache-2.0
//
// A stack of records: "include" puts one on top, "redirect" takes the place of the one that has it.
// One question is open at a time; its answer carries the evaluation on.

#include "check/spf.h"

#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX (SPF_LOOKUPS_MAX + 1)

struct frame {
    char domain[SPF_TARGET_MAX + 1];
    bool redirected; // no record is an error then, and so it is for an "include"
    bool loaded;
    char *text;
    struct spf_record record;
    size_t at; // the term that is looked at
};

// What the answer that is waited for is to say.
enum wait { FOR_RECORD, FOR_ADDRESSES, FOR_EXISTENCE, FOR_MX, FOR_PTR, FOR_PTR_ADDRESSES };

struct spf_check {
    struct spf_question q;
    struct spf_found found;
    struct event_task begin;
    struct frame *frames[DEPTH_MAX];
    size_t depth;
    enum wait wait;
    char names[SPF_NAMES_MAX][SPF_TARGET_MAX + 1]; // whose addresses are asked one by one
    size_t name_count, name_at;
    char validated[SPF_NAMES_MAX][SPF_TARGET_MAX + 1]; // names of the address that lead back
    size_t validated_count;
    bool validated_known;
    bool resumed; // the term on top was counted already
    char target[SPF_TARGET_MAX + 1];
    bool over;
};

enum step { STEP_MATCH, STEP_NO_MATCH, STEP_WAIT, STEP_AGAIN, STEP_OVER };

static const char *const results[SPF_RESULT_COUNT] = {
    "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror",
};

const char *spf_result_name(enum spf_result r)
{
    return results[r];
}

const struct spf_found *spf_check_found(const struct spf_check *c)
{
    return &c->found;
}

void reverse_name(enum family f, u128 address, char ret[REVERSE_NAME_MAX])
{
    char *to = ret;
    if (f == FAMILY_IPV6)
        for (unsigned i = 0; i < 32; i++) {
            *to++ = "0123456789abcdef"[(unsigned)(address >> (4 * i)) & 15];
            *to++ = '.';
        }
    else
        for (unsigned i = 0; i < 4; i++) {
            to = decimal_put((uint32_t)(address >> (8 * i)) & 255, to);
            *to++ = '.';
        }
    memcpy(to, f == FAMILY_IPV6 ? "ip6.arpa" : "in-addr.arpa", f == FAMILY_IPV6 ? 9 : 13);
}

// ---- ends

static void frame_free(struct frame *f)
{
    spf_record_done(&f->record);
    free(f->text);
    free(f);
}

void spf_check_free(struct spf_check **c)
{
    if (!*c)
        return;
    resolver_forget((*c)->q.resolver, *c);
    events_soon_cancel((*c)->q.events, &(*c)->begin);
    for (size_t i = 0; i < (*c)->depth; i++)
        frame_free((*c)->frames[i]);
    free(*c);
    *c = NULL;
}

static enum step finish(struct spf_check *c, enum spf_result r, const char *why)
{
    c->found.result = r;
    snprintf(c->found.why, sizeof c->found.why, "%s", why);
    c->over = true;
    return STEP_OVER;
}

static struct frame *top(struct spf_check *c)
{
    return c->frames[c->depth - 1];
}

static const struct spf_term *term_of(struct spf_check *c)
{
    struct frame *f = top(c);
    return f->at < f->record.count ? &f->record.terms[f->at] : NULL;
}

// ---- names

// Can it be a name in the DNS at all, and of several labels?
static bool name_fits(const char *name)
{
    size_t length = strlen(name), labels = 0;
    if (length == 0 || length > SPF_TARGET_MAX)
        return false;
    for (const char *at = name;; labels++) {
        size_t label = strcspn(at, ".");
        if (label == 0 || label > 63)
            return false;
        at += label;
        if (!*at++)
            break;
        if (!*at)
            break; // the root's dot
    }
    return labels >= 1;
}

static bool name_within(const char *name, const char *domain)
{
    size_t n = strlen(name), d = strlen(domain);
    if (n < d || !slice_is_nocase((struct slice){name + n - d, d}, domain))
        return false;
    return n == d || name[n - d - 1] == '.';
}

static const char *validated_name(const struct spf_check *c, const char *domain)
{
    const char *best = c->validated_count > 0 ? c->validated[0] : "unknown";
    for (size_t i = 0; i < c->validated_count; i++)
        if (name_within(c->validated[i], domain))
            best = c->validated[i];
    for (size_t i = 0; i < c->validated_count; i++)
        if (slice_is_nocase(slice_of(c->validated[i]), domain))
            best = c->validated[i];
    return best;
}

static bool expand(struct spf_check *c, struct slice spec, char ret[SPF_TARGET_MAX + 1])
{
    const char *domain = top(c)->domain;
    if (spec.length == 0) {
        snprintf(ret, SPF_TARGET_MAX + 1, "%s", domain);
        return true;
    }
    struct spf_words w = {.family = c->q.family,
                          .address = c->q.address,
                          .domain = domain,
                          .sender = c->q.sender,
                          .helo = c->q.helo,
                          .validated = validated_name(c, domain)};
    return spf_expand(spec, &w, ret) && name_fits(ret);
}

// ---- questions

static void answered(void *arg, const struct lookup *l);

static enum step ask(struct spf_check *c, enum wait wait, const char *name, uint16_t type)
{
    c->wait = wait;
    resolver_ask(c->q.resolver, name, type, RESOLVE_BOTH, false, answered, c);
    return STEP_WAIT;
}

static uint16_t address_type(const struct spf_check *c)
{
    return c->q.family == FAMILY_IPV6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
}

// False: the limit is reached, and the check is over.
static bool count_lookup(struct spf_check *c)
{
    if (c->resumed) {
        c->resumed = false;
        return true;
    }
    if (++c->found.lookups <= SPF_LOOKUPS_MAX)
        return true;
    finish(c, SPF_PERMERROR, "more than 10 terms ask the DNS");
    return false;
}

static bool count_void(struct spf_check *c, const struct lookup *l)
{
    bool is_void = l->status == LOOKUP_NO_DATA || l->status == LOOKUP_NO_NAME;
    c->found.voids += is_void;
    if (c->found.voids <= SPF_VOIDS_MAX)
        return true;
    finish(c, SPF_PERMERROR, "more than 2 names in it are not in the DNS");
    return false;
}

static bool failed(struct spf_check *c, const struct lookup *l)
{
    char why[SPF_WHY_MAX];
    if (l->status != LOOKUP_FAILED && l->status != LOOKUP_BROKEN)
        return false;
    snprintf(why, sizeof why, "%s could not be looked up: %s", l->name, l->why);
    finish(c, SPF_TEMPERROR, why);
    return true;
}

// ---- frames

static enum step frame_push(struct spf_check *c, const char *domain)
{
    struct frame *f = c->depth < DEPTH_MAX ? calloc(1, sizeof *f) : NULL;
    if (!f)
        return finish(c, SPF_TEMPERROR, "out of memory");
    snprintf(f->domain, sizeof f->domain, "%s", domain);
    c->frames[c->depth++] = f;
    return STEP_AGAIN;
}

// The record on top has come to a result.
static enum step frame_result(struct spf_check *c, enum spf_result r, const char *why)
{
    struct frame *f = top(c);
    bool was_redirected = f->redirected;
    if (c->depth == 1 || r == SPF_TEMPERROR || r == SPF_PERMERROR || r == SPF_NONE)
        return finish(c, r == SPF_NONE && (c->depth > 1 || was_redirected) ? SPF_PERMERROR : r,
                      why);
    frame_free(f);
    c->depth--;
    return r == SPF_PASS ? STEP_MATCH : STEP_NO_MATCH;
}

static enum step no_record(struct spf_check *c)
{
    char why[SPF_WHY_MAX] = "";
    if (c->depth > 1 || top(c)->redirected)
        snprintf(why, sizeof why, "%.150s has no SPF record", top(c)->domain);
    return frame_result(c, SPF_NONE, why);
}

// One TXT record's strings, in one piece.
static char *text_of(const struct lookup_datum *d, size_t *ret_length)
{
    char *text = malloc((size_t)d->length + 1);
    size_t length = 0;
    for (size_t i = 0; text && i < d->length;) {
        size_t part = d->data[i++];
        if (part > d->length - i)
            part = d->length - i;
        memcpy(text + length, d->data + i, part);
        length += part;
        i += part;
    }
    if (text)
        text[length] = '\0';
    *ret_length = length;
    return text;
}

static enum step record_choose(struct spf_check *c, const struct lookup *l)
{
    struct frame *f = top(c);
    size_t length = 0, kept = 0;
    for (size_t i = 0; i < l->count; i++) {
        char *text = text_of(&l->data[i], &length);
        bool is_record = text && spf_record_is((struct slice){text, length});
        if (!is_record || f->text) {
            free(text);
            if (is_record || !text)
                return frame_result(c, text ? SPF_PERMERROR : SPF_TEMPERROR,
                                    text ? "there is more than one SPF record" : "out of memory");
            continue;
        }
        f->text = text;
        kept = length;
    }
    if (!f->text)
        return no_record(c);
    if (!c->found.record[0])
        snprintf(c->found.record, sizeof c->found.record, "%s", f->text);
    char why[SPF_WHY_MAX];
    if (!spf_record_read((struct slice){f->text, kept}, &f->record, why))
        return frame_result(c, SPF_PERMERROR, why);
    f->loaded = true;
    return STEP_AGAIN;
}

static enum step on_record(struct spf_check *c, const struct lookup *l)
{
    if (failed(c, l))
        return STEP_OVER;
    return l->status == LOOKUP_FOUND ? record_choose(c, l) : no_record(c);
}

static enum step redirect(struct spf_check *c)
{
    struct frame *f = top(c);
    char target[SPF_TARGET_MAX + 1];
    if (!expand(c, f->record.redirect, target))
        return frame_result(c, SPF_PERMERROR, "\"redirect\" leads to no name");
    spf_record_done(&f->record);
    free(f->text);
    *f = (struct frame){.redirected = true};
    snprintf(f->domain, sizeof f->domain, "%s", target);
    return STEP_AGAIN;
}

// ---- mechanisms

static bool same_network(u128 a, u128 b, unsigned width, unsigned bits)
{
    return bits == 0 || a >> (width - bits) == b >> (width - bits);
}

static bool address_matches(const struct spf_check *c, const struct spf_term *t, u128 address)
{
    return c->q.family == FAMILY_IPV6 ? same_network(address, c->q.address, 128, t->bits6)
                                      : same_network(address, c->q.address, 32, t->bits4);
}

static void cover(struct spf_check *c, const struct spf_term *t, enum family f)
{
    c->found.covers[f] += t->qualifier == '+';
}

static enum step network(struct spf_check *c, const struct spf_term *t)
{
    enum family f = t->mechanism == SPF_IP6 ? FAMILY_IPV6 : FAMILY_IPV4;
    cover(c, t, f);
    return f == c->q.family && address_matches(c, t, t->network) ? STEP_MATCH : STEP_NO_MATCH;
}

static enum step next_name(struct spf_check *c, enum wait wait)
{
    if (c->name_at < c->name_count)
        return ask(c, wait, c->names[c->name_at], address_type(c));
    return STEP_NO_MATCH;
}

static enum step find_validated(struct spf_check *c)
{
    char name[REVERSE_NAME_MAX];
    reverse_name(c->q.family, c->q.address, name);
    return ask(c, FOR_PTR, name, DNS_TYPE_PTR);
}

static enum step pointer(struct spf_check *c)
{
    c->found.depends = true;
    if (!c->validated_known)
        return find_validated(c);
    for (size_t i = 0; i < c->validated_count; i++)
        if (name_within(c->validated[i], c->target))
            return STEP_MATCH;
    return STEP_NO_MATCH;
}

static enum step mechanism(struct spf_check *c, const struct spf_term *t)
{
    if (t->mechanism == SPF_ALL) {
        cover(c, t, FAMILY_IPV4);
        cover(c, t, FAMILY_IPV6);
        return STEP_MATCH;
    }
    if (t->mechanism == SPF_IP4 || t->mechanism == SPF_IP6)
        return network(c, t);
    if (!count_lookup(c))
        return STEP_OVER;
    if (spf_needs_validated(t->target) && !c->validated_known)
        return find_validated(c);
    bool known = expand(c, t->target, c->target);
    if (!known && t->mechanism == SPF_INCLUDE)
        return frame_result(c, SPF_PERMERROR, "\"include\" leads to no name");
    if (!known)
        return STEP_NO_MATCH;
    switch (t->mechanism) {
    case SPF_INCLUDE:
        return frame_push(c, c->target);
    case SPF_A:
        return ask(c, FOR_ADDRESSES, c->target, address_type(c));
    case SPF_MX:
        return ask(c, FOR_MX, c->target, DNS_TYPE_MX);
    case SPF_PTR:
        return pointer(c);
    default:
        c->found.depends = true;
        return ask(c, FOR_EXISTENCE, c->target, DNS_TYPE_A);
    }
}

// ---- answers

static enum step on_addresses(struct spf_check *c, const struct lookup *l)
{
    const struct spf_term *t = term_of(c);
    bool is_mx = t->mechanism == SPF_MX;
    if (failed(c, l) || (!is_mx && !count_void(c, l)))
        return STEP_OVER;
    if (l->status == LOOKUP_FOUND && l->count > 0)
        cover(c, t, c->q.family);
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++)
        if (address_matches(c, t, l->data[i].address))
            return STEP_MATCH;
    c->name_at++;
    return is_mx ? next_name(c, FOR_ADDRESSES) : STEP_NO_MATCH;
}

static void names_keep(struct spf_check *c, const struct lookup *l)
{
    c->name_count = c->name_at = 0;
    for (size_t i = 0; i < l->count && c->name_count < SPF_NAMES_MAX; i++)
        if (l->data[i].name && name_fits(l->data[i].name))
            snprintf(c->names[c->name_count++], SPF_TARGET_MAX + 1, "%s", l->data[i].name);
}

static enum step on_mx(struct spf_check *c, const struct lookup *l)
{
    if (failed(c, l) || !count_void(c, l))
        return STEP_OVER;
    if (l->status != LOOKUP_FOUND)
        return STEP_NO_MATCH;
    if (l->count > SPF_NAMES_MAX)
        return finish(c, SPF_PERMERROR, "an \"mx\" leads to more than 10 servers");
    names_keep(c, l);
    return next_name(c, FOR_ADDRESSES);
}

static enum step names_validated(struct spf_check *c)
{
    c->validated_known = c->resumed = true;
    return STEP_AGAIN; // the term that wanted them is looked at once more
}

static enum step on_ptr(struct spf_check *c, const struct lookup *l)
{
    if (!count_void(c, l))
        return STEP_OVER;
    c->name_count = c->name_at = 0;
    if (l->status == LOOKUP_FOUND)
        names_keep(c, l);
    enum step s = next_name(c, FOR_PTR_ADDRESSES);
    return s == STEP_NO_MATCH ? names_validated(c) : s;
}

static enum step on_ptr_addresses(struct spf_check *c, const struct lookup *l)
{
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++)
        if (l->data[i].address == c->q.address) {
            memcpy(c->validated[c->validated_count++], c->names[c->name_at], SPF_TARGET_MAX + 1);
            break;
        }
    c->name_at++;
    enum step s = next_name(c, FOR_PTR_ADDRESSES);
    return s == STEP_NO_MATCH ? names_validated(c) : s;
}

static enum step on_existence(struct spf_check *c, const struct lookup *l)
{
    if (failed(c, l) || !count_void(c, l))
        return STEP_OVER;
    return l->status == LOOKUP_FOUND && l->count > 0 ? STEP_MATCH : STEP_NO_MATCH;
}

// ---- the way through

static enum spf_result qualified(char qualifier)
{
    switch (qualifier) {
    case '-':
        return SPF_FAIL;
    case '~':
        return SPF_SOFTFAIL;
    case '?':
        return SPF_NEUTRAL;
    default:
        return SPF_PASS;
    }
}

static enum step look(struct spf_check *c)
{
    struct frame *f = top(c);
    if (!f->loaded)
        return ask(c, FOR_RECORD, f->domain, DNS_TYPE_TXT);
    const struct spf_term *t = term_of(c);
    if (t)
        return mechanism(c, t);
    if (f->record.redirect.length == 0)
        return frame_result(c, SPF_NEUTRAL, "");
    if (!count_lookup(c))
        return STEP_OVER;
    if (spf_needs_validated(f->record.redirect) && !c->validated_known)
        return find_validated(c);
    return redirect(c);
}

static void go(struct spf_check *c, enum step s)
{
    while (s != STEP_WAIT && s != STEP_OVER) {
        if (s == STEP_MATCH)
            s = frame_result(c, qualified(term_of(c)->qualifier), "");
        else if (s == STEP_NO_MATCH) {
            top(c)->at++;
            s = STEP_AGAIN;
        } else
            s = look(c);
    }
    if (s == STEP_OVER)
        c->q.done(c->q.arg); // may free it
}

static void answered(void *arg, const struct lookup *l)
{
    static enum step (*const on[])(struct spf_check *, const struct lookup *) = {
        [FOR_RECORD] = on_record,
        [FOR_ADDRESSES] = on_addresses,
        [FOR_EXISTENCE] = on_existence,
        [FOR_MX] = on_mx,
        [FOR_PTR] = on_ptr,
        [FOR_PTR_ADDRESSES] = on_ptr_addresses,
    };
    struct spf_check *c = arg;
    go(c, on[c->wait](c, l));
}

static void begin(void *arg)
{
    struct spf_check *c = arg;
    if (!name_fits(c->q.domain))
        go(c, finish(c, SPF_NONE, ""));
    else
        go(c, frame_push(c, c->q.domain));
}

int spf_check_new(const struct spf_question *q, struct spf_check **ret, struct err *e)
{
    struct spf_check *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(e);
    c->q = *q;
    if (q->family == FAMILY_IPV6 && q->address >> 32 == 0xffff) { // IPv4-mapped: 5
        c->q.family = FAMILY_IPV4;
        c->q.address = (uint32_t)q->address;
    }
    c->begin = (struct event_task){.run = begin, .arg = c};
    events_soon(q->events, &c->begin);
    *ret = c;
    return 0;
}
