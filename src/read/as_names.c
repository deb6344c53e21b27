// SPDX-License-Identifier: Apache-2.0

#include "read/as_names.h"

#include "read/formats.h"
#include "read/kind.h"

#include <string.h>

#define COLUMNS 4

struct reader {
    struct text_reader text; // first
    const struct as_name_handler *handler;
    struct as_name_header header;
    bool headed;
    char line[LINE_MAX_BYTES]; // changed where fields lose their quotes
};

// Not within a character of UTF-8.
static struct slice cut_name(struct slice s)
{
    size_t length = s.length;
    if (length > AS_NAME_MAX)
        for (length = AS_NAME_MAX; length > 0 && ((unsigned char)s.at[length] & 0xc0) == 0x80;)
            length--;
    return (struct slice){s.at, length};
}

static void set_registry(struct as_name *n, struct slice s)
{
    size_t length = s.length < AS_REGISTRY_MAX ? s.length : AS_REGISTRY_MAX - 1;
    for (size_t i = 0; i < length; i++)
        n->registry[i] = s.at[i] > ' ' && s.at[i] <= '~' ? s.at[i] : '?';
}

static int give(struct reader *r, const struct as_name *n)
{
    int code = 0;
    if (!r->headed && r->handler->header)
        code = r->handler->header(&r->header, r->handler->arg);
    r->headed = true;
    r->text.fates.used++;
    return !code && r->handler->name ? r->handler->name(n, r->handler->arg) : code;
}

static int take_csv(struct text_reader *text, const struct line *l)
{
    struct reader *r = (struct reader *)text;
    struct slice f[COLUMNS] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    unsigned count = 0;
    char *rest = r->line;
    memcpy(r->line, l->at, l->length);
    while (count < COLUMNS && csv_field(&rest, r->line + l->length, &f[count]))
        count++;
    struct as_name n = {.line = l->number};
    if (count < 2)
        return text_reject(text, l, REJECTED_FIELDS, (struct slice){l->at, l->length});
    if (slice_is_nocase(slice_trim(f[0]), "asn"))
        return text_ignore(text, IGNORED_HEADER);
    if (!asn_parse(slice_trim(f[0]), &n.asn))
        return text_reject(text, l, REJECTED_ORIGIN, f[0]);
    n.name = cut_name(slice_trim(f[1]));
    n.economy = economy_parse(slice_trim(f[2]));
    set_registry(&n, slice_trim(f[3]));
    return give(r, &n);
}

static int take_text(struct text_reader *text, const struct line *l)
{
    struct slice rest = {l->at, l->length}, asn = slice_cut(&rest, ' ');
    struct as_name n = {.line = l->number};
    if (!asn_parse(slice_trim(asn), &n.asn))
        return text_reject(text, l, REJECTED_ORIGIN, asn);
    if (!rest.at)
        return text_reject(text, l, REJECTED_FIELDS, asn);
    struct slice name = slice_trim(rest);
    const char *comma = memrchr(name.at, ',', name.length);
    if (comma) {
        struct slice code = {comma + 1, name.length - (size_t)(comma + 1 - name.at)};
        n.economy = economy_parse(slice_trim(code));
    }
    if (n.economy == ECONOMY_ODD) // the comma belongs to the name
        n.economy = ECONOMY_NONE;
    else if (comma)
        name.length = (size_t)(comma - name.at);
    n.name = cut_name(name);
    return give((struct reader *)text, &n);
}

int read_as_names(struct source *s, const struct read_options *options,
                  const struct as_name_handler *handler, struct as_name_result *ret, struct err *e)
{
    struct reader r = {.handler = handler};
    enum input_format format;
    int code = input_format_probe(s, &format, e);
    if (code)
        return code;
    if (input_format_kind(format) != INPUT_AS_NAMES)
        return err_set(e, ERR_INPUT, "%s: no names of ASes", source_name(s));
    r.header = (struct as_name_header){format, date_supplied(options, s)};
    r.text = (struct text_reader){.source = s, .e = e, .comments = "#", .wanted = "names of ASes"};
    r.text.tell = (struct read_handler){.finding = handler->finding, .arg = handler->arg};
    r.text.line = format == FORMAT_AS_NAMES_CSV ? take_csv : take_text;
    code = text_read(&r.text, ',');
    if (!code)
        *ret = (struct as_name_result){r.header, r.text.fates};
    return code;
}
