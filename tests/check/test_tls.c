// SPDX-License-Identifier: Apache-2.0
//
// Certificates made here, shown in handshakes inside this process. Each handshake is made twice:
// what is remembered of the first must say the same, and must not be taken for a chain that
// differs, nor for another hour.

#include "check/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOST "www.example.org"

struct signer {
    EVP_PKEY *key;
    X509 *certificate;
};

struct world {
    struct signer root, middle, stranger; // the stranger has the root's name
    struct trust *trust;
};

static void extension_add(X509 *c, int what, const char *value)
{
    X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, what, value);
    assert_non_null(x);
    assert_int_equal(X509_add_ext(c, x, -1), 1);
    X509_EXTENSION_free(x);
}

static struct signer make(const char *name, const struct signer *by, long seconds)
{
    struct signer s = {EVP_EC_gen("P-256"), X509_new()};
    X509_set_version(s.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(s.certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(s.certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(s.certificate), seconds);
    X509_set_pubkey(s.certificate, s.key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(s.certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(s.certificate,
                         X509_get_subject_name(by ? by->certificate : s.certificate));
    if (strcmp(name, HOST) == 0)
        extension_add(s.certificate, NID_subject_alt_name, "DNS:" HOST);
    else
        extension_add(s.certificate, NID_basic_constraints, "critical,CA:TRUE");
    assert_true(X509_sign(s.certificate, by ? by->key : s.key, EVP_sha256()) > 0);
    return s;
}

static void signer_free(struct signer *s)
{
    EVP_PKEY_free(s->key);
    X509_free(s->certificate);
}

// What a client thinks of the host that shows this.
static struct certificate shake(const struct world *w, const struct signer *shown, X509 *extra,
                                const char *host)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(context, shown->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, shown->key), 1);
    if (extra)
        assert_int_equal(SSL_CTX_add1_chain_cert(context, extra), 1);
    SSL *server = SSL_new(context), *client = SSL_new(trust_context(w->trust));
    BIO *here, *there;
    assert_int_equal(BIO_new_bio_pair(&here, 0, &there, 0), 1);
    SSL_set_bio(client, here, here);
    SSL_set_bio(server, there, there);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int i = 0; i < 20 && (!SSL_is_init_finished(client) || !SSL_is_init_finished(server));
         i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    assert_true(SSL_is_init_finished(client));
    struct certificate c;
    certificate_read(client, host, &c);
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(context);
    return c;
}

static void expect(const struct world *w, const struct signer *shown, X509 *extra, const char *host,
                   const char *why)
{
    for (int i = 0; i < 2; i++) {
        struct certificate c = shake(w, shown, extra, host);
        assert_true(c.shown);
        assert_string_equal(c.why, why);
        assert_int_equal(c.valid, why[0] == '\0');
    }
}

static int open_world(void **state)
{
    static struct world w;
    char path[] = "/tmp/test-tls-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    w.root = make("Root", NULL, 86400);
    w.middle = make("Middle", &w.root, 86400);
    w.stranger = make("Root", NULL, 86400);
    assert_int_equal(PEM_write_X509(file, w.root.certificate), 1);
    fclose(file);
    assert_int_equal(trust_new(path, &w.trust, NULL), 0);
    unlink(path);
    *state = &w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;
    trust_free(&w->trust);
    signer_free(&w->root);
    signer_free(&w->middle);
    signer_free(&w->stranger);
    return 0;
}

static void test_names(void **state)
{
    struct signer leaf = make(HOST, &((struct world *)*state)->root, 86400);
    expect(*state, &leaf, NULL, HOST, "");
    expect(*state, &leaf, NULL, "example.net", "it is for another name");
    expect(*state, &leaf, NULL, HOST, "");
    signer_free(&leaf);
}

static void test_chains(void **state)
{
    struct world *w = *state;
    struct signer leaf = make(HOST, &w->middle, 86400);
    const char *lacks = X509_verify_cert_error_string(X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE);
    expect(w, &leaf, w->middle.certificate, HOST, "");
    expect(w, &leaf, NULL, HOST, lacks);
    expect(w, &leaf, w->stranger.certificate, HOST, lacks);
    expect(w, &leaf, w->middle.certificate, HOST, "");
    signer_free(&leaf);
}

// The same words, signed by somebody who has the name of the authority.
static void test_signatures(void **state)
{
    struct world *w = *state;
    struct signer leaf = make(HOST, &w->root, 86400);
    expect(w, &leaf, NULL, HOST, "");
    assert_true(X509_sign(leaf.certificate, w->stranger.key, EVP_sha256()) > 0);
    expect(w, &leaf, NULL, HOST, X509_verify_cert_error_string(X509_V_ERR_CERT_SIGNATURE_FAILURE));
    signer_free(&leaf);
}

static void test_end(void **state)
{
    struct signer leaf = make(HOST, &((struct world *)*state)->root, 3);
    expect(*state, &leaf, NULL, HOST, "");
    sleep(4);
    expect(*state, &leaf, NULL, HOST, X509_verify_cert_error_string(X509_V_ERR_CERT_HAS_EXPIRED));
    signer_free(&leaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
