// SPDX-License-Identifier: Apache-2.0

#include "lab/alike.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct leaf {
    size_t hub; // at the other end of its wire; SIZE_MAX: it is no leaf
    unsigned links, like_it;
};

static void find_leaves(const struct lab *lab, struct leaf *leaves)
{
    for (size_t i = 0; i < lab->nodes_count; i++)
        leaves[i].hub = SIZE_MAX;
    for (size_t i = 0; i < lab->links_count; i++) {
        const struct lab_link *l = &lab->links[i];
        for (unsigned n = 0; n < l->ends_count; n++) {
            struct leaf *leaf = &leaves[l->end[n].node];
            const bool only = leaf->links++ == 0 && l->ends_count == 2;
            leaf->hub = only ? l->end[1 - n].node : SIZE_MAX;
        }
    }
}

static bool same_label(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_alike(const struct lab *lab, const struct leaf *leaves, size_t a, size_t b)
{
    const struct lab_node *p = &lab->nodes[a], *q = &lab->nodes[b];
    return leaves[a].hub == leaves[b].hub && p->kind == q->kind && !p->x && !q->x &&
           same_label(p->label, q->label);
}

static size_t first_alike(const struct lab *lab, const struct leaf *leaves, const size_t *first,
                          size_t node)
{
    for (size_t i = 0; leaves[node].hub != SIZE_MAX && i < node; i++)
        if (first[i] == i && is_alike(lab, leaves, i, node))
            return i;
    return node;
}

size_t *alike_find(const struct lab *lab)
{
    struct leaf *leaves = calloc(lab->nodes_count + 1, sizeof *leaves);
    size_t *ret = calloc(lab->nodes_count + 1, sizeof *ret);
    if (leaves && ret) {
        find_leaves(lab, leaves);
        for (size_t i = 0; i < lab->nodes_count; i++) {
            ret[i] = first_alike(lab, leaves, ret, i);
            leaves[ret[i]].like_it++;
        }
        for (size_t i = 0; i < lab->nodes_count; i++)
            if (leaves[ret[i]].like_it < ALIKE_MIN)
                ret[i] = i;
    } else {
        free(ret);
        ret = NULL;
    }
    free(leaves);
    return ret;
}
