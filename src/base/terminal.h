// SPDX-License-Identifier: Apache-2.0
//
// Text as a terminal shows it: how wide it is, where a line may be broken, and what must never
// reach the screen. UTF-8 is decoded here and nowhere else.

#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdint.h>

#define UTF8_BAD ((uint32_t)0xFFFD) // the replacement character

// Takes one character off the front of *rest, which must not be empty. A byte that does not belong
// (overlong forms, surrogates, values above U+10FFFF included) is UTF8_BAD and one byte long.
uint32_t utf8_next(struct slice *rest);

// U+0000..U+001F, U+007F..U+009F.
bool utf8_is_control(uint32_t c);

// Terminal columns of a UTF-8 text: Chinese takes two for a character, combining marks none.
unsigned text_width(const char *text);
unsigned slice_width(struct slice s);

// Columns of the widest part that a line break does not divide: a word, or one Chinese character.
unsigned slice_widest_word(struct slice s);

// Does it hold a letter of a script written from right to left?
bool slice_is_rtl(struct slice s);

// Appends the text made safe: newlines and tabs become blanks; other control characters, characters
// that reorder the line and bytes that are not UTF-8 become U+FFFD.
void text_clean(struct slice s, struct buffer *out);

// Cuts the next line of at most `width` columns (0: no limit) off a clean text, broken at blanks
// and between Chinese characters, within a word only where one word is wider than the line.
struct slice text_line(struct slice *rest, unsigned width);

// Appends the text in lines of at most `width` columns in all, each ended with a newline; the first
// line follows what is already written, the others begin with `indent` blanks; `used` is how
// many columns of the first line are taken. The text is cleaned.
void text_wrap(const char *text, unsigned width, unsigned used, unsigned indent,
               struct buffer *out);

#endif
