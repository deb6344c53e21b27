// SPDX-License-Identifier: Apache-2.0
//
// Name service: country-code domains whose name servers have IPv6 addresses, through time.

#ifndef MEASURE_NAMESERVERS_H
#define MEASURE_NAMESERVERS_H

#include "measure/dated.h"

#define NAMESERVERS_SERIES "cctld-name-servers"

// The table, without its basis, of observations as read/observed.h has them of that series.
int nameservers_table(const struct query *q, const struct world *w, const struct dated *d,
                      struct table **ret, struct err *e);

#endif
