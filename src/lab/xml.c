// SPDX-License-Identifier: Apache-2.0

#include "lab/xml.h"

#include "base/terminal.h"

void xml_text(struct buffer *out, const char *text)
{
    struct slice rest = slice_of(text);
    while (rest.length > 0) {
        struct slice before = rest;
        uint32_t c = utf8_next(&rest);
        bool bad = c == UTF8_BAD || (utf8_is_control(c) && c != '\n' && c != '\t') ||
                   (c & 0xFFFE) == 0xFFFE;
        if (bad)
            buffer_text(out, "\xEF\xBF\xBD");
        else if (c == '&')
            buffer_text(out, "&amp;");
        else if (c == '<')
            buffer_text(out, "&lt;");
        else if (c == '>')
            buffer_text(out, "&gt;");
        else if (c == '"')
            buffer_text(out, "&quot;");
        else
            buffer_add(out, before.at, before.length - rest.length);
    }
}
