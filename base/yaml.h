/*
 * YAML files as trees whose every node knows where it stands, over libyaml.
 *
 * Stricter than YAML on purpose: one document, mappings with distinct plain-text keys, no anchors,
 * aliases, tags or merge keys (libyaml accepts duplicate keys without a word).
 */
#ifndef ZG_BASE_YAML_H
#define ZG_BASE_YAML_H

#include "base/arena.h"
#include "base/status.h"

typedef enum zg_yaml_kind { ZG_YAML_SCALAR, ZG_YAML_LIST, ZG_YAML_MAPPING } zg_yaml_kind;

typedef struct zg_yaml {
    zg_yaml_kind kind;
    const char *path;       /* of the file, for messages */
    size_t line, column;    /* 1-based */
    const char *text;       /* scalars: the value, zero-terminated */
    bool plain;             /* scalars: written without quotes */
    size_t count;           /* of a list's items or a mapping's pairs */
    struct zg_yaml **keys;  /* mappings: count scalars */
    struct zg_yaml **items; /* lists: items; mappings: values */
} zg_yaml;

/* The tree of a file or of length bytes of text; it lives in the arena. */
zg_status zg_yaml_load(const char *path, zg_arena *arena, const zg_yaml **root, zg_error *error);
zg_status zg_yaml_parse(const char *path, const char *text, size_t length, zg_arena *arena,
                        const zg_yaml **root, zg_error *error);

/* ZG_BAD_INPUT with "file:line:column: " in front of the message. */
zg_status zg_yaml_fail(const zg_yaml *node, zg_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts the node's position in front of a message that another function left in *error. */
zg_status zg_yaml_position(const zg_yaml *node, zg_error *error);

/* The value of a mapping's key, or NULL. */
const zg_yaml *zg_yaml_get(const zg_yaml *mapping, const char *key);

/* What a node is, for "expected X, found Y": "a list", "a mapping", "\"abc\"", "nothing". */
const char *zg_yaml_describe(const zg_yaml *node, char *buffer, size_t size);

/* Scalars as values; anything else is refused with its position.  YAML 1.1 would turn plain yes,
 * no, on and off into booleans and 010 into 8: such words are no text and such digits no number
 * here, so that no reader can see another value than this one.  true and false are the flags.  The
 * bare words y and n are texts, as in YAML 1.2 and for readers of 1.1 in wide use. */
zg_status zg_yaml_text(const zg_yaml *node, const char **out, zg_error *error);
zg_status zg_yaml_number(const zg_yaml *node, double *out, zg_error *error);
zg_status zg_yaml_flag(const zg_yaml *node, bool *out, zg_error *error);

#endif
