// SPDX-License-Identifier: Apache-2.0
//
// Every kind of page in every language: complete, balanced, escaped, and nothing untranslated.

#include "archive.h"
#include "lab/catalogue.h"
#include "measure/holdings.h"
#include "site/site_parts.h"
#include "site/words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char day_one[] = "2|apnic|20240101|4|19850101|20240101|+1000\n"
                              "apnic|*|ipv6|*|2|summary\n"
                              "apnic|*|ipv4|*|1|summary\n"
                              "apnic|*|asn|*|1|summary\n"
                              "apnic|JP|ipv6|2001:db8::|32|20100105|allocated|h1\n"
                              "apnic|FJ|ipv6|3fff::|28|20200203|allocated|<i>h2\n"
                              "apnic|FJ|ipv4|192.0.2.0|256|20200203|assigned|<i>h2\n"
                              "apnic|FJ|asn|64496|1|20200203|assigned|<i>h2\n";
static const char day_two[] = "2|apnic|20240301|3|19850101|20240301|+1000\n"
                              "apnic|*|ipv6|*|2|summary\n"
                              "apnic|*|ipv4|*|0|summary\n"
                              "apnic|*|asn|*|1|summary\n"
                              "apnic|JP|ipv6|2001:db8::|32|20100105|allocated|h1\n"
                              "apnic|FJ|ipv6|3fff::|24|20200203|allocated|<i>h2\n"
                              "apnic|FJ|asn|64496|1|20200203|assigned|<i>h2\n";

static const char routes[] = "% This file was generated at Mon Jan  1 10:06:01 UTC 2024.\n"
                             "64496\t2001:db8::/32\t211\n"
                             "64497\t2001:db8:1::/48\t180\n"
                             "64496\t3fff::/28\t150\n"
                             "64498\t2001:db9::/32\t90\n";
static const char payloads[] = "ASN,IP Prefix,Max Length,Trust Anchor\n"
                               "AS64496,2001:db8::/32,48,apnic\n";

static const char servers[] = "date,cctld,nameservers,nameservers_with_aaaa_in_root\n"
                              "2023-01-01,fj,4,1\n2024-01-01,fj,4,3\n"
                              "2023-01-01,jp,8,8\n2024-01-01,jp,8,8\n";

static const char *const pages[] = {
    "",
    "economy",
    "economy/FJ",
    "region/oceania",
    "region/melanesia",
    "group/sids",
    "itu-region/asia-pacific",
    "registry/apnic",
    "compare",
    "compare?with=FJ,JP,region:asia,group:sids,registry:apnic,world",
    "routing",
    "routing?by=region",
    "routing?by=world&known-on=2023-01-01",
    "routing?of=FJ",
    "users",
    "users?of=region:oceania",
    "name-servers",
    "name-servers?of=FJ",
    "holders",
    "holders?of=group:sids",
    "indices",
    "services",
    "services?campaign=q1&sector=health",
    "services/d1.example",
    "services/d2.example",
    "forecast",
    "forecast?series=google&of=FJ&target=40",
    "forecast?series=google&of=JP",
    "changes",
    "changes?from=2024-01-01&to=2024-03-01&only=FJ",
    "address",
    "address/2001:db8::/32",
    "address/AS64496",
    "labs",
    "labs/first-hop",
    "labs/static-routing",
    "courses",
    "data",
    "data/1",
    "methods",
};

static const char *const charts[] = {
    "chart/pace.svg",
    "chart/lorenz.svg",
    "chart/economy/FJ/pace.svg?y=slash32&scale=log",
    "chart/economy/FJ/comparison.svg",
    "chart/region/oceania/members.svg",
    "chart/users/adoption.svg",
    "chart/users/reconciliation.svg",
    "chart/users/history.svg?of=FJ",
    "chart/name-servers/regions.svg",
    "chart/holders/new-holders.svg?of=FJ",
    "chart/indices/ripeness.svg?known-on=2024-03-01",
    "chart/services/services.svg",
    "chart/forecast/forecast.svg?series=google&of=FJ",
    "chart/routing/lengths.svg?y=more_specific",
    "chart/routing/visibility.svg?by=registry",
    "chart/registry/apnic/pace.svg?known-on=2024-01-15",
    "chart/compare/compare.svg?with=FJ,JP,region:asia&figure=growth",
};
#define PAGE_COUNT (sizeof pages / sizeof *pages)

// Users of a made-up source in Fiji and the world, by month, towards half of all.
static void add_users(struct archive *a)
{
    struct buffer b = {0};
    buffer_text(&b, "# name: google\n# unit: %\n# title: Users that reach Google over IPv6\n"
                    "date,economy,value\n");
    for (int month = 0; month < 72; month++) {
        double share = 50 / (1 + exp((40 - month) / 9.0));
        buffer_format(&b, "%d-%02d-01,FJ,%.3f\n", 2018 + month / 12, month % 12 + 1, share);
        buffer_format(&b, "%d-%02d-01,WORLD,%.3f\n", 2018 + month / 12, month % 12 + 1, share / 2);
    }
    archive_add(a, "users.csv", b.at);
    buffer_done(&b);
}

// Two campaigns of two domains: one sound, one with markup in what its server said.
static void add_services(struct archive *a)
{
    for (int campaign = 1; campaign <= 2; campaign++) {
        struct buffer b = {0};
        char name[16];
        buffer_format(&b,
                      "{\"journal\":1,\"campaign\":\"q%d\",\"vantage\":\"here\",\"list\":"
                      "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
                      "\"options\":\"\",\"version\":\"\",\"began\":%lld}\n",
                      campaign, 1704067200000LL + campaign * 86400000LL * 90);
        for (int d = 1; d <= 2; d++)
            buffer_format(&b,
                          "{\"economy\":\"FJ\",\"organisation\":\"<i>Office %d\",\"sector\":"
                          "\"health\",\"result\":{\"format\":1,\"domain\":\"d%d.example\","
                          "\"vantage\":\"here\",\"began\":1704067200000,\"ipv6\":true,"
                          "\"stage\":\"%s\",\"tests\":[{\"test\":\"web-tls\",\"subject\":"
                          "\"www.d%d.example\",\"verdict\":\"%s\",\"evidence\":[{\"family\":"
                          "\"ipv6\",\"at\":1704067200000,\"took\":1500,\"asked\":\"GET\","
                          "\"whom\":\"[2001:db8::1]:443\",\"answer\":\"<i>no\"}]}]}}\n",
                          d, d, d == campaign ? "complete" : "named", d,
                          d == campaign ? "pass" : "fail");
        snprintf(name, sizeof name, "q%d.journal", campaign);
        archive_add(a, name, b.at);
        buffer_done(&b);
    }
}

struct fixture {
    struct archive archive;
    struct site *site;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err e = {0};
    archive_open(&f->archive);
    archive_add(&f->archive, "delegated-apnic-extended-20240101", day_one);
    archive_add(&f->archive, "delegated-apnic-extended-20240301", day_two);
    archive_add(&f->archive, "riswhoisdump-20240101.IPv6", routes);
    archive_add(&f->archive, "vrps-20240101.csv", payloads);
    add_users(&f->archive);
    archive_add(&f->archive, "cctld-name-servers.csv", servers);
    add_services(&f->archive);
    if (site_new(&(struct site_options){.store = f->archive.path}, &f->site, &e) != 0)
        fail_msg("%s", e.text);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    site_free(&f->site);
    archive_close(&f->archive);
    free(f);
    return 0;
}

// The page as text, to be freed; the status in *status.
static char *visit(struct fixture *f, const char *target, unsigned *status)
{
    struct request r = {.method = "GET",
                        .target = target,
                        .accept = "",
                        .accept_encoding = "",
                        .accept_language = "",
                        .if_none_match = "",
                        .if_modified_since = "",
                        .host = "localhost"};
    struct response answer = {0};
    size_t length;
    site_answer(f->site, &r, &answer);
    const char *bytes = response_bytes(&answer, &length);
    char *text = strndup(bytes ? bytes : "", length);
    *status = answer.status;
    response_done(&answer);
    request_done(&r);
    assert_non_null(text);
    return text;
}

static bool is_void(const char *name)
{
    return strcmp(name, "meta") == 0 || strcmp(name, "link") == 0 || strcmp(name, "input") == 0 ||
           strcmp(name, "img") == 0;
}

// Every element that opens closes, in order; attributes are quoted.
static void check_balance(const char *page, const char *target)
{
    char open[80][16];
    size_t depth = 0;
    for (const char *at = strchr(page, '<'); at; at = strchr(at, '<')) {
        char name[16] = "";
        const char *end = strchr(at, '>');
        bool closing = at[1] == '/';
        size_t length = strspn(at + 1 + closing, "abcdefghijklmnopqrstuvwxyz0123456789");
        if (!end || depth >= 80 || length >= sizeof name)
            fail_msg("%s: broken at %.40s", target, at);
        memcpy(name, at + 1 + closing, length);
        if (at[1] == '!') {
        } else if (!closing && !is_void(name) && end[-1] != '/') {
            memcpy(open[depth++], name, sizeof name);
        } else if (closing && (depth == 0 || strcmp(open[--depth], name) != 0)) {
            fail_msg("%s: </%s> closes <%s>", target, name, open[depth]);
        }
        at = end;
    }
    assert_int_equal(depth, 0);
}

static void check_ids(const char *page, const char *target)
{
    for (const char *at = strstr(page, " id=\""); at; at = strstr(at + 5, " id=\"")) {
        char id[80];
        size_t length = strcspn(at + 5, "\"");
        snprintf(id, sizeof id, " id=\"%.*s\"", (int)length, at + 5);
        if (strstr(at + 5, id))
            fail_msg("%s: twice%s", target, id);
    }
}

static void every_page_in_every_language(void **state)
{
    struct fixture *f = *state;
    for (unsigned l = 0; l < LANGUAGE_COUNT; l++)
        for (size_t i = 0; i < PAGE_COUNT; i++) {
            char target[160], wanted[80];
            unsigned status;
            const char *code = language_code((enum language)l);
            snprintf(target, sizeof target, "/%s/%s", code, pages[i]);
            char *page = visit(f, target, &status);
            if (status != 200)
                fail_msg("%s: %u: %s", target, status, page);
            snprintf(wanted, sizeof wanted, "<html lang=\"%s\" dir=\"%s\">", code,
                     words_direction((enum language)l));
            assert_non_null(strstr(page, wanted));
            assert_non_null(strstr(page, "<h1"));
            assert_null(strstr(page, "<i>"));
            assert_null(strstr(page, "{1}"));
            check_balance(page, target);
            check_ids(page, target);
            free(page);
        }
}

static void languages_lead_to_the_same_page(void **state)
{
    unsigned status;
    char *page = visit(*state, "/en/compare?with=FJ,JP", &status);
    assert_non_null(strstr(page, "hreflang=\"ar\" href=\"/ar/compare?with=FJ,JP\""));
    assert_non_null(strstr(page, "hreflang=\"zh\" href=\"/zh/compare?with=FJ,JP\""));
    free(page);
}

// In the reader's language, whole; what a stranger's laboratory has no translation for is marked as
// English (lesson.h). Nothing of it is a teacher's.
static void laboratories_are_told(void **state)
{
    unsigned status;
    char *page = visit(*state, "/ar/labs/static-routing", &status);
    assert_non_null(strstr(page, "<h1>\u0627\u0644\u062a\u0648\u062c\u064a\u0647"));
    assert_non_null(strstr(page, "<ol><li>\u0627\u0646\u0638\u0631"));
    assert_null(strstr(page, "Look at the routes"));
    assert_non_null(strstr(page, "<code dir=\"ltr\">sextant lab up static-routing</code>"));
    assert_non_null(strstr(page, "<svg xmlns="));
    assert_null(strstr(page, "<style"));
    assert_non_null(strstr(page, ">eth0 2001:db8:a:1::10/64</text>"));
    assert_null(strstr(page, "Typical errors"));
    assert_null(strstr(page, "no-way-back"));
    free(page);
    page = visit(*state, "/en/labs/static-routing", &status);
    assert_non_null(strstr(page, "<h1>Static routing</h1>"));
    assert_null(strstr(page, "<p lang="));
    assert_non_null(strstr(page, "href=\"https://www.rfc-editor.org/rfc/rfc4291\""));
    assert_non_null(strstr(page, "href=\"/en/courses#engineers\""));
    free(page);
    page = visit(*state, "/en/courses", &status);
    assert_non_null(strstr(page, "id=\"engineers\""));
    assert_non_null(strstr(page, "href=\"/en/labs/first-hop\""));
    free(page);
    page = visit(*state, "/en/labs/%3Cnone%3E", &status);
    assert_int_equal(status, 404);
    assert_null(strstr(page, "<none>"));
    free(page);
}

// A page that no other test here has asked for: answers are kept.
static void what_is_not_translated_is_marked_as_english(void **state)
{
    struct fixture *f = *state;
    unsigned status;
    char said[] = "Nobody has <i>translated</i> this.";
    for (size_t i = 0; i < f->site->catalogue->lab_count; i++) {
        struct lab *lab = f->site->catalogue->labs[i];
        char *kept = lab->summary;
        if (strcmp(lab->name, "nat64") != 0)
            continue;
        lab->summary = said;
        char *page = visit(f, "/ar/labs/nat64", &status);
        assert_non_null(strstr(page, "<p lang=\"en\" dir=\"ltr\">Nobody has &lt;i&gt;translated"));
        free(page);
        page = visit(f, "/en/labs/nat64", &status);
        assert_non_null(strstr(page, "<p>Nobody has &lt;i&gt;translated"));
        free(page);
        lab->summary = kept;
        return;
    }
    fail_msg("nat64 is not there");
}

static void figures_are_those_of_the_archive(void **state)
{
    unsigned status;
    char *page = visit(*state, "/en/economy/FJ", &status);
    assert_non_null(strstr(page, "<td class=\"number\" data-value=\"256\">256.00</td>"));
    assert_non_null(strstr(page, "&lt;i&gt;h2"));
    assert_non_null(strstr(page, "known on 1 March 2024"));
    free(page);
    page = visit(*state, "/fr/economy/FJ", &status);
    assert_non_null(strstr(page, "Fidji"));
    assert_non_null(strstr(page, "data-value=\"256\">256,00</td>"));
    free(page);
}

static void a_domain_says_what_is_wrong(void **state)
{
    unsigned status;
    char *page = visit(*state, "/en/services/d2.example", &status);
    assert_int_equal(status, 200);
    assert_non_null(strstr(page, "Complete</strong>"));
    assert_non_null(strstr(page, "&lt;i&gt;no"));
    free(page);
    page = visit(*state, "/en/services/d1.example", &status);
    assert_non_null(strstr(page, "<li class=\"fail\">"));
    assert_non_null(strstr(page, "The certificate over IPv6 is valid"));
    assert_non_null(strstr(page, "1.5 ms"));
    free(page);
    page = visit(*state, "/fr/services", &status);
    assert_non_null(strstr(page, "href=\"/fr/services/d1.example\""));
    assert_non_null(strstr(page, "&lt;i&gt;Office 1"));
    free(page);
    page = visit(*state, "/en/services?for=HTTPS://D1.example/x", &status);
    assert_int_equal(status, 303);
    assert_non_null(strstr(page, "/en/services/d1.example"));
    free(page);
    page = visit(*state, "/en/services/nobody.example", &status);
    assert_int_equal(status, 404);
    free(page);
    page = visit(*state, "/en/services/a%20b", &status);
    assert_int_equal(status, 400);
    free(page);
}

static void every_chart_is_a_picture(void **state)
{
    struct fixture *f = *state;
    for (unsigned l = 0; l < LANGUAGE_COUNT; l++)
        for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
            char target[160];
            unsigned status;
            snprintf(target, sizeof target, "/%s/%s", language_code((enum language)l), charts[i]);
            char *svg = visit(f, target, &status);
            if (status != 200)
                fail_msg("%s: %u: %s", target, status, svg);
            assert_non_null(strstr(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\""));
            assert_true(strstr(svg, "<circle ") || strstr(svg, "</title>\n</rect>"));
            assert_null(strstr(svg, "{1}"));
            check_balance(svg, target);
            free(svg);
        }
}

// What a mark is called has the figure of the table's cell.
static void a_picture_has_the_figures_of_the_table(void **state)
{
    unsigned status;
    char *svg = visit(*state, "/en/chart/economy/FJ/pace.svg?y=cumulative_slash32", &status);
    assert_non_null(strstr(svg, "<title>2020: 256.00</title>"));
    assert_non_null(strstr(svg, "<title>2024: 256.00</title>"));
    assert_non_null(strstr(svg, "known on 1 March 2024"));
    assert_non_null(strstr(svg, "http://localhost/en/economy/FJ"));
    free(svg);
    svg = visit(*state, "/fr/chart/region/oceania/members.svg", &status);
    assert_non_null(strstr(svg, "<title>Fidji: 256,00</title>"));
    free(svg);
}

static void what_is_not_there_is_said(void **state)
{
    static const struct {
        const char *target;
        unsigned status;
    } cases[] = {{"/en/economy/XX", 404},
                 {"/ar/economy/KE", 200},
                 {"/en/region/atlantis", 404},
                 {"/zh/group/rich", 404},
                 {"/en/registry/nro", 404},
                 {"/en/data/ffffffff", 404},
                 {"/en/address/%3Cscript%3E", 400},
                 {"/en/compare?with=%3Cscript%3E", 400},
                 {"/en/compare?with=FJ,JP,KE,TZ,UG,RW,BI,ET,SO", 400},
                 {"/en/?known-on=yesterday", 400},
                 {"/en/?known-on=1999", 404},
                 {"/en/chart/economy/FJ/pace.gif", 404},
                 {"/en/chart/economy/FJ/none.svg", 404},
                 {"/en/chart/economy/XX/pace.svg", 404},
                 {"/en/chart/chart/pace.svg", 404},
                 {"/en/chart/pace.svg?known-on=1999", 404},
                 {"/en/chart/methods/pace.svg", 404},
                 {"/en/users?of=XX", 400},
                 {"/en/users?of=FJ,JP", 400},
                 {"/en/forecast?series=none", 200},
                 {"/en/economy/fji", 303},
                 {"/en/compare?with=FJ&add=JP", 303},
                 {"/en/address?for=AS64496", 303}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned status;
        char *page = visit(*state, cases[i].target, &status);
        if (status != cases[i].status)
            fail_msg("%s: %u", cases[i].target, status);
        assert_null(strstr(page, "<script>"));
        if (status != 303)
            check_balance(page, cases[i].target);
        free(page);
    }
}

// ---- the words of the tables

// In these languages no word is as in English; the catalogues of all have the same texts.
static const enum language unlike[] = {LANGUAGE_AR, LANGUAGE_RU, LANGUAGE_ZH};

static void check_said(const struct words *w, const char *english, const char *where)
{
    static const char *const same[] = {"",     "HHI",  "SHA-256", "\xC2\xB1", "%",
                                       "IPv4", "IPv6", "p",       "6lab"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (strcmp(english, same[i]) == 0)
            return;
    if (strcmp(say(w, english), english) == 0)
        fail_msg("%s: \"%s\" is not translated into %s", where, english,
                 language_code(words_language(w)));
}

static void check_note(const struct words *w, const char *note, const char *where)
{
    struct buffer b = {0};
    if (!say_pattern(w, &b, note))
        fail_msg("%s: \"%s\" is not translated into %s", where, note,
                 language_code(words_language(w)));
    buffer_done(&b);
}

static void check_table(const struct words *w, const struct table *t)
{
    for (size_t i = 0; i < t->note_count; i++)
        check_note(w, t->notes[i], t->name);
    for (size_t i = 0; i < t->column_count; i++) {
        if (!t->columns[i].machine_only)
            check_said(w, t->columns[i].heading, t->name);
        check_said(w, t->columns[i].description, t->name);
    }
}

static void every_column_is_translated(void **state)
{
    static const char *const asked[][2] = {{"pace", "by=economy"},
                                           {"geography", "by=economy"},
                                           {"geography", "by=group"},
                                           {"geography", "by=itu-region"},
                                           {"geography", "by=registry"},
                                           {"pace", "family=ipv4"},
                                           {"pace", "family=asn"},
                                           {"concentration", NULL},
                                           {"changes", "from=2024-01-01"},
                                           {"economy", "economy=FJ"},
                                           {"visibility", "by=economy"},
                                           {"visibility", "family=ipv4"},
                                           {"networks", "by=economy"},
                                           {"networks", "family=ipv4"},
                                           {"delay", NULL},
                                           {"holders", "by=economy"},
                                           {"holders", "family=ipv4"},
                                           {"forecast", "series=google"},
                                           {"adoption", "by=economy"},
                                           {"nameservers", "by=region"},
                                           {"indices", NULL}};
    struct fixture *f = *state;
    archive_add(&f->archive, "routes-20240101.csv",
                "prefix,origin\n2001:db8::/32,64496\n192.0.2.0/24,64496\n");
    archive_add(&f->archive, "routes-20240301.csv",
                "prefix,origin\n3fff::/28,64497\n192.0.2.0/24,64496\n");
    archive_add(&f->archive, "vrps-20240301.csv",
                "ASN,IP Prefix,Max Length,Trust Anchor\nAS64497,3fff::/28,28,apnic\n"
                "AS64496,192.0.2.0/24,24,apnic\n");
    for (size_t l = 0; l < sizeof unlike / sizeof *unlike; l++) {
        struct words *w;
        assert_int_equal(words_load(unlike[l], &w, NULL), 0);
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
            struct measure_tables t = archive_ask(&f->archive, asked[i][0], asked[i][1], NULL);
            for (size_t k = 0; k < t.count; k++)
                check_table(w, t.at[k]);
            measure_tables_free(&t);
        }
        words_free(&w);
    }
}

static void every_fate_is_translated(void **state)
{
    (void)state;
    for (size_t l = 0; l < sizeof unlike / sizeof *unlike; l++) {
        struct words *w;
        assert_int_equal(words_load(unlike[l], &w, NULL), 0);
        for (unsigned i = 0; i < IGNORED_COUNT; i++)
            check_said(w, ignored_name((enum ignored)i), "ignored");
        for (unsigned i = 0; i < REJECTED_COUNT; i++)
            check_said(w, rejected_name((enum rejected)i), "rejected");
        for (unsigned i = 0; i < FINDING_COUNT_OF_KINDS; i++)
            check_said(w, finding_name((enum finding_kind)i), "finding");
        words_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_in_every_language),
        cmocka_unit_test(languages_lead_to_the_same_page),
        cmocka_unit_test(laboratories_are_told),
        cmocka_unit_test(what_is_not_translated_is_marked_as_english),
        cmocka_unit_test(figures_are_those_of_the_archive),
        cmocka_unit_test(a_domain_says_what_is_wrong),
        cmocka_unit_test(a_domain_says_what_is_wrong),
        cmocka_unit_test(every_chart_is_a_picture),
        cmocka_unit_test(a_picture_has_the_figures_of_the_table),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(every_column_is_translated),
        cmocka_unit_test(every_fate_is_translated),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
