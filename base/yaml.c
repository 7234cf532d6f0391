/*
 * YAML files as trees whose every node knows where it stands, over libyaml's events.
 *
 * The tree is built by recursion over events with a limit on depth; whatever this dialect leaves
 * out (anchors, tags, several documents) is refused where it stands.
 */
#include "base/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#define DEPTH_LIMIT 16
#define FILE_LIMIT ((size_t)4 * 1024 * 1024)

typedef struct reader {
    yaml_parser_t parser;
    const char *path;
    zg_arena *arena;
    zg_error *error;
} reader;

zg_status zg_yaml_fail(const zg_yaml *node, zg_error *error, const char *format, ...)
{
    if (!error) return ZG_BAD_INPUT;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    error->status = ZG_BAD_INPUT;
    return zg_yaml_position(node, error);
}

zg_status zg_yaml_position(const zg_yaml *node, zg_error *error)
{
    if (!error) return ZG_BAD_INPUT;
    char message[sizeof error->message];
    memcpy(message, error->message, sizeof message);
    return zg_fail(error, error->status, "%.200s:%zu:%zu: %.800s", node->path, node->line,
                   node->column, message);
}

static zg_status fail_at(reader *r, yaml_mark_t mark, const char *text)
{
    return zg_fail(r->error, ZG_BAD_INPUT, "%.200s:%zu:%zu: %.700s", r->path, mark.line + 1,
                   mark.column + 1, text);
}

/* libyaml's own complaint, as a sentence. */
static zg_status fail_syntax(reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR) return zg_no_memory(r->error);
    yaml_mark_t mark = p->problem_mark;
    if (p->error == YAML_READER_ERROR) mark = p->mark;
    char text[512];
    snprintf(text, sizeof text, "expected YAML, found an error: %s%s%s",
             p->problem ? p->problem : "unknown problem", p->context ? " " : "",
             p->context ? p->context : "");
    return fail_at(r, mark, text);
}

/* The next event; the caller deletes it on ZG_OK. */
static zg_status next_event(reader *r, yaml_event_t *event)
{
    if (!yaml_parser_parse(&r->parser, event)) return fail_syntax(r);
    const char *refused = NULL;
    if (event->type == YAML_ALIAS_EVENT) refused = "aliases (*name) are not part of suite files";
    if (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor)
        refused = "anchors (&name) are not part of suite files";
    if (event->type == YAML_SCALAR_EVENT && event->data.scalar.tag)
        refused = "tags (!name) are not part of suite files";
    if ((event->type == YAML_SEQUENCE_START_EVENT &&
         (event->data.sequence_start.anchor || event->data.sequence_start.tag)) ||
        (event->type == YAML_MAPPING_START_EVENT &&
         (event->data.mapping_start.anchor || event->data.mapping_start.tag)))
        refused = "anchors and tags are not part of suite files";
    if (event->type == YAML_SCALAR_EVENT &&
        strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
        refused = "expected a text, found a zero byte in it";
    if (!refused) return ZG_OK;
    zg_status status = fail_at(r, event->start_mark, refused);
    yaml_event_delete(event);
    return status;
}

static zg_yaml *new_node(reader *r, zg_yaml_kind kind, yaml_mark_t mark)
{
    zg_yaml *node = zg_arena_alloc(r->arena, sizeof *node);
    if (!node) return NULL;
    node->kind = kind;
    node->path = r->path;
    node->line = mark.line + 1;
    node->column = mark.column + 1;
    return node;
}

static zg_status read_node(reader *r, const yaml_event_t *event, int depth, zg_yaml **out);

static zg_status add_item(reader *r, zg_yaml *node, size_t *capacity, zg_yaml *key, zg_yaml *item)
{
    if (node->count == *capacity) {
        size_t larger = *capacity ? 2 * *capacity : 8;
        zg_yaml **keys = zg_arena_array(r->arena, larger, sizeof(zg_yaml *));
        zg_yaml **items = zg_arena_array(r->arena, larger, sizeof(zg_yaml *));
        if (!keys || !items) return zg_no_memory(r->error);
        for (size_t i = 0; i < node->count; i++) {
            keys[i] = node->keys[i];
            items[i] = node->items[i];
        }
        node->keys = keys;
        node->items = items;
        *capacity = larger;
    }
    node->keys[node->count] = key;
    node->items[node->count++] = item;
    return ZG_OK;
}

static zg_status check_key(const zg_yaml *mapping, const zg_yaml *key, zg_error *error)
{
    if (key->kind != ZG_YAML_SCALAR)
        return zg_yaml_fail(key, error, "expected a key, found %s",
                            key->kind == ZG_YAML_LIST ? "a list" : "a mapping");
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->keys[i]->text, key->text) == 0)
            return zg_yaml_fail(key, error, "duplicate key \"%.80s\"; it stands in line %zu too",
                                key->text, mapping->keys[i]->line);
    return ZG_OK;
}

/* Reads items up to the end of a list or mapping. */
static zg_status read_items(reader *r, zg_yaml *node, int depth)
{
    size_t capacity = 0;
    zg_yaml *key = NULL;
    for (;;) {
        yaml_event_t event;
        zg_status status = next_event(r, &event);
        if (status != ZG_OK) return status;
        bool end = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        zg_yaml *item = NULL;
        if (!end) status = read_node(r, &event, depth + 1, &item);
        yaml_event_delete(&event);
        if (end || status != ZG_OK) return status;
        if (node->kind == ZG_YAML_MAPPING && !key) {
            key = item;
            status = check_key(node, key, r->error);
        } else {
            status = add_item(r, node, &capacity, key, item);
            key = NULL;
        }
        if (status != ZG_OK) return status;
    }
}

static zg_status read_node(reader *r, const yaml_event_t *event, int depth, zg_yaml **out)
{
    if (depth > DEPTH_LIMIT) return fail_at(r, event->start_mark, "this is nested too deeply");
    zg_yaml_kind kind = event->type == YAML_SCALAR_EVENT           ? ZG_YAML_SCALAR
                        : event->type == YAML_SEQUENCE_START_EVENT ? ZG_YAML_LIST
                                                                   : ZG_YAML_MAPPING;
    zg_yaml *node = new_node(r, kind, event->start_mark);
    if (!node) return zg_no_memory(r->error);
    *out = node;
    if (kind != ZG_YAML_SCALAR) return read_items(r, node, depth);
    node->text =
        zg_arena_copy(r->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
    if (!node->text) return zg_no_memory(r->error);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return ZG_OK;
}

/* Stream start, document start, the root, document end, stream end. */
static zg_status read_stream(reader *r, zg_yaml **root)
{
    *root = NULL;
    for (;;) {
        yaml_event_t event;
        zg_status status = next_event(r, &event);
        if (status != ZG_OK) return status;
        yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && *root)
            status = fail_at(r, event.start_mark, "expected one document, found a second one");
        if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
            type == YAML_MAPPING_START_EVENT)
            status = read_node(r, &event, 0, root);
        yaml_event_delete(&event);
        if (status != ZG_OK) return status;
        if (type == YAML_STREAM_END_EVENT) break;
    }
    if (*root) return ZG_OK;
    return zg_fail(r->error, ZG_BAD_INPUT, "%.200s:1:1: expected a suite, found an empty file",
                   r->path);
}

zg_status zg_yaml_parse(const char *path, const char *text, size_t length, zg_arena *arena,
                        const zg_yaml **root, zg_error *error)
{
    reader r = {.arena = arena, .error = error};
    r.path = zg_arena_copy(arena, path, strlen(path));
    if (!r.path || !yaml_parser_initialize(&r.parser)) return zg_no_memory(error);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
    zg_yaml *tree;
    zg_status status = read_stream(&r, &tree);
    yaml_parser_delete(&r.parser);
    *root = status == ZG_OK ? tree : NULL;
    return status;
}

zg_status zg_yaml_load(const char *path, zg_arena *arena, const zg_yaml **root, zg_error *error)
{
    *root = NULL;
    FILE *file = fopen(path, "re");
    if (!file) return zg_fail(error, ZG_IO, "cannot open %.300s: %s", path, strerror(errno));
    zg_status status = ZG_OK;
    char *text = malloc(FILE_LIMIT + 1);
    size_t length = text ? fread(text, 1, FILE_LIMIT + 1, file) : 0;
    if (!text)
        status = zg_no_memory(error);
    else if (ferror(file))
        status = zg_fail(error, ZG_IO, "cannot read %.300s: %s", path, strerror(errno));
    else if (length > FILE_LIMIT)
        status = zg_fail(error, ZG_BAD_INPUT, "%.300s:1:1: expected a suite, found more than 4 MiB",
                         path);
    else
        status = zg_yaml_parse(path, text, length, arena, root, error);
    free(text);
    (void)fclose(file);
    return status;
}

const zg_yaml *zg_yaml_get(const zg_yaml *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->keys[i]->text, key) == 0) return mapping->items[i];
    return NULL;
}

const char *zg_yaml_describe(const zg_yaml *node, char *buffer, size_t size)
{
    if (node->kind == ZG_YAML_LIST) return "a list";
    if (node->kind == ZG_YAML_MAPPING) return "a mapping";
    if (node->plain && node->text[0] == '\0') return "nothing";
    snprintf(buffer, size, "\"%.80s\"", node->text);
    return buffer;
}

static zg_status expected(const zg_yaml *node, const char *what, zg_error *error)
{
    char found[96];
    return zg_yaml_fail(node, error, "expected %s, found %s", what,
                        zg_yaml_describe(node, found, sizeof found));
}

/* Words that readers of YAML 1.1 take for booleans or null. */
static bool is_ambiguous(const zg_yaml *node)
{
    static const char *const words[] = {"yes", "no", "on", "off", "true", "false", "null", "~"};
    for (size_t i = 0; node->plain && i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(node->text, words[i]) == 0) return true;
    return false;
}

zg_status zg_yaml_text(const zg_yaml *node, const char **out, zg_error *error)
{
    if (node->kind != ZG_YAML_SCALAR || (node->plain && node->text[0] == '\0'))
        return expected(node, "a text", error);
    if (is_ambiguous(node))
        return zg_yaml_fail(node, error,
                            "expected a text, found the bare word %s, which is a boolean or null "
                            "to some readers of YAML; put it in quotes",
                            node->text);
    *out = node->text;
    return ZG_OK;
}

/* Decimal digits with optional sign, fraction and exponent, and no leading zero: what every
 * version of YAML reads as the same number. */
static bool is_decimal(const char *text)
{
    if (*text == '-' || *text == '+') text++;
    if (text[0] == '0' && isdigit((unsigned char)text[1])) return false;
    if (!isdigit((unsigned char)*text) && *text != '.') return false;
    return text[strspn(text, "0123456789.eE+-")] == '\0';
}

zg_status zg_yaml_number(const zg_yaml *node, double *out, zg_error *error)
{
    if (node->kind != ZG_YAML_SCALAR || !node->plain || !is_decimal(node->text) ||
        !zg_parse_double(node->text, out))
        return expected(node, "a number", error);
    return ZG_OK;
}

zg_status zg_yaml_flag(const zg_yaml *node, bool *out, zg_error *error)
{
    bool yes = node->kind == ZG_YAML_SCALAR && node->plain && strcmp(node->text, "true") == 0;
    bool no = node->kind == ZG_YAML_SCALAR && node->plain && strcmp(node->text, "false") == 0;
    if (!yes && !no) return expected(node, "true or false", error);
    *out = yes;
    return ZG_OK;
}
