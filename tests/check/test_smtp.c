// SPDX-License-Identifier: Apache-2.0
//
// Conversations with mail servers, whole and octet by octet: what one learns from them does not
// depend on how they arrive.

#include "check/smtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EHLO  "EHLO [192.0.2.1]\r\n"
#define OFFER "250-mx.example.org\r\n250-SIZE 1000\r\n250-StartTLS\r\n250 8BITMIME\r\n"

// What the server says, turn by turn; NULL: the turn in which the handshake is carried through.
struct dialogue {
    const char *turns[8];
    const char *said; // by us, all of it
    enum smtp_greeting greeting;
    enum smtp_encryption encryption;
    uint16_t code;
    const char *text;
};

static const struct dialogue dialogues[] = {
    // All is well.
    {{"220 mx.example.org ESMTP\r\n", OFFER, "220 2.0.0 Ready\r\n", NULL, OFFER, "221 Bye\r\n"},
     EHLO "STARTTLS\r\n" EHLO "QUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_WORKS,
     220,
     "mx.example.org ESMTP"},
    {{"220-mx.example.org\r\n220-no spam\r\n220 here\r\n", "250 mx.example.org\r\n", "221 x\r\n"},
     EHLO "QUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_NOT_OFFERED,
     220,
     "mx.example.org"},
    {{"220\r\n", "250\r\n", ""}, EHLO "QUIT\r\n", SMTP_GREETED, SMTP_TLS_NOT_OFFERED, 220, ""},
    {{"220 bare line ends\n", "250-x\n250 STARTTLS\n", "454 4.7.0 no\n", "221 x\n"},
     EHLO "STARTTLS\r\nQUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_REFUSED,
     454,
     "4.7.0 no"},
    // A word that is not the keyword.
    {{"220 x\r\n", "250-x\r\n250-XSTARTTLS\r\n250 STARTTLSX\r\n", "221 x\r\n"},
     EHLO "QUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_NOT_OFFERED,
     220,
     "x"},
    {{"220 x\r\n", "250 STARTTLS\r\n", "221 x\r\n"}, // the first line is a name
     EHLO "QUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_NOT_OFFERED,
     220,
     "x"},
    // Turned away.
    {{"554 5.7.1 no\r\n", "221 x\r\n"}, "QUIT\r\n", SMTP_DENIED, SMTP_TLS_UNTRIED, 554, "5.7.1 no"},
    {{"421 4.3.2 later\r\n", "221\r\n"},
     "QUIT\r\n",
     SMTP_DEFERRED,
     SMTP_TLS_UNTRIED,
     421,
     "4.3.2 later"},
    {{"220 x\r\n", "450 greylisted\r\n", "221\r\n"},
     EHLO "QUIT\r\n",
     SMTP_DEFERRED,
     SMTP_TLS_UNTRIED,
     450,
     "greylisted"},
    {{"220 x\r\n", "550 not that\r\n", "221\r\n"},
     EHLO "QUIT\r\n",
     SMTP_DENIED,
     SMTP_TLS_UNTRIED,
     550,
     "not that"},
    // EHLO is unknown: HELO (RFC 5321 4.1.4), and no encryption.
    {{"220 x\r\n", "500-what\r\n500 STARTTLS\r\n", "250 x\r\n", "221\r\n"},
     EHLO "HELO [192.0.2.1]\r\nQUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_NOT_OFFERED,
     220,
     "x"},
    {{"220 x\r\n", "502 what\r\n", "garbage\r\n"},
     EHLO "HELO [192.0.2.1]\r\n",
     SMTP_FOREIGN,
     SMTP_TLS_UNTRIED,
     220,
     "x"},
    {{"220 x\r\n", "502 what\r\n", "502 not that\r\n", "221\r\n"},
     EHLO "HELO [192.0.2.1]\r\nQUIT\r\n",
     SMTP_DENIED,
     SMTP_TLS_UNTRIED,
     502,
     "not that"},
    // No SMTP.
    {{"SSH-2.0-OpenSSH_9.2\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"HTTP/1.1 400 Bad Request\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"\x16\x03\x01"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"220x\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"22\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"120 x\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"600 x\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"250 x\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 250, "x"},
    {{"220-x\r\n250 y\r\n"}, "", SMTP_FOREIGN, SMTP_TLS_UNTRIED, 0, ""},
    {{"220 x\r\n", "220 x\r\n"}, EHLO, SMTP_FOREIGN, SMTP_TLS_UNTRIED, 220, "x"},
    // Encryption that is none.
    {{"220 x\r\n", OFFER, "250 fine\r\n", "221\r\n"},
     EHLO "STARTTLS\r\nQUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_REFUSED,
     250,
     "fine"},
    {{"220 x\r\n", OFFER, "220 go\r\n", NULL, "554 no\r\n", "221\r\n"},
     EHLO "STARTTLS\r\n" EHLO "QUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_USELESS,
     220,
     "x"},
    {{"220 x\r\n", OFFER, "220 go\r\n", NULL, "garbage\r\n"},
     EHLO "STARTTLS\r\n" EHLO,
     SMTP_GREETED,
     SMTP_TLS_USELESS,
     220,
     "x"},
    {{"220 \xff\x01\tname\r\n", "250 x\r\n", "221\r\n"},
     EHLO "QUIT\r\n",
     SMTP_GREETED,
     SMTP_TLS_NOT_OFFERED,
     220,
     "\?\?\?name"},
};
#define DIALOGUES (sizeof dialogues / sizeof *dialogues)

struct played {
    struct smtp_talk t;
    char said[256];
    enum smtp_wish wish;
};

static void hear(struct played *p, enum smtp_wish wish)
{
    p->wish = wish;
    if (wish == SMTP_WISH_SEND)
        snprintf(p->said + strlen(p->said), sizeof p->said - strlen(p->said), "%.*s",
                 (int)p->t.out_length, p->t.out);
}

static void take(struct played *p, const char *bytes, size_t length, size_t step)
{
    for (size_t i = 0; i < length; i += step)
        hear(p,
             smtp_take(&p->t, (const uint8_t *)bytes + i, length - i < step ? length - i : step));
}

static void play(const struct dialogue *d, size_t step, struct played *p)
{
    *p = (struct played){.wish = SMTP_WISH_BYTES};
    smtp_begin(&p->t, "[192.0.2.1]", true);
    for (size_t i = 0; i < 8 && p->wish != SMTP_WISH_END; i++) {
        if (d->turns[i])
            take(p, d->turns[i], strlen(d->turns[i]), step);
        else if (p->wish == SMTP_WISH_HANDSHAKE)
            hear(p, smtp_secured(&p->t, true));
        else
            break;
    }
}

static void dialogues_end_as_they_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIALOGUES; i++)
        for (size_t step = 1; step < 300; step += step < 5 ? 1 : 97) {
            const struct dialogue *d = &dialogues[i];
            struct played p;
            play(d, step, &p);
            assert_int_equal(p.t.seen.greeting, d->greeting);
            assert_int_equal(p.t.seen.encryption, d->encryption);
            assert_int_equal(p.t.seen.code, d->code);
            assert_string_equal(p.t.seen.text, d->text);
            assert_string_equal(p.said, d->said);
        }
}

// No conversation ever names a sender or sends a message.
static void nothing_else_is_ever_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIALOGUES; i++) {
        struct played p;
        play(&dialogues[i], 1, &p);
        for (char *line = p.said, *end; *line; line = end + 2) {
            end = strstr(line, "\r\n");
            assert_non_null(end);
            assert_true(strncmp(line, "EHLO ", 5) == 0 || strncmp(line, "HELO ", 5) == 0 ||
                        strncmp(line, "STARTTLS\r", 9) == 0 || strncmp(line, "QUIT\r", 5) == 0);
        }
    }
}

// RFC 3207 section 6, CVE-2011-0411.
static void what_comes_before_encryption_is_refused(void **state)
{
    (void)state;
    struct smtp_talk t;
    const char *early = "220 go\r\n250 smuggled\r\n";
    smtp_begin(&t, "x", true);
    smtp_take(&t, (const uint8_t *)"220 x\r\n", 7);
    smtp_take(&t, (const uint8_t *)OFFER, strlen(OFFER));
    assert_int_equal(t.stage, SMTP_AT_STARTTLS);
    assert_int_equal(smtp_take(&t, (const uint8_t *)early, strlen(early)), SMTP_WISH_END);
    assert_int_equal(t.seen.encryption, SMTP_TLS_INJECTED);

    // All answers at once, before anything was asked.
    const char *all = "220 x\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n";
    smtp_begin(&t, "x", true);
    assert_int_equal(smtp_take(&t, (const uint8_t *)all, strlen(all)), SMTP_WISH_END);
    assert_int_equal(t.seen.greeting, SMTP_FOREIGN);

    // The answer to STARTTLS already behind that to EHLO.
    const char *two = OFFER "220 go\r\n";
    smtp_begin(&t, "x", true);
    smtp_take(&t, (const uint8_t *)"220 x\r\n", 7);
    assert_int_equal(smtp_take(&t, (const uint8_t *)two, strlen(two)), SMTP_WISH_END);
    assert_int_equal(t.seen.encryption, SMTP_TLS_INJECTED);
}

static void endless_replies_have_an_end(void **state)
{
    (void)state;
    struct smtp_talk t;
    size_t fed = 0;
    smtp_begin(&t, "x", true); // one line
    assert_int_equal(smtp_take(&t, (const uint8_t *)"220 ", 4), SMTP_WISH_BYTES);
    while (smtp_take(&t, (const uint8_t *)"aaaaaaaa", 8) != SMTP_WISH_END)
        assert_true((fed += 8) <= SMTP_LINE_MAX);
    assert_int_equal(t.seen.greeting, SMTP_FOREIGN);
    smtp_begin(&t, "x", true); // many lines
    fed = 0;
    while (smtp_take(&t, (const uint8_t *)"220-a\r\n", 7) != SMTP_WISH_END)
        assert_true(++fed <= SMTP_LINES_MAX);
    assert_int_equal(fed, SMTP_LINES_MAX);
    smtp_begin(&t, "x", true); // many octets
    char line[2000];
    memset(line, 'a', sizeof line);
    memcpy(line, "220-", 4);
    line[sizeof line - 1] = '\n';
    fed = 0;
    while (smtp_take(&t, (const uint8_t *)line, sizeof line) != SMTP_WISH_END)
        assert_true((fed += sizeof line) <= SMTP_BYTES_MAX);
    assert_true(fed > SMTP_BYTES_MAX - 2 * sizeof line);
    assert_int_equal(smtp_take(&t, (const uint8_t *)"220 x\r\n", 7), SMTP_WISH_END); // it is over
}

static void silence_and_closing_are_told_apart(void **state)
{
    (void)state;
    struct smtp_talk t;
    smtp_begin(&t, "x", true);
    smtp_late(&t);
    assert_int_equal(t.seen.greeting, SMTP_MUTE);
    smtp_begin(&t, "x", true);
    smtp_closed(&t);
    assert_int_equal(t.seen.greeting, SMTP_CLOSED);
    smtp_begin(&t, "x", true);
    smtp_take(&t, (const uint8_t *)"220 x\r\n", 7);
    smtp_late(&t); // a greeting, and no answer to EHLO
    assert_int_equal(t.seen.greeting, SMTP_MUTE);
    assert_int_equal(t.seen.code, 220);
    for (int closed = 0; closed < 2; closed++) {
        smtp_begin(&t, "x", true);
        smtp_take(&t, (const uint8_t *)"220 x\r\n", 7);
        smtp_take(&t, (const uint8_t *)OFFER, strlen(OFFER));
        closed ? smtp_closed(&t) : smtp_late(&t);
        assert_int_equal(t.seen.greeting, SMTP_GREETED);
        assert_int_equal(t.seen.encryption, SMTP_TLS_REFUSED);
    }
    smtp_begin(&t, "x", true);
    smtp_take(&t, (const uint8_t *)"220 x\r\n", 7);
    smtp_take(&t, (const uint8_t *)OFFER, strlen(OFFER));
    assert_int_equal(smtp_take(&t, (const uint8_t *)"220 go\r\n", 8), SMTP_WISH_HANDSHAKE);
    assert_int_equal(smtp_secured(&t, false), SMTP_WISH_END);
    assert_int_equal(t.seen.encryption, SMTP_TLS_FAILED);
}

static void without_encryption_it_is_not_asked_for(void **state)
{
    (void)state;
    struct smtp_talk t;
    smtp_begin(&t, "x", false);
    smtp_take(&t, (const uint8_t *)"220 x\r\n", 7);
    assert_int_equal(smtp_take(&t, (const uint8_t *)OFFER, strlen(OFFER)), SMTP_WISH_SEND);
    assert_memory_equal(t.out, "QUIT\r\n", 6);
    assert_int_equal(t.seen.greeting, SMTP_GREETED);
    assert_int_equal(t.seen.encryption, SMTP_TLS_UNTRIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialogues_end_as_they_must),
        cmocka_unit_test(nothing_else_is_ever_said),
        cmocka_unit_test(what_comes_before_encryption_is_refused),
        cmocka_unit_test(endless_replies_have_an_end),
        cmocka_unit_test(silence_and_closing_are_told_apart),
        cmocka_unit_test(without_encryption_it_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
