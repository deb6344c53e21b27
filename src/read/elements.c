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
                      struct slice value, bool number)
{
    for (size_t i = 0; i < count; i++)
        if (p->length > 0 && slice_is((struct slice){p->text, p->length}, fields[i].path)) {
            size_t length = value.length < ELEMENT_TEXT_MAX ? value.length : ELEMENT_TEXT_MAX - 1;
            memcpy(fields[i].text, value.at, length);
            fields[i].length = length;
            fields[i].number = number;
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

int element_read(struct json_reader *r, struct element_field *fields, size_t count, struct err *e)
{
    struct path path = {.length = 0};
    unsigned outside = json_depth(r) - 1;
    int code = 0;
    for (size_t i = 0; i < count; i++)
        fields[i].length = 0;
    while (!code && json_depth(r) > outside) {
        enum json_event event;
        code = json_next(r, &event, e);
        if (code)
            break;
        unsigned level = json_depth(r) - outside;
        if (event == JSON_EVENT_NAME)
            path_set(&path, level, json_token(r));
        else if (event == JSON_EVENT_TEXT || event == JSON_EVENT_NUMBER)
            field_set(fields, count, &path, json_token(r), event == JSON_EVENT_NUMBER);
        else if (event == JSON_EVENT_OBJECT)
            path_open(&path, level);
        else if (event == JSON_EVENT_ARRAY)
            code = json_skip(r, event, e);
    }
    return code;
}
