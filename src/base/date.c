// SPDX-License-Identifier: Apache-2.0

#include "base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

date date_of(int year, unsigned month, unsigned day)
{
    // A year that begins in March has its leap day at the end.
    int y = year - (month <= 2);
    int day_of_year = (int)((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1);
    return 365 * y + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

struct civil date_civil(date d)
{
    int z = d + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned day_of_era = (unsigned)(z - era * 146097);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * day_of_year + 2) / 153;
    unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    int year = (int)year_of_era + era * 400 + (month <= 2);
    return (struct civil){year, month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

bool date_valid(int year, unsigned month, unsigned day)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month - 1 > 11 || day - 1 > 30)
        return false;
    if (day <= days[month - 1])
        return true;
    return day == 29 && month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static date of_parts(uint64_t year, uint64_t month, uint64_t day)
{
    bool valid = date_valid((int)year, (unsigned)month, (unsigned)day);
    return valid ? date_of((int)year, (unsigned)month, (unsigned)day) : DATE_NONE;
}

// Eight digits at once: each multiplication joins neighbours, first to numbers of two digits.
static date of_eight_digits(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0), zeros = UINT64_C(0x3030303030303030);
    if ((word & high) != zeros || ((word + UINT64_C(0x0606060606060606)) & high) != zeros)
        return DATE_NONE;
    word = ((word & ~high) * 2561 >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    return of_parts((word & 0xff) * 100 + (word >> 16 & 0xff), word >> 32 & 0xff, word >> 48);
}

bool date_parse(struct slice s, date *ret)
{
    date d = DATE_NONE;
    if (s.length == 8) {
        d = of_eight_digits(s.at);
    } else if (s.length == 10 && s.at[4] == '-' && s.at[7] == '-') {
        char digits[] = {s.at[0], s.at[1], s.at[2], s.at[3], s.at[5], s.at[6], s.at[8], s.at[9]};
        d = of_eight_digits(digits);
    }
    if (d == DATE_NONE)
        return false;
    *ret = d;
    return true;
}

char *date_format(date d, char text[DATE_TEXT_MAX])
{
    return d == DATE_NONE ? (text[0] = '\0', text) : period_format(PERIOD_DAY, d, text);
}

date date_today(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds;
    if (fixed && slice_u64(slice_of(fixed), (uint64_t)INT32_MAX * 86400 / 2, &seconds))
        return (date)(seconds / 86400);
    return (date)(time(NULL) / 86400);
}

char *instant_format(int64_t seconds, char text[INSTANT_TEXT_MAX])
{
    time_t at = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&at, &tm) || strftime(text, INSTANT_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        text[0] = '\0';
    return text;
}

bool period_parse(struct slice s, enum period *ret)
{
    static const char *const names[] = {"year", "quarter", "month", "day"};
    for (unsigned i = 0; i < 4; i++)
        if (slice_is(s, names[i])) {
            *ret = (enum period)i;
            return true;
        }
    return false;
}

date period_first(enum period p, date d)
{
    struct civil c = date_civil(d);
    switch (p) {
    case PERIOD_YEAR:
        return date_of(c.year, 1, 1);
    case PERIOD_QUARTER:
        return date_of(c.year, (c.month - 1) / 3 * 3 + 1, 1);
    case PERIOD_MONTH:
        return date_of(c.year, c.month, 1);
    default:
        return d;
    }
}

date period_next(enum period p, date first)
{
    static const int longer_than[] = {366, 92, 31, 1};
    return p == PERIOD_DAY ? first + 1 : period_first(p, first + longer_than[p]);
}

char *period_format(enum period p, date first, char text[DATE_TEXT_MAX])
{
    struct civil c = date_civil(first);
    unsigned year = (unsigned)c.year % 10000u, month = c.month % 13u, day = c.day % 32u;
    if (p == PERIOD_YEAR)
        snprintf(text, DATE_TEXT_MAX, "%04u", year);
    else if (p == PERIOD_QUARTER)
        snprintf(text, DATE_TEXT_MAX, "%04u-Q%u", year, (month - 1) / 3 % 4 + 1);
    else if (p == PERIOD_MONTH)
        snprintf(text, DATE_TEXT_MAX, "%04u-%02u", year, month);
    else
        snprintf(text, DATE_TEXT_MAX, "%04u-%02u-%02u", year, month, day);
    return text;
}
