// SPDX-License-Identifier: Apache-2.0

#include "lab/catalogue.h"

#include "lab/parse.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

// What lies in a folder of the reference tables, without `suffix`; what has another one is left
// out.
static int list_folder(const char *folder, const char *suffix, char ***ret, size_t *ret_count,
                       struct err *e)
{
    char path[FILE_PATH_MAX];
    struct dirent **entries = NULL;
    size_t count = 0;
    int code = file_find_data(folder, path, e);
    if (code)
        return code;
    int found = scandir(path, &entries, is_shown, by_name);
    if (found < 0)
        return err_system(e, "%s", path);
    char **names = found <= CATALOGUE_MAX ? calloc((size_t)found + 1, sizeof *names) : NULL;
    if (!names)
        code = found > CATALOGUE_MAX
                   ? err_set(e, ERR_LIMIT, "%s: more than %d entries", path, CATALOGUE_MAX)
                   : err_memory(e);
    for (int i = 0; i < found; i++) {
        size_t length = strlen(entries[i]->d_name), less = strlen(suffix);
        bool fits = length > less && strcmp(entries[i]->d_name + length - less, suffix) == 0;
        if (code == 0 && fits && !(names[count++] = strndup(entries[i]->d_name, length - less)))
            code = err_memory(e);
        free(entries[i]);
    }
    free(entries);
    if (code) {
        catalogue_names_free(names, count);
        return code;
    }
    *ret = names;
    *ret_count = count;
    return 0;
}

void catalogue_names_free(char **names, size_t count)
{
    for (size_t i = 0; names && i < count; i++)
        free(names[i]);
    free(names);
}

int catalogue_names(char ***ret, size_t *ret_count, struct err *e)
{
    return list_folder("labs", "", ret, ret_count, e);
}

static int load_labs(struct catalogue *c, struct err *e)
{
    char **names = NULL;
    size_t count = 0;
    int code = catalogue_names(&names, &count, e);
    if (code)
        return code;
    c->labs = calloc(count + 1, sizeof *c->labs);
    if (!c->labs)
        code = err_memory(e);
    for (size_t i = 0; i < count && code == 0; i++) {
        char path[FILE_PATH_MAX];
        code = lab_find(names[i], path, e);
        if (code == 0)
            code = lab_read(path, &c->labs[c->lab_count], e);
        c->lab_count += code == 0;
    }
    catalogue_names_free(names, count);
    return code;
}

static int check_labs(const struct catalogue *c, const char *path, const struct course *course,
                      struct err *e)
{
    for (unsigned i = 0; i < course->parts_count; i++)
        for (unsigned k = 0; k < course->parts[i].labs_count; k++)
            if (!catalogue_lab(c, course->parts[i].labs[k]))
                return err_set(e, ERR_INPUT, "%s: part %u: there is no laboratory \"%s\"", path,
                               i + 1, course->parts[i].labs[k]);
    return 0;
}

static int load_course(struct catalogue *c, const char *name, struct err *e)
{
    char file[300], path[FILE_PATH_MAX];
    struct buffer bytes = {0};
    struct course *course = NULL;
    snprintf(file, sizeof file, "courses/%s.yaml", name);
    if (!parse_name(name, LAB_NAME_MAX))
        return err_set(e, ERR_INPUT,
                       "%s: the file names the course: 1 to %d letters a-z, digits "
                       "and \"-\" are wanted",
                       file, LAB_NAME_MAX);
    int code = file_find_data(file, path, e);
    if (code == 0)
        code = file_read(path, COURSE_FILE_MAX, &bytes, e);
    if (code == 0)
        code = course_parse(path, bytes.at ? bytes.at : "", bytes.length, &course, e);
    buffer_done(&bytes);
    if (code)
        return code;
    snprintf(course->name, sizeof course->name, "%s", name);
    c->courses[c->course_count++] = course;
    return check_labs(c, path, course, e);
}

static int load_courses(struct catalogue *c, struct err *e)
{
    char **names = NULL;
    size_t count = 0;
    int code = list_folder("courses", ".yaml", &names, &count, e);
    if (code)
        return code;
    c->courses = calloc(count + 1, sizeof *c->courses);
    if (!c->courses)
        code = err_memory(e);
    for (size_t i = 0; i < count && code == 0; i++)
        code = load_course(c, names[i], e);
    catalogue_names_free(names, count);
    return code;
}

int catalogue_load(struct catalogue **ret, struct err *e)
{
    struct catalogue *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(e);
    int code = load_labs(c, e);
    if (code == 0)
        code = load_courses(c, e);
    if (code == 0)
        *ret = c;
    else
        catalogue_free(&c);
    return code;
}

void catalogue_free(struct catalogue **c)
{
    if (!*c)
        return;
    for (size_t i = 0; i < (*c)->lab_count; i++)
        lab_free(&(*c)->labs[i]);
    for (size_t i = 0; i < (*c)->course_count; i++)
        course_free(&(*c)->courses[i]);
    free((*c)->labs);
    free((*c)->courses);
    free(*c);
    *c = NULL;
}

const struct lab *catalogue_lab(const struct catalogue *c, const char *name)
{
    for (size_t i = 0; i < c->lab_count; i++)
        if (strcmp(c->labs[i]->name, name) == 0)
            return c->labs[i];
    return NULL;
}

const struct course *catalogue_course(const struct catalogue *c, const char *name)
{
    for (size_t i = 0; i < c->course_count; i++)
        if (strcmp(c->courses[i]->name, name) == 0)
            return c->courses[i];
    return NULL;
}
