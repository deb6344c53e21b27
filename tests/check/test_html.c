// SPDX-License-Identifier: Apache-2.0
//
// Pages by hand: what is kept of them, what a browser would load for them, and that a hostile one
// ends soon.

#include "base/buffer.h"
#include "check/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#define BASE "https://www.example.org/dir/index.html"

static struct page read_bytes(const char *bytes, size_t length, const char *charset)
{
    struct page p = {0};
    struct err e = {0};
    assert_int_equal(page_read((struct slice){bytes, length}, BASE, charset, &p, &e), 0);
    return p;
}

static struct page read_html(const char *html)
{
    return read_bytes(html, strlen(html), NULL);
}

static bool loads(const struct page *p, const char *host)
{
    for (size_t i = 0; i < p->resources.count; i++)
        if (strcmp(p->resources.at[i].host, host) == 0)
            return true;
    return false;
}

static bool same_tokens(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof *a) == 0);
}

static bool same_words(const char *one, const char *other)
{
    struct page a = read_html(one), b = read_html(other);
    bool same = same_tokens(a.words.at, a.words.count, b.words.at, b.words.count);
    page_done(&a);
    page_done(&b);
    return same;
}

static bool same_skeleton(const char *one, const char *other)
{
    struct page a = read_html(one), b = read_html(other);
    bool same = same_tokens(a.skeleton.at, a.skeleton.count, b.skeleton.at, b.skeleton.count);
    page_done(&a);
    page_done(&b);
    return same;
}

static void test_title(void **state)
{
    (void)state;
    static const char *const pages[][2] = {
        {"<title> A  page\n of &amp; ours </title>", "A page of & ours"},
        {"<svg><title>icon</title></svg><title>real</title>", "real"},
        {"<title>first</title><title>second</title>", "first"},
        {"<p>none", ""},
        {"", ""},
        {"<title>open", "open"},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct page p = read_html(pages[i][0]);
        assert_string_equal(p.title, pages[i][1]);
        page_done(&p);
    }
}

static void test_character_sets(void **state)
{
    (void)state;
    static const char latin[] = "<meta charset=iso-8859-1><title>h\xe9llo</title>";
    static const char bare[] = "<title>h\xe9llo</title>";
    static const char utf8[] = "<meta charset=utf-8><title>h\xc3\xa9llo</title>";
    struct page pages[] = {
        read_bytes(latin, sizeof latin - 1, NULL), read_bytes(bare, sizeof bare - 1, "ISO-8859-1"),
        read_bytes(utf8, sizeof utf8 - 1, NULL), read_bytes(bare, sizeof bare - 1, "no-such-set")};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(pages[i].title, "h\xc3\xa9llo");
        page_done(&pages[i]);
    }
    static const char wide[] = "\xff\xfe<\0t\0i\0t\0l\0e\0>\0\x2d\x4e<\0/\0t\0i\0t\0l\0e\0>\0";
    struct page p = read_bytes(wide, sizeof wide - 1, NULL);
    assert_string_equal(p.title, "\xe4\xb8\xad");
    page_done(&p);
}

static void test_words(void **state)
{
    (void)state;
    assert_true(same_words("<p>one two</p>", "<div><b>one</b>\n two</div>"));
    assert_false(same_words("<p>one two</p>", "<p>two one</p>"));
    assert_true(same_words("<p>at 12:04, 7 visits", "<p>at 9:30, 123456 visits"));
    assert_false(same_words("<p>at 12:04", "<p>on 12:04"));
    assert_true(same_words("<p>a<script>var x='b'</script><style>p{}</style>", "<p>a"));
    assert_true(same_words("<p>a<noscript>b</noscript><template>c</template>", "<p>a"));
    assert_true(same_words("<p>a&nbsp;b", "<p>a b"));
    assert_false(same_words("<p>ab", "<p>a b"));
    struct page p =
        read_html("<meta charset=utf-8><p>\xe4\xb8\xad\xe6\x96\x87 \xd0\xbc\xd0\xb8\xd1\x80");
    assert_int_equal(p.words.count, 3); // each ideograph, and one Russian word
    page_done(&p);
    // A character that a piece of 4,096 bytes cuts in two.
    struct buffer b = {0};
    buffer_text(&b, "<meta charset=utf-8><p>");
    while (b.length < 4095)
        buffer_char(&b, ' ');
    buffer_text(&b, "\xe4\xb8\xad");
    p = read_bytes(b.at, b.length, NULL);
    assert_int_equal(p.words.count, 1);
    page_done(&p);
    buffer_done(&b);
}

static void test_skeleton(void **state)
{
    (void)state;
    assert_true(same_skeleton("<p class=a>x</p>", "<p class=b>y</p>"));
    assert_false(same_skeleton("<p class=a>x</p>", "<p id=a>x</p>"));
    assert_false(same_skeleton("<p></p><div></div>", "<div></div><p></p>"));
}

static void test_resources(void **state)
{
    (void)state;
    struct page p = read_html(
        "<link rel='shortcut icon' href=//icon.example/i.ico><link rel=canonical "
        "href=//no1.example/>"
        "<link rel='alternate stylesheet' href=//no2.example/><link rel=preconnect "
        "href=//no3.example>"
        "<script src='//SCRIPT.example./s.js'></script><img src=//img.example/ "
        "srcset='//set1.example/a "
        "1x,//set2.example/b 2x, data:image/gif;base64,R0,lG 3x'><iframe "
        "src=//frame.example></iframe>"
        "<video poster=//poster.example/p><source src=//video.example/v></video>"
        "<object data=//object.example/o></object><embed src=//embed.example/e>"
        "<style>@import '//import.example/i.css'; p{background:URL( \"//css.example/c\" )}"
        "/* url(//no4.example/) */</style><p style='background:url(//style.example/)'>"
        "<noscript><img src=//no5.example/></noscript><template><img src=//no6.example/></template>"
        "<script>document.write('<img src=//no7.example/>')</script><!-- <img src=//no8.example/> "
        "-->"
        "<a href=//no9.example/>x</a><img src=data:image/png;base64,AAAA><img src='javascript:x'>"
        "<img src=own.png><input type=image src=//input.example/><input src=//no10.example/>"
        "<svg><use xlink:href='//svg.example/a#b'/></svg><img src='//img.example/second'>");
    static const char *const wanted[] = {
        "icon.example",   "script.example",  "img.example",    "set1.example",
        "set2.example",   "frame.example",   "poster.example", "video.example",
        "object.example", "embed.example",   "import.example", "css.example",
        "style.example",  "www.example.org", "input.example",  "svg.example"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!loads(&p, wanted[i]))
            fail_msg("%s is not among the resources", wanted[i]);
    assert_int_equal(p.resources.count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < p.resources.count; i++)
        if (strcmp(p.resources.at[i].host, "img.example") == 0)
            assert_int_equal(p.resources.at[i].count, 2);
    page_done(&p);
}

static void test_links(void **state)
{
    (void)state;
    struct page p =
        read_html("<a href='a?b=1&amp;c#d'>1</a><a href='a?b=1&amp;c#e'>same</a>"
                  "<area href=/b><a href='mailto:x@example.org'>m</a><a href='#top'>t</a>"
                  "<a href='ftp://example.org/'>f</a><a href='http://user:pw@example.org/'>u"
                  "</a><a href='https://example.org:8443/c d'>p</a><a>none</a>");
    static const char *const wanted[] = {"https://www.example.org/dir/a?b=1&c",
                                         "https://www.example.org/b", "http://example.org/",
                                         "https://example.org:8443/c%20d"};
    assert_int_equal(p.links.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(p.links.at[i].url, wanted[i]);
    assert_int_equal(p.links.at[0].count, 2);
    assert_int_equal(p.links.at[3].port, 8443);
    page_done(&p);
    p = read_html("<base href=//static.example/x/><base href=//no.example/><a href=y>1</a>");
    assert_string_equal(p.links.at[0].url, "https://static.example/x/y");
    page_done(&p);
}

static void test_refresh(void **state)
{
    (void)state;
    static const char *const pages[][2] = {
        {"<meta http-equiv=refresh content='0;url=/next'>", "https://www.example.org/next"},
        {"<meta http-equiv=Refresh content=\"5; URL='next'\">", "https://www.example.org/dir/next"},
        {"<meta http-equiv=refresh content='0 /next'>", "https://www.example.org/next"},
        {"<meta http-equiv=refresh content='300;url=/next'>", NULL},
        {"<meta http-equiv=refresh content='300'>", NULL},
        {"<noscript><meta http-equiv=refresh content='0;url=/no'></noscript>", NULL},
        {"<meta name=refresh content='0;url=/no'>", NULL},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct page p = read_html(pages[i][0]);
        if (pages[i][1])
            assert_string_equal(p.refresh, pages[i][1]);
        else
            assert_null(p.refresh);
        page_done(&p);
    }
}

// RFC 3986, 5.4, as far as http goes: base "http://a/b/c/d;p?q".
static void test_rfc3986(void **state)
{
    (void)state;
    static const char *const examples[][2] = {
        {"g", "http://a/b/c/g"},       {"./g", "http://a/b/c/g"},    {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},          {"//g", "http://g/"},         {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},   {"#s", "http://a/b/c/d;p?q"}, {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"}, {";x", "http://a/b/c/;x"},    {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},    {".", "http://a/b/c/"},       {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},         {"../", "http://a/b/"},       {"../g", "http://a/b/g"},
        {"../..", "http://a/"},        {"../../g", "http://a/g"},    {"../../../g", "http://a/g"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct page_link l = {0};
        assert_true(url_resolve(&a, "http://a/b/c/d;p?q", examples[i][0], &l));
        assert_string_equal(l.url, examples[i][1]);
    }
    static const char *const none[] = {
        "mailto:x@example.org",      "javascript:0",           "http://", "https://a b/",
        "http://example.org:99999/", "http://exa\x01mple.org/"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(url_resolve(&a, "http://a/", none[i], &(struct page_link){0}));
    arena_done(&a);
}

static void test_limits(void **state)
{
    (void)state;
    struct buffer b = {0};
    for (unsigned i = 0; i < HTML_DEPTH_MAX + 10; i++)
        buffer_text(&b, "<div>");
    struct page p = read_bytes(b.at, b.length, NULL);
    assert_true(p.cut);
    assert_true(p.skeleton.count <= HTML_DEPTH_MAX);
    page_done(&p);
    buffer_done(&b);
    b = (struct buffer){0};
    for (unsigned i = 0; i < HTML_RESOURCES_MAX + 10; i++)
        buffer_format(&b, "<img src=//h%u.example/>", i);
    p = read_bytes(b.at, b.length, NULL);
    assert_true(p.cut);
    assert_int_equal(p.resources.count, HTML_RESOURCES_MAX);
    page_done(&p);
    buffer_done(&b);
}

// Each took seconds to hours before there was a limit against it.
static void test_hostile_pages_end_soon(void **state)
{
    (void)state;
    static const char *const pieces[][2] = {
        {"<a ", "b%u=\">\" "},
        {"", "<b>"},
        {"", "&"},
        {"<table>", "</i>"},
        {"", "<!--"},
        {"<img srcset='", "a 1x,"},
        {"<style>", "url("},
        {"<script>", "</"},
        {"", "<a b c d e f g h i j k l m n o p q r s t u v w x y z>"},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct buffer b = {0};
        buffer_text(&b, pieces[i][0]);
        for (unsigned n = 0; b.length < ((size_t)2 << 20); n++)
            if (i == 0)
                buffer_format(&b, "b%u=\">\" ", n);
            else
                buffer_text(&b, pieces[i][1]);
        clock_t began = clock();
        struct page p = read_bytes(b.at, b.length, NULL);
        double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
        if (seconds > 10) // a tenth of one, without sanitizers
            fail_msg("case %zu: %.1f s", i, seconds);
        page_done(&p);
        buffer_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_title),     cmocka_unit_test(test_character_sets),
        cmocka_unit_test(test_words),     cmocka_unit_test(test_skeleton),
        cmocka_unit_test(test_resources), cmocka_unit_test(test_links),
        cmocka_unit_test(test_refresh),   cmocka_unit_test(test_rfc3986),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_hostile_pages_end_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
