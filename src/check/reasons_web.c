// SPDX-License-Identifier: Apache-2.0
//
// Why a test of the web area did not pass: what is wrong, why it matters, how to mend it.

#include "check/reasons.h"

const struct reason reasons_web[] = {
    {NULL, NULL, NULL, NULL},
};
