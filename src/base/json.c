// SPDX-License-Identifier: Apache-2.0

#include "base/json.h"

#include "base/terminal.h"

#include <inttypes.h>
#include <math.h>

static void line_break(struct json *j)
{
    if (j->indent > 0)
        buffer_format(j->out, "\n%*s", (int)(j->indent * j->depth), "");
}

// How many bytes at the front stand for themselves.
static size_t plain_length(struct slice s)
{
    size_t n = 0;
    while (n < s.length && s.at[n] >= 0x20 && s.at[n] < 0x7F && s.at[n] != '"' && s.at[n] != '\\')
        n++;
    return n;
}

static void quote(struct json *j, const char *text)
{
    struct slice rest = slice_of(text);
    buffer_char(j->out, '"');
    while (rest.length > 0) {
        size_t plain = plain_length(rest);
        buffer_add(j->out, rest.at, plain);
        if (plain == rest.length)
            break;
        rest = (struct slice){rest.at + plain, rest.length - plain};
        const char *at = rest.at;
        uint32_t c = utf8_next(&rest);
        size_t length = (size_t)(rest.at - at);
        if (c == '"' || c == '\\')
            buffer_format(j->out, "\\%c", (char)c);
        else if (c == '\n')
            buffer_text(j->out, "\\n");
        else if (utf8_is_control(c))
            buffer_format(j->out, "\\u%04x", (unsigned)c);
        else if (c == UTF8_BAD && length == 1)
            buffer_text(j->out, "\xEF\xBF\xBD");
        else
            buffer_add(j->out, at, length);
    }
    buffer_char(j->out, '"');
}

// The comma, the line break and the key that stand before a value.
static void begin_value(struct json *j, const char *key)
{
    if (j->depth > 0) {
        bool *filled = &j->filled[j->depth - 1];
        if (*filled)
            buffer_text(j->out, j->indent > 0 ? "," : ", ");
        *filled = true;
        line_break(j);
    }
    if (key) {
        quote(j, key);
        buffer_text(j->out, ": ");
    }
}

void json_open(struct json *j, const char *key, char bracket)
{
    begin_value(j, key);
    if (j->depth == JSON_DEPTH_MAX) {
        j->out->failed = true;
        return;
    }
    buffer_char(j->out, bracket);
    j->closing[j->depth] = bracket == '{' ? '}' : ']';
    j->filled[j->depth] = false;
    j->depth++;
}

void json_close(struct json *j)
{
    if (j->depth == 0) {
        j->out->failed = true;
        return;
    }
    j->depth--;
    if (j->filled[j->depth])
        line_break(j);
    buffer_char(j->out, j->closing[j->depth]);
}

void json_raw(struct json *j, const char *key, const char *literal)
{
    begin_value(j, key);
    buffer_text(j->out, literal);
}

void json_text(struct json *j, const char *key, const char *text)
{
    if (!text) {
        json_null(j, key);
        return;
    }
    begin_value(j, key);
    quote(j, text);
}

void json_integer(struct json *j, const char *key, int64_t value)
{
    begin_value(j, key);
    buffer_format(j->out, "%" PRId64, value);
}

void json_real(struct json *j, const char *key, double value)
{
    char text[REAL_TEXT_MAX];
    json_raw(j, key, isfinite(value) ? real_text(value, text) : "null");
}

void json_bool(struct json *j, const char *key, bool value)
{
    json_raw(j, key, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    json_raw(j, key, "null");
}
