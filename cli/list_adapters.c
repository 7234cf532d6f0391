/* Printing the adapters of other solvers. */
#include "cli/list_adapters.h"

#include "cli/json.h"
#include "solvers/adapter.h"

#include <stdio.h>
#include <stdlib.h>

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void add(json_t *array, const char *path, const zg_adapter *adapter, const char *program,
                const char *trouble)
{
    json_t *row = json_object();
    if (adapter) zg_cli_json_text(row, "name", adapter->name);
    if (adapter) zg_cli_json_text(row, "about", or_empty(adapter->about));
    if (adapter && adapter->licence) zg_cli_json_text(row, "licence", adapter->licence);
    if (adapter && adapter->package) zg_cli_json_text(row, "package", adapter->package);
    if (program) zg_cli_json_text(row, "program", program);
    if (trouble[0]) zg_cli_json_text(row, "trouble", trouble);
    zg_cli_json_text(row, "file", path);
    json_array_append_new(array, row);
}

static void visit(void *context, const char *path)
{
    json_t *array = context;
    zg_adapter *adapter = NULL;
    char *program = NULL;
    zg_error error = {0};
    zg_status status = zg_adapter_load(path, &adapter, &error);
    if (status == ZG_OK) status = zg_adapter_program(adapter, NULL, &program, &error);
    if (array)
        add(array, path, adapter, program, status == ZG_OK ? "" : error.message);
    else if (adapter)
        printf("%-12s %s\n             %s\n             %s\n", adapter->name,
               or_empty(adapter->about), status == ZG_OK ? program : error.message, path);
    else
        printf("%s\n", error.message);
    free(program);
    zg_adapter_free(adapter);
}

void zg_cli_list_adapters(bool json)
{
    json_t *array = json ? json_array() : NULL;
    zg_adapters_visit(visit, array);
    if (json) zg_cli_print_json(array, stdout);
}
