// SPDX-License-Identifier: Apache-2.0

#include "site/response.h"

#include "base/json.h"
#include "site/cache.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void response_done(struct response *r)
{
    buffer_done(&r->body);
    answer_unref(&r->kept);
}

void response_header(struct response *r, struct request *of, const char *name, const char *value)
{
    if (r->header_count == RESPONSE_HEADERS_MAX || strpbrk(value, "\r\n"))
        return;
    const char *n = arena_text(&of->arena, name, strlen(name));
    const char *v = arena_text(&of->arena, value, strlen(value));
    if (n && v)
        r->headers[r->header_count++] = (struct header){n, v};
}

const char *response_bytes(const struct response *r, size_t *ret_length)
{
    if (r->without_body) {
        *ret_length = 0;
        return "";
    }
    *ret_length = r->kept ? r->kept->length : r->body.length;
    const char *bytes = r->kept ? r->kept->bytes : r->body.at;
    return bytes ? bytes : "";
}

#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "

static const struct header common[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "strict-origin-when-cross-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

// Literals, so nothing is copied.
void response_add_common(struct response *r, struct request *of)
{
    (void)of;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (r->header_count < RESPONSE_HEADERS_MAX)
            r->headers[r->header_count++] = common[i];
    if (r->header_count < RESPONSE_HEADERS_MAX)
        r->headers[r->header_count++] = (struct header){
            "Content-Security-Policy", r->embeddable ? POLICY "*" : POLICY "'none'"};
}

void http_date(int64_t seconds, char ret[HTTP_DATE_MAX])
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t when = (time_t)seconds;
    struct tm t = {0};
    gmtime_r(&when, &t);
    snprintf(ret, HTTP_DATE_MAX, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[t.tm_wday % 7],
             t.tm_mday % 100, months[t.tm_mon % 12], (t.tm_year + 1900) % 10000, t.tm_hour % 100,
             t.tm_min % 100, t.tm_sec % 100);
}

bool http_date_parse(const char *text, int64_t *ret)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %d %H:%M:%S %Y"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm t = {0};
        const char *end = strptime(text, forms[i], &t);
        if (end && *end == '\0') {
            *ret = timegm(&t);
            return true;
        }
    }
    return false;
}

const char *status_text(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {204, "No Content"},
        {302, "Found"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Error";
}

unsigned status_of_error(int code)
{
    switch (code) {
    case ERR_NOT_FOUND:
        return 404;
    case ERR_USAGE:
    case ERR_INPUT:
        return 400;
    case ERR_LIMIT:
        return 413;
    case ERR_SYSTEM:
    case ERR_STORE:
    case ERR_LATE:
        return 503;
    default:
        return 500;
    }
}

void response_problem(struct response *r, unsigned status, const char *detail, const char *target)
{
    buffer_done(&r->body);
    r->body = (struct buffer){0};
    r->status = status;
    r->content_type = "application/problem+json";
    struct json j = {.out = &r->body, .indent = 2};
    json_open(&j, NULL, '{');
    json_text(&j, "type", "about:blank");
    json_text(&j, "title", status_text(status));
    json_integer(&j, "status", status);
    json_text(&j, "detail", detail);
    if (target)
        json_text(&j, "instance", target);
    json_close(&j);
    buffer_char(&r->body, '\n');
}
