// SPDX-License-Identifier: Apache-2.0
//
// DANE for mail (RFC 6698, RFC 7672): is the certificate that a mail server shows the one that its
// TLSA records name? OpenSSL compares; records that are not DNSSEC-secure must not come here.

#ifndef CHECK_DANE_H
#define CHECK_DANE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DANE_RECORDS_MAX 16   // of one server; RFC 7671 8.1 wants two while keys change
#define DANE_DATA_MAX    2048 // octets of one record: a whole certificate (matching type 0)
#define DANE_WHY_MAX     120

struct dane_record {
    uint8_t usage, selector, matching;
    uint16_t length;
    const uint8_t *data;
};

// RDATA of a TLSA record; `data` points into it. False where it is too short or too long.
bool dane_record_read(const uint8_t *rdata, size_t length, struct dane_record *ret);
// May mail use it? RFC 7672 3.1.3: DANE-TA(2) and DANE-EE(3) only; and OpenSSL must understand it.
bool dane_record_usable(const struct dane_record *r);

struct dane {
    struct dane_record records[DANE_RECORDS_MAX];
    size_t count;
};

enum dane_verdict {
    DANE_UNTRIED,
    DANE_MATCHES,
    DANE_DIFFERS,
    DANE_UNUSABLE, // no record that mail may use
};
#define DANE_VERDICT_COUNT 4

// Once for a context that is to be asked with dane_check.
bool dane_allow(SSL_CTX *context);

// After the handshake; `host` is the name that MX gives. Why not, in words.
enum dane_verdict dane_check(SSL *ssl, const char *host, const struct dane *d,
                             char ret_why[DANE_WHY_MAX]);

#endif
