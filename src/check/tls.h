// SPDX-License-Identifier: Apache-2.0
//
// Certificates, as OpenSSL sees them: is the one that a server shows valid for a name, and is it
// the same over both families? A handshake is carried through with a wrong one too, so that what is
// behind it can be seen; the verdict is taken afterwards.

#ifndef CHECK_TLS_H
#define CHECK_TLS_H

#include "base/err.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

struct trust;

// `authorities`: a file of PEM certificates; NULL: the system's. ERR_NOT_FOUND, ERR_INPUT.
int trust_new(const char *authorities, struct trust **ret, struct err *e);
void trust_free(struct trust **t);
// A context for clients that goes on after a certificate that does not hold. Borrowed.
SSL_CTX *trust_context(const struct trust *t);
// Puts the same into a context that somebody else made (libcurl).
bool trust_apply(const struct trust *t, SSL_CTX *context);

#define CERTIFICATE_WHY_MAX  160
#define CERTIFICATE_NAME_MAX 256

struct certificate {
    bool shown;                         // the handshake came to its end, with a certificate
    bool valid;                         // for the name, now, by an authority that is trusted
    char why[CERTIFICATE_WHY_MAX];      // "the certificate has expired"; "" where valid
    char subject[CERTIFICATE_NAME_MAX]; // for people
    char protocol[16];                  // "TLSv1.3"
    uint8_t sha256[32];                 // of the certificate
    int64_t not_after;                  // seconds since 1970-01-01
};

// After the handshake.
void certificate_read(SSL *ssl, const char *host, struct certificate *ret);

#endif
