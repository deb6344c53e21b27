// SPDX-License-Identifier: Apache-2.0
//
// What is wanted and where it may lie: the tables of servers, days, addresses.
//
//     publisher,file,form,kind,from,to,name,url
//
// Rows of one publisher and file are places of the same thing: those of an earlier form first, then
// in the table's order. `kind` is current, dated, or economy (one file for each). In url and name
// {yyyy}, {mm}, {dd} are the day asked for, {today} the day of asking, {economy} a code.

#include "base/array.h"
#include "read/fetch_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_BYTES_MAX ((size_t)1 << 20)
#define TABLE_COLUMNS   8
#define MIRRORED        "/stats/" // behind it the registries' layout is the same everywhere

void server_table_free(struct server_table **t)
{
    for (size_t i = 0; *t && i < (*t)->count; i++) {
        free((*t)->at[i].publisher);
        free((*t)->at[i].url);
        free((*t)->at[i].name);
    }
    for (unsigned i = 0; *t && i < (*t)->forms; i++)
        free((*t)->names[i]);
    if (*t)
        free((*t)->at);
    free(*t);
    *t = NULL;
}

static bool optional_date(struct slice s, date *ret)
{
    *ret = DATE_NONE;
    return s.length == 0 || date_parse(s, ret);
}

static bool parse_kind(struct slice s, enum server_kind *ret)
{
    static const char *const names[] = {"current", "dated", "economy"};
    for (unsigned i = 0; i < 3; i++)
        if (slice_is(s, names[i])) {
            *ret = (enum server_kind)i;
            return true;
        }
    return false;
}

static bool form_number(struct server_table *t, struct slice form, unsigned *ret)
{
    for (*ret = 0; *ret < t->forms; ++*ret)
        if (slice_is(form, t->names[*ret]))
            return true;
    if (t->forms == FETCH_FORMS_MAX)
        return false;
    t->names[t->forms] = strndup(form.at, form.length);
    return t->names[t->forms] && ++t->forms;
}

// Rows of one publisher's file stand together.
static bool server_parse(struct server_table *t, const struct slice f[TABLE_COLUMNS],
                         struct slice *last_file, struct server *ret)
{
    struct server s = {.publisher = strndup(f[0].at, f[0].length),
                       .name = strndup(f[6].at, f[6].length),
                       .url = strndup(f[7].at, f[7].length)};
    const struct server *before = t->count ? &t->at[t->count - 1] : NULL;
    *ret = s;
    if (!s.publisher || !s.name || !s.url || f[0].length == 0 || !http_is_url(s.url) ||
        !form_number(t, f[2], &ret->form) || !parse_kind(f[3], &ret->kind) ||
        !optional_date(f[4], &ret->from) || !optional_date(f[5], &ret->to))
        return false;
    bool same = before && slice_is(f[0], before->publisher) && f[1].length == last_file->length &&
                memcmp(f[1].at, last_file->at, f[1].length) == 0;
    t->files += !same;
    ret->file = t->files - 1;
    *last_file = f[1];
    return true;
}

static int row_parse(struct server_table *t, char *line, char *end, struct slice *last_file,
                     const char *path, size_t number, struct err *e)
{
    struct slice f[TABLE_COLUMNS];
    unsigned n = 0;
    while (n < TABLE_COLUMNS && csv_field(&line, end, &f[n]))
        n++;
    struct server s = {0};
    bool good = n == TABLE_COLUMNS && server_parse(t, f, last_file, &s);
    struct server *added = good ? ARRAY_ADD(t) : NULL;
    if (added) {
        *added = s;
        return 0;
    }
    free(s.publisher);
    free(s.name);
    free(s.url);
    return good ? err_memory(e)
                : err_set(e, ERR_INPUT, "%s:%zu: not publisher,file,form,kind,from,to,name,url",
                          path, number);
}

static int table_parse(struct server_table *t, const char *path, struct buffer *text, struct err *e)
{
    bool heading = true;
    size_t number = 0;
    int code = 0;
    struct slice last_file = {"", 0};
    for (char *line = text->at, *next, *end = text->at + text->length; line && line < end && !code;
         line = next) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        next = stop ? stop + 1 : NULL;
        stop = stop ? stop : end;
        number++;
        if (line == stop || *line == '#')
            continue;
        if (!heading)
            code = row_parse(t, line, stop, &last_file, path, number, e);
        heading = false;
    }
    return code;
}

int server_table_load(const char *name, struct server_table **ret, struct err *e)
{
    char path[FILE_PATH_MAX];
    struct buffer text = {0};
    struct server_table *t = calloc(1, sizeof *t);
    if (!t)
        return err_memory(e);
    int code = file_find_data(name, path, e);
    if (!code)
        code = file_read(path, TABLE_BYTES_MAX, &text, e);
    if (!code)
        code = table_parse(t, path, &text, e);
    buffer_done(&text);
    if (code)
        server_table_free(&t);
    else
        *ret = t;
    return code;
}

int server_table_single(const char *url, struct server_table **ret, struct err *e)
{
    if (!http_is_url(url))
        return err_set(e, ERR_USAGE, "%s: not an http or https URL", url);
    struct server_table *t = calloc(1, sizeof *t);
    struct server *s = t ? ARRAY_ADD(t) : NULL;
    if (s) {
        const char *query = strpbrk(url, "?#"), *end = query ? query : url + strlen(url);
        const char *name = memrchr(url, '/', (size_t)(end - url));
        char text[FETCH_NAME_MAX];
        snprintf(text, sizeof text, "{today}-%.*s", name ? (int)(end - name - 1) : 0,
                 name ? name + 1 : "");
        *s = (struct server){.publisher = strdup("url"),
                             .url = strdup(url),
                             .name = strdup(text),
                             .from = DATE_NONE,
                             .to = DATE_NONE};
        t->files = 1;
    }
    if (s && s->publisher && s->url && s->name) {
        *ret = t;
        return 0;
    }
    server_table_free(&t);
    return err_memory(e);
}

bool server_fits(const struct server *s, const struct fetch_item *item)
{
    if (s->file != item->file)
        return false;
    if (item->economy)
        return s->kind == SERVER_ECONOMY;
    if (item->day == DATE_NONE)
        return s->kind == SERVER_CURRENT;
    return s->kind == SERVER_DATED && (s->from == DATE_NONE || item->day >= s->from) &&
           (s->to == DATE_NONE || item->day <= s->to);
}

// ---- addresses

static const char *url_name(const char *url)
{
    const char *slash = strrchr(url, '/');
    return slash ? slash + 1 : url;
}

static bool begins(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

static void fill_pattern(struct buffer *out, const char *pattern, const struct fetch_item *item)
{
    struct civil c = date_civil(item->day == DATE_NONE ? 0 : item->day);
    struct civil now = date_civil(date_today());
    for (const char *at = pattern; *at;) {
        if (begins(&at, "{yyyy}"))
            buffer_format(out, "%04d", c.year);
        else if (begins(&at, "{mm}"))
            buffer_format(out, "%02u", c.month);
        else if (begins(&at, "{dd}"))
            buffer_format(out, "%02u", c.day);
        else if (begins(&at, "{today}"))
            buffer_format(out, "%04d%02u%02u", now.year, now.month, now.day);
        else if (begins(&at, "{economy}"))
            buffer_text(out, item->economy ? item->economy : "");
        else
            buffer_char(out, *at++);
    }
}

static int take_text(struct buffer *out, char *ret, size_t size, struct err *e)
{
    bool fits = !out->failed && out->length > 0 && out->length < size;
    if (fits)
        memcpy(ret, out->at, out->length + 1);
    buffer_done(out);
    return fits ? 0 : err_set(e, ERR_USAGE, "the address or the name of a file is too long");
}

int server_url(const struct server *s, const struct fetch_options *o, const struct fetch_item *item,
               char ret[FETCH_URL_MAX], struct err *e)
{
    struct buffer out = {.limit = FETCH_URL_MAX};
    const char *pattern = s->url;
    if (o->mirror) {
        size_t length = strlen(o->mirror);
        while (length > 0 && o->mirror[length - 1] == '/')
            length--;
        buffer_add(&out, o->mirror, length);
        const char *layout = strstr(s->url, MIRRORED);
        pattern = layout ? layout + strlen(MIRRORED) - 1 : strchr(strstr(s->url, "//") + 2, '/');
        pattern = pattern ? pattern : "/";
    }
    fill_pattern(&out, pattern, item);
    return take_text(&out, ret, FETCH_URL_MAX, e);
}

int server_name(const struct server *s, const struct fetch_options *o,
                const struct fetch_item *item, char ret[FETCH_NAME_MAX], struct err *e)
{
    struct buffer out = {.limit = FETCH_NAME_MAX};
    if (o->folders)
        buffer_format(&out, "%s/", s->publisher);
    fill_pattern(&out, s->name[0] ? s->name : url_name(s->url), item);
    return take_text(&out, ret, FETCH_NAME_MAX, e);
}

// ---- the plan

static bool is_wanted(const struct fetch_options *o, const char *publisher)
{
    if (!o->publishers)
        return true;
    for (struct slice rest = slice_of(o->publishers); rest.at;)
        if (slice_is_nocase(slice_trim(slice_cut(&rest, ',')), publisher))
            return true;
    return false;
}

static int refuse_publisher(const struct server_table *t, struct slice name, struct err *e)
{
    char names[ERR_TEXT_MAX] = "";
    size_t length = 0;
    const char *last = "";
    for (size_t i = 0; i < t->count && length < sizeof names; i++) {
        if (strcmp(t->at[i].publisher, last) != 0)
            length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                       length ? ", " : "", t->at[i].publisher);
        last = t->at[i].publisher;
    }
    return err_set(e, ERR_USAGE, "nobody here is called \"%.*s\"; valid: %s", SLICE_ARG(name),
                   names);
}

static int check_publishers(const struct fetch_options *o, const struct server_table *t,
                            struct err *e)
{
    struct slice rest = o->publishers ? slice_of(o->publishers) : (struct slice){NULL, 0};
    while (rest.at) {
        struct slice name = slice_trim(slice_cut(&rest, ','));
        bool found = false;
        for (size_t i = 0; i < t->count; i++)
            found |= slice_is_nocase(name, t->at[i].publisher);
        if (!found)
            return refuse_publisher(t, name, e);
    }
    return 0;
}

static int plan_item(struct fetch_list *l, const struct server *s, date day, const char *code_of,
                     struct err *e)
{
    if (l->count >= FETCH_ITEMS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d files are asked for", FETCH_ITEMS_MAX);
    struct fetch_item *item = ARRAY_ADD(l);
    if (!item)
        return err_memory(e);
    *item = (struct fetch_item){
        .publisher = s->publisher, .economy = code_of, .file = s->file, .day = day};
    return 0;
}

static bool has_kind(const struct server_table *t, const struct server *first,
                     enum server_kind kind)
{
    for (const struct server *s = first; s < t->at + t->count && s->file == first->file; s++)
        if (s->kind == kind)
            return true;
    return false;
}

static int plan_file(const struct fetch_options *o, struct fetch_list *l, const struct server *s,
                     date day, struct err *e)
{
    bool dated = has_kind(l->servers, s, SERVER_DATED);
    int code = 0;
    if (day != DATE_NONE)
        return dated ? plan_item(l, s, day, NULL, e) : 0;
    for (size_t i = 0; o->economies && o->economies[i] && !code; i++)
        if (has_kind(l->servers, s, SERVER_ECONOMY))
            code = plan_item(l, s, DATE_NONE, o->economies[i], e);
    if (code || has_kind(l->servers, s, SERVER_CURRENT))
        return code ? code : plan_item(l, s, DATE_NONE, NULL, e);
    return dated ? plan_item(l, s, date_today() - 1, NULL, e) : 0;
}

static int plan_day(const struct fetch_options *o, struct fetch_list *l, date day, struct err *e)
{
    const struct server_table *t = l->servers;
    int code = 0;
    for (size_t i = 0; i < t->count && !code; i++) {
        bool first = i == 0 || t->at[i].file != t->at[i - 1].file;
        if (first && is_wanted(o, t->at[i].publisher))
            code = plan_file(o, l, &t->at[i], day, e);
    }
    return code;
}

static int plan_days(const struct fetch_options *o, struct fetch_list *l, struct err *e)
{
    int code = 0;
    if (o->from == DATE_NONE)
        code = plan_day(o, l, DATE_NONE, e);
    else
        for (date day = o->from; day <= o->to && !code;
             day = period_next(o->every, period_first(o->every, day)))
            code = plan_day(o, l, day, e);
    if (!code && l->count == 0)
        code = err_set(e, ERR_USAGE, "%s has no files of the past; leave --from away",
                       o->publishers ? o->publishers : "nobody here");
    return code;
}

int fetch_plan(const struct fetch_options *o, struct fetch_list *ret, struct err *e)
{
    struct fetch_list l = {0};
    int code = o->url ? server_table_single(o->url, &l.servers, e)
                      : server_table_load(o->table, &l.servers, e);
    if (!code)
        code = check_publishers(o, l.servers, e);
    if (!code)
        code = plan_days(o, &l, e);
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
    server_table_free(&l->servers);
    *l = (struct fetch_list){0};
}

const char *fetch_fate_name(enum fetch_fate f)
{
    static const char *const names[FETCH_FATES] = {"not tried", "fetched", "resumed",
                                                   "unchanged", "missing", "failed"};
    return names[f];
}
