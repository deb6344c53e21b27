// SPDX-License-Identifier: Apache-2.0
//
// Telling the handler what is odd.

#include "read/formats.h"

#include <stdarg.h>
#include <stdio.h>

#define QUOTED_MAX 100 // bytes of an offending line that a sentence quotes

int tell_finding(const struct read_handler *handler, enum finding_kind kind, uint64_t line,
                 const char *format, ...)
{
    if (!handler->finding)
        return 0;
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct finding f = {kind, line, text};
    return handler->finding(&f, handler->arg);
}

int reject_lines(const struct read_handler *handler, struct fates *fates, uint64_t line,
                 uint64_t lines, enum rejected why, struct slice what)
{
    fates->rejected[why] += lines;
    if (what.length == 0)
        return tell_finding(handler, FINDING_REJECTED, line, "%s", rejected_name(why));
    return tell_finding(handler, FINDING_REJECTED, line, "%s: \"%.*s\"", rejected_name(why),
                        what.length > QUOTED_MAX ? QUOTED_MAX : (int)what.length, what.at);
}
