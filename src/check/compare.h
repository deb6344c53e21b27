// SPDX-License-Identifier: Apache-2.0
//
// Are two pages the same site? Pure. Several loads over IPv4 teach what changes at each load; what
// is left of the page must come over IPv6 in the same order.
//
// Sequences of tokens (html.h: skeleton, words) are compared by their longest common subsequence,
// so that order counts: a bag of words, or difflib's quick_ratio, takes any shuffling of a page for
// the page. What differs between the first two loads over IPv4 is left out: nonces, advertisements,
// times. Of three loads and more, each is held against two others: that shows how much a load of
// the very same site can still be off, and so much is allowed over IPv6, too.

#ifndef CHECK_COMPARE_H
#define CHECK_COMPARE_H

#include "check/html.h"

// Likeness that two loads of one site reach. internet.nl holds 90 % of a page's text, too. A
// template with another text has a likeness of its words far below, another template one of its
// skeleton.
#define COMPARE_SAME 0.90
// So much below the likeness that loads over IPv4 have, and by half of what that lacks of 1, a load
// over IPv6 may be where the site itself does not reach COMPARE_SAME.
#define COMPARE_SPREAD 0.05
// Tokens that may differ however short the page is: a short page with one line of news.
#define COMPARE_SLACK 3
// Edits between two loads that are looked for; beyond, a page has nothing steady to compare.
#define COMPARE_EDITS_MAX 2048
// Of a page that varies from load to load, at least so much must be steady to judge the rest by.
#define COMPARE_STEADY 0.25

#define COMPARE_LOADS_MAX 4

struct load { // one answer for a page
    int status;
    const char *final_url; // after redirects
    const char *type;      // of content, without parameters, small letters
    const struct page *page;
    uint64_t body_hash; // for what is neither HTML nor text
    size_t body_length;
    bool has_page; // HTML or text was read
};

enum likeness {
    LIKENESS_SAME,
    LIKENESS_STATUS, // the status differs
    LIKENESS_URL,    // the redirects end elsewhere
    LIKENESS_TYPE,   // of content
    LIKENESS_TITLE,
    LIKENESS_SKELETON,
    LIKENESS_WORDS,
    LIKENESS_BODY,     // other bytes, of something that is no page
    LIKENESS_UNSTEADY, // it differs over IPv4 alone
};
#define LIKENESS_COUNT 9

struct comparison {
    enum likeness what;
    double skeleton, words;             // 0..1; NaN: not compared
    double skeleton_usual, words_usual; // what loads over IPv4 reach; 1 where not known
};

// `count` 1 to COMPARE_LOADS_MAX loads over IPv4 in their order, and one over IPv6. False: out of
// memory.
bool compare_loads(const struct load *four, size_t count, const struct load *six,
                   struct comparison *ret);

// The length of the longest common subsequence, as far as at most `edits_max` tokens are left out
// or put in; SIZE_MAX beyond. `keep`, of a's length, or NULL: which of a's tokens belong to it.
// False: out of memory.
bool common_subsequence(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count,
                        size_t edits_max, bool *keep, size_t *ret);

#endif
