// SPDX-License-Identifier: Apache-2.0

#include "lab/schema.h"

#include "base/buffer.h"
#include "base/text.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

#define WANTED   CYAML_FLAG_POINTER
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 0, LAB_TEXT_MAX)
#define WORD(key, type, member) CYAML_FIELD_STRING_PTR(key, WANTED, type, member, 1, LAB_TEXT_MAX)
#define TEXTS(key, type, member)                                                                   \
    CYAML_FIELD_SEQUENCE(key, OPTIONAL, type, member, &text_value, 0, LAB_LIST_MAX)
#define WORDS(key, type, member)                                                                   \
    CYAML_FIELD_SEQUENCE(key, WANTED, type, member, &text_value, 1, LAB_LIST_MAX)
#define LIST(key, type, member, value, max)                                                        \
    CYAML_FIELD_SEQUENCE(key, OPTIONAL, type, member, value, 0, max)
#define NUMBER(key, type, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)
#define CHOICE(key, type, member, words)                                                           \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, type, member, words,            \
                     COUNT(words))
// The library's own truth is any word but "false", "no" and "0".
#define FLAG(key, type, member)         CHOICE(key, type, member, flag_words)
#define PART(key, type, member, fields) CYAML_FIELD_MAPPING_PTR(key, OPTIONAL, type, member, fields)

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, LAB_TEXT_MAX)};
static const cyaml_schema_value_t number_value = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t)};

static const cyaml_strval_t flag_words[] = {{"false", false}, {"true", true}};
static const cyaml_strval_t expect_words[] = {
    {"reply", LAB_EXPECT_REPLY},
    {"none", LAB_EXPECT_NONE},
    {"silence", LAB_EXPECT_SILENCE},
    {"refused", LAB_EXPECT_REFUSED},
    {"no-route", LAB_EXPECT_NO_ROUTE},
    {"prohibited", LAB_EXPECT_PROHIBITED},
    {"unreachable", LAB_EXPECT_UNREACHABLE},
    {"too-big", LAB_EXPECT_TOO_BIG},
    {"expired", LAB_EXPECT_EXPIRED},
};
static const cyaml_strval_t state_words[] = {
    {"any", LAB_ADDRESS_ANY},
    {"preferred", LAB_ADDRESS_PREFERRED},
    {"deprecated", LAB_ADDRESS_DEPRECATED},
    {"tentative", LAB_ADDRESS_TENTATIVE},
    {"duplicate", LAB_ADDRESS_DUPLICATE},
};
static const cyaml_strval_t origin_words[] = {
    {"any", LAB_ORIGIN_ANY},
    {"static", LAB_ORIGIN_STATIC},
    {"automatic", LAB_ORIGIN_AUTOMATIC},
    {"temporary", LAB_ORIGIN_TEMPORARY},
};
static const cyaml_strval_t neighbour_words[] = {
    {"any", LAB_NEIGHBOUR_ANY},
    {"reachable", LAB_NEIGHBOUR_REACHABLE},
    {"failed", LAB_NEIGHBOUR_FAILED},
    {"permanent", LAB_NEIGHBOUR_PERMANENT},
};
static const cyaml_strval_t kind_words[] = {
    {"host", LAB_HOST},   {"router", LAB_ROUTER}, {"server", LAB_SERVER}, {"switch", LAB_SWITCH},
    {"cloud", LAB_CLOUD}, {"sensor", LAB_SENSOR}, {"phone", LAB_PHONE},
};
static const cyaml_strval_t before_words[] = {
    {"fails", LAB_BEFORE_FAILS},
    {"passes", LAB_BEFORE_PASSES},
    {"any", LAB_BEFORE_ANY},
};

// ---- probes

static const cyaml_schema_field_t ping_fields[] = {
    WORD("to", struct lab_ping, to),
    TEXT("from", struct lab_ping, from),
    NUMBER("size", struct lab_ping, size),
    NUMBER("hop-limit", struct lab_ping, hop_limit),
    FLAG("whole", struct lab_ping, whole),
    CHOICE("expect", struct lab_ping, expect, expect_words),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t tcp_fields[] = {
    WORD("to", struct lab_tcp, to),
    CYAML_FIELD_UINT("port", CYAML_FLAG_DEFAULT, struct lab_tcp, port),
    TEXT("from", struct lab_tcp, from),
    TEXT("send", struct lab_tcp, send),
    TEXT("answer", struct lab_tcp, answer),
    CHOICE("expect", struct lab_tcp, expect, expect_words),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t http_fields[] = {
    WORD("url", struct lab_http, url),
    TEXT("to", struct lab_http, to),
    TEXT("contains", struct lab_http, contains),
    NUMBER("status", struct lab_http, status),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t dns_fields[] = {
    WORD("name", struct lab_dns, name),
    TEXT("server", struct lab_dns, server),
    TEXT("type", struct lab_dns, type),
    TEXT("rcode", struct lab_dns, rcode),
    TEXTS("answer", struct lab_dns, answer),
    FLAG("none", struct lab_dns, none),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t address_fields[] = {
    TEXT("interface", struct lab_address_probe, interface),
    WORD("in", struct lab_address_probe, in),
    CHOICE("state", struct lab_address_probe, state, state_words),
    CHOICE("origin", struct lab_address_probe, origin, origin_words),
    FLAG("none", struct lab_address_probe, none),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t route_fields[] = {
    WORD("to", struct lab_route_probe, to),
    TEXT("via", struct lab_route_probe, via),
    TEXT("interface", struct lab_route_probe, interface),
    FLAG("none", struct lab_route_probe, none),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t neighbour_fields[] = {
    WORD("address", struct lab_neighbour_probe, address),
    TEXT("interface", struct lab_neighbour_probe, interface),
    TEXT("mac", struct lab_neighbour_probe, mac),
    CHOICE("state", struct lab_neighbour_probe, state, neighbour_words),
    FLAG("router", struct lab_neighbour_probe, router),
    FLAG("none", struct lab_neighbour_probe, none),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t service_probe_fields[] = {
    WORD("name", struct lab_service_probe, name),
    FLAG("stopped", struct lab_service_probe, stopped),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t file_probe_fields[] = {
    WORD("path", struct lab_file_probe, path),
    TEXT("contains", struct lab_file_probe, contains),
    TEXT("lacks", struct lab_file_probe, lacks),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t sysctl_probe_fields[] = {
    WORD("name", struct lab_sysctl_probe, name),
    WORD("is", struct lab_sysctl_probe, is),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t command_fields[] = {
    WORDS("run", struct lab_command_probe, run),
    TEXT("contains", struct lab_command_probe, contains),
    TEXT("lacks", struct lab_command_probe, lacks),
    NUMBER("status", struct lab_command_probe, status),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t capture_fields[] = {
    WORD("at", struct lab_capture, at),
    TEXT("filter", struct lab_capture, filter),
    NUMBER("least", struct lab_capture, least),
    NUMBER("most", struct lab_capture, most),
    FLAG("none", struct lab_capture, none),
    TEXT("lasts", struct lab_capture, lasts),
    CYAML_FIELD_END,
};

#define PROBES(type)                                                                               \
    PART("ping", type, probe.ping, ping_fields), PART("tcp", type, probe.tcp, tcp_fields),         \
        PART("udp", type, probe.udp, tcp_fields), PART("http", type, probe.http, http_fields),     \
        PART("dns", type, probe.dns, dns_fields),                                                  \
        PART("address", type, probe.address, address_fields),                                      \
        PART("route", type, probe.route, route_fields),                                            \
        PART("neighbour", type, probe.neighbour, neighbour_fields),                                \
        PART("service", type, probe.service, service_probe_fields),                                \
        PART("file", type, probe.file, file_probe_fields),                                         \
        PART("sysctl", type, probe.sysctl, sysctl_probe_fields),                                   \
        PART("command", type, probe.command, command_fields),                                      \
        PART("capture", type, probe.capture, capture_fields)

// ---- nodes and links

static const cyaml_schema_field_t interface_fields[] = {
    WORD("name", struct lab_interface, name),
    TEXT("mac", struct lab_interface, mac),
    TEXTS("addresses", struct lab_interface, addresses),
    TEXTS("remove", struct lab_interface, remove),
    NUMBER("mtu", struct lab_interface, mtu),
    FLAG("down", struct lab_interface, down),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t interface_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_interface, interface_fields)};

static const cyaml_schema_field_t file_fields[] = {
    WORD("name", struct lab_file, name),
    TEXT("from", struct lab_file, from),
    TEXT("text", struct lab_file, text),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_file, file_fields)};

static const cyaml_schema_field_t ready_fields[] = {
    TEXT("within", struct lab_ready, within),
    PROBES(struct lab_ready),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t service_fields[] = {
    WORD("name", struct lab_service, name),
    TEXT("way", struct lab_service, way),
    WORDS("run", struct lab_service, run),
    TEXTS("after", struct lab_service, after),
    PART("ready", struct lab_service, ready, ready_fields),
    FLAG("later", struct lab_service, later),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t service_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_service, service_fields)};

static const cyaml_schema_field_t node_fields[] = {
    WORD("name", struct lab_node, name),
    TEXT("label", struct lab_node, label),
    CHOICE("kind", struct lab_node, kind, kind_words),
    CYAML_FIELD_INT_PTR("x", OPTIONAL, struct lab_node, x),
    CYAML_FIELD_INT_PTR("y", OPTIONAL, struct lab_node, y),
    LIST("interfaces", struct lab_node, interfaces, &interface_value, LAB_INTERFACES_MAX),
    TEXTS("routes", struct lab_node, routes),
    TEXTS("sysctls", struct lab_node, sysctls),
    TEXTS("hosts", struct lab_node, hosts),
    TEXTS("resolv", struct lab_node, resolv),
    TEXTS("folders", struct lab_node, folders),
    TEXT("firewall", struct lab_node, firewall),
    LIST("files", struct lab_node, files, &file_value, LAB_LIST_MAX),
    LIST("services", struct lab_node, services, &service_value, LAB_LIST_MAX),
    TEXT("memory", struct lab_node, memory),
    NUMBER("processes", struct lab_node, processes),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t node_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_node, node_fields)};

#define IMPAIRMENT(type, member)                                                                   \
    TEXT("delay", type, member delay), TEXT("jitter", type, member jitter),                        \
        TEXT("loss", type, member loss), TEXT("rate", type, member rate),                          \
        TEXT("reorder", type, member reorder), TEXT("duplicate", type, member duplicate),          \
        NUMBER("mtu", type, member mtu)

static const cyaml_schema_field_t back_fields[] = {
    IMPAIRMENT(struct lab_impairment_text, ),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t link_fields[] = {
    WORD("name", struct lab_link, name),
    TEXT("label", struct lab_link, label),
    CYAML_FIELD_SEQUENCE("ends", WANTED, struct lab_link, ends, &text_value, 1, LAB_ENDS_MAX),
    IMPAIRMENT(struct lab_link, there.),
    PART("back", struct lab_link, back, back_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t link_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_link, link_fields)};

// ---- tasks, solution, variants

static const cyaml_schema_field_t check_fields[] = {
    WORD("name", struct lab_check, name),
    WORD("title", struct lab_check, title),
    TEXT("node", struct lab_check, node),
    TEXT("within", struct lab_check, within),
    TEXT("twin", struct lab_check, twin),
    CHOICE("before", struct lab_check, before, before_words),
    CYAML_FIELD_UINT_PTR("points", OPTIONAL, struct lab_check, points),
    PROBES(struct lab_check),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t check_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_check, check_fields)};

static const cyaml_schema_field_t task_fields[] = {
    WORD("name", struct lab_task, name),
    WORD("title", struct lab_task, title),
    TEXT("text", struct lab_task, text),
    TEXTS("steps", struct lab_task, steps),
    TEXTS("hints", struct lab_task, hints),
    LIST("checks", struct lab_task, checks, &check_value, LAB_LIST_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t task_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_task, task_fields)};

static const cyaml_schema_field_t change_fields[] = {
    TEXT("step", struct lab_change, step),
    WORD("node", struct lab_change, node),
    LIST("interfaces", struct lab_change, interfaces, &interface_value, LAB_INTERFACES_MAX),
    TEXTS("routes", struct lab_change, routes),
    TEXTS("remove-routes", struct lab_change, remove_routes),
    TEXTS("sysctls", struct lab_change, sysctls),
    TEXT("firewall", struct lab_change, firewall),
    LIST("files", struct lab_change, files, &file_value, LAB_LIST_MAX),
    TEXTS("stop", struct lab_change, stop),
    TEXTS("start", struct lab_change, start),
    TEXTS("restart", struct lab_change, restart),
    TEXT("commands", struct lab_change, commands),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t change_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_change, change_fields)};

static const cyaml_schema_field_t variant_fields[] = {
    WORD("name", struct lab_variant, name),
    WORD("title", struct lab_variant, title),
    TEXT("text", struct lab_variant, text),
    TEXTS("omit", struct lab_variant, omit),
    LIST("change", struct lab_variant, change, &change_value, LAB_LIST_MAX),
    TEXTS("fails", struct lab_variant, fails),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t variant_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_variant, variant_fields)};

static const cyaml_schema_field_t need_fields[] = {
    WORD("feature", struct lab_need, feature),
    WORDS("ways", struct lab_need, ways),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t need_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_need, need_fields)};

static const cyaml_schema_field_t lab_fields[] = {
    WORD("title", struct lab, title),
    TEXT("summary", struct lab, summary),
    TEXT("story", struct lab, story),
    TEXT("teacher", struct lab, teacher),
    TEXTS("learn", struct lab, learn),
    TEXTS("authors", struct lab, authors),
    LIST("rfcs", struct lab, rfcs, &number_value, LAB_LIST_MAX),
    NUMBER("minutes", struct lab, minutes),
    FLAG("dad", struct lab, dad),
    LIST("needs", struct lab, needs, &need_value, LAB_LIST_MAX),
    CYAML_FIELD_SEQUENCE("nodes", WANTED, struct lab, nodes, &node_value, 1, LAB_NODES_MAX),
    LIST("links", struct lab, links, &link_value, LAB_LINKS_MAX),
    LIST("tasks", struct lab, tasks, &task_value, LAB_LIST_MAX),
    LIST("solution", struct lab, solution, &change_value, LAB_LIST_MAX),
    LIST("variants", struct lab, variants, &variant_value, LAB_LIST_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t lab_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct lab, lab_fields)};

const char *schema_node_kind(enum lab_node_kind kind)
{
    for (size_t i = 0; i < COUNT(kind_words); i++)
        if (kind_words[i].val == (int64_t)kind)
            return kind_words[i].str;
    return "";
}

// ---- loading

#define SAID_KEYS_MAX 16

// The library says what is wrong first, then where, from the inside outwards.
struct said {
    char what[ERR_TEXT_MAX / 2];
    char keys[SAID_KEYS_MAX][32];
    unsigned key_count;
    unsigned places; // named so far
    unsigned line;
};

static unsigned line_in(const char *text)
{
    const char *at = strstr(text, "(line: ");
    uint64_t number = 0;
    if (at)
        slice_u64((struct slice){at + 7, strspn(at + 7, "0123456789")}, 1u << 30, &number);
    return (unsigned)number;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void note_key(struct said *said, const char *text)
{
    static const char field[] = "  in mapping field '";
    const char *key = text + sizeof field - 1;
    if (begins(text, field) && said->key_count < SAID_KEYS_MAX)
        snprintf(said->keys[said->key_count++], sizeof *said->keys, "%.*s", (int)strcspn(key, "'"),
                 key);
}

static void listen(cyaml_log_t level, void *context, const char *format, va_list args)
{
    struct said *said = context;
    char text[ERR_TEXT_MAX / 2];
    (void)level;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    unsigned line = line_in(text);
    said->places += line > 0;
    // What is missing in a mapping is told at the last key that is there: its start is the next
    // place.
    bool missing = begins(said->what, "Missing");
    if (line > 0 && said->places == (missing ? 2 : 1))
        said->line = line;
    note_key(said, text);
    if (!said->what[0] && !strstr(text, "Backtrace") && !begins(text, "  in "))
        snprintf(said->what, sizeof said->what, "%s", begins(text, "Load: ") ? text + 6 : text);
}

static const cyaml_schema_value_t *without_lists(const cyaml_schema_value_t *v)
{
    while (v->type == CYAML_SEQUENCE)
        v = v->sequence.entry;
    return v;
}

// What the schema wants at the innermost key that was named; NULL: it has no such key.
static const cyaml_schema_value_t *value_at(const cyaml_schema_value_t *v, const struct said *said)
{
    for (unsigned i = said->key_count; v && i-- > 0;) {
        const cyaml_schema_value_t *in = without_lists(v);
        const cyaml_schema_field_t *f = in->type == CYAML_MAPPING ? in->mapping.fields : NULL;
        while (f && f->key && strcmp(f->key, said->keys[i]) != 0)
            f++;
        v = f && f->key ? &f->value : NULL;
    }
    return v;
}

static void say_wanted(const cyaml_schema_value_t *v, struct buffer *out)
{
    switch (v->type) {
    case CYAML_ENUM:
        for (uint32_t i = 0; i < v->enumeration.count; i++)
            buffer_format(out, "%s%s", i ? ", " : "", v->enumeration.strings[i].str);
        break;
    case CYAML_UINT:
        buffer_format(out, "a whole number up to %llu", ~0ULL >> (64 - 8 * v->data_size));
        break;
    case CYAML_MAPPING:
        buffer_format(out, "keys with values, such as \"%s: ...\"", v->mapping.fields->key);
        break;
    case CYAML_SEQUENCE:
        buffer_text(out, "a list, each with \"- \" before it, or \"[a, b]\"");
        break;
    default:
        buffer_text(out, "a text");
    }
}

// A value of the wrong kind in our words, with what is wanted; false: it is something else.
static bool say_value(const cyaml_schema_value_t *schema, const struct said *said,
                      struct buffer *out)
{
    const cyaml_schema_value_t *v = value_at(schema, said);
    const char *key = said->key_count ? said->keys[0] : "the file", *given = NULL;
    if (begins(said->what, "Invalid ") && strstr(said->what, " value: "))
        given = strstr(said->what, " value: ") + 8;
    else if (!begins(said->what, "Expecting ") && !begins(said->what, "STRING length < 1"))
        return false;
    if (!v)
        return false;
    if (!begins(said->what, "Expecting SEQUENCE"))
        v = without_lists(v);
    if (given && given[0] == '\'')
        buffer_format(out, "\"%.*s\"", (int)strcspn(given + 1, "'"), given + 1);
    else if (given)
        buffer_format(out, "\"%.80s\"", given);
    buffer_format(out, given ? " is not possible for \"%s\"; wanted is " : "\"%s\" wants ", key);
    say_wanted(v, out);
    return !out->failed;
}

// Where the file is no YAML, and what the usual reason is.
static const char *usual_reason(const char *what)
{
    if (strstr(what, "cannot start any token"))
        return "; indents are blanks, not tabs, and a text that begins with %, @ or ` needs quotes";
    if (strstr(what, "mapping values are not allowed"))
        return "; a text with \": \" in it needs quotes";
    return "";
}

static unsigned line_of_problem(const char *bytes, const yaml_parser_t *parser)
{
    unsigned line = 1;
    if (parser->error != YAML_READER_ERROR)
        return (unsigned)parser->problem_mark.line + 1;
    for (size_t i = 0; i < parser->problem_offset; i++)
        line += bytes[i] == '\n';
    return line;
}

static bool is_word(const yaml_event_t *event, const char *word)
{
    return event->type == YAML_SCALAR_EVENT &&
           strcmp((const char *)event->data.scalar.value, word) == 0;
}

// The first line from `from` on where the word stands alone, or without a word where the file is no
// YAML: the library tells both at the key before it.
static unsigned line_of(const char *bytes, size_t length, const char *word, unsigned from)
{
    yaml_parser_t parser;
    yaml_event_t event;
    unsigned line = 0;
    if (!yaml_parser_initialize(&parser))
        return from;
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
    for (bool more = true; more && line == 0 && yaml_parser_parse(&parser, &event);) {
        const unsigned here = (unsigned)event.start_mark.line + 1;
        more = event.type != YAML_STREAM_END_EVENT;
        line = word && here >= from && is_word(&event, word) ? here : 0;
        yaml_event_delete(&event);
    }
    if (!word && parser.error != YAML_NO_ERROR)
        line = line_of_problem(bytes, &parser);
    yaml_parser_delete(&parser);
    return line ? line : from;
}

static int refuse(const cyaml_schema_value_t *schema, const char *path, const char *bytes,
                  size_t length, const struct said *said, cyaml_err_t status, struct err *e)
{
    struct buffer value = {0};
    unsigned line = said->line ? said->line : 1;
    if (begins(said->what, "Unexpected key: "))
        line = line_of(bytes, length, said->what + 16, line);
    if (begins(said->what, "libyaml: "))
        line = line_of(bytes, length, NULL, line);
    bool ours = say_value(schema, said, &value);
    const char *what = said->what[0] ? said->what : cyaml_strerror(status);
    int code = err_set(e, ERR_INPUT, "%s:%u: %s%s", path, line, ours ? value.at : what,
                       ours ? "" : usual_reason(what));
    buffer_done(&value);
    return code;
}

static const cyaml_config_t quiet_config = {.mem_fn = cyaml_mem};

int schema_load_as(const struct cyaml_schema_value *schema, const char *path, const char *bytes,
                   size_t length, void **ret, struct err *e)
{
    struct said said = {0};
    const cyaml_config_t config = {.log_fn = listen,
                                   .log_ctx = &said,
                                   .mem_fn = cyaml_mem,
                                   .log_level = CYAML_LOG_ERROR,
                                   .flags = CYAML_CFG_NO_ALIAS};
    cyaml_data_t *loaded = NULL;
    cyaml_err_t status =
        cyaml_load_data((const uint8_t *)bytes, length, &config, schema, &loaded, NULL);
    if (status == CYAML_OK) {
        *ret = loaded;
        return 0;
    }
    if (status == CYAML_ERR_OOM)
        return err_memory(e);
    return refuse(schema, path, bytes, length, &said, status, e);
}

void schema_free_as(const struct cyaml_schema_value *schema, void *data)
{
    cyaml_free(&quiet_config, schema, data, 0);
}

int schema_load(const char *path, const char *bytes, size_t length, struct lab **ret, struct err *e)
{
    void *loaded = NULL;
    if (length > LAB_FILE_MAX)
        return err_set(e, ERR_LIMIT, "%s: longer than %zu bytes", path, LAB_FILE_MAX);
    int code = schema_load_as(&lab_schema, path, bytes, length, &loaded, e);
    if (code == 0 && !loaded)
        code = err_set(e, ERR_INPUT, "%s:1: no laboratory; \"title:\" and \"nodes:\" are wanted",
                       path);
    if (code == 0)
        *ret = loaded;
    return code;
}

void schema_free(struct lab **lab)
{
    schema_free_as(&lab_schema, *lab);
    *lab = NULL;
}

// ---- where something stands

static yaml_node_t *step_into(yaml_document_t *document, const yaml_node_t *node, struct slice word)
{
    uint64_t index;
    if (node->type == YAML_SEQUENCE_NODE && slice_u64(word, LAB_FILE_MAX, &index)) {
        const yaml_node_item_t *items = node->data.sequence.items.start;
        size_t count = (size_t)(node->data.sequence.items.top - items);
        return index < count ? yaml_document_get_node(document, items[index]) : NULL;
    }
    if (node->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(document, p->key);
        if (key && key->type == YAML_SCALAR_NODE && key->data.scalar.length == word.length &&
            memcmp(key->data.scalar.value, word.at, word.length) == 0)
            return yaml_document_get_node(document, p->value);
    }
    return NULL;
}

unsigned schema_line(const char *bytes, size_t length, const char *place)
{
    yaml_parser_t parser;
    yaml_document_t document;
    unsigned line = 1;
    if (!yaml_parser_initialize(&parser))
        return line;
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
    if (yaml_parser_load(&parser, &document)) {
        const yaml_node_t *node = yaml_document_get_root_node(&document);
        struct slice rest = slice_of(place);
        while (node) {
            line = (unsigned)node->start_mark.line + 1;
            if (!rest.at)
                break;
            node = step_into(&document, node, slice_cut(&rest, '/'));
        }
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return line;
}
