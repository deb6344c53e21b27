// SPDX-License-Identifier: Apache-2.0
//
// A laboratory, or a course, from a stranger. What is taken must be consistent; what is refused
// must be told with the line.

#include "lab/catalogue.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct lab *lab)
{
    for (size_t i = 0; i < lab->nodes_count; i++)
        if (lab_node_find(lab, lab->nodes[i].name) != i)
            abort();
    for (size_t i = 0; i < lab->check_count; i++)
        if (lab_check_find(lab, lab->checks[i]->name) != i)
            abort();
    for (size_t i = 0; i < lab->place_count; i++) {
        const struct lab_end *end = &lab->links[lab->places[i].link].end[lab->places[i].end];
        if (lab_place_find(lab, end->node, end->interface) != &lab->places[i])
            abort();
    }
}

static void read_course(const char *bytes, size_t length)
{
    struct course *c = NULL;
    struct err e = {0};
    int code = course_parse("course.yaml", bytes, length, &c, &e);
    if (code == 0 && course_hours(c) < c->parts_count)
        abort();
    if (code &&
        (c || !e.text[0] || (code == ERR_INPUT && strncmp(e.text, "course.yaml:", 12) != 0)))
        abort();
    course_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab *lab = NULL;
    struct err e = {0};
    int code = lab_parse("lab.yaml", (const char *)data, size, &lab, &e);
    if (code == 0)
        ask(lab);
    else if (lab || !e.text[0] || (code == ERR_INPUT && strncmp(e.text, "lab.yaml:", 9) != 0))
        abort();
    lab_free(&lab);
    read_course((const char *)data, size);
    return 0;
}
