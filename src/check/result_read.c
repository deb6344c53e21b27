// SPDX-License-Identifier: Apache-2.0
//
// A result out of its line of JSON. What a later version may have added is passed over.

#include "check/result.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *text_of(struct result *r, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    char *kept = text ? arena_text(&r->arena, text, strlen(text)) : NULL;
    r->failed |= text && !kept;
    return kept ? kept : "";
}

static int64_t integer_of(const json_t *object, const char *key, int64_t max)
{
    int64_t value = json_integer_value(json_object_get(object, key));
    return value < 0 ? 0 : value > max ? max : value;
}

static double real_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void read_evidence(struct result *r, struct test *t, const json_t *object)
{
    enum family family = FAMILY_ASN;
    const char *name = json_string_value(json_object_get(object, "family"));
    if (name)
        family_parse(slice_of(name), &family);
    test_evidence(r, t,
                  &(struct evidence){family, integer_of(object, "at", INT64_MAX),
                                     (uint32_t)integer_of(object, "took", UINT32_MAX),
                                     text_of(r, object, "asked"), text_of(r, object, "whom"),
                                     text_of(r, object, "answer")});
}

static void read_reason(struct result *r, struct test *t, const json_t *object)
{
    const char *key = json_string_value(json_object_get(object, "reason"));
    const json_t *details = json_object_get(object, "details");
    t->reason = key ? reason_find(key) : NULL;
    for (size_t i = 0; t->reason && i < DETAILS_MAX && i < json_array_size(details); i++) {
        const char *text = json_string_value(json_array_get(details, i));
        char *kept = text ? arena_text(&r->arena, text, strlen(text)) : NULL;
        t->details[i] = kept ? kept : "";
    }
}

static void read_test(struct result *r, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "test"));
    const char *word = json_string_value(json_object_get(object, "verdict"));
    enum test_kind kind;
    enum verdict verdict;
    if (!name || !word || !test_parse(slice_of(name), &kind) ||
        !verdict_parse(slice_of(word), &verdict))
        return;
    struct test *t = result_test(r, kind, text_of(r, object, "subject"));
    if (!t)
        return;
    t->verdict = verdict;
    read_reason(r, t, object);
    t->value = real_of(object, "value");
    t->value_low = real_of(object, "low");
    t->value_high = real_of(object, "high");
    t->evidence_left_out = (unsigned)integer_of(object, "left-out", UINT32_MAX);
    const json_t *evidence = json_object_get(object, "evidence");
    for (size_t i = 0; i < json_array_size(evidence); i++)
        read_evidence(r, t, json_array_get(evidence, i));
}

static struct nist_count count_of(const json_t *scores, const char *key)
{
    const json_t *object = json_object_get(scores, key);
    return (struct nist_count){
        (unsigned)integer_of(object, "interfaces", UINT32_MAX),
        (unsigned)integer_of(object, "with-aaaa", UINT32_MAX),
        (unsigned)integer_of(object, "reached", UINT32_MAX),
        (unsigned)integer_of(object, "operational", UINT32_MAX),
        json_is_true(json_object_get(object, "intended")),
    };
}

static void read_scores(struct result *r, const json_t *root)
{
    const json_t *scores = json_object_get(root, "scores");
    r->scores = (struct scores){real_of(scores, "internetnl-web"),
                                real_of(scores, "internetnl-mail"),
                                real_of(scores, "china"),
                                count_of(scores, "dns"),
                                count_of(scores, "web"),
                                count_of(scores, "mail"),
                                STAGE_UNKNOWN};
    const char *stage = json_string_value(json_object_get(root, "stage"));
    if (stage)
        stage_parse(slice_of(stage), &r->scores.stage);
}

static void read_root(struct result *r, const json_t *root)
{
    r->domain = text_of(r, root, "domain");
    r->vantage = text_of(r, root, "vantage");
    r->version = text_of(r, root, "version");
    r->began = integer_of(root, "began", INT64_MAX);
    r->took = (uint32_t)integer_of(root, "took", UINT32_MAX);
    r->level = (unsigned)integer_of(root, "level", UINT32_MAX);
    r->ipv4_here = json_is_true(json_object_get(root, "ipv4"));
    r->ipv6_here = json_is_true(json_object_get(root, "ipv6"));
    read_scores(r, root);
    const json_t *tests = json_object_get(root, "tests");
    for (size_t i = 0; i < json_array_size(tests); i++)
        read_test(r, json_array_get(tests, i));
}

int result_read_json(struct slice text, const char *name, struct result *ret, struct err *e)
{
    if (text.length > RESULT_JSON_MAX)
        return err_set(e, ERR_LIMIT, "%s: a result of more than %zu bytes", name, RESULT_JSON_MAX);
    json_error_t why;
    json_t *root = json_loadb(text.at, text.length, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return err_set(e, ERR_INPUT, "%s: no JSON: %s", name, why.text);
    int code = 0;
    struct result r = {0};
    if (json_integer_value(json_object_get(root, "format")) != RESULT_FORMAT)
        code = err_set(e, ERR_INPUT, "%s: no result of a check, format %d", name, RESULT_FORMAT);
    else
        read_root(&r, root);
    json_decref(root);
    if (!code && !r.domain[0])
        code = err_set(e, ERR_INPUT, "%s: a result without a domain", name);
    if (!code && r.failed)
        code = err_memory(e);
    if (code)
        result_done(&r);
    else
        *ret = r;
    return code;
}
