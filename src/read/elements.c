// SPDX-License-Identifier: Apache-2.0
//
// The elements of a list in JSON, as the fields that a reader asks for.

#include "read/formats.h"

#include <string.h>

#define PATH_MAX_BYTES 64

static int fill(void *source, void *bytes, size_t size, size_t *ret, struct err *e)
{
    return source_read(source, bytes, size, ret, e);
}

int elements_open(struct source *s, struct json_reader **ret, struct err *e)
{
    return json_reader_new(fill, s, source_name(s), ret, e);
}

struct path {
    char text[PATH_MAX_BYTES];
    size_t length;
    size_t before[JSON_NESTING_MAX + 1]; // its length at each level
};

// A path that is too long is nobody's.
static void path_set(struct path *p, unsigned level, struct slice name)
{
    size_t from = p->before[level];
    if (from + name.length + 1 >= sizeof p->text) {
        p->length = 0;
        return;
    }
    memcpy(p->text + from, name.at, name.length);
    p->length = from + name.length;
}

static void field_set(struct element_field *fields, size_t count, const struct path *p,
                      struct slice value)
{
    for (size_t i = 0; i < count; i++)
        if (p->length > 0 && slice_is((struct slice){p->text, p->length}, fields[i].path)) {
            size_t length = value.length < ELEMENT_TEXT_MAX ? value.length : ELEMENT_TEXT_MAX - 1;
            memcpy(fields[i].text, value.at, length);
            fields[i].length = length;
        }
}

// The names below this level begin with "<path>.".
static void path_open(struct path *p, unsigned level)
{
    size_t length = p->length;
    if (length > 0 && length + 1 < sizeof p->text)
        p->text[length++] = '.';
    p->before[level] = length;
}

static void fields_empty(struct element_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fields[i].length = 0;
}

// Behind the event that opens the object; paths begin with `name`, if there is one.
static int object_read(struct json_reader *r, struct slice name, struct element_field *fields,
                       size_t count, struct err *e)
{
    struct path path = {.length = 0};
    unsigned outside = json_depth(r) - 1;
    int code = 0;
    path_set(&path, 0, name);
    path_open(&path, 1);
    while (!code && json_depth(r) > outside) {
        enum json_event event;
        code = json_next(r, &event, e);
        if (code)
            break;
        unsigned level = json_depth(r) - outside;
        if (event == JSON_EVENT_NAME)
            path_set(&path, level, json_token(r));
        else if (event == JSON_EVENT_TEXT || event == JSON_EVENT_NUMBER)
            field_set(fields, count, &path, json_token(r));
        else if (event == JSON_EVENT_OBJECT)
            path_open(&path, level);
        else if (event == JSON_EVENT_ARRAY)
            code = json_skip(r, event, e);
    }
    return code;
}

static int element_take(struct text_reader *r, struct json_reader *json, enum json_event event,
                        const struct document *d)
{
    struct line element = {.number = ++r->fates.lines};
    int code = event == JSON_EVENT_OBJECT ? 0 : json_skip(json, event, r->e);
    if (code)
        return code;
    if (event != JSON_EVENT_OBJECT)
        return text_reject(r, &element, REJECTED_DAMAGED, (struct slice){"", 0});
    fields_empty(d->fields, d->field_count);
    code = object_read(json, (struct slice){"", 0}, d->fields, d->field_count, r->e);
    return code ? code : d->take(r, &element);
}

static int list_read(struct text_reader *r, struct json_reader *json, const struct document *d)
{
    enum json_event event;
    int code = json_next(json, &event, r->e);
    if (!code && event != JSON_EVENT_ARRAY)
        return json_skip(json, event, r->e);
    while (!code && (code = json_next(json, &event, r->e)) == 0 && event != JSON_EVENT_ARRAY_END)
        code = element_take(r, json, event, d);
    return code;
}

static int fact_read(struct text_reader *r, struct json_reader *json, const struct document *d)
{
    struct path path = {.length = 0};
    enum json_event event;
    path_set(&path, 0, json_token(json));
    int code = json_next(json, &event, r->e);
    if (!code && event == JSON_EVENT_OBJECT)
        return object_read(json, (struct slice){path.text, path.length}, d->top, d->top_count,
                           r->e);
    if (!code && (event == JSON_EVENT_TEXT || event == JSON_EVENT_NUMBER))
        field_set(d->top, d->top_count, &path, json_token(json));
    return code ? code : json_skip(json, event, r->e);
}

static int top_read(struct text_reader *r, struct json_reader *json, const struct document *d)
{
    enum json_event event = JSON_EVENT_NULL;
    int code = 0;
    fields_empty(d->top, d->top_count);
    while (!code && (code = json_next(json, &event, r->e)) == 0 && event != JSON_EVENT_END) {
        if (event == JSON_EVENT_NAME && slice_is(json_token(json), d->list))
            code = list_read(r, json, d);
        else if (event == JSON_EVENT_NAME)
            code = fact_read(r, json, d);
        else if (event == JSON_EVENT_ARRAY)
            code = json_skip(json, event, r->e);
    }
    return code ? code : fates_check(&r->fates, source_name(r->source), r->wanted, r->e);
}

int document_read(struct text_reader *r, const struct document *d)
{
    struct json_reader *json = NULL;
    int code = elements_open(r->source, &json, r->e);
    if (!code)
        code = top_read(r, json, d);
    json_reader_free(&json);
    return code;
}
