// SPDX-License-Identifier: Apache-2.0
//
// References made absolute, by libcurl's URL parser.

#include "check/html.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>

// A part of a URL as the arena's; NULL where it has none.
static char *part(CURLU *u, struct arena *a, CURLUPart what, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(u, what, &text, flags) != CURLUE_OK)
        return NULL;
    char *kept = arena_text(a, text, strlen(text));
    curl_free(text);
    return kept;
}

static bool host_is_sane(const char *host)
{
    size_t length = strlen(host);
    if (length == 0 || length > 253)
        return false;
    for (const char *c = host; *c; c++)
        if (*c <= ' ' || *c >= 127 || strchr("%/\\@?#\"'<>^`{|}", *c))
            return false;
    return true;
}

static void to_small(char *text)
{
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text + 'a' - 'A');
}

static bool port_of(const char *text, uint16_t *ret)
{
    uint64_t port;
    if (!text || !slice_u64(slice_of(text), 65535, &port) || port == 0)
        return false;
    *ret = (uint16_t)port;
    return true;
}

static bool take(CURLU *u, struct arena *a, struct page_link *ret)
{
    struct page_link l = {.count = 1};
    char *scheme = part(u, a, CURLUPART_SCHEME, 0);
    char *host = part(u, a, CURLUPART_HOST, 0);
    if (!scheme || !host)
        return false;
    l.secure = strcasecmp(scheme, "https") == 0;
    if (!l.secure && strcasecmp(scheme, "http") != 0)
        return false;
    to_small(host);
    size_t length = strlen(host);
    if (length > 1 && host[length - 1] == '.')
        host[length - 1] = '\0';
    if (!host_is_sane(host) || !port_of(part(u, a, CURLUPART_PORT, CURLU_DEFAULT_PORT), &l.port))
        return false;
    curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
    curl_url_set(u, CURLUPART_USER, NULL, 0);
    curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(u, CURLUPART_HOST, host, 0);
    l.host = host;
    l.url = part(u, a, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
    if (!l.url || strlen(l.url) > HTML_URL_MAX)
        return false;
    *ret = l;
    return true;
}

// Blanks at either end go, and line ends and tabulators inside, as browsers do; other controls
// make it no URL. Blanks inside are encoded by the parser.
static bool clean(const char *reference, char out[HTML_URL_MAX + 1])
{
    struct slice s = slice_trim(slice_of(reference));
    size_t length = 0;
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == '\t' || c == '\n' || c == '\r' || (c == '\f' && (i == 0 || i + 1 == s.length)))
            continue;
        if (c < ' ' || c == 127 || length == HTML_URL_MAX)
            return false;
        out[length++] = (char)c;
    }
    out[length] = '\0';
    if (out[0] == '#') // the page itself; libcurl 7.88 would make its folder of it
        out[0] = '\0';
    return true;
}

bool url_resolve(struct arena *a, const char *base, const char *reference, struct page_link *ret)
{
    char cleaned[HTML_URL_MAX + 1];
    if (!clean(reference, cleaned))
        return false;
    CURLU *u = curl_url();
    if (!u)
        return false;
    bool fine =
        curl_url_set(u, CURLUPART_URL, base, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        (!*cleaned || curl_url_set(u, CURLUPART_URL, cleaned,
                                   CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) == CURLUE_OK) &&
        take(u, a, ret);
    curl_url_cleanup(u);
    return fine;
}
