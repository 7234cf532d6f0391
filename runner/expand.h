/*
 * From one entry of a suite to its variants: checks every key against a table, multiplies lists
 * out and pairs what stands under zip.
 *
 * A nested mapping such as `split: {train: 0.8, seed: [0, 1]}` is seen as the keys split.train and
 * split.seed, so that lists expand wherever they stand.
 */
#ifndef ZG_RUNNER_EXPAND_H
#define ZG_RUNNER_EXPAND_H

#include "base/yaml.h"
#include "core/method.h"

/* Whether one value of a key is itself a list of texts, kept as "a,b,c".  The first two are false
 * and true. */
typedef enum zg_key_value { ZG_KEY_SCALAR, ZG_KEY_LIST, ZG_KEY_LIST_OR_SCALAR } zg_key_value;

/* One key an entry may have: a method's option, or the like with a list as its value. */
typedef struct zg_key {
    zg_option option; /* name with dots for nested mappings; fallback NULL: absent by default */
    zg_key_value list;
} zg_key;

/* A value of zg_key.option.lowest that stands for "greater than 0". */
#define ZG_ABOVE_ZERO 1e-300
/* A value of highest that stands for "less than 1". */
#define ZG_BELOW_ONE (1 - 0x1p-53)

/* One key with one value. */
typedef struct zg_setting {
    const char *key;
    const char *text;    /* canonical: numbers in shortest form, lists joined by commas */
    bool varied;         /* one of several values */
    const zg_yaml *node; /* where it stands */
} zg_setting;

typedef struct zg_settings {
    zg_setting *items;
    size_t count;
} zg_settings;

/* No suite expands to more cases than this. */
#define ZG_CASE_LIMIT ((size_t)100000)

/* All variants of an entry, in order: the last list varies fastest.  what names the entry's kind in
 * messages ("data", "model", "option of csdp").  Everything lives in the arena. */
zg_status zg_expand(const zg_yaml *entry, const zg_key *keys, size_t key_count, const char *what,
                    zg_arena *arena, zg_settings **variants, size_t *count, zg_error *error);

/* The text of a key, or NULL. */
const char *zg_settings_get(const zg_settings *settings, const char *key);
const zg_setting *zg_settings_find(const zg_settings *settings, const char *key);
/* A number that zg_expand has checked, or fallback when absent. */
double zg_settings_number(const zg_settings *settings, const char *key, double fallback);

#endif
