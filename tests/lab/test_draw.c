// SPDX-License-Identifier: Apache-2.0
//
// What is drawn as one: alike, at one node, each on a wire of its own, and many. In which words.

#include "base/buffer.h"
#include "lab/alike.h"
#include "lab/draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEAVES 7
#define ROUTER LEAVES

// A router with hosts a to g, each on a wire of its own.
struct star {
    struct lab_node nodes[LEAVES + 1];
    struct lab_end ends[LEAVES][2];
    struct lab_link links[LEAVES];
    struct lab lab;
};

static void make(struct star *s)
{
    static char names[][sizeof "router"] = {"a", "b", "c", "d", "e", "f", "g", "router"};
    static char first[] = "router:x", second[] = "host:eth0", *ends[] = {first, second};
    static char title[] = "A star";
    *s = (struct star){.lab = {.title = title,
                               .nodes = s->nodes,
                               .nodes_count = LEAVES + 1,
                               .links = s->links,
                               .links_count = LEAVES}};
    for (size_t i = 0; i <= LEAVES; i++)
        s->nodes[i] = (struct lab_node){.name = names[i], .kind = LAB_HOST};
    s->nodes[ROUTER].kind = LAB_ROUTER;
    for (size_t i = 0; i < LEAVES; i++) {
        s->ends[i][0].node = ROUTER;
        s->ends[i][1].node = i;
        s->links[i] =
            (struct lab_link){.name = names[i], .ends = ends, .ends_count = 2, .end = s->ends[i]};
    }
}

static void is_drawn_as(struct star *s, const char *wanted)
{
    size_t *first = alike_find(&s->lab);
    char seen[LEAVES + 2] = {0};
    assert_non_null(first);
    for (size_t i = 0; i <= LEAVES; i++)
        seen[i] = *s->nodes[first[i]].name;
    assert_string_equal(seen, wanted);
    free(first);
}

static char printer[] = "A printer";

static void many_alike_are_one(void **state)
{
    struct star s;
    (void)state;
    make(&s);
    is_drawn_as(&s, "aaaaaaar");
    s.nodes[1].kind = LAB_PHONE;
    is_drawn_as(&s, "abaaaaar");
    s.nodes[2].label = printer;
    is_drawn_as(&s, "abcaaaar");
    s.nodes[3].x = &(int){4};
    is_drawn_as(&s, "abcdaaar");
    s.nodes[4].label = printer; // three are too few
    is_drawn_as(&s, "abcdefgr");
}

static void a_second_link_tells_them_apart(void **state)
{
    struct star s;
    (void)state;
    make(&s);
    s.ends[0][0].node = 1; // from a to b
    is_drawn_as(&s, "abccccc"
                    "r");
    make(&s);
    s.links[6].ends_count = 1; // g is on a network of its own
    is_drawn_as(&s, "aaaaaagr");
}

static void count_in(const char *text, const char *part, unsigned wanted)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    assert_int_equal(count, wanted);
}

static const char *as_it_is(const struct words *w, const char *english)
{
    (void)w;
    return english;
}

static const char *in_french(const struct words *w, const char *english)
{
    (void)w;
    return strcmp(english, printer) == 0 ? "Une imprimante" : "Une étoile";
}

static void the_drawing_says_who_they_are(void **state)
{
    struct star s;
    struct buffer out = {0};
    (void)state;
    make(&s);
    draw_svg(&s.lab, as_it_is, NULL, false, &out);
    assert_false(out.failed);
    count_in(out.at, "<rect", 2);
    count_in(out.at, "<line", 1);
    count_in(out.at, ">a … g<", 1);
    count_in(out.at, ">× 7<", 1);
    count_in(out.at, ">b<", 0);
    buffer_done(&out);
}

static void the_drawing_is_in_the_readers_language(void **state)
{
    struct star s;
    struct buffer out = {0};
    (void)state;
    make(&s);
    s.nodes[ROUTER].label = s.links[0].label = printer;
    s.links[0].ends_count = 1; // a switch
    draw_svg(&s.lab, in_french, NULL, false, &out);
    assert_false(out.failed);
    count_in(out.at, ">Une imprimante<", 2);
    count_in(out.at, "<title>Une étoile<", 1);
    count_in(out.at, printer, 0);
    buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_alike_are_one),
        cmocka_unit_test(a_second_link_tells_them_apart),
        cmocka_unit_test(the_drawing_says_who_they_are),
        cmocka_unit_test(the_drawing_is_in_the_readers_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
