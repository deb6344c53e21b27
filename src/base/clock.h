// SPDX-License-Identifier: Apache-2.0
//
// Time that only goes on, whatever is done to the machine's date.

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_microseconds(void);
int64_t clock_milliseconds(void);

#endif
