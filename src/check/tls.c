// SPDX-License-Identifier: Apache-2.0

#include "check/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHAINS_KEPT 1024 // those of the hosts under way; a power of two
#define CHAIN_MAX   16   // certificates; longer ones are verified each time
#define CHAIN_AGE   600  // seconds

struct chain {
    uint8_t digest[32];
    int verdict;
    time_t until; // 0: none
};

struct trust {
    SSL_CTX *context;
    X509_STORE *store;
    struct chain *chains;
};

// ---- chains that were verified: a host shows the same one at each of its connections

// Of all certificates that were shown, in their order.
static bool chain_digest(X509_STORE_CTX *v, uint8_t ret[32])
{
    uint8_t each[CHAIN_MAX][32];
    STACK_OF(X509) *shown = X509_STORE_CTX_get0_untrusted(v);
    int count = sk_X509_num(shown);
    if (count < 1 || count > CHAIN_MAX || sk_X509_value(shown, 0) != X509_STORE_CTX_get0_cert(v))
        return false;
    for (int i = 0; i < count; i++)
        if (X509_digest(sk_X509_value(shown, i), EVP_sha256(), each[i], NULL) != 1)
            return false;
    return EVP_Digest(each, (size_t)count * sizeof each[0], ret, NULL, EVP_sha256(), NULL) == 1;
}

static int64_t seconds_of(const ASN1_TIME *at)
{
    struct tm tm;
    return ASN1_TIME_to_tm(at, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static void end_at(const ASN1_TIME *at, time_t now, time_t *until)
{
    int64_t edge = seconds_of(at);
    if (edge >= now && edge < *until)
        *until = edge;
}

// A verdict holds until one of its certificates begins or ends to be valid.
static time_t chain_until(X509_STORE_CTX *v, time_t now)
{
    time_t until = now + CHAIN_AGE;
    STACK_OF(X509) *built = X509_STORE_CTX_get0_chain(v);
    for (int i = 0; i < sk_X509_num(built); i++) {
        end_at(X509_get0_notBefore(sk_X509_value(built, i)), now, &until);
        end_at(X509_get0_notAfter(sk_X509_value(built, i)), now, &until);
    }
    return until;
}

static int verify(X509_STORE_CTX *v, void *arg)
{
    struct chain *chains = arg, seen = {.until = time(NULL)};
    if (!chain_digest(v, seen.digest))
        return X509_verify_cert(v);
    struct chain *c = &chains[(seen.digest[0] | seen.digest[1] << 8) % CHAINS_KEPT];
    if (seen.until < c->until && memcmp(c->digest, seen.digest, sizeof c->digest) == 0) {
        X509_STORE_CTX_set_error(v, c->verdict);
        return 1;
    }
    int goes_on = X509_verify_cert(v);
    seen.until = chain_until(v, seen.until);
    seen.verdict = X509_STORE_CTX_get_error(v);
    if (goes_on == 1)
        *c = seen;
    return goes_on;
}

// The verdict is read afterwards, by SSL_get_verify_result: OpenSSL keeps the first error.
static int go_on(int holds, X509_STORE_CTX *context)
{
    (void)holds, (void)context;
    return 1;
}

static int store_fill(X509_STORE *store, const char *authorities, struct err *e)
{
    ERR_clear_error();
    if (!authorities && X509_STORE_set_default_paths(store) == 1)
        return 0;
    if (authorities && X509_STORE_load_file(store, authorities) == 1)
        return 0;
    ERR_clear_error();
    return err_set(e, ERR_INPUT, "%s: no PEM file of certificates",
                   authorities ? authorities : "the system's certificates");
}

int trust_new(const char *authorities, struct trust **ret, struct err *e)
{
    struct trust *t = calloc(1, sizeof *t);
    if (!t)
        return err_memory(e);
    t->context = SSL_CTX_new(TLS_client_method());
    t->store = X509_STORE_new();
    t->chains = calloc(CHAINS_KEPT, sizeof *t->chains);
    int code =
        t->context && t->store && t->chains ? store_fill(t->store, authorities, e) : err_memory(e);
    if (!code && !trust_apply(t, t->context))
        code = err_memory(e);
    if (code)
        trust_free(&t);
    else
        *ret = t;
    return code;
}

void trust_free(struct trust **t)
{
    if (!*t)
        return;
    SSL_CTX_free((*t)->context);
    X509_STORE_free((*t)->store);
    free((*t)->chains);
    free(*t);
    *t = NULL;
}

SSL_CTX *trust_context(const struct trust *t)
{
    return t->context;
}

bool trust_apply(const struct trust *t, SSL_CTX *context)
{
    SSL_CTX_set1_cert_store(context, t->store);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, go_on);
    SSL_CTX_set_cert_verify_callback(context, verify, t->chains);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return true;
}

// "example.org" of a subject's common name, or its first DNS name.
static void subject_read(X509 *c, char ret[CERTIFICATE_NAME_MAX])
{
    ret[0] = '\0';
    if (X509_NAME_get_text_by_NID(X509_get_subject_name(c), NID_commonName, ret,
                                  CERTIFICATE_NAME_MAX) > 0)
        return;
    GENERAL_NAMES *names = X509_get_ext_d2i(c, NID_subject_alt_name, NULL, NULL);
    const GENERAL_NAME *first =
        sk_GENERAL_NAME_num(names) > 0 ? sk_GENERAL_NAME_value(names, 0) : NULL;
    if (first && first->type == GEN_DNS)
        snprintf(ret, CERTIFICATE_NAME_MAX, "%.*s", ASN1_STRING_length(first->d.dNSName),
                 (const char *)ASN1_STRING_get0_data(first->d.dNSName));
    GENERAL_NAMES_free(names);
}

static void judge(SSL *ssl, X509 *c, const char *host, struct certificate *ret)
{
    long verdict = SSL_get_verify_result(ssl);
    const char *why = verdict == X509_V_OK ? "" : X509_verify_cert_error_string(verdict);
    if (verdict == X509_V_OK && X509_check_host(c, host, strlen(host), 0, NULL) != 1)
        why = "it is for another name";
    snprintf(ret->why, sizeof ret->why, "%s", why);
    ret->valid = why[0] == '\0';
}

void certificate_read(SSL *ssl, const char *host, struct certificate *ret)
{
    *ret = (struct certificate){0};
    X509 *c = SSL_get1_peer_certificate(ssl);
    if (!c) {
        snprintf(ret->why, sizeof ret->why, "no certificate was shown");
        return;
    }
    unsigned length = sizeof ret->sha256;
    ret->shown = X509_digest(c, EVP_sha256(), ret->sha256, &length) == 1;
    snprintf(ret->protocol, sizeof ret->protocol, "%s", SSL_get_version(ssl));
    subject_read(c, ret->subject);
    ret->not_after = seconds_of(X509_get0_notAfter(c));
    judge(ssl, c, host, ret);
    X509_free(c);
}
