// SPDX-License-Identifier: Apache-2.0

#include "check/robots.h"

#include <strings.h>

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char small = (char)(c | 32);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// The next octet of a path, "%7E" and "~" being the same; reserved ones stay apart from their
// encoded form, as "%2F" from "/".
static int octet_next(struct slice *s)
{
    int high = s->length > 2 ? hex_of(s->at[1]) : -1, low = s->length > 2 ? hex_of(s->at[2]) : -1;
    if (s->at[0] == '%' && high >= 0 && low >= 0) {
        int octet = high * 16 + low;
        s->at += 3;
        s->length -= 3;
        return strchr("/?#*$%&=+;,:@!'()[]", octet) ? octet + 256 : octet;
    }
    s->length--;
    return (unsigned char)*s->at++;
}

// Does the pattern match the beginning of the path? "*" is any run, "$" at the end the end. Only
// the last star needs to be tried again.
static bool matches(struct slice pattern, struct slice path)
{
    bool whole = pattern.length > 0 && pattern.at[pattern.length - 1] == '$';
    struct slice again = {0}, after_star = {0};
    pattern.length -= whole;
    for (;;) {
        if (pattern.length > 0 && pattern.at[0] == '*') {
            pattern.at++;
            pattern.length--;
            after_star = pattern;
            again = path;
            continue;
        }
        if (pattern.length == 0 && (!whole || path.length == 0))
            return true;
        struct slice p = pattern, t = path;
        if (p.length > 0 && t.length > 0 && octet_next(&p) == octet_next(&t)) {
            pattern = p;
            path = t;
            continue;
        }
        if (!after_star.at || again.length == 0)
            return false;
        octet_next(&again);
        path = again;
        pattern = after_star;
    }
}

static struct slice line_next(struct slice *rest)
{
    size_t end = 0;
    while (end < rest->length && rest->at[end] != '\n' && rest->at[end] != '\r')
        end++;
    struct slice line = {rest->at, end};
    end += end < rest->length;
    rest->at += end;
    rest->length -= end;
    const char *comment = line.length ? memchr(line.at, '#', line.length) : NULL;
    if (comment)
        line.length = (size_t)(comment - line.at);
    return line;
}

struct rule {
    bool is_agent, is_allow, is_disallow;
    struct slice value;
};

static bool rule_read(struct slice line, struct rule *ret)
{
    struct slice value = line, key = slice_trim(slice_cut(&value, ':'));
    if (!value.at)
        return false;
    *ret = (struct rule){slice_is_nocase(key, "user-agent"), slice_is_nocase(key, "allow"),
                         slice_is_nocase(key, "disallow"), slice_trim(value)};
    return ret->is_agent || ret->is_allow || ret->is_disallow;
}

// The product token of a line: letters, "-" and "_".
static bool agent_is(struct slice value, const char *name)
{
    size_t length = 0;
    while (length < value.length &&
           (((value.at[length] | 32) >= 'a' && (value.at[length] | 32) <= 'z') ||
            value.at[length] == '-' || value.at[length] == '_' || value.at[length] == '*'))
        length++;
    return slice_is_nocase((struct slice){value.at, length}, name);
}

static bool usable(struct slice value)
{
    size_t stars = 0;
    for (size_t i = 0; i < value.length; i++)
        stars += value.at[i] == '*';
    return value.length > 0 && value.length <= ROBOTS_RULE_MAX && stars <= ROBOTS_STARS_MAX;
}

// Over all groups for this agent, which count as one.
static bool group_lets(struct slice rest, const char *agent, struct slice path, bool *ret_found)
{
    bool in_group = false, in_heads = false, allowed = true;
    size_t longest = 0;
    *ret_found = false;
    while (rest.length > 0) {
        struct rule r;
        if (!rule_read(line_next(&rest), &r))
            continue;
        if (r.is_agent) {
            bool mine = agent_is(r.value, agent);
            in_group = in_heads ? in_group || mine : mine;
            in_heads = true;
            *ret_found = *ret_found || mine;
            continue;
        }
        in_heads = false;
        if (!in_group || !usable(r.value) || r.value.length < longest || !matches(r.value, path))
            continue;
        allowed = r.is_allow || (r.value.length == longest && allowed && longest > 0);
        longest = r.value.length;
    }
    return allowed;
}

bool robots_lets(struct slice robots, struct slice path)
{
    bool found;
    if (robots.length >= 3 && memcmp(robots.at, "\xef\xbb\xbf", 3) == 0)
        robots = (struct slice){robots.at + 3, robots.length - 3};
    if (robots.length > ROBOTS_BYTES_MAX)
        robots.length = ROBOTS_BYTES_MAX;
    bool lets = group_lets(robots, ROBOTS_AGENT, path, &found);
    return found ? lets : group_lets(robots, "*", path, &found);
}
