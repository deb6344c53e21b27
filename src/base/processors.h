// SPDX-License-Identifier: Apache-2.0
//
// How many processors this program may run on.

#ifndef BASE_PROCESSORS_H
#define BASE_PROCESSORS_H

unsigned processors(void); // at least 1

#endif
