// SPDX-License-Identifier: Apache-2.0

#include "site/feed.h"

#include "measure/changes.h"
#include "measure/steps.h"
#include "site/atom.h"
#include "site/terms.h"

#include <stdio.h>
#include <string.h>

#define FEED_ENTRIES 30
#define FEED_RECORDS 100 // of one entry; more are behind its link

struct subject {
    const char *path; // "economy/KE"; "" for the world
    const char *name; // in the language
    const char *only; // "KE,TZ"; "" for the world
    struct economy_set members;
};

static const char *const headings[FAMILY_COUNT] = {
    [FAMILY_IPV6] = say_later("Changes in IPv6 records"),
    [FAMILY_IPV4] = say_later("Changes in IPv4 records"),
    [FAMILY_ASN] = say_later("Changes in AS number records")};

// ---- entries

static void write_record(struct page *p, enum family f, const struct entry *x)
{
    struct block b = {f, x->first, x->value};
    char text[BLOCK_TEXT_MAX], code[8], line[BLOCK_TEXT_MAX + 64];
    snprintf(line, sizeof line, "%s %s %s %s", x->added ? "+" : "\xE2\x88\x92",
             block_format(&b, text),
             x->economy == ECONOMY_NONE ? "" : economy_format(x->economy, code),
             registry_name((enum registry)x->registry));
    html_text(&p->h, " ");
    html_element(&p->h, "bdi", line, "dir", "ltr", NULL);
}

// What happened, and the records that went and came.
static void write_change(struct page *p, enum family f, const struct difference *d,
                         const struct change *c)
{
    html_open(&p->h, "li", NULL);
    html_text(&p->h, say(p->words, term_label(change_kind_name(c->kind))));
    html_text(&p->h, ":");
    for (size_t i = c->at; i < c->at + c->removed + c->added; i++)
        write_record(p, f, &d->entries[i]);
    html_close(&p->h);
}

// How many changes there are in all, where not all are shown.
static void write_changes(struct page *p, const struct subject *s, const struct change_step *step)
{
    size_t records = 0, all = 0, shown = 0;
    const struct difference *d = &step->difference;
    html_open(&p->h, "ul", NULL);
    for (size_t i = 0; i < d->change_count; i++) {
        const struct change *c = &d->changes[i];
        if (!change_touches(d, c, &s->members))
            continue;
        all++;
        records += c->removed + c->added;
        if (records > FEED_RECORDS)
            continue;
        write_change(p, step->family, d, c);
        shown++;
    }
    if (shown < all)
        html_element(&p->h, "li",
                     page_say(p, "{1} changes in all; the first {2} are shown.", page_count(p, all),
                              page_count(p, shown), NULL),
                     NULL);
    html_close(&p->h);
}

static const char *changes_address(struct page *p, const struct subject *s,
                                   const struct change_step *step)
{
    char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
    const char *path = arena_format(p->arena, "%s?from=%s&to=%s&family=%s%s%s",
                                    page_address_of(p, "changes", NULL),
                                    date_format(step->on - 1, from), date_format(step->on, to),
                                    family_name(step->family), *s->only ? "&only=" : "", s->only);
    return path ? path : "";
}

static void write_entry(struct page *p, const struct atom_head *head, const struct subject *s,
                        const struct change_step *step)
{
    char day[DATE_TEXT_MAX];
    date_format(step->on, day);
    const char *name = arena_format(p->arena, "%s/%s", day, family_name(step->family));
    const char *title = arena_format(p->arena, "%s \xC2\xB7 %s",
                                     say(p->words, headings[step->family]), page_date(p, step->on));
    atom_entry(p, head,
               &(struct atom_entry){.name = name ? name : "",
                                    .title = title ? title : "",
                                    .updated = step->on,
                                    .address = changes_address(p, s, step)});
    write_changes(p, s, step);
    atom_entry_end(p);
}

// ---- the feed

static int write_feed(struct visit *v, struct response *ret, const struct subject *s,
                      const struct change_steps *steps, struct err *e)
{
    struct page p = {.words = v->words, .arena = &v->request->arena};
    const struct atom_head head = {
        .subject = s->path,
        .title = page_say(&p, "{1}: changes in the registries' records", s->name, NULL),
        .updated = steps->count ? steps->at[0].on : steps->until};
    atom_begin(&p, v, ret, &head);
    for (size_t i = 0; i < steps->count; i++)
        write_entry(&p, &head, s, &steps->at[i]);
    return atom_end(&p, e);
}

static int answer_feed(struct visit *v, struct response *ret, struct subject *s, struct err *e)
{
    struct change_steps steps;
    int code = economy_set_parse(&s->members, s->only, v->world, e);
    if (code == 0)
        code = change_steps_find(&v->measure, &s->members, FEED_ENTRIES, &steps, e);
    if (code)
        return code;
    code = write_feed(v, ret, s, &steps, e);
    change_steps_done(&steps);
    return code;
}

// ---- whose

// What stands before "/changes.atom".
static struct slice subject_key(const struct visit *v)
{
    return (struct slice){v->rest, strcspn(v->rest, "/")};
}

int feed_world(struct visit *v, struct response *ret, struct err *e)
{
    struct subject s = {.path = "", .name = say(v->words, "World"), .only = ""};
    return answer_feed(v, ret, &s, e);
}

int feed_economy(struct visit *v, struct response *ret, struct err *e)
{
    char code[8], path[24];
    struct slice key = subject_key(v);
    economy found = world_find(v->world, key);
    if (found == ECONOMY_NONE || !slice_is(key, economy_format(found, code)))
        return err_set(e, ERR_NOT_FOUND, "no economy has the code \"%.*s\"",
                       (int)(key.length < 32 ? key.length : 32), key.at);
    snprintf(path, sizeof path, "economy/%s", code);
    struct subject s = {.path = path, .name = world_name(v->world, found), .only = code};
    return answer_feed(v, ret, &s, e);
}

// Who is a member today; a group without members has no feed.
static const char *list_members(struct visit *v, enum grouping g, size_t group)
{
    struct buffer list = {0};
    char code[8];
    for (size_t i = 0; i < world_count(v->world); i++) {
        economy x = world_economy(v->world, i);
        if (world_is_member(v->world, g, group, x, date_today()))
            buffer_format(&list, "%s%s", list.length ? "," : "", economy_format(x, code));
    }
    const char *kept = list.at ? arena_text(&v->request->arena, list.at, list.length) : NULL;
    buffer_done(&list);
    return kept;
}

static int answer_group(struct visit *v, struct response *ret, const char *kind,
                        const enum grouping *groupings, size_t count, struct err *e)
{
    struct slice key = subject_key(v);
    for (size_t i = 0; i < count; i++) {
        size_t group;
        enum grouping g = groupings[i];
        if (!world_find_group(v->world, g, key, &group))
            continue;
        struct subject s = {.name = say(v->words, world_group_name(v->world, g, group)),
                            .path = arena_format(&v->request->arena, "%s/%s", kind,
                                                 world_group_key(v->world, g, group)),
                            .only = list_members(v, g, group)};
        return s.path && s.only ? answer_feed(v, ret, &s, e)
                                : err_set(e, ERR_NOT_FOUND, "the group has no members");
    }
    return err_set(e, ERR_NOT_FOUND, "no %s is called \"%.*s\"", kind,
                   (int)(key.length < 64 ? key.length : 64), key.at);
}

int feed_region(struct visit *v, struct response *ret, struct err *e)
{
    static const enum grouping groupings[] = {GROUPING_REGION, GROUPING_SUBREGION};
    return answer_group(v, ret, "region", groupings, 2, e);
}

int feed_group(struct visit *v, struct response *ret, struct err *e)
{
    static const enum grouping groupings[] = {GROUPING_GROUP};
    return answer_group(v, ret, "group", groupings, 1, e);
}

int feed_itu_region(struct visit *v, struct response *ret, struct err *e)
{
    static const enum grouping groupings[] = {GROUPING_ITU_REGION};
    return answer_group(v, ret, "itu-region", groupings, 1, e);
}
