// SPDX-License-Identifier: Apache-2.0

#include "daemon/firewall.h"

#include "base/process.h"

#include <string.h>

#define TABLE   "ip6 sextant-ce-%s"
#define LOAD_US 10000000 // a loaded machine takes one

// In the order of RFC 6092, 3: stateless filters (REC-1 to REC-4; the documentation prefix is what
// laboratories are made of), then the endpoints that have sent something out within five minutes
// (REC-11, REC-14, REC-33), IPsec and HIP (REC-21, REC-22, REC-24, REC-26). Who asks for a
// connection is told after six seconds that it is prohibited, lest both ends open it (REC-34).
static const char rules[] =
    "    set open {\n"
    "        type ipv6_addr . inet_proto . inet_service\n"
    "        size 65535; flags dynamic,timeout; timeout 5m\n"
    "    }\n"
    "    set young {\n"
    "        type ipv6_addr . inet_service . ipv6_addr . inet_service\n"
    "        size 65535; flags dynamic,timeout; timeout 6s\n"
    "    }\n"
    "    set asked {\n"
    "        type ipv6_addr . inet_service . ipv6_addr . inet_service\n"
    "        size 65535; flags dynamic,timeout; timeout 1m\n"
    "    }\n"
    "    chain impossible {\n"
    "        ip6 saddr { ::/96, ::ffff:0:0/96, 2001:10::/28, fec0::/10, ff00::/8 } drop\n"
    "        ip6 daddr { ::/96, ::ffff:0:0/96, 2001:10::/28, fec0::/10 } drop\n"
    "        ip6 daddr & ff0f:: ff00::-ff08:: drop\n"
    "        rt type 0 drop\n"
    "    }\n"
    "    chain connection {\n"
    "        ip6 saddr . tcp sport . ip6 daddr . tcp dport @young drop\n"
    "        ip6 saddr . tcp sport . ip6 daddr . tcp dport @asked \\\n"
    "            reject with icmpv6 type admin-prohibited\n"
    "        add @asked { ip6 saddr . tcp sport . ip6 daddr . tcp dport } \\\n"
    "            add @young { ip6 saddr . tcp sport . ip6 daddr . tcp dport }\n"
    "        drop\n"
    "    }\n"
    "    chain out {\n"
    "        jump impossible\n"
    "        meta l4proto { tcp, udp } update @open { ip6 saddr . meta l4proto . th sport }\n"
    "    }\n"
    "    chain in {\n"
    "        jump impossible\n"
    "        ct state established,related accept\n"
    "        ip6 daddr . meta l4proto . th dport @open accept\n"
    "        jump offered\n"
    "        meta l4proto { ah, esp, 139 } accept\n"
    "        udp dport 500 accept\n"
    "        icmpv6 type { echo-request, echo-reply } accept\n"
    "        tcp flags & (fin | syn | rst | ack) == syn jump connection\n"
    "        drop\n"
    "    }\n";

// To the router itself nothing is offered (REC-8, REC-9, REC-50), but what it has asked for.
static const char own[] =
    "        ct state established,related accept\n"
    "        ip6 saddr fe80::/10 udp dport 546 accept\n"
    "        meta l4proto { tcp, udp } reject with icmpv6 type admin-prohibited\n";

static bool nameable(const char *name)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return name[strspn(name, fine)] == '\0';
}

static int check_names(const struct firewall *f, struct err *e)
{
    const char *wrong = nameable(f->line) ? NULL : f->line;
    for (size_t i = 0; i < f->inside_count; i++)
        wrong = nameable(f->inside[i]) ? wrong : f->inside[i];
    if (wrong)
        return err_set(e, ERR_USAGE,
                       "a firewall cannot name the interface \"%s\"; wanted letters, digits, dots, "
                       "underscores and hyphens",
                       wrong);
    return 0;
}

static int give(const struct buffer *text, struct err *e)
{
    const char *const run[] = {"nft", text->at, NULL};
    const struct process_program nft = {.path = run[0], .run = run};
    struct buffer said = {.limit = 4096};
    int status = 0, code = process_run(&nft, clock_microseconds() + LOAD_US, &said, &status, e);
    struct slice rest = slice_of(said.at ? said.at : "nothing"), line = slice_cut(&rest, '\n');
    if (code == ERR_LATE)
        code = err_set(e, ERR_SYSTEM, "the firewall is not loaded; nft is not done after %d s",
                       LOAD_US / 1000000);
    else if (code == 0 && status != 0)
        code =
            err_set(e, ERR_SYSTEM, "the firewall is not loaded; nft says: %.*s", SLICE_ARG(line));
    buffer_done(&said);
    return code;
}

// In a prefix that may change a host is known by its identifier.
static void put_open(struct buffer *b, const struct firewall_open *o)
{
    char text[ADDRESS_TEXT_MAX];
    buffer_text(b, "        ");
    if (o->address)
        buffer_format(b, "ip6 daddr%s %s ", o->address >> 64 ? "" : " & ::ffff:ffff:ffff:ffff ==",
                      address_format(FAMILY_IPV6, o->address, text));
    buffer_format(b, "%s dport %u accept\n", o->protocol == PROTOCOL_TCP ? "tcp" : "udp", o->port);
}

static void put_table(struct buffer *b, const struct firewall *f)
{
    buffer_format(
        b, "add table " TABLE "\ndelete table " TABLE "\ntable " TABLE " {\n    chain offered {\n",
        f->line, f->line, f->line);
    for (size_t i = 0; i < f->open_count; i++)
        put_open(b, f->open + i);
    buffer_format(b,
                  "    }\n%s    chain forward {\n"
                  "        type filter hook forward priority filter\n",
                  rules);
    for (size_t i = 0; i < f->inside_count; i++)
        buffer_format(b,
                      "        iifname \"%s\" oifname \"%s\" jump in\n"
                      "        iifname \"%s\" oifname \"%s\" jump out\n",
                      f->line, f->inside[i], f->inside[i], f->line);
    buffer_format(b,
                  "    }\n    chain input {\n        type filter hook input priority filter\n"
                  "        iifname != \"%s\" accept\n%s    }\n}\n",
                  f->line, own);
}

int firewall_load(const struct firewall *f, struct err *e)
{
    struct buffer b = {0};
    int code = check_names(f, e);
    if (code)
        return code;
    if (!process_has_program("nft"))
        return err_set(e, ERR_SYSTEM,
                       "the firewall is not loaded: this machine has no program nft");
    put_table(&b, f);
    code = b.failed ? err_memory(e) : give(&b, e);
    buffer_done(&b);
    return code;
}

void firewall_remove(const char *line)
{
    struct buffer b = {0};
    struct err ignored;
    buffer_format(&b, "delete table " TABLE "\n", line);
    if (!b.failed)
        (void)give(&b, &ignored);
    buffer_done(&b);
}
