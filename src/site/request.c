// SPDX-License-Identifier: Apache-2.0
//
// A request's target, decoded and checked: what comes out is valid UTF-8 without control
// characters, within named limits.

#include "base/terminal.h"
#include "site/site.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Decodes into `ret`, which has room for s.length + 1 bytes; -1 where an encoding is broken.
static long decode(struct slice s, bool plus, char *ret)
{
    long length = 0;
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        if (c == '%') {
            int high = s.length - i > 2 ? hex_value(s.at[i + 1]) : -1;
            int low = high >= 0 ? hex_value(s.at[i + 2]) : -1;
            if (low < 0)
                return -1;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        ret[length++] = c;
    }
    ret[length] = '\0';
    return length;
}

static bool is_clean(struct slice s)
{
    while (s.length > 0) {
        struct slice before = s;
        uint32_t c = utf8_next(&s);
        bool bad = c == UTF8_BAD && (before.length - s.length != 3);
        if (bad || utf8_is_control(c))
            return false;
    }
    return true;
}

static int decode_checked(struct slice s, bool plus, const char *what, char *ret, struct err *e)
{
    long length = decode(s, plus, ret);
    if (length < 0)
        return err_set(e, ERR_INPUT, "%s: a %% is not followed by two hexadecimal digits", what);
    if (!is_clean((struct slice){ret, (size_t)length}))
        return err_set(e, ERR_INPUT, "%s: not UTF-8 without control characters", what);
    return 0;
}

static int decode_part(struct request *r, struct slice s, const char **ret, struct err *e)
{
    char *text = arena_alloc(&r->arena, s.length + 1);
    if (!text)
        return err_memory(e);
    int code = decode_checked(s, true, "query string", text, e);
    if (code == 0 && strlen(text) > REQUEST_VALUE_MAX)
        code = err_set(e, ERR_LIMIT, "a parameter has more than %d bytes", REQUEST_VALUE_MAX);
    if (code == 0)
        *ret = text;
    return code;
}

static int parse_query(struct request *r, struct slice query, struct err *e)
{
    for (struct slice rest = query; rest.at;) {
        struct slice value = slice_cut(&rest, '&');
        if (value.length == 0)
            continue;
        if (r->parameter_count == REQUEST_PARAMETERS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d parameters", REQUEST_PARAMETERS_MAX);
        struct request_parameter p = {"", ""};
        struct slice name = slice_cut(&value, '=');
        int code = decode_part(r, name, &p.name, e);
        if (code == 0 && value.at)
            code = decode_part(r, value, &p.value, e);
        if (code)
            return code;
        r->parameters[r->parameter_count++] = p;
    }
    return 0;
}

int request_parse(struct request *r, struct err *e)
{
    struct slice query = slice_of(r->target);
    if (query.length > REQUEST_TARGET_MAX)
        return err_set(e, ERR_LIMIT, "an address of more than %d bytes", REQUEST_TARGET_MAX);
    struct slice path = slice_cut(&query, '?');
    r->path[0] = '\0';
    r->parameter_count = 0;
    if (path.length >= REQUEST_PATH_MAX)
        return err_set(e, ERR_LIMIT, "a path of more than %d bytes", REQUEST_PATH_MAX - 1);
    if (path.length == 0 || path.at[0] != '/')
        return err_set(e, ERR_INPUT, "the path does not begin with /");
    int code = decode_checked(path, false, "path", r->path, e);
    return code || !query.at ? code : parse_query(r, query, e);
}

void request_done(struct request *r)
{
    arena_done(&r->arena);
    r->parameter_count = 0;
}

const char *request_value(const struct request *r, const char *name)
{
    for (size_t i = r->parameter_count; i > 0; i--)
        if (strcmp(r->parameters[i - 1].name, name) == 0)
            return r->parameters[i - 1].value;
    return NULL;
}
