// SPDX-License-Identifier: Apache-2.0

#include "store/space.h"

#include "base/array.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

struct assignment {
    struct range range;
    enum registry registry; // REGISTRY_IANA where no RIR is named
    bool in_use;            // allocated or legacy
};

struct space {
    ARRAY(struct assignment) all; // sorted by family and start
};

// "APNIC", "RIPE-NCC", "Administered-by-ARIN".
static enum registry registry_of(struct slice designation)
{
    static const struct {
        const char *word;
        enum registry registry;
    } words[] = {{"AFRINIC", REGISTRY_AFRINIC},
                 {"APNIC", REGISTRY_APNIC},
                 {"ARIN", REGISTRY_ARIN},
                 {"LACNIC", REGISTRY_LACNIC},
                 {"RIPE", REGISTRY_RIPENCC}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (memmem(designation.at, designation.length, words[i].word, strlen(words[i].word)))
            return words[i].registry;
    return REGISTRY_IANA;
}

static int take(const struct record *r, void *arg)
{
    struct space *s = arg;
    struct assignment *a = ARRAY_ADD(&s->all);
    if (!a)
        return ERR_MEMORY;
    *a = (struct assignment){block_range(&r->block), registry_of(r->holder),
                             (STATUS_DELEGATED & STATUS_BIT(r->status)) != 0};
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct range *x = &((const struct assignment *)a)->range;
    const struct range *y = &((const struct assignment *)b)->range;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int read_table(struct space *s, const char *name, struct err *e)
{
    char path[FILE_PATH_MAX];
    struct source *source;
    struct read_result result;
    struct read_handler handler = {.record = take, .arg = s};
    int code = file_find_data(name, path, e);
    if (code || (code = source_open(path, NULL, &source, e)) != 0)
        return code;
    code = read_input(source, NULL, &handler, &result, e);
    source_close(&source);
    return code == ERR_MEMORY ? err_memory(e) : code;
}

int space_load(struct space **ret, struct err *e)
{
    struct space *s = calloc(1, sizeof *s);
    if (!s)
        return err_memory(e);
    int code = read_table(s, "iana/ipv6-unicast.csv", e);
    if (!code)
        code = read_table(s, "iana/ipv4-space.csv", e);
    if (code) {
        space_free(&s);
        return code;
    }
    qsort(s->all.at, s->all.count, sizeof *s->all.at, compare);
    *ret = s;
    return 0;
}

void space_free(struct space **s)
{
    if (*s)
        free((*s)->all.at);
    free(*s);
    *s = NULL;
}

// The last assignment that begins at or before the point.
static const struct assignment *find(const struct space *s, enum family f, u128 point)
{
    size_t low = 0, high = s->all.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct range *r = &s->all.at[middle].range;
        if (r->family < f || (r->family == f && r->first <= point))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &s->all.at[low - 1] : NULL;
}

bool space_holds(const struct space *s, enum registry r, const struct block *b)
{
    if (b->family == FAMILY_ASN || r >= REGISTRY_RIR_COUNT)
        return true;
    struct range wanted = block_range(b);
    const struct assignment *a = find(s, b->family, wanted.first);
    if (!a || a->range.family != b->family || wanted.first > a->range.last)
        return false;
    if (b->family == FAMILY_IPV4)
        return a->in_use;
    return wanted.last <= a->range.last && a->registry == r;
}
