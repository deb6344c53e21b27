// SPDX-License-Identifier: Apache-2.0

#include "support.h"

#include "base/file.h"

struct world *load(enum language l)
{
    struct world *w = NULL;
    struct err e = {0};
    if (world_load(l, &w, &e))
        fail_msg("%s", e.text);
    return w;
}

economy two(const char *code)
{
    return economy_of(code[0], code[1]);
}

size_t members(const struct world *w, enum grouping g, const char *key, date on)
{
    size_t n = 0, group = 0;
    assert_true(world_find_group(w, g, slice_of(key), &group));
    for (size_t i = 0; i < world_count(w); i++)
        n += world_is_member(w, g, group, world_economy(w, i), on);
    return n;
}

bool member(const struct world *w, enum grouping g, const char *key, const char *code, date on)
{
    size_t group = 0;
    assert_true(world_find_group(w, g, slice_of(key), &group));
    return world_is_member(w, g, group, two(code), on);
}

void table_read(const char *name, struct buffer *text)
{
    char path[FILE_PATH_MAX];
    struct err e = {0};
    if (file_find_data(name, path, &e) || file_read(path, 1 << 20, text, &e))
        fail_msg("%s", e.text);
}

bool table_next(char **at, struct slice *fields, size_t count)
{
    while (**at == '#')
        *at = strchr(*at, '\n') + 1;
    if (!**at)
        return false;
    char *line = *at, *end = strchr(line, '\n');
    assert_non_null(end);
    *at = end + 1;
    for (size_t i = 0; i < count; i++)
        assert_true(csv_field(&line, end, &fields[i]));
    return true;
}
