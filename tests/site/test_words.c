// SPDX-License-Identifier: Apache-2.0
//
// The catalogues, and the custom of each language.

#include "site/table_words.h"
#include "site/words.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct six {
    struct words *at[LANGUAGE_COUNT];
};

static int set_up(void **state)
{
    struct six *s = calloc(1, sizeof *s);
    struct err e = {0};
    for (int l = 0; l < LANGUAGE_COUNT; l++)
        if (words_load((enum language)l, &s->at[l], &e) != 0)
            fail_msg("%s", e.text);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct six *s = *state;
    for (int l = 0; l < LANGUAGE_COUNT; l++)
        words_free(&s->at[l]);
    free(s);
    return 0;
}

static void each_language_says_it(void **state)
{
    static const char *const wanted[LANGUAGE_COUNT] = {
        [LANGUAGE_EN] = "Methods",  [LANGUAGE_AR] = "المنهجية", [LANGUAGE_ES] = "Métodos",
        [LANGUAGE_FR] = "Méthodes", [LANGUAGE_RU] = "Методика", [LANGUAGE_ZH] = "方法"};
    const struct six *s = *state;
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        assert_string_equal(say(s->at[l], "Methods"), wanted[l]);
        assert_string_equal(say(s->at[l], "no such text"), "no such text");
        assert_string_equal(say(s->at[l], ""), "");
    }
}

static void prefixes_run_from_the_left(void **state)
{
    const struct six *s = *state;
    assert_string_equal(say(s->at[LANGUAGE_AR], "/32s"), "\xE2\x80\x8E/32");
    assert_string_equal(say(s->at[LANGUAGE_FR], "/32s"), "/32");
}

static void sentences_take_arguments(void **state)
{
    const struct six *s = *state;
    struct buffer b = {0};
    say_with(s->at[LANGUAGE_FR], &b, "{1} among others, known on {2}", "Kenya {2}", "mai", NULL);
    assert_string_equal(b.at, "Kenya {2} parmi d’autres, état connu au mai");
    buffer_done(&b);
}

static void notes_follow_their_pattern(void **state)
{
    const struct six *s = *state;
    struct buffer b = {0};
    assert_true(say_pattern(s->at[LANGUAGE_ES], &b, "10 of 24312 holders are shown."));
    assert_string_equal(b.at, "Titulares mostrados: 10 de 24.312.");
    b.length = 0;
    assert_true(say_pattern(s->at[LANGUAGE_RU], &b, "2026 is counted up to 2026-05-05."));
    assert_string_equal(b.at, "Период 2026 учтен по 5 мая 2026 г.");
    b.length = 0;
    assert_true(
        say_pattern(s->at[LANGUAGE_FR], &b, "Who belongs where: UN M49 (1999), 2024-01-04."));
    assert_string_equal(b.at, "Appartenance selon\xC2\xA0: UN M49 (1999), 2024-01-04.");
    b.length = 0;
    assert_true(say_pattern(s->at[LANGUAGE_ES], &b, "Without ripencc, arin: no snapshot is held."));
    assert_string_equal(b.at, "Sin ripencc, arin: no se conserva ninguna instantánea.");
    b.length = 0;
    assert_true(say_pattern(s->at[LANGUAGE_FR], &b,
                            "10 of 249 economies have no AS number "
                            "delegation in these figures."));
    assert_string_equal(
        b.at, "Économies sans délégation de numéros d’AS dans ces chiffres\xC2\xA0: 10 sur 249.");
    b.length = 0;
    assert_true(say_pattern(s->at[LANGUAGE_ES], &b,
                            "Content is empty: the archive has no series content."));
    assert_null(strstr(b.at, "archive"));
    b.length = 0;
    assert_false(say_pattern(s->at[LANGUAGE_FR], &b, "12 odd things."));
    assert_true(say_pattern(s->at[LANGUAGE_EN], &b, "12 odd things."));
    assert_string_equal(b.at, "12 odd things.");
    buffer_done(&b);
}

static void titles_are_said_clause_by_clause(void **state)
{
    static const struct {
        enum language language;
        const char *english, *wanted;
    } cases[] = {{LANGUAGE_FR,
                  "IPv4 delegations by ITU region; apnic; /33 or longer; known on 2024-01-05",
                  "Délégations IPv4 par région de l’UIT\xC2\xA0; apnic\xC2\xA0; /33 ou plus "
                  "longs\xC2\xA0; état connu "
                  "au 5 janvier 2024"},
                 {LANGUAGE_RU, "AS number delegations by year, world",
                  "Делегирования номеров AS по годам, мир"},
                 {LANGUAGE_ZH, "IPv6 delegations, concentration among holders",
                  "IPv6 委派，持有者之间的集中度"},
                 {LANGUAGE_ES, "Suspect snapshots: far fewer records than their neighbours",
                  "Instantáneas sospechosas: muchas menos inscripciones que sus vecinas"},
                 {LANGUAGE_FR, "Nobody's title: by nothing, at all",
                  "Nobody's title\xC2\xA0: by nothing, at all"},
                 {LANGUAGE_FR, "", ""}};
    const struct six *s = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer b = {0};
        say_clauses(s->at[cases[i].language], &b, cases[i].english);
        assert_string_equal(b.at ? b.at : "", cases[i].wanted);
        buffer_done(&b);
    }
}

static void names_are_no_words(void **state)
{
    const struct six *s = *state;
    struct table *t;
    assert_int_equal(table_new("t", &t), 0);
    table_column(t, &(struct column){"holder", "Holder", COLUMN_TEXT, "", ""});
    table_column(t, &(struct column){"status", "Status", COLUMN_TEXT, "", ""});
    table_column(t, &(struct column){"said", "Answer", COLUMN_TEXT, "", "", .foreign = true});
    table_column(t, &(struct column){"found", "Found", COLUMN_TEXT, "", "", .foreign = true});
    table_set_text(t, table_row(t), 0, "allocated");
    table_set_text(t, 0, 1, "allocated");
    table_set_text(t, 0, 2, "allocated");
    table_set_text(t, 0, 3, "the connection opens; the text does not come");
    table_note(t, "2026 is counted up to 2026-05-05.");
    table_words(t, s->at[LANGUAGE_FR]);
    assert_false(t->failed);
    assert_string_equal(t->columns[0].heading, "Titulaire");
    assert_string_equal(table_cell(t, 0, 0)->text, "allocated");
    assert_string_equal(table_cell(t, 0, 1)->text, "alloué");
    assert_string_equal(table_cell(t, 0, 2)->text, "allocated");
    assert_string_equal(table_cell(t, 0, 3)->text,
                        "la connexion s’ouvre\xC2\xA0; le texte n’arrive pas");
    table_words(t, s->at[LANGUAGE_AR]);
    assert_null(strstr(t->notes[0], "\xE2\x81\xA8"));
    table_free(&t);
}

#define NARROW "\xE2\x80\xAF"
#define BLANK  "\xC2\xA0"

static void numbers_follow_the_custom(void **state)
{
    static const char *const wanted[LANGUAGE_COUNT][3] = {
        [LANGUAGE_EN] = {"1,234.50", "1,234", "1,234,567"},
        [LANGUAGE_AR] = {"1,234.50", "1,234", "1,234,567"},
        [LANGUAGE_ES] = {"1234,50", "1234", "1.234.567"},
        [LANGUAGE_FR] = {"1" NARROW "234,50", "1" NARROW "234", "1" NARROW "234" NARROW "567"},
        [LANGUAGE_RU] = {"1" BLANK "234,50", "1" BLANK "234", "1" BLANK "234" BLANK "567"},
        [LANGUAGE_ZH] = {"1,234.50", "1,234", "1,234,567"}};
    const struct six *s = *state;
    char text[WORDS_TEXT_MAX];
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        words_number(s->at[l], 1234.5, 2, text);
        assert_string_equal(text, wanted[l][0]);
        words_count(s->at[l], 1234, text);
        assert_string_equal(text, wanted[l][1]);
        words_count(s->at[l], 1234567, text);
        assert_string_equal(text, wanted[l][2]);
        words_count(s->at[l], ~(u128)0, text);
        assert_true(strlen(text) >= 39);
    }
}

static void percents_and_dates_follow_the_custom(void **state)
{
    static const char *const wanted[LANGUAGE_COUNT][2] = {
        [LANGUAGE_EN] = {"5.3%", "1 January 2024"},
        [LANGUAGE_AR] = {"5.3%", "1 يناير 2024"},
        [LANGUAGE_ES] = {"5,3" BLANK "%", "1 de enero de 2024"},
        [LANGUAGE_FR] = {"5,3" NARROW "%", "1er janvier 2024"},
        [LANGUAGE_RU] = {"5,3" BLANK "%", "1 января 2024 г."},
        [LANGUAGE_ZH] = {"5.3%", "2024年1月1日"}};
    const struct six *s = *state;
    char text[WORDS_TEXT_MAX];
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        words_percent(s->at[l], 5.31, 1, text);
        assert_string_equal(text, wanted[l][0]);
        words_date(s->at[l], date_of(2024, 1, 1), text);
        assert_string_equal(text, wanted[l][1]);
        words_date(s->at[l], DATE_NONE, text);
        assert_string_equal(text, "");
    }
}

static void directions_are_known(void **state)
{
    (void)state;
    for (int l = 0; l < LANGUAGE_COUNT; l++)
        assert_string_equal(words_direction((enum language)l), l == LANGUAGE_AR ? "rtl" : "ltr");
}

// Every cut and every changed byte of a catalogue is read safely, or refused with a sentence.
static void broken_catalogues_are_refused(void **state)
{
    char whole[FILE_PATH_MAX], folder[] = "/tmp/sextant-words-XXXXXX", path[96], sub[64];
    struct buffer file = {0};
    struct words *w;
    struct err e;
    (void)state;
    assert_int_equal(file_find_data("locale/fr.mo", whole, &e), 0);
    assert_int_equal(file_read(whole, 1 << 20, &file, &e), 0);
    assert_non_null(mkdtemp(folder));
    snprintf(sub, sizeof sub, "%s/locale", folder);
    assert_int_equal(mkdir(sub, 0700), 0);
    snprintf(path, sizeof path, "%s/fr.mo", sub);
    setenv("SEXTANT_DATA", folder, 1);
    srand(7);
    for (int i = 0; i < 60; i++) {
        size_t length = i % 2 ? file.length : (size_t)rand() % file.length;
        size_t at = i < 30 ? (size_t)rand() % 64 : (size_t)rand() % file.length;
        char kept = file.at[at];
        file.at[at] = (char)rand();
        assert_int_equal(file_publish(path, file.at, length, &e), 0);
        file.at[at] = kept;
        e.text[0] = '\0';
        if (words_load(LANGUAGE_FR, &w, &e) == 0) {
            assert_non_null(say(w, "Methods"));
            words_free(&w);
        } else {
            assert_true(strlen(e.text) > 0);
        }
    }
    assert_int_equal(file_publish(path, file.at, file.length / 2, &e), 0);
    assert_int_equal(words_load(LANGUAGE_FR, &w, &e), ERR_INPUT);
    unsetenv("SEXTANT_DATA");
    unlink(path);
    rmdir(sub);
    rmdir(folder);
    buffer_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_says_it),
        cmocka_unit_test(prefixes_run_from_the_left),
        cmocka_unit_test(sentences_take_arguments),
        cmocka_unit_test(notes_follow_their_pattern),
        cmocka_unit_test(numbers_follow_the_custom),
        cmocka_unit_test(percents_and_dates_follow_the_custom),
        cmocka_unit_test(directions_are_known),
        cmocka_unit_test(titles_are_said_clause_by_clause),
        cmocka_unit_test(names_are_no_words),
        cmocka_unit_test(broken_catalogues_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
