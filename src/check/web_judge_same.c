// SPDX-License-Identifier: Apache-2.0
//
// Is it the same site over IPv6? The loads from where the redirects end are held against those over
// IPv4; then the front page of every IPv6 address, as one of several servers can be another site.

#include "check/compare.h"
#include "check/web_judges.h"

#include <stdio.h>
#include <string.h>

static const char *const likeness_reasons[LIKENESS_COUNT] = {
    [LIKENESS_STATUS] = "web-other-status",     [LIKENESS_URL] = "web-other-url",
    [LIKENESS_TYPE] = "web-other-type",         [LIKENESS_TITLE] = "web-other-title",
    [LIKENESS_SKELETON] = "web-other-skeleton", [LIKENESS_WORDS] = "web-other-words",
    [LIKENESS_BODY] = "web-other-body",         [LIKENESS_UNSTEADY] = "web-unsteady"};

static void likeness_details(const struct load *four, const struct load *six,
                             const struct comparison *c, char texts[2][JUDGE_TEXT_MAX])
{
    texts[0][0] = texts[1][0] = '\0';
    switch (c->what) {
    case LIKENESS_STATUS:
        snprintf(texts[0], JUDGE_TEXT_MAX, "%d", six->status);
        snprintf(texts[1], JUDGE_TEXT_MAX, "%d", four->status);
        break;
    case LIKENESS_URL:
        snprintf(texts[0], JUDGE_TEXT_MAX, "%.390s", six->final_url);
        snprintf(texts[1], JUDGE_TEXT_MAX, "%.390s", four->final_url);
        break;
    case LIKENESS_TYPE:
        snprintf(texts[0], JUDGE_TEXT_MAX, "%s", six->type);
        snprintf(texts[1], JUDGE_TEXT_MAX, "%s", four->type);
        break;
    case LIKENESS_TITLE:
        snprintf(texts[0], JUDGE_TEXT_MAX, "%.390s", six->page->title);
        snprintf(texts[1], JUDGE_TEXT_MAX, "%.390s", four->page->title);
        break;
    case LIKENESS_WORDS:
    case LIKENESS_SKELETON:
        snprintf(texts[0], JUDGE_TEXT_MAX, "%.0f %%",
                 100 * (c->what == LIKENESS_WORDS ? c->words : c->skeleton));
        break;
    default:
        break;
    }
}

static void judge_load(const struct judge *j, struct test *t, enum family family, size_t i)
{
    const struct load *l = &j->f->loads[family][i].load;
    char asked[JUDGE_TEXT_MAX], answer[JUDGE_TEXT_MAX];
    snprintf(asked, sizeof asked, "GET %.300s", l->final_url);
    if (l->has_page)
        snprintf(answer, sizeof answer, "HTTP %d, %zu bytes, %zu words, %zu elements, \"%.100s\"",
                 l->status, l->body_length, l->page->words.count, l->page->skeleton.count,
                 l->page->title);
    else
        snprintf(answer, sizeof answer, "HTTP %d, %zu bytes, %s", l->status, l->body_length,
                 l->type);
    test_evidence(j->r, t,
                  &(struct evidence){.family = family,
                                     .at = j->f->rounds[family].at,
                                     .asked = asked,
                                     .whom = j->f->host,
                                     .answer = answer});
}

// ---- every address

struct fronts {
    size_t same, other;
};

enum sameness { SAME_UNKNOWN, SAME_SITE, OTHER_SITE };

// "/" over IPv4: does an address lead to this host (NULL: to any)?
static bool four_leads(const struct web_facts *f, const char *host)
{
    const struct web_names *n = &f->names[FAMILY_IPV4];
    for (size_t i = 0; i < n->count; i++) {
        const struct web_visit *v = n->addresses[i].visits[web_main_port(f)];
        if (v && v->leads_to && (!host || strcmp(v->leads_to, host) == 0))
            return true;
    }
    return false;
}

static enum sameness same_front(const struct judge *j, const struct load *four,
                                const struct web_address *a)
{
    const struct web_facts *f = j->f;
    const struct web_visit *v = a->visits[web_main_port(f)];
    struct comparison c;
    if (!v || v->outcome != WEB_ANSWERED || v->status >= 400)
        return SAME_UNKNOWN; // judge_http says it
    if (v->leads_to)
        return four_leads(f, v->leads_to) ? SAME_SITE : OTHER_SITE;
    if (four_leads(f, NULL))
        return OTHER_SITE;
    if (!a->front || strcmp(four[0].final_url, a->front->load.final_url) != 0)
        return SAME_UNKNOWN; // a page that leads on by itself
    if (!compare_loads(four, f->load_count[FAMILY_IPV4], &a->front->load, &c))
        j->r->failed = true;
    else if (c.what != LIKENESS_UNSTEADY)
        return c.what == LIKENESS_SAME ? SAME_SITE : OTHER_SITE;
    return SAME_UNKNOWN;
}

static struct fronts fronts_of(const struct judge *j, struct test *t, const struct load *four)
{
    struct fronts n = {0};
    const struct web_names *six = &j->f->names[FAMILY_IPV6];
    for (size_t i = 0; i < six->count; i++) {
        enum sameness s = same_front(j, four, &six->addresses[i]);
        n.same += s == SAME_SITE;
        n.other += s == OTHER_SITE;
        if (s == OTHER_SITE)
            judge_visit(j, t, six->addresses[i].visits[web_main_port(j->f)]);
    }
    return n;
}

// ---- all loads

// Each load over IPv6 against those over IPv4.
static void decide_same(const struct judge *j, struct test *t)
{
    const struct web_facts *f = j->f;
    struct load four[COMPARE_LOADS_MAX];
    struct comparison c, first_other = {0};
    size_t same = 0, other_at = 0, count = f->load_count[FAMILY_IPV6];
    char texts[2][JUDGE_TEXT_MAX], share[32];
    for (size_t i = 0; i < f->load_count[FAMILY_IPV4]; i++)
        four[i] = f->loads[FAMILY_IPV4][i].load;
    for (size_t i = 0; i < count; i++) {
        if (!compare_loads(four, f->load_count[FAMILY_IPV4], &f->loads[FAMILY_IPV6][i].load, &c)) {
            j->r->failed = true;
            return;
        }
        if (i == 0)
            t->value = c.words;
        same += c.what == LIKENESS_SAME;
        if (c.what != LIKENESS_SAME && first_other.what == LIKENESS_SAME) {
            first_other = c;
            other_at = i;
        }
    }
    likeness_details(&four[0], &f->loads[FAMILY_IPV6][other_at].load, &first_other, texts);
    struct fronts fronts = fronts_of(j, t, four);
    if (fronts.other > 0 && fronts.same + same > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-same-addresses",
                    share_text(share, fronts.other, fronts.same + fronts.other), NULL);
    else if (same == count)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (first_other.what == LIKENESS_UNSTEADY)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "web-unsteady", f->host, NULL);
    else if (same > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-same-sometimes",
                    share_text(share, count - same, count), NULL);
    else
        test_decide(j->r, t, VERDICT_FAIL, likeness_reasons[first_other.what], texts[0], texts[1]);
}

// Over either family; NULL: neither.
static const char *leads_to_opted_out(const struct web_facts *f)
{
    for (int family = 0; family < WEB_FAMILIES; family++)
        if (f->walks[family][web_main_port(f)].end == END_OPTED_OUT)
            return f->walks[family][web_main_port(f)].leads_to;
    return NULL;
}

void judge_same(const struct judge *j)
{
    const struct web_facts *f = j->f;
    struct test *t = judge_begin(j, TEST_WEB_SAME);
    if (!t)
        return;
    for (int family = 0; family < WEB_FAMILIES; family++)
        for (size_t i = 0; i < f->load_count[family]; i++)
            judge_load(j, t, (enum family)family, i);
    const char *opted_out = leads_to_opted_out(f);
    bool four_open = web_is_open(&f->names[FAMILY_IPV4], web_main_port(f));
    if (f->load_count[FAMILY_IPV6] == 0 && f->stopped &&
        !walk_is_over(&f->walks[FAMILY_IPV6][web_main_port(f)]))
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (opted_out)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-opted-out", opted_out, NULL);
    else if (f->load_count[FAMILY_IPV6] == 0 && f->load_count[FAMILY_IPV4] > 0)
        test_decide(j->r, t, VERDICT_FAIL, "web-not-reached", f->host, NULL);
    else if (f->load_count[FAMILY_IPV6] == 0)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "web-no-page", f->host, NULL);
    else if (f->load_count[FAMILY_IPV4] > 0)
        decide_same(j, t);
    else if (!f->ipv4_here)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-ipv4-here", NULL, NULL);
    else if (!four_open && f->names[FAMILY_IPV4].count == 0)
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-ipv6-only", f->host, NULL);
    else
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "web-no-ipv4-page", f->host, NULL);
}
