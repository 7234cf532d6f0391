/* The steps of zg_suite_load, one file each: models and methods, keys of cases, expectations. */
#ifndef ZG_RUNNER_SUITE_PARTS_H
#define ZG_RUNNER_SUITE_PARTS_H

#include "runner/suite.h"

/* One variant of a data, model or method entry. */
typedef struct zg_variant {
    const zg_yaml *entry;
    const zg_settings *settings;
    const char *label;
    bool named;            /* the label is the suite's own choice */
    const char *only_data; /* models and methods: names of data, comma-separated, or NULL: all */
    zg_recipe recipe;      /* data */
    zg_model_options model;
    double beta_relative;             /* model: beta as a share of beta_max; 0: beta is in model */
    zg_penalty penalty;               /* model */
    size_t layers;                    /* model */
    zg_stack_features layer_features; /* model */
    const zg_method *method;
    zg_value *values; /* method; freed with zg_values_free */
} zg_variant;

typedef struct zg_variants {
    zg_variant *items;
    size_t count, capacity;
} zg_variants;

typedef struct zg_suite_reader {
    const char *folder;
    const zg_world *world;
    zg_arena *arena;
    zg_error *error;
    bool overridden; /* an entry has what the command line says of adapters */
} zg_suite_reader;

/* All variants of a list of entries (one entry may stand without the list). */
zg_status zg_read_data(zg_suite_reader *reader, const zg_yaml *list, zg_variants *out);
zg_status zg_read_models(zg_suite_reader *reader, const zg_yaml *list, zg_variants *out);
zg_status zg_read_methods(zg_suite_reader *reader, const zg_yaml *list, zg_variants *out);

/* Adds one variant; the array lives in the arena. */
zg_status zg_variants_add(zg_suite_reader *reader, zg_variants *variants, const zg_variant *added);
/* Names each variant by its entry and what varies, and by all its settings where that would not
 * tell two apart; equal variants are refused. */
zg_status zg_label_variants(zg_suite_reader *reader, zg_variants *variants, const char *principal,
                            const char *what);

/* Whether text is the label, or the name in front of what varies in it: "wdbc" names
 * "wdbc,split.seed=0" too. */
bool zg_names_label(const char *text, size_t length, const char *label);

/* The key of a case, from its parts and the suite's tolerance and verification. */
void zg_case_key(const zg_case *item, const zg_suite *suite, char key[ZG_DIGEST_SIZE]);

/* Replaces an entry of methods that names an adapter by one with what the command line says of
 * adapters, where it says something. */
zg_status zg_adapters_override(zg_suite_reader *reader, const zg_yaml **entry);
/* Finds the files that a method's options name, and reads its adapter, which gives the variant its
 * label. */
zg_status zg_adapters_resolve(zg_suite_reader *reader, zg_variant *variant);

/* Loads the plug-ins of the command line and of the list (or NULL): their methods are part of
 * reader->world from here on. */
zg_status zg_read_plugins(zg_suite_reader *reader, const zg_yaml *list, zg_suite *suite);
/* A path of a suite: ~ and $NAME as in a shell, and relative ones count from the suite's folder;
 * words without / and $ stay. */
zg_status zg_suite_path(zg_suite_reader *reader, const zg_yaml *node, const char **path);

/* Reads the rows of `expect` and attaches them to the cases that they speak of. */
zg_status zg_read_expectations(zg_suite_reader *reader, const zg_yaml *list, zg_suite *suite);

/* Reads the rows of `claims`: checked, and kept as they are for the log. */
zg_status zg_read_claims(zg_suite_reader *reader, const zg_yaml *list, zg_suite *suite);

/* The penalty's canonical text: "l1" or "power:0.5". */
void zg_penalty_format(zg_penalty penalty, char *text, size_t size);

#endif
