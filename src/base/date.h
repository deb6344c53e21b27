// SPDX-License-Identifier: Apache-2.0
//
// Civil dates: proleptic Gregorian, no time zone, counted in days since 1970-01-01 (negative
// before). Algorithms after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

typedef int32_t date;

#define DATE_NONE INT32_MIN // no date is stated
#define DATE_MAX  INT32_MAX // later than every date

struct civil {
    int year;
    unsigned month, day; // 1..12, 1..31
};

date date_of(int year, unsigned month, unsigned day); // the parts must be valid
struct civil date_civil(date d);
bool date_valid(int year, unsigned month, unsigned day); // years 1..9999

// "2024-02-29" or "20240229", the whole slice. *ret is untouched on failure.
bool date_parse(struct slice s, date *ret);

// "2024-02-29" and a NUL; "" for DATE_NONE. Returns `text`.
#define DATE_TEXT_MAX 16
char *date_format(date d, char text[DATE_TEXT_MAX]);

// Today in UTC. `SOURCE_DATE_EPOCH` in the environment replaces the clock.
date date_today(void);

// An instant, in seconds since 1970-01-01T00:00:00Z, as "2024-02-29T13:05:09Z" (RFC 3339) and a
// NUL;
// "" past the year 9999. Returns `text`.
#define INSTANT_TEXT_MAX 21
char *instant_format(int64_t seconds, char text[INSTANT_TEXT_MAX]);

// Periods: a year, a quarter, a month or a day, named by its first date.
enum period { PERIOD_YEAR, PERIOD_QUARTER, PERIOD_MONTH, PERIOD_DAY };

bool period_parse(struct slice s, enum period *ret); // "year", "quarter", "month", "day"
date period_first(enum period p, date d);            // first date of the period that holds d
date period_next(enum period p, date first);         // first date of the following period

// "2024", "2024-Q1", "2024-02", "2024-02-29".
char *period_format(enum period p, date first, char text[DATE_TEXT_MAX]);

#endif
