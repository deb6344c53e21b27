// SPDX-License-Identifier: Apache-2.0
//
// The chain is verified a second time, after the handshake, against the records alone: whether an
// authority vouches for it is another question (tls.h).

#include "check/dane.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#define USAGE_TA 2
#define USAGE_EE 3

bool dane_record_read(const uint8_t *rdata, size_t length, struct dane_record *ret)
{
    if (length < 4 || length - 3 > DANE_DATA_MAX)
        return false;
    *ret = (struct dane_record){.usage = rdata[0],
                                .selector = rdata[1],
                                .matching = rdata[2],
                                .length = (uint16_t)(length - 3),
                                .data = rdata + 3};
    return true;
}

bool dane_record_usable(const struct dane_record *r)
{
    static const uint16_t lengths[] = {0, 32, 64}; // whole, SHA-256, SHA-512
    if (r->usage != USAGE_TA && r->usage != USAGE_EE)
        return false;
    return r->selector <= 1 && r->matching <= 2 &&
           (r->matching == 0 || r->length == lengths[r->matching]);
}

bool dane_allow(SSL_CTX *context)
{
    return SSL_CTX_dane_enable(context) == 1;
}

static unsigned records_add(SSL *ssl, const struct dane *d)
{
    unsigned added = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct dane_record *r = &d->records[i];
        if (dane_record_usable(r) &&
            SSL_dane_tlsa_add(ssl, r->usage, r->selector, r->matching, r->data, r->length) == 1)
            added++;
    }
    ERR_clear_error();
    return added;
}

static bool chain_holds(SSL *ssl, X509 *certificate, const char **ret_why)
{
    X509_STORE_CTX *v = X509_STORE_CTX_new();
    *ret_why = "out of memory";
    bool holds = false;
    if (v && X509_STORE_CTX_init(v, SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)), certificate,
                                 SSL_get_peer_cert_chain(ssl)) == 1) {
        X509_STORE_CTX_set_default(v, "ssl_server");
        X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(v), SSL_get0_param(ssl));
        X509_STORE_CTX_set0_dane(v, SSL_get0_dane(ssl));
        holds = X509_verify_cert(v) == 1;
        *ret_why = holds ? "" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(v));
    }
    X509_STORE_CTX_free(v);
    ERR_clear_error();
    return holds;
}

enum dane_verdict dane_check(SSL *ssl, const char *host, const struct dane *d,
                             char ret_why[DANE_WHY_MAX])
{
    const char *why = "no certificate was shown";
    enum dane_verdict verdict = DANE_DIFFERS;
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    if (certificate && SSL_dane_enable(ssl, host) != 1) {
        verdict = DANE_UNTRIED;
        why = "it could not be compared";
    } else if (certificate) {
        SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS); // RFC 7672 3.1.1
        if (records_add(ssl, d) == 0) {
            verdict = DANE_UNUSABLE;
            why = "no TLSA record that mail may use";
        } else if (chain_holds(ssl, certificate, &why)) {
            verdict = DANE_MATCHES;
        }
    }
    ERR_clear_error();
    X509_free(certificate);
    snprintf(ret_why, DANE_WHY_MAX, "%s", why);
    return verdict;
}
