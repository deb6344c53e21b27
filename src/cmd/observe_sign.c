// SPDX-License-Identifier: Apache-2.0

#include "cmd/observe.h"

#include "base/array.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECRET_HEAD  "sextant-secret-key 1 "
#define PUBLIC_HEAD  "sextant-public-key 1 "
#define KEY_FILE_MAX 1024

// ---- keys

// Never over another file.
static int write_new(const char *path, unsigned mode, const char *head, const unsigned char *key,
                     size_t length, struct err *e)
{
    char text[256], hex[2 * crypto_sign_SECRETKEYBYTES + 1];
    int n = snprintf(text, sizeof text, "%s%s\n", head, hex_text(key, length, hex));
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0 && errno == EEXIST)
        return err_set(e, ERR_USAGE, "%s is there already; a key is never written over", path);
    if (file < 0)
        return err_system(e, "%s: cannot write", path);
    ssize_t wrote = write(file, text, (size_t)n);
    int failed = wrote != n || fsync(file) != 0;
    close(file);
    sodium_memzero(text, sizeof text);
    sodium_memzero(hex, sizeof hex);
    return failed ? err_system(e, "%s: cannot write", path) : 0;
}

int observe_key_write(const char *path, struct err *e)
{
    char public[FILE_PATH_MAX];
    struct observe_key key;
    if (sodium_init() < 0)
        return err_set(e, ERR_SYSTEM, "no random numbers");
    if (snprintf(public, sizeof public, "%s.pub", path) >= (int)sizeof public)
        return err_set(e, ERR_USAGE, "%s: path too long", path);
    if (access(public, F_OK) == 0)
        return err_set(e, ERR_USAGE, "%s is there already; a key is never written over", public);
    crypto_sign_keypair(key.public, key.secret);
    int code = write_new(path, 0600, SECRET_HEAD, key.secret, sizeof key.secret, e);
    if (!code)
        code = write_new(public, 0644, PUBLIC_HEAD, key.public, sizeof key.public, e);
    sodium_memzero(&key, sizeof key);
    return code;
}

static int read_key(const char *path, const char *head, unsigned char *ret, size_t length,
                    const char *wanted, struct err *e)
{
    struct buffer text = {0};
    size_t got = 0, begin = strlen(head);
    int code = file_read(path, KEY_FILE_MAX, &text, e);
    if (code)
        return code == ERR_LIMIT ? err_set(e, ERR_INPUT, "%s: no %s", path, wanted) : code;
    struct slice line = slice_trim((struct slice){text.at, strcspn(text.at, "\n")});
    bool is = line.length == begin + 2 * length && memcmp(line.at, head, begin) == 0 &&
              sodium_hex2bin(ret, length, line.at + begin, 2 * length, NULL, &got, NULL) == 0 &&
              got == length;
    sodium_memzero(text.at, text.length);
    buffer_done(&text);
    return is ? 0
              : err_set(e, ERR_INPUT, "%s: no %s, as sextant observe key makes it", path, wanted);
}

int observe_key_read_secret(const char *path, struct observe_key *ret, struct err *e)
{
    int code = read_key(path, SECRET_HEAD, ret->secret, sizeof ret->secret, "secret key", e);
    if (!code)
        crypto_sign_ed25519_sk_to_pk(ret->public, ret->secret);
    return code;
}

int observe_key_read_public(const char *path, struct observe_key *ret, struct err *e)
{
    return read_key(path, PUBLIC_HEAD, ret->public, sizeof ret->public, "public key", e);
}

// ---- signatures

struct signed_line {
    unsigned char signature[crypto_sign_BYTES], key[crypto_sign_PUBLICKEYBYTES];
};

// The line as it is written, to the byte.
static bool parse_line(struct slice line, struct signed_line *ret)
{
    static const char head[] = "{\"signature\":\"", middle[] = "\",\"key\":\"", tail[] = "\"}\n";
    const size_t parts[] = {sizeof head - 1, 2 * sizeof ret->signature, sizeof middle - 1,
                            2 * sizeof ret->key, sizeof tail - 1};
    const char *at = line.at;
    if (line.length != parts[0] + parts[1] + parts[2] + parts[3] + parts[4] ||
        memcmp(at, head, parts[0]) != 0)
        return false;
    at += parts[0];
    if (sodium_hex2bin(ret->signature, sizeof ret->signature, at, parts[1], NULL, NULL, NULL) != 0)
        return false;
    at += parts[1];
    if (memcmp(at, middle, parts[2]) != 0)
        return false;
    at += parts[2];
    if (sodium_hex2bin(ret->key, sizeof ret->key, at, parts[3], NULL, NULL, NULL) != 0)
        return false;
    return memcmp(at + parts[3], tail, parts[4]) == 0;
}

struct reading {
    int file;
    const char *path;
    off_t length, signed_length; // without the last line
    struct signed_line line;
    struct err *e;
};

static int find_line(struct reading *r)
{
    char bytes[OBSERVE_LINE_MAX];
    r->length = lseek(r->file, 0, SEEK_END);
    off_t from = r->length > (off_t)sizeof bytes ? r->length - (off_t)sizeof bytes : 0;
    ssize_t got = pread(r->file, bytes, (size_t)(r->length - from), from);
    if (r->length < 0 || got != r->length - from)
        return err_system(r->e, "%s: cannot read", r->path);
    const char *newline = got > 1 ? memrchr(bytes, '\n', (size_t)got - 1) : NULL;
    if (!newline ||
        !parse_line((struct slice){newline + 1, (size_t)(bytes + got - newline - 1)}, &r->line))
        return err_set(r->e, ERR_INPUT, "%s: not signed; wanted a file of sextant observe export",
                       r->path);
    r->signed_length = from + (newline + 1 - bytes);
    return 0;
}

// One pass: what was signed, and the hash of all.
static int check_bytes(struct reading *r, char sha256[65])
{
    static const char context[] = OBSERVE_CONTEXT;
    unsigned char bytes[65536], digest[crypto_hash_sha256_BYTES];
    crypto_sign_state state;
    crypto_hash_sha256_state hash;
    crypto_sign_init(&state);
    crypto_hash_sha256_init(&hash);
    crypto_sign_update(&state, (const unsigned char *)context, sizeof context - 1);
    for (off_t at = 0; at < r->length;) {
        ssize_t got = pread(r->file, bytes, sizeof bytes, at);
        if (got <= 0)
            return err_system(r->e, "%s: cannot read", r->path);
        off_t left = r->signed_length - at;
        if (left > 0)
            crypto_sign_update(&state, bytes, left < got ? (size_t)left : (size_t)got);
        crypto_hash_sha256_update(&hash, bytes, (size_t)got);
        at += got;
    }
    crypto_hash_sha256_final(&hash, digest);
    hex_text(digest, sizeof digest, sha256);
    if (crypto_sign_final_verify(&state, r->line.signature, r->line.key) != 0)
        return err_set(r->e, ERR_INPUT,
                       "%s: the signature does not fit: the file was changed after it was signed",
                       r->path);
    return 0;
}

static int find_signer(const struct reading *r, const struct observe_key *keys, size_t count,
                       size_t *ret)
{
    char hex[2 * crypto_sign_PUBLICKEYBYTES + 1];
    for (size_t i = 0; i < count; i++)
        if (memcmp(keys[i].public, r->line.key, sizeof r->line.key) == 0) {
            *ret = i;
            return 0;
        }
    return err_set(r->e, ERR_INPUT, "%s: signed with the key %.16s..., which is none of --from",
                   r->path, hex_text(r->line.key, sizeof r->line.key, hex));
}

int observe_verify(const char *path, const struct observe_key *keys, size_t count, size_t *ret,
                   char sha256[65], struct err *e)
{
    struct reading r = {.path = path, .e = e};
    r.file = open(path, O_RDONLY | O_CLOEXEC);
    if (r.file < 0)
        return err_system(e, "%s", path);
    int code = find_line(&r);
    if (!code)
        code = find_signer(&r, keys, count, ret);
    if (!code)
        code = check_bytes(&r, sha256);
    close(r.file);
    return code;
}
