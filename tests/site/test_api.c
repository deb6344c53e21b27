// SPDX-License-Identifier: Apache-2.0
//
// Answers without a network: every route, every error, the API against its own description.

#include "archive.h"
#include "site/api.h"
#include "site/coding.h"
#include "site/response.h"
#include "site/routes.h"
#include "site/site.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#ifdef WITH_BROTLI
#include <brotli/decode.h>
#endif

#include <cmocka.h>

static const char day_one[] = "2|apnic|20240101|3|19850101|20240101|+1000\n"
                              "apnic|*|ipv6|*|2|summary\n"
                              "apnic|*|ipv4|*|1|summary\n"
                              "apnic|*|asn|*|0|summary\n"
                              "apnic|JP|ipv6|2001:db8::|32|20100105|allocated|h1\n"
                              "apnic|FJ|ipv6|3fff::|28|20200203|allocated|h2\n"
                              "apnic|FJ|ipv4|192.0.2.0|256|20200203|assigned|h2\n";
static const char day_two[] = "2|apnic|20240102|2|19850101|20240102|+1000\n"
                              "apnic|*|ipv6|*|2|summary\n"
                              "apnic|*|ipv4|*|0|summary\n"
                              "apnic|*|asn|*|0|summary\n"
                              "apnic|JP|ipv6|2001:db8::|32|20100105|allocated|h1\n"
                              "apnic|FJ|ipv6|3fff::|28|20200203|allocated|h2\n";

static const char routes[] = "prefix,origin\n"
                             "2001:db8::/32,64496\n"
                             "192.0.2.0/24,64497\n";

static const char routes_then[] = "prefix,origin\n"
                                  "2001:db8::/32,64496\n"
                                  "3fff::/28,64498\n"
                                  "192.0.2.0/24,64497\n";

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

// One exchange; the caller ends it.
struct exchange {
    struct request request;
    struct response response;
    const char *bytes;
    size_t length;
};

static struct request get(const char *target)
{
    return (struct request){.method = "GET",
                            .target = target,
                            .accept = "",
                            .accept_encoding = "",
                            .accept_language = "",
                            .if_none_match = "",
                            .if_modified_since = "",
                            .host = "localhost:8064"};
}

static void answer(struct fixture *f, struct request r, struct exchange *x)
{
    *x = (struct exchange){.request = r};
    site_answer(f->site, &x->request, &x->response);
    x->bytes = response_bytes(&x->response, &x->length);
}

static void finish(struct exchange *x)
{
    response_done(&x->response);
    request_done(&x->request);
}

static const char *header(const struct exchange *x, const char *name)
{
    for (size_t i = 0; i < x->response.header_count; i++)
        if (strcasecmp(x->response.headers[i].name, name) == 0)
            return x->response.headers[i].value;
    return "";
}

static json_t *json_of(const struct exchange *x)
{
    json_error_t wrong;
    json_t *j = json_loadb(x->bytes, x->length, JSON_REJECT_DUPLICATES, &wrong);
    if (!j)
        fail_msg("%s: %s", x->request.target, wrong.text);
    return j;
}

static void check_security(const struct exchange *x)
{
    assert_string_equal(header(x, "X-Content-Type-Options"), "nosniff");
    assert_non_null(strstr(header(x, "Content-Security-Policy"), "default-src 'none'"));
    assert_null(strstr(header(x, "Content-Security-Policy"), "unsafe"));
    assert_string_not_equal(header(x, "Referrer-Policy"), "");
    assert_string_not_equal(header(x, "Permissions-Policy"), "");
    assert_string_equal(header(x, "Server"), "");
}

static void expect(struct fixture *f, const char *target, unsigned status, const char *type)
{
    struct exchange x;
    answer(f, get(target), &x);
    if (x.response.status != status)
        fail_msg("%s: %u, wanted %u: %.200s", target, x.response.status, status, x.bytes);
    if (strncmp(x.response.content_type, type, strlen(type)) != 0)
        fail_msg("%s: %s, wanted %s", target, x.response.content_type, type);
    check_security(&x);
    finish(&x);
}

static void test_every_route_answers(void **state)
{
    static const char *const pages[] = {
        "/en/",
        "/ar/economy/FJ",
        "/zh/economy",
        "/fr/region/oceania",
        "/en/group/sids",
        "/es/compare",
        "/ru/changes?from=2024-01-01&to=2024-01-02",
        "/en/address/2001:db8::/32",
        "/en/address",
        "/en/data",
        "/en/methods",
        "/en/registry/apnic",
        "/en/itu-region/asia-pacific",
    };
    archive_add(&((struct fixture *)*state)->archive, "delegated-apnic-extended-20240102", day_two);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        expect(*state, pages[i], 200, "text/html");
    expect(*state, "/", 302, "text/plain");
    expect(*state, "/healthz", 200, "text/plain");
    expect(*state, "/metrics", 200, "text/plain; version=0.0.4");
    expect(*state, "/api/v1/", 200, "application/json");
    expect(*state, "/api/v1/openapi.json", 200, "application/json");
}

static void test_errors(void **state)
{
    static const char *const wrong[] = {
        "/api/v1/pace?colour=red",
        "/api/v1/pace?by=planet",
        "/api/v1/pace?format=xml",
        "/api/v1/economy",
        "/api/v1/lookup?resource=nonsense",
        "/api/v1/lookup",
        "/api/v1/pace?from=yesterday",
        "/api/v1/snapshots?format=csv",
        "/api/v1/pace?table=nothing",
        "/api/v1/pace?top=0",
        "/api/v1/pace?lang=tlh",
        "/api/v1/%zz",
        "/api/v1/pace?a=%00",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect(*state, wrong[i], 400, "application/problem+json");
    expect(*state, "/api/v1/nothing", 404, "application/problem+json");
    expect(*state, "/api/v1/pace/more", 404, "application/problem+json");
    expect(*state, "/api/v1/inputs?input=99", 404, "application/problem+json");
    static const char *const missing[] = {
        "/nothing",
        "/de/",
        "/en",
        "//",
        "/en/../en/",
        "/static/../world/names.csv",
        "/static/nothing.css",
        "/static/",
        "/en/economy/XX",
        "/EN/",
        "/en/region/atlantis",
    };
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        expect(*state, missing[i], 404, "text/html");
    expect(*state, "/%", 400, "text/html");
}

static void test_a_problem_says_what_is_wrong(void **state)
{
    struct exchange x;
    answer(*state, get("/api/v1/pace?by=planet"), &x);
    json_t *j = json_of(&x);
    assert_int_equal(json_integer_value(json_object_get(j, "status")), 400);
    assert_string_equal(json_string_value(json_object_get(j, "title")), "Bad Request");
    assert_non_null(strstr(json_string_value(json_object_get(j, "detail")), "itu-region"));
    assert_string_equal(json_string_value(json_object_get(j, "type")), "about:blank");
    assert_string_equal(x.response.etag, "");
    json_decref(j);
    finish(&x);
}

static void test_formats(void **state)
{
    struct exchange x;
    struct request csv = get("/api/v1/geography?by=economy");
    csv.accept = "text/csv";
    answer(*state, csv, &x);
    assert_int_equal(x.response.status, 200);
    assert_true(strncmp(x.bytes, "rank,key,name,", 14) == 0);
    assert_non_null(strstr(x.bytes, "FJ"));
    assert_non_null(strstr(header(&x, "Link"), "/api/v1/geography?format=json&table=geography"));
    assert_non_null(strstr(header(&x, "Link"), "rel=\"describedby\""));
    finish(&x);
    answer(*state, get("/api/v1/geography?by=economy"), &x); // the other is kept under its own key
    json_t *j = json_of(&x);
    assert_string_equal(json_string_value(json_object_get(j, "table")), "geography");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "basis"), "revision")),
                     1);
    assert_non_null(strstr(header(&x, "Vary"), "Accept"));
    json_decref(j);
    finish(&x);
    answer(*state, get("/api/v1/geography?by=economy&format=sdmx-csv"), &x);
    assert_true(strncmp(x.bytes, "STRUCTURE,STRUCTURE_ID,ACTION,RANK,", 35) == 0);
    assert_non_null(strstr(x.bytes, "\ndataflow,SEXTANT:GEOGRAPHY(1.0),I,"));
    finish(&x);
}

static void test_names_in_a_language(void **state)
{
    struct exchange x;
    answer(*state, get("/api/v1/geography?by=economy&lang=fr&format=csv"), &x);
    assert_non_null(strstr(x.bytes, "Japon"));
    finish(&x);
}

static void test_conditional_requests(void **state)
{
    struct fixture *f = *state;
    struct exchange x;
    char etag[72];
    for (int round = 0; round < 2; round++) { // made, then kept
        struct request r = get("/api/v1/pace");
        answer(f, r, &x);
        assert_int_equal(x.response.etag[0], '"');
        assert_string_not_equal(header(&x, "Last-Modified"), "");
        memcpy(etag, x.response.etag, sizeof etag);
        finish(&x);
        r.if_none_match = etag;
        answer(f, r, &x);
        assert_int_equal(x.response.status, 304);
        assert_int_equal(x.length, 0);
        assert_string_equal(x.response.etag, etag);
        finish(&x);
        r.accept_encoding = "gzip"; // other bytes
        answer(f, r, &x);
        assert_int_equal(x.response.status, 200);
        finish(&x);
    }
    usleep(60000); // longer than the archive's state is taken for unchanged
    archive_add(&f->archive, "delegated-apnic-extended-20240102", day_two);
    struct request r = get("/api/v1/pace");
    r.if_none_match = etag;
    answer(f, r, &x);
    assert_int_equal(x.response.status, 200);
    assert_string_not_equal(x.response.etag, etag);
    finish(&x);
}

static void gunzip(const struct exchange *x, char *ret, size_t *length)
{
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)x->bytes,
                  .avail_in = (unsigned)x->length,
                  .next_out = (unsigned char *)ret,
                  .avail_out = (unsigned)*length};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    *length = z.total_out;
    inflateEnd(&z);
}

static void unpack(enum coding c, const struct exchange *x, char *ret, size_t *length)
{
    if (c == CODING_GZIP) {
        gunzip(x, ret, length);
    } else if (c == CODING_ZSTD) {
        *length = ZSTD_decompress(ret, *length, x->bytes, x->length);
        assert_false(ZSTD_isError(*length));
    } else {
#ifdef WITH_BROTLI
        assert_int_equal(
            BrotliDecoderDecompress(x->length, (const uint8_t *)x->bytes, length, (uint8_t *)ret),
            BROTLI_DECODER_RESULT_SUCCESS);
#endif
    }
}

static void check_coding(struct fixture *f, enum coding c)
{
    static char plain[1 << 20];
    struct exchange x, y;
    struct request r = get("/api/v1/");
    size_t length = sizeof plain;
    answer(f, r, &x);
    assert_string_equal(header(&x, "Content-Encoding"), "");
    assert_string_equal(header(&x, "Vary"), "Accept-Encoding");
    r.accept_encoding = coding_name(c);
    answer(f, r, &y);
    assert_string_equal(header(&y, "Vary"), "Accept-Encoding");
    if (coding_built_in(c)) {
        assert_string_equal(header(&y, "Content-Encoding"), coding_name(c));
        assert_true(y.length < x.length);
        unpack(c, &y, plain, &length);
        assert_int_equal(length, x.length);
        assert_memory_equal(plain, x.bytes, x.length);
        assert_string_not_equal(x.response.etag, y.response.etag);
    } else {
        assert_string_equal(header(&y, "Content-Encoding"), "");
    }
    finish(&x);
    finish(&y);
}

static void test_codings(void **state)
{
    for (int round = 0; round < 2; round++) // made, then kept
        for (unsigned c = 0; c < CODING_COUNT; c++)
            check_coding(*state, (enum coding)c);
}

static unsigned status_since(struct fixture *f, const char *since, const char *if_none_match)
{
    struct exchange x;
    struct request r = get("/api/v1/pace");
    r.if_modified_since = since;
    r.if_none_match = if_none_match;
    answer(f, r, &x);
    unsigned status = x.response.status;
    assert_true(status == 304 ? x.length == 0 : x.length > 0);
    finish(&x);
    return status;
}

static void test_modified_since(void **state)
{
    struct exchange x;
    char modified[HTTP_DATE_MAX], later[HTTP_DATE_MAX], earlier[HTTP_DATE_MAX], etag[72];
    answer(*state, get("/api/v1/pace"), &x);
    snprintf(modified, sizeof modified, "%s", header(&x, "Last-Modified"));
    memcpy(etag, x.response.etag, sizeof etag);
    http_date(x.response.modified + 1, later);
    http_date(x.response.modified - 1, earlier);
    assert_true(x.response.modified <= time(NULL));
    finish(&x);
    assert_int_equal(status_since(*state, modified, ""), 304);
    assert_int_equal(status_since(*state, later, ""), 304);
    assert_int_equal(status_since(*state, earlier, ""), 200);
    assert_int_equal(status_since(*state, "nonsense", ""), 200);
    assert_int_equal(status_since(*state, later, "\"other\""), 200); // the tag wins
    assert_int_equal(status_since(*state, earlier, etag), 304);
}

// A deadline that has passed when the archive is asked.
static void test_a_long_question(void **state)
{
    static const char *const targets[] = {"/api/v1/pace", "/api/v1/lookup?resource=2001:db8::/32",
                                          "/en/economy/FJ", "/fr/economy/FJ/changes.atom",
                                          "/en/methods"};
    struct fixture *f = *state;
    struct fixture hurried = {.site = NULL};
    struct exchange x;
    assert_int_equal(site_new(&(struct site_options){.store = f->archive.path, .question_ns = 1},
                              &hurried.site, NULL),
                     0);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        answer(&hurried, get(targets[i]), &x);
        assert_int_equal(x.response.status, 503);
        assert_string_equal(header(&x, "Retry-After"), SITE_RETRY_AFTER);
        assert_string_equal(x.response.cache_control, "no-store");
        assert_string_equal(x.response.content_type,
                            i < 2 ? "application/problem+json" : "text/html; charset=utf-8");
        assert_non_null(strstr(x.bytes, "it takes too long"));
        finish(&x);
    }
    expect(&hurried, "/healthz", 200, "text/plain; charset=utf-8");
    site_free(&hurried.site);
}

static void test_methods(void **state)
{
    static const char *const refused[] = {"POST", "PUT", "DELETE", "TRACE", "BREW", ""};
    struct exchange x;
    struct request r = get("/api/v1/pace");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        r.method = refused[i];
        answer(*state, r, &x);
        assert_int_equal(x.response.status, 405);
        assert_string_equal(header(&x, "Allow"), "GET, HEAD, OPTIONS");
        finish(&x);
    }
    r.method = "OPTIONS";
    answer(*state, r, &x);
    assert_int_equal(x.response.status, 204);
    assert_string_equal(header(&x, "Access-Control-Allow-Origin"), "*");
    finish(&x);
    r.method = "HEAD";
    answer(*state, r, &x);
    assert_int_equal(x.response.status, 200);
    finish(&x);
}

static void test_the_first_visit_goes_to_a_language(void **state)
{
    struct exchange x;
    struct request r = get("/");
    r.accept_language = "ar-EG, en;q=0.5";
    answer(*state, r, &x);
    assert_int_equal(x.response.status, 302);
    assert_string_equal(header(&x, "Location"), "/ar/");
    assert_non_null(strstr(header(&x, "Vary"), "Accept-Language"));
    finish(&x);
}

static void test_counts(void **state)
{
    struct exchange x;
    for (int i = 0; i < 3; i++)
        expect(*state, "/api/v1/pace", 200, "application/json");
    expect(*state, "/nothing", 404, "text/html");
    answer(*state, get("/metrics"), &x);
    const char *const lines[] = {
        "sextant_http_requests_total{route=\"api\",status=\"2xx\"} 3\n",
        "sextant_http_requests_total{route=\"none\",status=\"4xx\"} 1\n",
        "sextant_http_request_seconds_count{route=\"api\"} 3\n",
        "sextant_cache_hits_total 2\n",
        "sextant_archive_revision 1\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(x.bytes, lines[i]))
            fail_msg("%s is not in\n%s", lines[i], x.bytes);
    finish(&x);
}

// ---- the description

static const char *sample_of(const char *name)
{
    static const char *const samples[][2] = {
        {"family", "ipv6"},
        {"by", "economy"},
        {"known-on", "2024-01-01"},
        {"on", "2023"},
        {"from", "2010"},
        {"to", "2024-01-01"},
        {"status", "all"},
        {"min-length", "8"},
        {"max-length", "64"},
        {"registry", "apnic"},
        {"every", "month"},
        {"basis", "observed"},
        {"bridge", "3"},
        {"top", "2"},
        {"economy", "FJ"},
        {"lang", "ru"},
        {"format", "json"},
        {"resource", "2001:db8::1"},
        {"part", "gaps"},
        {"input", "1"},
        {"collector", "unnamed"},
        {"peers", "1"},
        {"campaign", "q1"},
        {"sector", "health"},
        {"domain", "example.org"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (strcmp(samples[i][0], name) == 0)
            return samples[i][1];
    return NULL;
}

static const char *needed(const char *path)
{
    if (strcmp(path, "/economy") == 0)
        return "economy=FJ&";
    if (strcmp(path, "/forecast") == 0)
        return "series=delegations&";
    return strcmp(path, "/lookup") == 0 ? "resource=192.0.2.1&" : "";
}

// Measures of what the small archive has not.
static bool may_lack(const char *path)
{
    static const char *const paths[] = {"/changes",     "/forecast", "/adoption",
                                        "/nameservers", "/indices",  "/services"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strcmp(path, paths[i]) == 0)
            return true;
    return false;
}

static void check_value(struct fixture *f, const char *path, const char *name, const char *value)
{
    char target[256];
    struct exchange x;
    bool csv = strstr(value, "csv") != NULL;
    snprintf(target, sizeof target, "/api/v1%s?%s%s=%s", path, needed(path), name, value);
    answer(f, get(target), &x);
    bool several = csv && x.response.status == 400 && strstr(x.bytes, "table=");
    if (x.response.status != 200 && !several && !(may_lack(path) && x.response.status == 404))
        fail_msg("%s: %u %.300s", target, x.response.status, x.bytes);
    if (x.response.status == 200 && !csv) {
        json_t *j = json_of(&x);
        bool table = json_object_get(j, "table") && json_object_get(j, "basis");
        assert_true(table || json_is_array(json_object_get(j, "tables")));
        json_decref(j);
    }
    finish(&x);
}

static void check_parameter(struct fixture *f, const char *path, json_t *p)
{
    const char *name = json_string_value(json_object_get(p, "name"));
    json_t *choices = json_object_get(json_object_get(p, "schema"), "enum"), *choice;
    size_t i;
    assert_true(strlen(json_string_value(json_object_get(p, "description"))) > 3);
    if (json_array_size(choices) == 0 && sample_of(name))
        check_value(f, path, name, sample_of(name));
    json_array_foreach(choices, i, choice) check_value(f, path, name, json_string_value(choice));
}

static void test_each_documented_parameter_answers(void **state)
{
    struct exchange x;
    const char *path;
    json_t *item, *p;
    size_t i, paths = 0;
    archive_add(&((struct fixture *)*state)->archive, "delegated-apnic-extended-20240102", day_two);
    archive_add(&((struct fixture *)*state)->archive, "routes-20231001.csv", routes);
    archive_add(&((struct fixture *)*state)->archive, "routes-20240101.csv", routes_then);
    answer(*state, get("/api/v1/openapi.json"), &x);
    json_t *j = json_of(&x);
    assert_string_equal(json_string_value(json_object_get(j, "openapi")), "3.1.0");
    json_object_foreach(json_object_get(j, "paths"), path, item)
    {
        paths++;
        json_array_foreach(json_object_get(json_object_get(item, "get"), "parameters"), i, p)
            check_parameter(*state, path, p);
    }
    assert_int_equal(paths, api_endpoint_count() + 2); // and the structures
    json_decref(j);
    finish(&x);
}

static void test_the_examples_answer(void **state)
{
    struct api_endpoint end;
    char target[256];
    for (size_t i = 0; i < api_endpoint_count(); i++) {
        struct exchange x;
        api_endpoint_at(i, &end);
        snprintf(target, sizeof target, "/api/v1/%s?%s", end.name, end.example);
        answer(*state, get(target), &x);
        bool empty = x.response.status == 404; // Kenya, and the day before, are not in it
        if (x.response.status != 200 && !empty)
            fail_msg("%s: %u %.200s", target, x.response.status, x.bytes);
        finish(&x);
    }
}

static void test_a_reload_answers_as_before(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    char away[128];
    assert_int_equal(site_reload(f->site, &e), 0);
    expect(f, "/api/v1/pace", 200, "application/json");
    archive_file(&f->archive, "away", away);
    assert_int_equal(rename(f->archive.path, away), 0);
    assert_int_not_equal(site_reload(f->site, &e), 0);
    expect(f, "/api/v1/pace?by=registry", 200, "application/json");
    assert_int_equal(rename(away, f->archive.path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_route_answers),
        TEST(test_errors),
        TEST(test_a_problem_says_what_is_wrong),
        TEST(test_formats),
        TEST(test_names_in_a_language),
        TEST(test_conditional_requests),
        TEST(test_codings),
        TEST(test_modified_since),
        TEST(test_a_long_question),
        TEST(test_methods),
        TEST(test_the_first_visit_goes_to_a_language),
        TEST(test_counts),
        TEST(test_each_documented_parameter_answers),
        TEST(test_the_examples_answer),
        TEST(test_a_reload_answers_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
