// SPDX-License-Identifier: Apache-2.0

#include "read/http.h"

#include "base/text.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_BUFFER ((size_t)128 << 10) // holds several of libcurl's largest chunks
_Static_assert(BODY_BUFFER >= 2 * CURL_MAX_WRITE_SIZE, "a chunk must fit");

struct http_client {
    CURLM *multi;
    CURL *easy;
    struct http_limits limits;
    CURLcode last;
};

struct http {
    struct http_client *client;
    struct http_client *owned; // NULL: the client is borrowed
    char *url;
    struct curl_slist *headers;
    struct http_answer answer;
    bool added, paused, done;
    size_t at, end; // in body
    char message[CURL_ERROR_SIZE];
    char body[BODY_BUFFER];
};

int http_client_new(const struct http_limits *limits, struct http_client **ret, struct err *e)
{
    struct http_client *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(e);
    c->multi = curl_multi_init();
    c->easy = curl_easy_init();
    if (!c->multi || !c->easy) {
        http_client_free(&c);
        return err_memory(e);
    }
    c->limits = limits ? *limits : (struct http_limits){0};
    *ret = c;
    return 0;
}

void http_client_free(struct http_client **c)
{
    if (!*c)
        return;
    curl_easy_cleanup((*c)->easy);
    curl_multi_cleanup((*c)->multi);
    free(*c);
    *c = NULL;
}

bool http_client_hopeless(const struct http_client *c)
{
    switch (c->last) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return true;
    default:
        return false;
    }
}

bool http_is_url(const char *place)
{
    return strncasecmp(place, "http://", 7) == 0 || strncasecmp(place, "https://", 8) == 0;
}

// A chunk that does not fit waits in libcurl until the body was read.
static size_t body_add(char *bytes, size_t size, size_t count, void *arg)
{
    struct http *h = arg;
    size_t length = size * count;
    if (h->at == h->end)
        h->at = h->end = 0;
    if (length > BODY_BUFFER - h->end) {
        h->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    memcpy(h->body + h->end, bytes, length);
    h->end += length;
    return length;
}

static bool header_add(struct http *h, const char *name, const char *value)
{
    if (!value || !*value)
        return true;
    char line[HTTP_VALUE_MAX + 64];
    if (snprintf(line, sizeof line, "%s: %s", name, value) >= (int)sizeof line)
        return true;
    struct curl_slist *list = curl_slist_append(h->headers, line);
    if (list)
        h->headers = list;
    return list != NULL;
}

static bool request_headers(struct http *h, const struct http_request *r)
{
    char range[32] = "";
    if (r->from > 0)
        snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)r->from);
    return header_add(h, "If-None-Match", r->etag) &&
           header_add(h, "If-Modified-Since", r->modified) && header_add(h, "Range", range) &&
           header_add(h, "If-Range", r->if_range);
}

static unsigned or_else(unsigned value, unsigned otherwise)
{
    return value ? value : otherwise;
}

static void request_options(struct http *h, const struct http_request *r)
{
    CURL *easy = h->client->easy;
    const struct http_limits *limits = &h->client->limits;
    bool safe = strncasecmp(r->url, "https://", 8) == 0;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, r->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, safe ? "https" : "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)HTTP_REDIRECTS_MAX);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sextant/" SEXTANT_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, h->message);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_add);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)or_else(limits->connect_seconds, 20));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)or_else(limits->stall_seconds, 30));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)or_else(limits->stall_bytes, 64));
}

static void transfer_look(struct http *h)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(h->client->multi, &left)))
        if (message->msg == CURLMSG_DONE) {
            h->done = true;
            h->client->last = message->data.result;
        }
}

static int transfer_failure(const struct http *h, struct err *e)
{
    CURLcode last = h->client->last;
    if (!http_is_url(h->url) || last == CURLE_URL_MALFORMAT)
        return err_set(e, ERR_USAGE, "%s: not an http or https URL", h->url);
    return err_set(e, ERR_NETWORK, "%s: %s", h->url,
                   h->message[0] ? h->message : curl_easy_strerror(last));
}

// Lets the transfer run until there are bytes of the body, or it ended. A failure waits until the
// bytes that came before it were read: they can be kept.
static int transfer_run(struct http *h, struct err *e)
{
    if (h->paused) {
        h->paused = false;
        curl_easy_pause(h->client->easy, CURLPAUSE_CONT);
    }
    int running = 0;
    while (!h->done && h->at == h->end) {
        CURLMcode failed = curl_multi_perform(h->client->multi, &running);
        transfer_look(h);
        if (!failed && !h->done && h->at == h->end)
            failed = curl_multi_poll(h->client->multi, NULL, 0, 1000, NULL);
        if (failed)
            return err_set(e, ERR_NETWORK, "%s: %s", h->url, curl_multi_strerror(failed));
    }
    bool broken = h->done && h->client->last != CURLE_OK;
    return broken && h->at == h->end ? transfer_failure(h, e) : 0;
}

static const char *header_value(struct http *h, const char *name)
{
    struct curl_header *header;
    bool found = curl_easy_header(h->client->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK;
    return found ? header->value : "";
}

static void header_copy(struct http *h, const char *name, char ret[HTTP_VALUE_MAX])
{
    if (snprintf(ret, HTTP_VALUE_MAX, "%s", header_value(h, name)) >= HTTP_VALUE_MAX)
        ret[0] = '\0';
}

// "bytes 100-199/200"
static uint64_t content_range_from(const char *value)
{
    struct slice rest = slice_of(value);
    uint64_t from = 0;
    slice_cut(&rest, ' ');
    if (rest.at)
        slice_u64(slice_cut(&rest, '-'), INT64_MAX, &from);
    return from;
}

static void answer_read(struct http *h)
{
    CURL *easy = h->client->easy;
    curl_off_t length = -1, retry = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &h->answer.status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry);
    h->answer.length = length;
    h->answer.retry_after = retry;
    h->answer.from = content_range_from(header_value(h, "Content-Range"));
    header_copy(h, "ETag", h->answer.etag);
    header_copy(h, "Last-Modified", h->answer.modified);
}

static int request_start(struct http *h, const struct http_request *request, struct err *e)
{
    h->url = strdup(request->url);
    if (!h->url || !request_headers(h, request))
        return err_memory(e);
    h->client->last = CURLE_OK;
    request_options(h, request);
    if (curl_multi_add_handle(h->client->multi, h->client->easy))
        return err_memory(e);
    h->added = true;
    int code = transfer_run(h, e);
    if (!code)
        answer_read(h);
    return code;
}

int http_open(struct http_client *c, const struct http_request *request, struct http **ret,
              struct err *e)
{
    struct http *h = malloc(sizeof *h);
    if (!h)
        return err_memory(e);
    memset(h, 0, offsetof(struct http, body));
    int code = c ? 0 : http_client_new(NULL, &h->owned, e);
    h->client = c ? c : h->owned;
    if (!code)
        code = request_start(h, request, e);
    if (code)
        http_close(&h);
    else
        *ret = h;
    return code;
}

const struct http_answer *http_answer(const struct http *h)
{
    return &h->answer;
}

int http_read(struct http *h, void *bytes, size_t size, size_t *ret, struct err *e)
{
    int code = h->at == h->end ? transfer_run(h, e) : 0;
    if (code)
        return code;
    size_t n = h->end - h->at < size ? h->end - h->at : size;
    memcpy(bytes, h->body + h->at, n);
    h->at += n;
    *ret = n;
    return 0;
}

void http_close(struct http **h)
{
    if (!*h)
        return;
    if ((*h)->added)
        curl_multi_remove_handle((*h)->client->multi, (*h)->client->easy);
    curl_slist_free_all((*h)->headers);
    free((*h)->url);
    http_client_free(&(*h)->owned);
    free(*h);
    *h = NULL;
}
