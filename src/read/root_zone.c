// SPDX-License-Identifier: Apache-2.0
//
// The DNS root zone (master file, RFC 1035): of each country-code domain the name servers, and how
// many of them have an AAAA there. Every name server below a top-level domain that needs it has its
// addresses in the root zone as glue.
//
//     .                 86400  IN SOA  a.root-servers.net. nstld.example. 2024010500 1800 ...
//     ke.               172800 IN NS   ns.example.ke.
//     ns.example.ke.    172800 IN AAAA 2001:db8::53
//
// The serial is the day and a number. A record in parentheses over several lines is read as one;
// an owner that is left out is the last one; names without a final dot are below $ORIGIN, which
// is the root.

#include "base/arena.h"
#include "base/array.h"
#include "read/observed_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX  ((size_t)1 << 20) // the root zone has some 10,000
#define NAME_BYTES 255               // RFC 1035

struct name {
    const char *text; // small letters, no final dot
    bool ipv4, ipv6;
};

struct server {
    uint32_t domain, host; // names
    uint64_t line;
};

struct zone {
    struct observing *o;
    struct arena arena;
    ARRAY(struct name) names;
    ARRAY(struct server) servers;
    uint32_t *index; // of the names by hash, plus 1
    size_t places;
    char owner[NAME_BYTES + 1];
    bool open;        // within parentheses
    bool serial_next; // the SOA's
};

// ---- names

static bool name_copy(struct slice s, char ret[NAME_BYTES + 1])
{
    if (s.length > 0 && s.at[s.length - 1] == '.')
        s.length--;
    if (s.length > NAME_BYTES)
        return false;
    for (size_t i = 0; i < s.length; i++)
        ret[i] = s.at[i] >= 'A' && s.at[i] <= 'Z' ? (char)(s.at[i] + 32) : s.at[i];
    ret[s.length] = '\0';
    return true;
}

static uint32_t *name_place(struct zone *z, const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    size_t i = (hash ^ hash >> 29) & (z->places - 1);
    while (z->index[i] && strcmp(z->names.at[z->index[i] - 1].text, text) != 0)
        i = (i + 1) & (z->places - 1);
    return &z->index[i];
}

static int index_grow(struct zone *z)
{
    z->places = z->places ? z->places * 2 : 4096;
    free(z->index);
    z->index = calloc(z->places, sizeof *z->index);
    if (!z->index)
        return err_memory(z->o->text.e);
    for (size_t i = 0; i < z->names.count; i++)
        *name_place(z, z->names.at[i].text) = (uint32_t)i + 1;
    return 0;
}

static int name_intern(struct zone *z, const char *text, uint32_t *ret)
{
    struct err *e = z->o->text.e;
    if (z->names.count >= NAMES_MAX)
        return err_set(e, ERR_LIMIT, "%s: more than %zu names", source_name(z->o->text.source),
                       NAMES_MAX);
    int code = z->names.count * 2 >= z->places ? index_grow(z) : 0;
    if (code)
        return code;
    uint32_t *place = name_place(z, text);
    if (*place == 0) {
        const char *kept = arena_text(&z->arena, text, strlen(text));
        struct name *n = kept ? ARRAY_ADD(&z->names) : NULL;
        if (!n)
            return err_memory(e);
        n->text = kept;
        *place = (uint32_t)z->names.count;
    }
    *ret = *place - 1;
    return 0;
}

// ---- records

struct record_text {
    struct slice owner, type, data[3];
    unsigned count; // of the data
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '(' || c == ')';
}

static struct slice next_token(struct slice *rest)
{
    while (rest->length > 0 && is_space(*rest->at))
        *rest = (struct slice){rest->at + 1, rest->length - 1};
    struct slice token = {rest->at, 0};
    while (rest->length > 0 && !is_space(*rest->at) && *rest->at != ';') {
        *rest = (struct slice){rest->at + 1, rest->length - 1};
        token.length++;
    }
    return token;
}

static bool is_class(struct slice s)
{
    return slice_is_nocase(s, "IN") || slice_is_nocase(s, "CH") || slice_is_nocase(s, "HS");
}

static bool record_cut(struct slice line, struct record_text *ret)
{
    *ret = (struct record_text){.count = 0};
    if (!is_space(line.at[0]))
        ret->owner = next_token(&line);
    ret->type = next_token(&line);
    for (unsigned i = 0; i < 2; i++)
        if (is_class(ret->type) ||
            (ret->type.length > 0 && ret->type.at[0] >= '0' && ret->type.at[0] <= '9'))
            ret->type = next_token(&line);
    while (ret->count < 3) {
        struct slice token = next_token(&line);
        if (token.length == 0)
            break;
        ret->data[ret->count++] = token;
    }
    return ret->type.length > 0 && ret->type.at[0] >= 'A' && ret->count > 0;
}

// "2024010500"
static void take_serial(struct zone *z, struct slice s)
{
    z->serial_next = s.length == 0;
    if (s.length == 10)
        date_parse((struct slice){s.at, 8}, &z->o->result.header.date);
}

static int use(struct zone *z)
{
    z->o->text.fates.used++;
    return 0;
}

static int take_server(struct zone *z, const struct line *l, const struct record_text *r)
{
    char host[NAME_BYTES + 1];
    struct server server = {.line = l->number};
    economy e;
    if (!world_domain(z->o->world, slice_of(z->owner), &e) || strlen(z->owner) >= OBSERVED_KEY_MAX)
        return text_ignore(&z->o->text, IGNORED_RECORD);
    if (!name_copy(r->data[0], host))
        return text_reject(&z->o->text, l, REJECTED_DAMAGED, r->data[0]);
    int code = name_intern(z, z->owner, &server.domain);
    if (!code)
        code = name_intern(z, host, &server.host);
    struct server *added = code ? NULL : ARRAY_ADD(&z->servers);
    if (!added)
        return code ? code : err_memory(z->o->text.e);
    *added = server;
    return use(z);
}

static int take_address(struct zone *z, const struct line *l, const struct record_text *r,
                        bool ipv6)
{
    u128 wide;
    uint32_t narrow, name = 0;
    if (ipv6 ? !ipv6_parse(r->data[0], &wide) : !ipv4_parse(r->data[0], &narrow))
        return text_reject(&z->o->text, l, REJECTED_ADDRESS, r->data[0]);
    int code = name_intern(z, z->owner, &name);
    if (code)
        return code;
    z->names.at[name].ipv6 |= ipv6;
    z->names.at[name].ipv4 |= !ipv6;
    return use(z);
}

static int take_record(struct zone *z, const struct line *l, const struct record_text *r)
{
    if (slice_is_nocase(r->type, "SOA")) {
        take_serial(z, r->count > 2 ? r->data[2] : (struct slice){"", 0});
        return use(z);
    }
    if (slice_is_nocase(r->type, "NS"))
        return take_server(z, l, r);
    if (slice_is_nocase(r->type, "AAAA") || slice_is_nocase(r->type, "A"))
        return take_address(z, l, r, r->type.length == 4);
    return text_ignore(&z->o->text, IGNORED_RECORD);
}

// Opens or closes parentheses; what is quoted may hold any.
static void take_parentheses(struct zone *z, struct slice line)
{
    bool quoted = false;
    for (size_t i = 0; i < line.length && (quoted || line.at[i] != ';'); i++) {
        quoted ^= line.at[i] == '"';
        if (!quoted && (line.at[i] == '(' || line.at[i] == ')'))
            z->open = line.at[i] == '(';
    }
}

static int take_line(struct zone *z, const struct line *l)
{
    struct slice line = {l->at, l->length};
    struct record_text r;
    bool inside = z->open;
    take_parentheses(z, line);
    if (inside) {
        if (z->serial_next)
            take_serial(z, next_token(&line));
        return text_ignore(&z->o->text, IGNORED_RECORD);
    }
    if (line.at[0] == '$')
        return text_ignore(&z->o->text, IGNORED_HEADER);
    if (!record_cut(line, &r) || (r.owner.length > 0 && !name_copy(r.owner, z->owner)))
        return text_reject(&z->o->text, l, REJECTED_DAMAGED, line);
    return take_record(z, l, &r);
}

// ---- the figures

static int compare_servers(const void *left, const void *right, void *names)
{
    const struct server *a = left, *b = right;
    const struct name *n = names;
    int order = strcmp(n[a->domain].text, n[b->domain].text);
    return order ? order : (a->host > b->host) - (a->host < b->host);
}

static int give_domain(struct zone *z, const struct server *from, size_t count)
{
    struct observed_value v = {.date = z->o->result.header.date, .line = from->line};
    double all = 0, with = 0, unknown = 0;
    for (size_t i = 0; i < count; i++) {
        const struct name *host = &z->names.at[from[i].host];
        if (i > 0 && from[i].host == from[i - 1].host)
            continue;
        all++;
        with += host->ipv6;
        unknown += !host->ipv6 && !host->ipv4;
    }
    snprintf(v.key, sizeof v.key, "%s", z->names.at[from->domain].text);
    v.value = v.low = with;
    v.high = with + unknown;
    v.samples = all;
    return observing_give(z->o, &v);
}

static int give_domains(struct zone *z)
{
    struct server *at = z->servers.at;
    size_t count = z->servers.count;
    int code = 0;
    if (count > 0)
        qsort_r(at, count, sizeof *at, compare_servers, z->names.at);
    for (size_t i = 0, next; i < count && !code; i = next) {
        for (next = i; next < count && at[next].domain == at[i].domain;)
            next++;
        code = give_domain(z, at + i, next - i);
    }
    return code;
}

static int check_day(struct zone *z)
{
    struct observed_header *h = &z->o->result.header;
    if (h->date == DATE_NONE)
        h->date = z->o->supplied;
    if (h->date != DATE_NONE && z->servers.count > 0)
        return 0;
    return err_set(z->o->text.e, ERR_INPUT, "%s: %s", source_name(z->o->text.source),
                   z->servers.count ? "the serial is no day; give --date"
                                    : "no name server of a country-code domain in it");
}

static int take_text(struct text_reader *text, const struct line *l)
{
    return take_line(((struct observing *)text)->zone, l);
}

int observe_root_zone(struct observing *o)
{
    struct zone z = {.o = o};
    o->zone = &z;
    o->text.line = take_text;
    o->text.comments = ";";
    o->text.wanted = "the root zone";
    int code = text_read(&o->text, '\t');
    if (!code)
        code = check_day(&z);
    if (!code)
        code = give_domains(&z);
    arena_done(&z.arena);
    free(z.names.at);
    free(z.servers.at);
    free(z.index);
    return code;
}
