// SPDX-License-Identifier: Apache-2.0
//
// What is wanted and where it may lie: the table of servers, days, addresses.

#include "base/array.h"
#include "read/fetch_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_NAME      "rir/servers.csv"
#define TABLE_BYTES_MAX ((size_t)1 << 20)
#define TABLE_COLUMNS   7

void server_table_done(struct server_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->at[i].url);
    free(t->at);
    *t = (struct server_table){0};
}

static bool optional_date(struct slice s, date *ret)
{
    *ret = DATE_NONE;
    return s.length == 0 || date_parse(s, ret);
}

static bool one_of(struct slice s, const char *yes, const char *no, bool *ret)
{
    *ret = slice_is(s, yes);
    return *ret || slice_is(s, no);
}

// registry,form,kind,from,to,compression,url
static bool server_parse(char *line, char *end, struct server *ret)
{
    struct slice f[TABLE_COLUMNS];
    unsigned n = 0;
    while (n < TABLE_COLUMNS && csv_field(&line, end, &f[n]))
        n++;
    struct server s = {0};
    bool fits = n == TABLE_COLUMNS && registry_parse(f[0], &s.registry) &&
                s.registry < REGISTRY_RIR_COUNT && one_of(f[1], "extended", "plain", &s.extended) &&
                one_of(f[2], "current", "dated", &s.current) && optional_date(f[3], &s.from) &&
                optional_date(f[4], &s.to) && f[6].length > 0;
    s.url = fits ? strndup(f[6].at, f[6].length) : NULL;
    if (s.url && http_is_url(s.url) && strstr(s.url, "/stats/")) {
        *ret = s;
        return true;
    }
    free(s.url);
    return false;
}

static int table_parse(struct server_table *t, const char *path, struct buffer *text, struct err *e)
{
    bool heading = true;
    size_t number = 0;
    for (char *line = text->at, *next, *end = text->at + text->length; line && line < end;
         line = next) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        next = stop ? stop + 1 : NULL;
        stop = stop ? stop : end;
        number++;
        if (line == stop || *line == '#')
            continue;
        if (!heading) {
            struct server *s = ARRAY_ADD(t);
            if (!s)
                return err_memory(e);
            if (!server_parse(line, stop, s))
                return err_set(e, ERR_INPUT,
                               "%s:%zu: not registry,form,kind,from,to,compression,url", path,
                               number);
        }
        heading = false;
    }
    return 0;
}

int server_table_load(struct server_table *ret, struct err *e)
{
    char path[FILE_PATH_MAX];
    struct buffer text = {0};
    struct server_table t = {0};
    int code = file_find_data(TABLE_NAME, path, e);
    if (!code)
        code = file_read(path, TABLE_BYTES_MAX, &text, e);
    if (!code)
        code = table_parse(&t, path, &text, e);
    buffer_done(&text);
    if (code)
        server_table_done(&t);
    else
        *ret = t;
    return code;
}

bool server_fits(const struct server *s, const struct fetch_item *item, bool plain)
{
    if (s->registry != item->registry || (plain && s->extended))
        return false;
    if (item->day == DATE_NONE || s->current)
        return s->current == (item->day == DATE_NONE);
    return (s->from == DATE_NONE || item->day >= s->from) &&
           (s->to == DATE_NONE || item->day <= s->to);
}

const char *url_name(const char *url)
{
    const char *slash = strrchr(url, '/');
    return slash ? slash + 1 : url;
}

static void url_day(struct buffer *out, const char *pattern, date day)
{
    struct civil c = date_civil(day);
    for (const char *at = pattern; *at;) {
        if (strncmp(at, "{yyyy}", 6) == 0) {
            buffer_format(out, "%04d", c.year);
            at += 6;
        } else if (strncmp(at, "{mm}", 4) == 0 || strncmp(at, "{dd}", 4) == 0) {
            buffer_format(out, "%02u", at[1] == 'm' ? c.month : c.day);
            at += 4;
        } else {
            buffer_char(out, *at++);
        }
    }
}

int server_url(const struct server *s, date day, const char *mirror, char ret[FETCH_URL_MAX],
               struct err *e)
{
    struct buffer out = {.limit = FETCH_URL_MAX};
    const char *pattern = s->url;
    if (mirror) {
        size_t length = strlen(mirror);
        while (length > 0 && mirror[length - 1] == '/')
            length--;
        buffer_add(&out, mirror, length);
        pattern = strstr(s->url, "/stats/") + strlen("/stats");
    }
    url_day(&out, pattern, day == DATE_NONE ? 0 : day);
    bool fits = !out.failed && out.length > 0 && out.length < FETCH_URL_MAX;
    if (fits)
        memcpy(ret, out.at, out.length + 1);
    buffer_done(&out);
    return fits ? 0 : err_set(e, ERR_USAGE, "the address of the mirror is too long");
}

static int plan_day(const struct fetch_options *o, date day, struct fetch_list *l, size_t *capacity,
                    struct err *e)
{
    for (unsigned r = 0; r < REGISTRY_RIR_COUNT; r++) {
        if (o->registries && !(o->registries & 1U << r))
            continue;
        if (l->count >= FETCH_ITEMS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d files are asked for", FETCH_ITEMS_MAX);
        struct fetch_item *item = array_add_((void **)&l->at, &l->count, capacity, sizeof *l->at);
        if (!item)
            return err_memory(e);
        *item = (struct fetch_item){.registry = (enum registry)r, .day = day};
    }
    return 0;
}

int fetch_plan(const struct fetch_options *o, struct fetch_list *ret, struct err *e)
{
    struct fetch_list l = {0};
    size_t capacity = 0;
    int code = 0;
    if (o->from == DATE_NONE)
        code = plan_day(o, DATE_NONE, &l, &capacity, e);
    else
        for (date day = o->from; day <= o->to && !code;
             day = period_next(o->every, period_first(o->every, day)))
            code = plan_day(o, day, &l, &capacity, e);
    if (code)
        fetch_list_free(&l);
    else
        *ret = l;
    return code;
}

void fetch_list_free(struct fetch_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->at[i].name);
        free(l->at[i].reason);
    }
    free(l->at);
    *l = (struct fetch_list){0};
}

const char *fetch_fate_name(enum fetch_fate f)
{
    static const char *const names[FETCH_FATES] = {"not tried", "fetched", "resumed",
                                                   "unchanged", "missing", "failed"};
    return names[f];
}
