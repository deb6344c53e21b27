// SPDX-License-Identifier: Apache-2.0

#include "check/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trust {
    SSL_CTX *context;
    X509_STORE *store;
};

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
    int code = t->context && t->store ? store_fill(t->store, authorities, e) : err_memory(e);
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

static int64_t seconds_of(const ASN1_TIME *at)
{
    struct tm tm;
    return ASN1_TIME_to_tm(at, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
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
