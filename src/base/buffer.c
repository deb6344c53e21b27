// SPDX-License-Identifier: Apache-2.0

#include "base/buffer.h"

#include "base/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_done(struct buffer *b)
{
    free(b->at);
    *b = (struct buffer){.limit = b->limit};
}

static bool make_room(struct buffer *b, size_t more)
{
    size_t limit = b->limit ? b->limit : BUFFER_LIMIT_DEFAULT;
    if (!b->failed && (more > limit - b->length ||
                       !array_reserve_((void **)&b->at, &b->capacity, b->length + more + 1, 1)))
        b->failed = true;
    return !b->failed;
}

void buffer_add(struct buffer *b, const char *bytes, size_t length)
{
    if (!make_room(b, length))
        return;
    if (length > 0)
        memcpy(b->at + b->length, bytes, length);
    b->length += length;
    b->at[b->length] = '\0';
}

char *buffer_room(struct buffer *b, size_t length)
{
    return make_room(b, length) ? b->at + b->length : NULL;
}

void buffer_text(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

void buffer_char(struct buffer *b, char c)
{
    buffer_add(b, &c, 1);
}

void buffer_format(struct buffer *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0 && make_room(b, (size_t)length)) {
        vsnprintf(b->at + b->length, (size_t)length + 1, format, again);
        b->length += (size_t)length;
    } else {
        b->failed = true;
    }
    va_end(again);
    va_end(args);
}
