// SPDX-License-Identifier: Apache-2.0

#include "base/json_read.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 65536
#define END   (-1) // of the bytes, or an error is set

enum want { WANT_VALUE, WANT_FIRST_VALUE, WANT_FIRST_NAME, WANT_NAME, WANT_MORE, WANT_NOTHING };

struct json_reader {
    json_fill *fill;
    void *arg;
    const char *name;
    int code; // the first failure
    bool finished, script;
    uint64_t line, event_line;
    enum want want;
    unsigned depth;
    char open[JSON_NESTING_MAX];
    size_t at, filled, token_length;
    char token[JSON_TOKEN_MAX];
    unsigned char bytes[CHUNK];
};

int json_reader_new(json_fill *fill, void *arg, const char *name, struct json_reader **ret,
                    struct err *e)
{
    struct json_reader *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->fill = fill;
    r->arg = arg;
    r->name = name;
    r->line = 1;
    *ret = r;
    return 0;
}

void json_reader_free(struct json_reader **r)
{
    free(*r);
    *r = NULL;
}

struct slice json_token(const struct json_reader *r)
{
    return (struct slice){r->token, r->token_length};
}

uint64_t json_line(const struct json_reader *r)
{
    return r->event_line;
}

unsigned json_depth(const struct json_reader *r)
{
    return r->depth;
}

// ---- bytes

static int refuse(struct json_reader *r, struct err *e, const char *what)
{
    if (!r->code)
        r->code = err_set(e, ERR_INPUT, "%s:%llu: %s", r->name, (unsigned long long)r->line,
                          r->finished ? "the JSON text is cut" : what);
    return r->code;
}

static int peek(struct json_reader *r, struct err *e)
{
    if (r->at == r->filled && !r->finished && !r->code) {
        r->at = r->filled = 0;
        r->code = r->fill(r->arg, r->bytes, CHUNK, &r->filled, e);
        if (r->code)
            r->filled = 0;
        r->finished = !r->code && r->filled == 0;
    }
    return r->at < r->filled ? r->bytes[r->at] : END;
}

static int take(struct json_reader *r, struct err *e)
{
    int c = peek(r, e);
    if (c == END)
        return END;
    r->at++;
    r->line += c == '\n';
    return c;
}

static int peek_dark(struct json_reader *r, struct err *e)
{
    int c = peek(r, e);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        take(r, e);
        c = peek(r, e);
    }
    return c;
}

static void token_add(struct json_reader *r, int c, struct err *e)
{
    if (r->token_length < JSON_TOKEN_MAX)
        r->token[r->token_length++] = (char)c;
    else if (!r->code)
        r->code = err_set(e, ERR_LIMIT, "%s:%llu: a text of more than %d bytes", r->name,
                          (unsigned long long)r->line, JSON_TOKEN_MAX);
}

// ---- texts

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

static uint32_t take_unit(struct json_reader *r, struct err *e)
{
    uint32_t unit = 0;
    for (unsigned i = 0; i < 4 && !r->code; i++) {
        int digit = hex_digit(take(r, e));
        if (digit < 0)
            refuse(r, e, "not four hexadecimal digits behind \\u");
        unit = unit << 4 | (uint32_t)(digit & 15);
    }
    return unit;
}

static void token_add_character(struct json_reader *r, uint32_t c, struct err *e)
{
    if (c < 0x80) {
        token_add(r, (int)c, e);
        return;
    }
    unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t first[] = {0, 0xc0, 0xe0, 0xf0};
    token_add(r, (int)(first[more] | c >> 6 * more), e);
    while (more-- > 0)
        token_add(r, (int)(0x80 | (c >> 6 * more & 0x3f)), e);
}

// Of a pair of units the first waits for the second; one without the other is U+FFFD.
static void token_add_unit(struct json_reader *r, uint32_t unit, uint32_t *high, struct err *e)
{
    bool low = unit >= 0xdc00 && unit < 0xe000;
    if (*high && low) {
        token_add_character(r, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00), e);
        *high = 0;
        return;
    }
    if (*high)
        token_add_character(r, 0xfffd, e);
    *high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (!*high)
        token_add_character(r, low ? 0xfffd : unit, e);
}

static void take_escape(struct json_reader *r, uint32_t *high, struct err *e)
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    int c = take(r, e);
    if (c == 'u') {
        token_add_unit(r, take_unit(r, e), high, e);
        return;
    }
    const char *found = c > 0 ? strchr(letters, c) : NULL;
    if (found)
        token_add_unit(r, (unsigned char)bytes[found - letters], high, e);
    else
        refuse(r, e, "an escape that JSON does not have");
}

static void take_text(struct json_reader *r, struct err *e)
{
    uint32_t high = 0;
    r->token_length = 0;
    take(r, e);
    for (int c = take(r, e); c != '"' && !r->code; c = take(r, e)) {
        if (c == '\\') {
            take_escape(r, &high, e);
            continue;
        }
        if (high)
            token_add_character(r, 0xfffd, e);
        high = 0;
        if (c < ' ')
            refuse(r, e, "a control character in a text");
        else
            token_add(r, c, e);
    }
    if (high && !r->code)
        token_add_character(r, 0xfffd, e);
}

// ---- numbers and words

static bool take_digits(struct json_reader *r, struct err *e)
{
    bool some = false;
    for (int c = peek(r, e); c >= '0' && c <= '9' && !r->code; c = peek(r, e), some = true)
        token_add(r, take(r, e), e);
    return some;
}

static bool take_one_of(struct json_reader *r, const char *wanted, struct err *e)
{
    int c = peek(r, e);
    if (c <= 0 || !strchr(wanted, c))
        return false;
    token_add(r, take(r, e), e);
    return true;
}

static void take_number(struct json_reader *r, struct err *e)
{
    r->token_length = 0;
    take_one_of(r, "-", e);
    bool good = take_one_of(r, "0", e) || take_digits(r, e);
    if (good && take_one_of(r, ".", e))
        good = take_digits(r, e);
    if (good && take_one_of(r, "eE", e)) {
        take_one_of(r, "+-", e);
        good = take_digits(r, e);
    }
    if (!good)
        refuse(r, e, "not a number as JSON has it");
}

static void take_word(struct json_reader *r, const char *word, struct err *e)
{
    for (; *word && !r->code; word++)
        if (take(r, e) != *word)
            refuse(r, e, "not a value as JSON has it");
}

// ---- structure

static void open_level(struct json_reader *r, char bracket, struct err *e)
{
    take(r, e);
    if (r->depth == JSON_NESTING_MAX) {
        r->code = err_set(e, ERR_LIMIT, "%s:%llu: nested more than %d deep", r->name,
                          (unsigned long long)r->line, JSON_NESTING_MAX);
        return;
    }
    r->open[r->depth++] = bracket;
    r->want = bracket == '{' ? WANT_FIRST_NAME : WANT_FIRST_VALUE;
}

static void close_level(struct json_reader *r, struct err *e)
{
    take(r, e);
    r->depth--;
    r->want = r->depth > 0 ? WANT_MORE : WANT_NOTHING;
}

static enum json_event take_value(struct json_reader *r, struct err *e)
{
    int c = peek_dark(r, e);
    r->want = r->depth > 0 ? WANT_MORE : WANT_NOTHING;
    switch (c) {
    case '{':
        return open_level(r, '{', e), JSON_EVENT_OBJECT;
    case '[':
        return open_level(r, '[', e), JSON_EVENT_ARRAY;
    case '"':
        return take_text(r, e), JSON_EVENT_TEXT;
    case 't':
        return take_word(r, "true", e), JSON_EVENT_TRUE;
    case 'f':
        return take_word(r, "false", e), JSON_EVENT_FALSE;
    case 'n':
        return take_word(r, "null", e), JSON_EVENT_NULL;
    default:
        return take_number(r, e), JSON_EVENT_NUMBER;
    }
}

static enum json_event take_name(struct json_reader *r, struct err *e)
{
    if (peek_dark(r, e) != '"') {
        refuse(r, e, "not a name in quotes");
        return JSON_EVENT_NAME;
    }
    take_text(r, e);
    if (!r->code && peek_dark(r, e) != ':')
        refuse(r, e, "no colon behind a name");
    take(r, e);
    r->want = WANT_VALUE;
    return JSON_EVENT_NAME;
}

// Behind a value: a comma, or the end of the level.
static bool take_end(struct json_reader *r, struct err *e, enum json_event *ret)
{
    bool object = r->open[r->depth - 1] == '{', first = r->want != WANT_MORE;
    int c = peek_dark(r, e);
    if (!first && c == ',') {
        take(r, e);
        c = peek_dark(r, e);
        first = r->script && c == ']';
        r->want = object ? WANT_NAME : WANT_VALUE;
    } else if (!first && c != (object ? '}' : ']')) {
        refuse(r, e, "no comma between values");
    } else {
        first = true;
    }
    if (!first || c != (object ? '}' : ']'))
        return false;
    close_level(r, e);
    *ret = object ? JSON_EVENT_OBJECT_END : JSON_EVENT_ARRAY_END;
    return true;
}

static void take_nothing(struct json_reader *r, struct err *e)
{
    if (!r->script && peek_dark(r, e) != END)
        refuse(r, e, "more behind the end of the JSON text");
}

int json_next(struct json_reader *r, enum json_event *ret, struct err *e)
{
    enum json_event event = JSON_EVENT_END;
    bool ended = false;
    r->token_length = 0;
    if (!r->code &&
        (r->want == WANT_MORE || r->want == WANT_FIRST_NAME || r->want == WANT_FIRST_VALUE))
        ended = take_end(r, e, &event);
    peek_dark(r, e);
    r->event_line = r->line;
    if (r->code || ended)
        ;
    else if (r->want == WANT_NOTHING)
        take_nothing(r, e);
    else if (r->want == WANT_NAME || r->want == WANT_FIRST_NAME)
        event = take_name(r, e);
    else
        event = take_value(r, e);
    if (r->code)
        return r->code;
    *ret = event;
    return 0;
}

int json_skip(struct json_reader *r, enum json_event event, struct err *e)
{
    int code = event == JSON_EVENT_NAME ? json_next(r, &event, e) : 0;
    if (event != JSON_EVENT_OBJECT && event != JSON_EVENT_ARRAY)
        return code;
    unsigned depth = r->depth - 1;
    while (!code && r->depth > depth)
        code = json_next(r, &event, e);
    return code;
}

int json_seek_arrays(struct json_reader *r, struct err *e)
{
    r->script = true;
    for (int c = take(r, e); !r->code; c = take(r, e)) {
        if (c == END)
            return r->code = err_set(e, ERR_INPUT, "%s: no array of arrays in it", r->name);
        if (c == '[' && peek_dark(r, e) == '[')
            break;
    }
    if (r->code)
        return r->code;
    r->open[r->depth++] = '[';
    r->want = WANT_FIRST_VALUE;
    return 0;
}
