// SPDX-License-Identifier: Apache-2.0

#include "archive.h"

#include "base/file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const char *const state_registries[3] = {"afrinic", "apnic", "ripencc"};
static const char *const statuses[] = {"allocated", "assigned", "available", "reserved"};

void archive_open(struct archive *a)
{
    struct err e = {0};
    const char *folder = getenv("TMPDIR");
    *a = (struct archive){0};
    snprintf(a->folder, sizeof a->folder, "%.40s/sextant-XXXXXX", folder ? folder : "/tmp");
    assert_non_null(mkdtemp(a->folder));
    snprintf(a->path, sizeof a->path, "%s/archive", a->folder);
    if (store_open(a->path, STORE_WRITE, &a->store, &e) != 0 ||
        importer_new(a->store, &a->importer, &e) != 0 ||
        world_load(LANGUAGE_EN, &a->world, &e) != 0)
        fail_msg("%s", e.text);
}

void archive_close(struct archive *a)
{
    importer_free(&a->importer);
    store_close(&a->store);
    world_free(&a->world);
    DIR *d = opendir(a->folder);
    char path[512];
    for (struct dirent *entry; d && (entry = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", a->folder, entry->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(a->folder);
}

void archive_add(struct archive *a, const char *name, const char *text)
{
    struct err e = {0};
    struct source *s = NULL;
    struct import_result result;
    if (source_open_memory(name, text, strlen(text), NULL, &s, &e) != 0 ||
        importer_add(a->importer, s, NULL, &result, &e) != 0)
        fail_msg("%s: %s", name, e.text);
    source_close(&s);
}

struct measure archive_measure(const struct archive *a)
{
    return (struct measure){a->store, a->world};
}

void archive_file(const struct archive *a, const char *name, char ret[128])
{
    snprintf(ret, 128, "%s/%s", a->folder, name);
}

void archive_write(const struct archive *a, const char *name, const struct buffer *bytes)
{
    char path[128];
    archive_file(a, name, path);
    assert_int_equal(file_publish(path, bytes->at, bytes->length, NULL), 0);
}

struct measure_tables archive_ask(const struct archive *a, const char *measure, ...)
{
    struct query q;
    struct err e = {0};
    struct measure_tables tables = {0};
    struct measure m = archive_measure(a);
    query_init(&q);
    va_list args;
    va_start(args, measure);
    for (const char *one; (one = va_arg(args, const char *));) {
        char name[64];
        const char *value = strchr(one, '=');
        snprintf(name, sizeof name, "%.*s", (int)(value - one), one);
        if (query_set(&q, name, value + 1, &e) != 0)
            fail_msg("%s", e.text);
    }
    va_end(args);
    if (measure_find(measure)->run(&m, &q, &tables, &e) != 0)
        fail_msg("%s", e.text);
    return tables;
}

uint64_t random_seed;

unsigned pick(unsigned below)
{
    random_seed = random_seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_seed >> 33) % below;
}

bool state_same(const struct state_record *a, const struct state_record *b)
{
    return a->registry == b->registry && strcmp(a->economy, b->economy) == 0 &&
           a->first == b->first && a->length == b->length && a->year == b->year &&
           a->status == b->status && a->holder == b->holder;
}

bool state_has(const struct state *s, const struct state_record *r)
{
    for (size_t i = 0; i < s->count; i++)
        if (state_same(&s->at[i], r))
            return true;
    return false;
}

static struct state_record random_record(void)
{
    static const char *const economies[] = {"KE", "TZ", "UG", ""};
    struct state_record r = {.registry = pick(3),
                             .length = 28 + pick(5),
                             .year = pick(6) ? 2000 + pick(4) : 0,
                             .status = pick(4) ? pick(2) : 2 + pick(2),
                             .holder = pick(4)};
    snprintf(r.economy, sizeof r.economy, "%s", economies[pick(4)]);
    r.first = pick(64) & ~0u << (32 - r.length);
    return r;
}

static void add(struct state *s, const struct state_record *r)
{
    if (s->count < STATE_MAX && !state_has(s, r))
        s->at[s->count++] = *r;
}

void state_fill(struct state *s)
{
    s->count = 0;
    for (unsigned i = 10 + pick(15); i > 0; i--) {
        struct state_record r = random_record();
        add(s, &r);
    }
}

void state_change(struct state *s)
{
    for (unsigned i = pick(8); i > 0; i--) {
        struct state_record r = random_record();
        if (s->count > 0 && pick(3)) {
            size_t at = pick((unsigned)s->count);
            struct state_record old = s->at[at];
            s->at[at] = s->at[--s->count];
            if (pick(3) == 0)
                continue;
            old.year = r.year;
            if (pick(2))
                old.holder = r.holder;
            if (pick(3) == 0)
                old.registry = r.registry;
            r = old;
        }
        add(s, &r);
    }
}

static void write_date(unsigned year, struct buffer *out)
{
    if (year)
        buffer_format(out, "%u0115", year);
}

static size_t count_records(const struct state *s, unsigned registry)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        count += s->at[i].registry == registry;
    return count;
}

void state_write(const struct state *s, unsigned registry, date day, struct buffer *out)
{
    struct civil c = date_civil(day);
    const char *name = state_registries[registry];
    size_t count = count_records(s, registry);
    out->length = 0;
    // A record far from the others keeps the file from being empty.
    buffer_format(out, "2.3|%s|%04d%02u%02u|%zu|19990101|%04d%02u%02u|+0000\n", name, c.year,
                  c.month, c.day, count + 1, c.year, c.month, c.day);
    buffer_format(out, "%s|*|ipv6|*|%zu|summary\n", name, count + 1);
    buffer_format(out, "%s|MU|ipv6|2001:db8:%u::|48|20100101|assigned|keeper\n", name, registry);
    for (size_t i = 0; i < s->count; i++) {
        const struct state_record *r = &s->at[i];
        if (r->registry != registry)
            continue;
        buffer_format(out, "%s|%s|ipv6|3fff:%x::|%u|", name, r->economy, r->first, r->length);
        write_date(r->year, out);
        buffer_format(out, "|%s", statuses[r->status]);
        if (r->holder)
            buffer_format(out, "|h%u", r->holder);
        buffer_text(out, "\n");
    }
    assert_false(out->failed);
}

char *state_record_format(const struct state_record *r, char text[RECORD_TEXT_MAX])
{
    struct block b = {FAMILY_IPV6, (u128)0x3fff << 112 | (u128)r->first << 96, r->length};
    char start[ADDRESS_TEXT_MAX], day[24] = "", holder[24] = "";
    address_format(FAMILY_IPV6, b.start, start);
    if (r->year)
        snprintf(day, sizeof day, "%u-01-15", r->year);
    if (r->holder)
        snprintf(holder, sizeof holder, "h%u", r->holder);
    snprintf(text, RECORD_TEXT_MAX, "%s,%s,ipv6,%s,%u,%s,%s,%s", state_registries[r->registry],
             r->economy, start, r->length, day, statuses[r->status], holder);
    return text;
}
