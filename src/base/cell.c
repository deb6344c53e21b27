// SPDX-License-Identifier: Apache-2.0
//
// One cell as text: exact in CSV and JSON, rounded and grouped for people.

#include "base/table_write.h"

#include <stdio.h>

#define DIGITS_MAX 40 // 2^128 has 39

static const char *count_digits(u128 count, char text[DIGITS_MAX])
{
    char *at = text + DIGITS_MAX - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + (unsigned)(count % 10));
        count /= 10;
    } while (count > 0);
    return at;
}

// Writes digits with a comma before each group of three of the integer part.
static void add_grouped(const char *number, struct buffer *out)
{
    if (*number == '-')
        buffer_char(out, *number++);
    size_t digits = strspn(number, "0123456789");
    for (size_t i = 0; i < digits; i++) {
        if (i > 0 && (digits - i) % 3 == 0)
            buffer_char(out, ',');
        buffer_char(out, number[i]);
    }
    buffer_text(out, number + digits);
}

static void add_count(u128 count, bool grouped, struct buffer *out)
{
    char text[DIGITS_MAX];
    const char *digits = count_digits(count, text);
    if (grouped)
        add_grouped(digits, out);
    else
        buffer_text(out, digits);
}

// count / 2^shift in full: the expansion ends after `shift` digits at the latest.
static void add_fraction(u128 count, unsigned shift, struct buffer *out)
{
    u128 mask = ((u128)1 << shift) - 1, rest = count & mask;
    add_count(count >> shift, false, out);
    if (rest > 0)
        buffer_char(out, '.');
    while (rest > 0) {
        rest *= 10;
        buffer_char(out, (char)('0' + (unsigned)(rest >> shift)));
        rest &= mask;
    }
}

// count / 2^shift to `decimals` places; a tie goes to the even digit, as in printf.
static void add_fraction_rounded(u128 count, unsigned shift, unsigned decimals, struct buffer *out)
{
    u128 mask = ((u128)1 << shift) - 1, rest = count & mask, whole = count >> shift;
    u128 half = shift > 0 ? (u128)1 << (shift - 1) : 1;
    char places[TABLE_DECIMALS_MAX + 1] = {0};
    for (unsigned i = 0; i < decimals; i++) {
        rest *= 10;
        places[i] = (char)('0' + (unsigned)(rest >> shift));
        rest &= mask;
    }
    unsigned last = decimals > 0 ? (unsigned)(places[decimals - 1] - '0') : (unsigned)(whole & 1);
    bool carry = rest > half || (rest == half && last % 2 == 1);
    for (unsigned i = decimals; carry && i-- > 0;) {
        carry = places[i] == '9';
        places[i] = carry ? '0' : (char)(places[i] + 1);
    }
    add_count(whole + carry, true, out);
    if (decimals > 0)
        buffer_format(out, ".%s", places);
}

static void add_real(double value, unsigned decimals, struct buffer *out)
{
    char text[400]; // DBL_MAX has 309 digits before the point
    snprintf(text, sizeof text, "%.*f", (int)decimals, value);
    bool zero = strspn(text, "-0.") == strlen(text);
    add_grouped(text[0] == '-' && zero ? text + 1 : text, out);
}

// For a file: line breaks and tabs stay, other control characters do not.
static void add_text_exact(struct slice s, struct buffer *out)
{
    const char *clean = s.at;
    while (s.length > 0) {
        const char *at = s.at;
        uint32_t c = utf8_next(&s);
        bool lone = c == UTF8_BAD && s.at == at + 1;
        if (!lone && (!utf8_is_control(c) || c == '\n' || c == '\t'))
            continue;
        buffer_add(out, clean, (size_t)(at - clean));
        buffer_text(out, "\xEF\xBF\xBD");
        clean = s.at;
    }
    buffer_add(out, clean, (size_t)(s.at - clean));
}

void cell_format(const struct column *c, const struct cell *cell, enum table_format format,
                 struct buffer *out)
{
    bool people = format == TABLE_TEXT || format == TABLE_MARKDOWN;
    char text[REAL_TEXT_MAX];
    switch (cell->kind) {
    case CELL_EMPTY:
        break;
    case CELL_TEXT:
        if (people)
            text_clean(slice_of(cell->text), out);
        else
            add_text_exact(slice_of(cell->text), out);
        break;
    case CELL_COUNT:
        if (c->type != COLUMN_FRACTION)
            add_count(cell->count, people, out);
        else if (people)
            add_fraction_rounded(cell->count, c->shift, c->decimals, out);
        else
            add_fraction(cell->count, c->shift, out);
        break;
    case CELL_REAL:
        if (people)
            add_real(cell->real, c->decimals, out);
        else
            buffer_text(out, real_text(cell->real, text));
        break;
    case CELL_DATE:
        buffer_text(out, date_format(cell->date, text));
        break;
    }
}

void cell_say(const struct column *c, const struct cell *cell, const struct table_tongue *tongue,
              struct buffer *out)
{
    struct buffer english = {0};
    if (!tongue || (cell->kind != CELL_COUNT && cell->kind != CELL_REAL)) {
        cell_format(c, cell, TABLE_TEXT, out);
        return;
    }
    cell_format(c, cell, TABLE_TEXT, &english);
    tongue->figure(tongue->words, english.at ? english.at : "", out);
    out->failed = out->failed || english.failed;
    buffer_done(&english);
}
