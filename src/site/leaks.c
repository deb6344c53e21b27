// SPDX-License-Identifier: Apache-2.0
//
// Only in builds with the address sanitizer: fontconfig does not free what it has read of the
// machine's fonts, and that is no leak of ours.

const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}
