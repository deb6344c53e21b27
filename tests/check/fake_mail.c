// SPDX-License-Identifier: Apache-2.0

#include "fake_mail.h"

#include "check/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct guest {
    struct fake_mail *mail;
    int fd;
    SSL *ssl;
    bool shaking, secured, deaf;
    char line[512];
    size_t length;
    struct event_timer drip;
    struct guest *next;
};

struct fake_mail {
    struct events *events;
    int fd;
    enum fake_manner manner;
    const struct fake_identity *identity;
    struct guest *guests;
    unsigned visits, encrypted;
    bool other;
};

static void expect(bool ok)
{
    if (!ok)
        abort();
}

// ---- certificates

static void extension_add(X509 *c, int what, const char *value)
{
    X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, what, value);
    expect(x && X509_add_ext(c, x, -1) == 1);
    X509_EXTENSION_free(x);
}

static void tlsa_write(X509 *c, char ret[80])
{
    unsigned char *spki = NULL, digest[32];
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c), &spki);
    expect(length > 0 && EVP_Q_digest(NULL, "SHA256", NULL, spki, (size_t)length, digest, NULL));
    OPENSSL_free(spki);
    snprintf(ret, 80, "3 1 1 ");
    hex_text(digest, 32, ret + 6);
}

void fake_identity_make(struct fake_identity *i, const char *name, const char *pem)
{
    char alternative[300];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *c = X509_new();
    expect(key && c);
    snprintf(alternative, sizeof alternative, "DNS:%s", name);
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    X509_gmtime_adj(X509_getm_notBefore(c), -3600);
    X509_gmtime_adj(X509_getm_notAfter(c), 86400);
    X509_set_pubkey(c, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(c, X509_get_subject_name(c));
    extension_add(c, NID_subject_alt_name, alternative);
    expect(X509_sign(c, key, EVP_sha256()) > 0);
    i->context = SSL_CTX_new(TLS_server_method());
    expect(i->context && SSL_CTX_use_certificate(i->context, c) == 1 &&
           SSL_CTX_use_PrivateKey(i->context, key) == 1);
    tlsa_write(c, i->tlsa);
    if (pem) {
        FILE *f = fopen(pem, "we");
        expect(f && PEM_write_X509(f, c) == 1);
        fclose(f);
    }
    X509_free(c);
    EVP_PKEY_free(key);
}

void fake_identity_done(struct fake_identity *i)
{
    SSL_CTX_free(i->context);
}

// ---- one guest

static void guest_free(struct guest *g)
{
    struct guest **at = &g->mail->guests;
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    events_cancel(g->mail->events, &g->drip);
    events_forget(g->mail->events, g->fd);
    SSL_free(g->ssl);
    close(g->fd);
    free(g);
}

static void say(struct guest *g, const char *text)
{
    if (g->secured)
        SSL_write(g->ssl, text, (int)strlen(text));
    else
        (void)!send(g->fd, text, strlen(text), MSG_NOSIGNAL);
}

static void starttls(struct guest *g)
{
    if (g->mail->manner == FAKE_INJECTS) {
        say(g, "220 go\r\n250 smuggled\r\n");
        return;
    }
    say(g, "220 go\r\n");
    if (g->mail->manner == FAKE_BREAKS_TLS) {
        say(g, "this is no handshake at all, and it is long enough to be read\r\n");
        g->deaf = true;
        return;
    }
    g->ssl = SSL_new(g->mail->identity->context);
    SSL_set_fd(g->ssl, g->fd);
    g->shaking = true;
}

// False: the guest is gone.
static bool command(struct guest *g, const char *line)
{
    if (strncmp(line, "EHLO [", 6) == 0) {
        bool offers = g->mail->manner != FAKE_NO_TLS && !g->secured;
        g->mail->encrypted += g->secured;
        say(g, offers ? "250-mx.test\r\n250-SIZE 1000\r\n250 STARTTLS\r\n" : "250 mx.test\r\n");
    } else if (strcmp(line, "STARTTLS") == 0) {
        starttls(g);
    } else if (strcmp(line, "QUIT") == 0) {
        say(g, "221 bye\r\n");
        guest_free(g);
        return false;
    } else {
        g->mail->other = true;
    }
    return true;
}

static bool take(struct guest *g, char byte)
{
    if (g->deaf)
        return true;
    if (byte != '\n') {
        if (g->length < sizeof g->line - 1)
            g->line[g->length++] = byte;
        return true;
    }
    g->length -= g->length > 0 && g->line[g->length - 1] == '\r';
    g->line[g->length] = '\0';
    g->length = 0;
    return command(g, g->line);
}

static void guest_ready(void *arg, unsigned what)
{
    struct guest *g = arg;
    char byte;
    (void)what;
    ERR_clear_error();
    if (g->shaking) {
        int code = SSL_accept(g->ssl);
        if (code != 1 && SSL_get_error(g->ssl, code) != SSL_ERROR_WANT_READ)
            guest_free(g);
        else if (code == 1) {
            g->shaking = false;
            g->secured = true;
        }
        return;
    }
    for (;;) {
        int n = g->secured ? SSL_read(g->ssl, &byte, 1) : (int)recv(g->fd, &byte, 1, 0);
        if (n == 1) {
            if (!take(g, byte) || g->shaking)
                return;
            continue;
        }
        bool waits =
            g->secured ? SSL_get_error(g->ssl, n) == SSL_ERROR_WANT_READ : n < 0 && errno == EAGAIN;
        if (!waits)
            guest_free(g);
        return;
    }
}

static void drip(void *arg)
{
    struct guest *g = arg;
    say(g, g->length++ == 0 ? "220-" : "a");
    events_after(g->mail->events, &g->drip, 1000000);
}

static void welcome(struct guest *g)
{
    switch (g->mail->manner) {
    case FAKE_MUTE:
        break;
    case FAKE_DRIPS:
        drip(g);
        break;
    case FAKE_CLOSES:
        guest_free(g);
        break;
    case FAKE_DENIES:
        say(g, "554 5.7.1 not you\r\n");
        break;
    case FAKE_DEFERS:
        say(g, "421 4.7.0 not now\r\n");
        break;
    case FAKE_DEFERS_ONCE:
        say(g, g->mail->visits == 1 ? "421 4.7.0 not now\r\n" : "220 mx.test ESMTP\r\n");
        break;
    case FAKE_FOREIGN:
        say(g, "SSH-2.0-fake\r\n");
        break;
    default:
        say(g, "220 mx.test ESMTP\r\n");
    }
}

static void somebody_comes(void *arg, unsigned what)
{
    struct fake_mail *m = arg;
    (void)what;
    int fd = accept4(m->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct guest *g = calloc(1, sizeof *g);
    expect(g);
    *g = (struct guest){.mail = m, .fd = fd, .next = m->guests};
    g->drip = (struct event_timer){.due = drip, .arg = g};
    m->guests = g;
    m->visits++;
    expect(events_watch(m->events, fd, EVENT_READ, guest_ready, g, NULL) == 0);
    welcome(g);
}

// ---- the server

static struct endpoint endpoint_read(const char *address, unsigned short port)
{
    struct endpoint p = {.family = FAMILY_IPV6, .port = port};
    uint32_t four = 0;
    if (!ipv6_parse(slice_of(address), &p.address)) {
        expect(ipv4_parse(slice_of(address), &four));
        p.family = FAMILY_IPV4;
        p.address = four;
    }
    return p;
}

struct fake_mail *fake_mail_new(struct events *ev, const char *address, unsigned short *port,
                                enum fake_manner manner, const struct fake_identity *identity)
{
    union socket_address at;
    struct endpoint p = endpoint_read(address, *port);
    socklen_t length = endpoint_socket(&p, &at);
    struct fake_mail *m = calloc(1, sizeof *m);
    expect(m);
    *m = (struct fake_mail){.events = ev, .manner = manner, .identity = identity};
    m->fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (m->fd >= 0)
        setsockopt(m->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (m->fd < 0 || bind(m->fd, &at.any, length) != 0 || listen(m->fd, 64) != 0) {
        close(m->fd);
        free(m);
        return NULL;
    }
    length = sizeof at;
    getsockname(m->fd, &at.any, &length);
    expect(endpoint_of_socket(&at.any, &p));
    *port = p.port;
    expect(events_watch(ev, m->fd, EVENT_READ, somebody_comes, m, NULL) == 0);
    return m;
}

void fake_mail_free(struct fake_mail **m)
{
    if (!*m)
        return;
    while ((*m)->guests)
        guest_free((*m)->guests);
    events_forget((*m)->events, (*m)->fd);
    close((*m)->fd);
    free(*m);
    *m = NULL;
}

unsigned fake_mail_visits(const struct fake_mail *m)
{
    return m->visits;
}

unsigned fake_mail_encrypted(const struct fake_mail *m)
{
    return m->encrypted;
}

bool fake_mail_heard_other(const struct fake_mail *m)
{
    return m->other;
}
