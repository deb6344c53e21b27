// SPDX-License-Identifier: Apache-2.0
//
// sextant run ra: router advertisements.

#include "cmd/run.h"

#include "daemon/ra.h"

static const char *const usage[] = {"run ra --device NAME [--prefix PREFIX,...] [OPTIONS]", NULL};

static const char *const preferences[] = {"low", "medium", "high", NULL};

static const char *const faults[] = {
    "zero-lifetime", "wrong-prefix", "long-prefix", "link-local-prefix", "preferred-over-valid",
    "bad-length",    "short",        "checksum",    "hop-limit",         "code",
    "global-source", "flood",        NULL};

static const struct option_spec options[] = {
    {"device", 0, "NAME", "The interface; it has a link-local address already.", NULL},
    {"prefix", 0, "PREFIX,...", "Prefixes of the link, from which hosts make addresses.", NULL},
    {"deprecated", 0, "PREFIX,...",
     "Prefixes that are still there but no longer for new connections (preferred lifetime 0).",
     NULL},
    {"valid", 0, "SECONDS", "Valid lifetime of prefixes; 2592000 (30 days) by default.", NULL},
    {"preferred", 0, "SECONDS", "Preferred lifetime of prefixes; 604800 (7 days) by default.",
     NULL},
    {"not-autonomous", 0, NULL, "Hosts shall not make addresses from the prefixes.", NULL},
    {"not-on-link", 0, NULL, "The prefixes are not said to be on the link.", NULL},
    {"managed", 0, NULL, "Addresses are to be had by DHCPv6.", NULL},
    {"other", 0, NULL, "Other things are to be had by DHCPv6.", NULL},
    {"lifetime", 0, "SECONDS",
     "How long this is a default router, an interval to 9000; three intervals by default; 0: it is "
     "none.",
     NULL},
    {"preference", 0, "LEVEL", "Of this router among others (RFC 4191): low, medium, high.",
     preferences},
    {"route", 0, "PREFIX,...", "Prefixes that this router reaches (RFC 4191).", NULL},
    {"route-preference", 0, "LEVEL", "Of these routes: low, medium, high.", preferences},
    {"dns", 0, "ADDRESS,...", "Resolvers (RFC 8106).", NULL},
    {"search", 0, "NAME,...", "Names that are put behind short ones (RFC 8106).", NULL},
    {"pref64", 0, "PREFIX,...", "Prefixes of a NAT64 (RFC 8781).", NULL},
    {"link-mtu", 0, "N", "The MTU that all on the link shall use.", NULL},
    {"hop-limit", 0, "N", "The hop limit that hosts shall use; 64 by default, 0: not said.", NULL},
    {"reachable", 0, "MS", "How long a neighbour counts as reachable.", NULL},
    {"retrans", 0, "MS", "The time between two solicitations of a neighbour.", NULL},
    {"interval", 0, "SECONDS",
     "The longest time between two advertisements, 1 to 1800; 600 by default. Below 4 is more "
     "often "
     "than RFC 4861 allows.",
     NULL},
    {"source", 0, "ADDRESS", "Speak as this router instead of as oneself.", NULL},
    {"no-farewell", 0, NULL, "Do not say at the end that this router is none any more.", NULL},
    {"fault", 0, "NAME", "Be wrong in this way; the description says how.", faults},
    {NULL}};

static const struct example examples[] = {
    {"sextant run ra --device lan0 --prefix 2001:db8:1::/64 --dns 2001:db8:1::53 "
     "--pref64 64:ff9b::/96",
     "An IPv6-only link with a resolver and a NAT64."},
    {"sextant run ra --device lan0 --prefix 2001:db8:bad::/64 --preference high",
     "A rogue router that hosts prefer."},
    {NULL}};

// RFC 4191, 2.3: no route twice; nor does anything else mean more when it is said twice.
static int check_twice(const char *option, const struct prefix *list, size_t count, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (list[i].address == list[j].address && list[i].length == list[j].length)
                return err_set(e, ERR_USAGE, "--%s: %s/%u twice", option,
                               address_format(FAMILY_IPV6, list[i].address, text), list[i].length);
    return 0;
}

static int list(const struct invocation *inv, const char *option, struct prefix *ret,
                size_t *ret_count, struct err *e)
{
    size_t count = 0;
    int code = parse_prefixes(option, invocation_option(inv, option), ret, &count, e);
    for (size_t i = 0; !code && i < count; i++)
        if (ret[i].family != FAMILY_IPV6)
            code = err_set(e, ERR_USAGE, "--%s: IPv6 only", option);
    for (size_t i = 0; !code && i < count; i++)
        if (ret[i].length < 128 && ret[i].address << ret[i].length != 0)
            code = err_set(e, ERR_USAGE, "--%s: bits are set beyond the prefix length", option);
    if (!code && count > ADVERT_LIST_MAX)
        code = err_set(e, ERR_USAGE, "--%s: more than %d", option, ADVERT_LIST_MAX);
    if (!code)
        code = check_twice(option, ret, count, e);
    if (!code)
        *ret_count = count;
    return code;
}

// RFC 4861, 4.6.2 and 6.2.1.
static int check_prefixes(const struct advert *a, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < a->prefix_count; i++) {
        const struct advert_prefix *p = a->prefixes + i;
        address_format(FAMILY_IPV6, p->prefix, text);
        if (is_link_local(p->prefix) || p->prefix >> 120 == 0xff)
            return err_set(e, ERR_USAGE, "--prefix: %s/%u is link-local or multicast", text,
                           p->length);
        for (size_t j = 0; j < i; j++)
            if (a->prefixes[j].prefix == p->prefix && a->prefixes[j].length == p->length)
                return err_set(e, ERR_USAGE, "--deprecated: %s/%u is in --prefix, too", text,
                               p->length);
    }
    return 0;
}

static int read_prefixes(const struct invocation *inv, const char *option, bool deprecated,
                         struct advert *a, struct err *e)
{
    struct prefix given[PREFIXES_MAX];
    uint64_t valid = 2592000, preferred = 604800;
    size_t count = 0;
    int code = list(inv, option, given, &count, e);
    if (!code)
        code = invocation_number(inv, "valid", NDP_FOREVER, &valid, e);
    if (!code)
        code = invocation_number(inv, "preferred", NDP_FOREVER, &preferred, e);
    if (!code && preferred > valid && !invocation_option(inv, "preferred"))
        preferred = valid;
    if (!code && preferred > valid)
        code = err_set(e, ERR_USAGE, "--preferred: longer than --valid (RFC 4862, 5.5.3)");
    if (!code && count > ADVERT_LIST_MAX - a->prefix_count)
        code = err_set(e, ERR_USAGE, "--%s: more than %d prefixes", option, ADVERT_LIST_MAX);
    for (size_t i = 0; !code && i < count; i++)
        a->prefixes[a->prefix_count++] =
            (struct advert_prefix){.prefix = given[i].address,
                                   .length = (uint8_t)given[i].length,
                                   .on_link = !invocation_flag(inv, "not-on-link"),
                                   .autonomous = !invocation_flag(inv, "not-autonomous"),
                                   .valid = (uint32_t)valid,
                                   .preferred = deprecated ? 0 : (uint32_t)preferred};
    return code;
}

static int read_routes(const struct invocation *inv, const char *option, struct advert_route *ret,
                       size_t *ret_count, struct err *e)
{
    struct prefix given[PREFIXES_MAX];
    int code = list(inv, option, given, ret_count, e);
    for (size_t i = 0; !code && i < *ret_count; i++)
        ret[i] = (struct advert_route){given[i].address, (uint8_t)given[i].length};
    return code;
}

static int read_resolvers(const struct invocation *inv, struct advert *a, struct err *e)
{
    struct prefix given[PREFIXES_MAX];
    int code = list(inv, "dns", given, &a->resolver_count, e);
    for (size_t i = 0; !code && i < a->resolver_count; i++) {
        a->resolvers[i] = given[i].address;
        if (given[i].length != 128)
            code = err_set(e, ERR_USAGE, "--dns: wanted addresses, not prefixes");
    }
    const char *text = invocation_option(inv, "search");
    struct slice rest = slice_of(text ? text : "");
    while (!code && rest.at && rest.length > 0) {
        struct slice name = slice_trim(slice_cut(&rest, ','));
        if (a->search_count == ADVERT_LIST_MAX || !advert_name_valid(name))
            code = err_set(e, ERR_USAGE, "--search: \"%.*s\" is no name, or one too many",
                           SLICE_ARG(name));
        else
            a->search[a->search_count++] = name;
    }
    return code;
}

static int read_lists(const struct invocation *inv, struct advert *a, struct err *e)
{
    int code = read_prefixes(inv, "prefix", false, a, e);
    if (!code)
        code = read_prefixes(inv, "deprecated", true, a, e);
    if (!code)
        code = check_prefixes(a, e);
    if (!code)
        code = read_routes(inv, "route", a->routes, &a->route_count, e);
    if (!code)
        code = read_routes(inv, "pref64", a->pref64, &a->pref64_count, e);
    for (size_t i = 0; !code && i < a->pref64_count; i++)
        if (!advert_pref64_valid(a->pref64[i].length))
            code = err_set(e, ERR_USAGE,
                           "--pref64: a prefix of %u bits; wanted 32, 40, 48, 56, 64 or 96",
                           a->pref64[i].length);
        else if (a->pref64[i].prefix >> 56 & 0xff)
            code = err_set(e, ERR_USAGE, "--pref64: bits 64 to 71 must be 0 (RFC 6052, 2.2)");
    return code ? code : read_resolvers(inv, a, e);
}

static int read_numbers(const struct invocation *inv, struct ra_options *o, struct err *e)
{
    struct advert *a = &o->advert;
    uint64_t interval = RA_INTERVAL_DEFAULT, lifetime = UINT64_MAX, hop_limit = 64, mtu = 0,
             reachable = 0, retrans = 0;
    int code = invocation_number(inv, "interval", RA_INTERVAL_MAX, &interval, e);
    if (!code && interval == 0)
        code = err_set(e, ERR_USAGE, "--interval: at least 1");
    if (!code)
        code = invocation_number(inv, "lifetime", 9000, &lifetime, e);
    if (!code && lifetime != 0 && lifetime < interval)
        code = err_set(e, ERR_USAGE, "--lifetime: shorter than --interval (RFC 4861, 6.2.1)");
    if (!code)
        code = invocation_number(inv, "hop-limit", UINT8_MAX, &hop_limit, e);
    if (!code)
        code = invocation_number(inv, "link-mtu", PACKET_MAX, &mtu, e);
    if (!code && mtu && mtu < IPV6_MTU_LEAST)
        code = err_set(e, ERR_USAGE, "--link-mtu: at least %d (RFC 8200, 5)", IPV6_MTU_LEAST);
    if (!code)
        code = invocation_number(inv, "reachable", 3600000, &reachable, e);
    if (!code)
        code = invocation_number(inv, "retrans", UINT32_MAX, &retrans, e);
    o->interval = (unsigned)interval;
    uint64_t three = interval * 3 > 9000 ? 9000 : interval * 3;
    if (lifetime == UINT64_MAX)
        lifetime = three;
    a->lifetime = (uint16_t)lifetime;
    a->route_lifetime = a->resolver_lifetime = a->pref64_lifetime =
        (uint32_t)(lifetime > three ? lifetime : three); // RFC 8781, 4.1
    a->hop_limit = (uint8_t)hop_limit;
    a->mtu = (uint32_t)mtu;
    a->reachable = (uint32_t)reachable;
    a->retrans = (uint32_t)retrans;
    return code;
}

static enum advert_preference preference(const struct invocation *inv, const char *option)
{
    const char *word = invocation_option(inv, option);
    return !word || word[0] == 'm' ? ADVERT_MEDIUM : word[0] == 'h' ? ADVERT_HIGH : ADVERT_LOW;
}

static enum ra_fault fault(const struct invocation *inv)
{
    const char *word = invocation_option(inv, "fault");
    enum ra_fault f = RA_FINE;
    for (int i = 1; word && i < RA_FAULT_COUNT; i++)
        if (slice_is(slice_of(word), ra_fault_name((enum ra_fault)i)))
            f = (enum ra_fault)i;
    return f;
}

static int run_ra(struct invocation *inv, struct err *e)
{
    struct ra_options o = {.device = invocation_option(inv, "device"),
                           .fault = fault(inv),
                           .say_nothing_at_end = invocation_flag(inv, "no-farewell"),
                           .speaker = run_speaker(inv)};
    o.advert.managed = invocation_flag(inv, "managed");
    o.advert.other = invocation_flag(inv, "other");
    o.advert.preference = preference(inv, "preference");
    o.advert.route_preference = preference(inv, "route-preference");
    if (!o.device)
        return err_set(e, ERR_USAGE, "where? --device names the interface");
    int code = read_numbers(inv, &o, e);
    if (!code)
        code = read_lists(inv, &o.advert, e);
    if (!code)
        code = run_address(inv, "source", FAMILY_IPV6, &o.source, e);
    return code ? code : ra_run(&o, e);
}

const struct command command_run_ra = {
    .name = "run ra",
    .group = COMMAND_LAB,
    .summary = "Router advertisements, right or wrong",
    .usage = usage,
    .description =
        "Advertises this node on an interface as a router (RFC 4861) until it is stopped: three "
        "times soon, then at random times within the interval, and within half a second to a host "
        "that asks. At the end it says that it is no router any more. Where another router of the "
        "link contradicts it, in hop limit, MTU, times, flags, lifetimes of the same prefix or "
        "NAT64 "
        "prefixes, it says so, once (RFC 4861, 6.2.7). It needs the right to send "
        "packets of its own making, and gives up every right once it may. Whether the node "
        "forwards "
        "is not its affair.\n\n"
        "For laboratories --fault makes the advertisements wrong. What a host must not believe: "
        "bad-length (an option of length 0), short (cut within its fixed part), checksum, "
        "hop-limit (64: as if from beyond the link), code, global-source. What it must take only "
        "in part: long-prefix (80 bits: no addresses), link-local-prefix, preferred-over-valid. "
        "What it cannot tell from the truth: wrong-prefix (one that is not routed), zero-lifetime "
        "(with --source: another router is none any more), flood (a new router and a new prefix "
        "fifty times a second).",
    .groups = OPTIONS_FILE,
    .options = options,
    .examples = examples,
    .run = run_ra,
};
