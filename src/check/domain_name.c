// SPDX-License-Identifier: Apache-2.0
//
// What people type as a domain: "Bücher.example", "https://www.example.org/page", "example.org.".

#include "check/check.h"

#include <idn2.h>
#include <stdio.h>
#include <string.h>

#define TYPED_MAX 1024 // bytes of UTF-8; 253 octets of A-labels are at most some 500

static struct slice host_of(struct slice text)
{
    text = slice_trim(text);
    const char *scheme = memmem(text.at, text.length, "://", 3);
    if (scheme) {
        size_t skip = (size_t)(scheme + 3 - text.at);
        text = (struct slice){scheme + 3, text.length - skip};
    }
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] == '/' || text.at[i] == ':' || text.at[i] == '?' || text.at[i] == '#')
            text.length = i;
    while (text.length > 1 && text.at[text.length - 1] == '.')
        text.length--;
    return text;
}

static bool label_holds(struct slice label)
{
    if (label.length == 0 || label.length > 63 || label.at[0] == '-' ||
        label.at[label.length - 1] == '-')
        return false;
    for (size_t i = 0; i < label.length; i++) {
        char c = label.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return true;
}

static bool labels_hold(const char *name)
{
    struct slice rest = slice_of(name);
    size_t labels = 0;
    bool digits_only = true;
    while (rest.at) {
        struct slice label = slice_cut(&rest, '.');
        uint64_t number;
        if (!label_holds(label))
            return false;
        labels++;
        if (!rest.at)
            digits_only = slice_u64(label, UINT64_MAX, &number);
    }
    return labels >= 1 && !digits_only; // a last label of digits is an address
}

int check_domain_name(struct slice text, char ret[CHECK_DOMAIN_MAX + 1], struct err *e)
{
    char typed[TYPED_MAX];
    struct slice host = host_of(text);
    if (host.length == 0)
        return err_set(e, ERR_USAGE, "an empty name where a domain was wanted");
    if (host.length >= sizeof typed || memchr(host.at, '\0', host.length))
        return err_set(e, ERR_USAGE, "a name of %zu bytes is no domain", host.length);
    memcpy(typed, host.at, host.length);
    typed[host.length] = '\0';
    char *ascii = NULL;
    int failed = idn2_to_ascii_8z(typed, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    int code = 0;
    if (failed)
        code = err_set(e, ERR_USAGE, "\"%s\" is no domain: %s", typed, idn2_strerror(failed));
    else if (strlen(ascii) > CHECK_DOMAIN_MAX)
        code = err_set(e, ERR_USAGE, "\"%s\" is no domain: more than %d octets", typed,
                       CHECK_DOMAIN_MAX);
    else if (!labels_hold(ascii))
        code = err_set(e, ERR_USAGE,
                       "\"%s\" is no domain: labels of letters, digits and \"-\" "
                       "with dots between them were wanted",
                       typed);
    else
        snprintf(ret, CHECK_DOMAIN_MAX + 1, "%s", ascii);
    idn2_free(ascii);
    return code;
}
