// SPDX-License-Identifier: Apache-2.0
//
// The MD5 that a registry publishes beside a file: "MD5 (name) = hash", "hash  name" or the bare
// hash; of the file as it lies there, or of the text that was packed into it.

#include "read/fetch_parts.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HASH_DIGITS   32
#define HASH_FILE_MAX 4096 // bytes of a .md5
#define READ_CHUNK    ((size_t)128 << 10)

struct hash {
    char text[HASH_DIGITS + 1];
};

// The only run of exactly 32 hexadecimal digits is the hash, whatever stands around it.
static bool hash_find(const char *bytes, size_t length, struct hash *ret)
{
    size_t run = 0;
    for (size_t i = 0; i <= length; i++) {
        bool word = i < length && (isalnum((unsigned char)bytes[i]) || bytes[i] == '-');
        if (!word && run == HASH_DIGITS) {
            memcpy(ret->text, bytes + i - HASH_DIGITS, HASH_DIGITS);
            ret->text[HASH_DIGITS] = '\0';
            if (strspn(ret->text, "0123456789abcdefABCDEF") == HASH_DIGITS)
                return true;
        }
        run = word ? run + 1 : 0;
    }
    return false;
}

// A short body, whole. ERR_NOT_FOUND: the server has no such file.
static int body_read(struct http_client *client, const char *url, char bytes[HASH_FILE_MAX],
                     size_t *ret, struct err *e)
{
    struct http *h = NULL;
    int code = http_open(client, &(struct http_request){.url = url}, &h, e);
    if (code)
        return code;
    long status = http_answer(h)->status;
    if (status != 200)
        code = status >= 500 || status == 429
                   ? err_set(e, ERR_NETWORK, "%s: the server answered %ld", url, status)
                   : err_set(e, ERR_NOT_FOUND, "%s: not there", url);
    size_t total = 0, n = 1;
    while (!code && n > 0 && total < HASH_FILE_MAX) {
        code = http_read(h, bytes + total, HASH_FILE_MAX - total, &n, e);
        total += code ? 0 : n;
    }
    http_close(&h);
    *ret = total;
    return code;
}

// Without a hash in it, it is no .md5: some servers answer every question with a page.
static int hash_fetch(const struct fetcher *f, const char *url, struct hash *ret, struct err *e)
{
    char bytes[HASH_FILE_MAX];
    size_t length = 0;
    int code = 0;
    for (unsigned tries = 0;; tries++) {
        code = body_read(f->client, url, bytes, &length, e);
        if (code != ERR_NETWORK || tries >= f->options->retries || http_client_hopeless(f->client))
            break;
        fetch_wait(tries + 1, 0);
    }
    if (!code && !hash_find(bytes, length, ret))
        code = err_set(e, ERR_NOT_FOUND, "%s: no MD5 in it", url);
    return code;
}

static int hash_published(const struct fetcher *f, const char *url, struct hash *ret, struct err *e)
{
    char place[FETCH_URL_MAX + 8];
    snprintf(place, sizeof place, "%s.md5", url);
    int code = hash_fetch(f, place, ret, e);
    const char *dot = strrchr(strrchr(url, '/'), '.');
    if (code == ERR_NOT_FOUND && dot && (strcmp(dot, ".gz") == 0 || strcmp(dot, ".bz2") == 0)) {
        snprintf(place, sizeof place, "%.*s.md5", (int)(dot - url), url);
        code = hash_fetch(f, place, ret, e);
    }
    return code;
}

static void hash_text(EVP_MD_CTX *context, struct hash *ret)
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    EVP_DigestFinal_ex(context, digest, NULL);
    hex_text(digest, HASH_DIGITS / 2, ret->text);
}

static bool hash_given(EVP_MD_CTX *context, const char *path, uint8_t *chunk)
{
    FILE *f = fopen(path, "re");
    size_t n;
    while (f && (n = fread(chunk, 1, READ_CHUNK, f)) > 0)
        EVP_DigestUpdate(context, chunk, n);
    bool whole = f && !ferror(f);
    if (f)
        fclose(f);
    return whole;
}

static bool hash_unpacked(EVP_MD_CTX *context, const char *path, uint8_t *chunk)
{
    struct source *s = NULL;
    size_t n = 1;
    int code = source_open(path, NULL, &s, NULL);
    while (!code && n > 0 && !(code = source_read(s, chunk, READ_CHUNK, &n, NULL)))
        EVP_DigestUpdate(context, chunk, n);
    source_close(&s);
    return code == 0;
}

static bool hash_matches(const char *path, const struct hash *wanted,
                         bool (*add)(EVP_MD_CTX *, const char *, uint8_t *))
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t *chunk = malloc(READ_CHUNK);
    struct hash seen = {""};
    if (context && chunk && EVP_DigestInit_ex(context, EVP_md5(), NULL) &&
        add(context, path, chunk))
        hash_text(context, &seen);
    free(chunk);
    EVP_MD_CTX_free(context);
    return strcasecmp(seen.text, wanted->text) == 0;
}

static bool page_like(struct slice s)
{
    while (s.length > 0 && isspace((unsigned char)*s.at))
        s = (struct slice){s.at + 1, s.length - 1};
    return s.length > 0 && *s.at == '<';
}

// A page that says "log in" or "not here" can come with status 200.
static int page_refuse(const char *url, const char *path, struct err *e)
{
    struct source *s = NULL;
    const void *bytes = NULL;
    size_t length = 0;
    int code = source_open(path, NULL, &s, e);
    if (!code)
        code = source_peek(s, &bytes, &length, e);
    if (!code && length == 0)
        code = err_set(e, ERR_INPUT, "%s: an empty file came", url);
    else if (!code && page_like((struct slice){bytes, length}))
        code = err_set(e, ERR_INPUT, "%s: a web page came instead of the file", url);
    source_close(&s);
    return code;
}

// To the end of its container, whose checksums must be right.
static int content_check(const struct fetcher *f, const char *url, const char *path, struct err *e)
{
    struct source *s = NULL;
    enum input_kind kind = INPUT_REGISTER;
    uint8_t *chunk = malloc(READ_CHUNK);
    size_t n = 1;
    int code = chunk ? source_open(path, NULL, &s, e) : err_memory(e);
    if (!code) {
        source_skip_hash(s);
        code = input_kind(s, &kind, e);
    }
    while (!code && n > 0)
        code = source_read(s, chunk, READ_CHUNK, &n, e);
    if (!code && !(f->options->kinds >> kind & 1))
        code = err_set(e, ERR_INPUT, "%s: what came is nothing of what was asked for", url);
    source_close(&s);
    free(chunk);
    return code;
}

int fetch_check(const struct fetcher *f, const char *url, const char *path, bool *ret_verified,
                struct err *e)
{
    struct hash wanted;
    int code = page_refuse(url, path, e);
    if (!code && f->options->kinds) {
        code = content_check(f, url, path, e);
        if (!code)
            *ret_verified = true;
        return code;
    }
    if (code)
        return code;
    code = hash_published(f, url, &wanted, e);
    if (code == ERR_NOT_FOUND) {
        *ret_verified = false;
        return 0;
    }
    if (code)
        return code;
    if (!hash_matches(path, &wanted, hash_given) && !hash_matches(path, &wanted, hash_unpacked))
        return err_set(e, ERR_INPUT,
                       "%s: does not have the MD5 that is published beside it (%s); within minutes "
                       "after a new file the old MD5 may still stand there",
                       url, wanted.text);
    *ret_verified = true;
    return 0;
}
