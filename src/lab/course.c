// SPDX-License-Identifier: Apache-2.0
//
// A course: which laboratories, in which order, for whom.

#include "lab/catalogue.h"
#include "lab/parse.h"
#include "lab/schema.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <string.h>

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, LAB_TEXT_MAX)};

static const cyaml_schema_field_t part_fields[] = {
    CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER, struct course_part, title, 1, LAB_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("text", OPTIONAL, struct course_part, text, 0, LAB_TEXT_MAX),
    CYAML_FIELD_UINT("hours", CYAML_FLAG_DEFAULT, struct course_part, hours),
    CYAML_FIELD_SEQUENCE("labs", OPTIONAL, struct course_part, labs, &text_value, 0, LAB_LIST_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t part_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct course_part, part_fields)};

static const cyaml_schema_field_t course_fields[] = {
    CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER, struct course, title, 1, LAB_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("summary", CYAML_FLAG_POINTER, struct course, summary, 1, LAB_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("audience", CYAML_FLAG_POINTER, struct course, audience, 1,
                           LAB_TEXT_MAX),
    CYAML_FIELD_SEQUENCE("prerequisites", OPTIONAL, struct course, prerequisites, &text_value, 0,
                         LAB_LIST_MAX),
    CYAML_FIELD_SEQUENCE("parts", CYAML_FLAG_POINTER, struct course, parts, &part_value, 1,
                         LAB_LIST_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t course_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct course, course_fields)};

static int refuse(const char *path, const char *bytes, size_t length, unsigned part,
                  const char *key, const char *wanted, struct err *e)
{
    char place[64];
    snprintf(place, sizeof place, "parts/%u/%s", part, key);
    return err_set(e, ERR_INPUT, "%s:%u: %s", path, schema_line(bytes, length, place), wanted);
}

static int check_parts(const char *path, const char *bytes, size_t length, const struct course *c,
                       struct err *e)
{
    for (unsigned i = 0; i < c->parts_count; i++) {
        const struct course_part *part = &c->parts[i];
        if (part->hours < 1 || part->hours > COURSE_HOURS_MAX)
            return refuse(path, bytes, length, i, "hours", "hours are 1 to 1000", e);
        for (unsigned k = 0; k < part->labs_count; k++)
            if (!parse_name(part->labs[k], LAB_NAME_MAX))
                return refuse(path, bytes, length, i, "labs", "names of laboratories are wanted",
                              e);
    }
    return 0;
}

int course_parse(const char *path, const char *bytes, size_t length, struct course **ret,
                 struct err *e)
{
    void *loaded = NULL;
    if (length > COURSE_FILE_MAX)
        return err_set(e, ERR_LIMIT, "%s: longer than %zu bytes", path, COURSE_FILE_MAX);
    int code = schema_load_as(&course_schema, path, bytes, length, &loaded, e);
    if (code)
        return code;
    struct course *c = loaded;
    if (!c)
        return err_set(e, ERR_INPUT, "%s:1: no course; \"title:\" and \"parts:\" are wanted", path);
    code = check_parts(path, bytes, length, c, e);
    if (code == 0)
        *ret = c;
    else
        course_free(&c);
    return code;
}

void course_free(struct course **c)
{
    schema_free_as(&course_schema, *c);
    *c = NULL;
}

unsigned course_hours(const struct course *c)
{
    unsigned hours = 0;
    for (unsigned i = 0; i < c->parts_count; i++)
        hours += c->parts[i].hours;
    return hours;
}

bool course_has(const struct course *c, const char *lab)
{
    for (unsigned i = 0; i < c->parts_count; i++)
        for (unsigned k = 0; k < c->parts[i].labs_count; k++)
            if (strcmp(c->parts[i].labs[k], lab) == 0)
                return true;
    return false;
}
