// SPDX-License-Identifier: Apache-2.0
//
// The topology of a laboratory as a drawing.

#ifndef LAB_DRAW_H
#define LAB_DRAW_H

#include "lab/lab.h"

// What says a text in the reader's language: of a room above.
struct words;
typedef const char *draw_say(const struct words *w, const char *english);

// SVG: nodes with their interfaces and addresses, links with their names and prefixes. It takes the
// colour of the text around it, and says in words what it shows. Without its own style it is part
// of a page whose style sheet knows the class "lab".
void draw_svg(const struct lab *lab, draw_say *say, const struct words *w, bool styled,
              struct buffer *out);

#endif
