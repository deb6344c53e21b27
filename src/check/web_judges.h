// SPDX-License-Identifier: Apache-2.0
//
// What the judges of the web share.

#ifndef CHECK_WEB_JUDGES_H
#define CHECK_WEB_JUDGES_H

#include "check/web.h"

#define JUDGE_TEXT_MAX 400

struct judge {
    struct result *r;
    const struct web_facts *f;
};

// A test of this kind for the host. Where it cannot or need not be judged (no IPv6 here, no such
// host, no web, no AAAA, not done in time), it is decided, with its reason, and NULL comes back.
struct test *judge_begin(const struct judge *j, enum test_kind k);
void judge_knock(const struct judge *j, struct test *t, const struct endpoint *to,
                 const struct web_knock *k);
void judge_visit(const struct judge *j, struct test *t, const struct web_visit *v);
// The walk of a family and port came to its end.
bool walk_is_over(const struct web_walk *w);
bool walk_has_page(const struct web_walk *w);
const char *share_text(char text[32], size_t some, size_t all); // "1 of 3"

void judge_same(const struct judge *j);
void judge_parts(const struct judge *j);
void judge_links(const struct judge *j, unsigned depth);
void judge_repeated(const struct judge *j);
void judge_mtu(const struct judge *j);
void judge_eyeballs(const struct judge *j);

#endif
