// SPDX-License-Identifier: Apache-2.0
//
// Where Pango is missing: pictures are SVG.

#include "site/picture.h"

int picture_write_png(const struct picture *p, struct buffer *out, struct err *e)
{
    (void)p;
    (void)out;
    return err_set(e, ERR_NOT_FOUND, "this program was built without PNG pictures; there is SVG");
}

bool picture_has_letters(enum language l)
{
    (void)l;
    return false;
}
