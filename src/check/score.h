// SPDX-License-Identifier: Apache-2.0
//
// Scores by published definitions, and a staged readiness of our own, from the tests of a result.
// Pure.
//
// internet.nl (v1.11): the IPv6 category of the website test and of the mail test. Name servers
//   count 10 each where all is well, 2 where some addresses fail; their mean, rounded down, is
//   taken (those without IPv6 are left out once two have it, a single one gets 5 at most); web
//   server 10, 2 where some of it fails; the same site 2; mail servers 10 each where all addresses
//   open, 2 where some do, their mean rounded down, 10 without an MX record or with a null MX:
//   int(100/22 * sum), mail int(100/20 * sum).
// China's website score: seven items (address, home page, success rate, chain of authority, same
//   content, links of the second and of the third level). The weights of the national platform are
//   not published: each counts the same here; an item that was not asked for is left out.
// NIST's counts stand in the result already: the parts write them.

#ifndef CHECK_SCORE_H
#define CHECK_SCORE_H

#include "check/result.h"

void scores_compute(struct result *r);

#endif
