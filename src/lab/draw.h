// SPDX-License-Identifier: Apache-2.0
//
// The topology of a laboratory as a drawing.

#ifndef LAB_DRAW_H
#define LAB_DRAW_H

#include "lab/lab.h"

// SVG: nodes with their interfaces and addresses, links with their names and prefixes. It takes the
// colour of the text around it, and says in words what it shows.
void draw_svg(const struct lab *lab, struct buffer *out);

#endif
