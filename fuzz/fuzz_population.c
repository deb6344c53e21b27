// SPDX-License-Identifier: Apache-2.0
//
// A population table from a stranger: every line has one fate, and no value is impossible.

#include "read/population.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_value(const struct population *p, void *arg)
{
    uint64_t *values = arg;
    if (p->line == 0 || p->economy == ECONOMY_NONE || !(p->people > 0) ||
        p->people > (double)POPULATION_MAX || p->year < POPULATION_YEAR_FIRST ||
        p->year >= POPULATION_YEAR_FIRST + POPULATION_YEARS_MAX)
        abort();
    ++*values;
    return 0;
}

static int on_rejected(uint64_t line, const char *text, void *arg)
{
    (void)arg;
    if (line == 0 || !text)
        abort();
    return 0;
}

static void read_once(const struct world *world, const uint8_t *bytes, size_t size)
{
    static const struct source_limits limits = {.bytes_max = 1 << 20, .ratio_max = 50};
    uint64_t values = 0;
    const struct population_handler handler = {on_value, on_rejected, &values};
    struct population_fates fates = {0};
    struct source *source = NULL;
    struct err e = {0};
    population_probe(bytes, size);
    if (source_open_memory("fuzz", bytes, size, &limits, &source, &e) != 0)
        return;
    int code = read_population(source, world, &handler, &fates, &e);
    uint64_t sum =
        fates.used + population_fates_ignored(&fates) + population_fates_rejected(&fates);
    if (code == 0 ? sum != fates.lines || values < fates.used : e.text[0] == '\0')
        abort();
    source_close(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world *world;
    struct err e;
    uint8_t *copy = malloc(size ? size : 1); // its own block: one byte too far is seen
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    if (world || world_load(LANGUAGE_EN, &world, &e) == 0)
        read_once(world, copy, size);
    else
        abort();
    free(copy);
    return 0;
}
