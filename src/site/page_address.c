// SPDX-License-Identifier: Apache-2.0
//
// What an address, a prefix, a range or an AS number is and was.

#include "measure/holdings.h"
#include "site/pages.h"
#include "site/table_html.h"

#define RECORDS_SHOWN 500

static void write_form(struct page *p, const char *asked)
{
    page_form(p, "address");
    page_input(p, "for", "search", say(p->words, "Address, prefix or AS number"), asked);
    page_form_end(p, say(p->words, "Look up"));
}

static int write_found(struct visit *v, struct response *ret, const struct range *range,
                       const struct table *t, struct err *e)
{
    struct page p;
    char text[BLOCK_TEXT_MAX];
    const char *title = say(v->words, "Address"), *day;
    page_begin(&p, v, ret, &(struct page_head){.title = title, .part = "address"});
    write_form(&p, range_format(range, text));
    day = page_iso_date(&p, t->basis.known_on);
    if (t->row_count == 0)
        page_paragraph(&p, "No registry has or had a record here in any snapshot held.");
    else
        table_html(
            &p, t,
            &(struct table_view){
                .id = "records",
                .caption = page_say(&p, "{1}: records that are or were registered, known on {2}",
                                    text, day, NULL)});
    return page_end(&p, e);
}

static int write_question(struct visit *v, struct response *ret, struct err *e)
{
    struct page p;
    page_begin(&p, v, ret,
               &(struct page_head){.title = say(v->words, "Address"), .part = "address"});
    page_paragraph(&p, "The chain from the IANA over the registry to the holder, today and at any "
                       "time since the first snapshot: for example 2001:db8::/32, "
                       "192.0.2.0-192.0.2.130 or AS64496.");
    write_form(&p, NULL);
    return page_end(&p, e);
}

static int redirect(struct visit *v, struct response *ret, const char *asked, struct err *e)
{
    struct buffer b = {0};
    buffer_format(&b, "/%s/address/", language_code(v->language));
    url_add(&b, asked);
    const char *to = b.failed ? NULL : arena_text(&v->request->arena, b.at, b.length);
    buffer_done(&b);
    return visit_redirect(v, ret, to, e);
}

int page_address(struct visit *v, struct response *ret, struct err *e)
{
    struct measure_tables tables = {0};
    struct range range;
    const char *asked = request_value(v->request, "for");
    if (asked && *asked)
        return redirect(v, ret, asked, e);
    if (!*v->rest)
        return write_question(v, ret, e);
    if (!range_parse(slice_of(v->rest), &range))
        return err_set(e, ERR_USAGE,
                       "\"%.64s\" is no address, prefix, range or AS number; wanted is one as "
                       "2001:db8::1, 2001:db8::/32, 192.0.2.0-192.0.2.130 or AS64496",
                       v->rest);
    int code = measure_lookup(&v->measure, &range, DATE_MAX, RECORDS_SHOWN, &tables, e);
    if (code == 0)
        code = write_found(v, ret, &range, tables.at[0], e);
    measure_tables_free(&tables);
    return code;
}
