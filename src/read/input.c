// SPDX-License-Identifier: Apache-2.0
//
// The registers: each format to its reader.

#include "read/formats.h"
#include "read/kind.h"

int read_input(struct source *s, const struct read_options *options,
               const struct read_handler *handler, struct read_result *ret, struct err *e)
{
    static const struct read_options none = {.date = DATE_NONE};
    static input_reader *const readers[] = {[FORMAT_RIR] = read_rir,
                                            [FORMAT_IANA_IPV6] = read_iana_ipv6,
                                            [FORMAT_IANA_IPV4] = read_iana_ipv4,
                                            [FORMAT_RANGES] = read_ranges};
    enum input_format format;
    int code = input_format_probe(s, &format, e);
    if (code)
        return code;
    if (input_format_kind(format) != INPUT_REGISTER)
        return err_set(e, ERR_INPUT, "%s: %s; wanted a register of delegations", source_name(s),
                       input_format_name(format));
    return readers[format](s, options ? options : &none, handler, ret, e);
}
