// SPDX-License-Identifier: Apache-2.0
//
// The topology of a laboratory as a drawing.

#ifndef LAB_DRAW_H
#define LAB_DRAW_H

#include "lab/lab.h"

// SVG: nodes with their interfaces and addresses, links with their names and prefixes. It takes the
// colour of the text around it, and says in words what it shows. Without its own style it is part
// of a page whose style sheet knows the class "lab".
void draw_svg(const struct lab *lab, bool styled, struct buffer *out);

#endif
