// SPDX-License-Identifier: Apache-2.0
//
// What comes with the program: laboratories (data/labs), and courses that lead through them
// (data/courses, one YAML file each; doc/labs.md describes them).

#ifndef LAB_CATALOGUE_H
#define LAB_CATALOGUE_H

#include "lab/lab.h"

#define COURSE_FILE_MAX  ((size_t)1 << 20)
#define COURSE_HOURS_MAX 1000 // of one part
#define CATALOGUE_MAX    1000 // laboratories, and courses

struct course_part {
    char *title, *text;
    char **labs; // names
    unsigned labs_count, hours;
};

// A text that is not given is NULL, a list empty.
struct course {
    char *title, *summary, *audience;
    char **prerequisites;
    struct course_part *parts;
    unsigned prerequisites_count, parts_count;
    char name[LAB_NAME_MAX + 1]; // of its file, without ".yaml"
};

struct catalogue {
    struct lab **labs; // in the order of their names, as the courses
    struct course **courses;
    size_t lab_count, course_count;
};

// A course that names a laboratory that is not there is refused. ERR_INPUT with "file:line: ",
// ERR_NOT_FOUND, ERR_SYSTEM, ERR_MEMORY.
int catalogue_load(struct catalogue **ret, struct err *e);
void catalogue_free(struct catalogue **c);

// NULL when there is none of that name.
const struct lab *catalogue_lab(const struct catalogue *c, const char *name);
const struct course *catalogue_course(const struct catalogue *c, const char *name);

unsigned course_hours(const struct course *c);
bool course_has(const struct course *c, const char *lab);

// The names of the laboratories, in order; freed with catalogue_names_free.
int catalogue_names(char ***ret, size_t *ret_count, struct err *e);
void catalogue_names_free(char **names, size_t count);

// A course from memory; whether its laboratories are there is not asked.
int course_parse(const char *path, const char *bytes, size_t length, struct course **ret,
                 struct err *e);
void course_free(struct course **c);

// Each text of it that people read, in order (lab_texts has those of a laboratory).
void course_texts(const struct course *c, void (*text)(const char *text, void *arg), void *arg);

#endif
