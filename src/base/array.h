// SPDX-License-Identifier: Apache-2.0
//
// Growing arrays of one type. `T` is any type; `at` is the memory, freed by the owner with free().
//
//     ARRAY(struct point) points = {0};
//     struct point *p = ARRAY_ADD(&points);   // NULL when out of memory
//     ...
//     free(points.at);

#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY(T)                                                                                   \
    struct {                                                                                       \
        T *at;                                                                                     \
        size_t count, capacity;                                                                    \
    }

// Makes room for `want` elements. False when out of memory; the array is then as it was.
bool array_reserve_(void **at, size_t *capacity, size_t want, size_t element_size);

#define ARRAY_RESERVE(a, want)                                                                     \
    array_reserve_((void **)&(a)->at, &(a)->capacity, (want), sizeof *(a)->at)

// A pointer to a new, zeroed last element; NULL when out of memory.
void *array_add_(void **at, size_t *count, size_t *capacity, size_t element_size);

#define ARRAY_ADD(a)                                                                               \
    ((__typeof__((a)->at))array_add_((void **)&(a)->at, &(a)->count, &(a)->capacity,               \
                                     sizeof *(a)->at))

#endif
