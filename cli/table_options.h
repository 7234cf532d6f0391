/* The options that say how tables are read (data/settings.h), for every command that reads one. */
#ifndef ZG_CLI_TABLE_OPTIONS_H
#define ZG_CLI_TABLE_OPTIONS_H

#include "cli/options.h"
#include "data/dataset.h"
#include "data/settings.h"

typedef struct zg_table_options {
    const char *texts[ZG_DATA_SETTINGS]; /* as given, or NULL */
    bool flags[ZG_DATA_SETTINGS];        /* the same for flags */
    zg_cli_option rows[ZG_DATA_SETTINGS];
} zg_table_options;

/* The options that fill it. */
zg_cli_table zg_table_options_rows(zg_table_options *table);
/* Whether the option of that name was given. */
bool zg_table_options_given(const zg_table_options *table, const char *option);
/* Sets what was given in options; its texts are borrowed. */
zg_status zg_table_options_apply(const zg_table_options *table, zg_data_options *options,
                                 zg_error *error);

/* Prints the notes of a data set (NULL: none) to standard error. */
void zg_print_notes(const zg_dataset *dataset);

#endif
