// SPDX-License-Identifier: Apache-2.0
//
// Why a test of the names area did not pass: what is wrong, why it matters, how to mend it.

#include "check/reasons.h"

const struct reason reasons_names[] = {
    {NULL, NULL, NULL, NULL},
};
