// SPDX-License-Identifier: Apache-2.0

#include "check/opt_out.h"

#include "read/lines.h"
#include "read/read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct left_out {
    const char *name;
    bool subtree;
};

struct opt_out {
    struct arena texts;
    ARRAY(struct left_out) list;
    bool sorted;
};

int opt_out_new(struct opt_out **ret, struct err *e)
{
    struct opt_out *o = calloc(1, sizeof *o);
    if (!o)
        return err_memory(e);
    *ret = o;
    return 0;
}

void opt_out_free(struct opt_out **o)
{
    if (!*o)
        return;
    arena_done(&(*o)->texts);
    free((*o)->list.at);
    free(*o);
    *o = NULL;
}

size_t opt_out_count(const struct opt_out *o)
{
    return o->list.count;
}

int opt_out_add_name(struct opt_out *o, const char *name, bool subtree, struct err *e)
{
    if (o->list.count == OPT_OUT_MAX)
        return err_set(e, ERR_LIMIT, "more than %zu names that are not to be asked", OPT_OUT_MAX);
    struct left_out *l = ARRAY_ADD(&o->list);
    const char *kept = arena_text(&o->texts, name, strlen(name));
    if (!l || !kept)
        return err_memory(e);
    *l = (struct left_out){kept, subtree};
    o->sorted = false;
    return 0;
}

int opt_out_add(struct opt_out *o, struct slice name, struct err *e)
{
    char domain[CHECK_DOMAIN_MAX + 1];
    bool subtree = name.length > 0 && (name.at[0] == '.' || name.at[0] == '*');
    if (subtree && name.at[0] == '*')
        name = (struct slice){name.at + 1, name.length - 1};
    if (subtree && name.length > 0 && name.at[0] == '.')
        name = (struct slice){name.at + 1, name.length - 1};
    // A whole top-level domain can be left out too.
    int code = check_domain_name(name, domain, e);
    return code ? err_set(e, ERR_INPUT, "%s", e ? e->text : "")
                : opt_out_add_name(o, domain, subtree, e);
}

static int take_line(struct opt_out *o, const char *path, const struct line *line, struct err *e)
{
    struct err why = {0};
    struct slice text = slice_trim((struct slice){line->at, line->too_long ? 0 : line->length});
    if (!line->too_long && (text.length == 0 || text.at[0] == '#'))
        return 0;
    int code = line->too_long ? err_set(&why, ERR_INPUT, "too long") : opt_out_add(o, text, &why);
    return code ? err_set(e, code, "%s:%" PRIu64 ": %s", path, line->number, why.text) : 0;
}

int opt_out_read(struct opt_out *o, const char *path, struct err *e)
{
    struct source *source = NULL;
    struct lines *lines = NULL;
    struct line line;
    bool got = true;
    int code = source_open(path, NULL, &source, e);
    if (!code)
        code = lines_new(source, ',', &lines, e);
    while (!code && (code = lines_next(lines, &line, &got, e)) == 0 && got)
        code = take_line(o, path, &line, e);
    lines_free(&lines);
    source_close(&source);
    return code;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct left_out *)a)->name, ((const struct left_out *)b)->name);
}

// Of a name that is there twice the subtree counts.
static void sort(struct opt_out *o)
{
    size_t kept = 0;
    if (o->list.count > 1)
        qsort(o->list.at, o->list.count, sizeof *o->list.at, compare);
    for (size_t i = 0; i < o->list.count; i++) {
        if (kept > 0 && compare(&o->list.at[kept - 1], &o->list.at[i]) == 0)
            o->list.at[kept - 1].subtree |= o->list.at[i].subtree;
        else
            o->list.at[kept++] = o->list.at[i];
    }
    o->list.count = kept;
    o->sorted = true;
}

bool opt_out_has(struct opt_out *o, const char *domain)
{
    if (!o->sorted)
        sort(o);
    for (const char *at = domain; at && o->list.count > 0;) {
        const struct left_out wanted = {at, false};
        const struct left_out *found =
            bsearch(&wanted, o->list.at, o->list.count, sizeof wanted, compare);
        if (found && (found->subtree || at == domain))
            return true;
        const char *dot = strchr(at, '.');
        at = dot ? dot + 1 : NULL;
    }
    return false;
}
