// SPDX-License-Identifier: Apache-2.0
//
// JUnit's XML and SARIF 2.1.0: what build servers and code hosts show.

#include "base/json.h"
#include "base/markup.h"
#include "cmd/check_tables.h"
#include "site/words.h"

#include <string.h>

static bool is_wrong(enum verdict v)
{
    return v == VERDICT_FAIL || v == VERDICT_PARTIAL || v == VERDICT_NONE;
}

static bool is_skipped(enum verdict v)
{
    return v == VERDICT_NOT_APPLICABLE || v == VERDICT_NOT_TESTABLE;
}

static unsigned count_tests(const struct result *r, bool (*is)(enum verdict))
{
    unsigned count = 0;
    for (size_t i = 0; i < r->tests.count; i++)
        count += is(r->tests.at[i].verdict);
    return count;
}

static void junit_attribute(struct buffer *out, const char *name, const char *value)
{
    buffer_format(out, " %s=\"", name);
    markup_text(out, value);
    buffer_char(out, '"');
}

static void junit_outcome(const struct test *t, const struct words *w, struct buffer *out)
{
    struct buffer says = {0};
    bool wrong = is_wrong(t->verdict);
    check_reason(t, w, REASON_SAYS, &says);
    buffer_text(out, wrong ? "      <failure" : "      <skipped");
    if (wrong)
        junit_attribute(out, "type", verdict_name(t->verdict));
    junit_attribute(out, "message", says.at ? says.at : verdict_name(t->verdict));
    buffer_char(out, '>');
    for (size_t i = 0; i < t->evidence.count; i++) {
        const struct evidence *ev = &t->evidence.at[i];
        const char *parts[] = {ev->asked, " -> ", ev->whom, ": ", ev->answer, "\n"};
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
            markup_text(out, parts[p]);
    }
    buffer_text(out, wrong ? "</failure>\n" : "</skipped>\n");
    buffer_done(&says);
}

static void junit_test(const struct result *r, const struct test *t, const struct words *w,
                       struct buffer *out)
{
    buffer_text(out, "    <testcase");
    junit_attribute(out, "classname", r->domain);
    buffer_text(out, " name=\"");
    markup_text(out, test_name(t->kind));
    buffer_char(out, ' ');
    markup_text(out, t->subject);
    if (t->verdict == VERDICT_PASS) {
        buffer_text(out, "\"/>\n");
        return;
    }
    buffer_text(out, "\">\n");
    junit_outcome(t, w, out);
    buffer_text(out, "    </testcase>\n");
}

void check_write_junit(const struct check_results *r, const struct words *w, struct buffer *out)
{
    buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < r->list.count; i++) {
        const struct result *one = &r->list.at[i];
        buffer_text(out, "  <testsuite");
        junit_attribute(out, "name", one->domain);
        buffer_format(out, " tests=\"%zu\" failures=\"%u\" skipped=\"%u\" time=\"%.3f\">\n",
                      one->tests.count, count_tests(one, is_wrong), count_tests(one, is_skipped),
                      one->took / 1000.0);
        for (size_t k = 0; k < one->tests.count; k++)
            junit_test(one, &one->tests.at[k], w, out);
        buffer_text(out, "  </testsuite>\n");
    }
    buffer_text(out, "</testsuites>\n");
}

// ---- SARIF

static void sarif_message(struct json *j, const char *key, const char *text)
{
    json_open(j, key, '{');
    json_text(j, "text", text);
    json_close(j);
}

static void sarif_rules(struct json *j, const struct words *w)
{
    json_open(j, "rules", '[');
    for (size_t k = 0; k < TEST_KIND_COUNT; k++) {
        json_open(j, NULL, '{');
        json_text(j, "id", test_name((enum test_kind)k));
        sarif_message(j, "shortDescription", say(w, test_title((enum test_kind)k)));
        json_close(j);
    }
    json_close(j);
}

static const char *sarif_level(enum verdict v)
{
    return v == VERDICT_FAIL ? "error" : v == VERDICT_NOT_TESTABLE ? "note" : "warning";
}

static void sarif_place(struct json *j, const struct result *r, const struct test *t)
{
    struct buffer uri = {0};
    buffer_format(&uri, "%s%s", test_area(t->kind) == AREA_WEB ? "https://" : "dns:", r->domain);
    json_open(j, "locations", '[');
    json_open(j, NULL, '{');
    json_open(j, "physicalLocation", '{');
    json_open(j, "artifactLocation", '{');
    json_text(j, "uri", uri.at);
    json_close(j);
    json_close(j);
    json_open(j, "logicalLocations", '[');
    json_open(j, NULL, '{');
    json_text(j, "fullyQualifiedName", t->subject);
    json_close(j);
    json_close(j);
    json_close(j);
    json_close(j);
    buffer_done(&uri);
}

static void sarif_result(struct json *j, const struct result *r, const struct test *t,
                         const struct words *w)
{
    struct buffer text = {0};
    if (t->verdict == VERDICT_PASS || t->verdict == VERDICT_NOT_APPLICABLE)
        return;
    check_reason(t, w, REASON_SAYS, &text);
    if (t->reason && t->reason->mend[0]) {
        buffer_char(&text, ' ');
        check_reason(t, w, REASON_MEND, &text);
    }
    json_open(j, NULL, '{');
    json_text(j, "ruleId", test_name(t->kind));
    json_integer(j, "ruleIndex", t->kind);
    json_text(j, "level", sarif_level(t->verdict));
    sarif_message(j, "message", text.at ? text.at : verdict_name(t->verdict));
    sarif_place(j, r, t);
    json_close(j);
    buffer_done(&text);
}

void check_write_sarif(const struct check_results *r, const struct words *w, struct buffer *out)
{
    struct json j = {.out = out, .indent = 2};
    json_open(&j, NULL, '{');
    json_text(&j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_text(&j, "version", "2.1.0");
    json_open(&j, "runs", '[');
    json_open(&j, NULL, '{');
    json_open(&j, "tool", '{');
    json_open(&j, "driver", '{');
    json_text(&j, "name", "sextant");
    json_text(&j, "semanticVersion", SEXTANT_VERSION);
    sarif_rules(&j, w);
    json_close(&j);
    json_close(&j);
    json_open(&j, "results", '[');
    for (size_t i = 0; i < r->list.count; i++)
        for (size_t k = 0; k < r->list.at[i].tests.count; k++)
            sarif_result(&j, &r->list.at[i], &r->list.at[i].tests.at[k], w);
    json_close(&j);
    json_close(&j);
    json_close(&j);
    json_close(&j);
    buffer_char(out, '\n');
}
