// SPDX-License-Identifier: Apache-2.0

#include "check/root_hints.h"

#include "base/file.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

static struct slice word_take(struct slice *line)
{
    while (line->length > 0 && is_blank(line->at[0])) {
        line->at++;
        line->length--;
    }
    struct slice word = {line->at, 0};
    while (word.length < line->length && !is_blank(word.at[word.length]))
        word.length++;
    line->at += word.length;
    line->length -= word.length;
    return word;
}

static bool address_read(struct slice s, struct root_hint *h)
{
    uint32_t four;
    if (ipv4_parse(s, &four)) {
        h->family = FAMILY_IPV4;
        h->address = four;
        return true;
    }
    h->family = FAMILY_IPV6;
    return ipv6_parse(s, &h->address);
}

// A line counts where its last word is an address: NS records and headings have none.
static int line_read(struct slice line, const char *path, unsigned number, struct root_hints *ret,
                     struct err *e)
{
    struct slice first = word_take(&line), last = first, word;
    if (first.length == 0 || first.at[0] == ';' || first.at[0] == '#' || first.at[0] == '$')
        return 0;
    while ((word = word_take(&line)).length > 0 && word.at[0] != ';')
        last = word;
    struct root_hint h;
    if (!address_read(last, &h))
        return 0;
    if (!dns_name_parse(first, &h.name))
        return err_set(e, ERR_INPUT, "%s:%u: \"%.*s\" where a root server's name was wanted", path,
                       number, SLICE_ARG(first));
    if (ret->count == ROOT_HINTS_MAX)
        return err_set(e, ERR_LIMIT, "%s: more than %d addresses of root servers", path,
                       ROOT_HINTS_MAX);
    ret->at[ret->count++] = h;
    return 0;
}

int root_hints_read(const char *path, struct root_hints *ret, struct err *e)
{
    char found[FILE_PATH_MAX];
    struct buffer text = {0};
    int code = path ? 0 : file_find_data("dns/root-servers.csv", found, e);
    if (code)
        return code;
    path = path ? path : found;
    code = file_read(path, ROOT_HINTS_BYTES_MAX, &text, e);
    struct slice rest = {text.at, text.length};
    ret->count = 0;
    for (unsigned number = 1; !code && rest.at && rest.length > 0; number++)
        code = line_read(slice_cut(&rest, '\n'), path, number, ret, e);
    buffer_done(&text);
    if (!code && ret->count == 0)
        code = err_set(e, ERR_INPUT, "%s: no address of a root server", path);
    return code;
}
