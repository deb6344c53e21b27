// SPDX-License-Identifier: Apache-2.0
//
// What every response gets: security headers, compression, problem details. Private to src/site.

#ifndef SITE_RESPONSE_H
#define SITE_RESPONSE_H

#include "site/site.h"

// The headers of every answer.
void response_add_common(struct response *r, struct request *of);

// Compresses the body where that makes it smaller; false where it stays as it is.
#define COMPRESS_LEAST 256 // bytes; less is not worth it
bool response_compress(struct response *r);

// "Mon, 23 Nov 2026 11:55:07 GMT"
#define HTTP_DATE_MAX 32
void http_date(int64_t seconds, char ret[HTTP_DATE_MAX]);

const char *status_text(unsigned status);
unsigned status_of_error(int code);

// RFC 9457. Replaces the body.
void response_problem(struct response *r, unsigned status, const char *detail, const char *target);

#endif
