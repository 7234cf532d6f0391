/*
 * How tables are read, as settings with texts for values: one table for the options of commands
 * (--missing-values) and the keys of suites (missing_values), and one parser.
 */
#ifndef ZG_DATA_SETTINGS_H
#define ZG_DATA_SETTINGS_H

#include "base/status.h"

typedef enum zg_data_setting_kind {
    ZG_SETTING_TEXT,
    ZG_SETTING_LIST,   /* of texts: "a,b" or, in suites, also [a, b] */
    ZG_SETTING_CHOICE, /* one of choices */
    ZG_SETTING_FLAG,   /* "true" or "false" */
    ZG_SETTING_NUMBER  /* above 0 */
} zg_data_setting_kind;

typedef struct zg_data_setting {
    const char *key, *option; /* the same name with underscores and with hyphens */
    zg_data_setting_kind kind;
    const char *argument; /* what the option's value is called; NULL for a flag */
    const char *choices;  /* comma-separated, the default first; or NULL */
    const char *help;     /* a sentence */
} zg_data_setting;

#define ZG_DATA_SETTINGS 11

extern const zg_data_setting zg_data_settings[ZG_DATA_SETTINGS];

/* Sets what zg_data_settings[index] stands for; text is borrowed by the options.  Messages name the
 * setting as an option. */
zg_status zg_data_setting_apply(size_t index, const char *text, zg_data_options *options,
                                zg_error *error);

#endif
