/* Options of tables, out of the table of settings. */
#include "cli/table_options.h"

#include "base/plain.h"

#include <string.h>

zg_cli_table zg_table_options_rows(zg_table_options *table)
{
    for (size_t i = 0; i < ZG_DATA_SETTINGS; i++) {
        const zg_data_setting *setting = &zg_data_settings[i];
        bool flag = setting->kind == ZG_SETTING_FLAG;
        table->rows[i] =
            (zg_cli_option){.name = setting->option,
                            .argument = setting->argument,
                            .help = setting->help,
                            .at = flag ? offsetof(zg_table_options, flags) + i * sizeof(bool)
                                       : offsetof(zg_table_options, texts) + i * sizeof(char *)};
    }
    return ZG_CLI_TABLE(table->rows, table);
}

bool zg_table_options_given(const zg_table_options *table, const char *option)
{
    for (size_t i = 0; i < ZG_DATA_SETTINGS; i++)
        if (strcmp(zg_data_settings[i].option, option) == 0)
            return table->texts[i] || table->flags[i];
    return false;
}

zg_status zg_table_options_apply(const zg_table_options *table, zg_data_options *options,
                                 zg_error *error)
{
    zg_status status = ZG_OK;
    for (size_t i = 0; i < ZG_DATA_SETTINGS && status == ZG_OK; i++) {
        const char *text = table->flags[i] ? "true" : table->texts[i];
        if (text) status = zg_data_setting_apply(i, text, options, error);
    }
    return status;
}

void zg_print_notes(const zg_dataset *dataset)
{
    for (size_t i = 0; dataset && i < dataset->note_count; i++) {
        zg_make_plain(dataset->notes[i]); /* it may quote a stranger's file */
        fprintf(stderr, "note: %s\n", dataset->notes[i]);
    }
}
