// SPDX-License-Identifier: Apache-2.0
//
// Laboratories are read, and what is wrong with one is told with its line.

#include "base/buffer.h"
#include "lab/lab.h"
#include "lab/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char small[] =
    "title: Two hosts\n"
    "nodes:\n"
    "  - name: h1\n"
    "    interfaces:\n"
    "      - {name: eth0, addresses: [\"2001:db8::1/64\"]}\n"
    "    routes: [\"default via 2001:db8::2\"]\n"
    "    services:\n"
    "      - {name: a, run: [sleep, \"9\"], after: [h2/b]}\n"
    "  - name: h2\n"
    "    services:\n"
    "      - {name: b, run: [sleep, \"9\"]}\n"
    "links:\n"
    "  - {name: wire, ends: [\"h1:eth0\", \"h2:eth0\"], delay: 10ms, loss: 1.5%,\n"
    "     rate: 10mbit, back: {delay: 2ms}}\n"
    "tasks:\n"
    "  - name: t\n"
    "    title: T\n"
    "    checks:\n"
    "      - {name: c, title: C, node: h1, ping: {to: h2}}\n"
    "solution:\n"
    "  - {step: s, node: h1, routes: [\"2001:db8:2::/48 dev eth0\"]}\n"
    "variants:\n"
    "  - {name: v, title: V, omit: [s], fails: [c]}\n";

static struct lab *parse(const char *text)
{
    struct lab *lab = NULL;
    struct err e = {0};
    if (lab_parse("lab.yaml", text, strlen(text), &lab, &e))
        fail_msg("%s", e.text);
    return lab;
}

static void a_small_one(void **state)
{
    (void)state;
    struct lab *lab = parse(small);
    assert_int_equal(lab->nodes_count, 2);
    assert_int_equal(lab->links[0].there.of.delay_us, 10000);
    assert_int_equal(lab->links[0].there.of.loss_ppm, 15000);
    assert_int_equal(lab->links[0].there.of.rate_bps, 10000000);
    assert_int_equal(lab->links[0].back->of.delay_us, 2000);
    assert_int_equal(lab->nodes[0].interfaces[0].address[0].length, 64);
    assert_true(lab->nodes[0].route[0].has_via);
    assert_string_equal(lab->services[0]->name, "b");
    assert_string_equal(lab->services[1]->name, "a");
    assert_int_equal(lab->checks[0]->within_us, 3000000);
    const uint8_t mac[6] = {2, 0, 0, 0, 2, 1};
    assert_memory_equal(lab->links[0].end[1].mac, mac, 6);
    lab_free(&lab);
    assert_null(lab);
}

// `from` in the small laboratory becomes `to`; what is said begins with `said`.
static void refused(const char *from, const char *to, const char *said)
{
    struct lab *lab = NULL;
    struct err e = {0};
    struct buffer text = {0};
    const char *at = strstr(small, from);
    assert_non_null(at);
    buffer_add(&text, small, (size_t)(at - small));
    buffer_text(&text, to);
    buffer_text(&text, at + strlen(from));
    if (lab_parse("lab.yaml", text.at, text.length, &lab, &e) == 0)
        fail_msg("taken: %s", to);
    if (!strstr(e.text, said))
        fail_msg("\"%s\" says \"%s\", not \"%s\"", to, e.text, said);
    buffer_done(&text);
}

static void what_is_wrong_has_its_line(void **state)
{
    (void)state;
    refused("title: Two hosts\n", "", "lab.yaml:1: Missing required mapping field: title");
    refused("routes: [\"default", "ruotes: [\"default", "lab.yaml:6: Unexpected key: ruotes");
    refused("h2:eth0", "h9:eth0", "lab.yaml:13: \"h9:eth0\" is not possible");
    refused("h2:eth0", "h1:eth0", "lab.yaml:13: two links end at h1:eth0");
    refused("h2:eth0", "h2", "lab.yaml:13: \"h2\" is not possible");
    refused("name: h2", "name: h1", "lab.yaml:9: node h1 is there twice");
    refused("name: h2", "name: \"-rf\"", "lab.yaml:9: \"-rf\" is no name");
    refused("name: h2", "name: a;reboot", "lab.yaml:9: \"a;reboot\" is no name");
    refused("name: h2", "name: ../h2", "lab.yaml:9: \"../h2\" is no name");
    refused("2001:db8::1/64", "2001:db8::1", "lab.yaml:5: \"2001:db8::1\" is not possible");
    refused("2001:db8::1/64", "2001:db8::1/129", "lab.yaml:5");
    refused("2001:db8::1/64", "ff02::1/64", "lab.yaml:5: \"ff02::1/64\" is not possible");
    refused("2001:db8::1/64", "::1/128", "wanted is a unicast address");
    refused("2001:db8::1/64", "224.0.0.5/24", "lab.yaml:5");
    refused("default via 2001:db8::2", "default", "lab.yaml:6");
    refused("2001:db8:2::/48 dev eth0", "2001:db8:2::1/48 dev eth0", "lab.yaml:21");
    refused("2001:db8:2::/48 dev eth0", "2001:db8:2::/48 dev eth1", "an interface of this node");
    refused("delay: 10ms", "delay: 10", "lab.yaml:13: \"10\" is not possible; wanted is \"10ms\"");
    refused("loss: 1.5%", "loss: 101%", "lab.yaml:13");
    refused("delay: 10ms", "mtu: 1279",
            "lab.yaml:5: eth0 is for IPv6, and its MTU is 1279; wanted is 1280");
    refused("back: {delay", "back: {dealy", "Unexpected key: dealy");
    refused("to: h2", "to: \"-h2\"", "lab.yaml:19: \"-h2\" is neither an address nor a name");
    refused("ping: {to: h2}", "ping: {to: h2, expect: nothing}", "lab.yaml:19");
    refused("ping: {to: h2}", "ping: {to: h2, expect: silence}", "\"twin\" is wanted");
    refused("ping: {to: h2}", "tcp: {to: h2, port: 0}", "a port is 1 to 65535");
    refused("ping: {to: h2}", "http: {url: \"https://h2/\"}", "http://name-or-address");
    refused("ping: {to: h2}", "dns: {name: x, type: LOC}", "is no type");
    refused("ping: {to: h2}", "ping: {to: h2}, tcp: {to: h2, port: 1}", "one probe is wanted");
    refused("ping: {to: h2}",
            "capture: {at: \"h1:eth0\", filter: \"host and\", least: 1, lasts: 1s}",
            "syntax error");
    refused("omit: [s]", "omit: [q]", "the solution has no step \"q\"");
    refused("fails: [c]", "fails: [d]", "there is no check \"d\"");
}

static void a_value_of_the_wrong_kind_says_which_is_wanted(void **state)
{
    (void)state;
    refused("name: h2\n", "name: h2\n    kind: ruoter\n",
            "lab.yaml:10: \"ruoter\" is not possible for \"kind\"; wanted is host, router, server");
    refused("node: h1, ping", "node: h1, points: two, ping",
            "lab.yaml:19: \"two\" is not possible for \"points\"; wanted is a whole number up to "
            "4294967295");
    refused("nodes:\n", "rfcs: [99999999999]\nnodes:\n",
            "lab.yaml:2: \"99999999999\" is not possible for \"rfcs\"; wanted is a whole number");
    refused("nodes:\n", "rfcs: 4291\nnodes:\n", "lab.yaml:2: \"rfcs\" wants a list");
    refused("ping: {to: h2}", "ping: h2",
            "lab.yaml:19: \"ping\" wants keys with values, such as \"to: ...\"");
    refused("title: T\n", "title: [a, b]\n", "lab.yaml:17: \"title\" wants a text");
    refused("title: T\n", "title:\n", "lab.yaml:17: \"title\" wants a text");
    refused(small, "- a\n", "lab.yaml:1: \"the file\" wants keys with values");
}

static void a_flag_is_true_or_false(void **state)
{
    (void)state;
    struct lab *lab = parse("title: T\ndad: true\nnodes: [{name: a}]\n");
    assert_true(lab->dad);
    lab_free(&lab);
    lab = parse("title: T\ndad: false\nnodes: [{name: a}]\n");
    assert_false(lab->dad);
    lab_free(&lab);
    refused("nodes:\n", "dad: flase\nnodes:\n",
            "lab.yaml:2: \"flase\" is not possible for \"dad\"; wanted is false, true");
}

static void what_is_no_yaml_has_its_line(void **state)
{
    (void)state;
    refused("  - name: h1", "\t- name: h1", "lab.yaml:3: libyaml: found character");
    refused("  - name: h1", "\t- name: h1", "indents are blanks, not tabs");
    refused("title: T\n", "title: T: t\n", "lab.yaml:17: libyaml: mapping values");
    refused("title: T\n", "title: Caf\xe9\n", "lab.yaml:17: libyaml: invalid trailing UTF-8");
    refused("name: h2\n", "name: &x h2\n    label: *x\n", "lab.yaml:10: YAML alias");
}

static void nothing_leaves_the_folder(void **state)
{
    (void)state;
    static const char *const paths[] = {"/etc/shadow", "../x",  "a/../../x", "a//b",
                                        ".ssh/id",     "",      "a/",        "-rf",
                                        "a b",         "$HOME", "a\\nb",     "~/x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char change[100];
        snprintf(change, sizeof change, "firewall: \"%s\"", paths[i]);
        refused("routes: [\"default via 2001:db8::2\"]", change, "lab.yaml:6");
    }
    refused("routes: [\"default via 2001:db8::2\"]", "sysctls: [kernel.core_pattern=x]",
            "lab.yaml:6");
    refused("routes: [\"default via 2001:db8::2\"]", "sysctls: [net/../kernel.x=1]", "lab.yaml:6");
    refused("routes: [\"default via 2001:db8::2\"]", "folders: [/usr/lib]", "lab.yaml:6");
    refused("routes: [\"default via 2001:db8::2\"]", "folders: [/var/../etc]", "lab.yaml:6");
}

static void circles(void **state)
{
    (void)state;
    refused("{name: b, run: [sleep, \"9\"]}", "{name: b, run: [sleep, \"9\"], after: [h1/a]}",
            "wait for each other");
    refused("{name: b, run: [sleep, \"9\"]}", "{name: b, run: [sleep, \"9\"], after: [b]}",
            "b waits for itself");
    refused("after: [h2/b]", "after: [h2/c]", "there is no service \"h2/c\"");
    refused("name: h2\n", "name: &x h2\n    label: *x\n", "lab.yaml:10");
}

static void too_many(void **state)
{
    (void)state;
    struct lab *lab = NULL;
    struct err e = {0};
    struct buffer text = {0};
    buffer_text(&text, "title: T\nnodes:\n");
    for (unsigned i = 0; i <= LAB_NODES_MAX; i++)
        buffer_format(&text, "  - {name: n%u}\n", i);
    assert_true(lab_parse("lab.yaml", text.at, text.length, &lab, &e) < 0);
    assert_null(lab);
    assert_non_null(strstr(e.text, "lab.yaml:"));
    buffer_done(&text);
    for (unsigned i = 0; i <= LAB_FILE_MAX / 16; i++)
        buffer_text(&text, "# sixteen bytes\n");
    assert_int_equal(lab_parse("lab.yaml", text.at, text.length, &lab, &e), ERR_LIMIT);
    buffer_done(&text);
}

static void answer_codes_have_their_words(void **state)
{
    (void)state;
    assert_string_equal(dns_rcode_word(0), "NOERROR");
    assert_string_equal(dns_rcode_word(dns_rcode_parse("nxdomain")), "NXDOMAIN");
    assert_null(dns_rcode_word(9));
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {{"10ms", 10000}, {"1.5s", 1500000}, {"2min", 120000000}, {"7us", 7},
                 {"0.25ms", 250}, {"1h", -1},        {"ms", -1},          {"-1s", -1},
                 {"1.s", -1},     {"1e3s", -1},      {"61min", -1},       {"", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t us = UINT64_MAX;
        bool ok = lab_time_parse(slice_of(cases[i].text), &us);
        assert_int_equal(ok ? (int64_t)us : -1, cases[i].us);
    }
}

static void count_text(const char *text, void *arg)
{
    assert_true(text[0] != '\0');
    *(size_t *)arg += 1;
}

static void those_that_come_along(void **state)
{
    (void)state;
    static const char *const names[] = {"firewall", "first-hop", "static-routing"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct lab *lab = NULL;
        struct err e = {0};
        char path[FILE_PATH_MAX];
        size_t texts = 0;
        if (lab_find(names[i], path, &e) || lab_read(path, &lab, &e))
            fail_msg("%s", e.text);
        assert_string_equal(lab->name, names[i]);
        lab_texts(lab, count_text, &texts);
        assert_true(texts > 10);
        lab_free(&lab);
    }
    struct err e = {0};
    char path[FILE_PATH_MAX];
    assert_int_equal(lab_find("no-such-lab", path, &e), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_one),
        cmocka_unit_test(what_is_wrong_has_its_line),
        cmocka_unit_test(a_value_of_the_wrong_kind_says_which_is_wanted),
        cmocka_unit_test(a_flag_is_true_or_false),
        cmocka_unit_test(what_is_no_yaml_has_its_line),
        cmocka_unit_test(nothing_leaves_the_folder),
        cmocka_unit_test(circles),
        cmocka_unit_test(too_many),
        cmocka_unit_test(answer_codes_have_their_words),
        cmocka_unit_test(times),
        cmocka_unit_test(those_that_come_along),
    };
    return cmocka_run_group_tests_name("lab-read", tests, NULL, NULL);
}
