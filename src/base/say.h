// SPDX-License-Identifier: Apache-2.0
//
// English texts of lower rooms that the catalogues translate where they are shown (site/words.h):
// po/update.sh finds them by the mark.

#ifndef BASE_SAY_H
#define BASE_SAY_H

#define say_later(english) english

#endif
