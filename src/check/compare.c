// SPDX-License-Identifier: Apache-2.0
//
// The common subsequence is found by Myers's algorithm ("An O(ND) Difference Algorithm and Its
// Variations", 1986): cheap where two sequences differ little, and bounded where they differ much.

#include "check/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// ---- the longest common subsequence

struct sequences {
    const uint32_t *a, *b;
    size_t a_count, b_count;
};

// The furthest x on diagonal k after d edits, from those after d - 1. `v` is centred.
static int step(const struct sequences *s, const int *v, int d, int k)
{
    int x = k == -d || (k != d && v[k - 1] < v[k + 1]) ? v[k + 1] : v[k - 1] + 1;
    int y = x - k;
    while (x < (int)s->a_count && y < (int)s->b_count && s->a[x] == s->b[y])
        x++, y++;
    return x;
}

// Back from the end: each diagonal run is kept. `rows[d]` holds v after d edits, d + 1 places from
// -d in steps of two.
static void walk_back(const struct sequences *s, int *const *rows, int d, bool *keep)
{
    int x = (int)s->a_count, y = (int)s->b_count;
    for (; d > 0; d--) {
        int k = x - y;
        const int *before = rows[d - 1];
#define BEFORE(k) before[((k) + d - 1) / 2]
        bool down = k == -d || (k != d && BEFORE(k - 1) < BEFORE(k + 1));
        int from_k = down ? k + 1 : k - 1;
        int from_x = BEFORE(from_k), from_y = from_x - from_k;
#undef BEFORE
        while (x > from_x && y > from_y) {
            x--, y--;
            keep[x] = true;
        }
        x = from_x;
        y = from_y;
    }
    while (x > 0 && y > 0) {
        x--, y--;
        keep[x] = true;
    }
}

static bool row_save(int **rows, const int *v, int d)
{
    rows[d] = malloc((size_t)(d + 1) * sizeof **rows);
    for (int i = 0; rows[d] && i <= d; i++)
        rows[d][i] = v[2 * i - d];
    return rows[d] != NULL;
}

// Edits that lead from a to b; -1 beyond the limit, -2 out of memory.
static int edits(const struct sequences *s, int max, int *v, int **rows)
{
    int goal = (int)s->a_count - (int)s->b_count;
    v[1] = 0;
    for (int d = 0; d <= max; d++) {
        for (int k = -d; k <= d; k += 2)
            v[k] = step(s, v, d, k);
        if (rows && !row_save(rows, v, d))
            return -2;
        if ((d + goal) % 2 == 0 && goal >= -d && goal <= d && v[goal] >= (int)s->a_count)
            return d;
    }
    return -1;
}

static bool middle(const struct sequences *s, size_t edits_max, bool *keep, size_t *ret)
{
    size_t sum = s->a_count + s->b_count;
    int max = (int)(edits_max < sum ? edits_max : sum);
    int *v = calloc(2 * (size_t)max + 4, sizeof *v);
    int **rows = keep ? calloc((size_t)max + 1, sizeof *rows) : NULL;
    int d = v && (rows || !keep) ? edits(s, max, v + max + 1, rows) : -2;
    if (d >= 0 && keep)
        walk_back(s, rows, d, keep);
    for (int i = 0; rows && i <= max; i++)
        free(rows[i]);
    free(rows);
    free(v);
    *ret = d >= 0 ? (sum - (size_t)d) / 2 : SIZE_MAX;
    return d != -2;
}

bool common_subsequence(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count,
                        size_t edits_max, bool *keep, size_t *ret)
{
    size_t least = a_count < b_count ? a_count : b_count, head = 0, tail = 0, found;
    while (head < least && a[head] == b[head])
        head++;
    while (tail < least - head && a[a_count - 1 - tail] == b[b_count - 1 - tail])
        tail++;
    // An empty sequence may have no memory.
    struct sequences s = {head ? a + head : a, head ? b + head : b, a_count - head - tail,
                          b_count - head - tail};
    if (keep) {
        memset(keep, 0, a_count * sizeof *keep);
        memset(keep, true, head * sizeof *keep);
        memset(keep + a_count - tail, true, tail * sizeof *keep);
    }
    if (s.a_count == 0 || s.b_count == 0) {
        *ret = s.a_count + s.b_count <= edits_max ? head + tail : SIZE_MAX;
        return true;
    }
    if (!middle(&s, edits_max, keep ? keep + head : NULL, &found))
        return false;
    *ret = found == SIZE_MAX ? SIZE_MAX : found + head + tail;
    return true;
}

// ---- likeness

// What is steady of a sequence, and how many tokens of a load are not.
struct steady {
    uint32_t *tokens;
    size_t count, loose;
    double share; // of the first load
};

static bool steady_find(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count,
                        struct steady *ret)
{
    bool *keep = calloc(a_count + 1, sizeof *keep);
    uint32_t *tokens = calloc(a_count + 1, sizeof *tokens);
    size_t common;
    if (!keep || !tokens ||
        !common_subsequence(a, a_count, b, b_count, COMPARE_EDITS_MAX, keep, &common)) {
        free(keep);
        free(tokens);
        return false;
    }
    *ret = (struct steady){.tokens = tokens, .share = a_count ? 0 : 1};
    for (size_t i = 0; common != SIZE_MAX && i < a_count; i++)
        if (keep[i])
            tokens[ret->count++] = a[i];
    size_t longer = a_count > b_count ? a_count : b_count;
    ret->loose = longer - ret->count;
    if (longer)
        ret->share = (double)ret->count / (double)longer;
    free(keep);
    return true;
}

// How much of what is steady is in a load in order, less what the load has beyond the loose.
static bool likeness_of(const struct steady *s, const uint32_t *b, size_t b_count, double *ret)
{
    size_t common;
    if (!common_subsequence(s->tokens, s->count, b, b_count, COMPARE_EDITS_MAX + s->loose, NULL,
                            &common))
        return false;
    if (common == SIZE_MAX) {
        *ret = 0;
        return true;
    }
    size_t missing = s->count - common, extra = b_count - common;
    extra -= extra < s->loose ? extra : s->loose;
    size_t wrong = missing + extra;
    // All of a short page may be the slack: nothing in common is no likeness.
    if (wrong <= COMPARE_SLACK && (common > 0 || s->count + b_count == 0))
        *ret = 1;
    else
        *ret = (double)common / (double)(common + wrong);
    return true;
}

typedef struct slice_of_tokens {
    const uint32_t *at;
    size_t count;
} tokens_of(const struct page *p);

static struct slice_of_tokens skeleton_of(const struct page *p)
{
    return (struct slice_of_tokens){p->skeleton.at, p->skeleton.count};
}

static struct slice_of_tokens words_of(const struct page *p)
{
    return (struct slice_of_tokens){p->words.at, p->words.count};
}

// What is steady in two loads, and how like it a third is. NaN where hardly anything is steady.
static bool third_likeness(struct slice_of_tokens a, struct slice_of_tokens b,
                           struct slice_of_tokens third, double *ret)
{
    struct steady s;
    if (!steady_find(a.at, a.count, b.at, b.count, &s))
        return false;
    bool fine = true;
    *ret = NAN;
    if (s.share >= COMPARE_STEADY)
        fine = likeness_of(&s, third.at, third.count, ret);
    free(s.tokens);
    return fine;
}

// Each load over IPv4 against two others: what a load of the very site reaches at least.
static bool usual_likeness(const struct load *four, size_t count, tokens_of *of, double *ret)
{
    *ret = 1;
    for (size_t i = 0; i < count && count > 2; i++) {
        size_t a = i == 0, b = i <= 1 ? 2 : 1;
        double likeness;
        if (!third_likeness(of(four[a].page), of(four[b].page), of(four[i].page), &likeness))
            return false;
        if (likeness < *ret)
            *ret = likeness;
    }
    return true;
}

static bool sequence_compare(const struct load *four, size_t count, const struct load *six,
                             tokens_of *of, double *ret, double *ret_usual)
{
    return third_likeness(of(four[0].page), of(four[count > 1].page), of(six->page), ret) &&
           usual_likeness(four, count, of, ret_usual);
}

static bool title_steady(const struct load *four, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(four[0].page->title, four[i].page->title) != 0)
            return false;
    return true;
}

// Digits do not count: "(3) News".
static bool title_same(const char *a, const char *b)
{
    while (*a || *b) {
        bool digits = *a >= '0' && *a <= '9' && *b >= '0' && *b <= '9';
        if (!digits && *a != *b)
            return false;
        if (digits) {
            a += strspn(a, "0123456789");
            b += strspn(b, "0123456789");
        } else {
            a++, b++;
        }
    }
    return true;
}

// The more loads of the site differ among themselves, the wider their spread.
static bool below(double likeness, double usual)
{
    double bar = usual - (1 - usual) / 2 - COMPARE_SPREAD;
    return !isnan(likeness) && likeness < (bar < COMPARE_SAME ? bar : COMPARE_SAME);
}

static bool pages_compare(const struct load *four, size_t count, const struct load *six,
                          struct comparison *ret)
{
    if (!sequence_compare(four, count, six, skeleton_of, &ret->skeleton, &ret->skeleton_usual) ||
        !sequence_compare(four, count, six, words_of, &ret->words, &ret->words_usual))
        return false;
    if (title_steady(four, count) && !title_same(four[0].page->title, six->page->title))
        ret->what = LIKENESS_TITLE;
    else if (below(ret->words, ret->words_usual))
        ret->what = LIKENESS_WORDS;
    else if (below(ret->skeleton, ret->skeleton_usual))
        ret->what = LIKENESS_SKELETON;
    else if (isnan(ret->words) && isnan(ret->skeleton))
        ret->what = LIKENESS_UNSTEADY;
    else
        ret->what = LIKENESS_SAME;
    return true;
}

static bool bodies_steady(const struct load *four, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (four[0].body_hash != four[i].body_hash || four[0].body_length != four[i].body_length)
            return false;
    return true;
}

static enum likeness bodies_compare(const struct load *four, size_t count, const struct load *six)
{
    if (!bodies_steady(four, count))
        return LIKENESS_UNSTEADY;
    return four[0].body_hash == six->body_hash && four[0].body_length == six->body_length
               ? LIKENESS_SAME
               : LIKENESS_BODY;
}

static bool urls_steady(const struct load *four, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(four[0].final_url, four[i].final_url) != 0)
            return false;
    return true;
}

bool compare_loads(const struct load *four, size_t count, const struct load *six,
                   struct comparison *ret)
{
    *ret = (struct comparison){LIKENESS_SAME, NAN, NAN, 1, 1};
    bool pages = six->has_page;
    for (size_t i = 0; i < count; i++) {
        if (four[i].status != four[0].status) {
            ret->what = LIKENESS_UNSTEADY;
            return true;
        }
        pages = pages && four[i].has_page;
    }
    if (six->status != four[0].status)
        ret->what = LIKENESS_STATUS;
    else if (urls_steady(four, count) && strcmp(six->final_url, four[0].final_url) != 0)
        ret->what = LIKENESS_URL;
    else if (strcasecmp(six->type, four[0].type) != 0)
        ret->what = LIKENESS_TYPE;
    else if (pages)
        return pages_compare(four, count, six, ret);
    else
        ret->what = bodies_compare(four, count, six);
    return true;
}
