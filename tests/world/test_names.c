// SPDX-License-Identifier: Apache-2.0
//
// Names in six languages: all there, in their own script, none left in English.

#include "support.h"

static const enum language all[] = {LANGUAGE_EN, LANGUAGE_AR, LANGUAGE_ES,
                                    LANGUAGE_FR, LANGUAGE_RU, LANGUAGE_ZH};

// The next code point of well-formed UTF-8; fails the test where it is not.
static uint32_t next_point(const unsigned char **at)
{
    const unsigned char *p = *at;
    int more = *p < 0x80 ? 0 : *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;
    uint32_t point = more ? *p & (0x3f >> more) : *p;
    assert_false(*p >= 0x80 && *p < 0xc2);
    for (int i = 1; i <= more; i++) {
        assert_int_equal(p[i] & 0xc0, 0x80);
        point = point << 6 | (p[i] & 0x3f);
    }
    *at = p + more + 1;
    return point;
}

static bool in_script(enum language l, uint32_t point)
{
    switch (l) {
    case LANGUAGE_AR:
        return point >= 0x600 && point <= 0x6ff;
    case LANGUAGE_RU:
        return point >= 0x400 && point <= 0x4ff;
    case LANGUAGE_ZH:
        return point >= 0x4e00 && point <= 0x9fff;
    default:
        return (point >= 'A' && point <= 'Z') || (point >= 0xc0 && point <= 0x17f);
    }
}

// Letters of the language's script, and no Latin ones in the three that do not use them.
static void check_script(enum language l, const char *name)
{
    const unsigned char *at = (const unsigned char *)name;
    bool latin = l == LANGUAGE_EN || l == LANGUAGE_ES || l == LANGUAGE_FR, found = false;
    while (*at) {
        uint32_t point = next_point(&at);
        uint32_t letter = point | 0x20;
        found |= in_script(l, point);
        if (!latin && letter >= 'a' && letter <= 'z')
            fail_msg("%s: \"%s\" is not translated", language_code(l), name);
    }
    if (!found)
        fail_msg("%s: \"%s\" has no letter of its script", language_code(l), name);
}

// Catalogues leave "Congo, The Democratic Republic of the" and the like.
static void check_spelling(enum language l, const char *name)
{
    size_t length = strlen(name);
    assert_true(length > 2 && name[0] != ' ' && name[length - 1] != ' ');
    static const char *const wrong[] = {
        "  ", " ,", "\"", "|", "=", "[", ", The", ", Isla", ", Îl", "États fédérés de", "Islas, "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (strstr(name, wrong[i]))
            fail_msg("%s: \"%s\"", language_code(l), name);
    static const char *const english[] = {"North ", "South ", "Island", " of ", " the ",
                                          "United", " and ",  "State",  "New ", "Republic of"};
    for (size_t i = 0; l != LANGUAGE_EN && i < sizeof english / sizeof *english; i++)
        if (strstr(name, english[i]) && strcmp(name, "Islandia") != 0 &&
            strcmp(name, "Islande") != 0)
            fail_msg("%s: \"%s\" is not translated", language_code(l), name);
}

static void test_every_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        struct world *w = load(all[i]);
        assert_int_equal(world_count(w), 249);
        for (size_t k = 0; k < world_count(w); k++) {
            check_script(all[i], world_name(w, world_economy(w, k)));
            check_spelling(all[i], world_name(w, world_economy(w, k)));
            for (size_t m = 0; m < k; m++)
                assert_string_not_equal(world_name(w, world_economy(w, k)),
                                        world_name(w, world_economy(w, m)));
        }
        world_free(&w);
    }
}

// Economies that Spanish and French call as English does; any other equal name is untranslated.
static void test_latin_names_equal_to_english(void **state)
{
    (void)state;
    static const char es[] =
        "AD AL AM AO AR AT AU AW BB BF BG BI BN BO BS CG CL CN CO CR CU CV DM DZ EC EE ER FM GE GG "
        "GH GI GM GN GT GU GY HK HN ID IL IN JE JM KI KW LA LI LK LR ME MG MM MN MO MR MS MT MZ NA "
        "NG NI NP NR NU PN PR PT PY RS SC SM SN SO SR SV TD TG TK TL TO TR TV TZ UG UY VE VN VU WS "
        "YE YT ZM";
    static const char fr[] =
        "AF AI AO AW BD BF BI BS BW BZ CA CG CI CR CU CV CW DJ FR GA GH GI GP GT GU GY HK HN IR JE "
        "KE KI KZ LA LI LK LS LU MC MG ML MM MO MQ MS MV MW MZ NE NG NI NR OM PA PH PK PS PT PY QA "
        "RW SC SL SR SZ TG TK TL TO TR TV UA UY VE VU WS YT ZW";
    struct world *english = load(LANGUAGE_EN);
    for (int i = 0; i < 2; i++) {
        struct world *w = load(i ? LANGUAGE_FR : LANGUAGE_ES);
        for (size_t k = 0; k < world_count(w); k++) {
            economy e = world_economy(w, k);
            char code[8];
            bool equal = strcmp(world_name(w, e), world_name(english, e)) == 0;
            if (equal && !strstr(i ? fr : es, economy_format(e, code)))
                fail_msg("%s: \"%s\" is not translated", i ? "fr" : "es", world_name(w, e));
        }
        world_free(&w);
    }
    world_free(&english);
}

static void test_known_names(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        const char *names[LANGUAGE_COUNT]; // in the order of `all`
    } known[] = {
        {"TR", {"Türkiye", "تركيا", "Türkiye", "Türkiye", "Турция", "土耳其"}},
        {"MD", {"Moldova", "مولدوفا", "Moldavia", "Moldavie", "Молдова", "摩尔多瓦"}},
        {"KE", {"Kenya", "كينيا", "Kenia", "Kenya", "Кения", "肯尼亚"}},
        {"BO", {"Bolivia", "بوليفيا", "Bolivia", "Bolivie", "Боливия", "玻利维亚"}},
        {"CI",
         {"Côte d'Ivoire", "كوت ديفوار", "Costa de Marfil", "Côte d'Ivoire", "Кот-д'Ивуар",
          "科特迪瓦"}},
        {"KR",
         {"South Korea", "كوريا الجنوبية", "Corea del Sur", "Corée du Sud", "Южная Корея", "韩国"}},
        {"BQ",
         {"Bonaire, Sint Eustatius and Saba", "بونير وسانت يوستاشيوس وسابا",
          "Bonaire, San Eustaquio y Saba", "Bonaire, Saint-Eustache et Saba",
          "Бонайре, Синт-Эстатиус и Саба", "博奈尔、圣尤斯特歇斯和萨巴"}},
    };
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        struct world *w = load(all[i]);
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            assert_string_equal(world_name(w, two(known[k].code)), known[k].names[i]);
        world_free(&w);
    }
}

static void test_codes_that_are_no_economy(void **state)
{
    (void)state;
    static const char *const special[] = {"EU", "AP", "ZZ", "UK", "AN", "CS", "YU",
                                          "SU", "TP", "ZR", "AC", "CP", "CQ", "DG",
                                          "EA", "EZ", "FX", "IC", "TA", "UN", "XK"};
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        struct world *w = load(all[i]);
        for (size_t k = 0; k < sizeof special / sizeof *special; k++) {
            assert_false(world_has(w, two(special[k])));
            assert_string_not_equal(world_name(w, two(special[k])), special[k]);
            check_spelling(all[i], world_name(w, two(special[k])));
        }
        assert_string_not_equal(world_name(w, ECONOMY_NONE), world_name(w, ECONOMY_ODD));
        assert_string_equal(world_name(w, two("QQ")), "QQ");
        assert_string_equal(world_name(w, two("AA")), "AA");
        assert_string_equal(world_name(w, two("XZ")), "XZ");
        assert_string_equal(world_name(w, economy_of('a', 'b')), world_name(w, ECONOMY_ODD));
        world_free(&w);
    }
    struct world *w = load(LANGUAGE_EN);
    assert_string_equal(world_name(w, ECONOMY_NONE), "not stated");
    assert_string_equal(world_name(w, two("AP")), "Asia-Pacific, no economy stated");
    world_free(&w);
}

static void test_group_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        struct world *w = load(all[i]);
        for (enum grouping g = 0; g < GROUPING_COUNT; g++)
            for (size_t k = 0; k < world_group_count(w, g); k++) {
                check_script(all[i], world_group_name(w, g, k));
                for (size_t m = 0; m < k; m++)
                    assert_string_not_equal(world_group_name(w, g, k), world_group_name(w, g, m));
            }
        world_free(&w);
    }
}

static void test_languages(void **state)
{
    (void)state;
    enum language l;
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        assert_true(language_parse(slice_of(language_code(all[i])), &l));
        assert_int_equal(l, all[i]);
    }
    assert_true(language_parse(slice_of("zh_CN.UTF-8"), &l));
    assert_int_equal(l, LANGUAGE_ZH);
    assert_true(language_parse(slice_of("fr-SN"), &l));
    assert_int_equal(l, LANGUAGE_FR);
    static const char *const wrong[] = {"", "e", "C", "POSIX", "eng", "de", "C.UTF-8", "arabic"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(language_parse(slice_of(wrong[i]), &l));
    assert_false(language_parse((struct slice){"en\0x", 4}, &l));
    assert_int_equal(l, LANGUAGE_FR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_name),  cmocka_unit_test(test_latin_names_equal_to_english),
        cmocka_unit_test(test_known_names), cmocka_unit_test(test_codes_that_are_no_economy),
        cmocka_unit_test(test_group_names), cmocka_unit_test(test_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
