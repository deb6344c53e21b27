// SPDX-License-Identifier: Apache-2.0
//
// Text in XML: markup is escaped, and what XML cannot hold becomes U+FFFD.

#ifndef LAB_XML_H
#define LAB_XML_H

#include "base/buffer.h"

void xml_text(struct buffer *out, const char *text);

#endif
