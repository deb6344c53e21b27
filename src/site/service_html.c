// SPDX-License-Identifier: Apache-2.0

#include "site/service_html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct writing {
    struct html *h;
    const struct words *words;
    const struct result *result;
    const char *id;
};

const char *service_stage_label(const struct words *w, enum stage s)
{
    static const char *const labels[STAGE_COUNT] = {
        say_later("Not testable"), say_later("No IPv6"), say_later("Named"),
        say_later("Reachable"),    say_later("Working"), say_later("Complete"),
    };
    return say(w, labels[s]);
}

const char *service_stage_says(const struct words *w, enum stage s)
{
    static const char *const texts[STAGE_COUNT] = {
        say_later("It could not be tested from there."),
        say_later("No service of the domain has an IPv6 address."),
        say_later("Some services have an IPv6 address, and none answers over it."),
        say_later("Something answers over IPv6, and something is broken."),
        say_later("All that has an IPv6 address works; something is still on IPv4 alone."),
        say_later("All works over IPv6, and nothing that a user needs is left on IPv4 alone."),
    };
    return say(w, texts[s]);
}

const char *service_verdict_label(const struct words *w, enum verdict v)
{
    static const char *const labels[VERDICT_COUNT] = {
        say_later("Pass"),         say_later("Partial"),        say_later("Fail"),
        say_later("Without IPv6"), say_later("Does not apply"), say_later("Not testable"),
    };
    return say(w, labels[v]);
}

// ---- pieces

static void paragraph(struct writing *w, const char *class, const char *label, const struct test *t,
                      const char *english)
{
    if (!english[0])
        return;
    html_open(w->h, "p", class ? "class" : NULL, class, NULL);
    if (label) {
        html_element(w->h, "strong", label, NULL);
        html_text(w->h, " ");
    }
    html_say(w->h, w->words, english, t->details[0], t->details[1], NULL);
    html_close(w->h);
}

static void time_of(struct writing *w, int64_t milliseconds)
{
    char text[32] = "";
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm t = {0};
    if (milliseconds <= 0 || !gmtime_r(&seconds, &t))
        return;
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &t);
    html_element(w->h, "time", text, "dir", "ltr", NULL);
}

static void heads(struct writing *w, const char *const *names)
{
    html_open(w->h, "thead", NULL);
    html_open(w->h, "tr", NULL);
    for (; *names; names++)
        html_element(w->h, "th", say(w->words, *names), "scope", "col", NULL);
    html_close(w->h);
    html_close(w->h);
}

static void cell(struct writing *w, const char *text)
{
    html_element(w->h, "td", text, "dir", "ltr", NULL);
}

static void evidence_row(struct writing *w, const struct evidence *ev)
{
    char took[32] = "";
    html_open(w->h, "tr", NULL);
    cell(w, ev->family == FAMILY_IPV6 ? "IPv6" : ev->family == FAMILY_IPV4 ? "IPv4" : "");
    cell(w, ev->asked);
    cell(w, ev->whom);
    cell(w, ev->answer);
    if (ev->took > 0)
        snprintf(took, sizeof took, "%.1f ms", ev->took / 1000.0);
    cell(w, took);
    html_open(w->h, "td", NULL);
    time_of(w, ev->at);
    html_close(w->h);
    html_close(w->h);
}

static void evidence(struct writing *w, const struct test *t)
{
    static const char *const names[] = {say_later("Over"),
                                        say_later("Asked"),
                                        say_later("Whom"),
                                        say_later("Came back"),
                                        say_later("Took"),
                                        say_later("When"),
                                        NULL};
    char count[32];
    if (t->evidence.count == 0)
        return;
    html_open(w->h, "details", NULL);
    html_element(w->h, "summary", say(w->words, "Evidence"), NULL);
    html_open(w->h, "div", "class", "scroll", "tabindex", "0", "role", "group", "aria-label",
              say(w->words, "Evidence"), NULL);
    html_open(w->h, "table", NULL);
    heads(w, names);
    html_open(w->h, "tbody", NULL);
    for (size_t i = 0; i < t->evidence.count; i++)
        evidence_row(w, &t->evidence.at[i]);
    html_close(w->h);
    html_close(w->h);
    html_close(w->h);
    if (t->evidence_left_out > 0) {
        snprintf(count, sizeof count, "%u", t->evidence_left_out);
        html_open(w->h, "p", "class", "note", NULL);
        html_say(w->h, w->words, "{1} more are not kept.", count, NULL);
        html_close(w->h);
    }
    html_close(w->h);
}

// The only figure with an interval is that of repeated attempts.
static void figure_of(struct writing *w, const struct test *t)
{
    char value[32], low[32], high[32];
    if (isnan(t->value) || isnan(t->value_low) || isnan(t->value_high))
        return;
    snprintf(value, sizeof value, "%.2f", t->value);
    snprintf(low, sizeof low, "%.2f", t->value_low);
    snprintf(high, sizeof high, "%.2f", t->value_high);
    html_open(w->h, "p", NULL);
    html_say(w->h, w->words, "Time over IPv6 to that over IPv4: {1} ({2} to {3})", value, low, high,
             NULL);
    html_close(w->h);
}

// ---- what is wrong

static bool is_wrong(const struct test *t)
{
    return t->verdict == VERDICT_PARTIAL || t->verdict == VERDICT_FAIL ||
           t->verdict == VERDICT_NONE;
}

static void write_wrong(struct writing *w, const struct test *t)
{
    html_open(w->h, "li", "class", verdict_name(t->verdict), NULL);
    html_open(w->h, "h3", NULL);
    html_element(w->h, "strong", service_verdict_label(w->words, t->verdict), "class", "verdict",
                 NULL);
    html_text(w->h, " \xE2\x80\x93 ");
    html_text(w->h, say(w->words, test_title(t->kind)));
    html_text(w->h, " ");
    html_element(w->h, "bdi", t->subject, "class", "subject", NULL);
    html_close(w->h);
    if (t->reason) {
        paragraph(w, NULL, NULL, t, t->reason->says);
        paragraph(w, NULL, say(w->words, "Why it matters:"), t, t->reason->harm);
        paragraph(w, NULL, say(w->words, "How to mend it:"), t, t->reason->mend);
    }
    figure_of(w, t);
    evidence(w, t);
    html_close(w->h);
}

static size_t count_of(const struct result *r, bool (*has)(const struct test *t))
{
    size_t count = 0;
    for (size_t i = 0; i < r->tests.count; i++)
        count += has(&r->tests.at[i]);
    return count;
}

static void heading(struct writing *w, const char *part, const char *english)
{
    char id[96];
    snprintf(id, sizeof id, "%s-%s", w->id, part);
    html_element(w->h, "h2", say(w->words, english), "id", id, NULL);
}

// Failures first, then what works in part, then what is missing.
static void write_faults(struct writing *w)
{
    static const enum verdict order[] = {VERDICT_FAIL, VERDICT_PARTIAL, VERDICT_NONE};
    heading(w, "wrong", say_later("What is to be mended"));
    if (count_of(w->result, is_wrong) == 0) {
        html_element(w->h, "p", say(w->words, "Nothing that was tested."), NULL);
        return;
    }
    html_open(w->h, "ol", "class", "faults", NULL);
    for (size_t v = 0; v < 3; v++)
        for (size_t i = 0; i < w->result->tests.count; i++)
            if (w->result->tests.at[i].verdict == order[v])
                write_wrong(w, &w->result->tests.at[i]);
    html_close(w->h);
}

// ---- all tests

static void test_row(struct writing *w, const struct test *t)
{
    html_open(w->h, "tr", NULL);
    html_element(w->h, "th", say(w->words, test_title(t->kind)), "scope", "row", NULL);
    html_open(w->h, "td", NULL);
    html_isolated(w->h, t->subject);
    html_close(w->h);
    html_element(w->h, "td", service_verdict_label(w->words, t->verdict), "class",
                 verdict_name(t->verdict), NULL);
    html_open(w->h, "td", NULL);
    if (t->reason)
        html_say(w->h, w->words, t->reason->says, t->details[0], t->details[1], NULL);
    if (t->verdict == VERDICT_PASS || !is_wrong(t))
        evidence(w, t);
    html_close(w->h);
    html_close(w->h);
}

static void write_area(struct writing *w, enum test_area area)
{
    static const char *const titles[AREA_COUNT] = {say_later("Names (the DNS)"), say_later("Web"),
                                                   say_later("Mail")};
    static const char *const names[] = {say_later("Test"), say_later("Of"), say_later("Verdict"),
                                        say_later("Why"), NULL};
    size_t count = 0;
    for (size_t i = 0; i < w->result->tests.count; i++)
        count += test_area(w->result->tests.at[i].kind) == area;
    if (count == 0)
        return;
    heading(w, area_name(area), titles[area]);
    html_open(w->h, "div", "class", "scroll", "tabindex", "0", "role", "group", "aria-label",
              say(w->words, titles[area]), NULL);
    html_open(w->h, "table", "class", "tests", NULL);
    heads(w, names);
    html_open(w->h, "tbody", NULL);
    for (size_t i = 0; i < w->result->tests.count; i++)
        if (test_area(w->result->tests.at[i].kind) == area)
            test_row(w, &w->result->tests.at[i]);
    html_close(w->h);
    html_close(w->h);
    html_close(w->h);
}

// ---- scores

static void score(struct writing *w, const char *label, double value, const char *unit)
{
    char text[48];
    if (isnan(value))
        return;
    snprintf(text, sizeof text, "%.0f%s", value, unit);
    html_element(w->h, "dt", label, NULL);
    html_open(w->h, "dd", NULL);
    html_isolated(w->h, text);
    html_close(w->h);
}

static void nist(struct writing *w, const char *label, const struct nist_count *n)
{
    char text[80];
    if (!n->intended)
        return;
    snprintf(text, sizeof text, "%u / %u / %u / %u", n->interfaces, n->with_aaaa, n->reached,
             n->operational);
    html_element(w->h, "dt", label, NULL);
    html_open(w->h, "dd", NULL);
    html_isolated(w->h, text);
    html_close(w->h);
}

static bool has_scores(const struct scores *s)
{
    return !isnan(s->internetnl_web) || !isnan(s->internetnl_mail) || !isnan(s->china) ||
           s->dns.intended || s->web.intended || s->mail.intended;
}

static void write_scores(struct writing *w)
{
    const struct scores *s = &w->result->scores;
    if (!has_scores(s))
        return;
    heading(w, "scores", say_later("Scores by the definitions of others"));
    html_open(w->h, "dl", "class", "facts", NULL);
    score(w, say(w->words, "internet.nl, IPv6 of the website"), s->internetnl_web, " %");
    score(w, say(w->words, "internet.nl, IPv6 of the mail"), s->internetnl_mail, " %");
    score(w, say(w->words, "Website score of seven items"), s->china, " / 100");
    nist(w, say(w->words, "NIST, name servers: all / with AAAA / reached / operational"), &s->dns);
    nist(w, say(w->words, "NIST, web: all / with AAAA / reached / operational"), &s->web);
    nist(w, say(w->words, "NIST, mail: all / with AAAA / reached / operational"), &s->mail);
    html_close(w->h);
}

// ---- the section

static void write_summary(struct writing *w)
{
    const struct result *r = w->result;
    enum stage stage = r->scores.stage;
    html_open(w->h, "p", "class", "lead", NULL);
    html_element(w->h, "strong", service_stage_label(w->words, stage), "class", stage_name(stage),
                 NULL);
    html_text(w->h, " \xE2\x80\x93 ");
    html_text(w->h, service_stage_says(w->words, stage));
    html_close(w->h);
    html_open(w->h, "dl", "class", "facts", NULL);
    html_element(w->h, "dt", say(w->words, "Tested"), NULL);
    html_open(w->h, "dd", NULL);
    time_of(w, r->began);
    html_close(w->h);
    if (r->vantage[0]) {
        html_element(w->h, "dt", say(w->words, "From"), NULL);
        html_open(w->h, "dd", NULL);
        html_isolated(w->h, r->vantage);
        html_close(w->h);
    }
    html_element(w->h, "dt", say(w->words, "The place has"), NULL);
    html_element(w->h, "dd",
                 r->ipv6_here && r->ipv4_here ? say(w->words, "IPv4 and IPv6")
                 : r->ipv6_here               ? say(w->words, "IPv6 alone")
                 : r->ipv4_here               ? say(w->words, "IPv4 alone")
                                              : say(w->words, "neither IPv4 nor IPv6"),
                 NULL);
    html_close(w->h);
}

void service_html(struct html *h, const struct words *w, const struct result *r, const char *id)
{
    struct writing writing = {h, w, r, id};
    html_open(h, "section", "class", "result", "id", id, NULL);
    write_summary(&writing);
    write_faults(&writing);
    for (unsigned area = 0; area < AREA_COUNT; area++)
        write_area(&writing, (enum test_area)area);
    write_scores(&writing);
    html_close(h);
}

// ---- a document of its own

// No ">", "&" or quotes: the writer escapes them.
static const char style[] =
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 "
    "auto;padding:1rem;color:#1a1a1a;"
    "background:#fff}table{border-collapse:collapse;font-size:.9rem}th,td{border:1px solid #bbb;"
    "padding:.25rem .5rem;text-align:start;vertical-align:top}.scroll{overflow-x:auto}"
    ".lead{font-size:1.2rem}dl.facts{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.25rem 1rem}dd{margin:0}@media (max-width:30rem){dl.facts{display:block}}"
    ".fail,.none{color:#9b1c1c}.partial,.named,.reachable{color:#7a4a00}"
    ".pass,.working,.complete{color:#14532d}li.fail,li.none,li.partial{color:inherit}"
    "bdi.subject{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}"
    "summary{cursor:pointer}";

void service_document(struct buffer *out, const struct words *w, const struct result *results,
                      size_t count)
{
    struct html h = {.out = out};
    enum language l = words_language(w);
    html_doctype(&h);
    html_open(&h, "html", "lang", language_code(l), "dir", words_direction(l), NULL);
    html_open(&h, "head", NULL);
    html_void(&h, "meta", "charset", "utf-8", NULL);
    html_void(&h, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1",
              NULL);
    html_element(&h, "title", say(w, "Public services over IPv6"), NULL);
    html_element(&h, "style", style, NULL);
    html_close(&h);
    html_open(&h, "body", NULL);
    html_open(&h, "main", NULL);
    html_element(&h, "h1", say(w, "Public services over IPv6"), NULL);
    for (size_t i = 0; i < count; i++) {
        char id[32];
        snprintf(id, sizeof id, "result-%zu", i + 1);
        html_open(&h, "h2", NULL);
        html_isolated(&h, results[i].domain);
        html_close(&h);
        service_html(&h, w, &results[i], id);
    }
    html_close(&h);
    html_close(&h);
    html_close(&h);
    html_text(&h, "\n");
}
