// SPDX-License-Identifier: Apache-2.0
//
// sextant check: are the public services of domains there over IPv6?

#include "check/check.h"
#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "cmd/check_list.h"
#include "cmd/check_tables.h"
#include "cmd/command.h"
#include "site/service_html.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char *const usage[] = {"check DOMAIN... [OPTIONS]",
                                    "check --list FILE --journal FILE [OPTIONS]", NULL};

static const char *const stages[] = {"none", "named", "reachable", "working", "complete", NULL};

static const struct option_spec options[] = {
    {"tests", 0, "WHAT,...",
     "What is tested: names (the DNS), connect (whether ports open), web, mail, dnssec; quick is "
     "names,connect; all by default.",
     NULL},
    {"at-least", 0, "STAGE",
     "Exit with 1 where a domain is not so far: none, named, reachable, working, complete; "
     "complete "
     "by default.",
     stages},
    {"depth", 0, "N",
     "Links of a site are followed so deep: 1 is the page itself, 2 by default, 3.", NULL},
    {"pages", 0, "N", "At most so many pages of one site; 20 by default.", NULL},
    {"repeats", 0, "N", "The page is fetched so often over each family; 5 by default.", NULL},
    {"open", 0, "N", "So many domains at a time; 64 by default.", NULL},
    {"timeout", 0, "SECONDS", "For one answer; 4 by default.", NULL},
    {"patience", 0, "SECONDS",
     "For one domain; 120 by default. What is not done then is not testable.", NULL},
    {"contact", 0, "ADDRESS",
     "Who asks: a URL or an address that servers are told with every request.", NULL},
    {"vantage", 0, "NAME", "A name of the place that asks, kept in the results.", NULL},
    {"list", 0, "FILE",
     "A list of any length instead of arguments: CSV with a heading (domain, economy, "
     "organisation, "
     "sector), or a domain a line; - is standard input.",
     NULL},
    {"journal", 0, "FILE",
     "Where the results of a list go, for sextant import. A run that was stopped goes on with what "
     "it has not done yet.",
     NULL},
    {"campaign", 0, "NAME", "A name for the run over a list; the day by default.", NULL},
    {"opt-out", 0, "FILE",
     "Domains that are never asked, one a line; .example.org is also all below it. Nor are hosts, "
     "mail servers and name servers of these names, whatever leads to them. Those of sextant "
     "optout never are.",
     NULL},
    {"results", 0, "FILE", "Write the results with all evidence: a line of JSON each.", NULL},
    {"page", 0, "FILE",
     "Write a page of HTML too: what is wrong, why it matters, how to mend it, with the evidence; "
     "in "
     "the language of --lang.",
     NULL},
    {"junit", 0, "FILE", "Write JUnit's XML too.", NULL},
    {"sarif", 0, "FILE", "Write SARIF 2.1.0 too.", NULL},
    {"root-hints", 0, "FILE", "Begin with these root servers instead of the Internet's.", NULL},
    {"trust-anchor", 0, "FILE", "DS or DNSKEY records of the root, instead of the Internet's.",
     NULL},
    {"authorities", 0, "FILE", "PEM certificates that are trusted, instead of the system's.", NULL},
    {"allow", 0, "PREFIX,...",
     "Addresses that are treated as public ones. Without it nothing is ever sent into private or "
     "reserved address space.",
     NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant check example.org", "Everything, in a few seconds."},
    {"sextant check example.org --lang fr --table wrong", "What is wrong and how to mend it."},
    {"sextant check example.org --table evidence", "What was asked of whom, and what came back."},
    {"sextant check example.org example.net --tests quick", "Names and ports only."},
    {"sextant check example.org --at-least working --junit ipv6.xml", "In a build."},
    {"sextant check --list offices.csv --journal 2024-q1.journal --campaign 2024-q1",
     "A whole list; the same again goes on where it was stopped."},
    {NULL}};

static const struct {
    const char *name;
    unsigned level;
} levels[] = {
    {"names", LEVEL_NAMES},
    {"connect", LEVEL_CONNECT},
    {"web", LEVEL_WEB | LEVEL_CONNECT},
    {"mail", LEVEL_MAIL | LEVEL_CONNECT},
    {"dnssec", LEVEL_DNSSEC | LEVEL_NAMES},
    {"quick", LEVEL_QUICK},
    {"full", LEVEL_FULL},
};

static int read_level(const char *text, unsigned *ret, struct err *e)
{
    struct slice rest = slice_of(text);
    unsigned level = 0;
    while (rest.at) {
        struct slice word = slice_cut(&rest, ',');
        unsigned found = 0;
        for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
            if (slice_is(word, levels[i].name))
                found = levels[i].level;
        if (!found)
            return err_set(e, ERR_USAGE,
                           "--tests: \"%.*s\" where names, connect, web, mail, dnssec, quick or "
                           "full was wanted",
                           SLICE_ARG(word));
        level |= found;
    }
    *ret = level;
    return 0;
}

static int read_allow(struct invocation *inv, struct check_options *o, struct err *e)
{
    const char *text = invocation_option(inv, "allow");
    struct slice rest = text ? slice_of(text) : (struct slice){NULL, 0};
    while (rest.at) {
        struct slice one = slice_cut(&rest, ',');
        if (o->allow_count == CHECK_ALLOW_MAX)
            return err_set(e, ERR_USAGE, "--allow: more than %d prefixes", CHECK_ALLOW_MAX);
        o->allow[o->allow_count] = arena_text(&inv->arena, one.at, one.length);
        if (!o->allow[o->allow_count++])
            return err_memory(e);
    }
    return 0;
}

static int read_number(const struct invocation *inv, const char *name, unsigned max, unsigned *ret,
                       struct err *e)
{
    uint64_t value = *ret;
    int code = invocation_number(inv, name, max, &value, e);
    if (!code && invocation_option(inv, name) && value == 0)
        code = err_set(e, ERR_USAGE, "--%s: 0 where 1 to %u was wanted", name, max);
    *ret = (unsigned)value;
    return code;
}

static int read_seconds(const struct invocation *inv, const char *name, int64_t *ret, struct err *e)
{
    unsigned seconds = 0;
    int code = read_number(inv, name, 86400, &seconds, e);
    *ret = (int64_t)seconds * 1000000;
    return code;
}

// The user agent and a line of JSON carry it: no control characters.
static int read_contact(const struct invocation *inv, struct check_options *o, struct err *e)
{
    o->contact = invocation_option(inv, "contact");
    for (const char *c = o->contact; c && *c; c++)
        if (*c < 0x20 || *c > 0x7e || *c == '(' || *c == ')')
            return err_set(e, ERR_USAGE,
                           "--contact: a URL or an address of printable ASCII was wanted");
    return 0;
}

static int read_options(struct invocation *inv, struct check_options *o, struct err *e)
{
    const char *tests = invocation_option(inv, "tests");
    int code = tests ? read_level(tests, &o->level, e) : 0;
    const struct {
        const char *name;
        unsigned max, *ret;
    } numbers[] = {{"depth", CHECK_DEPTH_MAX, &o->depth},
                   {"pages", CHECK_PAGES_MAX, &o->pages},
                   {"repeats", CHECK_REPEATS_MAX, &o->repeats},
                   {"open", CHECK_OPEN_MAX, &o->open}};
    for (size_t i = 0; !code && i < sizeof numbers / sizeof *numbers; i++)
        code = read_number(inv, numbers[i].name, numbers[i].max, numbers[i].ret, e);
    if (!code)
        code = read_seconds(inv, "timeout", &o->timeout, e);
    if (!code)
        code = read_seconds(inv, "patience", &o->patience, e);
    if (!code)
        code = read_contact(inv, o, e);
    o->vantage = invocation_option(inv, "vantage");
    o->root_hints = invocation_option(inv, "root-hints");
    o->trust_anchor = invocation_option(inv, "trust-anchor");
    o->authorities = invocation_option(inv, "authorities");
    return code ? code : read_allow(inv, o, e);
}

// Sockets of thousands of domains: as many as the system lets.
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// ---- the run

struct asking {
    struct invocation *inv;
    char (*domains)[CHECK_DOMAIN_MAX + 1];
    size_t count, next;
    struct check_results results;
    struct progress progress;
};

static struct checker *volatile running; // for the signal handler

static void stop(int signal_number)
{
    (void)signal_number;
    if (running)
        check_stop(running);
}

static int next_domain(void *arg, const char **ret_domain, void **ret_about, bool *ret_more,
                       struct err *e)
{
    struct asking *a = arg;
    (void)e;
    *ret_more = a->next < a->count;
    if (*ret_more) {
        *ret_about = NULL;
        *ret_domain = a->domains[a->next++];
    }
    return 0;
}

static int take_result(void *arg, void *about, struct result *r, struct err *e)
{
    struct asking *a = arg;
    struct result *keep = ARRAY_ADD(&a->results.list);
    (void)about;
    if (!keep)
        return err_memory(e);
    progress_step(&a->progress, a->results.list.count, r->domain);
    *keep = *r;
    *r = (struct result){0};
    return 0;
}

static int read_domains(struct asking *a, struct err *e)
{
    a->domains = calloc(a->inv->argument_count, sizeof *a->domains);
    int code = a->domains ? 0 : err_memory(e);
    for (size_t i = 0; !code && i < a->inv->argument_count; i++) {
        code = check_domain_name(slice_of(a->inv->arguments[i]), a->domains[a->count], e);
        bool known = false;
        for (size_t k = 0; !code && k < a->count; k++)
            known |= strcmp(a->domains[k], a->domains[a->count]) == 0;
        a->count += !code && !known;
    }
    return code;
}

int check_ask(const struct check_options *o, const struct check_run *run, struct err *e)
{
    struct checker *c = NULL;
    struct sigaction on_stop = {.sa_handler = stop}, before_int, before_term;
    int code = checker_new(o, &clock_real, &c, e);
    if (code)
        return code;
    running = c;
    sigaction(SIGINT, &on_stop, &before_int);
    sigaction(SIGTERM, &on_stop, &before_term);
    code = check_run(c, run, e);
    sigaction(SIGINT, &before_int, NULL);
    sigaction(SIGTERM, &before_term, NULL);
    running = NULL;
    checker_free(&c);
    return code;
}

static int ask(struct asking *a, const struct check_options *o, struct err *e)
{
    progress_start(&a->progress, "checking", "domains", a->count, a->inv->quiet);
    int code = check_ask(o, &(struct check_run){next_domain, take_result, a}, e);
    progress_stop(&a->progress);
    return code;
}

// ---- what comes out

static int publish(const char *path, struct buffer *out, struct err *e)
{
    int code = out->failed ? err_memory(e) : file_publish(path, out->at, out->length, e);
    buffer_done(out);
    return code;
}

static void write_results(const struct check_results *r, const struct words *w, struct buffer *out)
{
    (void)w;
    for (size_t i = 0; i < r->list.count; i++) {
        result_write_json(&r->list.at[i], &(struct json){.out = out});
        buffer_char(out, '\n');
    }
}

static void write_page(const struct check_results *r, const struct words *w, struct buffer *out)
{
    service_document(out, w, r->list.at, r->list.count);
}

static int write_reports(const struct asking *a, const struct words *w, struct err *e)
{
    static const struct {
        const char *option;
        void (*write)(const struct check_results *r, const struct words *w, struct buffer *out);
    } reports[] = {{"results", write_results},
                   {"page", write_page},
                   {"junit", check_write_junit},
                   {"sarif", check_write_sarif}};
    int code = 0;
    for (size_t i = 0; !code && i < sizeof reports / sizeof *reports; i++) {
        struct buffer out = {0};
        const char *file = invocation_option(a->inv, reports[i].option);
        if (!file)
            continue;
        reports[i].write(&a->results, w, &out);
        code = publish(file, &out, e);
    }
    return code;
}

// For people the evidence only where it is asked for.
static int print(const struct asking *a, const struct words *w, struct err *e)
{
    struct table *t[CHECK_TABLES];
    int code = check_tables(&a->results, w, t, e);
    if (code)
        return code;
    bool for_people = a->inv->format == TABLE_TEXT || a->inv->format == TABLE_MARKDOWN;
    bool chosen = invocation_option(a->inv, "table") != NULL;
    code = invocation_print(a->inv, t, for_people && !chosen ? 3 : CHECK_TABLES, e);
    for (size_t i = 0; i < CHECK_TABLES; i++)
        table_free(&t[i]);
    return code;
}

static int status_of(const struct asking *a)
{
    const char *text = invocation_option(a->inv, "at-least");
    enum stage wanted = STAGE_COMPLETE;
    int status = a->results.list.count < a->count;
    if (text)
        stage_parse(slice_of(text), &wanted);
    for (size_t i = 0; i < a->results.list.count; i++)
        status |= a->results.list.at[i].scores.stage < wanted;
    return status;
}

static void leave_out(struct asking *a, struct opt_out *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (opt_out_has(out, a->domains[i]))
            invocation_warn(a->inv, "%s does not want to be asked, and was not", a->domains[i]);
        else
            memmove(a->domains[kept++], a->domains[i], sizeof *a->domains);
    }
    a->count = kept;
}

static int check_arguments(struct invocation *inv, const struct check_options *o, struct err *e)
{
    struct asking a = {.inv = inv};
    const struct words *w = NULL;
    if (inv->argument_count == 0)
        return err_set(e, ERR_USAGE, "a domain is wanted, or --list FILE");
    int code = read_domains(&a, e);
    if (!code)
        leave_out(&a, o->opt_out);
    if (!code)
        code = invocation_words(inv, &w, e);
    if (!code)
        code = ask(&a, o, e);
    if (!code)
        code = write_reports(&a, w, e);
    if (!code)
        code = print(&a, w, e);
    if (!code)
        code = status_of(&a);
    for (size_t i = 0; i < a.results.list.count; i++)
        result_done(&a.results.list.at[i]);
    free(a.results.list.at);
    free(a.domains);
    return code;
}

static int run_check(struct invocation *inv, struct err *e)
{
    struct check_options o = {0};
    int code = read_options(inv, &o, e);
    if (!code)
        code = check_opt_outs(inv, &o.opt_out, e);
    raise_descriptors();
    if (!code)
        code =
            invocation_option(inv, "list") ? check_list(inv, &o, e) : check_arguments(inv, &o, e);
    opt_out_free(&o.opt_out);
    return code;
}

const struct command command_check = {
    .name = "check",
    .group = COMMAND_FIGURES,
    .summary = "Public services over IPv6: names, web, mail",
    .usage = usage,
    .description =
        "Asks the name servers, web servers and mail servers of each domain over IPv6 and over "
        "IPv4, and says for each test: pass, partial, fail, none (the service is there without "
        "IPv6), not-applicable (no such service), or not-testable (not from here). Every verdict "
        "has its evidence: what was asked of whom, over which family, what came back, when.\n\n"
        "The stage of a domain: none, named (it has IPv6 addresses), reachable (one answers), "
        "working (all that has an address works as over IPv4), complete (nothing that a user needs "
        "is left on IPv4 alone). Beside it stand scores by the definitions of others.\n\n"
        "It asks politely and boundedly, obeys robots.txt beyond the first page, sends no message "
        "and no form, and follows no name into private address space.\n\n"
        "Exit status 0: every domain is at least at the stage wanted; 1: not.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "DOMAIN",
    .argument_help = "domains, also international ones, or URLs",
    .arguments_min = 0,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_check,
};
