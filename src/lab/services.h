// SPDX-License-Identifier: Apache-2.0
//
// The services of a laboratory, as its keeper watches them: started when those before them are
// ready, ready when their probe passes, told of when they end.

#ifndef LAB_SERVICES_H
#define LAB_SERVICES_H

#include "lab/lab.h"
#include "lab/run.h"

struct services;

// Fills run->services. `ways`: those taken; services of other ways are left out.
int services_new(const struct lab *lab, struct run *run, const char *const *ways,
                 struct services **ret, struct err *e);

int services_events(const struct services *s); // readable when something has happened
void services_turn(struct services *s);        // sees to what has happened

// Starts all that are not for later. 1: they are on their way; 0: all are ready; or what failed.
int services_begin(struct services *s, struct err *e);
int services_progress(struct services *s, struct err *e);

// Ends all. Accepts NULL.
void services_stop(struct services *s);

// "start NODE SERVICE" and so on. 0: `fd` will be answered and closed when it is done; 1: done.
int services_request(struct services *s, const char *request, int fd, struct err *e);

#endif
