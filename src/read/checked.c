// SPDX-License-Identifier: Apache-2.0

#include "read/checked.h"

#include "read/formats.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WANTED     "results of sextant check, as its journal has them"
#define NUMBER_MAX 9.0e15

static const char *const verdicts[CHECKED_VERDICTS] = {"pass", "partial",        "fail",
                                                       "none", "not-applicable", "not-testable"};
static const char *const stages[CHECKED_STAGES] = {"unknown",   "none",    "named",
                                                   "reachable", "working", "complete"};

const char *checked_verdict_name(enum checked_verdict v)
{
    return verdicts[v];
}

const char *checked_stage_name(enum checked_stage s)
{
    return stages[s];
}

static bool find_name(const char *const *names, unsigned count, struct slice s, unsigned *ret)
{
    for (unsigned i = 0; i < count; i++)
        if (slice_is(s, names[i])) {
            *ret = i;
            return true;
        }
    return false;
}

struct reader {
    struct text_reader text; // first
    const struct checked_handler *handler;
    struct checked_totals totals;
    struct checked_result result;
    struct checked_test *tests;
    char *buffer; // CHECKED_LINE_MAX bytes; what is not taken yet begins it
    size_t held;
    bool headed, over;
    unsigned cut; // 1: the last line has no end
    // of the line
    struct json_reader *json;
    struct slice left; // that the JSON reader has not had
    char subject[CHECKED_HOST_MAX];
    bool is_header, is_end, is_signature, has_result, odd;
    uint64_t format;
};

// ---- values

static int fill(void *arg, void *bytes, size_t size, size_t *ret, struct err *e)
{
    struct reader *r = arg;
    (void)e;
    *ret = r->left.length < size ? r->left.length : size;
    memcpy(bytes, r->left.at, *ret);
    r->left = (struct slice){r->left.at + *ret, r->left.length - *ret};
    return 0;
}

typedef int member_reader(struct reader *r, struct slice name);

// Behind the event that opens an object. Names that are longer than any known are nobody's.
static int read_members(struct reader *r, member_reader *member)
{
    enum json_event event = JSON_EVENT_NULL;
    char name[CHECKED_NAME_MAX];
    int code = 0;
    while (!code && (code = json_next(r->json, &event, r->text.e)) == 0 &&
           event != JSON_EVENT_OBJECT_END) {
        struct slice token = json_token(r->json);
        size_t length = token.length < sizeof name ? token.length : 0;
        memcpy(name, token.at, length);
        code = member(r, (struct slice){name, length});
    }
    return code;
}

// The value: an object by `member`, or passed over.
static int read_object(struct reader *r, member_reader *member)
{
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    if (!code && event == JSON_EVENT_OBJECT)
        return read_members(r, member);
    return code ? code : json_skip(r->json, event, r->text.e);
}

static int read_array(struct reader *r, member_reader *member)
{
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    if (code || event != JSON_EVENT_ARRAY)
        return code ? code : json_skip(r->json, event, r->text.e);
    while (!code && (code = json_next(r->json, &event, r->text.e)) == 0 &&
           event != JSON_EVENT_ARRAY_END)
        code = event == JSON_EVENT_OBJECT ? member(r, (struct slice){"", 0})
                                          : json_skip(r->json, event, r->text.e);
    return code;
}

static bool is_printable(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f)
            return false;
    return true;
}

// What does not fit, or is no text, makes the line odd.
static int read_text(struct reader *r, char *ret, size_t size)
{
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    if (code)
        return code;
    struct slice token = json_token(r->json);
    if (event != JSON_EVENT_TEXT || token.length >= size || !is_printable(token)) {
        r->odd = r->odd || event != JSON_EVENT_NULL;
        return json_skip(r->json, event, r->text.e);
    }
    memcpy(ret, token.at, token.length);
    ret[token.length] = '\0';
    return 0;
}

static int read_real(struct reader *r, double *ret)
{
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    if (!code && event == JSON_EVENT_NUMBER)
        r->odd |= !number_parse(json_token(r->json), NUMBER_MAX, ret);
    else if (!code)
        code = json_skip(r->json, event, r->text.e);
    return code;
}

static int read_integer(struct reader *r, uint64_t max, uint64_t *ret)
{
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    if (!code && (event != JSON_EVENT_NUMBER || !slice_u64(json_token(r->json), max, ret))) {
        r->odd = true;
        code = json_skip(r->json, event, r->text.e);
    }
    return code;
}

static int read_bool(struct reader *r, bool *ret)
{
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    *ret = event == JSON_EVENT_TRUE;
    return code ? code : json_skip(r->json, event, r->text.e);
}

static int skip_value(struct reader *r)
{
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    return code ? code : json_skip(r->json, event, r->text.e);
}

static int read_number(struct reader *r, int64_t *ret)
{
    uint64_t value = 0;
    int code = read_integer(r, (uint64_t)NUMBER_MAX, &value);
    *ret = (int64_t)value;
    return code;
}

// ---- a result

static struct checked_test *test_now(struct reader *r)
{
    return &r->tests[r->result.test_count];
}

static int test_member(struct reader *r, struct slice name)
{
    char word[CHECKED_NAME_MAX] = "";
    struct checked_test *t = test_now(r);
    unsigned verdict = CHECKED_NOT_TESTABLE;
    if (slice_is(name, "test"))
        return read_text(r, t->name, sizeof t->name);
    if (slice_is(name, "reason"))
        return read_text(r, t->reason, sizeof t->reason);
    if (slice_is(name, "subject"))
        return read_text(r, r->subject, sizeof r->subject);
    if (!slice_is(name, "verdict"))
        return skip_value(r);
    int code = read_text(r, word, sizeof word);
    r->odd |= !code && !find_name(verdicts, CHECKED_VERDICTS, slice_of(word), &verdict);
    t->verdict = (enum checked_verdict)verdict;
    return code;
}

static enum checked_subject subject_of(const struct reader *r)
{
    const char *domain = r->result.domain;
    if (strcmp(r->subject, domain) == 0)
        return CHECKED_DOMAIN;
    bool www = strncmp(r->subject, "www.", 4) == 0 && strcmp(r->subject + 4, domain) == 0;
    return www ? CHECKED_WWW : CHECKED_OTHER;
}

static bool is_word(const char *text)
{
    return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int read_test(struct reader *r, struct slice name)
{
    (void)name;
    if (r->result.test_count == CHECKED_TESTS_MAX) {
        r->odd = true;
        return json_skip(r->json, JSON_EVENT_OBJECT, r->text.e);
    }
    struct checked_test *t = test_now(r);
    *t = (struct checked_test){.verdict = CHECKED_NOT_TESTABLE};
    r->subject[0] = '\0';
    int code = read_members(r, test_member);
    r->odd |= !is_word(t->name) || (t->reason[0] && !is_word(t->reason));
    t->subject = subject_of(r);
    r->result.test_count++;
    return code;
}

static int count_member(struct reader *r, struct slice name, struct checked_count *c)
{
    uint64_t n = 0;
    unsigned *to = slice_is(name, "interfaces")    ? &c->interfaces
                   : slice_is(name, "with-aaaa")   ? &c->with_aaaa
                   : slice_is(name, "reached")     ? &c->reached
                   : slice_is(name, "operational") ? &c->operational
                                                   : NULL;
    if (slice_is(name, "intended"))
        return read_bool(r, &c->intended);
    if (!to)
        return skip_value(r);
    int code = read_integer(r, UINT32_MAX, &n);
    *to = (unsigned)n;
    return code;
}

static int dns_member(struct reader *r, struct slice name)
{
    return count_member(r, name, &r->result.counts[0]);
}

static int web_member(struct reader *r, struct slice name)
{
    return count_member(r, name, &r->result.counts[1]);
}

static int mail_member(struct reader *r, struct slice name)
{
    return count_member(r, name, &r->result.counts[2]);
}

static int score_member(struct reader *r, struct slice name)
{
    if (slice_is(name, "internetnl-web"))
        return read_real(r, &r->result.internetnl_web);
    if (slice_is(name, "internetnl-mail"))
        return read_real(r, &r->result.internetnl_mail);
    if (slice_is(name, "china"))
        return read_real(r, &r->result.china);
    if (slice_is(name, "dns"))
        return read_object(r, dns_member);
    if (slice_is(name, "web"))
        return read_object(r, web_member);
    return slice_is(name, "mail") ? read_object(r, mail_member) : skip_value(r);
}

static int result_text(struct reader *r, struct slice name)
{
    struct checked_result *t = &r->result;
    char word[CHECKED_NAME_MAX] = "";
    unsigned stage = CHECKED_UNKNOWN;
    if (slice_is(name, "domain"))
        return read_text(r, t->domain, sizeof t->domain);
    if (!slice_is(name, "stage"))
        return skip_value(r);
    int code = read_text(r, word, sizeof word);
    r->odd |= !code && !find_name(stages, CHECKED_STAGES, slice_of(word), &stage);
    t->stage = (enum checked_stage)stage;
    return code;
}

static int result_member(struct reader *r, struct slice name)
{
    struct checked_result *t = &r->result;
    uint64_t n = 0;
    int code;
    if (slice_is(name, "format"))
        return read_integer(r, 1000, &r->format);
    if (slice_is(name, "began"))
        return read_number(r, &t->began);
    if (slice_is(name, "took") || slice_is(name, "level")) {
        code = read_integer(r, UINT32_MAX, &n);
        *(slice_is(name, "took") ? &t->took : &t->level) = (uint32_t)n;
        return code;
    }
    if (slice_is(name, "ipv4"))
        return read_bool(r, &t->ipv4_here);
    if (slice_is(name, "ipv6"))
        return read_bool(r, &t->ipv6_here);
    if (slice_is(name, "scores"))
        return read_object(r, score_member);
    if (slice_is(name, "tests"))
        return read_array(r, read_test);
    return result_text(r, name);
}

// ---- a line

static int read_economy(struct reader *r)
{
    char code[8] = "";
    int failed = read_text(r, code, sizeof code);
    r->result.economy = economy_parse(slice_of(code));
    r->odd |= r->result.economy == ECONOMY_ODD;
    return failed;
}

static int header_member(struct reader *r, struct slice name)
{
    struct checked_header *h = &r->totals.header;
    if (slice_is(name, "campaign"))
        return read_text(r, h->campaign, sizeof h->campaign);
    if (slice_is(name, "vantage"))
        return read_text(r, h->vantage, sizeof h->vantage);
    if (slice_is(name, "list"))
        return read_text(r, h->list, sizeof h->list);
    if (slice_is(name, "options"))
        return read_text(r, h->options, sizeof h->options);
    if (slice_is(name, "version"))
        return read_text(r, h->version, sizeof h->version);
    return slice_is(name, "began") ? read_number(r, &h->began) : skip_value(r);
}

static int line_member(struct reader *r, struct slice name)
{
    uint64_t number = 0;
    if (r->is_header)
        return header_member(r, name);
    if (r->has_result) // is the last
        r->odd = true;
    if (slice_is(name, "journal")) {
        r->is_header = !r->headed;
        int code = read_integer(r, 1000, &number);
        r->odd |= number != 1 || r->headed;
        return code;
    }
    if (slice_is(name, "ended")) {
        r->is_end = true;
        return read_number(r, &r->totals.ended);
    }
    if (slice_is(name, "economy"))
        return read_economy(r);
    if (slice_is(name, "organisation"))
        return read_text(r, r->result.organisation, sizeof r->result.organisation);
    if (slice_is(name, "sector"))
        return read_text(r, r->result.sector, sizeof r->result.sector);
    if (slice_is(name, "result")) {
        r->has_result = true;
        return read_object(r, result_member);
    }
    r->is_signature |= slice_is(name, "signature");
    enum json_event event;
    int code = json_next(r->json, &event, r->text.e);
    // `json` of a result begins at the first "result": no object may stand before it.
    r->odd |= event == JSON_EVENT_OBJECT || event == JSON_EVENT_ARRAY;
    return code ? code : json_skip(r->json, event, r->text.e);
}

static bool is_domain(const char *s)
{
    size_t length = strlen(s);
    return length > 0 && length <= 253 &&
           s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-._")] == '\0';
}

static void find_json(struct reader *r, struct slice line)
{
    static const char key[] = "\"result\":";
    const char *at = memmem(line.at, line.length, key, sizeof key - 1);
    const char *end = line.at + line.length;
    while (end > line.at && *--end != '}')
        ;
    if (at && at + sizeof key - 1 < end)
        r->result.json = (struct slice){at + sizeof key - 1, (size_t)(end - at) - sizeof key + 1};
}

static int take_result(struct reader *r, const struct line *l)
{
    bool twice = false;
    struct slice domain = slice_of(r->result.domain);
    find_json(r, (struct slice){l->at, l->length});
    if (r->odd || r->format != 1 || !r->result.json.at)
        return text_reject(&r->text, l, REJECTED_DAMAGED, domain);
    if (!is_domain(r->result.domain))
        return text_reject(&r->text, l, REJECTED_ADDRESS, domain);
    r->result.line = l->number;
    r->result.tests = r->tests;
    int code = r->handler->result ? r->handler->result(&r->result, &twice, r->handler->arg) : 0;
    if (code || twice)
        return code ? code : text_reject(&r->text, l, REJECTED_TWICE, domain);
    r->text.fates.used++;
    r->totals.results++;
    return 0;
}

static bool is_hash(const char *s)
{
    return strlen(s) == 64 && s[strspn(s, "0123456789abcdef")] == '\0';
}

static int take_header(struct reader *r, const struct line *l)
{
    const struct checked_header *h = &r->totals.header;
    if (r->odd || !h->campaign[0] || !is_hash(h->list) || h->began <= 0)
        return err_set(r->text.e, ERR_INPUT,
                       "%s:%" PRIu64 ": a journal without campaign, list (SHA-256) or begin, or of "
                       "a later version",
                       source_name(r->text.source), l->number);
    r->headed = true;
    text_ignore(&r->text, IGNORED_HEADER);
    return r->handler->header ? r->handler->header(h, r->handler->arg) : 0;
}

static int parse_line(struct reader *r, const struct line *l, struct err *e)
{
    struct err *told = r->text.e;
    enum json_event event = JSON_EVENT_END;
    r->left = (struct slice){l->at, l->length};
    r->text.e = e;
    int code = json_reader_new(fill, r, source_name(r->text.source), &r->json, e);
    if (!code)
        code = json_next(r->json, &event, e);
    if (!code && event == JSON_EVENT_OBJECT)
        code = read_members(r, line_member);
    else
        r->odd = true;
    if (!code)
        code = json_next(r->json, &event, e); // nothing follows
    json_reader_free(&r->json);
    r->text.e = told;
    return code;
}

static int take_line(struct text_reader *text, const struct line *l)
{
    struct reader *r = (struct reader *)text;
    struct err why = {0};
    struct slice whole = {l->at, l->length};
    if (slice_trim(whole).length == 0)
        return text_ignore(text, IGNORED_BLANK);
    r->result = (struct checked_result){
        .economy = ECONOMY_NONE, .internetnl_web = NAN, .internetnl_mail = NAN, .china = NAN};
    r->is_header = r->is_end = r->is_signature = r->has_result = r->odd = false;
    r->format = 0;
    int code = parse_line(r, l, &why);
    if (code == ERR_MEMORY)
        return err_memory(text->e);
    r->odd |= code != 0;
    if (r->is_header)
        return take_header(r, l);
    if (!r->headed)
        return err_set(text->e, ERR_INPUT, "%s:%" PRIu64 ": wanted " WANTED,
                       source_name(text->source), l->number);
    if ((r->is_end || r->is_signature) && !r->odd)
        return text_ignore(text, IGNORED_SUMMARY);
    return take_result(r, l);
}

// ---- lines, longer than those of other texts

static int end_of_input(struct reader *r)
{
    struct line last = {.at = r->buffer, .length = (uint32_t)r->held};
    if (r->held == 0 && !r->over)
        return 0;
    last.number = ++r->text.fates.lines;
    r->cut = 1;
    struct finding cut = {FINDING_NEWLINE, last.number, "the last line has no end"};
    int code = r->handler->finding ? r->handler->finding(&cut, r->handler->arg) : 0;
    return code ? code : text_reject(&r->text, &last, REJECTED_DAMAGED, (struct slice){"", 0});
}

static int take_whole_lines(struct reader *r)
{
    struct slice rest = {r->buffer, r->held};
    int code = 0;
    for (char *end; !code && rest.length > 0 && (end = memchr(rest.at, '\n', rest.length));) {
        struct line l = {.at = rest.at, .length = (uint32_t)(end - rest.at), .ended = true};
        l.number = ++r->text.fates.lines;
        rest = (struct slice){end + 1, rest.length - l.length - 1};
        code = r->over ? text_reject(&r->text, &l, REJECTED_LENGTH, (struct slice){"", 0})
                       : take_line(&r->text, &l);
        r->over = false;
    }
    memmove(r->buffer, rest.at, rest.length);
    r->held = rest.length;
    return code;
}

static int read_lines(struct reader *r)
{
    size_t got = 1;
    int code = 0;
    while (!code && got > 0) {
        code = source_read(r->text.source, r->buffer + r->held, CHECKED_LINE_MAX - r->held, &got,
                           r->text.e);
        if (code || got == 0)
            break;
        if (memchr(r->buffer + r->held, '\0', got))
            return err_set(r->text.e, ERR_INPUT, "%s: binary; wanted " WANTED,
                           source_name(r->text.source));
        r->held += got;
        code = take_whole_lines(r);
        if (r->held == CHECKED_LINE_MAX) { // its end is still to come
            r->over = true;
            r->held = 0;
        }
    }
    return code ? code : end_of_input(r);
}

int read_checked(struct source *s, const struct checked_handler *handler,
                 struct checked_totals *ret, struct err *e)
{
    struct reader r = {.handler = handler};
    r.text = (struct text_reader){.source = s, .e = e, .wanted = WANTED};
    r.text.tell = (struct read_handler){.finding = handler->finding, .arg = handler->arg};
    r.buffer = malloc(CHECKED_LINE_MAX);
    r.tests = malloc((CHECKED_TESTS_MAX + 1) * sizeof *r.tests);
    int code = r.buffer && r.tests ? read_lines(&r) : err_memory(e);
    free(r.buffer);
    free(r.tests);
    if (!code && !r.headed)
        code = err_set(e, ERR_INPUT, "%s: empty; wanted " WANTED, source_name(s));
    uint64_t rejected = fates_rejected(&r.text.fates);
    if (!code && rejected > r.text.fates.used + r.cut)
        code = err_set(e, ERR_INPUT,
                       "%s: %" PRIu64 " lines used, %" PRIu64 " rejected; wanted " WANTED,
                       source_name(s), r.text.fates.used, rejected);
    if (code)
        return code;
    r.totals.fates = r.text.fates;
    *ret = r.totals;
    return 0;
}

bool checked_probe(struct slice text)
{
    static const char begin[] = "{\"journal\":";
    return text.length >= sizeof begin - 1 && memcmp(text.at, begin, sizeof begin - 1) == 0;
}
