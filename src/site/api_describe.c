// SPDX-License-Identifier: Apache-2.0
//
// The API described by itself: the index, and OpenAPI 3.1.

#include "base/json.h"
#include "site/api.h"
#include "site/negotiate.h"
#include "site/structure.h"

#include <stdio.h>
#include <string.h>

static void write_parameter(const struct api_parameter *p, struct json *j)
{
    json_open(j, NULL, '{');
    json_text(j, "name", p->name);
    json_text(j, "value", p->value);
    json_text(j, "description", p->help);
    json_bool(j, "required", p->required);
    json_close(j);
}

static void write_endpoint(const struct api_endpoint *end, struct json *j)
{
    char address[256];
    json_open(j, NULL, '{');
    json_text(j, "name", end->name);
    json_text(j, "summary", end->summary);
    snprintf(address, sizeof address, "/api/v1/%s", end->name);
    json_text(j, "href", address);
    snprintf(address, sizeof address, "/api/v1/%s?%s", end->name, end->example);
    json_text(j, "example", address);
    json_open(j, "parameters", '[');
    for (size_t i = 0; i < end->parameter_count; i++)
        write_parameter(&end->parameters[i], j);
    json_close(j);
    json_close(j);
}

int api_index(struct visit *v, struct response *ret, struct err *e)
{
    (void)e;
    struct json j = {.out = &ret->body, .indent = 2};
    struct api_endpoint end;
    ret->content_type = "application/json";
    response_header(ret, v->request, "Link",
                    "</api/v1/openapi.json>; rel=\"service-desc\"; type=\"application/json\"");
    json_open(&j, NULL, '{');
    json_text(&j, "version", SEXTANT_VERSION);
    json_integer(&j, "revision", v->revision);
    json_text(&j, "description", "/api/v1/openapi.json");
    json_text(&j, "structure", "/api/v1/structure");
    json_open(&j, "endpoints", '[');
    for (size_t i = 0; i < api_endpoint_count(); i++) {
        api_endpoint_at(i, &end);
        write_endpoint(&end, &j);
    }
    json_close(&j);
    json_close(&j);
    buffer_char(&ret->body, '\n');
    return 0;
}

// ---- OpenAPI

static void describe_parameter(const struct api_parameter *p, struct json *j)
{
    json_open(j, NULL, '{');
    json_text(j, "name", p->name);
    json_text(j, "in", "query");
    json_text(j, "description", p->help);
    json_bool(j, "required", p->required);
    json_open(j, "schema", '{');
    json_text(j, "type", "string");
    if (p->choices) {
        json_open(j, "enum", '[');
        for (const char *const *c = p->choices; *c; c++)
            json_text(j, NULL, *c);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

static void describe_problem(const char *status, const char *text, struct json *j)
{
    json_open(j, status, '{');
    json_text(j, "description", text);
    json_open(j, "content", '{');
    json_open(j, "application/problem+json", '{');
    json_open(j, "schema", '{');
    json_text(j, "$ref", "#/components/schemas/Problem");
    json_close(j);
    json_close(j);
    json_close(j);
    json_close(j);
}

static void describe_answers(struct json *j)
{
    json_open(j, "responses", '{');
    json_open(j, "200", '{');
    json_text(j, "description", "The tables");
    json_open(j, "content", '{');
    for (unsigned f = 0; f < API_FORMAT_COUNT; f++) {
        json_open(j, api_format_kind((enum api_format)f)->type, '{');
        json_open(j, "schema", '{');
        if (f == API_JSON)
            json_text(j, "$ref", "#/components/schemas/Answer");
        else
            json_text(j, "type", "string");
        json_close(j);
        json_close(j);
    }
    json_close(j);
    json_close(j);
    json_open(j, "304", '{');
    json_text(j, "description", "Not modified: If-None-Match names the answer's ETag");
    json_close(j);
    describe_problem("400", "A parameter is wrong or not known", j);
    describe_problem("404", "The archive holds nothing to compute it from", j);
    describe_problem("413", "The answer would be too long", j);
    describe_problem("503", "It would take too long, or the server is full; see Retry-After", j);
    json_close(j);
}

static void describe_structure(const char *path, const char *name, const char *summary,
                               struct json *j)
{
    json_open(j, path, '{');
    json_open(j, "get", '{');
    json_text(j, "operationId", name);
    json_text(j, "summary", summary);
    if (strchr(path, '{')) {
        json_open(j, "parameters", '[');
        json_open(j, NULL, '{');
        json_text(j, "name", "id");
        json_text(j, "in", "path");
        json_text(j, "description", "as SDMX-CSV and the list of dataflows name it: PACE");
        json_bool(j, "required", true);
        json_open(j, "schema", '{');
        json_text(j, "type", "string");
        json_close(j);
        json_close(j);
        json_close(j);
    }
    json_open(j, "responses", '{');
    json_open(j, "200", '{');
    json_text(j, "description", "An SDMX-JSON structure message");
    json_open(j, "content", '{');
    json_open(j, STRUCTURE_TYPE, '{');
    json_open(j, "schema", '{');
    json_text(j, "type", "object");
    for (unsigned i = 0; i < 4; i++)
        json_close(j);
    describe_problem("404", "There is no such structure", j);
    json_close(j);
    json_close(j);
    json_close(j);
}

static void describe_path(const struct api_endpoint *end, struct json *j)
{
    char path[64];
    snprintf(path, sizeof path, "/%s", end->name);
    json_open(j, path, '{');
    json_open(j, "get", '{');
    json_text(j, "operationId", end->name);
    json_text(j, "summary", end->summary);
    json_open(j, "parameters", '[');
    for (size_t i = 0; i < end->parameter_count; i++)
        describe_parameter(&end->parameters[i], j);
    json_close(j);
    describe_answers(j);
    json_close(j);
    json_close(j);
}

static void property(const char *name, const char *type, struct json *j)
{
    json_open(j, name, '{');
    json_text(j, "type", type);
    json_close(j);
}

static void required(const char *const *names, struct json *j)
{
    json_open(j, "required", '[');
    for (; *names; names++)
        json_text(j, NULL, *names);
    json_close(j);
}

static void describe_table(struct json *j)
{
    static const char *const wanted[] = {"table", "title", "basis", "columns",
                                         "rows",  "notes", NULL};
    json_open(j, "Table", '{');
    json_text(j, "type", "object");
    required(wanted, j);
    json_open(j, "properties", '{');
    property("table", "string", j);
    property("title", "string", j);
    property("basis", "object", j);
    property("columns", "array", j);
    property("rows", "array", j);
    property("notes", "array", j);
    json_close(j);
    json_close(j);
}

static void describe_answer(struct json *j)
{
    static const char *const wanted[] = {"tables", NULL};
    json_open(j, "Answer", '{');
    json_open(j, "oneOf", '[');
    json_open(j, NULL, '{');
    json_text(j, "$ref", "#/components/schemas/Table");
    json_close(j);
    json_open(j, NULL, '{');
    json_text(j, "type", "object");
    required(wanted, j);
    json_open(j, "properties", '{');
    json_open(j, "tables", '{');
    json_text(j, "type", "array");
    json_open(j, "items", '{');
    json_text(j, "$ref", "#/components/schemas/Table");
    for (unsigned i = 0; i < 4; i++)
        json_close(j);
    json_close(j);
    json_close(j);
}

static void describe_schemas(struct json *j)
{
    static const char *const wanted[] = {"type", "title", "status", "detail", NULL};
    json_open(j, "components", '{');
    json_open(j, "schemas", '{');
    describe_table(j);
    describe_answer(j);
    json_open(j, "Problem", '{');
    json_text(j, "type", "object");
    required(wanted, j);
    json_open(j, "properties", '{');
    property("type", "string", j);
    property("title", "string", j);
    property("status", "integer", j);
    property("detail", "string", j);
    property("instance", "string", j);
    json_close(j);
    json_close(j);
    json_close(j);
    json_close(j);
}

int api_describe(struct visit *v, struct response *ret, struct err *e)
{
    (void)v;
    (void)e;
    struct json j = {.out = &ret->body, .indent = 2};
    struct api_endpoint end;
    ret->content_type = "application/json";
    json_open(&j, NULL, '{');
    json_text(&j, "openapi", "3.1.0");
    json_open(&j, "info", '{');
    json_text(&j, "title", "Sextant");
    json_text(&j, "version", SEXTANT_VERSION);
    json_text(&j, "description", "Figures of the transition to IPv6, each with its evidence.");
    json_close(&j);
    json_open(&j, "servers", '[');
    json_open(&j, NULL, '{');
    json_text(&j, "url", "/api/v1");
    json_close(&j);
    json_close(&j);
    json_open(&j, "paths", '{');
    for (size_t i = 0; i < api_endpoint_count(); i++) {
        api_endpoint_at(i, &end);
        describe_path(&end, &j);
    }
    describe_structure("/structure", "structures", "The dataflows of SDMX-CSV", &j);
    describe_structure("/structure/dataflow/" STRUCTURE_AGENCY "/{id}", "structure",
                       "What the columns of one of them mean", &j);
    json_close(&j);
    describe_schemas(&j);
    json_close(&j);
    buffer_char(&ret->body, '\n');
    return 0;
}
