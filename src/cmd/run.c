// SPDX-License-Identifier: Apache-2.0

#include "cmd/run.h"

#include "daemon/options.h"

#include <string.h>

#define REST_MAX 86400 // a day, in seconds

static void say(void *arg, const char *line)
{
    struct invocation *inv = arg;
    struct err ignored;
    char text[512];
    size_t length = strlen(line);
    if (length > sizeof text - 1)
        length = sizeof text - 1;
    memcpy(text, line, length);
    text[length] = '\n';
    (void)invocation_write(inv, text, length + 1, &ignored);
}

struct speaker run_speaker(struct invocation *inv)
{
    return (struct speaker){inv->quiet ? NULL : say, inv};
}

int run_device(struct invocation *inv, const char *name, struct run_device *ret, struct err *e)
{
    struct translator_options *o = &ret->options;
    const char *device = invocation_option(inv, "device");
    uint64_t mtu = 1500;
    *o = (struct translator_options){.device = device ? device : name,
                                     .addresses = ret->addresses,
                                     .routes = ret->routes,
                                     .say = inv->quiet ? NULL : say,
                                     .say_arg = inv};
    int code = invocation_number(inv, "mtu", DEVICE_MTU_MAX, &mtu, e);
    if (!code && mtu < DEVICE_MTU_MIN)
        code = err_set(e, ERR_USAGE, "--mtu: at least %d (RFC 8200, 5)", DEVICE_MTU_MIN);
    o->mtu = (size_t)mtu;
    if (!code)
        code = parse_prefixes("address", invocation_option(inv, "address"), ret->addresses,
                              &o->address_count, e);
    if (!code)
        code = parse_prefixes("route", invocation_option(inv, "route"), ret->routes,
                              &o->route_count, e);
    return code;
}

int run_hosts(const struct invocation *inv, struct napt_config *ret, struct err *e)
{
    uint64_t host = 0, subscriber = 128, rest = NAPT_REST_DEFAULT;
    int code = invocation_number(inv, "per-host", NAPT_BINDINGS_MAX, &host, e);
    if (!code)
        code = invocation_number(inv, "subscriber", 128, &subscriber, e);
    if (!code)
        code = invocation_number(inv, "port-rest", REST_MAX, &rest, e);
    if (!code && subscriber == 0)
        code = err_set(e, ERR_USAGE,
                       "--subscriber: all addresses have 0 bits in common; wanted 1 to 128");
    ret->host_max = (size_t)host;
    ret->subscriber_length = (unsigned)subscriber;
    ret->rest = rest ? (int64_t)rest * 1000 : NAPT_NO_REST;
    return code;
}

int run_translation(const struct invocation *inv, size_t *ret_lowest, bool *ret_class_0,
                    struct err *e)
{
    uint64_t lowest = DEVICE_MTU_MIN;
    int code = invocation_number(inv, "lowest-ipv6-mtu", DEVICE_MTU_MAX, &lowest, e);
    if (!code && lowest < DEVICE_MTU_MIN)
        code =
            err_set(e, ERR_USAGE, "--lowest-ipv6-mtu: at least %d (RFC 8200, 5)", DEVICE_MTU_MIN);
    *ret_lowest = (size_t)lowest;
    *ret_class_0 = invocation_flag(inv, "class-0");
    return code;
}

int run_address(const struct invocation *inv, const char *option, enum family f, u128 *ret,
                struct err *e)
{
    const char *text = invocation_option(inv, option);
    struct prefix p;
    if (!text)
        return 0;
    if (!prefix_parse(slice_of(text), &p) || p.family != f ||
        p.length != (f == FAMILY_IPV6 ? 128 : 32))
        return err_set(e, ERR_USAGE, "--%s: \"%s\" is no %s address", option, text,
                       f == FAMILY_IPV6 ? "IPv6" : "IPv4");
    *ret = p.address;
    return 0;
}
