// SPDX-License-Identifier: Apache-2.0
//
// The world: economies, their names in six languages, regions and development groups.
//
// Comes in: the reference tables in data/world (facts, each headed with its source and date) and
// the names that iso-codes has. Goes out: questions about one economy. Nothing is guessed: a code
// that is no economy (EU, AP, ZZ, none, UK, ...) is kept apart under its own name.
//
// An economy is named by its ISO 3166-1 alpha-2 code, as in the RIRs' files (RFC 7020's "economy").

#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include "base/date.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

// Two ASCII letters in one number: 'K' << 8 | 'E'. 0: the record states none.
typedef uint16_t economy;

#define ECONOMY_NONE ((economy)0)
#define ECONOMY_ODD  ((economy)('?' << 8 | '?')) // what is stated is not two letters

static inline economy economy_of(char a, char b)
{
    return (economy)((unsigned char)a << 8 | (unsigned char)b);
}

// "KE"; "none" for ECONOMY_NONE; "??" for ECONOMY_ODD. Returns `text`.
char *economy_format(economy e, char text[8]);

enum language { LANGUAGE_EN, LANGUAGE_AR, LANGUAGE_ES, LANGUAGE_FR, LANGUAGE_RU, LANGUAGE_ZH };
#define LANGUAGE_COUNT 6

bool language_parse(struct slice s, enum language *ret); // "en", "ar", ... (also "en_GB.UTF-8")
const char *language_code(enum language l);

// How economies can be put together. Each partition has members with a key ("africa", "ldc").
enum grouping {
    GROUPING_REGION,     // UN M49 region (5 and none)
    GROUPING_SUBREGION,  // UN M49 sub-region (17: intermediate regions not split; and Antarctica)
    GROUPING_ITU_REGION, // the six ITU regions
    GROUPING_GROUP,      // development groups; these overlap: LDC, LLDC, SIDS, developed, ...
};
#define GROUPING_COUNT 4

struct world;

// Reads the tables. Names only of `names`. ERR_NOT_FOUND, ERR_INPUT (the file and line are named).
int world_load(enum language names, struct world **ret, struct err *e);
void world_free(struct world **w);

size_t world_count(const struct world *w);              // 249
economy world_economy(const struct world *w, size_t i); // in order of code
bool world_has(const struct world *w, economy e);       // ISO 3166-1 officially assigned

// The name in the language loaded; for a code that is no economy what is known about it ("European
// Union", "Asia-Pacific, no economy stated", "not stated") or the code itself. Never NULL.
const char *world_name(const struct world *w, economy e);

// The economy of an alpha-2, alpha-3 or numeric code ("KE", "KEN", "404"); ECONOMY_NONE where there
// is none.
economy world_find(const struct world *w, struct slice code);

// The code of a country-code domain, given without a dot: "ke", "xn--node", "uk" (GB). It may be
// one that is no economy ("eu"). False where it is no such domain; *ret is untouched.
bool world_domain(const struct world *w, struct slice label, economy *ret);

// Groups of a grouping, in the order in which they are shown.
size_t world_group_count(const struct world *w, enum grouping g);
const char *world_group_key(const struct world *w, enum grouping g, size_t i);  // "ldc"
const char *world_group_name(const struct world *w, enum grouping g, size_t i); // in the language
bool world_find_group(const struct world *w, enum grouping g, struct slice key, size_t *ret);

// The table that the grouping was written down from, for notes: "UN M49, 2024-..., https://..."
const char *world_group_source(const struct world *w, enum grouping g);

// Is the economy a member on that date? (A country leaves the LDCs on a date.)
bool world_is_member(const struct world *w, enum grouping g, size_t i, economy e, date on);

// The members of one economy as bits (1 << i) on that date; for GROUPING_GROUP several, else one or
// none.
uint64_t world_memberships(const struct world *w, enum grouping g, economy e, date on);

#endif
