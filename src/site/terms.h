// SPDX-License-Identifier: Apache-2.0
//
// How people call what tables name for machines: "ipv6" is IPv6, "re-dated" is "date changed".

#ifndef SITE_TERMS_H
#define SITE_TERMS_H

// The label in English, to be translated; the text itself where it is no such term.
const char *term_label(const char *text);

#endif
