// SPDX-License-Identifier: Apache-2.0
//
// Mail servers on the loopback interface that behave as a test wants, in the test's own loop.

#ifndef FAKE_MAIL_H
#define FAKE_MAIL_H

#include "check/events.h"

#include <openssl/ssl.h>
#include <stdbool.h>

enum fake_manner {
    FAKE_GREETS,      // and encrypts
    FAKE_NO_TLS,      // greets, without STARTTLS
    FAKE_MUTE,        // takes the connection and says nothing
    FAKE_DRIPS,       // an octet a second
    FAKE_CLOSES,      // at once
    FAKE_DENIES,      // 554
    FAKE_DEFERS,      // 421
    FAKE_DEFERS_ONCE, // 421 to the first, then it greets
    FAKE_FOREIGN,     // another protocol
    FAKE_INJECTS,     // more than its answer to STARTTLS
    FAKE_BREAKS_TLS,  // garbage where the handshake should be
};

struct fake_identity {
    SSL_CTX *context;
    char tlsa[80]; // "3 1 1 <SHA-256 of its key>"
};

// A certificate for `name`, signed by itself; its PEM is written to `pem` where that is not NULL.
void fake_identity_make(struct fake_identity *i, const char *name, const char *pem);
void fake_identity_done(struct fake_identity *i);

struct fake_mail;

// Port 0: a free one, which is then in *port. NULL where the address cannot be had.
struct fake_mail *fake_mail_new(struct events *ev, const char *address, unsigned short *port,
                                enum fake_manner manner, const struct fake_identity *identity);
void fake_mail_free(struct fake_mail **m);
unsigned fake_mail_visits(const struct fake_mail *m);
unsigned fake_mail_encrypted(const struct fake_mail *m); // EHLO after the handshake
bool fake_mail_heard_other(const struct fake_mail *m);   // a command that must not be sent

#endif
