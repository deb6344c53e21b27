// SPDX-License-Identifier: Apache-2.0
//
// A laboratory from a stranger. What is taken must be consistent; what is refused must be told with
// the line.

#include "lab/lab.h"

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
    return 0;
}
