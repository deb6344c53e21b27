// SPDX-License-Identifier: Apache-2.0
//
// Families of pages: loads of one site that differ as real ones do, and other sites that look alike
// to a naive comparison. The longest common subsequence against the textbook's table.

#include "base/buffer.h"
#include "check/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

// ---- the subsequence

static size_t table(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    static size_t t[65][65];
    for (size_t i = 0; i <= n; i++)
        for (size_t k = 0; k <= m; k++) {
            if (i == 0 || k == 0)
                t[i][k] = 0;
            else if (a[i - 1] == b[k - 1])
                t[i][k] = t[i - 1][k - 1] + 1;
            else
                t[i][k] = t[i - 1][k] > t[i][k - 1] ? t[i - 1][k] : t[i][k - 1];
        }
    return t[n][m];
}

static void test_subsequence(void **state)
{
    (void)state;
    srandom(8305);
    for (int round = 0; round < 20000; round++) {
        uint32_t a[64], b[64];
        size_t n = (size_t)random() % 65, m = (size_t)random() % 65, common;
        long letters = 1 + random() % 12;
        for (size_t i = 0; i < n; i++)
            a[i] = (uint32_t)(random() % letters);
        for (size_t i = 0; i < m; i++)
            b[i] = (uint32_t)(random() % letters);
        bool keep[64];
        assert_true(common_subsequence(a, n, b, m, 128, keep, &common));
        size_t wanted = table(a, n, b, m), at = 0, kept = 0;
        assert_int_equal(common, wanted);
        for (size_t i = 0; i < n; i++) {
            if (!keep[i])
                continue;
            while (at < m && b[at] != a[i])
                at++;
            assert_true(at++ < m); // what is kept stands in b, in order
            kept++;
        }
        assert_int_equal(kept, wanted);
        size_t edits = n + m - 2 * wanted, limited;
        if (edits > 0) {
            assert_true(common_subsequence(a, n, b, m, edits - 1, NULL, &limited));
            assert_true(limited == SIZE_MAX);
        }
        assert_true(common_subsequence(a, n, b, m, edits, NULL, &limited));
        assert_int_equal(limited, wanted);
    }
}

// ---- pages

static enum likeness compare(const char *const *four, size_t count, const char *six)
{
    struct page pages[COMPARE_LOADS_MAX + 1] = {0};
    struct load loads[COMPARE_LOADS_MAX + 1];
    struct comparison c;
    for (size_t i = 0; i <= count; i++) {
        const char *html = i < count ? four[i] : six;
        assert_int_equal(
            page_read(slice_of(html), "https://www.example.org/", NULL, &pages[i], NULL), 0);
        loads[i] = (struct load){.status = 200,
                                 .final_url = "https://www.example.org/",
                                 .type = "text/html",
                                 .page = &pages[i],
                                 .has_page = true};
    }
    assert_true(compare_loads(loads, count, &loads[count], &c));
    for (size_t i = 0; i <= count; i++)
        page_done(&pages[i]);
    return c.what;
}

struct family {
    const char *name, *four[3], *six;
    enum likeness wanted;
};

#define TEXT                                                                                       \
    "<h1>Ministry of Examples</h1><p>We publish what the law asks us to publish, every day of "    \
    "the "                                                                                         \
    "week, for everybody who wants to read it.</p><ul><li>News<li>Laws<li>Contact</ul>"
#define TEMPLATE(title, text)                                                                      \
    "<!doctype html><html><head><meta charset=utf-8><title>" title                                 \
    "</title><link rel=stylesheet href=/s.css></head><body><nav><a href=/>home</a></nav>" text     \
    "<footer><p>Imprint</p></footer></body></html>"
#define NGINX                                                                                      \
    "<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to "      \
    "nginx!</h1><p>If you see this page, the nginx web server is successfully installed and "      \
    "working. Further configuration is required.</p><p><em>Thank you for using nginx.</em></p>"

static const struct family families[] = {
    {"the same bytes",
     {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)},
     TEMPLATE("M", TEXT),
     LIKENESS_SAME},
    {"one load over IPv4 only", {TEMPLATE("M", TEXT)}, TEMPLATE("M", TEXT), LIKENESS_SAME},
    {"nonces and tokens",
     {TEMPLATE("M", "<form><input name=t value=a1><input name=__VIEWSTATE value=xx></form>" TEXT),
      TEMPLATE("M",
               "<form><input name=t value=b2><input name=__VIEWSTATE value=yyyy></form>" TEXT)},
     TEMPLATE("M", "<form><input name=t value=c3><input name=__VIEWSTATE value=z></form>" TEXT),
     LIKENESS_SAME},
    {"time and visitors",
     {TEMPLATE("M", TEXT "<p>It is 12:00:01, you are visitor 1234"),
      TEMPLATE("M", TEXT "<p>It is 12:00:03, you are visitor 1235")},
     TEMPLATE("M", TEXT "<p>It is 12:00:04, you are visitor 99999"),
     LIKENESS_SAME},
    {"a quotation of the day that varies",
     {TEMPLATE("M", TEXT "<blockquote>all that glitters is not gold</blockquote>"),
      TEMPLATE("M", TEXT "<blockquote>make haste slowly my friend</blockquote>")},
     TEMPLATE("M", TEXT "<blockquote>silence gives consent to many</blockquote>"),
     LIKENESS_SAME},
    {"a number in the title",
     {TEMPLATE("(3) M", TEXT), TEMPLATE("(3) M", TEXT)},
     TEMPLATE("(12) M", TEXT),
     LIKENESS_SAME},
    {"no words at all, built by a script",
     {"<title>A</title><div id=app></div><script src=/a.js></script>",
      "<title>A</title><div id=app></div><script src=/a.js></script>"},
     "<title>A</title><div id=app></div><script src=/a.js></script>",
     LIKENESS_SAME},
    {"an empty page over both", {"", ""}, "", LIKENESS_SAME},

    {"the server's default page",
     {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)},
     NGINX,
     LIKENESS_TITLE},
    {"a default page with the title",
     {TEMPLATE("Welcome to nginx!", TEXT), TEMPLATE("Welcome to nginx!", TEXT)},
     NGINX,
     LIKENESS_WORDS},
    {"a parked page",
     {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)},
     TEMPLATE("M", "<p>This domain is for sale. Buy it now, or look at related searches."),
     LIKENESS_WORDS},
    {"another virtual host of the same template",
     {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)},
     TEMPLATE("M", "<h1>Office of Samples</h1><p>Here you find how to apply for a sample, what it "
                   "costs, and where our counters are in the whole country.</p>"
                   "<ul><li>Apply<li>Fees<li>Counters</ul>"),
     LIKENESS_WORDS},
    {"an error page with status 200",
     {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)},
     TEMPLATE("M", "<h1>Access denied</h1><p>Your address is not allowed."),
     LIKENESS_WORDS},
    {"an empty page", {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)}, "", LIKENESS_TITLE},
    {"an empty page with its title",
     {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)},
     "<title>M</title>",
     LIKENESS_WORDS},
    // The words and their number are the same: a bag of words, and quick_ratio, see no difference.
    {"the same words in another order",
     {"<p>one two three four five six seven eight nine ten eleven twelve",
      "<p>one two three four five six seven eight nine ten eleven twelve"},
     "<p>twelve eleven ten nine eight seven six five four three two one",
     LIKENESS_WORDS},
    {"the same words, other structure",
     {"<div><p>a</p></div><div><p>b</p></div><div><p>c</p></div><div><p>d</p></div>",
      "<div><p>a</p></div><div><p>b</p></div><div><p>c</p></div><div><p>d</p></div>"},
     "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
     LIKENESS_SKELETON},
    {"half of the page is missing",
     {TEMPLATE("M", TEXT TEXT), TEMPLATE("M", TEXT TEXT)},
     TEMPLATE("M", TEXT),
     LIKENESS_WORDS},
    {"twice as much",
     {TEMPLATE("M", TEXT), TEMPLATE("M", TEXT)},
     TEMPLATE("M", TEXT TEXT),
     LIKENESS_WORDS},
    {"built by a script, and words where none were",
     {"<div id=app></div>", "<div id=app></div>"},
     "<p>forbidden",
     LIKENESS_WORDS},
};

static void test_families(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const struct family *f = &families[i];
        size_t count = 0;
        while (count < 3 && f->four[count])
            count++;
        enum likeness got = compare(f->four, count, f->six);
        if (got != f->wanted)
            fail_msg("%s: %d, wanted %d", f->name, got, f->wanted);
    }
}

// Advertisements in another order at each load: what three loads over IPv4 have in common tells how
// much a fourth may be off.
static char *shuffled(unsigned seed)
{
    struct buffer b = {0};
    unsigned order[24];
    for (unsigned i = 0; i < 24; i++)
        order[i] = i;
    for (unsigned i = 23; i > 0; i--) {
        seed = seed * 1103515245u + 12345u;
        unsigned k = (seed >> 16) % (i + 1), x = order[i];
        order[i] = order[k];
        order[k] = x;
    }
    buffer_text(&b, "<title>Shop</title>" TEXT);
    for (unsigned i = 0; i < 24; i++)
        buffer_format(&b, "<p>buy%c thing%c cheap%c</p>", 'a' + (int)order[i], 'a' + (int)order[i],
                      'a' + (int)order[i]);
    return b.at;
}

static void test_shuffled(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        char *loads[4];
        for (unsigned i = 0; i < 4; i++)
            loads[i] = shuffled(round * 4 + i + 1);
        const char *const four[] = {loads[0], loads[1], loads[2]};
        assert_int_equal(compare(four, 3, loads[3]), LIKENESS_SAME);
        assert_int_not_equal(compare(four, 3, NGINX), LIKENESS_SAME);
        for (unsigned i = 0; i < 4; i++)
            free(loads[i]);
    }
}

static void test_around_the_page(void **state)
{
    (void)state;
    struct load a = {200, "https://www.example.org/", "application/json", NULL, 7, 9, false};
    struct load b = a;
    struct comparison c;
    struct load fours[] = {a, a};
    assert_true(compare_loads(fours, 2, &b, &c) && c.what == LIKENESS_SAME);
    b.body_hash = 8;
    assert_true(compare_loads(fours, 2, &b, &c) && c.what == LIKENESS_BODY);
    fours[1].body_hash = 9;
    assert_true(compare_loads(fours, 2, &b, &c) && c.what == LIKENESS_UNSTEADY);
    b = a;
    b.status = 404;
    assert_true(compare_loads(fours, 2, &b, &c) && c.what == LIKENESS_STATUS);
    b = a;
    b.final_url = "https://other.example/";
    assert_true(compare_loads(fours, 2, &b, &c) && c.what == LIKENESS_URL);
    b = a;
    b.type = "text/plain";
    assert_true(compare_loads(fours, 2, &b, &c) && c.what == LIKENESS_TYPE);
    fours[1].status = 503;
    assert_true(compare_loads(fours, 2, &b, &c) && c.what == LIKENESS_UNSTEADY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subsequence), cmocka_unit_test(test_families),
        cmocka_unit_test(test_shuffled), cmocka_unit_test(test_around_the_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
