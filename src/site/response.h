// SPDX-License-Identifier: Apache-2.0
//
// What every response gets: security headers, dates, problem details. Private to src/site.

#ifndef SITE_RESPONSE_H
#define SITE_RESPONSE_H

#include "site/site.h"

// The headers of every answer.
void response_add_common(struct response *r, struct request *of);

// "Mon, 23 Nov 2026 11:55:07 GMT"
#define HTTP_DATE_MAX 32
void http_date(int64_t seconds, char ret[HTTP_DATE_MAX]);

// Each of the three forms of RFC 9110, 5.6.7; false for anything else.
bool http_date_parse(const char *text, int64_t *ret);

const char *status_text(unsigned status);
unsigned status_of_error(int code);

// RFC 9457. Replaces the body.
void response_problem(struct response *r, unsigned status, const char *detail, const char *target);

#endif
