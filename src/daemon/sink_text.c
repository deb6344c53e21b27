// SPDX-License-Identifier: Apache-2.0
//
// What visitors of the sink say, and what is written down about them.

#include "daemon/sink.h"

#include "base/date.h"
#include "base/json.h"

#include <stdio.h>

static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.at[i] <= ' ' || s.at[i] >= 0x7f)
            return false;
    return s.length > 0;
}

static struct slice next_line(struct slice *rest)
{
    struct slice line = slice_cut(rest, '\n');
    if (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    return line;
}

static bool request_line(struct slice line, struct sink_head *ret)
{
    ret->method = slice_cut(&line, ' ');
    if (!line.at)
        return false;
    ret->target = slice_cut(&line, ' ');
    return line.at && is_token(ret->method) && is_token(ret->target) && line.length == 8 &&
           memcmp(line.at, "HTTP/1.", 7) == 0;
}

enum sink_head_state sink_head_read(struct slice text, struct sink_head *ret)
{
    struct sink_head head = {.host = {"", 0}};
    struct slice rest = text, line = next_line(&rest);
    if (!rest.at)
        return SINK_HEAD_MORE;
    if (!request_line(line, &head))
        return SINK_HEAD_WRONG;
    while (rest.at) {
        line = next_line(&rest);
        if (!rest.at)
            break;
        if (line.length == 0) {
            *ret = head;
            return SINK_HEAD_WHOLE;
        }
        struct slice value = line, name = slice_cut(&value, ':');
        if (!value.at || !is_token(name))
            return SINK_HEAD_WRONG;
        if (slice_is_nocase(name, "host"))
            head.host = slice_trim(value);
    }
    return SINK_HEAD_MORE;
}

static void write_slice(struct json *j, const char *key, struct slice s)
{
    char text[256];
    size_t length = s.length < sizeof text ? s.length : sizeof text - 1;
    memcpy(text, s.at, length);
    text[length] = '\0';
    json_text(j, key, text);
}

void sink_write(const struct sink_visit *v, int64_t unix_milliseconds, struct buffer *out)
{
    static const char *const kinds[] = {"tcp", "udp", "http"};
    struct json j = {.out = out};
    char address[ADDRESS_TEXT_MAX], instant[INSTANT_TEXT_MAX], when[32];
    instant_format(unix_milliseconds / 1000, instant);
    snprintf(when, sizeof when, "%.19s.%03dZ", instant, (int)(unix_milliseconds % 1000));
    json_open(&j, NULL, '{');
    json_text(&j, "time", when);
    json_text(&j, "protocol", kinds[v->kind]);
    json_text(&j, "family", family_name(v->family));
    json_text(&j, "from", address_format(v->family, v->from, address));
    json_integer(&j, "from_port", v->from_port);
    json_text(&j, "to", address_format(v->family, v->to, address));
    json_integer(&j, "to_port", v->to_port);
    json_integer(&j, "octets", (int64_t)v->octets);
    if (v->head) {
        write_slice(&j, "method", v->head->method);
        write_slice(&j, "target", v->head->target);
        write_slice(&j, "host", v->head->host);
    }
    json_close(&j);
}
