// SPDX-License-Identifier: Apache-2.0
//
// Content codings (RFC 9110, 8.4): which one a client takes, and bodies packed by it. Private to
// src/site.

#ifndef SITE_CODING_H
#define SITE_CODING_H

#include "base/buffer.h"

// In order of preference among those that a client likes as well.
enum coding { CODING_BROTLI, CODING_ZSTD, CODING_GZIP, CODING_NONE };
#define CODING_COUNT 3

bool coding_built_in(enum coding c);
const char *coding_name(enum coding c); // "br"

// The one of highest weight that is built in; what is not named is not wanted.
enum coding coding_choose(const char *accept_encoding);

// Packs the body where that makes it smaller; false where it stays as it is.
#define CODING_LEAST 256 // bytes; less is not worth it
bool coding_pack(enum coding c, struct buffer *body);

#endif
