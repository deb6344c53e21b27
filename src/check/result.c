// SPDX-License-Identifier: Apache-2.0

#include "check/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DETAIL_MAX 200 // bytes

void result_done(struct result *r)
{
    for (size_t i = 0; i < r->tests.count; i++)
        free(r->tests.at[i].evidence.at);
    free(r->tests.at);
    arena_done(&r->arena);
    *r = (struct result){0};
}

// Without control characters, as UTF-8 as it was: cut where a character begins.
static const char *keep(struct result *r, const char *text, size_t max)
{
    if (!text || !text[0])
        return "";
    size_t length = strlen(text);
    if (length > max)
        for (length = max; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
    char *kept = arena_text(&r->arena, text, length);
    if (!kept) {
        r->failed = true;
        return "";
    }
    for (char *c = kept; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    return kept;
}

struct test *result_test(struct result *r, enum test_kind k, const char *subject)
{
    struct test *t = ARRAY_ADD(&r->tests);
    if (!t) {
        r->failed = true;
        return NULL;
    }
    t->kind = k;
    t->verdict = VERDICT_NOT_TESTABLE;
    t->subject = keep(r, subject, DETAIL_MAX + 100);
    for (size_t i = 0; i < DETAILS_MAX; i++)
        t->details[i] = "";
    t->value = t->value_low = t->value_high = NAN;
    return t;
}

struct test *result_find(const struct result *r, enum test_kind k, const char *subject)
{
    for (size_t i = 0; i < r->tests.count; i++) {
        struct test *t = &r->tests.at[i];
        if (t->kind == k && (!subject || strcmp(t->subject, subject) == 0))
            return t;
    }
    return NULL;
}

void test_decide(struct result *r, struct test *t, enum verdict v, const char *reason,
                 const char *detail1, const char *detail2)
{
    if (!t)
        return;
    t->verdict = v;
    t->reason = reason ? reason_find(reason) : NULL;
    if (reason && !t->reason)
        r->failed = true;
    t->details[0] = keep(r, detail1, DETAIL_MAX);
    t->details[1] = keep(r, detail2, DETAIL_MAX);
}

void test_evidence(struct result *r, struct test *t, const struct evidence *ev)
{
    if (!t)
        return;
    if (t->evidence.count == EVIDENCE_MAX) {
        t->evidence_left_out++;
        return;
    }
    struct evidence *add = ARRAY_ADD(&t->evidence);
    if (!add) {
        r->failed = true;
        return;
    }
    *add = *ev;
    add->asked = keep(r, ev->asked, EVIDENCE_ANSWER_MAX);
    add->whom = keep(r, ev->whom, EVIDENCE_ANSWER_MAX);
    add->answer = keep(r, ev->answer, EVIDENCE_ANSWER_MAX);
}
