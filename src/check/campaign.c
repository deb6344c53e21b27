// SPDX-License-Identifier: Apache-2.0

#include "check/campaign.h"

#include "check/opt_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MICROSECONDS_A_MILLISECOND 1000

struct campaign {
    struct campaign_options o;
    struct domain_list *list;
    struct domain_set seen;
    struct journal *journal;
    struct campaign_counts counts;
    struct listed next; // given last
    bool at_end;
};

int campaign_describe(const struct check_options *o, char ret[JOURNAL_OPTIONS_MAX])
{
    int n = snprintf(ret, JOURNAL_OPTIONS_MAX, "level %u, depth %u, pages %u, repeats %u",
                     o->level ? o->level : LEVEL_FULL, o->depth ? o->depth : 2,
                     o->pages ? o->pages : 20, o->repeats ? o->repeats : 5);
    return n < JOURNAL_OPTIONS_MAX ? 0 : ERR_LIMIT;
}

static int64_t now(const struct campaign_options *o)
{
    return o->clock->wall(o->clock->arg);
}

static bool is_name(const char *s)
{
    size_t length = strlen(s);
    return length > 0 && length < JOURNAL_NAME_MAX &&
           s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")] == 0;
}

static int make_header(struct campaign *c, struct journal_header *h, struct err *e)
{
    const struct campaign_options *o = &c->o;
    const char *vantage = o->check->vantage ? o->check->vantage : "";
    char day[DATE_TEXT_MAX];
    h->began = now(o);
    const char *name = o->name ? o->name : date_format((date)(h->began / 86400000), day);
    if (!is_name(name) || (*vantage && !is_name(vantage)))
        return err_set(e, ERR_USAGE,
                       "\"%s\": the name of a campaign or a vantage point has at most %d letters, "
                       "digits, \"-\", \".\" and \"_\"",
                       is_name(name) ? vantage : name, JOURNAL_NAME_MAX - 1);
    snprintf(h->campaign, sizeof h->campaign, "%s", name);
    snprintf(h->vantage, sizeof h->vantage, "%s", vantage);
    snprintf(h->list, sizeof h->list, "%s", domain_list_sha256(c->list));
    snprintf(h->version, sizeof h->version, "%s", SEXTANT_VERSION);
    return campaign_describe(o->check, h->options);
}

int campaign_open(const struct campaign_options *o, struct campaign **ret, struct err *e)
{
    struct journal_header header = {.began = 0};
    struct campaign *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(e);
    c->o = *o;
    int code = domain_set_init(&c->seen, e);
    if (!code)
        code = domain_list_open(o->list, o->told, o->arg, &c->list, e);
    if (!code)
        code = make_header(c, &header, e);
    if (!code)
        code = journal_open(o->journal, &header, &c->seen, &c->journal, e);
    if (!code) {
        c->counts.done = journal_done(c->journal);
        c->at_end = journal_has_ended(c->journal);
    }
    if (code)
        campaign_close(&c);
    else
        *ret = c;
    return code;
}

void campaign_close(struct campaign **c)
{
    if (!*c)
        return;
    journal_close(&(*c)->journal);
    domain_list_close(&(*c)->list);
    domain_set_done(&(*c)->seen);
    free(*c);
    *c = NULL;
}

// What of the list is to be asked: neither done, nor a second time, nor against its owner's will.
static int next_wanted(struct campaign *c, bool *ret_more, struct err *e)
{
    bool got = true, new = false;
    int code = 0;
    while (!new && (code = domain_list_next(c->list, &c->next, &got, e)) == 0 && got) {
        if (c->o.check->opt_out && opt_out_has(c->o.check->opt_out, c->next.domain)) {
            c->counts.opted_out++;
            continue;
        }
        if ((code = domain_set_add(&c->seen, c->next.domain, &new, e)) != 0)
            break;
        c->counts.twice += !new;
    }
    c->at_end = !code && !got;
    *ret_more = !code && got;
    return code;
}

static int next(void *arg, const char **ret_domain, void **ret_about, bool *ret_more, struct err *e)
{
    struct campaign *c = arg;
    *ret_more = false;
    int code = c->at_end ? 0 : next_wanted(c, ret_more, e);
    if (code || !*ret_more)
        return code;
    struct listed *about = malloc(sizeof *about);
    if (!about)
        return err_memory(e);
    *about = c->next;
    *ret_domain = about->domain;
    *ret_about = about;
    return 0;
}

static int done(void *arg, void *about, struct result *r, struct err *e)
{
    struct campaign *c = arg;
    int code = r->failed ? err_memory(e) : journal_add(c->journal, about, r, e);
    if (!code) {
        c->counts.asked++;
        c->counts.stages[r->scores.stage]++;
    }
    if (!code && c->o.result)
        code = c->o.result(r, c->o.arg, e);
    if (!code && c->o.progress)
        c->o.progress(&c->counts, r->domain, c->o.arg);
    free(about);
    return code;
}

struct check_run campaign_run(struct campaign *c)
{
    return (struct check_run){next, done, c};
}

int campaign_finish(struct campaign *c, struct campaign_counts *ret, struct err *e)
{
    int code = 0;
    if (c->at_end && !journal_has_ended(c->journal))
        code = journal_end(c->journal, now(&c->o), e);
    c->counts.list = domain_list_counts(c->list);
    c->counts.stopped = !c->at_end;
    // Of those that the list has twice the ones that were done before are not.
    c->counts.twice -= c->counts.twice < c->counts.done ? c->counts.twice : c->counts.done;
    if (!code)
        *ret = c->counts;
    return code;
}
