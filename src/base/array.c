// SPDX-License-Identifier: Apache-2.0

#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool array_reserve_(void **at, size_t *capacity, size_t want, size_t element_size)
{
    if (want <= *capacity)
        return true;
    size_t grown = *capacity < 8 ? 16 : *capacity + *capacity / 2;
    if (grown < want)
        grown = want;
    if (grown > SIZE_MAX / element_size)
        return false;
    void *memory = realloc(*at, grown * element_size);
    if (!memory)
        return false;
    *at = memory;
    *capacity = grown;
    return true;
}

void *array_add_(void **at, size_t *count, size_t *capacity, size_t element_size)
{
    if (!array_reserve_(at, capacity, *count + 1, element_size))
        return NULL;
    char *element = (char *)*at + *count * element_size;
    memset(element, 0, element_size);
    (*count)++;
    return element;
}
