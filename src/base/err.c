// SPDX-License-Identifier: Apache-2.0

#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(struct err *e, int length)
{
    if (length >= ERR_TEXT_MAX)
        memcpy(e->text + ERR_TEXT_MAX - 4, "...", 4);
}

static int set(struct err *e, int code, const char *format, va_list args)
{
    if (e) {
        e->code = code;
        mark_cut(e, vsnprintf(e->text, sizeof e->text, format, args));
    }
    return code;
}

int err_set(struct err *e, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(e, code, format, args);
    va_end(args);
    return code;
}

int err_system(struct err *e, const char *format, ...)
{
    int saved = errno;
    char what[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return err_set(e, ERR_SYSTEM, "%s: %s", what, strerror(saved));
}

int err_prefix(struct err *e, const char *format, ...)
{
    if (!e)
        return ERR_SYSTEM;
    char prefix[ERR_TEXT_MAX], text[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    memcpy(text, e->text, sizeof text);
    return err_set(e, e->code, "%s: %s", prefix, text);
}

int err_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "out of memory");
}

const char *err_name(int code)
{
    switch (code) {
    case ERR_NONE:
        return "no error";
    case ERR_MEMORY:
        return "out of memory";
    case ERR_SYSTEM:
        return "system failure";
    case ERR_NETWORK:
        return "network failure";
    case ERR_INPUT:
        return "bad input";
    case ERR_LIMIT:
        return "limit exceeded";
    case ERR_USAGE:
        return "wrong usage";
    case ERR_STORE:
        return "unusable archive";
    case ERR_NOT_FOUND:
        return "not found";
    case ERR_STOPPED:
        return "stopped";
    case ERR_LATE:
        return "too late";
    default:
        return NULL;
    }
}

int err_exit_status(int code)
{
    switch (code) {
    case ERR_NONE:
        return 0;
    case ERR_USAGE:
    case ERR_NOT_FOUND:
        return 2;
    case ERR_INPUT:
    case ERR_LIMIT:
    case ERR_STORE:
        return 3;
    default:
        return 4;
    }
}
