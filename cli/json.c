/* JSON on standard output: always a document, whatever the numbers are. */
#include "cli/json.h"

#include <math.h>

void zg_cli_print_json(json_t *root, FILE *out)
{
    if (root) json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    fputs(root ? "\n" : "{}\n", out);
    json_decref(root);
}

void zg_cli_json_number(json_t *object, const char *key, double value)
{
    if (isfinite(value)) json_object_set_new(object, key, json_real(value));
}

void zg_cli_json_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    json_object_set_new(object, key, value ? value : json_string("(not UTF-8)"));
}
