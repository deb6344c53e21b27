// SPDX-License-Identifier: Apache-2.0
//
// The client's side of a conversation with a mail server, as a state machine that is fed bytes and
// knows no socket: greeting, EHLO (or HELO), STARTTLS, EHLO, QUIT. No sender, no recipient and no
// message is ever named. smtp_visit.h carries it over a connection.

#ifndef CHECK_SMTP_H
#define CHECK_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMTP_LINE_MAX  2048  // octets; RFC 5321 4.5.3.1.5 promises 512
#define SMTP_LINES_MAX 128   // of one reply
#define SMTP_BYTES_MAX 65536 // of one conversation
#define SMTP_TEXT_MAX  120   // of a reply that is kept for people
#define SMTP_NAME_MAX  256   // of ourselves
#define SMTP_OUT_MAX   320   // the longest command

// What became of the attempt to be greeted.
enum smtp_greeting {
    SMTP_UNTRIED,
    SMTP_UNASKED,     // this machine could not ask
    SMTP_SILENT,      // nothing came back from port 25
    SMTP_UNREACHABLE, // a router or the host said so
    SMTP_REFUSED,     // nobody listens
    SMTP_OPEN,        // it opens; nothing more was asked
    SMTP_MUTE,        // it opens, and no whole greeting came in time
    SMTP_CLOSED,      // it opens, and closes without a whole greeting
    SMTP_FOREIGN,     // it opens, and speaks no SMTP
    SMTP_DEFERRED,    // 4yz: not now
    SMTP_DENIED,      // 5yz: not you
    SMTP_GREETED,     // it greets, and answers EHLO or HELO
};
#define SMTP_GREETING_COUNT 12

enum smtp_encryption {
    SMTP_TLS_UNTRIED,
    SMTP_TLS_NOT_OFFERED,
    SMTP_TLS_REFUSED,  // STARTTLS was offered, and refused when asked for
    SMTP_TLS_INJECTED, // it said more than its answer before encryption began (CVE-2011-0411)
    SMTP_TLS_FAILED,   // the handshake did not come to its end
    SMTP_TLS_USELESS,  // it did, and EHLO was not answered after it
    SMTP_TLS_WORKS,
};
#define SMTP_ENCRYPTION_COUNT 7

struct smtp_seen {
    enum smtp_greeting greeting;
    enum smtp_encryption encryption;
    uint16_t code;            // of the reply that decided it; 0: none came
    char text[SMTP_TEXT_MAX]; // of that reply's first line, printable
};

const char *smtp_greeting_text(enum smtp_greeting g); // "connection refused", for evidence
const char *smtp_encryption_text(enum smtp_encryption s);

enum smtp_stage {
    SMTP_AT_BANNER,
    SMTP_AT_EHLO,
    SMTP_AT_HELO, // EHLO is unknown
    SMTP_AT_STARTTLS,
    SMTP_AT_HANDSHAKE,
    SMTP_AT_SECOND_EHLO,
    SMTP_AT_QUIT,
    SMTP_AT_END,
};

enum smtp_wish {
    SMTP_WISH_BYTES,     // more from the server
    SMTP_WISH_SEND,      // `out` is to be sent
    SMTP_WISH_HANDSHAKE, // then smtp_secured
    SMTP_WISH_END,       // the connection is closed
};

struct smtp_talk {
    enum smtp_stage stage;
    struct smtp_seen seen;
    bool want_tls, starttls;
    char name[SMTP_NAME_MAX];
    char out[SMTP_OUT_MAX];
    size_t out_length;
    // The reply that is being read.
    char line[SMTP_TEXT_MAX + 8];
    size_t line_length, lines, bytes;
    uint16_t code;
    char first[SMTP_TEXT_MAX];
};

// `name`: what EHLO says of us, a name or an address literal. With `want_tls`, encryption is asked
// for where it is offered.
void smtp_begin(struct smtp_talk *t, const char *name, bool want_tls);
// In the order in which they came; all of `bytes` is taken, or the conversation is over.
enum smtp_wish smtp_take(struct smtp_talk *t, const uint8_t *bytes, size_t length);
// The handshake came to its end, or did not.
enum smtp_wish smtp_secured(struct smtp_talk *t, bool works);
void smtp_closed(struct smtp_talk *t); // by the server
void smtp_late(struct smtp_talk *t);   // what was to come did not come in time

#endif
