// SPDX-License-Identifier: Apache-2.0
//
// The bundled script, style sheet and map: files of data/static, by name.

#ifndef SITE_STATIC_H
#define SITE_STATIC_H

#include "site/site.h"

#define STATIC_FILE_MAX ((size_t)4 << 20) // bytes

visit_handler static_file;

#endif
