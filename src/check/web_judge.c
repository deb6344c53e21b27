// SPDX-License-Identifier: Apache-2.0
//
// Addresses, ports, certificates, the page and its protocol. What IPv6 is held against is what IPv4
// gives: a port that is shut over both families is no fault of IPv6.

#include "check/web_judges.h"

#include <stdio.h>
#include <string.h>

// ---- evidence

static const char *const port_names[WEB_PORTS] = {"80", "443"};

const char *share_text(char text[32], size_t some, size_t all)
{
    snprintf(text, 32, "%u / %u", (unsigned)some, (unsigned)all);
    return text;
}

void judge_knock(const struct judge *j, struct test *t, const struct endpoint *to,
                 const struct web_knock *k)
{
    char whom[ENDPOINT_TEXT_MAX], answer[JUDGE_TEXT_MAX];
    int at = snprintf(answer, sizeof answer, k->attempts > 1 ? "%s, %u attempts" : "%s",
                      tcp_outcome_text(k->outcome), k->attempts);
    if (k->again > 0)
        snprintf(answer + at, sizeof answer - (size_t)at, "; later %u of %u refused",
                 k->again_refused, k->again);
    test_evidence(j->r, t,
                  &(struct evidence){.family = to->family,
                                     .at = k->at,
                                     .took = k->took,
                                     .asked = "TCP connection",
                                     .whom = endpoint_text(to, whom),
                                     .answer = answer});
}

static const char *version_text(unsigned version)
{
    return version == 20 ? "HTTP/2" : version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

void judge_visit(const struct judge *j, struct test *t, const struct web_visit *v)
{
    char whom[ENDPOINT_TEXT_MAX], answer[JUDGE_TEXT_MAX], asked[JUDGE_TEXT_MAX];
    if (!v->url)
        return;
    if (v->outcome == WEB_ANSWERED)
        snprintf(answer, sizeof answer, "%s %d, %zu bytes%s", version_text(v->version), v->status,
                 v->bytes, v->cut ? " (cut there)" : "");
    else
        snprintf(answer, sizeof answer, "%s%s%s", web_outcome_text(v->outcome), *v->why ? ": " : "",
                 v->why);
    snprintf(asked, sizeof asked, "GET %.300s", v->url);
    test_evidence(j->r, t,
                  &(struct evidence){.family = v->from.family,
                                     .at = v->at,
                                     .took = v->whole,
                                     .asked = asked,
                                     .whom = endpoint_text(&v->from, whom),
                                     .answer = answer});
}

static void judge_lookup(const struct judge *j, struct test *t, enum family family)
{
    static const char *const says[] = {"found", "no such record", "no such name", "no answer",
                                       "broken"};
    const struct web_names *n = &j->f->names[family];
    char asked[JUDGE_TEXT_MAX], answer[JUDGE_TEXT_MAX];
    int at =
        snprintf(answer, sizeof answer, "%s%s%s", says[n->status], *n->why ? ": " : "", n->why);
    for (size_t i = 0; i < n->count && at > 0 && (size_t)at < sizeof answer; i++) {
        char address[ADDRESS_TEXT_MAX];
        address_format(family, n->addresses[i].at.address, address);
        at += snprintf(answer + at, sizeof answer - (size_t)at, "%s %s", i ? "," : ":", address);
    }
    if (n->left_out && at > 0 && (size_t)at < sizeof answer)
        snprintf(answer + at, sizeof answer - (size_t)at, ", and %zu more that are not tried",
                 n->left_out);
    snprintf(asked, sizeof asked, "%s %s", family == FAMILY_IPV6 ? "AAAA" : "A", j->f->host);
    test_evidence(j->r, t,
                  &(struct evidence){.family = FAMILY_ASN,
                                     .at = n->at,
                                     .took = n->took,
                                     .asked = asked,
                                     .whom = n->by,
                                     .answer = answer});
}

// ---- what decides every test

static size_t usable(const struct web_names *n)
{
    size_t count = 0;
    for (size_t i = 0; i < n->count; i++)
        count += n->addresses[i].oddity == ODDITY_NONE;
    return count;
}

static bool is_absent(const struct web_names *n)
{
    return n->status == LOOKUP_NO_DATA || n->status == LOOKUP_NO_NAME;
}

// "fd00::1 (unique local), ::1 (loopback)"
static const char *odd_text(const struct web_names *n, enum family family,
                            char text[JUDGE_TEXT_MAX])
{
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n->count && at + 100 < JUDGE_TEXT_MAX; i++) {
        char address[ADDRESS_TEXT_MAX];
        if (n->addresses[i].oddity == ODDITY_NONE)
            continue;
        at += (size_t)snprintf(text + at, JUDGE_TEXT_MAX - at, "%s%s (%s)", at ? ", " : "",
                               address_format(family, n->addresses[i].at.address, address),
                               oddity_name(n->addresses[i].oddity));
    }
    return text;
}

// Somebody said no, of the family that a web would be found at first.
static bool is_refused(const struct web_facts *f)
{
    bool any = false;
    for (int family = FAMILY_IPV4; family >= FAMILY_IPV6 && !any; family--) {
        const struct web_names *n = &f->names[family];
        for (size_t i = 0; i < n->count; i++)
            for (int port = 0; port < WEB_PORTS; port++) {
                any = any || n->addresses[i].knocks[port].tried;
                if (n->addresses[i].knocks[port].tried &&
                    n->addresses[i].knocks[port].outcome == TCP_REFUSED)
                    return true;
            }
    }
    return false;
}

static bool decide_names(const struct judge *j, struct test *t)
{
    const struct web_names *six = &j->f->names[FAMILY_IPV6], *four = &j->f->names[FAMILY_IPV4];
    if (is_absent(six) && is_absent(four)) {
        judge_lookup(j, t, FAMILY_IPV6);
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-no-host", j->f->host, NULL);
        return true;
    }
    if (is_absent(six) || six->status == LOOKUP_FOUND)
        return false;
    judge_lookup(j, t, FAMILY_IPV6);
    if (six->opted_out)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-opted-out", j->f->host, NULL);
    else if (four->status == LOOKUP_FOUND && t->kind == TEST_WEB_AAAA && !six->by_timeout)
        test_decide(j->r, t, VERDICT_FAIL, "web-aaaa-unanswered", j->f->host, six->why);
    else
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-unresolved", j->f->host, six->why);
    return true;
}

// Nothing opened over either family.
static bool decide_no_web(const struct judge *j, struct test *t)
{
    const struct web_facts *f = j->f;
    const struct web_names *six = &f->names[FAMILY_IPV6], *four = &f->names[FAMILY_IPV4];
    char text[JUDGE_TEXT_MAX];
    if (web_is_there(f) || t->kind == TEST_WEB_ADDRESSES)
        return false;
    if (usable(six) == 0 && six->count > 0 && usable(four) == 0) {
        test_decide(j->r, t, VERDICT_FAIL, "web-only-odd", f->host,
                    odd_text(six, FAMILY_IPV6, text));
        return true;
    }
    if (usable(six) == 0 && usable(four) == 0)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-private", f->host,
                    odd_text(four, FAMILY_IPV4, text));
    else if (t->kind == TEST_WEB_AAAA && usable(six) > 0 && six->count == usable(six))
        return false;
    else if (is_refused(f))
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-no-service", f->host, NULL);
    else if (!f->ipv4_here && usable(six) == 0)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-ipv4-here", NULL, NULL);
    else
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-silent", f->host, NULL);
    return true;
}

static bool decide_no_address(const struct judge *j, struct test *t)
{
    const struct web_names *six = &j->f->names[FAMILY_IPV6];
    char text[JUDGE_TEXT_MAX];
    if (six->count == 0) {
        judge_lookup(j, t, FAMILY_IPV6);
        test_decide(j->r, t, VERDICT_NONE, "web-no-aaaa", j->f->host, NULL);
        return true;
    }
    if (usable(six) > 0 || t->kind == TEST_WEB_ADDRESSES)
        return false;
    judge_lookup(j, t, FAMILY_IPV6);
    test_decide(j->r, t, VERDICT_FAIL, "web-only-odd", j->f->host,
                odd_text(six, FAMILY_IPV6, text));
    return true;
}

static bool is_of_names(enum test_kind k)
{
    return k == TEST_WEB_AAAA || k == TEST_WEB_ADDRESSES;
}

struct test *judge_begin(const struct judge *j, enum test_kind k)
{
    const struct web_facts *f = j->f;
    struct test *t = result_test(j->r, k, f->host);
    if (!t)
        return NULL;
    bool late = !f->connected || (!f->visited && k > TEST_WEB_TCP443);
    if (!f->names[FAMILY_IPV6].known || !f->names[FAMILY_IPV4].known)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (decide_names(j, t))
        return NULL;
    else if (!is_of_names(k) && !f->ipv6_here)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-ipv6-here", NULL, NULL);
    else if (f->connected && decide_no_web(j, t))
        return NULL;
    else if (decide_no_address(j, t))
        return NULL;
    else if (!is_of_names(k) && late && f->stopped)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else
        return t;
    return NULL;
}

// ---- addresses

static void judge_aaaa(const struct judge *j)
{
    struct test *t = judge_begin(j, TEST_WEB_AAAA);
    if (!t)
        return;
    judge_lookup(j, t, FAMILY_IPV6);
    const struct web_names *six = &j->f->names[FAMILY_IPV6];
    if (six->denied_by) {
        test_evidence(j->r, t,
                      &(struct evidence){.family = FAMILY_ASN,
                                         .at = six->at,
                                         .asked = "AAAA",
                                         .whom = six->denied_by,
                                         .answer = "no such record"});
        test_decide(j->r, t, VERDICT_PARTIAL, "web-aaaa-denied", j->f->host, six->denied_by);
    } else {
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    }
}

static void judge_addresses(const struct judge *j)
{
    const struct web_names *six = &j->f->names[FAMILY_IPV6];
    char text[JUDGE_TEXT_MAX];
    struct test *t = judge_begin(j, TEST_WEB_ADDRESSES);
    if (!t)
        return;
    judge_lookup(j, t, FAMILY_IPV6);
    odd_text(six, FAMILY_IPV6, text);
    if (usable(six) == six->count)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (usable(six) > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-some-odd", j->f->host, text);
    else
        test_decide(j->r, t, VERDICT_FAIL, "web-only-odd", j->f->host, text);
}

// ---- ports

struct doors {
    size_t tried, open;
    const struct web_address *shut; // the first that did not open
    unsigned attempts, refusals;    // of those that opened
};

static struct doors doors_of(const struct judge *j, struct test *t, enum family family, int port)
{
    struct doors d = {0};
    const struct web_names *n = &j->f->names[family];
    for (size_t i = 0; i < n->count; i++) {
        const struct web_knock *k = &n->addresses[i].knocks[port];
        if (!k->tried)
            continue;
        struct endpoint to = n->addresses[i].at;
        to.port = port == WEB_443 ? 443 : 80;
        judge_knock(j, t, &to, k);
        d.tried++;
        d.open += k->outcome == TCP_OPEN;
        d.attempts += k->outcome == TCP_OPEN ? k->attempts + k->again : 0;
        d.refusals += k->outcome == TCP_OPEN ? k->refusals + k->again_refused : 0;
        if (k->outcome != TCP_OPEN && !d.shut)
            d.shut = &n->addresses[i];
    }
    return d;
}

static const char *port_reason(enum tcp_outcome o)
{
    return o == TCP_REFUSED  ? "web-port-refused"
           : o == TCP_SILENT ? "web-port-silent"
                             : "web-port-unreachable";
}

static void judge_port(const struct judge *j, int port)
{
    struct test *t = judge_begin(j, port == WEB_443 ? TEST_WEB_TCP443 : TEST_WEB_TCP80);
    char share[32], address[ADDRESS_TEXT_MAX];
    if (!t)
        return;
    struct doors six = doors_of(j, t, FAMILY_IPV6, port);
    struct doors four = doors_of(j, t, FAMILY_IPV4, port);
    if (six.shut)
        address_format(FAMILY_IPV6, six.shut->at.address, address);
    if (six.tried > 0 && six.open == six.tried && six.refusals > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-repeated-some",
                    share_text(share, six.attempts - six.refusals, six.attempts), NULL);
    else if (six.tried > 0 && six.open == six.tried)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (six.open > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-port-some",
                    share_text(share, six.open, six.tried), port_names[port]);
    else if (six.tried == 0)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (six.shut->knocks[port].outcome == TCP_FAILED)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "web-machine", NULL, NULL);
    else if (four.open > 0)
        test_decide(j->r, t, VERDICT_FAIL, port_reason(six.shut->knocks[port].outcome), address,
                    port_names[port]);
    else if (!j->f->ipv4_here && usable(&j->f->names[FAMILY_IPV4]) > 0)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-ipv4-here", NULL, NULL);
    else
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-port-unused", j->f->host,
                    port_names[port]);
}

// ---- certificates

struct seals {
    size_t tried, secured, valid;
    const struct web_visit *broken; // the first that is not valid
};

// The visit; where its handshake did not come to its end and that of the walk there did, that one.
static const struct web_visit *handshake_of(const struct judge *j, const struct web_address *a)
{
    const struct web_visit *v = a->visits[WEB_443];
    const struct web_walk *w = &j->f->walks[a->at.family][WEB_443];
    bool same = w->tried && w->hops == 0 && w->last.url && w->last.from.address == a->at.address;
    return same && w->last.secured && !(v && v->secured) ? &w->last : v;
}

static struct seals seals_of(const struct judge *j, struct test *t, enum family family)
{
    struct seals s = {0};
    const struct web_names *n = &j->f->names[family];
    for (size_t i = 0; i < n->count; i++) {
        const struct web_visit *v = handshake_of(j, &n->addresses[i]);
        if (!v)
            continue;
        char whom[ENDPOINT_TEXT_MAX], answer[JUDGE_TEXT_MAX];
        const struct certificate *c = &v->certificate;
        if (v->secured)
            snprintf(answer, sizeof answer, "%s, certificate of %.120s, %s%.150s", c->protocol,
                     c->subject, c->valid ? "valid" : "not valid: ", c->why);
        else
            snprintf(answer, sizeof answer, "%s %s", web_outcome_text(v->outcome), v->why);
        test_evidence(j->r, t,
                      &(struct evidence){.family = family,
                                         .at = v->at,
                                         .asked = "TLS handshake",
                                         .whom = endpoint_text(&v->from, whom),
                                         .answer = answer});
        s.tried++;
        s.secured += v->secured;
        s.valid += v->secured && c->valid;
        if (!(v->secured && c->valid) && !s.broken)
            s.broken = v;
    }
    return s;
}

static void decide_seals(const struct judge *j, struct test *t, const struct seals *six,
                         const struct seals *four)
{
    char share[32];
    bool shown = six->broken && six->broken->secured;
    const char *why = !six->broken ? "" : shown ? six->broken->certificate.why : six->broken->why;
    if (six->valid == six->tried)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (six->valid > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-tls-some",
                    share_text(share, six->valid, six->tried), why);
    else if (four->tried > 0 && four->valid == 0 && (four->secured > 0) == shown)
        test_decide(j->r, t, VERDICT_FAIL, shown ? "web-certificate-both" : "web-tls-both", why,
                    NULL);
    else
        test_decide(j->r, t, VERDICT_FAIL, shown ? "web-certificate-six" : "web-tls-six", why,
                    NULL);
}

static void judge_tls(const struct judge *j)
{
    struct test *t = judge_begin(j, TEST_WEB_TLS);
    if (!t)
        return;
    struct seals six = seals_of(j, t, FAMILY_IPV6), four = seals_of(j, t, FAMILY_IPV4);
    if (six.tried > 0)
        decide_seals(j, t, &six, &four);
    else if (j->f->stopped && web_is_open(&j->f->names[FAMILY_IPV6], WEB_443))
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (four.tried > 0 || web_is_open(&j->f->names[FAMILY_IPV4], WEB_443))
        test_decide(j->r, t, VERDICT_FAIL, "web-not-reached", j->f->host, NULL);
    else if (j->f->stopped)
        test_decide(j->r, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-no-https", j->f->host, NULL);
}

// ---- the page

bool walk_is_over(const struct web_walk *w)
{
    return w->tried && (w->end != END_PAGE || w->last.url);
}

bool walk_has_page(const struct web_walk *w)
{
    return walk_is_over(w) && w->end == END_PAGE;
}

struct finding {
    enum verdict verdict;
    const char *reason, *detail1, *detail2;
    char texts[2][32];
};

static void find_end(const struct web_walk *six, struct finding *ret)
{
    static const char *const reasons[] = {
        [END_FAILED] = "web-page-failed",          [END_LOOP] = "web-redirect-loop",
        [END_TOO_LONG] = "web-redirect-long",      [END_NO_ADDRESS] = "web-redirect-four",
        [END_UNRESOLVED] = "web-redirect-unknown", [END_PRIVATE] = "web-redirect-private",
        [END_BAD_REDIRECT] = "web-redirect-bad",   [END_OPTED_OUT] = "any-opted-out"};
    ret->verdict = six->end == END_OPTED_OUT ? VERDICT_NOT_TESTABLE : VERDICT_FAIL;
    ret->reason = reasons[six->end];
    ret->detail1 = six->end == END_FAILED ? web_outcome_text(six->last.outcome) : six->leads_to;
}

static void find_status(const struct web_walk *six, const struct web_walk *four,
                        struct finding *ret)
{
    bool wrong_six = six->last.status >= 400, wrong_four = four->last.status >= 400;
    *ret = (struct finding){.verdict = VERDICT_FAIL};
    if (walk_has_page(four) && wrong_six && !wrong_four)
        ret->reason = "web-status";
    else if (six->last.status >= 500)
        ret->reason = "web-status-both";
    else if (six->downgraded && !(walk_has_page(four) && four->downgraded))
        ret->reason = "web-downgrade";
    else
        ret->verdict = VERDICT_PASS;
    snprintf(ret->texts[0], sizeof ret->texts[0], "%d", six->last.status);
    snprintf(ret->texts[1], sizeof ret->texts[1], "%d", four->last.status);
}

// From the beginning at one port.
static void find_port(const struct judge *j, struct test *t, int port, struct finding *ret)
{
    const struct web_walk *six = &j->f->walks[FAMILY_IPV6][port];
    const struct web_walk *four = &j->f->walks[FAMILY_IPV4][port];
    *ret = (struct finding){.verdict = VERDICT_NOT_APPLICABLE};
    if (!six->tried && !web_is_open(&j->f->names[FAMILY_IPV4], port))
        return;
    judge_visit(j, t, &six->last);
    judge_visit(j, t, &four->last);
    if (!six->tried) {
        *ret = (struct finding){VERDICT_FAIL, "web-not-reached", j->f->host, NULL, {{0}}};
        return;
    }
    if (!walk_is_over(six)) {
        *ret = (struct finding){VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL, {{0}}};
        return;
    }
    if (six->end != END_PAGE)
        find_end(six, ret);
    else
        find_status(six, four, ret);
    if (ret->reason && strncmp(ret->reason, "web-status", 10) == 0) {
        ret->detail1 = ret->texts[0];
        ret->detail2 = ret->texts[1];
    }
}

// Of all addresses, on which an answer came.
static bool some_are_dead(const struct judge *j, struct test *t, size_t *ret_alive, size_t *ret_all)
{
    const struct web_names *n = &j->f->names[FAMILY_IPV6];
    *ret_alive = *ret_all = 0;
    for (size_t i = 0; i < n->count; i++) {
        bool tried = false, alive = true;
        for (int port = 0; port < WEB_PORTS; port++) {
            const struct web_visit *v = n->addresses[i].visits[port];
            const struct web_knock *k = &n->addresses[i].knocks[port];
            // Where the page comes with an error from everywhere, that is judged already.
            int worst = j->f->walks[FAMILY_IPV6][port].last.status >= 400 ? 500 : 400;
            tried = tried || k->tried;
            alive = alive && (!v || (v->outcome == WEB_ANSWERED && v->status < worst));
            alive = alive && !(k->tried && k->outcome != TCP_OPEN && web_is_open(n, port));
            if (v && (v->outcome != WEB_ANSWERED || v->status >= worst))
                judge_visit(j, t, v);
        }
        *ret_all += tried;
        *ret_alive += tried && alive;
    }
    return *ret_alive<*ret_all && * ret_alive> 0;
}

static void judge_http(const struct judge *j)
{
    struct test *t = judge_begin(j, TEST_WEB_HTTP);
    struct finding plain, secure;
    char share[32];
    size_t alive, all;
    if (!t)
        return;
    find_port(j, t, WEB_80, &plain);
    find_port(j, t, WEB_443, &secure);
    bool has_secure = secure.verdict != VERDICT_NOT_APPLICABLE;
    const struct finding *most = has_secure ? &secure : &plain;
    bool plain_wrong = has_secure && plain.verdict == VERDICT_FAIL;
    if (most->verdict == VERDICT_PASS && plain_wrong)
        test_decide(j->r, t, VERDICT_PARTIAL, plain.reason, plain.detail1, plain.detail2);
    else if (most->verdict == VERDICT_PASS && plain.verdict == VERDICT_NOT_TESTABLE)
        test_decide(j->r, t, plain.verdict, plain.reason, plain.detail1, plain.detail2);
    else if (most->verdict == VERDICT_PASS && some_are_dead(j, t, &alive, &all))
        test_decide(j->r, t, VERDICT_PARTIAL, "web-page-some", share_text(share, alive, all), NULL);
    else
        test_decide(j->r, t, most->verdict, most->reason, most->detail1, most->detail2);
}

// ---- HTTP/2

static void versions_of(const struct web_names *n, size_t *ret_two, size_t *ret_all,
                        const struct judge *j, struct test *t)
{
    *ret_two = *ret_all = 0;
    for (size_t i = 0; i < n->count; i++) {
        const struct web_visit *v = n->addresses[i].visits[WEB_443];
        if (!v)
            continue;
        judge_visit(j, t, v);
        *ret_all += v->outcome == WEB_ANSWERED;
        *ret_two += v->outcome == WEB_ANSWERED && v->version == 20;
    }
}

static void judge_http2(const struct judge *j)
{
    struct test *t = judge_begin(j, TEST_WEB_HTTP2);
    size_t six, six_all, four, four_all;
    char share[32];
    if (!t)
        return;
    versions_of(&j->f->names[FAMILY_IPV6], &six, &six_all, j, t);
    versions_of(&j->f->names[FAMILY_IPV4], &four, &four_all, j, t);
    if (six_all > 0 && six == six_all)
        test_decide(j->r, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (six > 0)
        test_decide(j->r, t, VERDICT_PARTIAL, "web-http2-some", share_text(share, six, six_all),
                    NULL);
    else if (four == 0)
        test_decide(j->r, t, VERDICT_NOT_APPLICABLE, "web-no-http2", j->f->host, NULL);
    else if (six_all == 0)
        test_decide(j->r, t, VERDICT_FAIL, "web-not-reached", j->f->host, NULL);
    else
        test_decide(j->r, t, VERDICT_FAIL, "web-http2-four", NULL, NULL);
}

// ---- all of it

void web_judge(struct result *r, const struct web_facts *f)
{
    struct judge j = {r, f};
    judge_aaaa(&j);
    judge_addresses(&j);
    judge_port(&j, WEB_80);
    judge_port(&j, WEB_443);
    if (!(f->level & LEVEL_WEB))
        return;
    judge_tls(&j);
    judge_http(&j);
    judge_http2(&j);
    judge_same(&j);
    judge_parts(&j);
    for (unsigned depth = 2; depth <= f->depth; depth++)
        judge_links(&j, depth);
    judge_repeated(&j);
    judge_mtu(&j);
    judge_eyeballs(&j);
}

void web_count(struct nist_count *n, const struct web_facts *f)
{
    const struct web_names *six = &f->names[FAMILY_IPV6];
    const struct web_walk *w = &f->walks[FAMILY_IPV6][web_main_port(f)];
    if (!web_is_there(f))
        return;
    n->intended = true;
    n->interfaces++;
    n->with_aaaa += usable(six) > 0;
    n->reached += web_is_open(six, WEB_80) || web_is_open(six, WEB_443);
    n->operational += walk_has_page(w) && w->last.status < 400;
}
