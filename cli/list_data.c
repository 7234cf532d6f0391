/* Printing the data catalogue. */
#include "cli/list_data.h"

#include "data/cache.h"
#include "data/catalogue.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *task_name(zg_task task)
{
    static const char *const names[] = {"regression", "binary", "multiclass"};
    return names[task];
}

static json_t *entry_json(const zg_catalogue_entry *entry, bool present)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:b}",
                  "name", entry->name, "about", entry->about, "task", task_name(entry->task),
                  "rows", (json_int_t)entry->rows, "inputs", (json_int_t)entry->inputs, "targets",
                  (json_int_t)entry->targets, "missing", (json_int_t)entry->missing, "licence",
                  entry->licence, "remarks", entry->remarks, "sha256", entry->sha256, "package",
                  entry->package ? entry->package->name : NULL, "version",
                  entry->package ? entry->package->version : NULL, "source", entry->source,
                  "present", (int)present);
    if (!object || entry->class_count == 0) return object;
    json_t *classes = json_array();
    for (size_t k = 0; k < entry->class_count; k++)
        json_array_append_new(classes, json_pack("{s:s, s:I}", "name", entry->class_names[k],
                                                 "rows", (json_int_t)entry->class_rows[k]));
    json_object_set_new(object, "classes", classes);
    return object;
}

static void print_entry(const zg_catalogue_entry *entry, bool present)
{
    char size[64];
    snprintf(size, sizeof size, "%zu x %zu", entry->rows, entry->inputs);
    printf("%-28s %-13s %-11s %s%s\n", entry->name, size, task_name(entry->task), entry->about,
           present ? " [here]" : "");
    if (entry->class_count > 0) printf("    %zu classes\n", entry->class_count);
    if (entry->targets > 1) printf("    %zu targets\n", entry->targets);
    if (entry->missing > 0) printf("    %zu missing values\n", entry->missing);
    if (entry->remarks) printf("    note: %s\n", entry->remarks);
    if (entry->package)
        printf("    from %s %s, %.1f MB; licence: %s\n", entry->package->name,
               entry->package->version, (double)entry->package->bytes / 1e6, entry->licence);
    else
        printf("    your own file: %s\n", entry->source);
}

void zg_cli_list_data(bool json)
{
    size_t count;
    const zg_catalogue_entry *entries = zg_catalogue(&count);
    char *cache = NULL;
    if (zg_cache_directory(&cache, NULL) != ZG_OK) cache = NULL;
    json_t *array = json ? json_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        bool present = cache && zg_catalogue_present(&entries[i], cache);
        if (json)
            json_array_append_new(array, entry_json(&entries[i], present));
        else
            print_entry(&entries[i], present);
    }
    if (json) {
        json_dumpf(array, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(array);
    }
    free(cache);
}
