// SPDX-License-Identifier: Apache-2.0
//
// One question to one DNS server over UDP.

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "lab/probe.h"
#include "lab/probes.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <poll.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRY_US      800000
#define MESSAGE_MAX 4096

// The first "nameserver" of the node's /etc/resolv.conf.
static bool own_server(char *ret, size_t size)
{
    struct buffer text = {0};
    bool found = false;
    if (file_read("/etc/resolv.conf", 65536, &text, NULL) != 0 || !text.at) {
        buffer_done(&text);
        return false;
    }
    struct slice rest = {text.at, text.length};
    while (rest.at && !found) {
        struct slice line = slice_trim(slice_cut(&rest, '\n'));
        struct slice word = slice_cut(&line, ' ');
        found = slice_is(word, "nameserver") && line.at && line.length < size;
        if (found)
            snprintf(ret, size, "%.*s", SLICE_ARG(line));
    }
    buffer_done(&text);
    return found;
}

static size_t write_question(const struct lab_dns *d, int type, uint16_t id, uint8_t *out,
                             size_t size)
{
    memset(out, 0, NS_HFIXEDSZ);
    out[0] = (uint8_t)(id >> 8);
    out[1] = (uint8_t)id;
    out[2] = 1; // recursion is wanted
    out[5] = 1; // one question
    int n = ns_name_compress(d->name, out + NS_HFIXEDSZ, size - NS_HFIXEDSZ - 4, NULL, NULL);
    if (n < 0)
        return 0;
    uint8_t *end = out + NS_HFIXEDSZ + n;
    end[0] = 0;
    end[1] = (uint8_t)type;
    end[2] = 0;
    end[3] = ns_c_in;
    return (size_t)(end + 4 - out);
}

// "10 mail.example.com": as many numbers of 16 bits as the type has, then a name.
static void numbers_and_name(ns_msg *message, const ns_rr *rr, size_t numbers, char *ret,
                             size_t size)
{
    char name[NS_MAXDNAME];
    struct buffer text = {0};
    const uint8_t *data = ns_rr_rdata(*rr);
    if (ns_rr_rdlen(*rr) <= 2 * numbers ||
        ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), data + 2 * numbers, name,
                           sizeof name) < 0)
        return;
    for (size_t i = 0; i < numbers; i++)
        buffer_format(&text, "%u ", (unsigned)(data[2 * i] << 8 | data[2 * i + 1]));
    buffer_text(&text, name);
    snprintf(ret, size, "%s", text.failed ? "" : text.at);
    buffer_done(&text);
}

// The strings of a TXT record as one.
static void strings(const ns_rr *rr, char *ret, size_t size)
{
    const uint8_t *data = ns_rr_rdata(*rr);
    size_t length = ns_rr_rdlen(*rr), used = 0;
    for (size_t at = 0; at < length && data[at] < length - at; at += data[at] + 1u)
        for (size_t i = 1; i <= data[at] && used + 1 < size; i++)
            ret[used++] = (char)data[at + i];
    ret[used] = '\0';
}

// What a record says, as the laboratory writes it.
static void record_text(ns_msg *message, const ns_rr *rr, char *ret, size_t size)
{
    size_t length = ns_rr_rdlen(*rr);
    ret[0] = '\0';
    switch (ns_rr_type(*rr)) {
    case ns_t_a:
    case ns_t_aaaa:
        if (length == (ns_rr_type(*rr) == ns_t_a ? 4 : 16) && size >= ADDRESS_TEXT_MAX)
            address_format(length == 4 ? FAMILY_IPV4 : FAMILY_IPV6,
                           address_of_octets(ns_rr_rdata(*rr), length), ret);
        break;
    case ns_t_txt:
        strings(rr, ret, size);
        break;
    case ns_t_mx:
        numbers_and_name(message, rr, 1, ret, size);
        break;
    case ns_t_srv:
        numbers_and_name(message, rr, 3, ret, size);
        break;
    case ns_t_cname:
    case ns_t_ns:
    case ns_t_ptr:
    case ns_t_soa:
        numbers_and_name(message, rr, 0, ret, size);
        break;
    default:
        break;
    }
}

static bool same(const char *wanted, const char *found)
{
    enum family a, b;
    u128 x, y;
    if (lab_ip_parse(slice_of(wanted), &a, &x) && lab_ip_parse(slice_of(found), &b, &y))
        return a == b && x == y;
    size_t n = strlen(wanted);
    n -= n > 0 && wanted[n - 1] == '.';
    return slice_is_nocase((struct slice){wanted, n}, found) || strstr(found, wanted) != NULL;
}

static bool has_answer(ns_msg *message, int type, const char *wanted)
{
    char text[1100];
    ns_rr rr;
    for (int i = 0; i < ns_msg_count(*message, ns_s_an); i++)
        if (ns_parserr(message, ns_s_an, i, &rr) == 0 && (int)ns_rr_type(rr) == type) {
            record_text(message, &rr, text, sizeof text);
            if (!wanted || same(wanted, text))
                return true;
        }
    return false;
}

static void say_code(int code, struct buffer *said)
{
    const char *name = dns_rcode_word(code);
    if (name)
        buffer_format(said, "answer code %s", name);
    else
        buffer_format(said, "answer code %d", code);
}

static void say_answers(ns_msg *message, struct buffer *said)
{
    char text[1100];
    ns_rr rr;
    if (ns_msg_count(*message, ns_s_an) == 0)
        buffer_text(said, "; without a record");
    for (int i = 0; i < ns_msg_count(*message, ns_s_an) && i < 4; i++)
        if (ns_parserr(message, ns_s_an, i, &rr) == 0) {
            record_text(message, &rr, text, sizeof text);
            buffer_format(said, "%s%.80s", i ? ", " : "; ", text);
        }
}

static bool judge(const struct lab_dns *d, int type, const uint8_t *answer, size_t length,
                  struct buffer *said)
{
    ns_msg message;
    if (ns_initparse(answer, (int)length, &message) != 0) {
        buffer_text(said, "the answer cannot be read");
        return false;
    }
    int rcode = ns_msg_getflag(message, ns_f_rcode);
    say_code(rcode, said);
    say_answers(&message, said);
    if (rcode != dns_rcode_parse(d->rcode ? d->rcode : "NOERROR"))
        return false;
    for (unsigned i = 0; i < d->answer_count; i++)
        if (!has_answer(&message, type, d->answer[i]))
            return false;
    if (d->none)
        return !has_answer(&message, type, NULL);
    return rcode != 0 || has_answer(&message, type, NULL);
}

static bool ask(int fd, const struct lab_dns *d, int64_t until, struct buffer *said)
{
    uint8_t message[MESSAGE_MAX];
    int type = dns_type_parse(d->type ? d->type : "AAAA");
    uint16_t id = (uint16_t)clock_microseconds();
    size_t length = write_question(d, type, id, message, sizeof message);
    if (length == 0 || send(fd, message, length, 0) < 0) {
        buffer_format(said, "cannot ask: %s", strerror(errno));
        return false;
    }
    while (wait_ready(fd, POLLIN, until) == 1) {
        ssize_t n = recv(fd, message, sizeof message, 0);
        if (n < 0) {
            buffer_text(said, expect_name(expect_of_errno(errno)));
            return false;
        }
        bool mine = n >= NS_HFIXEDSZ && message[0] == id >> 8 && message[1] == (id & 255) &&
                    message[2] & 0x80;
        if (mine)
            return judge(d, type, message, (size_t)n, said);
    }
    buffer_text(said, "no answer");
    return false;
}

bool probe_dns(const struct lab_dns *d, int64_t until, struct buffer *said)
{
    char server[256];
    struct place to;
    if (!d->server && !own_server(server, sizeof server)) {
        buffer_text(said, "the node knows no server");
        return false;
    }
    if (!place_find(d->server ? d->server : server, NS_DEFAULTPORT, &to, said))
        return false;
    int fd = socket(to.at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool held = false;
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to.at, to.length) == 0)
        held = ask(fd, d, try_until(until, TRY_US), said);
    else
        buffer_format(said, "cannot ask: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return held;
}
