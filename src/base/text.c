// SPDX-License-Identifier: Apache-2.0

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

bool slice_is_nocase(struct slice s, const char *text)
{
    return s.length == strlen(text) && strncasecmp(s.at, text, s.length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct slice slice_trim(struct slice s)
{
    while (s.length > 0 && is_blank(s.at[0])) {
        s.at++;
        s.length--;
    }
    while (s.length > 0 && is_blank(s.at[s.length - 1]))
        s.length--;
    return s;
}

struct slice slice_cut(struct slice *rest, char separator)
{
    struct slice part = *rest;
    const char *found = rest->length ? memchr(rest->at, separator, rest->length) : NULL;
    if (!found) {
        *rest = (struct slice){NULL, 0};
        return part;
    }
    part.length = (size_t)(found - part.at);
    rest->length -= part.length + 1;
    rest->at = found + 1;
    return part;
}

bool slice_u64(struct slice s, uint64_t max, uint64_t *ret)
{
    if (s.length == 0 || s.length > 20)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < s.length; i++) {
        unsigned digit = (unsigned)(s.at[i] - '0');
        // Nineteen digits always fit.
        if (digit > 9 || (i == 19 && value > (UINT64_MAX - digit) / 10))
            return false;
        value = value * 10 + digit;
    }
    if (value > max)
        return false;
    *ret = value;
    return true;
}

char *real_text(double value, char text[REAL_TEXT_MAX])
{
    int digits = 15;
    do
        snprintf(text, REAL_TEXT_MAX, "%.*g", digits, value);
    while (digits++ < 17 && strtod(text, NULL) != value);
    return text;
}

static struct slice quoted_field(char **line, char *end)
{
    char *out = *line, *in = *line + 1;
    struct slice field = {out, 0};
    while (in < end) {
        if (*in == '"' && in + 1 < end && in[1] == '"')
            in++;
        else if (*in == '"')
            break;
        *out++ = *in++;
    }
    field.length = (size_t)(out - field.at);
    while (in < end && *in != ',')
        in++;
    *line = in;
    return field;
}

char *hex_text(const void *bytes, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[at[i] >> 4];
        text[2 * i + 1] = digits[at[i] & 15];
    }
    text[2 * length] = '\0';
    return text;
}

bool csv_field(char **line, char *end, struct slice *ret)
{
    if (!*line)
        return false;
    if (*line < end && **line == '"') {
        *ret = quoted_field(line, end);
    } else {
        char *comma = memchr(*line, ',', (size_t)(end - *line));
        *ret = (struct slice){*line, (size_t)((comma ? comma : end) - *line)};
        *line = comma ? comma : end;
    }
    *line = *line < end ? *line + 1 : NULL;
    return true;
}
