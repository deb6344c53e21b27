// SPDX-License-Identifier: Apache-2.0
//
// Text in HTML and XML, between tags or in a quoted attribute: markup is escaped, and what such a
// document cannot hold (control characters other than blanks, noncharacters, bytes that are not
// UTF-8) becomes U+FFFD. Sources: HTML 13.2.3.5, XML 1.0 2.2.

#ifndef BASE_MARKUP_H
#define BASE_MARKUP_H

#include "base/buffer.h"
#include "base/text.h"

void markup_slice(struct buffer *out, struct slice s);
void markup_text(struct buffer *out, const char *text);

#endif
