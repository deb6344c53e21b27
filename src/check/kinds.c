// SPDX-License-Identifier: Apache-2.0
//
// Names of verdicts, areas, tests and stages.

#include "check/result.h"

static const char *const verdicts[VERDICT_COUNT] = {"pass", "partial",        "fail",
                                                    "none", "not-applicable", "not-testable"};
static const char *const areas[AREA_COUNT] = {"names", "web", "mail"};
static const char *const stages[STAGE_COUNT] = {"unknown",   "none",    "named",
                                                "reachable", "working", "complete"};

static const struct {
    const char *name, *title;
    enum test_area area;
} tests[TEST_KIND_COUNT] = {
#define TEST_ROW(id, name, area, title) {name, title, area},
    TESTS(TEST_ROW)
#undef TEST_ROW
};

static bool name_find(const char *const *names, size_t count, struct slice s, size_t *ret)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(s, names[i])) {
            *ret = i;
            return true;
        }
    return false;
}

const char *verdict_name(enum verdict v)
{
    return verdicts[v];
}

bool verdict_parse(struct slice s, enum verdict *ret)
{
    size_t i;
    bool found = name_find(verdicts, VERDICT_COUNT, s, &i);
    if (found)
        *ret = (enum verdict)i;
    return found;
}

const char *stage_name(enum stage s)
{
    return stages[s];
}

bool stage_parse(struct slice s, enum stage *ret)
{
    size_t i;
    bool found = name_find(stages, STAGE_COUNT, s, &i);
    if (found)
        *ret = (enum stage)i;
    return found;
}

const char *area_name(enum test_area a)
{
    return areas[a];
}

const char *test_name(enum test_kind k)
{
    return tests[k].name;
}

const char *test_title(enum test_kind k)
{
    return tests[k].title;
}

enum test_area test_area(enum test_kind k)
{
    return tests[k].area;
}

bool test_parse(struct slice s, enum test_kind *ret)
{
    for (size_t i = 0; i < TEST_KIND_COUNT; i++)
        if (slice_is(s, tests[i].name)) {
            *ret = (enum test_kind)i;
            return true;
        }
    return false;
}
