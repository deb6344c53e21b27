// SPDX-License-Identifier: Apache-2.0

#include "check/domain_list.h"

#include "read/lines.h"
#include "read/read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMN_NAME, COLUMN_OF, COLUMN_WHOSE, COLUMN_KIND, COLUMNS };

struct domain_list {
    const char *name; // as given
    struct source *source;
    struct lines *lines;
    FILE *spooled; // standard input
    char sha256[65];
    struct domain_list_counts counts;
    bool headed;
    int place[COLUMNS]; // in a line; -1: there is none
    void (*told)(const char *sentence, void *arg);
    void *arg;
    char line[LINE_MAX_BYTES + 1]; // changed where fields lose their quotes
    struct slice fields[LIST_COLUMNS_MAX];
    unsigned field_count;
};

// ---- opening

static int spool(FILE *to, struct err *e)
{
    char bytes[65536];
    size_t got;
    while ((got = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        if (fwrite(bytes, 1, got, to) != got)
            return err_system(e, "cannot keep the list of standard input");
    return ferror(stdin) || fflush(to) ? err_system(e, "cannot read standard input") : 0;
}

static int open_source(struct domain_list *l, struct err *e)
{
    char place[64];
    const char *path = l->name;
    int code = 0;
    if (strcmp(path, "-") == 0) {
        l->spooled = tmpfile();
        code = l->spooled ? spool(l->spooled, e) : err_system(e, "cannot make a temporary file");
        if (code)
            return code;
        snprintf(place, sizeof place, "/proc/self/fd/%d", fileno(l->spooled));
        path = place;
    }
    code = source_hash(path, l->sha256, e);
    if (!code)
        code = source_open(path, NULL, &l->source, e);
    return code ? code : lines_new(l->source, ',', &l->lines, e);
}

int domain_list_open(const char *path, void (*told)(const char *sentence, void *arg), void *arg,
                     struct domain_list **ret, struct err *e)
{
    struct domain_list *l = calloc(1, sizeof *l);
    if (!l)
        return err_memory(e);
    l->name = path;
    l->told = told;
    l->arg = arg;
    for (unsigned i = 0; i < COLUMNS; i++)
        l->place[i] = i == COLUMN_NAME ? 0 : -1;
    int code = open_source(l, e);
    if (code)
        domain_list_close(&l);
    else
        *ret = l;
    return code;
}

void domain_list_close(struct domain_list **l)
{
    if (!*l)
        return;
    lines_free(&(*l)->lines);
    source_close(&(*l)->source);
    if ((*l)->spooled)
        fclose((*l)->spooled);
    free(*l);
    *l = NULL;
}

const char *domain_list_sha256(const struct domain_list *l)
{
    return l->sha256;
}

struct domain_list_counts domain_list_counts(const struct domain_list *l)
{
    return l->counts;
}

// ---- lines

static void cut(struct domain_list *l, const struct line *line)
{
    char *rest = l->line;
    size_t length = line->length < LINE_MAX_BYTES ? line->length : LINE_MAX_BYTES;
    memcpy(l->line, line->at, length);
    l->field_count = 0;
    while (l->field_count < LIST_COLUMNS_MAX &&
           csv_field(&rest, l->line + length, &l->fields[l->field_count])) {
        l->fields[l->field_count] = slice_trim(l->fields[l->field_count]);
        l->field_count++;
    }
}

// A heading names a column "domain".
static bool take_heading(struct domain_list *l)
{
    static const struct {
        const char *name;
        int column;
    } names[] = {{"domain", COLUMN_NAME},        {"economy", COLUMN_OF},
                 {"country", COLUMN_OF},         {"organisation", COLUMN_WHOSE},
                 {"organization", COLUMN_WHOSE}, {"sector", COLUMN_KIND}};
    int place[COLUMNS] = {-1, -1, -1, -1};
    for (unsigned i = 0; i < l->field_count; i++)
        for (size_t n = 0; n < sizeof names / sizeof *names; n++)
            if (slice_is_nocase(l->fields[i], names[n].name) && place[names[n].column] < 0)
                place[names[n].column] = (int)i;
    if (place[COLUMN_NAME] < 0)
        return false;
    memcpy(l->place, place, sizeof place);
    return true;
}

static struct slice field(const struct domain_list *l, unsigned column)
{
    int at = l->place[column];
    return at >= 0 && (unsigned)at < l->field_count ? l->fields[at] : (struct slice){"", 0};
}

static int bad(struct domain_list *l, uint64_t line, const char *why)
{
    char sentence[2 * ERR_TEXT_MAX];
    l->counts.bad++;
    snprintf(sentence, sizeof sentence, "%s:%" PRIu64 ": %s", l->name, line, why);
    if (l->told)
        l->told(sentence, l->arg);
    return 0;
}

static bool copy_text(struct slice s, char *to, size_t size)
{
    if (s.length >= size)
        return false;
    for (size_t i = 0; i < s.length; i++)
        to[i] = (unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f ? ' ' : s.at[i];
    to[s.length] = '\0';
    return true;
}

static bool parse_economy(struct slice s, economy *ret)
{
    *ret = ECONOMY_NONE;
    if (s.length == 0)
        return true;
    if (s.length != 2)
        return false;
    char a = (char)(s.at[0] & ~32), b = (char)(s.at[1] & ~32);
    *ret = economy_of(a, b);
    return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z';
}

// *ret_is: a domain; else the line was something else, or bad.
static int take_line(struct domain_list *l, const struct line *line, struct listed *ret,
                     bool *ret_is)
{
    struct err why = {0};
    struct slice text = slice_trim((struct slice){line->at, line->too_long ? 0 : line->length});
    *ret_is = false;
    if (line->too_long)
        return bad(l, line->number, "a line of more than 4096 bytes");
    if (line->number == 1 && text.length >= 3 && memcmp(text.at, "\xEF\xBB\xBF", 3) == 0)
        text = (struct slice){text.at + 3, text.length - 3};
    if (text.length == 0 || text.at[0] == '#') {
        l->counts.blank++;
        return 0;
    }
    cut(l, &(struct line){.at = text.at, .length = (uint32_t)text.length});
    bool first = !l->headed;
    l->headed = true;
    if (first && take_heading(l)) {
        l->counts.blank++;
        return 0;
    }
    *ret = (struct listed){.line = line->number};
    if (!parse_economy(field(l, COLUMN_OF), &ret->economy))
        return bad(l, line->number, "no code of an economy, of two letters, in its column");
    if (!copy_text(field(l, COLUMN_WHOSE), ret->organisation, sizeof ret->organisation) ||
        !copy_text(field(l, COLUMN_KIND), ret->sector, sizeof ret->sector))
        return bad(l, line->number, "a longer organisation or sector than 255 or 63 bytes");
    if (check_domain_name(field(l, COLUMN_NAME), ret->domain, &why))
        return bad(l, line->number, why.text);
    l->counts.domains++;
    *ret_is = true;
    return 0;
}

static int check_unchanged(struct domain_list *l, struct err *e)
{
    struct source_facts facts;
    int code = source_finish(l->source, &facts, e);
    if (!code && strcmp(facts.sha256, l->sha256) != 0)
        code = err_set(e, ERR_INPUT, "%s: the list changed while it was read", l->name);
    return code;
}

int domain_list_next(struct domain_list *l, struct listed *ret, bool *ret_got, struct err *e)
{
    struct line line;
    bool got = true, is = false;
    int code = 0;
    while (!is && (code = lines_next(l->lines, &line, &got, e)) == 0 && got) {
        l->counts.lines = line.number;
        code = take_line(l, &line, ret, &is);
    }
    if (!code && !got)
        code = check_unchanged(l, e);
    if (!code)
        *ret_got = got;
    return code;
}
